//! A person's rules as a decision diagram: every way in which the person may work is a path through it, and every path is
//! such a way. Must never mean something else than the judge: it is compiled from the very instances that the judge
//! evaluates, and knows no kind of rule.
//!
//! A layer stands for shifts of which the person works one at most, in order of time. An arc chooses one of them, or none,
//! and costs what the soft rules charge for it. States with the same future are one node, so that there are few: a count
//! that can't matter any more is forgotten, and what is left of a rule about runs is the length of the run.
//!
//! Reduced and relaxed diagrams for optimization are those of Bergman, Ciré, van Hoeve and Hooker, *Decision Diagrams for
//! Optimization* (2016). Costs on arcs that depend on the path are made canonical before nodes are merged, as Mohri,
//! *Minimization algorithms for sequential transducers* (2000) and Hooker, *Decision diagrams and dynamic programming*
//! (2013) do: then there is no smaller diagram with these layers.

mod compile;
mod layout;
mod merge;

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt;

use crate::roster::expand::Check;
use crate::roster::instance::{Expansion, Literal};

use layout::Layout;

/// A decision diagram: its first node is the root, its last one the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagram {
    /// Points that every way costs.
    pub constant: i64,
    /// The choices that arcs name.
    pub choices: Vec<Choice>,
    /// Where each node's arcs begin in `arcs`, and the end. Arcs lead to later nodes.
    pub nodes: Vec<usize>,
    /// The arcs, by the node they leave.
    pub arcs: Vec<Arc>,
    /// The sets of watched groups that an arc may meet first; the first one is empty.
    pub events: Vec<Vec<usize>>,
    /// The instances that its ways may break, for it would have become too large: then it has more ways than the person,
    /// and none is dearer than it is. Empty if the diagram is exact.
    pub left_out: Vec<usize>,
    /// How many states the compiler looked at.
    pub states: usize,
}

/// A choice of one layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arc {
    /// The node it leads to.
    pub to: usize,
    /// Which choice, of [`Diagram::choices`].
    pub choice: usize,
    /// Points, besides those of the choice's member.
    pub cost: i64,
    /// The watched groups that are met here first, of [`Diagram::events`].
    pub events: usize,
}

/// What the rules across layers treat alike: one of these pairs, of which a way has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Which layer.
    pub layer: usize,
    /// The pairs; the choice of none of a layer's pairs has one member, which is no pair.
    pub members: Vec<Member>,
}

/// A pair, or none, as a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The pair, of the expansion's; `None` = none of the layer's.
    pub pair: Option<usize>,
    /// Points by the rules that look at this layer alone.
    pub cost: i64,
}

/// A way in which a person may work.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    /// The pairs, ascending.
    pub pairs: Vec<usize>,
    /// Points by the rules of the person alone.
    pub cost: i64,
}

/// What to compile.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The pairs that the person may have, in the order of the layers: best by time. Any other one is out.
    pub pairs: &'a [usize],
    /// The instances, of the person's pairs alone.
    pub instances: &'a [usize],
    /// Pairs that every way has.
    pub fixed: &'a [usize],
    /// Groups of the person's pairs whose first one a path is to tell.
    pub watched: &'a [usize],
    /// How large it may become.
    pub caps: Caps,
}

/// How large a diagram may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Choices of pairs.
    pub choices: usize,
    /// Sets of choices that don't exclude each other, be they ways or not; `None` = any number.
    pub sets: Option<u64>,
    /// States that are looked at.
    pub states: usize,
    /// Whether it is relaxed where there are more states: the instance with the most values is left out.
    pub relaxes: bool,
}

/// Why there is no diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The person can't work in any way, nor be off.
    NoWay,
    /// The weights are so large that their sums aren't exact.
    TooDear,
    /// There are too many choices, sets or states.
    TooLarge,
    /// The caller broke off.
    Stopped,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoWay => "there is no way to work that obeys all rules",
            Self::TooDear => "the weights are too large to add up exactly",
            Self::TooLarge => "there are too many choices or states",
            Self::Stopped => "the caller broke off",
        })
    }
}

impl Error for Unfit {}

impl Diagram {
    /// The diagram of a person's instances. `check` is called now and then.
    ///
    /// # Errors
    /// [`Unfit`], where there is none.
    pub fn compile(
        expansion: &Expansion,
        request: &Request<'_>,
        check: &mut Check<'_>,
    ) -> Result<Self, Unfit> {
        compile::compile(&Layout::new(expansion, request)?, request.caps, check)
    }

