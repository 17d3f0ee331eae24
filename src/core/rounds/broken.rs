//! What a plan, or the record, breaks by the rows of now, whoever wrote it: people edit both, and clients and workers change
//! afterwards. Asks the judge that places visits.

use super::judge::ineligible;
use super::problem::{Problem, Rest};
use super::route::{Route, Stop, Wanted};
use super::{Day, PassedOver};
use crate::calendar::Zone;
use crate::ids::{ClientId, StaffId, VisitId};
use crate::interval::Span;

/// A visit as a plan or the record has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which visit.
    pub visit: VisitId,
    /// Who goes.
    pub worker: StaffId,
    /// From when to when; people may have made it longer or shorter than the client's visits are.
    pub during: Span,
}

/// What the steps of a plan would never choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which visit, by whom, when.
    pub held: Held,
    /// Whom.
    pub client: ClientId,
    /// The first reason against it. What is more than a worker's capacity is told once, of the worker's last visit.
    pub reason: PassedOver,
}

impl Broken {
    /// In words.
    #[must_use]
    pub fn sentence(&self, zone: &Zone) -> String {
        let Held { worker, during, .. } = self.held;
        let why = match self.reason {
            PassedOver::AccessNotApproved => "access isn't approved",
            PassedOver::NotOnDuty => "the worker isn't on duty",
            PassedOver::MissingSkill => "the worker lacks a skill that is needed",
            PassedOver::NotWalkable => "the worker only walks",
            PassedOver::WindowUnmatched => "not within an access window and the worker's duty",
            PassedOver::CapacityExceeded => "the day's visits are more than the worker's capacity",
            PassedOver::NotFree => "another visit, or the way from or to it, is in the way",
        };
        format!("client {}, worker {worker} at {}: {why}", self.client, zone.wall_time(during.start))
    }
}

/// What visits break, by worker and start. Those that aren't in the day, or whose worker isn't, are left out.
#[must_use]
pub fn broken(day: &Day, held: &[Held]) -> Vec<Broken> {
    let problem = Problem::new(day, Rest::default());
    let new_route = |person: &super::problem::Person<'_>| Route::new(person.home, person.begins());
    let mut routes: Vec<_> = problem.people.iter().map(new_route).collect();
    for &Held { visit: id, worker, during } in held {
        if let (Some(worker), Some(visit)) = (problem.person(worker), problem.visit(id)) {
            routes[worker].insert(Stop { visit: id, place: problem.visits[visit].place, span: during });
        }
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
    let wanted = Wanted { place: visit.place, allowed: &allowed, length: stop.span.whole_minutes() };
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
    let held = Held { visit: stop.visit, worker: person.row.id, during: stop.span };
    Some(Broken { held, client: visit.row.client, reason })
}
