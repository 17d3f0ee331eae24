//! `non_preferred`: working with a non-preferred provider costs points.

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
            built_in: Setting::soft(45),
            ..Entry::of(
                RuleKind::NonPreferred,
                "Working with a non-preferred provider costs weight: once for the staff member's preference, twice (see provider_factor) for the provider's; half for a mild one.",
            )
        },
        requirement,
    )
};

fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    preferences(facts, out, key, staff, false);
}

fn requirement(of: &Sentences<'_>) -> String {
    format!("{} has a non-preferred provider in {}", of.who(), of.shift())
}
