//! `max_weekends`: weekends on which a person works.

use super::facts::Facts;
use super::limits::limit_of_days;
use super::out::Out;
use super::sentences::{Sentences, count};
use super::{Definition, Expand};
use crate::roster::catalog::{About, Entry, RuleKind};
use crate::roster::judge::Finding;
use crate::roster::settings::RuleKey;

pub(super) static RULE: Definition = Definition {
    expand: Expand::PerPerson(expand),
    finding,
    ..Definition::new(
        Entry {
            unit: "weekends",
            needs_period: true,
            about: About::Person,
            ..Entry::of(
                RuleKind::MaxWeekends,
                "A person works on at most limit_value weekends (any of the clinic's weekend_days in a row) in each period, or in any rolling_days; each one more costs weight. A weekend counts where its first day lies.",
            )
        },
        requirement,
    )
};

fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let weeks = facts.problem.rules.weeks();
    limit_of_days(facts, out, key, staff, |date| weeks.is_weekend(date).then(|| weeks.weekend_of(date)));
}

fn requirement(of: &Sentences<'_>) -> String {
    let weekends = count(of.instance.limit, "weekend", "weekends");
    format!("{} works on at most {weekends} {}", of.who(), of.period())
}

fn finding(of: &Sentences<'_>, finding: &Finding) -> String {
    let weekends = count(finding.value, "weekend", "weekends");
    format!("{} works on {weekends} {} (at most {})", of.who(), of.period(), of.instance.limit)
}
