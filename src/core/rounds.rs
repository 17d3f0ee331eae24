//! Rounds: which field worker visits which client on a day, and why. No optimizer, on purpose: fixed steps that people
//! can follow, argue with and edit. Nothing here may depend on the order of its input, on hashes or on chance.
//!
//! [`due`] says which clients are visited; [`plan`] gives the visits to workers, in these steps:
//!
//! 1. Locked visits stay as they are.
//! 2. Area by area (by id), its visits in order: redo first, walk-in last, then by start of the access window (clients whom
//!    any time suits last), by usual order, by client. Each goes to the worker **of the area** with the lowest cost, at
//!    the worker's earliest free time inside an access window, travel to the visit and on to the next included. A placed
//!    visit isn't shifted.
//! 3. A visit that nobody of the area could take is offered to the workers of its neighbors, where the area
//!    [takes help](Area::takes_help). So no area loses its workers to another before its own clients are served, and
//!    the number of workers considered for a visit doesn't grow with the number of areas.
//! 4. Smoothing, area by area: see [`SmoothingMove`].
//! 5. A visit without a place becomes an [`Exception`].
//!
//! A worker's load is the minutes of the visits. Travel takes time, but no capacity.

mod broken;
mod client;
mod decided;
mod documents;
mod exception;
mod explain;
mod fewest;
mod fingerprint;
mod judge;
mod map;
mod outcome;
mod planning;
mod problem;
mod promotion;
mod push;
mod record;
mod replan;
mod resolution;
mod route;
mod smoothing;

pub use broken::{Broken, Held, broken, broken_in_record};
pub use client::{
    Client, ClientEvent, ClientEventKind, Due, DueList, LastVisit, Noted, Renewal, Subscription, due,
    is_skipped, renewal, requested_too_late, worked_minutes,
};
pub use decided::{Decided, RoundsLock, idle_locks, plan_day, replan_day};
pub use documents::{ConsideredDocument, ExceptionContext};
pub use exception::{Exception, ExceptionKind, NearbyRoom};
pub use explain::{WorkerNames, explain};
pub use fingerprint::{fingerprint, visits_hash};
pub use judge::{Considered, Cost, EXPERIENCE_ENOUGH, Judgment, PassedOver};
pub use outcome::{
    Assignment, Decision, DecisionKind, RoundsPlan, SmoothingMove, VisitTrace, WorkerLoad, loads,
};
pub use promotion::Promotion;
pub use record::{VisitNotes, VisitOutcome, VisitRecord, WantedVisit};
pub use replan::{Change, Changes, MoveReason, Moved, Replan, replan};
pub use resolution::{
    ENABLED_STAFF, ExceptionState, OPEN_EXCEPTIONS, Refusal, RefusalClass, Resolution, ResolutionArguments,
    Resolve, Substitute,
};

use crate::words;
use planning::Planning;
use problem::{Problem, Rest};

use crate::ids::{AreaId, ClientId, StaffId, VisitId};
use crate::time::interval::{Instant, Minutes, Span, TIME, subtract, union};

/// Most visits of a day that a caller should plan, which takes less than a second.
pub const MAX_VISITS: usize = 50_000;

/// Cost of a worker for a visit: points of each term. The lowest sum wins. Never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CostWeights {
    /// For each minute of remaining capacity that the worker has less than the one who has most.
    pub remaining_capacity: i32,
    /// For each minute of travel to the client.
    pub travel: i32,
    /// If somebody else came last time.
    pub continuity: i32,
    /// For each visit to this client that the worker lacks to [`EXPERIENCE_ENOUGH`].
    pub experience: i32,
    /// For each minute that the visit would start earlier or later in the day than last time.
    pub punctuality: i32,
}

impl CostWeights {
    /// Most remaining capacity wins, but for a familiar face.
    pub const DEFAULT: Self =
        Self { remaining_capacity: 1, travel: 0, continuity: 30, experience: 0, punctuality: 0 };

    /// Whether the cost depends on earlier visits.
    #[must_use]
    pub const fn needs_history(&self) -> bool {
        self.continuity > 0 || self.experience > 0 || self.punctuality > 0
    }
}

/// `clinic.areas`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// Its id.
    pub id: AreaId,
    /// Its name.
    pub name: String,
    /// Whether those who only walk can work here.
    pub is_walkable: bool,
    /// Travel from one client to the next inside.
    pub travel: Minutes,
    /// The areas beside it. It is enough if one of two lists the other.
    pub neighbors: Vec<Neighbor>,
    /// By how much a visit may begin later than planned before planning anew moves it.
    pub tolerance: Minutes,
    /// Smoothing takes from workers whose load is more than this above the area's mean.
    pub smoothing_percent: i32,
    /// Smoothing makes no move that costs more points; `None` = any.
    pub smoothing_max_cost: Option<i32>,
    /// Whether workers of its neighbors may take visits that its own can't.
    pub takes_help: bool,
    /// Weights of the terms by which a worker is chosen.
    pub weights: CostWeights,
}

