//! Windows that are kept for some appointment types until some time before: places for urgent cases, until the day before.

use chrono::NaiveDate;

use crate::booking::hours::OpeningWindow;
use crate::ids::{AppointmentTypeId, ProviderId, ReservedWindowId};
use crate::time::calendar::add_days;
use crate::time::interval::{Instant, Span};
use crate::time::zone::Zone;

/// `clinic.reserved_windows`, with the types it is kept for.
#[derive(Clone, Debug)]
pub struct ReservedWindow {
    /// Its id.
    pub id: ReservedWindowId,
    /// Of this provider only; `None` = of each.
    pub provider: Option<ProviderId>,
    /// When, by the clinic's clock.
    pub window: OpeningWindow,
    /// The types that it is kept for, with their names.
    pub types: Vec<(AppointmentTypeId, String)>,
    /// How long before its start it opens for all; `None` = never.
    pub release: Option<Before>,
}

/// So long before something: days by the calendar, then time by the clock.
#[derive(Clone, Copy, Debug)]
pub struct Before {
    /// Days.
    pub days: i64,
    /// Microseconds.
    pub micros: i64,
}

/// One time that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The time.
    pub span: Span,
    /// When it opens for all; `None` = never.
    pub until: Option<Instant>,
}

impl ReservedWindow {
    /// Whether it keeps a provider's time from appointments of a type.
    #[must_use]
    pub fn keeps(&self, provider: ProviderId, from: AppointmentTypeId) -> bool {
        self.provider.is_none_or(|only| only == provider) && self.types.iter().all(|(id, _)| *id != from)
    }

    /// What it still keeps at `now` of the windows that start on `date`.
    #[must_use]
    pub fn kept_on(&self, zone: &Zone, date: NaiveDate, now: Instant) -> Option<Kept> {
        let span = self.window.span_on(zone, date)?;
        let until = self.release.map(|before| {
            let by_days = zone.at(add_days(date, -before.days), self.window.weekly.start);
            Instant(by_days.0.saturating_sub(before.micros))
        });
        until.is_none_or(|until| now < until).then_some(Kept { span, until })
    }
}
