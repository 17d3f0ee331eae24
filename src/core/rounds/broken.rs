//! What a plan breaks by the rows of now, whoever wrote it: people edit plans, and clients and workers change after one was
//! made. Asks the judge that places visits.

use super::judge::ineligible;
use super::problem::{Problem, Rest};
use super::route::{Route, Stop, Wanted};
use super::{Day, PassedOver, Placement};
use crate::calendar::Zone;
use crate::ids::ClientId;
use crate::interval::Span;

/// A placement that the steps of a plan would never choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which visit, by whom, when.
    pub placement: Placement,
    /// Whom.
    pub client: ClientId,
    /// The first reason against it. What is more than a worker's capacity is told once, of the worker's last visit.
    pub reason: PassedOver,
}

impl Broken {
    /// In words.
    #[must_use]
    pub fn sentence(&self, zone: &Zone) -> String {
        let Placement { worker, start, .. } = self.placement;
        let why = match self.reason {
            PassedOver::AccessNotApproved => "access isn't approved",
            PassedOver::NotOnDuty => "the worker isn't on duty",
            PassedOver::MissingSkill => "the worker lacks a skill that is needed",
            PassedOver::NotWalkable => "the worker only walks",
            PassedOver::WindowUnmatched => "not within an access window and the worker's duty",
            PassedOver::CapacityExceeded => "the day's visits are more than the worker's capacity",
            PassedOver::NotFree => "another visit, or the way from or to it, is in the way",
        };
        format!("client {}, worker {worker} at {}: {why}", self.client, zone.wall_time(start))
    }
}

/// What placements break, by worker and start. Visits and workers that aren't in the day are left out.
#[must_use]
pub fn broken(day: &Day, placements: &[Placement]) -> Vec<Broken> {
    let problem = Problem::new(day, Rest::default());
    let new_route = |person: &super::problem::Person<'_>| Route::new(person.home, person.begins());
    let mut routes: Vec<_> = problem.people.iter().map(new_route).collect();
    for placement in placements {
        let (Some(worker), Some(visit)) = (problem.person(placement.worker), problem.visit(placement.visit))
        else {
            continue;
        };
        let request = &problem.visits[visit];
        let span = Span { start: placement.start, end: placement.start + request.length };
        routes[worker].insert(Stop { visit: placement.visit, place: request.place, span });
    }
    let of_worker = |worker: usize| {
        let stops = routes[worker].stops();
        stops.iter().filter_map(|stop| judged(&problem, worker, &routes[worker], *stop)).collect::<Vec<_>>()
    };
    (0..routes.len()).flat_map(of_worker).collect()
}

fn judged(problem: &Problem<'_>, worker: usize, route: &Route, stop: Stop) -> Option<Broken> {
    let person = &problem.people[worker];
    let visit = &problem.visits[problem.visit(stop.visit)?];
    let mut others = route.clone();
    others.remove(stop.visit);
    let is_last = route.stops().last().is_some_and(|last| last.visit == stop.visit);
    let allowed = person.allowed(&visit.windows);
    let wanted = Wanted { place: visit.place, allowed: &allowed, length: visit.length };
    let reason = if let Some(reason) = ineligible(problem, visit, person) {
        reason
    } else if !allowed.iter().any(|span| span.contains(stop.span)) {
        PassedOver::WindowUnmatched
    } else if !others.fits_at(&problem.map, wanted, stop.span.start) {
        PassedOver::NotFree
    } else if is_last && person.row.capacity < route.load {
        PassedOver::CapacityExceeded
    } else {
        return None;
    };
    let placement = Placement { visit: stop.visit, worker: person.row.id, start: stop.span.start };
    Some(Broken { placement, client: visit.row.client, reason })
}
