//! The smoothing pass.

use crate::rounds::cases::plan;
use pg_clinic_core::ids::{StaffId, VisitId};
use pg_clinic_core::rounds::*;
use pg_clinic_core::time::interval::Minutes;

use super::cases::*;

/// Whoever knows a client goes there.
const EXPERIENCE_ALONE: CostWeights =
    CostWeights { remaining_capacity: 0, travel: 0, continuity: 0, experience: 1, punctuality: 0 };

fn known_to(worker: i64, visit: VisitRequest) -> VisitRequest {
    VisitRequest { experience: vec![Experience { worker: StaffId(worker), visits: 5 }], ..visit }
}

/// Everybody knows worker 1, who gets all the visits: of 10, 20 and 60 minutes.
fn lopsided() -> Day {
    let known = |id, minutes| known_to(1, visit(id, 1, minutes));
    let visits = vec![known(1, 60), known(2, 20), known(3, 10)];
    day(
        vec![Area { weights: EXPERIENCE_ALONE, ..area(1) }],
        vec![worker(1, 1, 360), worker(2, 1, 360)],
        visits,
    )
}

fn moved(day: &Day) -> Vec<(i64, i64, i64)> {
    plan(day).moves.iter().map(|row| (row.visit.0, row.old_worker.0, row.new_worker.0)).collect()
}

#[test]
fn the_shortest_visits_move_until_the_loads_are_near_the_mean() {
    let planned = plan(&lopsided());
    // The mean is 45. After 10 and 20 minutes worker 1 has 60: still above, but 60 more would only turn the tables.
    assert_eq!(moved(&lopsided()), [(3, 1, 2), (2, 1, 2)]);
    assert_eq!(placed(&planned), [(1, 1, 0), (2, 2, 10), (3, 2, 0)]);
    let first = planned.moves[0];
    assert_eq!((first.old_load, first.new_load, first.mean_load), (Minutes(90), Minutes(0), Minutes(45)));
    assert_eq!((first.old_start, first.new_start), (at(80), at(0)));
    // The trace keeps the original.
    assert_eq!(planned.trace_of(VisitId(3)).unwrap().decision, Decision::Chosen(placement(3, 1, 80)));
}

#[test]
fn skill_window_capacity_and_lock_are_kept() {
    let without = |change: fn(&mut Day)| {
        let mut day = lopsided();
        change(&mut day);
        moved(&day)
    };
    let needs_skill = |day: &mut Day| {
        day.visits[2].skills.push("infusion".to_owned());
        day.workers[0].skills.push("infusion".to_owned());
    };
    assert_eq!(without(needs_skill), [(2, 1, 2)]);
    assert_eq!(without(|day| day.workers[1].capacity = Minutes(10)), [(3, 1, 2)]);
    assert_eq!(without(|day| day.workers[1].on_duty = vec![span(0, 25)]), [(3, 1, 2)]);
    assert_eq!(without(|day| day.locked = vec![placement(3, 1, 100)]), [(2, 1, 2)]);
    assert_eq!(without(|day| day.workers[1].is_smoothed = false), []);
    assert_eq!(without(|day| day.workers[0].is_smoothed = false), []);
}

#[test]
fn the_weights_of_the_area_say_who_moves() {
    let mut day = lopsided();
    day.visits[2].last_worker = Some(StaffId(1));
    day.visits[1].last_worker = Some(StaffId(2));
    assert_eq!(moved(&day), [(3, 1, 2), (2, 1, 2)]);
    // Whom worker 2 visited last goes first. A familiar face costs something, but pins nobody.
    day.areas[0].weights = CostWeights { continuity: 1, ..EXPERIENCE_ALONE };
    assert_eq!(moved(&day), [(2, 1, 2), (3, 1, 2)]);
    // The first costs 5 points of experience less one of continuity, the second 5 and one more.
    day.areas[0].smoothing_max_cost = Some(5);
    assert_eq!(moved(&day), [(2, 1, 2)]);
    day.areas[0].smoothing_max_cost = Some(3);
    assert_eq!(moved(&day), []);
}

#[test]
fn smoothing_goes_on_while_somebody_is_above() {
    let visits = (1..=24).map(|id| known_to(1 + i64::from(id > 11) + i64::from(id > 17), visit(id, 1, 30)));
    let workers = vec![worker(1, 1, 360), worker(2, 1, 360), worker(3, 1, 360)];
    let mut day = day(vec![Area { weights: EXPERIENCE_ALONE, ..area(1) }], workers, visits.collect());
    let loads = |day: &Day| plan(day).loads.iter().map(|load| load.load.0).collect::<Vec<_>>();
    // 330, 180 and 210 before.
    assert_eq!(loads(&day), [270, 240, 210]);
    day.areas[0].smoothing_percent = 30;
    assert_eq!(loads(&day), [300, 210, 210]);
    day.areas[0].smoothing_percent = 0;
    assert_eq!(loads(&day), [240, 240, 240]);
}

#[test]
fn a_visit_to_redo_keeps_its_place() {
    let mut day = lopsided();
    day.visits[2].kind = VisitKind::Redo;
    assert_eq!(moved(&day), [(2, 1, 2)]);
}

#[test]
fn within_15_percent_nothing_moves() {
    let two = |one: i32, other: i32| {
        let of = |id, who, minutes| known_to(who, visit(id, 1, minutes));
        let visits = vec![of(1, 1, 5), of(2, 1, one - 5), of(3, 2, other)];
        moved(&day(
            vec![Area { weights: EXPERIENCE_ALONE, ..area(1) }],
            vec![worker(1, 1, 360), worker(2, 1, 360)],
            visits,
        ))
    };
    assert_eq!(two(115, 85), []);
    assert_eq!(two(116, 84), [(1, 1, 2)]);
}
