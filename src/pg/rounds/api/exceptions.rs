//! resolve_exception: what a person decides about a visit that had no place.

use chrono::NaiveDate;
use pg_clinic_core::time::calendar::date_from_pg_days;
use pg_clinic_core::time::interval::{Minutes, Span};
use pg_clinic_core::time::zone::Zone;
use pgrx::{IntoDatum, pg_sys};

use crate::pg::platform::args::{Args, ResultSet, null_argument, range, sql_functions, text};
use crate::pg::platform::attribution::{self, Attribution};
use crate::pg::platform::caught::keeping_origin;
use crate::pg::platform::clinic::{self, Opened, check_period};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::session;
use crate::pg::platform::spi::{self, Access, Spi, date_param, param, statements};
use crate::pg::roster::load::zone;
use crate::pg::rounds::load::{missing, promoted_plan};

sql_functions! {
    pg_clinic_resolve_exception, pg_finfo_pg_clinic_resolve_exception => resolve_exception;
}

statements! {
    /// Locks the visit of an exception. Of two who resolve it, perhaps as an exception of two plans, the second one sees
    /// what the first one did.
    LOCK_VISIT(INT8OID, INT8OID) =
        "select from clinic.visits v
         where v.clinic_id = $1
           and v.id = (select e.visit_id from clinic.exceptions e where e.clinic_id = $1 and e.id = $2)
         for no key update";
    /// An exception.
    EXCEPTION(INT8OID, INT8OID) =
        "select e.visit_id, e.client_id, e.on_date, e.resolution, e.resolved_by, c.visit_minutes,
           (select min(a.staff_id) from clinic.assignments a where a.clinic_id = e.clinic_id and a.visit_id = e.visit_id),
           case when v.outcome is not null then format('has the outcome %s', v.outcome)
             when v.started_at is not null then 'is under way' end
         from clinic.exceptions e
         join clinic.visits v on v.clinic_id = e.clinic_id and v.id = e.visit_id
         join clinic.clients c on c.clinic_id = e.clinic_id and c.id = e.client_id
         where e.clinic_id = $1 and e.id = $2";
    /// Whether somebody is there.
    STAFF(INT8OID, INT8OID) = "select name, enabled from clinic.staff where clinic_id = $1 and id = $2";
    /// What has become of a client's visit of a date, if anything, in words.
    MADE(INT8OID, INT8OID, DATEOID) =
        "select case when outcome is null then 'is under way' else format('has the outcome %s', outcome) end
         from clinic.visits
         where clinic_id = $1 and client_id = $2 and on_date = $3 and (outcome is not null or started_at is not null)";
    /// Who goes after all.
    ASSIGN(INT8OID, INT8OID, INT8OID, TSTZRANGEOID) =
        "insert into clinic.assignments (clinic_id, visit_id, staff_id, during) values ($1, $2, $3, $4) returning id";
    /// What becomes of a visit that isn't made.
    OUTCOME(INT8OID, INT8OID, TEXTOID) =
        "update clinic.visits set outcome = $3 where clinic_id = $1 and id = $2 and outcome is null";
    /// The client is visited on another date.
    WALK_IN(INT8OID, INT8OID, DATEOID, TEXTOID, TEXTOID) =
        "insert into clinic.client_events (clinic_id, client_id, on_date, kind, made_by, reason)
         values ($1, $2, $3, 'walk_in', $4, $5)";
    /// The exception is closed, and so are those that other plans have of the visit.
    CLOSE(INT8OID, INT8OID, TEXTOID, TEXTOID, TEXTOID, INT8OID) =
        "update clinic.exceptions set resolution = $3, resolved_by = $4, resolved_at = now(), reason = $5, assignment_id = $6
         where clinic_id = $1 and visit_id = $2 and resolution is null";
}

/// What can become of an exception.
const RESOLUTIONS: [&str; 3] = ["reassigned", "rescheduled", "cancelled"];

/// An exception as it stands.
struct Open {
    id: i64,
    visit: i64,
    client: i64,
    on_date: NaiveDate,
    length: Minutes,
    /// Who has the visit in the record.
    assigned: Option<i64>,
    /// What has become of the visit, if anything, in words.
    made: Option<String>,
}

