//! What a plan breaks once people have edited it, or rows have changed since.

use pg_clinic_core::rounds::*;
use proptest::prelude::*;

use super::cases::*;

/// What is broken: visit and reason.
fn found(day: &Day, placements: &[Placement]) -> Vec<(i64, &'static str)> {
    broken(day, placements).iter().map(|row| (row.placement.visit.0, row.reason.as_str())).collect()
}

#[test]
fn each_reason_is_found() {
    let visits = (1..=3).map(|id| visit(id, 1, 20)).collect();
    let good = day(vec![area(1)], vec![worker(1, 1, 60)], visits);
    let placed = [placement(1, 1, 0), placement(2, 1, 20), placement(3, 1, 40)];
    assert_eq!(found(&good, &placed), []);
    assert_eq!(found(&good, &[placement(1, 1, 0), placement(2, 1, 10)]), [(1, "not_free"), (2, "not_free")]);

    let changed = |change: &dyn Fn(&mut Worker, &mut VisitRequest)| {
        let mut day = good.clone();
        change(&mut day.workers[0], &mut day.visits[1]);
        found(&day, &placed)
    };
    assert_eq!(changed(&|worker, _| worker.capacity.0 = 59), [(3, "capacity_exceeded")]);
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
        prop_assert_eq!(found(&day, &placements(&plan(&day))), []);
    }
}
