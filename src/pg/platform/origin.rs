//! Which column of which table a result's column comes from: for errors that name it. Asks PostgreSQL's own tree of the statement, so
//! only where something is wrong.

use std::ffi::{CStr, c_char, c_int};

use pgrx::{PgList, pg_sys};

/// What pull_var_clause() is to look into: aggregates, window functions, placeholders. Macros that bindgen leaves out.
const LOOK_INTO: c_int = 0x0002 | 0x0008 | 0x0020;

/// The table and column behind a plan's result column, counted from 0: its own, or the first that its expression reads.
///
/// # Safety
/// `plan` must be a kept plan of SPI's.
pub unsafe fn of_column(plan: pg_sys::SPIPlanPtr, column: usize) -> Option<(String, String)> {
    // SAFETY: as promised; the lists hold nodes of the types that PostgreSQL documents.
    unsafe {
        let sources = PgList::<pg_sys::CachedPlanSource>::from_pg(pg_sys::SPI_plan_get_plan_sources(plan));
        let queries = PgList::<pg_sys::Query>::from_pg((*sources.get_ptr(0)?).query_list);
        let query = &*queries.get_ptr(0)?;
        let is_read = query.commandType == pg_sys::CmdType::CMD_SELECT;
        let entries = PgList::<pg_sys::TargetEntry>::from_pg(if is_read {
            query.targetList
        } else {
            query.returningList
        });
        let entry = entries.iter_ptr().find(|entry| {
            usize::try_from((**entry).resno).is_ok_and(|number| number == column + 1) && !(**entry).resjunk
        })?;
        if (*entry).resorigtbl != pg_sys::InvalidOid {
            return named((*entry).resorigtbl, (*entry).resorigcol);
        }
        let variables =
            PgList::<pg_sys::Var>::from_pg(pg_sys::pull_var_clause((*entry).expr.cast(), LOOK_INTO));
        let variable = &*variables.get_ptr(0)?;
        let tables = PgList::<pg_sys::RangeTblEntry>::from_pg(query.rtable);
        let table = &*tables.get_ptr(usize::try_from(variable.varno).ok()?.checked_sub(1)?)?;
        (table.rtekind == pg_sys::RTEKind::RTE_RELATION)
            .then(|| named(table.relid, variable.varattno))
            .flatten()
    }
}

/// The names of a table and its column, where it is one of schema clinic.
fn named(table: pg_sys::Oid, column: pg_sys::AttrNumber) -> Option<(String, String)> {
    // SAFETY: catalog look-ups that give null, or no schema, for what isn't there.
    unsafe {
        let clinic = pg_sys::get_namespace_oid(c"clinic".as_ptr(), true);
        if pg_sys::get_rel_namespace(table) != clinic {
            return None;
        }
        Some((text(pg_sys::get_rel_name(table))?, text(pg_sys::get_attname(table, column, true))?))
    }
}

fn text(text: *const c_char) -> Option<String> {
    // SAFETY: the catalog's names are null or NUL-terminated.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
}
