//! Subscribing consumers: subscribe_events, unsubscribe_events.
//!
//! Whoever writes an event holds a lock on the subscriptions until it commits (`subscriptions::wanting`). Both functions wait for that lock: so no
//! event falls between two states, neither lost nor left behind for a consumer that is gone.

use pg_clinic_core::booking::event::EventKind;
use pg_clinic_core::word::Word;
use pgrx::pg_sys;

use super::invalid;
use crate::pg::events::subscriptions;
use crate::pg::platform::access::{self, Privilege};
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::signatures::{Bigint, Required, Text, TextArray, Timestamptz, signatures};
use crate::pg::platform::spi::{self, Access, instant_param, param, statements};

sql_functions! {
    pg_clinic_subscribe_events, pg_finfo_pg_clinic_subscribe_events => subscribe_events;
    pg_clinic_unsubscribe_events, pg_finfo_pg_clinic_unsubscribe_events => unsubscribe_events;
}

signatures! {
    /// Arguments of `subscribe_events`.
    SubscribeEvents = subscribe_events(
        consumer: Required<Text>, kinds: TextArray = null, since: Timestamptz = null, clinic_id: Bigint = null,
    ) -> Bigint;
    /// Arguments of `unsubscribe_events`.
    UnsubscribeEvents = unsubscribe_events(consumer: Required<Text>, clinic_id: Bigint = null) -> Bigint;
}

statements! {
    /// Waits for all who write events, and makes those wait who are about to.
    KEEP_WRITERS_OUT() = "lock table clinic.event_subscriptions in exclusive mode";
    /// Makes or changes a subscription.
    SUBSCRIBE(INT8OID, TEXTOID, TEXTARRAYOID) =
        "insert into clinic.event_subscriptions (clinic_id, consumer, kinds) values ($1, $2, $3)
         on conflict (clinic_id, consumer) do update set kinds = excluded.kinds returning id";
    /// Takes away what the consumer doesn't want any more.
    NARROW(INT8OID, INT8OID, TEXTARRAYOID) =
        "delete from clinic.event_deliveries d using clinic.events e
         where d.clinic_id = $1 and d.subscription_id = $2 and e.id = d.event_id and e.kind <> all ($3)";
    /// Adds events that happened before.
    CATCH_UP(INT8OID, INT8OID, TEXTARRAYOID, TIMESTAMPTZOID) =
        "insert into clinic.event_deliveries (clinic_id, subscription_id, event_id, booking_id)
         select e.clinic_id, $2, e.id, e.booking_id from clinic.events e
         where e.clinic_id = $1 and e.created_at >= $4 and ($3 is null or e.kind = any ($3))
         on conflict (clinic_id, subscription_id, event_id) do nothing";
    /// How many events wait for a consumer.
    WAITING(INT8OID, INT8OID) =
        "select count(*) from clinic.event_deliveries where clinic_id = $1 and subscription_id = $2";
    /// Forgets them.
    FORGET(INT8OID, INT8OID) =
        "with gone as (delete from clinic.event_deliveries where clinic_id = $1 and subscription_id = $2 returning 1)
         select count(*) from gone";
    /// Ends a subscription.
    UNSUBSCRIBE(INT8OID) = "delete from clinic.event_subscriptions where id = $1";
}

/// Longest name of a consumer: it stands in an index.
const MAX_CONSUMER: usize = 200;

fn subscribe_events(args: &Args) -> Result<pg_sys::Datum> {
    let SubscribeEvents { consumer, kinds, since, clinic_id } = SubscribeEvents::read(args)?;
    require_name(&consumer)?;
    let kinds = kinds.map(known_kinds).transpose()?;
    let _owner = access::job_on(c"events", Privilege::Delete)?;
    spi::connect(|spi| {
        let Opened { clinic, .. } = clinic::open(spi, clinic_id, Access::Latest)?;
        spi.run(&KEEP_WRITERS_OUT, &[])?;
        let kinds = || kinds.clone().and_then(param);
        let params = [param(clinic), param(consumer.as_str()), kinds()];
        let id: Option<i64> = spi.value(&SUBSCRIBE, Access::Latest, &params)?;
        let id = id.ok_or_else(|| skipped(&consumer))?;
        if kinds().is_some() {
            spi.run(&NARROW, &[param(clinic), param(id), kinds()])?;
        }
        if let Some(since) = since {
            spi.run(&CATCH_UP, &[param(clinic), param(id), kinds(), instant_param(since)])?;
        }
        let waiting: Option<i64> = spi.value(&WAITING, Access::Latest, &[param(clinic), param(id)])?;
        Ok(pg_sys::Datum::from(waiting.unwrap_or_default()))
    })
}

fn unsubscribe_events(args: &Args) -> Result<pg_sys::Datum> {
    let UnsubscribeEvents { consumer, clinic_id } = UnsubscribeEvents::read(args)?;
    let _owner = access::job_on(c"events", Privilege::Delete)?;
    spi::connect(|spi| {
        let Opened { clinic, .. } = clinic::open(spi, clinic_id, Access::Latest)?;
        spi.run(&KEEP_WRITERS_OUT, &[])?;
        let id =
            subscriptions::of_consumer(spi, clinic, &consumer)?.ok_or_else(|| unknown(clinic, &consumer))?;
        let dropped: Option<i64> = spi.value(&FORGET, Access::Latest, &[param(clinic), param(id)])?;
        spi.run(&UNSUBSCRIBE, &[param(id)])?;
        Ok(pg_sys::Datum::from(dropped.unwrap_or_default()))
    })
}

fn require_name(consumer: &str) -> Result<()> {
    if consumer.trim().is_empty() {
        return Err(invalid("consumer must not be empty"));
    }
    let length = consumer.chars().count();
    if length > MAX_CONSUMER {
        return Err(invalid(format!("consumer must be at most {MAX_CONSUMER} characters"))
            .detail(format!("It is {length}.")));
    }
    Ok(())
}

/// The kinds asked for, each once and in the order in which people read them.
fn known_kinds(given: Vec<String>) -> Result<Vec<String>> {
    if given.is_empty() {
        return Err(invalid("kinds must not be empty").hint("Leave it out for all kinds."));
    }
    if let Some(unknown) = given.iter().find(|word| EventKind::parse(word).is_none()) {
        return Err(invalid(format!("there is no kind of event \"{unknown}\""))
            .hint(format!("Kinds are {}.", EventKind::list())));
    }
    let wanted = EventKind::ALL.iter().filter(|kind| given.iter().any(|word| word == kind.as_str()));
    Ok(wanted.map(|kind| kind.as_str().to_owned()).collect())
}

fn unknown(clinic: i64, consumer: &str) -> ClinicError {
    ClinicError::new(SqlState::NotFound, format!("consumer \"{consumer}\" has no subscription"))
        .detail(format!("Clinic {clinic} has no such row in clinic.event_subscriptions."))
}

/// A trigger of the owner's takes the row away.
fn skipped(consumer: &str) -> ClinicError {
    ClinicError::new(SqlState::WrongState, format!("consumer \"{consumer}\" was not subscribed"))
        .hint("A trigger of yours skips the row.")
}
