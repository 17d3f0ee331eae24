//! A roster's rules as a mixed-integer model. Must never decide what a rule means: it translates the instances of an
//! [`Expansion`], and the judge evaluates the very same ones.
//!
//! Every valid roster has exactly the objective that the judge gives it; what no instance asks is only there to make the
//! relaxation tight (sets of exclusive pairs, variables for the start of a run).

mod cliques;
mod linear;
mod paths;
mod patterns;
mod runs;

use std::collections::{BTreeSet, HashMap};

use crate::milp::{Column, Model};
use crate::roster::expand::{Check, Stopped, stop_if};
use crate::roster::instance::{Cost, Expansion, Instance, Literal, Run};

use cliques::Cliques;
use linear::{Impossible, Linear, Rows, greatest_common_divisor, row};
use paths::Paths;
use runs::Runs;

/// The values of a pair that are known before anything is solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// A rule excludes it.
    Out,
    /// A rule demands it.
    In,
    /// To be decided: its column.
    Open(usize),
}

/// A model of an expansion, with the pairs of its columns.
#[derive(Debug)]
pub struct RosterModel {
    /// The model. Its objective times [`Self::scale`] plus [`Self::offset`] is the roster's.
    pub model: Model,
    /// Points that one unit of the model's objective stands for.
    pub scale: i64,
    /// Points that every roster has.
    pub offset: i64,
    /// Hard instances that nothing can satisfy, by themselves or beside those that exclude or demand single pairs.
    pub impossible: Vec<usize>,
    places: Vec<Place>,
}

impl RosterModel {
    /// The model of all instances. `check` is called now and then.
    ///
    /// # Errors
    /// If `check` says to stop.
    pub fn new(expansion: &Expansion, check: &mut Check<'_>) -> Result<Self, Stopped> {
        let mut builder = Builder::new(expansion, &|_| true);
        builder.find_cliques(check)?;
        builder.add_patterns(check)?;
        builder.build(&expansion.runs, check)
    }

    /// The model of these instances alone. `check` is called now and then.
    ///
    /// # Errors
    /// If `check` says to stop.
    pub fn of(
        expansion: &Expansion,
        is_included: &dyn Fn(usize) -> bool,
        check: &mut Check<'_>,
    ) -> Result<Self, Stopped> {
        // Runs sum up instances that may be left out, and a conflict is made of the rows of single instances.
        let mut builder = Builder::new(expansion, is_included);
        builder.find_cliques(check)?;
        builder.build(&[], check)
    }

    /// The roster's objective where the model's is `value`.
    #[must_use]
    pub fn points(&self, value: f64) -> f64 {
        value * self.scale as f64 + self.offset as f64
    }

    /// Which pairs a solution assigns.
    #[must_use]
    pub fn assigned(&self, values: &[f64]) -> Vec<bool> {
        let is_in = |place: &Place| match *place {
            Place::Out => false,
            Place::In => true,
            Place::Open(column) => values[column] > 0.5,
        };
        self.places.iter().map(is_in).collect()
    }
}

/// Steps of the translation between two questions whether to go on. The largest take some hundred kB each.
const STEPS: usize = 16;

fn now_and_then(step: usize, check: &mut Check<'_>) -> Result<(), Stopped> {
    if step.is_multiple_of(STEPS) { stop_if(check) } else { Ok(()) }
}

struct Builder<'a> {
    expansion: &'a Expansion,
    instances: Vec<(usize, &'a Instance)>,
    places: Vec<Place>,
    columns: Vec<Column>,
    costs: Vec<i64>,
    offset: i64,
    /// The pair of each column.
    owners: Vec<usize>,
    cliques: Cliques,
    groups: Vec<Option<Linear>>,
    any: HashMap<Vec<usize>, usize>,
    rows: Rows,
    cost_rows: Vec<crate::milp::Row>,
    impossible: Vec<usize>,
    /// The people whose work is described by patterns.
    patterned: BTreeSet<usize>,
}

