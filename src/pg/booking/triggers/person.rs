//! A provider turns out to be another person, or the same as another provider: the bookings that aren't over follow.

use std::cell::Cell;

use pg_clinic_core::booking::place::days_between;
use pg_clinic_core::locks::Days;
use pgrx::pg_sys;

use crate::pg::booking::writes::together::stale;
use crate::pg::platform::args::Args;
use crate::pg::platform::attempt::attempt;
use crate::pg::platform::clinic;
use crate::pg::platform::error::Result;
use crate::pg::platform::session::{self, ActingAsOwner};
use crate::pg::platform::spi::{self, Access, Spi, instant_param, param, statements};
use crate::pg::platform::trigger::{Call, Columns, Values, misplaced};
use crate::pg::slots::load::moving::Booked;

statements! {
    /// A provider's bookings that take time and aren't over.
    LATER(INT8OID, INT8OID, TIMESTAMPTZOID) =
        "select id from clinic.bookings
         where clinic_id = $1 and provider_id = $2 and status in (@occupying@) and provider_busy && tstzrange($3, null)
         order by id";
    /// Another person: the fill trigger looks up who it is.
    FOLLOW(INT8OID, INT8ARRAYOID, TEXTOID) =
        "update clinic.bookings set person_id = $3 where clinic_id = $1 and id = any ($2)";
}

/// How often the bookings are looked up again because they have changed while others were waited for.
const MAX_TRIES: usize = 10;

/// The trigger `follow_person`.
pub(super) fn follow_person(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::for_row(args, "providers", pg_sys::TRIGGER_EVENT_AFTER)?;
    let new = call.new_row().ok_or_else(misplaced)?;
    let wanted = [(c"clinic_id", pg_sys::INT8OID), (c"id", pg_sys::INT8OID), (c"person_id", pg_sys::TEXTOID)];
    let columns = Columns::find(&call, &wanted)?;
    // SAFETY: the tuple is the trigger's and of its table.
    let new = unsafe { Values::of(new, call.desc()) };
    let (Some(clinic), Some(provider)) = (new.get(columns.0[0]), new.get(columns.0[1])) else {
        return Ok(pg_sys::Datum::null());
    };
    // SAFETY: the trigger's relation is open.
    let _owner = unsafe { ActingAsOwner::of(call.data.tg_relation) };
    spi::connect(|spi| {
        let ids = lock_later(spi, clinic, provider)?;
        let person = new.get::<String>(columns.0[2]);
        spi.run(&FOLLOW, &[param(clinic), param(ids), person.and_then(param)])
    })?;
    Ok(pg_sys::Datum::null())
}

/// Locks the bookings, then waits for everybody who is booking in the clinic, then for the days, as writers do. A booking that
/// came meanwhile isn't among them; then all locks are given back, and it begins again.
fn lock_later(spi: &Spi, clinic: i64, provider: i64) -> Result<Vec<i64>> {
    let later = |access| {
        let params = [param(clinic), param(provider), instant_param(session::now())];
        spi.values::<i64>(&LATER, access, &params)
    };
    for _ in 0..MAX_TRIES {
        let is_stale = Cell::new(false);
        let locked = attempt(|| {
            let ids = later(Access::Latest)?;
            let bookings = Booked::lock_all(spi, clinic, &ids)?;
            session::queue_for_time_zone(clinic);
            let newest = session::with_latest_snapshot(|| later(Access::Snapshot))?;
            is_stale.set(newest != ids);
            if is_stale.get() {
                return Err(stale(&format!("provider {provider}")));
            }
            queue_for_days(spi, clinic, &bookings)?;
            Ok(ids)
        })?;
        match locked {
            Err(_) if is_stale.get() && !session::has_one_snapshot() => session::check_for_cancel(),
            locked => return locked,
        }
    }
    Err(stale(&format!("provider {provider}")))
}

fn queue_for_days(spi: &Spi, clinic: i64, bookings: &[Booked]) -> Result<()> {
    let kept = || bookings.iter().map(|booking| booking.moving(session::now()).kept());
    let (first, last) = (kept().map(|busy| busy.start).min(), kept().map(|busy| busy.end).max());
    let (Some(first), Some(last)) = (first, last) else { return Ok(()) };
    let zone = clinic::open(spi, Some(clinic), Access::Latest)?.settings(first, last)?.zone;
    let days = kept().flat_map(|busy| days_between(&zone, busy.start, busy.end));
    session::queue_for_days(&Days::of(clinic, days));
    Ok(())
}
