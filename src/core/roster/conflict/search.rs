//! The search for a smallest set of hard rules that can't hold together. Must never call a set contradictory that wasn't
//! proven so.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::counting::{Count, Counting};
use super::is_cover;
use super::relaxed::Relaxed;
use crate::milp::{Limits, Progress, Solver, SolverError, Status};
use crate::roster::instance::{Cost, Expansion, Instance, Literal};
use crate::roster::judge::evaluate;
use crate::roster::model::{RosterModel, about_one_pair};
use crate::roster::outcome::{OnProgress, SolveError};
use crate::roster::rules::{Fix, definition};

/// Nodes for the question whether some rules can hold together: unlike time, the same answer everywhere.
const NODE_LIMIT: i64 = 200;

/// Seconds for it, a safety net.
const TIME_LIMIT_SECONDS: f64 = 5.0;

/// Sets up to this size are thinned out one by one with whole numbers too.
const EXACT_UP_TO: usize = 200;

/// A question to the solver, again and again.
pub(super) struct Search<'a, 'b> {
    pub expansion: &'a Expansion,
    pub solver: &'a mut dyn Solver,
    pub limits: &'a Limits,
    pub on_progress: &'a mut OnProgress<'b>,
}

/// How far some instances are from their bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Deviation {
    /// People missing.
    pub missing: i64,
    /// People too many.
    pub excess: i64,
}

impl Deviation {
    const fn and(self, other: Self) -> Self {
        Self { missing: self.missing + other.missing, excess: self.excess + other.excess }
    }
}

impl Search<'_, '_> {
    /// All hard instances.
    pub(super) fn hard(&self) -> Vec<usize> {
        let instances = self.expansion.instances.iter().enumerate();
        instances.filter(|(_, instance)| instance.cost == Cost::Forbidden).map(|(number, _)| number).collect()
    }

    /// A minimal contradictory set, and whether it is proven to be minimal. `seed` is an instance that is probably
    /// impossible beside those about its single pairs, if one is known.
    pub(super) fn minimal(&mut self, seed: Option<usize>) -> Result<(Vec<usize>, bool), SolveError> {
        if let Some(seed) = seed
            && let Some(found) = self.minimal_of(self.around(seed))?
        {
            return Ok(found);
        }
        let all = match self.minimal_by_count()? {
            Some((set, true)) => return Ok((set, true)),
            Some((set, false)) => set,
            None => self.hard(),
        };
        Ok(self.minimal_of(all.clone())?.unwrap_or((all, false)))
    }

    /// A contradictory set that counting alone finds, and whether it is proven to be minimal. First without what keeps
    /// people from single shifts: what can be explained so is explained so.
    fn minimal_by_count(&mut self) -> Result<Option<(Vec<usize>, bool)>, SolveError> {
        let hard = self.hard();
        let excludes = |number: &usize| {
            matches!(about_one_pair(&self.expansion.instances[*number]), Some((_, [true, false])))
        };
        let others = hard.iter().copied().filter(|number| !excludes(number)).collect();
        for numbers in [others, hard] {
            let (counting, count) = Counting::new(self.expansion, &numbers);
            if count.missing == 0 {
                continue;
            }
            return self.thinned_by_count(&counting, &count).map(Some);
        }
        Ok(None)
    }

    /// A minimal part of a count that falls short, and whether a roster was seen without each single instance.
    fn thinned_by_count(
        &mut self,
        counting: &Counting<'_>,
        count: &Count,
    ) -> Result<(Vec<usize>, bool), SolveError> {
        let (set, others) = counting.bottleneck(count);
        let mut count = counting.without(count, &others);
        let mut items = VecDeque::from(self.grouped(&set));
        let mut set = BTreeSet::from_iter(set);
        let mut is_minimal = true;
        // A group that can't go as a whole is taken apart, so each instance comes up twice at most.
        while let Some(item) = items.pop_front() {
            self.go_on()?;
            if self.solver.is_out_of_time() {
                is_minimal = false;
                break;
            }
            let rest = counting.without(&count, &item);
            if rest.missing > 0 {
                count = rest;
                item.iter().for_each(|number| _ = set.remove(number));
            } else if let &[number] = &item[..] {
                is_minimal &= counting.obeys(&rest, set.iter().filter(|&&other| other != number));
            } else {
                items.extend(item.into_iter().map(|number| vec![number]));
            }
        }
        Ok((set.into_iter().collect(), is_minimal))
    }

