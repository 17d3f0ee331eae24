//! A refused place as an error: every code, the row in the way, and where to look further.

use pg_clinic_core::clinic::Clinic;
use pg_clinic_core::explain::Sentences;
use pg_clinic_core::interval::{Instant, MICROS_PER_SECOND};
use pg_clinic_core::reason::{Code, Kind, Refusal};

use super::super::error::{ClinicError, SqlState};

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

/// The error for a place that is refused.
pub(super) fn error(
    clinic: &Clinic,
    provider: usize,
    room: usize,
    start: Instant,
    kind: Kind,
    refusals: &[Refusal],
    now: Instant,
) -> ClinicError {
    let rank = |refusal: &&Refusal| match sqlstate(refusal.code) {
        SqlState::Collision => 0,
        SqlState::CapReached => 1,
        _ => 2,
    };
    let Some(first) = refusals.iter().min_by_key(rank) else {
        return ClinicError::new(SqlState::Internal, "a place was refused without a reason");
    };
    let sentences = Sentences::new(clinic, now);
    let reasons: Vec<String> = refusals
        .iter()
        .map(|refusal| {
            let sentence = sentences.refusal(provider, room, start, *refusal);
            format!("{}: {sentence}.", refusal.code)
        })
        .collect();
    let hint = format!(
        "select * from explain_slots({}, provider_id => {}, room_id => {}, at => '{}', overbooked => {}) tells the \
         same; find_slots() gives places that are free.",
        clinic.appointment_type.id,
        clinic.providers[provider].id,
        clinic.rooms[room].id,
        at(clinic, start),
        kind == Kind::Overbooked,
    );
    ClinicError::new(sqlstate(first.code), format!("the slot can't be booked: {}", first.code.describe()))
        .detail(reasons.join(" "))
        .hint(hint)
        .constraint(constraint(first.code))
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
