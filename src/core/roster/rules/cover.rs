//! `cover`: each shift has its people.

use super::facts::Facts;
use super::out::{Draft, Out};
use super::sentences::{Sentences, people};
use super::{Definition, Expand, Fix};
use crate::roster::catalog::{About, Entry, Excuses, RuleKind, Setting};
use crate::roster::instance::Literal;
use crate::roster::judge::Finding;
use crate::roster::settings::RuleKey;

pub(super) static RULE: Definition = Definition {
    expand: Expand::Whole(expand),
    finding,
    requires_people: true,
    fix: Fix::MakeSoft,
    ..Definition::new(
        Entry {
            takes_shift_kind: true,
            has_over_weight: true,
            about: About::Shift,
            built_in: Setting::hard(1000),
            excuses: Excuses::Amount,
            ..Entry::of(
                RuleKind::Cover,
                "Each shift has exactly staff_needed people. Soft: each missing one costs weight, each one too many over_weight. A shift has one such rule, the most specific: of two with equal scope the one for its shift_kind.",
            )
        },
        requirement,
    )
};

/// Called with each key of cover: a shift's rule is of one of them.
fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey) {
    let mut terms = vec![Vec::new(); facts.problem.shifts.len()];
    for (index, pair) in facts.pairs.iter().enumerate() {
        terms[pair.shift].push((1, Literal::Pair(index)));
    }
    for &index in &facts.shifts {
        let shift = &facts.problem.shifts[index];
        let Some(ruling) = facts.ruling(key, None, shift.date, Some(index)) else { continue };
        let cost = ruling.cost(ruling.setting.weight, ruling.setting.over_weight);
        let draft = Draft {
            key,
            staff: None,
            shift: Some(index),
            dates: (shift.date, shift.date),
            limit: shift.staff_needed,
            terms: std::mem::take(&mut terms[index]),
            constant: 0,
        };
        out.push(draft.bounded(&ruling, Some(shift.staff_needed), Some(shift.staff_needed), cost));
    }
}

fn requirement(of: &Sentences<'_>) -> String {
    format!("{} needs {}", of.shift(), people(of.instance.limit))
}

fn finding(of: &Sentences<'_>, finding: &Finding) -> String {
    format!("{} has {} (needs {})", of.shift(), people(finding.value), of.instance.limit)
}
