//! What of a booking is new, and what that brings: which rules are judged, and which derived values are worked out anew.
//! The trigger, reschedule_booking, confirm_hold, accept_offer and finding for a move all ask here. What stays was granted
//! already: it keeps the buffer, turnover, length and seat that it was given, whatever the settings are now.

use std::ops::BitOr;

use chrono::NaiveDate;

use crate::booking::reason::Code;
use crate::ids::{AppointmentTypeId, ClinicId, ProviderId, RoomId};
use crate::time::interval::Span;

/// What a booking takes, as one version of its row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken<'a> {
    /// The clinic.
    pub clinic: ClinicId,
    /// Whom.
    pub provider: ProviderId,
    /// Where; `None` = in no room.
    pub room: Option<RoomId>,
    /// What for.
    pub appointment_type: AppointmentTypeId,
    /// The app's key of the patient.
    pub patient: Option<&'a str>,
    /// When, without buffers.
    pub during: Span,
    /// Whether it may be beside a normal booking.
    pub is_overbooked: bool,
    /// Whether it takes time at all.
    pub occupies: bool,
}

/// Parts of a booking that are new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewParts(u8);

impl NewParts {
    /// All stays.
    pub const NONE: Self = Self(0);
    /// The start or the end.
    pub const TIME: Self = Self(1);
    /// The clinic's date of the start.
    pub const DAY: Self = Self(1 << 1);
    /// The provider.
    pub const PROVIDER: Self = Self(1 << 2);
    /// The room.
    pub const ROOM: Self = Self(1 << 3);
    /// The appointment type.
    pub const TYPE: Self = Self(1 << 4);
    /// The patient.
    pub const PATIENT: Self = Self(1 << 5);
    /// Whether it is overbooked.
    pub const KIND: Self = Self(1 << 6);
    /// That it takes time: made just now, called on again, or in another clinic.
    pub const BOOKING: Self = Self(1 << 7);
    /// A new booking: nothing was granted before.
    pub const ALL: Self = Self(u8::MAX);

    /// Parts that bring every rule and every derived value with them.
    const EVERYTHING: Self = Self::DAY.and(Self::KIND).and(Self::BOOKING);

    /// What is new in `after`, the days left aside: see [`Self::dated`].
    #[must_use]
    pub fn between(before: &Taken<'_>, after: &Taken<'_>) -> Self {
        let is_booked_anew = before.clinic != after.clinic || (after.occupies && !before.occupies);
        Self::TIME.only_if(before.during != after.during)
            | Self::PROVIDER.only_if(before.provider != after.provider)
            | Self::ROOM.only_if(before.room != after.room)
            | Self::TYPE.only_if(before.appointment_type != after.appointment_type)
            | Self::PATIENT.only_if(before.patient != after.patient)
            | Self::KIND.only_if(before.is_overbooked != after.is_overbooked)
            | Self::BOOKING.only_if(is_booked_anew)
    }

    /// The same, and the day where it is new. A booking that keeps its time keeps the date that it was given.
    #[must_use]
    pub fn dated(self, before: NaiveDate, after: NaiveDate) -> Self {
        self | Self::DAY.only_if(self.any(Self::TIME) && before != after)
    }

    /// Whether nothing is new.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Whether one of `parts` is new.
    #[must_use]
    pub const fn any(self, parts: Self) -> bool {
        self.0 & parts.0 != 0
    }

    /// Whether nothing but `parts` is new.
    #[must_use]
    pub const fn only(self, parts: Self) -> bool {
        self.0 & !parts.0 == 0
    }

    /// Whether a rule is judged. `of` says whose rule it is, where a code is that of several.
    #[must_use]
    pub const fn judges(self, code: Code, of: Subject) -> bool {
        self.any(Self::bringing(code, of))
    }

    /// Whether the ways to and from a provider's other bookings are judged: not where only the room is another, at the same site.
    #[must_use]
    pub const fn judges_ways(self, is_elsewhere: bool) -> bool {
        let stays = Self(if is_elsewhere { 0 } else { Self::ROOM.0 });
        Self(self.0 & !stays.0).judges(Code::NoTravelTime, Subject::Room)
    }

    /// Whether the provider's buffer is today's. At another time of the day it stays as long as it was.
    #[must_use]
    pub const fn derives_buffer(self) -> bool {
        self.any(Self::EVERYTHING.and(Self::PROVIDER))
    }

    /// Whether the room's turnover is today's; as for the buffer.
    #[must_use]
    pub const fn derives_turnover(self) -> bool {
        self.any(Self::EVERYTHING.and(Self::ROOM))
    }