    /// Lets the caller break off.
    fn go_on(&mut self) -> Result<(), SolveError> {
        if (self.on_progress)(&Progress::NONE).is_break() { Err(SolveError::Cancelled) } else { Ok(()) }
    }

    /// A minimal contradictory part, and whether it is proven to be minimal; `None` if no contradiction is found.
    fn minimal_of(&mut self, all: Vec<usize>) -> Result<Option<(Vec<usize>, bool)>, SolveError> {
        let mut is_thin = true;
        let mut set = match self.thinned_by_relaxation(self.grouped(&all))? {
            Some(groups) => {
                let singles = self.narrowed(&groups).into_iter().map(|number| vec![number]).collect();
                self.thinned_by_relaxation(singles)?
                    .map_or_else(|| groups.concat(), |singles| singles.concat())
            }
            None if self.can_hold(&all)? == Some(false) => {
                is_thin = false;
                all
            }
            None => return Ok(None),
        };
        set.sort_unstable();
        let piece = if is_thin { 1 } else { (set.len() / 2).max(1) };
        let is_minimal = self.thin(&mut set, piece)?;
        Ok(Some((set, is_minimal)))
    }

    /// An impossible instance and those about single pairs of it.
    fn around(&self, seed: usize) -> Vec<usize> {
        let pairs = self.pairs_of(&[seed]);
        let about = |number: usize| {
            number == seed
                || about_one_pair(&self.expansion.instances[number])
                    .is_some_and(|(pair, _)| pairs.contains(&pair))
        };
        self.hard().into_iter().filter(|&number| about(number)).collect()
    }

    /// A set and all that keeps people from its shifts, needed for the contradiction or not.
    pub(super) fn with_exclusions(&self, set: &[usize]) -> Vec<usize> {
        let pairs = self.pairs_of(set);
        let excludes = |number: &usize| match about_one_pair(&self.expansion.instances[*number]) {
            Some((pair, [true, false])) => pairs.contains(&pair),
            _ => false,
        };
        let about = self.hard().into_iter().filter(excludes);
        about.chain(set.iter().copied()).collect()
    }

    /// Instances about single pairs grouped by person and reason, so that there are few things to try; the others alone.
    fn grouped(&self, instances: &[usize]) -> Vec<Vec<usize>> {
        let mut groups: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for &number in instances {
            let instance = &self.expansion.instances[number];
            let alone = match about_one_pair(instance) {
                Some((_, [true, false])) => None,
                _ => Some(number),
            };
            // Groups first: what can be explained without single exclusions is explained so.
            groups.entry((alone, instance.staff, &instance.key, instance.source)).or_default().push(number);
        }
        groups.into_values().collect()
    }

    /// The instances in a contradiction's groups that matter: about pairs of others in it.
    fn narrowed(&self, groups: &[Vec<usize>]) -> Vec<usize> {
        let (single, other): (Vec<_>, Vec<_>) = groups
            .iter()
            .flatten()
            .partition(|&&number| about_one_pair(&self.expansion.instances[number]).is_some());
        let pairs = self.pairs_of(&other);
        let matters = |&number: &usize| {
            about_one_pair(&self.expansion.instances[number]).is_some_and(|(pair, _)| pairs.contains(&pair))
        };
        let mut set: Vec<_> = match other.is_empty() {
            true => single,
            false => other.into_iter().chain(single.into_iter().filter(matters)).collect(),
        };
        set.sort_unstable();
        set
    }

