//! Rules with their scopes, and which of them holds: built-in < clinic < staff group < plan < date range < person < one
//! instance, by the one cascade ([`crate::rules::cascade`]).

mod holding;

use std::fmt;

use chrono::NaiveDate;

use crate::ids::{PlanId, ShiftId, StaffGroupId, StaffId};
use crate::roster::catalog::{Mode, Period, RuleKind, Setting};
use crate::roster::debt::Counted;
use crate::roster::weeks::Weeks;
use crate::rules::cascade::{Column, most_specific};
use crate::time::calendar::add_days;

pub use holding::Holding;

/// The subject of a rule. Two rules of one key compete; rules of different keys hold side by side, but for kinds of which
/// a shift has one ([`Entry::is_one_per_shift`](crate::roster::catalog::Entry::is_one_per_shift)).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleKey {
    /// The kind.
    pub kind: RuleKind,
    /// Only shifts of this kind; `None` = all.
    pub shift_kind: Option<String>,
    /// The second kind of a succession.
    pub next_shift_kind: Option<String>,
    /// Which period a limit counts in.
    pub period: Option<Period>,
    /// In place of a period: a limit counts in every window of so many days.
    pub rolling_days: Option<i64>,
}

impl RuleKey {
    /// Whether it says in which period or window it counts, where it must.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.kind.entry().needs_period || self.period.is_some() || self.rolling_days.is_some()
    }

    /// The period in words: `week`, `28 days`.
    #[must_use]
    pub fn period_text(&self) -> Option<String> {
        let rolling = self.rolling_days.map(|days| format!("{days} days"));
        rolling.or_else(|| self.period.map(|period| period.to_string()))
    }

    /// A period from its words.
    #[must_use]
    pub fn parse_period(text: &str) -> Option<(Option<Period>, Option<i64>)> {
        let rolling = text.strip_suffix(" days").and_then(|days| days.parse().ok());
        let rolling = rolling.filter(|days| (2..=MAX_ROLLING_DAYS).contains(days));
        match rolling {
            Some(days) => Some((None, Some(days))),
            None => Period::parse(text).map(|period| (Some(period), None)),
        }
    }

    /// The key of a kind without anything narrower.
    #[must_use]
    pub const fn of(kind: RuleKind) -> Self {
        Self { kind, shift_kind: None, next_shift_kind: None, period: None, rolling_days: None }
    }
}

/// The longest window of a rule, in days.
pub const MAX_ROLLING_DAYS: i64 = 366;

/// Where a rule holds; `None` = everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Members of this staff group.
    pub group: Option<StaffGroupId>,
    /// This plan.
    pub plan: Option<PlanId>,
    /// First and last date.
    pub dates: Option<(NaiveDate, NaiveDate)>,
    /// This person.
    pub staff: Option<StaffId>,
    /// This shift.
    pub shift: Option<ShiftId>,
}

/// Which row a setting comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// No row: the catalog.
    BuiltIn,
    /// `clinic.rules.id`.
    Rule(i64),
    /// `clinic.rule_overrides.id`.
    Override(i64),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built-in"),
            Self::Rule(id) => write!(f, "rule {id}"),
            Self::Override(id) => write!(f, "override {id}"),
        }
    }
}

/// A setting of a key at a scope.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its subject.
    pub key: RuleKey,
    /// Where it holds.
    pub scope: Scope,
    /// Its values.
    pub setting: Setting,
    /// Where it comes from.
    pub source: Source,
}

/// An approved departure from a rule. It only ever excuses; what raises a limit is an override.
#[derive(Clone, Debug)]
pub struct Approval {
    /// Which rule, and where. Of what an assignment excuses: the person and the shift.
    pub rule: Rule,
    /// Units too few that are excused, of kinds that count ([`Excuses::Amount`](crate::roster::catalog::Excuses)).
    pub missing: i64,
    /// Units too many that are excused.
    pub excess: i64,
}

impl Approval {
    /// `clinic.rule_overrides.id`.
    #[must_use]
    pub const fn id(&self) -> i64 {
        match self.rule.source {
            Source::Override(id) | Source::Rule(id) => id,
            Source::BuiltIn => 0,
        }
    }
}

