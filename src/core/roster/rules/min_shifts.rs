//! `min_shifts`: at least so many shifts of a person in each period.

use super::facts::Facts;
use super::limits::{Counted, limit};
use super::out::Out;
use super::sentences::Sentences;
use super::{Definition, Expand};
use crate::roster::catalog::{About, Entry, Excuses, RuleKind};
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
            excuses: Excuses::Amount,
            ..Entry::of(
                RuleKind::MinShifts,
                "A person works at least limit_value shifts in each period, or in any rolling_days; each missing one costs weight. It requires nothing of a period that isn't wholly known: one that ends after the plan, or began before the record does. A dated override holds for a period if it holds on its first date within the plan.",
            )
        },
        requirement,
    )
};

fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    limit(facts, out, key, staff, Counted { is_minimum: true, in_minutes: false });
}

fn requirement(of: &Sentences<'_>) -> String {
    format!("{} works at least {} {}", of.who(), of.shifts(of.instance.limit), of.period())
}

fn finding(of: &Sentences<'_>, finding: &Finding) -> String {
    let shifts = of.shifts(finding.value);
    format!("{} works {shifts} {} (at least {})", of.who(), of.period(), of.instance.limit)
}
