//! The places that a booking could have when somebody is away: against moving it there, place by place.

use std::collections::BTreeSet;

use chrono::Days;
use pg_clinic_core::booking::absence::{Absence, Affected, NoPlace, Place, places, places_of_each};
use pg_clinic_core::booking::clinic::{Clinic, Moving, TimeOff, TimeOffScope};
use pg_clinic_core::booking::overbooking;
use pg_clinic_core::booking::reason::{Blocker, BookingKind};
use pg_clinic_core::booking::slots::refusals_of_move;
use pg_clinic_core::ids::{BookingId, ProviderId, RoomId, TimeOffId};
use pg_clinic_core::time::interval::{Instant, Minutes, Span};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::booking::change::on_the_move;
use crate::booking::oracle::Oracle;
use crate::clinics::{Case, case};
use crate::zones::to_local;

/// Everything that decides about the places.
struct Asked {
    case: Case,
    affected: Affected,
    absence: Absence,
    all: BTreeSet<BookingId>,
    flexible_days: i64,
}

impl Asked {
    fn places(&self, max: usize) -> Vec<Place> {
        let bounds = (self.case.question.now, self.flexible_days, max);
        places(self.case.clinic.clone(), &self.absence, &self.affected, &self.all, bounds, &mut || ())
            .expect("few places")
    }

    /// The clinic without the bookings that are touched, and with the absence.
    fn as_judged(&self) -> Clinic {
        let mut clinic = self.case.clinic.clone();
        clinic.occupied.retain(|booking| !self.all.contains(&booking.id));
        // They are in no session any more, and one that nobody is in is none.
        for session in &mut clinic.sessions {
            session.members.retain(|id| !self.all.contains(id));
        }
        clinic.sessions.retain(|session| !session.members.is_empty());
        for unit in &mut clinic.resources {
            // Nor do they hold what they hold now.
            let is_held = |of: &Blocker| self.all.iter().any(|id| *of == Blocker::Booking(*id));
            unit.taken.retain(|(_, of)| !is_held(of));
        }
        let row = TimeOff { id: TimeOffId(0), scope: self.absence.of, during: self.absence.during };
        clinic.time_off.push(row);
        clinic
    }
}

fn asked(
    case: &Case,
    which: &Index,
    (is_room, from, minutes): (bool, i32, i32),
    others: &[bool],
    flexible_days: i64,
    is_here: bool,
) -> Option<Asked> {
    let mut case = on_the_move(case, which)?;
    let moving = case.clinic.moving?;
    let start = moving.during.start + Minutes(from);
    let of = match moving.room.filter(|_| is_room) {
        Some(room) => TimeOffScope::Room(room),
        None => TimeOffScope::Provider(moving.provider),
    };
    let others =
        case.clinic.occupied.iter().zip(others.iter().cycle()).filter(|(_, is_touched)| **is_touched);
    let all = others.map(|(booking, _)| booking.id).chain([moving.id]).collect();
    let moving = Moving {
        provider_busy: Span { start: moving.during.start - Minutes(4), end: moving.during.end + Minutes(7) },
        room_busy: Span { start: moving.during.start - Minutes(2), end: moving.during.end + Minutes(3) },
        ..moving
    };
    case.clinic.moving = Some(moving);
    Some(Asked {
        affected: Affected { moving, patient: None, is_here },
        absence: Absence { of, during: Span::new(start, start + Minutes(minutes))? },
        all,
        flexible_days,
        case,
    })
}

