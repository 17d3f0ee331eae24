//! A set of rooms as bits, so that "free and used today" is a few machine words per start.

/// A set of room indexes.
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

    /// The lowest room in both.
    pub(super) fn first_in(&self, other: &Self) -> Option<usize> {
        self.first(other, |word, other| word & other)
    }

    /// The lowest room that isn't in `other`.
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
