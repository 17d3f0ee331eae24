//! Writing the outbox: an event is written in the transaction of the change that it reports. The caller acts as the owner of
//! the tables, because nobody else may write events. An event that can't be written fails the change, as its history does: an outbox with gaps
//! would be a lie. Waking the consumers must never fail it, nor wait for one.

use pg_clinic_core::booking::event::EventKind;
use serde::Serialize;

use crate::pg::events::subscriptions;
use crate::pg::platform::attempt::attempt;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::guc;
use crate::pg::platform::spi::{Spi, param, statements};

statements! {
    /// One event.
    WRITE(INT8OID, INT8OID, TEXTOID, TEXTOID) =
        "insert into clinic.events (clinic_id, booking_id, kind, payload) values ($1, $2, $3, $4::jsonb)";
    /// One event, for these subscriptions and for nobody else.
    DELIVER(INT8OID, INT8OID, TEXTOID, TEXTOID, INT8ARRAYOID) =
        "with written as (
           insert into clinic.events (clinic_id, booking_id, kind, payload, acked_at)
           values ($1, $2, $3, $4::jsonb, clock_timestamp()) returning id)
         insert into clinic.event_deliveries (clinic_id, subscription_id, event_id, booking_id)
         select $1, s.id, w.id, $2 from written w, unnest($5) as s (id)";
    /// Wakes the consumers that listen.
    NOTIFY(TEXTOID) = "select pg_catalog.pg_notify($1, '')";
}

/// Writes an event of a booking, and notifies where a channel is set.
///
/// Not by default: a transaction that notifies takes a lock of the whole server while it commits, so notifying bookings
/// commit one after the other. Payloads are all empty, so that PostgreSQL sends one notification a transaction.
pub fn write(spi: &Spi, clinic: i64, booking: i64, kind: EventKind, payload: &impl Serialize) -> Result<()> {
    if !guc::events() {
        return Ok(());
    }
    let payload = serde_json::to_string(payload).map_err(|error| {
        ClinicError::new(SqlState::Internal, format!("an event can't be written: {error}"))
    })?;
    let event = [param(clinic), param(booking), param(kind.as_str()), param(payload)];
    match subscriptions::wanting(spi, clinic, kind.as_str())? {
        None => spi.run(&WRITE, &event),
        Some(subscriptions) => {
            let [clinic, booking, kind, payload] = event;
            spi.run(&DELIVER, &[clinic, booking, kind, payload, param(subscriptions)])
        }
    }?;
    if let Some(channel) = guc::notify_channel()
        && let Err(error) = attempt(|| spi.run(&NOTIFY, &[param(channel)]))?
    {
        error.warn(&format!("nobody is notified of the event of booking {booking}"))?;
    }
    Ok(())
}
