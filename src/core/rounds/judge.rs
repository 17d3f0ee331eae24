//! Whether a worker can take a visit, when, and at what cost. The only place that says so: placing, helping, smoothing
//! and replanning all use it.

use super::problem::{Person, Problem, Visit};
use super::route::{Fit, Route, Wanted};
use super::{Access, CostWeights};
use crate::ids::StaffId;
use crate::time::interval::{Instant, MICROS_PER_MINUTE, Minutes};
use crate::words;

/// Number of visits to a client from which on more experience doesn't count.
pub const EXPERIENCE_ENOUGH: i32 = 10;

/// More minutes off the usual time of day don't count: no day is longer.
const MOST_MINUTES_OFF: i32 = 24 * 60;

words! {
    /// Why a worker can't take a visit: the first of these that holds.
    pub enum PassedOver {
        /// Access to the client needs approval and has none.
        AccessNotApproved = "access_not_approved",
        /// The worker isn't on duty, or not any more.
        NotOnDuty = "not_on_duty",
        /// The worker lacks a skill that the client needs.
        MissingSkill = "missing_skill",
        /// The worker only walks, and the client's area, or the home area, isn't walkable.
        NotWalkable = "not_walkable",
        /// The worker's duty leaves no access window long enough.
        WindowUnmatched = "window_unmatched",
        /// The worker has fewer minutes left than the visit takes.
        CapacityExceeded = "capacity_exceeded",
        /// Other visits and the travel between them take the time within the access windows.
        NotFree = "not_free",
    }
}

impl PassedOver {
    /// Whether the worker isn't eligible at any time of the day, so that no other time helps.
    #[must_use]
    pub const fn is_ineligible(self) -> bool {
        matches!(self, Self::AccessNotApproved | Self::NotOnDuty | Self::MissingSkill | Self::NotWalkable)
    }
}

/// Cost of a worker for a visit: each term with its weight. Lower is better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// For having less capacity left than another.
    pub remaining_capacity: i64,
    /// For the travel.
    pub travel: i64,
    /// For not having come last time.
    pub continuity: i64,
    /// For not knowing the client.
    pub experience: i64,
    /// For another time of day than last time.
    pub punctuality: i64,
}

impl Cost {
    /// The sum, by which workers are compared.
    #[must_use]
    pub const fn total(&self) -> i64 {
        let some = self.remaining_capacity.saturating_add(self.travel);
        some.saturating_add(self.continuity).saturating_add(self.experience).saturating_add(self.punctuality)
    }

    /// The terms and their names.
    #[must_use]
    pub const fn terms(&self) -> [(&'static str, i64); 5] {
        [
            ("remaining_capacity", self.remaining_capacity),
            ("travel", self.travel),
            ("continuity", self.continuity),
            ("experience", self.experience),
            ("punctuality", self.punctuality),
        ]
    }
}

/// The finding about a worker for a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgment {
    /// Can't take it.
    PassedOver(PassedOver),
    /// Can take it.
    Possible {
        /// At this time.
        start: Instant,
        /// After this travel.
        travel: Minutes,
        /// At this cost.
        cost: Cost,
    },
}

/// A row of the trace: a worker considered for a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Considered {
    /// The worker.
    pub worker: StaffId,
    /// Capacity that the worker had left then.
    pub remaining: Minutes,
    /// The finding.
    pub judgment: Judgment,
}

/// Capacity that is left on a route; none where a locked visit took more than there was.
pub(super) fn remaining(person: &Person<'_>, route: &Route) -> Minutes {
    Minutes(person.row.capacity.0.saturating_sub(route.load.0).max(0))
}

/// Why a worker isn't eligible whatever the time.
pub(super) fn ineligible(
    problem: &Problem<'_>,
    visit: &Visit<'_>,
    person: &Person<'_>,
) -> Option<PassedOver> {
    if visit.row.access == Access::NotApproved {
        return Some(PassedOver::AccessNotApproved);
    }
    if person.on_duty.is_empty() {
        return Some(PassedOver::NotOnDuty);
    }
    if !person.has_skills(&visit.row.skills) {
        return Some(PassedOver::MissingSkill);
    }
    let can_walk = |area: Option<usize>| area.is_some_and(|area| problem.map.areas[area].is_walkable);
    let walks = can_walk(visit.place) && (visit.place == person.home || can_walk(person.home));
    (person.row.is_walk_only && !walks).then_some(PassedOver::NotWalkable)
}

