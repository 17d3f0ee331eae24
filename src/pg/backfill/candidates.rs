//! Candidates for a freed place as JSON: the answer of `cancel_booking`.

use pg_clinic_core::booking::candidate::{CandidateDocument, Placement};
use serde_json::Value as Json;

use super::load::Found;
use super::place::Place;
use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::{ClinicError, Result, SqlState};

/// The candidates as an array's elements, best first.
pub fn documents(opened: &Opened, place: &Place, found: &[Found]) -> Result<Vec<Json>> {
    let zone = opened.settings(place.during.start, place.during.end)?.zone;
    let document = |found: &Found| {
        let placement = Placement {
            waitlist: found.waitlist,
            former_booking: found.former_booking,
            patient: found.patient.as_deref(),
            patient_name: found.patient_name.as_deref(),
            contact: found.contact.as_deref(),
            appointment_type: found.appointment_type,
            provider: place.provider,
            room: found.room,
            slot: found.slot,
            local: (zone.local_date(found.slot.start), zone.wall_time(found.slot.start)),
        };
        serde_json::to_value(CandidateDocument::new(&found.candidate, &placement))
            .map_err(|error| ClinicError::new(SqlState::Internal, format!("a candidate isn't JSON: {error}")))
    };
    found.iter().map(document).collect()
}
