//! `shift_request`: requests of staff for or against a date, or a kind of shift on it.

use super::facts::{Facts, counts};
use super::out::{Draft, Out};
use super::sentences::Sentences;
use super::{Definition, Expand};
use crate::roster::catalog::{About, Entry, Excuses, RuleKind, Setting};
use crate::roster::judge::Finding;
use crate::roster::settings::RuleKey;

pub(super) static RULE: Definition = Definition {
    expand: Expand::PerPerson(expand),
    finding,
    ..Definition::new(
        Entry {
            about: About::Person,
            built_in: Setting::soft(20),
            excuses: Excuses::Dates,
            ..Entry::of(
                RuleKind::ShiftRequest,
                "A shift request is met; else it costs its own weight, or the rule's where it has none.",
            )
        },
        requirement,
    )
};

/// The instance of a request is keyed by the request's kind of shift; settings and approvals are the rule's.
fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let problem = facts.problem;
    let mut requests: Vec<_> = problem
        .shift_requests
        .iter()
        .filter(|request| {
            request.staff == problem.staff[staff].id && (problem.from..=problem.to).contains(&request.date)
        })
        .collect();
    requests.sort_by_key(|request| (request.date, &request.shift_kind, request.is_wanted, request.weight));
    for request in requests {
        let Some(ruling) = facts.ruling(key, Some(staff), request.date, None) else { continue };
        let weight = request.weight.unwrap_or(ruling.setting.weight);
        let (key, day) =
            (RuleKey { shift_kind: request.shift_kind.clone(), ..key.clone() }, facts.day(request.date));
        let pairs = facts.pairs_between(staff, day, day).iter().copied();
        let works = out.any(pairs.filter(|&pair| counts(&key, facts.shift(pair))).collect());
        let draft = Draft {
            key: &key,
            staff: Some(staff),
            shift: None,
            dates: (request.date, request.date),
            limit: i64::from(request.is_wanted),
            terms: works.map(|works| (1, works)).into_iter().collect(),
            constant: 0,
        };
        let (min, max) = if request.is_wanted { (Some(1), None) } else { (None, Some(0)) };
        out.push(draft.bounded(&ruling, min, max, ruling.cost(weight, weight)));
    }
}

fn requirement(of: &Sentences<'_>) -> String {
    let verb = if of.instance.min.is_some() { "requests to work" } else { "requests not to work" };
    match &of.instance.key.shift_kind {
        Some(kind) => format!("{} {verb} a {kind} shift {}", of.who(), of.when()),
        None => format!("{} {verb} {}", of.who(), of.when()),
    }
}

fn finding(of: &Sentences<'_>, _: &Finding) -> String {
    format!("{}: not met", requirement(of))
}
