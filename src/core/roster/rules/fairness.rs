//! Sums over a person's pairs on all dates of the plan, for rules about fairness.

use super::facts::Facts;
use super::out::Draft;
use super::sentences::Sentences;
use crate::roster::instance::Literal;
use crate::roster::settings::RuleKey;

/// The sum of some of a person's pairs.
pub(super) fn draft<'k>(
    facts: &Facts<'_>,
    key: &'k RuleKey,
    staff: usize,
    pairs: impl Iterator<Item = usize>,
) -> Draft<'k> {
    Draft {
        key,
        staff: Some(staff),
        shift: None,
        dates: (facts.problem.from, facts.problem.to),
        limit: 0,
        terms: pairs.map(|pair| (1, Literal::Pair(pair))).collect(),
        constant: 0,
    }
}

/// The whole numbers that are fair, as far as somebody can give them.
pub(super) fn fair_share(of: &Sentences<'_>) -> String {
    let (min, max) = (of.instance.min.unwrap_or(0).max(0), of.instance.max.unwrap_or(0).max(0));
    if min == max { max.to_string() } else { format!("{min} or {max}") }
}
