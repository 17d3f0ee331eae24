//! Tells what became free: a row of clinic.freed_places for each place, and an event with those who could take it. It must never
//! refuse a change: what fails is a WARNING.

use std::cell::RefCell;
use std::collections::BTreeSet;

use pg_clinic_core::booking::backfill::freed::{self, Change, Freed, Kept, Version};
use pg_clinic_core::booking::event::{EventKind, FreedPayload, Suggestion};
use pg_clinic_core::time::interval::{Instant, Span};
use pgrx::pg_sys;

use super::load::{self, Found, Query};
use super::place::Place;
use crate::pg::events::outbox;
use crate::pg::platform::attempt::attempt;
use crate::pg::platform::attribution::{self, Cause};
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::row;
use crate::pg::platform::session::{self, ActingAsOwner, check_for_cancel};
use crate::pg::platform::spi::{Access, Spi, instant_param, param, statements};
use crate::pg::platform::{clinic, guc};

statements! {
    /// The provider's bookings at some time.
    KEPT(INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID) =
        "select group_session, is_overbooked, lower(during) as slot_start, upper(during) as slot_end from clinic.bookings
         where clinic_id = $1 and provider_id = $2 and status in (@occupying@) and provider_busy && tstzrange($3, $4)
           and during && tstzrange($3, $4)";
    /// Whether a session of a group visit takes nobody more.
    IS_FULL(INT8OID, INT8OID) =
        "select (select count(*) from clinic.bookings b
           where b.clinic_id = s.clinic_id and b.session_id = s.id and b.session_id > 0 and b.status in (@occupying@)) >= s.capacity
         from clinic.sessions s where s.clinic_id = $1 and s.id = $2";
    /// Who has got a place by some bookings waits for one again. An entry that somebody is at work on is left alone: whoever has
    /// the lock of a day waits for no row.
    WAIT_AGAIN(INT8OID, INT8ARRAYOID) =
        "with ended as materialized (
           select id from clinic.waitlist
           where clinic_id = $1 and status = 'placed' and booking_id is null and placed_booking_id = any ($2)
           order by id for no key update skip locked)
         update clinic.waitlist set status = 'waiting', placed_booking_id = null
         where clinic_id = $1 and id in (select id from ended)";
    /// A freed place.
    WRITE(INT8OID, INT8OID, INT8OID, INT8OID, INT8OID, BOOLOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID) =
        "insert into clinic.freed_places (clinic_id, booking_id, provider_id, room_id, appointment_type_id, is_overbooked,
           slot_start, slot_end, cause)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id";
}

row! {
    struct KeptRow {
        group_session: Option<i64>,
        is_overbooked: bool,
        slot_start: Instant,
        slot_end: Instant,
    }
}

/// Most candidates that an event carries.
const MAX_SUGGESTIONS: usize = 10;
/// So many places of a statement are told with candidates; find_backfill() gives those of the others.
const MAX_WITH_CANDIDATES: usize = 100;

thread_local! {
    /// Changes that are to count as one, once all are made.
    static NET: RefCell<Option<Net>> = const { RefCell::new(None) };
}

/// Changes so far, and whose table they are of.
#[derive(Default)]
struct Net {
    changes: Vec<Change>,
    owner: Option<pg_sys::Oid>,
}

/// Ends the collecting of changes; an unwinding error ends it too.
struct Collecting;

impl Drop for Collecting {
    fn drop(&mut self) {
        NET.take();
    }
}

/// Runs `body`, whose changes of bookings free time as if they were those of one statement.
pub fn net<T>(spi: &Spi, body: impl FnOnce() -> Result<T>) -> Result<T> {
    if NET.with_borrow(Option::is_some) {
        return body();
    }
    NET.set(Some(Net::default()));
    let collecting = Collecting;
    let outcome = body()?;
    let Net { changes, owner } = NET.take().unwrap_or_default();
    drop(collecting);
    if let Some(owner) = owner {
        let _owner = ActingAsOwner::role(owner);
        tell_of(spi, &freed::net(changes))?;
    }
    Ok(outcome)
}

/// Notes changes where several are to count as one; whether they do. `owner` is of their table.
pub fn collect(changes: &mut Vec<Change>, owner: pg_sys::Oid) -> bool {
    NET.with_borrow_mut(|net| match net {
        Some(net) => {
            net.changes.append(changes);
            net.owner = Some(owner);
            true
        }
        None => false,
    })
}

