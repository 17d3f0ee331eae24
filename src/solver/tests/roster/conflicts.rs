//! Rosters that can't be, and what is said of them.

use std::collections::BTreeSet;

use pg_clinic_core::ids::{ShiftId, StaffId};
use pg_clinic_core::plans::LockAction;
use pg_clinic_core::roster::catalog::{Mode, Period, RuleKind};
use pg_clinic_core::roster::outcome::{Conflict, Status};
use pg_clinic_core::roster::problem::{Lock, Problem};

use crate::answer;
use crate::build::{Dice, in_period, off, problem, rule, rules, shift};

fn conflict(problem: &Problem) -> Conflict {
    let outcome = answer(problem).unwrap();
    assert_eq!(outcome.status, Status::Infeasible);
    assert!(outcome.assignments.is_empty() && outcome.judgment.is_none());
    let conflict = outcome.conflict.unwrap();
    assert!(conflict.is_minimal);
    assert_eq!(answer(problem).unwrap().conflict.as_ref(), Some(&conflict), "the same answer twice");
    conflict
}

/// Kind, person and shift of each instance.
fn members(conflict: &Conflict) -> BTreeSet<(RuleKind, Option<i64>, Option<i64>)> {
    conflict
        .members
        .iter()
        .map(|member| (member.rule_kind, member.staff_id.map(|id| id.0), member.shift_id.map(|id| id.0)))
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
    assert_eq!(members(&conflict), BTreeSet::from(expected));
    assert_eq!(
        conflict.summary,
        "Mon 13 Apr 08:00, day 1 (needs surgery) needs 1 person, but at most 0 of those eligible can come."
    );
    assert_eq!(
        conflict.lines[..2],
        [
            "Mon 13 Apr 08:00, day 1 (needs surgery): needs 1 person: P3 (staff 3) lacks surgery; P1 (staff 1) is on \
             leave.",
            "Mon 13 Apr 09:00, day 2: P2 (staff 2) is locked to it.",
        ]
    );
    assert_eq!(
        conflict.fixes,
        [
            "cancel time off 100 of P1 (staff 1)",
            "remove the lock on Mon 13 Apr 09:00, day 2 for P2 (staff 2)",
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
        ["On leave: P8 (staff 8) for 8 shifts.", "no_overlap: 7 times for 7 people, Tuesday 14 Apr."]
    );
    assert_eq!(
        conflict.fixes,
        ["cancel time off 801 of P8 (staff 8)", "make cover soft: 1 place would stay open"]
    );
    assert_eq!(conflict.members.len(), 8 + 8 + 7);
}

#[test]
fn a_limit_can_be_loosened() {
    let mut problem = problem(3, 1);
    for day in 0..3 {
        shift(&mut problem, "day", day, 480, 240, 1);
    }
    problem.rules = rules(vec![in_period(rule(RuleKind::MaxShifts, Mode::Hard, 0, 1), Period::Plan)]);
    let conflict = conflict(&problem);
    assert_eq!(conflict.members.len(), 3, "two covers of three do: {conflict:?}");
    assert_eq!(
        conflict.summary,
        "Tue 14 Apr to Wed 15 Apr: 2 shifts need 2 people, but at most 1 can be staffed by those eligible."
    );
    assert_eq!(
        conflict.fixes,
        ["loosen max_shifts for P1 (staff 1)", "make cover soft: 2 places would stay open"]
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
    assert_eq!(conflict.fixes, ["loosen min_shifts for P1 (staff 1)", "loosen max_shifts for P1 (staff 1)"]);
}

#[test]
fn people_required_by_the_day_are_no_cover() {
    let mut problem = problem(1, 3);
    shift(&mut problem, "day", 0, 480, 240, 3);
    problem.rules = rules(vec![rule(RuleKind::MinStaffPerDay, Mode::Hard, 0, 4)]);
    let conflict = conflict(&problem);
    assert_eq!(members(&conflict), BTreeSet::from([(RuleKind::MinStaffPerDay, None, None)]));
    assert_eq!(conflict.fixes, ["loosen min_staff_per_day"]);
}

#[test]
fn cover_may_have_to_give_way_upwards() {
    let mut problem = problem(1, 3);
    shift(&mut problem, "day", 0, 480, 240, 1);
    problem.rules = rules(vec![rule(RuleKind::MinStaffPerDay, Mode::Hard, 0, 2)]);
    let conflict = conflict(&problem);
    assert_eq!(conflict.summary, "These rules can't hold together: cover, min_staff_per_day.");
    assert_eq!(conflict.fixes, ["loosen min_staff_per_day", "make cover soft: 1 person too many would work"]);
}

#[test]
fn the_only_person_there_is_is_not_held_to_a_shift_by_its_cover() {
    let mut problem = problem(1, 1);
    shift(&mut problem, "day", 0, 480, 240, 1);
    off(&mut problem, 0, 0, 1);
    let conflict = conflict(&problem);
    assert_eq!(conflict.lines, ["Mon 13 Apr 08:00, day 1: needs 1 person: P1 (staff 1) is on leave."]);
}

/// Mends of cover say by how much: places left open and people too many together.
fn departures(fix: &str) -> Option<i64> {
    let text = fix.strip_prefix("make cover soft: ")?;
    let numbers = text.split(' ').filter_map(|word| word.parse::<i64>().ok());
    Some(numbers.sum())
}

#[test]
fn what_is_told_to_mend_does() {
    let limit = |dice: &mut Dice, kind, most: i64| (kind, dice.chance(60).then(|| dice.below(most + 1)));
    let (mut conflicts, mut soft) = (0, 0);
    for seed in 0..150 {
        let mut dice = Dice::new(seed);
        let (days, people) = (1 + dice.below(2), 1 + dice.below(3));
        let mut problem = problem(days, people);
        for _ in 0..1 + dice.below(4) {
            let (day, minute, needed) =
                (dice.below(days), 480 + 120 * dice.below(3) as i32, 1 + dice.below(2));
            shift(&mut problem, "day", day, minute, 240, needed);
        }
        if dice.chance(40) {
            off(&mut problem, dice.below(people) as usize, dice.below(days), 1);
        }
        let limits = [
            limit(&mut dice, RuleKind::MinStaffPerDay, 3),
            limit(&mut dice, RuleKind::MaxStaffPerDay, 3),
            limit(&mut dice, RuleKind::MaxShifts, 3),
        ];
        let with = |without: &str, cover: Mode| {
            let set = limits.into_iter().filter_map(|(kind, limit)| Some((kind, limit?)));
            let set = set.filter(|(kind, _)| kind.as_str() != without).map(|(kind, limit)| {
                let rule = rule(kind, Mode::Hard, 0, limit);
                if kind == RuleKind::MaxShifts { in_period(rule, Period::Plan) } else { rule }
            });
            let others = [rule(RuleKind::Cover, cover, 1, 0), rule(RuleKind::LoadBalance, Mode::Off, 0, 0)];
            rules(set.chain(others).collect())
        };
        problem.rules = with("", Mode::Hard);
        let outcome = answer(&problem).unwrap();
        let Some(conflict) = outcome.conflict else { continue };
        conflicts += 1;
        problem.rules = with("", Mode::Soft);
        let softened = answer(&problem).unwrap();
        let departures = conflict.fixes.iter().find_map(|fix| departures(fix));
        if conflict.members.iter().any(|member| member.rule_kind == RuleKind::Cover) {
            let cost = softened.judgment.as_ref().map(|judgment| judgment.objective);
            assert_eq!(departures, cost, "seed {seed}: {conflict:?}");
        } else {
            assert_eq!(departures, None);
        }
        soft += i64::from(departures.is_some());
        for kind in ["min_staff_per_day", "max_staff_per_day"] {
            problem.rules = with(kind, Mode::Hard);
            if conflict.fixes.contains(&format!("loosen {kind}")) {
                assert_eq!(answer(&problem).unwrap().status, Status::Optimal, "seed {seed}: {conflict:?}");
            }
        }
    }
    assert!(conflicts > 50 && soft > 30, "{conflicts} conflicts, {soft} fixed by soft cover");
}
