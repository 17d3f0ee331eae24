//! The best candidates out of many, of whom few are looked at closely.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeSet, BinaryHeap};

use super::Candidate;

/// Chooses the best candidates for a place: each patient once, with the best claim that can take it. Candidates wait in a heap
/// with the distance that they have at best; what it is in truth is asked when it is their turn.
#[derive(Debug)]
pub struct Selection<P> {
    most: usize,
    waiting: BinaryHeap<Reverse<Ranked>>,
    seen: BTreeSet<P>,
    best: Vec<usize>,
}

/// A candidate by its number among those added.
#[derive(Debug)]
struct Ranked {
    candidate: Candidate,
    number: usize,
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ranked {}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.candidate.rank().cmp(&other.candidate.rank()).then(self.number.cmp(&other.number))
    }
}

/// A candidate looked at closely.
#[derive(Clone, Debug)]
pub struct Look<P> {
    /// Who it is; `None` where nobody knows.
    pub patient: Option<P>,
    /// The distance in truth; `None` where the candidate can't take the place.
    pub distance_days: Option<i64>,
}

impl<P: Ord> Selection<P> {
    /// A selection of the best `most`.
    #[must_use]
    pub fn of(most: usize) -> Self {
        Self { most, waiting: BinaryHeap::new(), seen: BTreeSet::new(), best: Vec::new() }
    }

    /// Adds a candidate, by a number of the caller's.
    pub fn add(&mut self, number: usize, candidate: Candidate) {
        self.waiting.push(Reverse(Ranked { candidate, number }));
    }

    /// Whether there are enough.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.best.len() >= self.most
    }

    /// Takes the best of those whose distance is at most `distance_days`; all others that are added later must be farther away.
    ///
    /// # Errors
    /// The first that `look` gives.
    pub fn take<E>(
        &mut self,
        distance_days: i64,
        mut look: impl FnMut(usize) -> Result<Look<P>, E>,
    ) -> Result<(), E> {
        while !self.is_full()
            && let Some(Reverse(next)) = self.waiting.peek()
            && next.candidate.distance_days <= distance_days
            && let Some(Reverse(mut next)) = self.waiting.pop()
        {
            let Look { patient, distance_days: distance } = look(next.number)?;
            let is_new = patient.as_ref().is_none_or(|patient| !self.seen.contains(patient));
            match distance.filter(|_| is_new) {
                None => (),
                Some(distance) if distance > next.candidate.distance_days => {
                    next.candidate.distance_days = distance;
                    self.waiting.push(Reverse(next));
                }
                Some(_) => {
                    self.seen.extend(patient);
                    self.best.push(next.number);
                }
            }
        }
        Ok(())
    }

    /// The numbers of the best, best first.
    #[must_use]
    pub fn best(self) -> Vec<usize> {
        self.best
    }
}
