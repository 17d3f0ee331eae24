//! Bookings that a function has taken up and not yet put down again: they take no time meanwhile, so that several can
//! change places though the constraints look at each row at once. The triggers see one change, from where the booking was
//! taken up to where it is put down.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use pgrx::pg_sys;

thread_local! {
    /// The rows as they were when they were taken up, by the booking's id.
    static PARKED: RefCell<BTreeMap<i64, Row>> = const { RefCell::new(BTreeMap::new()) };
    /// Those that keep the units of resources that they hold.
    static KEEPING_UNITS: RefCell<BTreeSet<i64>> = const { RefCell::new(BTreeSet::new()) };
}

thread_local! {
    /// The session of a group visit that moves as one.
    static KEPT_SESSION: Cell<Option<i64>> = const { Cell::new(None) };
}

/// A session moves as one for as long as it lives: though nobody is in it meanwhile, it keeps its capacity.
pub struct KeptSession(());

impl KeptSession {
    /// Begins.
    #[must_use]
    pub fn of(session: i64) -> Self {
        KEPT_SESSION.set(Some(session));
        Self(())
    }
}

impl Drop for KeptSession {
    fn drop(&mut self) {
        KEPT_SESSION.set(None);
    }
}

/// Whether a session moves as one just now.
#[must_use]
pub fn is_kept_session(session: i64) -> bool {
    KEPT_SESSION.get() == Some(session)
}

/// A row as it was.
struct Row {
    /// A copy that outlives the statement.
    tuple: pg_sys::HeapTuple,
    /// Whether the booking was put down again.
    is_down: bool,
}

impl Drop for Row {
    fn drop(&mut self) {
        // SAFETY: it was copied by us into memory that lives as long as the transaction, whose end comes later: what aborts
        // it unwinds first.
        unsafe { pg_sys::heap_freetuple(self.tuple) };
    }
}

/// These bookings may be parked for as long as it lives.
pub struct Parking(Vec<i64>);

impl Parking {
    /// Begins with none of them parked. `keeping_units` are those that keep the units of
    /// resources that they hold.
    #[must_use]
    pub fn of(bookings: Vec<i64>, keeping_units: impl IntoIterator<Item = i64>) -> Self {
        KEEPING_UNITS.with_borrow_mut(|keeping| keeping.extend(keeping_units));
        Self(bookings)
    }
}

impl Drop for Parking {
    fn drop(&mut self) {
        PARKED.with_borrow_mut(|parked| self.0.iter().for_each(|booking| drop(parked.remove(booking))));
        KEEPING_UNITS.with_borrow_mut(|keeping| keeping.retain(|booking| !self.0.contains(booking)));
    }
}

/// Notes a row that is being parked.
///
/// # Safety
/// `row` must be a row of clinic.bookings.
pub unsafe fn park(booking: i64, row: pg_sys::HeapTuple) {
    // SAFETY: the row is as promised; the context lives as long as the transaction.
    let copy = unsafe {
        let context = pg_sys::MemoryContextSwitchTo(pg_sys::TopTransactionContext);
        let copy = pg_sys::heap_copytuple(row);
        pg_sys::MemoryContextSwitchTo(context);
        copy
    };
    PARKED.with_borrow_mut(|parked| parked.insert(booking, Row { tuple: copy, is_down: false }));
}

/// The row of a parked booking as it was, valid as long as its [`Parking`]. `None` where the booking isn't parked.
#[must_use]
pub fn before(booking: i64) -> Option<pg_sys::HeapTuple> {
    PARKED.with_borrow(|parked| parked.get(&booking).filter(|row| !row.is_down).map(|row| row.tuple))
}

/// Whether a booking is parked, or was, and keeps the units of resources that it holds.
#[must_use]
pub fn keeps_units(booking: i64) -> bool {
    KEEPING_UNITS.with_borrow(|keeping| keeping.contains(&booking))
}

/// Notes that a booking was put down: its next change is one of its own.
pub fn put_down(booking: i64) {
    PARKED.with_borrow_mut(|parked| {
        if let Some(row) = parked.get_mut(&booking) {
            row.is_down = true;
        }
    });
}