proptest! {
    #![proptest_config(crate::cases(96))]

    /// Each is one that the booking can be moved to, and each that it can be moved to is one of them.
    #[test]
    fn places_are_where_it_can_be_moved(
        case in case(),
        which in any::<Index>(),
        away in (any::<bool>(), -90_i32..30, 1_i32..600),
        others in prop::collection::vec(prop::bool::weighted(0.3), 7),
        flexible_days in 0_i64..=2,
        is_here in prop::bool::weighted(0.2),
    ) {
        let Some(asked) = asked(&case, &which, away, &others, flexible_days, is_here) else { return Ok(()) };
        let (moving, now) = (asked.affected.moving, asked.case.question.now);
        let days = if is_here { 0 } else { flexible_days as u64 };
        let clinic = asked.as_judged();
        let mut judged = asked.case.clone();
        judged.clinic = clinic.clone();
        judged.question.from = moving.local_date - Days::new(days);
        judged.question.to = moving.local_date + Days::new(days);
        let oracle = Oracle::new(&judged);
        let mut expected = BTreeSet::new();
        for (provider, row) in clinic.providers.iter().enumerate() {
            let starts: BTreeSet<_> = oracle.starts(provider).into_iter().chain([moving.during.start]).collect();
            for start in starts {
                for (room, at) in clinic.rooms.iter().enumerate() {
                    let (kind, refusals) = refusals_of_move(&clinic, provider, room, start, moving.is_overbooked, now);
                    let slot = Span { start, end: Instant(start.0 + moving.during.micros()) };
                    let is_present = (row.id, at.id, start) == (moving.provider, moving.room, moving.during.start);
                    let is_away = match asked.absence.of {
                        TimeOffScope::Provider(id) => id == row.id,
                        TimeOffScope::Room(id) => Some(id) == at.id,
                        TimeOffScope::Clinic => true,
                    } && slot.start < asked.absence.during.end && asked.absence.during.start < slot.end;
                    if refusals.is_empty() && !is_present && !is_away {
                        expected.insert((row.id, at.id, start, kind == BookingKind::Overbooked));
                    }
                }
            }
        }
        let found = asked.places(usize::MAX);
        let said: BTreeSet<_> =
            found.iter().map(|place| (place.provider, place.room, place.slot.start, place.is_overbooked)).collect();
        prop_assert_eq!(said.len(), found.len(), "each once");
        prop_assert_eq!(said, expected);
        // The nearest first, and of fewer the same first.
        prop_assert!(found.is_sorted_by_key(|place| (place.distance, place.slot.start, place.provider, place.room)));
        let few = asked.places(5);
        prop_assert_eq!(&few[..few.len().min(5)], &found[..found.len().min(5)]);
        // Beyond these, some of every provider's and room's, at most as many, none twice.
        prop_assert!(few.len() <= 10 && few.iter().all(|place| found.contains(place)));
        prop_assert!(few.is_sorted_by_key(|place| (place.distance, place.slot.start, place.provider, place.room)));
        let max = (found.len() / 2).max(1);
        let some = asked.places(max);
        for place in found.iter().filter(|_| count_apart(&found) <= max) {
            let beside = |other: &&Place| {
                (other.provider, other.room) == (place.provider, place.room)
                    && all_kept(other).overlaps(all_kept(place))
            };
            prop_assert!(some.iter().any(|other| beside(&other)), "{:?} has nothing near it", place);
        }
        for place in &found {
            check(&asked, &clinic, place)?;
        }
    }
}

/// How many of the places don't overlap, of every provider and room, the earliest first.
fn count_apart(places: &[Place]) -> usize {
    let keys: BTreeSet<_> = places.iter().map(|place| (place.provider, place.room)).collect();
    let count = |(provider, room)| {
        let mut of: Vec<_> =
            places.iter().filter(|place| (place.provider, place.room) == (provider, room)).collect();
        of.sort_by_key(|place| all_kept(place).start);
        let (mut until, mut count) = (Instant(i64::MIN), 0);
        for place in of {
            if all_kept(place).start >= until {
                (until, count) = (all_kept(place).end, count + 1);
            }
        }
        count
    };
    keys.into_iter().map(count).sum()
}

/// When a place keeps its provider or its room.
fn all_kept(place: &Place) -> Span {
    Span {
        start: place.provider_busy.start.min(place.room_busy.start),
        end: place.provider_busy.end.max(place.room_busy.end),
    }
}

