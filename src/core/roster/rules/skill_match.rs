//! `skill_match`: who works a shift has its skills.

use std::collections::HashSet;

use super::facts::Facts;
use super::out::Out;
use super::sentences::Sentences;
use super::single_pair::failing;
use super::{Definition, Exclusion, Expand, Fix, Keeps};
use crate::roster::catalog::{Entry, RuleKind, Setting};
use crate::roster::problem::{Shift, Staff};
use crate::roster::settings::RuleKey;

pub(super) static RULE: Definition = Definition {
    expand: Expand::PerPerson(expand),
    exclusion: Some(Exclusion { keeps, heading: |_| "Lacking a skill" }),
    // Nobody learns a skill by a change of a plan.
    fix: Fix::None,
    ..Definition::new(
        Entry {
            built_in: Setting::hard(1000),
            ..Entry::of(
                RuleKind::SkillMatch,
                "Who works a shift has all its required_skills. Soft: each missing skill costs weight.",
            )
        },
        requirement,
    )
};

/// The value is the number of missing skills.
fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let skills: HashSet<_> = facts.problem.staff[staff].skills.iter().collect();
    for &pair in facts.pairs_of(staff) {
        let required = facts.required_skills(facts.pairs[pair].shift);
        let missing = required.iter().filter(|skill| !skills.contains(*skill)).count();
        if missing > 0 {
            let (draft, ruling) = failing(facts, key, staff, pair, missing as i64);
            out.extend(ruling.map(|ruling| draft.at_most(&ruling, 0)));
        }
    }
}

fn requirement(of: &Sentences<'_>) -> String {
    let lacks = match (of.staff_row(), of.shift_row()) {
        (Some(staff), Some(shift)) => missing(staff, shift),
        _ => String::new(),
    };
    format!("{} lacks {lacks} for {}", of.who(), of.shift())
}

fn keeps(staff: &Staff, shift: &Shift, _: bool) -> Keeps {
    let lacks = missing(staff, shift);
    Keeps { one: format!("lacks {lacks}"), many: format!("lack {lacks}") }
}

/// The required skills that a person lacks, none twice.
fn missing(staff: &Staff, shift: &Shift) -> String {
    let mut missing: Vec<&str> = Vec::new();
    for skill in &shift.required_skills {
        if !staff.skills.contains(skill) && !missing.contains(&skill.as_str()) {
            missing.push(skill);
        }
    }
    missing.join(", ")
}
