//! The hard rules that a roster breaks, in sentences, also where a lock keeps what breaks them: solving requires no more
//! than is still possible, but whoever promotes a plan reads what it keeps.

use crate::plans::LockAction;
use crate::roster::expand::{Check, Stopped, candidates, expand, forgive_past};
use crate::roster::instance::{Expansion, Pair};
use crate::roster::judge::{Finding, is_broken, judge};
use crate::roster::problem::Problem;
use crate::roster::rules::{is_of_disabled, sentence};
use crate::time::interval::Instant;

/// The rules that a roster breaks without an approval.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Broken {
    /// Hard rules that could still be kept, in words.
    pub broken: Vec<String>,
    /// Those that `keep` locks break by shifts that had begun by then: they are what happened.
    pub past: Vec<String>,
    /// Points of the soft rules.
    pub objective: i64,
}

/// The rules that a roster breaks; `works` says who is assigned.
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
    let broken = still.iter().map(|finding| sentence_of(problem, &expansion, finding)).collect();
    let past = all.iter().filter(|finding| {
        still.binary_search_by_key(&finding.instance, |other| other.instance).is_err()
            && !is_of_disabled(problem, &expansion.instances[finding.instance])
    });
    let past = past.map(|finding| sentence_of(problem, &expansion, finding)).collect();
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
    let hard_findings = hard(&expansion, &judgment.findings)
        .into_iter()
        .filter(|finding| !is_of_disabled(problem, &expansion.instances[finding.instance]));
    Ok(hard_findings.map(|finding| sentence_of(problem, &expansion, &finding)).collect())
}

/// Findings of hard rules, by instance.
fn hard(expansion: &Expansion, findings: &[Finding]) -> Vec<Finding> {
    let is_hard = |finding: &&Finding| is_broken(&expansion.instances[finding.instance], finding);
    findings.iter().filter(is_hard).copied().collect()
}

fn sentence_of(problem: &Problem, expansion: &Expansion, finding: &Finding) -> String {
    sentence(problem, &expansion.instances[finding.instance], Some(finding))
}
