//! A plan of rounds as it was stored, with the trace, read back as the core made it.

use chrono::{DateTime, SecondsFormat};
use pg_clinic_core::ids::{AreaId, ClientId, StaffId, VisitId};
use pg_clinic_core::rounds::{
    Assignment, Considered, Cost, Decision, Exception, ExceptionKind, Judgment, NearbyRoom, PassedOver,
    RoundsPlan, SmoothingMove, VisitKind, VisitRequest, VisitTrace, Worker, WorkerLoad,
};
use pg_clinic_core::time::interval::{Instant, MICROS_PER_MINUTE, Minutes, Span};
use pgrx::JsonB;
use serde_json::{Map, Value, json};

use super::{Asked, Loaded, Which, day, placement};
use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::spi::{Access, Row, Spi, date_param, param, statements};
use crate::pg::roster::load::{Plan, any_plan};
use pg_clinic_core::plans::PlanKind;

statements! {
    /// The trace of visits from $3 to $4, by visit.
    TRACE(INT8OID, INT8OID, INT8OID, INT8OID) =
        "select visit_id, kind, decision, staff_id, starts_at, considered::jsonb from clinic.visit_trace
         where clinic_id = $1 and plan_id = $2 and visit_id between $3 and $4 order by visit_id";
    /// Their assignments, by visit.
    ASSIGNMENTS(INT8OID, INT8OID, INT8OID, INT8OID) =
        "select visit_id, staff_id, lower(during), upper(during), travel_minutes from clinic.plan_assignments
         where clinic_id = $1 and plan_id = $2 and visit_id between $3 and $4 order by visit_id";
    /// Their moves by smoothing, in order.
    MOVES(INT8OID, INT8OID, INT8OID, INT8OID) =
        "select visit_id, from_staff_id, from_starts_at, from_load, to_staff_id, to_starts_at, to_load, mean_load
         from clinic.smoothing_moves
         where clinic_id = $1 and plan_id = $2 and visit_id between $3 and $4 order by number";
    /// Their exceptions, in order.
    EXCEPTIONS(INT8OID, INT8OID, INT8OID, INT8OID) =
        "select visit_id, client_id, kind, context from clinic.exceptions
         where clinic_id = $1 and plan_id = $2 and visit_id between $3 and $4 order by id";
    /// A client's visit of a date.
    VISIT(INT8OID, INT8OID, DATEOID) =
        "select id from clinic.visits where clinic_id = $1 and client_id = $2 and on_date = $3";
    /// The plan in force for a date: the one promoted last.
    PROMOTED(INT8OID, DATEOID) =
        "select id from clinic.plans
         where clinic_id = $1 and kind = 'rounds' and from_date = $2 and promoted_at is not null
         order by promoted_at desc, id desc limit 1";
}

/// A stored plan.
pub struct Stored {
    /// Its row.
    pub plan: Plan,
    /// Areas, workers and clients as they are now.
    pub loaded: Loaded,
    /// What was planned.
    pub rounds: RoundsPlan,
}

/// The plan of a date that was promoted last.
pub fn promoted_plan(spi: &Spi, clinic: i64, date: chrono::NaiveDate, access: Access) -> Result<Option<i64>> {
    spi.first(&PROMOTED, access, &[param(clinic), date_param(date)], |row| row.get(0))
}

/// Reads a plan of rounds.
pub fn rounds_plan(spi: &Spi, opened: &Opened, id: i64, access: Access) -> Result<Plan> {
    let plan = any_plan(spi, opened, id, access)?;
    match plan.kind {
        PlanKind::Rounds => Ok(plan),
        PlanKind::Roster => Err(ClinicError::new(SqlState::WrongState, format!("plan {id} has no rounds"))
            .detail("It is a plan of a roster.")
            .hint("select id, from_date from clinic.plans where kind = 'rounds' lists those that have.")),
    }
}

/// Reads a plan with all that was stored of it.
pub fn stored(spi: &Spi, opened: &Opened, id: i64) -> Result<Stored> {
    let plan = rounds_plan(spi, opened, id, Access::Snapshot)?;
    read(spi, opened, plan, (i64::MIN, i64::MAX))
}

/// Reads of a plan what was stored of one client's visit, and nothing of the others'.
pub fn stored_visit(spi: &Spi, opened: &Opened, id: i64, client: ClientId) -> Result<Stored> {
    let plan = rounds_plan(spi, opened, id, Access::Snapshot)?;
    let params = [param(opened.clinic), param(client.0), date_param(plan.from)];
    let visit = spi.first(&VISIT, Access::Snapshot, &params, |row| row.get::<i64>(0))?;
    // No visit has this id.
    let visit = visit.unwrap_or(i64::MIN);
    read(spi, opened, plan, (visit, visit))
}

