//! Rosters that can't be, and what is said of them.

use std::collections::BTreeSet;

use pg_clinic_core::ids::{ShiftId, StaffId};
use pg_clinic_core::roster::catalogue::{Period, RuleKind};
use pg_clinic_core::roster::conflict::Conflict;
use pg_clinic_core::roster::problem::{Lock, LockAction, Problem};
use pg_clinic_core::roster::rules::Mode;
use pg_clinic_core::roster::solve::Status;

use crate::answer;
use crate::build::{in_period, off, problem, rule, rules, shift};

fn conflict(problem: &Problem) -> Conflict {
    let outcome = answer(problem).unwrap();
    assert_eq!(outcome.status, Status::Infeasible);
    assert!(outcome.assignments.is_empty() && outcome.judgement.is_none());
    let conflict = outcome.conflict.unwrap();
    assert!(conflict.is_minimal);
    assert_eq!(answer(problem).unwrap().conflict.as_ref(), Some(&conflict), "the same answer twice");
    conflict
}

/// Kind, person and shift of each instance.
fn culprits(conflict: &Conflict) -> BTreeSet<(RuleKind, Option<i64>, Option<i64>)> {
    conflict
        .instances
        .iter()
        .map(|culprit| (culprit.kind, culprit.staff.map(|id| id.0), culprit.shift.map(|id| id.0)))
        .collect()
}

fn lock(problem: &mut Problem, staff: i64, shift: ShiftId) {
    let id = problem.locks.len() as i64 + 1;
    let staff = Some(StaffId(staff));
    problem.locks.push(Lock {
        id,
        action: LockAction::Assign,
        staff,
        shift: Some(shift),
        from: None,
        to: None,
    });
}

#[test]
fn a_shift_that_nobody_can_work_names_everybody_and_why() {
    let mut problem = problem(1, 3);
    let surgery = shift(&mut problem, "day", 0, 480, 240, 1);
    let other = shift(&mut problem, "day", 0, 540, 240, 1);
    problem.shifts[0].required_skills.push("surgery".into());
    problem.staff[0].skills.push("surgery".into());
    problem.staff[1].skills.push("surgery".into());
    off(&mut problem, 0, 0, 1);
    lock(&mut problem, 2, other);
    let conflict = conflict(&problem);
    let expected = [
        (RuleKind::Cover, None, Some(surgery.0)),
        (RuleKind::SkillMatch, Some(3), Some(surgery.0)),
        (RuleKind::TimeOff, Some(1), Some(surgery.0)),
        (RuleKind::NoOverlap, Some(2), Some(other.0)),
        (RuleKind::Lock, Some(2), Some(other.0)),
    ];
    assert_eq!(culprits(&conflict), BTreeSet::from(expected));
    assert_eq!(
        conflict.summary,
        "Mon 13 Apr 08:00, day 1 (needs surgery) needs 1 person, but at most 0 of those eligible can come."
    );
    assert_eq!(
        conflict.lines[..2],
        [
            "Mon 13 Apr 08:00, day 1 (needs surgery): needs 1 person: staff 3 (P3) lacks surgery; staff 1 (P1) is on \
             leave.",
            "Mon 13 Apr 09:00, day 2: staff 2 (P2) is locked to it.",
        ]
    );
    assert_eq!(
        conflict.mends,
        [
            "cancel time off 100 of staff 1 (P1)",
            "remove the lock on Mon 13 Apr 09:00, day 2 for staff 2 (P2)",
            "make cover soft: 1 place would stay open",
        ]
    );
}

#[test]
fn too_many_shifts_at_once_are_a_shortage() {
    let mut problem = problem(3, 8);
    for day in 0..3 {
        for _ in 0..if day == 1 { 8 } else { 4 } {
            shift(&mut problem, "day", day, 480, 240, 1);
        }
    }
    off(&mut problem, 7, 1, 1);
    let conflict = conflict(&problem);
    assert_eq!(
        conflict.summary,
        "Tuesday 14 Apr: 8 shifts need 8 people, but at most 7 can be staffed by those eligible."
    );
    assert_eq!(
        conflict.lines,
        ["On leave: staff 8 (P8) for 8 shifts.", "no_overlap: 7 times for 7 people, Tuesday 14 Apr."]
    );
    assert_eq!(
        conflict.mends,
        ["cancel time off 801 of staff 8 (P8)", "make cover soft: 1 place would stay open"]
    );
    assert_eq!(conflict.instances.len(), 8 + 8 + 7);
}

#[test]
fn a_limit_can_be_loosened() {
    let mut problem = problem(3, 1);
    for day in 0..3 {
        shift(&mut problem, "day", day, 480, 240, 1);
    }
    problem.rules = rules(vec![in_period(rule(RuleKind::MaxShifts, Mode::Hard, 0, 1), Period::Plan)]);
    let conflict = conflict(&problem);
    assert_eq!(conflict.instances.len(), 3, "two covers of three do: {conflict:?}");
    assert_eq!(
        conflict.summary,
        "Tue 14 Apr to Wed 15 Apr: 2 shifts need 2 people, but at most 1 can be staffed by those eligible."
    );
    assert_eq!(
        conflict.mends,
        ["loosen max_shifts for staff 1 (P1)", "make cover soft: 2 places would stay open"]
    );
}

#[test]
fn rules_alone_can_contradict_each_other() {
    let mut problem = problem(2, 1);
    shift(&mut problem, "day", 0, 480, 240, 0);
    problem.rules = rules(vec![
        rule(RuleKind::Cover, Mode::Off, 0, 0),
        in_period(rule(RuleKind::MinShifts, Mode::Hard, 0, 1), Period::Plan),
        in_period(rule(RuleKind::MaxShifts, Mode::Hard, 0, 0), Period::Plan),
    ]);
    let conflict = conflict(&problem);
    assert_eq!(conflict.summary, "These rules can't hold together: min_shifts, max_shifts.");
    assert_eq!(conflict.mends, ["loosen min_shifts for staff 1 (P1)", "loosen max_shifts for staff 1 (P1)"]);
}