/// What a place says of itself.
fn check(asked: &Asked, clinic: &Clinic, place: &Place) -> Result<(), TestCaseError> {
    let (moving, tz) = (asked.affected.moving, asked.case.tz);
    let local = to_local(tz, place.slot.start);
    let own = to_local(tz, moving.during.start);
    prop_assert_eq!(place.date, local.date());
    prop_assert_eq!(place.slot.micros(), moving.during.micros());
    prop_assert_eq!(place.distance.days, (local.date() - moving.local_date).num_days().abs());
    let minutes = |time: chrono::NaiveTime| (time - chrono::NaiveTime::MIN).num_minutes();
    prop_assert_eq!(place.distance.minutes, (minutes(local.time()) - minutes(own.time())).abs());
    prop_assert_eq!(place.distance.is_other_provider, place.provider != moving.provider);
    prop_assert_eq!(place.distance.is_other_room, place.room != moving.room);

    let provider = clinic.providers.iter().find(|row| row.id == place.provider).expect("it is there");
    let room = clinic.rooms.iter().find(|row| row.id == place.room).expect("it is there");
    let same_time = place.slot == moving.during;
    let same_kind = place.is_overbooked == moving.is_overbooked;
    let same_day = same_time || place.date == moving.local_date;
    let keeps_buffer = same_day && same_kind && place.provider == moving.provider;
    let keeps_turnover = same_day && same_kind && place.room == moving.room;
    let around = |(before, after)| Span { start: place.slot.start - before, end: place.slot.end + after };
    let own = clinic.appointment_type.own_with(provider.id).pauses;
    let (none, before, after) = (Minutes(0), own.before, own.after);
    let of_provider = (before.unwrap_or(none), after.unwrap_or(none).max(provider.buffer));
    let of_room = (
        own.room_before.or(before).unwrap_or(none),
        own.room_after.or(after).unwrap_or(none).max(room.turnover),
    );
    let given = if keeps_buffer { (Minutes(4), Minutes(7)) } else { of_provider };
    prop_assert_eq!(place.provider_busy, around(given));
    let given = if keeps_turnover { (Minutes(2), Minutes(3)) } else { of_room };
    prop_assert_eq!(place.room_busy, around(given));

    let taken = clinic.occupied.iter().filter(|booking| {
        (booking.provider, booking.local_date, booking.is_overbooked)
            == (place.provider, place.date, place.is_overbooked)
    });
    let limit = match place.is_overbooked {
        true => overbooking::limit(&clinic.overbooking_rules, place.provider, clinic.appointment_type.id),
        false => provider.max_daily_appointments,
    };
    let left = i64::from(limit) - taken.count() as i64;
    let keeps_seat = same_day && same_kind && place.provider == moving.provider;
    prop_assert_eq!(place.seats_left, (!keeps_seat).then_some(left));
    prop_assert!(keeps_seat || left > 0, "nobody comes to a full day");
    Ok(())
}

#[test]
fn an_absence_touches_who_needs_what_is_away_while_it_is() {
    let span = |from, to| Span { start: Instant(from), end: Instant(to) };
    let away = Absence { of: TimeOffScope::Provider(ProviderId(1)), during: span(10, 20) };
    assert!(away.touches(ProviderId(1), Some(RoomId(9)), span(5, 11)));
    assert!(!away.touches(ProviderId(1), Some(RoomId(9)), span(5, 10)));
    assert!(!away.touches(ProviderId(1), Some(RoomId(9)), span(20, 25)));
    assert!(!away.touches(ProviderId(2), Some(RoomId(1)), span(10, 20)));
    let flooded = Absence { of: TimeOffScope::Room(RoomId(1)), during: span(10, 20) };
    assert!(flooded.touches(ProviderId(2), Some(RoomId(1)), span(19, 30)));
    assert!(!flooded.touches(ProviderId(1), Some(RoomId(2)), span(10, 20)));
}

#[test]
fn reasons_say_within_which_days() {
    let said = |why: NoPlace, days, is_here| why.sentence(days, is_here);
    assert_eq!(said(NoPlace::NoneFree, 7, false), "nothing within 7 days of its own date is free for it");
    assert_eq!(said(NoPlace::NoneFree, 1, false), "nothing within a day of its own date is free for it");
    assert_eq!(said(NoPlace::NoneFree, 7, true), "nothing on its own date is free for it");
    assert_eq!(
        said(NoPlace::GoneToOthers, 0, false),
        "what on its own date is free for it goes to other bookings of the plan"
    );
}

#[test]
fn many_bookings_have_fewer_places_each() {
    assert_eq!([0, 17, 100, 200].map(places_of_each), [5_000, 5_000, 1_000, 500]);
}
