//! The rule kinds, one module each: its entry in the catalog, the instances it expands to, its sentences, and the change
//! that a conflict suggests for it. [`definition`] is the only place that must know every kind.
//!
//! This is the only place where a rule's meaning is written. It must never decide who works what, and the instances of a
//! rule depend on the problem alone: for all candidates (to solve) and for what is assigned (to judge) the same roster
//! breaks the same rules at the same cost. Kinds that share an expansion share a helper module; all read [`facts`] and
//! write to [`out`].

pub(super) mod facts;
pub(super) mod out;

mod fairness;
mod limits;
mod preferences;
mod runs;
mod sentences;
mod single_pair;
mod spacing;
mod staff_per_day;

mod availability;
mod cover;
mod forbidden_succession;
mod load_balance;
mod lock;
mod max_consecutive_days;
mod max_consecutive_days_off;
mod max_days;
mod max_minutes;
mod max_shifts;
mod max_staff_per_day;
mod max_weekends;
mod mild_factor;
mod min_consecutive_days;
mod min_consecutive_days_off;
mod min_minutes;
mod min_rest;
mod min_shifts;
mod min_staff_per_day;
mod no_overlap;
mod non_preferred;
mod preference_debt;
mod preferred;
mod preferred_balance;
mod provider_factor;
mod rotation_block;
mod shift_request;
mod skill_match;
mod stability;
mod time_off;

use crate::roster::catalog::{Entry, RuleKind};
use crate::roster::judge::Finding;
use crate::roster::problem::{Shift, Staff};
use crate::roster::settings::RuleKey;
use facts::Facts;
use out::Out;
use sentences::Sentences;

pub use availability::is_of_disabled;
pub use runs::RunRule;
pub(super) use runs::records;
pub use sentences::{approved_sentence, person, sentence};

