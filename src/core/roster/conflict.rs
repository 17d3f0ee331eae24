//! Why no roster obeys all hard rules: a smallest set of them that can't hold together, in words, and what would mend it.
//! Must never name a rule that the contradiction doesn't need, nor a mend that wasn't tried.

mod counting;
mod flow;
mod mends;
mod relaxed;
mod search;
mod words;

use crate::milp::{Limits, Solver};
use crate::roster::catalog::RuleKind;
use crate::roster::instance::{Cost, Expansion, Instance};
use crate::roster::outcome::{Conflict, Culprit, OnProgress, SolveError};
use crate::roster::problem::Problem;

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
    let mends = mends::mends(problem, &mut search, &set)?;
    let words = words::Words::new(problem, expansion, &set, shortage);
    let culprit = |&number: &usize| {
        let instance = &expansion.instances[number];
        // A rule about single pairs names its shift by them.
        let pair = crate::roster::model::about_one_pair(instance).map(|(pair, _)| expansion.pairs[pair]);
        let shift = instance.shift.or(pair.map(|pair| pair.shift));
        Culprit {
            instance: number,
            kind: instance.key.kind,
            staff: instance.staff.map(|staff| problem.staff[staff].id),
            shift: shift.map(|shift| problem.shifts[shift].id),
            dates: instance.dates,
        }
    };
    Ok(Conflict {
        summary: words.summary(),
        lines: words.lines(),
        mends,
        instances: set.iter().map(culprit).collect(),
        is_minimal,
    })
}

/// Whether an instance asks for people, be it for a shift or for a kind of shift on a date.
fn is_cover(instance: &Instance) -> bool {
    matches!(instance.key.kind, RuleKind::Cover | RuleKind::MinStaffPerDay)
        && instance.cost == Cost::Forbidden
        && instance.min.is_some()
}