/// A place at which a setting is looked up.
#[derive(Clone, Copy, Debug)]
pub struct RuleQuery<'a> {
    /// For whom; `None` where a rule isn't about one person (cover).
    pub staff: Option<StaffId>,
    /// The person's groups with their priorities.
    pub groups: &'a [(StaffGroupId, i64)],
    /// For which plan; `None` for the record.
    pub plan: Option<PlanId>,
    /// On which date: the shift's; of a period, or of a run, its first within the plan's dates.
    pub date: NaiveDate,
    /// For which shift, where the rule is about one.
    pub shift: Option<ShiftId>,
    /// The kind of that shift.
    pub shift_kind: Option<&'a str>,
}

/// All rules of a clinic, built-in ones included, in a stable order.
#[derive(Clone, Debug)]
pub struct Rules {
    rules: Vec<Rule>,
    approvals: Vec<Approval>,
    keys: Vec<RuleKey>,
    weeks: Weeks,
}

impl Rules {
    /// The built-in rules and these. Order doesn't matter.
    #[must_use]
    pub fn new(mut rules: Vec<Rule>) -> Self {
        rules.extend(RuleKind::ALL.map(|kind| Rule {
            key: RuleKey::of(kind),
            scope: Scope::default(),
            setting: kind.entry().built_in,
            source: Source::BuiltIn,
        }));
        rules.sort_by(|a, b| (&a.key, b.source).cmp(&(&b.key, a.source)));
        let mut keys: Vec<_> = rules.iter().map(|rule| rule.key.clone()).collect();
        keys.dedup();
        Self { rules, approvals: Vec::new(), keys, weeks: Weeks::default() }
    }

    /// These rules with approvals of departures. Order doesn't matter.
    #[must_use]
    pub fn with_approvals(mut self, mut approvals: Vec<Approval>) -> Self {
        approvals.sort_by(|a, b| (&a.rule.key, a.id()).cmp(&(&b.rule.key, b.id())));
        self.approvals = approvals;
        self
    }

    /// These rules with the clinic's week.
    #[must_use]
    pub const fn with_weeks(mut self, weeks: Weeks) -> Self {
        self.weeks = weeks;
        self
    }

    /// The clinic's week.
    #[must_use]
    pub const fn weeks(&self) -> &Weeks {
        &self.weeks
    }

