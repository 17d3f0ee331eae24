//! What-if options of a plan: `clinic.plans.options`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::roster::catalog::RuleKind;
use crate::time::calendar::add_days;

/// The largest weight, in options as in the table of rules.
pub const MAX_WEIGHT: i64 = 1_000_000;

/// The options that stay with a plan, of a roster or of rounds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanOptions {
    /// People left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without_staff_ids: Vec<i64>,
    /// Other weights, by rule kind.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "stored_weights")]
    pub weights: BTreeMap<RuleKind, i64>,
    /// The time limit of the last solve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_limit_seconds: Option<f64>,
    /// The node limit of the last solve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_limit: Option<i64>,
    /// The time from which rounds were planned again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_time: Option<String>,
}

/// A weight that can't be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadWeight {
    /// There is no rule kind of this name.
    UnknownKind(String),
    /// The weight of this kind isn't a whole number from 0 to [`MAX_WEIGHT`].
    OutOfRange(RuleKind),
}

/// Weights from their names and numbers; `None` = not a whole number.
///
/// # Errors
/// [`BadWeight`], of the first that is wrong.
pub fn weights(
    given: impl IntoIterator<Item = (String, Option<i64>)>,
) -> Result<BTreeMap<RuleKind, i64>, BadWeight> {
    let read = |(name, weight): (String, Option<i64>)| {
        let Some(kind) = RuleKind::parse(&name) else { return Err(BadWeight::UnknownKind(name)) };
        let weight = weight.filter(|weight| (0..=MAX_WEIGHT).contains(weight));
        weight.map(|weight| (kind, weight)).ok_or(BadWeight::OutOfRange(kind))
    };
    given.into_iter().map(read).collect()
}

/// Stored weights, held to what [`weights`] allows.
fn stored_weights<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<RuleKind, i64>, D::Error> {
    let stored = BTreeMap::<RuleKind, i64>::deserialize(from)?;
    weights(stored.into_iter().map(|(kind, weight)| (kind.to_string(), Some(weight)))).map_err(
        |bad| match bad {
            BadWeight::UnknownKind(name) => D::Error::custom(format!("{name} is no rule kind")),
            BadWeight::OutOfRange(kind) => {
                D::Error::custom(format!("the weight of {kind} isn't a whole number from 0 to {MAX_WEIGHT}"))
            }
        },
    )
}

/// The last date that a new plan keeps of its reference, if `keep_before` leaves one.
#[must_use]
pub fn kept_until(from: NaiveDate, keep_before: Option<NaiveDate>) -> Option<NaiveDate> {
    keep_before.filter(|first| *first > from).map(|first| add_days(first, -1))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::{BadWeight, MAX_WEIGHT, PlanOptions, kept_until, weights};
    use crate::roster::catalog::RuleKind;

    #[test]
    fn options_are_read_as_they_are_written() {
        let options = PlanOptions {
            without_staff_ids: vec![3, 7],
            weights: [(RuleKind::ShiftRequest, 5)].into(),
            time_limit_seconds: Some(60.0),
            ..PlanOptions::default()
        };
        let json = serde_json::to_value(&options).unwrap();
        let expected = serde_json::json!({
            "without_staff_ids": [3, 7], "weights": {"shift_request": 5}, "time_limit_seconds": 60.0,
        });
        assert_eq!(json, expected);
        assert_eq!(serde_json::from_value::<PlanOptions>(json).unwrap(), options);
        assert_eq!(serde_json::from_str::<PlanOptions>("{}").unwrap(), PlanOptions::default());
        for bad in [
            r#"{"without": [3]}"#,
            r#"{"weights": {"wish": 5}}"#,
            "7",
            r#"{"weights": {"cover": 1.5}}"#,
            r#"{"weights": {"cover": -1}}"#,
            r#"{"weights": {"cover": 1000001}}"#,
        ] {
            assert!(serde_json::from_str::<PlanOptions>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn weights_are_whole_numbers_of_known_kinds() {
        let of = |name: &str, weight| weights([(name.to_owned(), weight)]);
        assert_eq!(of("cover", Some(0)), Ok([(RuleKind::Cover, 0)].into()));
        assert_eq!(of("cover", Some(MAX_WEIGHT)), Ok([(RuleKind::Cover, MAX_WEIGHT)].into()));
        for bad in [None, Some(-1), Some(MAX_WEIGHT + 1)] {
            assert_eq!(of("cover", bad), Err(BadWeight::OutOfRange(RuleKind::Cover)));
        }
        assert_eq!(of("covers", Some(1)), Err(BadWeight::UnknownKind("covers".to_owned())));
    }

    #[test]
    fn only_dates_of_the_plan_are_kept() {
        let date = |day| NaiveDate::from_ymd_opt(2026, 4, day).unwrap();
        assert_eq!(kept_until(date(13), None), None);
        assert_eq!(kept_until(date(13), Some(date(13))), None);
        assert_eq!(kept_until(date(13), Some(date(15))), Some(date(14)));
    }
}
