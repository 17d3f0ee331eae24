//! Opening time: weekly windows with what only bookings know of them, and the overrides that replace them.

use chrono::NaiveDate;

use crate::time::calendar::{add_days, is_week_of_month, weeks_between};
use crate::time::interval::{Span, union};
use crate::time::windows::{WeeklyWindow, WindowOverride, overridden_on};
use crate::time::zone::Zone;

/// Clocks of two zones are at most 26 hours apart: what starts on a date of one starts that near to it in the other.
pub const DAYS_BETWEEN_ZONES: i64 = 2;

/// `clinic.provider_availability`: a weekly window of opening time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningWindow {
    /// The weekday, the times and the dates.
    pub weekly: WeeklyWindow,
    /// It holds in every so many weeks, Monday to Sunday; the first is that of `weekly.valid_from`.
    pub every_weeks: i64,
    /// Which ones of its weekday in a month: 1 to 5, or −1 for the last; empty = all.
    pub weeks_of_month: Vec<i32>,
    /// The zone of its clock, covering what the clinic's does; `None` = the clinic's.
    pub zone: Option<Zone>,
}

impl OpeningWindow {
    /// A window of every week, by the clinic's clock.
    #[must_use]
    pub const fn every_week(weekly: WeeklyWindow) -> Self {
        Self { weekly, every_weeks: 1, weeks_of_month: Vec::new(), zone: None }
    }

    /// Whether it starts on `date`, by its own calendar.
    fn holds_on(&self, date: NaiveDate) -> bool {
        self.weekly.holds_on(date)
            && (self.every_weeks <= 1
                || self
                    .weekly
                    .valid_from
                    .is_some_and(|first| weeks_between(first, date) % self.every_weeks == 0))
            && (self.weeks_of_month.is_empty()
                || self.weeks_of_month.iter().any(|nth| is_week_of_month(date, *nth)))
    }

    /// When it is open from a start on `date`, the clinic's.
    fn on(&self, zone: &Zone, date: NaiveDate, open: &mut Vec<Span>) {
        let span_on = |zone: &Zone, date| {
            let WeeklyWindow { start, end, .. } = self.weekly;
            self.holds_on(date).then(|| zone.window_span(date, start, end)).flatten()
        };
        match &self.zone {
            None => open.extend(span_on(zone, date)),
            Some(own) => {
                let near = (-DAYS_BETWEEN_ZONES..=DAYS_BETWEEN_ZONES).map(|days| add_days(date, days));
                let spans = near.filter_map(|date| span_on(own, date));
                open.extend(spans.filter(|span| zone.local_date(span.start) == date));
            }
        }
    }
}

/// When windows and overrides are open that **start** on `date`, the clinic's, joined where they touch or overlap. They may
/// end on the next date.
#[must_use]
pub fn open_on(
    zone: &Zone,
    windows: &[OpeningWindow],
    overrides: &[WindowOverride],
    date: NaiveDate,
) -> Vec<Span> {
    if let Some(spans) = overridden_on(zone, overrides, date) {
        return union(spans);
    }
    let mut open = Vec::new();
    windows.iter().for_each(|window| window.on(zone, date, &mut open));
    union(open)
}
