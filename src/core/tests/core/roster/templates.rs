//! Shifts from weekly templates, against a count date by date and wall clock by wall clock.

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;
use pg_clinic_core::booking::clinic::{TimeOff, TimeOffScope};
use pg_clinic_core::ids::{ProviderId, RoomId, ShiftTemplateId, TimeOffId};
use pg_clinic_core::roster::templates::{NewShift, ShiftTemplate, shifts};
use pg_clinic_core::time::calendar::{WallTime, add_days};
use pg_clinic_core::time::interval::{MICROS_PER_MINUTE, Span};
use pg_clinic_core::time::windows::WeeklyWindow;
use pg_clinic_core::time::zone::Zone;
use proptest::prelude::*;

use crate::cases;
use crate::zones::{date, utc, wall, zone};

fn template(id: i64, provider: Option<i64>, day_of_week: u8, start: &str, end: &str) -> ShiftTemplate {
    ShiftTemplate {
        id: ShiftTemplateId(id),
        provider: provider.map(ProviderId),
        window: WeeklyWindow {
            day_of_week,
            start: wall(start),
            end: wall(end),
            valid_from: None,
            valid_until: None,
        },
    }
}

fn span(start: &str, end: &str) -> Span {
    Span::new(utc(start), utc(end)).expect("not empty")
}

fn off(scope: TimeOffScope, during: Span) -> TimeOff {
    TimeOff { id: TimeOffId(1), scope, during }
}

#[test]
fn shifts_come_by_date_then_template() {
    let templates = [
        template(1, None, 2, "08:00", "12:00"),
        template(2, None, 1, "20:00", "06:00"),
        template(3, None, 1, "08:00", "12:00"),
    ];
    let made = shifts(&Zone::fixed(0), &templates, &[], date(2026, 4, 13), date(2026, 4, 14));
    let made: Vec<_> = made.iter().map(|shift| (shift.template.0, shift.date, shift.during)).collect();
    assert_eq!(
        made,
        [
            (2, date(2026, 4, 13), span("2026-04-13 20:00", "2026-04-14 06:00")),
            (3, date(2026, 4, 13), span("2026-04-13 08:00", "2026-04-13 12:00")),
            (1, date(2026, 4, 14), span("2026-04-14 08:00", "2026-04-14 12:00")),
        ]
    );
}

#[test]
fn a_skipped_hour_makes_no_shift() {
    let sunday = date(2026, 3, 29);
    let berlin = zone(Tz::Europe__Berlin, sunday, sunday);
    let templates = [template(1, None, 7, "02:00", "03:00"), template(2, None, 7, "01:00", "04:00")];
    let made = shifts(&berlin, &templates, &[], sunday, sunday);
    let during = span("2026-03-29 00:00", "2026-03-29 02:00");
    assert_eq!(made, [NewShift { template: ShiftTemplateId(2), date: sunday, during }]);
}

#[test]
fn only_time_off_that_covers_the_shift_takes_it_away() {
    let monday = date(2026, 4, 13);
    let templates = [template(1, Some(4), 1, "08:00", "12:00"), template(2, None, 1, "08:00", "12:00")];
    let made = |time_off: &[TimeOff]| -> Vec<i64> {
        let made = shifts(&Zone::fixed(0), &templates, time_off, monday, monday);
        made.iter().map(|shift| shift.template.0).collect()
    };
    let whole = span("2026-04-13 08:00", "2026-04-13 12:00");
    let (early, late) =
        (span("2026-04-13 07:00", "2026-04-13 10:00"), span("2026-04-13 10:00", "2026-04-13 12:00"));
    let provider = TimeOffScope::Provider(ProviderId(4));
    assert_eq!(made(&[off(provider, whole)]), [2]);
    assert_eq!(made(&[off(provider, late)]), [1, 2]);
    assert_eq!(made(&[off(provider, late), off(TimeOffScope::Clinic, early)]), [2]);
    assert_eq!(made(&[off(TimeOffScope::Clinic, whole)]), [0_i64; 0]);
    assert_eq!(
        made(&[off(TimeOffScope::Provider(ProviderId(5)), whole), off(TimeOffScope::Room(RoomId(1)), whole)]),
        [1, 2]
    );
}

