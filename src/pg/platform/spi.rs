//! Prepared statements through SPI: prepared once a backend, read into plain values, SPI left before anything is
//! computed. Thinner than pgrx's SPI, for two reasons: rows are read a hundred thousand at a time, and a booking must
//! be judged on rows newer than the statement's snapshot.

use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_int, c_long};
use std::ptr;
use std::sync::OnceLock;

use chrono::NaiveDate;
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::time::calendar::date_to_pg_days;
use pg_clinic_core::time::interval::Instant;
use pgrx::{FromDatum, IntoDatum, PgTupleDesc, pg_sys};

use super::caught::{self, Raised};
use super::error::{ClinicError, Result, SqlState};
use super::{altered, json, memory, origin, policies};

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

/// The rows a statement gave. Freed by SPI when the connection ends.
pub struct Table<'spi> {
    table: *mut pg_sys::SPITupleTable,
    /// What gave them.
    statement: Option<&'static std::thread::LocalKey<Statement>>,
    count: usize,
    spi: std::marker::PhantomData<&'spi Spi>,
}

impl Table<'_> {
    /// Hands each row to `read`. The row is only lent: what outlives the call is copied.
    pub fn for_each(&self, mut read: impl FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        // SAFETY: a non-null table of SPI's with `count` tuples, all of its own descriptor.
        unsafe {
            let desc = (*self.table).tupdesc;
            let width = (*desc).natts as usize;
            let mut values = vec![pg_sys::Datum::null(); width];
            let mut nulls = vec![true; width];
            let types: Vec<_> =
                PgTupleDesc::from_pg_unchecked(desc).iter().map(|column| column.atttypid).collect();
            for index in 0..self.count {
                let tuple = *(*self.table).vals.add(index);
                pg_sys::heap_deform_tuple(tuple, desc, values.as_mut_ptr(), nulls.as_mut_ptr());
                let row =
                    Row { values: &values, nulls: &nulls, types: &types, desc, statement: self.statement };
                read(&row)?;
                memory::check()?;
            }
        }
        Ok(())
    }

    /// Where the columns of these names stand, counted from 0.
    pub fn positions(&self, names: &[&str]) -> Result<Vec<usize>> {
        if self.table.is_null() {
            return Ok(Vec::new());
        }
        // SAFETY: a non-null table of SPI's has a descriptor.
        let desc = unsafe { PgTupleDesc::from_pg_unchecked((*self.table).tupdesc) };
        let is_called = |column: usize, name: &str| {
            desc.get(column).is_some_and(|column| {
                // SAFETY: the names of a descriptor are NUL-terminated.
                unsafe { CStr::from_ptr(column.attname.data.as_ptr()) }.to_bytes() == name.as_bytes()
            })
        };
        let find = |(index, name): (usize, &&str)| {
            // Most often the columns stand in the order of the fields.
            if is_called(index, name) {
                return Ok(index);
            }
            (0..desc.len()).find(|column| is_called(*column, name)).ok_or_else(|| {
                ClinicError::new(SqlState::Internal, format!("a pg_clinic query has no column {name}"))
            })
        };
        names.iter().enumerate().map(find).collect()
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// One row. Columns are counted from 0. Every read checks the column's type: the tables are the user's to alter, and a
/// number read as a pointer would take the server down.
pub struct Row<'a> {
    values: &'a [pg_sys::Datum],
    nulls: &'a [bool],
    types: &'a [pg_sys::Oid],
    desc: pg_sys::TupleDesc,
    statement: Option<&'static std::thread::LocalKey<Statement>>,
}

