//! People who have few ways to work at all: one column for each of them, priced with all that their rules cost together. The
//! relaxation then can't evade one rule by half a person here and another by half a person there, as it can where each rule
//! has rows of its own. Must never exclude a roster that the instances taken over allow, nor price it differently.
//!
//! A column for each pattern of work is how Warner and Prawda (1972) and Dowsland (1998) roster nurses; it is as tight as the
//! decomposition of Dantzig and Wolfe (1960), whose columns these are.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::linear::{Linear, row};
use super::{Builder, Place, about_one_pair};
use crate::milp::Column;
use crate::roster::diagram::{Caps, Diagram, Request, pairs_of};
use crate::roster::expand::{Check, Stopped, stop_if};
use crate::roster::instance::{Cost, Instance, Literal};

/// Ways to work that one person may have, but for rules that don't just exclude one slot by another: those of six days of two
/// sessions. With more, a fortnight of single shifts, mixed with people who have no patterns, was proven more slowly.
const OF_ONE: u64 = 1 << 12;

/// Ways to work that all may have together: so many take some 400 MB and ten seconds.
const OF_ALL: usize = 500_000;

/// The slots and the states of a person with so few ways.
const CAPS: Caps = Caps { choices: u32::BITS as usize, sets: Some(OF_ONE), states: 1 << 14, relaxes: false };

/// A person's possible work: sets of slots with the cost of each. A slot is a set of pairs of which at most one can be, and that
/// all rules taken over treat alike.
struct Person {
    owner: usize,
    slots: Vec<Linear>,
    ways: Vec<(u32, i64)>,
    /// The pairs that no way has.
    out: Vec<usize>,
    /// Points of single pairs.
    costs: Vec<(usize, i64)>,
    /// The instances taken over.
    taken: Vec<usize>,
}

impl<'a> Builder<'a> {
    /// Adds the patterns of everybody who has few, if there are few in all, and strikes off the instances that they say.
    pub(super) fn add_patterns(&mut self, check: &mut Check<'_>) -> Result<(), Stopped> {
        let (mut people, mut count) = (Vec::new(), 0);
        for (owner, instances) in self.personal() {
            stop_if(check)?;
            let Some(person) = self.person(owner, &instances) else { continue };
            count += person.ways.len();
            if count > OF_ALL {
                return Ok(());
            }
            people.push(person);
        }
        people.iter().for_each(|person| self.add_person(person));
        let taken: BTreeSet<_> = people.iter().flat_map(|person| &person.taken).copied().collect();
        self.instances.retain(|(number, _)| !taken.contains(number));
        Ok(())
    }

    /// The instances that speak of one person's pairs alone, and that the plain costs of these pairs don't say.
    fn personal(&self) -> BTreeMap<usize, Vec<(usize, &'a Instance)>> {
        let mut personal: BTreeMap<usize, Vec<_>> = BTreeMap::new();
        for &(number, instance) in &self.instances {
            if let Some(owner) = self.owner_of(instance)
                && about_one_pair(instance).is_none()
                && !self.is_plain(instance)
            {
                personal.entry(owner).or_default().push((number, instance));
            }
        }
        personal
    }

    fn owner_of(&self, instance: &Instance) -> Option<usize> {
        let mut pairs = instance.terms.iter().flat_map(|(_, literal)| pairs_of(self.expansion, literal));
        let owner = self.expansion.pairs[*pairs.next()?].staff;
        pairs.all(|&pair| self.expansion.pairs[pair].staff == owner).then_some(owner)
    }

    /// Whether an instance is a cost of single pairs.
    fn is_plain(&self, instance: &Instance) -> bool {
        let mut sum = Linear::default();
        for &(factor, literal) in &instance.terms {
            match literal {
                Literal::Pair(pair) => sum.add(factor, &self.pair(pair)),
                Literal::Any(group) => match self.sum_if_exclusive(group) {
                    Some(any) => sum.add(factor, &any),
                    None => return false,
                },
            }
        }
        sum.tidy();
        let columns: Vec<_> = sum.terms.iter().map(|&(column, _)| column).collect();
        match instance.cost {
            Cost::Each { .. } => true,
            Cost::Forbidden => columns.is_empty(),
            _ => self.cliques.hold(&columns),
        }
    }

