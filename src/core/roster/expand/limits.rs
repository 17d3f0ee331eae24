//! How much a person works: shifts and minutes in a period, weekends, kinds of shift within a week.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Months};

use super::facts::{Facts, counts};
use super::out::{Draft, Out};
use crate::roster::catalog::{Period, RuleKind};
use crate::roster::instance::Literal;
use crate::roster::problem::Shift;
use crate::roster::rules::RuleKey;

/// Shifts or minutes of a person in each period. What is worked outside the dates counts. A minimum holds in periods that
/// are known from their first day and end within the dates, where alone it is decided.
pub(super) fn limit(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let Some(period) = key.period else { return };
    let is_minimum = matches!(key.kind, RuleKind::MinShifts | RuleKind::MinMinutes);
    let in_minutes = matches!(key.kind, RuleKind::MinMinutes | RuleKind::MaxMinutes);
    let factor = |shift: &Shift| if in_minutes { shift.minutes() } else { 1 };
    for (first, last) in periods(facts, period) {
        if is_minimum && (first < facts.known.0 || last >= facts.days) {
            continue;
        }
        let Some(ruling) = facts.ruling_of_period(key, staff, first) else { continue };
        let pairs = facts.pairs_between(staff, first, last).iter().copied();
        let pairs = pairs.filter(|&pair| counts(key, facts.shift(pair)));
        let worked =
            facts.worked_between(staff, first, last).iter().map(|&shift| &facts.problem.shifts[shift]);
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
fn periods(facts: &Facts<'_>, period: Period) -> Vec<(i64, i64)> {
    let mut found = Vec::new();
    let mut day = 0;
    while day < facts.days {
        let date = facts.date(day);
        let (first, last) = match period {
            Period::Day => (day, day),
            Period::Week => {
                let monday = day - i64::from(date.weekday().num_days_from_monday());
                (monday, monday + 6)
            }
            Period::Month => {
                let first = date.with_day(1).unwrap_or(date);
                let next = first.checked_add_months(Months::new(1)).unwrap_or(first);
                (facts.day(first), facts.day(next) - 1)
            }
            Period::Plan => (0, facts.days - 1),
        };
        found.push((first, last));
        day = last.max(day) + 1;
    }
    found
}

/// Weekends on which a person works, by the work within the dates.
pub(super) fn max_weekends(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let Some(ruling) = facts.ruling(key, Some(staff), facts.problem.from, None) else { return };
    let weeks = periods(facts, Period::Week);
    let works = weeks.iter().filter_map(|&(_, sunday)| {
        out.any(facts.pairs_between(staff, sunday - 1, sunday).to_vec()).map(|works| (1, works))
    });
    let terms = works.collect();
    let dates = (facts.problem.from, facts.problem.to);
    let limit = ruling.setting.limit;
    let draft = Draft { key, staff: Some(staff), shift: None, dates, limit, terms, constant: 0 };
    out.push(draft.at_most(&ruling, limit));
}

/// One kind of shift in each ISO week; what is worked outside the dates counts.
pub(super) fn rotation_block(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    for (monday, sunday) in periods(facts, Period::Week) {
        let Some(ruling) = facts.ruling_of_period(key, staff, monday) else { continue };
        let worked = facts.worked_between(staff, monday, sunday).iter();
        let worked: BTreeSet<_> = worked.map(|&shift| facts.problem.shifts[shift].kind.as_str()).collect();
        let mut kinds: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for &pair in facts.pairs_between(staff, monday, sunday) {
            kinds.entry(&facts.shift(pair).kind).or_default().push(pair);
        }
        kinds.retain(|kind, _| !worked.contains(kind));
        let draft = Draft {
            key,
            staff: Some(staff),
            shift: None,
            dates: (facts.date(monday), facts.date(sunday)),
            limit: 1,
            terms: kinds
                .into_values()
                .filter_map(|pairs| out.any(pairs))
                .map(|literal| (1, literal))
                .collect(),
            constant: worked.len() as i64,
        };
        out.push(draft.at_most(&ruling, 1));
    }
}
