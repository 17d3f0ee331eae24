//! Planning the rest of a day anew, and comparing days.

use crate::rounds::cases::{plan, replan};
use pg_clinic_core::ids::*;
use pg_clinic_core::reports::churn::{ClientChange, churn};
use pg_clinic_core::rounds::*;
use pg_clinic_core::time::interval::Minutes;
use pg_clinic_core::time::zone::Zone;

use super::cases::*;

/// Worker 1 has visits 1 and 3, worker 2 visits 2 and 4; each takes an hour.
fn working_day() -> (Day, Vec<Placement>) {
    let day = day(
        vec![area(1)],
        vec![worker(1, 1, 360), worker(2, 1, 360)],
        (1..=4).map(|id| visit(id, 1, 60)).collect(),
    );
    let existing = placements(&plan(&day));
    assert_eq!(existing, [placement(1, 1, 0), placement(2, 2, 0), placement(3, 1, 60), placement(4, 2, 60)]);
    (day, existing)
}

fn change(from: i32) -> Change<'static> {
    Change { from: at(from), without: &[], locked: &[], done: &[] }
}

#[test]
fn what_an_absent_worker_has_not_done_goes_to_others() {
    let (day, existing) = working_day();
    let after =
        replan(&day, &existing, &Change { without: &[StaffId(1)], done: &[VisitId(1)], ..change(70) });
    assert_eq!(placed(&after.plan), [(1, 1, 0), (2, 2, 0), (3, 2, 120), (4, 2, 60)]);
    let moved = Moved {
        visit: VisitId(3),
        reason: MoveReason::WorkerAway,
        before: Some(placement(3, 1, 60)),
        after: Some(placement(3, 2, 120)),
        was_locked: false,
    };
    assert_eq!(after.moved, [moved]);
    assert_eq!(after.plan.trace[3].decision, Decision::Kept(placement(4, 2, 60)));
    // Worker 1 is traced as away.
    let away = after.plan.trace[2].considered[0];
    assert_eq!((away.worker, away.judgment), (StaffId(1), Judgment::PassedOver(PassedOver::NotOnDuty)));
}

#[test]
fn a_lock_on_an_absent_worker_cannot_hold_and_is_reported() {
    let (day, existing) = working_day();
    let locked = [VisitId(3), VisitId(4)];
    let after = replan(&day, &existing, &Change { without: &[StaffId(1)], locked: &locked, ..change(30) });
    let listed: Vec<_> = after.moved.iter().map(|row| (row.visit.0, row.was_locked)).collect();
    assert_eq!(listed, [(1, false), (3, true)]);
    assert_eq!(after.plan.trace[3].decision, Decision::Locked(placement(4, 2, 60)));
}

#[test]
fn what_somebody_gave_to_a_full_worker_takes_no_other_visit_its_place() {
    let (mut day, mut existing) = working_day();
    day.workers[0].capacity = Minutes(120);
    day.visits.push(VisitRequest { kind: VisitKind::WalkIn, ..visit(5, 1, 60) });
    existing.push(placement(5, 1, 120));
    let locked = [VisitId(5)];
    // The day before it begins, and while that visit is under way.
    for (from, done) in [(0, vec![]), (130, [1, 3, 5].map(VisitId).to_vec())] {
        let change = Change { locked: &locked, done: &done, ..change(from) };
        assert_eq!(replan(&day, &existing, &change).moved, []);
    }
    // Where it should have begun and hasn't, it stays with the worker.
    let late = Change { locked: &locked, done: &[VisitId(1), VisitId(3)], ..change(130) };
    assert_eq!(placed(&replan(&day, &existing, &late).plan)[4], (5, 1, 130));
    // Nobody's word holds it: the last one has no place.
    assert_eq!(replan(&day, &existing, &change(0)).moved.len(), 1);
}

