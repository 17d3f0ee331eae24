//! Tables that nobody has written to. Most clinics need few of the optional settings: a question shouldn't pay for reading
//! tables without a row, which takes some 5 µs each.

use pgrx::pg_sys;

use super::error::Result;
use super::rows::FromRow;
use super::spi::{Access, Param, Spi, Statement};
use super::structure;

impl Spi {
    /// The rows of a statement that gives none while `table`, of schema clinic, has no row. It isn't run then.
    pub fn rows_of<R: FromRow>(
        &self,
        table: &'static str,
        statement: &'static std::thread::LocalKey<Statement>,
        access: Access,
        params: &[Param],
    ) -> Result<Vec<R>> {
        match is_unused(table) {
            true => Ok(Vec::new()),
            false => self.rows(statement, access, params),
        }
    }
}

/// Whether a table has no row, be it of whatever transaction: it takes no block of its file. A table that lost its rows counts
/// as used until a VACUUM, and so does what isn't there, or isn't a plain table: the statement that reads it tells.
#[must_use]
pub fn is_unused(table: &'static str) -> bool {
    let Some(oid) = structure::table(table) else { return false };
    block_count(oid, |class| class.relkind == pg_sys::RELKIND_RELATION as i8 && !class.relhassubclass)
        == Some(0)
}

/// Whether an index of a table has no entry, and never had one since it was built: it takes one block, which says what it is.
/// An index that isn't there as shipped counts as used.
pub fn is_unused_index(table: &str, index: &str) -> Result<bool> {
    let Some(index) = structure::verdict(table)?.and_then(|verdict| verdict.index(index)) else {
        return Ok(false);
    };
    Ok(block_count(index, |class| class.relkind == pg_sys::RELKIND_INDEX as i8) == Some(1))
}

/// How many blocks a relation takes; `None` where it isn't there, or isn't what it should be.
fn block_count(relation: pg_sys::Oid, is_right: impl Fn(&pg_sys::FormData_pg_class) -> bool) -> Option<u32> {
    // SAFETY: opened with the lock that reading takes, null where it is gone meanwhile, and closed; the lock stays, as it
    // does after a read.
    unsafe {
        let relation = pg_sys::try_relation_open(relation, pg_sys::AccessShareLock as pg_sys::LOCKMODE);
        if relation.is_null() {
            return None;
        }
        let blocks = is_right(&*(*relation).rd_rel)
            .then(|| pg_sys::RelationGetNumberOfBlocksInFork(relation, pg_sys::ForkNumber::MAIN_FORKNUM));
        pg_sys::relation_close(relation, pg_sys::NoLock as pg_sys::LOCKMODE);
        blocks
    }
}
