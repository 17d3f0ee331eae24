//! Plans beside each other: what differs between two, and a fingerprint of what one was made from. Must never depend on
//! hash order or on the ids of rows that only copy others: equal input gives an equal fingerprint.

use std::collections::BTreeMap;

use crate::fingerprint::Fnv;
use crate::ids::{ShiftId, StaffId};
use crate::plans::LockAction;
use crate::roster::instance::Pair;
use crate::roster::problem::{Lock, Problem, Shift};

/// A shift that two plans staff differently: one person less, one more, or one in place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The shift.
    pub shift: ShiftId,
    /// Who has it only in the first plan.
    pub before: Option<StaffId>,
    /// Who has it only in the second.
    pub after: Option<StaffId>,
}

/// What differs between two plans, by shift. Of a shift with several people those who stay are left out, and the others
/// are paired by id.
#[must_use]
pub fn compare(a: &[(StaffId, ShiftId)], b: &[(StaffId, ShiftId)]) -> Vec<Change> {
    let mut shifts: BTreeMap<ShiftId, (Vec<StaffId>, Vec<StaffId>)> = BTreeMap::new();
    for &(staff, shift) in a {
        shifts.entry(shift).or_default().0.push(staff);
    }
    for &(staff, shift) in b {
        shifts.entry(shift).or_default().1.push(staff);
    }
    let mut changes = Vec::new();
    for (shift, (before, after)) in shifts {
        let (left, came) = (only(&before, &after), only(&after, &before));
        let rows = left.len().max(came.len());
        changes.extend((0..rows).map(|row| Change {
            shift,
            before: left.get(row).copied(),
            after: came.get(row).copied(),
        }));
    }
    changes
}

/// Who is in `these` and not in `those`, by id.
fn only(these: &[StaffId], those: &[StaffId]) -> Vec<StaffId> {
    let mut only: Vec<_> = these.iter().filter(|staff| !those.contains(staff)).copied().collect();
    only.sort_unstable();
    only
}

/// A fingerprint of all that a plan is made from: of its shifts, then, after a dot, of everything.
#[must_use]
pub fn fingerprint(problem: &Problem) -> String {
    let mut all = Fnv::new();
    all.add(&(problem.from, problem.to, problem.known_from, problem.known_to));
    all.add(&problem.staff);
    all.add(&problem.shifts);
    all.add(&(&problem.worked, &problem.reference, &problem.previous_matches));
    all.add(&(&problem.preferences, &problem.wishes));
    // A plan drafted from another has copies of its locks.
    let mut locks: Vec<_> = problem.locks.iter().map(what_it_locks).collect();
    locks.sort();
    all.add(&locks);
    all.add(&problem.rules);
    let of_dates = problem.shifts.iter().filter(|shift| problem.has(shift));
    format!("{}.{all}", shifts_fingerprint(of_dates))
}

/// A fingerprint of the shifts alone, which must be sorted by id: the part of [`fingerprint`] before the dot.
pub fn shifts_fingerprint<'a>(shifts: impl IntoIterator<Item = &'a Shift>) -> String {
    let mut fnv = Fnv::new();
    for shift in shifts {
        fnv.add(&(shift.id, &shift.kind, shift.provider, shift.during, shift.staff_needed));
        fnv.add(&shift.required_skills);
    }
    fnv.to_string()
}

/// Whether a lock of the problem fixes a pair of its roster.
#[must_use]
pub fn is_locked(problem: &Problem, pair: Pair) -> bool {
    let (staff, shift) = (problem.staff[pair.staff].id, &problem.shifts[pair.shift]);
    problem.locks.iter().any(|lock| {
        lock.action != LockAction::Forbid
            && lock.staff.is_none_or(|whom| whom == staff)
            && lock.shift.is_none_or(|which| which == shift.id)
            && lock.from.is_none_or(|first| first <= shift.date)
            && lock.to.is_none_or(|last| shift.date <= last)
    })
}

/// A lock without its id, as something that can be ordered.
fn what_it_locks(lock: &Lock) -> String {
    format!("{:?}", (lock.action, lock.staff, lock.shift, lock.from, lock.to))
}
