//! `min_consecutive_days_off`: the shortest run of days off.

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
    run_rule: Some(RunRule { is_work: false, is_minimum: true }),
    ..Definition::new(
        Entry {
            unit: "days",
            about: About::Person,
            excuses: Excuses::Dates,
            is_about_runs: true,
            ..Entry::of(
                RuleKind::MinConsecutiveDaysOff,
                "A run of days off between working days is at least limit_value long; each missing day costs weight. Runs at an unknown border count as long enough.",
            )
        },
        requirement,
    )
};

fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    shortest(facts, out, key, staff, false);
}

fn requirement(of: &Sentences<'_>) -> String {
    format!("{} has at least {} off in a row ({})", of.who(), days(of.instance.limit), of.when())
}

fn finding(of: &Sentences<'_>, _: &Finding) -> String {
    let (length, limit) = (days(of.length()), of.instance.limit);
    format!("{} has {length} off {} (at least {limit} in a row)", of.who(), of.when())
}
