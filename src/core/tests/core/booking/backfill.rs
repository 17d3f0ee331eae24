use chrono::{Datelike, Days, NaiveDate};
use pg_clinic_core::booking::backfill::{
    Acceptable, Candidate, Look, MAX_DISTANCE_DAYS, Selection, Source, score,
};
use pg_clinic_core::time::calendar::WallTime;
use pg_clinic_core::time::interval::{Instant, MICROS_PER_MINUTE};
use proptest::option;
use proptest::prelude::*;

use crate::cases;

/// A candidate, whose it is, and how far off the dates the place is in truth; `None` where it doesn't fit.
#[derive(Clone, Debug)]
struct Claim {
    candidate: Candidate,
    patient: Option<u8>,
    farther: Option<i64>,
}

impl Claim {
    /// The candidate at its distance in truth.
    fn placed(&self) -> Option<Candidate> {
        let distance_days = self.candidate.distance_days + self.farther?;
        Some(Candidate { distance_days, ..self.candidate.clone() })
    }
}

/// Few values of each, so that there are ties.
fn claims() -> impl Strategy<Value = Vec<Claim>> {
    let farther = prop_oneof![3 => Just(None), 5 => Just(Some(0)), 2 => (1..3i64).prop_map(Some)];
    let claim = (0..3usize, 0..3i64, -1..2i32, 0..3i64, option::of(0..4u8), farther);
    prop::collection::vec(claim, 0..12).prop_map(|claims| {
        let numbered = claims.into_iter().enumerate();
        numbered
            .map(|(id, (source, distance_days, priority, since, patient, farther))| Claim {
                candidate: Candidate {
                    source: Source::ALL[source],
                    id: id as i64,
                    distance_days,
                    priority,
                    waiting_since: Instant(since),
                },
                patient,
                farther,
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
fn naive_best(claims: &[Claim], most: usize) -> Vec<i64> {
    let mut left: Vec<_> = claims.iter().filter_map(|claim| Some((claim.placed()?, claim.patient))).collect();
    let mut ids = Vec::new();
    while ids.len() < most {
        let is_first = |(a, _): &&(Candidate, Option<u8>)| left.iter().all(|(b, _)| !is_before(b, a));
        let Some((first, patient)) = left.iter().find(is_first).cloned() else { break };
        ids.push(first.id);
        left.retain(|(other, whose)| other.id != first.id && (patient.is_none() || *whose != patient));
    }
    ids
}

const ALL: usize = 99;

/// The ids of the best. Claims that are at best so many days off are added in turn, as the rows are read.
fn found(claims: &[Claim], most: usize) -> Vec<i64> {
    let mut selection = Selection::of(most);
    let mut looked = 0;
    for (nearest, farthest) in [(0, 0), (1, MAX_DISTANCE_DAYS)] {
        for (number, Claim { candidate, .. }) in claims.iter().enumerate() {
            if (nearest..=farthest).contains(&candidate.distance_days) {
                selection.add(number, candidate.clone());
            }
        }
        let look = |number: usize| {
            looked += 1;
            let claim = &claims[number];
            let distance_days = claim.placed().map(|candidate| candidate.distance_days);
            Ok::<_, ()>(Look { patient: claim.patient, distance_days })
        };
        selection.take(farthest, look).unwrap();
    }
    assert!(looked <= 2 * claims.len(), "nobody is looked at again and again");
    selection.best().into_iter().map(|number| claims[number].candidate.id).collect()
}

/// Days to the nearest date that suits, counted one by one.
fn naive_distance(acceptable: &Acceptable, date: NaiveDate, time: WallTime) -> Option<i64> {
    let weekday = date.weekday().number_from_monday() as u8;
    if !acceptable.weekdays.is_empty() && !acceptable.weekdays.contains(&weekday) {
        return None;
    }
    // Hour by hour from the earliest on, around the clock, until the latest.
    let hour = |time: WallTime| time.micros() / (60 * MICROS_PER_MINUTE);
    let first = acceptable.earliest.map_or(0, hour);
    let last = acceptable.latest.map_or(24, hour);
    let mut hours = vec![first];
    while hours[hours.len() - 1] != last {
        hours.push((hours[hours.len() - 1] + 1) % 25);
    }
    if !hours.contains(&hour(time)) {
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
        prop_assert_eq!(found(&claims, most), naive_best(&claims, most));
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
