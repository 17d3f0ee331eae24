//! Planning the rest of a day anew: somebody falls ill, somebody walks in. A visit that is done, under way or locked stays,
//! and so does every other one that can; only the rest is placed, by the same steps as ever but smoothing.

use crate::words;
use std::collections::{BTreeMap, BTreeSet};

use super::judge::{fit_within, fits_at};
use super::outcome::{Decision, RoundsPlan};
use super::planning::Planning;
use super::problem::{Problem, Rest};
use super::route::Route;
use super::{Day, Placement};
use crate::ids::{StaffId, VisitId};
use crate::time::interval::{Instant, Minutes};

/// The changes of a day.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// From when on visits may be moved. One that was planned earlier has begun, as far as is known, and stays; unless its
    /// worker has visits that are done, for then it would be among them, too.
    pub from: Instant,
    /// Workers who are away from then on. Their visits that aren't done go to others, locked or not.
    pub without: &'a [StaffId],
    /// Visits that stay with their worker and time.
    pub locked: &'a [VisitId],
    /// Visits that are done or under way.
    pub done: &'a [VisitId],
}

words! {
    /// Why a visit isn't where it was.
    pub enum MoveReason {
        /// Its worker is away.
        WorkerAway = "worker_away",
        /// It doesn't fit any more as it was: the client, the worker or the visits around it have changed.
        NoLongerFits = "no_longer_fits",
        /// A lock gives it to somebody else, or another time.
        Locked = "locked",
        /// It should have begun, and hasn't.
        NotBegun = "not_begun",
        /// It wasn't placed before.
        New = "new",
        /// It isn't due any more.
        NoLongerDue = "no_longer_due",
    }
}

/// A visit that isn't where it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The visit.
    pub visit: VisitId,
    /// Why it moved.
    pub reason: MoveReason,
    /// The old place.
    pub before: Option<Placement>,
    /// The new place; `None` = no place: see the exceptions.
    pub after: Option<Placement>,
    /// Whether it was locked: its worker is away, or its time is over, so the lock couldn't hold.
    pub was_locked: bool,
}

/// The new plan, and its differences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replan {
    /// The whole day, visits that stay included.
    pub plan: RoundsPlan,
    /// By visit.
    pub moved: Vec<Moved>,
}

/// Plans the rest of the day anew. `day` is the day as it is known now, its visits that are done included; `existing`
/// the plan that is worked; a visit of `day.locked` goes where that says, though it was elsewhere. No visit that can stay is
/// moved to make room for another. One that should have begun stays with its worker, if there is a gap. Calls `checkpoint`
/// for every visit; it may unwind.
#[must_use]
pub fn replan(
    day: &Day,
    existing: &[Placement],
    change: &Change<'_>,
    checkpoint: &mut dyn FnMut(),
) -> Replan {
    let rest = Rest { from: Some(change.from), without: change.without };
    let problem = Problem::new(day, rest);
    let mut existing: Vec<_> = existing.to_vec();
    existing.sort_unstable();
    existing.dedup_by_key(|placement| placement.visit);
    let elsewhere: BTreeSet<_> = day.locked.iter().map(|placement| placement.visit).collect();
    let locked: BTreeSet<_> = change.locked.iter().chain(&elsewhere).copied().collect();
    let done: BTreeSet<_> = change.done.iter().copied().collect();
    let is_away = |placement: &Placement| change.without.contains(&placement.worker);

    let begun = existing.iter().filter(|placement| done.contains(&placement.visit));
    let noting: BTreeSet<_> = begun.map(|placement| placement.worker).collect();
    let is_past = |placement: &Placement| placement.start < change.from && !is_away(placement);
    let is_late = |placement: &Placement| {
        is_past(placement) && noting.contains(&placement.worker) && !done.contains(&placement.visit)
    };

    let mut planning = Planning::new(&problem, checkpoint);
    for placement in &existing {
        let stays = locked.contains(&placement.visit) && !elsewhere.contains(&placement.visit);
        if done.contains(&placement.visit) || is_past(placement) && !is_late(placement) {
            planning.fix(*placement, Decision::Kept(*placement));
        } else if stays && !is_away(placement) && !is_late(placement) {
            planning.fix(*placement, Decision::Locked(*placement));
        }
    }
    let present: Vec<_> = day.locked.iter().copied().filter(|placement| !is_away(placement)).collect();
    planning.lock(&present);
    let (late, in_time) = existing.iter().copied().partition(|placement| is_late(placement));
    planning.keep(in_time, late, &locked);
    planning.place();
    let plan = planning.finish();
    let reason = |placement: &Placement| match placement.visit {
        visit if problem.visit(visit).is_none() => MoveReason::NoLongerDue,
        _ if is_away(placement) => MoveReason::WorkerAway,
        visit if elsewhere.contains(&visit) => MoveReason::Locked,
        _ if is_late(placement) => MoveReason::NotBegun,
        _ => MoveReason::NoLongerFits,
    };
    let moved = moved(&problem, &existing, &plan, &reason, &locked);
    Replan { plan, moved }
}

