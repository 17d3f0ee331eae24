//! Every kind in sentences: requirements and findings.

use pg_clinic_core::ids::{ProviderId, ShiftId, StaffId, TimeOffId};
use pg_clinic_core::plans::LockAction;
use pg_clinic_core::roster::catalog::{Mode, Modes, Period, RuleKind};
use pg_clinic_core::roster::debt::{Counted, Debt, UNIT};
use pg_clinic_core::roster::expand::worked;
use pg_clinic_core::roster::instance::Pair;
use pg_clinic_core::roster::judge::judge;
use pg_clinic_core::roster::problem::*;
use pg_clinic_core::roster::rules::catalog;
use pg_clinic_core::roster::rules::sentence;
use pg_clinic_core::roster::settings::{Rule, RuleKey};

use super::problems::{all_pairs, approval, date, on_shift, person, rule, shift, span, week};
use super::properties::expanded;

/// Every rule, with limits that a little work breaks.
fn rules() -> Vec<Rule> {
    let rules = catalog().filter(|entry| entry.kind != RuleKind::Lock).map(|entry| {
        let mode = if entry.modes == Modes::Hard { Mode::Hard } else { Mode::Soft };
        let limit = match entry.kind {
            RuleKind::MinStaffPerDay | RuleKind::MinConsecutiveDays | RuleKind::MinConsecutiveDaysOff => 3,
            RuleKind::MinShifts => 5,
            RuleKind::MinMinutes => 6000,
            RuleKind::MinRest => 660,
            RuleKind::ProviderFactor | RuleKind::MildFactor => 100,
            RuleKind::MaxMinutes => 1000,
            RuleKind::MaxWeekends | RuleKind::MaxDays => 0,
            _ => 1,
        };
        let narrow = |takes: bool, kind: &str| takes.then(|| kind.to_owned());
        let shift_kind = match entry.kind {
            RuleKind::MaxShifts | RuleKind::ForbiddenSuccession => narrow(true, "night"),
            _ => None,
        };
        let next_shift_kind = narrow(entry.needs_succession, "day");
        let period = entry.needs_period.then_some(Period::Week);
        let key = RuleKey { shift_kind, next_shift_kind, period, ..RuleKey::of(entry.kind) };
        rule(key, mode, 10, limit)
    });
    rules.collect()
}

/// A bad week for Ana.
fn bad_week() -> Problem {
    let mut problem = week(vec![person(7), person(8)], Vec::new(), rules());
    problem.staff[0].name = "Ana".to_owned();
    problem.staff[0].available = Some(vec![span(0, 0, 1440), span(1, 0, 8640)]);
    problem.staff[0].time_off = vec![(TimeOffId(12), span(2, 8, 60))];
    let surgery = || vec!["surgery".to_owned()];
    problem.shifts = vec![
        Shift { required_skills: surgery(), provider: Some(ProviderId(3)), ..shift(1, 0, 22, "night") },
        Shift { provider: Some(ProviderId(3)), ..shift(2, 1, 8, "day") },
        Shift { provider: Some(ProviderId(4)), ..shift(3, 1, 9, "day") },
        shift(4, 2, 8, "day"),
        shift(5, 5, 22, "night"),
    ];
    let preference = |provider, is_preferred| Preference {
        staff: StaffId(7),
        provider: ProviderId(provider),
        stated_by: StatedBy::Staff,
        is_preferred,
        is_strong: true,
    };
    let of_other = Preference { staff: StaffId(8), ..preference(9, true) };
    problem.preferences = vec![preference(3, true), preference(4, false), of_other];
    problem.debts = vec![Debt { staff: StaffId(7), counted: Counted::Matches, debt: 3 * UNIT }];
    let request = |day, kind: Option<&str>, is_wanted| ShiftRequest {
        staff: StaffId(7),
        date: date(day),
        shift_kind: kind.map(str::to_owned),
        is_wanted,
        weight: None,
    };
    problem.shift_requests = vec![request(1, None, false), request(3, Some("night"), true)];
    problem.reference = vec![(StaffId(8), ShiftId(4))];
    let lock = |action, staff: Option<i64>, shift| Lock {
        id: 1,
        action,
        staff: staff.map(StaffId),
        shift: Some(ShiftId(shift)),
        from: None,
        to: None,
    };
    problem.locks = vec![
        lock(LockAction::Assign, Some(8), 1),
        lock(LockAction::Forbid, Some(7), 5),
        lock(LockAction::Keep, None, 3),
    ];
    problem
}

