//! The running transaction and role: queueing of writers, acting as a table's owner, checking for a cancel.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use pg_clinic_core::time::calendar::date_to_pg_days;
use pgrx::pg_sys;

use super::error::{ClinicError, Result};
use super::memory;

/// Distinguishes our advisory locks from the app's: those have 1 (one bigint key) or 2 (two integers) here.
const LOCK_KIND: u16 = 0x434c;
/// No date: PostgreSQL's dates end long before.
const SET_UP_KEY: u32 = u32::MAX;
/// Nor is this one.
const TIME_ZONE_KEY: u32 = u32::MAX - 1;
/// Nor this one.
const PROMOTION_KEY: u32 = u32::MAX - 2;

/// Makes writers of the same clinic and local dates queue until the end of the transaction, dates ascending.
///
/// Two writers that meet in a GiST exclusion constraint can deadlock; behind this lock they never meet. A lock per
/// provider or room would miss patients, and a bulk load would exhaust the lock table; days are few.
pub fn queue_for_days(clinic: i64, days: &BTreeSet<NaiveDate>) {
    for day in days {
        // Two clinics 2^32 apart would share a lock: they'd wait for each other, no worse.
        lock(clinic as u32, date_to_pg_days(*day) as u32, pg_sys::ExclusiveLock);
    }
}

/// Takes an advisory lock of our own kind, released when the transaction ends.
fn lock(clinic: u32, key: u32, mode: u32) {
    let tag = pg_sys::LOCKTAG {
        // SAFETY: a backend-wide constant, set before any function can run.
        locktag_field1: unsafe { pg_sys::MyDatabaseId }.to_u32(),
        locktag_field2: clinic,
        locktag_field3: key,
        locktag_field4: LOCK_KIND,
        locktag_type: pg_sys::LockTagType::LOCKTAG_ADVISORY as u8,
        locktag_lockmethodid: pg_sys::USER_LOCKMETHOD as u8,
    };
    // SAFETY: a complete tag; PostgreSQL releases a transaction-scoped lock itself.
    unsafe { pg_sys::LockAcquire(&tag, mode as pg_sys::LOCKMODE, false, false) };
}

/// Keeps a clinic's time zone as it is until the end of the transaction: local dates are about to be made in it.
pub fn keep_time_zone(clinic: i64) {
    lock(clinic as u32, TIME_ZONE_KEY, pg_sys::ShareLock);
}

/// Waits for everybody who relies on a clinic's time zone.
pub fn queue_for_time_zone(clinic: i64) {
    lock(clinic as u32, TIME_ZONE_KEY, pg_sys::ExclusiveLock);
}

/// Makes those who replace a clinic's record by a plan queue until the end of the transaction.
pub fn queue_for_promotion(clinic: i64) {
    lock(clinic as u32, PROMOTION_KEY, pg_sys::ExclusiveLock);
}

/// Makes calls that create or upgrade the tables queue.
pub fn queue_for_set_up() {
    lock(0, SET_UP_KEY, pg_sys::ExclusiveLock);
}

/// Whether the transaction sees one snapshot throughout (REPEATABLE READ, SERIALIZABLE).
#[must_use]
pub fn has_one_snapshot() -> bool {
    // SAFETY: a plain variable of the backend.
    unsafe { pg_sys::XactIsoLevel >= pg_sys::XACT_REPEATABLE_READ as i32 }
}

/// Whether rows are copied from another server that has judged them: `session_replication_role = replica`.
#[must_use]
pub fn is_replica() -> bool {
    // SAFETY: a plain variable of the backend.
    unsafe { pg_sys::SessionReplicationRole == pg_sys::SESSION_REPLICATION_ROLE_REPLICA as i32 }
}

/// The start of the transaction: SQL's `now()`.
#[must_use]
pub fn now() -> pg_clinic_core::time::interval::Instant {
    // SAFETY: always callable.
    pg_clinic_core::time::interval::Instant(unsafe { pg_sys::GetCurrentTransactionStartTimestamp() })
}

/// Lets a query cancel, a statement timeout or a shutdown through, and the error for memory that ran out.
pub fn check_for_cancel() {
    pgrx::check_for_interrupts!();
    if let Err(error) = memory::check() {
        error.unwind();
    }
}

/// Acts as the owner of a table for as long as it lives, as PostgreSQL's own foreign keys do. An error that
/// aborts the (sub)transaction puts the role back by itself.
pub struct ActingAsOwner {
    role: pg_sys::Oid,
    context: i32,
}

impl ActingAsOwner {
    /// Becomes the owner of `relation`.
    ///
    /// # Safety
    /// `relation` must be open.
    #[must_use]
    pub unsafe fn of(relation: pg_sys::Relation) -> Self {
        let mut saved = Self { role: pg_sys::InvalidOid, context: 0 };
        // SAFETY: the relation is open; the saved values are put back by Drop or by the abort.
        unsafe {
            pg_sys::GetUserIdAndSecContext(&mut saved.role, &mut saved.context);
            let owner = (*(*relation).rd_rel).relowner;
            let context = saved.context | pg_sys::SECURITY_LOCAL_USERID_CHANGE as i32;
            pg_sys::SetUserIdAndSecContext(owner, context);
        }
        saved
    }
}

impl Drop for ActingAsOwner {
    fn drop(&mut self) {
        // SAFETY: the values were in force when we began.
        unsafe { pg_sys::SetUserIdAndSecContext(self.role, self.context) };
    }
}

/// Runs `body` on one snapshot that has our own writes in it as well: several reads see the same rows.
pub fn with_own_snapshot<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    // SAFETY: always callable in a transaction; the snapshot is pushed at once.
    with_snapshot(unsafe { pg_sys::GetTransactionSnapshot() }, body)
}

/// Runs `body` with everything committed by now in sight, whatever the transaction's own snapshot.
pub fn with_latest_snapshot<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    // SAFETY: as above.
    with_snapshot(unsafe { pg_sys::GetLatestSnapshot() }, body)
}

fn with_snapshot<T>(snapshot: pg_sys::Snapshot, body: impl FnOnce() -> Result<T>) -> Result<T> {
    // SAFETY: pushed and popped in pairs, but where an error was raised in between: rolling back clears the stack.
    unsafe {
        pg_sys::PushActiveSnapshot(snapshot);
        let result = body();
        if !result.as_ref().is_err_and(ClinicError::is_raised) {
            pg_sys::PopActiveSnapshot();
        }
        result
    }
}
