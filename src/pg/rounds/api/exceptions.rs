//! resolve_exception: a person's decision about a visit without a place.

use chrono::NaiveDate;
use pg_clinic_core::ids::StaffId;
use pg_clinic_core::rounds::{
    ClientEventKind, ExceptionState, Refusal, RefusalClass, ResolutionArguments, Resolve, Substitute,
    VisitOutcome,
};
use pg_clinic_core::time::interval::Span;
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, range, sql_functions};
use crate::pg::platform::attribution::Attribution;
use crate::pg::platform::clinic::{self, Opened, check_period};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::session;
use crate::pg::platform::signatures::{Bigint, Date, Required, Rows, Text, Timestamptz, signatures};
use crate::pg::platform::spi::{self, Access, Spi, date_param, param, statements};
use crate::pg::roster::load::zone;
use crate::pg::rounds::load::exceptions::{exception, substitute, visit_of_date};
use crate::pg::rounds::load::promoted_plan;

sql_functions! {
    pg_clinic_resolve_exception, pg_finfo_pg_clinic_resolve_exception => resolve_exception;
}

signatures! {
    /// Arguments of `resolve_exception`.
    ResolveException = resolve_exception(
        exception_id: Required<Bigint>, resolution: Required<Text>, staff_id: Bigint = null, starts_at: Timestamptz = null,
        new_date: Date = null, reason: Text = null, clinic_id: Bigint = null,
    ) -> table ResolvedException {
        exception_id: Bigint, visit_id: Bigint, resolution: Text, assignment_id: Bigint, message: Text,
    };
}

statements! {
    /// Gives the visit to a worker.
    ASSIGN(INT8OID, INT8OID, INT8OID, TSTZRANGEOID) =
        "insert into clinic.assignments (clinic_id, visit_id, staff_id, during) values ($1, $2, $3, $4) returning id";
    /// Calls the visit off.
    OUTCOME(INT8OID, INT8OID, TEXTOID) =
        "update clinic.visits set outcome = $3 where clinic_id = $1 and id = $2 and outcome is null";
    /// Makes the client due on another date.
    REQUEST(INT8OID, INT8OID, DATEOID, TEXTOID, TEXTOID) =
        "insert into clinic.client_events (clinic_id, client_id, on_date, kind, reason) values ($1, $2, $3, $5, $4)";
    /// Closes the exception, and those that other plans have of the visit.
    CLOSE(INT8OID, INT8OID, TEXTOID, TEXTOID, INT8OID) =
        "update clinic.exceptions set resolution = $3, resolved_at = now(), reason = $4, assignment_id = $5
         where clinic_id = $1 and visit_id = $2 and resolution is null";
}

/// The error for a refusal of the core.
fn refused(refusal: Refusal) -> ClinicError {
    let state = match refusal.class {
        RefusalClass::Missing => SqlState::NullArgument,
        RefusalClass::Argument => SqlState::InvalidArgument,
        RefusalClass::State => SqlState::WrongState,
    };
    let error = ClinicError::new(state, refusal.message).hint(refusal.hint);
    match refusal.detail {
        Some(detail) => error.detail(detail),
        None => error,
    }
}

fn resolve_exception(args: &Args) -> Result<pg_sys::Datum> {
    let given = ResolveException::read(args)?;
    let reason = given.reason.as_deref();
    let arguments = ResolutionArguments {
        resolution: &given.resolution,
        worker: given.staff_id.map(StaffId),
        start: given.starts_at,
        new_date: given.new_date,
        reason,
    };
    let resolve = arguments.read().map_err(refused)?;
    let mut rows = Rows::<ResolvedException>::new(args);
    spi::connect(|spi| {
        let opened = clinic::open(spi, given.clinic_id, Access::Latest)?;
        let state = exception(spi, opened.clinic, given.exception_id)?;
        state.check().map_err(refused)?;
        let origin = format!("exception {}", state.id);
        let _attribution = Attribution::function_from("resolve_exception", given.reason.clone(), origin);
        let zone = zone(&opened, (state.on_date, state.on_date))?;
        let (assignment, message) = match resolve {
            Resolve::Reassign { worker, start } => {
                let during = state.reassigned_to(&zone, start).map_err(refused)?;
                let worker = substitute(spi, opened.clinic, worker)?;
                worker.check().map_err(refused)?;
                let assignment = assign(spi, &opened, &state, &worker, during)?;
                (assignment, state.result(&resolve, &zone, Some(&worker), false))
            }
            Resolve::Reschedule { new_date } => {
                check_period(new_date, new_date, "Give one date.")?;
                let other = visit_of_date(spi, opened.clinic, state.client, new_date)?;
                let today = opened.today(session::now())?;
                state.check_new_date(new_date, today, other.as_ref()).map_err(refused)?;
                call_off(spi, &opened, &state, VisitOutcome::Rescheduled)?;
                request(spi, &opened, &state, new_date, reason)?;
                let is_planned = promoted_plan(spi, opened.clinic, new_date, Access::Latest)?.is_some();
                (None, state.result(&resolve, &zone, None, is_planned))
            }
            Resolve::Cancel => {
                call_off(spi, &opened, &state, VisitOutcome::Cancelled)?;
                (None, state.result(&resolve, &zone, None, false))
            }
        };
        let params = [
            param(opened.clinic),
            param(state.visit.0),
            param(resolve.resolution().as_str()),
            reason.and_then(param),
            assignment.and_then(param),
        ];
        spi.run(&CLOSE, &params)?;
        rows.push(ResolvedException {
            exception_id: state.id.into(),
            visit_id: state.visit.0.into(),
            resolution: resolve.resolution().as_str().into(),
            assignment_id: assignment.into(),
            message: message.into(),
        });
        Ok(())
    })?;
    Ok(rows.done())
}

fn assign(
    spi: &Spi,
    opened: &Opened,
    state: &ExceptionState,
    worker: &Substitute,
    during: Span,
) -> Result<Option<i64>> {
    let params = [param(opened.clinic), param(state.visit.0), param(worker.id.0), range(during)];
    spi.value::<i64>(&ASSIGN, Access::Latest, &params)
}

fn call_off(spi: &Spi, opened: &Opened, state: &ExceptionState, outcome: VisitOutcome) -> Result<()> {
    let params = [param(opened.clinic), param(state.visit.0), param(outcome.as_str())];
    spi.run(&OUTCOME, &params)
}

fn request(
    spi: &Spi,
    opened: &Opened,
    state: &ExceptionState,
    new_date: NaiveDate,
    reason: Option<&str>,
) -> Result<()> {
    let params = [
        param(opened.clinic),
        param(state.client.0),
        date_param(new_date),
        reason.and_then(param),
        param(ClientEventKind::WalkIn.as_str()),
    ];
    spi.run(&REQUEST, &params)
}
