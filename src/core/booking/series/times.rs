//! The fewest times of day with which a series gets along, and of those with as many the best.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::time::calendar::WallTime;

/// Steps of the exact search for one series; where it takes more, the best found by then is taken.
const MAX_STEPS: u32 = 20_000;

/// How good a choice of times is, less is better: how many, and the quality in ten-thousandths.
pub(super) type Worth = (usize, Reverse<u64>);

/// What each appointment could have: its times of day with the quality in ten-thousandths.
#[derive(Debug)]
pub(super) struct Options {
    appointments: Vec<BTreeMap<WallTime, u64>>,
}

impl Options {
    /// At most 64 appointments, each with an option at least.
    pub(super) fn new(appointments: Vec<BTreeMap<WallTime, u64>>) -> Self {
        Self { appointments }
    }

    /// The best times of day; `None` where more than `most` are needed.
    pub(super) fn best(&self, most: usize) -> Option<(Worth, Vec<WallTime>)> {
        let mut covers: BTreeMap<WallTime, u64> = BTreeMap::new();
        for (nth, times) in self.appointments.iter().enumerate() {
            for time in times.keys() {
                *covers.entry(*time).or_default() |= 1 << nth;
            }
        }
        let all = (0..self.appointments.len()).fold(0, |all, nth| all | 1_u64 << nth);
        let greedy = greedy(&covers, all);
        let mut search =
            Search { options: self, covers, best: None, most, steps_left: MAX_STEPS, chosen: Vec::new() };
        if greedy.len() <= most {
            search.most = greedy.len();
            search.best = Some((self.worth(&greedy), greedy));
        }
        search.descend(all);
        search.best
    }

    fn worth(&self, times: &[WallTime]) -> Worth {
        let best = |options: &BTreeMap<WallTime, u64>| {
            times.iter().filter_map(|time| options.get(time)).max().copied().unwrap_or_default()
        };
        (times.len(), Reverse(self.appointments.iter().map(best).sum()))
    }
}

/// Time after time the one that suits most of what is left; of equals the earliest.
fn greedy(covers: &BTreeMap<WallTime, u64>, all: u64) -> Vec<WallTime> {
    let (mut left, mut times) = (all, Vec::new());
    while left != 0 {
        let best = covers.iter().min_by_key(|(time, suits)| (Reverse((*suits & left).count_ones()), **time));
        let Some((time, suits)) = best.filter(|(_, suits)| *suits & left != 0) else { break };
        times.push(*time);
        left &= !suits;
    }
    times.sort_unstable();
    times
}

struct Search<'a> {
    options: &'a Options,
    /// By time, which appointments it suits.
    covers: BTreeMap<WallTime, u64>,
    best: Option<(Worth, Vec<WallTime>)>,
    /// Not more times than this.
    most: usize,
    steps_left: u32,
    chosen: Vec<WallTime>,
}

impl Search<'_> {
    /// Tries every time of the appointment that has the fewest. Any set of as few times as can be is found so: it has one
    /// for that appointment, and none that is needed for no other.
    fn descend(&mut self, left: u64) {
        if left == 0 {
            let mut times = self.chosen.clone();
            times.sort_unstable();
            let found = (self.options.worth(&times), times);
            if self.best.as_ref().is_none_or(|best| found < *best) {
                self.most = found.1.len();
                self.best = Some(found);
            }
            return;
        }
        let most_at_once = self.covers.values().map(|suits| (suits & left).count_ones()).max().unwrap_or(1);
        let needed = left.count_ones().div_ceil(most_at_once.max(1)) as usize;
        if self.chosen.len() + needed > self.most {
            return;
        }
        let waiting = (0..self.options.appointments.len()).filter(|nth| left >> nth & 1 == 1);
        let Some(nth) = waiting.min_by_key(|nth| self.options.appointments[*nth].len()) else { return };
        let options = self.options;
        for time in options.appointments[nth].keys() {
            if self.steps_left == 0 {
                return;
            }
            self.steps_left -= 1;
            let suits = self.covers.get(time).copied().unwrap_or_default();
            self.chosen.push(*time);
            self.descend(left & !suits);
            self.chosen.pop();
        }
    }
}
