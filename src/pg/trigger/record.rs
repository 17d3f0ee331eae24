//! History and events: every change of a booking, with actor and reason, and what of it is worth telling. Never fails a
//! booking for a reason of its own.

use std::ffi::CStr;

use pg_clinic_core::booking::Status;
use pg_clinic_core::event::{self, Payload, Place, Version};
use pg_clinic_core::interval::{Instant, Span};
use pgrx::datum::{Range, TimestampWithTimeZone};
use pgrx::{IntoDatum, pg_sys};

use super::super::args::Args;
use super::super::error::Result;
use super::super::session::ActingAsOwner;
use super::super::spi::{self, statements};
use super::super::{events, guc};
use super::fill::bounds;
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

/// Indexes into [`NAMES`].
mod col {
    pub const CLINIC_ID: usize = 0;
    pub const ID: usize = 1;
    pub const PROVIDER_ID: usize = 2;
    pub const ROOM_ID: usize = 3;
    pub const TYPE_ID: usize = 4;
    pub const DURING: usize = 5;
    pub const STATUS: usize = 6;
    pub const IS_OVERBOOKED: usize = 7;
    pub const HOLD_EXPIRES_AT: usize = 8;
}

/// Name and type of the columns we read.
const NAMES: [(&CStr, pg_sys::Oid); 9] = [
    (c"clinic_id", pg_sys::INT8OID),
    (c"id", pg_sys::INT8OID),
    (c"provider_id", pg_sys::INT8OID),
    (c"room_id", pg_sys::INT8OID),
    (c"appointment_type_id", pg_sys::INT8OID),
    (c"during", pg_sys::TSTZRANGEOID),
    (c"status", pg_sys::TEXTOID),
    (c"is_overbooked", pg_sys::BOOLOID),
    (c"hold_expires_at", pg_sys::TIMESTAMPTZOID),
];

/// Columns that are only compared. An app may give them types of its own, or rename them: then their changes are no events.
const PATIENT: [&CStr; 3] = [c"patient_id", c"patient_name", c"contact"];

/// The trigger `record_booking`.
pub(super) fn record_booking(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::for_row(args, "bookings", pg_sys::TRIGGER_EVENT_AFTER)?;
    let operation = match call.event {
        Event::Insert => "insert",
        Event::Update => "update",
        Event::Delete => "delete",
        Event::Truncate => return Ok(pg_sys::Datum::null()),
    };
    let desc = call.desc();
    let table =
        Table { columns: Columns::find(desc, &NAMES)?, patient: PATIENT.map(|name| text_column(desc, name)) };
    // SAFETY: the tuples are the trigger's and of its table.
    let values = |tuple| unsafe { Values::of(tuple, desc) };
    let (old, new) = (call.old().map(values), call.new_row().map(values));
    let Some(row) = new.as_ref().or(old.as_ref()) else { return Ok(pg_sys::Datum::null()) };
    let id = |column: usize| row.get::<i64>(table.columns.0[column]);
    let (Some(clinic), Some(booking)) = (id(col::CLINIC_ID), id(col::ID)) else {
        return Ok(pg_sys::Datum::null());
    };
    // SAFETY: the trigger's relation is open.
    let _owner = unsafe { ActingAsOwner::of(call.data.tg_relation) };
    spi::connect(|spi| {
        spi.run(
            &RECORD,
            &[
                clinic.into_datum(),
                booking.into_datum(),
                guc::actor().into_datum(),
                guc::reason().into_datum(),
                operation.into_datum(),
                call.old().map(|old| composite(old, desc)),
                call.new_row().map(|new| composite(new, desc)),
            ],
        )?;
        let version = |row: &Option<Values>| row.as_ref().and_then(|row| table.version(row));
        let (before, after) = (version(&old), version(&new));
        let told =
            event::kind(before.as_ref(), after.as_ref()).zip(Payload::new(before.as_ref(), after.as_ref()));
        match told {
            Some((kind, payload)) => events::write(spi, clinic, booking, kind, &payload),
            None => Ok(()),
        }
    })?;
    Ok(pg_sys::Datum::null())
}

/// The trigger's table.
struct Table {
    columns: Columns<{ NAMES.len() }>,
    patient: [Option<usize>; 3],
}

impl Table {
    /// What of a row is worth telling; `None` where constraints are missing that would have refused it.
    fn version(&self, row: &Values) -> Option<Version> {
        let index = |column: usize| self.columns.0[column];
        let id = |column: usize| row.get::<i64>(index(column));
        let (start, end) = bounds(&row.get::<Range<TimestampWithTimeZone>>(index(col::DURING))?);
        Some(Version {
            status: Status::parse(&row.get::<String>(index(col::STATUS))?)?,
            place: Place {
                provider: id(col::PROVIDER_ID)?,
                room: id(col::ROOM_ID)?,
                during: Span::new(start?, end?)?,
            },
            appointment_type: id(col::TYPE_ID)?,
            is_overbooked: row.get(index(col::IS_OVERBOOKED))?,
            hold_expires_at: row
                .get::<TimestampWithTimeZone>(index(col::HOLD_EXPIRES_AT))
                .map(|at| Instant(i64::from(at))),
            patient: self.patient.map(|column| row.get(column?)),
        })
    }
}

/// Where a column of type text stands, if the table has it.
fn text_column(desc: pg_sys::TupleDesc, name: &CStr) -> Option<usize> {
    // SAFETY: the descriptor is of an open relation; attribute names are NUL-terminated.
    unsafe {
        pgrx::PgTupleDesc::from_pg_unchecked(desc).iter().position(|column| {
            !column.attisdropped
                && column.atttypid == pg_sys::TEXTOID
                && CStr::from_ptr(column.attname.data.as_ptr()) == name
        })
    }
}

/// The row as a value of the table's row type.
fn composite(tuple: pg_sys::HeapTuple, desc: pg_sys::TupleDesc) -> pg_sys::Datum {
    // SAFETY: the tuple has this descriptor, which carries the table's row type.
    unsafe { pg_sys::heap_copy_tuple_as_datum(tuple, desc) }
}
