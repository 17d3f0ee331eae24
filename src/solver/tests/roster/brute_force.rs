//! Tiny rosters of all kinds of rules: the solver's best one costs what the best of all of them costs, by the judge.

use std::ops::ControlFlow;

use pg_clinic_core::ids::{PlanId, ProviderId, ShiftId, StaffGroupId, StaffId};
use pg_clinic_core::plans::LockAction;
use pg_clinic_core::roster::catalog::{About, Excuses, Mode, Modes, Period, RuleKind, Setting};
use pg_clinic_core::roster::debt::{Counted, Debt, UNIT};
use pg_clinic_core::roster::expand::expand_to_plan;
use pg_clinic_core::roster::instance::Expansion;
use pg_clinic_core::roster::judge::judge;
use pg_clinic_core::roster::outcome::Status;
use pg_clinic_core::roster::problem::{Lock, Preference, Problem, ShiftRequest, StatedBy};
use pg_clinic_core::roster::rules::catalog;
use pg_clinic_core::roster::settings::{Approval, Rule, RuleKey, Scope, Source};

use crate::build::{Dice, date, off, problem, rule, rules, shift};
use crate::{answer, ids};

const KINDS: [&str; 2] = ["day", "night"];

/// The least cost of all rosters that break no hard rule.
pub fn least_cost(problem: &Problem) -> Option<i64> {
    let expansion = expand_to_plan(problem, &mut || ControlFlow::Continue(())).unwrap();
    let judged = rosters(&expansion).map(|roster| judge(&expansion, &roster));
    judged.filter(|judgment| judgment.broken == 0).map(|judgment| judgment.objective).min()
}

/// All rosters of an expansion.
fn rosters(expansion: &Expansion) -> impl Iterator<Item = Vec<bool>> {
    let count = expansion.pairs.len();
    (0..1_u32 << count).map(move |bits| (0..count).map(|pair| bits >> pair & 1 == 1).collect())
}

/// Whether some roster obeys all these instances.
fn can_hold(expansion: &Expansion, instances: &[usize]) -> bool {
    let mut part = expansion.clone();
    part.instances = instances.iter().map(|&number| expansion.instances[number].clone()).collect();
    rosters(&part).any(|roster| judge(&part, &roster).broken == 0)
}

pub fn random_problem(dice: &mut Dice) -> Problem {
    let days = 2 + dice.below(4);
    let people = 1 + dice.below(3);
    let mut problem = problem(days, people);
    problem.plan = Some(PlanId(1));
    let shifts = 12 / people;
    let around = dice.below(3);
    let mut days_of_shifts: Vec<_> = (0..shifts).map(|_| dice.below(days)).collect();
    days_of_shifts.extend((0..around).map(|_| -1 - dice.below(3)));
    for day in days_of_shifts {
        let kind = KINDS[dice.below(2) as usize];
        let minute = if kind == "day" { 480 } else { 1080 };
        shift(
            &mut problem,
            kind,
            day,
            minute + 60 * dice.below(4) as i32,
            60 * (4 + dice.below(5) as i32),
            dice.below(3),
        );
    }
    for shift in &mut problem.shifts {
        shift.provider = dice.chance(50).then(|| ProviderId(1 + dice.below(2)));
        if dice.chance(15) {
            shift.required_skills.push("x".into());
        }
        if shift.date < problem.from {
            let staff = StaffId(1 + dice.below(people));
            problem.worked.push((staff, shift.id));
        }
    }
    if dice.chance(60) {
        problem.known_from = date(-dice.below(4));
    }
    for staff in 0..people as usize {
        if dice.chance(30) {
            off(&mut problem, staff, dice.below(days), 1);
        }
        if dice.chance(70) {
            problem.staff[staff].skills.push("x".into());
        }
        problem.staff[staff].contract_percent = [50, 100][dice.below(2) as usize];
        problem.staff[staff].groups = vec![(StaffGroupId(1), 1)];
        for counted in [Counted::Matches, Counted::Shifts(None), Counted::Shifts(Some("night".into()))] {
            let debt = (dice.below(41) - 20) * UNIT / 10;
            problem.debts.push(Debt { staff: StaffId(staff as i64 + 1), counted, debt });
        }
    }
    add_requests(dice, &mut problem, days, people);
    let count = 2 + dice.below(7);
    let mut all: Vec<_> = (0..count).map(|_| random_rule(dice, &problem)).collect();
    if dice.chance(70) {
        all.retain(|rule| rule.key != RuleKey::of(RuleKind::Cover));
        all.push(rule(RuleKind::Cover, Mode::Soft, 1 + dice.below(40), 0));
    }
    let approvals = (0..dice.below(5)).map(|id| random_approval(dice, &problem, 101 + id)).collect();
    problem.rules = rules(all).with_approvals(approvals);
    problem
}

/// An approval of what its kind excuses, often of a rule that is there.
fn random_approval(dice: &mut Dice, problem: &Problem, id: i64) -> Approval {
    let mut rule = random_rule(dice, problem);
    while !rule.key.kind.entry().is_approvable() {
        rule = random_rule(dice, problem);
    }
    let entry = rule.key.kind.entry();
    let staff = entry.about.has_person().then(|| StaffId(1 + dice.below(problem.staff.len() as i64)));
    let shift = Some(ShiftId(1 + dice.below(problem.shifts.len() as i64)));
    let first = dice.below(4);
    let (mut missing, mut excess) = (0, 0);
    let scope = match entry.excuses {
        Excuses::Assignment | Excuses::After => Scope { staff, shift, ..Scope::default() },
        Excuses::Amount => {
            let units = if entry.unit == "minutes" { 120 } else { 1 };
            if dice.chance(50) {
                missing = units
            } else {
                excess = units
            }
            let is_of_shift = entry.about == About::Shift;
            let dates = (!is_of_shift).then(|| (date(first), date(first)));
            Scope { staff, shift: shift.filter(|_| is_of_shift), dates, ..Scope::default() }
        }
        Excuses::Dates => {
            let dates = Some((date(first - 2), date(first + dice.below(4))));
            Scope { staff, dates, ..Scope::default() }
        }
    };
    let setting = Setting { mode: Mode::Waived, ..Setting::OFF };
    Approval { rule: Rule { scope, setting, source: Source::Override(id), ..rule }, missing, excess }
}

