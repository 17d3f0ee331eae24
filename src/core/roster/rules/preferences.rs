//! Points for preferences, in both directions, as `preferred` and `non_preferred` count them.

use super::facts::Facts;
use super::out::{Draft, Out};
use crate::roster::catalog::RuleKind;
use crate::roster::instance::{Cost, Literal};
use crate::roster::problem::StatedBy;
use crate::roster::settings::RuleKey;

/// Each pair that fits a preference earns or costs points, once for the person's and once for the provider's.
pub(super) fn preferences(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize, is_earned: bool) {
    for &index in facts.pairs_of(staff) {
        let (pair, shift) = (facts.pairs[index], facts.shift(index));
        for preference in facts.preferences(staff, shift).iter().filter(|row| row.is_preferred == is_earned) {
            let Some(ruling) = facts.ruling(key, Some(staff), shift.date, Some(pair.shift)) else { break };
            // A factor that is off changes nothing.
            let percent = |applies: bool, kind| {
                if applies { facts.setting(kind, pair).unwrap_or(100) } else { 100 }
            };
            let provider = percent(preference.stated_by == StatedBy::Provider, RuleKind::ProviderFactor);
            let mild = percent(!preference.is_strong, RuleKind::MildFactor);
            let points = points(ruling.setting.weight, provider, mild);
            let draft = Draft {
                key,
                staff: Some(staff),
                shift: Some(pair.shift),
                dates: (shift.date, shift.date),
                limit: 0,
                terms: vec![(1, Literal::Pair(index))],
                constant: 0,
            };
            let points = if is_earned { -points } else { points };
            out.push(draft.bounded(&ruling, None, None, Cost::Each { points }));
        }
    }
}

/// A weight at two percentages, rounded half up.
fn points(weight: i64, provider_percent: i64, mild_percent: i64) -> i64 {
    let exact = weight.saturating_mul(provider_percent).saturating_mul(mild_percent);
    exact.saturating_add(5_000) / 10_000
}
