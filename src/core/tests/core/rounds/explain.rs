//! Decisions in words.

use pg_clinic_core::ids::{StaffId, VisitId};
use pg_clinic_core::rounds::*;
use pg_clinic_core::time::interval::Minutes;
use pg_clinic_core::time::zone::Zone;

use super::cases::*;

fn said(day: &Day, visit: i64) -> String {
    explain(day, &plan(day), &Zone::fixed(0), VisitId(visit)).expect("an explanation")
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
    let asked = day(vec![area(1)], workers, vec![wound(1)]);
    assert_eq!(
        said(&asked, 1),
        "worker 7: most remaining capacity (210 min) of the 3 in area north_1 with the skill wound_care; worker 8 had \
         210 too; the lower id goes; worker 4 had 180; worker 9 lacks the skill wound_care; starts at 06:00"
    );
    assert_eq!(explain(&asked, &plan(&asked), &Zone::fixed(0), VisitId(2)), None);
}

#[test]
fn costs_are_told_by_term() {
    let weights = CostWeights { remaining_capacity: 1, travel: 0, continuity: 50, experience: 1 };
    let client = VisitRequest {
        last_worker: Some(StaffId(1)),
        experience: vec![Experience { worker: StaffId(1), visits: 7 }],
        ..visit(1, 1, 30)
    };
    let areas = vec![Area { weights, ..area(1) }];
    assert_eq!(
        said(&day(areas, vec![worker(1, 1, 100), worker(2, 1, 120)], vec![client]), 1),
        "worker 1: lowest cost (23: remaining_capacity 20, experience 3) of the 2 in area north_1; worker 2 would cost \
         60: continuity 50, experience 10; starts at 06:00"
    );
}

#[test]
fn help_smoothing_locks_and_what_is_kept_are_told() {
    let areas = vec![beside(area(1), 2, 5), area(2)];
    let busy = Worker { capacity: Minutes(10), ..worker(1, 1, 0) };
    let mut asked = day(areas, vec![busy, worker(2, 2, 60)], vec![visit(1, 1, 30)]);
    assert_eq!(
        said(&asked, 1),
        "worker 2: the only one beside area north_1 who can; worker 1 had 10 min left of the 30 needed; starts at 06:05"
    );
    asked.locked = vec![placement(1, 1, 60)];
    assert_eq!(said(&asked, 1), "worker 1 at 07:00: locked");
    let kept = replan(
        &asked,
        &[placement(1, 1, 60)],
        &Change { from: at(70), without: &[], locked: &[], done: &[] },
    );
    assert_eq!(
        explain(&asked, &kept.plan, &Zone::fixed(0), VisitId(1)).expect("an explanation"),
        "worker 1 at 07:00: stays with the worker who had it"
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
        "worker 1: lowest cost (0) of the 2 in area north_1; worker 2 would cost 10: experience 10; starts at 06:00; then \
         smoothing gave it to worker 2, starting at 06:00: worker 1 had 60 min of visits and worker 2 had 0, the mean of \
         the area was 30"
    );
}

#[test]
fn what_is_not_placed_says_who_might_have_been() {
    let areas = vec![Area { takes_help: false, ..beside(area(1), 2, 5) }, area(2)];
    let workers = vec![
        skilled(worker(1, 1, 20)),
        worker(2, 1, 90),
        Worker { on_duty: vec![], ..skilled(worker(3, 1, 90)) },
        skilled(worker(5, 2, 90)),
    ];
    let asked = day(areas, workers, vec![wound(1), VisitRequest { area: None, ..visit(2, 1, 30) }]);
    assert_eq!(
        said(&asked, 1),
        "not placed (capacity_exceeded); worker 1 had 20 min left of the 30 needed; worker 2 lacks the skill \
         wound_care; worker 3 isn't on duty; area north_2 has room (up to 90 min; worker 5)"
    );
    assert_eq!(said(&asked, 2), "not placed (no_eligible_worker); the client is in no area");
    assert_eq!(
        said(&day(vec![area(1)], vec![], vec![visit(1, 1, 5)]), 1),
        "not placed (no_eligible_worker); there is no worker"
    );
}
