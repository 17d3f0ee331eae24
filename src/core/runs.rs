//! Long sorted lists in pieces. A vector of millions asks for all its memory at once, and for twice as much whenever it
//! grows; pieces of a megabyte can be had as long as there is any, and each is given back as soon as it is read.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

/// Items of a piece.
const PIECE: usize = 1 << 15;

/// Items to be sorted, a piece after the other.
#[derive(Clone, Debug)]
pub struct Runs<T> {
    /// All but the last are full and sorted.
    pieces: Vec<Vec<T>>,
    len: usize,
}

impl<T> Default for Runs<T> {
    fn default() -> Self {
        Self { pieces: Vec::new(), len: 0 }
    }
}

impl<T: Ord> Runs<T> {
    /// Adds an item.
    pub fn push(&mut self, item: T) {
        match self.pieces.last_mut() {
            Some(last) if last.len() < PIECE => last.push(item),
            last => {
                if let Some(full) = last {
                    full.sort_unstable();
                }
                self.pieces.push(vec![item]);
            }
        }
        self.len += 1;
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The items, ascending.
    #[must_use]
    pub fn sorted(mut self) -> Sorted<T> {
        if let Some(last) = self.pieces.last_mut() {
            last.sort_unstable();
        }
        let mut sorted = Sorted { left: self.len, tails: Vec::new(), heads: BinaryHeap::new() };
        for (piece, items) in self.pieces.into_iter().enumerate() {
            let mut items = items.into_iter();
            sorted.heads.extend(items.next().map(|head| Reverse((head, piece))));
            sorted.tails.push(items);
        }
        sorted
    }
}

/// The items of [`Runs`], ascending.
#[derive(Clone, Debug)]
pub struct Sorted<T> {
    left: usize,
    /// What is left of each piece, without its first.
    tails: Vec<std::vec::IntoIter<T>>,
    /// The first of each piece that isn't read to its end.
    heads: BinaryHeap<Reverse<(T, usize)>>,
}

impl<T: Ord> Iterator for Sorted<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let mut least = self.heads.peek_mut()?;
        self.left -= 1;
        let piece = least.0.1;
        match self.tails[piece].next() {
            Some(next) => Some(std::mem::replace(&mut least.0.0, next)),
            None => {
                self.tails[piece] = Vec::new().into_iter();
                Some(PeekMut::pop(least).0.0)
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T: Ord> ExactSizeIterator for Sorted<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(items: impl IntoIterator<Item = u64>) -> Vec<u64> {
        let mut runs = Runs::default();
        items.into_iter().for_each(|item| runs.push(item));
        let sorted = runs.sorted();
        let len = sorted.len();
        let items: Vec<_> = sorted.collect();
        assert_eq!(items.len(), len);
        items
    }

    #[test]
    fn as_one_sort_would() {
        // A step that has no factor in common with the count goes through all.
        for count in [0, 1, 2, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7] {
            let count = count as u64;
            let items = (0..count).map(|n| n * 1_000_003 % count.max(1));
            let mut expected: Vec<_> = items.clone().collect();
            expected.sort_unstable();
            assert_eq!(sorted(items), expected, "{count} items");
        }
    }

    #[test]
    fn equal_items_all_come() {
        assert_eq!(sorted(std::iter::repeat_n(7, 2 * PIECE + 1)), vec![7; 2 * PIECE + 1]);
    }
}
