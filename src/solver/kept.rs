//! A linear model that is kept between its solves. Must never start from nothing where it has a basis.

use std::time::Instant;

use pg_clinic_core::milp::{Model, NewColumn, Priced, Relaxed, SolverError};

use crate::handle::{Handle, Listener, OnProgress, Outcome, Run};

/// A model in its engine.
pub struct Kept {
    handle: Handle,
    started: Instant,
    has_basis: bool,
}

impl Kept {
    /// The model's columns may be of any kind; none is taken for an integer.
    pub fn new(model: &Model) -> Result<Self, SolverError> {
        model.validate()?;
        Ok(Self { handle: Handle::new(model)?, started: Instant::now(), has_basis: false })
    }
}

impl Relaxed for Kept {
    fn add_columns(&mut self, columns: &[NewColumn]) -> Result<(), SolverError> {
        self.handle.add_columns(columns)
    }

    fn solve(&mut self, on_progress: OnProgress<'_>) -> Result<Option<Priced>, SolverError> {
        if self.has_basis {
            // New columns leave the last solution feasible, which is what this method starts from.
            self.handle.use_primal_simplex()?;
        }
        let run = Run { relaxed: true, without_presolve: true, ..Run::default() };
        let started = self.started;
        let mut listener = Listener { on_progress, started, incumbent: None, bound: None, is_partial: true };
        match self.handle.run(&run, &mut listener)? {
            Outcome::Cancelled => Err(SolverError::Cancelled),
            Outcome::Infeasible | Outcome::Limit | Outcome::Lost => Ok(None),
            Outcome::Optimal => {
                self.has_basis = true;
                let (objective, duals) = (self.handle.objective()?, self.handle.row_duals()?);
                Ok(Some(Priced { objective, duals }))
            }
        }
    }
}
