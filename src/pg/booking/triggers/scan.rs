//! Reads clinic.bookings straight from an index of its own. Not by SQL, for two reasons: a planner without statistics (a
//! bulk load into a fresh table) can't distinguish the right index from the others that begin with the clinic, and picks one
//! that reads every row loaded so far; and starting an executor costs more than the look-up.

use std::ffi::c_int;
use std::rc::Rc;

use pgrx::{FromDatum, pg_sys};

use super::columns::BookingColumns;
use crate::pg::platform::structure::Verdict;
use crate::pg::platform::trigger::attnum;

/// The trigger's table.
pub(super) struct Table {
    pub relation: pg_sys::Relation,
    pub columns: BookingColumns,
    pub verdict: Rc<Verdict>,
}

/// An index of the trigger's table. Only [`Table::index`] gives one.
#[derive(Clone, Copy)]
pub(super) struct Index(pg_sys::Oid);

/// A condition on an indexed column, by its position.
pub(super) struct Key {
    column: usize,
    strategy: u32,
    function: u32,
    value: pg_sys::Datum,
}

impl Key {
    /// The column equals `value`; `function` is the type's equality.
    pub fn equals(column: usize, function: u32, value: pg_sys::Datum) -> Self {
        Self { column, strategy: pg_sys::BTEqualStrategyNumber, function, value }
    }

    /// The column is at most `value`; `function` is the type's comparison.
    pub fn at_most(column: usize, function: u32, value: pg_sys::Datum) -> Self {
        Self { column, strategy: pg_sys::BTLessEqualStrategyNumber, function, value }
    }
}

/// A row of the scan, lent for as long as it is looked at.
pub(super) struct ScannedRow<'a> {
    tuple: pg_sys::HeapTuple,
    table: &'a Table,
}

impl ScannedRow<'_> {
    /// A column, `None` for NULL.
    pub fn get<T: FromDatum>(&self, column: usize) -> Option<T> {
        let mut is_null = false;
        // SAFETY: the tuple is of the table, and the column has the type that Columns::find has checked.
        unsafe {
            let desc = (*self.table.relation).rd_att;
            let datum = pg_sys::heap_getattr(self.tuple, attnum(column), desc, &mut is_null);
            T::from_datum(datum, is_null)
        }
    }
}

impl Table {
    fn scan_key(&self, key: &Key) -> pg_sys::ScanKeyData {
        let mut scan_key = pg_sys::ScanKeyData::default();
        // SAFETY: fills in the key, which is ours; the relation is open.
        unsafe {
            pg_sys::ScanKeyInit(
                &mut scan_key,
                attnum(key.column) as pg_sys::AttrNumber,
                key.strategy as pg_sys::StrategyNumber,
                pg_sys::RegProcedure::from(key.function),
                key.value,
            );
            // An index of texts is in the order of the column's collation.
            let desc = pgrx::PgTupleDesc::from_pg_unchecked((*self.relation).rd_att);
            scan_key.sk_collation =
                desc.get(key.column).map_or(pg_sys::InvalidOid, |column| column.attcollation);
        }
        scan_key
    }

    /// Hands the rows that meet all keys to `read`, until it says false.
    ///
    /// # Safety
    /// As shipped, `index` must begin with the keys' columns, in their order; `snapshot` must be valid.
    pub unsafe fn scan(
        &self,
        index: Index,
        keys: &[Key],
        snapshot: pg_sys::Snapshot,
        mut read: impl FnMut(&ScannedRow<'_>) -> bool,
    ) {
        let mut keys: Vec<_> = keys.iter().map(|key| self.scan_key(key)).collect();
        // SAFETY: the relation is open as long as its trigger runs; keys are of the columns' types, which Columns::find has
        // checked. What is begun is ended, and an ERROR in between aborts the transaction, which ends it too.
        unsafe {
            let snapshot = pg_sys::RegisterSnapshot(snapshot);
            let count = keys.len() as c_int;
            let scan =
                pg_sys::systable_beginscan(self.relation, index.0, true, snapshot, count, keys.as_mut_ptr());
            loop {
                let tuple = pg_sys::systable_getnext(scan);
                if tuple.is_null() || !read(&ScannedRow { tuple, table: self }) {
                    break;
                }
            }
            pg_sys::systable_endscan(scan);
            pg_sys::UnregisterSnapshot(snapshot);
        }
    }

    /// Whether a row meets all keys, also one that another transaction is about to add: then that is waited for.
    ///
    /// # Safety
    /// As shipped, `index` must begin with the keys' columns.
    pub unsafe fn has_row(&self, index: Index, keys: &[Key]) -> bool {
        loop {
            // Anew for each scan, which numbers the columns as the index does.
            let mut keys: Vec<_> = keys.iter().map(|key| self.scan_key(key)).collect();
            let mut dirty = pg_sys::SnapshotData {
                snapshot_type: pg_sys::SnapshotType::SNAPSHOT_DIRTY,
                ..Default::default()
            };
            // SAFETY: as in scan(). Such a snapshot isn't registered: looking at a row writes into it who is at work on that.
            let is_there = unsafe {
                let count = keys.len() as c_int;
                let scan = pg_sys::systable_beginscan(
                    self.relation,
                    index.0,
                    true,
                    &mut dirty,
                    count,
                    keys.as_mut_ptr(),
                );
                let is_there = !pg_sys::systable_getnext(scan).is_null();
                pg_sys::systable_endscan(scan);
                is_there
            };
            if !is_there || dirty.xmin == pg_sys::InvalidTransactionId {
                return is_there;
            }
            // SAFETY: another transaction's id; it is said neither where nor at what we wait.
            unsafe {
                let nowhere = std::ptr::null_mut();
                pg_sys::XactLockTableWait(dirty.xmin, nowhere, nowhere.cast(), pg_sys::XLTW_Oper::XLTW_None);
            }
        }
    }

    /// An index of the table's own, if it is there as shipped: a name alone says nothing about what an owner has made of it.
    pub fn index(&self, name: &str) -> Option<Index> {
        let index = self.verdict.index(name)?;
        // SAFETY: the relation is open; the list is a copy, its members are looked at only.
        let is_own = unsafe { pg_sys::list_member_oid(pg_sys::RelationGetIndexList(self.relation), index) };
        is_own.then_some(Index(index))
    }
}
