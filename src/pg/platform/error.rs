//! Errors on their way to the client: SQLSTATE, message, DETAIL, HINT and, where one stands behind it, the
//! constraint. Must never name a patient other than the one of the request.
//!
//! Own `ereport` calls rather than pgrx's: pgrx has no way to name a constraint, and drivers switch on it.

use std::ffi::{CStr, CString, c_char, c_int};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use pgrx::pg_sys::panic::ErrorReport;
use pgrx::{PgLogLevel, PgSqlErrorCode, pg_sys};

use super::memory;

/// An error as the client will see it.
#[derive(Debug)]
pub struct ClinicError(Box<Report>);

/// The parts of an error, boxed so that results stay small.
#[derive(Debug)]
struct Report {
    /// Packed as PostgreSQL does.
    sqlstate: c_int,
    message: String,
    detail: Option<String>,
    hint: Option<String>,
    origin: Origin,
}

/// The constraint that stands behind an error, and its table.
#[derive(Debug, Default)]
pub struct Origin {
    /// The table's schema.
    pub schema: Option<String>,
    /// The table.
    pub table: Option<String>,
    /// The constraint.
    pub constraint: Option<String>,
}

/// The result of everything at the edge.
pub type Result<T> = std::result::Result<T, ClinicError>;

/// The SQLSTATEs we raise; the README lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlState {
    /// 22004: a required argument is NULL.
    NullArgument,
    /// 22023: an argument makes no sense.
    InvalidArgument,
    /// P0002: no row with that id or name.
    NotFound,
    /// 55000: the thing is there, but not in a state that allows this.
    WrongState,
    /// 54000: more than we are willing to compute.
    LimitExceeded,
    /// 53200: the memory that pg_clinic may take, or the system has, doesn't suffice.
    OutOfMemory,
    /// 23P01: something else is there already.
    Collision,
    /// 23514: a rule or a cap refuses the row.
    Refused,
    /// 23503: a foreign key points nowhere.
    MissingKey,
    /// 23505: the request_id was used for something else.
    Duplicate,
    /// 40001: try the transaction again.
    Serialization,
    /// 42501: not allowed.
    NotAllowed,
    /// 42704: no such role.
    UndefinedRole,
    /// 0A000: this server can't do it.
    NotSupported,
    /// PC003: schema clinic is missing, not ours or of another version.
    SetUp,
    /// XX000: what should be impossible; a bug of ours or damage to the tables.
    Internal,
}

impl SqlState {
    /// The five characters.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NullArgument => "22004",
            Self::InvalidArgument => "22023",
            Self::NotFound => "P0002",
            Self::WrongState => "55000",
            Self::LimitExceeded => "54000",
            Self::OutOfMemory => "53200",
            Self::Collision => "23P01",
            Self::Refused => "23514",
            Self::MissingKey => "23503",
            Self::Duplicate => "23505",
            Self::Serialization => "40001",
            Self::NotAllowed => "42501",
            Self::UndefinedRole => "42704",
            Self::NotSupported => "0A000",
            Self::SetUp => "PC003",
            Self::Internal => "XX000",
        }
    }

    /// PostgreSQL's packing of the five characters (`MAKE_SQLSTATE`): six bits each, first one lowest.
    fn packed(self) -> c_int {
        self.code()
            .bytes()
            .rev()
            .fold(0, |packed, byte| packed << 6 | (c_int::from(byte.wrapping_sub(b'0')) & 0x3f))
    }
}

impl ClinicError {
    /// An error with a message: a lower-case clause without a full stop, as PostgreSQL's are.
    #[must_use]
    pub fn new(sqlstate: SqlState, message: impl Into<String>) -> Self {
        Self(Box::new(Report {
            sqlstate: sqlstate.packed(),
            message: message.into(),
            detail: None,
            hint: None,
            origin: Origin::default(),
        }))
    }

    /// An error that PostgreSQL raised.
    #[must_use]
    pub fn raised(
        sqlstate: c_int,
        message: String,
        detail: Option<&str>,
        hint: Option<&str>,
        origin: Origin,
    ) -> Self {
        let (detail, hint) = (detail.map(str::to_owned), hint.map(str::to_owned));
        Self(Box::new(Report { sqlstate, message, detail, hint, origin }))
    }

    /// With a DETAIL: which row or value. A full sentence.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// With a HINT: what to do. A full sentence.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// With the thing among several that it is about, before the message.
    #[must_use]
    pub fn of(mut self, which: &str) -> Self {
        self.0.message = format!("{which}: {}", self.0.message);
        self
    }

    /// Raises it as pgrx raises errors, from the middle of a computation whose signature has no room for it. Its SQLSTATE
    /// must be one of PostgreSQL's own.
    pub fn unwind(self) -> ! {
        let Report { sqlstate, message, detail, hint, .. } = *self.0;
        let report = ErrorReport::new(PgSqlErrorCode::from(sqlstate), message, "pg_clinic");
        let report = detail.into_iter().fold(report, ErrorReport::set_detail);
        let report = hint.into_iter().fold(report, ErrorReport::set_hint);
        report.report(PgLogLevel::ERROR);
        unreachable!("a report of an error doesn't return")
    }

    /// The parts. The box is freed here: it would be at the end of the caller's scope, which may never come.
    fn into_report(self) -> Report {
        *self.0
    }

    /// A refusal by a rule of ours, reported as a CHECK of a table in schema clinic: drivers know such errors by class and
    /// name.
    #[must_use]
    pub fn refused(constraint: &str, table: &str, message: impl Into<String>) -> Self {
        Self::new(SqlState::Refused, message).constraint(constraint, table)
    }