impl<'a> Builder<'a> {
    fn new(expansion: &'a Expansion, is_included: &dyn Fn(usize) -> bool) -> Self {
        let instances = expansion.instances.iter().enumerate();
        let instances: Vec<_> = instances.filter(|&(number, _)| is_included(number)).collect();
        let (places, impossible) = places(expansion, &instances);
        let open = places.iter().zip(&expansion.pairs).filter(|(place, _)| matches!(place, Place::Open(_)));
        let owners: Vec<_> = open.map(|(_, pair)| pair.staff).collect();
        let open = owners.len();
        Self {
            owners,
            expansion,
            instances,
            places,
            columns: vec![Column::binary(0.0); open],
            costs: vec![0; open],
            offset: 0,
            cliques: Cliques::default(),
            groups: vec![None; expansion.groups.len()],
            any: HashMap::new(),
            rows: Rows::default(),
            cost_rows: Vec::new(),
            impossible,
            patterned: BTreeSet::new(),
        }
    }

    fn build(mut self, runs: &[Run], check: &mut Check<'_>) -> Result<RosterModel, Stopped> {
        self.add_cliques();
        let (mut runs, mut paths) = (Runs::new(runs), Paths::new(runs));
        for (step, (number, instance)) in std::mem::take(&mut self.instances).into_iter().enumerate() {
            now_and_then(step, check)?;
            if paths.say(instance) {
                continue;
            }
            let linear = self.value_of(instance);
            if instance.cost != Cost::Forbidden {
                self.add_cost(instance, &linear);
            } else if !runs.say(instance) && self.rows.demand(&linear, instance.min, instance.max).is_err() {
                self.impossible.push(number);
            }
        }
        for (run, windows) in runs.into_runs() {
            self.add_run(run, &windows);
        }
        for (run, patterns) in paths.into_paths() {
            self.add_path(run, &patterns);
        }
        self.finish(check)
    }

    fn finish(mut self, check: &mut Check<'_>) -> Result<RosterModel, Stopped> {
        self.impossible.sort_unstable();
        self.impossible.dedup();
        let scale = self.costs.iter().fold(0, |so_far, &cost| greatest_common_divisor(so_far, cost)).max(1);
        for (column, &cost) in self.columns.iter_mut().zip(&self.costs) {
            column.cost = (cost / scale) as f64;
        }
        let mut model = Model { columns: self.columns, ..Model::default() };
        for (step, row) in self.rows.into_rows().chain(self.cost_rows).enumerate() {
            now_and_then(step, check)?;
            model.add_row(row);
        }
        let Self { offset, impossible, places, .. } = self;
        Ok(RosterModel { model, scale, offset, impossible, places })
    }

    /// Finds the sets of pairs that hard instances make exclusive: in a sum that may be at most `max`, those with more
    /// than half of it each. What is known of pairs first makes "any of them" a sum in a second round.
    fn find_cliques(&mut self, check: &mut Check<'_>) -> Result<(), Stopped> {
        for _ in 0..2 {
            let mut sets = Vec::new();
            for (step, (_, instance)) in self.instances.iter().enumerate() {
                now_and_then(step, check)?;
                sets.extend(self.clique_of(instance));
            }
            self.cliques = Cliques::new(cliques::merged(sets, &self.owners), self.columns.len());
        }
        Ok(())
    }

    /// Rows for the sets, but for those that patterns say.
    fn add_cliques(&mut self) {
        for set in self.cliques.sets() {
            let owner = self.owners[set[0]];
            if self.patterned.contains(&owner) && set.iter().all(|&column| self.owners[column] == owner) {
                continue;
            }
            let sum = Linear { constant: 0, terms: set.iter().map(|&column| (column, 1)).collect() };
            let _: Result<(), Impossible> = self.rows.demand(&sum, None, Some(1));
        }
    }

