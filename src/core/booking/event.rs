//! Events of bookings and offers: which kind a change is, and the payload of the event. Nothing here may carry a patient's
//! name, contact or id: an event names the booking, and whoever may read bookings looks it up.

use serde::{Deserialize, Serialize};

use crate::booking::backfill::freed::{Freed, FreedCause};
use crate::booking::backfill::offer::{OfferStatus, WithdrawnReason};
use crate::booking::backfill::{Candidate, Source, score};
use crate::booking::status::Status;
use crate::time::interval::{Instant, Span};
use crate::time::rfc3339;
use crate::words;

words! {
    /// `events.kind`.
    pub enum EventKind {
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
        /// A booking gave up time of its provider before it was over.
        Freed = "freed",
        /// A freed place was offered to a candidate.
        Offered = "offered",
        /// A candidate took it.
        Accepted = "accepted",
        /// A candidate doesn't want it.
        Declined = "declined",
        /// A candidate didn't answer in time.
        Expired = "expired",
        /// An offer was taken back: its place was filled, or it is too late.
        Withdrawn = "withdrawn",
    }
}

/// A booking's place: provider, room and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The provider's id.
    pub provider: i64,
    /// The room's id; `None` = in no room.
    pub room: Option<i64>,
    /// The appointment, without buffers.
    pub during: Span,
}

/// One version of a booking, as far as events report it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its status.
    pub status: Status,
    /// Its place.
    pub place: Place,
    /// The appointment type's id.
    pub appointment_type: i64,
    /// Whether it may be beside a normal booking.
    pub is_overbooked: bool,
    /// When a hold gives its time back.
    pub hold_expires_at: Option<Instant>,
    /// The patient and how to reach them: only compared, never reported.
    pub patient: [Option<String>; 3],
}

/// The kind of event that a change from `before` to `after` is; `None` where nothing has changed. No `before` is an
/// insert, no `after` a delete.
#[must_use]
pub fn kind(before: Option<&Version>, after: Option<&Version>) -> Option<EventKind> {
    match (before, after) {
        (_, None) => before.map(|_| EventKind::Deleted),
        (None, Some(new)) => Some(kind_of_status(None, new.status)),
        (Some(old), Some(new)) if old.status != new.status => {
            Some(kind_of_status(Some(old.status), new.status))
        }
        (Some(old), Some(new)) if old.place != new.place && new.status.occupies() => {
            Some(EventKind::Rescheduled)
        }
        (Some(old), Some(new)) => (old != new).then_some(EventKind::Changed),
    }
}

/// Whether a change takes a place that the booking didn't have before.
#[must_use]
pub fn takes_place(before: Option<&Version>, after: Option<&Version>) -> bool {
    let occupied = before.filter(|before| before.status.occupies()).map(|before| before.place);
    let occupies = after.filter(|after| after.status.occupies()).map(|after| after.place);
    occupies.is_some() && occupies != occupied
}

/// The kind of the change to a status, from another or from no booking at all.
fn kind_of_status(before: Option<Status>, status: Status) -> EventKind {
    use Status::{Arrived, CheckedIn, Fulfilled, Pending};
    match status {
        Status::Booked => match before {
            Some(Pending) => EventKind::Confirmed,
            // Taken back: the patient isn't here after all.
            Some(Arrived | CheckedIn | Fulfilled) => EventKind::Changed,
            _ => EventKind::Booked,
        },
        Pending => EventKind::Held,
        Arrived => EventKind::Arrived,
        CheckedIn => EventKind::CheckedIn,
        Fulfilled => EventKind::Fulfilled,
        Status::Cancelled => EventKind::Cancelled,
        Status::NoShow => EventKind::NoShow,
        Status::EnteredInError => EventKind::Deleted,
        Status::Proposed | Status::Waitlist => EventKind::Changed,
    }
}