fn read(spi: &Spi, opened: &Opened, plan: Plan, (first, last): (i64, i64)) -> Result<Stored> {
    let access = Access::Snapshot;
    let key = [param(opened.clinic), param(plan.id), param(first), param(last)];
    let mut kinds = Vec::new();
    let trace = spi.query(&TRACE, access, &key, |row| {
        let visit = VisitId(row.get(0)?);
        kinds.push((visit, VisitKind::parse(&row.get::<String>(1)?).unwrap_or(VisitKind::Scheduled)));
        trace(row, visit)
    })?;
    let asked = Asked {
        date: plan.from,
        which: Which::Planned(&kinds),
        without: &plan.options.without_staff_ids,
        access,
    };
    let loaded = day(spi, opened, &asked)?;
    let assignments = spi.query(&ASSIGNMENTS, access, &key, |row| assignment(row, &loaded))?;
    let rounds = RoundsPlan {
        loads: loads(&loaded, &assignments),
        assignments,
        exceptions: spi.query(&EXCEPTIONS, access, &key, |row| exception(row, &loaded))?,
        trace,
        moves: spi.query(&MOVES, access, &key, smoothing_move)?,
    };
    Ok(Stored { plan, loaded, rounds })
}

fn trace(row: &Row<'_>, visit: VisitId) -> Result<VisitTrace> {
    let decision: String = row.get(2)?;
    let placed = || Ok(placement(visit.0, row.get(3)?, row.instant(4)?));
    let decision = match decision.as_str() {
        "locked" => Decision::Locked(placed()?),
        "kept" => Decision::Kept(placed()?),
        "chosen" => Decision::Chosen(placed()?),
        _ => Decision::Unplaced,
    };
    let considered = row.get::<JsonB>(5)?.0;
    let considered = considered.as_array().into_iter().flatten();
    let considered = considered.filter_map(|told| considered_from(told, decision)).collect();
    Ok(VisitTrace { visit, considered, decision })
}

fn assignment(row: &Row<'_>, loaded: &Loaded) -> Result<Assignment> {
    let visit = VisitId(row.get(0)?);
    let request = request(loaded, visit);
    Ok(Assignment {
        visit,
        client: request.map_or(ClientId(0), |request| request.client),
        area: request.and_then(|request| request.area),
        worker: StaffId(row.get(1)?),
        during: Span { start: row.instant(2)?, end: row.instant(3)? },
        way: Minutes(row.get(4)?),
    })
}

fn request(loaded: &Loaded, visit: VisitId) -> Option<&VisitRequest> {
    let requests = &loaded.day.visits;
    let index = requests.binary_search_by_key(&visit, |request| request.id).ok()?;
    Some(&requests[index])
}

/// What each worker has, in their order, which is by id.
pub fn loads(loaded: &Loaded, assignments: &[Assignment]) -> Vec<WorkerLoad> {
    let none = |worker: &Worker| WorkerLoad {
        worker: worker.id,
        visits: 0,
        load: Minutes(0),
        capacity: worker.capacity,
        travel: Minutes(0),
    };
    let mut loads: Vec<WorkerLoad> = loaded.day.workers.iter().map(none).collect();
    for row in assignments {
        let Ok(index) = loads.binary_search_by_key(&row.worker, |load| load.worker) else { continue };
        let load = &mut loads[index];
        load.visits += 1;
        load.load.0 += (row.during.micros() / MICROS_PER_MINUTE) as i32;
        load.travel.0 += row.way.0;
    }
    loads
}

fn smoothing_move(row: &Row<'_>) -> Result<SmoothingMove> {
    Ok(SmoothingMove {
        visit: VisitId(row.get(0)?),
        from: StaffId(row.get(1)?),
        from_start: row.instant(2)?,
        from_load: Minutes(row.get(3)?),
        to: StaffId(row.get(4)?),
        to_start: row.instant(5)?,
        to_load: Minutes(row.get(6)?),
        mean_load: Minutes(row.get(7)?),
    })
}

