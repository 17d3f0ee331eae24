//! plan_absence: a place elsewhere for each booking of somebody who is away, or of a room that can't be used.
//! apply_absence: books such places, all or each.

use std::collections::BTreeSet;

use pg_clinic_core::time::interval::Instant;
use pgrx::pg_sys;

use super::override_reason;
use crate::pg::booking::writes::change::{Locked, Target};
use crate::pg::booking::writes::row::{AppliedMove, push_applied};
use crate::pg::booking::writes::together::{
    Move, named, place_all, queue, require_movable, require_not_too_many,
};
use crate::pg::platform::access::{self, Privilege};
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::attempt::attempt;
use crate::pg::platform::attribution::Attribution;
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::session::{self, check_for_cancel};
use crate::pg::platform::signatures::{
    Bigint, BigintArray, Boolean, Rows, SparseBigintArray, Text, TimestamptzArray, signatures,
};
use crate::pg::platform::spi::{self, Access, Spi};
use crate::pg::slots::load::Providers;
use crate::pg::slots::load::hours::Dates;
use crate::pg::slots::load::resources;

sql_functions! {
    pg_clinic_apply_absence, pg_finfo_pg_clinic_apply_absence => apply_absence;
}

signatures! {
    /// Arguments of `apply_absence`.
    ApplyAbsence = apply_absence(
        booking_ids: BigintArray, slot_starts: TimestamptzArray, provider_ids: BigintArray, room_ids: SparseBigintArray, all_or_none: Boolean = true,
        override_reason: Text = null, clinic_id: Bigint = null,
    ) -> table AppliedMove;
}

/// Moves each booking to its place.
fn apply_absence(args: &Args) -> Result<pg_sys::Datum> {
    let query = ApplyAbsence::read(args)?;
    let asked = Asked::new(&query)?;
    let override_reason = override_reason(query.override_reason)?;
    let _attribution = Attribution::function("apply_absence", override_reason.clone());
    let mut rows = Rows::<AppliedMove>::new(args);
    access::require(c"bookings", Privilege::Update)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, query.clinic_id, Access::Latest)?;
        asked.require_known(spi, &opened)?;
        let locked = Locked::lock_all(spi, opened.clinic, &asked.bookings)?;
        let places = asked.places;
        let moves = locked.into_iter().zip(places).map(|(booking, target)| {
            let may_overbook = booking.is_overbooked;
            Move { booking, target: Target { may_overbook, ..target } }
        });
        let moves: Vec<_> = moves.collect();
        let refusals = if query.all_or_none.unwrap_or(true) {
            moves.iter().try_for_each(|moved| require_movable(&moved.booking))?;
            queue(spi, &opened, &moves)?;
            place_all(spi, &opened, &moves, &override_reason)?;
            vec![None; moves.len()]
        } else {
            queue(spi, &opened, &moves)?;
            each(spi, &opened, &moves, &override_reason)?
        };
        let mut answers = asked.bookings.iter().zip(&refusals);
        answers.try_for_each(|(id, refusal)| {
            push_applied(spi, opened.clinic, *id, refusal.as_deref(), &mut rows)
        })
    })?;
    Ok(rows.done())
}

/// What is asked: bookings, and where each goes.
struct Asked {
    bookings: Vec<i64>,
    places: Vec<Target>,
}

impl Asked {
    /// Reads the lists. None of them is as good as empty ones: so array_agg() gives no rows.
    fn new(query: &ApplyAbsence) -> Result<Self> {
        let ids = |list: &Option<Vec<i64>>| list.clone().unwrap_or_default();
        let (bookings, providers) = (ids(&query.booking_ids), ids(&query.provider_ids));
        let rooms = query.room_ids.clone().unwrap_or_default();
        let starts = query.slot_starts.iter().flatten().map(|start| Instant(i64::from(*start)));
        let starts: Vec<_> = starts.collect();
        let count = bookings.len();
        if [starts.len(), providers.len(), rooms.len()] != [count; 3] {
            let message = "booking_ids, slot_starts, provider_ids and room_ids must have as many elements";
            return Err(ClinicError::new(SqlState::InvalidArgument, message).detail(format!(
                "They have {count}, {}, {} and {}.",
                starts.len(),
                providers.len(),
                rooms.len()
            )));
        }
        require_not_too_many(count)?;
        let mut seen = BTreeSet::new();
        if let Some(twice) = bookings.iter().find(|id| !seen.insert(**id)) {
            let error = ClinicError::new(SqlState::InvalidArgument, "booking_ids must be all different");
            return Err(error.detail(format!("The list has {} twice.", named(*twice))));
        }
        starts.iter().try_for_each(|start| clinic::check_instant(*start, "each of slot_starts"))?;
        let target = |(start, (provider, room))| Target { start, provider, room, may_overbook: false };
        let places = starts.into_iter().zip(providers.into_iter().zip(rooms)).map(target).collect();
        Ok(Self { bookings, places })
    }

    /// Refuses providers and rooms that the clinic hasn't, before anything waits.
    fn require_known(&self, spi: &Spi, opened: &Opened) -> Result<()> {
        let today = opened.today(session::now())?;
        let dates = Dates { from: today, to: today };
        for provider in self.places.iter().map(|place| place.provider).collect::<BTreeSet<_>>() {
            check_for_cancel();
            resources::providers(spi, opened.clinic, &Providers::one(provider), Access::Latest, dates)?;
        }
        for room in self.places.iter().filter_map(|place| place.room).collect::<BTreeSet<_>>() {
            check_for_cancel();
            resources::rooms(spi, opened.clinic, Some(&[room]), Access::Latest)?;
        }
        Ok(())
    }
}

/// Moves those that can be moved, and says of the others why not. One may wait for the place that another leaves, so it is
/// asked again as long as another has moved.
fn each(
    spi: &Spi,
    opened: &Opened,
    moves: &[Move],
    override_reason: &Option<String>,
) -> Result<Vec<Option<String>>> {
    let mut refusals: Vec<Option<String>> = vec![None; moves.len()];
    let mut waiting: Vec<usize> = (0..moves.len()).collect();
    loop {
        let asked = waiting.len();
        let mut still = Vec::new();
        for at in waiting {
            check_for_cancel();
            let one = std::slice::from_ref(&moves[at]);
            let moved = attempt(|| {
                require_movable(&one[0].booking)?;
                place_all(spi, opened, one, override_reason)
            })?;
            refusals[at] = match moved {
                Ok(()) => None,
                Err(error) if error.is_refusal() => {
                    still.push(at);
                    Some(error.explanation())
                }
                Err(error) => return Err(error),
            };
        }
        if still.is_empty() || still.len() == asked {
            return Ok(refusals);
        }
        waiting = still;
    }
}
