//! Weekly windows, the overrides that replace them on a date, and the opening time they add up to.

use chrono::{Datelike, NaiveDate};

use crate::time::calendar::WallTime;
use crate::time::interval::{Span, union};
use crate::time::zone::Zone;

/// A window of every week: what `clinic.provider_availability`, `staff_availability` and `shift_templates` have in common. `end <= start` crosses midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeeklyWindow {
    /// The weekday it starts on, ISO: 1 = Monday … 7 = Sunday.
    pub day_of_week: u8,
    /// Opens.
    pub start: WallTime,
    /// Closes.
    pub end: WallTime,
    /// The first date it holds; `None` = always did.
    pub valid_from: Option<NaiveDate>,
    /// The last date it holds; `None` = for good.
    pub valid_until: Option<NaiveDate>,
}

impl WeeklyWindow {
    /// Whether a window starts on `date`.
    #[must_use]
    pub fn holds_on(&self, date: NaiveDate) -> bool {
        u32::from(self.day_of_week) == date.weekday().number_from_monday()
            && self.valid_from.is_none_or(|first| first <= date)
            && self.valid_until.is_none_or(|last| date <= last)
    }
}

/// `clinic.availability_overrides`: one row of what replaces the weekly windows that start on a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowOverride {
    /// The date.
    pub on_date: NaiveDate,
    /// Opens and closes; `None` = closed. Several rows of a date add up, closed ones add nothing.
    pub window: Option<(WallTime, WallTime)>,
}

/// When overrides are open that start on `date`, as they are written; `None` where there is none, and weekly windows hold.
#[must_use]
pub fn overridden_on(zone: &Zone, overrides: &[WindowOverride], date: NaiveDate) -> Option<Vec<Span>> {
    let mut overrides = overrides.iter().filter(|row| row.on_date == date).peekable();
    overrides.peek()?;
    let windows = overrides.filter_map(|row| row.window);
    Some(windows.filter_map(|(start, end)| zone.window_span(date, start, end)).collect())
}

/// When windows and overrides are open that **start** on `date`, joined where they touch or overlap. They may end on the
/// next date.
#[must_use]
pub fn windows_on(
    zone: &Zone,
    availability: &[WeeklyWindow],
    overrides: &[WindowOverride],
    date: NaiveDate,
) -> Vec<Span> {
    union(overridden_on(zone, overrides, date).unwrap_or_else(|| {
        let windows = availability.iter().filter(|window| window.holds_on(date));
        windows.filter_map(|window| zone.window_span(date, window.start, window.end)).collect()
    }))
}
