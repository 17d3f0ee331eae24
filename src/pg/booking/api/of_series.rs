//! cancel_series and reschedule_series: the bookings of a series that are still to come, all or none.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use pg_clinic_core::booking::place::days_between;
use pg_clinic_core::booking::reason::BookingKind;
use pg_clinic_core::booking::series::{ends_with_series, is_to_come, moved_start};
use pg_clinic_core::booking::slots;
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::locks::Days;
use pg_clinic_core::time::interval::{Instant, Span};
use pgrx::pg_sys;

use super::override_reason;
use crate::pg::booking::writes::change::{Locked, Target};
use crate::pg::booking::writes::place::{longest_pauses, queue_for_people};
use crate::pg::booking::writes::row::{SeriesBooking, push_of_series};
use crate::pg::booking::writes::together::{Move, place_all, require_not_too_many};
use crate::pg::platform::access::{self, Privilege};
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::attribution::Attribution;
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::TypeKey;
use crate::pg::platform::session::{self, check_for_cancel};
use crate::pg::platform::signatures::{Bigint, Date, Integer, Required, Rows, Text, Time, signatures};
use crate::pg::platform::spi::{self, Access, Spi, param, statements};
use crate::pg::slots::load::types::longest;
use crate::pg::slots::load::{self, Providers, Rooms, Wanted};

sql_functions! {
    pg_clinic_cancel_series, pg_finfo_pg_clinic_cancel_series => cancel_series;
    pg_clinic_reschedule_series, pg_finfo_pg_clinic_reschedule_series => reschedule_series;
}

signatures! {
    /// Arguments of `cancel_series`.
    CancelSeries = cancel_series(
        series_id: Required<Bigint>, from_date: Date = null, reason: Text = null, clinic_id: Bigint = null,
    ) -> table SeriesBooking;
    /// Arguments of `reschedule_series`.
    RescheduleSeries = reschedule_series(
        series_id: Required<Bigint>, slot_time: Time = null, weekday: Integer = null, from_date: Date = null,
        provider_id: Bigint = null, room_id: Bigint = null, override_reason: Text = null, clinic_id: Bigint = null,
    ) -> table SeriesBooking;
}

statements! {
    /// Whether there is a series.
    SERIES(INT8OID, INT8OID) = "select id from clinic.series where clinic_id = $1 and id = $2";
    /// Its bookings.
    BOOKINGS(INT8OID, INT8OID) = "select id from clinic.bookings where clinic_id = $1 and series_id = $2 order by id";
}

/// Calls off what is still to come.
fn cancel_series(args: &Args) -> Result<pg_sys::Datum> {
    let query = CancelSeries::read(args)?;
    let _attribution = Attribution::function("cancel_series", query.reason.clone());
    let mut rows = Rows::<SeriesBooking>::new(args);
    access::require(c"bookings", Privilege::Update)?;
    spi::connect(|spi| {
        let clinic = clinic::existing(spi, query.clinic_id, Access::Latest)?;
        for booking in to_come(spi, clinic, query.series_id, query.from_date)? {
            check_for_cancel();
            if !ends_with_series(booking.status) {
                continue;
            }
            // In order of time, so that the days are, too.
            booking.call_off(spi, Status::Cancelled, query.reason.as_deref())?;
            push_of_series(spi, clinic, booking.id, &mut rows)?;
        }
        Ok(())
    })?;
    Ok(rows.done())
}

/// Moves what is still to come to another time of day or weekday, another provider or room.
fn reschedule_series(args: &Args) -> Result<pg_sys::Datum> {
    let query = RescheduleSeries::read(args)?;
    let override_reason = override_reason(query.override_reason.clone())?;
    if let Some(weekday) = query.weekday.filter(|weekday| !(1..=7).contains(weekday)) {
        return Err(ClinicError::new(SqlState::InvalidArgument, "weekday must be between 1 and 7")
            .detail(format!("It is {weekday}."))
            .hint("1 is Monday, 7 is Sunday."));
    }
    if query.slot_time.is_none()
        && query.weekday.is_none()
        && query.provider_id.is_none()
        && query.room_id.is_none()
    {
        return Err(ClinicError::new(SqlState::InvalidArgument, "nothing says where the series goes")
            .hint("Pass slot_time, weekday, provider_id or room_id."));
    }
    let _attribution = Attribution::function("reschedule_series", override_reason.clone());
    let mut rows = Rows::<SeriesBooking>::new(args);
    access::require(c"bookings", Privilege::Update)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, query.clinic_id, Access::Latest)?;
        let mut moves = Vec::new();
        for booking in to_come(spi, opened.clinic, query.series_id, query.from_date)? {
            check_for_cancel();
            if booking.status.is_movable() {
                let target = query.target(&opened, &booking)?;
                // An unknown provider or room is reported before anything waits.
                room(spi, &opened, &booking, &target, query.room_id)?;
                moves.push(Move { booking, target });
            }
        }
        if query.weekday.is_some() {
            require_a_day_each(&opened, &moves)?;
        }
        queue(spi, &opened, &moves)?;
        for Move { booking, target } in &mut moves {
            check_for_cancel();
            target.room = room(spi, &opened, booking, target, query.room_id)?;
        }
        place_all(spi, &opened, &moves, &override_reason)?;
        moves.iter().try_for_each(|moved| push_of_series(spi, opened.clinic, moved.booking.id, &mut rows))
    })?;
    Ok(rows.done())
}