fn exception(row: &Row<'_>, loaded: &Loaded) -> Result<Exception> {
    let visit = VisitId(row.get(0)?);
    let kind = ExceptionKind::parse(&row.get::<String>(2)?).unwrap_or(ExceptionKind::NoEligibleWorker);
    let context = row.get::<JsonB>(3)?.0;
    let area = request(loaded, visit).and_then(|request| request.area);
    let staff = |of: &Value, key: &str| {
        let ids = of.get(key).and_then(Value::as_array).into_iter().flatten();
        ids.filter_map(Value::as_i64).map(StaffId).collect::<Vec<_>>()
    };
    let number = |of: &Value, key: &str| of.get(key).and_then(Value::as_i64).unwrap_or_default();
    let nearby =
        context.get("nearby").and_then(Value::as_array).into_iter().flatten().map(|room| NearbyRoom {
            area: AreaId(number(room, "area_id")),
            workers: staff(room, "staff_ids"),
            most_remaining: Minutes(number(room, "most_remaining") as i32),
        });
    Ok(Exception {
        visit,
        client: ClientId(row.get(1)?),
        area,
        tier: number(&context, "tier") as i32,
        kind,
        cause: context.get("cause").and_then(Value::as_str).and_then(ExceptionKind::parse).unwrap_or(kind),
        eligible_not_free: staff(&context, "eligible_not_free"),
        nearby: nearby.collect(),
    })
}

/// What `clinic.exceptions.context` has of an exception, the sentence besides.
pub fn context_of(exception: &Exception, sentence: &str) -> Value {
    let ids = |staff: &[StaffId]| staff.iter().map(|id| id.0).collect::<Vec<_>>();
    let nearby = exception.nearby.iter().map(|room| {
        json!({ "area_id": room.area.0, "staff_ids": ids(&room.workers), "most_remaining": room.most_remaining.0 })
    });
    json!({
        "cause": exception.cause.as_str(),
        "tier": exception.tier,
        "area_id": exception.area.map(|area| area.0),
        "eligible_not_free": ids(&exception.eligible_not_free),
        "nearby": nearby.collect::<Vec<_>>(),
        "sentence": sentence,
    })
}

/// An element of `clinic.visit_trace.considered`. When the one who was chosen starts is a column of its own.
#[must_use]
pub fn considered_to(row: &Considered, decision: Decision) -> Value {
    let mut told = Map::new();
    told.insert("staff_id".to_owned(), json!(row.worker.0));
    told.insert("remaining".to_owned(), json!(row.remaining.0));
    match row.judgment {
        Judgment::PassedOver(reason) => {
            told.insert("reason".to_owned(), json!(reason.as_str()));
        }
        Judgment::Possible { start, way, cost } => {
            if start_chosen(row.worker, decision) != Some(start) {
                told.insert("starts_at".to_owned(), json!(iso(start)));
            }
            told.insert("travel_minutes".to_owned(), json!(way.0));
            let terms = cost.terms().into_iter().filter(|(_, points)| *points != 0);
            let terms: Map<_, _> = terms.map(|(name, points)| (name.to_owned(), json!(points))).collect();
            if !terms.is_empty() {
                told.insert("cost".to_owned(), Value::Object(terms));
            }
        }
    }
    Value::Object(told)
}

fn start_chosen(worker: StaffId, decision: Decision) -> Option<Instant> {
    match decision {
        Decision::Chosen(placement) if placement.worker == worker => Some(placement.start),
        _ => None,
    }
}

fn considered_from(told: &Value, decision: Decision) -> Option<Considered> {
    let number = |of: &Value, key: &str| of.get(key).and_then(Value::as_i64);
    let worker = StaffId(number(told, "staff_id")?);
    let judgment = match told.get("reason").and_then(Value::as_str) {
        Some(reason) => Judgment::PassedOver(PassedOver::parse(reason)?),
        None => {
            let term = |name| told.get("cost").and_then(|cost| number(cost, name)).unwrap_or_default();
            let start = told.get("starts_at").and_then(Value::as_str).map(from_iso);
            Judgment::Possible {
                start: start.unwrap_or_else(|| start_chosen(worker, decision))?,
                way: Minutes(number(told, "travel_minutes")? as i32),
                cost: Cost {
                    remaining_capacity: term("remaining_capacity"),
                    travel: term("travel"),
                    continuity: term("continuity"),
                    experience: term("experience"),
                },
            }
        }
    };
    Some(Considered { worker, remaining: Minutes(number(told, "remaining")? as i32), judgment })
}

/// PostgreSQL's instants count from 2000, the rest of the world's from 1970.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

fn iso(instant: Instant) -> String {
    let time = DateTime::from_timestamp_micros(instant.0.saturating_add(EPOCH_MICROS));
    time.map_or(String::new(), |time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

fn from_iso(text: &str) -> Option<Instant> {
    let time = DateTime::parse_from_rfc3339(text).ok()?;
    Some(Instant(time.timestamp_micros() - EPOCH_MICROS))
}
