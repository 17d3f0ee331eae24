//! People on each date that has such shifts.

use super::facts::{Facts, counts};
use super::out::{Draft, Out};
use crate::roster::settings::RuleKey;

/// On each date with such shifts, at least or at most so many people.
pub(super) fn staff_per_day(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, is_minimum: bool) {
    let mut has_shifts = vec![false; facts.days as usize];
    for &index in &facts.shifts {
        let shift = &facts.problem.shifts[index];
        if counts(key, shift) {
            has_shifts[facts.day(shift.date) as usize] = true;
        }
    }
    for day in (0..facts.days).filter(|&day| has_shifts[day as usize]) {
        let date = facts.date(day);
        let Some(ruling) = facts.ruling(key, None, date, None) else { continue };
        let mut terms = Vec::new();
        for staff in 0..facts.problem.staff.len() {
            let pairs = facts.pairs_between(staff, day, day).iter().copied();
            let works = out.any(pairs.filter(|&pair| counts(key, facts.shift(pair))).collect());
            terms.extend(works.map(|works| (1, works)));
        }
        let limit = ruling.setting.limit;
        let draft = Draft { key, staff: None, shift: None, dates: (date, date), limit, terms, constant: 0 };
        out.push(if is_minimum { draft.at_least(&ruling, limit) } else { draft.at_most(&ruling, limit) });
    }
}