/// Sentences of one person's, or nobody's, instances that are broken or cost something.
fn sentences_of(problem: &Problem, on: &[(i64, i64)], is_requirement: bool) -> Vec<String> {
    let on: Vec<_> = on.iter().map(|&(staff, shift)| (StaffId(staff), ShiftId(shift))).collect();
    let on = worked(problem, &on).unwrap();
    let expansion = expanded(problem, all_pairs(problem));
    let assigned: Vec<_> = expansion.pairs.iter().map(|pair: &Pair| on.contains(pair)).collect();
    let findings = judge(&expansion, &assigned).findings;
    let mut found: Vec<_> = findings
        .iter()
        .map(|finding| (&expansion.instances[finding.instance], finding))
        .filter(|(instance, _)| instance.staff != Some(1))
        .map(|(instance, finding)| {
            let text = sentence(problem, instance, (!is_requirement).then_some(finding));
            format!("{}: {text}", instance.key.kind.as_str())
        })
        .collect();
    found.dedup();
    found
}

const BAD_WEEK: &[(i64, i64)] = &[(7, 1), (7, 2), (7, 3), (7, 4), (7, 5)];

#[test]
fn findings_are_sentences() {
    let expected = include_str!("sentences/findings.txt");
    assert_eq!(sentences_of(&bad_week(), BAD_WEEK, false).join("\n"), expected.trim_end());
}

#[test]
fn tells_what_is_requirement() {
    let expected = include_str!("sentences/requirements.txt");
    assert_eq!(sentences_of(&bad_week(), BAD_WEEK, true).join("\n"), expected.trim_end());
}

/// The sort of a period is said where its dates don't tell it.
#[test]
fn plans_and_windows_are_said() {
    let of = |key: RuleKey| {
        let rules = vec![rule(key, Mode::Soft, 10, 0)];
        let problem = week(vec![person(1)], vec![shift(1, 0, 8, "day")], rules);
        let expansion = expanded(&problem, all_pairs(&problem));
        sentence(&problem, &expansion.instances[0], None)
    };
    let key = RuleKey::of(RuleKind::MaxDays);
    assert_eq!(
        of(RuleKey { period: Some(Period::Plan), ..key.clone() }),
        "Ana (staff 1) works on at most 0 days from 2026-04-13 to 2026-04-19 (the plan)"
    );
    assert_eq!(
        of(RuleKey { rolling_days: Some(7), ..key }),
        "Ana (staff 1) works on at most 0 days in the 7 days from 2026-04-07 to 2026-04-13"
    );
}

#[test]
fn days_off_and_approvals_are_said() {
    let mut problem = bad_week();
    let of_ben = approval(RuleKey::of(RuleKind::TimeOff), on_shift(7, 4), 0, 0);
    problem.rules = pg_clinic_core::roster::settings::Rules::new(rules()).with_approvals(vec![of_ben]);
    problem.staff[1].enabled = false;
    let lines = sentences_of(&problem, &[(7, 4), (8, 2)], false);
    assert!(lines.contains(
        &"time_off: Ana (staff 7) is off during shift 4 (time off 12) (1 of it approved)".to_owned()
    ));
    assert!(lines.contains(&"max_consecutive_days_off: Ana (staff 7) has 2 days off in a row from 2026-04-13 to 2026-04-14 (at most 1)".to_owned()));
}
