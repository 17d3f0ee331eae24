//! The clinic's week, and the periods in which limits count.

use chrono::{Datelike, Months, NaiveDate};

use super::catalog::Period;
use super::settings::RuleKey;
use crate::time::calendar::add_days;

/// On which day weeks start, and which days are the weekend, by ISO number (Monday = 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weeks {
    starts_on: u32,
    is_weekend: [bool; 7],
}

impl Default for Weeks {
    /// From Monday on, with Saturday and Sunday as the weekend.
    fn default() -> Self {
        Self::new(1, &[6, 7])
    }
}

impl Weeks {
    /// Weeks that start on a day, with these days as the weekend. What is no day of the week is left out.
    #[must_use]
    pub fn new(starts_on: u32, weekend: &[u32]) -> Self {
        let is_weekend = std::array::from_fn(|day| weekend.contains(&(day as u32 + 1)));
        Self { starts_on: starts_on.clamp(1, 7), is_weekend }
    }

    /// The day that weeks start on, and which days are of the weekend, for a fingerprint.
    #[must_use]
    pub const fn parts(&self) -> (u32, &[bool; 7]) {
        (self.starts_on, &self.is_weekend)
    }

    /// Whether a date is of a weekend.
    #[must_use]
    pub fn is_weekend(&self, date: NaiveDate) -> bool {
        self.is_weekend[date.weekday().num_days_from_monday() as usize]
    }

    /// The first date of the weekend that a date is of: days of a weekend that follow each other are one.
    #[must_use]
    pub fn weekend_of(&self, date: NaiveDate) -> NaiveDate {
        let before = (1..7).take_while(|&days| self.is_weekend(add_days(date, -days)));
        add_days(date, -before.last().unwrap_or(0))
    }

    /// The first date of the week that a date lies in.
    #[must_use]
    pub fn first_of_week(&self, date: NaiveDate) -> NaiveDate {
        let since = (date.weekday().number_from_monday() + 7 - self.starts_on) % 7;
        add_days(date, -i64::from(since))
    }

    /// The first date of the period that a date lies in; of a plan's, which has no calendar, the date itself. Several weeks
    /// are counted from the first week that starts in 2001.
    #[must_use]
    pub fn first(&self, period: Period, date: NaiveDate) -> NaiveDate {
        let of_month = |month: u32| NaiveDate::from_ymd_opt(date.year(), month, 1).unwrap_or(date);
        match period {
            Period::Day | Period::Plan => date,
            Period::Week => self.first_of_week(date),
            Period::TwoWeeks => self.first_of_weeks(2, date),
            Period::FourWeeks => self.first_of_weeks(4, date),
            Period::Month => of_month(date.month()),
            Period::Quarter => of_month(3 * date.month0().div_euclid(3) + 1),
            Period::Year => of_month(1),
        }
    }

    /// The last date of the period that a date lies in; of a plan's the date itself.
    #[must_use]
    pub fn last(&self, period: Period, date: NaiveDate) -> NaiveDate {
        let first = self.first(period, date);
        let months = |count| add_days(first.checked_add_months(Months::new(count)).unwrap_or(first), -1);
        match period {
            Period::Day | Period::Plan => date,
            Period::Week => add_days(first, 6),
            Period::TwoWeeks => add_days(first, 13),
            Period::FourWeeks => add_days(first, 27),
            Period::Month => months(1),
            Period::Quarter => months(3),
            Period::Year => months(12),
        }
    }

    fn first_of_weeks(&self, count: i64, date: NaiveDate) -> NaiveDate {
        let week = self.first_of_week(date);
        let epoch = self.first_of_week(NaiveDate::from_ymd_opt(2001, 1, 7).unwrap_or(date));
        let weeks = (week - epoch).num_days().div_euclid(7);
        add_days(week, -7 * weeks.rem_euclid(count))
    }

    /// The windows of a key that touch these dates: the periods, or all that are `rolling_days` long. Those of a plan are its
    /// dates.
    #[must_use]
    pub fn windows(&self, key: &RuleKey, from: NaiveDate, to: NaiveDate) -> Vec<(NaiveDate, NaiveDate)> {
        if let Some(days) = key.rolling_days {
            let first = add_days(from, 1 - days);
            return first
                .iter_days()
                .take_while(|date| *date <= to)
                .map(|date| (date, add_days(date, days - 1)))
                .collect();
        }
        match key.period {
            None => Vec::new(),
            Some(Period::Plan) => vec![(from, to)],
            Some(period) => self.periods(period, from, to),
        }
    }

    /// The calendar periods that touch these dates.
    #[must_use]
    pub fn periods(&self, period: Period, from: NaiveDate, to: NaiveDate) -> Vec<(NaiveDate, NaiveDate)> {
        let mut found = Vec::new();
        let mut date = from;
        while date <= to {
            let (first, last) = (self.first(period, date), self.last(period, date));
            found.push((first, last));
            date = add_days(last.max(date), 1);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::{Period, Weeks};
    use crate::time::calendar::add_days;
    use chrono::{Datelike, NaiveDate};

    /// Every date lies in exactly one period of each kind, whichever day weeks start on.
    #[test]
    fn periods_follow_each_other() {
        let from = NaiveDate::from_ymd_opt(1999, 11, 1).unwrap();
        for starts_on in 1..=7 {
            let weeks = Weeks::new(starts_on, &[6, 7]);
            for period in Period::ALL {
                let mut date = from;
                while date.year() < 2005 {
                    let (first, last) = (weeks.first(period, date), weeks.last(period, date));
                    assert!(first <= date && date <= last, "{period} {date}");
                    assert_eq!(weeks.first(period, last), if period == Period::Plan { last } else { first });
                    assert_ne!(weeks.first(period, add_days(last, 1)), first);
                    if matches!(period, Period::Week | Period::TwoWeeks | Period::FourWeeks) {
                        assert_eq!(first.weekday().number_from_monday(), starts_on);
                    }
                    date = add_days(date, 1);
                }
            }
        }
    }

    #[test]
    fn weekends_are_days_that_follow_each_other() {
        let friday = NaiveDate::from_ymd_opt(2026, 4, 17).unwrap();
        let of = |weekend: &[u32], days| {
            let weeks = Weeks::new(7, weekend);
            let date = add_days(friday, days);
            (weeks.is_weekend(date), weeks.weekend_of(date))
        };
        assert_eq!(of(&[6, 7], 1), (true, add_days(friday, 1)));
        assert_eq!(of(&[6, 7], 2), (true, add_days(friday, 1)));
        assert_eq!(of(&[5, 6, 7], 2), (true, friday));
        assert_eq!(of(&[5], 0), (true, friday));
        assert!(!of(&[5], 1).0);
        // Over the end of a week that starts on Monday, too.
        assert_eq!(of(&[7, 1], 3), (true, add_days(friday, 2)));
    }
}
