//! What would make a roster possible: leaves, locks and rules of a conflict, each left out and tried. Must never promise a
//! mend that the solver hasn't confirmed.

use std::collections::{BTreeMap, BTreeSet};

use crate::roster::catalogue::RuleKind;
use crate::roster::instance::{Expansion, Instance};
use crate::roster::model::about_one_pair;
use crate::roster::problem::Problem;
use crate::roster::solve::SolveError;

use super::is_cover;
use super::search::Search;

/// So many are tried at most.
const TRIED: usize = 24;

/// What would mend all contradictions: each single change tried, and how many people fewer would do.
pub(super) fn mends(
    problem: &Problem,
    search: &mut Search<'_, '_>,
    set: &[usize],
) -> Result<Vec<String>, SolveError> {
    let hard = search.hard();
    let mut mends = Vec::new();
    for (words, without) in changes(problem, search.expansion, set, &hard).into_iter().take(TRIED) {
        let rest: Vec<_> = hard.iter().copied().filter(|number| !without.contains(number)).collect();
        if search.can_hold(&rest)? == Some(true) {
            mends.push(words);
        }
    }
    if set.iter().any(|&number| is_cover(&search.expansion.instances[number]))
        && let Some(shortage) = search.shortage(&hard)?.filter(|&shortage| shortage > 0)
    {
        let places = if shortage == 1 { "1 place".into() } else { format!("{shortage} places") };
        mends.push(format!("make cover soft: {places} would stay open"));
    }
    Ok(mends)
}

/// The changes worth trying, the smallest first: words, and the instances that go with them.
fn changes(
    problem: &Problem,
    expansion: &Expansion,
    set: &[usize],
    hard: &[usize],
) -> Vec<(String, BTreeSet<usize>)> {
    let (mut leaves, mut locks, mut rules) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for &number in set {
        let instance = &expansion.instances[number];
        let pair = about_one_pair(instance).map(|(pair, _)| expansion.pairs[pair]);
        match (instance.key.kind, pair) {
            (RuleKind::TimeOff, Some(pair)) => {
                let during = problem.shifts[pair.shift].during;
                let off = problem.staff[pair.staff].time_off.iter().filter(|(_, span)| span.overlaps(during));
                for &(id, span) in off {
                    leaves.entry(id).or_insert_with(|| leave(problem, expansion, hard, pair.staff, id, span));
                }
            }
            (RuleKind::Lock, Some(pair)) => {
                let words = format!(
                    "remove the lock on {} for {}",
                    problem.shifts[pair.shift].label,
                    person(problem, pair.staff)
                );
                locks.entry(pair).or_insert_with(|| (words, BTreeSet::new())).1.insert(number);
            }
            // Skills and availability are what they are; places left open are told by their number.
            (RuleKind::SkillMatch | RuleKind::Availability | RuleKind::Lock | RuleKind::TimeOff, _) => {}
            (RuleKind::NoOverlap, _) => {}
            _ if is_cover(instance) => {}
            _ => {
                let key = (instance.key.clone(), instance.source, instance.staff);
                rules.entry(key).or_insert_with(|| rule(problem, expansion, hard, instance));
            }
        }
    }
    let of_people: Vec<_> = rules.into_values().collect();
    leaves.into_values().chain(locks.into_values()).chain(of_people).collect()
}

/// Without a leave: all its instances, for everybody it is about, unless another leave says the same.
fn leave(
    problem: &Problem,
    expansion: &Expansion,
    hard: &[usize],
    staff: usize,
    id: crate::ids::TimeOffId,
    span: crate::interval::Span,
) -> (String, BTreeSet<usize>) {
    let goes = |number: &usize| {
        let instance = &expansion.instances[*number];
        let Some((pair, _)) = about_one_pair(instance).filter(|_| instance.key.kind == RuleKind::TimeOff)
        else {
            return false;
        };
        let pair = expansion.pairs[pair];
        let during = problem.shifts[pair.shift].during;
        let off = &problem.staff[pair.staff].time_off;
        span.overlaps(during)
            && off.iter().any(|&(other, _)| other == id)
            && !off.iter().any(|&(other, span)| other != id && span.overlaps(during))
    };
    let without: BTreeSet<_> = hard.iter().copied().filter(goes).collect();
    let people: BTreeSet<_> =
        without.iter().filter_map(|&number| expansion.instances[number].staff).collect();
    let whose = if people.len() > 1 {
        format!("of {} people", people.len())
    } else {
        format!("of {}", person(problem, staff))
    };
    (format!("cancel time off {id} {whose}"), without)
}

/// Without a rule for the person, or the dates, it is about.
fn rule(
    problem: &Problem,
    expansion: &Expansion,
    hard: &[usize],
    model: &Instance,
) -> (String, BTreeSet<usize>) {
    let is_same = |number: &usize| {
        let instance = &expansion.instances[*number];
        (&instance.key, instance.source, instance.staff) == (&model.key, model.source, model.staff)
    };
    let whom = model.staff.map(|staff| format!(" for {}", person(problem, staff))).unwrap_or_default();
    let of_kind = model.key.shift_kind.as_ref().map(|kind| format!(" ({kind})")).unwrap_or_default();
    let words = format!("loosen {}{of_kind}{whom}", model.key.kind.as_str());
    (words, hard.iter().copied().filter(is_same).collect())
}

fn person(problem: &Problem, staff: usize) -> String {
    format!("staff {} ({})", problem.staff[staff].id, problem.staff[staff].name)
}