fn add_requests(dice: &mut Dice, problem: &mut Problem, days: i64, people: i64) {
    for _ in 0..dice.below(4) {
        problem.shift_requests.push(ShiftRequest {
            staff: StaffId(1 + dice.below(people)),
            date: date(dice.below(days)),
            shift_kind: dice.chance(50).then(|| KINDS[dice.below(2) as usize].into()),
            is_wanted: dice.chance(50),
            weight: dice.chance(50).then(|| dice.below(30)),
        });
    }
    for staff in 1..=people {
        for provider in 1..=2 {
            if dice.chance(40) {
                problem.preferences.push(Preference {
                    staff: StaffId(staff),
                    provider: ProviderId(provider),
                    stated_by: if dice.chance(50) { StatedBy::Staff } else { StatedBy::Provider },
                    is_preferred: dice.chance(60),
                    is_strong: dice.chance(50),
                });
            }
        }
    }
    for id in 1..=dice.below(3) {
        let action = [LockAction::Assign, LockAction::Forbid, LockAction::Keep][dice.below(3) as usize];
        let shift = ShiftId(1 + dice.below(problem.shifts.len() as i64));
        problem.locks.push(Lock {
            id,
            action,
            staff: Some(StaffId(1 + dice.below(people))),
            shift: Some(shift),
            from: None,
            to: None,
        });
    }
    for shift in &problem.shifts {
        if shift.date >= problem.from && dice.chance(40) {
            problem.reference.push((StaffId(1 + dice.below(people)), shift.id));
        }
    }
    problem.reference.sort_unstable();
}

fn random_rule(dice: &mut Dice, problem: &Problem) -> Rule {
    let entry = catalog().nth(dice.below(catalog().len() as i64 - 1) as usize).unwrap();
    let mode = match entry.modes {
        Modes::Hard => Mode::Hard,
        Modes::Soft => Mode::Soft,
        Modes::Both => [Mode::Soft, Mode::Hard, Mode::Soft][dice.below(3) as usize],
    };
    let mode = if dice.chance(10) { Mode::Off } else { mode };
    let kind = |dice: &mut Dice| Some(KINDS[dice.below(2) as usize].to_owned());
    let mut key = RuleKey::of(entry.kind);
    if entry.needs_succession || entry.takes_shift_kind && dice.chance(40) {
        key.shift_kind = kind(dice);
    }
    if entry.needs_succession {
        key.next_shift_kind = kind(dice);
    }
    if entry.needs_period {
        if dice.chance(35) {
            key.rolling_days = Some(2 + dice.below(5));
        } else {
            key.period = Some(Period::ALL[dice.below(Period::ALL.len() as i64) as usize]);
        }
    }
    let limit = match entry.unit {
        "minutes" => 60 * dice.below(16),
        "percent" => 50 * dice.below(5),
        _ => dice.below(4),
    };
    let weight = 1 + dice.below(20);
    let people = problem.staff.len() as i64;
    let mut scope = Scope::default();
    if dice.chance(20) {
        scope.staff = Some(StaffId(1 + dice.below(people)));
    }
    if dice.chance(15) {
        let first = dice.below(3);
        scope.dates = Some((date(first), date(first + dice.below(3))));
    }
    Rule {
        key,
        scope,
        setting: Setting { mode, weight, over_weight: weight / 2, limit },
        source: Source::BuiltIn,
    }
}

#[test]
fn the_best_roster_is_the_best_of_all() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(150);
    let mut possible = 0;
    for seed in 0..cases {
        let problem = random_problem(&mut Dice::new(seed));
        let least = least_cost(&problem);
        let outcome = answer(&problem).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        match least {
            Some(cost) => {
                possible += 1;
                assert_eq!(outcome.status, Status::Optimal, "seed {seed}");
                assert_eq!(
                    outcome.judgment.as_ref().map(|judgment| judgment.objective),
                    Some(cost),
                    "seed {seed}"
                );
                let again = answer(&problem).unwrap();
                assert_eq!(ids(&problem, &again), ids(&problem, &outcome), "seed {seed}");
            }
            None => {
                assert_eq!(outcome.status, Status::Infeasible, "seed {seed}");
                let conflict = outcome.conflict.as_ref().unwrap();
                assert!(conflict.is_minimal, "seed {seed}: {conflict:?}");
                let set: Vec<_> = conflict.members.iter().map(|member| member.instance).collect();
                assert!(!can_hold(&outcome.expansion, &set), "seed {seed}: {conflict:?}");
                for left_out in 0..set.len() {
                    let mut fewer = set.clone();
                    fewer.remove(left_out);
                    assert!(can_hold(&outcome.expansion, &fewer), "seed {seed}: {left_out} of {conflict:?}");
                }
            }
        }
    }
    assert!(possible * 3 > cases, "too few of the problems can be solved: {possible} of {cases}");
}
