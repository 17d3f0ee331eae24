//! The codes: why a place isn't offered. One list for finding, booking and explaining; the README documents it.

use crate::ids::{BookingId, BookingLimitId, ReservedWindowId, TimeOffId};
use crate::words;

/// How a slot would be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BookingKind {
    /// In the provider's free time, within the daily cap.
    Normal,
    /// Beside a booking or beyond the daily cap.
    Overbooked,
}

impl BookingKind {
    /// The kind of a column or argument `is_overbooked`.
    #[must_use]
    pub const fn of(is_overbooked: bool) -> Self {
        if is_overbooked { Self::Overbooked } else { Self::Normal }
    }
}

words! {
    /// Why a slot is refused.
    pub enum Code {
        /// The provider is disabled.
        ProviderDisabled = "provider_disabled",
        /// The provider doesn't do the appointment type.
        WrongProvider = "wrong_provider",
        /// The room is disabled.
        RoomDisabled = "room_disabled",
        /// The room is of another type than the appointment type needs.
        WrongRoomType = "wrong_room_type",
        /// The room lacks equipment that the appointment type needs.
        MissingEquipment = "missing_equipment",
        /// Outside the provider's opening time.
        Closed = "closed",
        /// The provider is open, but not in that room.
        ClosedInRoom = "closed_in_room",
        /// Outside the hours of the appointment type.
        TypeClosed = "type_closed",
        /// Outside the opening time of the room.
        RoomClosed = "room_closed",
        /// Kept for other appointment types until some time before.
        Reserved = "reserved",
        /// Time off of the provider, the room or the clinic.
        TimeOff = "time_off",
        /// Nobody with the skills that the appointment type requires is rostered with the provider for all of the time.
        NoAssistant = "no_assistant",
        /// The provider has a booking, or its buffer, at that time. Refuses a normal booking.
        ProviderBusy = "provider_busy",
        /// The provider has a booking at that time as another provider: here, or in another clinic.
        PersonBusy = "person_busy",
        /// The room has a booking, or its turnover, at that time.
        RoomBusy = "room_busy",
        /// Fewer units of a resource are free at that time than the appointment type needs.
        NoResource = "no_resource",
        /// All places of the group visit are taken.
        SessionFull = "session_full",
        /// The patient has a booking at that time.
        PatientBusy = "patient_busy",
        /// The way to or from the provider's booking at another site takes longer than the time between.
        NoTravelTime = "no_travel_time",
        /// The provider's normal bookings that day have reached the daily cap. Refuses a normal booking.
        DailyCap = "daily_cap",
        /// The provider's overbooked bookings that day have reached the limit. Refuses an overbooked booking.
        OverbookCap = "overbook_cap",
        /// A limit of the provider's, the patient's or the clinic's bookings leaves no room for one more.
        LimitReached = "limit_reached",
        /// An overbooked booking of the provider is there already. Refuses an overbooked booking.
        OverbookOverlap = "overbook_overlap",
        /// The provider is free, so there is nothing to overbook. Refuses an overbooked booking.
        ProviderFree = "provider_free",
        /// Sooner than now + minimum notice.
        TooSoon = "too_soon",
        /// Later than the booking horizon.
        BeyondHorizon = "beyond_horizon",
        /// Not a start of the grid. Never refuses a booking, only an offer.
        OffGrid = "off_grid",
        /// A provider's day: the daily cap is reached or no opening minute is left. Only ever given for a whole day.
        Full = "full",
        /// A provider's day: the provider has free starts, but no room does. Only ever given for a whole day.
        NoRoom = "no_room",
        /// A provider's day: free time is left, but no gap is long enough. Only ever given for a whole day.
        GapTooShort = "gap_too_short",
    }
}

/// How bad a code is for a booking, worst first: the worst decides what the error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something else is there.
    Collision,
    /// The day is full.
    Cap,
    /// A rule of the clinic forbids it.
    Rule,
}

