//! A booking's statuses, and what may become of it.

use crate::booking::change::NewParts;
use crate::words;

words! {
    /// `bookings.status`: FHIR R4's AppointmentStatus codes.
    /// Source: <https://hl7.org/fhir/R4/valueset-appointmentstatus.html>.
    pub enum Status {
        /// Offered, nobody agreed yet.
        Proposed = "proposed",
        /// A hold, if it expires; else awaiting an answer.
        Pending = "pending",
        /// Agreed.
        Booked = "booked",
        /// The patient is in the house.
        Arrived = "arrived",
        /// The front desk has received the patient.
        CheckedIn = "checked-in",
        /// Done.
        Fulfilled = "fulfilled",
        /// Called off.
        Cancelled = "cancelled",
        /// The patient didn't come.
        NoShow = "noshow",
        /// Waiting for a place.
        Waitlist = "waitlist",
        /// Should never have been recorded.
        EnteredInError = "entered-in-error",
    }
}

impl Status {
    /// Whether a booking of this status takes time of its provider, room and patient. An expired hold doesn't,
    /// whatever its status says; only the edge knows the clock.
    #[must_use]
    pub const fn occupies(self) -> bool {
        match self {
            Self::Pending | Self::Booked | Self::Arrived | Self::CheckedIn | Self::Fulfilled => true,
            Self::Proposed | Self::Cancelled | Self::NoShow | Self::Waitlist | Self::EnteredInError => false,
        }
    }

    /// Whether a booking of this status can be given another time.
    #[must_use]
    pub const fn is_movable(self) -> bool {
        matches!(self, Self::Pending | Self::Booked)
    }

    /// Whether these parts of a booking of this status may be given anew. A patient in the house can change rooms; one who
    /// didn't come can have another place.
    #[must_use]
    pub const fn can_change(self, new: NewParts) -> bool {
        match self {
            Self::Pending | Self::Booked | Self::NoShow => true,
            Self::Arrived | Self::CheckedIn => new.only(NewParts::ROOM),
            Self::Proposed | Self::Fulfilled | Self::Cancelled | Self::Waitlist | Self::EnteredInError => {
                false
            }
        }
    }

    /// The status of a booking at its new place.
    #[must_use]
    pub const fn once_moved(self) -> Self {
        match self {
            Self::NoShow => Self::Booked,
            same => same,
        }
    }

    /// Whether a booking of this status may be without a patient's name: a hold gets it when it is confirmed, and what was
    /// called off or never should have been may never have had one.
    #[must_use]
    pub const fn may_lack_patient_name(self) -> bool {
        matches!(self, Self::Pending | Self::Cancelled | Self::EnteredInError)
    }

    /// Whether the patient came.
    #[must_use]
    pub const fn came(self) -> bool {
        matches!(self, Self::Arrived | Self::CheckedIn | Self::Fulfilled)
    }
}

/// Changes of a status by functions. Plain SQL may do more; the table's CHECK is only that the status is one of
/// [`Status::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The front desk receives the patient.
    CheckIn,
    /// The appointment is done.
    Complete,
    /// It is called off.
    Cancel,
    /// The patient doesn't come.
    Miss,
    /// It takes place after all.
    Reopen,
}

impl Action {
    /// The status after the action. The same as before where it was done already (every action is idempotent);
    /// `None` where it is refused.
    #[must_use]
    pub const fn applied_to(self, status: Status) -> Option<Status> {
        use Status::{Arrived, Booked, Cancelled, CheckedIn, Fulfilled, NoShow, Pending, Proposed, Waitlist};
        match (self, status) {
            (Self::CheckIn, Booked | Arrived | CheckedIn | NoShow) => Some(CheckedIn),
            (Self::Complete, Booked | Arrived | CheckedIn | Fulfilled) => Some(Fulfilled),
            (
                Self::Cancel,
                Proposed | Pending | Booked | Arrived | CheckedIn | NoShow | Waitlist | Cancelled,
            ) => Some(Cancelled),
            (Self::Miss, Booked | NoShow) => Some(NoShow),
            (Self::Reopen, Cancelled | NoShow | Booked) => Some(Booked),
            _ => None,
        }
    }
}
