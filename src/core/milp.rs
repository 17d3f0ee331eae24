//! Mixed-integer linear models, and the questions and answers of a solver of them. Must never know which engine solves
//! them: that is the solver crate's business.
//!
//! ```
//! use pg_clinic_core::milp::{Column, Model, Row};
//!
//! // Two shifts, one person for at most one of them; leaving one open costs 10.
//! let mut model = Model::default();
//! let early = model.add_column(Column::binary(3.0));
//! let late = model.add_column(Column::binary(2.0));
//! let open = model.add_column(Column::integer(0.0, 2.0, 10.0));
//! model.add_row(Row::equal(2.0, [(early, 1.0), (late, 1.0), (open, 1.0)]));
//! model.add_row(Row::at_most(1.0, [(early, 1.0), (late, 1.0)]));
//! assert_eq!(model.objective(&[0.0, 1.0, 1.0]), 12.0);
//! assert!(model.is_feasible(&[0.0, 1.0, 1.0]));
//! assert!(!model.is_feasible(&[1.0, 1.0, 0.0]));
//! ```

use std::error::Error;
use std::fmt;
use std::ops::ControlFlow;

/// How far a value may lie outside a bound (for one larger than 1: this part of it), or from an integer, and still count
/// as obeying it.
pub const TOLERANCE: f64 = 1e-6;

/// A variable: its bounds (infinite ones are allowed), what each unit of it costs, and whether only integers count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// The smallest value.
    pub lower: f64,
    /// The largest value.
    pub upper: f64,
    /// The cost of each unit in the objective.
    pub cost: f64,
    /// Whether only whole numbers are allowed.
    pub is_integer: bool,
}

impl Column {
    /// A yes-or-no variable.
    #[must_use]
    pub const fn binary(cost: f64) -> Self {
        Self::integer(0.0, 1.0, cost)
    }

    /// A variable that counts.
    #[must_use]
    pub const fn integer(lower: f64, upper: f64, cost: f64) -> Self {
        Self { lower, upper, cost, is_integer: true }
    }

    /// A variable that measures.
    #[must_use]
    pub const fn continuous(lower: f64, upper: f64, cost: f64) -> Self {
        Self { lower, upper, cost, is_integer: false }
    }
}

/// A linear constraint: the sum of the terms, each a column and its coefficient, lies between the bounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The smallest value of the sum.
    pub lower: f64,
    /// The largest value of the sum.
    pub upper: f64,
    /// Columns and their coefficients; [`Model::add_row`] brings them into order.
    pub terms: Vec<(usize, f64)>,
}

impl Row {
    /// The sum lies between the two, both included.
    #[must_use]
    pub fn between(lower: f64, upper: f64, terms: impl IntoIterator<Item = (usize, f64)>) -> Self {
        Self { lower, upper, terms: terms.into_iter().collect() }
    }

    /// The sum is at most `upper`.
    #[must_use]
    pub fn at_most(upper: f64, terms: impl IntoIterator<Item = (usize, f64)>) -> Self {
        Self::between(f64::NEG_INFINITY, upper, terms)
    }

    /// The sum is at least `lower`.
    #[must_use]
    pub fn at_least(lower: f64, terms: impl IntoIterator<Item = (usize, f64)>) -> Self {
        Self::between(lower, f64::INFINITY, terms)
    }

    /// The sum is exactly `value`.
    #[must_use]
    pub fn equal(value: f64, terms: impl IntoIterator<Item = (usize, f64)>) -> Self {
        Self::between(value, value, terms)
    }

    /// The sum of the terms for these values of the columns.
    #[must_use]
    pub fn activity(&self, values: &[f64]) -> f64 {
        self.terms.iter().map(|&(column, coefficient)| coefficient * values[column]).sum()
    }
}

/// A model: minimize the columns' costs plus the offset, subject to bounds and rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// The variables; a column's number is its place here.
    pub columns: Vec<Column>,
    /// The constraints; a row's number is its place here.
    pub rows: Vec<Row>,
    /// A constant part of the objective.
    pub offset: f64,
}

impl Model {
    /// Adds a variable and returns its number.
    pub fn add_column(&mut self, column: Column) -> usize {
        self.columns.push(column);
        self.columns.len() - 1
    }

