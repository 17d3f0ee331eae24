//! How much a person works in each period: shifts or minutes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

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

/// Shifts or minutes of a person in each period or window. What is worked outside the dates counts. A minimum holds in periods
/// that are known from their first day and end within the dates, where alone it is decided.
pub(super) fn limit(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize, counted: Counted) {
    let Counted { is_minimum, in_minutes } = counted;
    let factor = |shift: &Shift| if in_minutes { shift.minutes() } else { 1 };
    for (first, last) in windows(facts, key) {
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

/// At most so many days, or groups of them, of each period or window on which a person works. `of` gives the group of a date,
/// by its first; `None`: it doesn't count. A group belongs to where its first date lies.
pub(super) fn limit_of_days(
    facts: &Facts<'_>,
    out: &mut Out,
    key: &RuleKey,
    staff: usize,
    of: impl Fn(NaiveDate) -> Option<NaiveDate>,
) {
    let mut pairs: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for &pair in facts.pairs_of(staff) {
        if let Some(first) = of(facts.shift(pair).date) {
            pairs.entry(facts.day(first)).or_default().push(pair);
        }
    }
    let worked = facts.worked(staff).iter().filter(|shift| facts.excused(key, staff, **shift).is_none());
    let worked = worked.filter_map(|&shift| of(facts.problem.shifts[shift].date));
    let worked: BTreeSet<i64> = worked.map(|first| facts.day(first)).collect();
    for (first, last) in windows(facts, key) {
        let Some(ruling) = facts.ruling_of_period(key, staff, first) else { continue };
        let open = pairs.range(first..=last).filter(|(day, _)| !worked.contains(day));
        let terms = open.filter_map(|(_, pairs)| out.any(pairs.clone())).map(|works| (1, works)).collect();
        let limit = ruling.setting.limit;
        let draft = Draft {
            key,
            staff: Some(staff),
            shift: None,
            dates: (facts.date(first), facts.date(last)),
            limit,
            terms,
            constant: worked.range(first..=last).count() as i64,
        };
        out.push(draft.at_most(&ruling, limit));
    }
}

/// The periods or windows of a key that touch the dates: first and last day of each.
fn windows(facts: &Facts<'_>, key: &RuleKey) -> Vec<(i64, i64)> {
    let windows = facts.problem.rules.weeks().windows(key, facts.problem.from, facts.problem.to);
    windows.into_iter().map(|(first, last)| (facts.day(first), facts.day(last))).collect()
}

/// The weeks that touch the dates.
pub(super) fn weeks(facts: &Facts<'_>) -> Vec<(i64, i64)> {
    let weeks = facts.problem.rules.weeks().periods(Period::Week, facts.problem.from, facts.problem.to);
    weeks.into_iter().map(|(first, last)| (facts.day(first), facts.day(last))).collect()
}
