//! Words that plans of rosters and plans of rounds share.

use crate::words;

words! {
    /// `clinic.plans.kind`: the work that a plan distributes.
    pub enum PlanKind {
        /// Shifts.
        Roster = "roster",
        /// Visits.
        Rounds = "rounds",
    }
}

words! {
    /// `clinic.plans.status`: the result of solving a plan.
    pub enum PlanStatus {
        /// Not solved yet.
        Draft = "DRAFT",
        /// Has a roster or rounds; of a roster, no other has fewer points.
        Optimal = "OPTIMAL",
        /// Has a roster; a better one may exist.
        Feasible = "FEASIBLE",
        /// No roster obeys all hard rules.
        Infeasible = "INFEASIBLE",
        /// No roster was found within the limits.
        Unknown = "UNKNOWN",
    }
}

impl PlanStatus {
    /// Whether a plan of this status has assignments.
    #[must_use]
    pub const fn has_assignments(self) -> bool {
        matches!(self, Self::Optimal | Self::Feasible)
    }
}

words! {
    /// `clinic.locks.action`: the effect of a lock.
    pub enum LockAction {
        /// This person works this shift, or makes this visit.
        Assign = "assign",
        /// This person works none of the matching shifts, or makes none of the matching visits.
        Forbid = "forbid",
        /// Matching shifts or visits stay exactly as the reference has them.
        Keep = "keep",
    }
}
