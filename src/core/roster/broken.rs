//! What hard rules a roster breaks, in words, also where a lock keeps what breaks them: solving asks for no more than is
//! still possible, but who promotes a plan is told what it keeps.

use crate::plans::LockAction;
use crate::roster::catalog::RuleKind;
use crate::roster::expand::{Check, Stopped, candidates, expand, forgive_past};
use crate::roster::instance::{Expansion, Instance, Pair};
use crate::roster::judge::{Finding, is_broken, judge};
use crate::roster::problem::Problem;
use crate::roster::sentence::sentence;
use crate::time::interval::Instant;

/// What a roster breaks without an approval.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Broken {
    /// Hard rules that could still be kept, in words.
    pub broken: Vec<String>,
    /// Those that `keep` locks break by shifts that had begun by then: they are what happened.
    pub past: Vec<String>,
    /// Points of the soft rules.
    pub objective: i64,
}

/// What a roster breaks; `works` tells who is assigned.
///
/// # Errors
/// If `check` says to stop.
pub fn broken(
    problem: &Problem,
    works: &dyn Fn(&Pair) -> bool,
    now: Instant,
    check: &mut Check<'_>,
) -> Result<Broken, Stopped> {
    let mut expansion = expand(problem, candidates(problem), check)?;
    let on: Vec<bool> = expansion.pairs.iter().map(works).collect();
    let judgment = judge(&expansion, &on);
    let all = hard(&expansion, &judgment.findings);
    forgive_past(problem, &mut expansion, now);
    let still = judge(&expansion, &on);
    let still = hard(&expansion, &still.findings);
    let broken = still.iter().map(|finding| told(problem, &expansion, finding)).collect();
    let past = all.iter().filter(|finding| {
        still.binary_search_by_key(&finding.instance, |other| other.instance).is_err()
            && !is_of_disabled(problem, &expansion.instances[finding.instance])
    });
    let past = past.map(|finding| told(problem, &expansion, finding)).collect();
    Ok(Broken { broken, past, objective: judgment.objective })
}

/// The hard rules, in words, that a solver's roster breaks, which it does only where locks keep what breaks them.
///
/// # Errors
/// If `check` says to stop.
pub fn broken_by_kept(
    problem: &Problem,
    assignments: &[Pair],
    check: &mut Check<'_>,
) -> Result<Vec<String>, Stopped> {
    if !problem.locks.iter().any(|lock| lock.action == LockAction::Keep) {
        return Ok(Vec::new());
    }
    let expansion = expand(problem, assignments.to_vec(), check)?;
    let judgment = judge(&expansion, &vec![true; expansion.pairs.len()]);
    let told_of = hard(&expansion, &judgment.findings)
        .into_iter()
        .filter(|finding| !is_of_disabled(problem, &expansion.instances[finding.instance]));
    Ok(told_of.map(|finding| told(problem, &expansion, &finding)).collect())
}

/// Findings of hard rules, by instance.
fn hard(expansion: &Expansion, findings: &[Finding]) -> Vec<Finding> {
    let is_hard = |finding: &&Finding| is_broken(&expansion.instances[finding.instance], finding);
    findings.iter().filter(is_hard).copied().collect()
}

fn told(problem: &Problem, expansion: &Expansion, finding: &Finding) -> String {
    sentence(problem, &expansion.instances[finding.instance], Some(finding))
}

/// Whether it only says that somebody is left out, or has left since: what they worked before breaks nothing.
fn is_of_disabled(problem: &Problem, instance: &Instance) -> bool {
    instance.key.kind == RuleKind::Availability
        && instance.staff.is_some_and(|staff| !problem.staff[staff].enabled)
}
