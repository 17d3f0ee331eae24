//! shift_bookings, swap_bookings, reassign_bookings, apply_absence: several bookings moved at once, all or none.

use pg_clinic_core::booking::together::{MAX_SHIFT_DAYS, Shift};
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY, Span};
use pgrx::pg_sys;

use super::override_reason;
use crate::pg::booking::writes::change::{Locked, Target};
use crate::pg::booking::writes::row::{BookingRow, push_booking};
use crate::pg::booking::writes::together::{Move, Which, move_all_of, place_all, queue, require_movable};
use crate::pg::platform::access::{self, Privilege};
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::attribution::Attribution;
use crate::pg::platform::clinic::{self, Opened, out_of_years};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::signatures::{
    Bigint, DayInterval, Required, Rows, Text, Timestamptz, Tstzrange, signatures,
};
use crate::pg::platform::spi::{self, Access, Spi};
use crate::pg::slots::load::Providers;
use crate::pg::slots::load::hours::Dates;
use crate::pg::slots::load::resources;

sql_functions! {
    pg_clinic_shift_bookings, pg_finfo_pg_clinic_shift_bookings => shift_bookings;
    pg_clinic_swap_bookings, pg_finfo_pg_clinic_swap_bookings => swap_bookings;
    pg_clinic_reassign_bookings, pg_finfo_pg_clinic_reassign_bookings => reassign_bookings;
}

signatures! {
    /// Arguments of `shift_bookings`.
    ShiftBookings = shift_bookings(
        provider_id: Required<Bigint>, from_time: Required<Timestamptz>, to_time: Required<Timestamptz>,
        shift_by: Required<DayInterval>, override_reason: Text = null, clinic_id: Bigint = null,
    ) -> table BookingRow;
    /// Arguments of `swap_bookings`.
    SwapBookings = swap_bookings(
        booking_id: Required<Bigint>, other_booking_id: Required<Bigint>, override_reason: Text = null,
        clinic_id: Bigint = null,
    ) -> table BookingRow;
    /// Arguments of `reassign_bookings`.
    ReassignBookings = reassign_bookings(
        from_provider_id: Required<Bigint>, to_provider_id: Required<Bigint>, during: Required<Tstzrange>,
        override_reason: Text = null, clinic_id: Bigint = null,
    ) -> table BookingRow;
}

/// Moves the bookings of a provider that start within a time by as much as is said.
fn shift_bookings(args: &Args) -> Result<pg_sys::Datum> {
    let query = ShiftBookings::read(args)?;
    let shift = shift(query.shift_by)?;
    clinic::check_instant(query.from_time, "from_time")?;
    clinic::check_instant(query.to_time, "to_time")?;
    let during = Span::new(query.from_time, query.to_time)
        .ok_or_else(|| ClinicError::new(SqlState::InvalidArgument, "to_time must be after from_time"))?;
    let override_reason = override_reason(query.override_reason)?;
    let _attribution = Attribution::function("shift_bookings", override_reason.clone());
    let mut rows = Rows::<BookingRow>::new(args);
    access::require(c"bookings", Privilege::Update)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, query.clinic_id, Access::Latest)?;
        require_provider(spi, &opened, query.provider_id, during)?;
        let reach = shift.days * MICROS_PER_DAY + shift.micros;
        let (first, last) = (Instant(during.start.0 + reach.min(0)), Instant(during.end.0 + reach.max(0)));
        [first, last].into_iter().try_for_each(|at| clinic::check_instant(at, "slot_start"))?;
        let zone = opened.settings(first, last)?.zone;
        let target = |booking: &Locked| {
            let start = shift.of(&zone, booking.during.start).ok_or_else(|| out_of_years("slot_start"))?;
            Ok(Target {
                start,
                provider: booking.provider,
                room: booking.room,
                may_overbook: booking.is_overbooked,
            })
        };
        let which = Which::OfProvider { provider: query.provider_id, during };
        let moved = move_all_of(spi, &opened, &which, &target, &|| Ok(()), &override_reason)?;
        push_all(spi, &opened, &moved, &mut rows)
    })?;
    Ok(rows.done())
}