impl Row<'_> {
    /// The name of a column, as the query gives it.
    #[must_use]
    pub fn name(&self, column: usize) -> &str {
        // SAFETY: the descriptor lives as long as the row, and its names are NUL-terminated.
        unsafe {
            let attribute = PgTupleDesc::from_pg_unchecked(self.desc);
            attribute
                .get(column)
                .map_or("?", |column| CStr::from_ptr(column.attname.data.as_ptr()).to_str().unwrap_or("?"))
        }
    }

    /// Whether a column is NULL.
    #[must_use]
    pub fn is_null(&self, column: usize) -> bool {
        self.nulls[column]
    }

    /// A column that may be NULL.
    pub fn opt<T: FromDatum + IntoDatum>(&self, column: usize) -> Result<Option<T>> {
        if self.nulls[column] {
            return Ok(None);
        }
        if !T::is_compatible_with(self.types[column]) {
            return Err(self.unexpected_type(column));
        }
        // SAFETY: the datum is of T's type.
        Ok(unsafe { T::from_datum(self.values[column], false) })
    }

    /// A column that can't be NULL.
    pub fn get<T: FromDatum + IntoDatum>(&self, column: usize) -> Result<T> {
        self.opt(column)?.ok_or_else(|| self.unexpected_null(column))
    }

    /// A column that is passed on as it is, of the type given. It points into SPI's memory: copy it before SPI is left.
    pub fn datum(&self, column: usize, type_oid: pg_sys::Oid) -> Result<Param> {
        match self.nulls[column] {
            true => Ok(None),
            false if self.types[column] == type_oid => Ok(Some(self.values[column])),
            false => Err(self.unexpected_type(column)),
        }
    }

    /// A timestamptz or time as the bare count, infinities included.
    pub fn micros(&self, column: usize) -> Result<Option<i64>> {
        self.machine_word(column, &[pg_sys::TIMESTAMPTZOID, pg_sys::TIMEOID])
    }

    /// A timestamptz that can't be NULL or infinite.
    pub fn instant(&self, column: usize) -> Result<Instant> {
        match self.micros(column)? {
            Some(micros) if micros != i64::MIN && micros != i64::MAX => Ok(Instant(micros)),
            None => Err(self.unexpected_null(column)),
            Some(_) => Err(self.damaged(column, "it is infinite")),
        }
    }

    /// A date as PostgreSQL counts: days since 2000-01-01.
    pub fn pg_days(&self, column: usize) -> Result<Option<i32>> {
        Ok(self.machine_word(column, &[pg_sys::DATEOID])?.map(|word| word as i32))
    }

    fn machine_word(&self, column: usize, types: &[pg_sys::Oid]) -> Result<Option<i64>> {
        if self.nulls[column] {
            return Ok(None);
        }
        if !types.contains(&self.types[column]) {
            return Err(self.unexpected_type(column));
        }
        Ok(Some(self.values[column].value() as i64))
    }

    /// A document that can't be NULL.
    pub fn json(&self, column: usize) -> Result<serde_json::Value> {
        match self.datum(column, pg_sys::JSONBOID)? {
            // SAFETY: the datum is a jsonb.
            Some(datum) => unsafe { json::read(datum) }.map_err(|why| self.damaged(column, &why)),
            None => Err(self.unexpected_null(column)),
        }
    }

    /// The error for NULL where the table has NOT NULL.
    #[must_use]
    pub fn unexpected_null(&self, column: usize) -> ClinicError {
        self.damaged(column, "it is null")
    }

    /// The error for a value that a constraint of the table would have refused.
    #[must_use]
    pub fn damaged(&self, column: usize, why: &str) -> ClinicError {
        self.error(column, &format!("has a value that it can't have: {why}"))
            .hint("A constraint of the table was dropped or altered: correct the rows and put it back.")
    }

    fn unexpected_type(&self, column: usize) -> ClinicError {
        self.error(column, "is of an unexpected type")
            .detail(format!("Its type is {}.", type_name(self.types[column])))
            .hint("A column of a table in schema clinic was altered: give it back its type.")
    }

    /// An error about the column behind one of the result's.
    fn error(&self, column: usize, what: &str) -> ClinicError {
        let origin = self.statement.and_then(|statement| {
            // SAFETY: the plan that gave the rows, or one of the same text that replaced it.
            statement.with(|statement| unsafe { origin::of_column(statement.plan.get(), column) })
        });
        let new = |whose: &str| ClinicError::new(SqlState::SetUp, format!("column {whose} {what}"));
        match origin {
            Some((table, column)) => new(&format!("{column} of clinic.{table}")).column(&column, &table),
            None => new(&format!("{} of a table in schema clinic", self.name(column))),
        }
    }
}

/// A type's name, for people.
fn type_name(oid: pg_sys::Oid) -> String {
    // SAFETY: gives a NUL-terminated name in PostgreSQL's memory, of an unknown type, too.
    unsafe { CStr::from_ptr(pg_sys::format_type_be(oid)) }.to_string_lossy().into_owned()
}

fn c_string(sql: &str) -> Result<CString> {
    CString::new(sql).map_err(|_| ClinicError::new(SqlState::InvalidArgument, "a NUL byte in SQL text"))
}

fn internal(call: &str, code: c_int) -> ClinicError {
    ClinicError::new(SqlState::Internal, format!("{call} answered {code}"))
}
