//! A booking's statuses, and what may become of it.

/// `bookings.status`: FHIR R4's AppointmentStatus codes.
/// Source: <https://hl7.org/fhir/R4/valueset-appointmentstatus.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Offered, nobody agreed yet.
    Proposed,
    /// A hold, if it expires; else awaiting an answer.
    Pending,
    /// Agreed.
    Booked,
    /// The patient is in the house.
    Arrived,
    /// The front desk has received the patient.
    CheckedIn,
    /// Done.
    Fulfilled,
    /// Called off.
    Cancelled,
    /// The patient didn't come.
    NoShow,
    /// Waiting for a place.
    Waitlist,
    /// Should never have been recorded.
    EnteredInError,
}

impl Status {
    /// Every status, in the order of the FHIR value set's life of an appointment.
    pub const ALL: [Self; 10] = [
        Self::Proposed,
        Self::Pending,
        Self::Booked,
        Self::Arrived,
        Self::CheckedIn,
        Self::Fulfilled,
        Self::Cancelled,
        Self::NoShow,
        Self::Waitlist,
        Self::EnteredInError,
    ];

    /// The status with this FHIR code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == code)
    }

    /// Its FHIR code, as stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Pending => "pending",
            Self::Booked => "booked",
            Self::Arrived => "arrived",
            Self::CheckedIn => "checked-in",
            Self::Fulfilled => "fulfilled",
            Self::Cancelled => "cancelled",
            Self::NoShow => "noshow",
            Self::Waitlist => "waitlist",
            Self::EnteredInError => "entered-in-error",
        }
    }

    /// Whether a booking of this status takes time of its provider, room and patient. An expired hold doesn't,
    /// whatever its status says; only the edge knows the clock.
    #[must_use]
    pub const fn occupies(self) -> bool {
        match self {
            Self::Pending | Self::Booked | Self::Arrived | Self::CheckedIn | Self::Fulfilled => true,
            Self::Proposed | Self::Cancelled | Self::NoShow | Self::Waitlist | Self::EnteredInError => false,
        }
    }
}

/// What the functions `check_in`, `complete` and `cancel_booking` do to a status. Plain SQL may do more; the table's
/// CHECK is only that the status is one of [`Status::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The front desk receives the patient.
    CheckIn,
    /// The appointment is done.
    Complete,
    /// It is called off.
    Cancel,
}

impl Action {
    /// The status after the action. The same as before where it was done already (every action is idempotent);
    /// `None` where it is refused.
    #[must_use]
    pub const fn applied_to(self, status: Status) -> Option<Status> {
        use Status::{Arrived, Booked, Cancelled, CheckedIn, Fulfilled, Pending, Proposed, Waitlist};
        match (self, status) {
            (Self::CheckIn, Booked | Arrived | CheckedIn) => Some(CheckedIn),
            (Self::Complete, Booked | Arrived | CheckedIn | Fulfilled) => Some(Fulfilled),
            (Self::Cancel, Proposed | Pending | Booked | Arrived | CheckedIn | Waitlist | Cancelled) => {
                Some(Cancelled)
            }
            _ => None,
        }
    }
}
