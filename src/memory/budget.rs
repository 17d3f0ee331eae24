//! What is taken, what may be taken, and the reserve.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::fmt;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicUsize, Ordering::Relaxed};

use super::mapping::{map, unmap};

/// The reserve: as much can be taken after an allocation has failed until somebody looks for its note.
pub const RESERVE_BYTES: usize = 16 << 20;

/// Who refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The budget.
    Budget,
    /// The system.
    System,
}

/// Memory ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory {
    /// Who refused.
    pub cause: Cause,
    /// The bytes asked for; 0 where they aren't known.
    pub request: usize,
    /// The bytes taken when it happened.
    pub used: usize,
    /// The bytes that may be taken.
    pub budget: usize,
}

impl fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("out of memory")
    }
}

impl std::error::Error for OutOfMemory {}

/// The reserve is with the system: nothing was taken yet, or it was used up.
const MISSING: u8 = 0;
/// The reserve is there.
const HELD: u8 = 1;
/// An allocation failed: the reserve is in use, and nobody has raised the error yet.
const EXHAUSTED: u8 = 2;

/// A budget and what is taken of it.
///
/// A backend has one thread, so counting needs no atomic addition, only atomic reads and writes, which cost nothing. Where
/// tests run several threads nothing is limited, and the count means nothing.
#[derive(Debug)]
pub struct Budget {
    used: AtomicUsize,
    /// Up to here allocations are simply made.
    bound: AtomicUsize,
    budget: AtomicUsize,
    state: AtomicU8,
    /// Who refused what, and how much was taken then.
    by_system: AtomicBool,
    request_then: AtomicUsize,
    used_then: AtomicUsize,
    reserve: AtomicPtr<c_void>,
    /// Whether the caller can take a no.
    is_asking: AtomicBool,
    /// The part of `used` that the solver's C++ has.
    of_engine: AtomicUsize,
    /// The most that was taken at any check since [`Budget::take_peak`].
    peak: AtomicUsize,
    /// Called where there is no other way out.
    last_resort: AtomicPtr<()>,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new()
    }
}