#[test]
fn a_lock_gives_a_visit_to_another_than_has_it() {
    let (mut day, existing) = working_day();
    day.locked = vec![placement(3, 2, 180), placement(1, 2, 300)];
    // Visit 1 is under way.
    let after = replan(&day, &existing, &change(30));
    assert_eq!(placed(&after.plan), [(1, 1, 0), (2, 2, 0), (3, 2, 180), (4, 2, 60)]);
    let moved: Vec<_> = after.moved.iter().map(|row| (row.visit.0, row.reason)).collect();
    assert_eq!(moved, [(3, MoveReason::Locked)]);
}

#[test]
fn what_should_have_begun_and_has_not_stays_with_its_worker_where_that_can_be() {
    let (mut day, existing) = working_day();
    // Worker 2, too, should be at the second visit, but has noted nothing: that visit is under way, for all we know.
    let late = Change { done: &[VisitId(1)], ..change(90) };
    let after = replan(&day, &existing, &late);
    let moved: Vec<_> = after.moved.iter().map(|row| (row.visit.0, row.reason, row.after)).collect();
    assert_eq!(moved, [(3, MoveReason::NotBegun, Some(placement(3, 1, 90)))]);
    day.visits[2].windows = vec![span(0, 140)];
    let after = replan(&day, &existing, &late);
    assert_eq!((after.moved[0].after, left(&after.plan).len()), (None, 1));
}

#[test]
fn a_walk_in_takes_free_time_from_now_on_and_moves_nobody() {
    let (mut day, existing) = working_day();
    day.visits.push(VisitRequest { kind: VisitKind::WalkIn, ..visit(5, 1, 30) });
    let after = replan(&day, &existing, &change(130));
    assert_eq!(placed(&after.plan)[4], (5, 1, 130));
    assert_eq!(
        after.moved.iter().map(|row| (row.visit.0, row.reason)).collect::<Vec<_>>(),
        [(5, MoveReason::New)]
    );

    day.visits[4].windows = vec![span(60, 110)];
    let after = replan(&day, &existing, &change(30));
    assert_eq!(left(&after.plan), [(5, "walk_in", "window_unmatched")]);
    assert_eq!(after.moved, []);
}

#[test]
fn what_changed_is_placed_anew_or_dropped() {
    let (mut day, existing) = working_day();
    day.visits[3].windows = vec![span(0, 200)];
    day.visits[3].duration = Minutes(80);
    day.visits[2].windows = vec![span(200, 300)];
    day.visits.remove(1);
    let after = replan(&day, &existing, &change(0));
    let listed: Vec<_> = after
        .moved
        .iter()
        .map(|row| (row.visit.0, row.reason, row.after.map(|new| minute(new.start))))
        .collect();
    assert_eq!(listed, [(2, MoveReason::NoLongerDue, None), (3, MoveReason::NoLongerFits, Some(200))]);
}

#[test]
fn churn_counts_clients_with_another_worker() {
    let (mut day, existing) = working_day();
    let before = plan(&day);
    let same = churn(&Zone::fixed(0), &before, &before);
    assert_eq!((same.same_worker, same.other_worker, same.percent(), same.changes.len()), (4, 0, Some(0), 0));

    day.visits.remove(0);
    day.visits.push(visit(9, 1, 60));
    let after = replan(&day, &existing, &Change { without: &[StaffId(2)], ..change(0) }).plan;
    let churn = churn(&Zone::fixed(0), &before, &after);
    assert_eq!((churn.same_worker, churn.other_worker, churn.percent()), (1, 2, Some(67)));
    assert_eq!(churn.moved_minutes(), Some(20));
    assert_eq!((churn.added, churn.dropped), (vec![ClientId(9)], vec![ClientId(1)]));
    let (old_worker, new_worker) = (StaffId(2), StaffId(1));
    let moved = |client, later| ClientChange {
        client: ClientId(client),
        old_worker,
        new_worker,
        later: Minutes(later),
    };
    assert_eq!(churn.changes, [moved(2, 0), moved(4, 60)]);
}
