//! Whether places go together: what each keeps, and from whom.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use chrono::NaiveDate;

use super::{Affected, Place};
use crate::ids::{ProviderId, RoomId};
use crate::time::interval::Span;

/// What only one booking has at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing<'a> {
    /// A provider, for normal or for overbooked bookings.
    Provider(ProviderId, bool),
    /// A room.
    Room(RoomId),
    /// A patient.
    Patient(&'a str),
}

/// A provider's day, for normal or for overbooked bookings.
pub(super) type Day = (ProviderId, NaiveDate, bool);

/// What a booking has where it is.
pub(super) fn kept_now(affected: &Affected) -> impl Iterator<Item = (Thing<'_>, Span)> {
    let moving = &affected.moving;
    let provider = (Thing::Provider(moving.provider, moving.is_overbooked), moving.provider_busy);
    let room = moving.room.map(|room| (Thing::Room(room), moving.room_busy));
    iter::once(provider).chain(room).chain(of_patient(affected, moving.during))
}

/// What a booking would have at a place.
pub(super) fn kept_at<'a>(
    affected: &'a Affected,
    place: &Place,
) -> impl Iterator<Item = (Thing<'a>, Span)> + use<'a> {
    let provider = (Thing::Provider(place.provider, place.is_overbooked), place.provider_busy);
    let room = place.room.map(|room| (Thing::Room(room), place.room_busy));
    iter::once(provider).chain(room).chain(of_patient(affected, place.slot))
}

fn of_patient(affected: &Affected, slot: Span) -> Option<(Thing<'_>, Span)> {
    affected.patient.as_deref().map(|patient| (Thing::Patient(patient), slot))
}

/// Whether a booking, overbooked where it stays, is in the way of a normal one at a place: beside it nobody is normal. One that
/// comes there is put down after all normal ones, and so is in nobody's way.
pub(super) fn stays_in_the_way(affected: &Affected, place: &Place) -> bool {
    let moving = &affected.moving;
    let (kept, wanted) = (moving.provider_busy, place.provider_busy);
    moving.is_overbooked && !place.is_overbooked && moving.provider == place.provider && kept.overlaps(wanted)
}

/// The day on which a booking has its seat now.
pub(super) fn day_of(affected: &Affected) -> Day {
    let moving = &affected.moving;
    (moving.provider, moving.local_date, moving.is_overbooked)
}

/// The day of a place.
pub(super) fn day_at(place: &Place) -> Day {
    (place.provider, place.date, place.is_overbooked)
}

/// Whether the bookings can be at the places chosen, all at once; who has none stays.
pub(super) fn fits(affected: &[Affected], chosen: &[Option<&Place>]) -> bool {
    let mut kept: BTreeMap<Thing<'_>, Vec<Span>> = BTreeMap::new();
    let mut seats: BTreeMap<Day, i64> = BTreeMap::new();
    let mut free: BTreeMap<Day, i64> = BTreeMap::new();
    for (affected, place) in affected.iter().zip(chosen) {
        match place {
            Some(place) => {
                kept_at(affected, place).for_each(|(thing, span)| kept.entry(thing).or_default().push(span));
                *seats.entry(day_at(place)).or_default() += 1;
                if let Some(left) = place.seats_left {
                    let least = free.entry(day_at(place)).or_insert(left);
                    *least = left.min(*least);
                }
            }
            None => {
                kept_now(affected).for_each(|(thing, span)| kept.entry(thing).or_default().push(span));
                *seats.entry(day_of(affected)).or_default() += 1;
            }
        }
    }
    let stay =
        || affected.iter().zip(chosen).filter(|(_, place)| place.is_none()).map(|(affected, _)| affected);
    if chosen.iter().flatten().any(|place| stay().any(|affected| stays_in_the_way(affected, place))) {
        return false;
    }
    let is_apart = |spans: &mut Vec<Span>| {
        spans.sort_unstable();
        spans.windows(2).all(|pair| !pair[0].overlaps(pair[1]))
    };
    // A day that nobody enters may have more than its cap, which was lowered.
    kept.values_mut().all(is_apart) && free.iter().all(|(day, left)| seats[day] <= *left)
}

/// The places that some booking has at an instant, as sets that can't be had together: the largest ones. An item is a number
/// of the caller's.
pub(super) fn crowds<'a>(items: impl Iterator<Item = (usize, Thing<'a>, Span)>) -> Vec<Vec<usize>> {
    let mut by_thing: BTreeMap<Thing<'a>, Vec<(Span, usize)>> = BTreeMap::new();
    items.for_each(|(item, thing, span)| by_thing.entry(thing).or_default().push((span, item)));
    let mut crowds = Vec::new();
    for spans in by_thing.values() {
        // Ends before starts of the same instant: what only touches goes together.
        let ends = spans.iter().map(|(span, item)| (span.end, false, *item));
        let mut turns: Vec<_> =
            ends.chain(spans.iter().map(|(span, item)| (span.start, true, *item))).collect();
        turns.sort_unstable();
        let mut there = BTreeSet::new();
        let mut has_grown = false;
        for (_, begins, item) in turns {
            if begins {
                there.insert(item);
            } else {
                if has_grown {
                    crowds.push(there.iter().copied().collect());
                }
                there.remove(&item);
            }
            has_grown = begins;
        }
    }
    crowds
}
