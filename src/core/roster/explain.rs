//! "Why me?": for one shift every candidate, why not, or what choosing them would cost.

use std::collections::{BTreeMap, BTreeSet};

use crate::roster::instance::{Expansion, Literal};
use crate::roster::judge::{Finding, ScoreLine, breakdown, evaluate, is_broken};
use crate::roster::problem::Problem;
use crate::roster::sentence::sentence;

/// Somebody for the shift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Index of the person.
    pub staff: usize,
    /// Whether the person has the shift.
    pub is_assigned: bool,
    /// Whether no hard rule is newly broken. Of who has the shift: whether none is broken by it.
    pub is_allowed: bool,
    /// The hard rules broken, in words.
    pub reasons: Vec<String>,
    /// What choosing this person would change the objective by; 0 for who has the shift.
    pub cost_change: i64,
    /// The change by rule; `instances` are those whose cost changes.
    pub by_rule: Vec<ScoreLine>,
}

/// A change of who works, with what it does.
struct Change {
    broken: Vec<Finding>,
    /// Instances whose cost changes, and by how much.
    costs: Vec<(usize, i64)>,
}

impl Change {
    fn cost(&self) -> i64 {
        self.costs.iter().fold(0, |sum, (_, cost)| sum.saturating_add(*cost))
    }
}

/// Everybody who has a pair with the shift (an index), given who is assigned. Another person is chosen in place of who
/// has the shift, of several the one whose replacement breaks least and then is cheapest, or additionally where
/// the shift is short of people. Sorted: who has it, who may have it by what that costs, who mayn't.
#[must_use]
pub fn explain(problem: &Problem, expansion: &Expansion, assigned: &[bool], shift: usize) -> Vec<Candidate> {
    let index = Index::new(expansion, assigned);
    let of_shift: Vec<_> =
        (0..expansion.pairs.len()).filter(|&pair| expansion.pairs[pair].shift == shift).collect();
    let holders: Vec<_> = of_shift.iter().copied().filter(|&pair| assigned[pair]).collect();
    let is_short = (holders.len() as i64) < problem.shifts[shift].staff_needed;
    let candidate = |&pair: &usize| {
        let change = if assigned[pair] {
            Change { broken: index.broken_by(pair), costs: Vec::new() }
        } else if is_short || holders.is_empty() {
            index.change(&[pair])
        } else {
            let changes = holders.iter().map(|&holder| index.change(&[pair, holder]));
            let best = changes.min_by_key(|change| (change.broken.len(), change.cost()));
            best.unwrap_or_else(|| index.change(&[pair]))
        };
        let reason =
            |finding: &Finding| sentence(problem, &expansion.instances[finding.instance], Some(finding));
        let mut by_rule = breakdown(expansion, change.costs.iter().copied());
        by_rule.retain(|line| line.cost != 0);
        Candidate {
            staff: expansion.pairs[pair].staff,
            is_assigned: assigned[pair],
            is_allowed: change.broken.is_empty(),
            reasons: change.broken.iter().map(reason).collect(),
            cost_change: change.cost(),
            by_rule,
        }
    };
    let mut candidates: Vec<_> = of_shift.iter().map(candidate).collect();
    candidates.sort_by_key(|row| (!row.is_assigned, !row.is_allowed, row.cost_change, row.staff));
    candidates
}

/// Which instances a pair touches.
struct Index<'a> {
    expansion: &'a Expansion,
    assigned: &'a [bool],
    of_pair: BTreeMap<Literal, Vec<usize>>,
    groups_of_pair: Vec<Vec<usize>>,
}

impl<'a> Index<'a> {
    fn new(expansion: &'a Expansion, assigned: &'a [bool]) -> Self {
        let mut of_pair: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (index, instance) in expansion.instances.iter().enumerate() {
            for &(_, literal) in &instance.terms {
                of_pair.entry(literal).or_default().push(index);
            }
        }
        let mut groups_of_pair = vec![Vec::new(); expansion.pairs.len()];
        for (group, pairs) in expansion.groups.iter().enumerate() {
            for &pair in pairs {
                groups_of_pair[pair].push(group);
            }
        }
        Self { expansion, assigned, of_pair, groups_of_pair }
    }

    fn touched(&self, pairs: &[usize]) -> BTreeSet<usize> {
        let literals = pairs.iter().flat_map(|&pair| {
            let groups = self.groups_of_pair[pair].iter().map(|&group| Literal::Any(group));
            groups.chain([Literal::Pair(pair)])
        });
        literals.filter_map(|literal| self.of_pair.get(&literal)).flatten().copied().collect()
    }

    /// An instance when these pairs are turned.
    fn evaluate(&self, instance: usize, turned: &[usize]) -> Finding {
        let is_on = |pair: usize| self.assigned[pair] != turned.contains(&pair);
        evaluate(instance, &self.expansion.instances[instance], |literal| match literal {
            Literal::Pair(pair) => is_on(pair),
            Literal::Any(group) => self.expansion.groups[group].iter().any(|&pair| is_on(pair)),
        })
    }

    /// What turning these pairs does.
    fn change(&self, turned: &[usize]) -> Change {
        let mut change = Change { broken: Vec::new(), costs: Vec::new() };
        for instance in self.touched(turned) {
            let (before, after) = (self.evaluate(instance, &[]), self.evaluate(instance, turned));
            let is_worse = after.shortage + after.excess > before.shortage + before.excess;
            if is_worse && is_broken(&self.expansion.instances[instance], &after) {
                change.broken.push(after);
            }
            if after.cost != before.cost {
                change.costs.push((instance, after.cost.saturating_sub(before.cost)));
            }
        }
        change
    }

    /// The hard instances that are broken and wouldn't be, or less, without this pair.
    fn broken_by(&self, pair: usize) -> Vec<Finding> {
        let touched = self.touched(&[pair]).into_iter();
        let broken = touched.map(|instance| (self.evaluate(instance, &[]), self.evaluate(instance, &[pair])));
        broken
            .filter(|(now, without)| now.shortage + now.excess > without.shortage + without.excess)
            .filter(|(now, _)| is_broken(&self.expansion.instances[now.instance], now))
            .map(|(now, _)| now)
            .collect()
    }
}
