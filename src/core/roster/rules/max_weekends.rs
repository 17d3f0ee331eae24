//! `max_weekends`: weekends on which a person works.

use super::facts::Facts;
use super::limits::periods;
use super::out::{Draft, Out};
use super::sentences::{Sentences, count};
use super::{Definition, Expand};
use crate::roster::catalog::{About, Entry, Period, RuleKind};
use crate::roster::judge::Finding;
use crate::roster::settings::RuleKey;

pub(super) static RULE: Definition = Definition {
    expand: Expand::PerPerson(expand),
    finding,
    ..Definition::new(
        Entry {
            unit: "weekends",
            about: About::Person,
            looked_up_per: Period::Plan,
            ..Entry::of(
                RuleKind::MaxWeekends,
                "A person works on at most limit_value weekends (Saturday or Sunday or both) of the plan; each one more costs weight.",
            )
        },
        requirement,
    )
};

/// Weekends on which a person works, by the work within the dates.
fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let Some(ruling) = facts.ruling(key, Some(staff), facts.problem.from, None) else { return };
    let weeks = periods(facts, Period::Week);
    let works = weeks.iter().filter_map(|&(_, sunday)| {
        out.any(facts.pairs_between(staff, sunday - 1, sunday).to_vec()).map(|works| (1, works))
    });
    let terms = works.collect();
    let dates = (facts.problem.from, facts.problem.to);
    let limit = ruling.setting.limit;
    let draft = Draft { key, staff: Some(staff), shift: None, dates, limit, terms, constant: 0 };
    out.push(draft.at_most(&ruling, limit));
}

fn requirement(of: &Sentences<'_>) -> String {
    format!("{} works on at most {}", of.who(), count(of.instance.limit, "weekend", "weekends"))
}

fn finding(of: &Sentences<'_>, finding: &Finding) -> String {
    let weekends = count(finding.value, "weekend", "weekends");
    format!("{} works on {weekends} (at most {})", of.who(), of.instance.limit)
}
