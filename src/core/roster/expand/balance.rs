//! Fairness: the load, preferred matches, and what is owed from last time.

use super::facts::Facts;
use super::out::{Draft, Out};
use crate::roster::instance::{Cost, Literal};
use crate::roster::rules::RuleKey;

fn draft<'k>(
    facts: &Facts<'_>,
    key: &'k RuleKey,
    staff: usize,
    pairs: impl Iterator<Item = usize>,
) -> Draft<'k> {
    Draft {
        key,
        staff: Some(staff),
        shift: None,
        dates: (facts.problem.from, facts.problem.to),
        limit: 0,
        terms: pairs.map(|pair| (1, Literal::Pair(pair))).collect(),
        constant: 0,
    }
}

/// A person works their fair share: the places of all the dates' shifts, divided among enabled people by
/// contract_percent. Either of the two whole numbers about it is fair.
pub(super) fn load_balance(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let people = &facts.problem.staff;
    if !people[staff].enabled {
        return;
    }
    let Some(ruling) = facts.ruling(key, Some(staff), facts.problem.from, None) else { return };
    let contracts: i64 =
        people.iter().filter(|person| person.enabled).map(|person| i64::from(person.contract_percent)).sum();
    let places = facts
        .shifts
        .iter()
        .fold(0_i64, |sum, &shift| sum.saturating_add(facts.problem.shifts[shift].staff_needed));
    let own = places.saturating_mul(i64::from(people[staff].contract_percent));
    let (whole, rest) = (own.div_euclid(contracts.max(1)), own.rem_euclid(contracts.max(1)));
    let (min, max) = (whole, whole + i64::from(rest > 0));
    let draft = Draft { limit: max, ..draft(facts, key, staff, facts.pairs_of(staff).iter().copied()) };
    out.push(draft.bounded(&ruling, Some(min), Some(max), Cost::Square { weight: ruling.setting.weight }));
}

/// Each preferred match of a person costs more than the one before.
pub(super) fn preferred_balance(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let Some(ruling) = facts.ruling(key, Some(staff), facts.problem.from, None) else { return };
    let draft = draft(facts, key, staff, facts.matches(staff));
    out.push(draft.bounded(&ruling, None, None, Cost::Triangle { weight: ruling.setting.weight }));
}

/// Who got fewer preferred matches than those like them last time, to the nearest whole number, earns by each one now.
pub(super) fn preference_debt(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let debt = debt(facts, staff);
    if debt == 0 {
        return;
    }
    let Some(ruling) = facts.ruling(key, Some(staff), facts.problem.from, None) else { return };
    let draft = Draft { limit: debt, ..draft(facts, key, staff, facts.matches(staff)) };
    let points = ruling.setting.weight.saturating_mul(debt);
    out.push(draft.bounded(&ruling, None, None, Cost::Each { points: -points }));
}

/// Average over the enabled people who can have preferred matches at all, less own, rounded half up; at least 0.
fn debt(facts: &Facts<'_>, staff: usize) -> i64 {
    let (people, got) = (&facts.problem.staff, &facts.previous_matches);
    let can_match = |&person: &usize| people[person].enabled && facts.has_preferred[person];
    if !can_match(&staff) {
        return 0;
    }
    let (count, sum) = (0..people.len())
        .filter(can_match)
        .fold((0, 0), |(count, sum), person| (count + 1, sum + i128::from(got[person])));
    let twice = 2 * (sum - count * i128::from(got[staff])) + count;
    i64::try_from(twice.div_euclid(2 * count).max(0)).unwrap_or(i64::MAX)
}
