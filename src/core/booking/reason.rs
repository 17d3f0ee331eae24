//! The codes: why a place isn't offered. One list for finding, booking and explaining; the README documents it.

use std::fmt;

use crate::ids::{BookingId, TimeOffId};

/// How a slot would be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// In the provider's free time, within the daily cap.
    Normal,
    /// Beside a booking or beyond the daily cap.
    Overbooked,
}

/// Why a slot is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// The provider is disabled.
    ProviderDisabled,
    /// The room is disabled.
    RoomDisabled,
    /// The room is of another type than the appointment type needs.
    WrongRoomType,
    /// The room lacks equipment that the appointment type needs.
    MissingEquipment,
    /// Outside the provider's opening time.
    Closed,
    /// Time off of the provider, the room or the clinic.
    TimeOff,
    /// Nobody with the skill that the appointment type requires is rostered with the provider for all of the time.
    NoAssistant,
    /// The provider has a booking, or its buffer, at that time. Refuses a normal booking.
    ProviderBusy,
    /// The room has a booking, or its turnover, at that time.
    RoomBusy,
    /// The patient has a booking at that time.
    PatientBusy,
    /// The provider's normal bookings that day have reached the daily cap. Refuses a normal booking.
    DailyCap,
    /// The provider's overbooked bookings that day have reached the limit. Refuses an overbooked booking.
    OverbookCap,
    /// An overbooked booking of the provider is there already. Refuses an overbooked booking.
    OverbookOverlap,
    /// The provider is free, so there is nothing to overbook. Refuses an overbooked booking.
    ProviderFree,
    /// Sooner than now + minimum notice.
    TooSoon,
    /// Later than the booking horizon.
    BeyondHorizon,
    /// Not a start of the grid. Never refuses a booking, only an offer.
    OffGrid,
    /// A provider's day: the daily cap is reached or no opening minute is left. Only ever told of a whole day.
    Full,
    /// A provider's day: the provider has free starts, but no room does. Only ever told of a whole day.
    NoRoom,
    /// A provider's day: free time is left, but no gap is long enough. Only ever told of a whole day.
    GapTooShort,
}

impl Code {
    /// Every code, in the order they are told.
    pub const ALL: [Self; 20] = [
        Self::ProviderDisabled,
        Self::RoomDisabled,
        Self::WrongRoomType,
        Self::MissingEquipment,
        Self::Closed,
        Self::TimeOff,
        Self::NoAssistant,
        Self::ProviderBusy,
        Self::RoomBusy,
        Self::PatientBusy,
        Self::DailyCap,
        Self::OverbookCap,
        Self::OverbookOverlap,
        Self::ProviderFree,
        Self::TooSoon,
        Self::BeyondHorizon,
        Self::OffGrid,
        Self::Full,
        Self::NoRoom,
        Self::GapTooShort,
    ];

    /// Its name in SQL and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.text().0
    }

    /// The code with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == name)
    }

    /// What it means, in one line.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        self.text().1
    }

    /// Whether a slot with this code can't be booked as `kind`. The codes of a whole day are no slot's.
    #[must_use]
    pub const fn refuses(self, kind: Kind) -> bool {
        match self {
            Self::ProviderBusy | Self::DailyCap => matches!(kind, Kind::Normal),
            Self::OverbookCap | Self::OverbookOverlap | Self::ProviderFree => {
                matches!(kind, Kind::Overbooked)
            }
            Self::OffGrid | Self::Full | Self::NoRoom | Self::GapTooShort => false,
            _ => true,
        }
    }

    /// Name and meaning.
    const fn text(self) -> (&'static str, &'static str) {
        match self {
            Self::ProviderDisabled => ("provider_disabled", "the provider is disabled"),
            Self::RoomDisabled => ("room_disabled", "the room is disabled"),
            Self::WrongRoomType => {
                ("wrong_room_type", "the room is of another type than the appointment type needs")
            }
            Self::MissingEquipment => {
                ("missing_equipment", "the room lacks equipment the appointment type needs")
            }
            Self::Closed => ("closed", "outside the provider's opening time"),
            Self::TimeOff => ("time_off", "time off of the provider, the room or the clinic"),
            Self::NoAssistant => (
                "no_assistant",
                "no assistant with the required skill is rostered with the provider all that time",
            ),
            Self::ProviderBusy => {
                ("provider_busy", "the provider has a booking, or the buffer of one, at that time")
            }
            Self::RoomBusy => ("room_busy", "the room has a booking, or the turnover of one, at that time"),
            Self::PatientBusy => ("patient_busy", "the patient has a booking at that time"),
            Self::DailyCap => {
                ("daily_cap", "the provider's normal bookings that day have reached the daily cap")
            }
            Self::OverbookCap => (
                "overbook_cap",
                "the provider's overbooked bookings that day have reached the overbooking limit",
            ),
            Self::OverbookOverlap => {
                ("overbook_overlap", "the provider has an overbooked booking at that time already")
            }
            Self::ProviderFree => ("provider_free", "the provider is free, so there is nothing to overbook"),
            Self::TooSoon => ("too_soon", "sooner than now plus the minimum notice"),
            Self::BeyondHorizon => ("beyond_horizon", "later than the booking horizon"),
            Self::OffGrid => ("off_grid", "not a start of the grid: never offered, though it can be booked"),
            Self::Full => ("full", "the day's cap is reached, or no free opening time is left"),
            Self::NoRoom => {
                ("no_room", "the provider has free starts that day, but no room is free and fit for them")
            }
            Self::GapTooShort => {
                ("gap_too_short", "free time is left that day, but no gap takes the duration and the buffer")
            }
        }
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CodeSet(u32);

impl CodeSet {
    /// No code.
    pub const EMPTY: Self = Self(0);

    /// Adds `code`.
    pub const fn insert(&mut self, code: Code) {
        self.0 |= code.bit();
    }

    /// Whether `code` is in it.
    #[must_use]
    pub const fn contains(self, code: Code) -> bool {
        self.0 & code.bit() != 0
    }

    /// Whether one of its codes refuses a booking of `kind`.
    #[must_use]
    pub const fn refuses(self, kind: Kind) -> bool {
        self.0 & Self::refusing(kind).0 != 0
    }

    /// Every code that refuses `kind`.
    const fn refusing(kind: Kind) -> Self {
        let mut set = Self::EMPTY;
        let mut next = 0;
        while next < Code::ALL.len() {
            if Code::ALL[next].refuses(kind) {
                set.insert(Code::ALL[next]);
            }
            next += 1;
        }
        set
    }
}

impl FromIterator<Code> for CodeSet {
    fn from_iter<I: IntoIterator<Item = Code>>(codes: I) -> Self {
        let mut set = Self::EMPTY;
        codes.into_iter().for_each(|code| set.insert(code));
        set
    }
}

/// The row that is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Blocker {
    /// A booking.
    Booking(BookingId),
    /// A time off.
    TimeOff(TimeOffId),
}

/// One reason against a slot. Two rows in the way are two refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Refusal {
    /// Why.
    pub code: Code,
    /// Because of which row, if it is one.
    pub blocker: Option<Blocker>,
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self { code, blocker: None }
    }
}
