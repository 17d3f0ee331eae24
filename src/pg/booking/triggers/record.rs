//! Writes the history of a change and, where it is worth one, an event; has offers follow the place. Fails a change only where a
//! status is on no list.

use std::ffi::CStr;

use pg_clinic_core::booking::event::{self, Payload, Place, Version};
use pg_clinic_core::booking::limits::Counted;
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::ids::{AppointmentTypeId, ProviderId};
use pg_clinic_core::time::calendar::date_from_pg_days;
use pg_clinic_core::time::interval::{Instant, Span};
use pgrx::datum::{Range, TimestampWithTimeZone};
use pgrx::pg_sys;

use super::columns::RecordedColumns;
use super::limits;
use crate::pg::backfill::follow;
use crate::pg::booking::parked;
use crate::pg::events::outbox;
use crate::pg::platform::args::Args;
use crate::pg::platform::attribution::{self, Cause};
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::read_word;
use crate::pg::platform::session::{self, ActingAsOwner};
use crate::pg::platform::spi::Spi;
use crate::pg::platform::trigger::{Call, Values};
use crate::pg::platform::values::bounds;
use crate::pg::platform::{history, spi, unused};

/// Columns that are only compared. An app may give them types of its own, or rename them: then their changes are no events.
const PATIENT: [&CStr; 3] = [c"patient_id", c"patient_name", c"contact"];

/// The trigger `record_booking`.
pub(super) fn record_booking(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::for_row(args, "bookings", pg_sys::TRIGGER_EVENT_AFTER)?;
    let desc = call.desc();
    let table = Table {
        columns: RecordedColumns::find(&call)?,
        patient: PATIENT.map(|name| text_column(desc, name)),
    };
    // SAFETY: the tuples are the trigger's and of its table.
    let values = |tuple| unsafe { Values::of(tuple, desc) };
    let (mut before, new) = (call.old(), call.new_row().map(values));
    let mut old = before.map(values);
    let Some(row) = new.as_ref().or(old.as_ref()) else { return Ok(pg_sys::Datum::null()) };
    let columns = &table.columns;
    let (Some(clinic), Some(booking)) = (row.get::<i64>(columns.clinic_id), row.get::<i64>(columns.id))
    else {
        return Ok(pg_sys::Datum::null());
    };
    if let Some(row) = before.filter(|_| attribution::cause() == Cause::Parking) {
        // SAFETY: the row is the trigger's.
        unsafe { parked::park(booking, row) };
        return Ok(pg_sys::Datum::null());
    }
    if let Some(taken_up) = parked::before(booking) {
        (before, old) = (Some(taken_up), Some(values(taken_up)));
    }
    // SAFETY: the trigger's relation is open.
    let _owner = unsafe { ActingAsOwner::of(call.data.tg_relation) };
    spi::connect(|spi| {
        history::add_booking(spi, &call, before, clinic, booking)?;
        if let Some(new) = &new {
            table.check_status(new)?;
            if !unused::is_unused("booking_limits") {
                table.keep_limits(spi, old.as_ref(), new)?;
            }
        }
        let version = |row: &Option<Values>| row.as_ref().and_then(|row| table.version(row));
        let (before, after) = (version(&old), version(&new));
        let event =
            event::kind(before.as_ref(), after.as_ref()).zip(Payload::new(before.as_ref(), after.as_ref()));
        if let Some((kind, payload)) = event {
            outbox::write(spi, clinic, booking, kind, &payload)?;
        }
        match after.is_some() && before != after {
            true => {
                let takes_place = event::takes_place(before.as_ref(), after.as_ref());
                follow::changed(spi, clinic, booking, takes_place)
            }
            false => Ok(()),
        }
    })?;
    parked::put_down(booking);
    Ok(pg_sys::Datum::null())
}

/// The trigger's table.
struct Table {
    columns: RecordedColumns,
    patient: [Option<usize>; 3],
}

impl Table {
    /// Refuses a status that isn't on the list: the CHECK that would have refused it is missing.
    fn check_status(&self, row: &Values) -> Result<()> {
        let status: Option<String> = row.get(self.columns.status);
        read_word::<Option<Status>>(status.as_deref(), "status", "clinic.bookings").map(|_| ())
    }

    /// Keeps the change within the limits of bookings.
    fn keep_limits(&self, spi: &Spi, old: Option<&Values>, new: &Values) -> Result<()> {
        let patient = |row: &Values| row.get::<String>(self.patient[0]?);
        let (was, is) = (old.and_then(patient), patient(new));
        let clinic = |row: &Values| row.get::<i64>(self.columns.clinic_id);
        let Some((clinic_id, after)) = clinic(new).zip(self.counted(new, is.as_deref())) else {
            return Ok(());
        };
        let before = old.filter(|old| clinic(old) == Some(clinic_id));
        limits::keep(
            spi,
            &limits::Change {
                clinic: clinic_id,
                before: before.and_then(|old| self.counted(old, was.as_deref())),
                after,
                is_overridden: new.datum(self.columns.override_reason).is_some(),
            },
        )
    }

    fn counted<'a>(&self, row: &Values, patient: Option<&'a str>) -> Option<Counted<'a>> {
        let columns = &self.columns;
        let (start, end) = bounds(&row.get::<Range<TimestampWithTimeZone>>(columns.during)?);
        let during = Span::new(start?, end?)?;
        Some(Counted {
            provider: ProviderId(row.get(columns.provider_id)?),
            appointment_type: AppointmentTypeId(row.get(columns.appointment_type_id)?),
            patient,
            local_date: date_from_pg_days(row.datum(columns.local_date)?.value() as i32)?,
            minutes: during.whole_minutes().0.into(),
            occupies: Status::parse(&row.get::<String>(columns.status)?)?.occupies(),
            is_upcoming: during.end > session::now(),
        })
    }

    /// The part of a row that events are about; `None` where constraints are missing that would have refused it.
    fn version(&self, row: &Values) -> Option<Version> {
        let columns = &self.columns;
        let (start, end) = bounds(&row.get::<Range<TimestampWithTimeZone>>(columns.during)?);
        Some(Version {
            status: Status::parse(&row.get::<String>(columns.status)?)?,
            place: Place {
                provider: row.get(columns.provider_id)?,
                room: row.get(columns.room_id),
                during: Span::new(start?, end?)?,
            },
            appointment_type: row.get(columns.appointment_type_id)?,
            is_overbooked: row.get(columns.is_overbooked)?,
            hold_expires_at: row
                .get::<TimestampWithTimeZone>(columns.hold_expires_at)
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
