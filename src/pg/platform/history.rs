//! History: an entry for every change of a row, with actor and reason.

use pgrx::{IntoDatum, pg_sys};

use super::trigger::Call;
use crate::pg::platform::attribution;
use crate::pg::platform::error::Result;
use crate::pg::platform::spi::{Param, Spi, Statement, param, statements};

/// Adds one entry, unless nothing has changed: `entry!(history table, its column of the row's id, further columns = values)`.
macro_rules! entry {
    ($table:literal, $id:literal $(, $column:literal = $value:literal)*) => {
        concat!(
            "insert into ", $table, " (clinic_id, ", $id, ", version, changed_at, actor, reason, operation, before, after",
            $(", ", $column,)*
            ") select $1, $2, coalesce((select max(version) from ", $table, " where clinic_id = $1 and ", $id, " = $2), 0) + 1,
               clock_timestamp(), $3, $4, $5, to_jsonb($6), to_jsonb($7)",
            $(", ", $value,)*
            " where $6 is null or $7 is null or $6 *<> $7"
        )
    };
}

statements! {
    /// Of a booking.
    BOOKING(INT8OID, INT8OID, TEXTOID, TEXTOID, TEXTOID, RECORDOID, RECORDOID) =
        entry!("clinic.booking_history", "booking_id");
    /// Of an assignment.
    ASSIGNMENT(INT8OID, INT8OID, TEXTOID, TEXTOID, TEXTOID, RECORDOID, RECORDOID, TEXTOID) =
        entry!("clinic.assignment_history", "assignment_id", "origin" = "$8");
}

/// Adds the change of a booking under way, from a row that may be older than the one that this very statement changes.
pub fn add_booking(
    spi: &Spi,
    call: &Call<'_>,
    before: Option<pg_sys::HeapTuple>,
    clinic: i64,
    booking: i64,
) -> Result<()> {
    add(spi, &BOOKING, call, before, clinic, booking, None)
}

/// Adds the change of an assignment under way, and where it comes from.
pub fn add_assignment(spi: &Spi, call: &Call<'_>, clinic: i64, assignment: i64) -> Result<()> {
    add(spi, &ASSIGNMENT, call, call.old(), clinic, assignment, Some(param(attribution::origin())))
}

fn add(
    spi: &Spi,
    statement: &'static std::thread::LocalKey<Statement>,
    call: &Call<'_>,
    before: Option<pg_sys::HeapTuple>,
    clinic: i64,
    id: i64,
    further: Option<Param>,
) -> Result<()> {
    let Some(operation) = call.operation() else { return Ok(()) };
    let row = |tuple: pg_sys::HeapTuple| composite(tuple, call.desc());
    let mut params = vec![
        clinic.into_datum(),
        id.into_datum(),
        attribution::actor().into_datum(),
        attribution::reason().into_datum(),
        operation.into_datum(),
        before.map(row),
        call.new_row().map(row),
    ];
    params.extend(further);
    spi.run(statement, &params)
}

/// The row as a value of the table's row type.
fn composite(tuple: pg_sys::HeapTuple, desc: pg_sys::TupleDesc) -> pg_sys::Datum {
    // SAFETY: the tuple has this descriptor, which carries the table's row type.
    unsafe { pg_sys::heap_copy_tuple_as_datum(tuple, desc) }
}
