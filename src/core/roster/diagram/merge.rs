//! Nodes with the same future merged, from the last layer back. Must never change what a path costs.

use std::collections::HashMap;

use super::{Arc, Choice, Diagram};

/// The layers' states as numbers, and the arcs between them: of each layer by state.
pub(super) struct Raw {
    pub layers: Vec<Vec<Vec<Arc>>>,
    pub events: Vec<Vec<usize>>,
    pub states: usize,
}

/// A node that has been merged: which one of its layer, and what each path from it costs at least.
type Merged = Option<(usize, i64)>;

/// The diagram of the states' layers; `None` if no path reaches the end.
///
/// What all paths from a node cost at least is charged on the arcs to it: nodes whose paths differ by this alone become one.
pub(super) fn merge(raw: Raw, choices: Vec<Choice>, constant: i64, left_out: Vec<usize>) -> Option<Diagram> {
    let mut layers: Vec<Vec<Vec<Arc>>> = Vec::with_capacity(raw.layers.len());
    // All rules are over at the end: it is one state.
    let mut after: Vec<Merged> = vec![Some((0, 0))];
    for states in raw.layers.into_iter().rev() {
        let mut nodes: Vec<Vec<Arc>> = Vec::new();
        let mut known: HashMap<Vec<Arc>, usize> = HashMap::new();
        after = states.into_iter().map(|arcs| place(arcs, &after, &mut nodes, &mut known)).collect();
        layers.push(nodes);
    }
    let (root, least) = (*after.first()?)?;
    debug_assert_eq!(root, 0, "there is one state before the first layer");
    layers.reverse();
    let mut diagram = Diagram {
        constant: constant + least,
        choices,
        nodes: vec![0],
        arcs: Vec::new(),
        events: raw.events,
        left_out,
        states: raw.states,
    };
    let mut first = 0;
    for nodes in layers {
        first += nodes.len();
        for arcs in nodes {
            diagram.arcs.extend(arcs.into_iter().map(|arc| Arc { to: first + arc.to, ..arc }));
            diagram.nodes.push(diagram.arcs.len());
        }
    }
    // The end, which no arc leaves.
    diagram.nodes.push(diagram.arcs.len());
    Some(diagram)
}

/// The node of a state with these arcs; `None` if none of them reaches the end.
fn place(
    arcs: Vec<Arc>,
    after: &[Merged],
    nodes: &mut Vec<Vec<Arc>>,
    known: &mut HashMap<Vec<Arc>, usize>,
) -> Merged {
    let reach = |arc: Arc| {
        let (to, least) = after[arc.to]?;
        Some(Arc { to, cost: arc.cost + least, ..arc })
    };
    let mut arcs: Vec<_> = arcs.into_iter().filter_map(reach).collect();
    let least = arcs.iter().map(|arc| arc.cost).min()?;
    arcs.iter_mut().for_each(|arc| arc.cost -= least);
    let node = *known.entry(arcs).or_insert_with_key(|arcs| {
        nodes.push(arcs.clone());
        nodes.len() - 1
    });
    Some((node, least))
}
