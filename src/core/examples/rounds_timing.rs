//! How long a plan of rounds takes, trace included: `cargo run --release -p pg_clinic_core --example rounds_timing`.
//! Prints the fastest of some runs, so that other work on the machine counts little, for days of growing size, always
//! the same ones. With a number of visits as its argument only that size. With `plain` as a second one, for scripts, only
//! the milliseconds of a plan and of planning anew.

use std::time::Instant as Clock;

use pg_clinic_core::ids::{AreaId, ClientId, StaffId, VisitId};
use pg_clinic_core::rounds::{
    Access, Area, Change, CostWeights, Day, Experience, Neighbor, VisitKind, VisitRequest, Worker, plan,
    replan,
};
use pg_clinic_core::time::interval::{Instant, Minutes, Span};

const RUNS: usize = 40;
/// Visits, workers, areas.
const SIZES: [(i64, i64, i64); 6] = [
    (500, 12, 6),
    (1_000, 24, 12),
    (2_000, 48, 24),
    (5_000, 120, 60),
    (10_000, 240, 120),
    (50_000, 1_200, 600),
];
const SKILLS: [&str; 3] = ["wound_care", "infusion", "lifting"];

fn main() {
    let only: Option<i64> = std::env::args().nth(1).and_then(|visits| visits.parse().ok());
    let is_plain = std::env::args().nth(2).is_some_and(|word| word == "plain");
    if !is_plain {
        println!("visits workers areas | plan ms  rows of trace  placed  moved | replan ms  moved");
    }
    for (visits, workers, areas) in SIZES.into_iter().filter(|size| only.is_none_or(|only| only == size.0)) {
        let day = day(visits, workers, areas);
        let planned = plan(&day, &mut || ());
        let plan_ms = fastest_ms(|| plan(&day, &mut || ()).assignments.len());
        let rows: usize = planned.trace.iter().map(|trace| trace.considered.len()).sum();
        let existing: Vec<_> = planned.assignments.iter().map(|visit| visit.placement()).collect();
        let without = [StaffId(1)];
        let change = Change { from: at(180), without: &without, locked: &[], done: &[] };
        let replan_ms = fastest_ms(|| replan(&day, &existing, &change, &mut || ()).moved.len());
        if is_plain {
            println!("{plan_ms:.3} {replan_ms:.3}");
            continue;
        }
        println!(
            "{visits:6} {workers:7} {areas:5} | {plan_ms:7.2}  {rows:13}  {:6}  {:5} | {replan_ms:9.2}  {:5}",
            planned.assignments.len(),
            planned.moves.len(),
            replan(&day, &existing, &change, &mut || ()).moved.len(),
        );
    }
}

fn fastest_ms(run: impl Fn() -> usize) -> f64 {
    let mut times: Vec<_> = (0..RUNS)
        .map(|_| {
            let began = Clock::now();
            std::hint::black_box(run());
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[0]
}

/// Sunrise at minute 0, noon at minute 360; the areas lie in a row, each beside two others on either side.
fn day(visits: i64, workers: i64, areas: i64) -> Day {
    let mut dice = Dice(7);
    let areas_of = |id: i64| {
        let beside = [id - 2, id - 1, id + 1, id + 2].into_iter().filter(|other| (1..=areas).contains(other));
        let travel = |other: i64| Minutes(4 * (other - id).abs() as i32);
        Area {
            id: AreaId(id),
            name: format!("area_{id}"),
            is_walkable: id % 3 != 0,
            travel: Minutes(1),
            tolerance: Minutes(10),
            smoothing_percent: 15,
            smoothing_max_cost: None,
            neighbors: beside.map(|other| Neighbor { area: AreaId(other), travel: travel(other) }).collect(),
            takes_help: true,
            weights: CostWeights {
                remaining_capacity: 1,
                travel: 2,
                continuity: 60,
                experience: 1,
                punctuality: 0,
            },
        }
    };
    let worker = |id: i64, dice: &mut Dice| Worker {
        id: StaffId(id),
        home_area: AreaId((id - 1) % areas + 1),
        on_duty: vec![Span { start: at(0), end: at(360) }],
        capacity: Minutes(280 + dice.roll(60)),
        skills: SKILLS.iter().filter(|_| dice.roll(4) > 0).map(|skill| (*skill).to_owned()).collect(),
        is_walk_only: dice.roll(8) == 0,
        is_smoothed: dice.roll(10) > 0,
    };
    let visit = |id: i64, dice: &mut Dice| {
        let opens = dice.roll(300);
        let last = StaffId(i64::from(dice.roll(workers as i32)) + 1);
        VisitRequest {
            id: VisitId(id),
            client: ClientId(id),
            area: Some(AreaId((id - 1) % areas + 1)),
            kind: if dice.roll(30) == 0 { VisitKind::Redo } else { VisitKind::Scheduled },
            duration: Minutes(3 + dice.roll(6)),
            skills: SKILLS.iter().filter(|_| dice.roll(8) == 0).map(|skill| (*skill).to_owned()).collect(),
            tier: dice.roll(3),
            access: Access::Open,
            windows: vec![Span { start: at(opens), end: at(opens + 60 + dice.roll(300)) }],
            usual_order: id as i32,
            last_worker: Some(last),
            usual_start: None,
            experience: vec![Experience { worker: last, visits: dice.roll(12) }],
        }
    };
    Day {
        areas: (1..=areas).map(areas_of).collect(),
        workers: (1..=workers).map(|id| worker(id, &mut dice)).collect(),
        visits: (1..=visits).map(|id| visit(id, &mut dice)).collect(),
        locked: Vec::new(),
    }
}

fn at(minute: i32) -> Instant {
    Instant(0) + Minutes(minute)
}

/// Numbers that look random and are always the same.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: i32) -> i32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % sides.max(1) as u64) as i32
    }
}
