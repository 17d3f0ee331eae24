//! Prepared statements through SPI: prepared once a backend, read into plain values, SPI left before anything is
//! computed. Thinner than pgrx's SPI, for two reasons: rows are read a hundred thousand at a time, and a booking must
//! be judged on rows newer than the statement's snapshot.

use std::cell::Cell;
use std::ffi::{CString, c_char, c_int, c_long};
use std::ptr;
use std::sync::OnceLock;

use chrono::NaiveDate;
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::time::calendar::date_to_pg_days;
use pg_clinic_core::time::interval::Instant;
use pgrx::{IntoDatum, pg_sys};

use super::caught::{self, Raised};
use super::error::{ClinicError, Result, SqlState};
use super::{altered, memory, policies};

mod table;

pub use table::{Row, Table};

// Unguarded: `caught::raised` keeps more of an error than pgrx's guard does.
unsafe extern "C-unwind" {
    fn SPI_prepare_cursor(
        sql: *const c_char,
        count: c_int,
        types: *mut pg_sys::Oid,
        options: c_int,
    ) -> pg_sys::SPIPlanPtr;
    fn SPI_execute_plan(
        plan: pg_sys::SPIPlanPtr,
        values: *mut pg_sys::Datum,
        nulls: *const c_char,
        is_read_only: bool,
        limit: c_long,
    ) -> c_int;
    fn SPI_execute(sql: *const c_char, is_read_only: bool, limit: c_long) -> c_int;
}

/// Which rows a statement sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Those of the calling statement's snapshot. Runs on a standby; can't write.
    Snapshot,
    /// Those committed by now (in READ COMMITTED), and our own. May write.
    Latest,
}

/// A statement of ours, prepared when first used and kept for the backend's life.
///
/// It is planned anew at its 1st, 2nd, 4th, 8th … execution. The plan is generic: ours are look-ups by index that no
/// argument changes, and planning at every call would cost more than running them. But a plan made while a table was
/// empty would stay with a backend that loads a hundred thousand rows; this way the tables at most doubled since.
pub struct Statement {
    sql: &'static str,
    types: &'static [pg_sys::Oid],
    plan: Cell<pg_sys::SPIPlanPtr>,
    executions: Cell<u32>,
    /// How often it is running just now: a trigger of the user's may call us from within ourselves.
    running: Cell<u32>,
    /// When its tables were found well, as the guard counts.
    found_well: Cell<u64>,
}

/// Refuses a statement whose tables lack what is relied on: its text, and when they were found well.
pub type Guard = fn(sql: &str, found_well: &Cell<u64>) -> Result<()>;

/// Looks at every statement before it runs.
static GUARD: OnceLock<Guard> = OnceLock::new();

/// Sets who looks at statements before they run.
pub fn guard_statements(guard: Guard) {
    GUARD.get_or_init(|| guard);
}

/// An argument of a statement.
pub type Param = Option<pg_sys::Datum>;

/// Turns a value into an argument.
pub fn param(value: impl IntoDatum) -> Param {
    value.into_datum()
}

/// An instant as an argument.
#[must_use]
pub fn instant_param(instant: Instant) -> Param {
    Some(pg_sys::Datum::from(instant.0))
}

/// A date as an argument.
#[must_use]
pub fn date_param(date: NaiveDate) -> Param {
    Some(pg_sys::Datum::from(date_to_pg_days(date)))
}

/// Declares thread-local [`Statement`]s: `statements! { /// doc NAME(types) = "sql"; … }`.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident($($oid:ident),*) = $sql:expr;)+) => {
        thread_local! {$(
            $(#[$doc])*
            static $name: $crate::pg::platform::spi::Statement =
                const { $crate::pg::platform::spi::Statement::new($sql, &[$(pgrx::pg_sys::$oid),*]) };
        )+}
    };
}
pub(crate) use statements;

