//! Every setting that applies to a place, beside the one that holds: for people who ask why.

use chrono::NaiveDate;

use super::{Rule, RuleKey, RuleQuery, Rules, Scope, Source, competing};
use crate::roster::catalog::{Mode, Period};
use crate::rules::cascade::by_specificity;

/// A setting, or an approval, that applies to a place.
#[derive(Clone, Copy, Debug)]
pub struct Holding<'a> {
    /// The setting.
    pub rule: &'a Rule,
    /// Whether it decides; false: another one does. An approval decides on what it excuses, unless the rule is off.
    pub wins: bool,
}

impl Rules {
    /// The settings and approvals that apply to a place, key by key: approvals of departures, the most specific first,
    /// then settings likewise, of which one of each key wins. A rule over several days is query for where the
    /// solver does: on their first date, not before `plan_from`, the first date of the plan if one asks. That a kind is
    /// off by itself is listed only where nothing else is said of the kind.
    #[must_use]
    pub fn holdings(&self, query: &RuleQuery<'_>, plan_from: Option<NaiveDate>) -> Vec<Holding<'_>> {
        let holdings: Vec<_> =
            self.keys.iter().flat_map(|key| self.holdings_of(key, query, plan_from)).collect();
        let says_nothing = |one: &Holding<'_>| {
            let is_of_kind = |other: &&Holding<'_>| other.rule.key.kind == one.rule.key.kind;
            let is_off = one.rule.source == Source::BuiltIn && one.rule.setting.mode == Mode::Off;
            is_off && holdings.iter().filter(is_of_kind).any(|other| other.rule.key != one.rule.key)
        };
        holdings.iter().filter(|holding| !says_nothing(holding)).copied().collect()
    }

    fn holdings_of(
        &self,
        key: &RuleKey,
        query: &RuleQuery<'_>,
        plan_from: Option<NaiveDate>,
    ) -> Vec<Holding<'_>> {
        // A given shift has one rule of all its kind's keys, which is listed with the key that is always there.
        let is_joined = query.shift_kind.is_some() && key.kind.entry().is_one_per_shift();
        if is_joined && key.shift_kind.is_some() {
            return Vec::new();
        }
        let query = RuleQuery {
            date: self.first_date(key, query.date, plan_from),
            shift_kind: query.shift_kind.or(key.shift_kind.as_deref()),
            ..*query
        };
        let holding = self.holding(key, &query);
        let is_on = holding.is_some_and(|rule| rule.setting.mode != Mode::Off);
        let is_of_key = |rule: &&Rule| rule.key == *key || is_joined && rule.key.kind == key.kind;
        let columns = |rule: &Rule| rule.columns(&query);
        let approvals = self.approvals.iter().map(|approval| &approval.rule).filter(is_of_key);
        let approvals = by_specificity(approvals, columns).into_iter();
        let settings = by_specificity(competing(&self.rules, key).iter().filter(is_of_key), columns);
        let wins = |rule| holding.is_some_and(|holding| std::ptr::eq(holding, rule));
        let settings = settings.into_iter().map(|rule| Holding { rule, wins: wins(rule) });
        approvals.map(|rule| Holding { rule, wins: is_on }).chain(settings).collect()
    }
}

impl Rules {
    /// The date on which a setting of the key is looked up, of a rule about `date`: the first date of its period, or of
    /// the plan where it counts over all of it.
    #[must_use]
    pub fn first_date(&self, key: &RuleKey, date: NaiveDate, plan_from: Option<NaiveDate>) -> NaiveDate {
        let period = key.period.unwrap_or(key.kind.entry().looked_up_per);
        match (period, plan_from) {
            (Period::Plan, Some(from)) => from,
            (period, Some(from)) if from <= date => self.weeks.first(period, date).max(from),
            (period, _) => self.weeks.first(period, date),
        }
    }
}

impl Rule {
    /// How specific it is, in words, the most specific scope first: `person, 2026-04-13 to 2026-04-19, group Nurses`.
    /// `group_name` names the group of its scope.
    #[must_use]
    pub fn scope_text(&self, group_name: Option<&str>) -> String {
        let Scope { group, plan, dates, staff, shift } = self.scope;
        let parts: Vec<_> = [
            shift.map(|id| format!("shift {id}")),
            staff.map(|_| "person".to_owned()),
            dates.map(|(from, to)| if from == to { from.to_string() } else { format!("{from} to {to}") }),
            plan.map(|id| format!("plan {id}")),
            group.map(|id| group_name.map_or_else(|| format!("group {id}"), |name| format!("group {name}"))),
        ]
        .into_iter()
        .flatten()
        .collect();
        match (self.source, parts.is_empty()) {
            (Source::BuiltIn, _) => "built-in".to_owned(),
            (_, true) => "clinic".to_owned(),
            (_, false) => parts.join(", "),
        }
    }
}
