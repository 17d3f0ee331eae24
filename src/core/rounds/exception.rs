//! Visits that couldn't be placed, with the facts that help to resolve them.

use super::VisitKind;
use super::judge::{Considered, Judgment, PassedOver, ineligible, remaining};
use super::problem::{Problem, Visit};
use super::route::Route;
use crate::ids::{AreaId, ClientId, StaffId, VisitId};
use crate::time::interval::Minutes;
use crate::words;

words! {
    /// Why a visit couldn't be placed.
    pub enum ExceptionKind {
        /// Nobody considered may go at all: the skill, the area, the approval or the duty is missing.
        NoEligibleWorker = "no_eligible_worker",
        /// The workers who may go, and whose duty meets the window, have too few minutes left.
        CapacityExceeded = "capacity_exceeded",
        /// Somebody has minutes left, but no free time in an access window, or no duty meets one.
        WindowUnmatched = "window_unmatched",
        /// A walk-in that couldn't be placed; its cause is a field of its own.
        WalkIn = "walk_in",
    }
}

/// A visit that couldn't be placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The visit.
    pub visit: VisitId,
    /// The client.
    pub client: ClientId,
    /// The client's area.
    pub area: Option<AreaId>,
    /// How important the client is.
    pub tier: i32,
    /// Its kind in the queue.
    pub kind: ExceptionKind,
    /// Why it has no place; another than `kind` for a walk-in only.
    pub cause: ExceptionKind,
    /// Workers who may go but aren't free, by id.
    pub eligible_busy: Vec<StaffId>,
    /// Neighboring areas with room for the visit when all was planned, by id.
    pub nearby: Vec<NearbyRoom>,
}

/// Room in a neighboring area, whether the time suits or not: people can talk about that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearbyRoom {
    /// The area.
    pub area: AreaId,
    /// Its workers who may go and have minutes enough left, by id.
    pub workers: Vec<StaffId>,
    /// The most minutes that one of them has left.
    pub most_remaining: Minutes,
}

pub(super) fn exception(
    problem: &Problem<'_>,
    routes: &[Route],
    visit: &Visit<'_>,
    considered: &[Considered],
) -> Exception {
    let cause = cause(considered);
    let is_eligible = |row: &&Considered| match row.judgment {
        Judgment::PassedOver(reason) => !reason.is_ineligible(),
        Judgment::Possible { .. } => false,
    };
    let mut eligible_busy: Vec<_> = considered.iter().filter(is_eligible).map(|row| row.worker).collect();
    eligible_busy.sort_unstable();
    Exception {
        visit: visit.row.id,
        client: visit.row.client,
        area: visit.row.area,
        tier: visit.row.tier,
        kind: if visit.row.kind == VisitKind::WalkIn { ExceptionKind::WalkIn } else { cause },
        cause,
        eligible_busy,
        nearby: nearby(problem, routes, visit),
    }
}

fn cause(considered: &[Considered]) -> ExceptionKind {
    let has = |wanted| considered.iter().any(|row| row.judgment == Judgment::PassedOver(wanted));
    if has(PassedOver::NotFree) {
        ExceptionKind::WindowUnmatched
    } else if has(PassedOver::CapacityExceeded) {
        ExceptionKind::CapacityExceeded
    } else if has(PassedOver::WindowUnmatched) {
        ExceptionKind::WindowUnmatched
    } else {
        ExceptionKind::NoEligibleWorker
    }
}

fn nearby(problem: &Problem<'_>, routes: &[Route], visit: &Visit<'_>) -> Vec<NearbyRoom> {
    let Some(place) = visit.place else { return Vec::new() };
    let room_in = |area: usize| {
        let team = problem.teams[area].iter().map(|worker| (&problem.people[*worker], &routes[*worker]));
        let with_room = team
            .map(|(person, route)| (person, remaining(person, route)))
            .filter(|(person, left)| visit.length <= *left && ineligible(problem, visit, person).is_none());
        let with_room: Vec<_> = with_room.map(|(person, left)| (person.row.id, left)).collect();
        let most_remaining = with_room.iter().map(|(_, left)| *left).max()?;
        let workers = with_room.into_iter().map(|(worker, _)| worker).collect();
        Some(NearbyRoom { area: problem.map.areas[area].id, workers, most_remaining })
    };
    problem.map.neighbors(place).filter_map(room_in).collect()
}
