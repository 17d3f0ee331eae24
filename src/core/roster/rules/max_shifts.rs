//! `max_shifts`: at most so many shifts of a person in each period.

use super::facts::Facts;
use super::limits::{Counted, limit};
use super::out::Out;
use super::sentences::Sentences;
use super::{Definition, Expand};
use crate::roster::catalog::{About, Entry, RuleKind};
use crate::roster::judge::Finding;
use crate::roster::settings::RuleKey;

pub(super) static RULE: Definition = Definition {
    expand: Expand::PerPerson(expand),
    finding,
    ..Definition::new(
        Entry {
            unit: "shifts",
            takes_shift_kind: true,
            needs_period: true,
            about: About::Person,
            ..Entry::of(
                RuleKind::MaxShifts,
                "A person works at most limit_value shifts in each period, or in any rolling_days; each one more costs weight. A dated override holds for a period if it holds on its first date within the plan.",
            )
        },
        requirement,
    )
};

fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    limit(facts, out, key, staff, Counted { is_minimum: false, in_minutes: false });
}

fn requirement(of: &Sentences<'_>) -> String {
    format!("{} works at most {} {}", of.who(), of.shifts(of.instance.limit), of.period())
}

fn finding(of: &Sentences<'_>, finding: &Finding) -> String {
    let shifts = of.shifts(finding.value);
    format!("{} works {shifts} {} (at most {})", of.who(), of.period(), of.instance.limit)
}
