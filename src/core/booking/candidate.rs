//! Candidates for the place of a cancelled booking, as `cancel_booking` answers them: JSON objects whose keys are the columns
//! of `find_backfill`.

use chrono::NaiveDate;
use serde::Serialize;

use crate::booking::backfill::{Candidate, Source, score};
use crate::time::calendar::WallTime;
use crate::time::interval::{MICROS_PER_SECOND, Span};
use crate::time::rfc3339;

/// A candidate with all that is known of the patient.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CandidateDocument {
    source: Source,
    waitlist_id: Option<i64>,
    former_booking_id: Option<i64>,
    patient_id: Option<String>,
    patient_name: Option<String>,
    contact: Option<String>,
    appointment_type_id: i64,
    provider_id: i64,
    room_id: Option<i64>,
    slot_start: String,
    slot_end: String,
    local_date: String,
    local_time: String,
    score: f64,
    distance_days: i64,
    priority: i32,
    waiting_since: String,
    sentence: String,
}

/// The patient of a candidate and the booking that the candidate would have.
#[derive(Clone, Debug)]
pub struct Placement<'a> {
    /// The waitlist entry, if the candidate is one.
    pub waitlist: Option<i64>,
    /// The booking to move, or the cancelled one.
    pub former_booking: Option<i64>,
    /// The app's key of the patient.
    pub patient: Option<&'a str>,
    /// The patient's name.
    pub patient_name: Option<&'a str>,
    /// How to reach the patient.
    pub contact: Option<&'a str>,
    /// What the patient would be booked for.
    pub appointment_type: i64,
    /// The provider of the place.
    pub provider: i64,
    /// The room where it would be; `None` = in no room.
    pub room: Option<i64>,
    /// When the appointment would be.
    pub slot: Span,
    /// The clinic's date and time of day at its start.
    pub local: (NaiveDate, WallTime),
}

impl CandidateDocument {
    /// The document of a candidate.
    #[must_use]
    pub fn new(candidate: &Candidate, placement: &Placement<'_>) -> Self {
        let Placement { waitlist, former_booking, patient, patient_name, contact, .. } = placement;
        let (local_date, local_time) = placement.local;
        Self {
            source: candidate.source,
            waitlist_id: *waitlist,
            former_booking_id: *former_booking,
            patient_id: patient.map(str::to_owned),
            patient_name: patient_name.map(str::to_owned),
            contact: contact.map(str::to_owned),
            appointment_type_id: placement.appointment_type,
            provider_id: placement.provider,
            room_id: placement.room,
            slot_start: rfc3339::text(placement.slot.start),
            slot_end: rfc3339::text(placement.slot.end),
            local_date: local_date.to_string(),
            local_time: sql_time(local_time),
            score: score(candidate.distance_days).as_f64(),
            distance_days: candidate.distance_days,
            priority: candidate.priority,
            waiting_since: rfc3339::text(candidate.waiting_since),
            sentence: candidate.sentence(),
        }
    }
}

/// A time of day as PostgreSQL writes it, to the second: `09:30:00`.
fn sql_time(time: WallTime) -> String {
    let seconds = time.micros() / MICROS_PER_SECOND;
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
