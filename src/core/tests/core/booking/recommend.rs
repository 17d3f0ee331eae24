use pg_clinic_core::booking::overbooking::recommend::{History, MAX_LIMIT, overflow, recommend};
use proptest::prelude::*;

/// The naive oracle, in whole numbers: of the `parts`^(places + overbooked) equally likely worlds, in which each patient
/// stays away in `absent` of `parts`, in how many do more arrive than there are places? Goes patient by patient.
fn worlds(places: usize, overbooked: usize, absent: u128, parts: u128) -> (u128, u128) {
    // worlds_by_arrivals[n]: in so many of the worlds so far n have arrived.
    let mut worlds_by_arrivals = vec![1_u128];
    for _ in 0..places + overbooked {
        let mut next = vec![0; worlds_by_arrivals.len() + 1];
        for (arrived, worlds) in worlds_by_arrivals.iter().enumerate() {
            next[arrived] += worlds * absent;
            next[arrived + 1] += worlds * (parts - absent);
        }
        worlds_by_arrivals = next;
    }
    (worlds_by_arrivals[places + 1..].iter().sum(), worlds_by_arrivals.iter().sum())
}

fn exact(places: usize, overbooked: usize, absent: u128, parts: u128) -> f64 {
    let (bad, all) = worlds(places, overbooked, absent, parts);
    bad as f64 / all as f64
}

#[test]
fn a_coin_is_computed_by_hand() {
    // One place, two patients: both come in one case of four.
    assert!((overflow(1, 1, 0.5) - 0.25).abs() < 1e-15);
    // Two places, four patients: three or four come in 5 cases of 16.
    assert!((overflow(2, 2, 0.5) - 5.0 / 16.0).abs() < 1e-15);
    // No place: whoever comes is too many.
    assert!((overflow(0, 2, 0.5) - 0.75).abs() < 1e-15);
}

#[test]
fn under_the_risk_is_less_than_it() {
    assert_eq!(recommend(0.25, 1, 0.5).limit, 0);
    assert_eq!(recommend(0.2501, 1, 0.5).limit, 1);
}

#[test]
fn nobody_too_many_without_overbooking() {
    assert_eq!((overflow(0, 0, 0.3), overflow(20, 0, 0.0), overflow(20, 0, 1.0)), (0.0, 0.0, 0.0));
}

#[test]
fn certain_patients_are_never_overbooked_and_absent_ones_without_end() {
    let certain = recommend(0.99, 20, 0.0);
    assert_eq!((certain.limit, certain.at_limit, certain.above_limit), (0, 0.0, 1.0));
    let absent = recommend(0.01, 20, 1.0);
    assert_eq!((absent.limit, absent.above_limit), (MAX_LIMIT, 0.0));
}

#[test]
fn a_usual_clinic() {
    // 20 places, one patient in ten stays away: nobody does in 0.9^21 of the days.
    let usual = recommend(0.2, 20, 0.1);
    assert_eq!(usual.limit, 1);
    assert!((usual.at_limit - 0.9_f64.powi(21)).abs() < 1e-14);
    assert!((usual.above_limit - (0.9_f64.powi(22) + 22.0 * 0.1 * 0.9_f64.powi(21))).abs() < 1e-14);
}

#[test]
fn powers_that_underflow_are_still_told_right() {
    // All 1,440 come with probability 0.01^1440, which is no f64; somebody comes unless all stay away.
    let tail = overflow(0, MAX_LIMIT, 0.99);
    assert!((tail - (1.0 - 0.99_f64.powi(1_440))).abs() < 1e-10, "{tail}");
    // Tiny, but not nothing: 0.7^1001.
    let tiny = overflow(1_000, 1, 0.3);
    assert!((tiny / 0.7_f64.powi(1_001) - 1.0).abs() < 1e-10, "{tiny}");
}

