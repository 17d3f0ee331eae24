//! The smoothing pass: evens out the loads within an area. It must never break a window, a capacity or a skill, so it
//! uses the same judge as placing does, and the area's own weights say which move is the cheapest.

use std::cmp::Reverse;

use super::VisitKind;
use super::judge::{cost, fit};
use super::outcome::SmoothingMove;
use super::planning::Planning;
use super::route::Fit;
use crate::time::interval::Minutes;

/// The mean as a fraction, so that comparing is exact.
#[derive(Clone, Copy)]
struct Mean {
    total: i64,
    count: i64,
}

impl Mean {
    /// Whether a load is more than `percent` above the mean.
    fn is_above(self, load: Minutes, percent: i32) -> bool {
        i64::from(load.0) * self.count * 100 > self.total * (100 + i64::from(percent.max(0)))
    }

    fn rounded(self) -> Minutes {
        Minutes(((self.total * 2 + self.count) / (self.count * 2)) as i32)
    }
}

/// A move that could be made.
struct Offer {
    visit: usize,
    to: usize,
    fit: Fit,
    /// Points that it costs by the area's weights, against leaving the visit where it is; capacity apart.
    cost: i64,
}

impl Planning<'_> {
    pub(super) fn smooth(&mut self) {
        let mut visits_of = vec![Vec::new(); self.problem.teams.len()];
        for (visit, request) in self.problem.visits.iter().enumerate() {
            let is_movable = !self.is_fixed[visit] && request.row.kind != VisitKind::Redo;
            if let (Some(area), true) = (request.place, is_movable) {
                visits_of[area].push(visit);
            }
        }
        for (area, visits) in visits_of.into_iter().enumerate() {
            self.smooth_area(area, &visits);
        }
    }

    /// Moves visits of an area from who is above the mean, the highest load first, until no move makes loads more even.
    fn smooth_area(&mut self, area: usize, visits: &[usize]) {
        let people = &self.problem.people;
        let takes_part =
            |worker: &usize| people[*worker].row.is_smoothed && !people[*worker].on_duty.is_empty();
        let team: Vec<_> = self.problem.teams[area].iter().copied().filter(takes_part).collect();
        let total = team.iter().map(|worker| i64::from(self.routes[*worker].load.0)).sum();
        // A move within the team changes no sum.
        let mean = Mean { total, count: team.len() as i64 };
        let percent = self.problem.map.areas[area].smoothing_percent;
        loop {
            (self.checkpoint)();
            let mut sources = team.clone();
            sources.retain(|worker| mean.is_above(self.routes[*worker].load, percent));
            sources.sort_by_key(|worker| (Reverse(self.routes[*worker].load), *worker));
            let made =
                sources.into_iter().find_map(|from| Some((from, self.relief(area, from, visits, &team)?)));
            let Some((from, offer)) = made else { return };
            self.shift(from, &offer, mean);
        }
    }

    /// The move that relieves a worker: to the least loaded who can take a visit; of their visits the cheapest, then the
    /// shortest.
    fn relief(&self, area: usize, from: usize, visits: &[usize], team: &[usize]) -> Option<Offer> {
        let (problem, routes) = (self.problem, &self.routes);
        let can_leave = |visit: &usize| {
            self.worker_of[*visit] == Some(from)
                && routes[from].holds_without(&problem.map, problem.visits[*visit].row.id)
        };
        let held: Vec<_> = visits.iter().copied().filter(can_leave).collect();
        let mut takers: Vec<_> = team.iter().copied().filter(|worker| *worker != from).collect();
        takers.sort_by_key(|worker| (routes[*worker].load, *worker));
        takers.chunk_by(|one, other| routes[*one].load == routes[*other].load).find_map(|equals| {
            let pairs = held.iter().flat_map(|visit| equals.iter().map(move |to| (*visit, *to)));
            let offers = pairs.filter_map(|(visit, to)| self.offer_of(area, visit, from, to));
            offers.min_by_key(|offer| {
                let request = &problem.visits[offer.visit];
                (offer.cost, request.length, request.row.client, request.row.id, offer.to)
            })
        })
    }

    /// The move of a visit to another worker, if it makes the loads more even and the area doesn't find it too dear.
    fn offer_of(&self, area: usize, visit: usize, from: usize, to: usize) -> Option<Offer> {
        let (problem, routes) = (self.problem, &self.routes);
        let request = &problem.visits[visit];
        let is_fair = routes[to].load.0.saturating_add(request.length.0) < routes[from].load.0;
        let fit = fit(problem, request, &problem.people[to], &routes[to]).ok().filter(|_| is_fair)?;
        let area = problem.map.areas[area];
        let points = |worker: usize, fit| {
            cost(request, problem.people[worker].row.id, Minutes(0), fit, area.weights).total()
        };
        let cost = points(to, fit) - points(from, routes[from].fit_of(&problem.map, request.row.id)?);
        let is_affordable = area.smoothing_max_cost.is_none_or(|most| cost <= i64::from(most));
        is_affordable.then_some(Offer { visit, to, fit, cost })
    }

    fn shift(&mut self, from: usize, offer: &Offer, mean: Mean) {
        let Offer { visit, to, fit, .. } = *offer;
        let id = self.problem.visits[visit].row.id;
        let (old_load, new_load) = (self.routes[from].load, self.routes[to].load);
        let Some(stop) = self.routes[from].remove(id) else { return };
        self.assign(visit, to, fit.start);
        self.moves.push(SmoothingMove {
            visit: id,
            old_worker: self.problem.people[from].row.id,
            old_start: stop.span.start,
            old_load,
            new_worker: self.problem.people[to].row.id,
            new_start: fit.start,
            new_load,
            mean_load: mean.rounded(),
        });
    }
}
