//! Bookings assigned to places: the core's model and HiGHS together, against all ways to assign them.

use std::ops::ControlFlow;

use chrono::NaiveDate;
use pg_clinic_core::booking::absence::{Affected, Distance, NoPlace, Place, Plan, assign};
use pg_clinic_core::booking::clinic::Moving;
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::ids::{AppointmentTypeId, BookingId, ProviderId, RoomId};
use pg_clinic_core::time::interval::{Instant, Span};
use pg_clinic_solver::Highs;
use proptest::prelude::*;

const HALF_HOUR: i64 = 1_800_000_000;

fn answer(affected: &[Affected], places: &[Vec<Place>]) -> Plan {
    assign(affected, places, &mut Highs, &mut |_| ControlFlow::Continue(())).expect("a plan")
}

fn date(day: i64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 4, 13 + day as u32).expect("a date")
}

/// Half hours of a day from eight on.
fn span(day: i64, from: i64, length: i64) -> Span {
    let start = (day * 48 + 16 + from) * HALF_HOUR;
    Span { start: Instant(start), end: Instant(start + length * HALF_HOUR) }
}

/// Somewhere and sometime.
#[derive(Clone, Copy, Debug)]
struct Spot {
    provider: i64,
    room: i64,
    day: i64,
    from: i64,
    buffer: i64,
    is_overbooked: bool,
}

fn spot() -> impl Strategy<Value = Spot> {
    (1_i64..=2, 0_i64..=2, 0_i64..=1, 0_i64..=3, 0_i64..=1, prop::bool::weighted(0.2)).prop_map(
        |(provider, room, day, from, buffer, is_overbooked)| Spot {
            provider,
            room,
            day,
            from,
            buffer,
            is_overbooked,
        },
    )
}

/// Where a booking is; some are in no room.
fn room(spot: Spot) -> Option<RoomId> {
    (spot.room > 0).then_some(RoomId(spot.room))
}

fn affected(id: usize, spot: Spot, length: i64, patient: Option<u8>) -> Affected {
    let during = span(spot.day, spot.from, length);
    Affected {
        moving: Moving {
            id: BookingId(id as i64 + 1),
            status: Status::Booked,
            has_new_patient: false,
            has_new_length: false,
            provider: ProviderId(spot.provider),
            room: room(spot),
            appointment_type: AppointmentTypeId(1),
            during,
            provider_busy: beside(during, spot.buffer),
            room_busy: during,
            local_date: date(spot.day),
            is_overbooked: spot.is_overbooked,
            occupies: true,
        },
        patient: patient.map(|patient| format!("p{patient}")),
        is_here: false,
    }
}

/// A place for a booking; `seats` says how many seats each provider's day has left, of both kinds.
fn place(of: &Affected, spot: Spot, lack: u16, seats: &[i64; 8]) -> Place {
    let moving = &of.moving;
    let slot = Span {
        start: span(spot.day, spot.from, 1).start,
        end: Instant(span(spot.day, spot.from, 1).start.0 + moving.during.micros()),
    };
    let keeps_seat = moving.provider.0 == spot.provider
        && moving.local_date == date(spot.day)
        && moving.is_overbooked == spot.is_overbooked;
    let day = (spot.provider - 1) * 4 + spot.day * 2 + i64::from(spot.is_overbooked);
    let minute = |at: Instant| at.0.rem_euclid(48 * HALF_HOUR) / 60_000_000;
    Place {
        provider: ProviderId(spot.provider),
        room: room(spot),
        slot,
        date: date(spot.day),
        is_overbooked: spot.is_overbooked,
        provider_busy: beside(slot, spot.buffer),
        room_busy: slot,
        seats_left: (!keeps_seat).then(|| seats[day as usize]),
        distance: Distance {
            days: (date(spot.day) - moving.local_date).num_days().abs(),
            is_other_provider: moving.provider.0 != spot.provider,
            minutes: (minute(slot.start) - minute(moving.during.start)).abs(),
            is_other_room: moving.room != room(spot),
            lack,
        },
    }
}