/// All that is known of a rule kind.
pub(super) struct Definition {
    /// The catalog's entry.
    pub entry: Entry,
    /// The instances it stands for.
    pub expand: Expand,
    /// The sentence that says what an instance requires.
    requirement: fn(&Sentences<'_>) -> String,
    /// The sentence that says how a roster breaks an instance, or what it costs or earns.
    finding: fn(&Sentences<'_>, &Finding) -> String,
    /// The words for somebody whom an instance keeps from a shift, of kinds about single pairs.
    pub exclusion: Option<Exclusion>,
    /// Whether it requires people: in a conflict it is the demand that the others don't let be met.
    pub requires_people: bool,
    /// The runs of days that it is about, if it is.
    pub run_rule: Option<RunRule>,
    /// The change that a conflict tries for it.
    pub fix: Fix,
}

impl Definition {
    /// A kind that has no instances, whose sentence says the same of a requirement and of a finding, and that can be
    /// loosened: what many definitions have in common.
    const fn new(entry: Entry, requirement: fn(&Sentences<'_>) -> String) -> Self {
        Self {
            entry,
            expand: Expand::Nothing,
            requirement,
            finding: |of, _| (definition(of.instance.key.kind).requirement)(of),
            exclusion: None,
            requires_people: false,
            run_rule: None,
            fix: Fix::Loosen,
        }
    }
}

/// How a kind becomes instances.
pub(super) enum Expand {
    /// It has none: a setting that others read.
    Nothing,
    /// All at once.
    Whole(fn(&Facts<'_>, &mut Out, &RuleKey)),
    /// Person by person, by index.
    PerPerson(fn(&Facts<'_>, &mut Out, &RuleKey, usize)),
}

/// The words for somebody whom an instance keeps from a shift, or holds to it.
pub(super) struct Exclusion {
    /// Said of the people of one shift. The last argument: whether the instance demands the shift of the person.
    pub keeps: fn(&Staff, &Shift, bool) -> Keeps,
    /// Said of the people of many shifts.
    pub heading: fn(bool) -> &'static str,
}

/// A predicate of one person, and the same of several.
#[derive(PartialEq)]
pub(super) struct Keeps {
    /// `is on leave`.
    pub one: String,
    /// `are on leave`.
    pub many: String,
}

impl Keeps {
    pub fn of(one: &str, many: &str) -> Self {
        Self { one: one.to_owned(), many: many.to_owned() }
    }
}

/// The change that a conflict tries for an instance of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fix {
    /// None: it is a fact.
    None,
    /// The time off that is in conflict is cancelled.
    CancelTimeOff,
    /// The lock is removed.
    RemoveLock,
    /// The rule is loosened for the person, or the dates, it is about.
    Loosen,
    /// The rule is made soft for everybody.
    MakeSoft,
}

/// The definition of a kind.
pub(super) fn definition(kind: RuleKind) -> &'static Definition {
    match kind {
        RuleKind::Cover => &cover::RULE,
        RuleKind::MinStaffPerDay => &min_staff_per_day::RULE,
        RuleKind::MaxStaffPerDay => &max_staff_per_day::RULE,
        RuleKind::SkillMatch => &skill_match::RULE,
        RuleKind::Availability => &availability::RULE,
        RuleKind::TimeOff => &time_off::RULE,
        RuleKind::NoOverlap => &no_overlap::RULE,
        RuleKind::MinRest => &min_rest::RULE,
        RuleKind::Preferred => &preferred::RULE,
        RuleKind::NonPreferred => &non_preferred::RULE,
        RuleKind::ProviderFactor => &provider_factor::RULE,
        RuleKind::MildFactor => &mild_factor::RULE,
        RuleKind::LoadBalance => &load_balance::RULE,
        RuleKind::PreferredBalance => &preferred_balance::RULE,
        RuleKind::PreferenceDebt => &preference_debt::RULE,
        RuleKind::MinShifts => &min_shifts::RULE,
        RuleKind::MaxShifts => &max_shifts::RULE,
        RuleKind::MinMinutes => &min_minutes::RULE,
        RuleKind::MaxMinutes => &max_minutes::RULE,
        RuleKind::MaxDays => &max_days::RULE,
        RuleKind::MinConsecutiveDays => &min_consecutive_days::RULE,
        RuleKind::MaxConsecutiveDays => &max_consecutive_days::RULE,
        RuleKind::MinConsecutiveDaysOff => &min_consecutive_days_off::RULE,
        RuleKind::MaxConsecutiveDaysOff => &max_consecutive_days_off::RULE,
        RuleKind::ForbiddenSuccession => &forbidden_succession::RULE,
        RuleKind::MaxWeekends => &max_weekends::RULE,
        RuleKind::ShiftRequest => &shift_request::RULE,
        RuleKind::RotationBlock => &rotation_block::RULE,
        RuleKind::Stability => &stability::RULE,
        RuleKind::Lock => &lock::RULE,
    }
}

impl RuleKind {
    /// The catalog's entry.
    #[must_use]
    pub fn entry(self) -> &'static Entry {
        &definition(self).entry
    }
}

/// The catalog: the entry of every kind, in the order in which a breakdown lists them.
pub fn catalog() -> impl ExactSizeIterator<Item = &'static Entry> {
    RuleKind::ALL.into_iter().map(RuleKind::entry)
}

#[cfg(test)]
mod tests {
    use super::catalog;
    use crate::roster::catalog::{Modes, RuleKind};

    /// Each kind's module speaks of its kind, and of no other.
    #[test]
    fn every_kind_has_an_entry_of_its_own() {
        assert!(catalog().map(|entry| entry.kind).eq(RuleKind::ALL));
    }

    #[test]
    fn entries_agree_with_themselves() {
        for entry in catalog() {
            let kind = entry.kind;
            assert!(entry.meaning.ends_with('.'), "{kind}");
            assert!(!entry.needs_succession || entry.takes_shift_kind, "{kind}");
            assert!(entry.modes != Modes::Hard || !entry.has_over_weight, "{kind}");
            assert_eq!(entry.built_in.limit > 0, entry.is_factor(), "{kind}");
            assert!(entry.settable_modes().contains(&entry.built_in.mode) || !entry.is_settable(), "{kind}");
        }
    }
}
