//! The changes that would make a roster possible: leaves, locks and rules of a conflict, each left out and tried. Must
//! never suggest a fix that the solver hasn't confirmed.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::search::{Deviation, Search};
use crate::ids::TimeOffId;
use crate::plans::LockAction;
use crate::roster::expand::{demands_of_locks, expand_to_plan};
use crate::roster::instance::{Expansion, Instance};
use crate::roster::model::about_one_pair;
use crate::roster::outcome::SolveError;
use crate::roster::problem::{Lock, Problem};
use crate::roster::rules::{Fix, definition, person};
use crate::roster::settings::{RuleKey, Source};
use crate::time::interval::Span;

/// Most changes that are tried.
const TRIED: usize = 12;

/// A rule is loosened person by person up to so many, else for all of them.
const PERSON_BY_PERSON: usize = 4;

/// The text, and the instances that go.
type Change = (String, BTreeSet<usize>);

/// A rule, the row that set it, and whom it is about.
type RuleOfPerson = (RuleKey, Source, Option<usize>);

/// The changes that end all contradictions: each single one that does, and how far covers would be missed.
pub(super) fn suggested_fixes(
    problem: &Problem,
    search: &mut Search<'_, '_>,
    set: &[usize],
) -> Result<Vec<String>, SolveError> {
    let hard = search.hard();
    let mut fixes = Vec::new();
    let mut changes = changes(problem, search.expansion, set, &hard);
    changes.truncate(TRIED);
    let without = |change: &dyn Fn(&usize) -> bool| -> Vec<usize> {
        hard.iter().copied().filter(|number| !change(number)).collect()
    };
    // Where all together end nothing, another contradiction is left, which none of them ends.
    let all: BTreeSet<_> = changes.iter().flat_map(|(_, without)| without.iter().copied()).collect();
    if changes.len() > 1 && search.can_hold(&without(&|number| all.contains(number)))? != Some(true) {
        changes.clear();
    }
    for (text, change) in changes {
        if search.can_hold(&without(&|number| change.contains(number)))? == Some(true) {
            fixes.push(text);
        }
    }
    if set.iter().any(|&number| fix_of(&search.expansion.instances[number]) == Fix::MakeSoft)
        && let Some(deviation) = search.cover_deviation()?
    {
        fixes.push(format!("make cover soft: {}", deviation_text(deviation)));
    }
    Ok(fixes)
}

fn fix_of(instance: &Instance) -> Fix {
    definition(instance.key.kind).fix
}

fn deviation_text(Deviation { missing, excess }: Deviation) -> String {
    let places = if missing == 1 { "1 place".into() } else { format!("{missing} places") };
    let people = if excess == 1 { "1 person".into() } else { format!("{excess} people") };
    match (missing, excess) {
        (_, 0) => format!("{places} would stay open"),
        (0, _) => format!("{people} too many would work"),
        _ => format!("{places} would stay open, {people} too many would work"),
    }
}

/// The changes worth trying: leaves, then locks, then rules.
fn changes(problem: &Problem, expansion: &Expansion, set: &[usize], hard: &[usize]) -> Vec<Change> {
    let (mut leaves, mut rules) = (BTreeMap::new(), BTreeMap::new());
    for &number in set {
        let instance = &expansion.instances[number];
        let pair = about_one_pair(instance).map(|(pair, _)| expansion.pairs[pair]);
        match (fix_of(instance), pair) {
            (Fix::CancelTimeOff, Some(pair)) => {
                let during = problem.shifts[pair.shift].during;
                let off = problem.staff[pair.staff].time_off.iter().filter(|(_, span)| span.overlaps(during));
                for &(id, span) in off {
                    leaves.entry(id).or_insert_with(|| leave(problem, expansion, hard, pair.staff, id, span));
                }
            }
            // Locks follow below; places left open are counted.
            (Fix::None | Fix::RemoveLock | Fix::CancelTimeOff | Fix::MakeSoft, _) => {}
            (Fix::Loosen, _) => {
                let key = (instance.key.clone(), instance.source, instance.staff);
                rules.entry(key).or_insert_with(|| rule(problem, expansion, hard, instance));
            }
        }
    }
    let locks = locks(problem, expansion, set, hard);
    leaves.into_values().chain(locks).chain(for_all_if_many(rules)).collect()
}

