//! What one person on one shift needs: skills, availability, no time off. Only pairs that fail have an instance.

use std::collections::HashSet;

use super::facts::{Facts, Ruling};
use super::out::{Draft, Out};
use crate::roster::instance::{Cost, Literal};
use crate::roster::problem::Shift;
use crate::roster::rules::{RuleKey, Source};
use crate::time::interval::covers;

/// Who works a shift has its skills. The value is the number of those missing.
pub(super) fn skill_match(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let skills: HashSet<_> = facts.problem.staff[staff].skills.iter().collect();
    for &pair in facts.pairs_of(staff) {
        let required = facts.required_skills(facts.pairs[pair].shift);
        let missing = required.iter().filter(|skill| !skills.contains(*skill)).count();
        if missing > 0 {
            let (draft, ruling) = failing(facts, key, staff, pair, missing as i64);
            out.extend(ruling.map(|ruling| draft.at_most(&ruling, 0)));
        }
    }
}

/// A shift lies inside the person's availability. A disabled person works nothing, however the rule is set: it only
/// says what availability means.
pub(super) fn availability(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let person = &facts.problem.staff[staff];
    let is_available =
        |shift: &Shift| person.available.as_ref().is_none_or(|spans| covers(spans, shift.during));
    for &pair in facts.pairs_of(staff) {
        if person.enabled && is_available(facts.shift(pair)) {
            continue;
        }
        let (draft, ruling) = failing(facts, key, staff, pair, 1);
        if person.enabled {
            out.extend(ruling.map(|ruling| draft.at_most(&ruling, 0)));
        } else {
            let source = ruling.map_or(Source::BuiltIn, |ruling| ruling.source);
            let waived_by = ruling.and_then(|ruling| ruling.waived_by);
            let setting = key.kind.entry().built_in;
            let ruling = Ruling { setting, source, waived_by };
            let cost = if waived_by.is_some() { ruling.unit_cost() } else { Cost::Forbidden };
            out.push(draft.bounded(&ruling, None, Some(0), cost));
        }
    }
}

/// Nobody works during time off.
pub(super) fn time_off(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let time_off = &facts.problem.staff[staff].time_off;
    for &pair in facts.pairs_of(staff) {
        let during = facts.shift(pair).during;
        if time_off.iter().any(|(_, span)| span.overlaps(during)) {
            let (draft, ruling) = failing(facts, key, staff, pair, 1);
            out.extend(ruling.map(|ruling| draft.at_most(&ruling, 0)));
        }
    }
}

/// The pair by itself, and what holds for it.
fn failing<'k>(
    facts: &Facts<'_>,
    key: &'k RuleKey,
    staff: usize,
    pair: usize,
    factor: i64,
) -> (Draft<'k>, Option<Ruling>) {
    let (shift, date) = (facts.pairs[pair].shift, facts.shift(pair).date);
    let draft = Draft {
        key,
        staff: Some(staff),
        shift: Some(shift),
        dates: (date, date),
        limit: 0,
        terms: vec![(factor, Literal::Pair(pair))],
        constant: 0,
    };
    (draft, facts.ruling(key, Some(staff), date, Some(shift)))
}
