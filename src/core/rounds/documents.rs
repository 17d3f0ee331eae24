//! JSON that is stored with plans of rounds, as serde structs: the trace, the context of exceptions.

use serde::{Deserialize, Serialize};

use super::exception::{Exception, ExceptionKind, NearbyRoom};
use super::judge::{Considered, Cost, Judgment, PassedOver};
use super::outcome::{Decision, VisitTrace};
use crate::by_name;
use crate::ids::{AreaId, ClientId, StaffId, VisitId};
use crate::time::interval::{Instant, Minutes};
use crate::time::rfc3339;

/// An element of `clinic.visit_trace.considered`: a worker considered for a visit, either passed over or with travel and
/// cost. The start of the one who was chosen is a column beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsideredDocument {
    staff_id: i64,
    remaining_minutes: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule_kind: Option<PassedOver>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "rfc3339::optional_instant")]
    starts_at: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    travel_minutes: Option<i32>,
    #[serde(default, skip_serializing_if = "CostDocument::is_nothing", deserialize_with = "by_name::one")]
    cost: CostDocument,
}

/// Points by term; those of 0 are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct CostDocument {
    #[serde(skip_serializing_if = "is_zero")]
    remaining_capacity: i64,
    #[serde(skip_serializing_if = "is_zero")]
    travel: i64,
    #[serde(skip_serializing_if = "is_zero")]
    continuity: i64,
    #[serde(skip_serializing_if = "is_zero")]
    experience: i64,
    #[serde(skip_serializing_if = "is_zero")]
    punctuality: i64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(points: &i64) -> bool {
    *points == 0
}

impl CostDocument {
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl Decision {
    fn start_of_chosen(self, worker: StaffId) -> Option<Instant> {
        match self {
            Self::Chosen(placement) if placement.worker == worker => Some(placement.start),
            _ => None,
        }
    }
}

impl VisitTrace {
    /// The workers considered, as they are stored.
    #[must_use]
    pub fn documents(&self) -> Vec<ConsideredDocument> {
        let document = |row: &Considered| {
            let blank = ConsideredDocument {
                staff_id: row.worker.0,
                remaining_minutes: row.remaining.0,
                rule_kind: None,
                starts_at: None,
                travel_minutes: None,
                cost: CostDocument::default(),
            };
            match row.judgment {
                Judgment::PassedOver(rule) => ConsideredDocument { rule_kind: Some(rule), ..blank },
                Judgment::Possible { start, travel, cost } => {
                    let Cost { remaining_capacity, travel: points, continuity, experience, punctuality } =
                        cost;
                    let is_chosen = self.decision.start_of_chosen(row.worker) == Some(start);
                    ConsideredDocument {
                        starts_at: (!is_chosen).then_some(start),
                        travel_minutes: Some(travel.0),
                        cost: CostDocument {
                            remaining_capacity,
                            travel: points,
                            continuity,
                            experience,
                            punctuality,
                        },
                        ..blank
                    }
                }
            }
        };
        self.considered.iter().map(document).collect()
    }

    /// The trace of stored documents.
    ///
    /// # Errors
    /// The first document that is incomplete.
    pub fn of_documents(
        visit: VisitId,
        decision: Decision,
        documents: Vec<ConsideredDocument>,
    ) -> Result<Self, String> {
        let considered = documents.into_iter().map(|document| {
            let worker = StaffId(document.staff_id);
            let judgment = match (document.rule_kind, document.travel_minutes) {
                (Some(rule), None) => Judgment::PassedOver(rule),
                (None, Some(travel)) => {
                    let start = document.starts_at.or_else(|| decision.start_of_chosen(worker));
                    let CostDocument {
                        remaining_capacity,
                        travel: points,
                        continuity,
                        experience,
                        punctuality,
                    } = document.cost;
                    Judgment::Possible {
                        start: start.ok_or_else(|| format!("worker {worker} has no starts_at"))?,
                        travel: Minutes(travel),
                        cost: Cost {
                            remaining_capacity,
                            travel: points,
                            continuity,
                            experience,
                            punctuality,
                        },
                    }
                }
                _ => return Err(format!("worker {worker} must have either rule_kind or travel_minutes")),
            };
            Ok(Considered { worker, remaining: Minutes(document.remaining_minutes), judgment })
        });
        Ok(Self { visit, considered: considered.collect::<Result<_, _>>()?, decision })
    }
}

/// `clinic.exceptions.context`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionContext {
    cause: ExceptionKind,
    tier: i32,
    area_id: Option<i64>,
    eligible_busy_staff_ids: Vec<i64>,
    #[serde(deserialize_with = "by_name::each")]
    nearby: Vec<NearbyDocument>,
    sentence: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NearbyDocument {
    area_id: i64,
    staff_ids: Vec<i64>,
    most_remaining_minutes: i32,
}

fn numbers(workers: &[StaffId]) -> Vec<i64> {
    workers.iter().map(|id| id.0).collect()
}

fn workers(numbers: Vec<i64>) -> Vec<StaffId> {
    numbers.into_iter().map(StaffId).collect()
}

impl Exception {
    /// The context, with a sentence for people.
    #[must_use]
    pub fn context(&self, sentence: String) -> ExceptionContext {
        let nearby = self.nearby.iter().map(|room| NearbyDocument {
            area_id: room.area.0,
            staff_ids: numbers(&room.workers),
            most_remaining_minutes: room.most_remaining.0,
        });
        ExceptionContext {
            cause: self.cause,
            tier: self.tier,
            area_id: self.area.map(|area| area.0),
            eligible_busy_staff_ids: numbers(&self.eligible_busy),
            nearby: nearby.collect(),
            sentence,
        }
    }

    /// The exception of a stored row.
    #[must_use]
    pub fn of_context(
        visit: VisitId,
        client: ClientId,
        kind: ExceptionKind,
        context: ExceptionContext,
    ) -> Self {
        let nearby = context.nearby.into_iter().map(|room| NearbyRoom {
            area: AreaId(room.area_id),
            workers: workers(room.staff_ids),
            most_remaining: Minutes(room.most_remaining_minutes),
        });
        Self {
            visit,
            client,
            area: context.area_id.map(AreaId),
            tier: context.tier,
            kind,
            cause: context.cause,
            eligible_busy: workers(context.eligible_busy_staff_ids),
            nearby: nearby.collect(),
        }
    }
}
