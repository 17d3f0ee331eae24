//! Best solutions: first of the linear relaxation, and only if that isn't integral by search. Must never return a
//! solution that it hasn't checked against the model itself.
//!
//! The relaxation comes first because it is integral for most rosters, and because it can be interrupted at any time,
//! which the search can't while it solves its first relaxation.

use std::time::Instant;

use pg_clinic_core::milp::{Column, Limits, Model, Solution, SolverError, Status, TOLERANCE};

use crate::conflict;
use crate::handle::{Handle, Listener, OnProgress, Outcome, Run, greatest};
use crate::part::Part;

/// How near the bound a whole-numbered objective is proven: two such objectives differ by at least 1, so everything
/// below that will do. Half leaves as much room for rounding errors as it takes.
const GAP_OF_WHOLE_OBJECTIVES: f64 = 0.5;

/// How near the bound any other objective is proven.
const GAP_OF_OTHER_OBJECTIVES: f64 = 1e-6;

/// How much too high the engine may say a bound is: each column's reduced cost may be wrong by its tolerance, 1e-7.
const ROUNDING_OF_BOUNDS: f64 = 1e-3;

/// Models with fewer columns have no core: the whole takes no time.
const CORE_FROM: usize = 1000;

/// The first core has so many columns for each row: what a solution needs, and a choice.
const CORE_OF_ROWS: usize = 3;

/// And not more than one column in so many; if it settles nothing, the next cores have so many.
const CORE_PARTS: [usize; 2] = [20, 6];

/// The part of a large objective that may be lost by adding it up.
const ROUNDING_OF_SUMS: f64 = 1e-12;

/// See [`pg_clinic_core::milp::Solver::solve`].
pub fn solve(model: &Model, limits: &Limits, on_progress: OnProgress<'_>) -> Result<Solution, SolverError> {
    let started = Instant::now();
    model.validate()?;
    if limits.start.as_ref().is_some_and(|start| start.len() != model.columns.len()) {
        return Err(SolverError::InvalidModel("the start hasn't one value for each column".into()));
    }
    if conflict::of_bounds(model).is_some() {
        return Ok(Solution {
            status: Status::Infeasible,
            values: vec![],
            objective: None,
            bound: None,
            nodes: 0,
        });
    }
    let best = limits.start.as_deref().and_then(|start| Candidate::judge(model, start));
    let incumbent = best.as_ref().map(|best| best.objective);
    let mut search = Search {
        model,
        limits,
        best,
        nodes: 0,
        relaxation: None,
        listener: Listener { on_progress, started, incumbent, bound: None, is_partial: false },
    };
    let status = if model.columns.is_empty() { search.take(&[]) } else { search.run()? };
    Ok(search.finish(status))
}

/// A solution that obeys the model.
struct Candidate {
    values: Vec<f64>,
    objective: f64,
}

impl Candidate {
    /// These values with integers made whole, if they obey the model.
    fn judge(model: &Model, values: &[f64]) -> Option<Self> {
        let is_near = |(value, whole): (&f64, &f64)| (value - whole).abs() <= TOLERANCE;
        let whole = whole(model, values);
        if !values.iter().zip(&whole).all(is_near) || !model.is_feasible(&whole) {
            return None;
        }
        let objective = model.objective(&whole);
        Some(Self { values: whole, objective })
    }
}

fn whole(model: &Model, values: &[f64]) -> Vec<f64> {
    let round = |(column, &value): (&Column, &f64)| {
        // Adding 0 turns -0 into 0.
        if column.is_integer { value.round() + 0.0 } else { value.clamp(column.lower, column.upper) }
    };
    model.columns.iter().zip(values).map(round).collect()
}

/// A best solution of the relaxation. A column away from its bound there costs at least its reduced cost on top.
struct Relaxation {
    objective: f64,
    /// The reduced cost of each column and, of an integer at the bound that this cost holds it at, the bound.
    held: Vec<(f64, Option<f64>)>,
}

impl Relaxation {
    fn new(model: &Model, objective: f64, found: &[(f64, f64)]) -> Self {
        let hold = |(column, &(value, price)): (&Column, &(f64, f64))| {
            let bound = if price > 0.0 { column.lower } else { column.upper };
            let is_held = column.is_integer && (value - bound).abs() <= TOLERANCE;
            (price.abs(), is_held.then_some(bound))
        };
        Self { objective, held: model.columns.iter().zip(found).map(hold).collect() }
    }

    /// The costs that so many columns stay within; fewer than there are.
    fn reaches(&self, sizes: [usize; 3]) -> [f64; 3] {
        let mut prices: Vec<f64> = self.held.iter().map(|&(price, _)| price).collect();
        prices.sort_unstable_by(f64::total_cmp);
        sizes.map(|size| prices[size])
    }

