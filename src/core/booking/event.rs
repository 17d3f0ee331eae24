//! What a change of a booking means to those who are told of it: the kind of event, and what the event says. Nothing
//! here may carry a patient's name, contact or id: an event says which booking, and who may read bookings looks it up.

use crate::words;
use serde::Serialize;

use crate::booking::status::Status;
use crate::time::interval::{Instant, Span};
pub use crate::time::rfc3339::text as rfc3339;

words! {
    /// `events.kind`.
    pub enum Kind {
        /// A booking was made, or called on again.
        Booked = "booked",
        /// A place was held.
        Held = "held",
        /// A hold became a booking.
        Confirmed = "confirmed",
        /// Called off, or a hold that ran out.
        Cancelled = "cancelled",
        /// At another time, provider or room.
        Rescheduled = "rescheduled",
        /// Another patient, contact, type or expiry; or a status without a kind of its own.
        Changed = "changed",
        /// The patient is in the house.
        Arrived = "arrived",
        /// The front desk has received the patient.
        CheckedIn = "checked-in",
        /// Done.
        Fulfilled = "fulfilled",
        /// The patient didn't come.
        NoShow = "noshow",
        /// The row is gone, or should never have been (`entered-in-error`).
        Deleted = "deleted",
        /// The place of a cancelled booking was offered to a candidate.
        Offered = "offered",
        /// A candidate took it.
        Accepted = "accepted",
        /// A candidate doesn't want it.
        Declined = "declined",
        /// A candidate didn't answer in time.
        Expired = "expired",
        /// Another candidate was quicker.
        Taken = "taken",
    }
}

/// Where and when a booking is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The provider's id.
    pub provider: i64,
    /// The room's id.
    pub room: i64,
    /// The appointment, without buffers.
    pub during: Span,
}

/// What of one version of a booking is worth telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its status.
    pub status: Status,
    /// Where and when.
    pub place: Place,
    /// The appointment type's id.
    pub appointment_type: i64,
    /// Whether it stands beside a normal booking.
    pub is_overbooked: bool,
    /// When a hold gives its time back.
    pub hold_expires_at: Option<Instant>,
    /// Who, and how to reach them: only compared, never told.
    pub patient: [Option<String>; 3],
}

/// The kind of event that a change from `before` to `after` is; `None` where there is nothing to tell. No `before` is an
/// insert, no `after` a delete.
#[must_use]
pub fn kind(before: Option<&Version>, after: Option<&Version>) -> Option<Kind> {
    match (before, after) {
        (_, None) => before.map(|_| Kind::Deleted),
        (None, Some(new)) => Some(kind_of_status(None, new.status)),
        (Some(old), Some(new)) if old.status != new.status => {
            Some(kind_of_status(Some(old.status), new.status))
        }
        (Some(old), Some(new)) if old.place != new.place && new.status.occupies() => Some(Kind::Rescheduled),
        (Some(old), Some(new)) => (old != new).then_some(Kind::Changed),
    }
}

/// The kind of getting a status, `before` which there was another or no booking at all.
fn kind_of_status(before: Option<Status>, status: Status) -> Kind {
    use Status::{Arrived, CheckedIn, Fulfilled, Pending};
    match status {
        Status::Booked => match before {
            Some(Pending) => Kind::Confirmed,
            // Taken back: the patient isn't here after all.
            Some(Arrived | CheckedIn | Fulfilled) => Kind::Changed,
            _ => Kind::Booked,
        },
        Pending => Kind::Held,
        Arrived => Kind::Arrived,
        CheckedIn => Kind::CheckedIn,
        Fulfilled => Kind::Fulfilled,
        Status::Cancelled => Kind::Cancelled,
        Status::NoShow => Kind::NoShow,
        Status::EnteredInError => Kind::Deleted,
        Status::Proposed | Status::Waitlist => Kind::Changed,
    }
}

/// `events.payload` of a booking's event: how the booking is now (of a deleted one: was), and what it was before where
/// that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Payload {
    status: &'static str,
    #[serde(flatten)]
    place: PlaceTold,
    appointment_type_id: i64,
    is_overbooked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_place: Option<PlaceTold>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct PlaceTold {
    provider_id: i64,
    room_id: i64,
    start: String,
    end: String,
}

impl Payload {
    /// What an event says; `None` where there is no booking, neither before nor after.
    #[must_use]
    pub fn new(before: Option<&Version>, after: Option<&Version>) -> Option<Self> {
        let now = after.or(before)?;
        let former = before.filter(|_| after.is_some());
        Some(Self {
            status: now.status.as_str(),
            place: PlaceTold::new(now.place),
            appointment_type_id: now.appointment_type,
            is_overbooked: now.is_overbooked,
            hold_expires_at: now.hold_expires_at.map(rfc3339),
            old_status: former.filter(|old| old.status != now.status).map(|old| old.status.as_str()),
            old_place: former.filter(|old| old.place != now.place).map(|old| PlaceTold::new(old.place)),
        })
    }
}

impl PlaceTold {
    fn new(place: Place) -> Self {
        Self {
            provider_id: place.provider,
            room_id: place.room,
            start: rfc3339(place.during.start),
            end: rfc3339(place.during.end),
        }
    }
}
