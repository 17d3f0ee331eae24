//! `time_off`: nobody works during time off.

use super::facts::Facts;
use super::out::Out;
use super::sentences::Sentences;
use super::single_pair::failing;
use super::{Definition, Exclusion, Expand, Fix, Keeps};
use crate::roster::catalog::{Entry, RuleKind, Setting};
use crate::roster::settings::RuleKey;

pub(super) static RULE: Definition = Definition {
    expand: Expand::PerPerson(expand),
    exclusion: Some(Exclusion {
        keeps: |_, _, _| Keeps::of("is on leave", "are on leave"),
        heading: |_| "On leave",
    }),
    fix: Fix::CancelTimeOff,
    ..Definition::new(
        Entry {
            built_in: Setting::hard(1000),
            ..Entry::of(RuleKind::TimeOff, "Nobody works during time off of their own or of the clinic.")
        },
        requirement,
    )
};

fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let time_off = &facts.problem.staff[staff].time_off;
    for &pair in facts.pairs_of(staff) {
        let during = facts.shift(pair).during;
        if time_off.iter().any(|(_, span)| span.overlaps(during)) {
            let (draft, ruling) = failing(facts, key, staff, pair, 1);
            out.extend(ruling.map(|ruling| draft.at_most(&ruling, 0)));
        }
    }
}

fn requirement(of: &Sentences<'_>) -> String {
    let mut ids = Vec::new();
    if let (Some(staff), Some(shift)) = (of.staff_row(), of.shift_row()) {
        let rows = staff.time_off.iter().filter(|(_, span)| span.overlaps(shift.during));
        ids.extend(rows.map(|(id, _)| id.0));
    }
    ids.sort_unstable();
    let ids: Vec<_> = ids.iter().map(i64::to_string).collect();
    format!("{} is off during {} (time off {})", of.who(), of.shift(), ids.join(", "))
}
