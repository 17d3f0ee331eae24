//! A time zone as a list of offsets, and the way from wall-clock time to instants and back. The list comes from
//! PostgreSQL's own tz database, so that the core and plain SQL never disagree; this module must not know any zone.

use chrono::NaiveDate;

use super::calendar::{WallTime, date_from_days, days_from_date};
use crate::time::interval::{Instant, MICROS_PER_DAY, MICROS_PER_SECOND, Span};

/// From this instant on, local time is UTC plus this offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The first instant with the new offset.
    pub at: Instant,
    /// Seconds to add to UTC.
    pub offset_seconds: i32,
}

/// The offsets of one time zone over the instants a question can reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    name: String,
    initial_offset_seconds: i32,
    transitions: Vec<Transition>,
}

/// No offset is larger, east or west: the real ones stay below 16 hours. Bounds every search below.
const MAX_OFFSET_SECONDS: i32 = 24 * 60 * 60;

/// A stretch of constant offset: `[from, until)`.
#[derive(Clone, Copy)]
struct Stretch {
    from: i64,
    until: i64,
    offset: i64,
}

/// Whether a local time belongs to what is asked for.
#[derive(Clone, Copy)]
enum Limit {
    Included,
    Excluded,
}

impl Zone {
    /// A zone with `initial_offset_seconds` before the first transition. Offsets are cut off at ±24 hours.
    #[must_use]
    pub fn new(initial_offset_seconds: i32, mut transitions: Vec<Transition>) -> Self {
        let clamp = |seconds: i32| seconds.clamp(-MAX_OFFSET_SECONDS, MAX_OFFSET_SECONDS);
        transitions.sort_by_key(|transition| transition.at);
        for transition in &mut transitions {
            transition.offset_seconds = clamp(transition.offset_seconds);
        }
        Self { name: String::new(), initial_offset_seconds: clamp(initial_offset_seconds), transitions }
    }

    /// The same with the name that people know it by.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// The name; empty where none was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether another instant has the same local time, because clocks were put back.
    #[must_use]
    pub fn is_repeated(&self, instant: Instant) -> bool {
        let mut before = self.initial_offset_seconds;
        self.transitions.iter().any(|transition| {
            let back = i64::from(before - transition.offset_seconds) * MICROS_PER_SECOND;
            before = transition.offset_seconds;
            back > 0 && (transition.at.0 - back..transition.at.0 + back).contains(&instant.0)
        })
    }

    /// A zone with one offset for ever.
    #[must_use]
    pub fn fixed(offset_seconds: i32) -> Self {
        Self::new(offset_seconds, Vec::new())
    }

    /// Seconds that local time is ahead of UTC at `instant`.
    #[must_use]
    pub fn offset_at(&self, instant: Instant) -> i32 {
        match self.transitions.partition_point(|transition| transition.at <= instant) {
            0 => self.initial_offset_seconds,
            passed => self.transitions[passed - 1].offset_seconds,
        }
    }

    /// When the clocks change next, after `instant`.
    #[must_use]
    pub fn next_change(&self, instant: Instant) -> Option<Instant> {
        let passed = self.transitions.partition_point(|transition| transition.at <= instant);
        self.transitions.get(passed).map(|transition| transition.at)
    }

    /// The clinic's date at `instant`.
    #[must_use]
    pub fn local_date(&self, instant: Instant) -> NaiveDate {
        date_from_days(self.local_micros(instant).div_euclid(MICROS_PER_DAY))
    }

    /// The clinic's time of day at `instant`: never 24:00.
    #[must_use]
    pub fn wall_time(&self, instant: Instant) -> WallTime {
        WallTime::within_day(self.local_micros(instant))
    }

    /// The first instant of `date`. Where midnight is skipped, the end of the gap; for a date that was skipped as a
    /// whole (Pacific/Apia, 2011-12-30) the start of the next one.
    #[must_use]
    pub fn day_start(&self, date: NaiveDate) -> Instant {
        self.first_at_or_after(local_midnight(date))
    }

    /// The end of `date`: from here on no instant has that date or an earlier one.
    #[must_use]
    pub fn day_end(&self, date: NaiveDate) -> Instant {
        self.end_of_times_up_to(local_midnight(date).saturating_add(MICROS_PER_DAY), Limit::Excluded)
    }

