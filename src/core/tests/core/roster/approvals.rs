//! What an approval excuses, kind by kind: that, and nothing beside it.

use chrono::NaiveDate;
use pg_clinic_core::ids::{ShiftId, StaffId, TimeOffId};
use pg_clinic_core::roster::catalog::{Excuses, Mode, Period, RuleKind};
use pg_clinic_core::roster::expand::worked;
use pg_clinic_core::roster::judge::judge;
use pg_clinic_core::roster::problem::{Problem, ShiftRequest};
use pg_clinic_core::roster::rules::{approved_sentence, catalog, sentence};
use pg_clinic_core::roster::settings::{RuleKey, Scope};

use super::problems::{all_pairs, approval, date, on_shift, person, rule, shift, span, week};
use super::properties::expanded;

/// How many hard instances are broken beyond what is approved, and units that approvals excuse: for all candidates, and for
/// what is assigned alone.
fn outcome(problem: &Problem, on: &[(i64, i64)]) -> (usize, i64) {
    let on: Vec<_> = on.iter().map(|&(staff, shift)| (StaffId(staff), ShiftId(shift))).collect();
    let pairs = worked(problem, &on).unwrap();
    let outcomes = [all_pairs(problem), pairs.clone()].map(|candidates| {
        let expansion = expanded(problem, candidates);
        let assigned: Vec<_> = expansion.pairs.iter().map(|pair| pairs.contains(pair)).collect();
        let judgment = judge(&expansion, &assigned);
        (judgment.broken, judgment.findings.iter().map(|finding| finding.approved).sum::<i64>())
    });
    assert_eq!(outcomes[0], outcomes[1]);
    outcomes[0]
}

/// Ana (1) and Ben (2), and shifts of a kind at 08:00, eight hours long, by day, numbered from 1.
fn with(key: &RuleKey, limit: i64, days: &[i64], approved: &[(Scope, i64, i64)]) -> Problem {
    let shifts = days.iter().zip(1..).map(|(&day, id)| shift(id, day, 8, "day")).collect();
    let hard = rule(key.clone(), Mode::Hard, 0, limit);
    let mut problem = week(vec![person(1), person(2)], shifts, vec![hard]);
    let approvals =
        approved.iter().map(|&(scope, missing, excess)| approval(key.clone(), scope, missing, excess));
    problem.rules = problem.rules.with_approvals(approvals.collect());
    problem
}

fn weekly(kind: RuleKind) -> RuleKey {
    RuleKey { period: Some(Period::Week), ..RuleKey::of(kind) }
}

fn dates(staff: Option<i64>, first: NaiveDate, last: NaiveDate) -> Scope {
    Scope { staff: staff.map(StaffId), dates: Some((first, last)), ..Scope::default() }
}

#[test]
fn an_approved_shift_does_not_count_and_every_other_one_does() {
    let key = weekly(RuleKind::MaxShifts);
    let problem = with(&key, 2, &[0, 1, 2, 3, 4], &[(on_shift(1, 3), 0, 0)]);
    assert_eq!(outcome(&problem, &[(1, 1), (1, 2)]), (0, 0));
    // One too many, and it is the approved one.
    assert_eq!(outcome(&problem, &[(1, 1), (1, 2), (1, 3)]), (0, 1));
    // One too many that nobody approved.
    assert_eq!(outcome(&problem, &[(1, 1), (1, 2), (1, 4)]), (1, 0));
    assert_eq!(outcome(&problem, &[(1, 1), (1, 2), (1, 3), (1, 4)]), (1, 1));
    // Somebody else's isn't approved.
    assert_eq!(outcome(&problem, &[(2, 1), (2, 2), (2, 3)]), (1, 0));
    // Nor is a departure from another limit.
    let mut other = problem.clone();
    other.rules = with(&weekly(RuleKind::MaxShifts), 2, &[0], &[]).rules.with_approvals(vec![approval(
        RuleKey { period: Some(Period::Month), ..key },
        on_shift(1, 3),
        0,
        0,
    )]);
    assert_eq!(outcome(&other, &[(1, 1), (1, 2), (1, 3)]), (1, 0));
}

