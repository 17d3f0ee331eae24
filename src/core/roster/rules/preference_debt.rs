//! `preference_debt`: who got fewer preferred matches last time gets more now.

use super::facts::Facts;
use super::fairness::draft;
use super::out::{Draft, Out};
use super::sentences::{Sentences, matches};
use super::{Definition, Expand};
use crate::roster::catalog::{About, Entry, Modes, Period, RuleKind, Setting};
use crate::roster::instance::Cost;
use crate::roster::judge::Finding;
use crate::roster::settings::RuleKey;

pub(super) static RULE: Definition = Definition {
    expand: Expand::PerPerson(expand),
    finding,
    ..Definition::new(
        Entry {
            modes: Modes::Soft,
            about: About::Person,
            looked_up_per: Period::Plan,
            built_in: Setting::soft(10),
            ..Entry::of(
                RuleKind::PreferenceDebt,
                "Who got d preferred matches fewer in the previous period than the average of those who prefer, or are preferred by, somebody earns weight × d for each preferred match now.",
            )
        },
        requirement,
    )
};

/// A person who got fewer preferred matches than those like them last time, to the nearest whole number, earns by each
/// one now.
fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
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

fn requirement(of: &Sentences<'_>) -> String {
    format!("{} got {} fewer preferred matches than average last time", of.who(), of.instance.limit)
}

fn finding(of: &Sentences<'_>, finding: &Finding) -> String {
    let (who, limit) = (of.who(), of.instance.limit);
    format!("{who} has {}, after {limit} fewer than average last time", matches(finding.value))
}
