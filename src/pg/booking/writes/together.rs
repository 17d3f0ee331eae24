//! Several bookings moved at once, all or none: locked, taken up, and put down where they go. Between the two they take
//! no time, so that they can change places; the last word is the constraints', as ever.

use std::cell::Cell;

use pg_clinic_core::booking::reason::BookingKind;
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::booking::together::{MAX_TOGETHER, moves_together, moving_statuses, placing_order};
use pg_clinic_core::locks::Days;
use pg_clinic_core::time::interval::{Instant, Span};

use super::change::{Locked, Target};
use super::place::{queue_for_people, vanished};
use crate::pg::backfill::freed::net;
use crate::pg::booking::parked::Parking;
use crate::pg::platform::attempt::attempt;
use crate::pg::platform::attribution::{Attribution, Cause};
use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::session;
use crate::pg::platform::spi::{Access, Spi, instant_param, param, statements};
use crate::pg::slots::load::stock;

statements! {
    /// Bookings of a provider that start within a span and take time, by id: at most $6. A hold that keeps the place for an
    /// offer stays.
    OF_PROVIDER(INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID, TEXTARRAYOID) =
        "select id from clinic.bookings b
         where clinic_id = $1 and provider_id = $2 and status in (@occupying@) and status = any ($7)
           and provider_busy && tstzrange($3, $4) and lower(during) >= $3 and lower(during) < $4
           and (hold_expires_at is null or hold_expires_at > $5)
           and not exists (
             select from clinic.offers o where o.clinic_id = b.clinic_id and o.hold_booking_id = b.id and o.status = 'offered')
         order by id limit $6";
    /// Bookings of a group visit, by id: at most $4.
    IN_SESSION(INT8OID, INT8OID, TIMESTAMPTZOID, INT8OID) =
        "select id from clinic.bookings
         where clinic_id = $1 and session_id = $2 and session_id > 0 and status in (@occupying@)
           and (hold_expires_at is null or hold_expires_at > $3)
         order by id limit $4";
    /// Taken up: they take no time, and need no name and no end of a hold meanwhile.
    PARK(INT8OID, INT8ARRAYOID, TEXTOID) =
        "update clinic.bookings set status = $3, hold_expires_at = null
         where clinic_id = $1 and id = any ($2) returning id";
    /// Put down.
    PUT_DOWN(INT8OID, INT8OID, TEXTOID, TIMESTAMPTZOID, INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, BOOLOID, TEXTOID) =
        "update clinic.bookings set status = $3, hold_expires_at = $4, provider_id = $5, room_id = $6,
           during = tstzrange($7, $8), is_overbooked = $9, override_reason = coalesce($10, override_reason)
         where clinic_id = $1 and id = $2 returning id";
}

/// How often a set of bookings is looked up again because it has changed while their days were waited for.
const MAX_TRIES: usize = 10;

/// A booking, and where it goes.
pub struct Move {
    pub booking: Locked,
    pub target: Target,
}

impl Move {
    /// Whether it goes nowhere else.
    fn is_nothing(&self) -> bool {
        let (booking, target) = (&self.booking, &self.target);
        (target.start, target.provider, target.room) == (booking.during.start, booking.provider, booking.room)
    }
}

/// Which bookings move, while none comes to them or leaves them.
pub enum Which {
    /// Those of a provider that start within a span.
    OfProvider { provider: i64, during: Span },
    /// Those of a group visit.
    InSession(i64),
}

/// Refuses to move a booking that is over, or a hold that is.
pub fn require_movable(booking: &Locked) -> Result<()> {
    if booking.is_expired_hold(session::now()) {
        return Err(booking.expired());
    }
    if !moves_together(booking.status) {
        return Err(booking.wrong_state("rescheduled", "held, booked, arrived or checked-in"));
    }
    Ok(())
}

