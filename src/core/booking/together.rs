//! Several bookings moved at once, all or none: which of them move, in which order they are placed, and where a shift
//! takes a start.

use crate::booking::status::Status;
use crate::time::calendar::add_days;
use crate::time::interval::{Instant, TIME};
use crate::time::zone::Zone;
use crate::word::Word;

/// Most bookings that one call moves.
pub const MAX_TOGETHER: usize = 1_000;

/// Most days that a shift goes, either way.
pub const MAX_SHIFT_DAYS: i64 = 366;

/// The statuses whose bookings move together with others.
#[must_use]
pub fn moving_statuses() -> Vec<&'static str> {
    let moving = Status::WORDS.iter().filter(|status| moves_together(**status));
    moving.map(|status| status.as_str()).collect()
}

/// Whether a booking of this status moves together with others. The patient may be in the house already, and waits; what
/// is over stays.
#[must_use]
pub const fn moves_together(status: Status) -> bool {
    match status {
        Status::Pending | Status::Booked | Status::Arrived | Status::CheckedIn => true,
        Status::Proposed
        | Status::Fulfilled
        | Status::Cancelled
        | Status::NoShow
        | Status::Waitlist
        | Status::EnteredInError => false,
    }
}

/// How far a start goes: whole days by the calendar, so that the time of day stays over a change of the clock, then
/// elapsed time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// Days by the calendar.
    pub days: i64,
    /// Microseconds after that.
    pub micros: i64,
}

impl Shift {
    /// Whether it goes nowhere.
    #[must_use]
    pub const fn is_nothing(self) -> bool {
        self.days == 0 && self.micros == 0
    }

    /// Where a start goes; `None` beyond [`TIME`]. A time of day that the clock skips is the end of its gap; of one that
    /// comes twice a start keeps its place in time as near as can be: the first.
    #[must_use]
    pub fn of(self, zone: &Zone, start: Instant) -> Option<Instant> {
        let on_date = match self.days {
            0 => start,
            days => zone.at(add_days(zone.local_date(start), days), zone.wall_time(start)),
        };
        let shifted = Instant(on_date.0.checked_add(self.micros)?);
        TIME.contains(&shifted).then_some(shifted)
    }
}

/// The key by which bookings that were taken up together are put down again, lowest first. One that stays on its provider's
/// day keeps its seat there, so it comes before those that look for one. One that is to be beside another comes after all
/// that aren't.
#[must_use]
pub const fn placing_order(is_overbooked: bool, keeps_day: bool, id: i64) -> (bool, bool, i64) {
    (is_overbooked, !keeps_day, id)
}
