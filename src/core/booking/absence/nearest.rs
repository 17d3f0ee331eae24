//! The nearest places of each booking: the solver chooses among these. Enough of them are as good as all.

use std::collections::BTreeMap;

use super::fit::day_at;
use super::{Affected, Place};
use crate::time::interval::Span;

/// How many places the solver chooses among, of all bookings together and of each.
const OF_ALL: usize = 20_000;
const OF_EACH: std::ops::RangeInclusive<usize> = 100..=600;

/// The nearest places of each.
pub(super) fn of_all(places: &[Vec<Place>]) -> Vec<&[Place]> {
    let most = (OF_ALL / places.len().max(1)).clamp(*OF_EACH.start(), *OF_EACH.end());
    places.iter().map(|places| &places[..places.len().min(most)]).collect()
}

/// Whether a best plan among the nearest places is a best one at all. It is if whatever the others choose, one of the nearest is
/// left: a farther one would be no better. Each of the others takes away so many of them at most.
pub(super) fn are_enough(affected: &[Affected], places: &[Vec<Place>], near: &[&[Place]]) -> bool {
    let others = affected.len().saturating_sub(1);
    let of_places = places.iter().flatten().map(|place| place.kept().micros()).max().unwrap_or_default();
    let now = |of: &Affected| of.moving.kept().micros();
    let longest = affected.iter().map(now).max().unwrap_or_default().max(of_places);
    let is_enough = |(booking, near): (usize, &&[Place])| {
        near.len() == places[booking].len()
            || near.len() > others.saturating_mul(taken_by_one(affected, booking, near, longest))
    };
    near.iter().enumerate().all(is_enough)
}

/// How many of a booking's places another one takes away at most: of its provider, its room, its patient, and of a full day,
/// which takes as many of them as there are seats.
fn taken_by_one(affected: &[Affected], booking: usize, near: &[Place], longest: i64) -> usize {
    let by_provider = most_around(near, longest, |place| Some((place.provider.0, place.is_overbooked)));
    let by_room = most_around(near, longest, |place| place.room);
    let mut days: BTreeMap<_, (usize, i64)> = BTreeMap::new();
    for place in near {
        if let Some(left) = place.seats_left {
            let (count, seats) = days.entry(day_at(place)).or_insert((0, left));
            (*count, *seats) = (*count + 1, left.min(*seats));
        }
    }
    let by_day = days.values().map(|(count, seats)| count.div_ceil((*seats).max(1) as usize)).max();
    let patient = &affected[booking].patient;
    let has_company = affected.iter().enumerate().any(|(at, of)| at != booking && of.patient == *patient);
    let by_patient = match patient.is_some() && has_company {
        true => most_around(near, longest, |_| Some(())),
        false => 0,
    };
    by_provider + by_room + by_patient + by_day.unwrap_or_default()
}

/// The most places of one key that something of the `longest` length can overlap.
fn most_around<K: Ord>(near: &[Place], longest: i64, key: impl Fn(&Place) -> Option<K>) -> usize {
    let mut starts: BTreeMap<K, Vec<Span>> = BTreeMap::new();
    for place in near {
        if let Some(key) = key(place) {
            starts.entry(key).or_default().push(place.kept());
        }
    }
    let most = starts.into_values().map(|mut spans| {
        spans.sort_unstable();
        let own = spans.iter().map(|span| span.micros()).max().unwrap_or_default();
        // What it overlaps starts within its own length before it, and the other's after.
        let reach = own + longest;
        let mut first = 0;
        let mut most = 0;
        for (at, span) in spans.iter().enumerate() {
            while span.start.0 - spans[first].start.0 >= reach {
                first += 1;
            }
            most = most.max(at + 1 - first);
        }
        most
    });
    most.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::{Affected, Place, taken_by_one};
    use crate::booking::absence::Distance;
    use crate::booking::absence::fit::{day_at, kept_at};
    use crate::booking::clinic::Moving;
    use crate::booking::status::Status;
    use crate::ids::{AppointmentTypeId, BookingId, ProviderId, RoomId};
    use crate::time::interval::{Instant, Span};

    /// Numbers that look random, the same each time.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, end: i64) -> i64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as i64 % end
        }
    }

    fn place(dice: &mut Dice) -> Place {
        let (start, length) = (dice.below(40), 1 + dice.below(4));
        let slot = Span { start: Instant(start), end: Instant(start + length) };
        Place {
            provider: ProviderId(dice.below(3)),
            room: [None, Some(RoomId(1)), Some(RoomId(2))][dice.below(3) as usize],
            slot,
            date: NaiveDate::from_ymd_opt(2026, 4, 13 + (start / 20) as u32).expect("a date"),
            is_overbooked: false,
            provider_busy: around(slot, dice),
            room_busy: around(slot, dice),
            seats_left: (dice.below(3) > 0).then(|| 2 + start / 20),
            distance: Distance {
                days: 0,
                is_other_provider: false,
                minutes: 0,
                is_other_room: false,
                lack: 0,
            },
        }
    }

    fn around(slot: Span, dice: &mut Dice) -> Span {
        Span { start: Instant(slot.start.0 - dice.below(2)), end: Instant(slot.end.0 + dice.below(3)) }
    }

    fn booking(id: i64, place: &Place, patient: Option<&str>) -> Affected {
        Affected {
            moving: Moving {
                id: BookingId(id),
                status: Status::Booked,
                provider: place.provider,
                room: place.room,
                appointment_type: AppointmentTypeId(1),
                during: place.slot,
                provider_busy: place.provider_busy,
                room_busy: place.room_busy,
                local_date: place.date,
                is_overbooked: false,
                occupies: true,
                has_new_patient: false,
                has_new_length: false,
            },
            patient: patient.map(str::to_owned),
            is_here: false,
        }
    }

    /// Whatever another booking has, it overlaps no more places than is said; days that fill up are counted beside that.
    #[test]
    fn another_booking_takes_no_more_places_than_is_said() {
        for seed in 0..400 {
            let mut dice = Dice(seed);
            let near: Vec<_> = (0..dice.below(30)).map(|_| place(&mut dice)).collect();
            let elsewhere: Vec<_> = (0..10).map(|_| place(&mut dice)).collect();
            let patients = [Some("p"), Some("p"), Some("q"), None];
            let patient = patients[dice.below(4) as usize];
            let affected = [booking(1, &elsewhere[0], Some("p")), booking(2, &elsewhere[1], patient)];
            let longest =
                near.iter().chain(&elsewhere).map(|place| place.kept().micros()).max().unwrap_or_default();
            let said = taken_by_one(&affected, 0, &near, longest);
            for other in &elsewhere {
                let has: Vec<_> = kept_at(&affected[1], other).collect();
                let meets = |place: &&Place| {
                    kept_at(&affected[0], place).any(|(thing, span)| {
                        has.iter().any(|(other, taken)| thing == *other && span.overlaps(*taken))
                    })
                };
                let overlapped = near.iter().filter(meets).count();
                let on_day =
                    near.iter().filter(|place| place.seats_left.is_some() && day_at(place) == day_at(other));
                let left = near
                    .iter()
                    .find(|place| day_at(place) == day_at(other))
                    .and_then(|place| place.seats_left);
                let by_day = left.map_or(0, |left| on_day.count() / left as usize);
                assert!(overlapped + by_day <= said, "seed {seed}: {overlapped} and {by_day}, said {said}");
            }
        }
    }
}
