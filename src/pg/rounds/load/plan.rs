//! A plan of rounds as it was stored, with the trace, read back as the core made it.

use pg_clinic_core::ids::{ClientId, StaffId, VisitId};
use pg_clinic_core::plans::PlanKind;
use pg_clinic_core::rounds::{
    Assignment, ConsideredDocument, Decision, DecisionKind, Exception, ExceptionKind, Placement, RoundsPlan,
    SmoothingMove, VisitKind, VisitRequest, VisitTrace, loads,
};
use pg_clinic_core::time::interval::{Instant, Minutes, Span};
use pgrx::JsonB;

use super::{Loaded, RoundsQuery, Which, day};
use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::{document, documents, row, unreadable};
use crate::pg::platform::spi::{Access, Spi, date_param, param, statements};
use crate::pg::platform::values::without_time;
use crate::pg::roster::load::{Plan, any_plan};

statements! {
    /// The trace of a visit.
    TRACE(INT8OID, INT8OID, INT8OID) =
        "select visit_id, kind, decision, staff_id, starts_at, considered::jsonb from clinic.visit_trace
         where clinic_id = $1 and plan_id = $2 and visit_id = $3";
    /// All visits of a plan, by visit.
    KINDS(INT8OID, INT8OID) =
        "select visit_id, kind from clinic.visit_trace where clinic_id = $1 and plan_id = $2 order by visit_id";
    /// Assignments of visits from $3 to $4, by visit.
    ASSIGNMENTS(INT8OID, INT8OID, INT8OID, INT8OID) =
        "select visit_id, staff_id, lower(during) as starts_at, upper(during) as ends_at, travel_minutes
         from clinic.plan_assignments
         where clinic_id = $1 and plan_id = $2 and visit_id between $3 and $4 order by visit_id";
    /// Their moves by smoothing, in order.
    MOVES(INT8OID, INT8OID, INT8OID, INT8OID) =
        "select visit_id, old_staff_id, old_starts_at, old_load_minutes, new_staff_id, new_starts_at, new_load_minutes,
           mean_load_minutes
         from clinic.smoothing_moves
         where clinic_id = $1 and plan_id = $2 and visit_id between $3 and $4 order by number";
    /// Their exceptions, in order.
    EXCEPTIONS(INT8OID, INT8OID, INT8OID, INT8OID) =
        "select id, visit_id, client_id, kind, context from clinic.exceptions
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

row! {
    /// A visit and its kind.
    struct KindRow {
        visit_id: i64,
        kind: VisitKind as "clinic.visit_trace",
    }
}

row! {
    /// A row of `clinic.visit_trace`.
    struct TraceRow {
        visit_id: i64,
        kind: VisitKind as "clinic.visit_trace",
        decision: DecisionKind as "clinic.visit_trace",
        staff_id: Option<i64>,
        starts_at: Option<Instant>,
        considered: JsonB,
    }
}

row! {
    /// A visit of `clinic.plan_assignments`.
    struct AssignmentRow {
        visit_id: i64,
        staff_id: i64,
        starts_at: Instant,
        ends_at: Instant,
        travel_minutes: i32,
    }
}

row! {
    /// A row of `clinic.smoothing_moves`.
    struct MoveRow {
        visit_id: i64,
        old_staff_id: i64,
        old_starts_at: Instant,
        old_load_minutes: i32,
        new_staff_id: i64,
        new_starts_at: Instant,
        new_load_minutes: i32,
        mean_load_minutes: i32,
    }
}

row! {
    /// A row of `clinic.exceptions`.
    struct ExceptionRow {
        id: i64,
        visit_id: i64,
        client_id: i64,
        kind: ExceptionKind as "clinic.exceptions",
        context: JsonB,
    }
}

/// A stored plan.
pub struct Stored {
    /// Its row.
    pub plan: Plan,
    /// Areas, workers and clients as they are now.
    pub loaded: Loaded,
    /// The plan itself.
    pub rounds: RoundsPlan,
}

/// The plan of a date that was promoted last.
pub fn promoted_plan(spi: &Spi, clinic: i64, date: chrono::NaiveDate, access: Access) -> Result<Option<i64>> {
    spi.value(&PROMOTED, access, &[param(clinic), date_param(date)])
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

/// Reads a plan without its trace, which is long and tells only why.
pub fn stored(spi: &Spi, opened: &Opened, id: i64) -> Result<Stored> {
    let plan = rounds_plan(spi, opened, id, Access::Snapshot)?;
    let kinds = spi.rows::<KindRow>(&KINDS, Access::Snapshot, &[param(opened.clinic), param(plan.id)])?;
    let kinds: Vec<_> = kinds.into_iter().map(|row| (VisitId(row.visit_id), row.kind)).collect();
    read(spi, opened, plan, (i64::MIN, i64::MAX), &kinds, Vec::new())
}

/// Reads the visit of one client from a plan, and none of the others.
pub fn stored_visit(spi: &Spi, opened: &Opened, id: i64, client: ClientId) -> Result<Stored> {
    let plan = rounds_plan(spi, opened, id, Access::Snapshot)?;
    let params = [param(opened.clinic), param(client.0), date_param(plan.from)];
    let visit = spi.value(&VISIT, Access::Snapshot, &params)?;
    // No visit has this id.
    let visit: i64 = visit.unwrap_or(i64::MIN);
    let key = [param(opened.clinic), param(plan.id), param(visit)];
    let (mut kinds, mut traces) = (Vec::new(), Vec::new());
    for row in spi.rows::<TraceRow>(&TRACE, Access::Snapshot, &key)? {
        kinds.push((VisitId(row.visit_id), row.kind));
        traces.push(trace(row, plan.id)?);
    }
    read(spi, opened, plan, (visit, visit), &kinds, traces)
}

fn read(
    spi: &Spi,
    opened: &Opened,
    plan: Plan,
    (first, last): (i64, i64),
    kinds: &[(VisitId, VisitKind)],
    trace: Vec<VisitTrace>,
) -> Result<Stored> {
    let access = Access::Snapshot;
    let key = [param(opened.clinic), param(plan.id), param(first), param(last)];
    let which = Which::Planned(kinds);
    let query = RoundsQuery { date: plan.from, which, without: &plan.options.without_staff_ids, access };
    let loaded = day(spi, opened, &query)?;
    let assignments = spi.rows::<AssignmentRow>(&ASSIGNMENTS, access, &key)?;
    let assignments =
        assignments.into_iter().map(|row| assignment(&row, &loaded, &plan)).collect::<Result<Vec<_>>>()?;
    let exceptions = spi.rows::<ExceptionRow>(&EXCEPTIONS, access, &key)?;
    let rounds = RoundsPlan {
        loads: loads(&loaded.day.workers, &assignments),
        assignments,
        exceptions: exceptions.into_iter().map(exception).collect::<Result<_>>()?,
        trace,
        moves: spi.rows::<MoveRow>(&MOVES, access, &key)?.into_iter().map(smoothing_move).collect(),
    };
    Ok(Stored { plan, loaded, rounds })
}

fn trace(row: TraceRow, plan: i64) -> Result<VisitTrace> {
    let visit = VisitId(row.visit_id);
    let whose = || format!("the trace of visit {visit} in plan {plan}");
    let place = row.staff_id.map(StaffId).zip(row.starts_at);
    let place = place.map(|(worker, start)| Placement { visit, worker, start });
    let decision = Decision::of(row.decision, place)
        .ok_or_else(|| unreadable(&whose(), "its decision doesn't fit staff_id and starts_at"))?;
    let considered: Vec<ConsideredDocument> = documents(row.considered, whose)?;
    VisitTrace::of_documents(visit, decision, considered).map_err(|error| unreadable(&whose(), &error))
}

fn assignment(row: &AssignmentRow, loaded: &Loaded, plan: &Plan) -> Result<Assignment> {
    let visit = VisitId(row.visit_id);
    let during = Span::new(row.starts_at, row.ends_at)
        .ok_or_else(|| without_time("visit", "plan_assignments", row.visit_id))?;
    // A visit of last night may end today; one of another year would make a board without end.
    let is_near = |at| (loaded.zone.local_date(at) - plan.from).num_days().abs() <= 1;
    if !is_near(during.start) || !is_near(during.end) {
        let why = format!("visit {} is on another date than the plan", row.visit_id);
        return Err(unreadable(&format!("the rounds of plan {}", plan.id), &why));
    }
    let request = request(loaded, visit);
    Ok(Assignment {
        visit,
        client: request.map_or(ClientId(0), |request| request.client),
        area: request.and_then(|request| request.area),
        worker: StaffId(row.staff_id),
        during,
        travel: Minutes(row.travel_minutes),
    })
}

fn request(loaded: &Loaded, visit: VisitId) -> Option<&VisitRequest> {
    let requests = &loaded.day.visits;
    let index = requests.binary_search_by_key(&visit, |request| request.id).ok()?;
    Some(&requests[index])
}

fn smoothing_move(row: MoveRow) -> SmoothingMove {
    SmoothingMove {
        visit: VisitId(row.visit_id),
        old_worker: StaffId(row.old_staff_id),
        old_start: row.old_starts_at,
        old_load: Minutes(row.old_load_minutes),
        new_worker: StaffId(row.new_staff_id),
        new_start: row.new_starts_at,
        new_load: Minutes(row.new_load_minutes),
        mean_load: Minutes(row.mean_load_minutes),
    }
}

fn exception(row: ExceptionRow) -> Result<Exception> {
    let context = document(row.context, || format!("the context of exception {}", row.id))?;
    Ok(Exception::of_context(VisitId(row.visit_id), ClientId(row.client_id), row.kind, context))
}
