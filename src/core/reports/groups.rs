//! What the rows of a report sum up, and what its ratios look like.

use chrono::{Datelike, NaiveDate};

use crate::words;

words! {
    /// `group_by` of reports: a row for each of these. Beside them stands one of all.
    pub enum GroupBy {
        /// Providers.
        Provider = "provider",
        /// Rooms.
        Room = "room",
        /// Appointment types.
        Type = "type",
        /// Weekdays.
        Weekday = "weekday",
        /// Hours of the day in which it starts.
        Hour = "hour",
        /// ISO weeks.
        Week = "week",
        /// Months.
        Month = "month",
        /// How many days before its start it was booked.
        LeadTime = "lead_time",
        /// Patients.
        Patient = "patient",
    }
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// `grouped_by` of the row that sums up all.
pub const ALL: &str = "all";

impl GroupBy {
    /// What any booking can be grouped by.
    pub const OF_BOOKINGS: &'static [Self] =
        &[Self::Provider, Self::Room, Self::Type, Self::Weekday, Self::Hour, Self::Week, Self::Month];
    /// What no-shows can be grouped by.
    pub const OF_OUTCOMES: &'static [Self] = &Self::ALL;
    /// What opening time can be grouped by: it is of no type.
    pub const OF_OPENINGS: &'static [Self] =
        &[Self::Provider, Self::Room, Self::Weekday, Self::Hour, Self::Week, Self::Month];

    /// What waiting can be grouped by: it is for no room, and of the day on which somebody joined.
    pub const OF_WAITING: &'static [Self] =
        &[Self::Provider, Self::Type, Self::Weekday, Self::Week, Self::Month];
    /// What lost capacity can be grouped by: opening time is the provider's.
    pub const OF_CAPACITY: &'static [Self] =
        &[Self::Provider, Self::Weekday, Self::Hour, Self::Week, Self::Month];

    /// What the rows of a date are grouped under: 1 for Monday, 202616 for a week, 202604 for a month. `None` where a date
    /// doesn't say.
    #[must_use]
    pub fn key_of(self, date: NaiveDate) -> Option<i64> {
        match self {
            Self::Weekday => Some(i64::from(date.weekday().number_from_monday())),
            Self::Week => Some(i64::from(date.iso_week().year()) * 100 + i64::from(date.iso_week().week())),
            Self::Month => Some(i64::from(date.year()) * 100 + i64::from(date.month())),
            Self::Provider | Self::Room | Self::Type | Self::Hour | Self::LeadTime | Self::Patient => None,
        }
    }

    /// What people call such a key, or an hour. As in sql/reports/grouped.sql; a test compares.
    #[must_use]
    pub fn name_of(self, key: i64) -> String {
        match self {
            Self::Weekday => WEEKDAYS[(key - 1).rem_euclid(7) as usize].to_owned(),
            Self::Hour => format!("{key:02}:00"),
            Self::Week => format!("{}-W{:02}", key / 100, key % 100),
            Self::Month => format!("{}-{:02}", key / 100, key % 100),
            Self::Provider | Self::Room | Self::Type | Self::LeadTime | Self::Patient => key.to_string(),
        }
    }

    /// The words of a list, for a message: `provider, room`.
    #[must_use]
    pub fn list_of(groups: &[Self]) -> String {
        groups.iter().map(|group| group.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// A ratio to four decimals; `None` where there is nothing to divide by.
///
/// ```
/// use pg_clinic_core::reports::groups::ratio;
///
/// assert_eq!(ratio(2.0, 3.0), Some(0.6667));
/// assert_eq!(ratio(0.0, 0.0), None);
/// ```
#[must_use]
pub fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| four_decimals(part / whole))
}

/// A number to four decimals.
#[must_use]
pub fn four_decimals(number: f64) -> f64 {
    (number * 10_000.0).round() / 10_000.0
}

/// A ratio to four decimals in percent: 0.6667 is 66.67.
#[must_use]
pub fn percent(ratio: f64) -> f64 {
    (ratio * 10_000.0).round() / 100.0
}
