//! Opening time: weekly windows with what only bookings know of them, and the overrides that replace them.

use chrono::{Datelike, NaiveDate};

use crate::ids::{AppointmentTypeId, RoomId, SiteId};
use crate::time::calendar::{add_days, count_days, is_week_of_month, weeks_between};
use crate::time::interval::{Span, union};
use crate::time::windows::{WeeklyWindow, WindowOverride, overridden_on};
use crate::time::zone::Zone;

/// Clocks of two zones are at most 26 hours apart: what starts on a date of one starts that near to it in the other.
pub const DAYS_BETWEEN_ZONES: i64 = 2;

/// A window that starts so many days before a date can still be open on it: it ends by 24:00 of the next date, which
/// a fold at midnight may repeat.
pub(super) const DAYS_BEFORE: i64 = 2;

/// Windows of so many later dates matter for a slot of a date: a fold can take local time back by up to a day, and a
/// slot may run on for [`MAX_DURATION`](crate::booking::place::MAX_DURATION), over a date that was skipped.
pub(super) const DAYS_AFTER: i64 = 4;

/// `clinic.provider_availability`, `appointment_type_hours` or `room_availability`: a weekly window of opening time.
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
    /// For this type only.
    pub appointment_type: Option<AppointmentTypeId>,
    /// In this room only.
    pub room: Option<RoomId>,
    /// In the rooms of this site only.
    pub site: Option<SiteId>,
    /// Whether it opens on holidays, too.
    pub open_on_holidays: bool,
}

/// `clinic.holidays`: a date on which no window opens, at a site or anywhere, but those marked open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holiday {
    /// The date.
    pub on_date: NaiveDate,
    /// Whether it is one in every year.
    pub is_yearly: bool,
    /// Its name.
    pub name: String,
    /// Where; `None` = at all sites.
    pub site: Option<SiteId>,
}

impl Holiday {
    /// Whether it falls on `date`.
    #[must_use]
    pub fn falls_on(&self, date: NaiveDate) -> bool {
        let day = |date: NaiveDate| (date.month(), date.day());
        self.on_date == date || (self.is_yearly && day(self.on_date) == day(date))
    }

    /// Whether it closes what is at a site (`None` = at none, or at any of several).
    #[must_use]
    pub fn is_at(&self, site: Option<SiteId>) -> bool {
        self.site.is_none() || self.site == site
    }
}

impl OpeningWindow {
    /// A window of every week, by the clinic's clock.
    #[must_use]
    pub const fn every_week(weekly: WeeklyWindow) -> Self {
        Self {
            weekly,
            every_weeks: 1,
            weeks_of_month: Vec::new(),
            zone: None,
            appointment_type: None,
            room: None,
            site: None,
            open_on_holidays: false,
        }
    }

    /// Whether it is open for a type.
    #[must_use]
    pub fn is_for(&self, appointment_type: AppointmentTypeId) -> bool {
        self.appointment_type.is_none_or(|only| only == appointment_type)
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

    /// When it is open from a start on `date`, the date and the times by the clock of `zone`.
    pub(super) fn span_on(&self, zone: &Zone, date: NaiveDate) -> Option<Span> {
        let WeeklyWindow { start, end, .. } = self.weekly;
        self.holds_on(date).then(|| zone.window_span(date, start, end)).flatten()
    }

    /// When it is open from a start on `date`, the clinic's, with its weekday.
    #[inline]
    fn on(&self, zone: &Zone, (date, weekday): (NaiveDate, u8), open: &mut Vec<Span>) {
        match &self.zone {
            None if self.weekly.day_of_week != weekday => (),
            None => open.extend(self.span_on(zone, date)),
            Some(own) => {
                let near = (-DAYS_BETWEEN_ZONES..=DAYS_BETWEEN_ZONES).map(|days| add_days(date, days));
                let spans = near.filter_map(|date| self.span_on(own, date));
                open.extend(spans.filter(|span| zone.local_date(span.start) == date));
            }
        }
    }
}

/// When windows and overrides are open that **start** on `date`, the clinic's, joined where they touch or overlap. They may
/// end on the next date. They add up: one that names a type, a room or a site adds to those that don't, it takes nothing away.
#[must_use]
pub fn open_on<'w>(
    zone: &Zone,
    windows: impl IntoIterator<Item = &'w OpeningWindow>,
    overrides: &[WindowOverride],
    date: NaiveDate,
) -> Vec<Span> {
    if let Some(spans) = overridden_on(zone, overrides, date) {
        return union(spans);
    }
    // Six of seven windows are of another weekday.
    let day = (date, date.weekday().number_from_monday() as u8);
    let mut open = Vec::new();
    windows.into_iter().for_each(|window| window.on(zone, day, &mut open));
    union(open)
}

/// All time within the windows of a type or room from some days before `from` to some days after `to`, normalized; `None`
/// where there is no window, and so no bound.
#[must_use]
pub fn bounds(zone: &Zone, windows: &[OpeningWindow], from: NaiveDate, to: NaiveDate) -> Option<Vec<Span>> {
    if windows.is_empty() {
        return None;
    }
    Some(union(dates_around(from, to).flat_map(|date| open_on(zone, windows, &[], date)).collect()))
}

/// The dates on which windows start that matter for slots on the dates `from` to `to`.
pub(super) fn dates_around(from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let first = add_days(from, -DAYS_BEFORE);
    (0..count_days(first, add_days(to, DAYS_AFTER)) as i64).map(move |day| add_days(first, day))
}