impl Planning<'_> {
    /// Leaves where it is what can stay there, in time order; then what is late with its worker. What is locked takes time,
    /// but no capacity: somebody gave it to that worker knowing what the worker had, and no other visit is to lose its
    /// place for it.
    fn keep(&mut self, mut in_time: Vec<Placement>, mut late: Vec<Placement>, locked: &BTreeSet<VisitId>) {
        let minutes = |route: &Route| {
            let counted = route.stops().iter().filter(|stop| !locked.contains(&stop.visit));
            counted.map(|stop| stop.span.whole_minutes().0).sum()
        };
        let mut taken: Vec<i32> = self.routes.iter().map(minutes).collect();
        in_time.sort_by_key(|placement| (placement.start, *placement));
        late.sort_by_key(|placement| (placement.start, *placement));
        let late_from = in_time.len();
        for (number, placement) in in_time.into_iter().chain(late).enumerate() {
            (self.checkpoint)();
            let worker = self.problem.person(placement.worker);
            let visit = self.problem.visit(placement.visit).filter(|visit| self.worker_of[*visit].is_none());
            let (Some(visit), Some(worker)) = (visit, worker) else { continue };
            let (request, person) = (&self.problem.visits[visit], &self.problem.people[worker]);
            let is_free = locked.contains(&placement.visit);
            let left = if is_free { request.length } else { Minutes(person.row.capacity.0 - taken[worker]) };
            let room = (&self.routes[worker], left);
            let start = if number < late_from {
                fits_at(self.problem, request, person, room, placement.start).then_some(placement.start)
            } else {
                fit_within(self.problem, request, person, room).ok().map(|fit| fit.start)
            };
            if let Some(start) = start {
                let placement = Placement { start, ..placement };
                self.fix(placement, Decision::Kept(placement));
                taken[worker] += if is_free { 0 } else { request.length.0 };
            }
        }
    }
}

fn moved(
    problem: &Problem<'_>,
    existing: &[Placement],
    plan: &RoundsPlan,
    reason: &impl Fn(&Placement) -> MoveReason,
    locked: &BTreeSet<VisitId>,
) -> Vec<Moved> {
    let before: BTreeMap<_, _> = existing.iter().map(|placement| (placement.visit, *placement)).collect();
    let due = problem.visits.iter().map(|visit| visit.row.id);
    let visits: BTreeSet<_> = due.chain(before.keys().copied()).collect();
    let moved = visits.into_iter().filter_map(|visit| {
        let before = before.get(&visit).copied();
        let after = plan.assignment(visit).map(super::Assignment::placement);
        let reason = before.as_ref().map_or(MoveReason::New, reason);
        let was_locked = before.is_some() && locked.contains(&visit);
        (before != after).then_some(Moved { visit, reason, before, after, was_locked })
    });
    moved.collect()
}
