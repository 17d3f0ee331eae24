//! Rules that a roster breaks because locks keep it: listed, and forgiven only where they are past.

use std::ops::ControlFlow;

use pg_clinic_core::ids::{ShiftId, StaffId};
use pg_clinic_core::plans::LockAction;
use pg_clinic_core::roster::broken::{broken, broken_by_kept};
use pg_clinic_core::roster::catalog::{Mode, Period, RuleKind};
use pg_clinic_core::roster::instance::Pair;
use pg_clinic_core::roster::problem::{Lock, Problem};
use pg_clinic_core::roster::settings::RuleKey;
use pg_clinic_core::time::interval::Instant;

use super::problems::{person, rule, shift, span, week};

/// Nobody has more than one shift a week. Ana (0) had the first two, nobody the third, and all of it is kept; the fourth
/// is still to be planned.
fn kept() -> Problem {
    let one_a_week = RuleKey { period: Some(Period::Week), ..RuleKey::of(RuleKind::MaxShifts) };
    let rules = vec![
        rule(RuleKey::of(RuleKind::Cover), Mode::Hard, 0, 0),
        rule(one_a_week, Mode::Hard, 0, 1),
        rule(RuleKey::of(RuleKind::Lock), Mode::Hard, 0, 0),
    ];
    let shifts = (0..4).map(|day| shift(day + 1, day, 8, "day")).collect();
    let mut problem = week(vec![person(1), person(2)], shifts, rules);
    problem.reference = vec![(StaffId(1), ShiftId(1)), (StaffId(1), ShiftId(2))];
    let to = Some(problem.shifts[2].date);
    let keep = Lock { id: 1, action: LockAction::Keep, staff: None, shift: None, from: None, to };
    problem.locks = vec![keep];
    problem
}

/// How much a roster breaks at an instant, and how much of what is past.
fn counts(problem: &Problem, on: &[Pair], now: Instant) -> (usize, usize) {
    let found = broken(problem, &|pair| on.contains(pair), now, &mut || ControlFlow::Continue(())).unwrap();
    (found.broken.len(), found.past.len())
}

fn pairs(on: &[(usize, usize)]) -> Vec<Pair> {
    on.iter().map(|&(staff, shift)| Pair { staff, shift }).collect()
}

#[test]
fn what_is_kept_is_forgiven_once_it_has_begun() {
    let problem = kept();
    let on = pairs(&[(0, 0), (0, 1), (1, 3)]);
    let at = |day: i64| span(day, 8, 1).start;
    // The limit of Ana, and the cover of the third shift.
    assert_eq!(counts(&problem, &on, at(-1)), (2, 0));
    // Her first alone breaks no limit.
    assert_eq!(counts(&problem, &on, at(0)), (2, 0));
    assert_eq!(counts(&problem, &on, at(1)), (1, 1));
    assert_eq!(counts(&problem, &on, at(2)), (0, 2));
    // What comes on top is no past.
    assert_eq!(counts(&problem, &pairs(&[(0, 0), (0, 1), (0, 3)]), at(2)), (1, 1));
    // Nor is what no lock keeps.
    let free = Problem { locks: Vec::new(), ..problem };
    assert_eq!(counts(&free, &on, at(2)), (2, 0));
}

#[test]
fn a_solver_tells_what_locks_keep_broken() {
    let mut problem = kept();
    let on = pairs(&[(0, 0), (0, 1), (1, 3)]);
    let sentences =
        |problem: &Problem| broken_by_kept(problem, &on, &mut || ControlFlow::Continue(())).unwrap();
    assert_eq!(sentences(&problem).len(), 2);
    // That Ana has left since is nothing that she did.
    problem.staff[0].enabled = false;
    assert!(sentences(&problem).iter().all(|sentence| !sentence.contains("disabled")));
    problem.locks.clear();
    assert!(sentences(&problem).is_empty());
}
