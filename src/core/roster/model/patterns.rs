//! People who have few ways to work at all: one column for each of them, priced with all that their rules cost together. The
//! relaxation then can't evade one rule by half a person here and another by half a person there, as it can where each rule
//! has rows of its own. Must never exclude a roster that the instances taken over allow, nor price it differently.
//!
//! A column for each pattern of work is how Warner and Prawda (1972) and Dowsland (1998) roster nurses; it is as tight as the
//! decomposition of Dantzig and Wolfe (1960), whose columns these are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::linear::{Linear, row};
use super::{Builder, Place, about_one_pair};
use crate::milp::Column;
use crate::roster::instance::{Cost, Instance, Literal};

/// Ways to work that one person may have: those of six days of two sessions. With more, a fortnight of single shifts, mixed
/// with people who have no patterns, was proven more slowly.
const OF_ONE: usize = 1 << 12;

/// Ways to work that all may have together: so many take some 400 MB and ten seconds.
const OF_ALL: usize = 500_000;

/// Pairs of one person of which at most one can be, and that all rules taken over treat alike.
#[derive(Default)]
struct Slot {
    sum: Linear,
    cliques: Vec<usize>,
}

/// A rule taken over: what it counts is `constant + Σ factor × (any slot of the set)`.
struct Taken<'a> {
    number: usize,
    instance: &'a Instance,
    terms: Vec<(i64, u32)>,
}

/// A person's possible work: sets of slots with the cost of each.
struct Person<'a> {
    owner: usize,
    slots: Vec<Slot>,
    taken: Vec<Taken<'a>>,
    ways: Vec<(u32, i64)>,
}

impl<'a> Builder<'a> {
    /// Adds the patterns of everybody who has few, if there are few in all, and strikes off the instances that they say.
    pub(super) fn add_patterns(&mut self) {
        let (mut people, mut count) = (Vec::new(), 0);
        for (owner, instances) in self.personal() {
            let Some(person) = self.person(owner, &instances) else { continue };
            count += person.ways.len();
            if count > OF_ALL {
                return;
            }
            people.push(person);
        }
        people.iter().for_each(|person| self.add_person(person));
        let taken = people.iter().flat_map(|person| person.taken.iter().map(|taken| taken.number));
        let taken: BTreeSet<_> = taken.collect();
        self.instances.retain(|(number, _)| !taken.contains(number));
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
        let mut pairs = instance.terms.iter().flat_map(|&(_, literal)| self.pairs_of(literal));
        let owner = self.expansion.pairs[pairs.next()?].staff;
        pairs.all(|pair| self.expansion.pairs[pair].staff == owner).then_some(owner)
    }

