//! How many visits must change hands at least when a day is planned anew. A bound: it pours the minutes of the visits into
//! the workers' minutes, at a cost of 1 ÷ length for each minute that another worker takes over, and knows neither windows
//! nor travel. So every plan that places these visits changes at least as many hands.

use std::collections::BTreeSet;

use super::Placement;
use super::judge::ineligible;
use super::outcome::RoundsPlan;
use super::problem::{Problem, Visit};
use crate::ids::VisitId;

/// What may move, and around what.
pub(super) struct Movable<'a> {
    /// Where visits were that may move.
    pub(super) placements: &'a [Placement],
    /// Visits that a person gave to their worker: they take no capacity.
    pub(super) locked: &'a BTreeSet<VisitId>,
    /// Minutes of each worker's capacity that are taken already.
    pub(super) taken: &'a [i32],
}

/// One change costs this much: large, so that its parts are exact enough.
const CHANGE: i64 = 1 << 40;

/// The minutes of a visit, and who has them.
struct Load {
    /// Who can have them, and the cost of a minute there.
    takers: Vec<(usize, i64)>,
    /// Who has how many of them; `nobody` at first, where the worker can't.
    held: Vec<(usize, i32)>,
}

/// The fewest visits that change hands in any plan that places what `plan` does.
pub(super) fn fewest_changes(problem: &Problem<'_>, movable: &Movable<'_>, plan: &RoundsPlan) -> usize {
    let nobody = problem.people.len();
    // The last visit of a duty may be late, too.
    let late = problem.map.areas.iter().map(|area| area.tolerance.0).max().unwrap_or(0);
    let mut room: Vec<i32> = problem
        .people
        .iter()
        .zip(movable.taken)
        .map(|(person, taken)| {
            let on_duty: i32 = person.on_duty.iter().map(|span| span.whole_minutes().0).sum();
            (person.row.capacity.0 - taken).min(on_duty + late)
        })
        .collect();
    // What the plan itself gives a worker fits: somebody may be late by the tolerance.
    let mut given = vec![0; nobody];
    let mut loads = Vec::new();
    for row in &plan.assignments {
        let (Some(visit), Some(worker)) = (problem.visit(row.visit), problem.person(row.worker)) else {
            continue;
        };
        let before = movable.placements.binary_search_by_key(&row.visit, |placement| placement.visit);
        let before = before.ok().map(|index| movable.placements[index]);
        let is_new = plan.trace_of(row.visit).is_some_and(|trace| !trace.considered.is_empty());
        if before.is_none() && !is_new {
            continue;
        }
        let owner = before.map(|placement| problem.person(placement.worker).unwrap_or(nobody));
        let load = load(problem, &problem.visits[visit], owner, nobody);
        if movable.locked.contains(&row.visit) && load.held.iter().all(|held| held.0 != nobody) {
            continue;
        }
        given[worker] += problem.visits[visit].length.0;
        loads.push(load);
    }
    for (room, given) in room.iter_mut().zip(given) {
        *room = given.max(*room);
    }
    let cost = pour(&mut loads, room);
    usize::try_from((cost + CHANGE - 1) / CHANGE).unwrap_or(0)
}

fn load(problem: &Problem<'_>, visit: &Visit<'_>, owner: Option<usize>, nobody: usize) -> Load {
    let length = visit.length.0;
    let by_area = visit.place.into_iter().flat_map(|area| {
        let helpers = if problem.map.areas[area].takes_help { problem.helpers(area) } else { Vec::new() };
        problem.teams[area].iter().copied().chain(helpers)
    });
    let mut workers: Vec<_> = by_area.chain(owner.filter(|owner| *owner != nobody)).collect();
    workers.sort_unstable();
    workers.dedup();
    workers.retain(|worker| ineligible(problem, visit, &problem.people[*worker]).is_none());
    // A length of nothing would be a row that lost its CHECK.
    let per_minute = CHANGE / i64::from(length.max(1));
    let cost = |worker| match owner {
        Some(owner) if owner != worker => per_minute,
        _ => 0,
    };
    let first = owner.filter(|owner| workers.contains(owner)).unwrap_or(nobody);
    Load {
        takers: workers.iter().map(|worker| (*worker, cost(*worker))).collect(),
        held: vec![(first, length)],
    }
}

