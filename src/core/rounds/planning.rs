//! A plan in the making: locks, areas, help. [`super`] describes the steps.

use std::collections::BTreeMap;

use super::exception::exception;
use super::judge::{cheapest, consider};
use super::outcome::{Assignment, Decision, RoundsPlan, SmoothingMove, VisitTrace, WorkerLoad};
use super::problem::{Problem, Visit};
use super::route::{Fit, Route, Stop};
use super::{CostWeights, Placement};
use crate::ids::VisitId;
use crate::time::interval::{Instant, Minutes, Span};

/// A plan in the making. Indexes are those of the problem.
pub(super) struct Planning<'a> {
    pub(super) problem: &'a Problem<'a>,
    /// One for each worker.
    pub(super) routes: Vec<Route>,
    /// The worker of each visit.
    pub(super) worker_of: Vec<Option<usize>>,
    /// Whether nothing may move a visit.
    pub(super) is_fixed: Vec<bool>,
    /// Starts of visits that are expected later than the plan says, within the tolerance; their routes have them as expected.
    pub(super) told: BTreeMap<VisitId, Instant>,
    traces: Vec<VisitTrace>,
    pub(super) moves: Vec<SmoothingMove>,
    /// Called for every visit that is looked at.
    pub(super) checkpoint: &'a mut dyn FnMut(),
}

impl<'a> Planning<'a> {
    pub(super) fn new(problem: &'a Problem<'a>, checkpoint: &'a mut dyn FnMut()) -> Self {
        let routes = problem.people.iter().map(|person| Route::new(person.home, person.begins()));
        let traces = problem.visits.iter().map(|visit| VisitTrace {
            visit: visit.row.id,
            considered: Vec::new(),
            decision: Decision::Unplaced,
        });
        Self {
            problem,
            routes: routes.collect(),
            worker_of: vec![None; problem.visits.len()],
            is_fixed: vec![false; problem.visits.len()],
            told: BTreeMap::new(),
            traces: traces.collect(),
            moves: Vec::new(),
            checkpoint,
        }
    }

    /// Fixes the locked visits. Of two locks of a visit the first holds, by worker and time; a lock of an unknown visit or
    /// worker has no effect.
    pub(super) fn lock(&mut self, locked: &[Placement]) {
        let mut locked = locked.to_vec();
        locked.sort_unstable();
        for placement in locked {
            self.fix(placement, Decision::Locked(placement));
        }
    }

    /// Gives a visit to a worker, for good. Nothing happens if it has been given, or if one of the two is unknown.
    pub(super) fn fix(&mut self, placement: Placement, decision: Decision) {
        let visit = self.problem.visit(placement.visit).filter(|visit| self.worker_of[*visit].is_none());
        if let (Some(visit), Some(worker)) = (visit, self.problem.person(placement.worker)) {
            self.assign(visit, worker, placement.start);
            self.is_fixed[visit] = true;
            self.traces[visit].decision = decision;
        }
    }

    /// Gives every visit without a worker to one of its area, then the rest to helpers.
    pub(super) fn place(&mut self) {
        for visit in self.unplaced() {
            let Some(area) = self.problem.visits[visit].place else { continue };
            self.offer(visit, &self.problem.teams[area], self.problem.map.areas[area].weights);
        }
        let helpers: Vec<_> = (0..self.problem.teams.len()).map(|area| self.problem.helpers(area)).collect();
        for visit in self.unplaced() {
            let Some(area) = self.problem.visits[visit].place else { continue };
            if self.problem.map.areas[area].takes_help {
                self.offer(visit, &helpers[area], self.problem.map.areas[area].weights);
            }
        }
    }

    fn unplaced(&self) -> Vec<usize> {
        let order = self.problem.order.iter().copied();
        order.filter(|visit| self.worker_of[*visit].is_none()).collect()
    }

    fn offer(&mut self, visit: usize, workers: &[usize], weights: CostWeights) {
        (self.checkpoint)();
        let request = &self.problem.visits[visit];
        let considered = consider(self.problem, request, workers, &self.routes, weights);
        if let Some((worker, Fit { start, .. })) = cheapest(&considered)
            && let Some(index) = self.problem.person(worker)
        {
            self.assign(visit, index, start);
            self.traces[visit].decision =
                Decision::Chosen(Placement { visit: request.row.id, worker, start });
        }
        self.traces[visit].considered.extend(considered);
    }

    pub(super) fn assign(&mut self, visit: usize, worker: usize, start: Instant) {
        let request = &self.problem.visits[visit];
        let span = Span { start, end: start + request.length };
        self.routes[worker].insert(Stop { visit: request.row.id, place: request.place, span });
        self.worker_of[visit] = Some(worker);
    }

    pub(super) fn finish(self) -> RoundsPlan {
        let problem = self.problem;
        let exceptions = self.unplaced().into_iter().map(|visit| {
            (self.checkpoint)();
            exception(problem, &self.routes, &problem.visits[visit], &self.traces[visit].considered)
        });
        let exceptions = exceptions.collect();
        let mut assignments = Vec::with_capacity(problem.visits.len());
        let mut loads = Vec::with_capacity(problem.people.len());
        for (person, route) in problem.people.iter().zip(&self.routes) {
            let worker = person.row.id;
            let mut minutes = Minutes(0);
            for (stop, travel) in route.legs(&problem.map) {
                minutes.0 = minutes.0.saturating_add(travel.0);
                let visit = problem.visit(stop.visit).map(|visit| &problem.visits[visit]);
                let start = self.told.get(&stop.visit).copied().unwrap_or(stop.span.start);
                assignments.extend(visit.map(|Visit { row, length, .. }| Assignment {
                    visit: row.id,
                    client: row.client,
                    area: row.area,
                    worker,
                    during: Span { start, end: start + *length },
                    travel,
                }));
            }
            let (visits, load, capacity) = (route.stops().len(), route.load, person.row.capacity);
            loads.push(WorkerLoad { worker, visits, load, capacity, travel: minutes });
        }
        assignments.sort_by_key(|assignment| assignment.visit);
        RoundsPlan { assignments, exceptions, trace: self.traces, moves: self.moves, loads }
    }
}
