//! Errors on their way to the client: SQLSTATE, message, DETAIL, HINT and, where one stands behind it, the
//! constraint. Must never name a patient other than the one of the request.
//!
//! Own `ereport` calls rather than pgrx's: pgrx has no way to name a constraint, and drivers switch on it. What PostgreSQL raises
//! is raised again as it was, see `caught`.

use std::ffi::{CStr, CString, c_char, c_int};
use std::fmt;

use pgrx::pg_sys::panic::{CaughtError, ErrorReport, ErrorReportWithLevel};
use pgrx::{PgLogLevel, PgSqlErrorCode, pg_sys};

use super::caught::{self, Raised, sqlstate_text};

/// An error as the client will see it, boxed so that results stay small.
pub struct ClinicError(Box<Report>);

/// Whose error it is.
enum Report {
    Ours(Parts),
    /// PostgreSQL's, or of whatever it called: the transaction, or subtransaction, is broken.
    Raised(Raised),
}

/// The parts of an error of ours.
struct Parts {
    /// Packed as PostgreSQL does.
    sqlstate: c_int,
    message: String,
    detail: Option<String>,
    hint: Option<String>,
    origin: Origin,
    /// Where in our code: for the server's log alone, where the error is a bug.
    place: Option<String>,
}

/// The constraint that stands behind an error, or the column, and its table.
#[derive(Default)]
struct Origin {
    schema: Option<String>,
    table: Option<String>,
    column: Option<String>,
    constraint: Option<String>,
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
        Self::of_parts(sqlstate.packed(), message.into())
    }

    fn of_parts(sqlstate: c_int, message: String) -> Self {
        Self(Box::new(Report::Ours(Parts {
            sqlstate,
            message,
            detail: None,
            hint: None,
            origin: Origin::default(),
            place: None,
        })))
    }

    /// What was raised in a statement.
    #[must_use]
    pub fn of_raised(raised: Raised) -> Self {
        Self(Box::new(Report::Raised(raised)))
    }

    /// What pgrx caught outside of our own statements: an error of PostgreSQL's, or a panic, which is a bug of ours. Frames of
    /// ours that pgrx may have added stay out of it.
    #[must_use]
    pub fn of_caught(caught: CaughtError) -> Self {
        match caught {
            CaughtError::PostgresError(report) | CaughtError::ErrorReport(report) => Self::of_report(&report),
            CaughtError::RustPanic { ereport, .. } => Self::of_panic(&ereport),
        }
    }

    fn of_report(report: &ErrorReportWithLevel) -> Self {
        let mut error = Self::of_parts(report.sql_error_code() as c_int, report.message().to_owned());
        if let Report::Ours(parts) = &mut *error.0 {
            parts.detail = report.detail().map(str::to_owned);
            parts.hint = report.hint().map(str::to_owned);
        }
        error
    }

    fn of_panic(report: &ErrorReportWithLevel) -> Self {
        let mut error = Self::new(SqlState::Internal, format!("pg_clinic failed: {}", report.message()))
            .hint("This is a bug of pg_clinic: please report it, with what the server's log says of it.");
        if let Report::Ours(parts) = &mut *error.0 {
            parts.place = Some(format!("At {}:{}.", report.file(), report.line_number()));
        }
        error
    }

    /// The parts, where it is ours.
    fn parts(&mut self) -> Option<&mut Parts> {
        match &mut *self.0 {
            Report::Ours(parts) => Some(parts),
            Report::Raised(_) => None,
        }
    }

    /// With a DETAIL: which row or value. A full sentence. What PostgreSQL raised keeps its own.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        if let Some(parts) = self.parts() {
            parts.detail = Some(detail.into());
        }
        self
    }

    /// With a HINT: what to do. A full sentence. What PostgreSQL raised keeps its own.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Some(parts) = self.parts() {
            parts.hint = Some(hint.into());
        }
        self
    }

    /// Tells the client of something by a WARNING of PostgreSQL's own SQLSTATE for one.
    pub fn warning(message: String) -> Result<()> {
        let Report::Ours(parts) = *Self::of_parts(PgSqlErrorCode::ERRCODE_WARNING as c_int, message).0 else {
            return Ok(());
        };
        let strings = Strings::new(parts, None);
        // SAFETY: the strings are plain pointers.
        caught::raised(|| unsafe { strings.report(PgLogLevel::WARNING) }).map_err(Self::of_raised)
    }

    /// With the thing among several that it is about, before the message.
    #[must_use]
    pub fn of(mut self, which: &str) -> Self {
        match &mut *self.0 {
            Report::Ours(parts) => parts.message = format!("{which}: {}", parts.message),
            Report::Raised(raised) => raised.say_of(which),
        }
        self
    }

    /// Raises it as pgrx raises errors, from the middle of a computation whose signature has no room for it. Its SQLSTATE
    /// must be one of PostgreSQL's own.
    pub fn unwind(self) -> ! {
        let (sqlstate, message, detail, hint) = match *self.0 {
            Report::Ours(Parts { sqlstate, message, detail, hint, .. }) => (sqlstate, message, detail, hint),
            Report::Raised(raised) => (raised.sqlstate(), raised.message(), raised.detail(), raised.hint()),
        };
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
        if let Some(parts) = self.parts() {
            parts.origin.constraint = Some(constraint.to_owned());
        }
        self.table(table)
    }

    /// With the column of a table in schema clinic that it is about.
    #[must_use]
    pub fn column(mut self, column: &str, table: &str) -> Self {
        if let Some(parts) = self.parts() {
            parts.origin.column = Some(column.to_owned());
        }
        self.table(table)
    }

    /// With the table in schema clinic that it is about.
    #[must_use]
    pub fn table(mut self, table: &str) -> Self {
        if let Some(parts) = self.parts() {
            parts.origin.schema = Some("clinic".to_owned());
            parts.origin.table = Some(table.to_owned());
        }
        self
    }

    /// Whether it was raised in a statement: then the transaction, or subtransaction, is broken, and nothing can be run any
    /// more.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        matches!(*self.0, Report::Raised(_))
    }

    /// Whether the statement itself is to end (class 57: a cancel, a timeout, a shutdown), rather than one thing in it
    /// having failed.
    #[must_use]
    pub fn is_interruption(&self) -> bool {
        self.sqlstate().starts_with("57")
    }

    /// Whether the caller may not do it.
    #[must_use]
    pub fn is_not_allowed(&self) -> bool {
        self.sqlstate() == SqlState::NotAllowed.code()
    }

    /// What exactly is wrong: the DETAIL, else the message.
    #[must_use]
    pub fn explanation(&self) -> String {
        let detail = match &*self.0 {
            Report::Ours(parts) => parts.detail.clone(),
            Report::Raised(raised) => raised.detail(),
        };
        detail.unwrap_or_else(|| self.to_string())
    }

    /// Whether it refuses one change, by a rule, a constraint or the state that a thing is in: another change may do.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        let sqlstate = self.sqlstate();
        let states = [SqlState::Collision, SqlState::Refused, SqlState::WrongState, SqlState::NotFound];
        states.iter().any(|state| state.code() == sqlstate)
    }

    /// Whether the server is short of something (class 53: memory, disk, connections).
    #[must_use]
    pub fn is_shortage(&self) -> bool {
        self.sqlstate().starts_with("53")
    }

    /// The five characters.
    #[must_use]
    pub fn sqlstate(&self) -> String {
        let packed = match &*self.0 {
            Report::Ours(parts) => parts.sqlstate,
            Report::Raised(raised) => raised.sqlstate(),
        };
        sqlstate_text(packed)
    }

    /// Tells the client of it by a WARNING: `what` could not be done. Only once what it broke is rolled back. An error is a
    /// cancel that came meanwhile.
    pub fn warn(&self, what: &str) -> Result<()> {
        let parts = match &*self.0 {
            Report::Ours(parts) => Parts {
                sqlstate: parts.sqlstate,
                message: parts.message.clone(),
                detail: parts.detail.clone(),
                hint: parts.hint.clone(),
                origin: Origin::default(),
                place: None,
            },
            Report::Raised(raised) => Parts {
                sqlstate: raised.sqlstate(),
                message: raised.message(),
                detail: raised.detail(),
                hint: raised.hint(),
                origin: Origin::default(),
                place: None,
            },
        };
        let context = match &*self.0 {
            Report::Ours(_) => None,
            Report::Raised(raised) => raised.context(),
        };
        let message = format!("{what}: {} (SQLSTATE {})", parts.message, self.sqlstate());
        let strings = Strings::new(Parts { message, ..parts }, context);
        // SAFETY: the strings are plain pointers.
        caught::raised(|| unsafe { strings.report(PgLogLevel::WARNING) }).map_err(Self::of_raised)
    }
}

