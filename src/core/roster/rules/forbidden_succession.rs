//! `forbidden_succession`: kinds of shift that must not follow each other from one date to the next.

use super::facts::Facts;
use super::out::{Draft, Out};
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
            takes_shift_kind: true,
            needs_succession: true,
            about: About::Person,
            ..Entry::of(
                RuleKind::ForbiddenSuccession,
                "Nobody works a shift of next_shift_kind on the date after one of shift_kind. Soft: each time costs weight.",
            )
        },
        requirement,
    )
};

/// No shift of the next kind on the date after one of the kind.
fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let (Some(kind), Some(next_kind)) = (&key.shift_kind, &key.next_shift_kind) else { return };
    for day in -1..facts.days {
        let Some(ruling) = facts.ruling(key, Some(staff), facts.date(day.max(0)), None) else { continue };
        let mut terms = Vec::new();
        let mut constant = 0;
        for (kind, day) in [(kind, day), (next_kind, day + 1)] {
            let pairs = facts.pairs_between(staff, day, day).iter().copied();
            let works = out.any(pairs.filter(|&pair| facts.shift(pair).kind == *kind).collect());
            terms.extend(works.map(|works| (1, works)));
            let counts = |shift: &usize| {
                facts.problem.shifts[*shift].kind == *kind && facts.excused(key, staff, *shift).is_none()
            };
            constant += i64::from(facts.worked_between(staff, day, day).iter().any(counts));
        }
        let dates = (facts.date(day), facts.date(day + 1));
        let draft = Draft { key, staff: Some(staff), shift: None, dates, limit: 1, terms, constant };
        out.push(draft.at_most(&ruling, 1));
    }
}

fn requirement(of: &Sentences<'_>) -> String {
    let next = of.instance.key.next_shift_kind.as_deref().unwrap_or_default();
    let (who, kind, when) = (of.who(), of.kind(), of.when());
    format!("{who} works no {next} shift on the date after a {kind}shift ({when})")
}

fn finding(of: &Sentences<'_>, _: &Finding) -> String {
    let next = of.instance.key.next_shift_kind.as_deref().unwrap_or_default();
    let ((first, last), kind) = (of.instance.dates, of.kind());
    format!("{} works a {kind}shift on {first} and a {next} shift on {last}", of.who())
}
