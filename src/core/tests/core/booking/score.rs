use pg_clinic_core::booking::clinic::{ScoringProfile, Weights};
use pg_clinic_core::booking::place::Pauses;
use pg_clinic_core::booking::score::*;
use pg_clinic_core::ids::{AppointmentTypeId, ProviderId};
use pg_clinic_core::time::calendar::TimesOfDay;
use pg_clinic_core::time::interval::{Instant, Minutes, Span};
use proptest::prelude::*;

use crate::zones::wall;

const START: Instant = Instant(0);

fn prefer(from: Option<&str>, until: Option<&str>, time: &str) -> f64 {
    preference(TimesOfDay { from: from.map(wall), until: until.map(wall) }, wall(time))
}

/// A booking so many minutes from [`START`], with a buffer.
fn neighbor(start: i32, end: i32, buffer: i32) -> Neighbor {
    let at = |minutes: i32| START + Minutes(minutes);
    Neighbor {
        during: Span { start: at(start), end: at(end) },
        busy: Span { start: at(start), end: at(end + buffer) },
    }
}

/// Of a slot over the first 30 minutes with a buffer of 10.
fn compact(day: &[Neighbor]) -> f64 {
    compactness(
        Span { start: START, end: START + Minutes(30) },
        Pauses { before: Minutes(0), after: Minutes(10) },
        day.iter().copied(),
    )
}

#[test]
fn no_preference_is_neutral() {
    assert_eq!(prefer(None, None, "09:00"), 0.5);
}

#[test]
fn both_edges_are_preferred() {
    for time in ["09:00", "10:30", "12:00"] {
        assert_eq!(prefer(Some("09:00"), Some("12:00"), time), 1.0);
    }
}

#[test]
fn preference_falls_to_nothing_over_eight_hours() {
    assert_eq!(prefer(Some("09:00"), Some("12:00"), "08:00"), 1.0 - 60.0 / 480.0);
    assert_eq!(prefer(Some("09:00"), Some("12:00"), "16:00"), 0.5);
    assert_eq!(prefer(Some("09:00"), Some("12:00"), "20:00"), 0.0);
    assert_eq!(prefer(Some("09:00"), Some("12:00"), "23:00"), 0.0);
}

#[test]
fn one_end_may_be_open() {
    assert_eq!(prefer(Some("09:00"), None, "23:59"), 1.0);
    assert_eq!(prefer(Some("09:00"), None, "05:00"), 0.5);
    assert_eq!(prefer(None, Some("09:00"), "00:00"), 1.0);
    assert_eq!(prefer(None, Some("09:00"), "13:00"), 0.5);
}

#[test]
fn a_preferred_time_may_span_midnight() {
    for time in ["22:00", "23:30", "00:00", "02:00"] {
        assert_eq!(prefer(Some("22:00"), Some("02:00"), time), 1.0);
    }
    assert_eq!(prefer(Some("22:00"), Some("02:00"), "04:00"), 1.0 - 120.0 / 480.0);
    assert_eq!(prefer(Some("22:00"), Some("02:00"), "20:00"), 1.0 - 120.0 / 480.0);
    assert_eq!(prefer(Some("22:00"), Some("02:00"), "12:00"), 0.0);
}

#[test]
fn an_empty_day_is_neither_compact_nor_not() {
    assert_eq!(compact(&[]), 0.5);
}

#[test]
fn idle_time_counts_beyond_the_buffers() {
    // The previous one's own buffer before, the slot's after.
    assert_eq!(compact(&[neighbor(-60, -20, 20)]), 1.0);
    assert_eq!(compact(&[neighbor(-60, -20, 0)]), 1.0 - 20.0 / 480.0);
    assert_eq!(compact(&[neighbor(40, 60, 10)]), 1.0);
    assert_eq!(compact(&[neighbor(64, 90, 10)]), 1.0 - 24.0 / 480.0);
    assert_eq!(compact(&[neighbor(30 + 10 + 480, 600, 10)]), 0.0);
}

#[test]
fn the_nearest_neighbor_decides() {
    assert_eq!(compact(&[neighbor(-300, -270, 0), neighbor(64, 90, 10)]), 1.0 - 24.0 / 480.0);
}

