//! Plans beside each other: the shifts that two staff differently, and the assignments that a lock fixes.

use std::collections::BTreeMap;

use crate::ids::{ShiftId, StaffId};
use crate::plans::LockAction;
use crate::roster::catalog::RuleKind;
use crate::roster::instance::Pair;
use crate::roster::problem::Problem;

/// A shift that two plans staff differently: one person less, one more, or one in place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The shift.
    pub shift: ShiftId,
    /// The person who has it only in the first plan.
    pub before: Option<StaffId>,
    /// The person who has it only in the second.
    pub after: Option<StaffId>,
}

/// The differences between two plans, by shift. People who have the shift in both are left out, and the others
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

/// The people in `these` and not in `those`, by id.
fn only(these: &[StaffId], those: &[StaffId]) -> Vec<StaffId> {
    let mut only: Vec<_> = these.iter().filter(|staff| !those.contains(staff)).copied().collect();
    only.sort_unstable();
    only
}

/// The cost of a rule in two plans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostChange {
    /// The kind.
    pub kind: RuleKind,
    /// The kind of shift it is narrowed to; empty = all.
    pub shift_kind: String,
    /// The cost in the first plan.
    pub old: i64,
    /// The cost in the second.
    pub new: i64,
}

/// The rules that cost differently in two plans, in the catalog's order. Each plan's costs are by kind and kind of shift.
#[must_use]
pub fn compare_costs(
    old: Vec<(RuleKind, String, i64)>,
    new: Vec<(RuleKind, String, i64)>,
) -> Vec<CostChange> {
    let mut costs: BTreeMap<(RuleKind, String), (i64, i64)> = BTreeMap::new();
    for (kind, shift_kind, cost) in old {
        costs.entry((kind, shift_kind)).or_default().0 = cost;
    }
    for (kind, shift_kind, cost) in new {
        costs.entry((kind, shift_kind)).or_default().1 = cost;
    }
    let changed = costs.into_iter().filter(|(_, (old, new))| old != new);
    changed.map(|((kind, shift_kind), (old, new))| CostChange { kind, shift_kind, old, new }).collect()
}

/// Says of a pair whether it is assigned. `assigned` must be sorted by shift, then by person.
pub fn works<'a>(problem: &'a Problem, assigned: &'a [(StaffId, ShiftId)]) -> impl Fn(&Pair) -> bool + 'a {
    move |pair| {
        let ids = (problem.shifts[pair.shift].id, problem.staff[pair.staff].id);
        assigned.binary_search_by_key(&ids, |&(staff, shift)| (shift, staff)).is_ok()
    }
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