impl RescheduleSeries {
    /// Where a booking goes, be its room free or not.
    fn target(&self, opened: &Opened, booking: &Locked) -> Result<Target> {
        let zone = opened.settings(booking.during.start, booking.during.start)?.zone;
        let weekday = self.weekday.map(|weekday| weekday as u32);
        let start = moved_start(&zone, booking.during.start, self.slot_time, weekday);
        clinic::check_instant(start, "slot_start")?;
        Ok(Target {
            start,
            provider: self.provider_id.unwrap_or(booking.provider),
            room: self.room_id.or(booking.room),
            may_overbook: booking.is_overbooked,
        })
    }
}

/// Refuses to put several appointments of a week on one day: that isn't what a rhythm of several days a week is moved for.
fn require_a_day_each(opened: &Opened, moves: &[Move]) -> Result<()> {
    let mut dates = BTreeSet::new();
    for Move { target, .. } in moves {
        let date = opened.today(target.start)?;
        if !dates.insert(date) {
            return Err(ClinicError::new(
                SqlState::InvalidArgument,
                "weekday would put several appointments of the series on one day",
            )
            .detail(format!("Two of them would be on {date}."))
            .hint("Move them one by one with reschedule_booking()."));
        }
    }
    Ok(())
}

/// Waits for its turn on all days that the bookings touch, before and after, in whichever room, ascending.
fn queue(spi: &Spi, opened: &Opened, moves: &[Move]) -> Result<()> {
    session::keep_time_zone(opened.clinic);
    let providers: Vec<i64> = moves.iter().map(|moved| moved.target.provider).collect();
    let pauses = longest_pauses(spi, opened.clinic, Some(&providers), None)?;
    let mut days = Days::default();
    for Move { booking, target } in moves {
        check_for_cancel();
        target.add_days(spi, opened, booking, &mut days)?;
        let zone = opened.settings(target.start, target.start)?.zone;
        let of_type = longest(spi, opened.clinic, &TypeKey::Id(booking.appointment_type))?.pauses;
        let during = Span { start: target.start, end: Instant(target.start.0 + booking.during.micros()) };
        let busy = pauses.max(of_type).around(during);
        days.add(opened.clinic, days_between(&zone, busy.start, busy.end));
    }
    session::queue_for_days(&days);
    queue_for_people(spi, opened.clinic, Some(&providers))
}

/// The room that a booking gets at a place: the one that is named; else its own where it can be had; else the best one, if
/// any can.
fn room(
    spi: &Spi,
    opened: &Opened,
    booking: &Locked,
    target: &Target,
    named: Option<i64>,
) -> Result<Option<i64>> {
    let wanted = Wanted {
        clinic: Some(booking.clinic),
        appointment_type: TypeKey::Id(booking.appointment_type),
        duration: None,
        providers: Providers::one(target.provider),
        rooms: Rooms::named(named.map(|id| vec![id])),
        site: None,
        patient: booking.patient.clone(),
        now: session::now(),
        except_booking: Some(booking.id),
        access: Access::Latest,
    };
    let date = opened.today(target.start)?;
    let loaded = load::snapshot_of_booked(spi, opened, &wanted, booking, date, date, Some(target.start))?;
    let clinic = &loaded.clinic;
    let own = clinic.rooms.iter().position(|room| room.id.map(|id| id.0) == target.room);
    let is_free = own.is_some_and(|room| {
        let may_overbook = target.may_overbook;
        slots::refusals_of_move(clinic, 0, room, target.start, may_overbook, wanted.now).1.is_empty()
    });
    if is_free || named.is_some() {
        return Ok(target.room);
    }
    let kind = BookingKind::of(target.may_overbook);
    let best = slots::best(clinic, target.start, kind, false, wanted.now);
    Ok(best.map_or(target.room, |slot| clinic.rooms[slot.room].id.map(|id| id.0)))
}

/// The bookings of a series that are to come, from a date on or all, locked, in order of time.
fn to_come(spi: &Spi, clinic: i64, series: i64, from: Option<NaiveDate>) -> Result<Vec<Locked>> {
    let known: Option<i64> = spi.value(&SERIES, Access::Latest, &[param(clinic), param(series)])?;
    if known.is_none() {
        return Err(ClinicError::new(SqlState::NotFound, format!("series {series} does not exist"))
            .detail(format!("Clinic {clinic} has no such row in clinic.series.")));
    }
    let ids: Vec<i64> = spi.values(&BOOKINGS, Access::Latest, &[param(clinic), param(series)])?;
    require_not_too_many(ids.len())?;
    let now = session::now();
    let mut bookings = Locked::lock_all(spi, clinic, &ids)?;
    bookings.retain(|booking| {
        is_to_come(booking.local_date, booking.during.start, from, now) && !booking.is_expired_hold(now)
    });
    bookings.sort_by_key(|booking| (booking.during.start, booking.id));
    Ok(bookings)
}
