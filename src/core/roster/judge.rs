//! Judges a roster: the instances evaluated, and their costs summed up by rule.

use std::collections::BTreeMap;

use crate::roster::catalog::RuleKind;
use crate::roster::instance::{Cost, Expansion, Instance, Literal};

/// An instance that is broken or costs or earns something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Index of the instance.
    pub instance: usize,
    /// Units below its minimum.
    pub shortage: i64,
    /// Units above its maximum.
    pub excess: i64,
    /// Units below or above that approvals excuse.
    pub approved: i64,
    /// Its value, with what is approved.
    pub value: i64,
    /// Points; negative = earned. 0 for a hard one.
    pub cost: i64,
}

/// The cost of a kind of rule, by the kind of shift it is narrowed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoreLine {
    /// The kind.
    pub kind: RuleKind,
    /// The kind of shift; `None` = all.
    pub shift_kind: Option<String>,
    /// How many instances cost or earned something.
    pub instances: i64,
    /// Points; negative = earned.
    pub cost: i64,
}

impl ScoreLine {
    /// The kind, and the kind of shift if it is narrowed to one: `max_shifts night`.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.shift_kind {
            Some(shift_kind) => format!("{} {shift_kind}", self.kind),
            None => self.kind.to_string(),
        }
    }
}

/// A roster judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgment {
    /// Every instance that costs or earns something, or is broken (approved or not).
    pub findings: Vec<Finding>,
    /// The cost of all soft rules.
    pub objective: i64,
    /// The number of hard instances broken without an approval.
    pub broken: usize,
    /// The objective by rule, in the catalog's order.
    pub breakdown: Vec<ScoreLine>,
}

/// Judges who is assigned: a truth value for each pair of the expansion.
#[must_use]
pub fn judge(expansion: &Expansion, assigned: &[bool]) -> Judgment {
    let any: Vec<_> = expansion.groups.iter().map(|group| group.iter().any(|&pair| assigned[pair])).collect();
    let is_true = |literal| match literal {
        Literal::Pair(pair) => assigned[pair],
        Literal::Any(group) => any[group],
    };
    let findings = expansion.instances.iter().enumerate().map(|(index, row)| evaluate(index, row, is_true));
    let findings: Vec<_> = findings.filter(|finding| counts(expansion, finding)).collect();
    let breakdown = breakdown(expansion, findings.iter().map(|finding| (finding.instance, finding.cost)));
    Judgment {
        objective: breakdown.iter().fold(0, |sum: i64, line| sum.saturating_add(line.cost)),
        broken: findings
            .iter()
            .filter(|finding| is_broken(&expansion.instances[finding.instance], finding))
            .count(),
        findings,
        breakdown,
    }
}

/// One instance, by what is true.
pub(super) fn evaluate(index: usize, instance: &Instance, is_true: impl Fn(Literal) -> bool) -> Finding {
    let sum = |terms: &[(i64, Literal)], constant: i64| {
        let terms = terms.iter().filter(|(_, literal)| is_true(*literal));
        terms.fold(constant, |sum, (factor, _)| sum.saturating_add(*factor))
    };
    let value = sum(&instance.terms, instance.constant);
    let (shortage, excess) = instance.distance(value);
    let cost = instance.cost_at(value);
    let finding = Finding { instance: index, shortage, excess, approved: 0, value, cost };
    let Some(whole) = &instance.approved else { return finding };
    let value = sum(&whole.terms, whole.constant);
    let (missing, over) = whole.distance(value);
    let approved = (missing + over - shortage - excess).max(0);
    Finding { approved, value, ..finding }
}

/// Whether a finding breaks what must hold.
pub(super) fn is_broken(instance: &Instance, finding: &Finding) -> bool {
    instance.cost == Cost::Forbidden && finding.shortage + finding.excess > 0
}

fn counts(expansion: &Expansion, finding: &Finding) -> bool {
    let instance = &expansion.instances[finding.instance];
    let is_departure = finding.shortage + finding.excess > 0;
    finding.cost != 0 || finding.approved > 0 || is_departure && instance.cost == Cost::Forbidden
}

/// Costs of instances, summed up by kind and kind of shift. What costs nothing has no line.
pub(super) fn breakdown(expansion: &Expansion, costs: impl Iterator<Item = (usize, i64)>) -> Vec<ScoreLine> {
    let mut lines: BTreeMap<_, (i64, i64)> = BTreeMap::new();
    for (instance, cost) in costs.filter(|(_, cost)| *cost != 0) {
        let key = &expansion.instances[instance].key;
        let line = lines.entry((key.kind, &key.shift_kind)).or_default();
        *line = (line.0 + 1, line.1.saturating_add(cost));
    }
    let line = |((kind, shift_kind), (instances, cost)): ((RuleKind, &Option<String>), _)| ScoreLine {
        kind,
        shift_kind: shift_kind.clone(),
        instances,
        cost,
    };
    lines.into_iter().map(line).collect()
}
