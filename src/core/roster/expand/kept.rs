//! The rules that kept assignments break require no more than is still possible. Otherwise nobody could
//! keep the first days of a week in which somebody fell ill, and plan the rest anew. The locks themselves stay rules, and
//! the record is judged without them, so that what was broken is listed there.

use crate::plans::LockAction;
use crate::roster::catalog::RuleKind;
use crate::roster::instance::{Cost, Expansion, Instance, Literal};
use crate::roster::problem::{Lock, Problem, Shift};
use crate::roster::rules::definition;

/// Moves the bounds of hard instances that kept pairs break to what can still be. `is_kept` says of which shifts what is
/// kept counts.
pub(super) fn relax(problem: &Problem, expansion: &mut Expansion, is_kept: &dyn Fn(&Shift) -> bool) {
    let Some(kept) = kept(problem, expansion, is_kept) else { return };
    let mut is_run_relaxed = false;
    let Expansion { groups, instances, .. } = expansion;
    for instance in instances.iter_mut() {
        if instance.cost == Cost::Forbidden && instance.key.kind != RuleKind::Lock {
            let is_relaxed = relax_instance(instance, &|literal| value(&kept, groups, literal));
            is_run_relaxed |= is_relaxed && definition(instance.key.kind).run_rule.is_some();
        }
    }
    // The record of a run knows nothing of instances that require less.
    if is_run_relaxed {
        expansion.runs.clear();
    }
}

/// For each pair whether it is kept in or out; `None` as a whole where nothing is kept.
fn kept(
    problem: &Problem,
    expansion: &Expansion,
    is_kept: &dyn Fn(&Shift) -> bool,
) -> Option<Vec<Option<bool>>> {
    let keeps: Vec<_> = problem.locks.iter().filter(|lock| lock.action == LockAction::Keep).collect();
    if keeps.is_empty() {
        return None;
    }
    let mut reference = problem.reference.clone();
    reference.sort_unstable();
    let state = |pair: &crate::roster::instance::Pair| {
        let (staff, shift) = (&problem.staff[pair.staff], &problem.shifts[pair.shift]);
        let is_about = |lock: &&Lock| lock.staff.is_none_or(|id| staff.id == id) && lock.is_about(shift);
        let is_kept = is_kept(shift) && keeps.iter().copied().any(|lock| is_about(&lock));
        is_kept.then(|| reference.binary_search(&(staff.id, shift.id)).is_ok())
    };
    Some(expansion.pairs.iter().map(state).collect())
}

/// The value of a literal by what is kept; `None` where it is open.
fn value(kept: &[Option<bool>], groups: &[Vec<usize>], literal: Literal) -> Option<bool> {
    match literal {
        Literal::Pair(pair) => kept[pair],
        Literal::Any(group) => {
            let members = || groups[group].iter().map(|&pair| kept[pair]);
            if members().any(|member| member == Some(true)) {
                Some(true)
            } else {
                members().all(|member| member == Some(false)).then_some(false)
            }
        }
    }
}

fn relax_instance(instance: &mut Instance, value: &dyn Fn(Literal) -> Option<bool>) -> bool {
    let (mut lowest, mut highest) = (instance.constant, instance.constant);
    for &(factor, literal) in &instance.terms {
        let (low, high) = match value(literal) {
            Some(is_in) => (factor * i64::from(is_in), factor * i64::from(is_in)),
            None => (factor.min(0), factor.max(0)),
        };
        lowest += low;
        highest += high;
    }
    let before = (instance.min, instance.max);
    // Only what is kept may loosen a rule: what was impossible before stays so, and is listed.
    let is_touched = instance.terms.iter().any(|&(_, literal)| value(literal).is_some());
    if is_touched {
        instance.max = instance.max.map(|max| max.max(lowest));
        instance.min = instance.min.map(|min| min.min(highest));
    }
    before != (instance.min, instance.max)
}
