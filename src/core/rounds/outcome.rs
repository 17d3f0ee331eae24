//! The result of planning a day: who goes where, visits without a place, and the trace of the planning.

use super::exception::Exception;
use super::judge::Considered;
use super::{Placement, Worker};
use crate::ids::{AreaId, ClientId, StaffId, VisitId};
use crate::time::interval::{Instant, MICROS_PER_MINUTE, Minutes, Span};
use crate::words;

/// A visit of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The visit.
    pub visit: VisitId,
    /// The client.
    pub client: ClientId,
    /// The client's area.
    pub area: Option<AreaId>,
    /// The worker.
    pub worker: StaffId,
    /// From when to when.
    pub during: Span,
    /// Travel to the visit, from the one before or from the home area.
    pub travel: Minutes,
}

impl Assignment {
    /// As it can be locked, or given to [`super::replan()`].
    #[must_use]
    pub const fn placement(&self) -> Placement {
        Placement { visit: self.visit, worker: self.worker, start: self.during.start }
    }
}

/// How a visit came to its worker, before smoothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Somebody fixed it.
    Locked(Placement),
    /// It was done or under way, or could stay as it was when the day was planned anew.
    Kept(Placement),
    /// At the lowest cost of those considered.
    Chosen(Placement),
    /// Given to nobody.
    Unplaced,
}

words! {
    /// `clinic.visit_trace.decision`.
    pub enum DecisionKind {
        /// Somebody fixed it.
        Locked = "locked",
        /// It was as before.
        Kept = "kept",
        /// At the lowest cost.
        Chosen = "chosen",
        /// Without a place.
        Unplaced = "unplaced",
    }
}

impl Decision {
    /// The decision of a word and a place; `None` where one of them has no use for the other.
    #[must_use]
    pub const fn of(kind: DecisionKind, placement: Option<Placement>) -> Option<Self> {
        match (kind, placement) {
            (DecisionKind::Locked, Some(placement)) => Some(Self::Locked(placement)),
            (DecisionKind::Kept, Some(placement)) => Some(Self::Kept(placement)),
            (DecisionKind::Chosen, Some(placement)) => Some(Self::Chosen(placement)),
            (DecisionKind::Unplaced, None) => Some(Self::Unplaced),
            _ => None,
        }
    }

    /// The decision's word.
    #[must_use]
    pub const fn kind(self) -> DecisionKind {
        match self {
            Self::Locked(_) => DecisionKind::Locked,
            Self::Kept(_) => DecisionKind::Kept,
            Self::Chosen(_) => DecisionKind::Chosen,
            Self::Unplaced => DecisionKind::Unplaced,
        }
    }

    /// The place decided.
    #[must_use]
    pub const fn placement(self) -> Option<Placement> {
        match self {
            Self::Locked(placement) | Self::Kept(placement) | Self::Chosen(placement) => Some(placement),
            Self::Unplaced => None,
        }
    }
}

/// The trace of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitTrace {
    /// The visit.
    pub visit: VisitId,
    /// Every worker considered: first those of the area by id, then, if none of them could, those of its neighbors.
    pub considered: Vec<Considered>,
    /// The decision that followed.
    pub decision: Decision,
}

/// A worker's load of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerLoad {
    /// The worker.
    pub worker: StaffId,
    /// Number of visits.
    pub visits: usize,
    /// Their minutes.
    pub load: Minutes,
    /// Most minutes of visits.
    pub capacity: Minutes,
    /// Minutes of travel.
    pub travel: Minutes,
}

/// The rounds of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundsPlan {
    /// By visit.
    pub assignments: Vec<Assignment>,
    /// In the order in which they were found.
    pub exceptions: Vec<Exception>,
    /// By visit.
    pub trace: Vec<VisitTrace>,
    /// In the order in which they were made.
    pub moves: Vec<SmoothingMove>,
    /// By worker.
    pub loads: Vec<WorkerLoad>,
}

impl RoundsPlan {
    /// The assignment of a visit.
    #[must_use]
    pub fn assignment(&self, visit: VisitId) -> Option<&Assignment> {
        let found = self.assignments.binary_search_by_key(&visit, |assignment| assignment.visit);
        found.ok().map(|index| &self.assignments[index])
    }

    /// The trace of a visit.
    #[must_use]
    pub fn trace_of(&self, visit: VisitId) -> Option<&VisitTrace> {
        let found = self.trace.binary_search_by_key(&visit, |trace| trace.visit);
        found.ok().map(|index| &self.trace[index])
    }
}

/// Loads of workers, in their order, which is by id.
#[must_use]
pub fn loads(workers: &[Worker], assignments: &[Assignment]) -> Vec<WorkerLoad> {
    let none = |worker: &Worker| WorkerLoad {
        worker: worker.id,
        visits: 0,
        load: Minutes(0),
        capacity: worker.capacity,
        travel: Minutes(0),
    };
    let mut loads: Vec<WorkerLoad> = workers.iter().map(none).collect();
    for row in assignments {
        let Ok(index) = loads.binary_search_by_key(&row.worker, |load| load.worker) else { continue };
        let load = &mut loads[index];
        load.visits += 1;
        load.load.0 += (row.during.micros() / MICROS_PER_MINUTE) as i32;
        load.travel.0 += row.travel.0;
    }
    loads
}

/// A visit moved by smoothing.
///
/// Within an area, smoothing concerns the workers at home there who are on duty and not left out of it; the mean load is
/// theirs. Who has most, and more than the mean + [`smoothing_percent`](super::Area::smoothing_percent), gives a visit in the
/// area to the one with the least load who can take it, if that one then has less than the other had: so every move makes
/// the loads more even. Of the visits it is the one that costs least by the area's weights (capacity apart, against
/// leaving it), then the shortest, then by client and visit. That goes on until nobody is above, or no move is left.
/// Locked visits stay, and those to redo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmoothingMove {
    /// The visit.
    pub visit: VisitId,
    /// The worker before the move.
    pub old_worker: StaffId,
    /// Start before the move.
    pub old_start: Instant,
    /// Load of the old worker before the move.
    pub old_load: Minutes,
    /// The worker after the move.
    pub new_worker: StaffId,
    /// Start after the move.
    pub new_start: Instant,
    /// Load of the new worker before the move.
    pub new_load: Minutes,
    /// The mean load of the area's workers, rounded.
    pub mean_load: Minutes,
}