/// Replaces `@occupying@`, `@movable@`, `@came@`, `@nameless@` and `@statuses@` by the core's lists, as SQL literals.
#[must_use]
pub fn with_status_lists(sql: &str) -> String {
    if !sql.contains('@') {
        return sql.to_owned();
    }
    let list = |belongs: fn(Status) -> bool| {
        let statuses = Status::ALL.into_iter().filter(|status| belongs(*status));
        format!("'{}'", statuses.map(Status::as_str).collect::<Vec<_>>().join("', '"))
    };
    sql.replace("@occupying@", &list(Status::occupies))
        .replace("@movable@", &list(Status::is_movable))
        .replace("@came@", &list(Status::came))
        .replace("@nameless@", &list(Status::may_lack_patient_name))
        .replace("@statuses@", &list(|_| true))
}

impl Statement {
    /// A statement not yet prepared. `sql` names every object with its schema.
    #[must_use]
    pub const fn new(sql: &'static str, types: &'static [pg_sys::Oid]) -> Self {
        Self {
            sql,
            types,
            plan: Cell::new(ptr::null_mut()),
            executions: Cell::new(0),
            running: Cell::new(0),
            found_well: Cell::new(0),
        }
    }

    fn plan(&self) -> Result<pg_sys::SPIPlanPtr> {
        let executions = self.executions.get().saturating_add(1);
        self.executions.set(executions);
        let is_stale = executions.is_power_of_two() && self.running.get() == 0;
        if self.plan.get().is_null() || is_stale {
            let fresh = self.prepare()?;
            let stale = self.plan.replace(fresh);
            if !stale.is_null() {
                // SAFETY: a kept plan of ours that isn't running anywhere up the stack.
                unsafe { pg_sys::SPI_freeplan(stale) };
            }
        }
        Ok(self.plan.get())
    }

    fn prepare(&self) -> Result<pg_sys::SPIPlanPtr> {
        let sql = c_string(&with_status_lists(self.sql))?;
        let mut types = self.types.to_vec();
        let options = pg_sys::CURSOR_OPT_GENERIC_PLAN as c_int;
        let (text, count, types) = (sql.as_ptr(), types.len() as c_int, types.as_mut_ptr());
        // SAFETY: SPI is connected (an `Spi` exists); the arrays live through the call.
        let plan = caught::raised(|| unsafe { SPI_prepare_cursor(text, count, types, options) })
            .map_err(|raised| self.failed(raised))?;
        if plan.is_null() {
            return Err(internal("SPI_prepare_cursor", -1));
        }
        // SAFETY: a plan fresh from SPI_prepare.
        match unsafe { pg_sys::SPI_keepplan(plan) } {
            0 => Ok(plan),
            code => Err(internal("SPI_keepplan", code)),
        }
    }

    /// The error of the statement. Where PostgreSQL doesn't understand its text, which never changes, the tables have.
    fn failed(&self, mut raised: Raised) -> ClinicError {
        let sql = with_status_lists(self.sql);
        altered::error(&sql, &raised).unwrap_or_else(|| {
            raised.leave_out(&sql);
            ClinicError::of_raised(raised)
        })
    }
}

/// Counts a statement as running for as long as it lives; an unwinding error ends it too.
struct Running<'a>(&'a Cell<u32>);

