//! Which findings of a judgment are violations, for people who look after the record.

use crate::roster::instance::{Cost, Expansion, Instance};
use crate::roster::judge::Finding;
use crate::roster::problem::Problem;

/// The findings that are violations, by date, kind, person and shift.
#[must_use]
pub fn violations<'a>(problem: &Problem, expansion: &Expansion, findings: &'a [Finding]) -> Vec<&'a Finding> {
    let is_broken = |finding: &&Finding| is_violation(&expansion.instances[finding.instance], finding);
    // A rolling window is listed where it ends.
    let ends_here = |finding: &&Finding| {
        let instance = &expansion.instances[finding.instance];
        instance.key.rolling_days.is_none() || instance.dates.1 <= problem.to
    };
    let broken = findings.iter().filter(is_broken).filter(ends_here).collect();
    let mut violations = worst_windows(expansion, broken);
    violations.sort_by_key(|finding| {
        let instance = &expansion.instances[finding.instance];
        let staff = instance.staff.map(|index| problem.staff[index].id);
        let shift = instance.shift.map(|index| problem.shifts[index].id);
        (instance.dates, instance.key.kind, staff, shift, finding.instance)
    });
    violations
}

/// Of rolling windows that overlap only the worst, of equal ones the last: the others are broken by the same work.
fn worst_windows<'a>(expansion: &Expansion, findings: Vec<&'a Finding>) -> Vec<&'a Finding> {
    let instance = |finding: &Finding| &expansion.instances[finding.instance];
    let (mut rolling, mut kept): (Vec<&Finding>, Vec<_>) =
        findings.into_iter().partition(|finding| instance(finding).key.rolling_days.is_some());
    rolling.sort_by_key(|finding| {
        let units = finding.shortage + finding.excess;
        std::cmp::Reverse((units, finding.approved, instance(finding).dates))
    });
    let mut worst: Vec<&Finding> = Vec::new();
    for finding in rolling {
        let one = instance(finding);
        let is_same = |other: &&Finding| {
            let other = instance(other);
            let (first, last) = other.dates;
            one.key == other.key && one.staff == other.staff && one.dates.0 <= last && first <= one.dates.1
        };
        if !worst.iter().any(is_same) {
            worst.push(finding);
        }
    }
    kept.extend(worst);
    kept
}

/// Whether a rule is broken, approved or not: a condition that doesn't hold, or something unwanted that happened. That matches are spread
/// unevenly costs, but breaks nothing.
fn is_violation(instance: &Instance, finding: &Finding) -> bool {
    match instance.cost {
        Cost::Triangle { .. } => false,
        Cost::Each { .. } => finding.cost > 0,
        Cost::Forbidden | Cost::PerUnit { .. } | Cost::Square { .. } => {
            finding.shortage > 0 || finding.excess > 0 || finding.approved > 0
        }
    }
}

impl Finding {
    /// The units by which the rule is missed beyond what is approved; of a rule without a condition, its value.
    #[must_use]
    pub fn amount(&self) -> i64 {
        match self.shortage.max(self.excess) {
            0 => self.value,
            units => units,
        }
    }
}
