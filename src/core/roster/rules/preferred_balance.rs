//! `preferred_balance`: preferred matches are spread over people.

use super::facts::Facts;
use super::fairness::draft;
use super::out::Out;
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
            built_in: Setting::soft(1),
            ..Entry::of(
                RuleKind::PreferredBalance,
                "Preferred matches are spread: a person with n of them costs weight × n(n−1)/2. It breaks nothing, so record_violations() leaves it out.",
            )
        },
        requirement,
    )
};

/// Each preferred match of a person costs more than the one before.
fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let Some(ruling) = facts.ruling(key, Some(staff), facts.problem.from, None) else { return };
    let draft = draft(facts, key, staff, facts.matches(staff));
    out.push(draft.bounded(&ruling, None, None, Cost::Triangle { weight: ruling.setting.weight }));
}

fn requirement(of: &Sentences<'_>) -> String {
    format!("{} has no more preferred matches than others", of.who())
}

fn finding(of: &Sentences<'_>, finding: &Finding) -> String {
    format!("{} has {}", of.who(), matches(finding.value))
}
