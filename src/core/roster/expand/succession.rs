//! Kinds of shift that must not follow each other from one date to the next.

use super::facts::Facts;
use super::out::{Draft, Out};
use crate::roster::rules::RuleKey;

/// No shift of the next kind on the date after one of the kind.
pub(super) fn forbidden_succession(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let (Some(kind), Some(next_kind)) = (&key.shift_kind, &key.next_shift_kind) else { return };
    for day in -1..facts.days {
        let Some(ruling) = facts.ruling(key, Some(staff), facts.date(day.max(0)), None) else { continue };
        let mut terms = Vec::new();
        let mut constant = 0;
        for (kind, day) in [(kind, day), (next_kind, day + 1)] {
            let pairs = facts.pairs_between(staff, day, day).iter().copied();
            let works = out.any(pairs.filter(|&pair| facts.shift(pair).kind == *kind).collect());
            terms.extend(works.map(|works| (1, works)));
            let worked = facts.worked_between(staff, day, day).iter();
            constant += i64::from(worked.into_iter().any(|&shift| facts.problem.shifts[shift].kind == *kind));
        }
        let dates = (facts.date(day), facts.date(day + 1));
        let draft = Draft { key, staff: Some(staff), shift: None, dates, limit: 1, terms, constant };
        out.push(draft.at_most(&ruling, 1));
    }
}
