//! Ends without a proof.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use pg_clinic_core::milp::{Limits, Solver, Status};
use pg_clinic_solver::Highs;

use crate::models::{hard, roster};
use crate::solve_within;

#[test]
fn a_node_limit_gives_the_same_answer_everywhere() {
    let model = hard(40, 4);
    let limits = Limits { node_limit: Some(200), ..Limits::default() };
    let solution = solve_within(&model, &limits);
    assert_eq!(solution.status, Status::Feasible);
    assert!((1..=1000).contains(&solution.nodes), "{} nodes", solution.nodes);
    assert!(model.is_feasible(&solution.values));
    assert!(solution.bound.unwrap() <= solution.objective.unwrap());
    assert_eq!(solution, solve_within(&model, &limits));
}

#[test]
fn a_time_limit_is_kept() {
    let model = hard(50, 5);
    let limits = Limits { time_limit_seconds: Some(0.5), ..Limits::default() };
    let started = Instant::now();
    let solution = solve_within(&model, &limits);
    let elapsed = started.elapsed();
    assert!(elapsed < Duration::from_millis(2000), "{elapsed:?}");
    assert_eq!(solution.status, Status::Feasible);
    assert!(model.is_feasible(&solution.values));
}

#[test]
fn without_time_nothing_is_known() {
    let limits = Limits { time_limit_seconds: Some(0.0), ..Limits::default() };
    let solution = solve_within(&roster(20, 60, 3), &limits);
    assert_eq!((solution.status, solution.values, solution.objective), (Status::Unknown, vec![], None));
}

/// Breaks off when `is_enough` of the incumbent says so; returns the solution's status, whether it had values, and how
/// long the end took.
fn break_off(items: usize, is_enough: impl Fn(Option<f64>, f64) -> bool) -> (Status, bool, Duration) {
    let model = hard(items, 5);
    let mut broken_off = None;
    let solution = Highs
        .solve(&model, &Limits::default(), &mut |progress| {
            if !is_enough(progress.incumbent, progress.seconds) {
                return ControlFlow::Continue(());
            }
            broken_off.get_or_insert_with(Instant::now);
            ControlFlow::Break(())
        })
        .unwrap();
    let took = broken_off.expect("it was broken off").elapsed();
    (solution.status, !solution.values.is_empty(), took)
}

#[test]
fn breaking_off_ends_it_at_once() {
    for (begun, is_enough) in [
        (false, (|_, _| true) as fn(Option<f64>, f64) -> bool),
        (true, |incumbent, seconds| incumbent.is_some() && seconds > 0.5),
    ] {
        let (status, has_values, took) = break_off(50, is_enough);
        assert_eq!(status, Status::Cancelled);
        assert_eq!(has_values, begun);
        assert!(took < Duration::from_secs(1), "{took:?}");
    }
}

#[test]
fn a_roster_is_never_silent_for_long() {
    let model = roster(50, 250, 5);
    let (mut last, mut longest) = (Instant::now(), Duration::ZERO);
    let solution = Highs
        .solve(&model, &Limits::default(), &mut |_| {
            longest = longest.max(last.elapsed());
            last = Instant::now();
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(solution.status, Status::Optimal);
    assert!(longest < Duration::from_secs(1), "{longest:?}");
}

#[test]
fn progress_never_goes_back() {
    let model = hard(40, 4);
    let limits = Limits { node_limit: Some(300), ..Limits::default() };
    let mut last = None;
    Highs
        .solve(&model, &limits, &mut |progress| {
            let now = *progress;
            let before = last.replace(now).unwrap_or(now);
            assert!(now.seconds >= before.seconds && now.nodes >= before.nodes);
            assert!(before.incumbent.is_none_or(|before| now.incumbent.is_some_and(|now| now <= before)));
            assert!(before.bound.is_none_or(|before| now.bound.is_some_and(|now| now >= before)));
            ControlFlow::Continue(())
        })
        .unwrap();
    assert!(last.is_some_and(|last| last.incumbent.is_some() && last.bound.is_some()));
}
