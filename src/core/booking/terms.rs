//! What holds for an appointment with a provider: of what is said of the provider's way with the type, of the type and of
//! the clinic, the narrowest wins, each setting for itself.

use crate::booking::clinic::{AppointmentType, ClinicSettings};
use crate::ids::ProviderId;
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
}

impl OwnTerms {
    /// These, and where they say nothing the wider ones.
    #[must_use]
    pub fn or(self, wider: Self) -> Self {
        Self {
            slot_step: self.slot_step.or(wider.slot_step),
            minimum_notice: self.minimum_notice.or(wider.minimum_notice),
            booking_horizon_days: self.booking_horizon_days.or(wider.booking_horizon_days),
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
}

impl Terms {
    /// Of a type with a provider.
    #[must_use]
    pub fn of(settings: &ClinicSettings, appointment_type: &AppointmentType, provider: ProviderId) -> Self {
        let own = appointment_type.own_with(provider);
        Self {
            duration: appointment_type.duration_with(provider),
            slot_step: own.slot_step.unwrap_or(settings.slot_step),
            minimum_notice: own.minimum_notice.unwrap_or(settings.minimum_notice).max(settings.least_notice),
            booking_horizon_days: own.booking_horizon_days.unwrap_or(settings.booking_horizon_days),
        }
    }
}
