//! A provider's or a room's day as the front desk sees it: bookings, gaps and time off in time order. Lists what is there and
//! judges nothing: whether a gap takes a certain appointment is for [`crate::booking::slots`] to say.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::booking::clinic::{Provider, TimeOff, TimeOffScope};
use crate::booking::status::Status;
use crate::ids::{BookingId, ProviderId, RoomId, TimeOffId};
use crate::reports::openings::{Dates, Opening, concerns, date_of, provider_windows, time_off_of, without};
use crate::time::calendar::{add_days, count_days};
use crate::time::interval::{Instant, MICROS_PER_MINUTE, Span, subtract, union};
use crate::time::zone::Zone;
use crate::words;

words! {
    /// `day_sheet.kind`.
    pub enum LineKind {
        /// A booking.
        Booking = "booking",
        /// A place that is held.
        Hold = "hold",
        /// Time in which nothing is booked.
        Gap = "gap",
        /// Time off within the opening.
        TimeOff = "time_off",
        /// No opening on the date.
        Closed = "closed",
    }
}

/// A booking that occupies time, or one whose patient didn't come: its place stays on the sheet.
#[derive(Clone, Copy, Debug)]
pub struct Appointment {
    /// Its id.
    pub id: BookingId,
    /// The provider whose day it is on.
    pub provider: ProviderId,
    /// The room whose day it is on; `None` = in no room.
    pub room: Option<RoomId>,
    /// The appointment itself.
    pub during: Span,
    /// The provider's time for it, with the pauses beside it.
    pub provider_busy: Span,
    /// The room's.
    pub room_busy: Span,
    /// Whether it may be beside another booking.
    pub is_overbooked: bool,
    /// Its status.
    pub status: Status,
    /// Whether it is a hold that hasn't run out.
    pub is_hold: bool,
}

/// A kind of row of the sheet. In the order of rows that start together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Time off of the provider or the clinic, as far as it is within the provider's windows.
    TimeOff(TimeOffId),
    /// A booking or hold.
    Booking(BookingId),
    /// Open, and neither booked nor the buffer after a booking.
    Gap,
}

impl Kind {
    /// The word for it. `is_hold` distinguishes a hold from a booking.
    #[must_use]
    pub const fn line(self, is_hold: bool) -> LineKind {
        match self {
            Self::TimeOff(_) => LineKind::TimeOff,
            Self::Booking(_) if is_hold => LineKind::Hold,
            Self::Booking(_) => LineKind::Booking,
            Self::Gap => LineKind::Gap,
        }
    }
}

/// A row of the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// From when to when.
    pub span: Span,
    /// Its kind, with the id of the row behind it.
    pub kind: Kind,
}

/// The day of a provider or a room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Its windows, its own time off not taken away; none = closed.
    pub windows: Vec<Span>,
    /// By start.
    pub rows: Vec<Row>,
}

impl Day {
    /// Whether the sheet has nothing but that the provider is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.windows.is_empty() && self.rows.is_empty()
    }

    /// Whether the sheet lists whose day it is: a disabled provider or room only where something is on the day.
    #[must_use]
    pub fn is_listed(&self, is_enabled: bool) -> bool {
        is_enabled || !self.is_closed()
    }

    /// Minutes of all gaps together, rounded down.
    #[must_use]
    pub fn free_minutes(&self) -> i64 {
        let gaps = self.rows.iter().filter(|row| row.kind == Kind::Gap);
        gaps.map(|row| row.span.micros()).sum::<i64>() / MICROS_PER_MINUTE
    }
}

/// The dates whose windows a sheet must know: the day before, whose window may have the bookings of the small hours.
#[must_use]
pub fn dates_around<'a>(dates: &Dates<'a>) -> Dates<'a> {
    Dates { from: add_days(dates.from, -1), ..*dates }
}

/// The days of a provider, one for each date. `appointments` may be of other days and providers, too. A booking is on the
/// sheet of the window it starts in, so that a night is one sheet, else on that of its own date.
#[must_use]
pub fn provider_days(
    dates: &Dates<'_>,
    provider: &Provider,
    time_off: &[TimeOff],
    appointments: &[Appointment],
) -> Vec<Day> {
    let windows = provider_windows(&dates_around(dates), provider);
    let own: Vec<_> = appointments.iter().filter(|booking| booking.provider == provider.id).collect();
    days(dates, TimeOffScope::Provider(provider.id), &windows, time_off, &own, |booking| {
        booking.provider_busy
    })
}

