//! The place that the rules write to: instances, groups of pairs, and each of a person's days.

use std::collections::HashMap;
use std::rc::Rc;

use chrono::NaiveDate;

use super::facts::{Excuse, Facts, Ruling};
use crate::roster::catalog::{Excuses, RuleKind};
use crate::roster::instance::{Approved, Cost, Day, Expansion, Instance, Literal, Pair, Run};
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
    /// What approvals excuse, by kind.
    excuses: HashMap<RuleKind, Vec<Excuse>>,
    /// The pairs, where something is excused.
    pairs: Vec<Pair>,
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
            approved: None,
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
            pairs: if facts.excuses.is_empty() { Vec::new() } else { facts.pairs.clone() },
            excuses: facts.excuses.clone(),
        }
    }

    /// Adds an instance, less what is approved, unless it can't matter.
    pub fn push(&mut self, mut instance: Instance) {
        let asks_disabled = instance.min.is_some()
            && instance.max.is_none()
            && instance.staff.is_some_and(|staff| !self.is_enabled[staff]);
        if asks_disabled {
            return;
        }
        self.excuse(&mut instance);
        if matters(&instance) {
            self.instances.push(instance);
        }
    }

    /// Takes what approvals excuse out of an instance.
    fn excuse(&mut self, instance: &mut Instance) {
        let Some(of_kind) = self.excuses.get(&instance.key.kind) else { return };
        let fits = |excuse: &&Excuse| excuse.is_about(&instance.key) && excuse.staff == instance.staff;
        let excuses: Vec<_> = of_kind.iter().filter(fits).cloned().collect();
        match instance.key.kind.entry().excuses {
            Excuses::Assignment => self.excuse_assignments(instance, &excuses),
            Excuses::Amount => excuse_amount(instance, &excuses),
            Excuses::Dates => excuse_dates(instance, &excuses),
            // The rule itself says which of two shifts is approved.
            Excuses::After => {}
        }
    }

    /// Approved assignments don't count.
    fn excuse_assignments(&mut self, instance: &mut Instance, excuses: &[Excuse]) {
        let mut by = Vec::new();
        let mut terms = Vec::with_capacity(instance.terms.len());
        for &(factor, literal) in &instance.terms {
            let members = match literal {
                Literal::Pair(pair) => vec![pair],
                Literal::Any(group) => self.groups[group].clone(),
            };
            let mut left = Vec::with_capacity(members.len());
            for &pair in &members {
                match excuses.iter().find(|excuse| excuse.shift == Some(self.pairs[pair].shift)) {
                    Some(excuse) => by.push((excuse.id, factor)),
                    None => left.push(pair),
                }
            }
            if left.len() == members.len() {
                terms.push((factor, literal));
            } else {
                terms.extend(self.any(left).map(|literal| (factor, literal)));
            }
        }
        if !by.is_empty() {
            let whole = std::mem::replace(&mut instance.terms, terms);
            let (constant, min, max) = (instance.constant, instance.min, instance.max);
            instance.approved = Some(Box::new(Approved { terms: whole, constant, min, max, by }));
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
        let in_terms = self.instances.iter_mut().flat_map(|instance| {
            let whole = instance.approved.iter_mut().flat_map(|approved| &mut approved.terms);
            instance.terms.iter_mut().chain(whole).map(|term| &mut term.1)
        });
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

/// An instance without what approvals excuse, as it was.
fn whole(instance: &mut Instance, by: Vec<(i64, i64)>) -> Option<Box<Approved>> {
    let (constant, min, max) = (instance.constant, instance.min, instance.max);
    Some(Box::new(Approved { terms: instance.terms.clone(), constant, min, max, by }))
}

/// An approval of an amount widens the bounds by it. What is given alone breaks nothing, as it did before.
fn excuse_amount(instance: &mut Instance, excuses: &[Excuse]) {
    let (from, to) = instance.dates;
    let is_within = |(first, last): (NaiveDate, NaiveDate)| from <= first && last <= to;
    // Windows that overlap are broken by the same work: an approval of one is one of those that share most of its days.
    let shares_most = |(first, last): (NaiveDate, NaiveDate)| {
        2 * (to.min(last) - from.max(first)).num_days() + 2 > (last - first).num_days() + 1
    };
    let is_rolling = instance.key.rolling_days.is_some();
    let fits = |excuse: &&Excuse| match instance.shift {
        Some(_) => excuse.shift == instance.shift,
        None if is_rolling => excuse.dates.is_some_and(shares_most),
        None => excuse.shift.is_none() && excuse.dates.is_some_and(is_within),
    };
    let mut fitting: Vec<_> = excuses.iter().filter(fits).collect();
    if is_rolling {
        fitting.sort_by_key(|excuse| std::cmp::Reverse(excuse.missing.max(excuse.excess)));
        fitting.truncate(1);
    }
    let (mut missing, mut excess, mut by) = (0_i64, 0_i64, Vec::new());
    for excuse in fitting {
        missing = missing.saturating_add(excuse.missing.min(1_000_000_000));
        excess = excess.saturating_add(excuse.excess.min(1_000_000_000));
        by.push((excuse.id, excuse.missing.max(excuse.excess)));
    }
    if by.is_empty() {
        return;
    }
    instance.approved = whole(instance, by);
    let (limit, constant) = (instance.limit, instance.constant);
    instance.min = instance.min.map(|_| limit.saturating_sub(missing));
    instance.max = instance.max.map(|_| limit.saturating_add(excess).max(constant));
}

/// An approval of dates excuses what is broken within them.
fn excuse_dates(instance: &mut Instance, excuses: &[Excuse]) {
    let (from, to) = instance.dates;
    let covers = |excuse: &&Excuse| excuse.dates.is_some_and(|(first, last)| first <= from && to <= last);
    if let Some(excuse) = excuses.iter().find(covers) {
        excuse_whole(instance, excuse.id);
    }
}

/// All of an instance is approved.
pub(super) fn excuse_whole(instance: &mut Instance, id: i64) {
    instance.approved = whole(instance, vec![(id, i64::MAX)]);
    (instance.terms, instance.constant) = (Vec::new(), 0);
    (instance.min, instance.max) = (None, None);
}

/// Whether some assignment of the pairs would cost, earn, or break something, approved or not.
fn matters(instance: &Instance) -> bool {
    if let Some(whole) = &instance.approved {
        let factors = || whole.terms.iter().map(|term| term.0);
        let low = whole.constant.saturating_add(factors().filter(|factor| *factor < 0).sum());
        let high = whole.constant.saturating_add(factors().filter(|factor| *factor > 0).sum());
        return whole.min.is_some_and(|min| low < min) || whole.max.is_some_and(|max| max < high);
    }
    let (mut low, mut high) = (instance.constant, instance.constant);
    for &(factor, _) in &instance.terms {
        low = low.saturating_add(factor.min(0));
        high = high.saturating_add(factor.max(0));
    }
    let (falls_short, exceeds) =
        (instance.min.is_some_and(|min| low < min), instance.max.is_some_and(|max| max < high));
    match instance.cost {
        Cost::Forbidden => falls_short || exceeds,
        Cost::PerUnit { under, over } => (falls_short && under > 0) || (exceeds && over > 0),
        Cost::Square { weight } => weight > 0 && (falls_short || exceeds),
        Cost::Triangle { weight } => weight > 0 && high > 1,
        Cost::Each { points } => points != 0 && (low, high) != (0, 0),
    }
}
