use chrono::{LocalResult, TimeDelta, TimeZone};
use chrono_tz::Tz;
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::booking::together::{Shift, moves_together, placing_order};
use pg_clinic_core::time::interval::{Instant, TIME};
use pg_clinic_core::word::Word;
use proptest::prelude::*;

use crate::zones::{date, from_utc, to_local, utc, zone};

const ZONES: [Tz; 6] = [
    Tz::Europe__Berlin,
    Tz::America__New_York,
    Tz::Australia__Lord_Howe,
    Tz::Asia__Beirut,
    Tz::Pacific__Apia,
    Tz::UTC,
];

/// The first instant from which on the wall clock shows `days` later than it does at `start`, or more.
fn by_the_calendar(tz: Tz, start: Instant, days: i64) -> Instant {
    let wanted = to_local(tz, start) + TimeDelta::days(days);
    let mut local = wanted;
    loop {
        match tz.from_local_datetime(&local) {
            LocalResult::Single(at) => return from_utc(at.naive_utc()),
            LocalResult::Ambiguous(first, _) => return from_utc(first.naive_utc()),
            LocalResult::None => local += TimeDelta::minutes(1),
        }
    }
}

proptest! {
    /// Days go by the calendar, what comes after them is elapsed time.
    #[test]
    fn a_shift_goes_by_the_calendar_then_by_the_clock(
        tz in prop::sample::select(ZONES.to_vec()),
        minute in 0_i64..400 * 1440,
        days in -366_i64..=366,
        minutes in -3000_i64..3000,
    ) {
        let start = Instant(utc("2010-09-01 00:00").0 + minute * 60_000_000);
        let shift = Shift { days, micros: minutes * 60_000_000 };
        let zone = zone(tz, date(2009, 1, 1), date(2013, 1, 1));
        let on_date = if days == 0 { start } else { by_the_calendar(tz, start, days) };
        prop_assert_eq!(shift.of(&zone, start), Some(Instant(on_date.0 + shift.micros)));
    }
}

#[test]
fn a_shift_beyond_time_is_none() {
    let zone = zone(Tz::UTC, date(2026, 1, 1), date(2026, 1, 2));
    let shift = Shift { days: 0, micros: 1 };
    assert_eq!(shift.of(&zone, Instant(TIME.end.0 - 1)), None);
    assert_eq!(shift.of(&zone, Instant(i64::MAX)), None);
    assert!(Shift { days: 0, micros: 0 }.is_nothing() && !shift.is_nothing());
}

#[test]
fn only_what_is_not_over_moves() {
    let moving: Vec<_> = Status::WORDS.iter().copied().filter(|status| moves_together(*status)).collect();
    assert_eq!(moving, [Status::Pending, Status::Booked, Status::Arrived, Status::CheckedIn]);
    // What moves takes time: it can stand in the way of another that moves with it.
    assert!(moving.iter().all(|status| status.occupies()));
}

#[test]
fn who_keeps_a_seat_comes_first_and_who_is_beside_another_last() {
    let mut bookings =
        [(true, true, 1), (false, false, 2), (false, true, 3), (true, false, 4), (false, false, 5)];
    bookings.sort_by_key(|&(is_overbooked, keeps_day, id)| placing_order(is_overbooked, keeps_day, id));
    assert_eq!(bookings.map(|(_, _, id)| id), [3, 2, 5, 1, 4]);
}
