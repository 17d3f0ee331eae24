//! Decisions in words.

use std::collections::BTreeMap;

use crate::rounds::cases::{plan, replan};
use pg_clinic_core::ids::{StaffId, VisitId};
use pg_clinic_core::rounds::*;
use pg_clinic_core::time::interval::Minutes;
use pg_clinic_core::time::zone::Zone;

use super::cases::*;

/// The plan of a visit in a sentence. Workers 1 and 2 are Ana and Ben; the others' names aren't known.
fn text_of(day: &Day, plan: &RoundsPlan, visit: i64) -> Option<String> {
    let names = BTreeMap::from([(StaffId(1), "Ana".to_owned()), (StaffId(2), "Ben".to_owned())]);
    explain(day, plan, &Zone::fixed(0).named("Etc/UTC"), WorkerNames(&names), VisitId(visit))
}

fn said(day: &Day, visit: i64) -> String {
    text_of(day, &plan(day), visit).expect("an explanation")
}

fn skilled(worker: Worker) -> Worker {
    Worker { skills: vec!["wound_care".to_owned()], ..worker }
}

fn wound(id: i64) -> VisitRequest {
    VisitRequest { skills: vec!["wound_care".to_owned()], ..visit(id, 1, 30) }
}

#[test]
fn who_was_chosen_and_why_not_the_others() {
    let workers = vec![
        skilled(worker(4, 1, 180)),
        skilled(worker(7, 1, 210)),
        skilled(worker(8, 1, 210)),
        worker(9, 1, 300),
    ];
    let given = day(vec![area(1)], workers, vec![wound(1)]);
    assert_eq!(
        said(&given, 1),
        "worker 7: most remaining capacity (210 min) of the 3 in north_1 (area 1) with the skill wound_care; worker 8 \
         had 210 too; the lower id goes; worker 4 had 180; worker 9 lacks the skill wound_care; starts at 06:00; times in \
         Etc/UTC"
    );
    assert_eq!(text_of(&given, &plan(&given), 2), None);
}

#[test]
fn costs_are_listed_by_term() {
    let weights =
        CostWeights { remaining_capacity: 1, travel: 0, continuity: 50, experience: 1, punctuality: 0 };
    let client = VisitRequest {
        last_worker: Some(StaffId(1)),
        experience: vec![Experience { worker: StaffId(1), visits: 7 }],
        ..visit(1, 1, 30)
    };
    let areas = vec![Area { weights, ..area(1) }];
    assert_eq!(
        said(&day(areas, vec![worker(1, 1, 100), worker(2, 1, 120)], vec![client]), 1),
        "Ana (worker 1): lowest cost (23: remaining_capacity 20, experience 3) of the 2 in north_1 (area 1); Ben (worker 2) \
         would cost 60: continuity 50, experience 10; starts at 06:00; times in Etc/UTC"
    );
}

#[test]
fn help_smoothing_locks_and_kept_visits_are_explained() {
    let areas = vec![beside(area(1), 2, 5), area(2)];
    let busy = Worker { capacity: Minutes(10), ..worker(1, 1, 0) };
    let mut given = day(areas, vec![busy, worker(2, 2, 60)], vec![visit(1, 1, 30)]);
    assert_eq!(
        said(&given, 1),
        "Ben (worker 2): the only one beside north_1 (area 1) who can; Ana (worker 1) had 10 min left of the 30 needed; \
         starts at 06:05; times in Etc/UTC"
    );
    given.locked = vec![placement(1, 1, 60)];
    assert_eq!(said(&given, 1), "Ana (worker 1) at 07:00: locked; times in Etc/UTC");
    let kept = replan(
        &given,
        &[placement(1, 1, 60)],
        &Change { from: at(70), without: &[], locked: &[], done: &[] },
    );
    assert_eq!(
        text_of(&given, &kept.plan, 1).expect("an explanation"),
        "Ana (worker 1) at 07:00: stays with the worker who had it; times in Etc/UTC"
    );

    let weights = CostWeights { remaining_capacity: 0, experience: 1, ..CostWeights::DEFAULT };
    let experience = vec![Experience { worker: StaffId(1), visits: 10 }];
    let known = |id| VisitRequest { experience: experience.clone(), ..visit(id, 1, 30) };
    let lopsided = day(
        vec![Area { weights, ..area(1) }],
        vec![worker(1, 1, 90), worker(2, 1, 90)],
        vec![known(1), known(2)],
    );
    assert_eq!(
        said(&lopsided, 1),
        "Ana (worker 1): lowest cost (0) of the 2 in north_1 (area 1); Ben (worker 2) would cost 10: experience 10; starts \
         at 06:00; then smoothing gave it to Ben (worker 2), starting at 06:00: Ana (worker 1) had 60 min of visits, 100 % \
         over the area's mean of 30, and Ben (worker 2) had 0; times in Etc/UTC"
    );
}

#[test]
fn an_unplaced_visit_lists_who_might_have_gone() {
    let areas = vec![Area { takes_help: false, ..beside(area(1), 2, 5) }, area(2)];
    let workers = vec![
        skilled(worker(1, 1, 20)),
        worker(2, 1, 90),
        Worker { on_duty: vec![], ..skilled(worker(3, 1, 90)) },
        skilled(worker(5, 2, 90)),
    ];
    let given = day(areas, workers, vec![wound(1), VisitRequest { area: None, ..visit(2, 1, 30) }]);
    assert_eq!(
        said(&given, 1),
        "not placed (capacity_exceeded); Ana (worker 1) had 20 min left of the 30 needed; Ben (worker 2) lacks the skill \
         wound_care; worker 3 isn't on duty; north_2 (area 2) has room: up to 90 min, worker 5"
    );
    assert_eq!(said(&given, 2), "not placed (no_eligible_worker); the client is in no area");
    assert_eq!(
        said(&day(vec![area(1)], vec![], vec![visit(1, 1, 5)]), 1),
        "not placed (no_eligible_worker); there is no worker"
    );
}

#[test]
fn changes_outside_the_functions_are_mentioned() {
    let given = day(vec![area(1)], vec![worker(1, 1, 180), worker(2, 1, 90)], vec![visit(1, 1, 30)]);
    let mut edited = plan(&given);
    edited.assignments[0].worker = StaffId(2);
    let moved = text_of(&given, &edited, 1).expect("an explanation");
    assert!(
        moved.ends_with("; then moved to Ben (worker 2) at 06:00 outside the functions; times in Etc/UTC")
    );
    edited.assignments.clear();
    let removed = text_of(&given, &edited, 1).expect("an explanation");
    assert!(removed.ends_with("; then removed outside the functions; times in Etc/UTC"));
}
