//! `max_consecutive_days_off`: the longest run of days off.

use super::facts::Facts;
use super::out::Out;
use super::runs::{RunRule, longest};
use super::sentences::{Sentences, days};
use super::{Definition, Expand};
use crate::roster::catalog::{About, Entry, Excuses, RuleKind};
use crate::roster::judge::Finding;
use crate::roster::settings::RuleKey;

pub(super) static RULE: Definition = Definition {
    expand: Expand::PerPerson(expand),
    finding,
    run_rule: Some(RunRule { is_work: false, is_minimum: false }),
    ..Definition::new(
        Entry {
            unit: "days",
            about: About::Person,
            excuses: Excuses::Dates,
            is_about_runs: true,
            ..Entry::of(
                RuleKind::MaxConsecutiveDaysOff,
                "A run of days off is at most limit_value long; each day more costs weight. Only stretches of limit_value + 1 days in which there is a shift of the plan count: else nobody could work then.",
            )
        },
        requirement,
    )
};

fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    longest(facts, out, key, staff, false);
}

fn requirement(of: &Sentences<'_>) -> String {
    format!("{} has at most {} off in a row ({})", of.who(), days(of.instance.limit), of.when())
}

fn finding(of: &Sentences<'_>, _: &Finding) -> String {
    let (length, limit) = (days(of.length()), of.instance.limit);
    format!("{} has {length} off in a row {} (at most {limit})", of.who(), of.when())
}
