//! `preferred`: working with a preferred provider earns points.

use super::facts::Facts;
use super::out::Out;
use super::preferences::preferences;
use super::sentences::Sentences;
use super::{Definition, Expand};
use crate::roster::catalog::{Entry, Modes, RuleKind, Setting};
use crate::roster::settings::RuleKey;

pub(super) static RULE: Definition = Definition {
    expand: Expand::PerPerson(expand),
    ..Definition::new(
        Entry {
            modes: Modes::Soft,
            built_in: Setting::soft(50),
            ..Entry::of(
                RuleKind::Preferred,
                "Working with a preferred provider earns weight: once for the staff member's preference, twice (see provider_factor) for the provider's; half for a mild one.",
            )
        },
        requirement,
    )
};

fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    preferences(facts, out, key, staff, true);
}

fn requirement(of: &Sentences<'_>) -> String {
    format!("{} has a preferred provider in {}", of.who(), of.shift())
}
