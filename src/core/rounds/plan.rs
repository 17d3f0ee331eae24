//! Makes the plan: locks, areas, help, smoothing. The steps are told in [`super`].

use super::exception::{Exception, exception};
use super::judge::{Considered, cheapest, consider};
use super::problem::{Problem, Rest};
use super::route::{Fit, Route, Stop};
use super::smoothing::SmoothingMove;
use super::{CostWeights, Day, Placement};
use crate::ids::{AreaId, ClientId, StaffId, VisitId};
use crate::interval::{Instant, Minutes, Span};

/// A visit of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Which visit.
    pub visit: VisitId,
    /// Whom.
    pub client: ClientId,
    /// Where.
    pub area: Option<AreaId>,
    /// Who goes.
    pub worker: StaffId,
    /// From when to when.
    pub during: Span,
    /// The way there, from the visit before or from the home area.
    pub way: Minutes,
}

impl Assignment {
    /// As it can be locked, or given to [`super::replan`].
    #[must_use]
    pub const fn placement(&self) -> Placement {
        Placement { visit: self.visit, worker: self.worker, start: self.during.start }
    }
}

/// How a visit came to its worker, before smoothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Somebody fixed it.
    Locked(Placement),
    /// It was done or under way, or could stay as it was when the day was planned anew.
    Kept(Placement),
    /// At the lowest cost of those considered.
    Chosen(Placement),
    /// To nobody.
    Unplaced,
}

/// All that was looked at for a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitTrace {
    /// Which visit.
    pub visit: VisitId,
    /// Every worker considered: first those of the area by id, then, if none of them could, those of its neighbours.
    pub considered: Vec<Considered>,
    /// What followed.
    pub decision: Decision,
}

/// What a worker has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerLoad {
    /// Who.
    pub worker: StaffId,
    /// Number of visits.
    pub visits: usize,
    /// Their minutes.
    pub load: Minutes,
    /// Most minutes of visits.
    pub capacity: Minutes,
    /// Minutes of all ways.
    pub travel: Minutes,
}

/// The rounds of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundsPlan {
    /// By visit.
    pub assignments: Vec<Assignment>,
    /// In the order in which they were found.
    pub exceptions: Vec<Exception>,
    /// By visit.
    pub trace: Vec<VisitTrace>,
    /// In the order in which they were made.
    pub moves: Vec<SmoothingMove>,
    /// By worker.
    pub loads: Vec<WorkerLoad>,
}

impl RoundsPlan {
    /// The assignment of a visit.
    #[must_use]
    pub fn assignment(&self, visit: VisitId) -> Option<&Assignment> {
        let found = self.assignments.binary_search_by_key(&visit, |assignment| assignment.visit);
        found.ok().map(|index| &self.assignments[index])
    }

    /// The trace of a visit.
    #[must_use]
    pub fn trace_of(&self, visit: VisitId) -> Option<&VisitTrace> {
        let found = self.trace.binary_search_by_key(&visit, |trace| trace.visit);
        found.ok().map(|index| &self.trace[index])
    }
}

/// Makes the rounds of a day. Equal days, in whatever order they are told, give equal plans.
#[must_use]
pub fn plan(day: &Day) -> RoundsPlan {
    let problem = Problem::new(day, Rest::default());
    let mut planning = Planning::new(&problem);
    planning.lock(&day.locked);
    planning.place();
    planning.smooth();
    planning.finish()
}

/// A plan in the making. Indexes are those of the problem.
pub(super) struct Planning<'a> {
    pub(super) problem: &'a Problem<'a>,
    /// One for each worker.
    pub(super) routes: Vec<Route>,
    /// For each visit who has it.
    pub(super) worker_of: Vec<Option<usize>>,
    /// For each visit whether nothing may move it.
    pub(super) is_fixed: Vec<bool>,
    traces: Vec<VisitTrace>,
    pub(super) moves: Vec<SmoothingMove>,
}

impl<'a> Planning<'a> {
    pub(super) fn new(problem: &'a Problem<'a>) -> Self {
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
            traces: traces.collect(),
            moves: Vec::new(),
        }
    }

    /// Fixes the locked visits. Of two locks of a visit the first holds, by worker and time; a lock of what isn't
    /// there is none.
    pub(super) fn lock(&mut self, locked: &[Placement]) {
        let mut locked = locked.to_vec();
        locked.sort_unstable();
        for placement in locked {
            self.fix(placement, Decision::Locked(placement));
        }
    }

    /// Gives a visit to a worker, for good. Nothing happens if it has been given, or if one of the two isn't there.
    pub(super) fn fix(&mut self, placement: Placement, decision: Decision) {
        let visit = self.problem.visit(placement.visit).filter(|visit| self.worker_of[*visit].is_none());
        if let (Some(visit), Some(worker)) = (visit, self.problem.person(placement.worker)) {
            self.assign(visit, worker, placement.start);
            self.is_fixed[visit] = true;
            self.traces[visit].decision = decision;
        }
    }

    /// Gives every visit that has none to a worker of its area, then what is left to helpers.
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
            exception(problem, &self.routes, &problem.visits[visit], &self.traces[visit].considered)
        });
        let exceptions = exceptions.collect();
        let mut assignments = Vec::with_capacity(problem.visits.len());
        let mut loads = Vec::with_capacity(problem.people.len());
        for (person, route) in problem.people.iter().zip(&self.routes) {
            let worker = person.row.id;
            let mut travel = Minutes(0);
            for (stop, way) in route.ways(&problem.map) {
                travel.0 = travel.0.saturating_add(way.0);
                let visit = problem.visit(stop.visit).map(|visit| problem.visits[visit].row);
                assignments.extend(visit.map(|row| Assignment {
                    visit: row.id,
                    client: row.client,
                    area: row.area,
                    worker,
                    during: stop.span,
                    way,
                }));
            }
            let (visits, load, capacity) = (route.stops().len(), route.load, person.row.capacity);
            loads.push(WorkerLoad { worker, visits, load, capacity, travel });
        }
        assignments.sort_by_key(|assignment| assignment.visit);
        RoundsPlan { assignments, exceptions, trace: self.traces, moves: self.moves, loads }
    }
}