fn resolve_exception(args: &Args) -> Result<pg_sys::Datum> {
    let id: i64 = args.required(0, "exception_id")?;
    let resolution: String = args.required(1, "resolution")?;
    let reason: Option<String> = args.opt(5);
    check_arguments(args, &resolution, reason.as_deref())?;
    let mut set = ResultSet::new(args);
    spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(6), Access::Latest)?;
        let open = find(spi, &opened, id)?;
        let _attribution =
            Attribution::function_from("resolve_exception", reason.clone(), format!("exception {id}"));
        let zone = zone(&opened, (open.on_date, open.on_date))?;
        let (assignment, message) = match resolution.as_str() {
            "reassigned" => reassign(spi, &opened, &zone, &open, args)?,
            "rescheduled" => (None, reschedule(spi, &opened, &open, args, reason.as_deref())?),
            "cancelled" => {
                unassigned(&open)?;
                outcome(spi, &opened, &open, "cancelled")?;
                (None, format!("client {} isn't visited on {}", open.client, open.on_date))
            }
            other => {
                return Err(ClinicError::new(
                    SqlState::InvalidArgument,
                    format!("\"{other}\" is no resolution"),
                )
                .hint(format!("Resolutions are {}.", RESOLUTIONS.join(", "))));
            }
        };
        let actor = attribution::actor();
        let params = [
            param(opened.clinic),
            param(open.visit),
            param(resolution.as_str()),
            param(actor.as_str()),
            reason.as_deref().and_then(param),
            assignment.and_then(param),
        ];
        keeping_origin(|| spi.run(&CLOSE, &params))?;
        set.push([
            id.into_datum(),
            open.visit.into_datum(),
            text(&resolution),
            assignment.and_then(IntoDatum::into_datum),
            text(&message),
        ]);
        Ok(())
    })?;
    Ok(set.done())
}

/// Each resolution has its own arguments. One that would be left unread is a mistake: somebody expects more to happen.
fn check_arguments(args: &Args, resolution: &str, reason: Option<&str>) -> Result<()> {
    if reason.is_some_and(|reason| reason.trim().is_empty()) {
        return Err(ClinicError::new(SqlState::InvalidArgument, "reason must not be empty")
            .hint("Leave it out, or say why."));
    }
    let given = [
        ("staff_id", args.opt::<i64>(2).is_some(), "reassigned"),
        ("starts_at", args.instant(3, "starts_at")?.is_some(), "reassigned"),
        ("to_date", args.date(4, "to_date")?.is_some(), "rescheduled"),
    ];
    match given.into_iter().find(|(_, is_given, of)| *is_given && *of != resolution) {
        Some((name, _, of)) if RESOLUTIONS.contains(&resolution) => Err(ClinicError::new(
            SqlState::InvalidArgument,
            format!("resolution {resolution} takes no {name}"),
        )
        .hint(format!("Leave {name} out, or ask for resolution {of}."))),
        _ => Ok(()),
    }
}

fn find(spi: &Spi, opened: &Opened, id: i64) -> Result<Open> {
    let key = [param(opened.clinic), param(id)];
    spi.run(&LOCK_VISIT, &key)?;
    let found = spi.first(&EXCEPTION, Access::Latest, &key, |row| {
        let on_date = row.pg_days(2)?.and_then(date_from_pg_days).unwrap_or_default();
        let open = Open {
            id,
            visit: row.get(0)?,
            client: row.get(1)?,
            on_date,
            length: Minutes(row.get(5)?),
            assigned: row.opt(6)?,
            made: row.opt(7)?,
        };
        Ok((open, row.opt::<String>(3)?, row.opt::<String>(4)?))
    })?;
    let hint =
        "select id, client_id, kind, context ->> 'sentence' from clinic.exception_queue lists the open ones.";
    match found {
        None => Err(missing(&format!("exception {id}"), "exceptions", opened.clinic, hint)),
        Some((_, Some(resolution), by)) => {
            Err(ClinicError::new(SqlState::WrongState, format!("exception {id} is {resolution} already"))
                .detail(format!("{} resolved it.", by.unwrap_or_default()))
                .hint(hint))
        }
        Some((open, None, _)) => Ok(open),
    }
}

