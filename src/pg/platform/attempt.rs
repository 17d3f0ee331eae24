//! What may fail without taking the rest with it: a subtransaction of its own.

use std::ptr;

use pgrx::pg_sys;

use super::door::{panics, with_memory};
use super::error::{ClinicError, Result};
use super::memory;

/// Runs `body` in a subtransaction. Where it fails, what it did is rolled back, and its error is the answer; but what is to end the
/// statement (a cancel, a timeout, a shutdown) is passed on.
///
/// A subtransaction that writes takes a transaction id of its own, so it isn't for what every booking does.
pub fn attempt<T>(body: impl FnOnce() -> Result<T>) -> Result<std::result::Result<T, ClinicError>> {
    // SAFETY: what PL/pgSQL does for a block with EXCEPTION. Rolling back leaves SPI connected as it was before.
    unsafe {
        let (context, owner) = (pg_sys::CurrentMemoryContext, pg_sys::CurrentResourceOwner);
        pg_sys::BeginInternalSubTransaction(ptr::null());
        pg_sys::MemoryContextSwitchTo(context);
        let outcome = with_memory(panics(body), memory::settled());
        match outcome {
            Ok(_) => pg_sys::ReleaseCurrentSubTransaction(),
            Err(_) => pg_sys::RollbackAndReleaseCurrentSubTransaction(),
        }
        pg_sys::MemoryContextSwitchTo(context);
        pg_sys::CurrentResourceOwner = owner;
        match outcome {
            Err(error) if error.is_interruption() => Err(error),
            outcome => Ok(outcome),
        }
    }
}
