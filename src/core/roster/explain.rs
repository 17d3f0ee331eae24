//! "Why me?": for one shift every candidate, why not, or what choosing them would cost.

use std::collections::{BTreeMap, BTreeSet};

use crate::roster::instance::{Expansion, Literal};
use crate::roster::judge::{Finding, ScoreLine, breakdown, evaluate, is_broken};
use crate::roster::problem::Problem;
use crate::roster::rules::sentence;

/// Somebody for the shift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Index of the person.
    pub staff: usize,
    /// Whether the person has the shift.
    pub is_assigned: bool,
    /// Whether no hard rule is newly broken. Of who has the shift: whether none is broken by it.
    pub is_allowed: bool,
    /// The hard rules broken, in sentences.
    pub sentences: Vec<String>,
    /// The change of the objective if this person is chosen; 0 for who has the shift.
    pub cost_change: i64,
    /// The change by rule; `instances` are those whose cost changes.
    pub cost_by_rule: Vec<ScoreLine>,
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
    let of_shift: Vec<_> =
        (0..expansion.pairs.len()).filter(|&pair| expansion.pairs[pair].shift == shift).collect();
    let index = Index::new(expansion, assigned, &of_shift);
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
        let sentence_of =
            |finding: &Finding| sentence(problem, &expansion.instances[finding.instance], Some(finding));
        let mut cost_by_rule = breakdown(expansion, change.costs.iter().copied());
        cost_by_rule.retain(|line| line.cost != 0);
        Candidate {
            staff: expansion.pairs[pair].staff,
            is_assigned: assigned[pair],
            is_allowed: change.broken.is_empty(),
            sentences: change.broken.iter().map(sentence_of).collect(),
            cost_change: change.cost(),
            cost_by_rule,
        }
    };
    let mut candidates: Vec<_> = of_shift.iter().map(candidate).collect();
    candidates.sort_by_key(|row| (!row.is_assigned, !row.is_allowed, row.cost_change, row.staff));
    candidates
}

/// Which instances the pairs of a shift touch, by index of the pair.
struct Index<'a> {
    expansion: &'a Expansion,
    assigned: &'a [bool],
    touched: BTreeMap<usize, BTreeSet<usize>>,
}

impl<'a> Index<'a> {
    fn new(expansion: &'a Expansion, assigned: &'a [bool], of_shift: &[usize]) -> Self {
        // Few of many literals matter: find them by plain look-up.
        let mut pairs_of_group = vec![Vec::new(); expansion.groups.len()];
        for (group, pairs) in expansion.groups.iter().enumerate() {
            pairs_of_group[group].extend(pairs.iter().filter(|pair| of_shift.binary_search(pair).is_ok()));
        }
        let mut is_of_shift = vec![false; expansion.pairs.len()];
        of_shift.iter().for_each(|&pair| is_of_shift[pair] = true);
        let mut touched: BTreeMap<_, BTreeSet<_>> =
            of_shift.iter().map(|&pair| (pair, BTreeSet::new())).collect();
        for (index, instance) in expansion.instances.iter().enumerate() {
            for (_, literal) in &instance.terms {
                let pairs = match literal {
                    Literal::Pair(pair) if is_of_shift[*pair] => std::slice::from_ref(pair),
                    Literal::Pair(_) => &[],
                    Literal::Any(group) => &pairs_of_group[*group][..],
                };
                for pair in pairs {
                    touched.entry(*pair).or_default().insert(index);
                }
            }
        }
        Self { expansion, assigned, touched }
    }

    fn touched(&self, pairs: &[usize]) -> BTreeSet<usize> {
        pairs.iter().filter_map(|pair| self.touched.get(pair)).flatten().copied().collect()
    }

    /// An instance when these pairs are turned.
    fn evaluate(&self, instance: usize, turned: &[usize]) -> Finding {
        let is_on = |pair: usize| self.assigned[pair] != turned.contains(&pair);
        evaluate(instance, &self.expansion.instances[instance], |literal| match literal {
            Literal::Pair(pair) => is_on(pair),
            Literal::Any(group) => self.expansion.groups[group].iter().any(|&pair| is_on(pair)),
        })
    }

    /// The effect of turning these pairs.
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
