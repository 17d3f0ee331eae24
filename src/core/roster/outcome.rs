//! The outcome of solving a roster: a roster, or the reason why there is none.

use crate::words;
use std::error::Error;
use std::fmt;
use std::ops::ControlFlow;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::{ShiftId, StaffId};
use crate::milp::{Progress, SolverError};
use crate::roster::catalog::RuleKind;
use crate::roster::expand::Stopped;
use crate::roster::instance::{Expansion, Pair};
use crate::roster::judge::Judgment;

words! {
    /// How a solve ended.
    pub enum Status {
        /// The roster is proven to be a best one.
        Optimal = "OPTIMAL",
        /// The roster obeys all hard rules; a limit was reached before it was proven to be a best one.
        Feasible = "FEASIBLE",
        /// No roster obeys all hard rules.
        Infeasible = "INFEASIBLE",
        /// A limit was reached before there was a roster.
        Unknown = "UNKNOWN",
    }
}

/// The answer.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// The assigned pairs, sorted; empty without a roster.
    pub assignments: Vec<Pair>,
    /// The judgment of the roster; `None` without one.
    pub judgment: Option<Judgment>,
    /// Points that no roster can be below, if anything is known.
    pub bound: Option<f64>,
    /// How far the objective may be from the best one, as a part of it; 0 when proven.
    pub gap: Option<f64>,
    /// Nodes of the search tree.
    pub nodes: i64,
    /// Why there is no roster; `None` also where time ran out before it was known.
    pub conflict: Option<Conflict>,
    /// All rules spelled out: what the judgment's and the conflict's instances are.
    pub expansion: Expansion,
}

/// Why there is no answer at all.
#[derive(Clone, Debug, PartialEq)]
pub enum SolveError {
    /// The caller broke off.
    Cancelled,
    /// The solver failed.
    Solver(SolverError),
    /// The solver's roster isn't what it says: a bug of ours.
    Disagreement {
        /// Points by the solver.
        solver: f64,
        /// Points by the judge.
        judge: i64,
        /// Hard instances that the roster breaks.
        broken: usize,
    },
}

impl fmt::Display for SolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled => f.write_str("the roster's solve was cancelled"),
            Self::Solver(error) => write!(f, "the roster's solve failed: {error}"),
            Self::Disagreement { solver, judge, broken } => write!(
                f,
                "the solver's roster costs {solver} points by the solver, {judge} by the judge, and breaks {broken} hard rules"
            ),
        }
    }
}

impl Error for SolveError {}

impl From<SolverError> for SolveError {
    fn from(error: SolverError) -> Self {
        match error {
            SolverError::Cancelled => Self::Cancelled,
            error => Self::Solver(error),
        }
    }
}

impl From<Stopped> for SolveError {
    fn from(_: Stopped) -> Self {
        Self::Cancelled
    }
}

/// Called with the progress of a solve, which it can break off.
pub type OnProgress<'a> = dyn FnMut(&Progress) -> ControlFlow<()> + 'a;

/// A set of rule instances that can't hold together: `clinic.plans.conflict`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conflict {
    /// In one sentence.
    pub summary: String,
    /// In detail: shifts, the people who can't work them and why, and the other rules.
    pub lines: Vec<String>,
    /// Changes that would each make a roster possible; each was tried.
    pub fixes: Vec<String>,
    /// The instances.
    pub members: Vec<ConflictMember>,
    /// Whether it is proven that none of the instances can be left out.
    pub is_minimal: bool,
}

/// An instance of a conflict, as ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConflictMember {
    /// Its index among the expansion's; not stored.
    #[serde(skip)]
    pub instance: usize,
    /// Which rule.
    pub rule_kind: RuleKind,
    /// The person it is about; `None` = everybody.
    pub staff_id: Option<StaffId>,
    /// Which shift it is about, if one.
    pub shift_id: Option<ShiftId>,
    /// The first date it is about.
    pub from_date: NaiveDate,
    /// The last date.
    pub to_date: NaiveDate,
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::{Conflict, ConflictMember};
    use crate::ids::StaffId;
    use crate::roster::catalog::RuleKind;

    #[test]
    fn a_conflict_is_read_as_it_is_written() {
        let date = |day| NaiveDate::from_ymd_opt(2026, 4, day).unwrap();
        let conflict = Conflict {
            summary: "These rules can't hold together: max_shifts.".to_owned(),
            lines: Vec::new(),
            fixes: vec!["loosen max_shifts for Ana (staff 7)".to_owned()],
            members: vec![ConflictMember {
                instance: 0,
                rule_kind: RuleKind::MaxShifts,
                staff_id: Some(StaffId(7)),
                shift_id: None,
                from_date: date(13),
                to_date: date(19),
            }],
            is_minimal: true,
        };
        let json = serde_json::to_value(&conflict).unwrap();
        let expected = serde_json::json!({
            "rule_kind": "max_shifts", "staff_id": 7, "shift_id": null, "from_date": "2026-04-13", "to_date": "2026-04-19",
        });
        assert_eq!(json["members"], serde_json::json!([expected]));
        assert_eq!(serde_json::from_value::<Conflict>(json).unwrap(), conflict);
    }
}
