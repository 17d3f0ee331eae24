//! People's decisions about a day, and how a plan keeps to them: locks, visits that resolve_exception() gave to somebody,
//! visits that have begun.
//!
//! A lock that assigns a visit goes before one that keeps it; both go before a decision of resolve_exception(). Any of them
//! holds although its worker is forbidden, ineligible or full. Only a worker whom the plan does without loses the visit.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::explain::WorkerNames;
use super::outcome::{Assignment, RoundsPlan};
use super::record::VisitRecord;
use super::replan::{Change, Replan, replan};
use super::{Day, Placement, plan};
use crate::ids::{StaffId, VisitId};
use crate::plans::LockAction;
use crate::time::interval::Instant;
use crate::time::zone::Zone;

/// A row of `clinic.locks` about visits or people. A field that is `None` matches all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundsLock {
    /// Its id.
    pub id: i64,
    /// Its effect.
    pub action: LockAction,
    /// For this worker.
    pub worker: Option<StaffId>,
    /// For this visit.
    pub visit: Option<VisitId>,
    /// Start of an assigned visit.
    pub start: Option<Instant>,
}

impl RoundsLock {
    /// The place of the visit that the lock assigns.
    fn assigns(&self) -> Option<Placement> {
        match (self.action, self.worker, self.visit, self.start) {
            (LockAction::Assign, Some(worker), Some(visit), Some(start)) => {
                Some(Placement { visit, worker, start })
            }
            _ => None,
        }
    }

    fn keeps(&self, placement: &Placement) -> bool {
        self.action == LockAction::Keep
            && self.worker.is_none_or(|worker| worker == placement.worker)
            && self.visit.is_none_or(|visit| visit == placement.visit)
    }

    fn forbids(&self, worker: StaffId) -> bool {
        self.action == LockAction::Forbid && self.worker == Some(worker)
    }
}

/// Facts about a day beside the rows that it is planned from.
#[derive(Clone, Copy, Debug)]
pub struct Decided<'a> {
    /// The clinic's zone.
    pub zone: &'a Zone,
    /// The date.
    pub date: NaiveDate,
    /// The plan's locks that hold on the date, by id.
    pub locks: &'a [RoundsLock],
    /// Places that the record has, by visit.
    pub record: &'a [Placement],
    /// Visits whose place in the record a person decided.
    pub visits: &'a BTreeSet<VisitId>,
    /// Notes of the day's visits.
    pub notes: &'a VisitRecord,
    /// Workers whom the plan does without.
    pub without: &'a [StaffId],
}

impl Decided<'_> {
    /// The places that locks fix: those that they assign, and of `existing` those that they keep.
    fn locked(&self, existing: &[Placement]) -> Vec<Placement> {
        let is_of_date = |placement: &Placement| self.zone.local_date(placement.start) == self.date;
        let assigned: Vec<_> = self.locks.iter().filter_map(RoundsLock::assigns).filter(is_of_date).collect();
        let is_kept = |placement: &&Placement| {
            is_of_date(placement)
                && self.locks.iter().any(|lock| lock.keeps(placement))
                && !is_among(&assigned, placement.visit)
        };
        let kept: Vec<_> = existing.iter().filter(is_kept).copied().collect();
        assigned.into_iter().chain(kept).collect()
    }

    /// A forbidden worker has no duty that day.
    fn forbid(&self, day: &mut Day) {
        for worker in &mut day.workers {
            if self.locks.iter().any(|lock| lock.forbids(worker.id)) {
                worker.on_duty.clear();
            }
        }
    }
}

fn is_among(placements: &[Placement], visit: VisitId) -> bool {
    placements.iter().any(|placement| placement.visit == visit)
}

/// Plans a day from scratch, decisions kept. Locks of kind keep hold on to the parent plan's places, else to the record's.
pub fn plan_day(
    day: &mut Day,
    decided: &Decided<'_>,
    parent: Option<&[Placement]>,
    checkpoint: &mut dyn FnMut(),
) -> RoundsPlan {
    let mut locked = decided.locked(parent.unwrap_or(decided.record));
    let is_given = |row: &&Placement| decided.visits.contains(&row.visit) && !is_among(&locked, row.visit);
    let given: Vec<_> = decided.record.iter().filter(is_given).copied().collect();
    locked.extend(given);
    locked.retain(|placement| !decided.without.contains(&placement.worker));
    decided.forbid(day);
    let mut record = decided.record.to_vec();
    decided.notes.take_worked_times(day, &mut record, None);
    keep_begun(day, decided.notes, &record, &mut locked);
    day.locked = locked;
    plan(day, checkpoint)
}

/// A visit that has begun stays where the record has it, and takes time and capacity; one that nobody has there isn't planned.
fn keep_begun(day: &mut Day, notes: &VisitRecord, record: &[Placement], locked: &mut Vec<Placement>) {
    let begun = notes.begun();
    let worked = record.iter().filter(|placement| begun.contains(&placement.visit));
    // The first row of a visit counts.
    let worked: BTreeMap<_, _> = worked.rev().map(|placement| (placement.visit, *placement)).collect();
    day.visits.retain(|visit| !begun.contains(&visit.id) || worked.contains_key(&visit.id));
    locked.retain(|placement| !begun.contains(&placement.visit));
    locked.extend(worked.values());
}

/// Plans the rest of a day anew, from `from` on. A visit that a lock puts elsewhere goes there; every other decided one stays.
pub fn replan_day(
    day: &mut Day,
    decided: &Decided<'_>,
    from: Instant,
    checkpoint: &mut dyn FnMut(),
) -> Replan {
    let mut fixed = decided.locked(decided.record);
    fixed.extend(decided.record.iter().filter(|placement| decided.visits.contains(&placement.visit)));
    decided.forbid(day);
    let mut existing = decided.record.to_vec();
    decided.notes.take_worked_times(day, &mut existing, Some(from));
    let places: BTreeSet<_> = existing.iter().copied().collect();
    let (here, elsewhere): (Vec<_>, Vec<_>) = fixed.into_iter().partition(|row| places.contains(row));
    day.locked = elsewhere;
    let locked: Vec<_> = here.iter().map(|placement| placement.visit).collect();
    let done: Vec<_> = decided.notes.begun().into_iter().collect();
    let change = Change { from, without: decided.without, locked: &locked, done: &done };
    replan(day, &existing, &change, checkpoint)
}

/// Locks that assign a visit in vain: each in a sentence.
#[must_use]
pub fn idle_locks(locks: &[RoundsLock], plan: &RoundsPlan, names: &WorkerNames<'_>) -> Vec<String> {
    let idle = locks.iter().filter_map(|lock| Some((lock.id, lock.assigns()?))).filter(|(_, placement)| {
        plan.assignment(placement.visit).map(Assignment::placement) != Some(*placement)
    });
    let text = idle.map(|(id, Placement { visit, worker, .. })| {
        format!(
            "lock {id} has no effect: visit {visit} isn't due, is done or has another lock, starts_at is on another date, \
             or {} is left out or no field worker",
            names.of(worker)
        )
    });
    text.collect()
}
