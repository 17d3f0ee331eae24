//! Soft rules about runs as a path through a person's days: a node says whether they work and for how long already. What a
//! path costs is then exact in the relaxation too, where one row for each broken pattern lets half a person work between
//! two halves for nothing. Must never say more than the instances it takes over.

use std::collections::{BTreeMap, HashMap};

use super::Builder;
use super::linear::Linear;
use crate::milp::Column;
use crate::roster::instance::{Cost, Day, Instance, Literal, Run};
use crate::roster::rules::{RunRule, definition};

/// Whether the person works, and for how many days in a row, as far as it matters.
type State = (bool, usize);

/// Days that all are alike, reported on the last of them (a maximum), or on the day after that ends them (a minimum).
pub(super) type Pattern = (Reported, bool, usize, usize);

/// When a pattern is reported from what passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Reported {
    /// On the last of them.
    Within,
    /// On the day after.
    After,
}

/// The soft instances that each run's path takes over, by the pattern that breaks them.
pub(super) struct Paths<'a> {
    runs: &'a [Run],
    place_of: HashMap<Literal, (usize, usize)>,
    patterns: Vec<HashMap<Pattern, i64>>,
}

impl<'a> Paths<'a> {
    pub(super) fn new(runs: &'a [Run]) -> Self {
        let days = runs.iter().enumerate().flat_map(|(number, run)| {
            run.days.iter().enumerate().filter_map(move |(day, what)| match what {
                Day::Open(literal) => Some((*literal, (number, day))),
                Day::Known(_) => None,
            })
        });
        Self { runs, place_of: days.collect(), patterns: vec![HashMap::new(); runs.len()] }
    }

    /// Takes a soft instance about a run over, if its days all lie in one.
    pub(super) fn say(&mut self, instance: &Instance) -> bool {
        self.pattern(instance).is_some_and(|(run, pattern, cost)| {
            *self.patterns[run].entry(pattern).or_default() += cost;
            true
        })
    }

    fn pattern(&self, instance: &Instance) -> Option<(usize, Pattern, i64)> {
        let RunRule { is_work: works, is_minimum } = definition(instance.key.kind).run_rule?;
        let reported = if is_minimum { Reported::After } else { Reported::Within };
        if !matches!(instance.cost, Cost::PerUnit { .. }) {
            return None;
        }
        let run = self.place_of.get(&instance.terms.first()?.1)?.0;
        let day = |date: chrono::NaiveDate| usize::try_from((date - self.runs[run].from).num_days()).ok();
        let (first, last) = (day(instance.dates.0)?, day(instance.dates.1)?);
        let is_inside = match reported {
            // A single day is no run, and costs by itself.
            Reported::Within => first < last && last < self.runs[run].days.len(),
            Reported::After => first > 0 && last + 1 < self.runs[run].days.len(),
        };
        if !is_inside {
            return None;
        }
        let mut value = instance.constant;
        for (factor, literal) in &instance.terms {
            let &(of, day) = self.place_of.get(literal)?;
            if of != run {
                return None;
            }
            value += factor * i64::from((first..=last).contains(&day) == works);
        }
        Some((run, (reported, works, first, last), instance.cost_at(value)))
    }

    /// The runs that have a path, with its patterns.
    pub(super) fn into_paths(self) -> impl Iterator<Item = (&'a Run, HashMap<Pattern, i64>)> {
        self.runs.iter().zip(self.patterns).filter(|(_, patterns)| !patterns.is_empty())
    }
}

impl Builder<'_> {
    /// One unit flows from the first day that matters to the last, and passes each day as the person does.
    pub(super) fn add_path(&mut self, run: &Run, patterns: &HashMap<Pattern, i64>) {
        let before = |&(reported, _, first, _): &Pattern| first - usize::from(reported == Reported::After);
        let after = |&(reported, _, _, last): &Pattern| last + usize::from(reported == Reported::After);
        let start = patterns.keys().map(before).min().unwrap_or(0);
        let end = patterns.keys().map(after).max().unwrap_or(0);
        let kept = patterns.keys().map(|&(_, _, first, last)| last + 2 - first).max().unwrap_or(1);
        let mut flow: BTreeMap<State, Linear> = BTreeMap::new();
        for (day, what) in run.days.iter().enumerate().take(end + 1).skip(start) {
            let works = match *what {
                Day::Known(works) => Linear::of(i64::from(works)),
                Day::Open(literal) => self.literal(literal),
            };
            if day == start {
                let mut is_off = Linear::of(1);
                is_off.add(-1, &works);
                flow.extend([((true, 1), works), ((false, 1), is_off)]);
                flow.retain(|_, inflow| inflow.highest() > 0);
                continue;
            }
            let cost = |state: State, next: bool| cost_of(patterns, day, state, next);
            flow = self.add_day(&flow, &works, kept, &cost);
        }
    }

    fn add_day(
        &mut self,
        flow: &BTreeMap<State, Linear>,
        works: &Linear,
        kept: usize,
        cost: &dyn Fn(State, bool) -> i64,
    ) -> BTreeMap<State, Linear> {
        let nexts: Vec<_> =
            [works.lowest() < 1, works.highest() > 0].into_iter().zip([false, true]).collect();
        let nexts: Vec<_> = nexts.into_iter().filter_map(|(may, next)| may.then_some(next)).collect();
        let mut out: BTreeMap<State, Linear> = BTreeMap::new();
        let mut arriving = Linear::default();
        for (&state, inflow) in flow {
            let mut left = inflow.clone();
            for &next in &nexts {
                let points = cost(state, next);
                let arc = if nexts.len() == 1 {
                    self.add_points(points, inflow);
                    inflow.clone()
                } else if points == 0 {
                    Linear::column(self.add_column(Column::continuous(0.0, 1.0, 0.0), 0))
                } else {
                    // Whole, so that all objectives are.
                    Linear::column(self.add_column(Column::binary(0.0), points))
                };
                left.add(-1, &arc);
                if next {
                    arriving.add(1, &arc);
                }
                let length = if next == state.0 { (state.1 + 1).min(kept) } else { 1 };
                out.entry((next, length)).or_default().add(1, &arc);
            }
            if nexts.len() > 1 {
                self.strengthen(left, Some(0), Some(0));
            }
        }
        if nexts.len() > 1 {
            arriving.add(-1, works);
            self.strengthen(arriving, Some(0), Some(0));
        }
        out.values_mut().for_each(Linear::tidy);
        out
    }
}

/// The cost of going on in this state on a day.
fn cost_of(patterns: &HashMap<Pattern, i64>, day: usize, (works, length): State, next: bool) -> i64 {
    let known = |pattern: Pattern| patterns.get(&pattern).copied().unwrap_or(0);
    if works != next {
        return known((Reported::After, works, day - length, day - 1));
    }
    // A run longer than a window ends many windows: each length is a rule of its own.
    (1..=length).map(|days| known((Reported::Within, works, day - days, day))).sum()
}