impl fmt::Display for ClinicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Report::Ours(parts) => f.write_str(&parts.message),
            Report::Raised(raised) => f.write_str(&raised.message()),
        }
    }
}

impl fmt::Debug for ClinicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {self}", self.sqlstate())
    }
}

/// Fields of an error report that bindgen knows as macros (`PG_DIAG_…`).
const PG_DIAG_SCHEMA_NAME: c_int = b's' as c_int;
const PG_DIAG_TABLE_NAME: c_int = b't' as c_int;
const PG_DIAG_COLUMN_NAME: c_int = b'c' as c_int;
const PG_DIAG_CONSTRAINT_NAME: c_int = b'n' as c_int;

// Declared here because pgrx leaves them out of its bindings, or guards them. They are called outside pgrx's guard on purpose:
// errors are to jump straight to PostgreSQL.
unsafe extern "C-unwind" {
    fn errstart(level: c_int, domain: *const c_char) -> bool;
    fn errfinish(file: *const c_char, line: c_int, function: *const c_char);
    fn errcode(sqlstate: c_int) -> c_int;
    fn errmsg_internal(format: *const c_char, ...) -> c_int;
    fn errdetail_internal(format: *const c_char, ...) -> c_int;
    fn errdetail_log(format: *const c_char, ...) -> c_int;
    fn errhint(format: *const c_char, ...) -> c_int;
    fn errcontext_msg(format: *const c_char, ...) -> c_int;
    fn err_generic_string(field: c_int, value: *const c_char) -> c_int;
    fn ReThrowError(error: *mut pg_sys::ErrorData) -> !;
}

