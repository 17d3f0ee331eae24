//! What people wish for, and what a plan is to stay close to.

use std::collections::BTreeSet;

use super::facts::{Facts, pair};
use super::out::{Draft, Out};
use crate::roster::instance::Literal;
use crate::roster::rules::RuleKey;

/// Each wish of a person. Its instance is keyed by the wish's kind of shift; settings and approvals are the rule's.
pub(super) fn wishes(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let problem = facts.problem;
    let mut wishes: Vec<_> = problem
        .wishes
        .iter()
        .filter(|wish| {
            wish.staff == problem.staff[staff].id && (problem.from..=problem.to).contains(&wish.date)
        })
        .collect();
    wishes.sort_by_key(|wish| (wish.date, &wish.shift_kind, wish.is_wanted, wish.weight));
    for wish in wishes {
        let Some(ruling) = facts.ruling(key, Some(staff), wish.date, None) else { continue };
        let weight = wish.weight.unwrap_or(ruling.setting.weight);
        let (key, day) =
            (RuleKey { shift_kind: wish.shift_kind.clone(), ..key.clone() }, facts.day(wish.date));
        let pairs = facts.pairs_between(staff, day, day).iter().copied();
        let works = out.any(pairs.filter(|&pair| super::facts::counts(&key, facts.shift(pair))).collect());
        let draft = Draft {
            key: &key,
            staff: Some(staff),
            shift: None,
            dates: (wish.date, wish.date),
            limit: i64::from(wish.is_wanted),
            terms: works.map(|works| (1, works)).into_iter().collect(),
            constant: 0,
        };
        let (min, max) = if wish.is_wanted { (Some(1), None) } else { (None, Some(0)) };
        out.push(draft.bounded(&ruling, min, max, ruling.cost(weight, weight)));
    }
}

/// Each assignment of the reference is kept.
pub(super) fn stability(facts: &Facts<'_>, out: &mut Out, key: &RuleKey) {
    let reference =
        facts.problem.reference.iter().filter_map(|&(staff, shift)| pair(facts.problem, staff, shift));
    let reference: BTreeSet<_> = reference.collect();
    for pair in reference {
        let date = facts.problem.shifts[pair.shift].date;
        if !(facts.problem.from..=facts.problem.to).contains(&date) {
            continue;
        }
        let Some(ruling) = facts.ruling(key, Some(pair.staff), date, Some(pair.shift)) else { continue };
        let draft = Draft {
            key,
            staff: Some(pair.staff),
            shift: Some(pair.shift),
            dates: (date, date),
            limit: 1,
            terms: facts.index(pair).map(|index| (1, Literal::Pair(index))).into_iter().collect(),
            constant: 0,
        };
        out.push(draft.at_least(&ruling, 1));
    }
}
