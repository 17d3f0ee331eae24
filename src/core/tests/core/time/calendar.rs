use chrono::{LocalResult, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use pg_clinic_core::booking::clinic::{Provider, opening};
use pg_clinic_core::booking::hours::OpeningWindow;
use pg_clinic_core::ids::ProviderId;
use pg_clinic_core::time::calendar::*;
use pg_clinic_core::time::interval::{Instant, Minutes, Span};
use pg_clinic_core::time::windows::*;
use pg_clinic_core::time::zone::*;
use proptest::prelude::*;

use crate::zones::{date, from_utc, to_local, utc, wall, zone};

/// The window on that date, as UTC.
fn window(tz: Tz, on: (i32, u32, u32), start: &str, end: &str) -> Option<Span> {
    let date = date(on.0, on.1, on.2);
    zone(tz, date, date).window_span(date, wall(start), wall(end))
}

fn span(start: &str, end: &str) -> Option<Span> {
    Span::new(utc(start), utc(end))
}

const SPRING: (i32, u32, u32) = (2026, 3, 29);
const AUTUMN: (i32, u32, u32) = (2026, 10, 25);

#[test]
fn the_spring_gap_is_lost() {
    let berlin = |start, end| window(Tz::Europe__Berlin, SPRING, start, end);
    assert_eq!(berlin("01:00", "04:00"), span("2026-03-29 00:00", "2026-03-29 02:00"));
    // An edge inside the gap, which is from 02:00 to 03:00, moves to its end.
    assert_eq!(berlin("02:30", "05:00"), span("2026-03-29 01:00", "2026-03-29 03:00"));
    assert_eq!(berlin("01:00", "02:30"), span("2026-03-29 00:00", "2026-03-29 01:00"));
    assert_eq!(berlin("02:15", "02:45"), None);
    assert_eq!(berlin("02:00", "03:00"), None);
}

#[test]
fn the_autumn_fold_is_open_twice() {
    let berlin = |start, end| window(Tz::Europe__Berlin, AUTUMN, start, end);
    assert_eq!(berlin("01:00", "04:00"), span("2026-10-24 23:00", "2026-10-25 03:00"));
    // An edge inside the fold, which is from 02:00 to 03:00: the first 02:30 to start, the last to end.
    assert_eq!(berlin("02:30", "04:00"), span("2026-10-25 00:30", "2026-10-25 03:00"));
    assert_eq!(berlin("01:00", "02:30"), span("2026-10-24 23:00", "2026-10-25 01:30"));
    assert_eq!(berlin("02:30", "02:30"), span("2026-10-25 00:30", "2026-10-26 01:30"));
    // 02:00 comes twice, 03:00 once.
    assert_eq!(berlin("02:00", "03:00"), span("2026-10-25 00:00", "2026-10-25 02:00"));
    assert_eq!(berlin("00:00", "02:00"), span("2026-10-24 22:00", "2026-10-25 01:00"));
}

#[test]
fn new_york_changes_on_other_dates() {
    let new_york = |on, start, end| window(Tz::America__New_York, on, start, end);
    assert_eq!(new_york((2026, 3, 8), "01:00", "04:00"), span("2026-03-08 06:00", "2026-03-08 08:00"));
    assert_eq!(new_york((2026, 11, 1), "00:30", "03:00"), span("2026-11-01 04:30", "2026-11-01 08:00"));
    assert_eq!(new_york((2026, 11, 1), "01:30", "01:45"), span("2026-11-01 05:30", "2026-11-01 06:45"));
}

#[test]
fn lord_howe_moves_by_half_an_hour() {
    let lord_howe = |on, start, end| window(Tz::Australia__Lord_Howe, on, start, end);
    assert_eq!(lord_howe((2026, 4, 5), "01:00", "03:00"), span("2026-04-04 14:00", "2026-04-04 16:30"));
    assert_eq!(lord_howe((2026, 4, 5), "01:45", "01:45"), span("2026-04-04 14:45", "2026-04-05 15:15"));
    assert_eq!(lord_howe((2026, 10, 4), "01:00", "03:00"), span("2026-10-03 14:30", "2026-10-03 16:00"));
    assert_eq!(lord_howe((2026, 10, 4), "02:10", "02:40"), span("2026-10-03 15:30", "2026-10-03 15:40"));
}

#[test]
fn a_date_can_be_missing() {
    let apia = |day, start, end| window(Tz::Pacific__Apia, (2011, 12, day), start, end);
    assert_eq!(apia(30, "09:00", "17:00"), None);
    assert_eq!(apia(29, "22:00", "24:00"), span("2011-12-30 08:00", "2011-12-30 10:00"));
    // 06:00 of the missing date is the end of the gap.
    assert_eq!(apia(29, "22:00", "06:00"), span("2011-12-30 08:00", "2011-12-30 10:00"));
    assert_eq!(apia(31, "00:00", "01:00"), span("2011-12-30 10:00", "2011-12-30 11:00"));

    let zone = zone(Tz::Pacific__Apia, date(2011, 12, 30), date(2011, 12, 30));
    assert_eq!(zone.day(date(2011, 12, 30)), None);
    assert_eq!(zone.day_start(date(2011, 12, 30)), zone.day_start(date(2011, 12, 31)));
    assert_eq!(zone.day_end(date(2011, 12, 29)), utc("2011-12-30 10:00"));
}

#[test]
fn midnight_can_be_missing_or_come_twice() {
    let havana = zone(Tz::America__Havana, date(2026, 3, 8), date(2026, 11, 1));
    assert_eq!(havana.day(date(2026, 3, 8)), span("2026-03-08 05:00", "2026-03-09 04:00"));
    // 01:00 becomes 00:00: all 25 hours are of that date, none of the day before.
    assert_eq!(havana.day(date(2026, 10, 31)), span("2026-10-31 04:00", "2026-11-01 04:00"));
    assert_eq!(havana.day(date(2026, 11, 1)), span("2026-11-01 04:00", "2026-11-02 05:00"));
    // 24:00 comes twice as well, so a window until then has the hour between.
    let evening = havana.window_span(date(2026, 10, 31), wall("20:00"), wall("24:00"));
    assert_eq!(evening, span("2026-11-01 00:00", "2026-11-01 05:00"));
}

#[test]
fn days_can_overlap() {
    // At 00:01 the clocks went back to 23:01.
    let zone = zone(Tz::America__St_Johns, date(2006, 10, 28), date(2006, 10, 29));
    let (saturday, sunday) = (zone.day(date(2006, 10, 28)), zone.day(date(2006, 10, 29)));
    assert_eq!(saturday, span("2006-10-28 02:30", "2006-10-29 03:30"));
    assert_eq!(sunday, span("2006-10-29 02:30", "2006-10-30 03:30"));
    assert_eq!(zone.local_date(utc("2006-10-29 02:30")), date(2006, 10, 29));
    assert_eq!(zone.local_date(utc("2006-10-29 02:31")), date(2006, 10, 28));
}

#[test]
fn offsets_may_have_seconds() {
    let monrovia = Zone::fixed(-(44 * 60 + 30));
    assert_eq!(monrovia.wall_time(utc("1971-01-01 12:00")).to_string(), "11:15:30");
    assert_eq!(monrovia.local_date(utc("1971-01-01 00:44")), date(1970, 12, 31));
    assert_eq!(monrovia.day_start(date(1971, 1, 1)), Instant(utc("1971-01-01 00:44").0 + 30_000_000));
}

#[test]
fn instants_at_the_ends_of_time_have_dates() {
    for instant in [Instant(i64::MIN), Instant(i64::MAX)] {
        let zone = Zone::fixed(3_600);
        let date = zone.local_date(instant);
        assert!(zone.day_start(date) <= zone.day_end(date));
    }
    assert_eq!(Zone::fixed(i32::MAX).offset_at(Instant(0)), 86_400);
}

#[test]
fn dates_are_counted_as_postgresql_counts_them() {
    assert_eq!(date_to_pg_days(date(2000, 1, 1)), 0);
    assert_eq!(date_to_pg_days(date(2026, 4, 13)), 9_599);
    assert_eq!(date_from_pg_days(-1), Some(date(1999, 12, 31)));
    // PostgreSQL's last date is in the year 5,874,897.
    assert_eq!(date_from_pg_days(2_145_031_948), None);
    assert_eq!(date_from_pg_days(i32::MIN), None);
}

#[test]
fn times_of_day_reach_from_00_00_to_24_00() {
    assert_eq!(WallTime::new(0), Some(WallTime::MIDNIGHT));
    assert_eq!(WallTime::new(86_400_000_000), Some(WallTime::END_OF_DAY));
    assert_eq!(WallTime::new(86_400_000_001), None);
    assert_eq!(WallTime::new(-1), None);
    assert_eq!([wall("09:05"), WallTime::END_OF_DAY].map(|time| time.to_string()), ["09:05", "24:00"]);
}

/// Open on Mondays as reported.
fn provider(windows: &[(&str, &str)]) -> Provider {
    let monday = |(start, end): &(&str, &str)| {
        OpeningWindow::every_week(WeeklyWindow {
            day_of_week: 1,
            start: wall(start),
            end: wall(end),
            valid_from: None,
            valid_until: None,
        })
    };
    Provider {
        id: ProviderId(1),
        name: String::new(),
        enabled: true,
        buffer: Minutes(0),
        max_daily_appointments: 20,
        availability: windows.iter().map(monday).collect(),
        overrides: Vec::new(),
        holidays: Vec::new(),
    }
}

/// The windows that start on Monday, 2026-04-13.
fn monday(provider: &Provider) -> Vec<Option<Span>> {
    opening(&Zone::fixed(0), provider, None, date(2026, 4, 13)).into_iter().map(Some).collect()
}

#[test]
fn windows_are_joined_where_they_touch_or_overlap() {
    let windows = provider(&[("13:00", "15:00"), ("09:00", "11:00"), ("11:00", "12:00"), ("14:00", "17:00")]);
    let joined = [span("2026-04-13 09:00", "2026-04-13 12:00"), span("2026-04-13 13:00", "2026-04-13 17:00")];
    assert_eq!(monday(&windows), joined);
    assert_eq!(opening(&Zone::fixed(0), &windows, None, date(2026, 4, 14)), []);
}

#[test]
fn a_window_may_cross_midnight() {
    assert_eq!(monday(&provider(&[("22:00", "06:00")])), [span("2026-04-13 22:00", "2026-04-14 06:00")]);
    assert_eq!(monday(&provider(&[("22:00", "24:00")])), [span("2026-04-13 22:00", "2026-04-14 00:00")]);
    assert_eq!(monday(&provider(&[("08:00", "08:00")])), [span("2026-04-13 08:00", "2026-04-14 08:00")]);
    assert_eq!(monday(&provider(&[("22:00", "00:00")])), [span("2026-04-13 22:00", "2026-04-14 00:00")]);
}

#[test]
fn a_window_holds_from_its_first_to_its_last_date() {
    let mut windows = provider(&[("09:00", "12:00")]);
    let open = [span("2026-04-13 09:00", "2026-04-13 12:00")];
    for (from, until, is_open) in
        [(13, 13, true), (14, 20, false), (1, 12, false), (1, 13, true), (13, 20, true)]
    {
        windows.availability[0].weekly.valid_from = Some(date(2026, 4, from));
        windows.availability[0].weekly.valid_until = Some(date(2026, 4, until));
        assert_eq!(monday(&windows), if is_open { &open[..] } else { &[] });
    }
}

#[test]
fn overrides_replace_the_windows_that_start_on_their_date() {
    let mut windows = provider(&[("09:00", "12:00")]);
    let on = |day, window: Option<(&str, &str)>| WindowOverride {
        on_date: date(2026, 4, day),
        window: window.map(|(start, end)| (wall(start), wall(end))),
    };
    windows.overrides = vec![on(14, None)];
    assert_eq!(monday(&windows), [span("2026-04-13 09:00", "2026-04-13 12:00")]);
    windows.overrides = vec![on(13, None)];
    assert_eq!(monday(&windows), []);
    windows.overrides =
        vec![on(13, Some(("14:00", "16:00"))), on(13, None), on(13, Some(("16:00", "18:00")))];
    assert_eq!(monday(&windows), [span("2026-04-13 14:00", "2026-04-13 18:00")]);
}

fn any_zone() -> impl Strategy<Value = Tz> {
    prop::sample::select(vec![
        Tz::Europe__Berlin,
        Tz::America__New_York,
        Tz::Australia__Lord_Howe,
        Tz::America__Havana,
        Tz::America__St_Johns,
        Tz::Asia__Kolkata,
    ])
}

proptest! {
    #![proptest_config(crate::cases(64))]

    #[test]
    fn local_time_is_chrono_tz_s(tz in any_zone(), day in 0_i64..700, seconds in 0_i64..86_400) {
        let date = add_days(date(2006, 1, 1), day);
        let instant = Instant(from_utc(date.and_time(NaiveTime::MIN)).0 + seconds * 1_000_000);
        let zone = zone(tz, date, date);
        let local = to_local(tz, instant);
        prop_assert_eq!(zone.local_date(instant), local.date());
        let since_midnight = local.time().signed_duration_since(NaiveTime::MIN).num_microseconds();
        prop_assert_eq!(Some(zone.wall_time(instant).micros()), since_midnight);
    }

    #[test]
    fn window_edges_are_chrono_tz_s(tz in any_zone(), month in 0_usize..8, day in 1_u32..=30, quarter in 0_i64..96) {
        // The months in which these clocks change.
        let (year, month) = [(2006, 4), (2006, 10), (2026, 3), (2026, 4), (2026, 10), (2026, 11), (2026, 6), (2025, 10)][month];
        let date = date(year, month, day);
        let time = WallTime::new(quarter * 15 * 60_000_000).unwrap();
        let local = date.and_time(NaiveTime::MIN) + TimeDelta::minutes(quarter * 15);
        // A window of 24 hours and more, so that neither edge can vanish.
        let window = zone(tz, date, date).window_span(date, time, time).unwrap();
        match tz.from_local_datetime(&local) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => prop_assert_eq!(window.start, from_utc(at.naive_utc())),
            LocalResult::None => {
                prop_assert!(to_local(tz, window.start) > local);
                prop_assert!(to_local(tz, Instant(window.start.0 - 1)) < local);
            }
        }
        let local = local + TimeDelta::days(1);
        match tz.from_local_datetime(&local) {
            LocalResult::Single(at) | LocalResult::Ambiguous(_, at) => prop_assert_eq!(window.end, from_utc(at.naive_utc())),
            LocalResult::None => {
                prop_assert!(to_local(tz, window.end) > local);
                prop_assert!(to_local(tz, Instant(window.end.0 - 1)) < local);
            }
        }
    }
}