fn reassign(
    spi: &Spi,
    opened: &Opened,
    zone: &Zone,
    open: &Open,
    args: &Args,
) -> Result<(Option<i64>, String)> {
    let staff: i64 = args.opt(2).ok_or_else(|| null_argument("staff_id").hint("Who goes?"))?;
    let start = args.instant(3, "starts_at")?;
    let start = start.ok_or_else(|| null_argument("starts_at").hint("When does the visit start?"))?;
    if start < zone.day_start(open.on_date) || start >= zone.day_end(open.on_date) {
        return Err(ClinicError::new(SqlState::InvalidArgument, "starts_at is on another date")
            .detail(format!("The visit of exception {} is on {}.", open.id, open.on_date))
            .hint("For another date: resolution rescheduled, with to_date."));
    }
    unassigned(open)?;
    let key = [param(opened.clinic), param(staff)];
    let hint = "select id, name from clinic.staff where enabled lists those there are.";
    let found =
        spi.first(&STAFF, Access::Latest, &key, |row| Ok((row.get::<String>(0)?, row.get::<bool>(1)?)))?;
    let (name, enabled) =
        found.ok_or_else(|| missing(&format!("staff {staff}"), "staff", opened.clinic, hint))?;
    if !enabled {
        return Err(
            ClinicError::new(SqlState::WrongState, format!("staff {staff} ({name}) is disabled")).hint(hint)
        );
    }
    let during = Span { start, end: start + open.length };
    let params = [param(opened.clinic), param(open.visit), param(staff), range(during)];
    let id = keeping_origin(|| spi.first(&ASSIGN, Access::Latest, &params, |row| row.get::<i64>(0)))?;
    let at = zone.wall_time(start);
    Ok((id, format!("{name} visits client {} at {at}", open.client)))
}

/// Somebody may have made the visit, called it off, or put it into the record by hand since.
fn unassigned(open: &Open) -> Result<()> {
    if let Some(made) = &open.made {
        return Err(ClinicError::new(SqlState::WrongState, format!("visit {} {made} already", open.visit))
            .hint("Nothing is left to resolve; clinic.exception_queue leaves it out."));
    }
    let Some(whom) = open.assigned else { return Ok(()) };
    Err(ClinicError::new(SqlState::WrongState, format!("visit {} is in the record already", open.visit))
        .detail(format!("Staff {whom} has it."))
        .hint("Change that row of clinic.assignments, or delete it first."))
}

fn reschedule(spi: &Spi, opened: &Opened, open: &Open, args: &Args, reason: Option<&str>) -> Result<String> {
    let to_date = args.date(4, "to_date")?;
    let to_date = to_date.ok_or_else(|| null_argument("to_date").hint("To which date?"))?;
    check_period(to_date, to_date, "Give one date.")?;
    if to_date == open.on_date {
        return Err(ClinicError::new(SqlState::InvalidArgument, "to_date is the visit's own date").hint(
            "Give another date; on the same one: resolution reassigned, with staff_id and starts_at.",
        ));
    }
    if to_date < open.on_date && to_date < opened.today(session::now())? {
        return Err(ClinicError::new(SqlState::InvalidArgument, "to_date is over")
            .detail(format!("The visit of exception {} is on {}.", open.id, open.on_date))
            .hint("Give a date to come."));
    }
    unassigned(open)?;
    let key = [param(opened.clinic), param(open.client), date_param(to_date)];
    if let Some(made) = spi.first(&MADE, Access::Latest, &key, |row| row.get::<String>(0))? {
        return Err(ClinicError::new(
            SqlState::WrongState,
            format!("client {}'s visit of {to_date} {made} already", open.client),
        )
        .hint("A client is visited once a day: give another date."));
    }
    outcome(spi, opened, open, "rescheduled")?;
    let actor = attribution::actor();
    let params = [
        param(opened.clinic),
        param(open.client),
        date_param(to_date),
        param(actor.as_str()),
        reason.and_then(param),
    ];
    keeping_origin(|| spi.run(&WALK_IN, &params))?;
    let told = format!("client {} is visited on {to_date} instead of {}", open.client, open.on_date);
    let is_planned = promoted_plan(spi, opened.clinic, to_date, Access::Latest)?.is_some();
    Ok(if is_planned { format!("{told}, once replan_rounds('{to_date}') has planned it") } else { told })
}

fn outcome(spi: &Spi, opened: &Opened, open: &Open, outcome: &str) -> Result<()> {
    keeping_origin(|| spi.run(&OUTCOME, &[param(opened.clinic), param(open.visit), param(outcome)]))
}