/// Tells what changes free, and has patients wait again whose booking ended.
pub fn tell_of(spi: &Spi, changes: &[Change]) -> Result<()> {
    let is_accepting = attribution::cause() == Cause::Function("accept_offer");
    let freed = freed::freed(changes, is_accepting, session::now());
    let ended: Vec<_> = changes.iter().filter(|change| change.ends()).map(|change| change.before).collect();
    if freed.is_empty() && ended.is_empty() {
        return Ok(());
    }
    let outcome = attempt(|| {
        wait_again(spi, &ended)?;
        tell_all(spi, &freed)
    })?;
    if let (Err(error), Some(first)) = (outcome, changes.first()) {
        error.warn(&format!("nobody is told of the time that booking {} gave up", first.before.booking))?;
    }
    Ok(())
}

/// Patients whose wait was ended by bookings that are over now wait again.
fn wait_again(spi: &Spi, ended: &[Version]) -> Result<()> {
    let clinics: BTreeSet<i64> = ended.iter().map(|before| before.clinic).collect();
    for clinic in clinics {
        let bookings = ended.iter().filter(|before| before.clinic == clinic).map(|before| before.booking);
        spi.run(&WAIT_AGAIN, &[param(clinic), param(bookings.collect::<Vec<_>>())])?;
    }
    Ok(())
}

/// Tells what is left of each place beside the bookings that there are now.
fn tell_all(spi: &Spi, freed: &[Freed]) -> Result<()> {
    let mut told = 0;
    for place in freed {
        check_for_cancel();
        let Freed { before, during, .. } = place;
        if let Some(session) = before.session
            && spi.value(&IS_FULL, Access::Latest, &[param(before.clinic), param(session)])? == Some(true)
        {
            continue;
        }
        let params = [
            param(before.clinic),
            param(before.provider),
            instant_param(during.start),
            instant_param(during.end),
        ];
        let rows: Vec<KeptRow> = spi.rows(&KEPT, Access::Latest, &params)?;
        let kept = rows.iter().filter_map(|row| {
            let during = Span::new(row.slot_start, row.slot_end)?;
            Some(Kept { session: row.group_session, is_overbooked: row.is_overbooked, during })
        });
        for left in place.beside(&kept.collect::<Vec<_>>()) {
            tell(spi, &left, told < MAX_WITH_CANDIDATES)?;
            told += 1;
        }
    }
    Ok(())
}

/// Writes a freed place and its event.
fn tell(spi: &Spi, freed: &Freed, with_candidates: bool) -> Result<()> {
    let Freed { before, during, cause } = freed;
    let params = [
        param(before.clinic),
        param(before.booking),
        param(before.provider),
        before.room.and_then(param),
        param(before.appointment_type),
        param(before.is_overbooked),
        instant_param(during.start),
        instant_param(during.end),
        param(cause.as_str()),
    ];
    let Some(id) = spi.value(&WRITE, Access::Latest, &params)? else { return Ok(()) };
    if !guc::events() {
        return Ok(());
    }
    let candidates = if with_candidates { suggestions(spi, freed)? } else { None };
    let payload = FreedPayload::new(id, freed, candidates);
    outbox::write(spi, before.clinic, before.booking, EventKind::Freed, &payload)
}

/// Who could take the place, by ids and scores: who it is can be looked up by those who may. `None` where it isn't known.
fn suggestions(spi: &Spi, freed: &Freed) -> Result<Option<Vec<Suggestion>>> {
    let found = attempt(|| {
        let opened = clinic::open(spi, Some(freed.before.clinic), Access::Latest)?;
        let query = Query {
            place: Place::freed(spi, freed, Access::Latest)?,
            max_results: MAX_SUGGESTIONS,
            same_type_only: None,
            notice: None,
            now: session::now(),
            access: Access::Latest,
        };
        load::find(spi, &opened, &query)
    })?;
    let suggestion = |found: &Found| Suggestion::new(&found.candidate, found.waitlist, found.former_booking);
    match found {
        Ok(found) => Ok(Some(found.iter().map(suggestion).collect())),
        Err(error) => {
            let booking = freed.before.booking;
            error.warn(&format!("who could take the place of booking {booking} isn't known"))?;
            Ok(None)
        }
    }
}
