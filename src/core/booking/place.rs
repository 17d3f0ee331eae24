//! The time that a booking takes of its provider and its room. The triggers call this, so does slot finding.

use chrono::NaiveDate;

use crate::time::interval::{Instant, Minutes, Span};
use crate::time::zone::Zone;

/// A booking lasts at most this long. So reading the bookings from one day earlier finds every one that reaches into
/// a date.
pub const MAX_DURATION: Minutes = Minutes(24 * 60);

/// A buffer or turnover lasts at most this long.
pub const MAX_PAUSE: Minutes = Minutes(24 * 60);

/// The provider's busy time: the appointment and the buffer after it.
#[must_use]
pub fn provider_busy(during: Span, buffer: Minutes) -> Span {
    followed_by(during, buffer)
}

/// The room's busy time: the appointment and the turnover after it.
#[must_use]
pub fn room_busy(during: Span, turnover: Minutes) -> Span {
    followed_by(during, turnover)
}

/// Busy time of a booking that goes to `during` and keeps the pause that it had: it was at `was`, and kept others away until
/// `until`.
#[must_use]
pub const fn as_busy_as_before(during: Span, was: Span, until: Instant) -> Span {
    Span { start: during.start, end: Instant(during.end.0 + until.0 - was.end.0) }
}

fn followed_by(during: Span, pause: Minutes) -> Span {
    Span { start: during.start, end: (during.end + pause).max(during.end) }
}

/// The local dates from one instant to just before another: at most four, as nothing lasts over 48 hours.
#[must_use]
pub fn days_between(zone: &Zone, start: Instant, end: Instant) -> Vec<NaiveDate> {
    const MOST: usize = 5;
    let (one, other) = (zone.local_date(start), zone.local_date(Instant(end.0 - 1)));
    // In a fold at midnight the clock goes back to the date before.
    let (first, last) = (one.min(other), one.max(other));
    first.iter_days().take_while(|day| *day <= last).take(MOST).collect()
}
