//! Candidates for a freed place: which patients fit it, and in which order. Whether the place can be booked at all is for
//! the judge of slots to say.

pub mod earlier;
pub mod freed;
pub mod offer;
pub mod patient;
mod selection;
pub mod vacancy;

pub use selection::{Look, Selection};

use chrono::{Datelike, NaiveDate};

use crate::booking::score::Score;
use crate::time::calendar::WallTime;
use crate::time::interval::Instant;
use crate::words;

/// Candidates given unless the caller says how many.
pub const DEFAULT_CANDIDATES: usize = 10;
/// A candidate's date may be this many days away from the freed one.
pub const MAX_DISTANCE_DAYS: i64 = 7;

words! {
    /// Why a patient is a candidate. The order decides between equals.
    pub enum Source {
        /// Waits for a place.
        Waitlist = "waitlist",
        /// Has a later booking and wants an earlier time.
        EarlierTime = "earlier_time",
        /// Had a booking of that type near that date, which was cancelled, and has none since.
        OwnCancellation = "own_cancellation",
    }
}

/// The dates and times that are acceptable to a patient; a single date for one who had a booking then.
#[derive(Clone, Debug)]
pub struct Acceptable {
    /// First acceptable date.
    pub from: NaiveDate,
    /// Last acceptable date.
    pub to: NaiveDate,
    /// Acceptable ISO weekdays; empty = any.
    pub weekdays: Vec<u8>,
    /// Earliest acceptable start.
    pub earliest: Option<WallTime>,
    /// Latest acceptable start; earlier than the earliest, it is the next morning's.
    pub latest: Option<WallTime>,
}

impl Acceptable {
    /// Days from `date` to the nearest acceptable date: 0 inside the range. `None` where the patient can't come: too
    /// far away, or on another weekday or at another time of day.
    #[must_use]
    pub fn distance_days(&self, date: NaiveDate, time: WallTime) -> Option<i64> {
        let weekday = date.weekday().number_from_monday();
        let suits_weekday =
            self.weekdays.is_empty() || self.weekdays.iter().any(|day| u32::from(*day) == weekday);
        let suits_time = match (self.earliest, self.latest) {
            // By night: from 22:00 to 02:00.
            (Some(earliest), Some(latest)) if latest < earliest => earliest <= time || time <= latest,
            (earliest, latest) => {
                earliest.is_none_or(|earliest| earliest <= time) && latest.is_none_or(|latest| time <= latest)
            }
        };
        let distance = (self.from - date).num_days().max((date - self.to).num_days()).max(0);
        (suits_weekday && suits_time && distance <= MAX_DISTANCE_DAYS).then_some(distance)
    }
}

/// The score of a candidate: 1 at distance 0, falling linearly to 0 at [`MAX_DISTANCE_DAYS`].
#[must_use]
pub fn score(distance_days: i64) -> Score {
    Score::new(1.0 - distance_days as f64 / MAX_DISTANCE_DAYS as f64)
}

/// A patient to whom the place is acceptable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Why the patient is a candidate.
    pub source: Source,
    /// `waitlist.id`, or the id of the cancelled booking.
    pub id: i64,
    /// Days between the freed date and the nearest acceptable one.
    pub distance_days: i64,
    /// The waitlist entry's; 0 for others.
    pub priority: i32,
    /// Since when the patient waits, or when the own booking was cancelled.
    pub waiting_since: Instant,
}

impl Candidate {
    /// Why the patient is a candidate, as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let Self { id, priority, .. } = self;
        let date = match self.distance_days {
            0 => "the date suits".to_owned(),
            1 => "the date is 1 day off".to_owned(),
            days => format!("the date is {days} days off"),
        };
        let claim = match self.source {
            Source::Waitlist => format!("waits for a place (waitlist entry {id}); {date}"),
            Source::EarlierTime => format!("wants an earlier time (waitlist entry {id}); {date}"),
            Source::OwnCancellation => format!("own booking {id} was cancelled, and none followed; {date}"),
        };
        if *priority == 0 { claim } else { format!("{claim}; priority {priority}") }
    }

    /// The total order of candidates: score, priority, source, who waits longest, id.
    pub(crate) fn rank(&self) -> impl Ord + use<> {
        (self.distance_days, -i64::from(self.priority), self.source, self.waiting_since, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 4, day).expect("a date")
    }

    fn time(hours: i64) -> WallTime {
        WallTime::new(hours * 3_600_000_000).expect("a time")
    }

    fn acceptable() -> Acceptable {
        Acceptable { from: date(13), to: date(15), weekdays: Vec::new(), earliest: None, latest: None }
    }

    #[test]
    fn distance_counts_days_outside_the_range() {
        let distances: Vec<_> =
            [5, 6, 12, 13, 15, 16, 22, 23].map(|day| acceptable().distance_days(date(day), time(9))).to_vec();
        assert_eq!(distances, [None, Some(7), Some(1), Some(0), Some(0), Some(1), Some(7), None]);
    }

    #[test]
    fn weekday_and_time_must_suit() {
        let mondays = Acceptable { weekdays: vec![1], ..acceptable() };
        assert_eq!(mondays.distance_days(date(13), time(9)), Some(0));
        assert_eq!(mondays.distance_days(date(14), time(9)), None);
        let mornings = Acceptable { earliest: Some(time(8)), latest: Some(time(12)), ..acceptable() };
        let suits = [7, 8, 12, 13].map(|hour| mornings.distance_days(date(13), time(hour)).is_some());
        assert_eq!(suits, [false, true, true, false]);
        let nights = Acceptable { earliest: Some(time(22)), latest: Some(time(2)), ..acceptable() };
        let suits =
            [0, 2, 3, 12, 21, 22, 23].map(|hour| nights.distance_days(date(13), time(hour)).is_some());
        assert_eq!(suits, [true, true, false, false, false, true, true]);
    }

    #[test]
    fn the_score_falls_linearly() {
        assert_eq!([0, 1, 6, 7].map(|days| score(days).ten_thousandths()), [10_000, 8_571, 1_429, 0]);
    }
}
