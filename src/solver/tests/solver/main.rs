//! The solver judged from outside: against known answers, against trying everything, and as a guest in a process.

mod conflicts;
mod guest;
mod kept;
mod limits;
mod models;
mod optima;

use std::ops::ControlFlow;

use pg_clinic_core::milp::{Limits, Model, Progress, Solution, Solver, SolverError};
use pg_clinic_solver::Highs;

/// A listener that lets everything go on.
fn go_on(_: &Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn solve_within(model: &Model, limits: &Limits) -> Solution {
    Highs.solve(model, limits, &mut go_on).expect("a sensible model has an answer")
}

fn solve(model: &Model) -> Solution {
    solve_within(model, &Limits::default())
}

fn infeasible_rows(model: &Model) -> Result<Option<Vec<usize>>, SolverError> {
    Highs.infeasible_rows(model, &Limits::default(), &mut go_on)
}
