//! The third next available appointment: the usual measure of how long patients wait. The next one may be free by chance,
//! because somebody has just cancelled; the third is what most get.

use crate::time::interval::{Instant, Span};

/// Which of the free places counts.
const THIRD: usize = 3;

/// Free places found so far, of each provider the first ones that don't get in each other's way.
pub struct ThirdNext {
    places: Vec<Vec<Span>>,
}

impl ThirdNext {
    /// Of so many providers.
    #[must_use]
    pub fn new(providers: usize) -> Self {
        Self { places: vec![Vec::new(); providers] }
    }

    /// A free place of a provider, with the buffer after it. Those of a provider come in the order of their starts.
    pub fn add(&mut self, provider: usize, busy: Span) {
        let places = &mut self.places[provider];
        if places.len() < THIRD && places.last().is_none_or(|last| last.end <= busy.start) {
            places.push(busy);
        }
    }

    /// Whether every provider has three.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.places.iter().all(|places| places.len() >= THIRD)
    }

    /// The start of a provider's third one.
    #[must_use]
    pub fn of(&self, provider: usize) -> Option<Instant> {
        self.places[provider].get(THIRD - 1).map(|place| place.start)
    }

    /// The start of the third one of all.
    #[must_use]
    pub fn of_all(&self) -> Option<Instant> {
        let mut starts: Vec<_> = self.places.iter().flatten().map(|place| place.start).collect();
        starts.sort_unstable();
        starts.get(THIRD - 1).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: i64, end: i64) -> Span {
        Span { start: Instant(start), end: Instant(end) }
    }

    #[test]
    fn places_in_each_others_way_count_once() {
        let mut next = ThirdNext::new(2);
        for start in 0..6 {
            next.add(0, span(start, start + 2));
        }
        assert_eq!((next.of(0), next.of(1), next.of_all()), (Some(Instant(4)), None, Some(Instant(4))));
        assert!(!next.is_settled());
        next.add(1, span(1, 3));
        assert_eq!((next.of(1), next.of_all()), (None, Some(Instant(2))));
    }
}
