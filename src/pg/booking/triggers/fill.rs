//! Fills the derived columns of a booking, whatever the client gave. Refuses no place but on a full day: another place that
//! can't be had gets values that a named constraint refuses.

use chrono::NaiveDate;
use pg_clinic_core::booking::change::{NewParts, Taken};
use pg_clinic_core::booking::clinic::Moving;
use pg_clinic_core::booking::place::{MAX_DURATION, Pauses, as_busy_as_before, retyped};
use pg_clinic_core::booking::reason::Code;
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::ids::{AppointmentTypeId, BookingId, ClinicId, ProviderId, RoomId};
use pg_clinic_core::locks::Days;
use pg_clinic_core::time::calendar::{date_from_pg_days, date_to_pg_days};
use pg_clinic_core::time::interval::{Instant, Minutes, Span};
use pg_clinic_core::time::zone::Zone;
use pgrx::datum::{Range, TimestampWithTimeZone};
use pgrx::{IntoDatum, pg_sys};

use super::columns::BookingColumns;
use super::met;
use super::scan::Table;
use super::seats::{Seats, any_expired_hold};
use super::sessions::Session;
use crate::pg::booking::load::{Place, Settings, Times, without_room};
use crate::pg::booking::writes::enforced;
use crate::pg::booking::{judged, parked};
use crate::pg::platform::args::{Args, range};
use crate::pg::platform::attribution;
use crate::pg::platform::error::{ClinicError, Result};
use crate::pg::platform::session::{self, ActingAsOwner};
use crate::pg::platform::spi::{self, Spi};
use crate::pg::platform::structure::{self, Need};
use crate::pg::platform::trigger::{Call, Change, Values, misplaced};
use crate::pg::platform::values::bounds;

/// A booking as one version of the row says.
struct Booking {
    place: Place,
    /// `None` where the range is empty, has no start, or is infinite.
    start: Option<Instant>,
    /// `None` where the end is left to us.
    end: Option<Instant>,
    /// As the row says; what a client gave counts for nothing.
    provider_busy: Option<Span>,
    room_busy: Option<Span>,
    local_date: Option<NaiveDate>,
    person: Option<String>,
    /// `None` where it is on no list.
    status: Option<Status>,
    occupies: bool,
}

/// The trigger `fill_booking`.
pub(super) fn fill_booking(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::for_row(args, "bookings", pg_sys::TRIGGER_EVENT_BEFORE)?;
    let desc = call.desc();
    let relation = call.data.tg_relation;
    // SAFETY: the trigger's relation is open.
    let _owner = unsafe { ActingAsOwner::of(relation) };
    // The table is there: the trigger stands on it.
    let verdict = structure::verdict("bookings")?.ok_or_else(misplaced)?;
    let table = Table { relation, columns: BookingColumns::find(&call)?, verdict };
    // SAFETY: the tuples are the trigger's and of its table.
    let values = |tuple| unsafe { Values::of(tuple, desc) };
    // Of a booking that was taken up, the row as it was then.
    let taken_up = |old: &Values| old.get(table.columns.id).and_then(parked::before);
    let old = call.old().map(values).map(|old| taken_up(&old).map_or(old, values));
    let before = old.as_ref().and_then(|old| table.booking(old));

    let Some(tuple) = call.new_row() else {
        if let Some(before) = before {
            spi::connect(|spi| queue(spi, &before, None))?;
        }
        return Ok(pg_sys::Datum::from(call.data.tg_trigtuple));
    };
    let new = values(tuple);
    let mut changes = overridden_by(&table.columns, &new, old.as_ref());
    let booking = table.booking(&new);
    if !session::is_replica() && !frees_time(before.as_ref(), booking.as_ref()) {
        table.verdict.require(Need::Place)?;
    }
    // With a NULL where none is allowed there is no place to fill in; NOT NULL refuses the row.
    if let Some(booking) = booking {
        changes.extend(table.place_columns(old.as_ref(), before.as_ref(), &booking)?);
    }
    Ok(call.changed(&changes))
}