impl Load {
    fn cost_at(&self, worker: usize) -> i64 {
        self.takers.iter().find(|taker| taker.0 == worker).map_or(0, |taker| taker.1)
    }

    fn shift(&mut self, from: usize, to: usize, minutes: i32) {
        for (worker, change) in [(from, -minutes), (to, minutes)] {
            match self.held.iter_mut().find(|held| held.0 == worker) {
                Some(held) => held.1 += change,
                None => self.held.push((worker, change)),
            }
        }
        self.held.retain(|held| held.1 > 0);
    }
}

/// The cheapest way to hand minutes on, by worker: the cost, and the load whose minutes go.
type Arc = Option<(i64, usize)>;

/// Hands minutes on, along the cheapest chain of workers, until nobody has more than there is room for; its cost.
fn pour(loads: &mut [Load], mut room: Vec<i32>) -> i64 {
    room.push(0);
    for (worker, minutes) in loads.iter().flat_map(|load| &load.held) {
        room[*worker] -= minutes;
    }
    let mut cost = 0;
    while room.iter().any(|room| *room < 0) {
        let arcs = arcs(loads, room.len());
        let Some((path, price)) = cheapest(&arcs, &room) else { return cost };
        let minutes = |pair: &[usize]| {
            let load = arcs[pair[0]][pair[1]].map_or(0, |arc| arc.1);
            loads[load].held.iter().find(|held| held.0 == pair[0]).map_or(0, |held| held.1)
        };
        let ends = (path[0], path[path.len() - 1]);
        let most = path.windows(2).map(minutes).min().unwrap_or(0).min(-room[ends.0]).min(room[ends.1]);
        for pair in path.windows(2) {
            if let Some((_, load)) = arcs[pair[0]][pair[1]] {
                loads[load].shift(pair[0], pair[1], most);
            }
        }
        room[ends.0] += most;
        room[ends.1] -= most;
        cost += price * i64::from(most);
    }
    cost
}

fn arcs(loads: &[Load], count: usize) -> Vec<Vec<Arc>> {
    let mut arcs: Vec<Vec<Arc>> = vec![vec![None; count]; count];
    for (index, load) in loads.iter().enumerate() {
        for &(from, _) in &load.held {
            let now = load.cost_at(from);
            for &(to, then) in load.takers.iter().filter(|taker| taker.0 != from) {
                let arc = &mut arcs[from][to];
                if arc.is_none_or(|known| then - now < known.0) {
                    *arc = Some((then - now, index));
                }
            }
        }
    }
    arcs
}

/// The cheapest chain from who has too much to who has room, and its cost.
fn cheapest(arcs: &[Vec<Arc>], room: &[i32]) -> Option<(Vec<usize>, i64)> {
    let mut reached: Vec<Option<(i64, Option<usize>)>> =
        room.iter().map(|room| (*room < 0).then_some((0, None))).collect();
    for _ in 0..room.len() {
        let mut is_settled = true;
        for from in 0..room.len() {
            let Some((so_far, _)) = reached[from] else { continue };
            for (to, arc) in arcs[from].iter().enumerate() {
                let Some((price, _)) = arc else { continue };
                if reached[to].is_none_or(|known| so_far + price < known.0) {
                    reached[to] = Some((so_far + price, Some(from)));
                    is_settled = false;
                }
            }
        }
        if is_settled {
            break;
        }
    }
    let with_room = (0..room.len()).filter(|worker| room[*worker] > 0);
    let last = with_room.filter(|worker| reached[*worker].is_some()).min_by_key(|worker| reached[*worker])?;
    let mut path = vec![last];
    // No chain is longer than there are workers.
    while let Some(before) = reached[path[path.len() - 1]].and_then(|reached| reached.1)
        && path.len() < room.len()
    {
        path.push(before);
    }
    path.reverse();
    Some((path, reached[last].map_or(0, |reached| reached.0)))
}