#[test]
fn what_was_worked_before_the_dates_is_excused_too() {
    let key = weekly(RuleKind::MaxShifts);
    let mut problem = with(&key, 2, &[0, 1, 2, 3], &[(on_shift(1, 1), 0, 0)]);
    (problem.from, problem.worked) = (date(2), vec![(StaffId(1), ShiftId(1)), (StaffId(1), ShiftId(2))]);
    assert_eq!(outcome(&problem, &[(1, 3)]), (0, 0));
    assert_eq!(outcome(&problem, &[(1, 3), (1, 4)]), (1, 0));
}

#[test]
fn an_amount_is_excused_and_no_more() {
    let minutes = weekly(RuleKind::MaxMinutes);
    let monday = dates(Some(1), date(0), date(0));
    let problem = with(&minutes, 960, &[0, 1, 2, 3], &[(monday, 0, 480)]);
    assert_eq!(outcome(&problem, &[(1, 1), (1, 2), (1, 3)]), (0, 480));
    assert_eq!(outcome(&problem, &[(1, 1), (1, 2), (1, 3), (1, 4)]), (1, 480));
    assert_eq!(outcome(&problem, &[(2, 1), (2, 2), (2, 3)]), (1, 0));
    let least = weekly(RuleKind::MinShifts);
    let problem = with(&least, 3, &[0, 1, 2, 3], &[(monday, 1, 0)]);
    // Ben has none: he is short as before.
    assert_eq!(outcome(&problem, &[(1, 1), (1, 2)]), (1, 1));
    assert_eq!(outcome(&problem, &[(1, 1)]), (2, 1));
    // Two approvals add up.
    let problem = with(&least, 3, &[0, 1, 2, 3], &[(monday, 1, 0), (dates(Some(1), date(3), date(3)), 1, 0)]);
    assert_eq!(outcome(&problem, &[(1, 1)]), (1, 2));
    let cover = RuleKey::of(RuleKind::Cover);
    let first = Scope { shift: Some(ShiftId(1)), ..Scope::default() };
    assert_eq!(outcome(&with(&cover, 0, &[0, 1], &[(first, 1, 0)]), &[]), (1, 1));
    // One missing is approved, not one too many.
    assert_eq!(outcome(&with(&cover, 0, &[0], &[(first, 1, 0)]), &[(1, 1), (2, 1)]), (1, 0));
    assert_eq!(outcome(&with(&cover, 0, &[0], &[(first, 0, 1)]), &[(1, 1), (2, 1)]), (0, 1));
    let of_date = dates(None, date(0), date(0));
    let problem = with(&RuleKey::of(RuleKind::MinStaffPerDay), 2, &[0, 1], &[(of_date, 1, 0)]);
    assert_eq!(outcome(&problem, &[(1, 1), (1, 2)]), (1, 1));
    assert_eq!(outcome(&problem, &[(1, 2), (2, 2)]), (1, 1));
}

#[test]
fn a_run_is_excused_within_its_dates() {
    let key = RuleKey::of(RuleKind::MaxConsecutiveDays);
    let run = dates(Some(1), date(0), date(2));
    let problem = with(&key, 2, &[0, 1, 2, 3, 4], &[(run, 0, 0)]);
    assert_eq!(outcome(&problem, &[(1, 1), (1, 2), (1, 3)]), (0, 1));
    // The fourth day makes another window, which nobody approved.
    assert_eq!(outcome(&problem, &[(1, 1), (1, 2), (1, 3), (1, 4)]), (1, 1));
    assert_eq!(outcome(&problem, &[(1, 2), (1, 3), (1, 4)]), (1, 0));
    assert_eq!(outcome(&problem, &[(2, 1), (2, 2), (2, 3)]), (1, 0));
}

#[test]
fn a_shift_too_soon_is_excused_by_what_lies_before_it() {
    // From Monday 08:00 on, with four hours between: any two in a row are too close.
    for (kind, hours) in [(RuleKind::MinRest, 12), (RuleKind::NoOverlap, 4)] {
        let mut problem = with(&RuleKey::of(kind), 660, &[0, 0, 0], &[(on_shift(1, 2), 0, 0)]);
        for (at, row) in problem.shifts.iter_mut().enumerate() {
            row.during = span(0, 8 + hours * at as i64, 480);
        }
        assert_eq!(outcome(&problem, &[(1, 1), (1, 2)]), (0, 1), "{kind}");
        // The one after it is no part of the approval.
        assert_eq!(outcome(&problem, &[(1, 2), (1, 3)]), (1, 0), "{kind}");
        assert_eq!(outcome(&problem, &[(1, 1), (1, 2), (1, 3)]), (1, 1), "{kind}");
        assert_eq!(outcome(&problem, &[(2, 1), (2, 2)]), (1, 0), "{kind}");
    }
}

