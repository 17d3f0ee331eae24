//! A failure on demand, for tests: the allocation after so many others fails, as if the budget or the system had no more.
//! Not in a release.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::budget::Budget;

/// Allocations left until one fails; 0 = none does.
static LEFT: AtomicUsize = AtomicUsize::new(0);
/// Who refuses it.
static BY_SYSTEM: AtomicUsize = AtomicUsize::new(0);

/// Lets the allocation with this number from now on fail; 0 takes that back. Returns how many were left of the last one.
pub fn fail(number: usize, by_system: bool) -> usize {
    BY_SYSTEM.store(by_system.into(), Relaxed);
    LEFT.swap(number, Relaxed)
}

/// Counts an allocation, and lets all fail from now on, but for the reserve, if it is the one.
pub(crate) fn count(memory: &Budget) {
    let left = LEFT.load(Relaxed);
    if left == 0 {
        return;
    }
    LEFT.store(left - 1, Relaxed);
    if left == 1 {
        let used = memory.used();
        if BY_SYSTEM.load(Relaxed) == 1 {
            memory.exhaust(0, true);
            memory.set_bound(used + super::RESERVE_BYTES);
        } else {
            memory.set_bound(used);
        }
    }
}