    /// A dated override that can have no effect on a plan of these dates, though it is the plan's own, or lies within its dates: it
    /// holds on none of the dates on which its setting is looked up. With these dates.
    #[must_use]
    pub fn idle_override(
        &self,
        plan: Option<PlanId>,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Option<(i64, Vec<NaiveDate>)> {
        self.rules.iter().find_map(|rule| {
            let (Source::Override(id), Some((first, last))) = (rule.source, rule.scope.dates) else {
                return None;
            };
            let is_meant = match rule.scope.plan {
                Some(own) => Some(own) == plan,
                None => from <= first && last <= to,
            };
            let asked = self.lookups(&rule.key, from, to);
            let is_idle = is_meant && !asked.iter().any(|date| (first..=last).contains(date));
            is_idle.then_some((id, asked))
        })
    }

    /// The dates on which the setting of a key is looked up in a plan: the first of each instance, within the plan's.
    fn lookups(&self, key: &RuleKey, from: NaiveDate, to: NaiveDate) -> Vec<NaiveDate> {
        let entry = key.kind.entry();
        let firsts: Vec<_> = match (key.is_whole() && entry.needs_period, entry.looked_up_per) {
            (true, _) => self.weeks.windows(key, from, to),
            (false, Period::Plan) => vec![(from, to)],
            (false, period) => self.weeks.periods(period, from, to),
        };
        let mut dates: Vec<_> = firsts.into_iter().map(|(first, _)| first.max(from)).collect();
        dates.dedup();
        dates
    }

    /// What soft rules about fairness balance.
    #[must_use]
    pub fn balanced(&self) -> Vec<Counted> {
        let is_soft = |rule: &&Rule| rule.setting.mode == Mode::Soft && rule.setting.weight > 0;
        let counted = self.rules.iter().filter(is_soft).filter_map(|rule| match rule.key.kind {
            RuleKind::LoadBalance => Some(Counted::Shifts(rule.key.shift_kind.clone())),
            RuleKind::PreferenceDebt => Some(Counted::Matches),
            _ => None,
        });
        counted.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    }

    /// The dates around some dates of which work matters, as far as any rule looks: whole periods, windows, and runs a day
    /// longer than they may be; never less than `least` days.
    #[must_use]
    pub fn reach(&self, from: NaiveDate, to: NaiveDate, least: i64) -> (NaiveDate, NaiveDate) {
        let mut reach = (add_days(from, -least), add_days(to, least));
        let mut include = |first: NaiveDate, last: NaiveDate, margin: i64| {
            reach = (reach.0.min(add_days(first, -margin)), reach.1.max(add_days(last, margin)));
        };
        for rule in self.rules.iter().filter(|rule| rule.setting.mode.has_limit()) {
            let entry = rule.key.kind.entry();
            // A weekend may go on after the period in which it begins.
            let margin = if rule.key.kind == RuleKind::MaxWeekends { 6 } else { 0 };
            match (rule.key.rolling_days, rule.key.period.unwrap_or(entry.looked_up_per)) {
                (Some(days), _) => include(add_days(from, 1 - days), add_days(to, days - 1), margin),
                (None, period) => {
                    include(self.weeks.first(period, from), self.weeks.last(period, to), margin)
                }
            }
            if entry.is_about_runs {
                include(from, to, rule.setting.limit.min(MAX_ROLLING_DAYS) + 1);
            }
        }
        reach
    }

    /// The settings, those built in included, by key; of each key the overrides first.
    #[must_use]
    pub fn settings(&self) -> &[Rule] {
        &self.rules
    }

    /// The approvals of departures, by key.
    #[must_use]
    pub fn approvals(&self) -> &[Approval] {
        &self.approvals
    }

    /// Every key that has a setting somewhere, in order.
    #[must_use]
    pub fn keys(&self) -> &[RuleKey] {
        &self.keys
    }

    /// Gives every soft setting of a kind another weight, or a factor another percentage (what-if). `false` where the kind
    /// is soft nowhere.
    pub fn reweigh(&mut self, kind: RuleKind, weight: i64) -> bool {
        let soft =
            self.rules.iter_mut().filter(|rule| rule.key.kind == kind && rule.setting.mode == Mode::Soft);
        let mut found = false;
        for rule in soft {
            if kind.entry().is_factor() {
                rule.setting.limit = weight;
            } else {
                (rule.setting.weight, rule.setting.over_weight) = (weight, weight);
            }
            found = true;
        }
        found
    }

    /// The rule that holds for a key at a place. `None` for a key nobody has set. Of a kind of which a shift has one rule
    /// it may be of another key.
    #[must_use]
    pub fn holding(&self, key: &RuleKey, query: &RuleQuery<'_>) -> Option<&Rule> {
        most_specific(competing(&self.rules, key), |rule| rule.columns(query))
    }
}

/// Whether an approval for the rule of `key` excuses instances of `of`: of a kind of which a shift has one rule the shift says
/// which, and instances of requests are keyed by the request.
pub(in crate::roster) fn is_same_rule(key: &RuleKey, of: &RuleKey) -> bool {
    let is_by_kind = of.kind.entry().is_one_per_shift() || of.kind == RuleKind::ShiftRequest;
    key.kind == of.kind && (is_by_kind || key == of)
}

/// Those of some rules in order that compete for a key.
fn competing<'r>(rules: &'r [Rule], key: &RuleKey) -> &'r [Rule] {
    let order = |rule: &Rule| {
        if key.kind.entry().is_one_per_shift() { rule.key.kind.cmp(&key.kind) } else { rule.key.cmp(key) }
    };
    let first = rules.partition_point(|rule| order(rule).is_lt());
    let after = rules.partition_point(|rule| order(rule).is_le());
    &rules[first..after]
}

impl Rule {
    /// The columns of its scope, the most specific first. That it is for one kind of shift decides last.
    fn columns(&self, query: &RuleQuery<'_>) -> [Column; 6] {
        fn optional<T: PartialEq>(filled: Option<T>, query: Option<T>) -> Column {
            match (filled, query) {
                (None, _) => Column::Empty,
                (Some(filled), Some(query)) => Column::of(Some(filled), query),
                (Some(_), None) => Column::Differs,
            }
        }
        let scope = &self.scope;
        let shift_kind = self.key.shift_kind.as_deref().filter(|_| self.key.kind.entry().is_one_per_shift());
        [
            optional(scope.shift, query.shift),
            optional(scope.staff, query.staff),
            match scope.dates {
                None => Column::Empty,
                Some((from, to)) if from <= query.date && query.date <= to => Column::Applies { priority: 0 },
                Some(_) => Column::Differs,
            },
            optional(scope.plan, query.plan),
            match scope.group {
                None => Column::Empty,
                Some(group) => query
                    .groups
                    .iter()
                    .find(|(id, _)| *id == group)
                    .map_or(Column::Differs, |&(_, priority)| Column::Applies { priority }),
            },
            optional(shift_kind, query.shift_kind),
        ]
    }
}
