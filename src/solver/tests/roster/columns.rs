//! The bound by columns: never above the best roster, and on the public instances as near as a study found it.

use std::ops::ControlFlow;

use pg_clinic_core::milp::{Limits, SolverError};
use pg_clinic_core::roster::columns::{Bound, bound};
use pg_clinic_core::roster::expand::expand_to_plan;
use pg_clinic_core::roster::outcome::Status;
use pg_clinic_core::roster::problem::Problem;
use pg_clinic_core::roster::solve::solve;
use pg_clinic_solver::Highs;

use crate::brute_force::{least_cost, random_problem};
use crate::build::Dice;
use crate::nrp::{import, text};
use crate::speed::{all_rules, clinic};
use crate::{answer, cpu_seconds};

fn bound_of(problem: &Problem) -> Option<Bound> {
    let expansion = expand_to_plan(problem, &mut || ControlFlow::Continue(())).unwrap();
    bound(&expansion, problem.staff.len(), &mut Highs, &mut |_| ControlFlow::Continue(())).unwrap()
}

#[test]
fn no_roster_is_below_the_bound() {
    let (mut bounded, mut reached) = (0, 0);
    for seed in 0..120 {
        let problem = random_problem(&mut Dice::new(seed));
        let (Some(least), Some(bound)) = (least_cost(&problem), bound_of(&problem)) else { continue };
        assert!(bound.points <= least, "seed {seed}: {bound:?}, but {least}");
        bounded += 1;
        reached += usize::from(bound.points == least);
    }
    assert!(bounded > 40 && 10 * reached > 9 * bounded, "{reached} of {bounded} are reached");
}

#[test]
fn a_clinics_week_has_a_near_bound() {
    let mut problem = clinic(12, 12, 50, 5, 1);
    all_rules(&mut problem, 5, 1);
    let best = answer(&problem).unwrap().judgment.unwrap().objective;
    let bound = bound_of(&problem).unwrap();
    assert!(
        bound.is_closed && bound.points <= best && best - bound.points <= best.abs() / 100,
        "{best} {bound:?}"
    );
    assert_eq!(bound_of(&problem), Some(bound), "the same twice");
}

/// What the search leaves unproven has the bound by columns, or a better one.
#[test]
fn an_unproven_roster_has_the_bound() {
    let mut problem = clinic(10, 10, 60, 10, 1);
    all_rules(&mut problem, 10, 1);
    let limits = Limits { node_limit: Some(1), ..Limits::default() };
    let outcome = solve(&problem, &mut Highs, &limits, &mut |_| ControlFlow::Continue(())).unwrap();
    let by_columns = bound_of(&problem).unwrap().points as f64;
    let objective = outcome.judgment.unwrap().objective as f64;
    let bound = outcome.bound.unwrap();
    assert!(by_columns <= bound && bound <= objective, "{by_columns} {bound} {objective}");
    assert_eq!(outcome.status == Status::Optimal, bound == objective);
}

/// The bounds of the study: best known rosters have 607, 828, 1001, 1716, 1143, 1950, 1056, 1300, 439.
fn is_bounded(instance: usize, points: i64) {
    let Some(text) = text(instance) else { return };
    let problem = import(&text);
    let start = cpu_seconds();
    let bound = bound_of(&problem).unwrap();
    println!("instance {instance}: {:.3} CPU seconds, {bound:?}", cpu_seconds() - start);
    assert_eq!(bound.points, points);
}

#[test]
fn public_instances_are_bounded() {
    is_bounded(1, 558);
    is_bounded(2, 828);
    is_bounded(3, 1001);
}

/// Seconds each, in a debug build: `NRP_ALL=1`.
#[test]
fn further_public_instances_are_bounded() {
    if std::env::var_os("NRP_ALL").is_none() {
        return println!("skipped: NRP_ALL isn't set");
    }
    for (instance, points) in [(4, 1716), (5, 1141), (6, 1949), (7, 1055), (8, 1297), (9, 406)] {
        is_bounded(instance, points);
    }
}

#[test]
fn it_can_be_broken_off() {
    let problem = clinic(6, 5, 20, 4, 1);
    let expansion = expand_to_plan(&problem, &mut || ControlFlow::Continue(())).unwrap();
    for after in [0, 3, 8] {
        let mut calls = 0;
        let stopped = bound(&expansion, problem.staff.len(), &mut Highs, &mut |_| {
            calls += 1;
            if calls > after { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(stopped, Err(SolverError::Cancelled));
    }
}
