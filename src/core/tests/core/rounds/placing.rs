//! To whom visits go, and what becomes of those that can't be placed.

use crate::rounds::cases::plan;
use pg_clinic_core::ids::*;
use pg_clinic_core::rounds::*;
use pg_clinic_core::time::interval::Minutes;

use super::cases::*;

#[test]
fn the_one_with_most_remaining_capacity_gets_it_and_ties_go_to_the_lower_id() {
    let workers = vec![worker(1, 1, 100), worker(2, 1, 120)];
    let visits = (1..=4).map(|id| visit(id, 1, 20)).collect();
    // 100 and 120 left; 100 each: worker 1; 80 and 100: worker 2; 80 each: worker 1.
    assert_eq!(
        placed(&plan(&day(vec![area(1)], workers, visits))),
        [(1, 2, 0), (2, 1, 0), (3, 2, 20), (4, 1, 20)]
    );
}

#[test]
fn redo_comes_first_then_the_window_then_the_usual_order_and_walk_ins_last() {
    let from = |id: i64, opens: i32| VisitRequest { windows: vec![span(opens, 360)], ..visit(id, 1, 10) };
    let visits = vec![
        VisitRequest { kind: VisitKind::WalkIn, ..visit(1, 1, 10) },
        VisitRequest { usual_order: 2, ..visit(2, 1, 10) },
        VisitRequest { usual_order: 1, ..visit(3, 1, 10) },
        from(4, 5),
        VisitRequest { kind: VisitKind::Redo, usual_order: 9, ..visit(5, 1, 10) },
    ];
    let planned = plan(&day(vec![area(1)], vec![worker(1, 1, 360)], visits));
    assert_eq!(placed(&planned), [(1, 1, 40), (2, 1, 20), (3, 1, 10), (4, 1, 30), (5, 1, 0)]);
}

#[test]
fn whom_any_time_suits_takes_no_place_from_who_can_be_visited_early_only() {
    let early = VisitRequest { windows: vec![span(0, 30)], usual_order: 2, ..visit(1, 1, 30) };
    let flexible = VisitRequest { windows: vec![ANY_TIME], usual_order: 1, ..visit(2, 1, 30) };
    let planned = plan(&day(vec![area(1)], vec![worker(1, 1, 60)], vec![early, flexible]));
    assert_eq!(placed(&planned), [(1, 1, 0), (2, 1, 30)]);
}

#[test]
fn ways_take_time_but_no_capacity_and_the_first_at_home_takes_none() {
    let areas = vec![Area { travel: Minutes(4), ..beside(area(1), 2, 10) }, area(2)];
    let visits = vec![visit(1, 1, 30), visit(2, 1, 30), visit(3, 2, 30)];
    let planned = plan(&day(areas, vec![worker(1, 1, 90)], visits));
    // Nobody lives in area 2: the neighbor's worker helps.
    assert_eq!(placed(&planned), [(1, 1, 0), (2, 1, 34), (3, 1, 74)]);
    assert_eq!(planned.assignments.iter().map(|row| row.travel.0).collect::<Vec<_>>(), [0, 4, 10]);
    assert_eq!((planned.loads[0].load, planned.loads[0].travel), (Minutes(90), Minutes(14)));
}

#[test]
fn a_gap_is_used_where_the_ways_leave_it() {
    let late = VisitRequest { kind: VisitKind::Redo, windows: vec![span(30, 60)], ..visit(1, 1, 30) };
    let areas = |travel| vec![Area { travel: Minutes(travel), ..area(1) }];
    let fits = |travel, minutes| {
        let visits = vec![late.clone(), visit(2, 1, minutes)];
        placed(&plan(&day(areas(travel), vec![worker(1, 1, 360)], visits)))[1].2
    };
    assert_eq!(fits(5, 25), 0);
    assert_eq!(fits(5, 26), 65);
}

