//! Days: small ones to be written down in tests, random ones for properties. All times are minutes after an epoch.

use pg_clinic_core::ids::*;
use pg_clinic_core::rounds::*;
use pg_clinic_core::time::interval::{Instant, Minutes, Span};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// 06:00 of a day in UTC.
pub const SUNRISE: Instant = Instant(6 * 3_600_000_000);
/// No random duty or window reaches further.
pub const LAST_MINUTE: i32 = 420;

pub fn at(minute: i32) -> Instant {
    SUNRISE + Minutes(minute)
}

pub fn minute(instant: Instant) -> i32 {
    (instant.micros_since(SUNRISE) / Minutes(1).micros()) as i32
}

pub fn span(from: i32, to: i32) -> Span {
    Span { start: at(from), end: at(to) }
}

pub fn area(id: i64) -> Area {
    Area {
        id: AreaId(id),
        name: format!("north_{id}"),
        is_walkable: true,
        travel: Minutes(0),
        tolerance: Minutes(0),
        smoothing_percent: 15,
        smoothing_max_cost: None,
        neighbors: vec![],
        takes_help: true,
        weights: CostWeights::DEFAULT,
    }
}

pub fn beside(area: Area, neighbor: i64, travel: i32) -> Area {
    let mut neighbors = area.neighbors;
    neighbors.push(Neighbor { area: AreaId(neighbor), travel: Minutes(travel) });
    Area { neighbors, ..area }
}

/// On duty for 360 minutes.
pub fn worker(id: i64, home_area: i64, capacity: i32) -> Worker {
    Worker {
        id: StaffId(id),
        home_area: AreaId(home_area),
        on_duty: vec![span(0, 360)],
        capacity: Minutes(capacity),
        skills: vec![],
        is_walk_only: false,
        is_smoothed: true,
    }
}

/// A visit to the client with the same id, at any time of the day.
pub fn visit(id: i64, area: i64, duration: i32) -> VisitRequest {
    VisitRequest {
        id: VisitId(id),
        client: ClientId(id),
        area: Some(AreaId(area)),
        kind: VisitKind::Scheduled,
        duration: Minutes(duration),
        skills: vec![],
        tier: 1,
        access: Access::Open,
        windows: vec![span(0, 360)],
        usual_order: 0,
        last_worker: None,
        usual_start: None,
        experience: vec![],
    }
}

pub fn day(areas: Vec<Area>, workers: Vec<Worker>, visits: Vec<VisitRequest>) -> Day {
    Day { areas, workers, visits, locked: vec![] }
}

pub fn placement(visit: i64, worker: i64, start: i32) -> Placement {
    Placement { visit: VisitId(visit), worker: StaffId(worker), start: at(start) }
}

pub fn placements(plan: &RoundsPlan) -> Vec<Placement> {
    plan.assignments.iter().map(Assignment::placement).collect()
}

/// Planned visits: visit, worker and minute.
pub fn placed(plan: &RoundsPlan) -> Vec<(i64, i64, i32)> {
    let rows = plan.assignments.iter();
    rows.map(|row| (row.visit.0, row.worker.0, minute(row.during.start))).collect()
}

/// Visits without a place: visit, kind and cause.
pub fn left(plan: &RoundsPlan) -> Vec<(i64, &'static str, &'static str)> {
    plan.exceptions.iter().map(|row| (row.visit.0, row.kind.as_str(), row.cause.as_str())).collect()
}

fn spans(longest: i32) -> impl Strategy<Value = Vec<Span>> {
    let one = (0..LAST_MINUTE - longest, 5..=longest).prop_map(|(from, length)| span(from, from + length));
    prop_oneof![5 => vec![one.clone()].prop_map(|span| span), 2 => vec(one, 0..3)]
}

fn skills(most: usize) -> impl Strategy<Value = Vec<String>> {
    subsequence(vec!["wound_care".to_owned(), "infusion".to_owned()], 0..=most)
}

fn weights() -> impl Strategy<Value = CostWeights> {
    let any = (0..3_i32, 0..3_i32, 0..20_i32, 0..4_i32, 0..2_i32).prop_map(
        |(remaining_capacity, travel, continuity, experience, punctuality)| CostWeights {
            remaining_capacity,
            travel,
            continuity,
            experience,
            punctuality,
        },
    );
    prop_oneof![Just(CostWeights::DEFAULT), any]
}

fn smoothing() -> impl Strategy<Value = (i32, Option<i32>)> {
    (prop_oneof![Just(15), 0..60_i32], option::weighted(0.3, 0..20_i32))
}