/// Moves all these bookings to where `target` says; `taken_up` is called between. Gives their ids, by their new start.
///
/// The rows are locked before the days, as everybody does. A booking that came meanwhile isn't among them; then all locks
/// are given back, and it begins again.
pub fn move_all_of(
    spi: &Spi,
    opened: &Opened,
    which: &Which,
    target: &dyn Fn(&Locked) -> Result<Target>,
    taken_up: &dyn Fn() -> Result<()>,
    override_reason: &Option<String>,
) -> Result<Vec<i64>> {
    for _ in 0..MAX_TRIES {
        let is_stale = Cell::new(false);
        let moves = attempt(|| {
            let ids = which.ids(spi, opened.clinic)?;
            let mut moves = Vec::with_capacity(ids.len());
            for booking in Locked::lock_all(spi, opened.clinic, &ids)? {
                require_movable(&booking)?;
                let target = target(&booking).map_err(|error| error.of(&named(booking.id)))?;
                moves.push(Move { booking, target });
            }
            queue(spi, opened, &moves)?;
            let newest =
                session::with_latest_snapshot(|| which.ids_seen(spi, opened.clinic, Access::Snapshot))?;
            is_stale.set(newest != ids);
            if is_stale.get() { Err(which.stale()) } else { Ok(moves) }
        })?;
        match moves {
            // One snapshot sees the same bookings again and again.
            Err(_) if is_stale.get() && !session::has_one_snapshot() => session::check_for_cancel(),
            moves => {
                let mut moves = moves?;
                place_all_after(spi, opened, &moves, taken_up, override_reason)?;
                moves.sort_by_key(|moved| (moved.target.start, moved.booking.id));
                return Ok(moves.into_iter().map(|moved| moved.booking.id).collect());
            }
        }
    }
    Err(which.stale())
}

/// The error where the bookings of somebody or something change while their days are waited for, again and again.
pub fn stale(of: &str) -> ClinicError {
    let message = format!("could not serialize access: the bookings of {of} changed meanwhile");
    ClinicError::new(SqlState::Serialization, message).hint("Try the transaction again.")
}

impl Which {
    /// The error where they change while their days are waited for, again and again.
    fn stale(&self) -> ClinicError {
        let of = match self {
            Self::OfProvider { provider, .. } => format!("provider {provider}"),
            Self::InSession(session) => format!("session {session}"),
        };
        stale(&of)
    }

    fn ids(&self, spi: &Spi, clinic: i64) -> Result<Vec<i64>> {
        let ids = self.ids_seen(spi, clinic, Access::Latest)?;
        require_not_too_many(ids.len())?;
        Ok(ids)
    }

    fn ids_seen(&self, spi: &Spi, clinic: i64, access: Access) -> Result<Vec<i64>> {
        let (now, most) = (instant_param(session::now()), param(MAX_TOGETHER as i64 + 1));
        match self {
            Self::OfProvider { provider, during } => {
                let (start, end) = (instant_param(during.start), instant_param(during.end));
                let params =
                    [param(clinic), param(*provider), start, end, now, most, param(moving_statuses())];
                spi.values(&OF_PROVIDER, access, &params)
            }
            Self::InSession(session) => {
                spi.values(&IN_SESSION, access, &[param(clinic), param(*session), now, most])
            }
        }
    }
}

/// Refuses more bookings than one call moves.
pub fn require_not_too_many(count: usize) -> Result<()> {
    if count <= MAX_TOGETHER {
        return Ok(());
    }
    Err(ClinicError::new(
        SqlState::LimitExceeded,
        format!("at most {MAX_TOGETHER} bookings can be moved at once"),
    )
    .detail("There are more of them.")
    .hint("Move those of a shorter time first."))
}

/// Waits for its turn on the days of all old and new places, ascending, and for the people that are booked, before anything is
/// written.
pub fn queue(spi: &Spi, opened: &Opened, moves: &[Move]) -> Result<()> {
    session::keep_time_zone(opened.clinic);
    let mut days = Days::default();
    for moved in moves {
        session::check_for_cancel();
        moved.target.add_days(spi, opened, &moved.booking, &mut days)?;
    }
    session::queue_for_days(&days);
    let providers: Vec<i64> = moves.iter().map(|moved| moved.target.provider).collect();
    queue_for_people(spi, opened.clinic, Some(&providers))
}

