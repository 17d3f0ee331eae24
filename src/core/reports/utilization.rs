//! How much of the opening time was booked: of one provider or room, date by date. Counts; judges nothing.

use chrono::NaiveDate;

use crate::reports::openings::{Dates, Opening, date_of};
use crate::time::calendar::add_days;
use crate::time::interval::{Span, clip, subtract, union};
use crate::words;

words! {
    /// `utilization.group_by`: a row for each provider and date, or for each room and date.
    pub enum GroupBy {
        /// Providers.
        Provider = "provider",
        /// Rooms.
        Room = "room",
    }
}

/// A booking, as far as it takes time.
#[derive(Clone, Copy, Debug)]
pub struct Use {
    /// The appointment: buffer and turnover are no booked time.
    pub during: Span,
    /// Whether it may be beside another booking.
    pub is_overbooked: bool,
}

/// A date's time, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayUse {
    /// The date.
    pub date: NaiveDate,
    /// Opening time, time off taken away.
    pub open: i64,
    /// The booked part of it, by one booking or by several at once.
    pub booked: i64,
    /// The part of it that overbooked bookings take.
    pub overbooked: i64,
    /// Time of the date's bookings outside it: in time off or while closed. Each booking counts.
    pub outside: i64,
}

impl DayUse {
    const fn none(date: NaiveDate) -> Self {
        Self { date, open: 0, booked: 0, overbooked: 0, outside: 0 }
    }

    /// Booked ÷ open; `None` where nothing is open. Never above 1.
    #[must_use]
    pub fn utilization(&self) -> Option<f64> {
        (self.open > 0).then(|| self.booked as f64 / self.open as f64)
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
pub fn by_date(dates: &Dates<'_>, windows: &[Opening], open: &[Opening], uses: &[Use]) -> Vec<DayUse> {
    let day_count = crate::time::calendar::count_days(dates.from, dates.to);
    let mut days: Vec<_> = (0..day_count as i64).map(|day| DayUse::none(add_days(dates.from, day))).collect();
    let index =
        |date: NaiveDate| usize::try_from((date - dates.from).num_days()).ok().filter(|day| *day < day_count);
    let spans =
        |wanted: fn(&&Use) -> bool| union(uses.iter().filter(wanted).map(|used| used.during).collect());
    let (booked, overbooked) = (spans(|_| true), spans(|used| used.is_overbooked));
    for opening in open {
        let Some(day) = index(opening.date) else { continue };
        days[day].open += opening.span.micros();
        days[day].booked += length(&clip(&booked, opening.span));
        days[day].overbooked += length(&clip(&overbooked, opening.span));
    }
    let open = union(open.iter().map(|opening| opening.span).collect());
    for used in uses {
        let outside = length(&subtract(&[used.during], &open));
        if outside == 0 {
            continue;
        }
        if let Some(day) = index(date_of(dates.zone, windows, used.during.start)) {
            days[day].outside += outside;
        }
    }
    days.retain(|day| (day.open, day.outside) != (0, 0));
    days
}

fn length(spans: &[Span]) -> i64 {
    spans.iter().map(|span| span.micros()).sum()
}
