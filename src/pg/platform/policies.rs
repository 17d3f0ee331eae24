//! Row-level security: a policy that hides bookings or time off makes taken places look free. So a statement of ours that a policy
//! applies to is refused; the tables' owner, superusers and roles with BYPASSRLS see all rows.

use std::ffi::CStr;

use pgrx::{PgList, pg_sys};

use super::error::{ClinicError, Result, SqlState};

/// Refuses a statement where policies apply to the role that ran it. PostgreSQL notes on a plan whether a table of it has
/// row-level security, so that nothing is looked up elsewhere.
///
/// # Safety
/// `plan` must be a kept plan of SPI's that was just run.
pub unsafe fn refuse_hidden(plan: pg_sys::SPIPlanPtr) -> Result<()> {
    // SAFETY: as promised; a list of the plan's sources, as PostgreSQL documents.
    let sources =
        unsafe { PgList::<pg_sys::CachedPlanSource>::from_pg(pg_sys::SPI_plan_get_plan_sources(plan)) };
    for source in sources.iter_ptr() {
        // SAFETY: a source of the plan, and the oids of its relations.
        let relations = unsafe {
            if !(*source).dependsOnRLS {
                continue;
            }
            PgList::<pg_sys::Oid>::from_pg((*source).relationOids)
        };
        if let Some(relation) = relations.iter_oid().find(|relation| applies_to(*relation)) {
            return Err(refusal(relation));
        }
    }
    Ok(())
}

/// Whether policies of a relation apply to the current role.
fn applies_to(relation: pg_sys::Oid) -> bool {
    // SAFETY: a catalog look-up; the error that row_security = off asks for isn't wanted, and a relation that is gone has none.
    let applies = unsafe { pg_sys::check_enable_rls(relation, pg_sys::InvalidOid, true) };
    applies == pg_sys::CheckEnableRlsResult::RLS_ENABLED as i32
}

fn refusal(relation: pg_sys::Oid) -> ClinicError {
    // SAFETY: catalog look-ups; both strings are NUL-terminated or null.
    let [table, role] = unsafe {
        [pg_sys::get_rel_name(relation), pg_sys::GetUserNameFromId(pg_sys::GetUserId(), true)].map(|name| {
            if name.is_null() { String::new() } else { CStr::from_ptr(name).to_string_lossy().into_owned() }
        })
    };
    let message = format!("row-level security may hide rows of clinic.{table} from role {role}");
    ClinicError::new(SqlState::NotAllowed, message)
        .detail("A row that isn't seen would be taken for one that isn't there: its place would look free.")
        .hint(
            "Call functions as the tables' owner or a role with BYPASSRLS, or as a finder, who is answered as the owner. \
             Or: alter table … disable row level security",
        )
        .table(&table)
}
