//! The places that a booking could have, as finding for a move gives them.

use std::collections::BTreeSet;

use super::{Absence, Affected, Distance, Place};
use crate::booking::change::{NewParts, Taken};
use crate::booking::clinic::{Clinic, Moving, TimeOff};
use crate::booking::place::{provider_busy, room_busy};
use crate::booking::reason::BookingKind;
use crate::booking::slots::{
    self, LimitExceeded, Order, Question, Slot, overbooking_limit, refusals_of_move,
};
use crate::ids::{AppointmentTypeId, BookingId, ClinicId, TimeOffId};
use crate::time::calendar::{TimesOfDay, Weekdays, add_days};
use crate::time::interval::{Instant, MICROS_PER_MINUTE, Span};

/// The places that `affected`, which is on the move in `clinic`, could have within so many days of its own date, the nearest
/// first, at most `max`; those of all bookings in `all` count as free. Starts of the grid, and its own start. Calls `checkpoint` often.
///
/// # Errors
/// [`LimitExceeded`] as [`slots::find`].
pub fn places(
    mut clinic: Clinic,
    absence: &Absence,
    affected: &Affected,
    all: &BTreeSet<BookingId>,
    (now, flexible_days, max): (Instant, i64, usize),
    checkpoint: &mut dyn FnMut(),
) -> Result<Vec<Place>, LimitExceeded> {
    clinic.moving = Some(affected.moving);
    clinic.occupied.retain(|booking| !all.contains(&booking.id));
    clinic.time_off.push(TimeOff { id: TimeOffId(0), scope: absence.of, during: absence.during });
    let moving = &affected.moving;
    let days = if affected.is_here { 0 } else { flexible_days };
    let question = Question {
        from: add_days(moving.local_date, -days),
        to: add_days(moving.local_date, days),
        now,
        preferred: TimesOfDay::default(),
        acceptable: TimesOfDay::default(),
        weekdays: Weekdays::ALL,
        include_overbooked: moving.is_overbooked,
        all_rooms: true,
        max_results: None,
        order: Order::EarliestFirst,
    };
    let found = slots::find(&clinic, &question, checkpoint)?;
    let mut slots: Vec<Slot> = found.collect();
    slots.extend(at_its_own_start(&clinic, moving, now, &slots));
    let is_elsewhere = |place: &Place| {
        (place.provider, place.room, place.slot) != (moving.provider, moving.room, moving.during)
            && !absence.touches(place.provider, place.room, place.slot)
    };
    let places = slots.iter().map(|slot| place(&clinic, affected, slot));
    let mut places: Vec<_> = places.filter(is_elsewhere).collect();
    places.sort_unstable_by_key(|place| (place.distance, place.slot.start, place.provider, place.room));
    places.truncate(max);
    Ok(places)
}

/// Places at the booking's own start, which may be off the grid.
fn at_its_own_start(clinic: &Clinic, moving: &Moving, now: Instant, found: &[Slot]) -> Vec<Slot> {
    let start = moving.during.start;
    let known: BTreeSet<_> =
        found.iter().filter(|slot| slot.start == start).map(|slot| (slot.provider, slot.room)).collect();
    let pairs =
        (0..clinic.providers.len()).flat_map(|one| (0..clinic.rooms.len()).map(move |room| (one, room)));
    let unknown = pairs.filter(|pair| !known.contains(pair));
    let free = unknown.filter_map(|(provider, room)| {
        let (kind, refusals) = refusals_of_move(clinic, provider, room, start, moving.is_overbooked, now);
        refusals.is_empty().then(|| Slot {
            start,
            end: start + clinic.appointment_type.duration,
            provider,
            room,
            is_overbooked: kind == BookingKind::Overbooked,
            // Nobody looks at the score of a place off the grid.
            quality: crate::booking::score::Score::new(0.0),
            preference: crate::booking::score::Score::new(0.0),
            compactness: crate::booking::score::Score::new(0.0),
            room_score: crate::booking::score::Score::new(0.0),
        })
    });
    free.collect()
}

fn place(clinic: &Clinic, affected: &Affected, slot: &Slot) -> Place {
    let moving = &affected.moving;
    let (provider, room) = (&clinic.providers[slot.provider], &clinic.rooms[slot.room]);
    let zone = &clinic.settings.zone;
    let date = zone.local_date(slot.start);
    let during = Span { start: slot.start, end: Instant(slot.start.0 + moving.during.micros()) };
    let before = Taken {
        clinic: ClinicId(0),
        provider: moving.provider,
        room: moving.room,
        appointment_type: AppointmentTypeId(0),
        patient: None,
        during: moving.during,
        is_overbooked: moving.is_overbooked,
        occupies: moving.occupies,
    };
    let after =
        Taken { provider: provider.id, room: room.id, during, is_overbooked: slot.is_overbooked, ..before };
    let new = NewParts::between(&before, &after).dated(moving.local_date, date);
    let minutes = |at| zone.wall_time(at).micros() / MICROS_PER_MINUTE;
    Place {
        provider: provider.id,
        room: room.id,
        slot: during,
        date,
        is_overbooked: slot.is_overbooked,
        provider_busy_until: match new.derives_buffer() {
            true => provider_busy(during, provider.buffer).end,
            false => affected.provider_busy_until,
        },
        room_busy_until: match new.derives_turnover() {
            true => room_busy(during, room.turnover).end,
            false => affected.room_busy_until,
        },
        seats_left: new.derives_seat().then(|| seats_left(clinic, slot, date)),
        distance: Distance {
            days: (date - moving.local_date).num_days().abs(),
            is_other_provider: provider.id != moving.provider,
            minutes: (minutes(slot.start) - minutes(moving.during.start)).abs(),
            is_other_room: room.id != moving.room,
            lack: 10_000 - slot.quality.ten_thousandths(),
        },
    }
}

/// How many more bookings of a kind the provider's day takes.
fn seats_left(clinic: &Clinic, slot: &Slot, date: chrono::NaiveDate) -> i64 {
    let provider = &clinic.providers[slot.provider];
    let taken = clinic.occupied.iter().filter(|booking| {
        booking.provider == provider.id
            && booking.local_date == date
            && booking.is_overbooked == slot.is_overbooked
    });
    let limit = match slot.is_overbooked {
        true => overbooking_limit(clinic, slot.provider),
        false => provider.max_daily_appointments,
    };
    i64::from(limit) - taken.count() as i64
}
