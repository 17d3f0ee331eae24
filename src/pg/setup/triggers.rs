//! Triggers that keep a clinic's time zone, which other rows were made from, and tables that record what happened.

use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::session::{self, ActingAsOwner};
use crate::pg::platform::spi::{self, Access, statements};
use crate::pg::platform::trigger::{Call, Columns, Event, Values, misplaced};

sql_functions! {
    pg_clinic_clinic_keep_time_zone, pg_finfo_pg_clinic_clinic_keep_time_zone => keep_time_zone;
    pg_clinic_clinic_refuse_truncate, pg_finfo_pg_clinic_clinic_refuse_truncate => refuse_truncate;
}

statements! {
    /// Whether a clinic has bookings.
    HAS_BOOKINGS(INT8OID) = "select exists (select from clinic.bookings where clinic_id = $1)";
    /// Whether a clinic has time off by dates.
    HAS_DAYS_OFF(INT8OID) =
        "select exists (select from clinic.time_off where clinic_id = $1 and from_date is not null)";
}

/// The trigger `keep_time_zone`: local dates of bookings, and with them caps and seats, were made in the old zone; so were
/// the instants of time off by dates.
fn keep_time_zone(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::for_row(args, "clinics", pg_sys::TRIGGER_EVENT_BEFORE)?;
    let (Some(old), Some(new)) = (call.old(), call.new_row()) else { return Err(misplaced()) };
    let columns = Columns::find(&call, &[(c"id", pg_sys::INT8OID), (c"time_zone", pg_sys::TEXTOID)])?;
    // SAFETY: the tuples are the trigger's and of its table.
    let (was, is) = unsafe { (Values::of(old, call.desc()), Values::of(new, call.desc())) };
    let zone = |row: &Values| row.get::<String>(columns.0[1]);
    if zone(&was) != zone(&is) {
        // SAFETY: the trigger's relation is open.
        let _owner = unsafe { ActingAsOwner::of(call.data.tg_relation) };
        let clinic = was.datum(columns.0[0]);
        session::queue_for_time_zone(was.get(columns.0[0]).unwrap_or_default());
        let has_bookings = spi::connect(|spi| spi.value(&HAS_BOOKINGS, Access::Latest, &[clinic]))?;
        if has_bookings == Some(true) {
            return Err(ClinicError::new(
                SqlState::WrongState,
                "the time zone of a clinic with bookings can't change",
            )
            .detail("The local dates of its bookings were made in the old one.")
            .hint("Add a clinic with the new time zone: select init_clinic(…)"));
        }
        let has_days_off = spi::connect(|spi| spi.value(&HAS_DAYS_OFF, Access::Latest, &[clinic]))?;
        if has_days_off == Some(true) {
            return Err(ClinicError::new(
                SqlState::WrongState,
                "the time zone of a clinic with time off by dates can't change",
            )
            .detail("When its dates begin and end was worked out in the old one.")
            .hint("Delete the rows of clinic.time_off that have a from_date, and insert them again after the change."));
        }
    }
    Ok(pg_sys::Datum::from(new))
}

/// TRUNCATE fires no row triggers, so it would lose bookings and the record without a trace.
fn refuse_truncate(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::new(args)?;
    if call.event != Event::Truncate {
        return Err(misplaced());
    }
    let (schema, table) = call.table();
    let (kept, instead) = match table.as_str() {
        "assignments" | "assignment_history" => {
            ("The record and its history are kept.", "Delete single assignments: that is recorded.")
        }
        _ => (
            "Bookings and their history are kept.",
            "Cancel bookings with cancel_booking(), or delete single rows: that is recorded.",
        ),
    };
    Err(ClinicError::new(SqlState::NotAllowed, format!("{schema}.{table} can't be truncated"))
        .detail(kept)
        .hint(instead))
}
