//! The most that can flow through a network of pipes with whole widths. Must never carry more through a pipe than fits.

/// Nodes and the edges between them. Each edge has a reverse, edge ^ 1, by which what it carries can be taken back.
pub(super) struct Network {
    targets: Vec<usize>,
    edges_of: Vec<Vec<usize>>,
}

/// The room that each edge has left. The room of the reverse of an edge is what the edge carries now.
pub(super) type Left = Vec<i64>;

impl Network {
    pub(super) fn new(nodes: usize) -> Self {
        Self { targets: Vec::new(), edges_of: vec![Vec::new(); nodes] }
    }

    /// A new edge, empty.
    pub(super) fn add(&mut self, left: &mut Left, from: usize, to: usize, width: i64) -> usize {
        let edge = self.targets.len();
        self.targets.extend([to, from]);
        left.extend([width, 0]);
        self.edges_of[from].push(edge);
        self.edges_of[to].push(edge + 1);
        edge
    }

    /// Where an edge begins and ends.
    pub(super) fn ends(&self, edge: usize) -> (usize, usize) {
        (self.targets[edge ^ 1], self.targets[edge])
    }

    /// Carries as much more as possible from one node to another, and says how much. At most one search of the network
    /// for each unit.
    pub(super) fn fill(&self, left: &mut Left, from: usize, to: usize) -> i64 {
        let mut more = 0;
        while let Some(path) = self.path(left, from, to) {
            let width = path.iter().map(|&edge| left[edge]).min().unwrap_or_default();
            for edge in path {
                left[edge] -= width;
                left[edge ^ 1] += width;
            }
            more += width;
        }
        more
    }

    /// Edges with room, from one node to another.
    fn path(&self, left: &Left, from: usize, to: usize) -> Option<Vec<usize>> {
        let mut reached_by: Vec<Option<usize>> = vec![None; self.edges_of.len()];
        let mut open = vec![from];
        while let Some(node) = open.pop() {
            for &edge in &self.edges_of[node] {
                let next = self.targets[edge];
                if left[edge] == 0 || next == from || reached_by[next].is_some() {
                    continue;
                }
                reached_by[next] = Some(edge);
                if next == to {
                    let before = |edge: &usize| reached_by[self.targets[*edge ^ 1]];
                    return Some(std::iter::successors(Some(edge), before).collect());
                }
                open.push(next);
            }
        }
        None
    }

    /// The nodes from which more could be carried to a node, and itself.
    pub(super) fn upstream(&self, left: &Left, to: usize) -> Vec<bool> {
        let mut is_upstream = vec![false; self.edges_of.len()];
        is_upstream[to] = true;
        let mut open = vec![to];
        while let Some(node) = open.pop() {
            for &edge in &self.edges_of[node] {
                let before = self.targets[edge];
                if left[edge ^ 1] > 0 && !is_upstream[before] {
                    is_upstream[before] = true;
                    open.push(before);
                }
            }
        }
        is_upstream
    }
}
