//! Events of offers: one for each status that an offer takes.

use pg_clinic_core::booking::backfill::Source;
use pg_clinic_core::booking::backfill::offer::{OfferStatus, WithdrawnReason};
use pg_clinic_core::booking::event::{EventKind, OfferPayload};
use pg_clinic_core::time::interval::Instant;
use pgrx::datum::TimestampWithTimeZone;
use pgrx::pg_sys;

use crate::pg::events::outbox;
use crate::pg::platform::args::Args;
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::read_word;
use crate::pg::platform::session::ActingAsOwner;
use crate::pg::platform::spi::{self, Access, param, statements};
use crate::pg::platform::trigger::{Call, Values, columns, misplaced};

statements! {
    /// The booking that gave a place up; 0 where none did.
    BOOKING(INT8OID, INT8OID) =
        "select coalesce(booking_id, 0) from clinic.freed_places where clinic_id = $1 and id = $2";
}

columns! {
    /// Columns that an event is made of.
    struct OfferColumns {
        clinic_id: INT8OID,
        id: INT8OID,
        freed_place_id: INT8OID,
        source: TEXTOID,
        status: TEXTOID,
        withdrawn_reason: TEXTOID,
        slot_start: TIMESTAMPTZOID,
        slot_end: TIMESTAMPTZOID,
        expires_at: TIMESTAMPTZOID,
    }
}

/// The trigger `record_offer`.
pub(super) fn record_offer(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::for_row(args, "offers", pg_sys::TRIGGER_EVENT_AFTER)?;
    let Some(new) = call.new_row() else { return Err(misplaced()) };
    let (desc, columns) = (call.desc(), OfferColumns::find(&call)?);
    // SAFETY: the tuples are the trigger's and of its table.
    let values = |tuple| unsafe { Values::of(tuple, desc) };
    let new = values(new);
    let status = |row: &Values| row.get::<String>(columns.status);
    if call.old().map(values).and_then(|old| status(&old)) == status(&new) {
        return Ok(pg_sys::Datum::null());
    }
    // SAFETY: the trigger's relation is open.
    let _owner = unsafe { ActingAsOwner::of(call.data.tg_relation) };
    let word = |column: usize| new.get::<String>(column);
    let status: OfferStatus = read_word(word(columns.status).as_deref(), "status", "clinic.offers")?;
    let source: Source = read_word(word(columns.source).as_deref(), "source", "clinic.offers")?;
    let withdrawn_reason: Option<WithdrawnReason> =
        read_word(word(columns.withdrawn_reason).as_deref(), "withdrawn_reason", "clinic.offers")?;
    let at = |column: usize| new.get::<TimestampWithTimeZone>(column).map(|at| Instant(i64::from(at)));
    let ids = new.get(columns.clinic_id).zip(new.get(columns.id)).zip(new.get(columns.freed_place_id));
    let times = at(columns.slot_start).zip(at(columns.slot_end)).zip(at(columns.expires_at));
    if let (Some(((clinic, offer_id), freed_place_id)), Some(((slot_start, slot_end), expires_at))) =
        (ids, times)
    {
        // Ids and times alone: who it is can be looked up by those who may.
        let payload = OfferPayload {
            offer_id,
            freed_place_id,
            source,
            slot_start,
            slot_end,
            expires_at,
            withdrawn_reason,
        };
        spi::connect(|spi| {
            let key = [param(clinic), param(freed_place_id)];
            let booking: Option<i64> = spi.value(&BOOKING, Access::Latest, &key)?;
            outbox::write(spi, clinic, booking.unwrap_or_default(), EventKind::of_offer(status), &payload)
        })?;
    }
    Ok(pg_sys::Datum::null())
}
