//! Keeps the first slots of an order: all of them up to a bound, or the best few.

use std::collections::BTreeMap;

use super::rooms::RoomOrder;
use super::{Group, LimitExceeded, MAX_SLOTS, Order, Slot};
use crate::booking::clinic::Clinic;
use crate::booking::score::{self, Score};
use crate::runs::{Runs, Sorted};
use crate::time::interval::{Instant, Minutes};

/// Slots beyond those wanted that are kept until the worst are thrown away: more at a time cost less each.
const SLACK: usize = 1_024;

/// What all slots of a provider share.
#[derive(Clone, Copy, Debug)]
struct OfProvider {
    duration: Minutes,
    continuity: Score,
}

/// What is left of group visits: in a room where none has begun, and of those that have, which are few.
#[derive(Clone, Debug)]
struct Groups {
    of_rooms: Vec<i32>,
    begun: BTreeMap<(Instant, usize, usize), i32>,
}

impl Groups {
    fn of(&self, start: Instant, provider: usize, room: usize) -> Option<Group> {
        let of_room = self.of_rooms[room];
        match self.begun.get(&(start, provider, room)) {
            Some(left) => Some(Group { places_left: *left, is_begun: true }),
            None => (of_room > 1).then_some(Group { places_left: of_room, is_begun: false }),
        }
    }
}

/// Slots seen so far that may belong to the answer.
pub(super) struct Ranking {
    order: Order,
    overbooked_last: bool,
    rooms: RoomOrder,
    of_providers: Vec<OfProvider>,
    groups: Groups,
    max_results: Option<usize>,
    kept: Runs<Ranked>,
    /// The worst that may still belong to the answer, once as many are known as are wanted.
    worst: Option<Ranked>,
}

impl Ranking {
    /// For the slots of a clinic.
    pub(super) fn new(clinic: &Clinic, order: Order, max_results: Option<usize>) -> Self {
        let of_provider = |provider: usize| OfProvider {
            duration: clinic.duration_with(provider),
            continuity: Score::new(score::continuity(clinic.last_seen, clinic.providers[provider].id)),
        };
        Self {
            order,
            overbooked_last: clinic.settings.overbooked_last,
            rooms: RoomOrder::new(clinic),
            of_providers: (0..clinic.providers.len()).map(of_provider).collect(),
            groups: Groups {
                of_rooms: (0..clinic.rooms.len()).map(|room| clinic.capacity_in(room)).collect(),
                begun: BTreeMap::new(),
            },
            max_results,
            kept: Runs::default(),
            worst: None,
        }
    }

    /// The rooms in the order in which they are chosen.
    pub(super) fn rooms(&self) -> &RoomOrder {
        &self.rooms
    }

    pub(super) fn push(&mut self, slot: &Slot) -> Result<(), LimitExceeded> {
        let is_last = self.overbooked_last && slot.is_overbooked;
        let ranked = Ranked::of(self.order, slot, is_last, self.rooms.rank(slot.room));
        if self.worst.is_some_and(|worst| ranked > worst) {
            return Ok(());
        }
        if let Some(Group { places_left, is_begun: true }) = slot.group {
            self.groups.begun.insert((slot.start, slot.provider, slot.room), places_left);
        }
        self.kept.push(ranked);
        let wanted = self.max_results.unwrap_or(usize::MAX);
        if self.kept.len() >= wanted.saturating_mul(2).saturating_add(SLACK) {
            self.keep_best(wanted);
        }
        if self.kept.len().min(wanted) > MAX_SLOTS {
            return Err(LimitExceeded { what: "slots", limit: MAX_SLOTS });
        }
        Ok(())
    }

    fn keep_best(&mut self, wanted: usize) {
        let all = std::mem::take(&mut self.kept);
        all.sorted().take(wanted).for_each(|ranked| {
            self.worst = Some(ranked);
            self.kept.push(ranked);
        });
    }

    /// Whether no slot that starts at `instant` or later can still be part of the answer.
    pub(super) fn is_settled_before(&mut self, instant: Instant) -> bool {
        let Some(wanted) = self.max_results else { return false };
        if wanted == 0 {
            return true;
        }
        if self.order != Order::EarliestFirst || self.kept.len() < wanted {
            return false;
        }
        self.keep_best(wanted);
        self.worst.is_some_and(|worst| worst.start(self.order) < instant)
    }

