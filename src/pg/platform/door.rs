//! The one door to every function and trigger: what must hold before its body runs, and how its error leaves.

use std::ffi::{CStr, c_int, c_void};
use std::panic::AssertUnwindSafe;
use std::ptr;

use pg_clinic_memory::MEMORY;
use pgrx::{PgSqlErrorCode, PgTryBuilder, pg_sys};

use super::error::{ClinicError, Result, SqlState, raise};
use super::memory;

/// Runs the body of an SQL function, the one door to all of them, and reports its error, if any, once no Rust frame with a destructor is left.
///
/// # Safety
/// Only to be called as the last thing of an `extern "C-unwind"` function that PostgreSQL called.
pub unsafe fn guarded(body: impl FnOnce() -> Result<pg_sys::Datum>) -> pg_sys::Datum {
    match computed(body) {
        Ok(datum) => datum,
        // SAFETY: the caller promises that PostgreSQL's frames are right above ours; `raise` owns the error and drops it
        // before it jumps.
        Err(error) => unsafe { raise(error) },
    }
}

/// Runs the body within the memory budget.
fn computed(body: impl FnOnce() -> Result<pg_sys::Datum>) -> Result<pg_sys::Datum> {
    let outcome = lending_the_reserve(|| {
        panics(|| {
            memory::enter()?;
            require_utf8()?;
            body()
        })
    });
    with_memory(outcome, memory::leave())
}

/// Runs `body`, in which an error for want of memory, of whomever, first gives our reserve back to the system. Whoever catches an error copies it, and pgrx does so
/// again and again where there is no memory for the copy, until PostgreSQL's stack of errors is full and the server restarts.
fn lending_the_reserve<T>(body: impl FnOnce() -> T) -> T {
    // SAFETY: the callback is in this frame, which nothing leaves but by its end: `body` catches errors and panics.
    unsafe {
        let previous = pg_sys::error_context_stack;
        let mut callback =
            pg_sys::ErrorContextCallback { previous, callback: Some(lend_reserve), arg: ptr::null_mut() };
        pg_sys::error_context_stack = &raw mut callback;
        let outcome = body();
        pg_sys::error_context_stack = previous;
        outcome
    }
}

unsafe extern "C-unwind" {
    fn geterrcode() -> c_int;
}

/// Called while an error is made. Allocates nothing.
unsafe extern "C-unwind" fn lend_reserve(_: *mut c_void) {
    // SAFETY: an error is being made.
    if unsafe { geterrcode() } == PgSqlErrorCode::ERRCODE_OUT_OF_MEMORY as c_int {
        MEMORY.lend();
    }
}

/// Runs `body`; what is raised in it outside of a statement, and a panic, becomes an error, too.
pub fn panics<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    PgTryBuilder::new(AssertUnwindSafe(body))
        .catch_others(|caught| Err(ClinicError::of_caught(caught)))
        .execute()
}

/// An answer that memory wasn't there for is none; nor is an error of ours that may come of it the one to report.
pub fn with_memory<T>(outcome: Result<T>, memory: Result<()>) -> Result<T> {
    match (outcome, memory) {
        (Err(raised), Err(_)) if raised.is_raised() => Err(raised),
        (_, Err(exhausted)) => Err(exhausted),
        (outcome, Ok(())) => outcome,
    }
}

/// Text is read as UTF-8, of arguments as of tables, so there is nothing to do in a database of another encoding.
fn require_utf8() -> Result<()> {
    thread_local! {
        // A backend never changes its database.
        static IS_UTF8: bool =
            // SAFETY: always callable.
            unsafe { pg_sys::GetDatabaseEncoding() } == pg_sys::pg_enc::PG_UTF8 as c_int;
    }
    if IS_UTF8.with(|is_utf8| *is_utf8) {
        return Ok(());
    }
    // SAFETY: always callable, and gives a constant.
    let encoding = unsafe { CStr::from_ptr(pg_sys::GetDatabaseEncodingName()) };
    Err(ClinicError::new(SqlState::NotSupported, "pg_clinic needs a database with encoding UTF8")
        .detail(format!("The encoding of this one is {}.", encoding.to_string_lossy()))
        .hint("create database … template template0 encoding 'UTF8'"))
}