#[test]
fn neighbors_help_only_after_all_areas_were_served_and_only_where_it_is_wanted() {
    let areas = |takes_help| vec![Area { takes_help, ..beside(area(1), 2, 0) }, area(2)];
    let visits = vec![visit(1, 1, 60), visit(2, 1, 60), visit(3, 2, 60)];
    let workers = vec![worker(1, 1, 60), worker(2, 2, 120)];
    let planned = plan(&day(areas(true), workers.clone(), visits.clone()));
    assert_eq!(placed(&planned), [(1, 1, 0), (2, 2, 60), (3, 2, 0)]);
    let considered = &planned.trace_of(VisitId(2)).unwrap().considered;
    assert_eq!(considered.iter().map(|row| row.worker.0).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(considered[0].judgment, Judgment::PassedOver(PassedOver::CapacityExceeded));

    let planned = plan(&day(areas(false), workers, visits));
    assert_eq!(left(&planned), [(2, "capacity_exceeded", "capacity_exceeded")]);
    let exception = &planned.exceptions[0];
    assert_eq!(exception.eligible_busy, [StaffId(1)]);
    let room = NearbyRoom { area: AreaId(2), workers: vec![StaffId(2)], most_remaining: Minutes(60) };
    assert_eq!(exception.nearby, [room]);
}

#[test]
fn weights_decide_who_goes() {
    let chosen = |weights: CostWeights| {
        let areas = vec![Area { weights, ..beside(beside(area(1), 2, 2), 3, 9) }, area(2), area(3)];
        let client = VisitRequest {
            last_worker: Some(StaffId(3)),
            experience: vec![Experience { worker: StaffId(4), visits: 8 }],
            ..visit(1, 1, 30)
        };
        let workers = vec![worker(1, 2, 60), worker(2, 3, 90), worker(3, 3, 50), worker(4, 3, 40)];
        placed(&plan(&day(areas, workers, vec![client])))[0].1
    };
    let none = CostWeights { remaining_capacity: 0, travel: 0, continuity: 0, experience: 0, punctuality: 0 };
    assert_eq!(chosen(none), 1);
    assert_eq!(chosen(CostWeights::DEFAULT), 2);
    assert_eq!(chosen(CostWeights { travel: 1, ..none }), 1);
    assert_eq!(chosen(CostWeights { continuity: 1, ..none }), 3);
    assert_eq!(chosen(CostWeights { experience: 1, ..none }), 4);
    // 40 min less capacity than worker 2 weigh more than 39 points of continuity.
    assert_eq!(chosen(CostWeights { continuity: 39, ..CostWeights::DEFAULT }), 2);
    assert_eq!(chosen(CostWeights { continuity: 41, ..CostWeights::DEFAULT }), 3);
}

#[test]
fn every_reason_is_found() {
    let reason = |change: fn(&mut Area, &mut Worker, &mut VisitRequest)| {
        let (mut area, mut worker, mut visit) = (area(1), worker(1, 1, 60), visit(1, 1, 30));
        change(&mut area, &mut worker, &mut visit);
        let planned = plan(&day(vec![area], vec![worker], vec![visit]));
        match planned.trace[0].considered.first().map(|row| row.judgment) {
            Some(Judgment::PassedOver(reason)) => (reason.as_str(), left(&planned)[0].1),
            _ => ("", left(&planned).first().map_or("planned", |row| row.1)),
        }
    };
    assert_eq!(reason(|_, _, _| ()), ("", "planned"));
    assert_eq!(reason(|_, _, visit| visit.access = Access::ApprovedBy("chief".to_owned())), ("", "planned"));
    assert_eq!(
        reason(|_, _, visit| visit.access = Access::NotApproved),
        ("access_not_approved", "no_eligible_worker")
    );
    assert_eq!(reason(|_, worker, _| worker.on_duty.clear()), ("not_on_duty", "no_eligible_worker"));
    assert_eq!(
        reason(|_, _, visit| visit.skills.push("infusion".to_owned())),
        ("missing_skill", "no_eligible_worker")
    );
    let walks = |area: &mut Area, worker: &mut Worker, _: &mut VisitRequest| {
        (area.is_walkable, worker.is_walk_only) = (false, true);
    };
    assert_eq!(reason(walks), ("not_walkable", "no_eligible_worker"));
    assert_eq!(
        reason(|_, _, visit| visit.windows = vec![span(0, 29)]),
        ("window_unmatched", "window_unmatched")
    );
    assert_eq!(reason(|_, _, visit| visit.windows.clear()), ("window_unmatched", "window_unmatched"));
    assert_eq!(
        reason(|_, worker, _| worker.capacity = Minutes(0)),
        ("capacity_exceeded", "capacity_exceeded")
    );
    assert_eq!(reason(|_, _, visit| visit.kind = VisitKind::WalkIn), ("", "planned"));
    assert_eq!(
        reason(|_, worker, visit| (visit.kind, worker.capacity) = (VisitKind::WalkIn, Minutes(0))),
        ("capacity_exceeded", "walk_in")
    );
    assert_eq!(reason(|_, _, visit| visit.area = None), ("", "no_eligible_worker"));
    assert_eq!(reason(|_, worker, _| worker.home_area = AreaId(9)), ("", "no_eligible_worker"));
    assert_eq!(plan(&Day::default()), RoundsPlan::default());
}

#[test]
fn a_day_that_is_full_at_that_hour_is_a_window_unmatched() {
    let narrow = |id| VisitRequest { windows: vec![span(0, 40)], ..visit(id, 1, 30) };
    let planned = plan(&day(vec![area(1)], vec![worker(1, 1, 360)], vec![narrow(1), narrow(2)]));
    assert_eq!(left(&planned), [(2, "window_unmatched", "window_unmatched")]);
    assert_eq!(planned.trace[1].considered[0].judgment, Judgment::PassedOver(PassedOver::NotFree));
}

#[test]
fn a_walker_helps_only_between_walkable_areas() {
    let helped = |home_is_walkable| {
        let home = Area { is_walkable: home_is_walkable, ..area(2) };
        let walker = Worker { is_walk_only: true, ..worker(1, 2, 60) };
        placed(&plan(&day(vec![beside(area(1), 2, 5), home], vec![walker], vec![visit(1, 1, 30)]))).len()
    };
    assert_eq!((helped(true), helped(false)), (1, 0));
}

#[test]
fn a_lock_stands_even_where_it_breaks_a_rule() {
    let mut given =
        day(vec![area(1)], vec![worker(1, 1, 60), worker(2, 1, 10)], vec![visit(1, 1, 30), visit(2, 1, 30)]);
    given.locked = vec![placement(1, 2, 350), placement(7, 1, 0), placement(2, 9, 0)];
    let planned = plan(&given);
    assert_eq!(placed(&planned), [(1, 2, 350), (2, 1, 0)]);
    assert_eq!(planned.trace[0].decision, Decision::Locked(placement(1, 2, 350)));
}

#[test]
fn names_of_codes_can_be_read_back() {
    assert!(PassedOver::ALL.into_iter().all(|code| PassedOver::parse(code.as_str()) == Some(code)));
    assert!(ExceptionKind::ALL.into_iter().all(|code| ExceptionKind::parse(code.as_str()) == Some(code)));
    assert!(VisitKind::ALL.into_iter().all(|code| VisitKind::parse(code.as_str()) == Some(code)));
    assert!(ClientEventKind::ALL.into_iter().all(|code| ClientEventKind::parse(code.as_str()) == Some(code)));
    assert!(MoveReason::ALL.into_iter().all(|code| !code.as_str().is_empty()));
}
