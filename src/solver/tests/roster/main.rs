//! Rosters solved for real: the core's model and HiGHS together, against brute force, public benchmarks and literal
//! conflicts.

mod brute_force;
mod build;
mod columns;
mod conflicts;
mod fairness;
mod nrp;
mod patterns;
mod speed;

use std::ops::ControlFlow;

use pg_clinic_core::milp::Limits;
use pg_clinic_core::roster::outcome::{Outcome, SolveError};
use pg_clinic_core::roster::problem::Problem;
use pg_clinic_core::roster::solve::solve;
use pg_clinic_solver::Highs;

/// The answer without limits.
fn answer(problem: &Problem) -> Result<Outcome, SolveError> {
    solve(problem, &mut Highs, &Limits::default(), &mut |_| ControlFlow::Continue(()))
}

/// An answer's assignments as ids.
fn ids(problem: &Problem, outcome: &Outcome) -> Vec<(i64, i64)> {
    let ids = |pair: &pg_clinic_core::roster::instance::Pair| {
        (problem.staff[pair.staff].id.0, problem.shifts[pair.shift].id.0)
    };
    outcome.assignments.iter().map(ids).collect()
}

/// Seconds this thread has computed: what a loaded machine doesn't distort. 0 where that can't be read.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0.0) / 1e9
}
