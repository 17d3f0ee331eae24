//! Saving rounds with their trace: a few set-based statements.

use chrono::NaiveDate;
use pg_clinic_core::ids::VisitId;
use pg_clinic_core::plans::{PlanKind, PlanStatus};
use pg_clinic_core::roster::options::PlanOptions;
use pg_clinic_core::rounds::{Decision, Exception, VisitKind, VisitTrace, explain};
use pg_clinic_core::time::interval::Instant;
use pgrx::datum::TimestampWithTimeZone;
use serde::Serialize;

use super::Planned;
use crate::pg::platform::attribution::{Attribution, Cause};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::session;
use crate::pg::platform::spi::{Access, Param, Spi, date_param, param, statements};

statements! {
    /// A new plan.
    DRAFT(INT8OID, DATEOID, TEXTOID, INT8OID, TEXTOID) =
        "insert into clinic.plans (clinic_id, kind, from_date, to_date, options, parent_plan_id)
         values ($1, $5, $2, $2, $3::jsonb, $4) returning id";
    /// Copies the parent's locks.
    INHERIT_LOCKS(INT8OID, INT8OID, INT8OID) =
        "insert into clinic.locks (clinic_id, plan_id, action, staff_id, visit_id, starts_at, from_date, to_date, created_by,
           created_login)
         select clinic_id, $2, action, staff_id, visit_id, starts_at, from_date, to_date, created_by, created_login
         from clinic.locks where clinic_id = $1 and plan_id = $3 and shift_id is null order by id";
    /// The result.
    ANSWER(INT8OID, INT8OID, FLOAT8OID, TEXTOID, TEXTOID, TEXTOID) =
        "update clinic.plans set status = $6, solve_ms = $3, message = $4, input_fingerprint = $5
         where clinic_id = $1 and id = $2";
    /// The assignments.
    ASSIGN(INT8OID, INT8OID, INT8ARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID, TIMESTAMPTZARRAYOID, INT4ARRAYOID, BOOLARRAYOID) =
        "insert into clinic.plan_assignments (clinic_id, plan_id, visit_id, staff_id, during, travel_minutes, is_locked)
         select $1, $2, a.visit_id, a.staff_id, tstzrange(a.starts_at, a.ends_at), a.travel_minutes, a.is_locked
         from unnest($3, $4, $5, $6, $7, $8) as a (visit_id, staff_id, starts_at, ends_at, travel_minutes, is_locked)";
    /// The trace.
    TRACE(INT8OID, INT8OID, INT8ARRAYOID, TEXTARRAYOID, TEXTARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID, TEXTARRAYOID) =
        "insert into clinic.visit_trace (clinic_id, plan_id, visit_id, kind, decision, staff_id, starts_at, considered)
         select $1, $2, t.visit_id, t.kind, t.decision, t.staff_id, t.starts_at, t.considered::json
         from unnest($3, $4, $5, $6, $7, $8) as t (visit_id, kind, decision, staff_id, starts_at, considered)";
    /// The moves of smoothing.
    MOVES(INT8OID, INT8OID, INT8ARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID, INT4ARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID, INT4ARRAYOID, INT4ARRAYOID) =
        "insert into clinic.smoothing_moves (clinic_id, plan_id, number, visit_id, old_staff_id, old_starts_at,
           old_load_minutes, new_staff_id, new_starts_at, new_load_minutes, mean_load_minutes)
         select $1, $2, m.number, m.visit_id, m.old_staff_id, m.old_starts_at, m.old_load_minutes, m.new_staff_id,
           m.new_starts_at, m.new_load_minutes, m.mean_load_minutes
         from unnest($3, $4, $5, $6, $7, $8, $9, $10) with ordinality
           as m (visit_id, old_staff_id, old_starts_at, old_load_minutes, new_staff_id, new_starts_at, new_load_minutes,
             mean_load_minutes, number)";
    /// The exceptions. One that is open already keeps the time of its first detection.
    EXCEPTIONS(INT8OID, INT8OID, DATEOID, INT8ARRAYOID, INT8ARRAYOID, TEXTARRAYOID, TEXTARRAYOID) =
        "insert into clinic.exceptions (clinic_id, plan_id, visit_id, client_id, on_date, kind, context, detected_at)
         select $1, $2, x.visit_id, x.client_id, $3, x.kind, x.context::jsonb,
           coalesce((select min(e.detected_at) from clinic.exceptions e
             where e.clinic_id = $1 and e.visit_id = x.visit_id and e.resolution is null), now())
         from unnest($4, $5, $6, $7) with ordinality as x (visit_id, client_id, kind, context, number) order by x.number";
}

/// The status of every plan of rounds: it obeys the rules and claims no more.
pub(super) const STATUS: PlanStatus = PlanStatus::Feasible;

/// Writes the row of a new plan, with its parent's locks, and returns its id.
pub(super) fn draft(
    spi: &Spi,
    clinic: i64,
    date: NaiveDate,
    parent: Option<i64>,
    options: &PlanOptions,
) -> Result<i64> {
    let params = [
        param(clinic),
        date_param(date),
        param(json(options)?),
        parent.and_then(param),
        param(PlanKind::Rounds.as_str()),
    ];
    let id = spi.value::<i64>(&DRAFT, Access::Latest, &params)?.unwrap_or_default();
    if let Some(parent) = parent {
        let _attribution = Attribution::of(Cause::Inheritance);
        spi.run(&INHERIT_LOCKS, &[param(clinic), param(id), param(parent)])?;
    }
    Ok(id)
}

/// A document as it is stored. Written as text: a tree of values in between would cost more than the text.
fn json(document: &impl Serialize) -> Result<String> {
    serde_json::to_string(document).map_err(|error| {
        ClinicError::new(SqlState::Internal, format!("a document can't be written: {error}"))
    })
}

