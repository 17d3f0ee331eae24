//! What a plan, or the record, breaks by the rows of now, whoever wrote it: people edit both, and clients and workers change
//! afterward. Asks the judge that places visits.

use super::judge::ineligible;
use super::problem::{Person, Problem, Rest};
use super::route::{Route, Stop, Wanted};
use super::{Day, PassedOver};
use crate::ids::{ClientId, StaffId, VisitId};
use crate::time::interval::Span;
use crate::time::zone::Zone;

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
    /// The first reason against it; more than a worker's capacity besides, of the worker's last visit.
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

/// What visits break, by worker and start; first those whose worker isn't in the day, and so isn't on duty. Visits that
/// aren't in the day are left out.
#[must_use]
pub fn broken(day: &Day, held: &[Held]) -> Vec<Broken> {
    let problem = Problem::new(day, Rest::default());
    let new_route = |person: &Person<'_>| Route::new(person.home, person.begins());
    let mut routes: Vec<_> = problem.people.iter().map(new_route).collect();
    let mut broken = Vec::new();
    for &row in held {
        let Some(visit) = problem.visit(row.visit) else { continue };
        let request = &problem.visits[visit];
        match problem.person(row.worker) {
            Some(worker) => {
                routes[worker].insert(Stop { visit: row.visit, place: request.place, span: row.during });
            }
            None => {
                broken.push(Broken { held: row, client: request.row.client, reason: PassedOver::NotOnDuty })
            }
        }
    }
    broken.sort_by_key(|row: &Broken| (row.held.worker, row.held.during.start, row.held.visit));
    for (person, route) in problem.people.iter().zip(&routes) {
        let of = |stop: &Stop, reason| {
            let visit = problem.visits[problem.visit(stop.visit)?].row;
            let held = Held { visit: visit.id, worker: person.row.id, during: stop.span };
            Some(Broken { held, client: visit.client, reason })
        };
        broken.extend(
            route.stops().iter().filter_map(|stop| of(stop, against(&problem, person, route, *stop)?)),
        );
        let last = route.stops().last().filter(|_| person.row.capacity < route.load);
        broken.extend(last.and_then(|stop| of(stop, PassedOver::CapacityExceeded)));
    }
    broken
}

/// The first reason against a visit, the load of the whole day apart.
fn against(problem: &Problem<'_>, person: &Person<'_>, route: &Route, stop: Stop) -> Option<PassedOver> {
    let visit = &problem.visits[problem.visit(stop.visit)?];
    let mut others = route.clone();
    others.remove(stop.visit);
    let allowed = person.allowed(&visit.windows);
    let wanted = Wanted { place: visit.place, allowed: &allowed, length: stop.span.whole_minutes() };
    if let Some(reason) = ineligible(problem, visit, person) {
        Some(reason)
    } else if !allowed.iter().any(|span| span.contains(stop.span)) {
        Some(PassedOver::WindowUnmatched)
    } else if !others.fits_at(&problem.map, wanted, stop.span.start) {
        Some(PassedOver::NotFree)
    } else {
        None
    }
}