/// Whether a booking stays where it was and takes no time any more. That is never refused: where the constraints are gone,
/// it is how a collision is ended before they can be put back.
fn frees_time(before: Option<&Booking>, booking: Option<&Booking>) -> bool {
    before.zip(booking).is_some_and(|(before, booking)| {
        booking.new_parts(before).only(NewParts::PATIENT)
            && booking.status.is_some_and(|status| !status.occupies())
    })
}

/// The columns overridden_by, cancelled_at and cancellation_reason.
fn overridden_by(columns: &BookingColumns, new: &Values, old: Option<&Values>) -> Vec<Change> {
    let text = |row: &Values, column: usize| row.get::<String>(column);
    let mut changes = Vec::new();

    let reason = text(new, columns.override_reason);
    let kept = old.filter(|old| text(old, columns.override_reason) == reason);
    let by = match (&reason, kept) {
        (None, _) => None,
        (Some(_), Some(old)) => text(old, columns.overridden_by),
        (Some(_), None) => Some(attribution::actor()),
    };
    changes.push((columns.overridden_by, by.into_datum()));

    let is_called_off = |row: &Values| {
        matches!(
            text(row, columns.status).as_deref().and_then(Status::parse),
            Some(Status::Cancelled | Status::NoShow)
        )
    };
    let micros = |row: &Values| row.datum(columns.cancelled_at).map(|d| d.value() as i64);
    if text(new, columns.status).as_deref() == Some(Status::Cancelled.as_str()) {
        let at = micros(new).unwrap_or_else(|| session::now().0);
        changes.push((columns.cancelled_at, Some(pg_sys::Datum::from(at))));
    } else if let Some(old) = old.filter(|old| is_called_off(old) && !is_called_off(new)) {
        // Called on again: what was said of the cancellation goes, unless the client says it anew.
        if micros(old) == micros(new) {
            changes.push((columns.cancelled_at, None));
        }
        if text(old, columns.cancellation_reason) == text(new, columns.cancellation_reason) {
            changes.push((columns.cancellation_reason, None));
        }
    }
    changes
}

impl Table {
    /// A version of a row; `None` where a column is NULL that must not be.
    fn booking(&self, row: &Values) -> Option<Booking> {
        let columns = &self.columns;
        let range = row.get::<Range<TimestampWithTimeZone>>(columns.during)?;
        let (start, end) = bounds(&range);
        let busy = |column: usize| {
            let (start, end) = bounds(&row.get(column)?);
            Span::new(start?, end?)
        };
        let status = row.get::<String>(columns.status).as_deref().and_then(Status::parse);
        Some(Booking {
            place: Place {
                clinic: row.get(columns.clinic_id)?,
                booking: row.get(columns.id)?,
                provider: row.get(columns.provider_id)?,
                room: row.get(columns.room_id),
                appointment_type: row.get(columns.appointment_type_id)?,
                patient: row.get(columns.patient_id),
                request: row.get(columns.request_id),
                is_overbooked: row.get(columns.is_overbooked)?,
                is_overridden: row.datum(columns.override_reason).is_some(),
            },
            start,
            end,
            provider_busy: busy(self.columns.provider_busy),
            room_busy: busy(self.columns.room_busy),
            person: row.get(columns.person_id),
            local_date: row.datum(columns.local_date).and_then(|date| date_from_pg_days(date.value() as i32)),
            status,
            occupies: status.is_some_and(Status::occupies),
        })
    }

    /// The columns that say which place the booking takes.
    fn place_columns(
        &self,
        old: Option<&Values>,
        before: Option<&Booking>,
        booking: &Booking,
    ) -> Result<Vec<Change>> {
        match (old, before) {
            (Some(old), Some(before)) if !booking.new_parts(before).derives_any() => {
                if before.occupies {
                    spi::connect(|spi| settle(spi, before, booking))?;
                }
                let mut kept = self.kept_place(old, booking);
                kept.push((
                    self.columns.person_id,
                    match before.person == booking.person {
                        true => old.datum(self.columns.person_id),
                        false => spi::connect(|spi| self.another_person(spi, booking))?,
                    },
                ));
                Ok(kept)
            }
            _ => spi::connect(|spi| self.fresh_place(spi, old, before, booking)),
        }
    }

