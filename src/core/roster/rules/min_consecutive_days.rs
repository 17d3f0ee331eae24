//! `min_consecutive_days`: the shortest run of working days.

use super::facts::Facts;
use super::out::Out;
use super::runs::{RunRule, shortest};
use super::sentences::{Sentences, days};
use super::{Definition, Expand};
use crate::roster::catalog::{About, Entry, Excuses, RuleKind};
use crate::roster::judge::Finding;
use crate::roster::settings::RuleKey;

pub(super) static RULE: Definition = Definition {
    expand: Expand::PerPerson(expand),
    finding,
    run_rule: Some(RunRule { is_work: true, is_minimum: true }),
    ..Definition::new(
        Entry {
            unit: "days",
            about: About::Person,
            excuses: Excuses::Dates,
            is_about_runs: true,
            ..Entry::of(
                RuleKind::MinConsecutiveDays,
                "A run of working days is at least limit_value long; each missing day costs weight. Runs at an unknown border count as long enough.",
            )
        },
        requirement,
    )
};

fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    shortest(facts, out, key, staff, true);
}

fn requirement(of: &Sentences<'_>) -> String {
    format!("{} works at least {} in a row ({})", of.who(), days(of.instance.limit), of.when())
}

fn finding(of: &Sentences<'_>, _: &Finding) -> String {
    let (length, limit) = (days(of.length()), of.instance.limit);
    format!("{} works {length} in a row {} (at least {limit})", of.who(), of.when())
}
