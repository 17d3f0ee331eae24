//! Every setting that applies to a place, beside the one that holds: for people who ask why.

use chrono::NaiveDate;

use super::{Asked, Mode, Rule, RuleKey, Rules, Scope, Source};
use crate::cascade::by_specificity;
use crate::roster::catalogue::{Period, RuleKind};

/// A setting, or an approval, that applies to a place.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The setting.
    pub rule: &'a Rule,
    /// Whether it holds; false: a more specific one does.
    pub wins: bool,
}

impl Rules {
    /// What applies to a place, key by key: settings, the most specific first, which holds; then approvals of
    /// departures, of which likewise the first counts. A rule over several days is asked for where the solver does: on
    /// their first date, not before `plan_from`, the first date of the plan if one asks.
    #[must_use]
    pub fn standings(&self, asked: &Asked<'_>, plan_from: Option<NaiveDate>) -> Vec<Standing<'_>> {
        let ranked = |rules: Vec<_>, asked: &Asked<'_>| {
            let applying = by_specificity(rules, |rule: &Rule| rule.scope.columns(asked));
            let ranked = applying.into_iter().enumerate();
            ranked.map(|(rank, rule)| Standing { rule, wins: rank == 0 }).collect::<Vec<_>>()
        };
        let of_key = |key: &RuleKey| {
            let waivers = self.waivers.iter().filter(|rule| rule.key == *key).collect();
            let asked = Asked { date: key.first_date(asked.date, plan_from), ..*asked };
            let mut standings = ranked(self.of_key(key).iter().collect(), &asked);
            standings.extend(ranked(waivers, &asked));
            standings
        };
        self.keys.iter().flat_map(of_key).collect()
    }
}

impl RuleKey {
    /// The date on which a setting of the key is asked for, of a rule about `date`: the first date of its period, or of
    /// the plan where it counts over all of it.
    #[must_use]
    pub fn first_date(&self, date: NaiveDate, plan_from: Option<NaiveDate>) -> NaiveDate {
        let period = match self.kind {
            RuleKind::RotationBlock => Period::Week,
            RuleKind::LoadBalance
            | RuleKind::PreferredBalance
            | RuleKind::PreferenceDebt
            | RuleKind::MaxWeekends => Period::Plan,
            _ => self.period.unwrap_or(Period::Day),
        };
        match (period, plan_from) {
            (Period::Plan, Some(from)) => from,
            (period, Some(from)) if from <= date => period.first(date).max(from),
            (period, _) => period.first(date),
        }
    }
}

impl Rule {
    /// How specific it is, in words, the most specific scope first: `person, 2026-04-13 to 2026-04-19, group Nurses`.
    /// `group_name` names the group of its scope.
    #[must_use]
    pub fn level(&self, group_name: Option<&str>) -> String {
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

impl Mode {
    /// Whether points are counted.
    #[must_use]
    pub const fn has_weight(self) -> bool {
        matches!(self, Self::Soft)
    }

    /// Whether a limit is looked at.
    #[must_use]
    pub const fn has_limit(self) -> bool {
        matches!(self, Self::Soft | Self::Hard)
    }
}
