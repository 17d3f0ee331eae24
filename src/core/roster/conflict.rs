//! Why no roster obeys all hard rules: a smallest set of them that can't hold together, in sentences, and the changes
//! that would end it. Must never name a rule that the contradiction doesn't need, nor suggest a fix that wasn't tried.

mod counting;
mod fixes;
mod flow;
mod relaxed;
mod search;
mod sentences;

use crate::milp::{Limits, Solver};
use crate::roster::instance::{Cost, Expansion, Instance};
use crate::roster::outcome::{Conflict, ConflictMember, OnProgress, SolveError};
use crate::roster::problem::Problem;
use crate::roster::rules::definition;

use search::Search;

/// The conflict of an expansion that no roster satisfies. `impossible` are the instances known to be impossible beside
/// those about single pairs.
pub(super) fn find_conflict(
    problem: &Problem,
    expansion: &Expansion,
    impossible: &[usize],
    solver: &mut dyn Solver,
    limits: &Limits,
    on_progress: &mut OnProgress<'_>,
) -> Result<Conflict, SolveError> {
    let mut search = Search { expansion, solver, limits, on_progress };
    let (set, is_minimal) = search.minimal(impossible.first().copied())?;
    let needs_cover = set.iter().any(|&number| is_cover(&expansion.instances[number]));
    let around = search.with_exclusions(&set);
    let shortage =
        if needs_cover { search.shortage(&around)?.filter(|&shortage| shortage > 0) } else { None };
    let fixes = fixes::suggested_fixes(problem, &mut search, &set)?;
    let sentences = sentences::Sentences::new(problem, expansion, &set, shortage);
    let member = |&number: &usize| {
        let instance = &expansion.instances[number];
        // A rule about single pairs names its shift by them.
        let pair = crate::roster::model::about_one_pair(instance).map(|(pair, _)| expansion.pairs[pair]);
        let shift = instance.shift.or(pair.map(|pair| pair.shift));
        ConflictMember {
            instance: number,
            rule_kind: instance.key.kind,
            staff_id: instance.staff.map(|staff| problem.staff[staff].id),
            shift_id: shift.map(|shift| problem.shifts[shift].id),
            from_date: instance.dates.0,
            to_date: instance.dates.1,
        }
    };
    Ok(Conflict {
        summary: sentences.summary(),
        lines: sentences.lines(),
        fixes,
        members: set.iter().map(member).collect(),
        is_minimal,
    })
}

/// Whether an instance requires people, be it for a shift or for a kind of shift on a date.
fn is_cover(instance: &Instance) -> bool {
    definition(instance.key.kind).requires_people
        && instance.cost == Cost::Forbidden
        && instance.min.is_some()
}