    fn clique_of(&self, instance: &Instance) -> Option<Vec<usize>> {
        let max = instance.max.filter(|_| instance.cost == Cost::Forbidden && instance.terms.len() > 1)?;
        let mut linear = Linear::of(instance.constant);
        for &(factor, literal) in &instance.terms {
            match literal {
                Literal::Pair(pair) => linear.add(factor, &self.pair(pair)),
                Literal::Any(group) => linear.add(factor, &self.sum_if_exclusive(group)?),
            }
        }
        linear.tidy();
        let room = max - linear.lowest();
        let large = linear.terms.iter().filter(|&&(_, factor)| 2 * factor > room);
        Some(large.map(|&(column, _)| column).collect())
    }

    /// "Any of them" where it is a number or a plain sum.
    fn sum_if_exclusive(&self, group: usize) -> Option<Linear> {
        let mut sum = Linear::default();
        for &pair in &self.expansion.groups[group] {
            sum.add(1, &self.pair(pair));
        }
        sum.tidy();
        if sum.constant > 0 {
            return Some(Linear::of(1));
        }
        let members: Vec<_> = sum.terms.iter().map(|&(column, _)| column).collect();
        self.cliques.hold(&members).then_some(sum)
    }

    fn value_of(&mut self, instance: &Instance) -> Linear {
        let mut linear = Linear::of(instance.constant);
        for &(factor, literal) in &instance.terms {
            linear.add(factor, &self.literal(literal));
        }
        linear.tidy();
        linear
    }

    fn literal(&mut self, literal: Literal) -> Linear {
        match literal {
            Literal::Pair(pair) => self.pair(pair),
            Literal::Any(group) => {
                if self.groups[group].is_none() {
                    self.groups[group] = Some(self.any_of(group));
                }
                self.groups[group].clone().unwrap_or_default()
            }
        }
    }

    fn pair(&self, pair: usize) -> Linear {
        match self.places[pair] {
            Place::Out => Linear::of(0),
            Place::In => Linear::of(1),
            Place::Open(column) => Linear::column(column),
        }
    }

    /// At least one pair of a group: the plain sum where at most one can be, else a column that the pairs lift and hold
    /// down.
    fn any_of(&mut self, group: usize) -> Linear {
        if let Some(sum) = self.sum_if_exclusive(group) {
            return sum;
        }
        let mut sum = Linear::default();
        for &pair in &self.expansion.groups[group] {
            sum.add(1, &self.pair(pair));
        }
        sum.tidy();
        let members: Vec<_> = sum.terms.iter().map(|&(column, _)| column).collect();
        if let Some(&column) = self.any.get(&members) {
            return Linear::column(column);
        }
        // It is whole by itself where the pairs are, but to branch on it settles many of them at once.
        let column = self.add_column(Column::binary(0.0), 0);
        for part in self.cliques.parts(&members) {
            let mut lifts = Linear { constant: 0, terms: part.iter().map(|&member| (member, 1)).collect() };
            lifts.add(-1, &Linear::column(column));
            self.strengthen(lifts, None, Some(0));
        }
        sum.add(-1, &Linear::column(column));
        self.strengthen(sum, Some(0), None);
        self.any.insert(members, column);
        Linear::column(column)
    }

    fn add_column(&mut self, column: Column, cost: i64) -> usize {
        self.columns.push(column);
        self.costs.push(cost);
        self.columns.len() - 1
    }

    /// A row that follows from others, or defines a column. If it can't hold, a hard instance can't either.
    fn strengthen(&mut self, mut linear: Linear, min: Option<i64>, max: Option<i64>) {
        linear.tidy();
        // A contradiction here is one of the instances' own rows, too, which name the conflict member.
        let _: Result<(), Impossible> = self.rows.demand(&linear, min, max);
    }

