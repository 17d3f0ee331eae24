//! Places to fill against what people may work, counted as a flow: from limits, each within a larger one, by pairs to the
//! covers that require people. What doesn't fit that picture is left out, so what is short here is short in truth.
//! Must never call a count a roster that hasn't been checked against the rules themselves.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::flow::{Left, Network};
use super::is_cover;
use crate::roster::instance::{Cost, Expansion, Instance, Literal};
use crate::roster::judge::{evaluate, is_broken};
use crate::roster::model::about_one_pair;

/// Whence people come, and where places are filled.
const SOURCE: usize = 0;
const SINK: usize = 1;
const FIRST_COVER: usize = 2;

/// The network of some instances.
pub(super) struct Counting<'a> {
    expansion: &'a Expansion,
    network: Network,
    /// The edge of each pair that a cover counts.
    edges: Vec<Option<usize>>,
    /// The edge that an instance narrows, by the instance.
    gates: BTreeMap<usize, usize>,
}

/// The flow, and the instances that still narrow it.
#[derive(Clone)]
pub(super) struct Count {
    left: Left,
    /// How many instances narrow each edge, and by how much.
    narrowed: BTreeMap<usize, (usize, i64)>,
    /// Places that stay open.
    pub missing: i64,
}

/// A limit on how many of some pairs are assigned.
struct Limit {
    number: usize,
    pairs: Vec<usize>,
    most: i64,
}

impl<'a> Counting<'a> {
    /// Counts these instances.
    pub(super) fn new(expansion: &'a Expansion, numbers: &[usize]) -> (Self, Count) {
        let (covers, cover_of) = covers(expansion, numbers);
        let limits = limits(expansion, numbers, &cover_of);
        let demand = covers.iter().map(|&(_, places)| places).sum();
        let mut counting = Self {
            expansion,
            network: Network::new(FIRST_COVER + covers.len() + limits.len()),
            edges: vec![None; expansion.pairs.len()],
            gates: BTreeMap::new(),
        };
        let mut count = Count { left: Left::new(), narrowed: BTreeMap::new(), missing: demand };
        for (place, &(number, places)) in covers.iter().enumerate() {
            counting.network.add(&mut count.left, FIRST_COVER + place, SINK, places);
            // Without the cover, its places fill themselves.
            let edge = counting.network.add(&mut count.left, SOURCE, FIRST_COVER + place, 0);
            counting.narrow(&mut count, number, edge, places);
        }
        let mut owners = vec![SOURCE; expansion.pairs.len()];
        let mut node = FIRST_COVER + covers.len();
        for Limit { number, pairs, most } in limits {
            let outer = owners[pairs[0]];
            if pairs.iter().any(|&pair| owners[pair] != outer) {
                continue;
            }
            let edge = counting.network.add(&mut count.left, outer, node, most);
            // More than all places is as good as no limit.
            counting.narrow(&mut count, number, edge, demand);
            pairs.iter().for_each(|&pair| owners[pair] = node);
            node += 1;
        }
        let excluded = exclusions(expansion, numbers);
        for (pair, cover) in cover_of.iter().enumerate() {
            let Some(cover) = cover else { continue };
            let excluding = excluded.get(&pair).map(Vec::as_slice).unwrap_or_default();
            let width = i64::from(excluding.is_empty());
            let edge = counting.network.add(&mut count.left, owners[pair], FIRST_COVER + cover, width);
            counting.edges[pair] = Some(edge);
            excluding.iter().for_each(|&number| counting.narrow(&mut count, number, edge, 1));
        }
        counting.fill(&mut count);
        (counting, count)
    }

    fn narrow(&mut self, count: &mut Count, number: usize, edge: usize, by: i64) {
        self.gates.insert(number, edge);
        count.narrowed.entry(edge).or_insert((0, by)).0 += 1;
    }

    fn fill(&self, count: &mut Count) {
        count.missing -= self.network.fill(&mut count.left, SOURCE, SINK);
    }

    /// The count without some of its instances.
    pub(super) fn without(&self, count: &Count, numbers: &[usize]) -> Count {
        let mut count = count.clone();
        for edge in numbers.iter().filter_map(|number| self.gates.get(number)) {
            let Some((instances, by)) = count.narrowed.get_mut(edge) else { continue };
            *instances -= 1;
            if *instances == 0 {
                count.left[*edge] += *by;
                count.narrowed.remove(edge);
            }
        }
        self.fill(&mut count);
        count
    }

