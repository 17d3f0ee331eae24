//! Why a model has no solution: rows that contradict each other. Must never name rows without proof that they do.

use std::time::Instant;

use pg_clinic_core::milp::{Column, Limits, Model, Row, SolverError, TOLERANCE};

use crate::handle::{Handle, Listener, OnProgress, Outcome, Run};

/// Multipliers smaller than this part of the largest are rounding errors.
const NEGLIGIBLE: f64 = 1e-9;

/// See [`pg_clinic_core::milp::Solver::infeasible_rows`].
pub fn infeasible_rows(
    model: &Model,
    limits: &Limits,
    on_progress: OnProgress<'_>,
) -> Result<Option<Vec<usize>>, SolverError> {
    let started = Instant::now();
    model.validate()?;
    if let Some(rows) = of_bounds(model) {
        return Ok(Some(rows));
    }
    if model.columns.is_empty() || model.rows.is_empty() {
        return Ok(None);
    }
    let mut listener = Listener { on_progress, started, incumbent: None, bound: None, is_partial: false };
    match from_ray(model, limits, &mut listener)? {
        Verdict::Feasible => Ok(None),
        Verdict::Conflict(rows) => Ok(Some(rows)),
        Verdict::NoProof => from_elastic(model, limits, &mut listener),
    }
}

/// Rows that can't be obeyed whatever the columns are: bounds that cross, or nothing to add up. Empty if it is a
/// column's bounds that cross.
pub fn of_bounds(model: &Model) -> Option<Vec<usize>> {
    if model.columns.iter().any(|column| column.lower > column.upper) {
        return Some(vec![]);
    }
    let is_impossible = |row: &Row| {
        row.lower > row.upper || row.terms.is_empty() && (row.lower > TOLERANCE || row.upper < -TOLERANCE)
    };
    model.rows.iter().position(is_impossible).map(|row| vec![row])
}

enum Verdict {
    Feasible,
    Conflict(Vec<usize>),
    NoProof,
}

/// The simplex method ends an infeasible model with multipliers that prove it.
fn from_ray(model: &Model, limits: &Limits, listener: &mut Listener<'_>) -> Result<Verdict, SolverError> {
    let handle = Handle::new(&with_made_up_costs(model))?;
    match run(&handle, limits, listener)? {
        Outcome::Optimal => Ok(Verdict::Feasible),
        Outcome::Infeasible => {
            let rows = handle.dual_ray()?.and_then(|ray| support(model, &ray));
            Ok(rows.map_or(Verdict::NoProof, Verdict::Conflict))
        }
        Outcome::Lost => Ok(Verdict::NoProof),
        Outcome::Cancelled => Err(SolverError::Cancelled),
        Outcome::Limit => Err(SolverError::TimeLimit),
    }
}

/// Whether there is a solution has nothing to do with its cost. Costs that all differ, and draw every column to a bound
/// it has, let the dual simplex method start at once and spare it ties: 600 shifts are judged eight times as fast as
/// without costs.
fn with_made_up_costs(model: &Model) -> Model {
    const DIFFERENT: usize = 101;
    let mut model = model.clone();
    for (number, column) in model.columns.iter_mut().enumerate() {
        let size = 1.0 + (number * 37 % DIFFERENT) as f64;
        column.cost = match (column.lower.is_finite(), column.upper.is_finite()) {
            (true, _) => size,
            (false, true) => -size,
            (false, false) => 0.0,
        };
    }
    model
}

/// Slower but always has an answer: let every row be broken at a cost. The dual values of the cheapest way prove that
/// it can't be had for nothing.
fn from_elastic(
    model: &Model,
    limits: &Limits,
    listener: &mut Listener<'_>,
) -> Result<Option<Vec<usize>>, SolverError> {
    let handle = Handle::new(&elastic(model))?;
    match run(&handle, limits, listener)? {
        Outcome::Optimal if handle.objective()? <= TOLERANCE => Ok(None),
        // If even this proves nothing, all rows together still contradict each other.
        Outcome::Optimal => {
            Ok(support(model, &handle.row_duals()?).or_else(|| Some((0..model.rows.len()).collect())))
        }
        Outcome::Cancelled => Err(SolverError::Cancelled),
        Outcome::Limit => Err(SolverError::TimeLimit),
        Outcome::Infeasible | Outcome::Lost => {
            Err(SolverError::Engine("rounding errors kept it from an answer".into()))
        }
    }
}