    /// Adds the cost of a soft instance. It is convex in the value, so columns for the steps away from the cheapest
    /// values fill up in the right order by themselves.
    fn add_cost(&mut self, instance: &Instance, linear: &Linear) {
        if let Cost::Each { points } = instance.cost {
            self.add_points(points, linear);
            return;
        }
        let columns: Vec<_> = linear.terms.iter().map(|&(column, _)| column).collect();
        if self.cliques.hold(&columns) {
            let base = instance.cost_at(linear.constant);
            self.offset += base;
            for &(column, factor) in &linear.terms {
                self.costs[column] += instance.cost_at(linear.constant + factor) - base;
            }
            return;
        }
        // Values are `constant + divisor × count` for a count between two bounds.
        let divisor =
            linear.terms.iter().fold(0, |so_far, &(_, factor)| greatest_common_divisor(so_far, factor));
        let terms = linear.terms.iter().map(|&(column, factor)| (column, factor / divisor)).collect();
        let count = Linear { constant: 0, terms };
        let range = self.cliques.range(&count);
        let steps = Steps::new(range, |count| instance.cost_at(linear.constant + divisor * count));
        self.add_steps(&count, &steps);
    }

    fn add_points(&mut self, points: i64, linear: &Linear) {
        self.offset += points * linear.constant;
        for &(column, factor) in &linear.terms {
            self.costs[column] += points * factor;
        }
    }

    fn add_steps(&mut self, count: &Linear, steps: &Steps) {
        self.offset += steps.base;
        match (&steps.down[..], &steps.up[..]) {
            ([], []) => return,
            // Linear throughout.
            ([], &[(length, points)])
                if steps.flat.1 + length == steps.range.1 && steps.flat.1 == steps.range.0 =>
            {
                self.offset -= points * steps.flat.1;
                return self.add_points(points, count);
            }
            (&[(length, points)], [])
                if steps.flat.0 - length == steps.range.0 && steps.flat.0 == steps.range.1 =>
            {
                self.offset += points * steps.flat.0;
                return self.add_points(-points, count);
            }
            _ => {}
        }
        let mut columns = |steps: &[(i64, i64)]| -> Vec<usize> {
            let column = |&(length, points): &(i64, i64)| {
                self.add_column(Column::integer(0.0, length as f64, 0.0), points)
            };
            steps.iter().map(column).collect()
        };
        let (down, up) = (columns(&steps.down), columns(&steps.up));
        let with = |down: &[usize], up: &[usize]| {
            let down = down.iter().map(|&column| (column, 1));
            let up = up.iter().map(|&column| (column, -1));
            count.terms.iter().copied().chain(down).chain(up).collect::<Vec<_>>()
        };
        let (min, max) = (Some(steps.flat.0), Some(steps.flat.1));
        if min == max && !down.is_empty() && !up.is_empty() {
            self.cost_rows.push(row(&with(&down, &up), min, max));
            return;
        }
        if !down.is_empty() {
            self.cost_rows.push(row(&with(&down, &[]), min, None));
        }
        if !up.is_empty() {
            self.cost_rows.push(row(&with(&[], &up), None, max));
        }
    }
}

/// A convex cost over whole numbers: the cheapest ones, and what each step away from them costs.
struct Steps {
    range: (i64, i64),
    flat: (i64, i64),
    base: i64,
    /// Number of steps and cost of each, nearest first.
    down: Vec<(i64, i64)>,
    up: Vec<(i64, i64)>,
}

impl Steps {
    fn new(range: (i64, i64), cost: impl Fn(i64) -> i64) -> Self {
        let (lowest, highest) = range;
        let base = (lowest..=highest).map(&cost).min().unwrap_or_default();
        let first = (lowest..=highest).find(|&count| cost(count) == base).unwrap_or(lowest);
        let last = (first..=highest).take_while(|&count| cost(count) == base).last().unwrap_or(first);
        let up = (last + 1..=highest).map(|count| cost(count) - cost(count - 1));
        let down = (lowest..first).rev().map(|count| cost(count) - cost(count + 1));
        Self { range, flat: (first, last), base, down: grouped(down), up: grouped(up) }
    }
}

/// Equal neighbors as a number and a value.
fn grouped(values: impl Iterator<Item = i64>) -> Vec<(i64, i64)> {
    let mut groups: Vec<(i64, i64)> = Vec::new();
    for value in values {
        match groups.last_mut() {
            Some(group) if group.1 == value => group.0 += 1,
            _ => groups.push((1, value)),
        }
    }
    groups
}

