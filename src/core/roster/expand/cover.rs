//! Enough people: for each shift, and for each date.

use super::facts::{Facts, counts};
use super::out::{Draft, Out};
use crate::roster::catalog::RuleKind;
use crate::roster::instance::Literal;
use crate::roster::rules::RuleKey;

/// Each shift has its people. Called with each key of cover: a shift's rule is of one of them.
pub(super) fn cover(facts: &Facts<'_>, out: &mut Out, key: &RuleKey) {
    let mut terms = vec![Vec::new(); facts.problem.shifts.len()];
    for (index, pair) in facts.pairs.iter().enumerate() {
        terms[pair.shift].push((1, Literal::Pair(index)));
    }
    for &index in &facts.shifts {
        let shift = &facts.problem.shifts[index];
        let Some(ruling) = facts.ruling(key, None, shift.date, Some(index)) else { continue };
        let cost = ruling.cost(ruling.setting.weight, ruling.setting.over_weight);
        let draft = Draft {
            key,
            staff: None,
            shift: Some(index),
            dates: (shift.date, shift.date),
            limit: shift.staff_needed,
            terms: std::mem::take(&mut terms[index]),
            constant: 0,
        };
        out.push(draft.bounded(&ruling, Some(shift.staff_needed), Some(shift.staff_needed), cost));
    }
}

/// On each date with such shifts, at least or at most so many people.
pub(super) fn staff_per_day(facts: &Facts<'_>, out: &mut Out, key: &RuleKey) {
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
        out.push(match key.kind {
            RuleKind::MinStaffPerDay => draft.at_least(&ruling, limit),
            _ => draft.at_most(&ruling, limit),
        });
    }
}
