//! Rules that a plan breaks once people have edited it, or rows have changed since.

use crate::rounds::cases::plan;
use pg_clinic_core::ids::*;
use pg_clinic_core::rounds::*;
use proptest::prelude::*;

use super::cases::*;

/// Broken rules: visit and rule.
fn found(day: &Day, held: &[Held]) -> Vec<(i64, &'static str)> {
    broken(day, held).iter().map(|row| (row.held.visit.0, row.rule.as_str())).collect()
}

fn held(visit: i64, worker: i64, from: i32, to: i32) -> Held {
    Held { visit: VisitId(visit), worker: StaffId(worker), during: span(from, to) }
}

#[test]
fn each_reason_is_found() {
    let visits = (1..=3).map(|id| visit(id, 1, 20)).collect();
    let good = day(vec![area(1)], vec![worker(1, 1, 60)], visits);
    let placed = [held(1, 1, 0, 20), held(2, 1, 20, 40), held(3, 1, 40, 60)];
    assert_eq!(found(&good, &placed), []);
    assert_eq!(found(&good, &[held(1, 1, 0, 20), held(2, 1, 10, 30)]), [(1, "not_free"), (2, "not_free")]);
    // It took longer than planned.
    assert_eq!(found(&good, &[held(1, 1, 0, 25), held(2, 1, 20, 40)]), [(1, "not_free"), (2, "not_free")]);

    let changed = |change: &dyn Fn(&mut Worker, &mut VisitRequest)| {
        let mut day = good.clone();
        change(&mut day.workers[0], &mut day.visits[1]);
        found(&day, &placed)
    };
    assert_eq!(changed(&|worker, _| worker.capacity.0 = 59), [(3, "capacity_exceeded")]);
    let stranger = [held(1, 1, 0, 20), held(2, 9, 20, 40)];
    assert_eq!(found(&good, &stranger), [(2, "not_on_duty")]);
    // A stranger of a past date may have been a worker then.
    assert_eq!(broken_in_record(&good, &stranger, false), broken(&good, &stranger));
    assert_eq!(broken_in_record(&good, &stranger, true), []);
    let both = changed(&|worker, _| (worker.capacity.0, worker.on_duty) = (59, vec![span(0, 50)]));
    assert_eq!(both, [(3, "window_unmatched"), (3, "capacity_exceeded")]);
    assert_eq!(changed(&|_, visit| visit.skills = vec!["x".to_owned()]), [(2, "missing_skill")]);
    assert_eq!(changed(&|_, visit| visit.access = Access::NotApproved), [(2, "access_not_approved")]);
    assert_eq!(changed(&|_, visit| visit.windows = vec![span(25, 60)]), [(2, "window_unmatched")]);
    assert_eq!(changed(&|worker, _| worker.on_duty = vec![span(0, 50)]), [(3, "window_unmatched")]);
    let away = changed(&|worker, _| worker.on_duty.clear());
    assert_eq!(away, [(1, "not_on_duty"), (2, "not_on_duty"), (3, "not_on_duty")]);
}

proptest! {
    /// Planning and finding what is broken agree.
    #[test]
    fn a_plan_without_locks_breaks_nothing(day in prop_oneof![any_day().boxed(), roomy_day().boxed()]) {
        let plan = plan(&day);
        let held = plan.assignments.iter().map(|row| Held { visit: row.visit, worker: row.worker, during: row.during });
        prop_assert_eq!(found(&day, &held.collect::<Vec<_>>()), []);
    }
}
