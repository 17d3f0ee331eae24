//! A booking's statuses, what may become of it, and the columns derived from what the client gave. The triggers call
//! this, so does slot finding; nothing here may look at another booking's content.

use crate::interval::{Minutes, Span};

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

/// A booking lasts at most this long. So reading the bookings from one day earlier finds every one that reaches into
/// a date.
pub const MAX_DURATION: Minutes = Minutes(24 * 60);

/// A buffer or turnover lasts at most this long.
pub const MAX_PAUSE: Minutes = Minutes(24 * 60);

/// The provider's busy time: the appointment and the buffer after it.
#[must_use]
pub fn provider_busy(during: Span, buffer: Minutes) -> Span {
    followed_by(during, buffer)
}

/// The room's busy time: the appointment and the turnover after it.
#[must_use]
pub fn room_busy(during: Span, turnover: Minutes) -> Span {
    followed_by(during, turnover)
}

fn followed_by(during: Span, pause: Minutes) -> Span {
    Span { start: during.start, end: (during.end + pause).max(during.end) }
}

/// The seat of a new booking among the provider's `taken` seats of that day.
///
/// The lowest free seat from 1 on. But when as many are taken as `capacity` allows, a free seat **above** the
/// capacity, so that the CHECK `seat <= capacity` refuses the row: after a cap was lowered, rows may sit on high seats
/// and leave a low one free.
#[must_use]
pub fn seat(taken: &[i32], capacity: i32) -> i32 {
    let is_full = taken.len() as i64 >= i64::from(capacity);
    let mut seat = if is_full { capacity.max(0).saturating_add(1) } else { 1 };
    let mut sorted = taken.to_vec();
    sorted.sort_unstable();
    for taken in sorted {
        if taken == seat {
            seat = seat.saturating_add(1);
        }
    }
    seat
}
