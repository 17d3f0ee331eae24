//! `rotation_block`: one kind of shift within a week.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::Facts;
use super::limits::weeks;
use super::out::{Draft, Out};
use super::sentences::Sentences;
use super::{Definition, Expand};
use crate::roster::catalog::{About, Entry, Period, RuleKind};
use crate::roster::judge::Finding;
use crate::roster::settings::RuleKey;

pub(super) static RULE: Definition = Definition {
    expand: Expand::PerPerson(expand),
    finding,
    ..Definition::new(
        Entry {
            about: About::Person,
            looked_up_per: Period::Week,
            ..Entry::of(
                RuleKind::RotationBlock,
                "A person works shifts of one kind only within a week; each further kind costs weight. A dated override holds for a week if it holds on its first date within the plan.",
            )
        },
        requirement,
    )
};

/// One kind of shift in each week; what is worked outside the dates counts.
fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    for (monday, sunday) in weeks(facts) {
        let Some(ruling) = facts.ruling_of_period(key, staff, monday) else { continue };
        let worked = facts.worked_between(staff, monday, sunday).iter();
        let worked = worked.filter(|shift| facts.excused(key, staff, **shift).is_none());
        let worked: BTreeSet<_> = worked.map(|&shift| facts.problem.shifts[shift].kind.as_str()).collect();
        let mut kinds: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for &pair in facts.pairs_between(staff, monday, sunday) {
            kinds.entry(&facts.shift(pair).kind).or_default().push(pair);
        }
        kinds.retain(|kind, _| !worked.contains(kind));
        let draft = Draft {
            key,
            staff: Some(staff),
            shift: None,
            dates: (facts.date(monday), facts.date(sunday)),
            limit: 1,
            terms: kinds
                .into_values()
                .filter_map(|pairs| out.any(pairs))
                .map(|literal| (1, literal))
                .collect(),
            constant: worked.len() as i64,
        };
        out.push(draft.at_most(&ruling, 1));
    }
}

fn requirement(of: &Sentences<'_>) -> String {
    format!("{} works shifts of one kind only {}", of.who(), of.when())
}

fn finding(of: &Sentences<'_>, finding: &Finding) -> String {
    format!("{} works {} kinds of shift {}", of.who(), finding.value, of.when())
}
