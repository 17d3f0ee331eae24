//! The trigger of exceptions: a resolution stays.

use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::trigger::{Call, Columns, Values, misplaced};

sql_functions! {
    pg_clinic_clinic_keep_resolved, pg_finfo_pg_clinic_clinic_keep_resolved => keep_resolved;
}

/// The trigger `keep_resolved`, whose condition says when.
fn keep_resolved(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::for_row(args, "exceptions", pg_sys::TRIGGER_EVENT_BEFORE)?;
    let Some(old) = call.old() else { return Err(misplaced()) };
    let columns = Columns::find(&call, &[(c"id", pg_sys::INT8OID)])?;
    // SAFETY: the tuple is the trigger's and of its table.
    let id: i64 = unsafe { Values::of(old, call.desc()) }.get(columns.0[0]).unwrap_or_default();
    Err(ClinicError::new(SqlState::WrongState, format!("exception {id} is resolved, so it can't be changed"))
        .detail("It records who decided, and why.")
        .hint("Change its result: the record, or clinic.client_events."))
}
