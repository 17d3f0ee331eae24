//! Which rows a question needs: so that the edge reads little and still all that could matter. Reads nothing itself.

use chrono::NaiveDate;

use crate::booking::clinic::{ClinicSettings, Provider, SlotAlignment, opening};
use crate::booking::place::{MAX_DURATION, MAX_PAUSE, Pauses};
use crate::time::calendar::add_days;
use crate::time::interval::{Instant, Minutes, Span};
use crate::time::zone::Zone;

/// The time zone's transitions are needed this many days before the first and after the last date of a question.
pub const ZONE_MARGIN_DAYS: i64 = 7;

/// The bookings a question needs. Of the rows with `first_date <= local_date <= last_date` those with
///
/// - `from <= local_date <= to` (they count for caps, neighbors and rooms in use), or
/// - busy time of provider or room after `lo` and start before `hi` (they may be in the way).
///
/// And of the rows of later dates, up to `last_prepared`, those whose busy time begins before `hi`: they are prepared for then.
///
/// And of the time off whatever overlaps `[lo, hi)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToLoad {
    /// First date of the question.
    pub from: NaiveDate,
    /// Last date of the question.
    pub to: NaiveDate,
    /// No slot and no gap that matters begins before, what is taken before it included.
    pub lo: Instant,
    /// Every place on the grid, whether open to its end or not, has ended by then, what is taken after it included.
    pub hi: Instant,
    /// Earliest local date of a booking that may reach `lo`, or `from`.
    pub first_date: NaiveDate,
    /// Latest local date of a booking that may start before `hi`, or `to`.
    pub last_date: NaiveDate,
    /// Latest local date of a booking that may be prepared for before `hi`.
    pub last_prepared: NaiveDate,
}

impl ToLoad {
    /// For slots of `duration` on the dates `from` to `to`. `pauses` are the longest that providers and rooms have beside
    /// one.
    #[must_use]
    pub fn of_dates(
        settings: &ClinicSettings,
        providers: &[Provider],
        duration: Minutes,
        pauses: Pauses,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Self {
        let zone = &settings.zone;
        let lo = match settings.slot_alignment {
            SlotAlignment::Window => zone.day_start(from),
            // Where the gaps of a window begin depends on what happens since it opened.
            SlotAlignment::Gap => first_opening(zone, providers, from),
        };
        let hi = last_opening(zone, providers, to) + duration + pauses.after;
        Self::around(zone, from, to, lo - pauses.before, hi)
    }

    /// For one slot, at whatever time.
    #[must_use]
    pub fn of_start(settings: &ClinicSettings, duration: Minutes, pauses: Pauses, start: Instant) -> Self {
        let date = settings.zone.local_date(start);
        let busy = pauses.around(Span { start, end: start + duration });
        Self::around(&settings.zone, date, date, busy.start, busy.end)
    }

    /// For the questions of both: to explain one instant take the hull of its date and its start.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        Self {
            from: self.from.min(other.from),
            to: self.to.max(other.to),
            lo: self.lo.min(other.lo),
            hi: self.hi.max(other.hi),
            first_date: self.first_date.min(other.first_date),
            last_date: self.last_date.max(other.last_date),
            last_prepared: self.last_prepared.max(other.last_prepared),
        }
    }

    fn around(zone: &Zone, from: NaiveDate, to: NaiveDate, lo: Instant, hi: Instant) -> Self {
        let reaches_lo = lo - MAX_DURATION - MAX_PAUSE;
        let (earliest, latest) = (zone.local_date(reaches_lo), zone.local_date(hi));
        let prepared = hi + MAX_PAUSE;
        // A fold at midnight lets the date before, or the date after, come once more.
        let yesterday = add_days(earliest, -1);
        let tomorrow = add_days(latest, 1);
        let first_date = if zone.day_end(yesterday) > reaches_lo { yesterday } else { earliest };
        let last_date = if zone.day_start(tomorrow) < hi { tomorrow } else { latest };
        let last_date = last_date.max(to);
        let last_prepared = add_days(zone.local_date(prepared), 1).max(last_date);
        Self { from, to, lo, hi, first_date: first_date.min(from), last_date, last_prepared }
    }
}

/// When the first window opens that reaches into `date`; when the date begins, if that is earlier.
fn first_opening(zone: &Zone, providers: &[Provider], date: NaiveDate) -> Instant {
    let midnight = zone.day_start(date);
    let windows = windows_around(zone, providers, date).filter(|window| window.end > midnight);
    windows.map(|window| window.start).fold(midnight, Instant::min)
}

/// Until when a place may start by the end of `date`. Windows that aren't around the date end before it begins.
fn last_opening(zone: &Zone, providers: &[Provider], date: NaiveDate) -> Instant {
    let (midnight, next_midnight) = (zone.day_start(date), zone.day_end(date));
    let windows = windows_around(zone, providers, date).filter(|window| window.start < next_midnight);
    windows.map(|window| window.end.min(next_midnight)).fold(midnight, Instant::max)
}

/// Every window that starts near enough to `date` to contain an instant of it.
fn windows_around<'a>(
    zone: &'a Zone,
    providers: &'a [Provider],
    date: NaiveDate,
) -> impl Iterator<Item = Span> + 'a {
    let dates = (-2..=1).map(move |days| add_days(date, days));
    dates.flat_map(move |date| providers.iter().flat_map(move |provider| opening(zone, provider, None, date)))
}
