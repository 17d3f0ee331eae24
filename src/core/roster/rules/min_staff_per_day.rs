//! `min_staff_per_day`: at least so many people work on a date.

use super::facts::Facts;
use super::out::Out;
use super::sentences::{Sentences, people_work};
use super::staff_per_day::staff_per_day;
use super::{Definition, Expand};
use crate::roster::catalog::{About, Entry, Excuses, RuleKind};
use crate::roster::judge::Finding;
use crate::roster::settings::RuleKey;

pub(super) static RULE: Definition = Definition {
    expand: Expand::Whole(expand),
    finding,
    requires_people: true,
    ..Definition::new(
        Entry {
            unit: "people",
            takes_shift_kind: true,
            about: About::Date,
            excuses: Excuses::Amount,
            ..Entry::of(
                RuleKind::MinStaffPerDay,
                "On each date with such shifts at least limit_value people work shifts of the kind; each missing one costs weight.",
            )
        },
        requirement,
    )
};

fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey) {
    staff_per_day(facts, out, key, true);
}

fn requirement(of: &Sentences<'_>) -> String {
    format!("at least {} {}shifts {}", people_work(of.instance.limit), of.kind(), of.when())
}

fn finding(of: &Sentences<'_>, finding: &Finding) -> String {
    let (people, limit) = (people_work(finding.value), of.instance.limit);
    format!("{people} {}shifts {} (at least {limit})", of.kind(), of.when())
}
