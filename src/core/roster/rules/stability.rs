//! `stability`: a plan stays close to the parent plan, or else the record.

use std::collections::BTreeSet;

use super::facts::{Facts, pair};
use super::out::{Draft, Out};
use super::sentences::Sentences;
use super::{Definition, Expand};
use crate::roster::catalog::{Entry, Modes, RuleKind, Setting};
use crate::roster::instance::Literal;
use crate::roster::judge::Finding;
use crate::roster::settings::RuleKey;

pub(super) static RULE: Definition = Definition {
    expand: Expand::Whole(expand),
    finding,
    ..Definition::new(
        Entry {
            modes: Modes::Soft,
            built_in: Setting::soft(0),
            ..Entry::of(
                RuleKind::Stability,
                "A plan stays close to the parent plan, or else the record: each of its assignments not kept costs weight.",
            )
        },
        requirement,
    )
};

/// Each assignment of the reference is kept.
fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey) {
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

fn requirement(of: &Sentences<'_>) -> String {
    format!("{} still works {}", of.who(), of.shift())
}

fn finding(of: &Sentences<'_>, _: &Finding) -> String {
    format!("{} no longer works {}", of.who(), of.shift())
}
