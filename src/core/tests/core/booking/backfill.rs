use chrono::{Datelike, Days, NaiveDate};
use pg_clinic_core::booking::backfill::{Acceptable, Candidate, MAX_DISTANCE_DAYS, Source, best, score};
use pg_clinic_core::time::calendar::WallTime;
use pg_clinic_core::time::interval::{Instant, MICROS_PER_MINUTE};
use proptest::option;
use proptest::prelude::*;

use crate::cases;

/// A candidate, whose it is, and whether the place would fit.
#[derive(Clone, Debug)]
struct Claim {
    candidate: Candidate,
    patient: Option<u8>,
    fits: bool,
}

/// Few values of each, so that there are ties.
fn claims() -> impl Strategy<Value = Vec<Claim>> {
    let claim = (0..3usize, 0..3i64, -1..2i32, 0..3i64, option::of(0..4u8), prop::bool::weighted(0.7));
    prop::collection::vec(claim, 0..12).prop_map(|claims| {
        let numbered = claims.into_iter().enumerate();
        numbered
            .map(|(id, (source, distance_days, priority, since, patient, fits))| Claim {
                candidate: Candidate {
                    source: Source::ALL[source],
                    id: id as i64,
                    distance_days,
                    priority,
                    waiting_since: Instant(since),
                },
                patient,
                fits,
            })
            .collect()
    })
}

/// Whether `a` comes before `b`, rule by rule.
fn is_before(a: &Candidate, b: &Candidate) -> bool {
    let place = |source| Source::ALL.iter().position(|other| *other == source);
    if score(a.distance_days) != score(b.distance_days) {
        return score(a.distance_days) > score(b.distance_days);
    }
    if a.priority != b.priority {
        return a.priority > b.priority;
    }
    if a.source != b.source {
        return place(a.source) < place(b.source);
    }
    if a.waiting_since != b.waiting_since {
        return a.waiting_since < b.waiting_since;
    }
    a.id < b.id
}

/// Takes out the first of those left, again and again.
fn naive_best(mut claims: Vec<Claim>, most: usize) -> Vec<i64> {
    claims.retain(|claim| claim.fits);
    let mut ids = Vec::new();
    while ids.len() < most {
        let is_first = |claim: &&Claim| claims.iter().all(|b| !is_before(&b.candidate, &claim.candidate));
        let Some(first) = claims.iter().find(is_first).cloned() else { break };
        ids.push(first.candidate.id);
        claims.retain(|claim| {
            claim.candidate.id != first.candidate.id
                && (first.patient.is_none() || claim.patient != first.patient)
        });
    }
    ids
}

const ALL: usize = 99;

fn found(claims: &[Claim], most: usize) -> Vec<i64> {
    let claim =
        |candidate: &Candidate| claims.iter().find(|claim| claim.candidate.id == candidate.id).unwrap();
    let candidates = claims.iter().map(|claim| claim.candidate.clone()).collect();
    let can_take = |candidate: &Candidate| Ok::<_, ()>(claim(candidate).fits);
    let best = best(candidates, most, |candidate| claim(candidate).patient, can_take).unwrap();
    best.iter().map(|candidate| candidate.id).collect()
}

/// Days to the nearest date that suits, counted one by one.
fn naive_distance(acceptable: &Acceptable, date: NaiveDate, time: WallTime) -> Option<i64> {
    let weekday = date.weekday().number_from_monday() as u8;
    if !acceptable.weekdays.is_empty() && !acceptable.weekdays.contains(&weekday) {
        return None;
    }
    if acceptable.earliest.is_some_and(|earliest| time.micros() < earliest.micros()) {
        return None;
    }
    if acceptable.latest.is_some_and(|latest| time.micros() > latest.micros()) {
        return None;
    }
    (0..=MAX_DISTANCE_DAYS).find(|days| {
        let suits = |date: NaiveDate| (acceptable.from..=acceptable.to).contains(&date);
        suits(date + Days::new(*days as u64)) || suits(date - Days::new(*days as u64))
    })
}

fn acceptable() -> impl Strategy<Value = Acceptable> {
    let time = || option::of(0..=24i64).prop_map(|hour| hour.and_then(at));
    (0..40u64, 0..20u64, prop::collection::vec(1..=7u8, 0..4), time(), time()).prop_map(
        |(from, days, weekdays, earliest, latest)| {
            let from = start() + Days::new(from);
            Acceptable { from, to: from + Days::new(days), weekdays, earliest, latest }
        },
    )
}

fn start() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 12, 10).unwrap()
}

fn at(hour: i64) -> Option<WallTime> {
    WallTime::new(hour * 60 * MICROS_PER_MINUTE)
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn the_best_are_those_a_naive_search_takes(claims in claims(), most in 0..14usize) {
        prop_assert_eq!(found(&claims, most), naive_best(claims, most));
    }

    #[test]
    fn the_best_do_not_depend_on_the_order_of_reading(claims in claims(), by in 0..12usize) {
        let mut turned = claims.clone();
        turned.rotate_left(by.min(claims.len()));
        turned.reverse();
        prop_assert_eq!(found(&claims, ALL), found(&turned, ALL));
    }

    #[test]
    fn fewer_are_the_first_of_more(claims in claims(), most in 0..14usize) {
        let mut all = found(&claims, ALL);
        all.truncate(most);
        prop_assert_eq!(found(&claims, most), all);
    }

    #[test]
    fn the_distance_is_what_counting_days_gives(dates in acceptable(), day in 0..70u64, hour in 0..24i64) {
        let (date, time) = (start() + Days::new(day), at(hour).unwrap());
        prop_assert_eq!(dates.distance_days(date, time), naive_distance(&dates, date, time));
    }
}