    /// The instances that make a count fall short, and all the others that were counted.
    pub(super) fn bottleneck(&self, count: &Count) -> (Vec<usize>, Vec<usize>) {
        let is_upstream = self.network.upstream(&count.left, SINK);
        self.gates.keys().partition(|number| {
            let (from, to) = self.network.ends(self.gates[number]);
            !is_upstream[from] && is_upstream[to]
        })
    }

    /// Whether all these instances were counted.
    pub(super) fn counts_all<'n>(&self, mut numbers: impl Iterator<Item = &'n usize>) -> bool {
        numbers.all(|number| self.gates.contains_key(number))
    }

    /// Whether the flow is a roster that obeys these instances.
    pub(super) fn obeys<'n>(&self, count: &Count, mut numbers: impl Iterator<Item = &'n usize>) -> bool {
        let assigned = |pair: usize| self.edges[pair].is_some_and(|edge| count.left[edge ^ 1] > 0);
        let assigned: Vec<_> = (0..self.edges.len()).map(assigned).collect();
        let is_true = |literal| match literal {
            Literal::Pair(pair) => assigned[pair],
            Literal::Any(group) => self.expansion.groups[group].iter().any(|&pair| assigned[pair]),
        };
        numbers.all(|&number| {
            let instance = &self.expansion.instances[number];
            !is_broken(instance, &evaluate(number, instance, is_true))
        })
    }
}

/// The covers that can be counted, with their places, and the cover of each pair.
fn covers(expansion: &Expansion, numbers: &[usize]) -> (Vec<(usize, i64)>, Vec<Option<usize>>) {
    let mut covers = Vec::new();
    let mut cover_of = vec![None; expansion.pairs.len()];
    // Where a shift and its date both ask for people, the shift counts.
    let (of_shifts, of_dates): (Vec<_>, Vec<_>) =
        numbers.iter().partition(|&&number| expansion.instances[number].shift.is_some());
    for &number in of_shifts.into_iter().chain(of_dates) {
        let instance = &expansion.instances[number];
        let (Some(pairs), Some(min)) = (pairs_of(instance), instance.min) else { continue };
        let counts_people = instance.terms.iter().all(|&(factor, _)| factor == 1);
        let is_new = pairs.iter().all(|&pair| cover_of[pair].is_none());
        if is_cover(instance) && counts_people && is_new && min > instance.constant {
            pairs.iter().for_each(|&pair| cover_of[pair] = Some(covers.len()));
            covers.push((number, min - instance.constant));
        }
    }
    (covers, cover_of)
}

/// The limits of the pairs that count, the widest first.
fn limits(expansion: &Expansion, numbers: &[usize], cover_of: &[Option<usize>]) -> Vec<Limit> {
    let limit = |&number: &usize| {
        let instance = &expansion.instances[number];
        let max = instance.max.filter(|_| !is_cover(instance) && about_one_pair(instance).is_none())?;
        let mut room = max.checked_sub(instance.constant).filter(|room| *room >= 0)?;
        let pairs = pairs_of(instance)?;
        let counts = |pair: &usize| cover_of[*pair].is_some();
        let mut factors: Vec<_> = instance
            .terms
            .iter()
            .zip(&pairs)
            .filter(|(_, pair)| counts(pair))
            .map(|(term, _)| term.0)
            .collect();
        factors.sort_unstable();
        let is_upper = instance.cost == Cost::Forbidden && instance.terms.iter().all(|term| term.0 > 0);
        let fits = factors.iter().take_while(|&&factor| {
            room -= factor;
            room >= 0
        });
        let most = fits.count();
        let binds = is_upper && most < factors.len();
        binds.then(|| Limit { number, pairs: pairs.into_iter().filter(counts).collect(), most: most as i64 })
    };
    let mut limits: Vec<_> = numbers.iter().filter_map(limit).collect();
    limits.sort_by_key(|limit| (Reverse(limit.pairs.len()), limit.number));
    limits
}

/// The instances that keep people from single shifts, by pair.
fn exclusions(expansion: &Expansion, numbers: &[usize]) -> BTreeMap<usize, Vec<usize>> {
    let mut excluded: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &number in numbers {
        if let Some((pair, [true, false])) = about_one_pair(&expansion.instances[number]) {
            excluded.entry(pair).or_default().push(number);
        }
    }
    excluded
}

/// The pairs of an instance that speaks of nothing else.
fn pairs_of(instance: &Instance) -> Option<Vec<usize>> {
    let pair = |&(_, literal): &(i64, Literal)| match literal {
        Literal::Pair(pair) => Some(pair),
        Literal::Any(_) => None,
    };
    instance.terms.iter().map(pair).collect()
}
