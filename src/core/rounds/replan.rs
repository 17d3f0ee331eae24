//! Planning the rest of a day anew: somebody falls ill, somebody walks in, somebody is late. A visit that is done, under way
//! or locked stays. Every other one keeps its worker and its place in the order: [`super::push`] moves it later where it
//! must. Only what then breaks is placed anew, by the same steps as ever but smoothing.

use crate::words;
use std::collections::{BTreeMap, BTreeSet};

use super::fewest::{Movable, fewest_changes};
use super::outcome::{Decision, DecisionKind, RoundsPlan};
use super::planning::Planning;
use super::problem::{Problem, Rest};
use super::{Day, Placement};
use crate::ids::{StaffId, VisitId};
use crate::time::interval::{Instant, MICROS_PER_MINUTE};

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
        /// It begins later, with the same worker: the visits before it take longer.
        Pushed = "pushed",
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
    /// How much that is.
    pub changes: Changes,
}

/// How much changes when a day is planned anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Visits that had a place and have another: another start or another worker.
    pub visits: usize,
    /// By how many minutes they begin earlier or later, all together.
    pub minutes: i64,
    /// Visits that have another worker.
    pub workers: usize,
    /// No plan that places the same visits gives fewer to another worker. More may be needed: it knows minutes and
    /// skills, but no windows and no travel.
    pub fewest_workers: usize,
}

impl Changes {
    /// In words: `3 moved by 45 min in all, 2 to another worker: the fewest`; none where nothing moved.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let Self { visits, minutes, workers, fewest_workers } = *self;
        let how_good = match workers.saturating_sub(fewest_workers) {
            _ if workers == 0 => String::new(),
            0 => ": the fewest".to_owned(),
            more => format!(": at most {more} more than needed"),
        };
        (visits > 0)
            .then(|| format!("{visits} moved by {minutes} min in all, {workers} to another worker{how_good}"))
    }
}

/// Plans the rest of the day anew. `day` is the day as it is known now, its visits that are done included; `existing`
/// the plan that is worked; a visit of `day.locked` goes where that says, though it was elsewhere. No visit that can stay is
/// moved to make room for a new one. One that should have begun stays with its worker, and the visits after it are pushed.
/// Calls `checkpoint` for every visit; it may unwind.
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
    let taken = planning.counted_minutes(&locked);
    let movable: Vec<_> = existing.iter().filter(|row| planning.is_open(row.visit)).copied().collect();
    planning.push(&movable, change.from, &locked);
    planning.place();
    let plan = planning.finish();
    let reason = |placement: &Placement| match placement.visit {
        visit if problem.visit(visit).is_none() => MoveReason::NoLongerDue,
        _ if is_away(placement) => MoveReason::WorkerAway,
        visit if elsewhere.contains(&visit) => MoveReason::Locked,
        _ if is_late(placement) => MoveReason::NotBegun,
        visit if is_kept(&plan, visit) => MoveReason::Pushed,
        _ => MoveReason::NoLongerFits,
    };
    let moved = moved(&problem, &existing, &plan, &reason, &locked);
    let mut changes = changes(&moved);
    if changes.workers > 0 {
        let movable = Movable { placements: &movable, locked: &locked, taken: &taken };
        let given = moved.iter().filter(|row| row.reason == MoveReason::Locked && has_other_worker(row));
        changes.fewest_workers = given.count() + fewest_changes(&problem, &movable, &plan);
    }
    Replan { plan, moved, changes }
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

fn is_kept(plan: &RoundsPlan, visit: VisitId) -> bool {
    plan.trace_of(visit).is_some_and(|trace| trace.decision.kind() == DecisionKind::Kept)
}

fn has_other_worker(moved: &Moved) -> bool {
    moved.before.zip(moved.after).is_some_and(|(before, after)| before.worker != after.worker)
}

fn changes(moved: &[Moved]) -> Changes {
    let mut changes = Changes::default();
    for (before, after) in moved.iter().filter_map(|row| row.before.zip(row.after)) {
        changes.visits += 1;
        changes.minutes += after.start.micros_since(before.start).abs() / MICROS_PER_MINUTE;
        changes.workers += usize::from(before.worker != after.worker);
    }
    changes
}