    /// The derived columns of a booking that stays where it was: the buffer, turnover and seat it was booked with.
    fn kept_place(&self, old: &Values, booking: &Booking) -> Vec<Change> {
        let (columns, occupies) = (&self.columns, booking.occupies);
        let times =
            [columns.provider_busy, columns.room_busy, columns.local_date].map(|column| (column, true));
        let seats = seat_columns(columns).map(|column| (column, occupies));
        let kept = |(column, is_kept)| (column, old.datum(column).filter(|_| is_kept));
        let kept = times.into_iter().chain(seats).map(kept);
        kept.chain(if occupies { kept_session(columns, old) } else { single(columns, booking) }).collect()
    }

    /// The person where a row says that it is another one: the provider's is looked up, whatever the row says.
    fn another_person(&self, spi: &Spi, booking: &Booking) -> Result<Option<pg_sys::Datum>> {
        let person = booking.place.person(spi)?;
        if let Some((person, busy)) =
            person.as_deref().zip(booking.provider_busy).filter(|_| booking.occupies)
        {
            booking.place.queue_for_person(spi, person, busy)?;
        }
        Ok(person.into_datum())
    }

    /// What is derived from the parts that are new, anew; the rest as it was booked.
    fn fresh_place(
        &self,
        spi: &Spi,
        old: Option<&Values>,
        before: Option<&Booking>,
        booking: &Booking,
    ) -> Result<Vec<Change>> {
        session::keep_time_zone(booking.place.clinic);
        let settings = booking.place.settings(spi)?;
        let Some(during) = booking.during(&settings) else { return Ok(placeholders(&self.columns, booking)) };
        let starts = [Some(during.start), before.and_then(|before| before.start)];
        let zone = settings.zone(starts.into_iter().flatten())?;
        let retyped = |before: &&Booking| {
            before.place.clinic == booking.place.clinic
                && before.place.appointment_type != booking.place.appointment_type
        };
        let of_old_type = before.filter(retyped).map(|before| before.place.settings(spi)).transpose()?;
        let (new, times) = booking.derived(
            before,
            settings.times(&zone, during, booking.place.room),
            of_old_type.as_ref(),
            &settings,
        );
        let person = match before.filter(|before| !new.derives_person() && before.person == booking.person) {
            Some(before) => before.person.clone(),
            None if session::has_one_snapshot() => booking.place.person(spi)?,
            None => settings.person.clone(),
        };
        let mut changes = vec![
            (self.columns.during, range(during)),
            (self.columns.person_id, person.clone().into_datum()),
            (self.columns.provider_busy, range(times.provider_busy)),
            (self.columns.room_busy, booking.place.room.and_then(|_| range(times.room_busy))),
            (self.columns.local_date, Some(pg_sys::Datum::from(date_to_pg_days(times.date)))),
        ];
        if booking.place.room.is_none()
            && booking.occupies
            && settings.needs_room
            && new.judges_need_of_room()
        {
            return Err(without_room(booking.place.appointment_type));
        }
        let mut days = Days::default();
        match before {
            Some(before) if before.place.clinic == booking.place.clinic => before.add_days(&zone, &mut days),
            Some(before) => before.add_days(&before.place.zone(spi, before.start)?, &mut days),
            None if booking.occupies => met::add_days(self, spi, &booking.place, &mut days)?,
            None => (),
        }
        let is_judged = booking.occupies
            && settings.enforces_rules
            && !judged::is_judged(&booking.place, times.during.start);
        if booking.occupies {
            days.add(booking.place.clinic, times.days(&zone));
        }
        if is_judged {
            days.add(booking.place.clinic, enforced::days(spi, booking.place.clinic, &zone, during)?);
        }
        session::queue_for_days(&days);
        if !booking.occupies {
            changes.extend(no_seat(&self.columns));
            changes.extend(single(&self.columns, booking));
            return Ok(changes);
        }
        if let Some(person) = &person {
            booking.place.queue_for_person(spi, person, times.provider_busy)?;
        }
        if any_expired_hold(self, &booking.place) {
            booking.place.expire_holds(spi, &times, false)?;
        }
        changes.extend(match old.filter(|_| !new.derives_seat()) {
            Some(old) => seat_columns(&self.columns).map(|column| (column, old.datum(column))).to_vec(),
            None => self.seat(spi, booking, &settings, &times)?,
        });
        changes.extend(match old.filter(|_| !new.derives_session()) {
            Some(old) => kept_session(&self.columns, old),
            // An INSERT that meets a booking begins no session for it, nor is it one more there.
            None if settings.capacity > 1
                && !booking.place.is_overbooked
                && (before.is_some() || !met::any(self, &booking.place)) =>
            {
                let session = Session::at(spi, &booking.place, during, settings.capacity)?;
                in_session(&self.columns, &session)
            }
            None => single(&self.columns, booking),
        });
        // An INSERT that meets a booking changes that one, or nothing.
        if is_judged && (before.is_some() || !met::any(self, &booking.place)) {
            let before = before.filter(|before| before.place.clinic == booking.place.clinic);
            enforced::require(
                spi,
                &booking.place,
                during,
                before.and_then(|before| before.moving(booking, during)),
            )?;
        }
        Ok(changes)
    }