/// The provider's time: so many half hours after it, and one before it if they are odd.
fn beside(during: Span, buffer: i64) -> Span {
    Span {
        start: Instant(during.start.0 - buffer % 2 * HALF_HOUR),
        end: Instant(during.end.0 + buffer * HALF_HOUR),
    }
}

/// What a booking takes: when; provider, kind, when; room, when; patient; day.
type Takes<'a> = (Span, (i64, bool), Span, Option<RoomId>, Span, Option<&'a str>, NaiveDate);

fn takes<'a>(of: &'a Affected, place: Option<&Place>) -> Takes<'a> {
    let patient = of.patient.as_deref();
    match place {
        Some(place) => (
            place.slot,
            (place.provider.0, place.is_overbooked),
            place.provider_busy,
            place.room,
            place.room_busy,
            patient,
            place.date,
        ),
        None => {
            let moving = &of.moving;
            (
                moving.during,
                (moving.provider.0, moving.is_overbooked),
                of.moving.provider_busy,
                moving.room,
                of.moving.room_busy,
                patient,
                moving.local_date,
            )
        }
    }
}

/// Whether all can be had together, pair by pair.
fn can_be(affected: &[Affected], chosen: &[Option<&Place>]) -> bool {
    let all: Vec<_> = affected.iter().zip(chosen).map(|(of, place)| takes(of, *place)).collect();
    let meets = |one: Span, other: Span| one.start < other.end && other.start < one.end;
    for (at, one) in all.iter().enumerate() {
        for other in &all[at + 1..] {
            let of_provider = one.1 == other.1 && meets(one.2, other.2);
            let of_room = one.3.is_some() && one.3 == other.3 && meets(one.4, other.4);
            let of_patient = one.5.is_some() && one.5 == other.5 && meets(one.0, other.0);
            if of_provider || of_room || of_patient {
                return false;
            }
        }
    }
    // A normal booking doesn't come to where an overbooked one stays.
    for (stays, _) in
        affected.iter().zip(chosen).filter(|(of, place)| of.moving.is_overbooked && place.is_none())
    {
        let moving = &stays.moving;
        let comes = |place: &&&Place| {
            !place.is_overbooked
                && place.provider == moving.provider
                && meets(place.provider_busy, moving.provider_busy)
        };
        if chosen.iter().flatten().any(|place| comes(&place)) {
            return false;
        }
    }
    chosen.iter().flatten().all(|place| {
        place.seats_left.is_none_or(|left| {
            let day = (place.provider.0, place.is_overbooked);
            all.iter().filter(|one| one.1 == day && one.6 == place.date).count() as i64 <= left
        })
    })
}

/// How good a choice is: less is better.
fn cost(chosen: &[Option<&Place>]) -> (usize, i64, i64, i64, i64, i64) {
    let sum = |of: &dyn Fn(&Distance) -> i64| chosen.iter().flatten().map(|place| of(&place.distance)).sum();
    (
        chosen.iter().filter(|place| place.is_none()).count(),
        sum(&|distance| distance.days),
        sum(&|distance| distance.is_other_provider.into()),
        sum(&|distance| distance.minutes),
        sum(&|distance| distance.is_other_room.into()),
        sum(&|distance| distance.lack.into()),
    )
}

/// All ways to choose.
fn choices(places: &[Vec<Place>]) -> Vec<Vec<Option<&Place>>> {
    places.iter().fold(vec![vec![]], |choices, places| {
        let options: Vec<_> = std::iter::once(None).chain(places.iter().map(Some)).collect();
        choices
            .iter()
            .flat_map(|choice| options.iter().map(|option| [&choice[..], &[*option]].concat()))
            .collect()
    })
}

type Case = (Vec<Affected>, Vec<Vec<Place>>);

