//! Requirements of one person on one shift. Only pairs that fail have an instance.

use super::facts::{Facts, Ruling};
use super::out::Draft;
use crate::roster::instance::Literal;
use crate::roster::settings::RuleKey;

/// The pair by itself, and the setting that holds for it.
pub(super) fn failing<'k>(
    facts: &Facts<'_>,
    key: &'k RuleKey,
    staff: usize,
    pair: usize,
    factor: i64,
) -> (Draft<'k>, Option<Ruling>) {
    let (shift, date) = (facts.pairs[pair].shift, facts.shift(pair).date);
    let draft = Draft {
        key,
        staff: Some(staff),
        shift: Some(shift),
        dates: (date, date),
        limit: 0,
        terms: vec![(factor, Literal::Pair(pair))],
        constant: 0,
    };
    (draft, facts.ruling(key, Some(staff), date, Some(shift)))
}
