//! The smoothing pass: evens out the loads within an area. It must never break a window, a capacity or a skill, so it
//! uses the same judge as placing does.

use super::judge::fit;
use super::outcome::SmoothingMove;
use super::planning::Planning;
use super::route::{Fit, Route};
use crate::time::interval::Minutes;

/// Smoothing takes from workers more than this above the area's mean load, and gives to those more than this below.
pub const SMOOTHING_PERCENT: i64 = 15;

/// The mean as a fraction, so that comparing is exact.
#[derive(Clone, Copy)]
struct Mean {
    total: i64,
    count: i64,
}

impl Mean {
    fn is_above(self, load: Minutes) -> bool {
        i64::from(load.0) * self.count * 100 > self.total * (100 + SMOOTHING_PERCENT)
    }

    fn is_below(self, load: Minutes) -> bool {
        i64::from(load.0) * self.count * 100 < self.total * (100 - SMOOTHING_PERCENT)
    }

    fn rounded(self) -> Minutes {
        Minutes(((self.total * 2 + self.count) / (self.count * 2)) as i32)
    }
}

impl Planning<'_> {
    pub(super) fn smooth(&mut self) {
        let mut visits_of = vec![Vec::new(); self.problem.teams.len()];
        for (visit, request) in self.problem.visits.iter().enumerate() {
            if let (Some(area), false) = (request.place, self.is_fixed[visit]) {
                visits_of[area].push(visit);
            }
        }
        for (area, mut visits) in visits_of.into_iter().enumerate() {
            visits.sort_by_key(|visit| {
                let request = &self.problem.visits[*visit];
                (request.length, request.row.client, request.row.id)
            });
            self.smooth_area(area, &visits);
        }
    }

    fn smooth_area(&mut self, area: usize, visits: &[usize]) {
        let people = &self.problem.people;
        let takes_part =
            |worker: &usize| people[*worker].row.is_smoothed && !people[*worker].on_duty.is_empty();
        let team: Vec<_> = self.problem.teams[area].iter().copied().filter(takes_part).collect();
        let total = team.iter().map(|worker| i64::from(self.routes[*worker].load.0)).sum();
        // A move within the team changes no sum.
        let mean = Mean { total, count: team.len() as i64 };
        for visit in visits {
            (self.checkpoint)();
            let Some(from) = self.worker_of[*visit].filter(|worker| team.binary_search(worker).is_ok())
            else {
                continue;
            };
            if mean.is_above(self.routes[from].load) && !self.is_familiar(area, *visit, from) {
                self.relieve(*visit, from, &team, mean);
            }
        }
    }

    /// Whether the client shall see this worker again.
    fn is_familiar(&self, area: usize, visit: usize, worker: usize) -> bool {
        self.problem.map.areas[area].weights.continuity > 0
            && self.problem.visits[visit].row.last_worker == Some(self.problem.people[worker].row.id)
    }

    /// Moves the visit to the least loaded one who can take it, if there is one.
    fn relieve(&mut self, visit: usize, from: usize, team: &[usize], mean: Mean) {
        let (problem, routes) = (self.problem, &self.routes);
        let request = &problem.visits[visit];
        if !routes[from].holds_without(&problem.map, request.row.id) {
            return;
        }
        let load = |route: &Route| route.load;
        let is_fair = |worker: &usize| {
            mean.is_below(load(&routes[*worker]))
                && routes[*worker].load.0.saturating_add(request.length.0) < routes[from].load.0
        };
        let mut takers: Vec<_> = team.iter().copied().filter(is_fair).collect();
        takers.sort_by_key(|worker| (routes[*worker].load, *worker));
        let taker = takers.into_iter().find_map(|worker| {
            let fit = fit(problem, request, &problem.people[worker], &routes[worker]);
            fit.ok().map(|fit| (worker, fit))
        });
        if let Some((to, fit)) = taker {
            self.shift(visit, from, to, fit, mean);
        }
    }

    fn shift(&mut self, visit: usize, from: usize, to: usize, fit: Fit, mean: Mean) {
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
