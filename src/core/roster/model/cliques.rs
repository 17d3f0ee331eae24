//! Sets of columns of which at most one is 1. They make the optimizer's relaxation tight: "works that day" is then a plain
//! sum, and many costs need no column of their own. Must never guess: every set comes from hard rows alone.

use std::collections::{BTreeMap, BTreeSet};

use super::linear::Linear;

/// Most sets of a column that are looked at: the largest ones.
const LOOKED_AT: usize = 64;

/// The known sets.
#[derive(Debug, Default)]
pub(super) struct Cliques {
    sets: Vec<Vec<usize>>,
    of_column: Vec<Vec<usize>>,
}

impl Cliques {
    /// The sets (each ascending) that lie in no other one of these, the largest first.
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

    /// The sets.
    pub(super) fn sets(&self) -> &[Vec<usize>] {
        &self.sets
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

/// Sets of columns of one owner each made as large as their common neighbors allow: two columns are neighbors if a set
/// holds both. Sets across owners stay as they are.
pub(super) fn merged(sets: Vec<Vec<usize>>, owner: &[usize]) -> Vec<Vec<usize>> {
    let mut own: BTreeMap<usize, Vec<Vec<usize>>> = BTreeMap::new();
    let mut merged = Vec::new();
    for set in sets {
        match set.first().map(|&first| owner[first]) {
            Some(one) if set.iter().all(|&column| owner[column] == one) => {
                own.entry(one).or_default().push(set)
            }
            _ => merged.push(set),
        }
    }
    for sets in own.into_values() {
        merged.extend(merge_own(sets));
    }
    merged
}

fn merge_own(mut sets: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    let columns: BTreeSet<_> = sets.iter().flatten().copied().collect();
    let columns: Vec<_> = columns.into_iter().collect();
    let place = |column: &usize| columns.binary_search(column).unwrap_or_default();
    let words = columns.len().div_ceil(64);
    // Bits: the neighbors of each column, itself included.
    let mut near = vec![vec![0_u64; words]; columns.len()];
    let bits = |set: &[usize]| {
        let mut bits = vec![0_u64; words];
        set.iter().map(place).for_each(|at| bits[at / 64] |= 1 << (at % 64));
        bits
    };
    for set in &sets {
        let members = bits(set);
        for at in set.iter().map(place) {
            near[at].iter_mut().zip(&members).for_each(|(near, members)| *near |= members);
        }
    }
    sets.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    let mut found: Vec<Vec<u64>> = Vec::new();
    for set in sets {
        let members = bits(&set);
        if found.iter().any(|known| members.iter().zip(known).all(|(members, known)| members & !known == 0)) {
            continue;
        }
        let mut common = vec![u64::MAX; words];
        let mut chosen = members.clone();
        for at in set.iter().map(place) {
            common.iter_mut().zip(&near[at]).for_each(|(common, near)| *common &= near);
        }
        for at in 0..columns.len() {
            let is_new = common[at / 64] & !members[at / 64] & 1 << (at % 64) != 0;
            if is_new {
                chosen[at / 64] |= 1 << (at % 64);
                common.iter_mut().zip(&near[at]).for_each(|(common, near)| *common &= near);
            }
        }
        found.push(chosen);
    }
    let members = |bits: Vec<u64>| {
        (0..columns.len()).filter(|at| bits[at / 64] & 1 << (at % 64) != 0).map(|at| columns[at]).collect()
    };
    found.into_iter().map(members).collect()
}

fn is_subset(small: &[usize], large: &[usize]) -> bool {
    small.len() <= large.len() && small.iter().all(|column| large.binary_search(column).is_ok())
}

fn intersection(one: &[usize], other: &[usize]) -> Vec<usize> {
    let (small, large) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    small.iter().copied().filter(|column| large.binary_search(column).is_ok()).collect()
}
