//! Who is subscribed. Asked by every event that is written, so a clinic without subscriptions pays a look at the size of an
//! empty table and no statement.

use pgrx::pg_sys;

use crate::pg::platform::error::Result;
use crate::pg::platform::session;
use crate::pg::platform::spi::{Access, Spi, param, statements};

statements! {
    /// The subscriptions that want an event of a kind; no row where the clinic has none at all.
    WANTED(INT8OID, TEXTOID) =
        "select coalesce(array_agg(id) filter (where kinds is null or $2 = any (kinds)), '{}') as wanted
         from clinic.event_subscriptions where clinic_id = $1 having count(*) > 0";
    /// A consumer's subscription.
    OF_CONSUMER(INT8OID, TEXTOID) =
        "select id from clinic.event_subscriptions where clinic_id = $1 and consumer = $2";
}

/// Which subscriptions an event of a kind goes to; `None` where the clinic has no subscription, so that it goes to the queue
/// that all share. Until the transaction ends nobody subscribes, nor unsubscribes.
pub(super) fn wanting(spi: &Spi, clinic: i64, kind: &str) -> Result<Option<Vec<i64>>> {
    if !may_be_any() {
        return Ok(None);
    }
    // Also those made since the snapshot of a transaction that has one throughout.
    session::with_latest_snapshot(|| {
        spi.first(&WANTED, Access::Snapshot, &[param(clinic), param(kind)], |row| row.get(0))
    })
}

/// A consumer's subscription, if it has one.
pub(super) fn of_consumer(spi: &Spi, clinic: i64, consumer: &str) -> Result<Option<i64>> {
    let found: Vec<i64> = spi.values(&OF_CONSUMER, Access::Latest, &[param(clinic), param(consumer)])?;
    Ok(found.into_iter().next())
}

/// Whether the table of subscriptions isn't empty, as far as its size tells. Where it is missing there are none: a change that frees
/// time needs no more than the events themselves.
fn may_be_any() -> bool {
    // SAFETY: catalog look-ups by NUL-terminated names; true = no error where the schema is missing. The relation is opened and
    // closed here; its lock stays until the transaction ends, on purpose: whoever subscribes waits for it.
    unsafe {
        let schema = pg_sys::get_namespace_oid(c"clinic".as_ptr(), true);
        let table = pg_sys::get_relname_relid(c"event_subscriptions".as_ptr(), schema);
        let relation = pg_sys::try_relation_open(table, pg_sys::RowShareLock as pg_sys::LOCKMODE);
        if relation.is_null() {
            return false;
        }
        // What isn't a table has no size: the statement will say what it is.
        let is_table = (*(*relation).rd_rel).relkind.cast_unsigned() == pg_sys::RELKIND_RELATION;
        let has_rows = !is_table
            || pg_sys::RelationGetNumberOfBlocksInFork(relation, pg_sys::ForkNumber::MAIN_FORKNUM) > 0;
        pg_sys::relation_close(relation, pg_sys::NoLock as pg_sys::LOCKMODE);
        has_rows
    }
}
