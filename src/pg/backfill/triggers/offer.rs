//! Events of offers: one for each status that an offer takes.

use pg_clinic_core::booking::backfill::Source;
use pg_clinic_core::booking::backfill::offer::OfferStatus;
use pg_clinic_core::booking::event::{EventKind, OfferPayload};
use pg_clinic_core::time::interval::Instant;
use pgrx::datum::TimestampWithTimeZone;
use pgrx::pg_sys;

use crate::pg::events::outbox;
use crate::pg::platform::args::Args;
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::read_word;
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
    let word = |column: usize| new.get::<String>(columns.0[column]);
    let status: OfferStatus = read_word(word(2).as_deref(), "status", "clinic.offers")?;
    let source: Source = read_word(word(4).as_deref(), "source", "clinic.offers")?;
    let expires_at = new.get::<TimestampWithTimeZone>(columns.0[5]).map(|at| Instant(i64::from(at)));
    if let (Some(clinic), Some(booking), Some(offer_id), Some(expires_at)) = (id(0), id(1), id(3), expires_at)
    {
        // Ids and times alone: who it is can be looked up by those who may.
        let payload = OfferPayload { offer_id, source, expires_at };
        spi::connect(|spi| outbox::write(spi, clinic, booking, EventKind::of_offer(status), &payload))?;
    }
    Ok(pg_sys::Datum::null())
}
