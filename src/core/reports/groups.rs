//! What the rows of a report sum up, and what its ratios look like.

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
