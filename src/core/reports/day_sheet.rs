//! A provider's day as the front desk sees it: bookings, gaps and time off in time order. Lists what is there and
//! judges nothing: whether a gap takes a certain appointment is for [`crate::booking::slots`] to say.

use crate::booking::clinic::{Provider, TimeOff, TimeOffScope};
use crate::booking::status::Status;
use crate::ids::{BookingId, ProviderId, TimeOffId};
use crate::reports::openings::{Dates, concerns, date_of, provider_windows, time_off_of, without};
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
    /// The appointment itself.
    pub during: Span,
    /// End of the buffer after it.
    pub provider_busy_until: Instant,
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

/// A provider's day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The provider's windows, time off not taken away; none = closed.
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

    /// Whether the sheet lists the provider: a disabled one only where something is on the day.
    #[must_use]
    pub fn is_listed(&self, provider: &Provider) -> bool {
        provider.enabled || !self.is_closed()
    }

    /// Minutes of all gaps together, rounded down.
    #[must_use]
    pub fn free_minutes(&self) -> i64 {
        let gaps = self.rows.iter().filter(|row| row.kind == Kind::Gap);
        gaps.map(|row| row.span.micros()).sum::<i64>() / MICROS_PER_MINUTE
    }
}

/// The day `dates.from` of a provider. `appointments` are sorted by id and may be of other days and providers, too. A
/// booking is on the sheet of the window it starts in, so that a night is one sheet, else on that of its own date.
#[must_use]
pub fn day(
    dates: &Dates<'_>,
    provider: &Provider,
    time_off: &[TimeOff],
    appointments: &[Appointment],
) -> Day {
    let date = dates.from;
    let around = Dates { from: crate::time::calendar::add_days(date, -1), to: date, ..*dates };
    let windows = provider_windows(&around, provider);
    let own: Vec<_> = appointments.iter().filter(|booking| booking.provider == provider.id).collect();
    let of_day = |booking: &&&Appointment| date_of(dates.zone, &windows, booking.during.start) == date;
    let mut rows: Vec<_> = own.iter().filter(of_day).map(|booking| booking_row(booking)).collect();

    let windows: Vec<_> = windows.iter().copied().filter(|window| window.date == date).collect();
    let off = time_off_of(time_off, TimeOffScope::Provider(provider.id));
    let at_work: Vec<_> = without(&windows, &off).iter().map(|opening| opening.span).collect();
    let taken = union(own.iter().map(|booking| taken_by(booking)).collect());
    rows.extend(subtract(&at_work, &taken).into_iter().map(|span| Row { span, kind: Kind::Gap }));
    let windows: Vec<_> = windows.iter().map(|window| window.span).collect();
    rows.extend(time_off_rows(provider.id, &windows, time_off));
    rows.sort_unstable_by_key(|row| (row.span, row.kind));
    Day { windows, rows }
}

fn booking_row(booking: &Appointment) -> Row {
    Row { span: booking.during, kind: Kind::Booking(booking.id) }
}

/// The time that a booking leaves no gap in. Who doesn't come has no buffer.
fn taken_by(booking: &Appointment) -> Span {
    let end = if booking.status.occupies() { booking.provider_busy_until } else { booking.during.end };
    Span { start: booking.during.start, end: end.max(booking.during.end) }
}

fn time_off_rows(provider: ProviderId, windows: &[Span], time_off: &[TimeOff]) -> Vec<Row> {
    let concerning = time_off.iter().filter(|row| concerns(row, TimeOffScope::Provider(provider)));
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
