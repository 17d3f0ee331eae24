//! A delay pushes: when the rest of a day is planned anew, each worker's visits keep their order and move later, as far as
//! windows, duty and capacity let them. A visit that is late by no more than its area's tolerance isn't moved at all. What
//! breaks gives way, the least important first.

use std::collections::{BTreeMap, BTreeSet};

use super::Placement;
use super::judge::ineligible;
use super::map::{Map, Place};
use super::outcome::Decision;
use super::planning::Planning;
use super::problem::Person;
use super::route::{Route, Stop, later};
use crate::ids::VisitId;
use crate::time::interval::{Instant, Minutes, Span, union};

/// A visit on a worker's way.
#[derive(Clone, Copy)]
struct Step {
    visit: VisitId,
    place: Place,
    planned: Span,
    tolerance: Minutes,
    /// The end of the duty and window in which it was planned; `None` = it can't stay with the worker.
    until: Option<Instant>,
    /// Minutes of capacity that it takes.
    counted: i32,
    /// Less important ones have more.
    tier: i32,
    kind: StepKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum StepKind {
    /// Nothing moves it.
    Fixed,
    /// A person gave it to the worker: it is the last to give way.
    Locked,
    Movable,
}

/// When a visit begins by the plan, and when it is expected to begin.
#[derive(Clone, Copy)]
struct Pushed {
    step: Step,
    told: Instant,
    expected: Instant,
}

/// A worker's way from now on.
struct Way<'a> {
    map: &'a Map<'a>,
    person: &'a Person<'a>,
    route: &'a Route,
    from: Instant,
    /// What the worker was at last, before `from`.
    last: Option<Stop>,
    /// Minutes of capacity that what is fixed takes.
    taken: i32,
}

impl Planning<'_> {
    /// Whether a visit is known and nobody has it yet.
    pub(super) fn is_open(&self, visit: VisitId) -> bool {
        self.problem.visit(visit).is_some_and(|visit| self.worker_of[visit].is_none())
    }

    /// Minutes of each worker's capacity that visits take which are fixed so far. What is locked takes time, but no
    /// capacity: somebody gave it to that worker knowing what the worker had, and no other visit is to lose its place for it.
    pub(super) fn counted_minutes(&self, locked: &BTreeSet<VisitId>) -> Vec<i32> {
        let minutes = |route: &Route| {
            let counted = route.stops().iter().filter(|stop| !locked.contains(&stop.visit));
            counted.map(|stop| stop.span.whole_minutes().0).sum()
        };
        self.routes.iter().map(minutes).collect()
    }

    /// Leaves each open visit with its worker where that can be, at its time or later. `placements` are open.
    pub(super) fn push(&mut self, placements: &[Placement], from: Instant, locked: &BTreeSet<VisitId>) {
        let taken = self.counted_minutes(locked);
        let mut by_worker: BTreeMap<usize, Vec<Placement>> = BTreeMap::new();
        for placement in placements {
            if let Some(worker) = self.problem.person(placement.worker) {
                by_worker.entry(worker).or_default().push(*placement);
            }
        }
        for (worker, placements) in by_worker {
            let route = &self.routes[worker];
            let person = &self.problem.people[worker];
            let (begun, fixed): (Vec<_>, Vec<_>) =
                route.stops().iter().copied().partition(|stop| stop.span.start < from);
            let last = begun.into_iter().fold(None, |last, stop| later(last, Some(stop)));
            let way = Way { map: &self.problem.map, person, route, from, last, taken: taken[worker] };
            let mut steps: Vec<_> = fixed.into_iter().map(|stop| self.fixed_step(stop)).collect();
            let duty = union(person.row.on_duty.clone());
            let movable = placements.iter().filter_map(|row| self.step(row, person, &duty, locked));
            steps.extend(movable);
            steps.sort_by_key(|step| (step.planned.start, step.visit));
            let pushed = way.what_stays(steps, &mut *self.checkpoint);
            for Pushed { step, told, expected } in pushed {
                let worker = self.problem.people[worker].row.id;
                self.fix(
                    Placement { visit: step.visit, worker, start: expected },
                    Decision::Kept(Placement { visit: step.visit, worker, start: told }),
                );
                if told != expected {
                    self.told.insert(step.visit, told);
                }
            }
        }
    }

    fn fixed_step(&self, stop: Stop) -> Step {
        let tolerance = self.problem.map.tolerance(stop.place);
        let (visit, place, planned) = (stop.visit, stop.place, stop.span);
        Step { visit, place, planned, tolerance, until: None, counted: 0, tier: 0, kind: StepKind::Fixed }
    }

    fn step(
        &self,
        placement: &Placement,
        person: &Person<'_>,
        duty: &[Span],
        locked: &BTreeSet<VisitId>,
    ) -> Option<Step> {
        let request = &self.problem.visits[self.problem.visit(placement.visit)?];
        let planned = Span { start: placement.start, end: placement.start + request.length };
        let is_locked = locked.contains(&placement.visit);
        let around = duty
            .iter()
            .flat_map(|duty| request.windows.iter().filter_map(|window| duty.intersection(*window)))
            .find(|span| span.contains(planned));
        let can_go = ineligible(self.problem, request, person).is_none();
        Some(Step {
            visit: placement.visit,
            place: request.place,
            planned,
            tolerance: self.problem.map.tolerance(request.place),
            until: around.filter(|_| can_go).map(|span| span.end),
            counted: if is_locked { 0 } else { request.length.0 },
            tier: request.row.tier,
            kind: if is_locked { StepKind::Locked } else { StepKind::Movable },
        })
    }
}

