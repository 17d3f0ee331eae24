//! The place that the rules write to: instances, groups of pairs, and each of a person's days.

use std::collections::HashMap;
use std::rc::Rc;

use chrono::NaiveDate;

use super::facts::{Facts, Ruling};
use crate::roster::instance::{Cost, Day, Expansion, Instance, Literal, Run};
use crate::roster::settings::RuleKey;

/// The instances and groups of an expansion under way.
pub(in crate::roster) struct Out {
    instances: Vec<Instance>,
    groups: Vec<Vec<usize>>,
    group_of: HashMap<Vec<usize>, usize>,
    runs: Vec<Run>,
    /// A person's known days, from the first.
    days: Vec<Option<Rc<[Day]>>>,
    is_enabled: Vec<bool>,
}

/// The place and the sum of an instance; the rest comes from the ruling.
pub(in crate::roster) struct Draft<'a> {
    pub key: &'a RuleKey,
    pub staff: Option<usize>,
    pub shift: Option<usize>,
    pub dates: (NaiveDate, NaiveDate),
    pub limit: i64,
    pub terms: Vec<(i64, Literal)>,
    pub constant: i64,
}

impl Draft<'_> {
    /// The instance, with its bounds and its cost.
    pub fn bounded(self, ruling: &Ruling, min: Option<i64>, max: Option<i64>, cost: Cost) -> Instance {
        Instance {
            key: self.key.clone(),
            source: ruling.source,
            mode: ruling.setting.mode,
            staff: self.staff,
            shift: self.shift,
            dates: self.dates,
            limit: self.limit,
            terms: self.terms,
            constant: self.constant,
            min,
            max,
            cost,
            waived_by: ruling.waived_by.filter(|_| min.is_some() || max.is_some()),
        }
    }

    /// At least `min`, at the rule's weight.
    pub fn at_least(self, ruling: &Ruling, min: i64) -> Instance {
        self.bounded(ruling, Some(min), None, ruling.unit_cost())
    }

    /// At most `max`, at the rule's weight. What was worked outside the dates can't be helped: it alone breaks nothing.
    pub fn at_most(self, ruling: &Ruling, max: i64) -> Instance {
        let max = max.max(self.constant);
        self.bounded(ruling, None, Some(max), ruling.unit_cost())
    }
}

impl Out {
    pub fn new(facts: &Facts<'_>) -> Self {
        Self {
            instances: Vec::new(),
            groups: Vec::new(),
            group_of: HashMap::new(),
            runs: Vec::new(),
            days: vec![None; facts.problem.staff.len()],
            is_enabled: facts.problem.staff.iter().map(|person| person.enabled).collect(),
        }
    }

    /// Adds an instance unless it can't matter.
    pub fn push(&mut self, instance: Instance) {
        let asks_disabled = instance.min.is_some()
            && instance.max.is_none()
            && instance.staff.is_some_and(|staff| !self.is_enabled[staff]);
        if !asks_disabled && matters(&instance) {
            self.instances.push(instance);
        }
    }

    pub fn extend(&mut self, instance: Option<Instance>) {
        if let Some(instance) = instance {
            self.push(instance);
        }
    }

    pub fn push_run(&mut self, run: Run) {
        self.runs.push(run);
    }

    /// "At least one of these pairs"; `None` for no pair.
    pub fn any(&mut self, mut pairs: Vec<usize>) -> Option<Literal> {
        pairs.sort_unstable();
        match pairs[..] {
            [] => None,
            [pair] => Some(Literal::Pair(pair)),
            _ => Some(Literal::Any(*self.group_of.entry(pairs).or_insert_with_key(|pairs| {
                self.groups.push(pairs.clone());
                self.groups.len() - 1
            }))),
        }
    }

    /// Whether a person works, for each known day from the first on.
    pub fn days(&mut self, facts: &Facts<'_>, staff: usize) -> Rc<[Day]> {
        if let Some(days) = &self.days[staff] {
            return Rc::clone(days);
        }
        let (first, last) = facts.known;
        let mut days = vec![Day::Known(false); (last - first + 1) as usize];
        for &shift in facts.worked_between(staff, first, last) {
            days[(facts.day(facts.problem.shifts[shift].date) - first) as usize] = Day::Known(true);
        }
        for day in 0..facts.days {
            if let Some(literal) = self.any(facts.pairs_between(staff, day, day).to_vec()) {
                days[(day - first) as usize] = Day::Open(literal);
            }
        }
        let days: Rc<[Day]> = days.into();
        self.days[staff] = Some(Rc::clone(&days));
        days
    }

    /// The expansion, with only those groups that are used.
    pub fn finish(mut self, facts: Facts<'_>) -> Expansion {
        let mut is_used = vec![false; self.groups.len()];
        let in_runs = self.runs.iter_mut().flat_map(|run| &mut run.days).filter_map(|day| match day {
            Day::Open(literal) => Some(literal),
            Day::Known(_) => None,
        });
        let in_terms =
            self.instances.iter_mut().flat_map(|instance| &mut instance.terms).map(|term| &mut term.1);
        let mut groups: Vec<_> = in_terms
            .chain(in_runs)
            .filter_map(|literal| match literal {
                Literal::Any(group) => Some(group),
                Literal::Pair(_) => None,
            })
            .collect();
        groups.iter().for_each(|group| is_used[**group] = true);
        let new_index: Vec<_> = is_used
            .iter()
            .scan(0, |next, &used| {
                let index = *next;
                *next += usize::from(used);
                Some(index)
            })
            .collect();
        groups.iter_mut().for_each(|group| **group = new_index[**group]);
        let mut is_used = is_used.iter();
        self.groups.retain(|_| is_used.next().is_some_and(|used| *used));
        let mut by_time: Vec<_> = (0..facts.pairs.len()).collect();
        by_time.sort_by_key(|&pair| (facts.shift(pair).during, pair));
        let Facts { pairs, .. } = facts;
        Expansion { pairs, by_time, groups: self.groups, instances: self.instances, runs: self.runs }
    }
}

/// Whether some assignment of the pairs would cost, earn, or break something.
fn matters(instance: &Instance) -> bool {
    let (mut low, mut high) = (instance.constant, instance.constant);
    for &(factor, _) in &instance.terms {
        low = low.saturating_add(factor.min(0));
        high = high.saturating_add(factor.max(0));
    }
    let (falls_short, exceeds) =
        (instance.min.is_some_and(|min| low < min), instance.max.is_some_and(|max| max < high));
    match instance.cost {
        Cost::Forbidden => falls_short || exceeds,
        Cost::PerUnit { .. } if instance.waived_by.is_some() => falls_short || exceeds,
        Cost::PerUnit { under, over } => (falls_short && under > 0) || (exceeds && over > 0),
        Cost::Square { weight } => weight > 0 && (falls_short || exceeds),
        Cost::Triangle { weight } => weight > 0 && high > 1,
        Cost::Each { points } => points != 0 && (low, high) != (0, 0),
    }
}
