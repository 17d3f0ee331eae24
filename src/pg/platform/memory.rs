//! The memory budget as a session feels it: `pg_clinic.max_memory`, and the error for what goes beyond.

use pg_clinic_memory::{Cause, MEMORY, OutOfMemory};

use super::error::{ClinicError, Result, SqlState, end_session};
use super::guc;

/// A function that took more than this gives memory back to the system when it is done: a session is to wait for its next
/// question without the memory of its largest one.
const WORTH_GIVING_BACK: usize = 64 << 20;

/// Called once, when the library is loaded.
pub fn prepare() {
    MEMORY.set_last_resort(last_resort);
}

/// Begins the work of a function or trigger.
pub fn enter() -> Result<()> {
    MEMORY.enter(guc::max_memory()).map_err(refusal)
}

/// Whether memory has run out meanwhile.
#[inline]
pub fn check() -> Result<()> {
    MEMORY.check().map_err(refusal)
}

/// The error for memory that ran out, whose values are gone: from now on there is some again.
pub fn settled() -> Result<()> {
    MEMORY.settle().map_or(Ok(()), |exhausted| Err(refusal(exhausted)))
}

/// Ends the work of a function or trigger, whose values are gone.
pub fn leave() -> Result<()> {
    let settled = settled();
    if MEMORY.take_peak().saturating_sub(MEMORY.used()) > WORTH_GIVING_BACK {
        pg_clinic_memory::give_back();
    }
    settled
}

/// An empty vector with room for so many items, which may be many.
pub fn vec_for<T>(count: usize) -> Result<Vec<T>> {
    pg_clinic_memory::vec_for(count).map_err(refusal)
}

/// The error for memory that ran out where nobody noted how much was wanted.
pub fn refused() -> ClinicError {
    refusal(MEMORY.refusal(0))
}

/// The error for a refusal.
pub fn refusal(error: OutOfMemory) -> ClinicError {
    let megabytes = |bytes: usize| bytes.div_ceil(1 << 20);
    let (used, budget) = (megabytes(error.used), megabytes(error.budget));
    let wanted = match error.request {
        0 => "more".to_owned(),
        bytes => format!("{} MB more", megabytes(bytes)),
    };
    let (detail, hint) = match error.cause {
        Cause::Budget => (
            format!("pg_clinic may take {budget} MB in a session, has taken {used} MB and needs {wanted}."),
            "Ask for less at once, such as fewer dates, or raise pg_clinic.max_memory.",
        ),
        Cause::System => (
            format!(
                "pg_clinic has taken {used} MB of the {budget} MB it may take, and the system has no {wanted}."
            ),
            "Ask for less at once, or give the server more memory: see ulimit -v and the container's limit.",
        ),
    };
    ClinicError::new(SqlState::OutOfMemory, "out of memory").detail(detail).hint(hint)
}

/// Where not even the reserve suffices, Rust would abort the process, and PostgreSQL then restart for everybody. So only
/// this session ends. Nothing may unwind out of an allocator; PostgreSQL doesn't unwind for a FATAL error, it exits.
fn last_resort() -> ! {
    // SAFETY: the process exits without a look at our frames; PostgreSQL gives back what it holds itself.
    unsafe {
        end_session(
            SqlState::OutOfMemory,
            c"out of memory",
            c"pg_clinic had no memory left to go on until the statement's error.",
        )
    }
}
