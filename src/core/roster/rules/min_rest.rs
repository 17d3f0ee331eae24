//! `min_rest`: rest between the end of one shift and the start of the next.

use std::collections::{BTreeMap, HashSet};

use super::facts::Facts;
use super::no_overlap;
use super::out::{Draft, Out};
use super::sentences::{Sentences, minutes};
use super::spacing::{Duty, approved, at_most_one, cliques, duties};
use super::{Definition, Expand};
use crate::roster::catalog::{Entry, Excuses, Mode, RuleKind};
use crate::roster::instance::Instance;
use crate::roster::judge::Finding;
use crate::roster::settings::RuleKey;

pub(super) static RULE: Definition = Definition {
    expand: Expand::PerPerson(expand),
    finding,
    ..Definition::new(
        Entry {
            unit: "minutes",
            excuses: Excuses::After,
            ..Entry::of(
                RuleKind::MinRest,
                "Between the end of one shift and the start of the next lie at least limit_value minutes. Soft: each shorter rest costs weight.",
            )
        },
        requirement,
    )
};

/// The rest after each shift, as the setting for that shift has it. Shifts for which the rule is off take no part. Where
/// hard, shifts that overlap break it too, for the cliques hold them; where soft or approved, each two times that are
/// apart but too close are one instance. An approval of a shift approves the rest before it.
fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let duties = duties(facts, key, staff, |ruling| ruling.setting.limit);
    let is_strict = |duty: &Duty| duty.ruling.setting.mode == Mode::Hard && duty.approved.is_none();
    let strict: Vec<_> = duties.iter().filter(|duty| is_strict(duty)).collect();
    let overlaps = if strict.is_empty() { HashSet::new() } else { no_overlap::conditions(facts, staff) };
    for clique in cliques(strict) {
        let instance = at_most_one(facts, key, staff, &clique);
        out.extend(instance.filter(|instance| !overlaps.contains(&instance.terms) || instance.constant > 0));
    }
    let mut times: BTreeMap<_, Vec<&Duty>> = BTreeMap::new();
    for duty in &duties {
        let ruling = (duty.ruling.source, duty.approved, duty.ruling.setting.limit);
        times.entry((duty.during, ruling, duty.pair.is_none())).or_default().push(duty);
    }
    let times: Vec<_> = times.into_values().collect();
    for (at, earlier) in times.iter().enumerate() {
        let (first, close) = (earlier[0], earlier[0].blocked.end);
        for later in times[at + 1..].iter().take_while(|later| later[0].during.start < close) {
            let second = later[0];
            if first.during.overlaps(second.during) || is_strict(first) && is_strict(second) {
                continue;
            }
            let instance = too_close(facts, out, key, staff, earlier, later);
            out.extend(instance);
        }
    }
}

/// Two times of which a person works shifts of one at most.
fn too_close(
    facts: &Facts<'_>,
    out: &mut Out,
    key: &RuleKey,
    staff: usize,
    earlier: &[&Duty],
    later: &[&Duty],
) -> Option<Instance> {
    let mut constant = 0;
    let mut terms = Vec::new();
    for duties in [earlier, later] {
        match out.any(duties.iter().filter_map(|duty| duty.pair).collect()) {
            Some(literal) => terms.push((1, literal)),
            None => constant += 1,
        }
    }
    if terms.is_empty() {
        return None;
    }
    let date = |duties: &[&Duty]| facts.problem.shifts[duties[0].shift].date;
    let draft = Draft {
        key,
        staff: Some(staff),
        shift: (earlier.len() == 1 && later.len() == 1).then_some(later[0].shift),
        dates: (date(earlier), date(later)),
        limit: earlier[0].ruling.setting.limit,
        terms,
        constant,
    };
    approved(Some(draft.at_most(&earlier[0].ruling, 1)), later[0].approved)
}

fn requirement(of: &Sentences<'_>) -> String {
    format!("{} has at least {} of rest between shifts {}", of.who(), minutes(of.instance.limit), of.when())
}

fn finding(of: &Sentences<'_>, _: &Finding) -> String {
    let rest = minutes(of.instance.limit);
    match of.instance.shift {
        Some(_) => format!("{} has less than {rest} of rest before {}", of.who(), of.shift()),
        None => format!("{} has less than {rest} of rest between shifts {}", of.who(), of.when()),
    }
}
