//! What errors don't show: PostgreSQL prints the whole row that violates a CHECK or a NOT NULL, and the line of a COPY
//! whatever is wrong with it, to the client and into the server's log; and a row of schema clinic may name a patient.

use std::ffi::{CStr, c_char};

use pgrx::{PgSqlErrorCode, pg_sys};

/// Who listened before us. Set once, while the library is loaded.
static PREVIOUS: std::sync::OnceLock<pg_sys::emit_log_hook_type> = std::sync::OnceLock::new();

/// Has errors lose what they don't show. Called once, when the library is loaded.
pub fn register() {
    // SAFETY: a backend has one thread; the hook stays as long as the library, which is never unloaded.
    unsafe {
        let _ = PREVIOUS.set(pg_sys::emit_log_hook);
        pg_sys::emit_log_hook = Some(hide_row);
    }
}

/// Called for each report before it goes to the log and to the client. PostgreSQL promises no more than that a hook may keep a
/// report out of the log; but in every version it reads DETAIL and CONTEXT after the hook. Must not fail, nor allocate.
unsafe extern "C-unwind" fn hide_row(report: *mut pg_sys::ErrorData) {
    // SAFETY: PostgreSQL hands the report that it is about to send; its strings belong to a context that it empties.
    unsafe {
        if shows_row(&*report) {
            (*report).detail = std::ptr::null_mut();
            (*report).detail_log = std::ptr::null_mut();
        }
        if let Some(end) = copied_line((*report).context) {
            *(*report).context.add(end) = 0;
        }
        if let Some(Some(previous)) = PREVIOUS.get() {
            previous(report);
        }
    }
}

/// Whether an error's DETAIL is a row of schema clinic, or the key of a patient. A trigger's error of the same class has a
/// DETAIL of its own, which is wanted.
///
/// # Safety
/// The strings of `report` must be null or NUL-terminated.
pub unsafe fn shows_row(report: &pg_sys::ErrorData) -> bool {
    const ROWS: [PgSqlErrorCode; 2] =
        [PgSqlErrorCode::ERRCODE_CHECK_VIOLATION, PgSqlErrorCode::ERRCODE_NOT_NULL_VIOLATION];
    let text = |text: *const c_char| match text.is_null() {
        true => &[][..],
        // SAFETY: as promised.
        false => unsafe { CStr::from_ptr(text) }.to_bytes(),
    };
    if text(report.schema_name) != b"clinic" {
        return false;
    }
    let is = |code: PgSqlErrorCode| code as i32 == report.sqlerrcode;
    let source = text(report.filename);
    ROWS.into_iter().any(is) && source.ends_with(b"execMain.c")
        || is(PgSqlErrorCode::ERRCODE_EXCLUSION_VIOLATION)
            && source.ends_with(b"execIndexing.c")
            && text(report.constraint_name) == b"bookings_patient"
}

/// Tables and what else is shipped, for a look without a list in memory.
const SHIPPED: &str = include_str!("../../../sql/shipped/clinic.tsv");

/// Where the content of a line that a COPY reads into a table of ours begins in a CONTEXT: `COPY bookings, line 1: "…"`. It may
/// have line breaks in it, so that what follows can't be told from it. A CONTEXT has no schema: a table of the app's that is
/// called as one of ours is treated as ours.
///
/// # Safety
/// `context` must be null or NUL-terminated.
pub unsafe fn copied_line(context: *const c_char) -> Option<usize> {
    if context.is_null() {
        return None;
    }
    // SAFETY: as promised.
    let context = unsafe { CStr::from_ptr(context) }.to_bytes();
    let mut start = 0;
    for line in context.split(|byte| *byte == b'\n') {
        if let Some(rest) = line.strip_prefix(b"COPY ")
            && let Some(comma) = rest.iter().position(|byte| *byte == b',')
            && is_table(&rest[..comma])
        {
            // PostgreSQL translates the words, neither the name nor the colon.
            let colon = context[start..].iter().position(|byte| *byte == b':')?;
            return Some(start + colon);
        }
        start += line.len() + 1;
    }
    None
}

/// Whether a table of ours has the name.
fn is_table(name: &[u8]) -> bool {
    let tables = SHIPPED.lines().filter_map(|line| line.strip_prefix("table\t"));
    tables.into_iter().any(|line| line.split('\t').next().is_some_and(|table| table.as_bytes() == name))
}
