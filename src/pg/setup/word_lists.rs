//! The core's fixed lists of words in the constraints of the tables, so that no list stands twice.

use pg_clinic_core::booking::backfill::Source;
use pg_clinic_core::booking::backfill::offer::{OfferStatus, WaitlistStatus};
use pg_clinic_core::booking::clinic::SlotAlignment;
use pg_clinic_core::plans::{LockAction, PlanKind, PlanStatus};
use pg_clinic_core::roster::problem::{StatedBy, Strength};
use pg_clinic_core::word::Word;

/// Replaces `@offer_statuses@` and the like by SQL literals.
#[must_use]
pub fn put_into(sql: &str) -> String {
    let lists: [(&str, fn() -> String); 9] = [
        ("@candidate_sources@", literals::<Source>),
        ("@lock_actions@", literals::<LockAction>),
        ("@offer_statuses@", literals::<OfferStatus>),
        ("@plan_kinds@", literals::<PlanKind>),
        ("@plan_statuses@", literals::<PlanStatus>),
        ("@preference_sides@", literals::<StatedBy>),
        ("@preference_strengths@", literals::<Strength>),
        ("@slot_alignments@", literals::<SlotAlignment>),
        ("@waitlist_statuses@", literals::<WaitlistStatus>),
    ];
    lists.iter().fold(sql.to_owned(), |sql, (name, literals)| sql.replace(name, &literals()))
}

fn literals<W: Word>() -> String {
    W::WORDS.iter().map(|word| format!("'{}'", word.word())).collect::<Vec<_>>().join(", ")
}
