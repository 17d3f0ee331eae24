//! PostgreSQL's own errors, kept whole. pgrx carries message, DETAIL and HINT of an error through Rust, but no SQLSTATE it
//! doesn't know, no CONTEXT, and no names of schema, table, column and constraint: drivers switch on those. So statements are run
//! behind a guard of ours, which keeps PostgreSQL's record of the error, to be raised again as it is.

use std::ffi::{CStr, CString, c_char, c_int};
use std::mem::{self, MaybeUninit};
use std::ptr;

use cee_scape::{SigJmpBufFields, call_with_sigsetjmp};
use pgrx::{PgSqlErrorCode, pg_sys};

use super::log::shows_row;

/// An error that was raised in a statement, with all that belongs to it. In the memory of the transaction, so it outlives the
/// subtransaction that it broke. Null where there was no memory for it.
pub struct Raised(*mut pg_sys::ErrorData);

// Unguarded: where memory ran out, pgrx's guard would need some more, and PostgreSQL keeps five errors at most.
unsafe extern "C-unwind" {
    fn CopyErrorData() -> *mut pg_sys::ErrorData;
}

/// A record that nobody writes to.
struct Record(pg_sys::ErrorData);

// SAFETY: it is only read, and a backend has one thread of ours.
unsafe impl Sync for Record {}

/// Stands for an error for whose copy there was no memory.
static OUT_OF_MEMORY: Record = Record({
    // SAFETY: a record of numbers, flags and pointers, for all of which zero is a value.
    let mut data: pg_sys::ErrorData = unsafe { mem::zeroed() };
    data.elevel = pgrx::PgLogLevel::ERROR as c_int;
    data.sqlerrcode = PgSqlErrorCode::ERRCODE_OUT_OF_MEMORY as c_int;
    data.message = c"out of memory".as_ptr().cast_mut();
    data
});

/// Runs `call`, which calls C functions of PostgreSQL as they are, and gives the error that they raise.
///
/// Must own nothing: where an error is raised, its frames are left by a jump. The transaction, or subtransaction, is broken then: the
/// caller lets the error through, or rolls back.
pub fn raised<T>(call: impl FnOnce() -> T) -> Result<T, Raised> {
    let mut result = MaybeUninit::uninit();
    // SAFETY: the error's record waits on PostgreSQL's stack until it is copied and flushed. Where the copy fails, that error is
    // flushed with it.
    unsafe {
        let context = pg_sys::CurrentMemoryContext;
        let has_failed = jumps(|| {
            result.write(call());
        });
        if !has_failed {
            return Ok(result.assume_init());
        }
        pg_sys::MemoryContextSwitchTo(pg_sys::TopTransactionContext);
        let mut data = ptr::null_mut();
        let is_lost = jumps(|| data = CopyErrorData());
        pg_sys::FlushErrorState();
        pg_sys::MemoryContextSwitchTo(context);
        let mut raised = Raised(if is_lost { ptr::null_mut() } else { data });
        raised.hide_row();
        Err(raised)
    }
}

/// Whether an error left `call`: what PostgreSQL's PG_TRY does. The jump buffer is in force only while `call` runs.
///
/// # Safety
/// `call` must own nothing. The caller flushes the error.
unsafe fn jumps(call: impl FnOnce()) -> bool {
    // SAFETY: as promised; the buffer is in this frame.
    unsafe {
        let jump_buffer = pg_sys::PG_exception_stack;
        let callbacks = pg_sys::error_context_stack;
        let jumped = call_with_sigsetjmp(false, |buffer: &SigJmpBufFields| {
            pg_sys::PG_exception_stack = ptr::from_ref(buffer).cast_mut().cast();
            call();
            0
        });
        pg_sys::PG_exception_stack = jump_buffer;
        pg_sys::error_context_stack = callbacks;
        jumped != 0
    }
}

impl Raised {
    fn data(&self) -> &pg_sys::ErrorData {
        // SAFETY: CopyErrorData gives a complete record, ours alone; it lives as long as the transaction.
        unsafe { self.0.as_ref() }.unwrap_or(&OUT_OF_MEMORY.0)
    }

    /// The record, to be raised again. It is left to the transaction's memory.
    #[must_use]
    pub fn into_data(self) -> *mut pg_sys::ErrorData {
        let data = ptr::from_ref(self.data()).cast_mut();
        mem::forget(self);
        data
    }

    /// The SQLSTATE, packed as PostgreSQL does.
    #[must_use]
    pub fn sqlstate(&self) -> c_int {
        self.data().sqlerrcode
    }

