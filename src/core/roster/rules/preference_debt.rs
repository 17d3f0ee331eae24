//! `preference_debt`: who got fewer preferred matches than their share gets more now.

use super::facts::Facts;
use super::fairness::{draft, fair_share};
use super::out::{Draft, Out};
use super::sentences::{Sentences, matches};
use super::{Definition, Expand};
use crate::roster::catalog::{About, Entry, Modes, Period, RuleKind, Setting};
use crate::roster::debt::Counted;
use crate::roster::instance::Cost;
use crate::roster::judge::Finding;
use crate::roster::ledger::fair;
use crate::roster::settings::RuleKey;

pub(super) static RULE: Definition = Definition {
    expand: Expand::PerPerson(expand),
    finding,
    ..Definition::new(
        Entry {
            modes: Modes::Soft,
            about: About::Person,
            looked_up_per: Period::Plan,
            built_in: Setting::soft(10),
            ..Entry::of(
                RuleKind::PreferenceDebt,
                "Everybody has a fair share of the plan's preferred matches: of each its part by contract_percent among those who could work the shift and would be one, with what they are owed from the clinic's fairness_weeks before. A person d matches away from it (beyond rounding) costs weight × d².",
            )
        },
        requirement,
    )
};

/// A person has their fair share of the preferred matches, and what they are owed. Either of the two whole numbers about it is fair.
fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    if !facts.problem.staff[staff].enabled {
        return;
    }
    // Who can have none at all owes none, and is owed none.
    if !facts.can_match(staff) {
        return;
    }
    let Some(ruling) = facts.ruling(key, Some(staff), facts.problem.from, None) else { return };
    let (min, max) = fair(facts.fair_target(staff, &Counted::Matches));
    let draft = Draft { limit: max, ..draft(facts, key, staff, facts.matches(staff)) };
    out.push(draft.bounded(&ruling, Some(min), Some(max), Cost::Square { weight: ruling.setting.weight }));
}

fn requirement(of: &Sentences<'_>) -> String {
    format!("{} has a fair share of preferred matches, {}", of.who(), fair_share(of))
}

fn finding(of: &Sentences<'_>, finding: &Finding) -> String {
    format!("{} has {}, a fair share is {}", of.who(), matches(finding.value), fair_share(of))
}
