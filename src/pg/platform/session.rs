//! The running transaction and role: queueing of writers, acting as a table's owner, checking for a cancel.

use pg_clinic_core::locks::{Days, LockKey};
use pgrx::pg_sys;

use super::error::{ClinicError, Result};
use super::{attribution, memory};

/// Makes writers of the same clinics and local dates queue until the end of the transaction, in one order.
///
/// Two writers that meet in a GiST exclusion constraint can deadlock; behind this lock they never meet. A lock per
/// provider or room would miss patients, and a bulk load would exhaust the lock table; days are few.
pub fn queue_for_days(days: &Days) {
    days.keys().for_each(|key| lock(key, pg_sys::ExclusiveLock));
}

/// Makes those queue who are about to write the booking of a request, before any of them waits for a day: the one who
/// finds the other's booking there needs its days, too.
pub fn queue_for_request(clinic: i64, request_id: &str) {
    lock(LockKey::request(clinic, request_id), pg_sys::ExclusiveLock);
}

/// The same for a statement of the client's own that inserts a booking, which may end as an update of one that is there
/// already: by its request, or by its id. Functions of ours have queued themselves. A transaction that has written before
/// holds locks already, and would only wait for one more.
pub fn queue_for_new_booking(clinic: i64, id: i64, request_id: Option<&str>) {
    // SAFETY: always callable.
    let has_written = unsafe { pg_sys::GetTopTransactionIdIfAny() } != pg_sys::InvalidTransactionId;
    if has_written || attribution::cause() != attribution::Cause::User {
        return;
    }
    let key = request_id.map_or(LockKey::booking(id), |request_id| LockKey::request(clinic, request_id));
    lock(key, pg_sys::ExclusiveLock);
}

/// Takes a lock that is released when the transaction ends.
fn lock(key: LockKey, mode: u32) {
    let tag = pg_sys::LOCKTAG {
        // SAFETY: a backend-wide constant, set before any function can run.
        locktag_field1: unsafe { pg_sys::MyDatabaseId }.to_u32(),
        locktag_field2: key.high,
        locktag_field3: key.low,
        locktag_field4: key.kind,
        locktag_type: pg_sys::LockTagType::LOCKTAG_ADVISORY as u8,
        locktag_lockmethodid: pg_sys::USER_LOCKMETHOD as u8,
    };
    // SAFETY: a complete tag; PostgreSQL releases a transaction-scoped lock itself.
    unsafe { pg_sys::LockAcquire(&tag, mode as pg_sys::LOCKMODE, false, false) };
}

/// Makes those who book people queue until the end of the transaction, whatever the clinic; in one order. To be taken after the
/// locks of days.
pub fn queue_for_people<'a>(people: impl IntoIterator<Item = &'a str>) {
    let mut keys: Vec<_> = people.into_iter().map(LockKey::person).collect();
    keys.sort_unstable_by_key(|key| (key.high, key.low));
    keys.into_iter().for_each(|key| lock(key, pg_sys::ExclusiveLock));
}

/// Keeps a clinic's time zone, and who its providers are, as it is until the end of the transaction: local dates are about to be
/// made in it, and people to be written on bookings. To be taken before the locks of days.
pub fn keep_time_zone(clinic: i64) {
    lock(LockKey::time_zone(clinic), pg_sys::ShareLock);
}

/// Waits for everybody who relies on a clinic's time zone, or on who its providers are.
pub fn queue_for_time_zone(clinic: i64) {
    lock(LockKey::time_zone(clinic), pg_sys::ExclusiveLock);
}

/// Makes those who replace a clinic's record by a plan queue until the end of the transaction.
pub fn queue_for_promotion(clinic: i64) {
    lock(LockKey::promotion(clinic), pg_sys::ExclusiveLock);
}

/// Makes calls that create or upgrade the tables queue.
pub fn queue_for_set_up() {
    lock(LockKey::set_up(), pg_sys::ExclusiveLock);
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
        // SAFETY: the relation is open.
        Self::role(unsafe { (*(*relation).rd_rel).relowner })
    }

    /// Becomes a role that is known to own the tables.
    #[must_use]
    pub fn role(owner: pg_sys::Oid) -> Self {
        let mut saved = Self { role: pg_sys::InvalidOid, context: 0 };
        // SAFETY: always callable; the saved values are put back by Drop or by the abort.
        unsafe {
            pg_sys::GetUserIdAndSecContext(&mut saved.role, &mut saved.context);
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

/// Runs `body` with PostgreSQL's memory of its own, which is given back afterwards. What it returns must not point there.
pub fn in_own_context<T>(body: impl FnOnce() -> T) -> T {
    // SAFETY: the context lives until body has returned, and an unwinding error leaves it, too.
    unsafe { pgrx::PgMemoryContexts::new("pg_clinic").switch_to(|_| body()) }
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