/// The argument `shift_by`: some way, not too far.
fn shift((days, micros): (i32, i64)) -> Result<Shift> {
    let shift = Shift { days: days.into(), micros };
    if shift.is_nothing() {
        return Err(ClinicError::new(SqlState::InvalidArgument, "shift_by must not be nothing"));
    }
    if shift.days.abs() > MAX_SHIFT_DAYS
        || shift.micros.unsigned_abs() > (MAX_SHIFT_DAYS * MICROS_PER_DAY) as u64
    {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            format!("shift_by must be at most {MAX_SHIFT_DAYS} days either way"),
        ));
    }
    Ok(shift)
}

/// Gives each of two bookings the other's place.
fn swap_bookings(args: &Args) -> Result<pg_sys::Datum> {
    let query = SwapBookings::read(args)?;
    let ids = [query.booking_id, query.other_booking_id];
    if ids[0] == ids[1] {
        return Err(ClinicError::new(SqlState::InvalidArgument, "a booking can't be swapped with itself"));
    }
    let override_reason = override_reason(query.override_reason)?;
    let _attribution = Attribution::function("swap_bookings", override_reason.clone());
    let mut rows = Rows::<BookingRow>::new(args);
    access::require(c"bookings", Privilege::Update)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, query.clinic_id, Access::Latest)?;
        let locked = Locked::lock_all(spi, opened.clinic, &ids)?;
        locked.iter().try_for_each(require_movable)?;
        require_two_patients(&locked)?;
        let places: Vec<_> = locked.iter().rev().map(place_of).collect();
        let moves = locked.into_iter().zip(places).map(|(booking, target)| Move { booking, target });
        let moves: Vec<_> = moves.collect();
        queue(spi, &opened, &moves)?;
        place_all(spi, &opened, &moves, &override_reason)?;
        push_all(spi, &opened, &ids, &mut rows)
    })?;
    Ok(rows.done())
}

/// Where a booking is, for another one.
fn place_of(booking: &Locked) -> Target {
    Target {
        start: booking.during.start,
        provider: booking.provider,
        room: booking.room,
        may_overbook: booking.is_overbooked,
    }
}

/// Refuses to swap two visits for the same of one patient: nothing would be another.
fn require_two_patients(bookings: &[Locked]) -> Result<()> {
    let [one, other] = bookings else { return Ok(()) };
    let is_one_patient = one.patient.is_some() && one.patient == other.patient;
    if !is_one_patient || one.appointment_type != other.appointment_type {
        return Ok(());
    }
    Err(ClinicError::new(
        SqlState::InvalidArgument,
        format!("bookings {} and {} are of one patient and type", one.id, other.id),
    )
    .detail("Swapped, they would be as they are.")
    .hint("reschedule_booking() moves one of them."))
}

/// Gives the bookings of a provider that start within a time to another one.
fn reassign_bookings(args: &Args) -> Result<pg_sys::Datum> {
    let query = ReassignBookings::read(args)?;
    let (from, to, during) = (query.from_provider_id, query.to_provider_id, query.during);
    if from == to {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            "from_provider_id and to_provider_id must be two providers",
        ));
    }
    let override_reason = override_reason(query.override_reason)?;
    let _attribution = Attribution::function("reassign_bookings", override_reason.clone());
    let mut rows = Rows::<BookingRow>::new(args);
    access::require(c"bookings", Privilege::Update)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, query.clinic_id, Access::Latest)?;
        require_provider(spi, &opened, from, during)?;
        require_provider(spi, &opened, to, during)?;
        let target = |booking: &Locked| Ok(Target { provider: to, ..place_of(booking) });
        let which = Which::OfProvider { provider: from, during };
        let moved = move_all_of(spi, &opened, &which, &target, &|| Ok(()), &override_reason)?;
        push_all(spi, &opened, &moved, &mut rows)
    })?;
    Ok(rows.done())
}

/// Refuses a provider that the clinic hasn't.
fn require_provider(spi: &Spi, opened: &Opened, provider: i64, during: Span) -> Result<()> {
    let date = opened.today(during.start)?;
    resources::providers(
        spi,
        opened.clinic,
        &Providers::one(provider),
        Access::Latest,
        Dates { from: date, to: date },
    )
    .map(|_| ())
}

pub(super) fn push_all(spi: &Spi, opened: &Opened, ids: &[i64], rows: &mut Rows<BookingRow>) -> Result<()> {
    ids.iter().try_for_each(|id| push_booking(spi, opened.clinic, *id, rows))
}
