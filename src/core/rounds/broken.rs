//! Rules that a plan, or the record, breaks by the rows of now, whoever wrote it: people edit both, and clients and workers
//! change afterward. Uses the judge that places visits.

use super::explain::WorkerNames;
use super::judge::ineligible;
use super::problem::{Person, Problem, Rest};
use super::route::{Route, Stop};
use super::{Day, PassedOver};
use crate::ids::{ClientId, StaffId, VisitId};
use crate::text::at;
use crate::time::interval::Span;
use crate::time::zone::Zone;

/// A visit as a plan or the record has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The visit.
    pub visit: VisitId,
    /// The worker.
    pub worker: StaffId,
    /// From when to when; people may have made it longer or shorter than the client's visits are.
    pub during: Span,
}

/// A visit as the steps of a plan would never place it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The visit, its worker and time.
    pub held: Held,
    /// The client.
    pub client: ClientId,
    /// The first rule that it breaks; a worker's capacity besides, of the worker's last visit.
    pub rule: PassedOver,
}

impl Broken {
    /// The broken rule in a sentence.
    #[must_use]
    pub fn sentence(&self, zone: &Zone, names: &WorkerNames<'_>) -> String {
        let Held { worker, during, .. } = self.held;
        let why = match self.rule {
            PassedOver::AccessNotApproved => "access isn't approved",
            PassedOver::NotOnDuty => "the worker isn't on duty",
            PassedOver::MissingSkill => "the worker lacks a skill that is needed",
            PassedOver::NotWalkable => "the worker only walks",
            PassedOver::WindowUnmatched => "not within an access window and the worker's duty",
            PassedOver::CapacityExceeded => "the day's visits are more than the worker's capacity",
            PassedOver::NotFree => "another visit, or the travel to or from it, overlaps",
        };
        format!("client {}, {} at {}: {why}", self.client, names.of(worker), at(zone, during.start))
    }
}

/// Rules that visits break, by worker and start; first those whose worker isn't in the day, and so isn't on duty. Visits that
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
                broken.push(Broken { held: row, client: request.row.client, rule: PassedOver::NotOnDuty })
            }
        }
    }
    broken.sort_by_key(|row: &Broken| (row.held.worker, row.held.during.start, row.held.visit));
    for (person, route) in problem.people.iter().zip(&routes) {
        let of = |stop: &Stop, rule| {
            let visit = problem.visits[problem.visit(stop.visit)?].row;
            let held = Held { visit: visit.id, worker: person.row.id, during: stop.span };
            Some(Broken { held, client: visit.client, rule })
        };
        broken.extend(
            route.stops().iter().filter_map(|stop| of(stop, against(&problem, person, route, *stop)?)),
        );
        let last = route.stops().last().filter(|_| person.row.capacity < route.load);
        broken.extend(last.and_then(|stop| of(stop, PassedOver::CapacityExceeded)));
    }
    broken
}

/// The first rule that a visit breaks, the load of the whole day apart.
fn against(problem: &Problem<'_>, person: &Person<'_>, route: &Route, stop: Stop) -> Option<PassedOver> {
    let visit = &problem.visits[problem.visit(stop.visit)?];
    let mut others = route.clone();
    others.remove(stop.visit);
    let allowed = person.allowed(&visit.windows);
    if let Some(rule) = ineligible(problem, visit, person) {
        Some(rule)
    } else if !allowed.iter().any(|span| span.contains(stop.span)) {
        Some(PassedOver::WindowUnmatched)
    } else if !others.is_free(&problem.map, visit.place, stop.span) {
        Some(PassedOver::NotFree)
    } else {
        None
    }
}

/// Rules that the record's visits of a date break, as [`broken()`]. `is_over`: the date has passed, so a worker who isn't in
/// the day may have been a field worker then, and isn't judged.
#[must_use]
pub fn broken_in_record(day: &Day, held: &[Held], is_over: bool) -> Vec<Broken> {
    let is_known = |held: &&Held| day.workers.iter().any(|worker| worker.id == held.worker);
    let held: Vec<_> = held.iter().filter(|held| !is_over || is_known(held)).copied().collect();
    broken(day, &held)
}