/// So often what is known of some pairs is used to learn about others.
const PASSES: usize = 3;

/// Where hard instances leave each pair, and those instances that can't hold.
fn places(expansion: &Expansion, instances: &[(usize, &Instance)]) -> (Vec<Place>, Vec<usize>) {
    // Pairs that no instance speaks of cost and earn nothing: out.
    let mut may = vec![[true, false]; expansion.pairs.len()];
    for (_, literal) in instances.iter().flat_map(|(_, instance)| &instance.terms) {
        match *literal {
            Literal::Pair(pair) => may[pair] = [true, true],
            Literal::Any(group) => expansion.groups[group].iter().for_each(|&pair| may[pair] = [true, true]),
        }
    }
    let mut impossible = Vec::new();
    for &(number, instance) in instances {
        let Some((pair, allowed)) = about_one_pair(instance) else { continue };
        for (may, allowed) in may[pair].iter_mut().zip(allowed) {
            *may &= allowed;
        }
        if may[pair] == [false, false] {
            impossible.push(number);
        }
    }
    if impossible.is_empty() {
        let others =
            instances.iter().map(|(_, instance)| *instance).filter(|instance| speaks_of_pairs(instance));
        let others: Vec<_> = others.collect();
        for _ in 0..PASSES {
            let before = may.clone();
            others.iter().for_each(|instance| settle(instance, &mut may));
            if before == may {
                break;
            }
        }
    }
    let mut columns = 0..;
    let place = |may: [bool; 2]| match may {
        [_, false] => Place::Out,
        [false, true] => Place::In,
        [true, true] => Place::Open(columns.next().unwrap_or_default()),
    };
    (may.into_iter().map(place).collect(), impossible)
}

fn speaks_of_pairs(instance: &Instance) -> bool {
    instance.cost == Cost::Forbidden
        && instance.terms.len() > 1
        && instance.terms.iter().all(|(_, literal)| matches!(literal, Literal::Pair(_)))
}

/// Settles those pairs of a hard instance that can only be in, or only out, whatever the others are.
fn settle(instance: &Instance, may: &mut [[bool; 2]]) {
    let terms = || {
        instance.terms.iter().filter_map(|&(factor, literal)| match literal {
            Literal::Pair(pair) => Some((factor, pair)),
            Literal::Any(_) => None,
        })
    };
    let (mut lowest, mut highest) = (instance.constant, instance.constant);
    for (factor, pair) in terms() {
        let contributions = [may[pair][0].then_some(0), may[pair][1].then_some(factor)].into_iter().flatten();
        lowest += contributions.clone().min().unwrap_or(0);
        highest += contributions.max().unwrap_or(0);
    }
    for (factor, pair) in terms() {
        if may[pair] != [true, true] {
            continue;
        }
        // The best sum with the pair in, and with it out.
        let (lowest, highest) = (lowest - factor.min(0), highest - factor.max(0));
        let fits = |value: i64| {
            instance.max.is_none_or(|max| lowest + value <= max)
                && instance.min.is_none_or(|min| highest + value >= min)
        };
        may[pair] = match (fits(0), fits(factor)) {
            // The instance can't hold: its row will say so.
            (false, false) => continue,
            (out, is_in) => [out, is_in],
        };
    }
}

/// If a hard instance speaks of one pair alone: that pair, and whether it allows it to be out and to be in.
pub(super) fn about_one_pair(instance: &Instance) -> Option<(usize, [bool; 2])> {
    let (&[(factor, Literal::Pair(pair))], Cost::Forbidden) = (&instance.terms[..], instance.cost) else {
        return None;
    };
    let allows = |value: i64| {
        instance.min.is_none_or(|min| min <= value) && instance.max.is_none_or(|max| value <= max)
    };
    Some((pair, [allows(instance.constant), allows(instance.constant + factor)]))
}