fn any_area(id: i64) -> impl Strategy<Value = Area> {
    let neighbors = vec((1..6_i64, 0..12_i32), 0..3);
    (any::<bool>(), (0..5_i32, 0..12_i32), neighbors, any::<bool>(), (weights(), smoothing())).prop_map(
        move |(is_walkable, (travel, tolerance), neighbors, takes_help, (weights, smoothing))| Area {
            smoothing_percent: smoothing.0,
            smoothing_max_cost: smoothing.1,
            is_walkable,
            travel: Minutes(travel),
            tolerance: Minutes(tolerance),
            neighbors: neighbors
                .into_iter()
                .map(|(area, travel)| Neighbor { area: AreaId(area), travel: Minutes(travel) })
                .collect(),
            takes_help,
            weights,
            ..area(id)
        },
    )
}

fn any_worker(id: i64) -> impl Strategy<Value = Worker> {
    let kind = (prop::bool::weighted(0.2), prop::bool::weighted(0.8));
    (1..5_i64, spans(240), 0..160_i32, skills(2), kind).prop_map(
        move |(home, on_duty, capacity, skills, (is_walk_only, is_smoothed))| Worker {
            on_duty,
            skills,
            is_walk_only,
            is_smoothed,
            ..worker(id, home, capacity)
        },
    )
}

fn any_visit(id: i64) -> impl Strategy<Value = VisitRequest> {
    let access = prop_oneof![
        12 => Just(Access::Open),
        1 => Just(Access::NotApproved),
        2 => Just(Access::ApprovedBy("chief".to_owned())),
    ];
    let known = vec((1..7_i64, 0..14_i32), 0..3);
    let kind = select(VisitKind::ALL.to_vec());
    let who = ((option::of(1..7_i64), option::of(0..LAST_MINUTE)), known, 1..20_i64);
    let windows = prop_oneof![6 => spans(200), 1 => Just(vec![ANY_TIME])];
    (option::weighted(0.95, 1..5_i64), 0..50_i32, skills(1), access, windows, (kind, 0..4_i32), who).prop_map(
        move |(
            area,
            duration,
            skills,
            access,
            windows,
            (kind, usual_order),
            ((last, usual), known, client),
        )| {
            VisitRequest {
                client: ClientId(client),
                area: area.map(AreaId),
                kind,
                skills,
                access,
                windows,
                usual_order,
                last_worker: last.map(StaffId),
                usual_start: usual.map(at),
                experience: known
                    .into_iter()
                    .map(|(worker, visits)| Experience { worker: StaffId(worker), visits })
                    .collect(),
                ..visit(id, 1, duration)
            }
        },
    )
}

/// One of each id up to a number.
fn each<S: Strategy>(most: i64, one: impl Fn(i64) -> S) -> impl Strategy<Value = Vec<S::Value>> {
    let all: Vec<_> = (1..=most).map(one).collect();
    (all, 0..=most as usize).prop_map(|(mut all, count)| {
        all.truncate(count);
        all
    })
}

/// A random day without locks.
pub fn any_day() -> impl Strategy<Value = Day> {
    (each(4, any_area), each(6, any_worker), each(16, any_visit))
        .prop_map(|(areas, workers, visits)| day(areas, workers, visits))
}

/// A random day on which much fits, so that smoothing has something to do.
pub fn roomy_day() -> impl Strategy<Value = Day> {
    let visits = vec((1..3_i64, 3..40_i32, skills(1), 0..200_i32), 1..18);
    let workers = vec((1..3_i64, 60..300_i32, prop::bool::weighted(0.9), skills(2)), 2..6);
    (visits, workers, weights(), smoothing()).prop_map(|(visits, workers, weights, (percent, most))| {
        let area = |id: i64| Area {
            weights,
            smoothing_percent: percent,
            smoothing_max_cost: most,
            travel: Minutes(2),
            ..beside(area(id), 3 - id, 5)
        };
        let visits = visits.into_iter().zip(1..).map(|((area, duration, skills, opens), id)| VisitRequest {
            skills,
            windows: vec![span(opens, 360)],
            ..visit(id, area, duration)
        });
        let workers = workers.into_iter().zip(1..).map(|((home, capacity, is_smoothed, skills), id)| {
            Worker { skills, is_smoothed, ..worker(id, home, capacity) }
        });
        day(vec![area(1), area(2)], workers.collect(), visits.collect())
    })
}

/// Any day, locks of what may not be there or not fit included.
pub fn any_day_with_locks() -> impl Strategy<Value = Day> {
    let locks = vec((1..18_i64, 1..8_i64, 0..LAST_MINUTE), 0..4);
    (prop_oneof![any_day().boxed(), roomy_day().boxed()], locks).prop_map(|(day, locks)| Day {
        locked: locks.into_iter().map(|(visit, worker, start)| placement(visit, worker, start)).collect(),
        ..day
    })
}

/// A plan that nobody interrupts.
pub fn plan(day: &Day) -> RoundsPlan {
    pg_clinic_core::rounds::plan(day, &mut || ())
}

/// The rest of a day planned anew, and nobody interrupts.
pub fn replan(day: &Day, existing: &[Placement], change: &Change<'_>) -> Replan {
    pg_clinic_core::rounds::replan(day, existing, change, &mut || ())
}
