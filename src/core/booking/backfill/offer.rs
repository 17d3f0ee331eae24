//! Offers in a freed place: who gets one, until when it holds, and whether it can still be accepted.

use super::patient::Patient;
use super::{Candidate, Source};
use crate::time::interval::{Instant, Minutes};
use crate::words;

/// Offers made unless the caller says how many.
pub const DEFAULT_OFFERS: usize = 3;
/// How long an offer holds unless the caller says.
pub const DEFAULT_TTL_MICROS: i64 = Minutes(120).micros();
/// Longest time that an offer holds.
pub const MAX_TTL_DAYS: i64 = 30;

words! {
    /// `offers.status`.
    pub enum OfferStatus {
        /// Waits for an answer.
        Offered = "offered",
        /// The patient has the place.
        Accepted = "accepted",
        /// The patient doesn't want it.
        Declined = "declined",
        /// Nobody answered in time.
        Expired = "expired",
        /// The place can't be had any more, or isn't offered any more.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// `offers.withdrawn_reason`.
    pub enum WithdrawnReason {
        /// Somebody else is there.
        Filled = "filled",
        /// The booking that gave the place up is there again.
        CalledOn = "called_on",
        /// The appointment would have begun.
        TooLate = "too_late",
        /// The front desk took it back.
        ByDesk = "by_desk",
        /// The patient has got a place otherwise, or waits for none any more.
        Settled = "settled",
    }
}

words! {
    /// `waitlist.status`.
    pub enum WaitlistStatus {
        /// Waits for a place.
        Waiting = "waiting",
        /// Has got one.
        Placed = "placed",
        /// Waits no more.
        Left = "left",
    }
}

/// When an offer made now ends: at the latest when the appointment would begin, after which the place can't be booked.
#[must_use]
pub fn expiry(now: Instant, ttl_micros: i64, start: Instant) -> Instant {
    Instant(now.0.saturating_add(ttl_micros)).min(start)
}

/// An offer made before, of the same place.
#[derive(Clone, Debug)]
pub struct EarlierOffer {
    /// Why the patient was a candidate.
    pub source: Source,
    /// The waitlist entry or the cancelled booking.
    pub id: i64,
    /// Who it was made to.
    pub patient: Option<Patient>,
    /// Its status.
    pub status: OfferStatus,
}

impl EarlierOffer {
    /// Whether the patient gets no second offer: one is open, or was declined. One that expired is made again.
    #[must_use]
    pub fn rules_out_another(&self) -> bool {
        match self.status {
            OfferStatus::Offered | OfferStatus::Declined => true,
            OfferStatus::Accepted | OfferStatus::Expired | OfferStatus::Withdrawn => false,
        }
    }

    /// Whether it was made to the candidate, or to the same patient for another reason.
    #[must_use]
    pub fn was_made_to(&self, candidate: &Candidate, patient: Option<&Patient>) -> bool {
        (self.source == candidate.source && self.id == candidate.id)
            || (self.patient.is_some() && self.patient.as_ref() == patient)
    }
}

/// Why an offer can't be accepted any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It was withdrawn.
    Withdrawn(Option<WithdrawnReason>),
    /// Its time is over.
    Expired,
    /// It has another answer.
    Answered(OfferStatus),
    /// The patient has got another place.
    Placed,
}

impl Closed {
    /// The message of the error that says so.
    #[must_use]
    pub fn message(self, offer: i64) -> String {
        match self {
            Self::Withdrawn(Some(WithdrawnReason::Filled)) => {
                format!("the place of offer {offer} is already taken")
            }
            Self::Withdrawn(Some(WithdrawnReason::CalledOn)) => {
                format!("the booking whose place was offer {offer} is called on again")
            }
            Self::Withdrawn(Some(WithdrawnReason::TooLate)) => {
                format!("the appointment of offer {offer} would have begun")
            }
            Self::Withdrawn(Some(WithdrawnReason::ByDesk) | None) => format!("offer {offer} was withdrawn"),
            Self::Withdrawn(Some(WithdrawnReason::Settled)) => {
                format!("the patient of offer {offer} doesn't wait for its place any more")
            }
            Self::Expired => format!("offer {offer} has expired"),
            Self::Answered(status) => format!("offer {offer} was {status}"),
            Self::Placed => format!("the patient of offer {offer} has found another place"),
        }
    }
}

