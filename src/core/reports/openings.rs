//! When providers and rooms are open, date by date, so that every instant is counted once. Knows no bookings.
//!
//! A window counts, with all of its time, to the date it **starts** on, even where it runs past midnight. Where it runs
//! into a window of the next date, the time they share counts to the earlier date.

use chrono::NaiveDate;

use crate::booking::clinic::{Provider, Room, TimeOff, TimeOffScope, opening};
use crate::booking::hours::bounds;
use crate::time::calendar::{add_days, count_days};
use crate::time::interval::{Instant, Span, clip, subtract, union};
use crate::time::zone::Zone;

/// A stretch of opening time. In lists: by start, none sharing an instant with another; two of different dates may
/// touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The date it counts to.
    pub date: NaiveDate,
    /// The time itself.
    pub span: Span,
}

/// The dates in question, the clinic's, both included.
#[derive(Clone, Copy, Debug)]
pub struct Dates<'a> {
    /// The clinic's time zone.
    pub zone: &'a Zone,
    /// First date.
    pub from: NaiveDate,
    /// Last date.
    pub to: NaiveDate,
    /// A disabled provider has opening time on earlier dates only: it is offered no more, but was.
    pub today: NaiveDate,
}

/// The windows of a provider. Time off isn't taken away.
#[must_use]
pub fn provider_windows(dates: &Dates<'_>, provider: &Provider) -> Vec<Opening> {
    each_once(dates, |date| windows_on(dates, provider, date))
}

/// When any of the providers is at work: what rooms are open for. Time off of providers and clinic is taken away.
#[must_use]
pub fn house_hours(dates: &Dates<'_>, providers: &[Provider], time_off: &[TimeOff]) -> Vec<Opening> {
    let at_work: Vec<_> = providers
        .iter()
        .map(|provider| (provider, time_off_of(time_off, TimeOffScope::Provider(provider.id))))
        .collect();
    each_once(dates, |date| {
        let spans =
            at_work.iter().flat_map(|(provider, off)| subtract(&windows_on(dates, provider, date), off));
        union(spans.collect())
    })
}

/// What of the house's hours a room is open for: all, unless it has hours of its own.
#[must_use]
pub fn room_windows(dates: &Dates<'_>, house: &[Opening], room: &Room) -> Vec<Opening> {
    let Some(hours) = bounds(dates.zone, &room.hours, dates.from, dates.to) else { return house.to_vec() };
    let within = |opening: &Opening| {
        let date = opening.date;
        clip(&hours, opening.span).into_iter().map(move |span| Opening { date, span })
    };
    house.iter().flat_map(within).collect()
}

/// Openings without `time_off`, which is normalized.
#[must_use]
pub fn without(openings: &[Opening], time_off: &[Span]) -> Vec<Opening> {
    let left = |opening: &Opening| {
        let date = opening.date;
        subtract(&[opening.span], time_off).into_iter().map(move |span| Opening { date, span })
    };
    openings.iter().flat_map(left).collect()
}

/// The time off of a provider or room, and that of the clinic, normalized.
#[must_use]
pub fn time_off_of(time_off: &[TimeOff], scope: TimeOffScope) -> Vec<Span> {
    union(time_off.iter().filter(|row| concerns(row, scope)).map(|row| row.during).collect())
}

/// Whether a time off takes away time of a provider or room: its own or the clinic's.
#[must_use]
pub fn concerns(time_off: &TimeOff, scope: TimeOffScope) -> bool {
    time_off.scope == scope || time_off.scope == TimeOffScope::Clinic
}

/// The date that something at `start` counts to: that of the window it is in, else the clinic's date.
#[must_use]
pub fn date_of(zone: &Zone, windows: &[Opening], start: Instant) -> NaiveDate {
    let begun = windows.partition_point(|window| window.span.start <= start);
    let within = begun.checked_sub(1).map(|last| windows[last]).filter(|window| start < window.span.end);
    within.map_or_else(|| zone.local_date(start), |window| window.date)
}

fn windows_on(dates: &Dates<'_>, provider: &Provider, date: NaiveDate) -> Vec<Span> {
    if provider.enabled || date < dates.today {
        opening(dates.zone, provider, None, date)
    } else {
        Vec::new()
    }
}

/// The spans of each date without what the date before has already. No window reaches farther than into the next date.
fn each_once(dates: &Dates<'_>, spans_on: impl Fn(NaiveDate) -> Vec<Span>) -> Vec<Opening> {
    let mut openings = Vec::new();
    let mut earlier = spans_on(add_days(dates.from, -1));
    for day in 0..count_days(dates.from, dates.to) as i64 {
        let date = add_days(dates.from, day);
        let spans = spans_on(date);
        openings.extend(subtract(&spans, &earlier).into_iter().map(|span| Opening { date, span }));
        earlier = spans;
    }
    openings
}
