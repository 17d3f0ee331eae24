//! Rounds: which field worker visits which client on a day, and why. No optimizer, on purpose: fixed steps that people
//! can follow, argue with and edit. Nothing here may depend on the order of its input, on hashes or on chance.
//!
//! [`due`] says who is visited; [`plan`] gives the visits to workers, in these steps:
//!
//! 1. Locked visits stand as they are.
//! 2. Area by area (by id), its visits in order: redo first, walk-in last, then by start of the access window (clients whom
//!    any time suits last), by usual order, by client. Each goes to the worker **of the area** with the lowest cost, at
//!    the worker's earliest free time inside an access window, the way there and the way on included. What has been
//!    placed isn't shifted.
//! 3. What nobody of the area could take is offered to the workers of its neighbors, where the area
//!    [takes help](Area::takes_help). So no area loses its workers to another before its own clients are served, and
//!    the number of workers considered for a visit doesn't grow with the number of areas.
//! 4. Smoothing, area by area: see [`SmoothingMove`].
//! 5. What is left becomes an [`Exception`].
//!
//! A worker's load is the minutes of the visits. Ways take time, but no capacity.

mod broken;
mod client;
mod exception;
mod explain;
mod fingerprint;
mod judge;
mod map;
mod outcome;
mod planning;
mod problem;
mod replan;
mod route;
mod smoothing;

pub use broken::{Broken, Held, broken};
pub use client::{
    Client, ClientEvent, ClientEventKind, Due, DueList, Noted, Renewal, Subscription, asked_too_late, due,
    is_skipped, renewal, worked_minutes,
};
pub use exception::{Exception, ExceptionKind, NearbyRoom};
pub use explain::explain;
pub use fingerprint::{fingerprint, visits_hash};
pub use judge::{Considered, Cost, EXPERIENCE_ENOUGH, Judgment, PassedOver};
pub use outcome::{Assignment, Decision, RoundsPlan, SmoothingMove, VisitTrace, WorkerLoad};
pub use replan::{Change, MoveReason, Moved, Replan, replan};
pub use smoothing::SMOOTHING_PERCENT;

use crate::words;
use planning::Planning;
use problem::{Problem, Rest};

use crate::ids::{AreaId, ClientId, StaffId, VisitId};
use crate::time::interval::{Instant, Minutes, Span, TIME};

/// Most visits of a day that a caller should ask for; a plan of so many takes less than a second.
pub const MAX_VISITS: usize = 50_000;

/// What a worker costs for a visit: how many points each term counts. The lowest sum wins. Never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CostWeights {
    /// For each minute of remaining capacity that the worker has less than the one who has most.
    pub remaining_capacity: i32,
    /// For each minute of the way to the client.
    pub travel: i32,
    /// If somebody else came last time.
    pub continuity: i32,
    /// For each visit to this client that the worker lacks to [`EXPERIENCE_ENOUGH`].
    pub experience: i32,
}

impl CostWeights {
    /// Most remaining capacity wins, nothing else counts.
    pub const DEFAULT: Self = Self { remaining_capacity: 1, travel: 0, continuity: 0, experience: 0 };
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
    /// The way from one client to the next inside.
    pub travel: Minutes,
    /// The areas beside it. It is enough if one of two lists the other.
    pub neighbors: Vec<Neighbor>,
    /// Whether workers of its neighbors may take what its own can't.
    pub takes_help: bool,
    /// What counts when a visit is given to a worker.
    pub weights: CostWeights,
}

/// An area beside another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbor {
    /// Which.
    pub area: AreaId,
    /// The way there.
    pub travel: Minutes,
}

/// `clinic.staff` as a field worker, on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// The staff's id.
    pub id: StaffId,
    /// Where the day begins, and whose clients come first.
    pub home_area: AreaId,
    /// When the worker can visit; none = not today.
    pub on_duty: Vec<Span>,
    /// Most minutes of visits that day.
    pub capacity: Minutes,
    /// What the worker can do.
    pub skills: Vec<String>,
    /// Works in walkable areas only.
    pub is_walk_only: bool,
    /// Whether smoothing may take from and give to this worker.
    pub is_smoothed: bool,
}

/// Whether workers are let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nobody needs to approve.
    Open,
    /// Somebody needs to approve and hasn't: nobody is sent.
    NotApproved,
    /// Approved by this person.
    ApprovedBy(String),
}

words! {
    /// Why a client is visited. In the order in which visits of an area are placed.
    pub enum VisitKind {
        /// To do again what went wrong.
        Redo = "redo",
        /// By subscription.
        Scheduled = "scheduled",
        /// Asked for that day; those who were promised a visit come first.
        WalkIn = "walk_in",
    }
}

/// `clinic.visits`: one client to be visited on the day, with what is known of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitRequest {
    /// The visit's id.
    pub id: VisitId,
    /// Whom.
    pub client: ClientId,
    /// Where; a client in no area gets no worker.
    pub area: Option<AreaId>,
    /// Why.
    pub kind: VisitKind,
    /// How long. Less than a minute counts as one.
    pub duration: Minutes,
    /// Skills that the worker must have, all of them.
    pub skills: Vec<String>,
    /// How important the client is; told with an exception.
    pub tier: i32,
    /// Whether workers are let in.
    pub access: Access,
    /// When the visit may take place: the whole of it in one of them.
    pub windows: Vec<Span>,
    /// The client's place in the usual order of the round.
    pub usual_order: i32,
    /// Who came last time.
    pub last_worker: Option<StaffId>,
    /// Who was there how often.
    pub experience: Vec<Experience>,
}

/// How often a worker visited a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Experience {
    /// Who.
    pub worker: StaffId,
    /// How often.
    pub visits: i32,
}

/// Everything a plan of one day is made from, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// The areas.
    pub areas: Vec<Area>,
    /// The workers, also those who aren't on duty.
    pub workers: Vec<Worker>,
    /// The visits that are due.
    pub visits: Vec<VisitRequest>,
    /// Visits that somebody fixed. They stand even where they break a rule.
    pub locked: Vec<Placement>,
}

/// The windows of a client whom any time suits.
pub const ANY_TIME: Span = Span { start: TIME.start, end: TIME.end };

/// A visit given to a worker at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placement {
    /// Which visit.
    pub visit: VisitId,
    /// Who goes.
    pub worker: StaffId,
    /// When the visit starts.
    pub start: Instant,
}

/// Makes the rounds of a day. Equal days, in whatever order they are told, give equal plans.
#[must_use]
pub fn plan(day: &Day) -> RoundsPlan {
    let problem = Problem::new(day, Rest::default());
    let mut planning = Planning::new(&problem);
    planning.lock(&day.locked);
    planning.place();
    planning.smooth();
    planning.finish()
}
