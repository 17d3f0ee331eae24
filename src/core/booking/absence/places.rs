//! The places that a booking could have, as finding for a move gives them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::fit::Day;
use super::{Absence, Affected, Distance, Place};
use crate::booking::change::{NewParts, Taken};
use crate::booking::clinic::{Clinic, Moving, TimeOff};
use crate::booking::reason::BookingKind;
use crate::booking::score::Score;
use crate::booking::slots::{
    self, Judge, LimitExceeded, Order, Question, Slot, overbooking_limit, refusals_of_move,
};
use crate::ids::{AppointmentTypeId, BookingId, ClinicId, ProviderId, RoomId, TimeOffId};
use crate::time::calendar::{TimesOfDay, Weekdays, add_days};
use crate::time::interval::{Instant, MICROS_PER_MINUTE, Span};

/// The places that `affected`, which is on the move in `clinic`, could have within so many days of its own date, the nearest
/// first: the `max` nearest, and as many beyond them that don't overlap. Those of all bookings in `all` count as free. Starts of the grid, and its own start. Calls `checkpoint` often.
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
    clinic.take_out(|booking| all.contains(&booking));
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
    let counts = count_days(&clinic);
    let mut kept = Kept::of_each(max);
    let mut offer = |slot: &Slot| {
        let place = place(&clinic, &counts, affected, slot);
        let is_present =
            (place.provider, place.room, place.slot) == (moving.provider, moving.room, moving.during);
        if !is_present && !absence.touches(place.provider, place.room, place.slot) {
            kept.add(place);
        }
    };
    let mut off_grid = at_its_own_start(&clinic, moving, now);
    for (nth, slot) in found.enumerate() {
        if nth % CHECK_EVERY == 0 {
            checkpoint();
        }
        if slot.start >= moving.during.start {
            off_grid.drain(..).for_each(|slot| offer(&slot));
        }
        offer(&slot);
    }
    off_grid.iter().for_each(offer);
    Ok(kept.sorted())
}

/// Slots between two calls of the checkpoint.
const CHECK_EVERY: usize = 4_096;

/// The nearest places so far; and of all those that don't overlap, so that a fine grid, whose nearest starts are all of one
/// day, doesn't hide the days after it from who shares them with many others.
struct Kept {
    max: usize,
    nearest: Vec<Place>,
    apart: Vec<Place>,
    /// Until when the last one apart keeps its provider and room.
    until: BTreeMap<(ProviderId, Option<RoomId>), Instant>,
}

impl Kept {
    fn of_each(max: usize) -> Self {
        Self { max, nearest: Vec::new(), apart: Vec::new(), until: BTreeMap::new() }
    }

    /// Adds one. They come by start.
    fn add(&mut self, place: Place) {
        let kept = place.kept();
        let until = self.until.entry((place.provider, place.room)).or_insert(kept.start);
        if *until <= kept.start {
            *until = kept.end;
            add(&mut self.apart, place, self.max);
        }
        add(&mut self.nearest, place, self.max);
    }

    fn sorted(mut self) -> Vec<Place> {
        keep_nearest(&mut self.nearest, self.max);
        let all_are_near = self.nearest.len() < self.max;
        if !all_are_near {
            keep_nearest(&mut self.apart, self.max);
            self.nearest.append(&mut self.apart);
            keep_nearest(&mut self.nearest, usize::MAX);
            self.nearest.dedup();
        }
        self.nearest
    }
}

fn add(places: &mut Vec<Place>, place: Place, max: usize) {
    places.push(place);
    if places.len() >= max.saturating_mul(2) {
        keep_nearest(places, max);
    }
}

fn keep_nearest(places: &mut Vec<Place>, max: usize) {
    places.sort_unstable_by_key(|place| (place.distance, place.slot.start, place.provider, place.room));
    places.truncate(max);
}

/// Places at the booking's own start where that is off the provider's grid.
fn at_its_own_start(clinic: &Clinic, moving: &Moving, now: Instant) -> Vec<Slot> {
    let start = moving.during.start;
    let date = clinic.settings.zone.local_date(start);
    let judge = Judge::new(clinic, now, date, date);
    let off_grid =
        (0..clinic.providers.len()).filter(|provider| !judge.starts_on(*provider, date).contains(&start));
    let pairs = off_grid.flat_map(|provider| (0..clinic.rooms.len()).map(move |room| (provider, room)));
    // Nobody looks at the score of a place off the grid.
    let nothing = Score::new(0.0);
    let free = pairs.filter_map(|(provider, room)| {
        let (kind, refusals) = refusals_of_move(clinic, provider, room, start, moving.is_overbooked, now);
        refusals.is_empty().then(|| Slot {
            start,
            end: start + clinic.duration_with(provider),
            provider,
            room,
            is_overbooked: kind == BookingKind::Overbooked,
            quality: nothing,
            preference: nothing,
            compactness: nothing,
            room_score: nothing,
            continuity: nothing,
            load: nothing,
            group: None,
        })
    });
    free.collect()
}

/// How many bookings there are of each provider, day and kind.
fn count_days(clinic: &Clinic) -> BTreeMap<Day, i64> {
    let mut counts = BTreeMap::new();
    for booking in &clinic.occupied {
        *counts.entry((booking.provider, booking.local_date, booking.is_overbooked)).or_default() += 1;
    }
    counts
}

fn place(clinic: &Clinic, counts: &BTreeMap<Day, i64>, affected: &Affected, slot: &Slot) -> Place {
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
        provider_busy: moving.provider_busy(new, during, clinic.pauses(slot.provider)),
        room_busy: moving.room_busy(new, during, clinic.terms(slot.provider).room.and_after(room.turnover)),
        seats_left: new.derives_seat().then(|| seats_left(clinic, counts, slot, date)),
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
fn seats_left(clinic: &Clinic, counts: &BTreeMap<Day, i64>, slot: &Slot, date: NaiveDate) -> i64 {
    let provider = &clinic.providers[slot.provider];
    let taken = counts.get(&(provider.id, date, slot.is_overbooked)).copied().unwrap_or_default();
    let limit = match slot.is_overbooked {
        true => overbooking_limit(clinic, slot.provider),
        false => provider.max_daily_appointments,
    };
    i64::from(limit) - taken
}
