//! Freed time: what of a provider's time a statement gives back. A place that the same statement fills again isn't free,
//! nor is one that is only in another room.

use std::collections::BTreeMap;

use crate::booking::status::Status;
use crate::time::interval::{Instant, Span, subtract, union};
use crate::words;

words! {
    /// `freed_places.cause`.
    pub enum FreedCause {
        /// The booking was cancelled.
        Cancelled = "cancelled",
        /// It is at another time or with another provider now.
        Moved = "moved",
        /// Its patient accepted an earlier time.
        EarlierTime = "earlier_time",
        /// It starts later or ends earlier now.
        Shortened = "shortened",
        /// Its row was deleted.
        Deleted = "deleted",
        /// It should never have been recorded.
        EnteredInError = "entered_in_error",
        /// Its patient didn't come, which was known before its end.
        NoShow = "noshow",
        /// It was a hold that ran out.
        HoldExpired = "hold_expired",
        /// It waits for an answer, or on a list, and takes no time meanwhile.
        Released = "released",
        /// Nobody was there: somebody offers the place.
        Offered = "offered",
    }
}

/// One version of a booking, as far as it takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The clinic's id.
    pub clinic: i64,
    /// The booking's id.
    pub booking: i64,
    /// Whom it occupies.
    pub provider: i64,
    /// Where; `None` = in no room.
    pub room: Option<i64>,
    /// The appointment type's id.
    pub appointment_type: i64,
    /// The session of a group visit that it is in.
    pub session: Option<i64>,
    /// Whether it may be beside a normal booking.
    pub is_overbooked: bool,
    /// The appointment, without buffers.
    pub during: Span,
    /// Its status.
    pub status: Status,
    /// When it gives its time back, if it is a hold.
    pub hold_expires_at: Option<Instant>,
}

/// What a statement made of a booking; no `after` is a delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The booking before.
    pub before: Version,
    /// The booking after.
    pub after: Option<Version>,
}

/// A place that became free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freed {
    /// The booking that gave it up, as it was.
    pub before: Version,
    /// The free time.
    pub during: Span,
    /// How it became free.
    pub cause: FreedCause,
}

/// A booking that keeps others from a provider's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The session of a group visit that it is in: it keeps nobody from another place there.
    pub session: Option<i64>,
    /// Whether it may be beside a normal booking.
    pub is_overbooked: bool,
    /// The appointment, without buffers.
    pub during: Span,
}

impl Change {
    /// Whether a hold whose time is over gives it back. It may do so for a newcomer, who isn't there yet at the end of the
    /// statement.
    #[must_use]
    pub fn is_lapse(&self, now: Instant) -> bool {
        self.before.status == Status::Pending
            && self.before.hold_expires_at.is_some_and(|expiry| expiry <= now)
            && self.after.is_some_and(|after| after.status == Status::Cancelled)
    }

    /// Whether the booking takes no time any more.
    #[must_use]
    pub fn ends(&self) -> bool {
        self.before.status.occupies() && !self.after.is_some_and(|after| after.status.occupies())
    }

    /// The session that it is in no more.
    fn leaves(&self) -> Option<(i64, i64)> {
        let after = self.after.and_then(|after| after.in_session());
        self.before.in_session().filter(|before| after != Some(*before))
    }

    fn cause(&self, is_accepting: bool, now: Instant) -> FreedCause {
        let Some(after) = self.after else { return FreedCause::Deleted };
        match after.status {
            Status::Cancelled if self.is_lapse(now) => FreedCause::HoldExpired,
            Status::Cancelled => FreedCause::Cancelled,
            Status::NoShow => FreedCause::NoShow,
            Status::EnteredInError => FreedCause::EnteredInError,
            Status::Proposed | Status::Waitlist => FreedCause::Released,
            Status::Pending | Status::Booked | Status::Arrived | Status::CheckedIn | Status::Fulfilled => {
                let is_part =
                    after.provider == self.before.provider && self.before.during.contains(after.during);
                match (is_accepting, is_part) {
                    (true, _) => FreedCause::EarlierTime,
                    (false, true) => FreedCause::Shortened,
                    (false, false) => FreedCause::Moved,
                }
            }
        }
    }
}

/// Changes one after the other as if they were made at once: of each booking how it was first, and how it is at last.
#[must_use]
pub fn net(changes: Vec<Change>) -> Vec<Change> {
    let mut net: BTreeMap<(i64, i64), Change> = BTreeMap::new();
    for change in changes {
        let key = (change.before.clinic, change.before.booking);
        net.entry(key).and_modify(|whole| whole.after = change.after).or_insert(change);
    }
    net.into_values().collect()
}

/// What the changes of one statement free, among themselves: other bookings may be there. Only from `now` on. `is_accepting`:
/// a patient accepts an earlier time.
#[must_use]
pub fn freed(changes: &[Change], is_accepting: bool, now: Instant) -> Vec<Freed> {
    let mut after: BTreeMap<(i64, i64), Vec<Kept>> = BTreeMap::new();
    for version in changes.iter().filter_map(|change| change.after).filter(|after| after.status.occupies()) {
        let Version { session, is_overbooked, during, .. } = version;
        let kept = Kept { session, is_overbooked, during };
        after.entry((version.clinic, version.provider)).or_default().push(kept);
    }
    let mut arrivals = arrivals(changes);
    let mut left = |change: &Change| {
        let Change { before, after: own } = *change;
        let newcomers = change.leaves().and_then(|session| arrivals.get_mut(&session));
        if let Some(count @ 1..) = newcomers {
            *count -= 1;
            return None;
        }
        let rest = Span::new(before.during.start.max(now), before.during.end)?;
        let place = Freed { before, during: rest, cause: change.cause(is_accepting, now) };
        let others = after.get(&(before.clinic, before.provider)).map_or(&[][..], Vec::as_slice);
        // A booking that was overbooked and isn't any more is still there.
        let own = own.filter(|own| own.status.occupies() && own.provider == before.provider);
        let own = own.map(|own| Kept { session: None, is_overbooked: true, during: own.during });
        let kept: Vec<_> = others.iter().copied().chain(own).collect();
        Some(place.beside(&kept))
    };
    changes.iter().filter(|change| change.before.status.occupies()).filter_map(&mut left).flatten().collect()
}

/// How many come into each session of a group visit: so many who leave it make room for them.
fn arrivals(changes: &[Change]) -> BTreeMap<(i64, i64), u32> {
    let mut arrivals = BTreeMap::new();
    for change in changes {
        let joined = change.after.and_then(|after| Some((after.clinic, after.session?)));
        if let Some(session) = joined.filter(|joined| change.before.in_session() != Some(*joined)) {
            *arrivals.entry(session).or_default() += 1;
        }
    }
    arrivals
}

impl Version {
    fn in_session(&self) -> Option<(i64, i64)> {
        Some((self.clinic, self.session?))
    }
}

impl Freed {
    /// What is left of the place beside bookings of its provider. An overbooked place may be beside a normal booking; a
    /// normal one is beside none, but for those of its session.
    #[must_use]
    pub fn beside(self, kept: &[Kept]) -> Vec<Self> {
        let is_beside = |kept: &&Kept| self.before.session.is_none() || kept.session != self.before.session;
        let in_the_way = kept.iter().filter(is_beside);
        let in_the_way = in_the_way.filter(|kept| kept.is_overbooked || !self.before.is_overbooked);
        let taken = union(in_the_way.map(|kept| kept.during).collect());
        subtract(&[self.during], &taken).into_iter().map(|during| Self { during, ..self }).collect()
    }
}
