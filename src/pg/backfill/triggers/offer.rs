//! Announces what becomes of an offer: one event for each status it takes.

use pg_clinic_core::booking::event::{Kind, rfc3339};
use pg_clinic_core::time::interval::Instant;
use pgrx::datum::TimestampWithTimeZone;
use pgrx::pg_sys;
use serde_json::json;

use crate::pg::events::outbox;
use crate::pg::platform::args::Args;
use crate::pg::platform::error::Result;
use crate::pg::platform::session::ActingAsOwner;
use crate::pg::platform::spi;
use crate::pg::platform::trigger::{Call, Columns, Values, misplaced};

/// The trigger `record_offer`.
pub(super) fn record_offer(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::for_row(args, "offers", pg_sys::TRIGGER_EVENT_AFTER)?;
    let Some(new) = call.new_row() else { return Err(misplaced()) };
    let desc = call.desc();
    let columns = Columns::find(
        &call,
        &[
            (c"clinic_id", pg_sys::INT8OID),
            (c"booking_id", pg_sys::INT8OID),
            (c"status", pg_sys::TEXTOID),
            (c"id", pg_sys::INT8OID),
            (c"source", pg_sys::TEXTOID),
            (c"expires_at", pg_sys::TIMESTAMPTZOID),
        ],
    )?;
    // SAFETY: the tuples are the trigger's and of its table.
    let values = |tuple| unsafe { Values::of(tuple, desc) };
    let new = values(new);
    let status = |row: &Values| row.get::<String>(columns.0[2]);
    if call.old().map(values).and_then(|old| status(&old)) == status(&new) {
        return Ok(pg_sys::Datum::null());
    }
    // SAFETY: the trigger's relation is open.
    let _owner = unsafe { ActingAsOwner::of(call.data.tg_relation) };
    let id = |column: usize| new.get::<i64>(columns.0[column]);
    let kind = status(&new).as_deref().and_then(Kind::parse);
    let expires_at = new.get::<TimestampWithTimeZone>(columns.0[5]).map(|at| Instant(i64::from(at)));
    if let (Some(clinic), Some(booking), Some(offer_id), Some(kind)) = (id(0), id(1), id(3), kind) {
        // Ids and times alone: who it is can be looked up by those who may.
        let payload = json!({
            "offer_id": offer_id,
            "source": new.get::<String>(columns.0[4]),
            "expires_at": expires_at.map(rfc3339),
        });
        spi::connect(|spi| outbox::write(spi, clinic, booking, kind, &payload))?;
    }
    Ok(pg_sys::Datum::null())
}