impl EventKind {
    /// The kind of an offer's getting a status.
    #[must_use]
    pub const fn of_offer(status: OfferStatus) -> Self {
        match status {
            OfferStatus::Offered => Self::Offered,
            OfferStatus::Accepted => Self::Accepted,
            OfferStatus::Declined => Self::Declined,
            OfferStatus::Expired => Self::Expired,
            OfferStatus::Withdrawn => Self::Withdrawn,
        }
    }
}

/// `events.payload` of a booking's event: how the booking is now (of a deleted one: was), and what it was before where
/// that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Payload {
    status: Status,
    #[serde(flatten)]
    place: PlacePayload,
    appointment_type_id: i64,
    is_overbooked: bool,
    #[serde(default, with = "rfc3339::optional_instant", skip_serializing_if = "Option::is_none")]
    hold_expires_at: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    old_status: Option<Status>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    old_place: Option<PlacePayload>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct PlacePayload {
    provider_id: i64,
    room_id: Option<i64>,
    #[serde(with = "rfc3339::instant")]
    slot_start: Instant,
    #[serde(with = "rfc3339::instant")]
    slot_end: Instant,
}

impl Payload {
    /// The payload of a change; `None` where there is no booking, neither before nor after.
    #[must_use]
    pub fn new(before: Option<&Version>, after: Option<&Version>) -> Option<Self> {
        let now = after.or(before)?;
        let former = before.filter(|_| after.is_some());
        Some(Self {
            status: now.status,
            place: PlacePayload::new(now.place),
            appointment_type_id: now.appointment_type,
            is_overbooked: now.is_overbooked,
            hold_expires_at: now.hold_expires_at,
            old_status: former.filter(|old| old.status != now.status).map(|old| old.status),
            old_place: former.filter(|old| old.place != now.place).map(|old| PlacePayload::new(old.place)),
        })
    }
}

impl PlacePayload {
    const fn new(place: Place) -> Self {
        Self {
            provider_id: place.provider,
            room_id: place.room,
            slot_start: place.during.start,
            slot_end: place.during.end,
        }
    }
}

/// `events.payload` of the event that a place became free.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FreedPayload {
    freed_place_id: i64,
    cause: FreedCause,
    #[serde(flatten)]
    place: PlacePayload,
    appointment_type_id: i64,
    is_overbooked: bool,
    /// Who could take it, best first; none where it isn't known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    candidates: Option<Vec<Suggestion>>,
}

impl FreedPayload {
    /// The payload for a freed place, stored with an id.
    #[must_use]
    pub fn new(id: i64, freed: &Freed, candidates: Option<Vec<Suggestion>>) -> Self {
        let Freed { before, during, cause } = *freed;
        Self {
            freed_place_id: id,
            cause,
            place: PlacePayload::new(Place { provider: before.provider, room: before.room, during }),
            appointment_type_id: before.appointment_type,
            is_overbooked: before.is_overbooked,
            candidates,
        }
    }
}

/// An element of `candidates`: a candidate by its ids and score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    source: Source,
    waitlist_id: Option<i64>,
    former_booking_id: Option<i64>,
    score: f64,
}

impl Suggestion {
    /// The suggestion of a candidate.
    #[must_use]
    pub fn new(candidate: &Candidate, waitlist_id: Option<i64>, former_booking_id: Option<i64>) -> Self {
        let score = score(candidate.distance_days).as_f64();
        Self { source: candidate.source, waitlist_id, former_booking_id, score }
    }
}

/// `events.payload` of an offer's event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferPayload {
    /// The offer.
    pub offer_id: i64,
    /// The freed place that it is in.
    pub freed_place_id: i64,
    /// Why the patient is a candidate.
    pub source: Source,
    /// When the appointment would be.
    #[serde(with = "rfc3339::instant")]
    pub slot_start: Instant,
    /// When it would end.
    #[serde(with = "rfc3339::instant")]
    pub slot_end: Instant,
    /// Until when it can be accepted.
    #[serde(with = "rfc3339::instant")]
    pub expires_at: Instant,
    /// Why it was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_reason: Option<WithdrawnReason>,
}