    fn pairs_of(&self, instances: &[usize]) -> BTreeSet<usize> {
        let literals = instances.iter().flat_map(|&number| &self.expansion.instances[number].terms);
        literals
            .flat_map(|&(_, literal)| match literal {
                Literal::Pair(pair) => vec![pair],
                Literal::Any(group) => self.expansion.groups[group].clone(),
            })
            .collect()
    }

    /// Thins items out as long as the relaxation of the rest stays contradictory; `None` if it isn't to begin with. The
    /// proof of each contradiction names the rows it used, so most items go at once.
    fn thinned_by_relaxation(
        &mut self,
        items: Vec<Vec<usize>>,
    ) -> Result<Option<Vec<Vec<usize>>>, SolveError> {
        let Some(mut items) = self.contradiction(items)? else { return Ok(None) };
        let mut needed = 0;
        while needed < items.len() {
            let mut rest = items.clone();
            rest.remove(needed);
            match self.contradiction(rest)? {
                Some(fewer) => items = fewer,
                None => needed += 1,
            }
        }
        Ok(Some(items))
    }

    /// The items that a proof of contradiction uses, in the same order. Those found necessary before are always used.
    fn contradiction(&mut self, items: Vec<Vec<usize>>) -> Result<Option<Vec<Vec<usize>>>, SolveError> {
        if self.solver.is_out_of_time() {
            return Ok(None);
        }
        let relaxed = Relaxed::new(self.expansion, items.iter().map(Vec::as_slice));
        let limits = self.limits();
        let rows = match self.solver.infeasible_rows(&relaxed.model, &limits, self.on_progress) {
            Ok(Some(rows)) => rows,
            // Not found out in time: whole numbers may settle it.
            Ok(None) | Err(SolverError::TimeLimit) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let used: BTreeSet<_> = rows.iter().filter_map(|&row| relaxed.items[row]).collect();
        let mut items = items.into_iter().enumerate();
        Ok(Some(items.by_ref().filter(|(number, _)| used.contains(number)).map(|(_, item)| item).collect()))
    }

    /// Thins a contradictory set out with whole numbers: pieces of this size, then ever smaller ones, at last single
    /// instances. Whether every single one was proven necessary.
    fn thin(&mut self, set: &mut Vec<usize>, mut piece: usize) -> Result<bool, SolveError> {
        let mut is_minimal = true;
        loop {
            let mut first = 0;
            while first < set.len() && (piece > 1 || set.len() <= EXACT_UP_TO) {
                let end = (first + piece).min(set.len());
                let rest: Vec<_> = set[..first].iter().chain(&set[end..]).copied().collect();
                let answer = self.can_hold(&rest)?;
                is_minimal &= piece > 1 || answer.is_some();
                if answer == Some(false) {
                    *set = rest;
                } else {
                    first = end;
                }
            }
            if piece == 1 {
                return Ok(is_minimal && set.len() <= EXACT_UP_TO);
            }
            piece /= 2;
        }
    }

    /// Whether these instances can hold together; `None` if that isn't found out quickly.
    pub(super) fn can_hold(&mut self, instances: &[usize]) -> Result<Option<bool>, SolveError> {
        if self.solver.is_out_of_time() {
            return Ok(None);
        }
        // A count that falls short is proof, and so is one that happens to be a roster.
        let (counting, count) = Counting::new(self.expansion, instances);
        if count.missing > 0 || counting.obeys(&count, instances.iter()) {
            return Ok(Some(count.missing == 0));
        }
        let included: BTreeSet<_> = instances.iter().copied().collect();
        let mut check = || (self.on_progress)(&Progress::NONE);
        let model = RosterModel::of(self.expansion, &|number| included.contains(&number), &mut check)?;
        if !model.impossible.is_empty() {
            return Ok(Some(false));
        }
        let limits = self.limits();
        match self.solver.solve(&model.model, &limits, self.on_progress)?.status {
            Status::Optimal | Status::Feasible => Ok(Some(true)),
            Status::Infeasible => Ok(Some(false)),
            Status::Unknown => Ok(None),
            Status::Cancelled => Err(SolveError::Cancelled),
        }
    }

    /// The least number of missing people if these instances hold but for what asks for people, which may stay short and
    /// have too many.
    pub(super) fn shortage(&mut self, instances: &[usize]) -> Result<Option<i64>, SolveError> {
        let deviation = self.deviation(instances, is_cover, (1, 0))?;
        Ok(deviation.map(|deviation| deviation.missing))
    }

    /// How far covers are from what they ask for, if all hard rules hold but they: as little as possible in sum, and of
    /// that as few missing as possible.
    pub(super) fn cover_deviation(&mut self) -> Result<Option<Deviation>, SolveError> {
        let hard = self.hard();
        let is_elastic = |instance: &Instance| definition(instance.key.kind).fix == Fix::MakeSoft;
        let covers = hard.iter().map(|&number| &self.expansion.instances[number]);
        let needed = covers.filter(|cover| is_elastic(cover)).filter_map(|cover| cover.min).sum::<i64>();
        self.deviation(&hard, is_elastic, (needed.saturating_add(2), needed.saturating_add(1)))
    }

    /// How far elastic instances are from their bounds if the others hold, at these costs of each unit below and above.
    fn deviation(
        &mut self,
        instances: &[usize],
        is_elastic: impl Fn(&Instance) -> bool,
        (under, over): (i64, i64),
    ) -> Result<Option<Deviation>, SolveError> {
        if self.solver.is_out_of_time() {
            return Ok(None);
        }
        let (elastic, others): (Vec<_>, Vec<_>) =
            instances.iter().partition(|&&number| is_elastic(&self.expansion.instances[number]));
        let (counting, count) = Counting::new(self.expansion, instances);
        // Fewer can't be missing than by the count, and a roster misses no more.
        if counting.counts_all(elastic.iter().copied()) && counting.obeys(&count, others.into_iter()) {
            return Ok(Some(Deviation { missing: count.missing, excess: 0 }));
        }
        let included: BTreeSet<_> = instances.iter().copied().collect();
        let mut expansion = self.expansion.clone();
        expansion.runs.clear();
        for (number, instance) in expansion.instances.iter_mut().enumerate() {
            if !included.contains(&number) {
                instance.terms.clear();
                instance.cost = Cost::PerUnit { under: 0, over: 0 };
            } else if is_elastic(instance) {
                instance.cost = Cost::PerUnit { under, over };
            }
        }
        let model = RosterModel::new(&expansion, &mut || (self.on_progress)(&Progress::NONE))?;
        if !model.impossible.is_empty() {
            return Ok(None);
        }
        let limits = self.limits();
        let solution = self.solver.solve(&model.model, &limits, self.on_progress)?;
        match solution.status {
            Status::Cancelled => Err(SolveError::Cancelled),
            Status::Optimal => {
                let assigned = model.assigned(&solution.values);
                let is_true = |literal| match literal {
                    Literal::Pair(pair) => assigned[pair],
                    Literal::Any(group) => self.expansion.groups[group].iter().any(|&pair| assigned[pair]),
                };
                let units = elastic.iter().map(|&&number| {
                    let found = evaluate(number, &self.expansion.instances[number], is_true);
                    Deviation { missing: found.shortage, excess: found.excess }
                });
                Ok(Some(units.fold(Deviation::default(), Deviation::and)))
            }
            _ => Ok(None),
        }
    }

    fn limits(&self) -> Limits {
        let time = self.limits.time_limit_seconds.unwrap_or(TIME_LIMIT_SECONDS).min(TIME_LIMIT_SECONDS);
        Limits { time_limit_seconds: Some(time), node_limit: Some(NODE_LIMIT), start: None }
    }
}