impl Budget {
    /// A budget without a limit, and nothing taken.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            used: AtomicUsize::new(0),
            bound: AtomicUsize::new(usize::MAX),
            budget: AtomicUsize::new(usize::MAX),
            state: AtomicU8::new(MISSING),
            by_system: AtomicBool::new(false),
            request_then: AtomicUsize::new(0),
            used_then: AtomicUsize::new(0),
            reserve: AtomicPtr::new(null_mut()),
            is_asking: AtomicBool::new(false),
            of_engine: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
            last_resort: AtomicPtr::new(null_mut()),
        }
    }

    /// Where to go when an allocation of Rust fails beyond the reserve: the process would abort otherwise.
    pub fn set_last_resort(&self, exit: fn() -> !) {
        self.last_resort.store(exit as *mut (), Relaxed);
    }

    /// Begins work under a budget: the reserve is there afterwards.
    ///
    /// # Errors
    /// When an allocation failed and nobody has raised that yet, or the system has no room for the reserve.
    pub fn enter(&self, budget: usize) -> Result<(), OutOfMemory> {
        if self.budget.load(Relaxed) != budget {
            self.budget.store(budget, Relaxed);
            if self.state.load(Relaxed) != EXHAUSTED {
                self.bound.store(budget, Relaxed);
            }
        }
        self.check()
    }

    /// Whether all is well. To be called as often as a cancel is looked for.
    ///
    /// # Errors
    /// When an allocation failed. The note of it stays until [`Budget::settle`].
    #[inline]
    pub fn check(&self) -> Result<(), OutOfMemory> {
        let used = self.used.load(Relaxed);
        if used > self.peak.load(Relaxed) {
            self.peak.store(used, Relaxed);
        }
        if self.state.load(Relaxed) == HELD { Ok(()) } else { self.look() }
    }

    #[cold]
    fn look(&self) -> Result<(), OutOfMemory> {
        if self.state.load(Relaxed) == EXHAUSTED {
            return Err(self.noted());
        }
        let Some(reserve) = map(RESERVE_BYTES) else {
            let (cause, used) = (Cause::System, self.used());
            return Err(OutOfMemory { cause, request: RESERVE_BYTES, used, budget: self.budget() });
        };
        self.reserve.store(reserve.as_ptr(), Relaxed);
        self.state.store(HELD, Relaxed);
        Ok(())
    }

    /// Takes the note of a failed allocation away, because its error is on its way out. The reserve is taken again when
    /// work goes on.
    pub fn settle(&self) -> Option<OutOfMemory> {
        if self.state.load(Relaxed) != EXHAUSTED {
            return None;
        }
        let noted = self.noted();
        self.bound.store(self.budget(), Relaxed);
        self.state.store(MISSING, Relaxed);
        Some(noted)
    }

    fn noted(&self) -> OutOfMemory {
        let cause = if self.by_system.load(Relaxed) { Cause::System } else { Cause::Budget };
        let (request, used) = (self.request_then.load(Relaxed), self.used_then.load(Relaxed));
        OutOfMemory { cause, request, used, budget: self.budget() }
    }

    /// The error for a request that was asked for and refused.
    #[must_use]
    pub fn refusal(&self, request: usize) -> OutOfMemory {
        let used = self.used();
        let fits = used.saturating_add(request) <= self.budget();
        let cause = if fits { Cause::System } else { Cause::Budget };
        OutOfMemory { cause, request, used, budget: self.budget() }
    }

    /// Runs `request`, whose allocations may fail without more ado.
    pub fn asking<T>(&self, request: impl FnOnce() -> T) -> T {
        let before = self.is_asking.swap(true, Relaxed);
        let outcome = request();
        self.is_asking.store(before, Relaxed);
        outcome
    }

    /// The bytes taken.
    #[must_use]
    pub fn used(&self) -> usize {
        self.used.load(Relaxed)
    }

    /// The bytes that may be taken.
    #[must_use]
    pub fn budget(&self) -> usize {
        self.budget.load(Relaxed)
    }

    /// The most bytes that were taken at any check since the last call.
    pub fn take_peak(&self) -> usize {
        self.peak.swap(self.used(), Relaxed)
    }

    /// Makes an allocation of so many bytes and counts it.
    #[inline]
    pub(crate) fn make(&self, cost: usize, request: impl Fn() -> *mut u8) -> *mut u8 {
        let used = self.used.load(Relaxed).saturating_add(cost);
        #[cfg(debug_assertions)]
        super::injected::count(self);
        if used <= self.bound.load(Relaxed) {
            let memory = request();
            if !memory.is_null() {
                self.used.store(used, Relaxed);
                return memory;
            }
        }
        self.make_otherwise(cost, &request)
    }

    /// Counts so many bytes as given back.
    #[inline]
    pub(crate) fn give(&self, cost: usize) {
        self.used.store(self.used.load(Relaxed).wrapping_sub(cost), Relaxed);
    }

    /// An allocation that the budget or the system has refused: the reserve is there for it, once.
    #[cold]
    fn make_otherwise(&self, cost: usize, request: &dyn Fn() -> *mut u8) -> *mut u8 {
        if self.is_asking.load(Relaxed) {
            return null_mut();
        }
        let used = self.used().saturating_add(cost);
        if self.state.load(Relaxed) == EXHAUSTED {
            return null_mut();
        }
        let by_system = used <= self.bound.load(Relaxed);
        self.exhaust(cost, by_system);
        // The one that crosses the line is granted whatever its size, if the system has it: the line is of ours, and a
        // vector that grows asks for twice what it has.
        let line = if by_system { self.budget() } else { used };
        self.bound.store(line.saturating_add(RESERVE_BYTES), Relaxed);
        let memory = request();
        if !memory.is_null() {
            self.used.store(used, Relaxed);
        }
        memory
    }

    /// Gives the reserve back to the system, because somebody else has no memory to report that with. It is taken again at
    /// the next check. Nothing of ours has failed, so nothing is noted.
    pub fn lend(&self) {
        if self.state.load(Relaxed) == HELD {
            self.state.store(MISSING, Relaxed);
            self.release();
        }
    }

    /// Notes that an allocation failed, and gives the reserve back to the system.
    pub(crate) fn exhaust(&self, request: usize, by_system: bool) {
        self.by_system.store(by_system, Relaxed);
        self.request_then.store(request, Relaxed);
        self.used_then.store(self.used(), Relaxed);
        self.state.store(EXHAUSTED, Relaxed);
        self.release();
    }

    fn release(&self) {
        let reserve = self.reserve.swap(null_mut(), Relaxed);
        if !reserve.is_null() {
            // SAFETY: a mapping of ours of this size, and this was the only pointer to it.
            unsafe { unmap(reserve, RESERVE_BYTES) };
        }
    }

    /// Sets the line beyond which allocations fail.
    #[cfg(debug_assertions)]
    pub(crate) fn set_bound(&self, bound: usize) {
        self.bound.store(bound, Relaxed);
    }

    /// What an allocation that failed for good returns: to C++, which throws an exception, a null pointer. Rust would abort.
    pub(crate) fn end(&self) {
        if self.is_asking.load(Relaxed) {
            return;
        }
        let exit = self.last_resort.load(Relaxed);
        if !exit.is_null() {
            // SAFETY: only `set_last_resort` stores it, a function of this type.
            let exit: fn() -> ! = unsafe { std::mem::transmute(exit) };
            exit();
        }
    }

    /// Counts bytes of the solver's C++, see [`Budget::engine_is_at_rest`].
    pub(crate) fn count_engine(&self, taken: usize, given: usize) {
        let of_engine = self.of_engine.load(Relaxed).wrapping_add(taken).wrapping_sub(given);
        self.of_engine.store(of_engine, Relaxed);
    }

    /// The solver's C++ has given back all it took. Its count may differ from that a little: texts that the standard library
    /// makes for it aren't counted, but may be given back through it.
    pub fn engine_is_at_rest(&self) {
        self.give(self.of_engine.swap(0, Relaxed));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const MB: usize = 1 << 20;

    fn granted() -> *mut u8 {
        std::ptr::dangling_mut()
    }

    fn within(budget: usize) -> Budget {
        let memory = Budget::new();
        memory.enter(budget).unwrap();
        memory
    }

    #[test]
    fn what_is_taken_and_given_is_counted() {
        let memory = within(10 * MB);
        assert!(!memory.make(3 * MB, granted).is_null());
        assert!(!memory.make(2 * MB, granted).is_null());
        memory.give(3 * MB);
        assert_eq!(memory.used(), 2 * MB);
        assert_eq!(memory.check(), Ok(()));
    }

    #[test]
    fn the_first_beyond_the_budget_is_granted_and_noted() {
        let memory = within(10 * MB);
        assert!(!memory.make(9 * MB, granted).is_null());
        assert!(!memory.make(200 * MB, granted).is_null(), "however large");
        let refused = memory.check().unwrap_err();
        let expected = OutOfMemory { cause: Cause::Budget, request: 200 * MB, used: 9 * MB, budget: 10 * MB };
        assert_eq!(refused, expected);
        assert!(memory.check().is_err(), "until it is settled");
        assert!(!memory.make(RESERVE_BYTES, granted).is_null(), "and as much as the reserve had");
        assert!(memory.make(1, granted).is_null(), "but no more");
    }

    #[test]
    fn after_the_error_all_is_as_before() {
        let memory = within(10 * MB);
        memory.make(9 * MB, granted);
        memory.make(2 * MB, granted);
        assert!(memory.settle().is_some());
        memory.give(11 * MB);
        assert_eq!((memory.settle(), memory.check(), memory.used()), (None, Ok(()), 0));
        assert!(!memory.make(10 * MB, granted).is_null());
        assert_eq!(memory.check(), Ok(()), "the whole budget is there again");
    }

    #[test]
    fn a_reserve_that_is_lent_is_taken_again() {
        let memory = within(10 * MB);
        memory.lend();
        assert_eq!(memory.state.load(Relaxed), MISSING);
        assert_eq!((memory.settle(), memory.check()), (None, Ok(())), "nothing of ours has failed");
        assert_eq!(memory.state.load(Relaxed), HELD);
        memory.make(11 * MB, granted);
        memory.lend();
        assert!(memory.check().is_err(), "but what has failed before stays noted");
    }

    #[test]
    fn what_the_system_refuses_once_is_made_of_the_reserve() {
        let memory = within(10 * MB);
        let tries = Cell::new(0);
        let second_try = || {
            tries.set(tries.get() + 1);
            if tries.get() == 1 { null_mut() } else { granted() }
        };
        assert!(!memory.make(MB, second_try).is_null());
        assert_eq!(memory.check().unwrap_err().cause, Cause::System);
        assert_eq!(memory.used(), MB);
    }

    #[test]
    fn what_the_system_refuses_for_good_is_not_counted() {
        let memory = within(10 * MB);
        assert!(memory.make(MB, null_mut).is_null());
        assert_eq!(memory.used(), 0);
        assert!(memory.make(MB, null_mut).is_null());
    }

    #[test]
    fn who_asks_hears_no_and_nothing_is_noted() {
        let memory = within(10 * MB);
        assert!(memory.asking(|| memory.make(11 * MB, granted)).is_null());
        assert!(memory.asking(|| memory.make(MB, null_mut)).is_null());
        assert_eq!((memory.check(), memory.used()), (Ok(()), 0));
        assert_eq!(memory.refusal(11 * MB).cause, Cause::Budget);
        assert_eq!(memory.refusal(MB).cause, Cause::System);
    }

    #[test]
    fn a_budget_that_is_raised_holds_at_once() {
        let memory = within(MB);
        memory.enter(3 * MB).unwrap();
        assert!(!memory.make(2 * MB, granted).is_null());
        assert_eq!(memory.check(), Ok(()));
        memory.enter(MB).unwrap();
        assert!(!memory.make(1, granted).is_null());
        assert!(
            memory.check().is_err(),
            "and one that is lowered below what is taken lets nothing more be taken"
        );
        assert!(memory.enter(9 * MB).is_err(), "a new budget doesn't hide what failed");
    }

    #[test]
    fn an_engine_at_rest_has_nothing() {
        let memory = within(10 * MB);
        memory.make(MB, granted);
        memory.make(2 * MB, granted);
        memory.count_engine(2 * MB, 0);
        memory.give(MB / 2);
        memory.count_engine(0, MB / 2);
        memory.engine_is_at_rest();
        assert_eq!(memory.used(), MB);
    }

    #[test]
    fn the_peak_is_seen_at_checks() {
        let memory = within(10 * MB);
        memory.make(5 * MB, granted);
        memory.check().unwrap();
        memory.give(5 * MB);
        assert_eq!((memory.take_peak(), memory.take_peak()), (5 * MB, 0));
    }
}
