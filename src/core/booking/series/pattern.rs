//! On which dates the appointments of a series are due. A series that finds no place is looked for again with later dates:
//! stage by stage.

use chrono::{Datelike, NaiveDate};

use crate::time::calendar::{Weekdays, add_days, is_week_of_month, weeks_between};

/// Most appointments of a series.
pub const MAX_COUNT: usize = 52;
/// Most weeks from one appointment to the next.
pub const MAX_EVERY_WEEKS: i64 = 52;
/// Most months from one appointment to the next.
pub const MAX_EVERY_MONTHS: i64 = 12;
/// Most days that an appointment may be off its due date.
pub const MAX_FLEXIBLE_DAYS: i64 = 14;

const DAYS_A_WEEK: i64 = 7;

/// In which rhythm appointments are due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// Every so many weeks, on one ISO weekday; `None` = whichever gives the best series.
    Weekly {
        /// Weeks from one to the next.
        every: i64,
        /// The weekday.
        weekday: Option<u32>,
    },
    /// On each of some weekdays, every so many weeks. Weeks begin on Mondays, and count from the first appointment's.
    Weekdays {
        /// Weeks from one week with appointments to the next.
        every: i64,
        /// The weekdays.
        weekdays: Weekdays,
    },
    /// On the nth of some weekdays of a month, every so many months, counted from the first appointment's.
    Monthly {
        /// Months from one month with appointments to the next.
        every: i64,
        /// Which ones of a month: 1 to 5, or −1 for the last.
        weeks: Vec<i32>,
        /// The weekdays.
        weekdays: Weekdays,
    },
    /// On these dates, ascending.
    Dates(Vec<NaiveDate>),
}

/// The series to find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// How many appointments.
    pub count: usize,
    /// When they are due.
    pub rhythm: Rhythm,
    /// Nothing before this date.
    pub from: NaiveDate,
    /// Nothing after this date can be booked.
    pub until: NaiveDate,
    /// Days that an appointment may be off its due date, either way.
    pub flexible_days: i64,
    /// For how many weeks after the first a beginning is looked for; `None` = as long as one can be booked.
    pub search_weeks: Option<i64>,
    /// Most due dates that are left out for want of a place. The rhythm goes on, up to the count; a list has no more dates.
    pub max_left_out: usize,
}

/// When the appointments of one possible series are due. Those beyond the dates that can be booked are left out, all but
/// one.
pub type DueDates = Vec<NaiveDate>;

impl Pattern {
    /// The most `flexible_days` with which two days stay between any two appointments so many days apart: so none, with what
    /// follows it, reaches into the next, and each can be chosen without regard to the others.
    #[must_use]
    pub const fn max_flexible_days(gap: i64) -> i64 {
        let most = (gap - 3) / 2;
        if most < 0 {
            0
        } else if most < MAX_FLEXIBLE_DAYS {
            most
        } else {
            MAX_FLEXIBLE_DAYS
        }
    }

    /// The same for the nearest two appointments of this series, if it begins as soon as it can.
    #[must_use]
    pub fn most_flexible_days(&self) -> i64 {
        let gaps = match self.stages().next().and_then(|dues| dues.into_iter().next()) {
            Some(due) => due.windows(2).map(|pair| (pair[1] - pair[0]).num_days()).min(),
            None => None,
        };
        gaps.map_or(MAX_FLEXIBLE_DAYS, Self::max_flexible_days)
    }

    /// The series to look for, the soonest first: in each stage those among which the best is chosen. A later stage matters
    /// where the earlier ones have no series.
    pub fn stages(&self) -> Box<dyn Iterator<Item = Vec<DueDates>> + '_> {
        let last_beginning = match self.search_weeks {
            Some(weeks) => add_days(self.from, (weeks + 1) * DAYS_A_WEEK - 1).min(self.until),
            None => self.until,
        };
        match &self.rhythm {
            Rhythm::Weekly { every, weekday } => {
                let beginnings = move |week: i64| {
                    let days = (0..DAYS_A_WEEK).map(move |day| add_days(self.from, week * DAYS_A_WEEK + day));
                    days.filter(move |date| {
                        *date <= self.until
                            && weekday.is_none_or(|weekday| date.weekday().number_from_monday() == weekday)
                    })
                };
                let weeks =
                    (0..).take_while(move |week| add_days(self.from, week * DAYS_A_WEEK) <= last_beginning);
                Box::new(weeks.map(move |week| {
                    let due = |first| {
                        self.bounded((0..).map(move |nth| add_days(first, nth * every * DAYS_A_WEEK)))
                    };
                    beginnings(week).map(due).collect()
                }))
            }
            Rhythm::Dates(dates) => Box::new(std::iter::once(vec![dates.clone()])),
            Rhythm::Weekdays { .. } | Rhythm::Monthly { .. } => {
                let dates = days_from(self.from);
                let beginnings = dates.filter(|date| self.is_due(*date, *date)).enumerate();
                // One at least: the first may be weeks away.
                let beginnings =
                    beginnings.take_while(move |(nth, date)| *nth == 0 || *date <= last_beginning);
                Box::new(beginnings.map(move |(_, first)| {
                    vec![self.bounded(days_from(first).filter(move |date| self.is_due(*date, first)))]
                }))
            }
        }
    }

    /// As many as may be needed, no more than one of them after the last date.
    fn bounded(&self, due: impl Iterator<Item = NaiveDate>) -> DueDates {
        let mut dates = Vec::new();
        for date in due.take(self.count + self.max_left_out) {
            dates.push(date);
            if date > self.latest() {
                break;
            }
        }
        dates
    }

    /// The last date on which an appointment can be due.
    fn latest(&self) -> NaiveDate {
        add_days(self.until, self.flexible_days)
    }

    /// Whether an appointment is due on `date` if the first is on `first`.
    fn is_due(&self, date: NaiveDate, first: NaiveDate) -> bool {
        match &self.rhythm {
            Rhythm::Weekdays { every, weekdays } => {
                weekdays.contains(date) && weeks_between(first, date) % every == 0
            }
            Rhythm::Monthly { every, weeks, weekdays } => {
                weekdays.contains(date)
                    && (month(date) - month(first)) % every == 0
                    && weeks.iter().any(|week| is_week_of_month(date, *week))
            }
            Rhythm::Weekly { .. } | Rhythm::Dates(_) => false,
        }
    }

    /// The dates on which appointment `nth` (from 0) can be: off its due date by the flexible days, not before the first nor
    /// after the last date, and not so near to its neighbors that they could meet. `None` where there is none.
    #[must_use]
    pub fn window(&self, due: &DueDates, nth: usize) -> Option<(NaiveDate, NaiveDate)> {
        let date = *due.get(nth)?;
        let flexible = |other: Option<&NaiveDate>| {
            let gap = other.map(|other| Self::max_flexible_days((*other - date).num_days().abs()));
            gap.unwrap_or(MAX_FLEXIBLE_DAYS).min(self.flexible_days)
        };
        let before = nth.checked_sub(1).and_then(|nth| due.get(nth));
        let first = add_days(date, -flexible(before)).max(self.from);
        let last = add_days(date, flexible(due.get(nth + 1))).min(self.until);
        (first <= last).then_some((first, last))
    }
}

/// Every date from one on.
fn days_from(first: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (0..).map(move |day| add_days(first, day))
}

fn month(date: NaiveDate) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month0())
}
