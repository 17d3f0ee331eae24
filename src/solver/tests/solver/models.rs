//! Models for the tests, the same in every run.

use pg_clinic_core::milp::{Column, Model, Row};

/// Numbers that look random: a linear congruence, whose upper bits are good enough here.
pub struct Numbers(pub u64);

impl Numbers {
    /// The next number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// A market split: choose half of every kind of weight exactly, or pay for what is missing. Its relaxation says 0, and
/// nobody proves much more in reasonable time.
pub fn hard(items: usize, kinds: usize) -> Model {
    let mut numbers = Numbers(7);
    let mut model = Model::default();
    for _ in 0..items {
        model.add_column(Column::binary(0.0));
    }
    for _ in 0..kinds {
        let weights: Vec<f64> = (0..items).map(|_| numbers.below(100) as f64).collect();
        let half = (weights.iter().sum::<f64>() / 2.0).floor();
        let over = model.add_column(Column::integer(0.0, f64::INFINITY, 1.0));
        let under = model.add_column(Column::integer(0.0, f64::INFINITY, 1.0));
        let terms = weights.into_iter().enumerate().chain([(over, -1.0), (under, 1.0)]);
        model.add_row(Row::equal(half, terms));
    }
    model
}

/// A roster: every shift needs one of `staff` people, no more than one shift a day for each, an even load, a day off
/// after two days at work; who likes which shift is random. `shifts` are spread over five days.
pub fn roster(staff: usize, shifts: usize, seed: u64) -> Model {
    const DAYS: usize = 5;
    let mut numbers = Numbers(seed);
    let mut model = Model::default();
    let mut works = vec![vec![Vec::new(); DAYS]; staff];
    for shift in 0..shifts {
        let mut needs = vec![(model.add_column(Column::binary(100_000.0)), 1.0)];
        for days in &mut works {
            if numbers.below(10) < 7 {
                let column = model.add_column(Column::binary(numbers.below(1000) as f64));
                needs.push((column, 1.0));
                days[shift % DAYS].push((column, 1.0));
            }
        }
        model.add_row(Row::equal(1.0, needs));
    }
    for days in works {
        for day in &days {
            model.add_row(Row::at_most(1.0, day.clone()));
        }
        for three in days.windows(3) {
            model.add_row(Row::at_most(2.0, three.concat()));
        }
        // Each shift beyond a fair share costs more than the one before.
        let mut load = days.concat();
        for beyond in 0..DAYS {
            load.push((model.add_column(Column::binary(300.0 * beyond as f64)), -1.0));
        }
        model.add_row(Row::equal(0.0, load));
    }
    model
}
