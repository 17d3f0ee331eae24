//! The bookings that a new one meets: INSERT … ON CONFLICT may be about to update the one with its request or its id.
//!
//! Such an update needs the row's lock and its days. Everybody takes locks of rows before those of days, and days in order;
//! so both are taken before any day of the new row is. A trigger can't see ON CONFLICT: an INSERT without it takes them,
//! too, before it is refused as a duplicate.

use pg_clinic_core::booking::place::days_between;
use pg_clinic_core::locks::Days;
use pg_clinic_core::time::interval::{Instant, Minutes};
use pgrx::{IntoDatum, pg_sys};

use super::scan::{Key, Table};
use crate::pg::booking::load::Place;
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, param, statements};
use crate::pg::platform::{session, zone};

statements! {
    /// The bookings with an id or a request, locked.
    MET(INT8OID, INT8OID, TEXTOID) =
        "select b.clinic_id, c.time_zone, least(lower(b.provider_busy), lower(b.room_busy)) as busy_from,
           greatest(upper(b.provider_busy), upper(b.room_busy)) as busy_until
         from clinic.bookings b join clinic.clinics c on c.id = b.clinic_id
         where b.id = $1 or b.clinic_id = $2 and b.request_id = $3
         order by b.id for no key update of b";
}

row! {
    struct MetRow {
        clinic_id: i64,
        time_zone: String,
        busy_from: Instant,
        busy_until: Instant,
    }
}

/// Adds the days of the bookings that a new one meets, after locking them. Also of one that takes no time: the update may
/// revive it.
pub(super) fn add_days(table: &Table, spi: &Spi, place: &Place, days: &mut Days) -> Result<()> {
    session::queue_for_new_booking(place.clinic, place.booking, place.request.as_deref());
    if !any(table, place) {
        return Ok(());
    }
    let params = [param(place.booking), param(place.clinic), place.request.clone().and_then(param)];
    let rows: Vec<MetRow> = spi.rows(&MET, Access::Latest, &params)?;
    for row in rows {
        const MARGIN: Minutes = Minutes(2 * 24 * 60);
        let zone = zone::load(&row.time_zone, row.busy_from - MARGIN, row.busy_until + MARGIN)?;
        days.add(row.clinic_id, days_between(&zone, row.busy_from, row.busy_until));
    }
    Ok(())
}

/// Whether there are such bookings: a look into the indexes that every INSERT can afford.
pub(super) fn any(table: &Table, place: &Place) -> bool {
    let columns = &table.columns;
    let equals = |column, value: i64| Key::equals(column, pg_sys::F_INT8EQ, pg_sys::Datum::from(value));
    // SAFETY: the constraints' indexes begin with these columns.
    let has_row =
        |index, keys: &[Key]| table.index(index).is_some_and(|index| unsafe { table.has_row(index, keys) });
    let request = place.request.clone().and_then(IntoDatum::into_datum);
    has_row("bookings_pkey", &[equals(columns.id, place.booking)])
        || request.is_some_and(|request| {
            let request = Key::equals(columns.request_id, pg_sys::F_TEXTEQ, request);
            has_row("bookings_request", &[equals(columns.clinic_id, place.clinic), request])
        })
}
