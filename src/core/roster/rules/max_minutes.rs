//! `max_minutes`: at most so many minutes of a person in each period.

use super::facts::Facts;
use super::limits::{Counted, limit};
use super::out::Out;
use super::sentences::{Sentences, minutes};
use super::{Definition, Expand};
use crate::roster::catalog::{About, Entry, Excuses, RuleKind};
use crate::roster::judge::Finding;
use crate::roster::settings::RuleKey;

pub(super) static RULE: Definition = Definition {
    expand: Expand::PerPerson(expand),
    finding,
    ..Definition::new(
        Entry {
            unit: "minutes",
            takes_shift_kind: true,
            needs_period: true,
            about: About::Person,
            excuses: Excuses::Amount,
            ..Entry::of(
                RuleKind::MaxMinutes,
                "A person works at most limit_value minutes in each period, or in any rolling_days; each minute more costs weight. A dated override holds for a period if it holds on its first date within the plan.",
            )
        },
        requirement,
    )
};

fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    limit(facts, out, key, staff, Counted { is_minimum: false, in_minutes: true });
}

fn requirement(of: &Sentences<'_>) -> String {
    let limit = minutes(of.instance.limit);
    format!("{} works at most {limit}{} {}", of.who(), of.of_kind(), of.period())
}

fn finding(of: &Sentences<'_>, finding: &Finding) -> String {
    let worked = minutes(finding.value) + &of.of_kind();
    format!("{} works {worked} {} (at most {})", of.who(), of.period(), of.instance.limit)
}
