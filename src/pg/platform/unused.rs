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
        table: &str,
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
pub fn is_unused(table: &str) -> bool {
    let Some(oid) = structure::relation(table) else { return false };
    // SAFETY: opened with the lock that reading takes, null where it is gone meanwhile, and closed; the lock stays, as it
    // does after a read.
    unsafe {
        let relation = pg_sys::try_relation_open(oid, pg_sys::AccessShareLock as pg_sys::LOCKMODE);
        if relation.is_null() {
            return false;
        }
        let class = &*(*relation).rd_rel;
        let is_plain = class.relkind == pg_sys::RELKIND_RELATION as i8 && !class.relhassubclass;
        let is_unused = is_plain
            && pg_sys::RelationGetNumberOfBlocksInFork(relation, pg_sys::ForkNumber::MAIN_FORKNUM) == 0;
        pg_sys::relation_close(relation, pg_sys::NoLock as pg_sys::LOCKMODE);
        is_unused
    }
}
