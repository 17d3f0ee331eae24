//! Opening time by date, and how much of it is booked: against loops over single minutes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pg_clinic_core::booking::clinic::{TimeOffScope, opening};
use pg_clinic_core::booking::hours::open_on;
use pg_clinic_core::reports::openings::{
    Dates, Opening, date_of, house_hours, provider_windows, room_windows, time_off_of, without,
};
use pg_clinic_core::reports::utilization::{Use, by_date, by_hour};
use pg_clinic_core::time::calendar::add_days;
use pg_clinic_core::time::interval::{Instant, Span};
use pg_clinic_core::time::zone::Zone;
use proptest::prelude::*;

use crate::clinics::{Case, case, small_clinic};
use crate::zones::{date, utc, wall};

const MINUTE: i64 = 60_000_000;

/// Minutes since 2000-01-01 00:00 UTC.
fn minutes(span: Span) -> impl Iterator<Item = i64> {
    span.start.0 / MINUTE..span.end.0 / MINUTE
}

/// To which date each open minute counts.
fn by_minute(openings: &[Opening]) -> BTreeMap<i64, NaiveDate> {
    let mut dates = BTreeMap::new();
    for Opening { date, span } in openings {
        for minute in minutes(*span) {
            assert_eq!(dates.insert(minute, *date), None, "a minute counts once");
        }
    }
    dates
}

fn dates<'a>(case: &'a Case, today: NaiveDate) -> Dates<'a> {
    Dates { zone: &case.clinic.settings.zone, from: case.question.from, to: case.question.to, today }
}

/// The dates' minutes, the earliest date first, so that a minute of two windows counts to the earlier.
fn expected_windows(case: &Case, dates: &Dates<'_>, provider: usize) -> BTreeMap<i64, NaiveDate> {
    let provider = &case.clinic.providers[provider];
    let mut expected = BTreeMap::new();
    let mut date = add_days(dates.from, -1);
    while date <= dates.to {
        if provider.enabled || date < dates.today {
            for span in opening(dates.zone, provider, None, date) {
                minutes(span).for_each(|minute| {
                    expected.entry(minute).or_insert(date);
                });
            }
        }
        date = add_days(date, 1);
    }
    expected.retain(|_, date| *date >= dates.from);
    expected
}

fn off_minutes(case: &Case, scope: TimeOffScope) -> BTreeSet<i64> {
    let rows =
        case.clinic.time_off.iter().filter(|row| row.scope == scope || row.scope == TimeOffScope::Clinic);
    // Time off may last for ever; windows are near the dates.
    let near =
        Span::new(Instant(case.at.0 - 30 * 24 * 60 * MINUTE), Instant(case.at.0 + 30 * 24 * 60 * MINUTE));
    rows.filter_map(|row| row.during.intersection(near?)).flat_map(minutes).collect()
}

