use pg_clinic_core::booking::clinic::{Clinic, SlotAlignment};
use pg_clinic_core::booking::place::Pauses;
use pg_clinic_core::booking::slots::ToLoad;
use pg_clinic_core::time::interval::Minutes;
use pg_clinic_core::time::windows::WindowOverride;

use crate::clinics::small_clinic;
use crate::zones::{date, utc, wall};

const PAUSES: Pauses = Pauses { before: Minutes(0), after: Minutes(10) };

/// For Monday and slots of 30 minutes with a pause of 10.
fn monday(clinic: &Clinic) -> ToLoad {
    let monday = date(2026, 4, 13);
    ToLoad::of_dates(&clinic.settings, &clinic.providers, Minutes(30), PAUSES, monday, monday)
}

/// Open only on that day of April, as reported.
fn open(day: u32, start: &str, end: &str) -> Clinic {
    let mut clinic = small_clinic();
    clinic.providers[0].availability.clear();
    clinic.providers[0].overrides =
        vec![WindowOverride { on_date: date(2026, 4, day), window: Some((wall(start), wall(end))) }];
    clinic
}

#[test]
fn what_may_be_in_the_way_ends_soon_after_closing() {
    let load = monday(&small_clinic());
    assert_eq!((load.from, load.to), (date(2026, 4, 13), date(2026, 4, 13)));
    // The last place may start by 12:00 and then needs 40 minutes.
    assert_eq!((load.lo, load.hi), (utc("2026-04-13 00:00"), utc("2026-04-13 12:40")));
    // A booking of a day with a buffer of a day may reach into Monday.
    assert_eq!((load.first_date, load.last_date), (date(2026, 4, 11), date(2026, 4, 13)));
}

#[test]
fn a_night_shift_ends_at_midnight_as_far_as_the_date_is_concerned() {
    let load = monday(&open(13, "22:00", "06:00"));
    assert_eq!(load.hi, utc("2026-04-14 00:40"));
    assert_eq!(load.last_date, date(2026, 4, 14));
}

#[test]
fn aligned_to_gaps_a_window_counts_from_its_opening() {
    let mut clinic = open(12, "22:00", "06:00");
    assert_eq!(monday(&clinic).lo, utc("2026-04-13 00:00"));
    clinic.settings.slot_alignment = SlotAlignment::Gap;
    let load = monday(&clinic);
    assert_eq!((load.lo, load.hi), (utc("2026-04-12 22:00"), utc("2026-04-13 06:40")));
    assert_eq!(load.first_date, date(2026, 4, 10));
}

#[test]
fn nothing_is_in_the_way_of_a_closed_day_but_its_bookings_count() {
    let load = monday(&open(20, "09:00", "12:00"));
    assert_eq!((load.lo, load.hi), (utc("2026-04-13 00:00"), utc("2026-04-13 00:40")));
    assert_eq!(load.last_date, date(2026, 4, 13));
}

#[test]
fn one_start_needs_only_its_own_time() {
    let clinic = small_clinic();
    let start = utc("2026-04-13 23:45");
    let load = ToLoad::of_start(&clinic.settings, Minutes(30), PAUSES, start);
    assert_eq!((load.lo, load.hi), (start, utc("2026-04-14 00:25")));
    assert_eq!((load.from, load.to), (date(2026, 4, 13), date(2026, 4, 13)));
    assert_eq!((load.first_date, load.last_date), (date(2026, 4, 11), date(2026, 4, 14)));

    let both = load.hull(monday(&clinic));
    assert_eq!((both.lo, both.hi), (utc("2026-04-13 00:00"), utc("2026-04-14 00:25")));
    assert_eq!((both.first_date, both.last_date), (date(2026, 4, 11), date(2026, 4, 14)));
}
