//! What jobs share: so many rows a call, and a row that can't be changed keeps none of the others.

use std::thread::LocalKey;

use pg_clinic_core::time::interval::Instant;

use super::attempt::attempt;
use super::error::{ClinicError, Result, SqlState};
use super::session;
use super::spi::{Access, Spi, Statement, instant_param, param};

/// Most rows that a job takes up in one go: the next call goes on.
pub const MAX_ROWS: i64 = 10_000;
/// So many rows are changed in one subtransaction. Where one of them fails, each is tried alone.
const CHUNK: usize = 100;
/// So many failures of a call are told one by one.
const MAX_TOLD: i64 = 10;

/// What became of a job's rows.
#[derive(Default)]
pub struct Outcome {
    /// How many were changed.
    pub changed: i64,
    /// How many could not be.
    pub failed: i64,
    /// What the first of them met.
    pub first_error: Option<String>,
}

impl Outcome {
    /// Adds what became of others.
    pub fn add(&mut self, other: Self) {
        self.changed += other.changed;
        self.failed += other.failed;
        self.first_error = self.first_error.take().or(other.first_error);
    }

    /// Counts a failure, and tells of it. `what` failed, as `booking 7`.
    pub fn fail(&mut self, job: &str, what: &str, error: &ClinicError) -> Result<()> {
        self.failed += 1;
        if self.first_error.is_none() {
            self.first_error = Some(format!("{what}: {error} (SQLSTATE {})", error.sqlstate()));
        }
        if self.failed <= MAX_TOLD { error.warn(&format!("{job}: {what} stays as it is")) } else { Ok(()) }
    }
}

/// A job over rows that are due.
pub struct Job<'a> {
    /// The function.
    pub name: &'static str,
    /// What a row is, as `booking`.
    pub row: &'static str,
    /// Locks the rows that are due, the first of the order; or, of those not among `tried`, any.
    pub pick: &'a dyn Fn(Pick<'_>) -> Result<Vec<i64>>,
    /// Changes rows.
    pub change: &'a dyn Fn(&[i64]) -> Result<()>,
    /// Which of some rows are due.
    pub due: &'a dyn Fn(&[i64]) -> Result<Vec<i64>>,
}

/// Which rows are to be picked.
#[derive(Clone, Copy)]
pub enum Pick<'a> {
    /// Those that have waited longest.
    First,
    /// Any but these.
    Others(&'a [i64]),
}

impl Job<'_> {
    /// Changes what is due, at most [`MAX_ROWS`]. Rows that fail stay due and are tried at each call; lest they keep those behind
    /// them from their turn for ever, a call that met such rows then takes up as many others, by chance.
    pub fn run(&self) -> Result<Outcome> {
        let first = (self.pick)(Pick::First)?;
        let mut outcome = self.each(&first)?;
        if outcome.failed > 0 && first.len() as i64 == MAX_ROWS {
            let others = (self.pick)(Pick::Others(&first))?;
            outcome.add(self.each(&others)?);
        }
        Ok(outcome)
    }

    /// Changes rows, and looks whether they are: a trigger of the app's may skip a change, or take it back, without a word.
    fn changed(&self, rows: &[i64]) -> Result<()> {
        (self.change)(rows)?;
        if (self.due)(rows)?.is_empty() {
            return Ok(());
        }
        Err(ClinicError::new(SqlState::WrongState, format!("the {} was not changed", self.row))
            .hint("A trigger of yours skips the change or takes it back."))
    }

    fn each(&self, rows: &[i64]) -> Result<Outcome> {
        let mut outcome = Outcome::default();
        for chunk in rows.chunks(CHUNK) {
            session::check_for_cancel();
            match attempt(|| self.changed(chunk))? {
                Ok(()) => outcome.changed += chunk.len() as i64,
                Err(error) => self.alone(chunk, error, &mut outcome)?,
            }
        }
        if outcome.failed > MAX_TOLD {
            let more = outcome.failed - MAX_TOLD;
            ClinicError::warning(format!("{}: {more} more rows stay as they are", self.name))?;
        }
        Ok(outcome)
    }

    /// Changes each row of a chunk for itself, as the whole has failed.
    fn alone(&self, chunk: &[i64], error: ClinicError, outcome: &mut Outcome) -> Result<()> {
        // The server is short of something: it would be for each of them.
        if error.is_shortage() {
            return Err(error);
        }
        for row in chunk {
            session::check_for_cancel();
            match attempt(|| self.changed(std::slice::from_ref(row)))? {
                Ok(()) => outcome.changed += 1,
                Err(error) if error.is_shortage() => return Err(error),
                Err(error) => outcome.fail(self.name, &format!("{} {row}", self.row), &error)?,
            }
        }
        Ok(())
    }
}

/// Runs the statement for the first rows that are due, or the one for others.
pub fn picked(
    spi: &Spi,
    clinic: i64,
    until: Instant,
    pick: Pick<'_>,
    first: &'static LocalKey<Statement>,
    others: &'static LocalKey<Statement>,
) -> Result<Vec<i64>> {
    let mut params = vec![param(clinic), instant_param(until), param(MAX_ROWS)];
    match pick {
        Pick::First => spi.values(first, Access::Latest, &params),
        Pick::Others(tried) => {
            // Other ones at the next call.
            params.extend([param(tried.to_vec()), param(session::now().0)]);
            spi.values(others, Access::Latest, &params)
        }
    }
}

/// Runs the statement for which of some rows are due.
pub fn due(
    spi: &Spi,
    clinic: i64,
    until: Instant,
    rows: &[i64],
    among: &'static LocalKey<Statement>,
) -> Result<Vec<i64>> {
    spi.values(among, Access::Latest, &[param(clinic), instant_param(until), param(rows.to_vec())])
}
