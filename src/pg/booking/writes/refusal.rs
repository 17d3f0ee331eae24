//! A refused place as an error: every code, the row in the way, and where to look further.

use pg_clinic_core::booking::clinic::Clinic;
use pg_clinic_core::booking::explain::Sentences;
use pg_clinic_core::booking::reason::{Code, Kind, Refusal};
use pg_clinic_core::time::interval::{Instant, MICROS_PER_SECOND};

use crate::pg::platform::error::{ClinicError, SqlState};
use crate::pg::slots::load::{Loaded, Wanted};

/// The constraint of clinic.bookings that stands behind a code, if one does.
fn constraint(code: Code) -> Option<&'static str> {
    match code {
        Code::ProviderBusy | Code::OverbookOverlap => Some("bookings_provider"),
        Code::RoomBusy => Some("bookings_room"),
        Code::PatientBusy => Some("bookings_patient"),
        Code::DailyCap => Some("bookings_daily_cap"),
        Code::OverbookCap => Some("bookings_overbook_cap"),
        _ => None,
    }
}

/// Whether an attributed override can set the code aside: rules can be, collisions can't, and a place that is free
/// needs no overbooking.
pub(super) fn is_rule(code: Code) -> bool {
    !matches!(
        code,
        Code::ProviderBusy | Code::RoomBusy | Code::PatientBusy | Code::OverbookOverlap | Code::ProviderFree
    )
}

/// How bad: collisions first, then caps, then the rest. The first decides the SQLSTATE.
fn sqlstate(code: Code) -> SqlState {
    match code {
        Code::ProviderBusy | Code::RoomBusy | Code::PatientBusy | Code::OverbookOverlap => {
            SqlState::Collision
        }
        Code::DailyCap | Code::OverbookCap => SqlState::CapReached,
        _ => SqlState::SlotRefused,
    }
}

/// The error for the one provider and room of `loaded`, refused at `start`.
pub(super) fn error(
    loaded: &Loaded,
    wanted: &Wanted,
    start: Instant,
    kind: Kind,
    refusals: &[Refusal],
) -> ClinicError {
    let rank = |refusal: &&Refusal| match sqlstate(refusal.code) {
        SqlState::Collision => 0,
        SqlState::CapReached => 1,
        _ => 2,
    };
    let Some(first) = refusals.iter().min_by_key(rank) else {
        return ClinicError::new(SqlState::Internal, "a place was refused without a reason");
    };
    let sentences = Sentences::new(&loaded.clinic, wanted.now);
    let reasons: Vec<String> = refusals
        .iter()
        .map(|refusal| format!("{}: {}.", refusal.code, sentences.refusal(0, 0, start, *refusal)))
        .collect();
    ClinicError::new(sqlstate(first.code), format!("the slot can't be booked: {}", first.code.describe()))
        .detail(reasons.join(" "))
        .hint(hint(loaded, wanted, start, kind))
        .constraint(constraint(first.code))
}

/// Where to look further: the same question to explain_slots. Not for a booking on the move: it would stand in its own
/// way there.
fn hint(loaded: &Loaded, wanted: &Wanted, start: Instant, kind: Kind) -> String {
    let elsewhere = "find_slots() gives places that are free.";
    if wanted.except_booking.is_some() {
        return elsewhere.to_owned();
    }
    let clinic = &loaded.clinic;
    let mut arguments = format!(
        "{}, provider_id => {}, room_id => {}, at => '{}', overbooked => {}",
        clinic.appointment_type.id,
        clinic.providers[0].id,
        clinic.rooms[0].id,
        at(clinic, start),
        kind == Kind::Overbooked,
    );
    if let Some(patient) = &wanted.patient {
        arguments.push_str(&format!(", patient_id => '{}'", patient.replace('\'', "''")));
    }
    if wanted.clinic.is_some() {
        arguments.push_str(&format!(", clinic_id => {}", loaded.clinic_id));
    }
    format!("select * from explain_slots({arguments}) tells the same. {elsewhere}")
}

/// An instant as SQL text, in the clinic's time.
fn at(clinic: &Clinic, instant: Instant) -> String {
    let zone = &clinic.settings.zone;
    let offset = zone.offset_at(instant);
    let seconds = zone.wall_time(instant).micros() / MICROS_PER_SECOND;
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset.abs() / 3600, offset.abs() / 60 % 60);
    format!(
        "{} {:02}:{:02}:{:02}{sign}{hours:02}:{minutes:02}",
        zone.local_date(instant),
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}
