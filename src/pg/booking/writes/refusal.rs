//! A refused place as an error: every code, the row in the way, and where to look further.

use pg_clinic_core::booking::change::NewParts;
use pg_clinic_core::booking::clinic::Clinic;
use pg_clinic_core::booking::explain::Sentences;
use pg_clinic_core::booking::reason::{BookingKind, Code, Refusal, Severity};
use pg_clinic_core::booking::slots;
use pg_clinic_core::ids::BookingId;
use pg_clinic_core::text::literal;
use pg_clinic_core::time::interval::Instant;

use crate::pg::platform::error::{ClinicError, SqlState};
use crate::pg::platform::session::check_for_cancel;
use crate::pg::slots::load::{Loaded, Wanted};

/// The error for the one provider and room of `loaded`, refused at `start`. The worst code decides what it is. `earlier`
/// are the bookings of the same series.
pub(super) fn error(
    loaded: &Loaded,
    wanted: &Wanted,
    start: Instant,
    kind: BookingKind,
    refusals: &[Refusal],
    earlier: &[BookingId],
) -> ClinicError {
    let Some(worst) = refusals.iter().map(|refusal| refusal.code).min_by_key(|code| code.severity()) else {
        return ClinicError::new(SqlState::Internal, "a place was refused without a reason");
    };
    let sqlstate = match worst.severity() {
        Severity::Collision => SqlState::Collision,
        Severity::Cap | Severity::Rule => SqlState::Refused,
    };
    let sentences = Sentences::new(&loaded.clinic, wanted.now).in_series(earlier);
    let reasons: Vec<String> = refusals
        .iter()
        .map(|refusal| format!("{}: {}.", refusal.code, sentences.refusal(0, 0, start, *refusal)))
        .collect();
    ClinicError::new(sqlstate, format!("the slot can't be booked: {}", worst.describe()))
        .detail(reasons.join("\n"))
        .hint(hint(loaded, wanted, start, kind, refusals, earlier))
        .constraint(&worst.constraint(), worst.table())
}

/// Most reasons that the error for a choice lists.
const MOST_REASONS: usize = 10;

/// The error where none of several providers and rooms can be had at `start`: what is against any of them. The one that
/// is refused for the least grave reason decides what it is.
pub(super) fn of_choice(loaded: &Loaded, wanted: &Wanted, start: Instant, kind: BookingKind) -> ClinicError {
    let clinic = &loaded.clinic;
    let sentences = Sentences::new(clinic, wanted.now);
    let mut reasons: Vec<String> = Vec::new();
    let mut worsts: Vec<Code> = Vec::new();
    for provider in 0..clinic.providers.len() {
        for room in 0..clinic.rooms.len() {
            check_for_cancel();
            let refusals = slots::refusals(clinic, provider, room, start, kind, wanted.now);
            let worst = refusals.iter().map(|refusal| refusal.code).min_by_key(|code| code.severity());
            worsts.extend(worst);
            for refusal in refusals {
                let reason =
                    format!("{}: {}.", refusal.code, sentences.refusal(provider, room, start, refusal));
                if !reasons.contains(&reason) && reasons.len() <= MOST_REASONS {
                    reasons.push(reason);
                }
            }
        }
    }
    if reasons.len() > MOST_REASONS {
        reasons[MOST_REASONS] = "And more.".to_owned();
    }
    let mildest = worsts.iter().copied().max_by_key(|code| code.severity());
    let what = match (&wanted.providers.ids, wanted.rooms.ids()) {
        _ if is_of_the_only_one(clinic, &worsts) => worsts[0].describe(),
        _ if clinic.rooms.iter().all(|room| room.id.is_none()) => "no provider can be had then",
        (Some(_), _) => "no room can be had with the provider then",
        (None, Some(_)) => "no provider can be had in the room then",
        (None, None) => "no provider and room can be had then",
    };
    let error = match mildest.map(Code::severity) {
        Some(Severity::Collision) => {
            ClinicError::new(SqlState::Collision, format!("the slot can't be booked: {what}"))
        }
        _ => ClinicError::new(SqlState::Refused, format!("the slot can't be booked: {what}")),
    };
    let error = match mildest {
        Some(code) => error.constraint(&code.constraint(), code.table()),
        None => error.constraint(&Code::NoRoom.constraint(), "bookings"),
    };
    error.detail(reasons.join("\n")).hint("find_slots() gives places that are free.")
}

/// Whether the same is against all, and it is against the one provider, or the one room, that they have in common.
fn is_of_the_only_one(clinic: &Clinic, worsts: &[Code]) -> bool {
    worsts.first().is_some_and(|first| {
        let all = if first.is_of_room() { clinic.rooms.len() } else { clinic.providers.len() };
        all == 1 && worsts.iter().all(|code| code == first)
    })
}

/// Where to look further: the same question to explain_slots. Not where a series is: its bookings are gone by then.
fn hint(
    loaded: &Loaded,
    wanted: &Wanted,
    start: Instant,
    kind: BookingKind,
    refusals: &[Refusal],
    earlier: &[BookingId],
) -> String {
    // One that was cancelled isn't on the move: it is where it was, or nowhere.
    let moving = loaded.clinic.moving;
    let is_cancelled = moving.is_some_and(|booking| !booking.status.can_change(NewParts::ROOM));
    let elsewhere = match moving {
        Some(booking) if !is_cancelled => {
            format!("find_slots(booking_id => {}) gives places that it can go to.", booking.id)
        }
        _ => "find_slots() gives places that are free.".to_owned(),
    };
    // Asked about alone, a normal booking would stay one.
    let is_overbooked_unasked =
        moving.is_some_and(|booking| kind == BookingKind::Overbooked && !booking.is_overbooked);
    if is_cancelled || is_overbooked_unasked || refusals.iter().any(|refusal| refusal.may_be_due_to(earlier))
    {
        return elsewhere;
    }
    let clinic = &loaded.clinic;
    let mut arguments = match moving {
        Some(_) => String::new(),
        None => format!("appointment_type_id => {}, ", clinic.appointment_type.id),
    };
    arguments.push_str(&format!(
        "provider_id => {}, {}slot_start => '{}'",
        clinic.providers[0].id,
        clinic.rooms[0].id.map_or_else(String::new, |room| format!("room_id => {room}, ")),
        literal(&clinic.settings.zone, start),
    ));
    if moving.is_none() {
        arguments.push_str(&format!(", is_overbooked => {}", kind == BookingKind::Overbooked));
    }
    if let Some(duration) = wanted.duration {
        arguments.push_str(&format!(", duration_minutes => {}", duration.0));
    }
    if let Some(patient) = wanted.patient.as_ref().filter(|_| moving.is_none()) {
        arguments.push_str(&format!(", patient_id => '{}'", patient.replace('\'', "''")));
    }
    if wanted.clinic.is_some() {
        arguments.push_str(&format!(", clinic_id => {}", loaded.clinic_id));
    }
    if let Some(booking) = moving {
        arguments.push_str(&format!(", booking_id => {}", booking.id));
    }
    format!("select * from explain_slots({arguments}) says the same. {elsewhere}")
}