    /// From the first instant of `date` to its end. `None` for a date that was skipped. Around a fold at midnight the
    /// days of two dates overlap: some zones went from 00:01 back to 23:01 of the day before.
    #[must_use]
    pub fn day(&self, date: NaiveDate) -> Option<Span> {
        Span::new(self.day_start(date), self.day_end(date))
    }

    /// The instant of a time of day on `date`: its first occurrence, or the end of the gap that it is in.
    #[must_use]
    pub fn at(&self, date: NaiveDate, time: WallTime) -> Instant {
        self.first_at_or_after(local_midnight(date).saturating_add(time.micros()))
    }

    /// The instants of a window that starts on `date`. `end <= start` means the next date's `end`. A start in a fold
    /// is its first occurrence, an end its last; an edge in a gap moves to the gap's end. `None` if nothing is left.
    #[must_use]
    pub fn window_span(&self, date: NaiveDate, start: WallTime, end: WallTime) -> Option<Span> {
        let midnight = local_midnight(date);
        let overnight = if end <= start { MICROS_PER_DAY } else { 0 };
        let local_start = midnight.saturating_add(start.micros());
        let local_end = midnight.saturating_add(end.micros() + overnight);
        Span::new(self.first_at_or_after(local_start), self.end_of_times_up_to(local_end, Limit::Included))
    }

    /// Date and time of day at `instant` in one step, the date as PostgreSQL counts: days since 2000-01-01. For answers of
    /// many rows.
    #[must_use]
    pub fn pg_local(&self, instant: Instant) -> (i32, WallTime) {
        let local = self.local_micros(instant);
        // The years 1900 to 2199 are far inside i32.
        (local.div_euclid(MICROS_PER_DAY) as i32, WallTime::within_day(local))
    }

    fn local_micros(&self, instant: Instant) -> i64 {
        let offset = i64::from(self.offset_at(instant)) * MICROS_PER_SECOND;
        instant.0.saturating_add(offset)
    }

    /// The first instant whose local time is at or after `local`: its first occurrence, or the end of its gap.
    fn first_at_or_after(&self, local: i64) -> Instant {
        let safely_before = local.saturating_sub(2 * MICROS_PER_DAY);
        let passed = self.transitions.partition_point(|transition| transition.at.0 <= safely_before);
        let found = (passed..=self.transitions.len())
            .map(|index| self.stretch(index))
            .find(|stretch| local.saturating_sub(stretch.offset) < stretch.until);
        // The last stretch never ends, so one is always found.
        found
            .map_or(Instant(local), |stretch| Instant(local.saturating_sub(stretch.offset).max(stretch.from)))
    }

    /// The end of all instants whose local time is before `local`. If `local` itself is included: its last occurrence.
    /// Where `local` is in a gap, the gap's end either way.
    fn end_of_times_up_to(&self, local: i64, limit: Limit) -> Instant {
        let safely_after = local.saturating_add(2 * MICROS_PER_DAY);
        let passed = self.transitions.partition_point(|transition| transition.at.0 <= safely_after);
        let found = (0..=passed).rev().map(|index| self.stretch(index)).find(|stretch| {
            let first_local = stretch.from.saturating_add(stretch.offset);
            first_local < local || (first_local == local && matches!(limit, Limit::Included))
        });
        // The first stretch has no beginning, so one is always found.
        found.map_or(Instant(local), |stretch| {
            Instant(local.saturating_sub(stretch.offset).min(stretch.until))
        })
    }

    /// The stretch before transition `index`; the one after the last for `index` = their number.
    fn stretch(&self, index: usize) -> Stretch {
        let before = index.checked_sub(1).map(|before| self.transitions[before]);
        let seconds = before.map_or(self.initial_offset_seconds, |transition| transition.offset_seconds);
        Stretch {
            from: before.map_or(i64::MIN, |transition| transition.at.0),
            until: self.transitions.get(index).map_or(i64::MAX, |transition| transition.at.0),
            offset: i64::from(seconds) * MICROS_PER_SECOND,
        }
    }
}

/// Local microseconds, on the instants' scale but without any offset, at the start of `date`.
fn local_midnight(date: NaiveDate) -> i64 {
    days_from_date(date) * MICROS_PER_DAY
}
