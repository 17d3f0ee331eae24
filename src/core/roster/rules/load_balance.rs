//! `load_balance`: everybody works a fair share of the plan's shifts.

use super::facts::Facts;
use super::fairness::draft;
use super::out::{Draft, Out};
use super::sentences::Sentences;
use super::{Definition, Expand};
use crate::roster::catalog::{About, Entry, Modes, Period, RuleKind, Setting};
use crate::roster::instance::Cost;
use crate::roster::judge::Finding;
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
                RuleKind::LoadBalance,
                "Everybody works a fair share of the plan's shifts, by contract_percent. A person d shifts away from it (beyond rounding) costs weight × d².",
            )
        },
        requirement,
    )
};

/// A person works their fair share: the places of all the dates' shifts, divided among enabled people by
/// contract_percent. Either of the two whole numbers about it is fair.
fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let people = &facts.problem.staff;
    if !people[staff].enabled {
        return;
    }
    let Some(ruling) = facts.ruling(key, Some(staff), facts.problem.from, None) else { return };
    let contracts: i64 =
        people.iter().filter(|person| person.enabled).map(|person| i64::from(person.contract_percent)).sum();
    let places = facts
        .shifts
        .iter()
        .fold(0_i64, |sum, &shift| sum.saturating_add(facts.problem.shifts[shift].staff_needed));
    let own = places.saturating_mul(i64::from(people[staff].contract_percent));
    let (whole, rest) = (own.div_euclid(contracts.max(1)), own.rem_euclid(contracts.max(1)));
    let (min, max) = (whole, whole + i64::from(rest > 0));
    let draft = Draft { limit: max, ..draft(facts, key, staff, facts.pairs_of(staff).iter().copied()) };
    out.push(draft.bounded(&ruling, Some(min), Some(max), Cost::Square { weight: ruling.setting.weight }));
}

fn requirement(of: &Sentences<'_>) -> String {
    format!("{} works a fair share, {}", of.who(), fair_share(of))
}

fn finding(of: &Sentences<'_>, finding: &Finding) -> String {
    format!("{} works {}, a fair share is {}", of.who(), of.shifts(finding.value), fair_share(of))
}

fn fair_share(of: &Sentences<'_>) -> String {
    let (min, max) = (of.instance.min.unwrap_or(0), of.instance.max.unwrap_or(0));
    if min == max { max.to_string() } else { format!("{min} or {max}") }
}