    /// Whether another seat of a provider's day is taken.
    #[must_use]
    pub const fn derives_seat(self) -> bool {
        self.any(Self::EVERYTHING.and(Self::PROVIDER))
    }

    /// Whether it joins another session of a group, or begins one.
    #[must_use]
    pub const fn derives_session(self) -> bool {
        self.judges(Code::SessionFull, Subject::Provider)
    }

    /// Whether the provider's person is looked up: that of another provider, or of now.
    #[must_use]
    pub const fn derives_person(self) -> bool {
        self.derives_buffer()
    }

    /// Whether what the type says of the time beside an appointment is another's. The buffer and the turnover stay.
    #[must_use]
    pub const fn derives_preparation(self) -> bool {
        self.any(Self::TYPE)
    }

    /// Whether a booking without a room is refused where its type needs one.
    #[must_use]
    pub const fn judges_need_of_room(self) -> bool {
        self.any(Self::EVERYTHING.and(Self::ROOM).and(Self::TYPE))
    }

    /// Whether other units of resources may be held. Where units are at sites, another room asks for them anew.
    #[must_use]
    pub const fn derives_resources(self, are_at_sites: bool) -> bool {
        self.judges(Code::NoResource, Subject::Clinic) || (are_at_sites && self.any(Self::ROOM))
    }

    /// Whether any derived value may be another.
    #[must_use]
    pub const fn derives_any(self) -> bool {
        self.any(Self::TIME)
            || self.derives_buffer()
            || self.derives_turnover()
            || self.derives_preparation()
            || self.derives_seat()
            || self.derives_session()
    }

    /// The parts that bring a rule.
    const fn bringing(code: Code, of: Subject) -> Self {
        match code {
            // Disabled stops new bookings, and moves to it: from another one.
            Code::ProviderDisabled => Self::BOOKING.and(Self::PROVIDER),
            Code::RoomDisabled => Self::BOOKING.and(Self::ROOM),
            Code::WrongProvider => Self::EVERYTHING.and(Self::PROVIDER).and(Self::TYPE),
            Code::WrongRoomType | Code::MissingEquipment => Self::EVERYTHING.and(Self::ROOM).and(Self::TYPE),
            Code::SessionFull => {
                Self::EVERYTHING.and(Self::TIME).and(Self::PROVIDER).and(Self::ROOM).and(Self::TYPE)
            }
            Code::Closed
            | Code::ProviderBusy
            | Code::PersonBusy
            | Code::OverbookOverlap
            | Code::ProviderFree => Self::EVERYTHING.and(Self::TIME).and(Self::PROVIDER),
            Code::ClosedInRoom | Code::NoTravelTime => {
                Self::EVERYTHING.and(Self::TIME).and(Self::PROVIDER).and(Self::ROOM)
            }
            Code::TypeClosed | Code::NoResource => Self::EVERYTHING.and(Self::TIME).and(Self::TYPE),
            Code::Reserved => Self::EVERYTHING.and(Self::TIME).and(Self::PROVIDER).and(Self::TYPE),
            Code::RoomClosed => Self::EVERYTHING.and(Self::TIME).and(Self::ROOM),
            Code::NoAssistant => Self::EVERYTHING.and(Self::TIME).and(Self::PROVIDER).and(Self::TYPE),
            Code::RoomBusy => Self::EVERYTHING.and(Self::TIME).and(Self::ROOM),
            Code::TimeOff => match of {
                // A provider works when the clinic does.
                Subject::Clinic | Subject::Provider => Self::EVERYTHING.and(Self::TIME).and(Self::PROVIDER),
                Subject::Room => Self::EVERYTHING.and(Self::TIME).and(Self::ROOM),
            },
            Code::PatientBusy => Self::EVERYTHING.and(Self::TIME).and(Self::PATIENT),
            Code::DailyCap | Code::OverbookCap => Self::EVERYTHING.and(Self::PROVIDER),
            // Of these, only where a count grows: see BookingLimit::grows.
            Code::LimitReached => Self::EVERYTHING.and(Self::PROVIDER).and(Self::TYPE).and(Self::PATIENT),
            // Who comes after all comes to a time that was granted already, mostly one that has begun.
            Code::TooSoon | Code::BeyondHorizon => Self::DAY.and(Self::KIND).and(Self::TIME),
            // No reasons against a place, only against an offer.
            Code::OffGrid | Code::Full | Code::NoRoom | Code::GapTooShort => Self::ALL,
        }
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn only_if(self, is_new: bool) -> Self {
        if is_new { self } else { Self::NONE }
    }
}

impl BitOr for NewParts {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.and(other)
    }
}

/// Whose rule a refusal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The clinic's, and the patient's.
    Clinic,
    /// The provider's.
    Provider,
    /// The room's.
    Room,
}
