//! Sets of columns of which at most one is 1. They make the optimiser's relaxation tight: "works that day" is then a plain
//! sum, and many costs need no column of their own. Must never guess: every set comes from hard rows alone.

use super::linear::Linear;

/// So many of the sets a column is in are looked at, at most: the largest ones.
const LOOKED_AT: usize = 64;

/// The known sets.
#[derive(Debug, Default)]
pub(super) struct Cliques {
    sets: Vec<Vec<usize>>,
    of_column: Vec<Vec<usize>>,
}

impl Cliques {
    /// Of these sets (each ascending) those that lie in no other one, the largest first.
    pub(super) fn new(mut sets: Vec<Vec<usize>>, columns: usize) -> Self {
        sets.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        let mut cliques = Self { sets: Vec::new(), of_column: vec![Vec::new(); columns] };
        for set in sets {
            if set.len() > 1 && cliques.containing(&set).is_none() {
                for &column in &set {
                    cliques.of_column[column].push(cliques.sets.len());
                }
                cliques.sets.push(set);
            }
        }
        cliques
    }

    /// Whether at most one of these columns (ascending) can be 1 by one known set.
    pub(super) fn hold(&self, columns: &[usize]) -> bool {
        columns.len() <= 1 || self.containing(columns).is_some()
    }

    fn containing(&self, columns: &[usize]) -> Option<usize> {
        let of_first = self.of_column.get(*columns.first()?)?;
        of_first.iter().take(LOOKED_AT).copied().find(|&set| is_subset(columns, &self.sets[set]))
    }

    /// Cuts columns (ascending) into few parts of which each has at most one 1.
    pub(super) fn parts(&self, columns: &[usize]) -> Vec<Vec<usize>> {
        let mut left = columns.to_vec();
        let mut parts = Vec::new();
        while let Some(&first) = left.first() {
            let sets = self.of_column.get(first).map_or(&[][..], Vec::as_slice).iter().take(LOOKED_AT);
            let common = sets.map(|&set| intersection(&left, &self.sets[set]));
            let part =
                common.fold(vec![first], |best, next| if next.len() > best.len() { next } else { best });
            left.retain(|column| part.binary_search(column).is_err());
            parts.push(part);
        }
        parts
    }

    /// A lower and an upper bound of a sum over columns that are 0 or 1, at most one of each set.
    pub(super) fn range(&self, linear: &Linear) -> (i64, i64) {
        let columns: Vec<_> = linear.terms.iter().map(|&(column, _)| column).collect();
        let (mut lowest, mut highest) = (linear.constant, linear.constant);
        for part in self.parts(&columns) {
            let factors = part.iter().filter_map(|column| {
                linear
                    .terms
                    .binary_search_by_key(column, |&(column, _)| column)
                    .ok()
                    .map(|place| linear.terms[place].1)
            });
            let (low, high) = factors.fold((0, 0), |(low, high), factor| (factor.min(low), factor.max(high)));
            lowest += low;
            highest += high;
        }
        (lowest, highest)
    }
}

fn is_subset(small: &[usize], large: &[usize]) -> bool {
    small.len() <= large.len() && small.iter().all(|column| large.binary_search(column).is_ok())
}

fn intersection(one: &[usize], other: &[usize]) -> Vec<usize> {
    let (small, large) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    small.iter().copied().filter(|column| large.binary_search(column).is_ok()).collect()
}
