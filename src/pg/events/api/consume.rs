//! Consuming the outbox: claim_events, ack_events, prune_events.
//!
//! A consumer claims only the first unacknowledged event of a booking. Why that keeps their order, whoever claims at the
//! same time: changes of one booking queue for its row, so its events are committed in the order of their ids; who sees
//! one sees all before it. And an acknowledgement is final. So an event that is first in some snapshot, however old, is
//! first or acknowledged for ever after, which the row itself says once it is locked.
//!
//! There are two kinds of queue: the one that all consumers of a clinic share, in `clinic.events`, and one for each
//! subscribed consumer, in `clinic.event_deliveries`. What is acknowledged stays in the first, and is gone from the others.

use pg_clinic_core::booking::event::EventKind;
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY, Minutes};
use pgrx::pg_sys;

use super::{invalid, open};
use crate::pg::events::subscriptions;
use crate::pg::platform::access::{self, Privilege};
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::attribution;
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
        consumer: Text = null, max_events: Integer = 100, lease: Interval = "00:01:00", clinic_id: Bigint = null,
    ) -> table ClaimedEvent {
        event_id: Bigint, clinic_id: Bigint, booking_id: Bigint, kind: Text, payload: Jsonb, created_at: Timestamptz,
        deliveries: Integer,
    };
    /// Arguments of `ack_events`.
    AckEvents = ack_events(consumer: Text, event_ids: Required<BigintArray>, clinic_id: Bigint = null) -> Integer;
    /// Arguments of `prune_events`.
    PruneEvents = prune_events(older_than: Interval = "30 days", clinic_id: Bigint = null) -> Bigint;
}

statements! {
    /// Events that can be delivered now, locked. The first of a booking is read in the order of events_pending_idx and
    /// of no other index: a planner without statistics would take any that begins with the clinic, or join.
    PICK_SHARED(INT8OID, INT4OID) =
        "select e.id from clinic.events e
         where e.clinic_id = $1 and e.acked_at is null
           and (e.claimed_until is null or e.claimed_until <= clock_timestamp())
           and e.id = (select first.id from clinic.events first
             where (first.clinic_id, first.booking_id) >= (e.clinic_id, e.booking_id) and first.acked_at is null
             order by first.clinic_id, first.booking_id, first.id limit 1)
         order by e.id limit $2 for update skip locked";
    /// The same of a subscription.
    PICK_OWN(INT8OID, INT4OID, INT8OID) =
        "select d.event_id from clinic.event_deliveries d
         where d.clinic_id = $1 and d.subscription_id = $3
           and (d.claimed_until is null or d.claimed_until <= clock_timestamp())
           and d.event_id = (select first.event_id from clinic.event_deliveries first
             where (first.clinic_id, first.subscription_id, first.booking_id) >= (d.clinic_id, d.subscription_id, d.booking_id)
             order by first.clinic_id, first.subscription_id, first.booking_id, first.event_id limit 1)
         order by d.event_id limit $2 for update skip locked";
    /// Marks them as delivered once more.
    CLAIM_SHARED(INT8OID, INT8ARRAYOID, INT8OID, TEXTOID) =
        "with claimed as (
           update clinic.events set claimed_by = $4, deliveries = least(deliveries, 2147483646) + 1,
             claimed_until = clock_timestamp() + $3 * interval '1 microsecond'
           where clinic_id = $1 and id = any ($2)
           returning id as event_id, clinic_id, booking_id, kind, payload, created_at, deliveries)
         select * from claimed order by event_id";
    /// The same of a subscription.
    CLAIM_OWN(INT8OID, INT8ARRAYOID, INT8OID, INT8OID) =
        "with claimed as (
           update clinic.event_deliveries set deliveries = least(deliveries, 2147483646) + 1,
             claimed_until = clock_timestamp() + $3 * interval '1 microsecond'
           where clinic_id = $1 and subscription_id = $4 and event_id = any ($2)
           returning event_id, deliveries)
         select c.event_id, e.clinic_id, e.booking_id, e.kind, e.payload, e.created_at, c.deliveries
         from claimed c join clinic.events e on e.id = c.event_id order by c.event_id";
    /// Takes events from a subscription that somebody has deleted by hand.
    FORGET(INT8OID, INT8ARRAYOID, INT8OID) =
        "delete from clinic.event_deliveries d where clinic_id = $1 and subscription_id = $3 and event_id = any ($2)
           and not exists (select from clinic.events e where e.id = d.event_id)";
    /// Acknowledges, and gives the events that weren't before. Rows are locked by id: two consumers that acknowledge the same events
    /// don't deadlock.
    ACK_SHARED(INT8OID, INT8ARRAYOID) =
        "with open as materialized (
           select id from clinic.events where clinic_id = $1 and id = any ($2) and acked_at is null
           order by id for update)
         update clinic.events set acked_at = clock_timestamp()
         where clinic_id = $1 and id = any (array(select id from open)) and acked_at is null
         returning id";
    /// The same of a subscription.
    ACK_OWN(INT8OID, INT8ARRAYOID, INT8OID) =
        "with open as materialized (
           select event_id from clinic.event_deliveries
           where clinic_id = $1 and subscription_id = $3 and event_id = any ($2)
           order by event_id for update)
         delete from clinic.event_deliveries
         where clinic_id = $1 and subscription_id = $3 and event_id = any (array(select event_id from open))
         returning event_id";
    /// The subscribed consumers of a clinic, where nothing is left in the queue that the others share.
    SUBSCRIBED_ALONE(INT8OID) =
        "select string_agg(consumer, ', ' order by consumer) from clinic.event_subscriptions where clinic_id = $1
           and not exists (select from clinic.events where clinic_id = $1 and acked_at is null)";
    /// Deletes what is acknowledged and old.
    PRUNE(INT8OID, TIMESTAMPTZOID) =
        "with pruned as (
           delete from clinic.events e where clinic_id = $1 and acked_at < $2
             and not exists (select from clinic.event_subscriptions s
               join clinic.event_deliveries d on d.clinic_id = s.clinic_id and d.subscription_id = s.id and d.event_id = e.id
               where s.clinic_id = $1)
           returning 1)
         select count(*) from pruned";
}