    /// Whether the SQLSTATE begins with these two characters.
    #[must_use]
    pub fn is_of_class(&self, class: &str) -> bool {
        sqlstate_text(self.sqlstate()).starts_with(class)
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> String {
        text(self.data().message).unwrap_or_default()
    }

    /// The DETAIL.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        text(self.data().detail)
    }

    /// The HINT.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        text(self.data().hint)
    }

    /// The CONTEXT: where it was raised, innermost first.
    #[must_use]
    pub fn context(&self) -> Option<String> {
        text(self.data().context)
    }

    /// Says before the message what it is about.
    pub fn say_of(&mut self, which: &str) {
        if self.0.is_null() {
            return;
        }
        let message = format!("{which}: {}", self.message());
        // SAFETY: both strings are in the record's own memory, or are to be.
        unsafe { replace(&mut (*self.0).message, Some(message)) };
    }

    /// Where in `sql` PostgreSQL found it, in characters from 1; `None` where it was raised elsewhere, as in a trigger, or not
    /// in the text at all.
    #[must_use]
    pub fn position_in(&self, sql: &str) -> Option<usize> {
        let is_there = text(self.data().internalquery).as_deref() == Some(sql);
        usize::try_from(self.data().internalpos).ok().filter(|position| is_there && *position > 0)
    }

    /// Whether it was raised in a statement itself, not further in, as in a trigger.
    #[must_use]
    pub fn is_of(&self, sql: &str) -> bool {
        self.context()
            .and_then(|context| context.split_once(sql).map(|(before, _)| !before.contains('\n')))
            .unwrap_or(false)
    }

    /// The table and column of schema clinic that a row left NULL where it must not be.
    #[must_use]
    pub fn unfilled(&self) -> Option<(String, String)> {
        let data = self.data();
        let is_unfilled = data.sqlerrcode == PgSqlErrorCode::ERRCODE_NOT_NULL_VIOLATION as c_int
            && text(data.schema_name).as_deref() == Some("clinic");
        text(data.table_name).zip(text(data.column_name)).filter(|_| is_unfilled)
    }

    /// Takes a statement of ours out of the CONTEXT where it stands innermost: the client didn't write it. Where something was
    /// raised further in, as in a trigger, it stays and says what fired that.
    pub fn leave_out(&mut self, sql: &str) {
        // SAFETY: strings of the record.
        unsafe {
            if text(self.data().internalquery).as_deref() == Some(sql) {
                replace(&mut (*self.0).internalquery, None);
                (*self.0).internalpos = 0;
            }
            if self.is_of(sql) {
                let outer = self.context().and_then(|context| {
                    let (_, after) = context.split_once(sql)?;
                    after.split_once('\n').map(|(_, outer)| outer.to_owned())
                });
                replace(&mut (*self.0).context, outer);
            }
        }
    }

    /// Takes all but the first line of a script of ours out of the CONTEXT.
    pub fn shorten(&mut self, script: &str) {
        if let (Some(context), Some((first, _))) = (self.context(), script.split_once('\n')) {
            // SAFETY: a string of the record.
            unsafe {
                replace(&mut (*self.0).context, Some(context.replace(script, &format!("{first} …"))))
            };
        }
    }

    /// Takes out a row of schema clinic, as for the log.
    fn hide_row(&mut self) {
        // SAFETY: the record's own strings.
        unsafe {
            if shows_row(self.data()) {
                replace(&mut (*self.0).detail, None);
            }
        }
    }
}

impl Drop for Raised {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: the record is ours alone.
            unsafe { pg_sys::FreeErrorData(self.0) };
        }
    }
}

/// Puts a string of a record in another's place.
///
/// # Safety
/// `place` must be a string of a record that CopyErrorData made.
unsafe fn replace(place: &mut *mut c_char, text: Option<String>) {
    // SAFETY: as promised; the new string outlives the subtransaction, as the record does.
    unsafe {
        let fresh = text.and_then(|text| CString::new(text).ok()).map_or(ptr::null_mut(), |text| {
            pg_sys::MemoryContextStrdup(pg_sys::TopTransactionContext, text.as_ptr())
        });
        let stale = mem::replace(place, fresh);
        if !stale.is_null() {
            pg_sys::pfree(stale.cast());
        }
    }
}

fn text(text: *const c_char) -> Option<String> {
    // SAFETY: the strings of a record are null or NUL-terminated.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}

/// The five characters of a SQLSTATE, unpacked.
#[must_use]
pub fn sqlstate_text(packed: c_int) -> String {
    (0..5).map(|place| char::from(b'0' + ((packed >> (6 * place)) & 0x3f) as u8)).collect()
}
