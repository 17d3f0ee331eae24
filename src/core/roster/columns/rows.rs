//! Rules about several people as rows over their ways.

use std::collections::BTreeSet;

use super::GRID;
use crate::roster::instance::{Cost, Expansion, Literal};

/// A rule about several people: the sum of its literals has bounds, and what leaving them costs.
#[derive(Clone, Debug)]
pub(super) struct SharedRow {
    /// What each literal adds.
    pub terms: Vec<(i64, Literal)>,
    /// The bounds of the sum, without the instance's constant.
    pub min: Option<i64>,
    pub max: Option<i64>,
    /// Points for each unit below and above; `None` = it must hold.
    pub weights: Option<(i64, i64)>,
    /// The least and the largest sum there is.
    range: (i64, i64),
}

impl SharedRow {
    /// The row of an instance; `None` if its cost isn't of this form.
    pub fn new(expansion: &Expansion, number: usize) -> Option<Self> {
        let instance = &expansion.instances[number];
        let weights = match instance.cost {
            Cost::Forbidden => None,
            Cost::PerUnit { under, over } => Some((under, over)),
            Cost::Square { .. } | Cost::Triangle { .. } | Cost::Each { .. } => return None,
        };
        let owner = |pair: &usize| expansion.pairs[*pair].staff;
        let is_of_one = |literal: &Literal| match literal {
            Literal::Pair(_) => true,
            Literal::Any(group) => {
                let group = &expansion.groups[*group];
                group.iter().all(|pair| owner(pair) == owner(&group[0]))
            }
        };
        // Whether any of several people works can't be told person by person.
        if !instance.terms.iter().all(|(_, literal)| is_of_one(literal)) {
            return None;
        }
        let bound = |bound: Option<i64>| bound.map(|bound| bound.saturating_sub(instance.constant));
        let factors = || instance.terms.iter().map(|(factor, _)| *factor);
        let range = (factors().map(|it| it.min(0)).sum(), factors().map(|it| it.max(0)).sum());
        let (min, max) = (bound(instance.min), bound(instance.max));
        Some(Self { terms: instance.terms.clone(), min, max, weights, range })
    }

    /// The least, on the grid, of what a sum costs and of its price: of all sums there are, which are whole. `None` if
    /// there is none that may be.
    ///
    /// The cost is linear between the bounds and the ends of the range, so that the least is at one of them.
    pub fn least(&self, dual: i64) -> Option<i128> {
        let (low, high) = self.range;
        let (min, max) = (self.min.unwrap_or(low), self.max.unwrap_or(high));
        let sums = match self.weights {
            None if low.max(min) > high.min(max) => return None,
            None => vec![low.max(min), high.min(max)],
            Some(_) => vec![low, high, min.clamp(low, high), max.clamp(low, high)],
        };
        let (under, over) = self.weights.unwrap_or((0, 0));
        let cost = |sum: i64| {
            let points = i128::from(under) * i128::from((min - sum).max(0))
                + i128::from(over) * i128::from((sum - max).max(0));
            points * i128::from(GRID) + i128::from(dual) * i128::from(sum)
        };
        sums.into_iter().map(cost).min()
    }
}

/// The groups of a person's pairs that rows count.
pub(super) fn groups(rows: &[SharedRow], expansion: &Expansion, person: usize) -> Vec<usize> {
    let groups: BTreeSet<_> = rows
        .iter()
        .flat_map(|row| &row.terms)
        .filter_map(|(_, literal)| match literal {
            Literal::Any(group) => Some(*group),
            Literal::Pair(_) => None,
        })
        .filter(|group| expansion.pairs[expansion.groups[*group][0]].staff == person)
        .collect();
    groups.into_iter().collect()
}