/// Most events that one call claims.
const MAX_EVENTS: i32 = 10_000;
/// Longest time that a consumer may keep events to itself.
const MAX_LEASE_MICROS: i64 = MICROS_PER_DAY;

/// A consumer's events: those of its subscription, or, without one, those of the clinic that nobody has acknowledged.
struct Queue {
    clinic: i64,
    subscription: Option<i64>,
}

impl Queue {
    fn of(spi: &Spi, clinic: i64, consumer: &str) -> Result<Self> {
        Ok(Self { clinic, subscription: subscriptions::of_consumer(spi, clinic, consumer)? })
    }

    fn pick(&self, spi: &Spi, max_events: i32) -> Result<Vec<i64>> {
        let (clinic, most) = (param(self.clinic), param(max_events));
        match self.subscription {
            None => spi.values(&PICK_SHARED, Access::Latest, &[clinic, most]),
            Some(subscription) => spi.values(&PICK_OWN, Access::Latest, &[clinic, most, param(subscription)]),
        }
    }

    /// Claims what was picked, and hands over the rows as they are now.
    fn claim(
        &self,
        spi: &Spi,
        picked: &[i64],
        lease: i64,
        consumer: &str,
        rows: &mut Rows<ClaimedEvent>,
    ) -> Result<()> {
        let (clinic, events, lease) = (param(self.clinic), param(picked.to_vec()), param(lease));
        let claimed = match self.subscription {
            None => {
                spi.execute(&CLAIM_SHARED, Access::Latest, &[clinic, events, lease, param(consumer)], 0)?
            }
            Some(own) => spi.execute(&CLAIM_OWN, Access::Latest, &[clinic, events, lease, param(own)], 0)?,
        };
        let [kind_column] = claimed.positions(&["kind"])?[..] else { return Ok(()) };
        // No CHECK keeps unknown kinds out of the table: a consumer must not take one for something else.
        claimed.for_each(|row| row.word::<EventKind>(kind_column, "clinic.events").map(|_| ()))?;
        rows.push_table(&claimed)?;
        let are_some_gone = claimed.len() < picked.len();
        match self.subscription {
            Some(own) if are_some_gone => spi.run(&FORGET, &[clinic, events, param(own)]),
            _ => Ok(()),
        }
    }

    fn acknowledge(&self, spi: &Spi, events: Vec<i64>) -> Result<usize> {
        let (clinic, events) = (param(self.clinic), param(events));
        let acknowledged = match self.subscription {
            None => spi.execute(&ACK_SHARED, Access::Latest, &[clinic, events], 0)?,
            Some(own) => spi.execute(&ACK_OWN, Access::Latest, &[clinic, events, param(own)], 0)?,
        };
        Ok(acknowledged.len())
    }

    /// Refuses a consumer that would wait for ever, and believe that nothing happens: all events go to others.
    fn require_hope(&self, spi: &Spi, consumer: &str) -> Result<()> {
        if self.subscription.is_some() {
            return Ok(());
        }
        let clinic = self.clinic;
        let others: Option<Option<String>> =
            spi.value(&SUBSCRIBED_ALONE, Access::Latest, &[param(clinic)])?;
        let Some(others) = others.flatten() else { return Ok(()) };
        let message = format!("consumer \"{consumer}\" has no subscription");
        Err(ClinicError::new(SqlState::WrongState, message)
            .detail(format!(
                "Clinic {clinic} has subscribed consumers ({others}): its events go to these, and nothing is left in the queue \
                 that others share."
            ))
            .hint("select subscribe_events(…), or claim as one of those."))
    }
}

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
        let queue = Queue::of(spi, clinic, &consumer)?;
        let picked = queue.pick(spi, max_events)?;
        if picked.is_empty() {
            return queue.require_hope(spi, &consumer);
        }
        queue.claim(spi, &picked, lease, &consumer, &mut rows)
    })?;
    Ok(rows.done())
}

fn ack_events(args: &Args) -> Result<pg_sys::Datum> {
    let AckEvents { consumer, event_ids, clinic_id } = AckEvents::read(args)?;
    let consumer = consumer.unwrap_or_else(attribution::actor);
    spi::connect(|spi| {
        let clinic = open(spi, clinic_id)?;
        let acknowledged = Queue::of(spi, clinic, &consumer)?.acknowledge(spi, event_ids)?;
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
