//! Rules turned into linear [`Instance`]s on pairs, kind by kind as [`super::rules`] has them.

mod kept;

use std::ops::ControlFlow;

use crate::ids::{ShiftId, StaffId};
use crate::roster::catalog::RuleKind;
use crate::roster::instance::{Expansion, Instance, Pair};
use crate::roster::problem::Problem;
use crate::roster::rules::facts::{self, Facts};
use crate::roster::rules::out::Out;
use crate::roster::rules::{Expand, definition, records};
use crate::roster::settings::RuleKey;
use crate::time::interval::Instant;

/// The caller stops the expansion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

/// An assignment names a person or a shift that the problem doesn't have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownPair {
    /// The person.
    pub staff: StaffId,
    /// The shift.
    pub shift: ShiftId,
}

/// Says whether to go on. It is called now and then.
pub type Check<'a> = dyn FnMut() -> ControlFlow<()> + 'a;

/// Everybody on every shift of the problem's dates, sorted. Disabled people too: an instance says that they can't.
#[must_use]
pub fn candidates(problem: &Problem) -> Vec<Pair> {
    let dates = problem.from..=problem.to;
    let shifts: Vec<_> =
        (0..problem.shifts.len()).filter(|&shift| dates.contains(&problem.shifts[shift].date)).collect();
    (0..problem.staff.len())
        .flat_map(|staff| shifts.iter().map(move |&shift| Pair { staff, shift }))
        .collect()
}

/// Assignments as pairs, sorted, none twice.
///
/// # Errors
/// If the problem doesn't have a person or shift named.
pub fn worked(problem: &Problem, who: &[(StaffId, ShiftId)]) -> Result<Vec<Pair>, UnknownPair> {
    let pair = |&(staff, shift): &(StaffId, ShiftId)| {
        facts::pair(problem, staff, shift).ok_or(UnknownPair { staff, shift })
    };
    let mut pairs = who.iter().map(pair).collect::<Result<Vec<_>, _>>()?;
    pairs.sort_unstable();
    pairs.dedup();
    Ok(pairs)
}

/// All rules of a problem spelled out for some pairs: those that may be assigned (to solve) or are assigned (to judge).
/// Pairs of shifts outside the dates are left out, for `worked` has them. `check` is called now and then.
///
/// A setting, and an approval, is looked up at the instance's person, its shift where it has one, and its first date
/// within the problem's dates (a run just outside them: the nearest); overlap and rest look it up for each of their
/// shifts. A condition that no assignment of the pairs can break, or that costs nothing, is no instance. Minimums require
/// nothing of disabled people.
///
/// # Errors
/// If `check` says to stop.
pub fn expand(problem: &Problem, pairs: Vec<Pair>, check: &mut Check<'_>) -> Result<Expansion, Stopped> {
    let facts = Facts::new(problem, pairs);
    let mut out = Out::new(&facts);
    for key in problem.rules.keys() {
        expand_key(&facts, &mut out, key, check)?;
    }
    if records(&facts, &mut out, check).is_break() {
        return Err(Stopped);
    }
    Ok(out.finish(facts))
}

/// All rules of a problem spelled out to plan it: for all candidates, and what `keep` locks keep breaks no rule.
///
/// # Errors
/// If `check` says to stop.
pub fn expand_to_plan(problem: &Problem, check: &mut Check<'_>) -> Result<Expansion, Stopped> {
    let mut expansion = expand(problem, candidates(problem), check)?;
    kept::relax(problem, &mut expansion, &|_| true);
    Ok(expansion)
}

/// Relaxes the expansion for all candidates: assignments kept by `keep` locks, of shifts that have begun by `now`, break no
/// rule any more.
pub fn forgive_past(problem: &Problem, expansion: &mut Expansion, now: Instant) {
    kept::relax(problem, expansion, &|shift| shift.during.start <= now);
}

/// The demands of a problem's locks, and nothing else, as [`expand_to_plan`] would have it.
pub(super) fn demands_of_locks(problem: &Problem) -> Vec<Instance> {
    let facts = Facts::new(problem, candidates(problem));
    let mut out = Out::new(&facts);
    // Locks are expanded as a whole: there is nobody to ask.
    let _ = expand_key(&facts, &mut out, &RuleKey::of(RuleKind::Lock), &mut || ControlFlow::Continue(()));
    out.finish(facts).instances
}

fn expand_key(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, check: &mut Check<'_>) -> Result<(), Stopped> {
    let kind = definition(key.kind);
    // A catalog entry whose rows must say more holds nowhere by itself.
    if !key.is_whole() {
        return Ok(());
    }
    match kind.expand {
        Expand::Nothing => {}
        Expand::Whole(expand) => {
            stop_if(check)?;
            expand(facts, out, key);
        }
        Expand::PerPerson(expand) => {
            for staff in 0..facts.problem.staff.len() {
                stop_if(check)?;
                expand(facts, out, key, staff);
            }
        }
    }
    Ok(())
}

pub(super) fn stop_if(check: &mut Check<'_>) -> Result<(), Stopped> {
    if check().is_break() { Err(Stopped) } else { Ok(()) }
}
