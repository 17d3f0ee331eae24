//! The hard rules that a roster breaks, in sentences, also where a lock keeps what breaks them: solving requires no more
//! than is still possible, but whoever promotes a plan reads what it keeps, and approves it.

use chrono::NaiveDate;

use crate::ids::{ShiftId, StaffId};
use crate::plans::{Flaw, LockAction};
use crate::roster::approval::{Part, parts};
use crate::roster::expand::{Check, Stopped, candidates, expand, forgive_past};
use crate::roster::instance::{Expansion, Pair};
use crate::roster::judge::{Finding, is_broken, judge};
use crate::roster::problem::Problem;
use crate::roster::rules::{is_of_disabled, sentence};
use crate::roster::settings::{RuleKey, Scope, Source, is_same_rule};
use crate::time::interval::Instant;

/// The rules that a roster breaks without an approval.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Broken {
    /// Hard rules that could still be kept.
    pub broken: Vec<Breach>,
    /// Those that `keep` locks break by shifts that had begun by then, in words: they are what happened.
    pub past: Vec<String>,
    /// Points of the soft rules.
    pub objective: i64,
}

/// A hard rule that a roster breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Which rule.
    pub rule: RuleKey,
    /// Whose departure.
    pub staff: Option<StaffId>,
    /// On which shift.
    pub shift: Option<ShiftId>,
    /// First and last date.
    pub dates: (NaiveDate, NaiveDate),
    /// Units too few or too many.
    pub amount: i64,
    /// In words.
    pub sentence: String,
    /// What approves it, and nothing else; empty where nothing can.
    pub parts: Vec<Part>,
}

impl Breach {
    /// The breach with its name: the same rule, broken in the same place as far. A breach that has grown has another one.
    #[must_use]
    pub fn flaw(&self) -> Flaw {
        let Self { rule, staff, shift, dates: (from, to), amount, .. } = self;
        let kinds = [&rule.shift_kind, &rule.next_shift_kind].into_iter().flatten().cloned();
        let period = rule.period_text();
        let staff = staff.map(|id| format!("staff {id}"));
        let shift = shift.map(|id| format!("shift {id}"));
        let of_rule = std::iter::once(rule.kind.to_string()).chain(kinds).chain(period);
        let dates = if from == to { from.to_string() } else { format!("{from} to {to}") };
        let words: Vec<_> = of_rule.chain(staff).chain(shift).chain([dates]).collect();
        Flaw { key: format!("{}: {amount}", words.join(", ")), sentence: self.sentence.clone() }
    }
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
    let broken = still.iter().map(|finding| breach(problem, &expansion, finding, &on)).collect();
    let past = all.iter().filter(|finding| {
        still.binary_search_by_key(&finding.instance, |other| other.instance).is_err()
            && !is_of_disabled(problem, &expansion.instances[finding.instance])
    });
    let past = past.map(|finding| sentence_of(problem, &expansion, finding)).collect();
    Ok(Broken { broken, past, objective: judgment.objective })
}

fn breach(problem: &Problem, expansion: &Expansion, finding: &Finding, on: &[bool]) -> Breach {
    let instance = &expansion.instances[finding.instance];
    let parts = if instance.key.kind.entry().is_approvable() {
        parts(problem, expansion, finding, instance, &|pair| on[pair], &|_| false)
    } else {
        Vec::new()
    };
    Breach {
        rule: instance.key.clone(),
        staff: instance.staff.map(|staff| problem.staff[staff].id),
        shift: instance.shift.map(|shift| problem.shifts[shift].id),
        dates: instance.dates,
        amount: finding.amount(),
        sentence: sentence_of(problem, expansion, finding),
        parts,
    }
}

/// What a plan's own overrides and approvals allow, and nothing else does once it is the record, which knows no plan: with each
/// breach the row of the plan that allowed it (`clinic.rule_overrides.id`). `approved` are those approved besides.
///
/// # Errors
/// If `check` says to stop.
pub fn allowed_by_plan(
    problem: &Problem,
    works: &dyn Fn(&Pair) -> bool,
    approved: &[Breach],
    now: Instant,
    check: &mut Check<'_>,
) -> Result<Vec<(Option<i64>, Breach)>, Stopped> {
    let is_plans = |scope: &Scope| scope.plan.is_some() && scope.plan == problem.plan;
    let of_plan = |breach: &Breach| {
        let settings = problem.rules.settings().iter();
        let approvals = problem.rules.approvals().iter().map(|approval| &approval.rule);
        let fits = |rule: &&crate::roster::settings::Rule| {
            is_plans(&rule.scope)
                && is_same_rule(&rule.key, &breach.rule)
                && rule.scope.staff.is_none_or(|id| Some(id) == breach.staff)
        };
        let ids = settings.chain(approvals).filter(fits).filter_map(|rule| match rule.source {
            Source::Override(id) => Some(id),
            Source::Rule(_) | Source::BuiltIn => None,
        });
        ids.max()
    };
    let has_own = problem.rules.settings().iter().any(|rule| is_plans(&rule.scope))
        || problem.rules.approvals().iter().any(|approval| is_plans(&approval.rule.scope));
    if !has_own {
        return Ok(Vec::new());
    }
    let given = problem.rules.approvals().iter().cloned();
    let added =
        approved.iter().flat_map(|breach| breach.parts.iter().map(|part| part.approval(&breach.rule)));
    let rules = problem.rules.clone().with_approvals(given.chain(added).collect());
    let record = Problem { plan: None, rules, ..problem.clone() };
    let found = broken(&record, works, now, check)?;
    let allowed = found.broken.into_iter().filter(|breach| !breach.parts.is_empty());
    Ok(allowed.map(|breach| (of_plan(&breach), breach)).filter(|(id, _)| id.is_some()).collect())
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
