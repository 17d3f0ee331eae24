//! Planning the rest of a day anew: somebody falls ill, somebody walks in. What is done, under way or locked stays; what
//! can stay does; only the others are placed, by the same steps as ever but smoothing.

use std::collections::{BTreeMap, BTreeSet};

use super::judge::fits_at;
use super::plan::{Decision, Planning, RoundsPlan};
use super::problem::{Problem, Rest};
use super::route::Route;
use super::{Day, Placement};
use crate::ids::{StaffId, VisitId};
use crate::interval::{Instant, Minutes};

/// What has changed.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// From when on visits may be moved. One that started earlier is under way and stays.
    pub from: Instant,
    /// Who is away from then on. What they haven't done goes to others, locked or not.
    pub without: &'a [StaffId],
    /// Visits that stay with their worker and time.
    pub locked: &'a [VisitId],
    /// Visits that are done.
    pub done: &'a [VisitId],
}

/// Why a visit isn't where it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MoveReason {
    /// Its worker is away.
    WorkerAway,
    /// It doesn't hold any more as it was: the client, the worker or the visits around it have changed.
    NoLongerFits,
    /// A lock gives it to somebody else, or another time.
    Locked,
    /// It wasn't placed before.
    New,
    /// It isn't due any more.
    NoLongerDue,
}

impl MoveReason {
    /// Every reason.
    pub const ALL: [Self; 5] =
        [Self::WorkerAway, Self::NoLongerFits, Self::Locked, Self::New, Self::NoLongerDue];

    /// Its name in SQL and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WorkerAway => "worker_away",
            Self::NoLongerFits => "no_longer_fits",
            Self::Locked => "locked",
            Self::New => "new",
            Self::NoLongerDue => "no_longer_due",
        }
    }
}

/// A visit that isn't where it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Which visit.
    pub visit: VisitId,
    /// Why.
    pub reason: MoveReason,
    /// Where it was.
    pub before: Option<Placement>,
    /// Where it is; `None` = nowhere: see the exceptions.
    pub after: Option<Placement>,
    /// Whether it was locked: its worker is away, so the lock couldn't hold.
    pub was_locked: bool,
}

/// The new plan, and what is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replan {
    /// The whole day, what stays included.
    pub plan: RoundsPlan,
    /// By visit.
    pub moved: Vec<Moved>,
}

/// Plans the rest of the day anew. `day` is the day as it is known now, its visits that are done included; `existing`
/// the plan that is worked; what `day.locked` has goes where it says, though it was elsewhere. No visit that can stay is moved to make room for another.
#[must_use]
pub fn replan(day: &Day, existing: &[Placement], change: &Change<'_>) -> Replan {
    let rest = Rest { from: Some(change.from), without: change.without };
    let problem = Problem::new(day, rest);
    let mut existing: Vec<_> = existing.to_vec();
    existing.sort_unstable();
    existing.dedup_by_key(|placement| placement.visit);
    let elsewhere: BTreeSet<_> = day.locked.iter().map(|placement| placement.visit).collect();
    let locked: BTreeSet<_> = change.locked.iter().chain(&elsewhere).copied().collect();
    let done: BTreeSet<_> = change.done.iter().copied().collect();
    let is_away = |placement: &Placement| change.without.contains(&placement.worker);

    let mut planning = Planning::new(&problem);
    for placement in &existing {
        let is_under_way = placement.start < change.from && !is_away(placement);
        if done.contains(&placement.visit) || is_under_way {
            planning.fix(*placement, Decision::Kept(*placement));
        } else if locked.contains(&placement.visit)
            && !elsewhere.contains(&placement.visit)
            && !is_away(placement)
        {
            planning.fix(*placement, Decision::Locked(*placement));
        }
    }
    let present: Vec<_> = day.locked.iter().copied().filter(|placement| !is_away(placement)).collect();
    planning.lock(&present);
    planning.keep(&existing, &locked);
    planning.place();
    let plan = planning.finish();
    let moved = moved(&problem, &existing, &plan, &is_away, (&locked, &elsewhere));
    Replan { plan, moved }
}

impl Planning<'_> {
    /// Leaves where it is what can stay there, in time order. What is locked takes time, but no capacity: somebody gave it
    /// to that worker knowing what the worker had, and no other visit is to lose its place for it.
    fn keep(&mut self, existing: &[Placement], locked: &BTreeSet<VisitId>) {
        let minutes = |route: &Route| {
            let counted = route.stops().iter().filter(|stop| !locked.contains(&stop.visit));
            counted.map(|stop| stop.span.whole_minutes().0).sum()
        };
        let mut taken: Vec<i32> = self.routes.iter().map(minutes).collect();
        let mut existing = existing.to_vec();
        existing.sort_by_key(|placement| (placement.start, *placement));
        for placement in existing {
            let worker = self.problem.person(placement.worker);
            let visit = self.problem.visit(placement.visit).filter(|visit| self.worker_of[*visit].is_none());
            let (Some(visit), Some(worker)) = (visit, worker) else { continue };
            let (request, person) = (&self.problem.visits[visit], &self.problem.people[worker]);
            let left = Minutes(person.row.capacity.0.saturating_sub(taken[worker]));
            if fits_at(self.problem, request, person, (&self.routes[worker], left), placement.start) {
                self.fix(placement, Decision::Kept(placement));
                taken[worker] += request.length.0;
            }
        }
    }
}

fn moved(
    problem: &Problem<'_>,
    existing: &[Placement],
    plan: &RoundsPlan,
    is_away: &impl Fn(&Placement) -> bool,
    (locked, elsewhere): (&BTreeSet<VisitId>, &BTreeSet<VisitId>),
) -> Vec<Moved> {
    let before: BTreeMap<_, _> = existing.iter().map(|placement| (placement.visit, *placement)).collect();
    let due = problem.visits.iter().map(|visit| visit.row.id);
    let visits: BTreeSet<_> = due.chain(before.keys().copied()).collect();
    let moved = visits.into_iter().filter_map(|visit| {
        let before = before.get(&visit).copied();
        let after = plan.assignment(visit).map(super::Assignment::placement);
        let reason = match before {
            None => MoveReason::New,
            Some(_) if problem.visit(visit).is_none() => MoveReason::NoLongerDue,
            Some(placement) if is_away(&placement) => MoveReason::WorkerAway,
            Some(_) if elsewhere.contains(&visit) => MoveReason::Locked,
            Some(_) => MoveReason::NoLongerFits,
        };
        let was_locked = before.is_some() && locked.contains(&visit);
        (before != after).then_some(Moved { visit, reason, before, after, was_locked })
    });
    moved.collect()
}