    /// The lowest free seat. A full day is refused as the CHECK would refuse it, whose error prints the whole row into the
    /// server's log.
    fn seat(&self, spi: &Spi, booking: &Booking, settings: &Settings, times: &Times) -> Result<Vec<Change>> {
        let place = &booking.place;
        let limit = if place.is_overbooked { place.overbook_limit(spi)? } else { settings.daily_cap };
        let mut seats = Seats::read(self, place, times.date)?;
        if seats.is_squeezed(limit) {
            // An expired hold sits on the last free seat.
            place.expire_holds(spi, times, true)?;
            seats = Seats::read(self, place, times.date)?;
        }
        let seat = seats.choose(limit);
        if seat > limit && !place.is_overridden {
            return Err(full(place, times.date, limit));
        }
        Ok(seated(&self.columns, place.is_overbooked, seat, limit, place.is_overridden))
    }
}

/// The error for a day without a free seat.
fn full(place: &Place, date: NaiveDate, limit: i32) -> ClinicError {
    let (code, what) = if place.is_overbooked {
        (Code::OverbookCap, "overbooking limit")
    } else {
        (Code::DailyCap, "daily cap")
    };
    let provider = place.provider;
    let message = format!("the slot can't be booked: {}", code.describe());
    ClinicError::refused(&code.constraint(), "bookings", message)
        .detail(format!("{code}: provider {provider} has reached the {what} of {limit} on {date}."))
        .hint("find_slots() gives places that are free. With an override_reason it can be booked beyond the limit.")
}