impl<'a> Running<'a> {
    fn new(count: &'a Cell<u32>) -> Self {
        count.set(count.get() + 1);
        Self(count)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// A connection to SPI. Only [`connect`] makes one.
pub struct Spi(());

/// Runs `body` connected to SPI. What it returns must not point into SPI's memory.
pub fn connect<T>(body: impl FnOnce(&Spi) -> Result<T>) -> Result<T> {
    // SAFETY: paired with SPI_finish below; after a PostgreSQL ERROR the abort itself cleans up.
    let code = unsafe { pg_sys::SPI_connect() };
    if code != pg_sys::SPI_OK_CONNECT as c_int {
        return Err(internal("SPI_connect", code));
    }
    let result = body(&Spi(()));
    // What was raised may have left others connected within us.
    if !result.as_ref().is_err_and(ClinicError::is_raised) {
        // SAFETY: connected above, in this frame.
        unsafe { pg_sys::SPI_finish() };
    }
    result
}

impl Spi {
    /// Runs a statement and hands each row to `read`.
    pub fn query<T>(
        &self,
        statement: &'static std::thread::LocalKey<Statement>,
        access: Access,
        params: &[Param],
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let table = self.execute(statement, access, params, 0)?;
        let mut rows = memory::vec_for(table.len())?;
        table.for_each(|row| {
            rows.push(read(row)?);
            Ok(())
        })?;
        Ok(rows)
    }

    /// Runs a statement that gives at most one row.
    pub fn first<T>(
        &self,
        statement: &'static std::thread::LocalKey<Statement>,
        access: Access,
        params: &[Param],
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.query(statement, access, params, read)?.pop())
    }

    /// Runs a statement for its effect.
    pub fn run(&self, statement: &'static std::thread::LocalKey<Statement>, params: &[Param]) -> Result<()> {
        self.execute(statement, Access::Latest, params, 0).map(|_| ())
    }

    /// Runs a statement and returns its table.
    pub fn execute(
        &self,
        statement: &'static std::thread::LocalKey<Statement>,
        access: Access,
        params: &[Param],
        limit: c_long,
    ) -> Result<Table<'_>> {
        let read = Some(statement);
        statement.with(|statement| {
            debug_assert_eq!(statement.types.len(), params.len(), "arguments of {}", statement.sql);
            if let Some(guard) = GUARD.get() {
                guard(statement.sql, &statement.found_well)?;
            }
            let plan = statement.plan()?;
            let _running = Running::new(&statement.running);
            let mut values: Vec<_> = params.iter().map(|p| p.unwrap_or(pg_sys::Datum::null())).collect();
            let nulls: Vec<c_char> =
                params.iter().map(|p| if p.is_some() { b' ' } else { b'n' } as c_char).collect();
            let (given, nulls, is_read_only) =
                (values.as_mut_ptr(), nulls.as_ptr(), access == Access::Snapshot);
            // SAFETY: a kept plan of ours with as many arguments as it was prepared for.
            let code =
                caught::raised(|| unsafe { SPI_execute_plan(plan, given, nulls, is_read_only, limit) })
                    .map_err(|raised| statement.failed(raised))?;
            // SAFETY: the plan that was just run.
            unsafe { policies::refuse_hidden(plan)? };
            self.result(code, read)
        })
    }

    /// Runs a script of several statements, for its effect.
    pub fn script(&self, sql: &str) -> Result<()> {
        self.run_text(sql).map(|_| ())
    }

    /// Runs a query made here and now, which gives one column of text.
    pub fn texts(&self, sql: &str) -> Result<Vec<String>> {
        let mut texts = Vec::new();
        self.run_text(sql)?.for_each(|row| {
            texts.push(row.get(0)?);
            Ok(())
        })?;
        Ok(texts)
    }

    fn run_text(&self, sql: &str) -> Result<Table<'_>> {
        let script = c_string(sql)?;
        let text = script.as_ptr();
        // SAFETY: SPI is connected; the string lives through the call.
        let code = caught::raised(|| unsafe { SPI_execute(text, false, 0) }).map_err(|mut raised| {
            altered::script_error(&raised).unwrap_or_else(|| {
                raised.leave_out(sql);
                raised.shorten(sql);
                ClinicError::of_raised(raised)
            })
        })?;
        self.result(code, None)
    }

    fn result(
        &self,
        code: c_int,
        statement: Option<&'static std::thread::LocalKey<Statement>>,
    ) -> Result<Table<'_>> {
        if code < 0 {
            return Err(internal("SPI_execute", code));
        }
        // SAFETY: SPI sets both after every execution; the table is null where there are no rows to return.
        let (table, count) = unsafe { (pg_sys::SPI_tuptable, pg_sys::SPI_processed) };
        Ok(Table {
            table,
            statement,
            count: if table.is_null() { 0 } else { count as usize },
            spi: std::marker::PhantomData,
        })
    }
}

fn c_string(sql: &str) -> Result<CString> {
    CString::new(sql).map_err(|_| ClinicError::new(SqlState::InvalidArgument, "a NUL byte in SQL text"))
}

fn internal(call: &str, code: c_int) -> ClinicError {
    ClinicError::new(SqlState::Internal, format!("{call} answered {code}"))
}