#[test]
fn weekends_successions_and_requests() {
    let weekends = weekly(RuleKind::MaxWeekends);
    let problem = with(&weekends, 0, &[5, 6], &[(on_shift(1, 1), 0, 0)]);
    assert_eq!(outcome(&problem, &[(1, 1)]), (0, 1));
    // Sunday counts by itself.
    assert_eq!(outcome(&problem, &[(1, 1), (1, 2)]), (1, 0));
    let key = RuleKey {
        shift_kind: Some("day".into()),
        next_shift_kind: Some("day".into()),
        ..RuleKey::of(RuleKind::ForbiddenSuccession)
    };
    let problem = with(&key, 0, &[0, 1, 2], &[(on_shift(1, 3), 0, 0)]);
    assert_eq!(outcome(&problem, &[(1, 1), (1, 2), (1, 3)]), (1, 1));
    assert_eq!(outcome(&problem, &[(1, 2), (1, 3)]), (0, 1));
    let key = RuleKey::of(RuleKind::ShiftRequest);
    let mut problem = with(&key, 0, &[0, 1], &[(dates(Some(1), date(0), date(0)), 0, 0)]);
    problem.shift_requests = (0..2)
        .map(|day| ShiftRequest {
            staff: StaffId(1),
            date: date(day),
            shift_kind: None,
            is_wanted: false,
            weight: None,
        })
        .collect();
    assert_eq!(outcome(&problem, &[(1, 1), (1, 2)]), (1, 1));
}

#[test]
fn a_person_on_a_shift() {
    for kind in [RuleKind::TimeOff, RuleKind::SkillMatch, RuleKind::Availability] {
        let mut problem = with(&RuleKey::of(kind), 0, &[0, 1], &[(on_shift(1, 1), 0, 0)]);
        problem.staff[0].time_off = vec![(TimeOffId(1), span(0, 0, 2880))];
        problem.staff[0].available = Some(Vec::new());
        problem.shifts.iter_mut().for_each(|row| row.required_skills = vec!["x".into(), "y".into()]);
        let units = if kind == RuleKind::SkillMatch { 2 } else { 1 };
        assert_eq!(outcome(&problem, &[(1, 1)]), (0, units), "{kind}");
        assert_eq!(outcome(&problem, &[(1, 1), (1, 2)]), (1, units), "{kind}");
    }
}

#[test]
fn what_is_excused_is_told_with_its_approval() {
    let key = weekly(RuleKind::MaxShifts);
    let problem = with(&key, 1, &[0, 1, 2], &[(on_shift(1, 2), 0, 0)]);
    let all = [1, 2, 3].map(|shift| (StaffId(1), ShiftId(shift)));
    let expansion = expanded(&problem, worked(&problem, &all).unwrap());
    let judgment = judge(&expansion, &[true; 3]);
    let [finding] = judgment.findings[..] else { panic!("{judgment:?}") };
    let instance = &expansion.instances[finding.instance];
    assert_eq!((finding.value, finding.excess, finding.approved), (3, 1, 1));
    assert_eq!(instance.approvals_of(finding.approved), [(7, 1)]);
    let text = "Ana (staff 1) works 3 shifts from 2026-04-13 to 2026-04-19 (at most 1)";
    assert_eq!(sentence(&problem, instance, Some(&finding)), format!("{text} (1 of it approved)"));
    assert_eq!(approved_sentence(&problem, instance, &finding, 7), format!("{text} (approved: override 7)"));
}

#[test]
fn every_kind_that_may_be_hard_says_what_an_approval_excuses() {
    let counts =
        |excuses| catalog().filter(|entry| entry.is_approvable() && entry.excuses == excuses).count();
    assert_eq!(
        [Excuses::Assignment, Excuses::After, Excuses::Amount, Excuses::Dates].map(counts),
        [8, 2, 6, 5]
    );
}
