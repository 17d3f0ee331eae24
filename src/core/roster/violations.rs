//! Which findings of a judgment are violations, for people who look after the record.

use crate::roster::instance::{Cost, Expansion, Instance};
use crate::roster::judge::Finding;
use crate::roster::problem::Problem;

/// The findings that are violations, by date, kind, person and shift.
#[must_use]
pub fn violations<'a>(problem: &Problem, expansion: &Expansion, findings: &'a [Finding]) -> Vec<&'a Finding> {
    let is_broken = |finding: &&Finding| is_violation(&expansion.instances[finding.instance], finding);
    let mut violations: Vec<_> = findings.iter().filter(is_broken).collect();
    violations.sort_by_key(|finding| {
        let instance = &expansion.instances[finding.instance];
        let staff = instance.staff.map(|index| problem.staff[index].id);
        let shift = instance.shift.map(|index| problem.shifts[index].id);
        (instance.dates, instance.key.kind, staff, shift, finding.instance)
    });
    violations
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
