//! History: every change of a booking, with actor and reason. Never fails a booking for a reason of its own.

use pgrx::{IntoDatum, pg_sys};

use super::super::args::Args;
use super::super::error::Result;
use super::super::guc;
use super::super::session::ActingAsOwner;
use super::super::spi::{self, statements};
use super::{Call, Columns, Event, Values};

statements! {
    /// Adds one entry, unless nothing has changed.
    RECORD(INT8OID, INT8OID, TEXTOID, TEXTOID, TEXTOID, RECORDOID, RECORDOID) =
        "insert into clinic.booking_history
           (clinic_id, booking_id, version, changed_at, actor, reason, operation, before, after)
         select $1, $2,
           coalesce((select max(version) from clinic.booking_history where clinic_id = $1 and booking_id = $2), 0) + 1,
           clock_timestamp(), $3, $4, $5, to_jsonb($6), to_jsonb($7)
         where $6 is null or $7 is null or $6 *<> $7";
}

/// The trigger `record_booking`.
pub(super) fn record_booking(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::for_row(args, "bookings", pg_sys::TRIGGER_EVENT_AFTER)?;
    let desc = call.desc();
    let (operation, row) = match (call.event, call.old(), call.new_row()) {
        (Event::Insert, _, Some(new)) => ("insert", new),
        (Event::Update, Some(_), Some(new)) => ("update", new),
        (Event::Delete, Some(old), _) => ("delete", old),
        _ => return Ok(pg_sys::Datum::null()),
    };
    let columns = Columns::find(desc, &[(c"clinic_id", pg_sys::INT8OID), (c"id", pg_sys::INT8OID)])?;
    // SAFETY: the tuple is the trigger's and of its table.
    let key = unsafe { Values::of(row, desc) };
    // SAFETY: the trigger's relation is open.
    let _owner = unsafe { ActingAsOwner::of(call.data.tg_relation) };
    spi::connect(|spi| {
        spi.run(
            &RECORD,
            &[
                key.datum(columns.0[0]),
                key.datum(columns.0[1]),
                guc::actor().into_datum(),
                guc::reason().into_datum(),
                operation.into_datum(),
                call.old().map(|old| composite(old, desc)),
                call.new_row().map(|new| composite(new, desc)),
            ],
        )
    })?;
    Ok(pg_sys::Datum::null())
}

/// The row as a value of the table's row type.
fn composite(tuple: pg_sys::HeapTuple, desc: pg_sys::TupleDesc) -> pg_sys::Datum {
    // SAFETY: the tuple has this descriptor, which carries the table's row type.
    unsafe { pg_sys::heap_copy_tuple_as_datum(tuple, desc) }
}