impl Booking {
    /// What it takes, at `during`.
    fn taken(&self, during: Span) -> Taken<'_> {
        let place = &self.place;
        Taken {
            clinic: ClinicId(place.clinic),
            provider: ProviderId(place.provider),
            room: place.room.map(RoomId),
            appointment_type: AppointmentTypeId(place.appointment_type),
            patient: place.patient.as_deref(),
            during,
            is_overbooked: place.is_overbooked,
            occupies: self.occupies,
        }
    }

    /// Where it is, for the judge of the place to which it goes as `after`; `None` where that isn't known.
    fn moving(&self, after: &Self, to: Span) -> Option<Moving> {
        let during = self.given_during()?;
        Some(Moving {
            id: BookingId(self.place.booking),
            status: self.status?,
            provider: ProviderId(self.place.provider),
            room: self.place.room.map(RoomId),
            appointment_type: AppointmentTypeId(self.place.appointment_type),
            during,
            provider_busy: self.provider_busy?,
            room_busy: self.room_busy.unwrap_or(during),
            local_date: self.local_date?,
            is_overbooked: self.place.is_overbooked,
            occupies: self.occupies,
            has_new_patient: self.place.patient != after.place.patient,
            has_new_length: to.micros() != during.micros(),
        })
    }

    /// What is new, the days left aside; all, where the time is new and is to be worked out, or is none.
    fn new_parts(&self, before: &Self) -> NewParts {
        const ANY: Span = Span { start: Instant(0), end: Instant(1) };
        let (was, is) = match (self.start, self.end) == (before.start, before.end) {
            true => (Some(ANY), Some(ANY)),
            false => (before.given_during(), self.given_during()),
        };
        match was.zip(is) {
            Some((was, is)) => NewParts::between(&before.taken(was), &self.taken(is)),
            None => NewParts::ALL,
        }
    }

    /// What is new, and the times of which the parts that stay are as they were booked. `today` are those of the settings of now;
    /// `of_old_type` are the settings where the type is another.
    fn derived(
        &self,
        before: Option<&Self>,
        today: Times,
        of_old_type: Option<&Settings>,
        settings: &Settings,
    ) -> (NewParts, Times) {
        let known = before.and_then(|before| Some((before, before.given_during()?, before.local_date?)));
        let Some((before, was, date)) = known else { return (NewParts::ALL, today) };
        let new = NewParts::between(&before.taken(was), &self.taken(today.during)).dated(date, today.date);
        let kept = |busy: Option<Span>, pauses: fn(&Settings) -> Pauses, own: Minutes, is: Span| {
            let Some(busy) = busy else { return is };
            match of_old_type {
                Some(old) => {
                    let given = Pauses::between(was, busy);
                    retyped(given, pauses(old), pauses(settings), own).around(today.during)
                }
                None => as_busy_as_before(today.during, was, busy),
            }
        };
        let provider_busy = match new.derives_buffer() {
            true => today.provider_busy,
            false => kept(before.provider_busy, Settings::of_provider, settings.buffer, today.provider_busy),
        };
        let room_busy = match new.derives_turnover() || self.place.room.is_none() {
            true => today.room_busy,
            false => kept(before.room_busy, Settings::of_room, settings.turnover, today.room_busy),
        };
        let date = if new.any(NewParts::TIME | NewParts::BOOKING) { today.date } else { date };
        (new, Times { date, during: today.during, provider_busy, room_busy })
    }

    /// The appointment as the row gives it; `None` where it is to be worked out, or bookings_during refuses it.
    fn given_during(&self) -> Option<Span> {
        Span::new(self.start?, self.end?)
    }

    /// The appointment, its end derived where it was left out; `None` where bookings_during refuses it.
    fn during(&self, settings: &Settings) -> Option<Span> {
        let start = self.start?;
        let end = self.end.unwrap_or(start + settings.duration);
        Span::new(start, end).filter(|during| during.micros() <= MAX_DURATION.micros())
    }

    /// When it is, as the row says: with the buffer and turnover it was booked with.
    fn times(&self, zone: &Zone) -> Option<Times> {
        let during = Span::new(self.start?, self.end?)?;
        Some(Times {
            date: zone.local_date(during.start),
            during,
            provider_busy: self.provider_busy?,
            room_busy: if self.place.room.is_some() { self.room_busy? } else { during },
        })
    }

    /// Adds the local dates that it touches, if it occupies time.
    fn add_days(&self, zone: &Zone, days: &mut Days) {
        if let Some(times) = self.times(zone).filter(|_| self.occupies) {
            days.add(self.place.clinic, times.days(zone));
        }
    }
}