/// Whether an offer of that status is open.
///
/// # Errors
/// Why it isn't.
pub fn require_open(
    status: OfferStatus,
    withdrawn: Option<WithdrawnReason>,
    expires_at: Instant,
    now: Instant,
) -> Result<(), Closed> {
    match status {
        OfferStatus::Offered if expires_at > now => Ok(()),
        OfferStatus::Offered | OfferStatus::Expired => Err(Closed::Expired),
        OfferStatus::Withdrawn => Err(Closed::Withdrawn(withdrawn)),
        OfferStatus::Accepted | OfferStatus::Declined => Err(Closed::Answered(status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant(1_000);

    fn offer(source: Source, id: i64, patient: Option<&Patient>, status: OfferStatus) -> EarlierOffer {
        EarlierOffer { source, id, patient: patient.cloned(), status }
    }

    fn candidate(source: Source, id: i64) -> Candidate {
        Candidate { source, id, distance_days: 0, priority: 0, waiting_since: NOW }
    }

    #[test]
    fn an_offer_ends_with_its_time_or_with_the_appointment() {
        assert_eq!(expiry(NOW, 500, Instant(9_000)), Instant(1_500));
        assert_eq!(expiry(NOW, 500, Instant(1_200)), Instant(1_200));
        assert_eq!(expiry(NOW, i64::MAX, Instant(9_000)), Instant(9_000));
    }

    #[test]
    fn only_open_and_declined_offers_rule_out_another() {
        let ruled_out = OfferStatus::ALL
            .into_iter()
            .filter(|status| offer(Source::Waitlist, 1, None, *status).rules_out_another());
        assert_eq!(ruled_out.collect::<Vec<_>>(), [OfferStatus::Offered, OfferStatus::Declined]);
    }

    #[test]
    fn an_offer_was_made_to_the_row_or_to_the_patient() {
        let [p1, p2] = ["p1", "p2"].map(|key| Patient::Key(key.to_owned()));
        let made = offer(Source::Waitlist, 1, Some(&p1), OfferStatus::Offered);
        assert!(made.was_made_to(&candidate(Source::Waitlist, 1), None));
        assert!(made.was_made_to(&candidate(Source::OwnCancellation, 9), Some(&p1)));
        assert!(!made.was_made_to(&candidate(Source::OwnCancellation, 1), Some(&p2)));
        let unknown = offer(Source::Waitlist, 1, None, OfferStatus::Offered);
        assert!(!unknown.was_made_to(&candidate(Source::Waitlist, 2), None));
    }

    #[test]
    fn an_offer_is_open_until_it_is_answered_or_its_time_is_over() {
        let open = |status| require_open(status, None, Instant(1_001), NOW);
        assert_eq!(open(OfferStatus::Offered), Ok(()));
        assert_eq!(require_open(OfferStatus::Offered, None, NOW, NOW), Err(Closed::Expired));
        assert_eq!(open(OfferStatus::Expired), Err(Closed::Expired));
        assert_eq!(open(OfferStatus::Declined), Err(Closed::Answered(OfferStatus::Declined)));
        assert_eq!(Closed::Answered(OfferStatus::Declined).message(5), "offer 5 was declined");
    }

    #[test]
    fn a_withdrawn_offer_says_why() {
        let messages = WithdrawnReason::ALL.map(|reason| {
            let closed = require_open(OfferStatus::Withdrawn, Some(reason), Instant(1_001), NOW);
            closed.expect_err("it is closed").message(5)
        });
        assert_eq!(
            messages,
            [
                "the place of offer 5 is already taken",
                "the booking whose place was offer 5 is called on again",
                "the appointment of offer 5 would have begun",
                "offer 5 was withdrawn",
                "the patient of offer 5 doesn't wait for its place any more"
            ]
        );
    }
}
