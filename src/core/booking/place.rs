//! The time that a booking takes of its provider and its room. The triggers call this, so does slot finding.

use chrono::NaiveDate;

use crate::time::interval::{Instant, Minutes, Span};
use crate::time::zone::Zone;

/// A booking lasts at most this long. So reading the bookings from one day earlier finds every one that reaches into
/// a date.
pub const MAX_DURATION: Minutes = Minutes(24 * 60);

/// What a booking takes beside its appointment lasts at most this long on each side.
pub const MAX_PAUSE: Minutes = Minutes(24 * 60);

/// The time beside an appointment that is taken, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pauses {
    /// Before it.
    pub before: Minutes,
    /// After it.
    pub after: Minutes,
}

impl Pauses {
    /// The appointment and the pauses on both sides.
    #[must_use]
    pub fn around(self, during: Span) -> Span {
        Span {
            start: (during.start - self.before).min(during.start),
            end: (during.end + self.after).max(during.end),
        }
    }

    /// The pauses of a booking.
    #[must_use]
    pub fn between(during: Span, busy: Span) -> Self {
        Self {
            before: Span { start: busy.start, end: during.start }.whole_minutes(),
            after: Span { start: during.end, end: busy.end }.whole_minutes(),
        }
    }

    /// The longer of each.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self { before: self.before.max(other.before), after: self.after.max(other.after) }
    }

    /// The same, and at least so long after it: a buffer or turnover.
    #[must_use]
    pub fn and_after(self, after: Minutes) -> Self {
        Self { after: self.after.max(after), ..self }
    }
}

/// Busy time of a booking that goes to `during` and keeps the pauses that it had: it was at `was`, and kept others away for
/// `busy`.
#[must_use]
pub const fn as_busy_as_before(during: Span, was: Span, busy: Span) -> Span {
    Span {
        start: Instant(during.start.0 - (was.start.0 - busy.start.0)),
        end: Instant(during.end.0 + busy.end.0 - was.end.0),
    }
}

/// Pauses of a booking that becomes another type's. What the types say is `old` and `new`. The buffer stays that it was given:
/// whatever is longer than the old type says; else today's, if that isn't longer.
#[must_use]
pub fn retyped(given: Pauses, old: Pauses, new: Pauses, buffer: Minutes) -> Pauses {
    let kept = if given.after > old.after { given.after } else { given.after.min(buffer) };
    new.and_after(kept)
}

/// The local dates from one instant to just before another: at most five, as nothing lasts over 72 hours.
#[must_use]
pub fn days_between(zone: &Zone, start: Instant, end: Instant) -> Vec<NaiveDate> {
    const MOST: usize = 6;
    let (one, other) = (zone.local_date(start), zone.local_date(Instant(end.0 - 1)));
    // In a fold at midnight the clock goes back to the date before.
    let (first, last) = (one.min(other), one.max(other));
    first.iter_days().take_while(|day| *day <= last).take(MOST).collect()
}