    /// Whether each path costs what its way does, and each is a way.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.left_out.is_empty()
    }

    /// The node at which all paths end.
    #[must_use]
    pub fn end(&self) -> usize {
        self.nodes.len() - 2
    }

    /// The arcs that leave a node.
    #[must_use]
    pub fn arcs_of(&self, node: usize) -> &[Arc] {
        &self.arcs[self.nodes[node]..self.nodes[node + 1]]
    }

    /// How many paths there are, or a number near `u64::MAX` where there are more than it.
    #[must_use]
    pub fn paths(&self) -> u64 {
        let mut paths = vec![0_u64; self.end() + 1];
        paths[self.end()] = 1;
        for node in (0..self.end()).rev() {
            let arcs = self.arcs_of(node).iter();
            paths[node] = arcs.fold(0, |sum: u64, arc| sum.saturating_add(paths[arc.to]));
        }
        paths[0]
    }

    /// Visits each path, as its choices, with what its arcs cost: none of a diagram with more than `most`, which is then said.
    pub fn visit_paths(&self, most: u64, visit: &mut dyn FnMut(&[usize], i64)) -> bool {
        if self.paths() > most {
            return false;
        }
        // The arcs of the path so far, and the next arc to be tried at each of its nodes.
        let (mut path, mut costs, mut tried) = (Vec::new(), vec![self.constant], vec![0]);
        let mut node = 0;
        loop {
            let next = tried.last().and_then(|tried| self.arcs_of(node).get(*tried));
            if let Some(arc) = next {
                path.push((node, arc.choice));
                costs.push(costs[costs.len() - 1] + arc.cost);
                tried.push(0);
                node = arc.to;
                continue;
            }
            if node == self.end() {
                let choices: Vec<_> = path.iter().map(|&(_, choice)| choice).collect();
                visit(&choices, costs[costs.len() - 1]);
            }
            let Some((before, _)) = path.pop() else { return true };
            costs.pop();
            tried.pop();
            tried.last_mut().into_iter().for_each(|tried| *tried += 1);
            node = before;
        }
    }

    /// All ways, sorted: none of a diagram with more than `most`.
    #[must_use]
    pub fn ways(&self, most: usize) -> Option<Vec<Way>> {
        let mut found = Vec::new();
        let mut is_too_many = false;
        let are_all = self.visit_paths(most as u64, &mut |choices, cost| {
            let mut ways = vec![Way { pairs: Vec::new(), cost }];
            for &choice in choices {
                let with = |member: &Member| {
                    let member = *member;
                    ways.iter().map(move |way| Way {
                        pairs: way.pairs.iter().copied().chain(member.pair).collect(),
                        cost: way.cost + member.cost,
                    })
                };
                ways = self.choices[choice].members.iter().flat_map(with).take(most + 1).collect();
            }
            is_too_many |= found.len() + ways.len() > most;
            if !is_too_many {
                found.append(&mut ways);
            }
        });
        if is_too_many || !are_all {
            return None;
        }
        found.iter_mut().for_each(|way| way.pairs.sort_unstable());
        found.sort_unstable();
        Some(found)
    }
}

/// The instances of an expansion by whom they are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shares {
    /// By person: the instances about pairs of this person alone.
    pub personal: Vec<Vec<usize>>,
    /// Those about pairs of several people.
    pub shared: Vec<usize>,
    /// Those about nobody's pairs: they hold or not, and cost, whoever works what.
    pub given: Vec<usize>,
}

impl Shares {
    /// The shares of so many people.
    #[must_use]
    pub fn new(expansion: &Expansion, people: usize) -> Self {
        let mut shares = Self { personal: vec![Vec::new(); people], shared: Vec::new(), given: Vec::new() };
        for (number, instance) in expansion.instances.iter().enumerate() {
            let pairs = instance.terms.iter().flat_map(|(_, literal)| pairs_of(expansion, literal));
            let owners: BTreeSet<_> = pairs.map(|&pair| expansion.pairs[pair].staff).collect();
            match owners.first() {
                None => shares.given.push(number),
                Some(&owner) if owners.len() == 1 => shares.personal[owner].push(number),
                Some(_) => shares.shared.push(number),
            }
        }
        shares
    }
}

/// The pairs that a literal speaks of.
pub(in crate::roster) fn pairs_of<'e>(expansion: &'e Expansion, literal: &'e Literal) -> &'e [usize] {
    match literal {
        Literal::Pair(pair) => std::slice::from_ref(pair),
        Literal::Any(group) => &expansion.groups[*group],
    }
}

/// Each person's pairs in order of time, those left out that no instance speaks of: they cost and earn nothing.
#[must_use]
pub fn in_time_order(expansion: &Expansion, people: usize) -> Vec<Vec<usize>> {
    let mut is_spoken_of = vec![false; expansion.pairs.len()];
    for (_, literal) in expansion.instances.iter().flat_map(|instance| &instance.terms) {
        pairs_of(expansion, literal).iter().for_each(|&pair| is_spoken_of[pair] = true);
    }
    let mut order = vec![Vec::new(); people];
    for &pair in expansion.by_time.iter().filter(|&&pair| is_spoken_of[pair]) {
        order[expansion.pairs[pair].staff].push(pair);
    }
    order
}