/// Takes up the bookings that go elsewhere and puts them down there, or fails with what is against the first that can't
/// go. They were locked by [`Locked::lock_all`], and [`queue`] was called.
pub fn place_all(spi: &Spi, opened: &Opened, moves: &[Move], override_reason: &Option<String>) -> Result<()> {
    place_all_after(spi, opened, moves, &|| Ok(()), override_reason)
}

/// The same; once all are taken up, something else is done.
fn place_all_after(
    spi: &Spi,
    opened: &Opened,
    moves: &[Move],
    taken_up: &dyn Fn() -> Result<()>,
    override_reason: &Option<String>,
) -> Result<()> {
    let mut moves: Vec<&Move> = moves.iter().filter(|moved| !moved.is_nothing()).collect();
    moves.iter().try_for_each(|moved| moved.booking.require_unreserved(spi))?;
    let starts = || moves.iter().flat_map(|moved| [moved.booking.during.start, moved.target.start]);
    let (Some(first), Some(last)) = (starts().min(), starts().max()) else { return Ok(()) };
    let zone = opened.settings(first, last)?.zone;
    moves.iter().try_for_each(|moved| moved.booking.require_same_day(zone.local_date(moved.target.start)))?;
    moves.sort_by_key(|Move { booking, target }| {
        let keeps_day =
            booking.provider == target.provider && booking.local_date == zone.local_date(target.start);
        placing_order(booking.is_overbooked || target.may_overbook, keeps_day, booking.id)
    });
    // What they leave is free once all of them are down again.
    net(spi, || {
        let _parking = park(spi, opened.clinic, &moves)?;
        taken_up()?;
        for Move { booking, target } in moves {
            session::check_for_cancel();
            put_down(spi, opened, booking, target, override_reason)
                .map_err(|error| error.of(&named(booking.id)))?;
        }
        Ok(())
    })
}

/// A booking in front of an error.
pub fn named(booking: i64) -> String {
    format!("booking {booking}")
}

fn park(spi: &Spi, clinic: i64, moves: &[&Move]) -> Result<Parking> {
    let _attribution = Attribution::of(Cause::Parking);
    let ids: Vec<_> = moves.iter().map(|moved| moved.booking.id).collect();
    let count = ids.len();
    let are_at_sites = stock::are_at_sites(spi)?;
    // Who keeps its time keeps its units, unless another room may have others.
    let keeping = moves.iter().filter(|Move { booking, target }| {
        target.start == booking.during.start && (!are_at_sites || target.room == booking.room)
    });
    let parking = Parking::of(ids.clone(), keeping.map(|moved| moved.booking.id));
    let params = [param(clinic), param(ids), param(Status::EnteredInError.as_str())];
    let parked = spi.execute(&PARK, Access::Latest, &params, 0)?;
    if parked.len() == count { Ok(parking) } else { Err(vanished()) }
}

fn put_down(
    spi: &Spi,
    opened: &Opened,
    booking: &Locked,
    target: &Target,
    override_reason: &Option<String>,
) -> Result<()> {
    let judged = target.judge(spi, opened, booking, None, override_reason);
    // explain_slots() would say it of the booking alone, with the others where they were.
    let alone = |error: ClinicError| match error.is_refusal() {
        true => {
            error.hint(format!("find_slots(booking_id => {}) gives places that it can go to.", booking.id))
        }
        false => error,
    };
    let (kind, must_override) = judged.map_err(alone)?;
    let params = [
        param(booking.status.as_str()),
        booking.hold_expires_at.and_then(instant_param),
        param(target.provider),
        param(target.room),
        instant_param(target.start),
        instant_param(Instant(target.start.0 + booking.during.micros())),
        param(kind == BookingKind::Overbooked),
        override_reason.clone().filter(|_| must_override).and_then(param),
    ];
    target.judged(booking, kind).write(|| booking.update(spi, &PUT_DOWN, &params))
}
