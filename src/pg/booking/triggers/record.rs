//! What is written of changes: history, and what of it is worth telling. Never fails
//! a change for a reason of its own.

use std::ffi::CStr;

use pg_clinic_core::booking::event::{self, Payload, Place, Version};
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::time::interval::{Instant, Span};
use pgrx::datum::{Range, TimestampWithTimeZone};
use pgrx::pg_sys;

use super::columns::bounds;
use crate::pg::events::outbox;
use crate::pg::platform::args::Args;
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::read_word;
use crate::pg::platform::session::ActingAsOwner;
use crate::pg::platform::trigger::{Call, Columns, Values};
use crate::pg::platform::{history, spi};

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
    let desc = call.desc();
    let table = Table {
        columns: Columns::find(&call, &NAMES)?,
        patient: PATIENT.map(|name| text_column(desc, name)),
    };
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
        history::add_booking(spi, &call, clinic, booking)?;
        if let Some(new) = &new {
            table.check_status(new)?;
        }
        let version = |row: &Option<Values>| row.as_ref().and_then(|row| table.version(row));
        let (before, after) = (version(&old), version(&new));
        let told =
            event::kind(before.as_ref(), after.as_ref()).zip(Payload::new(before.as_ref(), after.as_ref()));
        match told {
            Some((kind, payload)) => outbox::write(spi, clinic, booking, kind, &payload),
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
    /// Refuses a status that isn't on the list: the CHECK that would have refused it is missing.
    fn check_status(&self, row: &Values) -> Result<()> {
        let status: Option<String> = row.get(self.columns.0[col::STATUS]);
        read_word::<Option<Status>>(status.as_deref(), "status", "clinic.bookings").map(|_| ())
    }

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