    /// A person's patterns, if they are few and make a difference.
    fn person(&self, owner: usize, instances: &[(usize, &'a Instance)]) -> Option<Person> {
        // Preferred matches cut across everything, and keep rows of their own.
        let cuts_across = |instance: &Instance| matches!(instance.cost, Cost::Triangle { .. });
        let instances: Vec<_> =
            instances.iter().copied().filter(|(_, instance)| !cuts_across(instance)).collect();
        let taken: Vec<_> = instances.iter().map(|&(number, _)| number).collect();
        let is_own =
            |pair: &usize| self.expansion.pairs[*pair].staff == owner && self.places[*pair] != Place::Out;
        let pairs: Vec<_> = self.expansion.by_time.iter().copied().filter(is_own).collect();
        let fixed: Vec<_> = pairs.iter().copied().filter(|&pair| self.places[pair] == Place::In).collect();
        let request = Request { pairs: &pairs, instances: &taken, fixed: &fixed, watched: &[], caps: CAPS };
        let diagram = Diagram::compile(self.expansion, &request, &mut || ControlFlow::Continue(())).ok()?;
        let slots = slots(&diagram);
        if self.is_laminar(&slots, &instances) {
            return None;
        }
        let ways = ways(&diagram, &slots)?;
        let member = |pair: usize| self.pair(pair);
        let sum = |slot: &Vec<usize>| {
            slot.iter().fold(Linear::default(), |mut sum, &pair| {
                sum.add(1, &member(pair));
                sum
            })
        };
        let costs = diagram.choices.iter().flat_map(|choice| &choice.members);
        let costs = costs.filter_map(|member| Some((member.pair?, member.cost))).collect();
        let known: BTreeSet<_> = slots.iter().flatten().collect();
        let out = pairs.into_iter().filter(|pair| !known.contains(pair)).collect();
        Some(Person { owner, slots: slots.iter().map(sum).collect(), ways, out, costs, taken })
    }

    /// Whether the rules are plain sums of which any two are nested or have nothing in common: these are a flow, and the
    /// relaxation is tight without patterns.
    fn is_laminar(&self, slots: &[Vec<usize>], instances: &[(usize, &Instance)]) -> bool {
        let mut slot_of = BTreeMap::new();
        for (number, slot) in slots.iter().enumerate() {
            slot_of.extend(slot.iter().map(|&pair| (pair, number)));
        }
        let mut sets: Vec<u32> = Vec::new();
        for (_, instance) in instances {
            let terms = self.terms_of(instance, &slot_of);
            if holds_anyway(instance, &terms) {
                continue;
            }
            let is_sum = terms.iter().all(|&(factor, set)| factor == terms[0].0 && set.count_ones() == 1);
            if !is_sum {
                return false;
            }
            sets.push(terms.iter().fold(0, |all, &(_, set)| all | set));
        }
        let is_nested = |one: u32, other: u32| [0, one, other].contains(&(one & other));
        sets.iter().all(|&one| sets.iter().all(|&other| is_nested(one, other)))
    }

    /// What an instance counts, as sets of slots: each pair for its slot, each group for all of its own.
    fn terms_of(&self, instance: &Instance, slot_of: &BTreeMap<usize, usize>) -> Vec<(i64, u32)> {
        let set = |pairs: &[usize]| {
            pairs.iter().filter_map(|pair| slot_of.get(pair)).fold(0_u32, |set, slot| set | 1 << slot)
        };
        let terms = instance.terms.iter();
        let terms = terms.map(|(factor, literal)| (*factor, set(pairs_of(self.expansion, literal))));
        let mut terms: Vec<_> = terms.filter(|(_, set)| *set != 0).collect();
        terms.sort_unstable();
        // Of a slot there is one pair at most.
        terms.dedup_by(|one, other| one == other && one.1.count_ones() == 1);
        terms
    }

    /// A person works in one of their ways.
    fn add_person(&mut self, person: &Person) {
        self.patterned.insert(person.owner);
        let base = person.ways.iter().map(|&(_, cost)| cost).min().unwrap_or_default();
        self.offset += base;
        for &(pair, points) in &person.costs {
            let linear = self.pair(pair);
            self.add_points(points, &linear);
        }
        let (mut one, mut sums) = (Vec::new(), Vec::new());
        sums.extend(person.slots.iter().map(|slot| slot.terms.clone()));
        for &(set, cost) in &person.ways {
            let way = self.add_column(Column::binary(0.0), cost - base);
            one.push((way, 1));
            for (slot, sum) in sums.iter_mut().enumerate() {
                if set >> slot & 1 == 1 {
                    sum.push((way, -1));
                }
            }
        }
        self.cost_rows.push(row(&one, Some(1), Some(1)));
        let open = sums.iter().zip(&person.slots).filter(|(_, slot)| !slot.terms.is_empty());
        self.cost_rows.extend(open.map(|(sum, _)| row(sum, Some(0), Some(0))));
        for &pair in &person.out {
            let linear = self.pair(pair);
            self.cost_rows.push(row(&linear.terms, Some(0), Some(0)));
        }
    }
}

/// The pairs of each choice of a diagram, in the order of their first pairs.
fn slots(diagram: &Diagram) -> Vec<Vec<usize>> {
    let pairs = diagram.choices.iter().map(|choice| {
        let mut pairs: Vec<_> = choice.members.iter().filter_map(|member| member.pair).collect();
        pairs.sort_unstable();
        pairs
    });
    let mut slots: Vec<_> = pairs.filter(|pairs| !pairs.is_empty()).collect();
    slots.sort_unstable();
    slots
}

/// The ways of a diagram as sets of slots, ascending, with what they cost beside their pairs; `None` if they are too many.
fn ways(diagram: &Diagram, slots: &[Vec<usize>]) -> Option<Vec<(u32, i64)>> {
    let slot_of = |choice: usize| {
        let first = diagram.choices[choice].members.iter().filter_map(|member| member.pair).min()?;
        slots.iter().position(|slot| slot[0] == first)
    };
    let slot_of: Vec<_> = (0..diagram.choices.len()).map(slot_of).collect();
    let without = |choice: usize| match diagram.choices[choice].members[0] {
        member if member.pair.is_none() => member.cost,
        _ => 0,
    };
    let mut ways = Vec::new();
    let are_all = diagram.visit_paths(OF_ONE, &mut |choices, cost| {
        let set = choices.iter().filter_map(|&choice| slot_of[choice]).fold(0, |set, slot| set | 1 << slot);
        ways.push((set, cost + choices.iter().map(|&choice| without(choice)).sum::<i64>()));
    });
    if !are_all {
        return None;
    }
    ways.sort_unstable();
    Some(ways)
}

/// Whether a hard rule can't be broken, as most about shifts that overlap.
fn holds_anyway(instance: &Instance, terms: &[(i64, u32)]) -> bool {
    let lowest = terms.iter().map(|&(factor, _)| factor.min(0)).sum::<i64>();
    let highest = terms.iter().map(|&(factor, _)| factor.max(0)).sum::<i64>();
    let is_kept = |part: i64| instance.distance(instance.constant + part) == (0, 0);
    instance.cost == Cost::Forbidden && is_kept(0) && is_kept(lowest) && is_kept(highest)
}
