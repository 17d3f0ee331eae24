//! Consuming the outbox: claim_events, ack_events, prune_events.
//!
//! A consumer claims only the first unacknowledged event of a booking. Why that keeps their order, whoever claims at the
//! same time: changes of one booking queue for its row, so its events are committed in the order of their ids; who sees
//! one sees all before it. And an acknowledgement is final. So an event that is first in some snapshot, however old, is
//! first or acknowledged for ever after, which the row itself says once it is locked.

use pg_clinic_core::booking::event::EventKind;
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY, Minutes};
use pgrx::pg_sys;

use crate::pg::platform::access::{self, Privilege};
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::attribution;
use crate::pg::platform::clinic::{clinic_id, require_schema};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::session;
use crate::pg::platform::signatures::{
    Bigint, BigintArray, Integer, Interval, Jsonb, Required, Rows, Text, Timestamptz, signatures,
};
use crate::pg::platform::spi::{self, Access, Spi, instant_param, param, statements};

sql_functions! {
    pg_clinic_claim_events, pg_finfo_pg_clinic_claim_events => claim_events;
    pg_clinic_ack_events, pg_finfo_pg_clinic_ack_events => ack_events;
    pg_clinic_prune_events, pg_finfo_pg_clinic_prune_events => prune_events;
}

signatures! {
    /// Arguments of `claim_events`.
    ClaimEvents = claim_events(
        max_events: Integer = 100, lease: Interval = "00:01:00", consumer: Text = null, clinic_id: Bigint = null,
    ) -> table ClaimedEvent {
        event_id: Bigint, clinic_id: Bigint, booking_id: Bigint, kind: Text, payload: Jsonb, created_at: Timestamptz,
        deliveries: Integer,
    };
    /// Arguments of `ack_events`.
    AckEvents = ack_events(event_ids: Required<BigintArray>, clinic_id: Bigint = null) -> Integer;
    /// Arguments of `prune_events`.
    PruneEvents = prune_events(older_than: Interval = "30 days", clinic_id: Bigint = null) -> Bigint;
}

statements! {
    /// Events that can be delivered now, locked. The first of a booking is read in the order of events_pending_idx and
    /// of no other index: a planner without statistics would take any that begins with the clinic, or join.
    PICK(INT8OID, INT4OID) =
        "select e.id from clinic.events e
         where e.clinic_id = $1 and e.acked_at is null
           and (e.claimed_until is null or e.claimed_until <= clock_timestamp())
           and e.id = (select first.id from clinic.events first
             where (first.clinic_id, first.booking_id) >= (e.clinic_id, e.booking_id) and first.acked_at is null
             order by first.clinic_id, first.booking_id, first.id limit 1)
         order by e.id limit $2 for update skip locked";
    /// Marks them as delivered once more.
    CLAIM(INT8OID, INT8ARRAYOID, TEXTOID, INT8OID) =
        "with claimed as (
           update clinic.events set claimed_by = $3, deliveries = least(deliveries, 2147483646) + 1,
             claimed_until = clock_timestamp() + $4 * interval '1 microsecond'
           where clinic_id = $1 and id = any ($2)
           returning id as event_id, clinic_id, booking_id, kind, payload, created_at, deliveries)
         select * from claimed order by event_id";
    /// Acknowledges, and gives the events that weren't before. Rows are locked by id: two consumers that acknowledge the same events
    /// don't deadlock.
    ACK(INT8OID, INT8ARRAYOID) =
        "with open as materialized (
           select id from clinic.events where clinic_id = $1 and id = any ($2) and acked_at is null
           order by id for update)
         update clinic.events set acked_at = clock_timestamp()
         where clinic_id = $1 and id = any (array(select id from open)) and acked_at is null
         returning id";
    /// Deletes what is acknowledged and old.
    PRUNE(INT8OID, TIMESTAMPTZOID) =
        "with pruned as (delete from clinic.events where clinic_id = $1 and acked_at < $2 returning 1)
         select count(*) from pruned";
}

/// Most events that one call claims.
const MAX_EVENTS: i32 = 10_000;
/// Longest time that a consumer may keep events to itself.
const MAX_LEASE_MICROS: i64 = MICROS_PER_DAY;

fn claim_events(args: &Args) -> Result<pg_sys::Datum> {
    const DEFAULT_EVENTS: i32 = 100;
    const DEFAULT_LEASE: i64 = Minutes(1).micros();
    let query = ClaimEvents::read(args)?;
    let max_events = query.max_events.unwrap_or(DEFAULT_EVENTS);
    if !(1..=MAX_EVENTS).contains(&max_events) {
        return Err(invalid(format!("max_events must be between 1 and {MAX_EVENTS}")));
    }
    let lease = query.lease.unwrap_or(DEFAULT_LEASE);
    if lease <= 0 || lease > MAX_LEASE_MICROS {
        return Err(invalid("lease must be more than nothing and at most 24 hours"));
    }
    let consumer = query.consumer.unwrap_or_else(attribution::actor);
    let mut rows = Rows::<ClaimedEvent>::new(args);
    spi::connect(|spi| {
        let clinic = open(spi, query.clinic_id)?;
        let picked: Vec<i64> = spi.values(&PICK, Access::Latest, &[param(clinic), param(max_events)])?;
        if picked.is_empty() {
            return Ok(());
        }
        let params = [param(clinic), param(picked), param(consumer), param(lease)];
        let claimed = spi.execute(&CLAIM, Access::Latest, &params, 0)?;
        let [kind_column] = claimed.positions(&["kind"])?[..] else { return Ok(()) };
        // No CHECK keeps unknown kinds out of the table: a consumer must not take one for something else.
        claimed.for_each(|row| row.word::<EventKind>(kind_column, "clinic.events").map(|_| ()))?;
        rows.push_table(&claimed)
    })?;
    Ok(rows.done())
}

fn ack_events(args: &Args) -> Result<pg_sys::Datum> {
    let AckEvents { event_ids, clinic_id } = AckEvents::read(args)?;
    spi::connect(|spi| {
        let clinic = open(spi, clinic_id)?;
        let acknowledged = spi.execute(&ACK, Access::Latest, &[param(clinic), param(event_ids)], 0)?.len();
        Ok(pg_sys::Datum::from(acknowledged as i32))
    })
}

fn prune_events(args: &Args) -> Result<pg_sys::Datum> {
    const DEFAULT_AGE: i64 = 30 * MICROS_PER_DAY;
    let PruneEvents { older_than, clinic_id } = PruneEvents::read(args)?;
    let age = older_than.unwrap_or(DEFAULT_AGE);
    if age < 0 {
        return Err(invalid("older_than must not be negative"));
    }
    let _owner = access::job_on(c"events", Privilege::Delete)?;
    spi::connect(|spi| {
        let clinic = open(spi, clinic_id)?;
        let until = Instant(session::now().0.saturating_sub(age));
        let pruned: Option<i64> =
            spi.value(&PRUNE, Access::Latest, &[param(clinic), instant_param(until)])?;
        Ok(pg_sys::Datum::from(pruned.unwrap_or_default()))
    })
}

/// The clinic meant.
fn open(spi: &Spi, named: Option<i64>) -> Result<i64> {
    require_schema()?;
    clinic_id(spi, named, Access::Latest)
}

fn invalid(message: impl Into<String>) -> ClinicError {
    ClinicError::new(SqlState::InvalidArgument, message)
}
