//! Saving rounds with their trace: a few set-based statements.

use chrono::NaiveDate;
use pg_clinic_core::rounds::{Decision, Placement, VisitKind, explain};
use pg_clinic_core::time::interval::Instant;
use pgrx::JsonB;
use pgrx::datum::TimestampWithTimeZone;
use serde_json::Value;

use super::Planned;
use crate::pg::platform::attribution::{self, Attribution, Cause};
use crate::pg::platform::caught::keeping_origin;
use crate::pg::platform::error::Result;
use crate::pg::platform::spi::{Access, Param, Spi, date_param, param, statements};
use crate::pg::rounds::load::{considered_to, context_of};

statements! {
    /// A new plan.
    DRAFT(INT8OID, DATEOID, JSONBOID, INT8OID, TEXTOID) =
        "insert into clinic.plans (clinic_id, kind, from_date, to_date, options, parent_plan_id, created_by)
         values ($1, 'rounds', $2, $2, $3, $4, $5) returning id";
    /// It inherits its parent's locks.
    INHERIT_LOCKS(INT8OID, INT8OID, INT8OID) =
        "insert into clinic.locks (clinic_id, plan_id, action, staff_id, visit_id, starts_at, from_date, to_date, created_by)
         select clinic_id, $2, action, staff_id, visit_id, starts_at, from_date, to_date, created_by
         from clinic.locks where clinic_id = $1 and plan_id = $3 and shift_id is null order by id";
    /// What came out.
    ANSWER(INT8OID, INT8OID, FLOAT8OID, TEXTOID, TEXTOID) =
        "update clinic.plans set status = 'FEASIBLE', solve_ms = $3, message = $4, input_fingerprint = $5
         where clinic_id = $1 and id = $2";
    /// The assignments.
    ASSIGN(INT8OID, INT8OID, INT8ARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID, TIMESTAMPTZARRAYOID, INT4ARRAYOID, BOOLARRAYOID) =
        "insert into clinic.plan_assignments (clinic_id, plan_id, visit_id, staff_id, during, travel_minutes, is_locked)
         select $1, $2, a.visit, a.staff, tstzrange(a.starts, a.ends), a.way, a.is_locked
         from unnest($3, $4, $5, $6, $7, $8) as a (visit, staff, starts, ends, way, is_locked)";
    /// The trace.
    TRACE(INT8OID, INT8OID, INT8ARRAYOID, TEXTARRAYOID, TEXTARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID, TEXTARRAYOID) =
        "insert into clinic.visit_trace (clinic_id, plan_id, visit_id, kind, decision, staff_id, starts_at, considered)
         select $1, $2, t.visit, t.kind, t.decision, t.staff, t.starts, t.considered::json
         from unnest($3, $4, $5, $6, $7, $8) as t (visit, kind, decision, staff, starts, considered)";
    /// The moves of smoothing.
    MOVES(INT8OID, INT8OID, INT8ARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID, INT4ARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID, INT4ARRAYOID, INT4ARRAYOID) =
        "insert into clinic.smoothing_moves (clinic_id, plan_id, number, visit_id, from_staff_id, from_starts_at,
           from_load, to_staff_id, to_starts_at, to_load, mean_load)
         select $1, $2, m.number, m.visit, m.from_staff, m.from_starts, m.from_load, m.to_staff, m.to_starts, m.to_load, m.mean
         from unnest($3, $4, $5, $6, $7, $8, $9, $10) with ordinality
           as m (visit, from_staff, from_starts, from_load, to_staff, to_starts, to_load, mean, number)";
    /// The exceptions. One that is open already was detected when it was first.
    EXCEPTIONS(INT8OID, INT8OID, DATEOID, TEXTOID, INT8ARRAYOID, INT8ARRAYOID, TEXTARRAYOID, TEXTARRAYOID) =
        "insert into clinic.exceptions (clinic_id, plan_id, visit_id, client_id, on_date, kind, context, detected_at,
           detected_by)
         select $1, $2, x.visit, x.client, $3, x.kind, x.context::jsonb,
           coalesce((select min(e.detected_at) from clinic.exceptions e
             where e.clinic_id = $1 and e.visit_id = x.visit and e.resolution is null), now()), $4
         from unnest($5, $6, $7, $8) with ordinality as x (visit, client, kind, context, number) order by x.number";
}

/// The status of every plan of rounds: it obeys the rules and claims no more.
pub(super) const STATUS: &str = "FEASIBLE";

/// Writes the row of a new plan, with its parent's locks, and returns its id.
pub(super) fn draft(
    spi: &Spi,
    clinic: i64,
    date: NaiveDate,
    parent: Option<i64>,
    options: Value,
) -> Result<i64> {
    let params = [
        param(clinic),
        date_param(date),
        param(JsonB(options)),
        parent.and_then(param),
        param(attribution::actor()),
    ];
    let id = keeping_origin(|| spi.first(&DRAFT, Access::Latest, &params, |row| row.get::<i64>(0)))?
        .unwrap_or_default();
    if let Some(parent) = parent {
        spi.run(&INHERIT_LOCKS, &[param(clinic), param(id), param(parent)])?;
    }
    Ok(id)
}

/// What came out, in words.
pub(super) fn message(planned: &Planned) -> String {
    let Planned { loaded, rounds, moved, .. } = planned;
    let mut told = format!("{} of {} visits placed", rounds.assignments.len(), loaded.day.visits.len());
    let mut add = |count: usize, what: &str| {
        if count > 0 {
            told.push_str(&format!(", {count} {what}"));
        }
    };
    add(rounds.exceptions.len(), "without a place (clinic.exception_queue)");
    add(rounds.moves.len(), "moved by smoothing");
    add(moved.len(), "changed");
    add(loaded.skipped, "skipped");
    add(loaded.too_late, "asked for again after the day's visit (give another date)");
    told
}

