//! Keys of locks: nothing shares one that isn't the same thing, and days come in one order.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use pg_clinic_core::locks::{Days, LockKey};
use pg_clinic_core::time::calendar::{date_from_pg_days, date_to_pg_days};
use proptest::prelude::*;

use crate::cases;

/// What writers queue for.
#[derive(Clone, Debug, PartialEq)]
enum Thing {
    Day(i64, NaiveDate),
    TimeZone(i64),
    Promotion(i64),
    SetUp,
    Request(i64, String),
    Booking(i64),
}

impl Thing {
    fn key(&self) -> LockKey {
        match self {
            Self::Day(clinic, date) => LockKey::day(*clinic, *date),
            Self::TimeZone(clinic) => LockKey::time_zone(*clinic),
            Self::Promotion(clinic) => LockKey::promotion(*clinic),
            Self::SetUp => LockKey::set_up(),
            Self::Request(clinic, request) => LockKey::request(*clinic, request),
            Self::Booking(id) => LockKey::booking(*id),
        }
    }
}

/// Any date there is, and those whose number is as low or as high as a number of 32 bits gets.
fn dates() -> impl Strategy<Value = NaiveDate> {
    let (first, last) = (date_to_pg_days(NaiveDate::MIN), date_to_pg_days(NaiveDate::MAX));
    let edges = prop_oneof![-5..5_i32, first..first + 5, last - 5..=last];
    prop_oneof![first..=last, edges].prop_filter_map("no such date", date_from_pg_days)
}

fn clinics() -> impl Strategy<Value = i64> {
    // Clinics 2^32 apart share locks.
    prop_oneof![0..5_i64, i64::from(u32::MAX) - 5..=i64::from(u32::MAX)]
}

fn things() -> impl Strategy<Value = Thing> {
    prop_oneof![
        (clinics(), dates()).prop_map(|(clinic, date)| Thing::Day(clinic, date)),
        clinics().prop_map(Thing::TimeZone),
        clinics().prop_map(Thing::Promotion),
        Just(Thing::SetUp),
        (clinics(), "[a-c/0-9]{0,3}").prop_map(|(clinic, request)| Thing::Request(clinic, request)),
        prop_oneof![any::<i64>(), -5..5_i64].prop_map(Thing::Booking),
    ]
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn what_differs_has_another_key(one in things(), other in things()) {
        prop_assert_eq!(one == other, one.key() == other.key(), "{:?} and {:?}", one.key(), other.key());
    }

    /// The app's own advisory locks have 1 or 2 for a kind.
    #[test]
    fn no_key_is_an_apps(thing in things()) {
        prop_assert!(thing.key().kind > 2);
    }

    #[test]
    fn days_come_by_clinic_and_date(days in prop::collection::vec((clinics(), dates()), 0..20)) {
        let mut queue = Days::default();
        for (clinic, date) in &days {
            queue.add(*clinic, [*date]);
        }
        let expected: Vec<_> = days.into_iter().collect::<BTreeSet<_>>().into_iter()
            .map(|(clinic, date)| LockKey::day(clinic, date)).collect();
        prop_assert_eq!(queue.keys().collect::<Vec<_>>(), expected);
    }
}

/// The days whose numbers are -1, -2 and -3: once they were keys of other things.
#[test]
fn the_last_days_of_1999() {
    for day in 26..=31 {
        let date = NaiveDate::from_ymd_opt(1999, 12, day).unwrap();
        let key = LockKey::day(1, date);
        for other in [LockKey::set_up(), LockKey::time_zone(1), LockKey::promotion(1)] {
            assert_ne!(key, other);
            assert_ne!(key.kind, other.kind);
        }
    }
}