proptest! {
    #![proptest_config(crate::cases(120))]

    #[test]
    fn every_open_minute_counts_to_the_first_date_whose_window_has_it(case in case(), disabled in any::<bool>(), later in 0_i64..3) {
        let mut case = case;
        case.clinic.providers[0].enabled = !disabled;
        let dates = dates(&case, add_days(case.question.from, later));
        for provider in 0..case.clinic.providers.len() {
            let windows = provider_windows(&dates, &case.clinic.providers[provider]);
            let expected = expected_windows(&case, &dates, provider);
            prop_assert_eq!(by_minute(&windows), expected.clone());
            let scope = TimeOffScope::Provider(case.clinic.providers[provider].id);
            let off = off_minutes(&case, scope);
            let open = without(&windows, &time_off_of(&case.clinic.time_off, scope));
            let expected: BTreeMap<_, _> = expected.into_iter().filter(|(minute, _)| !off.contains(minute)).collect();
            prop_assert_eq!(by_minute(&open), expected);
        }
    }

    #[test]
    fn the_house_is_open_while_anybody_works(case in case()) {
        let dates = dates(&case, case.question.to);
        let hours = by_minute(&house_hours(&dates, &case.clinic.providers, &case.clinic.time_off));
        let mut expected = BTreeSet::new();
        for (index, provider) in case.clinic.providers.iter().enumerate() {
            let off = off_minutes(&case, TimeOffScope::Provider(provider.id));
            let windows = expected_windows(&case, &dates, index);
            expected.extend(windows.into_keys().filter(|minute| !off.contains(minute)));
        }
        // One that somebody else had open since the day before counts to that day, which isn't asked for.
        let before = Dates { from: add_days(dates.from, -1), to: add_days(dates.from, -1), ..dates };
        let earlier = by_minute(&house_hours(&before, &case.clinic.providers, &case.clinic.time_off));
        expected.retain(|minute| !earlier.contains_key(minute));
        prop_assert_eq!(hours.into_keys().collect::<BTreeSet<_>>(), expected);
    }

    /// A room without hours is open with the house; else in those of its minutes that its own windows have.
    #[test]
    fn a_room_is_open_within_its_hours(case in case()) {
        let dates = dates(&case, case.question.to);
        let house = house_hours(&dates, &case.clinic.providers, &case.clinic.time_off);
        for room in &case.clinic.rooms {
            let around = (-3..=7).map(|day| add_days(dates.from, day)).take_while(|date| *date <= add_days(dates.to, 3));
            let own: BTreeSet<i64> =
                around.flat_map(|date| open_on(dates.zone, &room.hours, &[], date)).flat_map(minutes).collect();
            let mut expected = by_minute(&house);
            expected.retain(|minute, _| room.hours.is_empty() || own.contains(minute));
            prop_assert_eq!(by_minute(&room_windows(&dates, &house, room)), expected);
        }
    }

    #[test]
    fn booked_minutes_are_counted_once_and_in_the_right_place(case in case()) {
        let dates = dates(&case, case.question.from);
        let around = Dates { from: add_days(dates.from, -1), ..dates };
        for provider in &case.clinic.providers {
            let scope = TimeOffScope::Provider(provider.id);
            let windows = provider_windows(&around, provider);
            let open = without(&windows, &time_off_of(&case.clinic.time_off, scope));
            let uses: Vec<_> = case.clinic.occupied.iter().filter(|booking| booking.provider == provider.id)
                .map(|booking| Use { during: booking.during, is_overbooked: booking.is_overbooked }).collect();
            let open_minutes = by_minute(&open);
            let booked: BTreeSet<_> = uses.iter().flat_map(|used| minutes(used.during)).collect();
            let overbooked: BTreeSet<_> =
                uses.iter().filter(|used| used.is_overbooked).flat_map(|used| minutes(used.during)).collect();
            let mut expected: BTreeMap<NaiveDate, [i64; 4]> = BTreeMap::new();
            for (minute, date) in &open_minutes {
                let day = expected.entry(*date).or_default();
                day[0] += 1;
                day[1] += i64::from(booked.contains(minute));
                day[2] += i64::from(overbooked.contains(minute));
            }
            for used in &uses {
                let outside = minutes(used.during).filter(|minute| !open_minutes.contains_key(minute)).count() as i64;
                if outside > 0 {
                    expected.entry(naive_date(dates.zone, &windows, used.during.start)).or_default()[3] += outside;
                }
            }
            expected.retain(|date, _| (dates.from..=dates.to).contains(date));
            let found: BTreeMap<_, _> = by_date(&dates, &windows, &open, &uses).iter()
                .map(|(date, time)| (*date, [time.open, time.booked, time.overbooked, time.outside].map(|micros| micros / MINUTE)))
                .collect();
            prop_assert_eq!(found, expected);
            let hour_of = |minute: i64| (dates.zone.wall_time(Instant(minute * MINUTE)).micros() / (60 * MINUTE)) as usize;
            let in_question = |date: &NaiveDate| (dates.from..=dates.to).contains(date);
            let mut expected = [[0_i64; 4]; 24];
            for (minute, _) in open_minutes.iter().filter(|(_, date)| in_question(date)) {
                let hour = &mut expected[hour_of(*minute)];
                hour[0] += 1;
                hour[1] += i64::from(booked.contains(minute));
                hour[2] += i64::from(overbooked.contains(minute));
            }
            for used in uses.iter().filter(|used| in_question(&naive_date(dates.zone, &windows, used.during.start))) {
                for minute in minutes(used.during).filter(|minute| !open_minutes.contains_key(minute)) {
                    expected[hour_of(minute)][3] += 1;
                }
            }
            let found = by_hour(&dates, &windows, &open, &uses)
                .map(|time| [time.open, time.booked, time.overbooked, time.outside].map(|micros| micros / MINUTE));
            prop_assert_eq!(found, expected);
        }
    }
}

fn naive_date(zone: &Zone, windows: &[Opening], start: Instant) -> NaiveDate {
    let within = windows.iter().find(|window| window.span.contains_instant(start));
    within.map_or_else(|| zone.local_date(start), |window| window.date)
}

#[test]
fn a_night_counts_to_the_date_on_which_it_begins() {
    let mut clinic = small_clinic();
    for window in &mut clinic.providers[0].availability {
        (window.weekly.start, window.weekly.end) = (wall("22:00"), wall("06:00"));
    }
    let monday = date(2026, 4, 13);
    let dates = Dates { zone: &clinic.settings.zone, from: monday, to: monday, today: monday };
    let windows = provider_windows(&dates, &clinic.providers[0]);
    let night = Span::new(utc("2026-04-13 22:00"), utc("2026-04-14 06:00")).expect("a night");
    assert_eq!(windows, [Opening { date: monday, span: night }]);
    assert_eq!(date_of(dates.zone, &windows, utc("2026-04-14 01:00")), monday);
    assert_eq!(date_of(dates.zone, &windows, utc("2026-04-14 06:00")), date(2026, 4, 14));
}
