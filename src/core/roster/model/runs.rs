//! Runs of working days, described by where they start: minimum and maximum lengths are then a few tight rows. Must never
//! exclude a roster that the runs' instances allow.

use std::collections::HashMap;

use super::Builder;
use super::linear::Linear;
use crate::milp::Column;
use crate::roster::instance::{Day, Instance, Literal, Run};
use crate::roster::rules::{RunRule, definition};

/// The parts of hard instances about runs that a model takes over.
pub(super) struct Runs<'a> {
    runs: &'a [Run],
    place_of: HashMap<Literal, (usize, usize)>,
    /// For each run, the first and last day of windows that can't be worked throughout.
    windows: Vec<Vec<(usize, usize)>>,
    /// Whether a minimum requires the run's rows.
    is_required: Vec<bool>,
}

impl<'a> Runs<'a> {
    pub(super) fn new(runs: &'a [Run]) -> Self {
        Self {
            runs,
            place_of: days_of_runs(runs),
            windows: vec![Vec::new(); runs.len()],
            is_required: vec![false; runs.len()],
        }
    }

    /// Looks at a hard instance. Whether the rows of a run say all of it: patterns of too short runs aren't needed then,
    /// and only make the relaxation slower.
    pub(super) fn say(&mut self, instance: &Instance) -> bool {
        let Some((number, first, last)) = window(instance, &self.place_of) else { return false };
        let run = &self.runs[number];
        let is_said = match definition(instance.key.kind).run_rule {
            Some(RunRule { is_minimum: true, is_work: true }) => run.min_on > 1,
            Some(RunRule { is_minimum: true, is_work: false }) => run.min_off > 1,
            Some(RunRule { is_minimum: false, is_work: true }) if is_full(instance, last + 1 - first) => {
                self.windows[number].push((first, last));
                false
            }
            Some(RunRule { is_minimum: false, .. }) | None => false,
        };
        self.is_required[number] |= is_said;
        is_said
    }

    /// The runs with their windows.
    pub(super) fn into_runs(self) -> impl Iterator<Item = (&'a Run, Vec<(usize, usize)>)> {
        let required = self.runs.iter().zip(self.windows).zip(self.is_required);
        required.filter_map(|(run, is_required)| is_required.then_some(run))
    }
}

impl Builder<'_> {
    /// Rows on the starts of working runs: a start asks for the next days, and forbids work on the days before. They say
    /// nothing that the run's instances don't, but say it together.
    pub(super) fn add_run(&mut self, run: &Run, windows: &[(usize, usize)]) {
        let days: Vec<Linear> = run
            .days
            .iter()
            .map(|day| match *day {
                Day::Known(works) => Linear::of(i64::from(works)),
                Day::Open(literal) => self.literal(literal),
            })
            .collect();
        // A run that is already under way on the first day has no start.
        let mut starts = vec![Linear::of(0)];
        for day in 1..days.len() {
            if days[day].highest() == 0 || days[day - 1].lowest() == 1 {
                starts.push(Linear::of(0));
                continue;
            }
            let start = Linear::column(self.add_column(Column::continuous(0.0, 1.0, 0.0), 0));
            let mut begins = days[day].clone();
            begins.add(-1, &days[day - 1]);
            begins.add(-1, &start);
            self.strengthen(begins, None, Some(0));
            starts.push(start);
        }
        for &(first, last) in windows {
            // Whoever works on the last day has begun within the window.
            let mut begun = Linear::default();
            starts[first + 1..=last].iter().for_each(|start| begun.add(-1, start));
            begun.add(1, &days[last]);
            self.strengthen(begun, None, Some(0));
        }
        for last in 1..days.len() {
            let started_since = |length: i64| {
                let first = (last + 1).saturating_sub(usize::try_from(length).unwrap_or(usize::MAX)).max(1);
                let mut sum = Linear::default();
                starts[first..=last].iter().for_each(|start| sum.add(1, start));
                (first, sum)
            };
            if run.min_on > 1 {
                let (_, mut sum) = started_since(run.min_on);
                sum.add(-1, &days[last]);
                self.strengthen(sum, None, Some(0));
            }
            if run.min_off > 1 {
                let (first, mut sum) = started_since(run.min_off);
                sum.add(1, &days[first - 1]);
                self.strengthen(sum, None, Some(1));
            }
        }
    }
}

/// The run and the day in it of each open literal.
fn days_of_runs(runs: &[Run]) -> HashMap<Literal, (usize, usize)> {
    let days = runs.iter().enumerate().flat_map(|(number, run)| {
        run.days.iter().enumerate().filter_map(move |(day, what)| match what {
            Day::Open(literal) => Some((*literal, (number, day))),
            Day::Known(_) => None,
        })
    });
    days.collect()
}

/// The run of an instance whose literals are all days of one, and the first and last of them.
fn window(instance: &Instance, places: &HashMap<Literal, (usize, usize)>) -> Option<(usize, usize, usize)> {
    let mut found: Option<(usize, usize, usize)> = None;
    for (_, literal) in &instance.terms {
        let &(run, day) = places.get(literal)?;
        found = match found {
            None => Some((run, day, day)),
            Some((of, first, last)) if of == run => Some((of, first.min(day), last.max(day))),
            Some(_) => return None,
        };
    }
    found
}

/// Whether a window forbids exactly that all of so many days, all to be decided, are worked.
fn is_full(instance: &Instance, days: usize) -> bool {
    instance.constant == 0 && instance.terms.len() == days && instance.max == Some(days as i64 - 1)
}
