//! What holds for an appointment with a provider: of what is said of the provider's way with the type, of the type and of
//! the clinic, the narrowest wins, each setting for itself.

use crate::booking::place::Pauses;
use crate::time::interval::Minutes;

/// Settings that a type, or a provider's way with it, may have of its own; `None` = as is said at a wider scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnTerms {
    /// Distance between slot starts.
    pub slot_step: Option<Minutes>,
    /// A slot starts at least this long after now.
    pub minimum_notice: Option<Minutes>,
    /// A slot's date is at most this many days after today.
    pub booking_horizon_days: Option<i32>,
    /// The time beside an appointment.
    pub pauses: OwnPauses,
}

/// Preparation and clean-up that belong to a visit; `None` = as is said at a wider scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnPauses {
    /// The provider's before it.
    pub before: Option<Minutes>,
    /// The provider's after it.
    pub after: Option<Minutes>,
    /// The room's before it.
    pub room_before: Option<Minutes>,
    /// The room's after it.
    pub room_after: Option<Minutes>,
}

impl OwnPauses {
    /// These, and where they say nothing the wider ones.
    #[must_use]
    pub fn or(self, wider: Self) -> Self {
        Self {
            before: self.before.or(wider.before),
            after: self.after.or(wider.after),
            room_before: self.room_before.or(wider.room_before),
            room_after: self.room_after.or(wider.room_after),
        }
    }

    /// The provider's, without the buffer.
    #[must_use]
    pub fn of_provider(self) -> Pauses {
        const NONE: Minutes = Minutes(0);
        Pauses { before: self.before.unwrap_or(NONE), after: self.after.unwrap_or(NONE) }
    }

    /// The room's, without the turnover: the provider's unless said otherwise.
    #[must_use]
    pub fn of_room(self) -> Pauses {
        let Pauses { before, after } = self.of_provider();
        Pauses { before: self.room_before.unwrap_or(before), after: self.room_after.unwrap_or(after) }
    }
}

impl OwnTerms {
    /// These, and where they say nothing the wider ones.
    #[must_use]
    pub fn or(self, wider: Self) -> Self {
        Self {
            slot_step: self.slot_step.or(wider.slot_step),
            minimum_notice: self.minimum_notice.or(wider.minimum_notice),
            booking_horizon_days: self.booking_horizon_days.or(wider.booking_horizon_days),
            pauses: self.pauses.or(wider.pauses),
        }
    }
}

/// What holds for appointments of one type with one provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How long one takes.
    pub duration: Minutes,
    /// Distance between slot starts.
    pub slot_step: Minutes,
    /// A slot starts at least this long after now.
    pub minimum_notice: Minutes,
    /// A slot's date is at most this many days after today.
    pub booking_horizon_days: i32,
    /// The provider's time beside an appointment, without the buffer.
    pub provider: Pauses,
    /// The room's, without the turnover.
    pub room: Pauses,
}
