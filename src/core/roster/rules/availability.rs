//! `availability`: a shift lies inside the person's weekly availability, and the person is enabled.

use super::facts::{Facts, Ruling};
use super::out::Out;
use super::sentences::Sentences;
use super::single_pair::failing;
use super::{Definition, Exclusion, Expand, Fix, Keeps};
use crate::roster::catalog::{Entry, RuleKind, Setting};
use crate::roster::instance::{Cost, Instance};
use crate::roster::problem::{Problem, Shift, Staff};
use crate::roster::settings::{RuleKey, Source};
use crate::time::interval::covers;

pub(super) static RULE: Definition = Definition {
    expand: Expand::PerPerson(expand),
    exclusion: Some(Exclusion { keeps, heading: |_| "Not available" }),
    // Availability is a fact.
    fix: Fix::None,
    ..Definition::new(
        Entry {
            built_in: Setting::hard(1000),
            ..Entry::of(
                RuleKind::Availability,
                "A shift lies inside the staff member's weekly availability (none written = always) and the staff member is enabled.",
            )
        },
        requirement,
    )
};

/// A shift lies inside the person's availability. A disabled person works nothing, however the rule is set: it only
/// says what availability means.
fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
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
            let ruling = Ruling { setting: key.kind.entry().built_in, source };
            out.push(draft.bounded(&ruling, None, Some(0), Cost::Forbidden));
        }
    }
}

/// Whether an instance only says that somebody is left out, or has left since.
#[must_use]
pub fn is_of_disabled(problem: &Problem, instance: &Instance) -> bool {
    instance.key.kind == RuleKind::Availability
        && instance.staff.is_some_and(|staff| !problem.staff[staff].enabled)
}

fn requirement(of: &Sentences<'_>) -> String {
    match of.staff_row() {
        Some(staff) if !staff.enabled => {
            format!("{} is disabled or left out, and can't work {}", of.who(), of.shift())
        }
        _ => format!("{} isn't available for {}", of.who(), of.shift()),
    }
}

fn keeps(staff: &Staff, _: &Shift, _: bool) -> Keeps {
    if staff.enabled {
        Keeps::of("is not available", "are not available")
    } else {
        Keeps::of("is disabled or left out", "are disabled or left out")
    }
}