impl Code {
    /// Its meaning in one line.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::ProviderDisabled => "the provider is disabled",
            Self::WrongProvider => "the provider doesn't do the appointment type",
            Self::RoomDisabled => "the room is disabled",
            Self::WrongRoomType => "the room is of another type than the appointment type needs",
            Self::MissingEquipment => "the room lacks equipment the appointment type needs",
            Self::Closed => "outside the provider's opening time",
            Self::ClosedInRoom => "the provider is open then, but not in that room",
            Self::TypeClosed => "outside the hours of the appointment type",
            Self::RoomClosed => "outside the room's opening time",
            Self::Reserved => "kept for other appointment types until some time before",
            Self::TimeOff => "time off of the provider, the room or the clinic",
            Self::NoAssistant => {
                "no assistant with the required skills is rostered with the provider all that time"
            }
            Self::ProviderBusy => "the provider has a booking, or the buffer of one, at that time",
            Self::PersonBusy => "the provider has a booking at that time as another provider",
            Self::RoomBusy => "the room has a booking, or the turnover of one, at that time",
            Self::NoResource => {
                "too few units of a resource that the appointment type needs are free at that time"
            }
            Self::SessionFull => "all places of the group visit are taken",
            Self::PatientBusy => "the patient has a booking at that time",
            Self::NoTravelTime => {
                "too little time for the way between there and the provider's booking at another site"
            }
            Self::DailyCap => "the provider's normal bookings that day have reached the daily cap",
            Self::OverbookCap => {
                "the provider's overbooked bookings that day have reached the overbooking limit"
            }
            Self::LimitReached => {
                "a limit of bookings in a day, week or month, or of upcoming ones, is reached"
            }
            Self::OverbookOverlap => "the provider has an overbooked booking at that time already",
            Self::ProviderFree => "the provider is free, so there is nothing to overbook",
            Self::TooSoon => "sooner than now plus the minimum notice",
            Self::BeyondHorizon => "later than the booking horizon",
            Self::OffGrid => "not a start of the grid: never offered, though it can be booked",
            Self::Full => "the day's cap is reached, or no free opening time is left",
            Self::NoRoom => "the provider has free starts that day, but no room is free and fit for them",
            Self::GapTooShort => "free time is left that day, but no gap takes the duration and the buffer",
        }
    }

    /// Whether a slot with this code can't be booked as `kind`. The codes of a whole day are no slot's.
    #[must_use]
    pub const fn refuses(self, kind: BookingKind) -> bool {
        match self {
            Self::ProviderBusy | Self::SessionFull | Self::DailyCap => matches!(kind, BookingKind::Normal),
            Self::OverbookCap | Self::OverbookOverlap | Self::ProviderFree => {
                matches!(kind, BookingKind::Overbooked)
            }
            Self::OffGrid | Self::Full | Self::NoRoom | Self::GapTooShort => false,
            Self::ProviderDisabled
            | Self::WrongProvider
            | Self::RoomDisabled
            | Self::WrongRoomType
            | Self::MissingEquipment
            | Self::Closed
            | Self::ClosedInRoom
            | Self::TypeClosed
            | Self::RoomClosed
            | Self::Reserved
            | Self::TimeOff
            | Self::NoAssistant
            | Self::PersonBusy
            | Self::RoomBusy
            | Self::NoResource
            | Self::PatientBusy
            | Self::NoTravelTime
            | Self::LimitReached
            | Self::TooSoon
            | Self::BeyondHorizon => true,
        }
    }

    /// Whether it is what overbooking is for: the provider isn't free.
    #[must_use]
    pub const fn asks_for_overbooking(self) -> bool {
        matches!(self, Self::ProviderBusy | Self::DailyCap)
    }

    /// Whether it is against a room, not against the provider, the patient or the time.
    #[must_use]
    pub const fn is_of_room(self) -> bool {
        matches!(
            self,
            Self::RoomDisabled
                | Self::WrongRoomType
                | Self::MissingEquipment
                | Self::RoomClosed
                | Self::ClosedInRoom
                | Self::RoomBusy
                | Self::NoTravelTime
                | Self::NoRoom
        )
    }

    /// How bad it is for a booking.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::ProviderBusy
            | Self::PersonBusy
            | Self::RoomBusy
            | Self::NoResource
            | Self::SessionFull
            | Self::PatientBusy
            | Self::OverbookOverlap => Severity::Collision,
            Self::DailyCap | Self::OverbookCap | Self::LimitReached => Severity::Cap,
            Self::ProviderDisabled
            | Self::WrongProvider
            | Self::RoomDisabled
            | Self::WrongRoomType
            | Self::MissingEquipment
            | Self::Closed
            | Self::ClosedInRoom
            | Self::TypeClosed
            | Self::RoomClosed
            | Self::Reserved
            | Self::TimeOff
            | Self::NoAssistant
            | Self::NoTravelTime
            | Self::ProviderFree
            | Self::TooSoon
            | Self::BeyondHorizon
            | Self::OffGrid
            | Self::Full
            | Self::NoRoom
            | Self::GapTooShort => Severity::Rule,
        }
    }

    /// Whether an attributed override sets it aside: caps and rules can be, collisions can't, and a provider who is free
    /// needs no overbooking.
    #[must_use]
    pub const fn can_be_overridden(self) -> bool {
        !matches!(self.severity(), Severity::Collision) && !matches!(self, Self::ProviderFree)
    }

    /// The constraint that a refused booking is reported under: the table's own where the same place violates it, else
    /// `rule_` and the code.
    #[must_use]
    pub fn constraint(self) -> String {
        let constraint = match self {
            Self::ProviderBusy | Self::OverbookOverlap => "bookings_provider",
            Self::PersonBusy => "bookings_person",
            Self::RoomBusy => "bookings_room",
            Self::NoResource => "booking_resources_unit",
            Self::SessionFull => "bookings_session_seat",
            Self::PatientBusy => "bookings_patient",
            Self::DailyCap => "bookings_daily_cap",
            Self::OverbookCap => "bookings_overbook_cap",
            Self::LimitReached => "booking_limit_use_cap",
            rule => return format!("rule_{rule}"),
        };
        constraint.to_owned()
    }

    /// The table of schema clinic that the constraint is of.
    #[must_use]
    pub const fn table(self) -> &'static str {
        if matches!(self, Self::NoResource) { "booking_resources" } else { "bookings" }
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// A set of codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CodeSet(u32);