#[test]
fn a_short_history_is_drawn_to_the_clinics_and_a_long_one_is_not() {
    let rate = |outcomes, no_shows| History { outcomes, no_shows }.smoothed_rate(0.1);
    assert_eq!(rate(0, 0), 0.1);
    assert!((rate(1, 1) - 3.0 / 21.0).abs() < 1e-15);
    assert!((rate(100_000, 30_000) - 0.3).abs() < 1e-4);
    // One patient who didn't come is no clinic where nobody comes.
    assert!((History { outcomes: 1, no_shows: 1 }.clinic_rate() - 1.0 / 21.0).abs() < 1e-15);
}

proptest! {
    #![proptest_config(crate::cases(300))]

    #[test]
    fn the_tail_is_the_exact_one(
        places in 0..=14_usize, overbooked in 0..=14_usize, (parts, absent) in (1..=16_u128).prop_flat_map(|parts| (Just(parts), 0..=parts)),
    ) {
        let ours = overflow(places as u32, overbooked as u32, absent as f64 / parts as f64);
        let exact = exact(places, overbooked, absent, parts);
        prop_assert!((ours - exact).abs() <= 1e-11 * exact, "{ours} for {exact}");
    }

    #[test]
    fn the_limit_is_the_largest_under_the_risk(
        places in 0..=14_usize, (parts, absent) in (2..=9_u128).prop_flat_map(|parts| (Just(parts), 0..=parts * 3 / 4)),
        risk_thousandths in 1..1_000_u128,
    ) {
        const MOST: usize = 14;
        let is_under = |overbooked| {
            let (bad, all) = worlds(places, overbooked, absent, parts);
            bad * 1_000 < risk_thousandths * all
        };
        let largest = (0..=MOST).rev().find(|limit| is_under(*limit)).expect("0 is always under");
        let ours = recommend(risk_thousandths as f64 / 1_000.0, places as u32, absent as f64 / parts as f64);
        if largest < MOST {
            prop_assert_eq!(ours.limit as usize, largest);
        } else {
            prop_assert!(ours.limit as usize >= MOST);
        }
    }

    #[test]
    fn more_risk_more_no_shows_and_fewer_patients_a_place_never_take_away(
        places in 0..200_u32, overbooked in 0..200_u32, rate in 0.0..=1.0_f64, more in 0.0..=1.0_f64,
        risk in 0.0001..0.9999_f64, higher in 0.0001..0.9999_f64,
    ) {
        const SLACK: f64 = 1e-9;
        let (risk, higher) = (risk.min(higher), risk.max(higher));
        let (rate, more) = (rate.min(more), rate.max(more));
        let ours = recommend(risk, places, rate);
        prop_assert!(ours.limit <= recommend(higher, places, rate).limit);
        prop_assert!(ours.limit <= recommend(risk, places, more).limit);
        prop_assert!(ours.limit <= recommend(risk, places + 1, rate).limit);
        prop_assert!(ours.at_limit < risk);
        prop_assert!(ours.limit == MAX_LIMIT || ours.above_limit >= risk * (1.0 - SLACK));
        let chance = overflow(places, overbooked, rate);
        prop_assert!((0.0..=1.0).contains(&chance));
        prop_assert!(chance <= overflow(places, overbooked + 1, rate) * (1.0 + SLACK));
        prop_assert!(overflow(places, overbooked, more) <= chance * (1.0 + SLACK));
    }

    #[test]
    fn a_smoothed_rate_lies_between_history_and_prior(outcomes in 0..100_000_u64, part in 0.0..=1.0_f64, prior in 0.0..=1.0_f64) {
        const SLACK: f64 = 1e-12;
        let history = History { outcomes, no_shows: (outcomes as f64 * part) as u64 };
        let own = if outcomes == 0 { prior } else { history.no_shows as f64 / outcomes as f64 };
        let smoothed = history.smoothed_rate(prior);
        prop_assert!(own.min(prior) - SLACK <= smoothed && smoothed <= own.max(prior) + SLACK);
    }
}