/// An area beside another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbor {
    /// The other area.
    pub area: AreaId,
    /// Travel to it.
    pub travel: Minutes,
}

/// `clinic.staff` as a field worker, on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// The staff's id.
    pub id: StaffId,
    /// The area in which the day begins, and whose clients come first.
    pub home_area: AreaId,
    /// When the worker can visit; none = not today.
    pub on_duty: Vec<Span>,
    /// Most minutes of visits that day.
    pub capacity: Minutes,
    /// The worker's skills.
    pub skills: Vec<String>,
    /// Whether the worker works in walkable areas only.
    pub is_walk_only: bool,
    /// Whether smoothing may take from and give to this worker.
    pub is_smoothed: bool,
}

/// Whether workers may enter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nobody needs to approve.
    Open,
    /// Somebody needs to approve and hasn't: nobody is sent.
    NotApproved,
    /// Approved by this person.
    ApprovedBy(String),
}

impl Access {
    /// The access of a client by the columns of the table.
    #[must_use]
    pub fn of(needs_approval: bool, approved_by: Option<String>) -> Self {
        match (needs_approval, approved_by) {
            (false, _) => Self::Open,
            (true, None) => Self::NotApproved,
            (true, Some(person)) => Self::ApprovedBy(person),
        }
    }
}

/// When a worker is on duty on a day: as available, else all day long, but for time off.
#[must_use]
pub fn on_duty(day: Option<Span>, available: Option<&[Span]>, time_off: &[Span]) -> Vec<Span> {
    let available = available.unwrap_or(day.as_slice());
    let today: Vec<_> = available.iter().filter_map(|span| span.intersection(day?)).collect();
    subtract(&today, &union(time_off.to_vec()))
}

words! {
    /// `clinic.visit_trace.kind`: why a client is visited, in the order in which visits of an area are placed.
    pub enum VisitKind {
        /// To do again what went wrong.
        Redo = "redo",
        /// By subscription.
        Scheduled = "scheduled",
        /// Requested for that day; those who were promised a visit come first.
        WalkIn = "walk_in",
    }
}

/// `clinic.visits`: one client to be visited on the day, with the client's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitRequest {
    /// The visit's id.
    pub id: VisitId,
    /// The client.
    pub client: ClientId,
    /// The client's area; a client in no area gets no worker.
    pub area: Option<AreaId>,
    /// Why the client is visited.
    pub kind: VisitKind,
    /// Length. Less than a minute counts as one.
    pub duration: Minutes,
    /// Skills that the worker must have, all of them.
    pub skills: Vec<String>,
    /// How important the client is; goes with an exception.
    pub tier: i32,
    /// Whether workers may enter.
    pub access: Access,
    /// When the visit may take place: the whole of it in one of them.
    pub windows: Vec<Span>,
    /// The client's place in the usual order of the round.
    pub usual_order: i32,
    /// The worker of last time.
    pub last_worker: Option<StaffId>,
    /// When it would start at the time of day of last time.
    pub usual_start: Option<Instant>,
    /// Visits by worker.
    pub experience: Vec<Experience>,
}

/// How often a worker visited a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Experience {
    /// The worker.
    pub worker: StaffId,
    /// Number of visits.
    pub visits: i32,
}

/// All input of a plan of one day, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// The areas.
    pub areas: Vec<Area>,
    /// The workers, also those who aren't on duty.
    pub workers: Vec<Worker>,
    /// The visits that are due.
    pub visits: Vec<VisitRequest>,
    /// Visits that somebody fixed. They stay even where they break a rule.
    pub locked: Vec<Placement>,
}

/// The windows of a client whom any time suits.
pub const ANY_TIME: Span = Span { start: TIME.start, end: TIME.end };

/// A visit given to a worker at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placement {
    /// The visit.
    pub visit: VisitId,
    /// The worker.
    pub worker: StaffId,
    /// When the visit starts.
    pub start: Instant,
}

/// Makes the rounds of a day. Equal days, in whatever order their rows are, give equal plans. Calls
/// `checkpoint` for every visit; it may unwind.
#[must_use]
pub fn plan(day: &Day, checkpoint: &mut dyn FnMut()) -> RoundsPlan {
    let problem = Problem::new(day, Rest::default());
    let mut planning = Planning::new(&problem, checkpoint);
    planning.lock(&day.locked);
    planning.place();
    planning.smooth();
    planning.finish()
}
