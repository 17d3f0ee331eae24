//! A bound that no roster can be below, from columns: one for each way in which a person may work, of which only those are
//! looked at that the linear relaxation asks for. Must never say more than is true: every number in the bound is whole.
//!
//! The relaxation is that of Dantzig and Wolfe, *Decomposition principle for linear programs* (1960). The rules about several
//! people are its rows; a person's rules are in the person's diagram, and the cheapest way for given prices of the rows is a
//! shortest path through it. For any prices, what the ways and the rows cost at least together is a bound (Geoffrion,
//! *Lagrangean relaxation for integer programming*, 1974), so that there is a bound at every moment. Prices are smoothed, as
//! Wentges, *Weighted Dantzig–Wolfe decomposition for linear mixed-integer programming* (1997) does: those of the relaxation
//! swing from round to round.

mod price;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use crate::milp::{Column, Model, NewColumn, Priced, Progress, Relaxed, Row, Solver, SolverError};
use crate::roster::diagram::{Caps, Diagram, Request, Shares, Unfit, Way, in_time_order};
use crate::roster::instance::{Cost, Expansion};
use crate::roster::outcome::OnProgress;

use price::Worker;
use rows::SharedRow;

/// Each person's diagram: so many states are some tenths of a second, and some 50 MB while it is compiled.
const CAPS: Caps = Caps { choices: usize::MAX, sets: None, states: 200_000, relaxes: true };

/// The public instances need up to 45 rounds.
const ROUNDS: usize = 500;

/// The part of the best prices so far in those that are tried.
const SMOOTHING: f64 = 0.8;

/// Where smoothed prices ask for no column, they are less so the next time, and not at all below this.
const LEAST_SMOOTHING: f64 = 0.2;

/// The part of the smoothing that is left each time.
const LESS_SMOOTHING: f64 = 0.4;

/// Steps of the grid in a point: prices lie on it, so that bounds are added up in whole numbers.
const GRID: i64 = 1 << 16;

/// What a column must save to be worth adding.
const SAVING: f64 = 1e-6;

/// Points of a hard rule's violation, and of a person without a way, by the largest weight: the relaxation must be feasible
/// before it has columns. If they are too few, the bound is lower, not wrong.
const HARD: f64 = 100.0;

/// A bound of all rosters' points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// No roster that obeys all hard rules costs less.
    pub points: i64,
    /// Times that the relaxation was solved.
    pub rounds: usize,
    /// Columns that it asked for.
    pub columns: usize,
    /// States and arcs of all diagrams.
    pub size: (usize, usize),
    /// Whether the relaxation was solved to its end, so that more rounds would give no more.
    pub is_closed: bool,
}

/// The bound of an expansion for so many people, as far as the solver has time. `None` where there is nothing to say: there was
/// no time, a rule about several people is of a form that no row has, weights are too large to be exact, or there is no
/// roster at all.
///
/// # Errors
/// [`SolverError`], if the solver fails or `on_progress` breaks off.
pub fn bound(
    expansion: &Expansion,
    people: usize,
    solver: &mut dyn Solver,
    on_progress: &mut OnProgress<'_>,
) -> Result<Option<Bound>, SolverError> {
    let Some(master) = Master::new(expansion, people, solver, on_progress)? else { return Ok(None) };
    let Some(kept) = solver.keep(&master.model())? else { return Ok(None) };
    Rounds { master: &master, kept, known: BTreeSet::new(), best: None, rounds: 0, is_closed: false }
        .run(solver, on_progress)
}

/// The rows about several people, and the people.
struct Master {
    rows: Vec<SharedRow>,
    workers: Vec<Worker>,
    /// Points of every roster.
    constant: i64,
    /// The largest weight.
    weight: f64,
}

