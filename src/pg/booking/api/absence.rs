//! plan_absence: a place elsewhere for each booking of somebody who is away, or of a room that can't be used.
//! apply_absence: books such places, all or each.

use std::collections::BTreeSet;

use pg_clinic_core::time::interval::Instant;
use pgrx::pg_sys;

use super::override_reason;
use crate::pg::booking::writes::change::Target;
use crate::pg::booking::writes::row::{AppliedMove, push_applied};
use crate::pg::booking::writes::together::{
    Move, lock, named, place_all, queue, require_movable, require_not_too_many,
};
use crate::pg::platform::access::{self, Privilege};
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::attempt::attempt;
use crate::pg::platform::attribution::Attribution;
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::signatures::{
    Bigint, BigintArray, Boolean, Required, Rows, Text, TimestamptzArray, signatures,
};
use crate::pg::platform::spi::{self, Access, Spi};

sql_functions! {
    pg_clinic_apply_absence, pg_finfo_pg_clinic_apply_absence => apply_absence;
}

signatures! {
    /// Arguments of `apply_absence`.
    ApplyAbsence = apply_absence(
        booking_ids: Required<BigintArray>, slot_starts: Required<TimestamptzArray>,
        provider_ids: Required<BigintArray>, room_ids: Required<BigintArray>, all_or_none: Boolean = true,
        override_reason: Text = null, clinic_id: Bigint = null,
    ) -> table AppliedMove;
}

/// Moves each booking to its place.
fn apply_absence(args: &Args) -> Result<pg_sys::Datum> {
    let query = ApplyAbsence::read(args)?;
    let places = places(&query)?;
    let override_reason = override_reason(query.override_reason)?;
    let _attribution = Attribution::function("apply_absence", override_reason.clone());
    let mut rows = Rows::<AppliedMove>::new(args);
    access::require(c"bookings", Privilege::Update)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, query.clinic_id, Access::Latest)?;
        let locked = lock(spi, opened.clinic, &query.booking_ids)?;
        let moves: Vec<_> =
            locked.into_iter().zip(places).map(|(booking, target)| Move { booking, target }).collect();
        if query.all_or_none.unwrap_or(true) {
            for moved in &moves {
                require_movable(&moved.booking)?;
            }
            queue(spi, &opened, &moves)?;
            place_all(spi, &opened, &moves, &override_reason)?;
            return query
                .booking_ids
                .iter()
                .try_for_each(|id| push_applied(spi, opened.clinic, *id, None, &mut rows));
        }
        queue(spi, &opened, &moves)?;
        let refusals = each(spi, &opened, &moves, &override_reason)?;
        let mut answers = query.booking_ids.iter().zip(&refusals);
        answers.try_for_each(|(id, refusal)| {
            push_applied(spi, opened.clinic, *id, refusal.as_deref(), &mut rows)
        })
    })?;
    Ok(rows.done())
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
                    Some(error.to_string())
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

/// The places that the arguments say.
fn places(query: &ApplyAbsence) -> Result<Vec<Target>> {
    let count = query.booking_ids.len();
    let lengths = [query.slot_starts.len(), query.provider_ids.len(), query.room_ids.len()];
    if lengths.iter().any(|length| *length != count) {
        let message = "booking_ids, slot_starts, provider_ids and room_ids must have as many elements";
        return Err(ClinicError::new(SqlState::InvalidArgument, message)
            .detail(format!("They have {count}, {}, {} and {}.", lengths[0], lengths[1], lengths[2])));
    }
    require_not_too_many(count)?;
    let mut seen = BTreeSet::new();
    if let Some(twice) = query.booking_ids.iter().find(|id| !seen.insert(**id)) {
        return Err(ClinicError::new(SqlState::InvalidArgument, "booking_ids must be all different")
            .detail(format!("{} is there twice.", named(*twice))));
    }
    let starts: Vec<_> = query.slot_starts.iter().map(|start| Instant(i64::from(*start))).collect();
    starts.iter().try_for_each(|start| clinic::check_instant(*start, "each of slot_starts"))?;
    let elsewhere = query.provider_ids.iter().zip(&query.room_ids);
    let target = |(start, (provider, room)): (Instant, (&i64, &i64))| Target {
        start,
        provider: *provider,
        room: *room,
        may_overbook: false,
    };
    Ok(starts.into_iter().zip(elsewhere).map(target).collect())
}
