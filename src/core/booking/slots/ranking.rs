//! Keeps the first slots of an order: all of them up to a bound, or the best few in a heap.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::{LimitExceeded, MAX_SLOTS, Order, Slot};
use crate::time::interval::Instant;

/// Slots seen so far that belong to the answer.
pub(super) struct Ranking {
    order: Order,
    max_results: Option<usize>,
    /// With a bound a heap with the worst on top; without one just a list, sorted at the end.
    found: Found,
}

enum Found {
    All(Vec<Slot>),
    Best(BinaryHeap<Ranked>),
}

impl Ranking {
    pub(super) fn new(order: Order, max_results: Option<usize>) -> Self {
        let found = match max_results {
            None => Found::All(Vec::new()),
            Some(_) => Found::Best(BinaryHeap::new()),
        };
        Self { order, max_results, found }
    }

    pub(super) fn push(&mut self, slot: Slot) -> Result<(), LimitExceeded> {
        let count = match &mut self.found {
            Found::All(all) => {
                all.push(slot);
                all.len()
            }
            Found::Best(heap) if self.max_results.is_some_and(|max| heap.len() >= max) => {
                let ranked = Ranked { key: key(self.order, &slot), slot };
                if let Some(mut worst) = heap.peek_mut().filter(|worst| ranked < **worst) {
                    *worst = ranked;
                }
                return Ok(());
            }
            Found::Best(heap) => {
                heap.push(Ranked { key: key(self.order, &slot), slot });
                heap.len()
            }
        };
        if count > MAX_SLOTS { Err(LimitExceeded { what: "slots", limit: MAX_SLOTS }) } else { Ok(()) }
    }

    /// Whether no slot that starts at `instant` or later can still be part of the answer.
    pub(super) fn is_settled_before(&self, instant: Instant) -> bool {
        let Found::Best(heap) = &self.found else { return false };
        let is_full = self.max_results.is_some_and(|max| heap.len() >= max);
        let is_early =
            self.order == Order::EarliestFirst && heap.peek().is_none_or(|worst| worst.slot.start < instant);
        is_full && (is_early || self.max_results == Some(0))
    }

    /// The slots in order.
    pub(super) fn finish(self) -> Vec<Slot> {
        match self.found {
            Found::All(mut all) => {
                all.sort_by_cached_key(|slot| key(self.order, slot));
                all
            }
            Found::Best(heap) => heap.into_sorted_vec().into_iter().map(|ranked| ranked.slot).collect(),
        }
    }
}

struct Ranked {
    key: (i64, i64, u32, u32),
    slot: Slot,
}

/// Smaller is better. Providers and rooms are sorted by id, so their indexes order like their ids.
fn key(order: Order, slot: &Slot) -> (i64, i64, u32, u32) {
    let (badness, start) = (-i64::from(slot.quality.ten_thousandths()), slot.start.0);
    match order {
        Order::BestFirst => (badness, start, slot.provider as u32, slot.room as u32),
        Order::EarliestFirst => (start, badness, slot.provider as u32, slot.room as u32),
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Ranked {}