/// The days of a room, one for each date. `hours` are the house's ([`house_hours`](super::openings::house_hours)) on
/// [`dates_around`].
#[must_use]
pub fn room_days(
    dates: &Dates<'_>,
    room: RoomId,
    hours: &[Opening],
    time_off: &[TimeOff],
    appointments: &[Appointment],
) -> Vec<Day> {
    let own: Vec<_> = appointments.iter().filter(|booking| booking.room == Some(room)).collect();
    days(dates, TimeOffScope::Room(room), hours, time_off, &own, |booking| booking.room_busy)
}

fn days(
    dates: &Dates<'_>,
    whose: TimeOffScope,
    windows: &[Opening],
    time_off: &[TimeOff],
    own: &[&Appointment],
    busy: fn(&Appointment) -> Span,
) -> Vec<Day> {
    let mut booked: BTreeMap<NaiveDate, Vec<Row>> = BTreeMap::new();
    for booking in own {
        let date = date_of(dates.zone, windows, booking.during.start);
        booked.entry(date).or_default().push(booking_row(booking));
    }
    let off = time_off_of(time_off, whose);
    let taken = union(own.iter().map(|booking| taken_by(booking, busy)).collect());
    let day = |day: usize| {
        let date = add_days(dates.from, day as i64);
        let first = windows.partition_point(|window| window.date < date);
        let windows: Vec<_> =
            windows[first..].iter().take_while(|window| window.date == date).copied().collect();
        let at_work: Vec<_> = without(&windows, &off).iter().map(|opening| opening.span).collect();
        let mut rows = booked.remove(&date).unwrap_or_default();
        rows.extend(subtract(&at_work, &taken).into_iter().map(|span| Row { span, kind: Kind::Gap }));
        let windows: Vec<_> = windows.iter().map(|window| window.span).collect();
        rows.extend(time_off_rows(whose, &windows, time_off));
        rows.sort_unstable_by_key(|row| (row.span, row.kind));
        Day { windows, rows }
    };
    (0..count_days(dates.from, dates.to)).map(day).collect()
}

fn booking_row(booking: &Appointment) -> Row {
    Row { span: booking.during, kind: Kind::Booking(booking.id) }
}

/// The time that a booking leaves no gap in. Who doesn't come has no pauses.
fn taken_by(booking: &Appointment, busy: fn(&Appointment) -> Span) -> Span {
    let busy = if booking.status.occupies() { busy(booking) } else { booking.during };
    Span { start: busy.start.min(booking.during.start), end: busy.end.max(booking.during.end) }
}

fn time_off_rows(whose: TimeOffScope, windows: &[Span], time_off: &[TimeOff]) -> Vec<Row> {
    let concerning = time_off.iter().filter(|row| concerns(row, whose));
    let rows = concerning.flat_map(|row| {
        let kind = Kind::TimeOff(row.id);
        windows
            .iter()
            .filter_map(move |window| window.intersection(row.during))
            .map(move |span| Row { span, kind })
    });
    rows.collect()
}

/// The hours that a picture of some days must show: from the first full hour of a wall clock before everything to the
/// first one after everything. `None` where there is nothing to show.
#[must_use]
pub fn frame<'a>(zone: &Zone, days: impl Iterator<Item = &'a Day>) -> Option<Span> {
    const HOUR: i64 = 60 * MICROS_PER_MINUTE;
    let spans = days.flat_map(|day| day.windows.iter().copied().chain(day.rows.iter().map(|row| row.span)));
    let all = spans.reduce(|a, b| Span { start: a.start.min(b.start), end: a.end.max(b.end) })?;
    let past_hour = |instant: Instant| zone.wall_time(instant).micros() % HOUR;
    let start = Instant(all.start.0 - past_hour(all.start));
    let missing = (HOUR - past_hour(all.end)) % HOUR;
    Span::new(start, Instant(all.end.0 + missing))
}
