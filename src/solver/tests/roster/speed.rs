//! How long rosters of a clinic's size take: the smallest always; where `ROSTER_SPEED` is `all`, or a number of people, the
//! larger ones too.

use std::ops::ControlFlow;

use pg_clinic_core::ids::{ProviderId, StaffId};
use pg_clinic_core::milp::{Limits, Model, Progress, Solution, Solver, SolverError};
use pg_clinic_core::roster::catalog::{Mode, Period, RuleKind};
use pg_clinic_core::roster::debt::{self, Debt, UNIT};
use pg_clinic_core::roster::expand::{candidates, expand};
use pg_clinic_core::roster::judge::judge;
use pg_clinic_core::roster::model::RosterModel;
use pg_clinic_core::roster::outcome::Status;
use pg_clinic_core::roster::problem::{Preference, Problem, ShiftRequest, StatedBy};
use pg_clinic_core::roster::settings::Rule;
use pg_clinic_core::roster::solve::solve;
use pg_clinic_solver::Highs;

use crate::build::{Dice, date, in_period, off, problem, rule, rules, shift};
use crate::cpu_seconds;

/// A week or two of half-day sessions, each with a provider; preferences in both directions; load balance by default.
pub fn clinic(people: i64, providers: i64, shifts: i64, days: i64, seed: u64) -> Problem {
    let mut dice = Dice::new(seed);
    let mut problem = problem(days, people);
    let halves = 2 * days;
    for number in 0..shifts {
        let half = number * halves / shifts;
        let (kind, minute) = if half % 2 == 0 { ("morning", 480) } else { ("afternoon", 780) };
        shift(&mut problem, kind, half / 2, minute, 240, 1);
        let place = number - (half * shifts + halves - 1) / halves;
        problem.shifts[number as usize].provider = Some(ProviderId(1 + (place + 3 * half) % providers));
        if dice.chance(30) {
            let skill = ["surgery", "x-ray", "lab"][dice.below(3) as usize];
            problem.shifts[number as usize].required_skills.push(skill.into());
        }
    }
    for staff in 0..people as usize {
        for skill in ["surgery", "x-ray", "lab"] {
            if dice.chance(70) {
                problem.staff[staff].skills.push(skill.into());
            }
        }
        if dice.chance(20) {
            off(&mut problem, staff, dice.below(days), 1);
        }
        for provider in 1..=providers {
            for stated_by in [StatedBy::Staff, StatedBy::Provider] {
                if dice.chance(12) {
                    problem.preferences.push(Preference {
                        staff: StaffId(staff as i64 + 1),
                        provider: ProviderId(provider),
                        stated_by,
                        is_preferred: dice.chance(70),
                        is_strong: dice.chance(60),
                    });
                }
            }
        }
    }
    problem
}

/// The rules of a clinic with many shift requests.
pub fn all_rules(problem: &mut Problem, days: i64, seed: u64) {
    let mut dice = Dice::new(seed + 1000);
    let hard = |kind, limit| rule(kind, Mode::Hard, 0, limit);
    let soft = |kind, weight, limit| rule(kind, Mode::Soft, weight, limit);
    let mut succession = hard(RuleKind::ForbiddenSuccession, 0);
    succession.key.shift_kind = Some("afternoon".into());
    succession.key.next_shift_kind = Some("morning".into());
    succession.setting.mode = Mode::Soft;
    succession.setting.weight = 15;
    let all: Vec<Rule> = vec![
        hard(RuleKind::MinRest, 45),
        hard(RuleKind::MaxConsecutiveDays, 4),
        soft(RuleKind::MinConsecutiveDays, 10, 2),
        soft(RuleKind::MinConsecutiveDaysOff, 5, 2),
        in_period(hard(RuleKind::MaxShifts, 2), Period::Day),
        in_period(hard(RuleKind::MaxShifts, 9), Period::Week),
        in_period(soft(RuleKind::MinShifts, 20, 3), Period::Week),
        in_period(soft(RuleKind::MaxMinutes, 1, 30 * 60), Period::Week),
        succession,
    ];
    problem.rules = rules(all);
    let people = problem.staff.len() as i64;
    for _ in 0..2 * people {
        problem.shift_requests.push(ShiftRequest {
            staff: StaffId(1 + dice.below(people)),
            date: date(dice.below(days)),
            shift_kind: dice.chance(50).then(|| "morning".into()),
            is_wanted: dice.chance(40),
            weight: None,
        });
    }
    for staff in 1..=people {
        let debt = (dice.below(21) - 10) * UNIT / 10;
        problem.debts.push(Debt { staff: StaffId(staff), counted: debt::Counted::Matches, debt });
    }
}

