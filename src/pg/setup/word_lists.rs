//! The core's fixed lists of words in the constraints of the tables, so that no list stands twice.

use pg_clinic_core::booking::backfill::Source;
use pg_clinic_core::booking::backfill::freed::FreedCause;
use pg_clinic_core::booking::backfill::offer::{OfferStatus, WaitlistStatus, WithdrawnReason};
use pg_clinic_core::booking::clinic::SlotAlignment;
use pg_clinic_core::booking::event::EventKind;
use pg_clinic_core::booking::limits::{LimitPer, LimitPeriod};
use pg_clinic_core::plans::{LockAction, PlanKind, PlanStatus};
use pg_clinic_core::roster::problem::{StatedBy, Strength};
use pg_clinic_core::rounds::{
    ClientEventKind, DecisionKind, ExceptionKind, Resolution, VisitKind, VisitOutcome,
};
use pg_clinic_core::word::Word;

use super::level::Level;

/// Gives a list as SQL literals.
type Literals = fn() -> String;

/// Replaces `@offer_statuses@` and the like by SQL literals.
#[must_use]
pub fn put_into(sql: &str) -> String {
    let lists: [(&str, Literals); 21] = [
        ("@access_levels@", literals::<Level>),
        ("@candidate_sources@", literals::<Source>),
        ("@client_event_kinds@", literals::<ClientEventKind>),
        ("@decisions@", literals::<DecisionKind>),
        ("@event_kinds@", literals::<EventKind>),
        ("@exception_kinds@", literals::<ExceptionKind>),
        ("@freed_causes@", literals::<FreedCause>),
        ("@limit_periods@", literals::<LimitPeriod>),
        ("@limit_subjects@", literals::<LimitPer>),
        ("@lock_actions@", literals::<LockAction>),
        ("@offer_statuses@", literals::<OfferStatus>),
        ("@plan_kinds@", literals::<PlanKind>),
        ("@plan_statuses@", literals::<PlanStatus>),
        ("@preference_sides@", literals::<StatedBy>),
        ("@preference_strengths@", literals::<Strength>),
        ("@resolutions@", literals::<Resolution>),
        ("@slot_alignments@", literals::<SlotAlignment>),
        ("@visit_kinds@", literals::<VisitKind>),
        ("@visit_outcomes@", literals::<VisitOutcome>),
        ("@waitlist_statuses@", literals::<WaitlistStatus>),
        ("@withdrawn_reasons@", literals::<WithdrawnReason>),
    ];
    lists.iter().fold(sql.to_owned(), |sql, (name, literals)| sql.replace(name, &literals()))
}

fn literals<W: Word>() -> String {
    W::WORDS.iter().map(|word| format!("'{}'", word.word())).collect::<Vec<_>>().join(", ")
}
