//! The memory budget of a backend: the extension's Rust and the solver's C++ are counted together, and what would go
//! beyond the budget, or is refused by the system, ends in an error of the statement. Must never name PostgreSQL.
//!
//! Rust aborts the process where an allocation fails, which would take down the whole server, and nothing may unwind out
//! of an allocator. So a reserve is kept: the first allocation that fails gives it back to the system, is granted all the
//! same, and leaves a note. Whoever computes looks for the note as often as for a cancel ([`Budget::check`]), and raises
//! the error where unwinding is allowed. In between there is room for as much as the reserve had.
//!
//! A request that may be larger than the reserve isn't simply made: [`reserve`] asks for it.

mod allocator;
mod budget;
#[cfg(debug_assertions)]
pub mod injected;
mod mapping;

pub use allocator::Counting;
pub use budget::{Budget, Cause, OutOfMemory, RESERVE_BYTES};

/// The budget of this process.
pub static MEMORY: Budget = Budget::new();

/// Makes room in a vector for exactly so many more items, or says that there is none. For requests that may be large.
///
/// # Errors
/// When the budget or the system has no such room. Nothing else has changed then.
pub fn reserve<T>(items: &mut Vec<T>, more: usize) -> Result<(), OutOfMemory> {
    let outcome = MEMORY.asking(|| items.try_reserve_exact(more));
    outcome.map_err(|_| MEMORY.refusal(more.saturating_mul(size_of::<T>())))
}

/// An empty vector with room for so many items, see [`reserve`].
///
/// # Errors
/// When the budget or the system has no such room.
pub fn vec_for<T>(count: usize) -> Result<Vec<T>, OutOfMemory> {
    let mut items = Vec::new();
    reserve(&mut items, count)?;
    Ok(items)
}

/// Gives memory that was freed back to the system: the C library keeps it otherwise, for the next allocation.
pub fn give_back() {
    // SAFETY: always callable.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    unsafe {
        libc::malloc_trim(0);
    }
}
