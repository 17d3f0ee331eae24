//! How much a person works in each period: shifts or minutes.

use super::facts::{Facts, counts};
use super::out::{Draft, Out};
use crate::roster::catalog::Period;
use crate::roster::instance::Literal;
use crate::roster::problem::Shift;
use crate::roster::settings::RuleKey;

/// The sort of a limit.
#[derive(Clone, Copy)]
pub(super) struct Counted {
    /// At least; else at most.
    pub is_minimum: bool,
    /// Minutes; else shifts.
    pub in_minutes: bool,
}

/// Shifts or minutes of a person in each period. What is worked outside the dates counts. A minimum holds in periods that
/// are known from their first day and end within the dates, where alone it is decided.
pub(super) fn limit(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize, counted: Counted) {
    let Some(period) = key.period else { return };
    let Counted { is_minimum, in_minutes } = counted;
    let factor = |shift: &Shift| if in_minutes { shift.minutes() } else { 1 };
    for (first, last) in periods(facts, period) {
        if is_minimum && (first < facts.known.0 || last >= facts.days) {
            continue;
        }
        let Some(ruling) = facts.ruling_of_period(key, staff, first) else { continue };
        let pairs = facts.pairs_between(staff, first, last).iter().copied();
        let pairs = pairs.filter(|&pair| counts(key, facts.shift(pair)));
        let worked = facts.worked_between(staff, first, last).iter();
        let worked = worked.filter(|shift| facts.excused(key, staff, **shift).is_none());
        let worked = worked.map(|&shift| &facts.problem.shifts[shift]);
        let draft = Draft {
            key,
            staff: Some(staff),
            shift: None,
            dates: (facts.date(first), facts.date(last)),
            limit: ruling.setting.limit,
            terms: pairs.map(|pair| (factor(facts.shift(pair)), Literal::Pair(pair))).collect(),
            constant: worked.filter(|shift| counts(key, shift)).map(factor).sum(),
        };
        out.push(if is_minimum {
            draft.at_least(&ruling, ruling.setting.limit)
        } else {
            draft.at_most(&ruling, ruling.setting.limit)
        });
    }
}

/// The periods that touch the dates: first and last day of each.
pub(super) fn periods(facts: &Facts<'_>, period: Period) -> Vec<(i64, i64)> {
    let mut found = Vec::new();
    let mut day = 0;
    while day < facts.days {
        let date = facts.date(day);
        let (first, last) = match period {
            Period::Plan => (0, facts.days - 1),
            _ => (facts.day(period.first(date)), facts.day(period.last(date))),
        };
        found.push((first, last));
        day = last.max(day) + 1;
    }
    found
}