/// When a worker can take a visit, or why not.
pub(super) fn fit(
    problem: &Problem<'_>,
    visit: &Visit<'_>,
    person: &Person<'_>,
    route: &Route,
) -> Result<Fit, PassedOver> {
    if let Some(reason) = ineligible(problem, visit, person) {
        return Err(reason);
    }
    let allowed = person.allowed(&visit.windows);
    if allowed.iter().all(|span| span.micros() < visit.length.micros()) {
        return Err(PassedOver::WindowUnmatched);
    }
    if remaining(person, route) < visit.length {
        return Err(PassedOver::CapacityExceeded);
    }
    let wanted = Wanted { place: visit.place, allowed: &allowed, length: visit.length };
    route.earliest(&problem.map, wanted).ok_or(PassedOver::NotFree)
}

/// Judges workers for a visit, in the order given.
pub(super) fn consider(
    problem: &Problem<'_>,
    visit: &Visit<'_>,
    workers: &[usize],
    routes: &[Route],
    weights: CostWeights,
) -> Vec<Considered> {
    let fits: Vec<_> = workers
        .iter()
        .map(|worker| {
            let person = &problem.people[*worker];
            let route = &routes[*worker];
            (person, remaining(person, route), fit(problem, visit, person, route))
        })
        .collect();
    let most = fits.iter().filter(|(_, _, fit)| fit.is_ok()).map(|(_, remaining, _)| *remaining).max();
    let most = most.unwrap_or(Minutes(0));
    let judged = fits.into_iter().map(|(person, remaining, fit)| {
        let judgment = match fit {
            Err(reason) => Judgment::PassedOver(reason),
            Ok(fit) => {
                let fewer = Minutes(most.0 - remaining.0);
                Judgment::Possible {
                    start: fit.start,
                    travel: fit.travel,
                    cost: cost(visit, person.row.id, fewer, fit, weights),
                }
            }
        };
        Considered { worker: person.row.id, remaining, judgment }
    });
    judged.collect()
}

/// Cost of a worker who has `fewer` minutes of capacity left than another.
pub(super) fn cost(
    visit: &Visit<'_>,
    worker: StaffId,
    fewer: Minutes,
    fit: Fit,
    weights: CostWeights,
) -> Cost {
    let row = visit.row;
    let known = row.experience.iter().filter(|known| known.worker == worker).map(|known| known.visits).max();
    let lacking = EXPERIENCE_ENOUGH - known.unwrap_or(0).clamp(0, EXPERIENCE_ENOUGH);
    // A client whom nobody has visited yet has no other worker.
    let is_other = row.last_worker.is_some_and(|last| last != worker);
    let early_or_late =
        row.usual_start.map_or(0, |usual| fit.start.micros_since(usual).abs() / MICROS_PER_MINUTE);
    let early_or_late = early_or_late.min(i64::from(MOST_MINUTES_OFF)) as i32;
    let weighted = |weight: i32, amount: i32| i64::from(weight.max(0)) * i64::from(amount);
    Cost {
        remaining_capacity: weighted(weights.remaining_capacity, fewer.0),
        travel: weighted(weights.travel, fit.travel.0),
        continuity: weighted(weights.continuity, i32::from(is_other)),
        experience: weighted(weights.experience, lacking),
        punctuality: weighted(weights.punctuality, early_or_late),
    }
}

/// The worker with the lowest cost; of equals the one with the lowest id.
pub(super) fn cheapest(considered: &[Considered]) -> Option<(StaffId, Fit)> {
    let possible = considered.iter().filter_map(|row| match row.judgment {
        Judgment::Possible { start, travel, cost } => {
            Some(((cost.total(), row.worker), Fit { start, travel }))
        }
        Judgment::PassedOver(_) => None,
    });
    possible.min_by_key(|(rank, _)| *rank).map(|((_, worker), fit)| (worker, fit))
}