    /// With the constraint that stands behind it, and its table in schema clinic.
    #[must_use]
    pub fn constraint(mut self, constraint: &str, table: &str) -> Self {
        self.0.origin = Origin {
            schema: Some("clinic".to_owned()),
            table: Some(table.to_owned()),
            constraint: Some(constraint.to_owned()),
        };
        self
    }
}

impl fmt::Display for ClinicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

/// Runs the body of an SQL function and reports its error, if any, once no Rust frame with a destructor is left.
///
/// # Safety
/// Only to be called as the last thing of an `extern "C-unwind"` function that PostgreSQL called.
pub unsafe fn guarded(body: impl FnOnce() -> Result<pg_sys::Datum>) -> pg_sys::Datum {
    let mut failure = None;
    // SAFETY: the caller promises that PostgreSQL's frames are right above ours.
    let datum = unsafe {
        pg_sys::panic::pgrx_extern_c_guard(|| {
            computed(body).unwrap_or_else(|error| {
                failure = Some(error);
                pg_sys::Datum::null()
            })
        })
    };
    match failure {
        None => datum,
        // SAFETY: as above; `raise` owns the error and drops it before it jumps.
        Some(error) => unsafe { raise(error) },
    }
}

/// Runs the body within the memory budget. Panics and PostgreSQL's errors pass.
fn computed(body: impl FnOnce() -> Result<pg_sys::Datum>) -> Result<pg_sys::Datum> {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        memory::enter()?;
        body()
    }));
    // An answer that memory wasn't there for is none; nor is an error that may come of it the one to report.
    match (outcome, memory::leave()) {
        (Ok(_), Err(exhausted)) => Err(exhausted),
        (Ok(outcome), Ok(())) => outcome,
        (Err(panic), _) => resume_unwind(panic),
    }
}

/// Fields of an error report that bindgen knows as macros (`PG_DIAG_…`).
const PG_DIAG_SCHEMA_NAME: c_int = b's' as c_int;
const PG_DIAG_TABLE_NAME: c_int = b't' as c_int;
const PG_DIAG_CONSTRAINT_NAME: c_int = b'n' as c_int;

// Declared here because pgrx leaves them out of its bindings. They are called outside pgrx's guard on purpose:
// errfinish is to jump straight to PostgreSQL.
unsafe extern "C-unwind" {
    fn errstart(level: c_int, domain: *const c_char) -> bool;
    fn errfinish(file: *const c_char, line: c_int, function: *const c_char);
    fn errcode(sqlstate: c_int) -> c_int;
    fn errmsg_internal(format: *const c_char, ...) -> c_int;
    fn errdetail_internal(format: *const c_char, ...) -> c_int;
    fn errhint(format: *const c_char, ...) -> c_int;
    fn err_generic_string(field: c_int, value: *const c_char) -> c_int;
}

/// Reports `error` at level ERROR and jumps out.
///
/// # Safety
/// No frame between here and PostgreSQL may own anything.
unsafe fn raise(error: ClinicError) -> ! {
    let error = error.into_report();
    let sqlstate = error.sqlstate;
    let message = palloc_c_string(error.message);
    let detail = error.detail.map(palloc_c_string);
    let hint = error.hint.map(palloc_c_string);
    let Origin { schema, table, constraint } = error.origin;
    let origin = [
        (PG_DIAG_SCHEMA_NAME, schema.map(palloc_c_string)),
        (PG_DIAG_TABLE_NAME, table.map(palloc_c_string)),
        (PG_DIAG_CONSTRAINT_NAME, constraint.map(palloc_c_string)),
    ];
    // SAFETY: every pointer is a NUL-terminated string in PostgreSQL's memory, which outlives this report; nothing
    // in this frame has a destructor any more.
    unsafe {
        errstart(PgLogLevel::ERROR as c_int, std::ptr::null());
        errcode(sqlstate);
        errmsg_internal(c"%s".as_ptr(), message);
        if let Some(detail) = detail {
            errdetail_internal(c"%s".as_ptr(), detail);
        }
        if let Some(hint) = hint {
            errhint(c"%s".as_ptr(), hint);
        }
        for (field, name) in origin {
            if let Some(name) = name {
                err_generic_string(field, name);
            }
        }
        errfinish(c"pg_clinic".as_ptr(), 0, c"pg_clinic".as_ptr());
    }
    unreachable!("errfinish returns only below ERROR")
}

/// Ends the session, without a single allocation of ours: for when there is no memory for any.
///
/// # Safety
/// Nothing may rely on destructors of the frames above.
pub unsafe fn end_session(sqlstate: SqlState, message: &'static CStr, detail: &'static CStr) -> ! {
    // SAFETY: NUL-terminated strings that live on. At this level PostgreSQL ends the process from within.
    unsafe {
        errstart(PgLogLevel::FATAL as c_int, std::ptr::null());
        errcode(sqlstate.packed());
        errmsg_internal(c"%s".as_ptr(), message.as_ptr());
        errdetail_internal(c"%s".as_ptr(), detail.as_ptr());
        errfinish(c"pg_clinic".as_ptr(), 0, c"pg_clinic".as_ptr());
    }
    unreachable!("errfinish returns only below ERROR")
}

/// A copy in the current memory context, so that no Rust value has to live across the jump.
fn palloc_c_string(text: String) -> *const c_char {
    // A NUL can't come from SQL text; were one there, the rest is cut rather than the report lost.
    let text = CString::new(text).unwrap_or_else(|nul| {
        let end = nul.nul_position();
        CString::new(&nul.into_vec()[..end]).unwrap_or_default()
    });
    // SAFETY: pstrdup copies a NUL-terminated string.
    unsafe { pg_sys::pstrdup(text.as_ptr()) }
}