/// Queues a change of a booking that stays where it is: even a new name is a new version of the row, for which writers
/// of the same place wait. Makes room where it is for another patient now.
fn settle(spi: &Spi, before: &Booking, booking: &Booking) -> Result<()> {
    let zone = queue(spi, before, Some(booking))?;
    match zone.and_then(|zone| before.times(&zone)) {
        Some(times) if booking.occupies && before.place.patient != booking.place.patient => {
            booking.place.expire_holds(spi, &times, false)
        }
        _ => Ok(()),
    }
}

/// Waits for its turn on the days of a booking that occupies time. Giving back what nobody needs needs none: it frees only,
/// and is done by a writer who has its turn, maybe on later days, or by a job, which is to wait for nobody.
fn queue(spi: &Spi, before: &Booking, booking: Option<&Booking>) -> Result<Option<Zone>> {
    let Some(start) = before.start.filter(|_| before.occupies && !attribution::cause().gives_back_time())
    else {
        return Ok(None);
    };
    let place = booking.map_or(&before.place, |booking| &booking.place);
    let zone = place.zone(spi, [start])?;
    let mut days = Days::default();
    before.add_days(&zone, &mut days);
    session::queue_for_days(&days);
    Ok(Some(zone))
}

/// The columns that say which seat a booking has.
fn seat_columns(columns: &BookingColumns) -> [usize; 4] {
    [columns.day_seat, columns.day_capacity, columns.overbook_seat, columns.overbook_limit]
}

/// The columns of a session, as they were.
fn kept_session(columns: &BookingColumns, old: &Values) -> Vec<Change> {
    [columns.session_id, columns.session_seat, columns.session_capacity]
        .map(|column| (column, old.datum(column)))
        .to_vec()
}

/// The same of a booking that is in a session.
fn in_session(columns: &BookingColumns, session: &Session) -> Vec<Change> {
    vec![
        (columns.session_id, session.id.into_datum()),
        (columns.session_seat, session.seat.into_datum()),
        (columns.session_capacity, session.capacity.into_datum()),
    ]
}

/// The same of a booking of its own, or of one that takes no time.
fn single(columns: &BookingColumns, booking: &Booking) -> Vec<Change> {
    vec![
        (columns.session_id, booking.place.booking.wrapping_neg().into_datum()),
        (columns.session_seat, None),
        (columns.session_capacity, None),
    ]
}

fn no_seat(columns: &BookingColumns) -> Vec<Change> {
    seat_columns(columns).map(|column| (column, None)).to_vec()
}

fn seated(
    columns: &BookingColumns,
    is_overbooked: bool,
    seat: i32,
    limit: i32,
    is_overridden: bool,
) -> Vec<Change> {
    // An attributed override lifts the cap for this one booking.
    let limit = if is_overridden { limit.max(seat) } else { limit };
    let (seat_column, limit_column) = if is_overbooked {
        (columns.overbook_seat, columns.overbook_limit)
    } else {
        (columns.day_seat, columns.day_capacity)
    };
    let mut changes = no_seat(columns);
    for (column, value) in &mut changes {
        if *column == seat_column {
            *value = seat.into_datum();
        } else if *column == limit_column {
            *value = limit.into_datum();
        }
    }
    changes
}

/// For a `during` that the constraint bookings_during refuses: values that keep other constraints from being
/// reported instead.
fn placeholders(columns: &BookingColumns, booking: &Booking) -> Vec<Change> {
    let epoch = Span { start: Instant(0), end: Instant(1) };
    let mut changes = vec![
        (columns.provider_busy, range(epoch)),
        (columns.room_busy, booking.place.room.and_then(|_| range(epoch))),
        (columns.local_date, Some(pg_sys::Datum::from(0i32))),
    ];
    changes.extend(if booking.occupies {
        seated(columns, booking.place.is_overbooked, 1, 1, false)
    } else {
        no_seat(columns)
    });
    changes.extend(single(columns, booking));
    changes
}