    /// Where a column stays in every solution that costs no more than this on top.
    fn beyond(&self, column: usize, reach: f64) -> Option<f64> {
        let (price, bound) = self.held[column];
        bound.filter(|_| price > reach + TOLERANCE * (1.0 + reach))
    }
}

struct Search<'a> {
    model: &'a Model,
    limits: &'a Limits,
    best: Option<Candidate>,
    nodes: i64,
    /// The relaxation's answer for each column, where it is worth computing.
    relaxation: Option<Relaxation>,
    listener: Listener<'a>,
}

impl Search<'_> {
    fn run(&mut self) -> Result<Status, SolverError> {
        if let Some(status) = self.run_relaxed()? {
            return Ok(status);
        }
        let mut reach = f64::INFINITY;
        let relaxation = self.relaxation.take();
        if let Some(relaxation) = &relaxation {
            if let Some(status) = self.run_cores(relaxation)? {
                return Ok(status);
            }
            reach = self.best.as_ref().map_or(reach, |best| best.objective - relaxation.objective);
        }
        let beyond = |column| relaxation.as_ref().and_then(|relaxation| relaxation.beyond(column, reach));
        self.run_integer(&Part::new(self.model, beyond))
    }

    /// The status, if the relaxation settles it.
    fn run_relaxed(&mut self) -> Result<Option<Status>, SolverError> {
        let handle = Handle::new(self.model)?;
        // Presolve finds little in such models, looks at every column for it, and can't be interrupted.
        let run = Run { relaxed: true, without_presolve: true, ..self.run_options() };
        match handle.run(&run, &mut self.listener)? {
            // The search copes with more than one pass of the simplex method does.
            Outcome::Lost => return Ok(None),
            Outcome::Infeasible => return self.infeasible().map(Some),
            Outcome::Cancelled => return Ok(Some(Status::Cancelled)),
            Outcome::Limit => return Ok(Some(self.unproven())),
            Outcome::Optimal => {}
        }
        self.raise_bound(Some(handle.objective()?));
        if let Some(values) = handle.values()? {
            self.take(&values);
        }
        if self.limits.start.is_none() && self.model.columns.len() >= CORE_FROM {
            let found = handle.reduced_costs()?;
            self.relaxation = Some(Relaxation::new(self.model, handle.objective()?, &found));
        }
        Ok(self.is_proven().then_some(Status::Optimal))
    }

    /// Searches the columns that the relaxation finds nearly free first: a solution among them that is cheap enough is a
    /// best one of all. If it isn't, it still rules out the columns that cost too much. `None` where all is left to do.
    fn run_cores(&mut self, relaxation: &Relaxation) -> Result<Option<Status>, SolverError> {
        let (columns, rows) = (self.model.columns.len(), self.model.rows.len());
        let [small, large] = CORE_PARTS.map(|part| columns / part);
        let mut reaches = relaxation.reaches([small.min(CORE_OF_ROWS * rows), small, large]).to_vec();
        reaches.dedup();
        for reach in reaches {
            if self.best.as_ref().is_some_and(|best| best.objective - relaxation.objective <= reach) {
                break;
            }
            if let Some(status) = self.run_core(relaxation, reach)? {
                return Ok(Some(status));
            }
        }
        Ok(None)
    }

    fn run_core(&mut self, relaxation: &Relaxation, reach: f64) -> Result<Option<Status>, SolverError> {
        let part = Part::new(self.model, |column| relaxation.beyond(column, reach));
        let handle = Handle::new(&part.model)?;
        self.listener.is_partial = true;
        let outcome = handle.run(&self.run_options(), &mut self.listener);
        self.listener.is_partial = false;
        self.nodes += handle.nodes()?;
        match outcome? {
            Outcome::Cancelled => return Ok(Some(Status::Cancelled)),
            Outcome::Limit => {
                if let Some(values) = handle.values()? {
                    self.take(&part.whole(&values));
                }
                if self.best.is_some() || self.run_options().seconds.is_some_and(|left| left <= 0.0) {
                    return Ok(Some(self.unproven()));
                }
            }
            Outcome::Infeasible | Outcome::Lost => {}
            Outcome::Optimal => {
                if let Some(values) = handle.values()? {
                    self.take(&part.whole(&values));
                }
                let bound = handle.integer_bound()?.map(|bound| bound.min(relaxation.objective + reach));
                self.raise_bound(bound);
            }
        }
        Ok(self.is_proven().then_some(Status::Optimal))
    }

    fn run_integer(&mut self, part: &Part) -> Result<Status, SolverError> {
        let handle = Handle::new(&part.model)?;
        let start = self.best.as_ref().map(|best| best.values.as_slice()).or(self.limits.start.as_deref());
        if let Some(start) = start {
            handle.set_start(&part.of(start))?;
        }
        let outcome = handle.run(&self.run_options(), &mut self.listener)?;
        self.nodes += handle.nodes()?;
        match outcome {
            Outcome::Infeasible => return self.infeasible(),
            Outcome::Lost => {
                return Err(SolverError::Engine("rounding errors kept it from an answer".into()));
            }
            Outcome::Optimal | Outcome::Limit | Outcome::Cancelled => {}
        }
        self.raise_bound(handle.integer_bound()?);
        if let Some(values) = handle.values()? {
            let values = part.whole(&values);
            let status = self.take(&values);
            if status == Status::Unknown || outcome == Outcome::Optimal && !self.is_proven() {
                self.repair(&values)?;
            }
        }
        match outcome {
            Outcome::Cancelled => Ok(Status::Cancelled),
            Outcome::Optimal if self.is_proven() => Ok(Status::Optimal),
            Outcome::Optimal => Err(SolverError::Engine("its best solution breaks a rule".into())),
            _ => Ok(self.unproven()),
        }
    }

    /// For values that are integers only nearly, and break a row when made whole: the continuous columns may adapt.
    fn repair(&mut self, values: &[f64]) -> Result<(), SolverError> {
        let whole = whole(self.model, values);
        let part =
            Part::new(self.model, |column| self.model.columns[column].is_integer.then_some(whole[column]));
        let handle = Handle::new(&part.model)?;
        // Little is left to solve: worth it even when time is up.
        let run = Run { relaxed: true, ..Run::default() };
        if handle.run(&run, &mut self.listener)? == Outcome::Optimal
            && let Some(values) = handle.values()?
        {
            self.take(&part.whole(&values));
        }
        Ok(())
    }

    fn run_options(&self) -> Run {
        Run {
            seconds: self.listener.seconds_left(self.limits.time_limit_seconds),
            nodes: self.limits.node_limit.map(|limit| (limit - self.nodes).max(0)),
            absolute_gap: self.gap(),
            ..Run::default()
        }
    }

    fn gap(&self) -> f64 {
        if self.model.has_integral_objective() { GAP_OF_WHOLE_OBJECTIVES } else { GAP_OF_OTHER_OBJECTIVES }
    }

    /// The part of an objective that is rounding error: of one with continuous columns as much as their bounds may be
    /// exceeded.
    fn rounding(&self) -> f64 {
        if self.model.has_integral_objective() { ROUNDING_OF_SUMS } else { TOLERANCE }
    }

    /// Keeps these values if they are a better solution, and says what would be known if all ended here.
    fn take(&mut self, values: &[f64]) -> Status {
        let Some(found) = Candidate::judge(self.model, values) else { return Status::Unknown };
        let is_better = self.best.as_ref().is_none_or(|best| found.objective < best.objective);
        if is_better {
            self.listener.incumbent = Some(found.objective);
            self.best = Some(found);
        }
        if self.model.columns.is_empty() { Status::Optimal } else { self.unproven() }
    }

    /// A whole-numbered objective has whole-numbered bounds.
    fn raise_bound(&mut self, bound: Option<f64>) {
        let sharpen = |bound: f64| {
            if !self.model.has_integral_objective() {
                return bound;
            }
            let rounding_error = ROUNDING_OF_BOUNDS + ROUNDING_OF_SUMS * bound.abs();
            (bound - self.model.offset - rounding_error).ceil() + self.model.offset
        };
        self.listener.bound = greatest(self.listener.bound, bound.map(sharpen));
    }

    fn is_proven(&self) -> bool {
        match (&self.best, self.listener.bound) {
            (Some(best), Some(bound)) => {
                let rounding_error = self.rounding() * best.objective.abs();
                best.objective <= bound + self.gap() + rounding_error
            }
            _ => false,
        }
    }

    fn infeasible(&self) -> Result<Status, SolverError> {
        if self.best.is_some() {
            return Err(SolverError::Engine("it finds no solution where one is known".into()));
        }
        Ok(Status::Infeasible)
    }

    /// The status when a limit was reached.
    fn unproven(&self) -> Status {
        match &self.best {
            Some(_) if self.is_proven() => Status::Optimal,
            Some(_) => Status::Feasible,
            None => Status::Unknown,
        }
    }

    fn finish(self, status: Status) -> Solution {
        let objective = self.best.as_ref().map(|best| best.objective);
        let bound = match status {
            Status::Optimal => objective,
            Status::Infeasible => None,
            // Never beyond what has been reached, whatever rounding did.
            _ => self.listener.bound.map(|bound| objective.map_or(bound, |objective| bound.min(objective))),
        };
        let values = self.best.map(|best| best.values).unwrap_or_default();
        Solution { status, values, objective, bound, nodes: self.nodes }
    }
}
