//! `no_overlap`: nobody works two shifts at the same time.

use std::collections::HashSet;

use super::facts::Facts;
use super::out::Out;
use super::sentences::Sentences;
use super::spacing::{approved, at_most_one, cliques, duties};
use super::{Definition, Expand, Fix};
use crate::roster::catalog::{Entry, Excuses, Modes, RuleKind, Setting};
use crate::roster::instance::Literal;
use crate::roster::judge::Finding;
use crate::roster::settings::RuleKey;

pub(super) static RULE: Definition = Definition {
    expand: Expand::PerPerson(expand),
    finding,
    // Nobody can be in two places.
    fix: Fix::None,
    ..Definition::new(
        Entry {
            modes: Modes::Hard,
            built_in: Setting::hard(0),
            excuses: Excuses::After,
            ..Entry::of(RuleKind::NoOverlap, "Nobody works two shifts at the same time.")
        },
        requirement,
    )
};

/// Nobody works two shifts at once. A shift for which the rule is off takes no part. An approval of a shift approves its overlap
/// with those before it.
fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let duties = duties(facts, key, staff, |_| 0);
    let (strict, excused): (Vec<_>, Vec<_>) = duties.iter().partition(|duty| duty.approved.is_none());
    for clique in cliques(strict) {
        out.extend(at_most_one(facts, key, staff, &clique));
    }
    if excused.is_empty() {
        return;
    }
    for (at, first) in duties.iter().enumerate() {
        for second in &duties[at + 1..] {
            let is_listed = first.approved.is_some() || second.approved.is_some();
            if is_listed && first.during.overlaps(second.during) {
                let instance = at_most_one(facts, key, staff, &[first, second]);
                out.extend(approved(instance, second.approved));
            }
        }
    }
}

/// The conditions of no_overlap about a person, lest min_rest repeat them.
pub(super) fn conditions(facts: &Facts<'_>, staff: usize) -> HashSet<Vec<(i64, Literal)>> {
    let key = RuleKey::of(RuleKind::NoOverlap);
    let mut duties = duties(facts, &key, staff, |_| 0);
    duties.retain(|duty| duty.approved.is_none());
    let found = cliques(duties.iter().collect());
    found
        .iter()
        .filter_map(|clique| at_most_one(facts, &key, staff, clique))
        .map(|instance| instance.terms)
        .collect()
}

fn requirement(of: &Sentences<'_>) -> String {
    format!("{} works one shift at a time {}", of.who(), of.when())
}

fn finding(of: &Sentences<'_>, finding: &Finding) -> String {
    match of.instance.shift {
        Some(_) => format!("{} works another shift at the same time as {}", of.who(), of.shift()),
        None => format!("{} works {} shifts at the same time {}", of.who(), finding.value, of.when()),
    }
}
