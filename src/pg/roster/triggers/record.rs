//! History of the record, and the end of approvals with their assignment. Never fails a change for a reason of its own.

use pgrx::pg_sys;

use crate::pg::platform::args::Args;
use crate::pg::platform::error::Result;
use crate::pg::platform::session::ActingAsOwner;
use crate::pg::platform::spi::{param, statements};
use crate::pg::platform::trigger::{Call, Columns, Values};
use crate::pg::platform::{history, spi, unused};

statements! {
    /// Deletes the approvals of an assignment that is gone. Those for a plan are of the plan's.
    FORGET(INT8OID, INT8OID, INT8OID) =
        "delete from clinic.rule_overrides
         where clinic_id = $1 and staff_id = $2 and shift_id = $3 and mode = 'waived' and plan_id is null";
}

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
        spi::connect(|spi| {
            history::add_assignment(spi, &call, clinic, assignment)?;
            let Some((staff, shift)) = given_up(&call)? else { return Ok(()) };
            // Most clinics approve nothing: reading an empty table has its price, too.
            if !unused::is_unused("rule_overrides") {
                spi.run(&FORGET, &[param(clinic), param(staff), param(shift)])?;
            }
            Ok(())
        })?;
    }
    Ok(pg_sys::Datum::null())
}

/// The person and the shift that the record had, and has no more.
fn given_up(call: &Call<'_>) -> Result<Option<(i64, i64)>> {
    let columns = Columns::find(call, &[(c"staff_id", pg_sys::INT8OID), (c"shift_id", pg_sys::INT8OID)])?;
    let pair = |row: Option<pg_sys::HeapTuple>| -> Option<(i64, i64)> {
        // SAFETY: the tuple is the trigger's and of its table.
        let row = unsafe { Values::of(row?, call.desc()) };
        row.get(columns.0[0]).zip(row.get(columns.0[1]))
    };
    let old = pair(call.old());
    Ok(old.filter(|_| old != pair(call.new_row())))
}