    /// Adds a constraint and returns its number. Terms of the same column are added up, those that vanish left out.
    pub fn add_row(&mut self, mut row: Row) -> usize {
        row.terms.sort_by_key(|&(column, _)| column);
        row.terms.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        row.terms.retain(|&(_, coefficient)| coefficient != 0.0);
        self.rows.push(row);
        self.rows.len() - 1
    }

    /// The number of coefficients.
    #[must_use]
    pub fn term_count(&self) -> usize {
        self.rows.iter().map(|row| row.terms.len()).sum()
    }

    /// The objective for these values of the columns.
    #[must_use]
    pub fn objective(&self, values: &[f64]) -> f64 {
        self.columns.iter().zip(values).map(|(column, value)| column.cost * value).sum::<f64>() + self.offset
    }

    /// Whether the objective without its offset is a whole number for every solution.
    #[must_use]
    pub fn has_integral_objective(&self) -> bool {
        self.columns
            .iter()
            .all(|column| column.cost == 0.0 || column.is_integer && column.cost.fract() == 0.0)
    }

    /// Whether these values obey all bounds, rows and integrality, within [`TOLERANCE`].
    #[must_use]
    pub fn is_feasible(&self, values: &[f64]) -> bool {
        let slack = |bound: f64| TOLERANCE * bound.abs().max(1.0);
        let within = |value: f64, lower: f64, upper: f64| {
            lower - slack(lower) <= value && value <= upper + slack(upper)
        };
        values.len() == self.columns.len()
            && self.columns.iter().zip(values).all(|(column, &value)| {
                within(value, column.lower, column.upper)
                    && (!column.is_integer || (value - value.round()).abs() <= TOLERANCE)
            })
            && self.rows.iter().all(|row| within(row.activity(values), row.lower, row.upper))
    }

    /// Refuses what no solver can make sense of. Bounds that cross are sensible: they make the model infeasible.
    ///
    /// # Errors
    /// [`SolverError::InvalidModel`] for a number that isn't one, an infinite cost or coefficient, a bound infinite on
    /// the wrong side, or a row's terms that are out of order or name no column.
    pub fn validate(&self) -> Result<(), SolverError> {
        let refuse = |what: String| Err(SolverError::InvalidModel(what));
        let bounds_are_numbers = |lower: f64, upper: f64| {
            !lower.is_nan() && !upper.is_nan() && lower < f64::INFINITY && upper > f64::NEG_INFINITY
        };
        if !self.offset.is_finite() {
            return refuse("the offset isn't finite".into());
        }
        for (number, column) in self.columns.iter().enumerate() {
            if !bounds_are_numbers(column.lower, column.upper) || !column.cost.is_finite() {
                return refuse(format!("column {number} has an impossible bound or cost: {column:?}"));
            }
        }
        for (number, row) in self.rows.iter().enumerate() {
            if !bounds_are_numbers(row.lower, row.upper) {
                return refuse(format!(
                    "row {number} has an impossible bound: {} to {}",
                    row.lower, row.upper
                ));
            }
            let in_order = row.terms.is_sorted_by(|one, other| one.0 < other.0);
            let known = row.terms.last().is_none_or(|&(column, _)| column < self.columns.len());
            if !in_order || !known || row.terms.iter().any(|(_, coefficient)| !coefficient.is_finite()) {
                return refuse(format!("row {number} has an impossible term"));
            }
        }
        Ok(())
    }
}

/// How a solve ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The solution is proven to be a best one.
    Optimal,
    /// There is a solution; a limit was reached before it was proven to be a best one.
    Feasible,
    /// It is proven that there is no solution.
    Infeasible,
    /// A limit was reached before there was a solution.
    Unknown,
    /// The caller broke off; there may be a solution.
    Cancelled,
}

/// The result of a solve.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// How it ended.
    pub status: Status,
    /// The columns' values, whole for integer columns; empty if there is no solution.
    pub values: Vec<f64>,
    /// The objective of the values.
    pub objective: Option<f64>,
    /// The bound that no solution can be better than, if one is known.
    pub bound: Option<f64>,
    /// Nodes of the search tree; 0 if the linear relaxation settled it.
    pub nodes: i64,
}