    fn pairs_of(&self, literal: Literal) -> Vec<usize> {
        match literal {
            Literal::Pair(pair) => vec![pair],
            Literal::Any(group) => self.expansion.groups[group].clone(),
        }
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
    fn person(&self, owner: usize, instances: &[(usize, &'a Instance)]) -> Option<Person<'a>> {
        let (slots, slot_of) = self.slots(owner, instances)?;
        let taken: Vec<_> = instances
            .iter()
            .filter_map(|&(number, instance)| {
                let terms = self.terms_of(instance, &slots, &slot_of)?;
                Some(Taken {
                    number,
                    instance,
                    terms: if holds_anyway(instance, &terms) { vec![] } else { terms },
                })
            })
            .collect();
        if is_laminar(&taken) {
            return None;
        }
        let ways = ways(&slots, &taken)?;
        Some(Person { owner, slots, taken, ways })
    }

    /// Cuts a person's pairs into slots. Preferred matches, which cut across everything, have no say in it.
    fn slots(
        &self,
        owner: usize,
        instances: &[(usize, &'a Instance)],
    ) -> Option<(Vec<Slot>, HashMap<usize, usize>)> {
        let mut marks: BTreeMap<usize, Vec<(usize, i64)>> = BTreeMap::new();
        for &(number, instance) in instances {
            for &(factor, literal) in &instance.terms {
                let mark = match literal {
                    Literal::Pair(_) if matches!(instance.cost, Cost::Triangle { .. }) => continue,
                    Literal::Pair(_) => (2 * number, factor),
                    Literal::Any(group) => (2 * group + 1, 0),
                };
                for pair in self.pairs_of(literal) {
                    marks.entry(pair).or_default().push(mark);
                }
            }
        }
        let mut slots: Vec<Slot> = Vec::new();
        let (mut slot_of, mut known) = (HashMap::new(), HashMap::new());
        for (pair, mut marks) in marks {
            let cliques = match self.places[pair] {
                Place::Out => continue,
                Place::In => Vec::new(),
                Place::Open(column) => self.cliques.of_owner(column, &self.owners, owner),
            };
            marks.sort_unstable();
            marks.dedup();
            let next = slots.len();
            let slot = if cliques.is_empty() {
                next
            } else {
                *known.entry((cliques.clone(), marks)).or_insert(next)
            };
            if slot == next {
                slots.push(Slot { sum: Linear::default(), cliques });
            }
            slots[slot].sum.add(1, &self.pair(pair));
            slot_of.insert(pair, slot);
            if slots.len() > u32::BITS as usize {
                return None;
            }
        }
        Some((slots, slot_of))
    }

    /// The slots that an instance counts, if it treats the pairs of each alike.
    fn terms_of(
        &self,
        instance: &Instance,
        slots: &[Slot],
        slot_of: &HashMap<usize, usize>,
    ) -> Option<Vec<(i64, u32)>> {
        let size = |slot: usize| slots[slot].sum.terms.len().max(1);
        let counted = |pairs: &mut dyn Iterator<Item = usize>| {
            let mut count: BTreeMap<usize, usize> = BTreeMap::new();
            pairs
                .filter_map(|pair| slot_of.get(&pair))
                .for_each(|&slot| *count.entry(slot).or_default() += 1);
            let is_whole = count.iter().all(|(&slot, &count)| count == size(slot));
            is_whole.then(|| count.into_keys().collect::<Vec<_>>())
        };
        let mut terms = Vec::new();
        let mut by_factor: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for &(factor, literal) in &instance.terms {
            match literal {
                Literal::Pair(pair) => {
                    if self.places[pair] != Place::Out {
                        slot_of.get(&pair)?;
                    }
                    by_factor.entry(factor).or_default().push(pair);
                }
                Literal::Any(group) => {
                    let slots = counted(&mut self.expansion.groups[group].iter().copied())?;
                    if !slots.is_empty() {
                        terms.push((factor, slots.iter().fold(0, |set, slot| set | 1 << slot)));
                    }
                }
            }
        }
        for (factor, pairs) in by_factor {
            terms.extend(counted(&mut pairs.into_iter())?.into_iter().map(|slot| (factor, 1 << slot)));
        }
        Some(terms)
    }

    /// A person works in one of their ways.
    fn add_person(&mut self, person: &Person<'a>) {
        self.patterned.insert(person.owner);
        let base = person.ways.iter().map(|&(_, cost)| cost).min().unwrap_or_default();
        self.offset += base;
        let (mut one, mut sums) = (Vec::new(), Vec::new());
        sums.extend(person.slots.iter().map(|slot| slot.sum.terms.clone()));
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
        let open = sums.iter().zip(&person.slots).filter(|(_, slot)| !slot.sum.terms.is_empty());
        self.cost_rows.extend(open.map(|(sum, _)| row(sum, Some(0), Some(0))));
    }
}

/// Whether a hard rule can't be broken, as most about shifts that overlap.
fn holds_anyway(instance: &Instance, terms: &[(i64, u32)]) -> bool {
    let lowest = terms.iter().map(|&(factor, _)| factor.min(0)).sum::<i64>();
    let highest = terms.iter().map(|&(factor, _)| factor.max(0)).sum::<i64>();
    let is_kept = |part: i64| instance.distance(instance.constant + part) == (0, 0);
    instance.cost == Cost::Forbidden && is_kept(0) && is_kept(lowest) && is_kept(highest)
}

/// Whether the rules are plain sums of which any two are nested or have nothing in common: these are a flow, and the
/// relaxation is tight without patterns.
fn is_laminar(taken: &[Taken<'_>]) -> bool {
    let is_sum = |rule: &Taken<'_>| {
        rule.terms.iter().all(|&(factor, set)| factor == rule.terms[0].0 && set.count_ones() == 1)
    };
    let sets: Vec<u32> =
        taken.iter().map(|rule| rule.terms.iter().fold(0, |all, &(_, set)| all | set)).collect();
    let is_nested = |one: u32, other: u32| [0, one, other].contains(&(one & other));
    taken.iter().all(is_sum) && sets.iter().all(|&one| sets.iter().all(|&other| is_nested(one, other)))
}

/// The sets of slots that hard rules allow, and what the soft ones cost for each; `None` if there are none or too many.
fn ways(slots: &[Slot], taken: &[Taken<'_>]) -> Option<Vec<(u32, i64)>> {
    let mut sets = vec![0_u32];
    for (number, slot) in slots.iter().enumerate() {
        let bit = 1 << number;
        let shares = |other: &Slot| slot.cliques.iter().any(|clique| other.cliques.contains(clique));
        let rivals =
            (0..number).filter(|&other| shares(&slots[other])).fold(0, |rivals, other| rivals | 1 << other);
        let with: Vec<_> = sets.iter().filter(|&set| set & rivals == 0).map(|set| set | bit).collect();
        if slot.sum.constant > 0 {
            sets = with;
        } else {
            sets.extend(with);
        }
        if sets.len() > OF_ONE {
            return None;
        }
    }
    let ways: Vec<_> = sets.into_iter().filter_map(|set| Some((set, cost_of(set, taken)?))).collect();
    (!ways.is_empty()).then_some(ways)
}

/// The cost of the soft rules for this set of slots; `None` if a hard one forbids it.
fn cost_of(set: u32, taken: &[Taken<'_>]) -> Option<i64> {
    let mut cost = 0;
    for Taken { instance, terms, .. } in taken {
        let counts = terms.iter().map(|&(factor, any)| factor * i64::from(set & any != 0));
        let value = instance.constant + counts.sum::<i64>();
        if instance.cost == Cost::Forbidden && instance.distance(value) != (0, 0) {
            return None;
        }
        cost += instance.cost_at(value);
    }
    Some(cost)
}