/// Without a lock, whatever it is about: what it alone demands goes. Locks that say the same go together.
fn locks(problem: &Problem, expansion: &Expansion, set: &[usize], hard: &[usize]) -> Vec<Change> {
    let is_lock = |number: &&usize| fix_of(&expansion.instances[**number]) == Fix::RemoveLock;
    let in_set: Vec<_> = set.iter().filter(is_lock).copied().collect();
    let is_about = |lock: &Lock| {
        let shifts = in_set.iter().filter_map(|&number| expansion.instances[number].shift);
        shifts.into_iter().any(|shift| lock.is_about(&problem.shifts[shift]))
    };
    let what = |lock: &Lock| (lock.action, lock.staff, lock.shift, lock.from, lock.to);
    let mut tried = BTreeSet::new();
    let mut changes = Vec::new();
    for lock in problem.locks.iter().filter(|lock| is_about(lock)) {
        if changes.len() == TRIED || !tried.insert(what(lock)) {
            continue;
        }
        let mut rest = problem.clone();
        rest.locks.retain(|other| what(other) != what(lock));
        if lock.action == LockAction::Keep && !bends_nothing(expansion, &rest) {
            continue;
        }
        let demands = |instance: &Instance| (instance.staff, instance.shift, instance.min, instance.max);
        let left: BTreeSet<_> = demands_of_locks(&rest).iter().map(demands).collect();
        let goes =
            |number: &&usize| is_lock(number) && !left.contains(&demands(&expansion.instances[**number]));
        let without: BTreeSet<_> = hard.iter().filter(goes).copied().collect();
        if in_set.iter().any(|number| without.contains(number)) {
            changes.push((lock_text(problem, lock), without));
        }
    }
    changes
}

/// Whether all other rules stay as they are with these locks alone: what is kept may have loosened them.
fn bends_nothing(expansion: &Expansion, rest: &Problem) -> bool {
    fn bounds(expansion: &Expansion) -> impl Iterator<Item = (Option<i64>, Option<i64>)> + '_ {
        let others = expansion.instances.iter().filter(|instance| fix_of(instance) != Fix::RemoveLock);
        others.map(|instance| (instance.min, instance.max))
    }
    let rest = expand_to_plan(rest, &mut || ControlFlow::Continue(()));
    rest.is_ok_and(|rest| bounds(&rest).eq(bounds(expansion)))
}

fn lock_text(problem: &Problem, lock: &Lock) -> String {
    let who = lock.staff.and_then(|id| problem.staff.binary_search_by_key(&id, |row| row.id).ok());
    let who = who.map_or("everybody".to_owned(), |staff| person(&problem.staff[staff]));
    let shift = lock.shift.and_then(|id| problem.shifts.binary_search_by_key(&id, |row| row.id).ok());
    let shift = shift.map(|shift| problem.shifts[shift].label.as_str());
    let action = match (lock.action, shift) {
        (LockAction::Assign, Some(label)) => return format!("remove the lock on {label} for {who}"),
        (LockAction::Assign, None) => "assign",
        (LockAction::Forbid, _) => "forbid",
        (LockAction::Keep, _) => "keep",
    };
    let dates = match (lock.from, lock.to) {
        (None, None) => String::new(),
        (Some(from), None) => format!(", from {from}"),
        (None, Some(to)) => format!(", up to {to}"),
        (Some(from), Some(to)) => format!(", {from} to {to}"),
    };
    let shift = shift.map(|label| format!(", {label}")).unwrap_or_default();
    format!("remove lock {} ({action}: {who}{shift}{dates})", lock.id)
}

/// Changes of one rule for many people become one change for all of them.
fn for_all_if_many(rules: BTreeMap<RuleOfPerson, Change>) -> Vec<Change> {
    let mut by_rule: BTreeMap<(RuleKey, Source), Vec<Change>> = BTreeMap::new();
    for ((key, source, _), change) in rules {
        by_rule.entry((key, source)).or_default().push(change);
    }
    let joined = by_rule.into_iter().flat_map(|((key, _), changes)| {
        if changes.len() <= PERSON_BY_PERSON {
            return changes;
        }
        let text = format!("loosen {} for {} people", key.kind.as_str(), changes.len());
        vec![(text, changes.into_iter().flat_map(|(_, without)| without).collect())]
    });
    joined.collect()
}

/// Without a leave: all its instances, for everybody it is about, unless another leave says the same.
fn leave(
    problem: &Problem,
    expansion: &Expansion,
    hard: &[usize],
    staff: usize,
    id: TimeOffId,
    span: Span,
) -> Change {
    let goes = |number: &usize| {
        let instance = &expansion.instances[*number];
        let Some((pair, _)) = about_one_pair(instance).filter(|_| fix_of(instance) == Fix::CancelTimeOff)
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
        format!("of {}", person(&problem.staff[staff]))
    };
    (format!("cancel time off {id} {whose}"), without)
}

/// Without a rule for the person, or the dates, it is about.
fn rule(problem: &Problem, expansion: &Expansion, hard: &[usize], model: &Instance) -> Change {
    let is_same = |number: &usize| {
        let instance = &expansion.instances[*number];
        (&instance.key, instance.source, instance.staff) == (&model.key, model.source, model.staff)
    };
    let whom = model.staff.map(|staff| format!(" for {}", person(&problem.staff[staff]))).unwrap_or_default();
    let of_kind = model.key.shift_kind.as_ref().map(|kind| format!(" ({kind})")).unwrap_or_default();
    let text = format!("loosen {}{of_kind}{whom}", model.key.kind.as_str());
    (text, hard.iter().copied().filter(is_same).collect())
}