/// When to stop without a proof, and where to begin.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// Wall-clock seconds for everything.
    pub time_limit_seconds: Option<f64>,
    /// Nodes of the search tree: unlike time, it gives the same answer on every machine.
    pub node_limit: Option<i64>,
    /// A known solution to begin with. One that isn't feasible is only a hint.
    pub start: Option<Vec<f64>>,
}

/// The progress of a solve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// The best objective so far.
    pub incumbent: Option<f64>,
    /// The bound that no solution can be better than.
    pub bound: Option<f64>,
    /// Nodes searched.
    pub nodes: i64,
    /// Wall-clock seconds since the solve began.
    pub seconds: f64,
}

impl Progress {
    /// None yet.
    pub const NONE: Self = Self { incumbent: None, bound: None, nodes: 0, seconds: 0.0 };
}

/// Why there is no answer at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SolverError {
    /// The model makes no sense, in words.
    InvalidModel(String),
    /// Solutions get better without end.
    Unbounded,
    /// The caller broke off a question that has no partial answer.
    Cancelled,
    /// Time ran out for a question that has no partial answer.
    TimeLimit,
    /// Memory ran out.
    OutOfMemory,
    /// The engine failed, in words.
    Engine(String),
}

impl fmt::Display for SolverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidModel(what) => write!(f, "the model is invalid: {what}"),
            Self::Unbounded => f.write_str("the model is unbounded"),
            Self::Cancelled => f.write_str("the solver was cancelled"),
            Self::TimeLimit => f.write_str("the solver's time limit was reached"),
            Self::OutOfMemory => f.write_str("the solver ran out of memory"),
            Self::Engine(what) => write!(f, "the solver failed: {what}"),
        }
    }
}

impl Error for SolverError {}

/// A column that a kept model grows by, with its coefficients by row.
#[derive(Clone, Debug, PartialEq)]
pub struct NewColumn {
    /// The variable.
    pub column: Column,
    /// Rows and the column's coefficients, each row once.
    pub terms: Vec<(usize, f64)>,
}

/// A best solution of a linear model.
#[derive(Clone, Debug, PartialEq)]
pub struct Priced {
    /// Its objective.
    pub objective: f64,
    /// What another unit of each row's bounds would cost.
    pub duals: Vec<f64>,
}

/// A linear model that stays with its solver, so that it can grow and be solved again from where it was.
pub trait Relaxed {
    /// Adds columns.
    ///
    /// # Errors
    /// When the engine fails: [`SolverError`].
    fn add_columns(&mut self, columns: &[NewColumn]) -> Result<(), SolverError>;

    /// Minimizes, whole numbers or not; `None` where rounding errors keep the engine from an answer, or there is no solution.
    /// `on_progress` is called now and then.
    ///
    /// # Errors
    /// When there is no answer: [`SolverError`], [`SolverError::Cancelled`] if `on_progress` says to stop.
    fn solve(
        &mut self,
        on_progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Result<Option<Priced>, SolverError>;
}

/// Something that solves models exactly. Equal models, limits without time, and start give equal answers.
pub trait Solver {
    /// Whether the caller's time for everything together is over. Who asks several questions then asks no further one;
    /// the limits of a single question are [`Limits`]. The core has no clock, so it is the solver that knows.
    fn is_out_of_time(&self) -> bool {
        false
    }

    /// Keeps a linear model; `None` if it can't.
    ///
    /// # Errors
    /// When the engine fails: [`SolverError`].
    fn keep(&mut self, _: &Model) -> Result<Option<Box<dyn Relaxed>>, SolverError> {
        Ok(None)
    }

    /// Minimises. `on_progress` is called often, and breaking from it ends the solve with [`Status::Cancelled`]; a
    /// panic in it comes out of here.
    ///
    /// # Errors
    /// When there is no answer: [`SolverError`].
    fn solve(
        &mut self,
        model: &Model,
        limits: &Limits,
        on_progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Result<Solution, SolverError>;

    /// Rows that already contradict each other (together with the columns' bounds) when integrality is forgotten,
    /// ascending; `None` if no rows do. No promise that they are as few as possible. Empty if a column's bounds alone
    /// contradict each other. Only the time limit counts.
    ///
    /// # Errors
    /// When there is no answer: [`SolverError`].
    fn infeasible_rows(
        &mut self,
        model: &Model,
        limits: &Limits,
        on_progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Result<Option<Vec<usize>>, SolverError>;
}
