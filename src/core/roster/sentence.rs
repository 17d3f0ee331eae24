//! An instance in words.

use crate::roster::instance::Instance;
use crate::roster::judge::Finding;
use crate::roster::problem::Problem;

/// An instance in words: so far its kind and its dates alone.
#[must_use]
pub fn sentence(_problem: &Problem, instance: &Instance, _finding: Option<&Finding>) -> String {
    format!("{}, {} to {}", instance.key.kind.as_str(), instance.dates.0, instance.dates.1)
}