#[test]
fn inside_a_buffer_or_a_booking_nothing_is_idle() {
    assert_eq!(compact(&[neighbor(-60, -20, 90)]), 1.0);
    assert_eq!(compact(&[neighbor(35, 60, 0)]), 1.0);
    assert_eq!(compact(&[neighbor(10, 20, 0)]), 1.0);
    assert_eq!(compact(&[neighbor(-10, 60, 0)]), 1.0);
}

#[test]
fn a_room_in_use_is_best_and_a_change_is_worst() {
    assert_eq!([room(true, true), room(false, false), room(false, true)], [1.0, 0.5, 0.3]);
}

#[test]
fn the_built_in_weights_make_40_35_15_10() {
    let quality = |preference, compactness, room, overbooking| {
        Weights::BUILT_IN
            .quality(&Components { preference, compactness, room, overbooking, continuity: 1.0, load: 1.0 })
            .ten_thousandths()
    };
    assert_eq!(quality(1.0, 0.0, 0.0, 0.0), 4_000);
    assert_eq!(quality(0.0, 1.0, 0.0, 0.0), 3_500);
    assert_eq!(quality(0.0, 0.0, 1.0, 0.0), 1_500);
    assert_eq!(quality(0.0, 0.0, 0.0, 1.0), 1_000);
    assert_eq!(quality(1.0, 1.0, 1.0, 1.0), 10_000);
    // 0.35 × 0.975 = 0.34125: a half, which goes up although its binary fraction may be a little less.
    assert_eq!(quality(0.0, 0.975, 0.0, 0.0), 3_413);
}

#[test]
fn weights_are_normalized() {
    let weights = Weights {
        preference: 1.0,
        compactness: 1.0,
        room: 0.0,
        overbooking: 2.0,
        continuity: 0.0,
        load: 0.0,
    }
    .normalized();
    assert_eq!(
        weights,
        Weights {
            preference: 0.25,
            compactness: 0.25,
            room: 0.0,
            overbooking: 0.5,
            continuity: 0.0,
            load: 0.0
        }
    );
}

#[test]
fn weights_that_mean_nothing_are_not_used() {
    let with = |preference| Weights {
        preference,
        compactness: 0.0,
        room: 0.0,
        overbooking: 0.0,
        continuity: 0.0,
        load: 0.0,
    };
    for invalid in [with(0.0), with(-1.0), with(f64::NAN), with(f64::INFINITY)] {
        assert_eq!(invalid.normalized(), Weights::BUILT_IN);
    }
}

#[test]
fn the_most_specific_profile_holds() {
    let weights = |preference| Weights {
        preference,
        compactness: 1.0 - preference,
        room: 0.0,
        overbooking: 0.0,
        continuity: 0.0,
        load: 0.0,
    };
    let profile = |provider: Option<i64>, kind: Option<i64>, preference| ScoringProfile {
        provider: provider.map(ProviderId),
        appointment_type: kind.map(AppointmentTypeId),
        weights: weights(preference),
    };
    let profiles = [profile(None, None, 0.25), profile(None, Some(7), 0.5), profile(Some(3), None, 0.75)];
    let of = |provider, kind| weights_for(&profiles, ProviderId(provider), AppointmentTypeId(kind));
    assert_eq!(of(3, 7), weights(0.75));
    assert_eq!(of(4, 7), weights(0.5));
    assert_eq!(of(4, 8), weights(0.25));
    assert_eq!(weights_for(&[], ProviderId(3), AppointmentTypeId(7)), Weights::BUILT_IN);
}

#[test]
fn a_score_stays_between_0_and_1() {
    for (value, expected) in
        [(-0.5, 0.0), (f64::NAN, 0.0), (1.5, 1.0), (0.123_449, 0.1234), (0.123_45, 0.1235)]
    {
        assert_eq!(Score::new(value).as_f64(), expected);
    }
}

proptest! {
    #![proptest_config(crate::cases(256))]

    #[test]
    fn a_score_is_within_half_a_step(value in 0.0..=1.0_f64) {
        prop_assert!((Score::new(value).as_f64() - value).abs() <= 0.000_05 + 1e-9);
    }
}

#[test]
fn whom_the_patient_saw_last_is_best() {
    let last = Some(ProviderId(3));
    assert_eq!(
        [continuity(last, ProviderId(3)), continuity(last, ProviderId(4)), continuity(None, ProviderId(3))],
        [1.0, 0.0, 0.5]
    );
}