impl Master {
    fn new(
        expansion: &Expansion,
        people: usize,
        solver: &dyn Solver,
        on_progress: &mut OnProgress<'_>,
    ) -> Result<Option<Self>, SolverError> {
        let shares = Shares::new(expansion, people);
        let rows = shares.shared.iter().map(|&number| SharedRow::new(expansion, number));
        let Some(rows) = rows.collect::<Option<Vec<_>>>() else { return Ok(None) };
        let mut constant = 0_i64;
        for instance in shares.given.iter().map(|&number| &expansion.instances[number]) {
            if instance.cost == Cost::Forbidden && instance.distance(instance.constant) != (0, 0) {
                return Ok(None);
            }
            constant = constant.saturating_add(instance.cost_at(instance.constant));
        }
        let mut workers = Vec::with_capacity(people);
        let order = in_time_order(expansion, people);
        for (person, (pairs, instances)) in order.iter().zip(&shares.personal).enumerate() {
            let watched = rows::groups(&rows, expansion, person);
            let request = Request { pairs, instances, fixed: &[], watched: &watched, caps: CAPS };
            match Diagram::compile(expansion, &request, &mut || go_on(solver, &Progress::NONE, on_progress)) {
                Ok(diagram) => workers.push(Worker::new(person, diagram, &rows, expansion)),
                Err(Unfit::Stopped) if !solver.is_out_of_time() => return Err(SolverError::Cancelled),
                Err(_) => return Ok(None),
            }
        }
        let weights = expansion.instances.iter().map(|instance| match instance.cost {
            Cost::Forbidden => 1,
            Cost::PerUnit { under, over } => under.max(over),
            Cost::Square { weight } | Cost::Triangle { weight } => weight,
            Cost::Each { points } => points.saturating_abs(),
        });
        let weight = weights.max().unwrap_or(1) as f64;
        let is_exact = workers.iter().all(Worker::is_exact);
        Ok(is_exact.then_some(Self { rows, workers, constant, weight }))
    }

    /// The relaxation without ways: the rows, what their violation costs, and one way for each person.
    fn model(&self) -> Model {
        let mut model = Model::default();
        let hard = HARD * self.weight;
        let mut slacks = Vec::new();
        for (number, row) in self.rows.iter().enumerate() {
            let (under, over) = row.weights.map_or((hard, hard), |(under, over)| (under as f64, over as f64));
            slacks.push((number, row.min.map(|_| under), row.max.map(|_| over)));
        }
        let mut terms = vec![Vec::new(); self.rows.len() + self.workers.len()];
        for (row, under, over) in slacks {
            for (cost, sign) in under.map(|cost| (cost, 1.0)).into_iter().chain(over.map(|cost| (cost, -1.0)))
            {
                terms[row].push((model.add_column(Column::continuous(0.0, f64::INFINITY, cost)), sign));
            }
        }
        for person in 0..self.workers.len() {
            let column = model.add_column(Column::continuous(0.0, 1.0, HARD * hard));
            terms[self.rows.len() + person].push((column, 1.0));
        }
        let bounds = self.rows.iter().map(|row| {
            let or = |bound: Option<i64>, infinite: f64| bound.map_or(infinite, |bound| bound as f64);
            (or(row.min, f64::NEG_INFINITY), or(row.max, f64::INFINITY))
        });
        let bounds = bounds.chain(self.workers.iter().map(|_| (1.0, 1.0)));
        for ((lower, upper), terms) in bounds.zip(terms) {
            model.add_row(Row::between(lower, upper, terms));
        }
        model.offset = self.constant as f64;
        model
    }

    /// The bound for these prices of the rows, on the grid, and each person's best way; `None` where a row can't be kept.
    fn price(&self, duals: &[i64]) -> Option<(i128, Vec<Way>)> {
        let mut bound = i128::from(self.constant) * i128::from(GRID);
        for (row, &dual) in self.rows.iter().zip(duals) {
            bound += row.least(dual)?;
        }
        let mut ways = Vec::with_capacity(self.workers.len());
        for worker in &self.workers {
            let (least, way) = worker.cheapest(duals);
            bound += i128::from(least);
            ways.push(way);
        }
        Some((bound, ways))
    }

    /// A person's way as a column.
    fn column(&self, person: usize, way: &Way) -> NewColumn {
        let column = Column::continuous(0.0, f64::INFINITY, way.cost as f64);
        let counts = self.workers[person].counts(&way.pairs);
        let terms = counts.into_iter().map(|(row, count)| (row, count as f64));
        NewColumn { column, terms: terms.chain([(self.rows.len() + person, 1.0)]).collect() }
    }
}

/// The rounds of the relaxation: solve it, price the ways, add those that would make it cheaper.
struct Rounds<'m> {
    master: &'m Master,
    kept: Box<dyn Relaxed>,
    /// The columns that it has, by person.
    known: BTreeSet<(usize, Vec<usize>)>,
    /// The best bound so far, on the grid, and its prices.
    best: Option<(i128, Vec<f64>)>,
    rounds: usize,
    is_closed: bool,
}

