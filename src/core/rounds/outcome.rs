//! What comes of planning a day: who goes where, what is left, and all that was looked at on the way.

use super::Placement;
use super::exception::Exception;
use super::judge::Considered;
use crate::ids::{AreaId, ClientId, StaffId, VisitId};
use crate::time::interval::{Instant, Minutes, Span};

/// A visit of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Which visit.
    pub visit: VisitId,
    /// Whom.
    pub client: ClientId,
    /// Where.
    pub area: Option<AreaId>,
    /// Who goes.
    pub worker: StaffId,
    /// From when to when.
    pub during: Span,
    /// The way there, from the visit before or from the home area.
    pub way: Minutes,
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
    /// To nobody.
    Unplaced,
}

/// All that was looked at for a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitTrace {
    /// Which visit.
    pub visit: VisitId,
    /// Every worker considered: first those of the area by id, then, if none of them could, those of its neighbors.
    pub considered: Vec<Considered>,
    /// What followed.
    pub decision: Decision,
}

/// What a worker has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerLoad {
    /// Who.
    pub worker: StaffId,
    /// Number of visits.
    pub visits: usize,
    /// Their minutes.
    pub load: Minutes,
    /// Most minutes of visits.
    pub capacity: Minutes,
    /// Minutes of all ways.
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

/// A visit moved by smoothing.
///
/// Within an area, smoothing concerns the workers at home there who are on duty and not left out of it; the mean load is
/// theirs. Their visits in the area are looked at once, the shortest first (then by client and visit). One whose worker
/// has more than the mean + 15 % goes to the worker with the least load (then the lowest id) below the mean − 15 % who
/// can take it, if that one then has less than the other had: so every move makes the loads more even. Locked visits stay, and
/// so does one that has the worker of last time, where the area weighs continuity: a face that is known matters more than
/// an even day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmoothingMove {
    /// Which visit.
    pub visit: VisitId,
    /// Who had it.
    pub from: StaffId,
    /// When it would have started.
    pub from_start: Instant,
    /// What that worker had to do.
    pub from_load: Minutes,
    /// Who has it now.
    pub to: StaffId,
    /// When it starts now.
    pub to_start: Instant,
    /// What this worker had to do before.
    pub to_load: Minutes,
    /// The mean load of the area's workers, rounded.
    pub mean_load: Minutes,
}
