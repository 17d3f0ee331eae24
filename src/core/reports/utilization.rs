//! How much of the opening time was booked: of one provider or room, date by date. Counts; judges nothing.

use chrono::NaiveDate;

use crate::reports::groups::ratio;
use crate::reports::openings::{Dates, Opening, date_of};
use crate::time::calendar::{add_days, count_days};
use crate::time::interval::{Instant, MICROS_PER_MINUTE, Span, clip, subtract, union};
use crate::time::zone::Zone;

/// A booking, as far as it takes time.
#[derive(Clone, Copy, Debug)]
pub struct Use {
    /// The appointment: buffer and turnover are no booked time.
    pub during: Span,
    /// Whether it may be beside another booking.
    pub is_overbooked: bool,
}

/// Amounts of time, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Opening time, time off taken away.
    pub open: i64,
    /// The booked part of it, by one booking or by several at once.
    pub booked: i64,
    /// The part of it that overbooked bookings take.
    pub overbooked: i64,
    /// Time of bookings outside it: in time off or while closed. Each booking counts.
    pub outside: i64,
}

impl Amounts {
    /// Whether there is neither opening time nor a booking.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.open == 0 && self.outside == 0
    }

    /// Booked ÷ open, to four decimals; `None` where nothing is open. Never above 1.
    #[must_use]
    pub fn utilization(&self) -> Option<f64> {
        ratio(self.booked as f64, self.open as f64)
    }
}

impl std::ops::AddAssign for Amounts {
    fn add_assign(&mut self, other: Self) {
        self.open += other.open;
        self.booked += other.booked;
        self.overbooked += other.overbooked;
        self.outside += other.outside;
    }
}

/// The dates whose openings [`by_date`] must know: the day before, whose window may have the bookings of the small hours,
/// and the two days after. A booking of the last date begins, in a window past midnight, on the next date at the latest,
/// and may end a date later.
#[must_use]
pub fn dates_around<'a>(dates: &Dates<'a>) -> Dates<'a> {
    Dates { from: add_days(dates.from, -1), to: add_days(dates.to, DAYS_AFTER), ..*dates }
}

/// How many days after the last date have openings that a booking of it may reach into.
pub const DAYS_AFTER: i64 = 2;

/// The dates on which there is opening time or a booking. `windows` are those of one provider or room on
/// [`dates_around`], `open` what time off leaves of them.
#[must_use]
pub fn by_date(
    dates: &Dates<'_>,
    windows: &[Opening],
    open: &[Opening],
    uses: &[Use],
) -> Vec<(NaiveDate, Amounts)> {
    let mut days = vec![Amounts::default(); count_days(dates.from, dates.to)];
    for_each_part(dates, windows, open, uses, |day, _, amounts| days[day] += amounts);
    let dated =
        days.into_iter().enumerate().map(|(day, amounts)| (add_days(dates.from, day as i64), amounts));
    dated.filter(|(_, amounts)| !amounts.is_none()).collect()
}

/// The same time by the hour of the wall clock in which it is.
#[must_use]
pub fn by_hour(dates: &Dates<'_>, windows: &[Opening], open: &[Opening], uses: &[Use]) -> [Amounts; HOURS] {
    let mut hours = [Amounts::default(); HOURS];
    let booked = Booked::of(uses);
    for_each_part(dates, windows, open, uses, |_, span, amounts| {
        for (hour, part) in hours_of(dates.zone, span) {
            hours[hour] += if amounts.open > 0 {
                booked.of_opening(part)
            } else {
                Amounts { outside: part.micros(), ..Amounts::default() }
            };
        }
    });
    hours
}

/// Hours of a day.
pub const HOURS: usize = 24;

/// Booked time, normalized.
struct Booked {
    all: Vec<Span>,
    overbooked: Vec<Span>,
}

impl Booked {
    fn of(uses: &[Use]) -> Self {
        let spans =
            |wanted: fn(&&Use) -> bool| union(uses.iter().filter(wanted).map(|used| used.during).collect());
        Self { all: spans(|_| true), overbooked: spans(|used| used.is_overbooked) }
    }

    fn of_opening(&self, span: Span) -> Amounts {
        Amounts {
            open: span.micros(),
            booked: length(&clip(&self.all, span)),
            overbooked: length(&clip(&self.overbooked, span)),
            outside: 0,
        }
    }
}

/// Hands out every opening of the dates, and every stretch of a booking outside of all, with the index of its date.
fn for_each_part(
    dates: &Dates<'_>,
    windows: &[Opening],
    open: &[Opening],
    uses: &[Use],
    mut each: impl FnMut(usize, Span, Amounts),
) {
    let day_count = count_days(dates.from, dates.to);
    let index =
        |date: NaiveDate| usize::try_from((date - dates.from).num_days()).ok().filter(|day| *day < day_count);
    let booked = Booked::of(uses);
    for opening in open {
        if let Some(day) = index(opening.date) {
            each(day, opening.span, booked.of_opening(opening.span));
        }
    }
    let open = union(open.iter().map(|opening| opening.span).collect());
    for used in uses {
        for span in subtract(&[used.during], &open) {
            if let Some(day) = index(date_of(dates.zone, windows, used.during.start)) {
                each(day, span, Amounts { outside: span.micros(), ..Amounts::default() });
            }
        }
    }
}

/// A span cut at the full hours of the wall clock, each part with its hour.
pub fn hours_of(zone: &Zone, span: Span) -> impl Iterator<Item = (usize, Span)> {
    const HOUR: i64 = 60 * MICROS_PER_MINUTE;
    let mut start = span.start;
    std::iter::from_fn(move || {
        let wall = zone.wall_time(start).micros();
        // Clocks may change within an hour: St. John's went from 00:01 back to 23:01.
        let full_hour = Instant(start.0 + HOUR - wall % HOUR);
        let end = zone.next_change(start).map_or(full_hour, |change| change.min(full_hour)).min(span.end);
        let part = Span::new(start, end)?;
        start = end;
        Some(((wall / HOUR) as usize % HOURS, part))
    })
}

fn length(spans: &[Span]) -> i64 {
    spans.iter().map(|span| span.micros()).sum()
}
