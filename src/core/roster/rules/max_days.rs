//! `max_days`: days in a period on which a person works. With the rest of the period it says how many are free.

use super::facts::Facts;
use super::limits::limit_of_days;
use super::out::Out;
use super::sentences::{Sentences, days};
use super::{Definition, Expand};
use crate::roster::catalog::{About, Entry, RuleKind};
use crate::roster::judge::Finding;
use crate::roster::settings::RuleKey;

pub(super) static RULE: Definition = Definition {
    expand: Expand::PerPerson(expand),
    finding,
    ..Definition::new(
        Entry {
            unit: "days",
            needs_period: true,
            about: About::Person,
            ..Entry::of(
                RuleKind::MaxDays,
                "A person works on at most limit_value days in each period, or in any rolling_days; each one more costs weight. One day in seven free, averaged over four weeks, is 24 of 28 days.",
            )
        },
        requirement,
    )
};

fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    limit_of_days(facts, out, key, staff, Some);
}

fn requirement(of: &Sentences<'_>) -> String {
    format!("{} works on at most {} {}", of.who(), days(of.instance.limit), of.period())
}

fn finding(of: &Sentences<'_>, finding: &Finding) -> String {
    format!("{} works on {} {} (at most {})", of.who(), days(finding.value), of.period(), of.instance.limit)
}
