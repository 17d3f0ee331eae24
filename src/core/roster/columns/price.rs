//! A person's cheapest way for given prices of the rows: a shortest path. Prices lie on a grid, so that all sums are exact.

use std::collections::{BTreeMap, BTreeSet};

use super::rows::SharedRow;
use super::{Counts, GRID};
use crate::roster::diagram::{Diagram, Member, Way};
use crate::roster::instance::{Expansion, Literal};

/// Points up to which all sums of a person fit.
const MOST_POINTS: i64 = 1 << 44;

/// Points of a price beyond which it is cut off: any price gives a true bound.
const MOST_PRICE: f64 = (1_u64 << 24) as f64;

/// A price on the grid.
pub(super) fn on_grid(price: f64) -> i64 {
    (price.clamp(-MOST_PRICE, MOST_PRICE) * GRID as f64).round() as i64
}

/// What a pair or a group adds to rows.
type Adds = Vec<(usize, i64)>;

/// A person: the diagram, and what its pairs and groups add to the rows.
pub(super) struct Worker {
    pub diagram: Diagram,
    of_pair: BTreeMap<usize, Adds>,
    of_group: BTreeMap<usize, Adds>,
    groups_of: BTreeMap<usize, BTreeSet<usize>>,
    /// By choice, member by member, the rows that the choice alone decides.
    of_member: Vec<Vec<Adds>>,
    /// By set of groups met at an arc.
    of_events: Vec<Adds>,
}

impl Worker {
    pub fn new(person: usize, diagram: Diagram, rows: &[SharedRow], expansion: &Expansion) -> Self {
        let is_own = |pair: &usize| expansion.pairs[*pair].staff == person;
        let (mut of_pair, mut of_group): (BTreeMap<_, Adds>, BTreeMap<_, Adds>) = Default::default();
        let mut groups_of: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (row, terms) in rows.iter().map(|row| &row.terms).enumerate() {
            for &(factor, literal) in terms {
                match literal {
                    Literal::Pair(pair) if is_own(&pair) => {
                        of_pair.entry(pair).or_default().push((row, factor));
                    }
                    Literal::Any(group) if expansion.groups[group].iter().all(is_own) => {
                        of_group.entry(group).or_default().push((row, factor));
                        for &pair in &expansion.groups[group] {
                            groups_of.entry(pair).or_default().insert(group);
                        }
                    }
                    Literal::Pair(_) | Literal::Any(_) => {}
                }
            }
        }
        let told: BTreeSet<_> = diagram.events.iter().flatten().copied().collect();
        let adds = |member: &Member| {
            let Some(pair) = member.pair else { return Vec::new() };
            let groups = groups_of.get(&pair).into_iter().flatten().filter(|group| !told.contains(group));
            let of_groups = groups.filter_map(|group| of_group.get(group)).flatten();
            of_pair.get(&pair).into_iter().flatten().chain(of_groups).copied().collect()
        };
        let of_member =
            diagram.choices.iter().map(|choice| choice.members.iter().map(adds).collect()).collect();
        let of_events = diagram.events.iter();
        let of_events = of_events
            .map(|set| set.iter().filter_map(|group| of_group.get(group)).flatten().copied().collect())
            .collect();
        Self { diagram, of_pair, of_group, groups_of, of_member, of_events }
    }

    /// Whether what its ways may cost, and be worth, is so little that all sums are exact.
    pub fn is_exact(&self) -> bool {
        let Self { diagram, of_member, of_events, .. } = self;
        let size = |points: i64| points.saturating_abs();
        let arcs = diagram.arcs.iter().map(|arc| size(arc.cost));
        let members = diagram.choices.iter().flat_map(|choice| &choice.members);
        let largest = arcs.chain(members.map(|member| size(member.cost))).max().unwrap_or(0);
        let layers = diagram.choices.last().map_or(0, |choice| choice.layer as i64 + 1);
        let adds = of_member.iter().flatten().chain(of_events).flatten();
        let counted = adds.map(|(_, count)| size(*count)).fold(0, i64::saturating_add);
        let cost = largest.saturating_mul(2 * layers).saturating_add(size(diagram.constant));
        cost.saturating_add(counted.saturating_mul(MOST_PRICE as i64)) <= MOST_POINTS
    }

    /// The least, on the grid, of what a way costs beyond the prices of what it adds to rows, and such a way.
    pub fn cheapest(&self, duals: &[i64]) -> (i64, Way) {
        let Self { diagram, .. } = self;
        let worth = |adds: &Adds| adds.iter().map(|&(row, count)| count * duals[row]).sum::<i64>();
        // Of each choice the cheapest member stands for it.
        let chosen: Vec<(i64, usize)> = diagram
            .choices
            .iter()
            .zip(&self.of_member)
            .map(|(choice, adds)| {
                let prices = choice.members.iter().zip(adds);
                let prices = prices.map(|(member, adds)| member.cost * GRID - worth(adds)).zip(0..);
                prices.min().unwrap_or((0, 0))
            })
            .collect();
        let events: Vec<_> = self.of_events.iter().map(worth).collect();
        let end = diagram.end();
        let mut best = vec![(0_i64, 0_usize); end + 1];
        for node in (0..end).rev() {
            let costs = diagram
                .arcs_of(node)
                .iter()
                .map(|arc| best[arc.to].0 + arc.cost * GRID + chosen[arc.choice].0 - events[arc.events]);
            best[node] = costs.zip(0..).min().unwrap_or((0, 0));
        }
        let mut way = Way { pairs: Vec::new(), cost: diagram.constant };
        let mut node = 0;
        while node != end {
            let arc = diagram.arcs_of(node)[best[node].1];
            let member = diagram.choices[arc.choice].members[chosen[arc.choice].1];
            way.pairs.extend(member.pair);
            way.cost += arc.cost + member.cost;
            node = arc.to;
        }
        way.pairs.sort_unstable();
        (diagram.constant * GRID + best[0].0, way)
    }

    /// What a set of pairs adds to each row.
    pub fn counts(&self, pairs: &[usize]) -> Counts {
        let groups: BTreeSet<_> =
            pairs.iter().filter_map(|pair| self.groups_of.get(pair)).flatten().collect();
        let of_groups = groups.into_iter().filter_map(|group| self.of_group.get(group)).flatten();
        let of_pairs = pairs.iter().filter_map(|pair| self.of_pair.get(pair)).flatten();
        let mut counts = Counts::new();
        for &(row, factor) in of_pairs.chain(of_groups) {
            *counts.entry(row).or_default() += factor;
        }
        counts
    }
}
