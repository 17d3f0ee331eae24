//! History of the record. Never fails a change for a reason of its own.

use pgrx::pg_sys;

use crate::pg::platform::args::Args;
use crate::pg::platform::error::Result;
use crate::pg::platform::session::ActingAsOwner;
use crate::pg::platform::trigger::{Call, Columns, Values};
use crate::pg::platform::{history, spi};

/// The trigger `record_assignment`.
pub(super) fn record_assignment(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::for_row(args, "assignments", pg_sys::TRIGGER_EVENT_AFTER)?;
    let names = [(c"clinic_id", pg_sys::INT8OID), (c"id", pg_sys::INT8OID)];
    let columns = Columns::find(&call, &names)?;
    let Some(row) = call.new_row().or(call.old()) else { return Ok(pg_sys::Datum::null()) };
    // SAFETY: the tuple is the trigger's and of its table.
    let row = unsafe { Values::of(row, call.desc()) };
    if let (Some(clinic), Some(assignment)) = (row.get(columns.0[0]), row.get(columns.0[1])) {
        // SAFETY: the trigger's relation is open.
        let _owner = unsafe { ActingAsOwner::of(call.data.tg_relation) };
        spi::connect(|spi| history::add_assignment(spi, &call, clinic, assignment))?;
    }
    Ok(pg_sys::Datum::null())
}