/// Raises `error` and jumps out.
///
/// # Safety
/// No frame between here and PostgreSQL may own anything.
pub(super) unsafe fn raise(error: ClinicError) -> ! {
    match error.into_report() {
        Report::Ours(parts) => {
            let strings = Strings::new(parts, None);
            // SAFETY: nothing in this frame has a destructor any more.
            unsafe { strings.report(PgLogLevel::ERROR) };
            unreachable!("errfinish returns only below ERROR")
        }
        // SAFETY: PostgreSQL copies what it is given.
        Report::Raised(raised) => unsafe { ReThrowError(raised.into_data()) },
    }
}

/// An error's parts as C strings in PostgreSQL's memory, so that no Rust value has to live across a jump.
#[derive(Clone, Copy)]
struct Strings {
    sqlstate: c_int,
    message: *const c_char,
    detail: Option<*const c_char>,
    place: Option<*const c_char>,
    hint: Option<*const c_char>,
    context: Option<*const c_char>,
    origin: [(c_int, Option<*const c_char>); 4],
}

impl Strings {
    fn new(parts: Parts, context: Option<String>) -> Self {
        let Origin { schema, table, column, constraint } = parts.origin;
        Self {
            sqlstate: parts.sqlstate,
            message: palloc_c_string(parts.message),
            detail: parts.detail.map(palloc_c_string),
            place: parts.place.map(palloc_c_string),
            hint: parts.hint.map(palloc_c_string),
            context: context.map(palloc_c_string),
            origin: [
                (PG_DIAG_SCHEMA_NAME, schema.map(palloc_c_string)),
                (PG_DIAG_TABLE_NAME, table.map(palloc_c_string)),
                (PG_DIAG_COLUMN_NAME, column.map(palloc_c_string)),
                (PG_DIAG_CONSTRAINT_NAME, constraint.map(palloc_c_string)),
            ],
        }
    }

    /// Reports at a level.
    ///
    /// # Safety
    /// At level ERROR no frame between here and PostgreSQL may own anything.
    unsafe fn report(self, level: PgLogLevel) {
        // SAFETY: every pointer is a NUL-terminated string in PostgreSQL's memory, which outlives this report.
        unsafe {
            if !errstart(level as c_int, std::ptr::null()) {
                return;
            }
            errcode(self.sqlstate);
            errmsg_internal(c"%s".as_ptr(), self.message);
            if let Some(detail) = self.detail {
                errdetail_internal(c"%s".as_ptr(), detail);
            }
            if let Some(place) = self.place {
                errdetail_log(c"%s".as_ptr(), place);
            }
            if let Some(hint) = self.hint {
                errhint(c"%s".as_ptr(), hint);
            }
            if let Some(context) = self.context {
                errcontext_msg(c"%s".as_ptr(), context);
            }
            for (field, name) in self.origin {
                if let Some(name) = name {
                    err_generic_string(field, name);
                }
            }
            errfinish(c"pg_clinic".as_ptr(), 0, c"pg_clinic".as_ptr());
        }
    }
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
