//! pg_clinic's exact solver: hands the core's models ([`pg_clinic_core::milp`]) to HiGHS. The only place that names
//! HiGHS; must never name PostgreSQL.
//!
//! A crate of its own, so that the core stays pure Rust (and compiles in seconds), and so that this is tested without a
//! server. All `unsafe` is in `handle`, which alone calls `guard`.
#![deny(unsafe_code)]

mod conflict;
mod guard;
mod handle;
mod kept;
mod optimum;
mod part;

use handle::OnProgress;
use pg_clinic_core::milp::{Limits, Model, Relaxed, Solution, Solver, SolverError};

/// HiGHS on one thread: the calling one. Holds nothing between solves: the engine's memory is given back before a
/// solve returns, that of a kept model when it is dropped.
#[derive(Debug, Default)]
pub struct Highs;

impl Solver for Highs {
    fn keep(&mut self, model: &Model) -> Result<Option<Box<dyn Relaxed>>, SolverError> {
        Ok(Some(Box::new(kept::Kept::new(model)?)))
    }

    fn solve(
        &mut self,
        model: &Model,
        limits: &Limits,
        on_progress: OnProgress<'_>,
    ) -> Result<Solution, SolverError> {
        optimum::solve(model, limits, on_progress)
    }

    fn infeasible_rows(
        &mut self,
        model: &Model,
        limits: &Limits,
        on_progress: OnProgress<'_>,
    ) -> Result<Option<Vec<usize>>, SolverError> {
        conflict::infeasible_rows(model, limits, on_progress)
    }
}
