//! PostgreSQL's own errors, kept whole. pgrx carries message, DETAIL and HINT of an error through Rust, but no SQLSTATE it
//! doesn't know, nor the names of the schema, table and constraint: drivers switch on those. A context callback sees
//! them when the error is raised.

use std::ffi::{CStr, c_char, c_void};
use std::panic::AssertUnwindSafe;

use pgrx::pg_sys;
use pgrx::pg_sys::panic::CaughtError;

use super::error::{ClinicError, Origin, Result};
use super::log::shows_row;

/// What a raised error names.
#[derive(Default)]
struct Raised {
    sqlstate: i32,
    message: String,
    origin: Origin,
    shows_row: bool,
}

/// Runs `body`; an error that PostgreSQL raises in it becomes one of ours with all that it names. The caller must let it
/// through to the client: the transaction is broken.
pub fn keeping_origin<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    let mut raised: Option<Raised> = None;
    // SAFETY: the callback is taken off the stack before this frame ends, whether body returns or fails: pgrx catches what
    // PostgreSQL raises, and the try builder what then unwinds.
    let outcome = unsafe {
        let previous = pg_sys::error_context_stack;
        let mut callback = pg_sys::ErrorContextCallback {
            previous,
            callback: Some(note_origin),
            arg: (&raw mut raised).cast::<c_void>(),
        };
        pg_sys::error_context_stack = &mut callback;
        let outcome = pgrx::PgTryBuilder::new(AssertUnwindSafe(|| Ok(body())))
            .catch_others(|caught| Err(Box::new(caught)))
            .execute();
        pg_sys::error_context_stack = previous;
        outcome
    };
    match (outcome, raised) {
        (Ok(result), _) => result,
        (Err(caught), raised) => match (*caught, raised) {
            (CaughtError::PostgresError(report), Some(raised)) if report.message() == raised.message => {
                let detail = report.detail().filter(|_| !raised.shows_row);
                let hint = report.hint();
                Err(ClinicError::raised(raised.sqlstate, raised.message, detail, hint, raised.origin))
            }
            (caught, _) => caught.rethrow(),
        },
    }
}

/// Notes what the error being raised names. An error that pgrx raises again on its way out names nothing any more: then
/// the first note stays.
#[pgrx::pg_guard]
unsafe extern "C-unwind" fn note_origin(arg: *mut c_void) {
    // SAFETY: arg is the local of keeping_origin, which is still on the stack. CopyErrorData wants another context than the
    // one errors are made in; the copy is freed at once.
    unsafe {
        let raised = &mut *arg.cast::<Option<Raised>>();
        let errors = pg_sys::MemoryContextSwitchTo(pg_sys::TopTransactionContext);
        let data = pg_sys::CopyErrorData();
        pg_sys::MemoryContextSwitchTo(errors);
        let message = text((*data).message).unwrap_or_default();
        let is_again = raised.as_ref().is_some_and(|raised| raised.message == message);
        if (*data).elevel >= pgrx::PgLogLevel::ERROR as i32 && !is_again {
            *raised = Some(Raised {
                sqlstate: (*data).sqlerrcode,
                message,
                shows_row: shows_row(&*data),
                origin: Origin {
                    schema: text((*data).schema_name),
                    table: text((*data).table_name),
                    constraint: text((*data).constraint_name),
                },
            });
        }
        pg_sys::FreeErrorData(data);
    }
}

/// # Safety
/// `text` must be null or NUL-terminated.
unsafe fn text(text: *const c_char) -> Option<String> {
    // SAFETY: as promised.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}
