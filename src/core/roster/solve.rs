//! Solving a roster: rules to a model, the model to a solver, its answer judged by the judge. Must never return a roster
//! whose cost the judge and the solver disagree about.

use crate::milp::{self, Limits, Progress, Solver, SolverError};
use crate::roster::columns;
use crate::roster::conflict::find_conflict;
use crate::roster::expand::expand_to_plan;
use crate::roster::instance::Expansion;
use crate::roster::judge::{Judgment, judge};
use crate::roster::model::RosterModel;
use crate::roster::outcome::{OnProgress, Outcome, SolveError, Status};
use crate::roster::problem::Problem;

/// The part of the time that is for the search. The rest is for a better bound, if the search proves nothing.
const TIME_TO_SEARCH: f64 = 0.9;

/// The best roster. `on_progress` gets points of the roster; it is also called, without any, while the rules
/// are spelled out. Breaking from it ends the question.
///
/// # Errors
/// [`SolveError`], where not even "unknown" is an answer.
pub fn solve(
    problem: &Problem,
    solver: &mut dyn Solver,
    limits: &Limits,
    on_progress: &mut OnProgress<'_>,
) -> Result<Outcome, SolveError> {
    let mut check = || on_progress(&Progress::NONE);
    let expansion = expand_to_plan(problem, &mut check)?;
    let model = RosterModel::new(&expansion, &mut check)?;
    if !model.impossible.is_empty() {
        return infeasible(problem, expansion, &model, 0, solver, limits, on_progress);
    }
    let search = Limits {
        time_limit_seconds: limits.time_limit_seconds.map(|seconds| seconds * TIME_TO_SEARCH),
        ..limits.clone()
    };
    let solution = solver.solve(&model.model, &search, &mut |progress| {
        on_progress(&Progress {
            incumbent: progress.incumbent.map(|value| model.points(value)),
            bound: progress.bound.map(|value| model.points(value)),
            ..*progress
        })
    })?;
    let status = match solution.status {
        milp::Status::Optimal => Status::Optimal,
        milp::Status::Feasible => Status::Feasible,
        milp::Status::Unknown => Status::Unknown,
        milp::Status::Infeasible => {
            return infeasible(problem, expansion, &model, solution.nodes, solver, limits, on_progress);
        }
        milp::Status::Cancelled => return Err(SolveError::Cancelled),
    };
    let mut bound = solution.bound.map(|value| model.points(value));
    let mut by_columns = None;
    if status != Status::Optimal {
        let larger = |one: Option<f64>, other: Option<f64>| one.into_iter().chain(other).reduce(f64::max);
        let (nodes, incumbent) = (solution.nodes, solution.objective.map(|value| model.points(value)));
        let found = columns::bound(&expansion, problem.staff.len(), solver, &mut |progress| {
            let bound = larger(bound, progress.bound);
            on_progress(&Progress { incumbent, bound, nodes, ..*progress })
        });
        by_columns = match found {
            // The bound is an extra: without memory for it the roster stands.
            Err(SolverError::OutOfMemory) => None,
            found => found?,
        };
        bound = larger(bound, by_columns.as_ref().map(|bound| bound.points as f64));
    }
    let mut outcome = Outcome {
        status,
        assignments: Vec::new(),
        judgment: None,
        bound,
        gap: None,
        nodes: solution.nodes,
        conflict: None,
        expansion,
    };
    if let Some(value) = solution.objective {
        let assigned = model.assigned(&solution.values);
        let judgment = checked(status, &outcome.expansion, &assigned, model.points(value))?;
        let chosen = outcome.expansion.pairs.iter().zip(assigned).filter(|(_, is_assigned)| *is_assigned);
        outcome.assignments = chosen.map(|(pair, _)| *pair).collect();
        if by_columns.is_some_and(|bound| bound.points > judgment.objective) {
            return Err(SolverError::Engine("a roster is below the bound by columns".into()).into());
        }
        (outcome.bound, outcome.gap) = bound_and_gap(status, judgment.objective, bound);
        if outcome.gap == Some(0.0) {
            outcome.status = Status::Optimal;
        }
        outcome.judgment = Some(judgment);
    }
    Ok(outcome)
}

/// The judgment of the solver's roster, if it agrees with the solver. In a roster that isn't proven to be a best one the
/// solver may count more than is needed: the measure of a shortage is only pressed down to it when the optimum is reached.
fn checked(
    status: Status,
    expansion: &Expansion,
    assigned: &[bool],
    solver: f64,
) -> Result<Judgment, SolveError> {
    let judgment = judge(expansion, assigned);
    let excess = solver - judgment.objective as f64;
    // Points are whole numbers; what solvers add up in floating point is off by far less than one.
    let agrees = if status == Status::Optimal { excess.abs() <= 0.5 } else { excess >= -0.5 };
    if judgment.broken > 0 || !agrees {
        return Err(SolveError::Disagreement { solver, judge: judgment.objective, broken: judgment.broken });
    }
    Ok(judgment)
}

/// A proven roster is its own bound; points are whole numbers, so a bound between two means the upper one.
fn bound_and_gap(status: Status, objective: i64, bound: Option<f64>) -> (Option<f64>, Option<f64>) {
    let objective = objective as f64;
    let bound = match status {
        Status::Optimal => Some(objective),
        _ => bound.map(|bound| (bound - milp::TOLERANCE * bound.abs().max(1.0)).ceil().min(objective)),
    };
    (bound, bound.map(|bound| (objective - bound) / objective.abs().max(1.0)))
}

fn infeasible(
    problem: &Problem,
    expansion: Expansion,
    model: &RosterModel,
    nodes: i64,
    solver: &mut dyn Solver,
    limits: &Limits,
    on_progress: &mut OnProgress<'_>,
) -> Result<Outcome, SolveError> {
    // That it is impossible is an answer also where no time is left to say why.
    let conflict = match find_conflict(problem, &expansion, &model.impossible, solver, limits, on_progress) {
        Ok(conflict) => Some(conflict),
        Err(SolveError::Solver(SolverError::TimeLimit)) => None,
        Err(error) => return Err(error),
    };
    Ok(Outcome {
        status: Status::Infeasible,
        assignments: Vec::new(),
        judgment: None,
        bound: None,
        gap: None,
        nodes,
        conflict,
        expansion,
    })
}