const _: () = assert!(Code::ALL.len() <= u32::BITS as usize, "each code has a bit in CodeSet");

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
    pub const fn refuses(self, kind: BookingKind) -> bool {
        self.0 & Self::refusing(kind).0 != 0
    }

    /// Every code that refuses `kind`.
    const fn refusing(kind: BookingKind) -> Self {
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
    /// A window that is kept for others.
    Reserved(ReservedWindowId),
    /// A limit of bookings.
    Limit(BookingLimitId),
}

/// One reason against a slot. Two rows in the way are two refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Refusal {
    /// Why.
    pub code: Code,
    /// Because of which row, if it is one.
    pub blocker: Option<Blocker>,
}

impl Refusal {
    /// Whether it can be that it wouldn't be there without these bookings: one of them is in the way, or counts to a cap or
    /// to the units of a resource.
    #[must_use]
    pub fn may_be_due_to(&self, bookings: &[BookingId]) -> bool {
        match self.blocker {
            Some(Blocker::Booking(id)) => bookings.contains(&id),
            Some(Blocker::TimeOff(_) | Blocker::Reserved(_)) => false,
            Some(Blocker::Limit(_)) | None => {
                let counts = self.code.severity() == Severity::Cap
                    || matches!(self.code, Code::NoResource | Code::SessionFull);
                !bookings.is_empty() && counts
            }
        }
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self { code, blocker: None }
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, Severity};

    #[test]
    fn rules_are_reported_under_their_code_and_collisions_under_the_tables_constraint() {
        assert_eq!(Code::TooSoon.constraint(), "rule_too_soon");
        assert_eq!(Code::ProviderFree.constraint(), "rule_provider_free");
        assert_eq!(Code::OverbookOverlap.constraint(), "bookings_provider");
        assert_eq!(Code::DailyCap.constraint(), "bookings_daily_cap");
    }

    #[test]
    fn collisions_are_worst_and_stay_whatever_is_overridden() {
        assert!(Severity::Collision < Severity::Cap && Severity::Cap < Severity::Rule);
        for code in Code::ALL {
            let is_collision = code.severity() == Severity::Collision;
            assert_eq!(code.can_be_overridden(), !is_collision && code != Code::ProviderFree, "{code}");
        }
    }
}
