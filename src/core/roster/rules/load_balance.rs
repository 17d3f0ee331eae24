//! `load_balance`: everybody works a fair share of the plan's shifts.

use super::facts::{Facts, counts};
use super::fairness::{draft, fair_share};
use super::out::{Draft, Out};
use super::sentences::Sentences;
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
            takes_shift_kind: true,
            about: About::Person,
            looked_up_per: Period::Plan,
            built_in: Setting::soft(10),
            ..Entry::of(
                RuleKind::LoadBalance,
                "Everybody works a fair share of the plan's shifts, or of those of shift_kind: of each its part by contract_percent among those who could work it, with what they are owed from the clinic's fairness_weeks before. A person d shifts away from it (beyond rounding) costs weight × d².",
            )
        },
        requirement,
    )
};

/// A person works their fair share, and what they are owed. Either of the two whole numbers about it is fair.
fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    if !facts.problem.staff[staff].enabled {
        return;
    }
    let Some(ruling) = facts.ruling(key, Some(staff), facts.problem.from, None) else { return };
    let (min, max) = fair(facts.fair_target(staff, &Counted::Shifts(key.shift_kind.clone())));
    let pairs = facts.pairs_of(staff).iter().copied().filter(|&pair| counts(key, facts.shift(pair)));
    let draft = Draft { limit: max, ..draft(facts, key, staff, pairs) };
    out.push(draft.bounded(&ruling, Some(min), Some(max), Cost::Square { weight: ruling.setting.weight }));
}

fn requirement(of: &Sentences<'_>) -> String {
    format!("{} works a fair share, {}", of.who(), fair_share(of))
}

fn finding(of: &Sentences<'_>, finding: &Finding) -> String {
    format!("{} works {}, a fair share is {}", of.who(), of.shifts(finding.value), fair_share(of))
}
