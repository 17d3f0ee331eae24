//! Candidates for a freed place as rows of an answer.

use pg_clinic_core::booking::backfill;
use pgrx::{IntoDatum, pg_sys};

use crate::pg::backfill::load::{Found, Freed};
use crate::pg::platform::args::{instant, text};

/// Candidates that are given when nobody says how many.
pub const DEFAULT_CANDIDATES: usize = 10;

/// Columns of a candidate in find_backfill's answer.
pub const COLUMNS: usize = 16;

/// One candidate as a row.
pub fn columns(freed: &Freed, found: &Found) -> [Option<pg_sys::Datum>; COLUMNS] {
    let candidate = &found.candidate;
    [
        text(candidate.source.as_str()),
        found.waitlist.and_then(IntoDatum::into_datum),
        found.former_booking.and_then(IntoDatum::into_datum),
        found.patient.as_deref().and_then(text),
        found.patient_name.as_deref().and_then(text),
        found.contact.as_deref().and_then(text),
        found.appointment_type.into_datum(),
        freed.provider.into_datum(),
        freed.room.into_datum(),
        instant(found.slot.start),
        instant(found.slot.end),
        backfill::score(candidate.distance_days).as_f64().into_datum(),
        (candidate.distance_days as i32).into_datum(),
        candidate.priority.into_datum(),
        instant(candidate.waiting_since),
        text(&candidate.reason()),
    ]
}