/// Minute by minute of the shift: is somebody off whom it concerns?
fn is_off(template: &ShiftTemplate, time_off: &[TimeOff], during: Span) -> bool {
    let concerns = |row: &&TimeOff| match row.scope {
        TimeOffScope::Clinic => true,
        TimeOffScope::Provider(id) => template.provider == Some(id),
        TimeOffScope::Room(_) => false,
    };
    let minutes = during.micros() / MICROS_PER_MINUTE;
    (0..minutes).all(|minute| {
        let at = pg_clinic_core::time::interval::Instant(during.start.0 + minute * MICROS_PER_MINUTE);
        time_off.iter().filter(concerns).any(|row| row.during.contains_instant(at))
    })
}

fn any_template(id: i64) -> impl Strategy<Value = ShiftTemplate> {
    let day = |from: i64| date_of(from);
    let limit = move || prop::option::of((0..12_i64).prop_map(day));
    (prop::option::of(1..3_i64), 1..=7_u8, 0..24_i64, 0..=24_i64, limit(), limit()).prop_map(
        move |(provider, day_of_week, start, end, valid_from, valid_until)| ShiftTemplate {
            id: ShiftTemplateId(id),
            provider: provider.map(ProviderId),
            window: WeeklyWindow { day_of_week, start: hour(start), end: hour(end), valid_from, valid_until },
        },
    )
}

fn any_time_off() -> impl Strategy<Value = TimeOff> {
    let scope = prop_oneof![
        Just(TimeOffScope::Clinic),
        (1..3_i64).prop_map(|id| TimeOffScope::Provider(ProviderId(id))),
        Just(TimeOffScope::Room(RoomId(1))),
    ];
    (scope, 0..12 * 24_i64, 1..40_i64).prop_map(|(scope, start, hours)| {
        let at = |hour: i64| {
            pg_clinic_core::time::interval::Instant(utc("2026-03-23 00:00").0 + hour * 60 * MICROS_PER_MINUTE)
        };
        off(scope, Span::new(at(start), at(start + hours)).expect("not empty"))
    })
}

fn hour(hour: i64) -> WallTime {
    WallTime::new(hour * 60 * MICROS_PER_MINUTE).expect("within a day")
}

/// Dates around the end of March, when clocks change.
fn date_of(day: i64) -> NaiveDate {
    add_days(date(2026, 3, 23), day)
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn each_template_makes_one_shift_on_each_of_its_dates(
        templates in (any_template(1), any_template(2), any_template(3)),
        time_off in prop::collection::vec(any_time_off(), 0..6),
        (first, days) in (0..12_i64, 0..12_i64),
    ) {
        let templates = [templates.0, templates.1, templates.2];
        let (from, to) = (date_of(first), date_of(first + days));
        let berlin = zone(Tz::Europe__Berlin, from, to);
        let made = shifts(&berlin, &templates, &time_off, from, to);
        for day in 0..=days {
            let date = date_of(first + day);
            for template in &templates {
                let window = &template.window;
                let holds = date.weekday().number_from_monday() == u32::from(window.day_of_week)
                    && window.valid_from.is_none_or(|first| date >= first)
                    && window.valid_until.is_none_or(|last| date <= last);
                let during = berlin.window_span(date, window.start, window.end).filter(|_| holds);
                let expected: Vec<_> = during
                    .filter(|during| !is_off(template, &time_off, *during))
                    .map(|during| NewShift { template: template.id, date, during })
                    .into_iter()
                    .collect();
                let found: Vec<_> = made.iter().copied().filter(|shift| (shift.template, shift.date) == (template.id, date)).collect();
                prop_assert_eq!(found, expected);
            }
        }
        prop_assert!(made.is_sorted_by_key(|shift| (shift.date, shift.template)));
    }
}
