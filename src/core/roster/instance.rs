//! The requirement of a rule in one place, as a linear condition on who works what: the common language of judge and
//! optimizer.

use chrono::NaiveDate;

use crate::roster::catalog::Mode;
use crate::roster::settings::{RuleKey, Source};

/// Somebody might work, or works, some shift: indexes into [`super::problem::Problem`]'s `staff` and `shifts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    /// Index of the person.
    pub staff: usize,
    /// Index of the shift.
    pub shift: usize,
}

/// Something that is true (1) or false (0) of a roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Literal {
    /// The pair with this index is assigned.
    Pair(usize),
    /// At least one pair of the group with this index is ([`Expansion::groups`]).
    Any(usize),
}

/// The cost of breaking an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// It must hold.
    Forbidden,
    /// Each unit below `min` and above `max`.
    PerUnit {
        /// Points for each unit below.
        under: i64,
        /// Points for each unit above.
        over: i64,
    },
    /// weight × d², d units below `min` or above `max`.
    Square {
        /// Points for the first unit.
        weight: i64,
    },
    /// No condition: weight × n(n−1)/2 for the value n ≥ 0.
    Triangle {
        /// Points for each pair of units.
        weight: i64,
    },
    /// No condition: this many points (negative = earned) for each unit of the value.
    Each {
        /// Points.
        points: i64,
    },
}

/// One rule in one place: `min ≤ constant + Σ factor × literal ≤ max`.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Which rule.
    pub key: RuleKey,
    /// Which row set it.
    pub source: Source,
    /// How that row binds, be a departure approved or not.
    pub mode: Mode,
    /// The person it is about; `None` = everybody.
    pub staff: Option<usize>,
    /// Which shift it is about, if one.
    pub shift: Option<usize>,
    /// First and last date it is about.
    pub dates: (NaiveDate, NaiveDate),
    /// The limit as set, for sentences.
    pub limit: i64,
    /// The variable part. No literal twice; no factor 0.
    pub terms: Vec<(i64, Literal)>,
    /// The given part: work in the record outside the dates.
    pub constant: i64,
    /// At least.
    pub min: Option<i64>,
    /// At most.
    pub max: Option<i64>,
    /// The cost if it doesn't hold.
    pub cost: Cost,
    /// What of it is excused by approvals, and therefore not in its terms and bounds; `None` = nothing.
    pub approved: Option<Box<Approved>>,
}

/// An instance as it were without its approvals.
#[derive(Clone, Debug)]
pub struct Approved {
    /// The variable part.
    pub terms: Vec<(i64, Literal)>,
    /// The given part.
    pub constant: i64,
    /// At least.
    pub min: Option<i64>,
    /// At most.
    pub max: Option<i64>,
    /// The approvals (`clinic.rule_overrides.id`), and the units that each may excuse.
    pub by: Vec<(i64, i64)>,
}

/// A run of days of one person, for the optimizer: minimum lengths are much easier to prove with variables for a run's
/// start than with forbidden patterns alone.
#[derive(Clone, Debug)]
pub struct Run {
    /// The first day's date.
    pub from: NaiveDate,
    /// Whether the person works, day by day.
    pub days: Vec<Day>,
    /// A hard minimum of consecutive working days; 0 or 1 = none.
    pub min_on: i64,
    /// A hard minimum of consecutive days off between working days; 0 or 1 = none.
    pub min_off: i64,
}

/// Whether somebody works on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// Given.
    Known(bool),
    /// To be decided.
    Open(Literal),
}

/// All rules of a problem spelled out for a set of pairs.
#[derive(Clone, Debug, Default)]
pub struct Expansion {
    /// The pairs, sorted: what may be assigned (to solve), or what is assigned (to judge).
    pub pairs: Vec<Pair>,
    /// The indexes of the pairs in order of time.
    pub by_time: Vec<usize>,
    /// Groups of pairs for [`Literal::Any`], each sorted, none empty.
    pub groups: Vec<Vec<usize>>,
    /// The instances, in a stable order.
    pub instances: Vec<Instance>,
    /// The days of people that rules about runs bind.
    pub runs: Vec<Run>,
}

impl Instance {
    /// Units that a value lies below the minimum and above the maximum.
    #[must_use]
    pub fn distance(&self, value: i64) -> (i64, i64) {
        distance(self.min, self.max, value)
    }

    /// The approvals that excuse so many units of a departure, with the units that each excuses.
    #[must_use]
    pub fn approvals_of(&self, units: i64) -> Vec<(i64, i64)> {
        let mut left = units;
        let by = self.approved.iter().flat_map(|approved| &approved.by);
        let used = by.map(|&(id, most)| {
            let used = most.min(left);
            left -= used;
            (id, used)
        });
        used.filter(|&(_, used)| used > 0).collect()
    }

    /// Points that a value costs; 0 where the instance is hard.
    #[must_use]
    pub fn cost_at(&self, value: i64) -> i64 {
        let (shortage, excess) = self.distance(value);
        match self.cost {
            Cost::Forbidden => 0,
            Cost::PerUnit { under, over } => {
                under.saturating_mul(shortage).saturating_add(over.saturating_mul(excess))
            }
            Cost::Square { weight } => {
                let distance = shortage.max(excess);
                weight.saturating_mul(distance).saturating_mul(distance)
            }
            Cost::Triangle { weight } => weight.saturating_mul(value.saturating_mul(value - 1) / 2),
            Cost::Each { points } => points.saturating_mul(value),
        }
    }
}

impl Approved {
    /// Units that a value lies below the minimum and above the maximum, without the approvals.
    #[must_use]
    pub fn distance(&self, value: i64) -> (i64, i64) {
        distance(self.min, self.max, value)
    }
}

fn distance(min: Option<i64>, max: Option<i64>, value: i64) -> (i64, i64) {
    let shortage = min.map_or(0, |min| min.saturating_sub(value).max(0));
    let excess = max.map_or(0, |max| value.saturating_sub(max).max(0));
    (shortage, excess)
}

impl Cost {
    /// The cost a setting gives to a condition: forbidden where hard.
    #[must_use]
    pub const fn of(mode: Mode, under: i64, over: i64) -> Self {
        match mode {
            Mode::Hard => Self::Forbidden,
            Mode::Soft | Mode::Off | Mode::Waived => Self::PerUnit { under, over },
        }
    }
}