impl Way<'_> {
    /// The visits that stay, pushed: each time that one can't be, one gives self.
    fn what_stays(&self, mut steps: Vec<Step>, checkpoint: &mut dyn FnMut()) -> Vec<Pushed> {
        // A fixed one that nobody can make room for is reached late, as whoever fixed it decided.
        let mut hopeless = BTreeSet::new();
        loop {
            checkpoint();
            let at = match self.walk(&steps, &hopeless) {
                Ok(pushed) => return pushed,
                Err(at) => at,
            };
            let breaks = steps[at].visit;
            match self.who_gives_way(&steps, at, &hopeless) {
                Some(index) => drop(steps.remove(index)),
                None => drop(hopeless.insert(breaks)),
            }
        }
    }

    /// The step up to `at` without which the way gets further: the least important, then the longest, then the last.
    fn who_gives_way(&self, steps: &[Step], at: usize, hopeless: &BTreeSet<VisitId>) -> Option<usize> {
        let mut candidates: Vec<_> = (0..=at).filter(|index| steps[*index].kind != StepKind::Fixed).collect();
        candidates.sort_by_key(|index| {
            let step = &steps[*index];
            let is_locked = step.kind == StepKind::Locked;
            (is_locked, std::cmp::Reverse((step.tier, step.planned.whole_minutes(), *index)))
        });
        candidates.into_iter().find(|index| {
            let mut others = steps.to_vec();
            others.remove(*index);
            // The step that broke the way has moved up by one, unless it is the one that is gone.
            self.walk(&others, hopeless).map_or_else(|further| further >= at, |_| true)
        })
    }

    /// Goes along a way, each visit as early as can be, but not before it was planned; or the step that can't be.
    fn walk(&self, steps: &[Step], hopeless: &BTreeSet<VisitId>) -> Result<Vec<Pushed>, usize> {
        let map = self.map;
        let mut last = self.last;
        let mut told_last = self.last.map(|stop| stop.span.start);
        let mut taken = self.taken;
        let mut is_pushing = false;
        let mut pushed = Vec::with_capacity(steps.len());
        for (index, step) in steps.iter().enumerate() {
            let ready = last.map_or(self.route.begins, |stop| stop.span.end)
                + self.route.travel_to(map, last, step.place);
            let planned = step.planned.start;
            let expected = planned.max(self.from).max(ready);
            let is_tolerable = expected <= planned + step.tolerance;
            let is_fixed = step.kind == StepKind::Fixed;
            let is_in_order = told_last.is_none_or(|told| told < planned);
            let stays = is_fixed || expected == planned || is_tolerable && !is_pushing && is_in_order;
            taken += step.counted;
            let is_hopeless = hopeless.contains(&step.visit);
            let holds = match step.kind {
                StepKind::Fixed => is_tolerable || is_hopeless,
                StepKind::Locked | StepKind::Movable => step.until.is_some_and(|until| {
                    let has_room = step.counted == 0 || taken <= self.person.row.capacity.0;
                    has_room && (stays || expected + step.planned.whole_minutes() <= until)
                }),
            };
            if !holds {
                return Err(index);
            }
            let expected = if is_hopeless { planned } else { expected };
            let told = if stays { planned } else { expected };
            is_pushing = !stays || is_pushing && expected != planned;
            let span = Span { start: expected, end: expected + step.planned.whole_minutes() };
            last = later(last, Some(Stop { visit: step.visit, place: step.place, span }));
            told_last = Some(told);
            if !is_fixed {
                pushed.push(Pushed { step: *step, told, expected });
            }
        }
        Ok(pushed)
    }
}
