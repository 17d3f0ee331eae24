//! Wall-clock time: dates and times of day. The only room where local time exists is [`time`](super): everything behind
//! it sees instants.

use std::fmt;

use chrono::{Datelike, NaiveDate};

use crate::time::interval::{MICROS_PER_DAY, MICROS_PER_MINUTE, MICROS_PER_SECOND};

/// `NaiveDate::num_days_from_ce` of 2000-01-01.
const PG_EPOCH_DAYS_FROM_CE: i64 = 730_120;

/// PostgreSQL's count of a date: days since 2000-01-01.
#[must_use]
pub fn date_to_pg_days(date: NaiveDate) -> i32 {
    // Both counts stay far inside i32: chrono's years end at ±262,143.
    days_from_date(date) as i32
}

/// The date of PostgreSQL's count (days since 2000-01-01); `None` outside the years ±262,142.
#[must_use]
pub fn date_from_pg_days(days: i32) -> Option<NaiveDate> {
    let from_ce = i64::from(days) + PG_EPOCH_DAYS_FROM_CE;
    NaiveDate::from_num_days_from_ce_opt(i32::try_from(from_ce).ok()?)
}

/// `date` moved by `days`, stopping at the first and last date there is.
#[must_use]
pub fn add_days(date: NaiveDate, days: i64) -> NaiveDate {
    date_from_days(days_from_date(date).saturating_add(days))
}

/// Days from `from` to `to`, both counted; 0 if `to` is earlier.
#[must_use]
pub fn count_days(from: NaiveDate, to: NaiveDate) -> usize {
    usize::try_from(days_from_date(to) - days_from_date(from) + 1).unwrap_or(0)
}

/// How many weeks, Monday to Sunday, the week of `date` is after that of `first`.
#[must_use]
pub fn weeks_between(first: NaiveDate, date: NaiveDate) -> i64 {
    let monday = |date: NaiveDate| add_days(date, -i64::from(date.weekday().num_days_from_monday()));
    (monday(date) - monday(first)).num_days() / 7
}

/// Whether a date is the nth of its weekday in its month; −1 = the last.
#[must_use]
pub fn is_week_of_month(date: NaiveDate, nth: i32) -> bool {
    match nth {
        -1 => add_days(date, 7).month() != date.month(),
        _ => date.day0() as i32 / 7 + 1 == nth,
    }
}

pub(super) fn days_from_date(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce()) - PG_EPOCH_DAYS_FROM_CE
}

pub(super) fn date_from_days(days: i64) -> NaiveDate {
    let from_ce = days.saturating_add(PG_EPOCH_DAYS_FROM_CE);
    let date = i32::try_from(from_ce).ok().and_then(NaiveDate::from_num_days_from_ce_opt);
    date.unwrap_or(if days < 0 { NaiveDate::MIN } else { NaiveDate::MAX })
}

/// A time of day: microseconds since midnight, from 00:00 to 24:00, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WallTime(i64);

impl WallTime {
    /// 00:00.
    pub const MIDNIGHT: Self = Self(0);
    /// 24:00.
    pub const END_OF_DAY: Self = Self(MICROS_PER_DAY);

    /// The time `micros` microseconds after midnight; `None` outside 00:00 to 24:00.
    #[must_use]
    pub fn new(micros: i64) -> Option<Self> {
        (0..=MICROS_PER_DAY).contains(&micros).then_some(Self(micros))
    }

    /// Microseconds since midnight.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    pub(super) fn within_day(local_micros: i64) -> Self {
        Self(local_micros.rem_euclid(MICROS_PER_DAY))
    }
}

impl fmt::Display for WallTime {
    /// `09:05`, with seconds only where there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.0 / MICROS_PER_MINUTE;
        write!(f, "{:02}:{:02}", minutes / 60, minutes % 60)?;
        match self.0 % MICROS_PER_MINUTE / MICROS_PER_SECOND {
            0 => Ok(()),
            seconds => write!(f, ":{seconds:02}"),
        }
    }
}

/// A stretch of the day, both ends included. A missing end is 00:00 or 24:00. `from` later than `until` spans midnight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimesOfDay {
    /// Not before.
    pub from: Option<WallTime>,
    /// Not after.
    pub until: Option<WallTime>,
}

impl TimesOfDay {
    /// Both ends.
    #[must_use]
    pub fn ends(self) -> (WallTime, WallTime) {
        (self.from.unwrap_or(WallTime::MIDNIGHT), self.until.unwrap_or(WallTime::END_OF_DAY))
    }

    /// Whether `time` is in it.
    #[must_use]
    pub fn contains(self, time: WallTime) -> bool {
        let (from, until) = self.ends();
        if from <= until { from <= time && time <= until } else { time >= from || time <= until }
    }
}

/// Some of the ISO weekdays, 1 = Monday to 7 = Sunday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weekdays(u8);

impl Weekdays {
    /// Every day of the week.
    pub const ALL: Self = Self(0b1111_1110);

    /// The weekdays of these numbers; others than 1 to 7 are left out.
    #[must_use]
    pub fn of(numbers: impl IntoIterator<Item = u32>) -> Self {
        let bits = numbers.into_iter().filter(|number| (1..=7).contains(number)).map(|number| 1 << number);
        Self(bits.fold(0, |set, bit: u8| set | bit))
    }

    /// The numbers of these weekdays, ascending.
    #[must_use]
    pub fn numbers(self) -> Vec<i32> {
        (1..=7).filter(|number| self.0 >> number & 1 == 1).collect()
    }

    /// Whether `date` is on one of them.
    #[must_use]
    pub fn contains(self, date: NaiveDate) -> bool {
        self.0 >> date.weekday().number_from_monday() & 1 == 1
    }
}
