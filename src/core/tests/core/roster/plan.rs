//! Plans beside each other, and fingerprints: which input they distinguish.

use pg_clinic_core::fingerprint::{self, Comparison};
use pg_clinic_core::ids::{PlanId, ShiftId, StaffId};
use pg_clinic_core::plans::LockAction;
use pg_clinic_core::roster::catalog::RuleKind;
use pg_clinic_core::roster::debt::{Counted, Debt};
use pg_clinic_core::roster::fingerprint::{fingerprint, shifts_hash};
use pg_clinic_core::roster::instance::Pair;
use pg_clinic_core::roster::plan::{Change, compare, is_locked};
use pg_clinic_core::roster::problem::{Lock, Problem};

use super::problems::{date, person, shift, soft, week};

fn working(pairs: &[(i64, i64)]) -> Vec<(StaffId, ShiftId)> {
    pairs.iter().map(|&(staff, shift)| (StaffId(staff), ShiftId(shift))).collect()
}

fn change(shift: i64, before: Option<i64>, after: Option<i64>) -> Change {
    Change { shift: ShiftId(shift), before: before.map(StaffId), after: after.map(StaffId) }
}

#[test]
fn what_differs_is_told_by_shift_and_who_stays_is_left_out() {
    let a = working(&[(1, 10), (2, 10), (3, 11), (4, 12), (6, 14)]);
    let b = working(&[(5, 10), (2, 10), (3, 11), (4, 13), (7, 14), (6, 14)]);
    let expected = [
        change(10, Some(1), Some(5)),
        change(12, Some(4), None),
        change(13, None, Some(4)),
        change(14, None, Some(7)),
    ];
    assert_eq!(compare(&a, &b), expected);
    assert_eq!(compare(&a, &a), []);
}

fn problem() -> Problem {
    week(vec![person(1), person(2)], vec![shift(10, 0, 8, "day"), shift(11, 1, 8, "day")], Vec::new())
}

fn lock(id: i64, action: LockAction) -> Lock {
    Lock { id, action, staff: Some(StaffId(1)), shift: None, from: None, to: Some(date(0)) }
}

#[test]
fn fingerprints_tell_input_apart() {
    let same = fingerprint(&problem());
    assert_eq!(fingerprint(&problem()), same);
    let shifts = same.split('.').next();
    let changes: [fn(&mut Problem); 6] = [
        |problem| problem.staff[0].contract_percent = 50,
        |problem| problem.staff[1].skills.push("surgery".into()),
        |problem| problem.worked.push((StaffId(1), ShiftId(9))),
        |problem| problem.locks.push(lock(1, LockAction::Keep)),
        |problem| problem.debts.push(Debt { staff: StaffId(1), counted: Counted::Matches, debt: 2 }),
        |problem| {
            problem.rules = pg_clinic_core::roster::settings::Rules::new(vec![soft(RuleKind::MinRest, 60)])
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut other = problem();
        change(&mut other);
        let other = fingerprint(&other);
        assert_ne!(other, same, "change {number}");
        assert_eq!(other.split('.').next(), shifts, "change {number} is none of the shifts");
    }
    let compare = |problem: &Problem| fingerprint::compare(Some(&same), &shifts_hash(&problem.shifts));
    assert_eq!(compare(&problem()), Comparison::Same);
    let mut other = problem();
    other.shifts[1].staff_needed = 2;
    assert_eq!(compare(&other), Comparison::Changed);
}

#[test]
fn copies_of_locks_and_the_plans_own_id_dont_matter() {
    let with = |plan: i64, first: i64, second: i64| {
        let mut problem = problem();
        problem.plan = Some(PlanId(plan));
        let mut locks = vec![lock(first, LockAction::Keep), lock(second, LockAction::Forbid)];
        locks.sort_by_key(|lock| lock.id);
        problem.locks = locks;
        fingerprint(&problem)
    };
    assert_eq!(with(1, 1, 2), with(7, 9, 8));
}

#[test]
fn a_lock_fixes_what_it_matches() {
    let mut problem = problem();
    let locked = |problem: &Problem| {
        [(0, 0), (0, 1), (1, 0)].map(|(staff, shift)| is_locked(problem, Pair { staff, shift }))
    };
    problem.locks = vec![lock(1, LockAction::Forbid)];
    assert_eq!(locked(&problem), [false, false, false]);
    problem.locks = vec![lock(1, LockAction::Keep)];
    assert_eq!(locked(&problem), [true, false, false]);
    problem.locks =
        vec![Lock { staff: None, shift: Some(ShiftId(10)), to: None, ..lock(1, LockAction::Keep) }];
    assert_eq!(locked(&problem), [true, false, true]);
}
