//! Absence: a doctor is away, or a room can't be used; each booking that this touches is to have the best place elsewhere, all
//! of them different.
//!
//! Best by a clear order: as many bookings as can be get a place; then the fewest days from their own dates; then the
//! fewest patients with another provider; then the fewest minutes from their own times of day; then the fewest other
//! rooms; then the highest quality. [`places()`] says which places a booking could have, [`assign()`] chooses among them.

mod assign;
mod fit;
mod jointly;
mod nearest;
mod places;

use chrono::NaiveDate;

pub use assign::{Plan, assign};
pub use jointly::Jointly;
pub use places::places;

use crate::booking::clinic::{Moving, TimeOffScope};
use crate::booking::score::Score;
use crate::ids::{ProviderId, RoomId};
use crate::time::interval::Span;
use crate::words;

/// Most days from its own date that a booking may be planned.
pub const MAX_FLEXIBLE_DAYS: i64 = 60;

/// Most bookings that one absence may touch.
pub const MAX_AFFECTED: usize = 200;

/// How many places of each of so many bookings are kept: the nearest, and as many of those farther away.
#[must_use]
pub fn places_of_each(bookings: usize) -> usize {
    (100_000 / bookings.max(1)).clamp(500, 5_000)
}

/// What isn't there, and when.
#[derive(Clone, Copy, Debug)]
pub struct Absence {
    /// A provider or a room.
    pub of: TimeOffScope,
    /// For how long.
    pub during: Span,
}

impl Absence {
    /// Whether a place needs what isn't there.
    #[must_use]
    pub fn touches(&self, provider: ProviderId, room: Option<RoomId>, slot: Span) -> bool {
        let needs_it = match self.of {
            TimeOffScope::Provider(away) => away == provider,
            TimeOffScope::Room(away) => Some(away) == room,
            TimeOffScope::Clinic => true,
        };
        needs_it && slot.overlaps(self.during)
    }
}

/// A booking that has to go elsewhere.
#[derive(Clone, Debug)]
pub struct Affected {
    /// The booking as it is.
    pub moving: Moving,
    /// The app's key of the patient.
    pub patient: Option<String>,
    /// The patient is in the house: no other day will do.
    pub is_here: bool,
}

/// A place that a booking could have instead of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// With whom.
    pub provider: ProviderId,
    /// Where; `None` = in no room.
    pub room: Option<RoomId>,
    /// When.
    pub slot: Span,
    /// The clinic's date.
    pub date: NaiveDate,
    /// Whether it is beside a normal booking.
    pub is_overbooked: bool,
    /// When the provider would be kept.
    pub provider_busy: Span,
    /// When the room would be kept; the appointment itself where there is none.
    pub room_busy: Span,
    /// How many more bookings of this kind the provider's day takes, all that are touched left out; `None` where the booking
    /// keeps the seat that it has.
    pub seats_left: Option<i64>,
    /// How far it is from the booking's own place.
    pub distance: Distance,
}

impl Place {
    /// All the time that the provider or the room would be kept.
    #[must_use]
    pub(crate) fn kept(&self) -> Span {
        Span {
            start: self.provider_busy.start.min(self.room_busy.start),
            end: self.provider_busy.end.max(self.room_busy.end),
        }
    }
}

/// How far a place is from the booking's own: the gravest part first, less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Distance {
    /// Days from its own date, either way.
    pub days: i64,
    /// With another provider.
    pub is_other_provider: bool,
    /// Minutes from its own time of day, either way.
    pub minutes: i64,
    /// In another room.
    pub is_other_room: bool,
    /// How much its quality lacks of the best.
    pub lack: u16,
}

impl Distance {
    /// The quality score of the place.
    #[must_use]
    pub const fn quality(self) -> Score {
        Score::of_ten_thousandths(Score::BEST.ten_thousandths() - self.lack)
    }
}

words! {
    /// Why a booking has no place in a plan.
    pub enum NoPlace {
        /// No place at all is free for it.
        NoneFree = "none_free",
        /// Every place that is free for it goes to another booking.
        GoneToOthers = "gone_to_others",
        /// It is in a group visit, which isn't torn apart.
        GroupVisit = "group_visit",
    }
}

impl NoPlace {
    /// The reason in words.
    #[must_use]
    pub fn sentence(self, flexible_days: i64, is_here: bool) -> String {
        let within = match (is_here, flexible_days) {
            (true, _) | (_, 0) => "on its own date".to_owned(),
            (_, 1) => "within a day of its own date".to_owned(),
            (_, days) => format!("within {days} days of its own date"),
        };
        match self {
            Self::NoneFree => format!("nothing {within} is free for it"),
            Self::GoneToOthers => format!("what {within} is free for it goes to other bookings of the plan"),
            Self::GroupVisit => "it is in a group visit, which moves as one: reschedule_session()".to_owned(),
        }
    }
}