fn at(instant: Instant) -> Option<TimestampWithTimeZone> {
    TimestampWithTimeZone::try_from(instant.0).ok()
}

/// Writes rounds.
pub(super) fn save(spi: &Spi, planned: &Planned, message: &str) -> Result<()> {
    let _attribution = Attribution::of(Cause::Solver);
    let key = [param(planned.opened.clinic), param(planned.id)];
    let answer =
        [key[0], key[1], param(planned.solve_ms), param(message), param(planned.fingerprint.as_str())];
    spi.run(&ANSWER, &answer)?;
    keeping_origin(|| {
        assign(spi, planned, key)?;
        trace(spi, planned, key)?;
        moves(spi, planned, key)?;
        exceptions(spi, planned, key)
    })
}

fn assign(spi: &Spi, planned: &Planned, key: [Param; 2]) -> Result<()> {
    let rows = &planned.rounds.assignments;
    let is_locked = |visit| {
        planned.rounds.trace_of(visit).is_some_and(|trace| matches!(trace.decision, Decision::Locked(_)))
    };
    let params = [
        key[0],
        key[1],
        param(rows.iter().map(|row| row.visit.0).collect::<Vec<_>>()),
        param(rows.iter().map(|row| row.worker.0).collect::<Vec<_>>()),
        param(rows.iter().map(|row| at(row.during.start)).collect::<Vec<_>>()),
        param(rows.iter().map(|row| at(row.during.end)).collect::<Vec<_>>()),
        param(rows.iter().map(|row| row.way.0).collect::<Vec<_>>()),
        param(rows.iter().map(|row| is_locked(row.visit)).collect::<Vec<_>>()),
    ];
    spi.run(&ASSIGN, &params)
}

fn trace(spi: &Spi, planned: &Planned, key: [Param; 2]) -> Result<()> {
    let rows = &planned.rounds.trace;
    let requests = &planned.loaded.day.visits;
    let kind = |visit| {
        let found = requests.binary_search_by_key(&visit, |request| request.id);
        found.map_or(VisitKind::Scheduled, |index| requests[index].kind).as_str()
    };
    let decided = |decision: &Decision| -> (&'static str, Option<Placement>) {
        match *decision {
            Decision::Locked(placement) => ("locked", Some(placement)),
            Decision::Kept(placement) => ("kept", Some(placement)),
            Decision::Chosen(placement) => ("chosen", Some(placement)),
            Decision::Unplaced => ("unplaced", None),
        }
    };
    let placed: Vec<_> = rows.iter().map(|row| decided(&row.decision)).collect();
    let considered = rows.iter().map(|row| {
        let all: Vec<Value> =
            row.considered.iter().map(|considered| considered_to(considered, row.decision)).collect();
        Value::Array(all).to_string()
    });
    let params = [
        key[0],
        key[1],
        param(rows.iter().map(|row| row.visit.0).collect::<Vec<_>>()),
        param(rows.iter().map(|row| kind(row.visit)).collect::<Vec<_>>()),
        param(placed.iter().map(|(name, _)| *name).collect::<Vec<_>>()),
        param(placed.iter().map(|(_, at)| at.map(|at| at.worker.0)).collect::<Vec<_>>()),
        param(placed.iter().map(|(_, row)| row.and_then(|row| at(row.start))).collect::<Vec<_>>()),
        param(considered.collect::<Vec<_>>()),
    ];
    spi.run(&TRACE, &params)
}

fn moves(spi: &Spi, planned: &Planned, key: [Param; 2]) -> Result<()> {
    let rows = &planned.rounds.moves;
    let params = [
        key[0],
        key[1],
        param(rows.iter().map(|row| row.visit.0).collect::<Vec<_>>()),
        param(rows.iter().map(|row| row.from.0).collect::<Vec<_>>()),
        param(rows.iter().map(|row| at(row.from_start)).collect::<Vec<_>>()),
        param(rows.iter().map(|row| row.from_load.0).collect::<Vec<_>>()),
        param(rows.iter().map(|row| row.to.0).collect::<Vec<_>>()),
        param(rows.iter().map(|row| at(row.to_start)).collect::<Vec<_>>()),
        param(rows.iter().map(|row| row.to_load.0).collect::<Vec<_>>()),
        param(rows.iter().map(|row| row.mean_load.0).collect::<Vec<_>>()),
    ];
    spi.run(&MOVES, &params)
}

fn exceptions(spi: &Spi, planned: &Planned, key: [Param; 2]) -> Result<()> {
    let rows = &planned.rounds.exceptions;
    let Some(date) = rows.first().map(|_| planned.date) else { return Ok(()) };
    let sentence = |visit| {
        explain(&planned.loaded.day, &planned.rounds, &planned.loaded.zone, visit).unwrap_or_default()
    };
    let contexts = rows.iter().map(|row| context_of(row, &sentence(row.visit)).to_string());
    let params = [
        key[0],
        key[1],
        date_param(date),
        param(attribution::actor()),
        param(rows.iter().map(|row| row.visit.0).collect::<Vec<_>>()),
        param(rows.iter().map(|row| row.client.0).collect::<Vec<_>>()),
        param(rows.iter().map(|row| row.kind.as_str()).collect::<Vec<_>>()),
        param(contexts.collect::<Vec<_>>()),
    ];
    spi.run(&EXCEPTIONS, &params)
}
