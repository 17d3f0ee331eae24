//! Time off by dates: its instants come from the clinic's time zone, not from the client's.

use chrono::{Datelike, NaiveDate};
use pg_clinic_core::time::calendar::{add_days, date_from_pg_days, date_to_pg_days};
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY, Span};
use pgrx::datum::{Range, TimestampWithTimeZone};
use pgrx::{IntoDatum, pg_sys};

use crate::pg::platform::args::{Args, range, sql_functions};
use crate::pg::platform::clinic::YEARS;
use crate::pg::platform::error::Result;
use crate::pg::platform::session::{self, ActingAsOwner};
use crate::pg::platform::spi::{self, Access, param, statements};
use crate::pg::platform::trigger::{Call, Values, columns, misplaced};
use crate::pg::platform::zone;

sql_functions! {
    pg_clinic_clinic_fill_time_off, pg_finfo_pg_clinic_clinic_fill_time_off => fill_time_off;
}

statements! {
    /// The zone of a clinic.
    TIME_ZONE(INT8OID) = "select time_zone from clinic.clinics where id = $1";
}

columns! {
    /// Columns of clinic.time_off.
    struct TimeOffColumns { clinic_id: INT8OID, during: TSTZRANGEOID, from_date: DATEOID, to_date: DATEOID }
}

/// The trigger `fill_time_off`: `during` of a row with dates is the clinic's days. Dates that its CHECK refuses are left to it.
fn fill_time_off(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::for_row(args, "time_off", pg_sys::TRIGGER_EVENT_BEFORE)?;
    let Some(tuple) = call.new_row() else { return Err(misplaced()) };
    let columns = TimeOffColumns::find(&call)?;
    // SAFETY: the tuple is the trigger's and of its table.
    let row = unsafe { Values::of(tuple, call.desc()) };
    if row.datum(columns.from_date).is_none() && row.datum(columns.to_date).is_none() {
        return Ok(pg_sys::Datum::from(tuple));
    }
    let date = |column| row.datum(column).and_then(|days| date_from_pg_days(days.value() as i32));
    let dates = date(columns.from_date).zip(date(columns.to_date)).filter(|dates| are_dates(*dates));
    let during = match (row.get::<i64>(columns.clinic_id), dates) {
        (Some(clinic), Some(dates)) => days_of(&call, clinic, dates)?,
        _ => None,
    };
    // Not null, so that the CHECK of the dates is asked.
    let during = during.or_else(|| Range::<TimestampWithTimeZone>::empty().into_datum());
    Ok(call.changed(&[(columns.during, during)]))
}

fn are_dates((from, to): (NaiveDate, NaiveDate)) -> bool {
    from <= to && YEARS.contains(&from.year()) && YEARS.contains(&to.year())
}

/// The time from the start of a date to the end of another, by the clinic's clock; `None` where there is none: clocks have
/// skipped whole dates.
fn days_of(
    call: &Call<'_>,
    clinic: i64,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Option<pg_sys::Datum>> {
    // SAFETY: the trigger's relation is open.
    let _owner = unsafe { ActingAsOwner::of(call.data.tg_relation) };
    session::keep_time_zone(clinic);
    let name: Option<String> = spi::connect(|spi| spi.value(&TIME_ZONE, Access::Latest, &[param(clinic)]))?;
    // Of a clinic that isn't there the foreign key tells.
    let name = name.as_deref().unwrap_or("UTC");
    let midnight = |date, days| Instant(i64::from(date_to_pg_days(add_days(date, days))) * MICROS_PER_DAY);
    let zone = zone::of_clinic(name, midnight(from, -2), midnight(to, 3))?;
    Ok(Span::new(zone.day_start(from), zone.day_end(to)).and_then(range))
}