/// Bookings that can be where they are, and places in any order of goodness.
fn case() -> impl Strategy<Value = Case> {
    let booking = (spot(), 1_i64..=2, prop::option::of(1_u8..=2));
    let seats = prop::array::uniform8(0_i64..=3);
    let options = prop::collection::vec(prop::collection::vec((spot(), 0_u16..3), 0..6), 4);
    (prop::collection::vec(booking, 1..=4), options, seats).prop_map(|(bookings, options, seats)| {
        let mut there: Vec<Affected> = Vec::new();
        for (spot, length, patient) in bookings {
            let next = affected(there.len(), spot, length, patient);
            there.push(next);
            if !can_be(&there, &vec![None; there.len()]) {
                there.pop();
            }
        }
        let mut places: Vec<Vec<Place>> = Vec::new();
        for (of, options) in there.iter().zip(options) {
            let offered = options.into_iter().map(|(spot, lack)| place(of, spot, lack, &seats));
            // A full day isn't offered to who would come newly.
            let mut offered: Vec<_> =
                offered.filter(|place| place.seats_left.is_none_or(|left| left > 0)).collect();
            offered.sort_by_key(|place| place.distance);
            places.push(offered);
        }
        (there, places)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_way_to_assign_them_is_better((affected, places) in case()) {
        let plan = answer(&affected, &places);
        let chosen: Vec<_> =
            plan.chosen.iter().zip(&places).map(|(chosen, places)| chosen.ok().map(|at| &places[at])).collect();
        prop_assert!(can_be(&affected, &chosen));
        let best = choices(&places).into_iter().filter(|choice| can_be(&affected, choice)).map(|choice| cost(&choice)).min();
        prop_assert_eq!(Some(cost(&chosen)), best);
        prop_assert!(plan.is_best);
        for (chosen, places) in plan.chosen.iter().zip(&places) {
            if let Err(why) = chosen {
                prop_assert_eq!(*why == NoPlace::NoneFree, places.is_empty());
            }
        }
    }
}

/// A doctor of a whole day, whose patients all want what the others want: the nearest time with the one colleague.
#[test]
fn seventeen_bookings_and_one_colleague() {
    let here = |from| Spot { provider: 1, room: 1, day: 0, from, buffer: 0, is_overbooked: false };
    let there: Vec<_> = (0..17).map(|at| affected(at, here(at as i64), 1, None)).collect();
    let elsewhere = |of: &Affected| {
        let spots = (0..=1).flat_map(|day| (0..15).map(move |from| (day, from)));
        let spots = spots.map(|(day, from)| Spot {
            provider: 2,
            room: 2,
            day,
            from,
            buffer: 0,
            is_overbooked: false,
        });
        let mut places: Vec<_> = spots.map(|spot| place(of, spot, 0, &[99; 8])).collect();
        places.sort_by_key(|place| place.distance);
        places
    };
    let places: Vec<_> = there.iter().map(elsewhere).collect();
    let plan = answer(&there, &places);
    assert!(plan.is_best && plan.chosen.iter().all(Result::is_ok));
    let days: i64 =
        plan.chosen.iter().zip(&places).map(|(at, places)| places[at.expect("a place")].distance.days).sum();
    // Fifteen half hours on the day itself, and two on the next.
    assert_eq!(days, 2);
}

#[test]
fn of_two_who_want_the_only_place_one_has_none() {
    let here = Spot { provider: 1, room: 1, day: 0, from: 0, buffer: 0, is_overbooked: false };
    let there = vec![affected(0, here, 1, None), affected(1, Spot { from: 1, ..here }, 1, None)];
    let only = Spot { provider: 2, room: 2, ..here };
    let places: Vec<_> = there.iter().map(|of| vec![place(of, only, 0, &[9; 8])]).collect();
    let plan = answer(&there, &places);
    assert_eq!(plan.chosen, [Ok(0), Err(NoPlace::GoneToOthers)]);
}