fn measure(name: &str, problem: &Problem) -> Status {
    let limits = Limits { time_limit_seconds: Some(120.0), ..Limits::default() };
    let start = cpu_seconds();
    let expansion = expand(problem, candidates(problem), &mut || ControlFlow::Continue(())).unwrap();
    let expanded = cpu_seconds();
    let model = RosterModel::new(&expansion, &mut || ControlFlow::Continue(())).unwrap();
    let built = cpu_seconds();
    let outcome = solve(problem, &mut Highs, &limits, &mut |_| ControlFlow::Continue(())).unwrap();
    println!(
        "{name}: {:?} {:?} in {:.3} CPU s, {} nodes; expand {:.3}, build {:.3}, {} columns, {} rows, {} coefficients",
        outcome.status,
        outcome.judgment.map(|judgment| judgment.objective),
        cpu_seconds() - built,
        outcome.nodes,
        expanded - start,
        built - expanded,
        model.model.columns.len(),
        model.model.rows.len(),
        model.model.term_count(),
    );
    if let Some(conflict) = &outcome.conflict {
        println!("  {} minimal: {}, fixes: {:?}", conflict.summary, conflict.is_minimal, conflict.fixes);
    }
    outcome.status
}

#[test]
fn a_week_of_a_clinic_is_solved() {
    let mut problem = clinic(20, 20, 80, 5, 1);
    assert_eq!(measure("20/80 score", &problem), Status::Optimal);
    all_rules(&mut problem, 5, 1);
    assert_eq!(measure("20/80 all", &problem), Status::Optimal);
}

#[test]
fn larger_clinics() {
    let Ok(chosen) = std::env::var("ROSTER_SPEED") else {
        return println!("skipped: ROSTER_SPEED isn't set");
    };
    for (people, shifts, days) in [(20, 80, 5), (50, 250, 5), (100, 600, 6)] {
        if chosen != "all" && chosen != people.to_string() {
            continue;
        }
        for seed in 1..=3 {
            let mut problem = clinic(people, people, shifts, days, seed);
            measure(&format!("{people}/{shifts} score {seed}"), &problem);
            all_rules(&mut problem, days, seed);
            measure(&format!("{people}/{shifts} all {seed}"), &problem);
            // One shift a day at most isn't enough.
            problem.rules = rules(vec![rule(RuleKind::MinRest, Mode::Hard, 0, 11 * 60)]);
            measure(&format!("{people}/{shifts} short {seed}"), &problem);
        }
    }
}

/// The clinic of bench/roster/clinic.sql, with all its rules.
fn bench_clinic(people: i64, providers: i64, shifts: i64) -> Problem {
    let mut problem = problem(5, people);
    let each = shifts / providers;
    for n in 1..=providers {
        for k in 0..each {
            let session = (n * 3 + k) % 10;
            let (kind, minute) = if session % 2 == 0 { ("early", 480) } else { ("late", 780) };
            shift(&mut problem, kind, session / 2, minute, 240, 1);
            let shift = problem.shifts.last_mut().unwrap();
            shift.provider = Some(ProviderId(n));
            if n % 4 == 0 {
                shift.required_skills.push("surgery".into());
            } else if n % 5 == 1 {
                shift.required_skills.push("x-ray".into());
            }
        }
    }
    problem.known_from = date(-20);
    problem.known_to = date(24);
    for n in 1..=people {
        let place = n as usize - 1;
        for (skill, has) in [("surgery", n % 3 != 0), ("x-ray", n % 4 != 1)] {
            if has {
                problem.staff[place].skills.push(skill.into());
            }
        }
        if n % 5 == 0 || n % 7 == 3 {
            off(&mut problem, place, n % 5, 1);
        }
        for provider in 1..=providers {
            for (stated_by, salt) in [(StatedBy::Staff, 0), (StatedBy::Provider, 1)] {
                let mix = (n * 7919 + provider * 104_729 + salt * 1_299_709 + n * provider * 31) % 10_007;
                if mix % 12 == 0 || mix % 12 == 5 {
                    problem.preferences.push(Preference {
                        staff: StaffId(n),
                        provider: ProviderId(provider),
                        stated_by,
                        is_preferred: mix % 5 < 3,
                        is_strong: mix % 2 == 0,
                    });
                }
            }
        }
        if n % 3 != 1 {
            problem.shift_requests.push(ShiftRequest {
                staff: StaffId(n),
                date: date(n * 3 % 5),
                shift_kind: (n % 2 == 0).then(|| "late".into()),
                is_wanted: n % 4 == 1,
                weight: None,
            });
        }
    }
    let soft = |kind, weight, limit| rule(kind, Mode::Soft, weight, limit);
    let mut late = in_period(soft(RuleKind::MaxShifts, 30, 3), Period::Week);
    late.key.shift_kind = Some("late".into());
    let mut succession = soft(RuleKind::ForbiddenSuccession, 25, 0);
    succession.key.shift_kind = Some("late".into());
    succession.key.next_shift_kind = Some("early".into());
    problem.rules = rules(vec![
        in_period(rule(RuleKind::MaxShifts, Mode::Hard, 0, 7), Period::Week),
        late,
        soft(RuleKind::MaxConsecutiveDays, 40, 4),
        soft(RuleKind::MinConsecutiveDaysOff, 15, 2),
        succession,
    ]);
    problem
}