impl Rounds<'_> {
    fn run(
        mut self,
        solver: &dyn Solver,
        on_progress: &mut OnProgress<'_>,
    ) -> Result<Option<Bound>, SolverError> {
        while self.rounds < ROUNDS && !self.is_closed {
            let solved = match self.solve(solver, on_progress) {
                Err(SolverError::Cancelled) if solver.is_out_of_time() => None,
                solved => solved?,
            };
            let Some(solved) = solved else { break };
            self.rounds += 1;
            let Some(added) = self.add_ways(&solved.duals)? else { return Ok(None) };
            // Points are whole numbers: no further round gives a better one.
            let bound = self.best.as_ref().map(|(bound, _)| points(*bound) as f64);
            self.is_closed = !added || bound.is_some_and(|bound| bound + SAVING >= solved.objective);
        }
        let Master { workers, .. } = self.master;
        let size = workers.iter().fold((0, 0), |(states, arcs), worker| {
            (states + worker.diagram.states, arcs + worker.diagram.arcs.len())
        });
        let bound = |(bound, _): (i128, Vec<f64>)| Bound {
            points: points(bound),
            rounds: self.rounds,
            columns: self.known.len(),
            size,
            is_closed: self.is_closed,
        };
        Ok(self.best.map(bound))
    }

    /// Solves the relaxation, if there is time.
    fn solve(
        &mut self,
        solver: &dyn Solver,
        on_progress: &mut OnProgress<'_>,
    ) -> Result<Option<Priced>, SolverError> {
        let bound = self.best.as_ref().map(|(bound, _)| points(*bound) as f64);
        let mut ask = |progress: &Progress| {
            go_on(solver, &Progress { incumbent: None, bound, nodes: 0, ..*progress }, on_progress)
        };
        // A small one is solved before the engine asks.
        if ask(&Progress::NONE).is_break() {
            return Err(SolverError::Cancelled);
        }
        self.kept.solve(&mut ask)
    }

    /// Adds the ways that the relaxation's prices ask for, and says whether there are any; `None` where a row can't be kept.
    fn add_ways(&mut self, duals: &[f64]) -> Result<Option<bool>, SolverError> {
        let mut smoothing = if self.best.is_some() { SMOOTHING } else { 0.0 };
        loop {
            let tried = self.mixed(duals, smoothing);
            let Some((bound, ways)) = self.master.price(&tried) else { return Ok(None) };
            if self.best.as_ref().is_none_or(|(best, _)| *best < bound) {
                self.best = Some((bound, tried.iter().map(|&dual| dual as f64 / GRID as f64).collect()));
            }
            let mut columns = Vec::new();
            for (person, way) in ways.into_iter().enumerate() {
                let new = self.master.column(person, &way);
                let worth: f64 = new.terms.iter().map(|&(row, count)| count * duals[row]).sum();
                if new.column.cost - worth < -SAVING && self.known.insert((person, way.pairs)) {
                    columns.push(new);
                }
            }
            if !columns.is_empty() {
                self.kept.add_columns(&columns)?;
                return Ok(Some(true));
            }
            if smoothing == 0.0 {
                return Ok(Some(false));
            }
            smoothing = if smoothing < LEAST_SMOOTHING { 0.0 } else { smoothing * LESS_SMOOTHING };
        }
    }

    /// The rows' prices between the best so far and these, on the grid.
    fn mixed(&self, duals: &[f64], smoothing: f64) -> Vec<i64> {
        let mix = |row: usize| match &self.best {
            Some((_, best)) => smoothing * best[row] + (1.0 - smoothing) * duals[row],
            None => duals[row],
        };
        (0..self.master.rows.len()).map(|row| price::on_grid(mix(row))).collect()
    }
}

/// Breaks off when the caller says so, or time is out.
fn go_on(solver: &dyn Solver, progress: &Progress, on_progress: &mut OnProgress<'_>) -> ControlFlow<()> {
    on_progress(progress)?;
    if solver.is_out_of_time() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// A bound on the grid as whole points: those of rosters are whole.
fn points(bound: i128) -> i64 {
    let grid = i128::from(GRID);
    let up = bound.div_euclid(grid) + i128::from(bound.rem_euclid(grid) > 0);
    i64::try_from(up).unwrap_or(if up < 0 { i64::MIN } else { i64::MAX })
}

/// Rows and what a set of pairs adds to each.
type Counts = BTreeMap<usize, i64>;
