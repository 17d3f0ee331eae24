//! What becomes of a series' bookings when it is changed as a whole.

use chrono::{Datelike, NaiveDate};

use crate::booking::status::Status;
use crate::time::calendar::{WallTime, add_days};
use crate::time::interval::Instant;
use crate::time::zone::Zone;

/// Whether a change of the series from a date on, or from now on, concerns a booking: it hasn't begun.
#[must_use]
pub fn is_to_come(date: NaiveDate, start: Instant, from: Option<NaiveDate>, now: Instant) -> bool {
    start > now && from.is_none_or(|from| date >= from)
}

/// Whether a booking that is to come ends with its series, or has ended so already. What is known of its patient stays:
/// that they are in the house, or won't come.
#[must_use]
pub const fn ends_with_series(status: Status) -> bool {
    match status {
        Status::Proposed | Status::Pending | Status::Booked | Status::Waitlist | Status::Cancelled => true,
        Status::Arrived | Status::CheckedIn | Status::Fulfilled | Status::NoShow | Status::EnteredInError => {
            false
        }
    }
}

/// The start of a booking at another time of day, on another ISO weekday of its week. A time that the clock skips is the end
/// of its gap; of one that comes twice it is the first.
#[must_use]
pub fn moved_start(zone: &Zone, start: Instant, time: Option<WallTime>, weekday: Option<u32>) -> Instant {
    let date = zone.local_date(start);
    let days =
        weekday.map_or(0, |weekday| i64::from(weekday) - i64::from(date.weekday().number_from_monday()));
    if days == 0 && time.is_none_or(|time| time == zone.wall_time(start)) {
        return start;
    }
    zone.at(add_days(date, days), time.unwrap_or_else(|| zone.wall_time(start)))
}