#[test]
fn bench_clinics() {
    let Ok(chosen) = std::env::var("ROSTER_SPEED") else {
        return println!("skipped: ROSTER_SPEED isn't set");
    };
    for (people, shifts) in [(20, 80), (50, 250), (100, 600)] {
        if chosen == "bench" || chosen == format!("bench{people}") {
            let problem = bench_clinic(people, people, shifts);
            measure(&format!("bench {people}/{shifts} all"), &problem);
        }
    }
}

/// A plain count: everybody may work a shift less than would be needed.
fn too_few(people: i64, shifts: i64) -> Problem {
    let mut problem = bench_clinic(people, people, shifts);
    let few = (shifts - 1) / people;
    problem.rules = rules(vec![in_period(rule(RuleKind::MaxShifts, Mode::Hard, 0, few), Period::Plan)]);
    problem
}

/// HiGHS, and the number of its calls.
struct Counted(usize);

type OnProgress<'a> = &'a mut dyn FnMut(&Progress) -> ControlFlow<()>;

impl Solver for Counted {
    fn solve(
        &mut self,
        model: &Model,
        limits: &Limits,
        on_progress: OnProgress<'_>,
    ) -> Result<Solution, SolverError> {
        self.0 += 1;
        Highs.solve(model, limits, on_progress)
    }

    fn infeasible_rows(
        &mut self,
        model: &Model,
        limits: &Limits,
        on_progress: OnProgress<'_>,
    ) -> Result<Option<Vec<usize>>, SolverError> {
        self.0 += 1;
        Highs.infeasible_rows(model, limits, on_progress)
    }
}

#[test]
fn a_count_that_falls_short_is_told_at_once() {
    for (people, shifts, places) in [(20, 80, 60), (50, 250, 200)] {
        let mut solver = Counted(0);
        let start = cpu_seconds();
        let (problem, limits) = (too_few(people, shifts), Limits::default());
        let outcome = solve(&problem, &mut solver, &limits, &mut |_| ControlFlow::Continue(())).unwrap();
        let calls = solver.0;
        println!("{people}/{shifts} too few: {:.3} CPU s, {calls} calls", cpu_seconds() - start);
        let conflict = outcome.conflict.unwrap();
        assert!(conflict.is_minimal);
        // One place more than there are, and everybody's limit.
        assert_eq!(conflict.members.len() as i64, places + 1 + people);
        let (needed, left) = (places + 1, shifts - places);
        assert_eq!(
            conflict.summary,
            format!(
                "Mon 13 Apr to Fri 17 Apr: {needed} shifts need {needed} people, but at most {places} can be staffed by \
                 those eligible."
            )
        );
        assert_eq!(
            conflict.fixes,
            [
                format!("loosen max_shifts for {people} people"),
                format!("make cover soft: {left} places would stay open"),
            ]
        );
        // For the roster itself; all the rest is counted.
        assert_eq!(calls, 1);
    }
}

/// Stopped early, an answer still says what is known, and the same by judge and solver.
#[test]
fn a_node_limit_leaves_a_roster_and_its_gap() {
    // Two weeks: they have too many ways to work for the relaxation to settle it.
    let mut problem = clinic(12, 12, 72, 10, 1);
    all_rules(&mut problem, 10, 1);
    let limits = Limits { node_limit: Some(1), ..Limits::default() };
    let solved = || solve(&problem, &mut Highs, &limits, &mut |_| ControlFlow::Continue(())).unwrap();
    let outcome = solved();
    assert_eq!(outcome.status, Status::Feasible);
    let (objective, bound) = (outcome.judgment.as_ref().unwrap().objective as f64, outcome.bound.unwrap());
    assert!(bound <= objective, "{bound} {objective}");
    assert!((outcome.gap.unwrap() - (objective - bound) / objective.abs()).abs() < 1e-9);
    let judged = expand(&problem, candidates(&problem), &mut || ControlFlow::Continue(())).unwrap();
    let is_assigned = |pair| outcome.assignments.binary_search(pair).is_ok();
    let assigned: Vec<_> = judged.pairs.iter().map(is_assigned).collect();
    assert_eq!(judge(&judged, &assigned).objective as f64, objective);
    assert_eq!(solved().assignments, outcome.assignments, "the same answer twice");
}
