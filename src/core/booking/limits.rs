//! Limits on how many bookings, or how many minutes, a provider, a patient or the clinic may have in a period. All that apply
//! hold. The judge and the trigger ask here which of them a booking counts to, and whether it makes a count grow.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use crate::ids::{AppointmentTypeId, BookingLimitId, ProviderId};
use crate::time::calendar::add_days;
use crate::words;

words! {
    /// Whose bookings are counted together (`booking_limits.per`).
    pub enum LimitPer {
        /// Those of a provider.
        Provider = "provider",
        /// Those of a patient, known by the app's key.
        Patient = "patient",
        /// All of the clinic.
        Clinic = "clinic",
    }
}

words! {
    /// Over which time bookings are counted together (`booking_limits.period`).
    pub enum LimitPeriod {
        /// One date, the clinic's.
        Day = "day",
        /// Monday to Sunday.
        Week = "week",
        /// A month of the calendar.
        Month = "month",
        /// From now on: what isn't over.
        Upcoming = "upcoming",
    }
}

impl LimitPeriod {
    /// The first and last date of the period that a date is in; `None` where dates don't matter.
    #[must_use]
    pub fn dates(self, date: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        match self {
            Self::Day => Some((date, date)),
            Self::Week => {
                let first = add_days(date, -i64::from(date.weekday().num_days_from_monday()));
                Some((first, add_days(first, 6)))
            }
            Self::Month => {
                let first = add_days(date, 1 - i64::from(date.day()));
                // The first of the next month is 28 to 31 days later.
                let later = add_days(first, 31);
                Some((first, add_days(later, -i64::from(later.day()))))
            }
            Self::Upcoming => None,
        }
    }
}

/// What is counted, and how far it may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Most {
    /// Bookings.
    Bookings(i64),
    /// Minutes of bookings, without buffers.
    Minutes(i64),
}

/// `clinic.booking_limits`, an enabled one.
#[derive(Clone, Copy, Debug)]
pub struct BookingLimit {
    /// Its id, named in explanations.
    pub id: BookingLimitId,
    /// Counts bookings with this provider only; `None` = any.
    pub provider: Option<ProviderId>,
    /// Counts bookings of this type only; `None` = any.
    pub appointment_type: Option<AppointmentTypeId>,
    /// Whose bookings are counted together.
    pub per: LimitPer,
    /// Over which time.
    pub period: LimitPeriod,
    /// How far they may go.
    pub most: Most,
}

/// What is booked of a provider on a date and counts to a limit, the patient's own where the limit is a patient's. Of upcoming
/// ones only what isn't over.
#[derive(Clone, Copy, Debug)]
pub struct LimitUse {
    /// The limit.
    pub limit: BookingLimitId,
    /// With whom.
    pub provider: ProviderId,
    /// When, the clinic's date.
    pub local_date: NaiveDate,
    /// How many bookings.
    pub bookings: i64,
    /// How many minutes.
    pub minutes: i64,
}

/// A booking, as far as limits see it.
#[derive(Clone, Copy, Debug)]
pub struct Counted<'a> {
    /// With whom.
    pub provider: ProviderId,
    /// Of which type.
    pub appointment_type: AppointmentTypeId,
    /// The app's key of the patient; without one no patient's limit applies.
    pub patient: Option<&'a str>,
    /// The clinic's date at its start.
    pub local_date: NaiveDate,
    /// How long it is.
    pub minutes: i64,
    /// Whether it takes time.
    pub occupies: bool,
    /// Whether it isn't over.
    pub is_upcoming: bool,
}

impl BookingLimit {
    /// Whether a booking counts to it.
    #[must_use]
    pub fn counts(&self, booking: &Counted<'_>) -> bool {
        booking.occupies
            && self.provider.is_none_or(|provider| provider == booking.provider)
            && self.appointment_type.is_none_or(|kind| kind == booking.appointment_type)
            && (self.per != LimitPer::Patient || booking.patient.is_some())
            && (self.period != LimitPeriod::Upcoming || booking.is_upcoming)
    }

    /// Whether a booking makes a count grow: it counts, and didn't count there before, or for less.
    #[must_use]
    pub fn grows(&self, before: Option<&Counted<'_>>, after: &Counted<'_>) -> bool {
        let is_same = |before: &&Counted<'_>| self.counts(before) && self.count_together(before, after);
        self.counts(after)
            && before.filter(is_same).is_none_or(|before| self.amount(before) < self.amount(after))
    }

    /// What a booking adds.
    #[must_use]
    pub const fn amount(&self, booking: &Counted<'_>) -> i64 {
        match self.most {
            Most::Bookings(_) => 1,
            Most::Minutes(_) => booking.minutes,
        }
    }

    /// How far it goes.
    #[must_use]
    pub const fn limit(&self) -> i64 {
        match self.most {
            Most::Bookings(limit) | Most::Minutes(limit) => limit,
        }
    }

    fn count_together(&self, one: &Counted<'_>, other: &Counted<'_>) -> bool {
        let is_same_subject = match self.per {
            LimitPer::Provider => one.provider == other.provider,
            LimitPer::Patient => one.patient == other.patient,
            LimitPer::Clinic => true,
        };
        is_same_subject && self.period.dates(one.local_date) == self.period.dates(other.local_date)
    }

    fn key(&self, provider: ProviderId, date: NaiveDate) -> Key {
        let provider = (self.per == LimitPer::Provider).then_some(provider);
        (self.id, provider, self.period.dates(date).map(|(first, _)| first))
    }
}

type Key = (BookingLimitId, Option<ProviderId>, Option<NaiveDate>);

/// How far the limits of a snapshot are used.
#[derive(Default)]
pub(crate) struct Used(BTreeMap<Key, i64>);

impl Used {
    pub(crate) fn of(limits: &[BookingLimit], limit_use: &[LimitUse]) -> Self {
        let mut used = BTreeMap::new();
        for limit in limits {
            for row in limit_use.iter().filter(|row| row.limit == limit.id) {
                let amount = match limit.most {
                    Most::Bookings(_) => row.bookings,
                    Most::Minutes(_) => row.minutes,
                };
                *used.entry(limit.key(row.provider, row.local_date)).or_default() += amount;
            }
        }
        Self(used)
    }

    /// Whether there is no room for a booking that makes the limit's count grow.
    pub(crate) fn is_reached(&self, limit: &BookingLimit, booking: &Counted<'_>) -> bool {
        let used = self.0.get(&limit.key(booking.provider, booking.local_date)).copied().unwrap_or(0);
        used + limit.amount(booking) > limit.limit()
    }
}