    /// The slots in order.
    pub(super) fn finish(self) -> Found {
        let left = self.kept.len().min(self.max_results.unwrap_or(usize::MAX));
        Found {
            order: self.order,
            rooms: self.rooms,
            of_providers: self.of_providers,
            groups: self.groups,
            left,
            ranked: self.kept.sorted(),
        }
    }
}

/// The slots that were found, in order.
#[derive(Clone, Debug)]
pub struct Found {
    order: Order,
    rooms: RoomOrder,
    of_providers: Vec<OfProvider>,
    groups: Groups,
    left: usize,
    ranked: Sorted<Ranked>,
}

impl Iterator for Found {
    type Item = Slot;

    fn next(&mut self) -> Option<Slot> {
        self.left = self.left.checked_sub(1)?;
        let ranked = self.ranked.next()?;
        Some(ranked.slot(self.order, &self.of_providers, &self.rooms, &self.groups))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Found {}

/// A slot of 24 bytes, so that millions can be kept. Smaller is better. Providers are sorted by id, so their indexes order
/// like their ids; rooms have ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Ranked {
    /// What orders, the most important bits first.
    key: [u64; 2],
    /// The other scores, and whether it is overbooked. No two slots have the same key.
    rest: u64,
}

const SCORE_BITS: u32 = 14;
const START_BITS: u32 = 64;
const INDEX_BITS: u32 = 24;

/// Whether it comes last, the score, and whether no group visit has begun there.
const BADNESS_BITS: u32 = 1 + SCORE_BITS + 1;

const _: () = assert!(BADNESS_BITS + START_BITS + 2 * INDEX_BITS <= u128::BITS, "the key has space for all");

impl Ranked {
    fn of(order: Order, slot: &Slot, is_last: bool, room_rank: usize) -> Self {
        // As an unsigned number it orders like the signed one.
        let start = u128::from(slot.start.0 as u64 ^ 1 << 63);
        let badness = u128::from(is_last) << SCORE_BITS
            | u128::from(Score::BEST.ten_thousandths() - slot.quality.ten_thousandths());
        let badness = badness << 1 | u128::from(!slot.group.is_some_and(|group| group.is_begun));
        let first = match order {
            Order::BestFirst => badness << START_BITS | start,
            Order::EarliestFirst => start << BADNESS_BITS | badness,
        };
        let key = first << (2 * INDEX_BITS) | (slot.provider as u128) << INDEX_BITS | room_rank as u128;
        let scores = [slot.preference, slot.compactness, slot.room_score, slot.load];
        let rest = scores.into_iter().fold(u64::from(slot.is_overbooked), |rest, score| {
            rest << SCORE_BITS | u64::from(score.ten_thousandths())
        });
        Self { key: [(key >> 64) as u64, key as u64], rest }
    }

    fn key(self) -> u128 {
        u128::from(self.key[0]) << 64 | u128::from(self.key[1])
    }

    fn start(self, order: Order) -> Instant {
        let first = self.key() >> (2 * INDEX_BITS);
        let start = match order {
            Order::BestFirst => first,
            Order::EarliestFirst => first >> BADNESS_BITS,
        };
        Instant((start as u64 ^ 1 << 63) as i64)
    }

    fn slot(self, order: Order, of_providers: &[OfProvider], rooms: &RoomOrder, groups: &Groups) -> Slot {
        let index = |shift: u32| (self.key() >> shift) as usize & ((1 << INDEX_BITS) - 1);
        let score = |number: u64| Score::of_ten_thousandths((number & ((1 << SCORE_BITS) - 1)) as u16);
        let badness = self.key()
            >> match order {
                Order::BestFirst => 2 * INDEX_BITS + START_BITS,
                Order::EarliestFirst => 2 * INDEX_BITS,
            }
            >> 1;
        let (start, provider, room) = (self.start(order), index(INDEX_BITS), rooms.room(index(0)));
        let is_overbooked = self.rest >> (4 * SCORE_BITS) != 0;
        Slot {
            start,
            end: start + of_providers[provider].duration,
            provider,
            room,
            is_overbooked,
            quality: Score::of_ten_thousandths(
                Score::BEST.ten_thousandths() - score(badness as u64).ten_thousandths(),
            ),
            preference: score(self.rest >> (3 * SCORE_BITS)),
            compactness: score(self.rest >> (2 * SCORE_BITS)),
            room_score: score(self.rest >> SCORE_BITS),
            load: score(self.rest),
            continuity: of_providers[provider].continuity,
            group: if is_overbooked { None } else { groups.of(start, provider, room) },
        }
    }
}