fn elastic(model: &Model) -> Model {
    let mut elastic = model.clone();
    elastic.columns.iter_mut().for_each(|column| column.cost = 0.0);
    for row in &mut elastic.rows {
        for sign in [1.0, -1.0] {
            elastic.columns.push(Column::continuous(0.0, f64::INFINITY, 1.0));
            row.terms.push((elastic.columns.len() - 1, sign));
        }
    }
    elastic
}

fn run(handle: &Handle, limits: &Limits, listener: &mut Listener<'_>) -> Result<Outcome, SolverError> {
    let seconds = listener.seconds_left(limits.time_limit_seconds);
    handle.run(&Run { relaxed: true, without_presolve: true, seconds, ..Run::default() }, listener)
}

/// The rows with a multiplier, if the multipliers prove a contradiction.
fn support(model: &Model, multipliers: &[f64]) -> Option<Vec<usize>> {
    let largest = multipliers.iter().fold(0.0_f64, |largest, multiplier| largest.max(multiplier.abs()));
    if largest == 0.0 || !largest.is_finite() {
        return None;
    }
    let clean =
        |&multiplier: &f64| if multiplier.abs() > NEGLIGIBLE * largest { multiplier / largest } else { 0.0 };
    let weights: Vec<f64> = multipliers.iter().map(clean).collect();
    // Which sign proves something is the engine's convention; nothing depends on knowing it.
    let opposite: Vec<f64> = weights.iter().map(|weight| -weight).collect();
    if !contradicts(model, &weights) && !contradicts(model, &opposite) {
        return None;
    }
    Some((0..weights.len()).filter(|&row| weights[row] != 0.0).collect())
}

/// Farkas' argument: weighted and added up, the rows demand more of some sum of columns than the columns' bounds allow.
fn contradicts(model: &Model, weights: &[f64]) -> bool {
    let mut sums = vec![0.0; model.columns.len()];
    let (mut demanded, mut size) = (0.0, 0.0);
    for (row, &weight) in model.rows.iter().zip(weights).filter(|(_, weight)| **weight != 0.0) {
        let bound = if weight > 0.0 { row.lower } else { row.upper };
        demanded += weight * bound;
        size += (weight * bound).abs();
        for &(column, coefficient) in &row.terms {
            sums[column] += weight * coefficient;
        }
    }
    let mut allowed = 0.0;
    for (column, &sum) in model.columns.iter().zip(&sums).filter(|(_, sum)| sum.abs() > NEGLIGIBLE) {
        let bound = if sum > 0.0 { column.upper } else { column.lower };
        allowed += sum * bound;
        size += (sum * bound).abs();
    }
    // Where a bound is infinite the size is too, and nothing is proven.
    demanded - allowed > NEGLIGIBLE * size
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two people for three shifts, and a row that has nothing to do with it.
    fn short_staffed() -> Model {
        let mut model = Model::default();
        for _ in 0..3 {
            model.add_column(Column::binary(1.0));
        }
        model.add_row(Row::at_most(5.0, [(0, 1.0), (1, 1.0)]));
        model.add_row(Row::at_least(3.0, [(0, 1.0), (1, 1.0), (2, 1.0)]));
        model.add_row(Row::at_most(2.0, [(0, 1.0), (1, 1.0), (2, 1.0)]));
        model
    }

    #[test]
    fn elastic_rows_name_the_same_conflict() {
        let mut on_progress = |_: &_| std::ops::ControlFlow::Continue(());
        let mut listener = Listener {
            on_progress: &mut on_progress,
            started: Instant::now(),
            incumbent: None,
            bound: None,
            is_partial: false,
        };
        let rows = from_elastic(&short_staffed(), &Limits::default(), &mut listener);
        assert_eq!(rows, Ok(Some(vec![1, 2])));
    }

    #[test]
    fn multipliers_that_prove_nothing_are_refused() {
        let model = short_staffed();
        assert_eq!(support(&model, &[0.0, 1.0, -1.0]), Some(vec![1, 2]));
        assert_eq!(support(&model, &[0.0, -7.0, 7.0]), Some(vec![1, 2]), "either sign, any size");
        assert_eq!(support(&model, &[0.0, 1.0, 0.0]), None);
        assert_eq!(support(&model, &[1.0, 0.0, 0.0]), None);
        assert_eq!(support(&model, &[0.0, 0.0, 0.0]), None);
    }
}
