//! What every rule means: rules turned into linear [`Instance`]s on pairs.
//!
//! This is the only place where a rule's meaning is written. It must never decide who works what, and what it makes of
//! a rule depends on the problem alone: for all candidates (to solve) and for what is assigned (to judge) the same
//! roster breaks the same rules at the same cost. A file for each family of kinds; [`facts`] is what they read,
//! [`out`] what they write to.

mod balance;
mod cover;
mod facts;
mod kept;
mod limits;
mod locks;
mod out;
mod preferences;
mod runs;
mod spacing;
mod succession;
mod unary;
mod wishes;

use std::ops::ControlFlow;

use crate::ids::{ShiftId, StaffId};
use crate::roster::catalog::RuleKind;
use crate::roster::instance::{Expansion, Instance, Pair};
use crate::roster::problem::Problem;
use crate::roster::rules::RuleKey;
use crate::time::interval::Instant;
use facts::Facts;
use out::Out;

/// The caller asked to stop.
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

/// The caller's wish to stop, asked for now and then.
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
/// Pairs of shifts outside the dates are left out, for `worked` has them. `check` is asked now and then.
///
/// A setting, and an approval, is asked for at the instance's person, its shift where it has one, and its first date
/// within the problem's dates (a run just outside them: the nearest); overlap and rest ask for each of their shifts.
/// A condition that no assignment of the pairs can break, or that costs nothing, is no instance. Minimums ask nothing of
/// disabled people.
///
/// # Errors
/// If `check` says to stop.
pub fn expand(problem: &Problem, pairs: Vec<Pair>, check: &mut Check<'_>) -> Result<Expansion, Stopped> {
    let facts = Facts::new(problem, pairs);
    let mut out = Out::new(&facts);
    for key in problem.rules.keys() {
        expand_key(&facts, &mut out, key, check)?;
    }
    runs::records(&facts, &mut out, check)?;
    Ok(out.finish(facts.pairs))
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

/// Of the expansion for all candidates: what `keep` locks keep of shifts that have begun by `now` breaks no rule any more.
pub fn forgive_past(problem: &Problem, expansion: &mut Expansion, now: Instant) {
    kept::relax(problem, expansion, &|shift| shift.during.start <= now);
}

/// What the locks of a problem demand, and nothing else, as [`expand_to_plan`] would have it.
pub(super) fn demands_of_locks(problem: &Problem) -> Vec<Instance> {
    let facts = Facts::new(problem, candidates(problem));
    let mut out = Out::new(&facts);
    locks::locks(&facts, &mut out, &RuleKey::of(RuleKind::Lock));
    out.finish(facts.pairs).instances
}

fn expand_key(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, check: &mut Check<'_>) -> Result<(), Stopped> {
    use RuleKind as K;
    let entry = key.kind.entry();
    // A catalog entry whose rows must say more holds nowhere by itself.
    if entry.needs_period && key.period.is_none() {
        return Ok(());
    }
    if matches!(key.kind, K::Cover | K::MinStaffPerDay | K::MaxStaffPerDay | K::Stability | K::Lock) {
        if check().is_break() {
            return Err(Stopped);
        }
        match key.kind {
            K::Cover => cover::cover(facts, out, key),
            K::MinStaffPerDay | K::MaxStaffPerDay => cover::staff_per_day(facts, out, key),
            K::Stability => wishes::stability(facts, out, key),
            _ => locks::locks(facts, out, key),
        }
        return Ok(());
    }
    for staff in 0..facts.problem.staff.len() {
        if check().is_break() {
            return Err(Stopped);
        }
        match key.kind {
            K::SkillMatch => unary::skill_match(facts, out, key, staff),
            K::Availability => unary::availability(facts, out, key, staff),
            K::TimeOff => unary::time_off(facts, out, key, staff),
            K::NoOverlap => spacing::no_overlap(facts, out, key, staff),
            K::MinRest => spacing::min_rest(facts, out, key, staff),
            K::Preferred | K::NonPreferred => preferences::preferences(facts, out, key, staff),
            K::LoadBalance => balance::load_balance(facts, out, key, staff),
            K::PreferredBalance => balance::preferred_balance(facts, out, key, staff),
            K::PreferenceDebt => balance::preference_debt(facts, out, key, staff),
            K::MinShifts | K::MaxShifts | K::MinMinutes | K::MaxMinutes => {
                limits::limit(facts, out, key, staff)
            }
            K::MaxWeekends => limits::max_weekends(facts, out, key, staff),
            K::RotationBlock => limits::rotation_block(facts, out, key, staff),
            K::MinConsecutiveDays | K::MinConsecutiveDaysOff => runs::shortest(facts, out, key, staff),
            K::MaxConsecutiveDays | K::MaxConsecutiveDaysOff => runs::longest(facts, out, key, staff),
            K::ForbiddenSuccession => succession::forbidden_succession(facts, out, key, staff),
            K::Wish => wishes::wishes(facts, out, key, staff),
            K::ProviderFactor | K::MildFactor => break,
            K::Cover | K::MinStaffPerDay | K::MaxStaffPerDay | K::Stability | K::Lock => {}
        }
    }
    Ok(())
}