/// The result in words.
pub(super) fn message(planned: &Planned) -> String {
    let Planned { loaded, rounds, moved, changes, .. } = planned;
    let mut text = format!("{} of {} visits placed", rounds.assignments.len(), loaded.day.visits.len());
    let mut add = |count: usize, what: String| {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    };
    add(rounds.exceptions.len(), "without a place (clinic.exception_queue)".to_owned());
    add(rounds.moves.len(), "moved by smoothing".to_owned());
    let how = changes.sentence().map(|sentence| format!(" ({sentence})")).unwrap_or_default();
    add(moved.len(), format!("changed{how}"));
    add(loaded.skipped, "skipped".to_owned());
    add(loaded.too_late, "requested again after the day's visit (give another date)".to_owned());
    text
}

fn at(instant: Instant) -> Option<TimestampWithTimeZone> {
    TimestampWithTimeZone::try_from(instant.0).ok()
}

/// Writes rounds.
pub(super) fn save(spi: &Spi, planned: &Planned, message: &str) -> Result<()> {
    let _attribution = Attribution::of(Cause::Solver);
    let key = [param(planned.opened.clinic), param(planned.id)];
    let answer = [
        key[0],
        key[1],
        param(planned.solve_ms),
        param(message),
        param(planned.fingerprint.as_str()),
        param(STATUS.as_str()),
    ];
    spi.run(&ANSWER, &answer)?;
    assign(spi, planned, key)?;
    trace(spi, planned, key)?;
    moves(spi, planned, key)?;
    exceptions(spi, planned, key)
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
        param(rows.iter().map(|row| row.travel.0).collect::<Vec<_>>()),
        param(rows.iter().map(|row| is_locked(row.visit)).collect::<Vec<_>>()),
    ];
    spi.run(&ASSIGN, &params)
}

fn trace(spi: &Spi, planned: &Planned, key: [Param; 2]) -> Result<()> {
    in_batches(&planned.rounds.trace, |rows| trace_of(spi, planned, rows, key))
}

/// Rows of a trace, or exceptions, written at a time: with all the workers considered they are long.
const BATCH: usize = 512;

/// Writes rows batch by batch, so that the memory of one serves the next.
fn in_batches<T>(rows: &[T], mut write: impl FnMut(&[T]) -> Result<()>) -> Result<()> {
    rows.chunks(BATCH).try_for_each(|batch| {
        session::check_for_cancel();
        session::in_own_context(|| write(batch))
    })
}

fn trace_of(spi: &Spi, planned: &Planned, rows: &[VisitTrace], key: [Param; 2]) -> Result<()> {
    let requests = &planned.loaded.day.visits;
    let kind = |visit: VisitId| {
        let found = requests.binary_search_by_key(&visit, |request| request.id);
        found.map_or(VisitKind::Scheduled, |index| requests[index].kind).as_str()
    };
    let placed: Vec<_> = rows.iter().map(|row| row.decision.placement()).collect();
    let considered = rows.iter().map(|row| json(&row.documents())).collect::<Result<Vec<_>>>()?;
    let params = [
        key[0],
        key[1],
        param(rows.iter().map(|row| row.visit.0).collect::<Vec<_>>()),
        param(rows.iter().map(|row| kind(row.visit)).collect::<Vec<_>>()),
        param(rows.iter().map(|row| row.decision.kind().as_str()).collect::<Vec<_>>()),
        param(placed.iter().map(|place| place.map(|place| place.worker.0)).collect::<Vec<_>>()),
        param(placed.iter().map(|place| place.and_then(|place| at(place.start))).collect::<Vec<_>>()),
        param(considered),
    ];
    spi.run(&TRACE, &params)
}

fn moves(spi: &Spi, planned: &Planned, key: [Param; 2]) -> Result<()> {
    let rows = &planned.rounds.moves;
    let params = [
        key[0],
        key[1],
        param(rows.iter().map(|row| row.visit.0).collect::<Vec<_>>()),
        param(rows.iter().map(|row| row.old_worker.0).collect::<Vec<_>>()),
        param(rows.iter().map(|row| at(row.old_start)).collect::<Vec<_>>()),
        param(rows.iter().map(|row| row.old_load.0).collect::<Vec<_>>()),
        param(rows.iter().map(|row| row.new_worker.0).collect::<Vec<_>>()),
        param(rows.iter().map(|row| at(row.new_start)).collect::<Vec<_>>()),
        param(rows.iter().map(|row| row.new_load.0).collect::<Vec<_>>()),
        param(rows.iter().map(|row| row.mean_load.0).collect::<Vec<_>>()),
    ];
    spi.run(&MOVES, &params)
}

fn exceptions(spi: &Spi, planned: &Planned, key: [Param; 2]) -> Result<()> {
    in_batches(&planned.rounds.exceptions, |rows| exceptions_of(spi, planned, rows, key))
}

fn exceptions_of(spi: &Spi, planned: &Planned, rows: &[Exception], key: [Param; 2]) -> Result<()> {
    let Planned { loaded, rounds, date, .. } = planned;
    let sentence =
        |visit| explain(&loaded.day, rounds, &loaded.zone, loaded.names(), visit).unwrap_or_default();
    let contexts =
        rows.iter().map(|row| json(&row.context(sentence(row.visit)))).collect::<Result<Vec<_>>>()?;
    let params = [
        key[0],
        key[1],
        date_param(*date),
        param(rows.iter().map(|row| row.visit.0).collect::<Vec<_>>()),
        param(rows.iter().map(|row| row.client.0).collect::<Vec<_>>()),
        param(rows.iter().map(|row| row.kind.as_str()).collect::<Vec<_>>()),
        param(contexts),
    ];
    spi.run(&EXCEPTIONS, &params)
}
