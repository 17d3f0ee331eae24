//! Rooms in the order in which they are chosen, and sets of them as bits, so that "free and used today" is a few machine
//! words per start.

use crate::booking::clinic::Clinic;

/// The clinic's rooms, the one to be chosen among equals first: the room that the fewest other appointment types need, so
/// that what is scarce stays free; then by id. A rank is a place in this order.
#[derive(Clone, Debug, Default)]
pub(super) struct RoomOrder {
    by_rank: Vec<usize>,
    rank_of: Vec<usize>,
}

impl RoomOrder {
    pub(super) fn new(clinic: &Clinic) -> Self {
        let needed_by = |room: &usize| {
            let room = &clinic.rooms[*room];
            let needs = clinic.other_needs.iter();
            needs.filter(|needs| needs.suits_type(room) && needs.suits_equipment(room)).count()
        };
        let mut by_rank: Vec<usize> = (0..clinic.rooms.len()).collect();
        // Stable, and the rooms are sorted by id.
        by_rank.sort_by_cached_key(needed_by);
        let mut rank_of = vec![0; by_rank.len()];
        for (rank, room) in by_rank.iter().enumerate() {
            rank_of[*room] = rank;
        }
        Self { by_rank, rank_of }
    }

    /// The index of the room of a rank.
    pub(super) fn room(&self, rank: usize) -> usize {
        self.by_rank[rank]
    }

    /// The rank of a room by its index.
    pub(super) fn rank(&self, room: usize) -> usize {
        self.rank_of[room]
    }

    pub(super) fn len(&self) -> usize {
        self.by_rank.len()
    }
}

/// A set of rooms by their ranks.
#[derive(Clone, Debug, Default)]
pub(super) struct RoomSet {
    words: Vec<u64>,
}

const BITS: usize = u64::BITS as usize;

impl RoomSet {
    /// The empty set, with space for `rooms` rooms.
    pub(super) fn new(rooms: usize) -> Self {
        Self { words: vec![0; rooms.div_ceil(BITS)] }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    pub(super) fn insert(&mut self, room: usize) {
        self.words[room / BITS] |= 1 << (room % BITS);
    }

    /// The others.
    pub(super) fn without(&self, room: usize) -> Self {
        let mut others = self.clone();
        others.words[room / BITS] &= !(1 << (room % BITS));
        others
    }

    pub(super) fn contains(&self, room: usize) -> bool {
        self.words[room / BITS] >> (room % BITS) & 1 == 1
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                left &= left.wrapping_sub(1);
                (bit < BITS).then_some(index * BITS + bit)
            })
        })
    }

    /// The first room in both.
    pub(super) fn first_in(&self, other: &Self) -> Option<usize> {
        self.first(other, |word, other| word & other)
    }

    /// The first room that isn't in `other`.
    pub(super) fn first_outside(&self, other: &Self) -> Option<usize> {
        self.first(other, |word, other| word & !other)
    }

    fn first(&self, other: &Self, combine: impl Fn(u64, u64) -> u64) -> Option<usize> {
        let combined = self.words.iter().zip(&other.words).map(|(word, other)| combine(*word, *other));
        combined
            .enumerate()
            .find(|(_, word)| *word != 0)
            .map(|(index, word)| index * BITS + word.trailing_zeros() as usize)
    }
}
