//! plan_rounds, replan_rounds, explain_visit: a day's visits are planned by the core, and kept with the trace.

mod save;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant as Clock;

use chrono::NaiveDate;
use pg_clinic_core::ids::{ClientId, StaffId, VisitId};
use pg_clinic_core::rounds::{self, Change, Moved, Placement, RoundsPlan};
use pgrx::{IntoDatum, pg_sys};
use serde_json::{Value, json};

use crate::pg::platform::args::{Args, ResultSet, instant, sql_functions, text};
use crate::pg::platform::clinic::{self, Opened, check_period};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::session;
use crate::pg::platform::spi::{self, Access, Spi, date_param, param, statements};
use crate::pg::roster::load::{Plan, zone};
use crate::pg::rounds::load::{
    Asked, Loaded, Which, add_due, day, exceptions, missing, placements, promoted_plan, rounds_plan,
    stored_visit,
};

sql_functions! {
    pg_clinic_plan_rounds, pg_finfo_pg_clinic_plan_rounds => plan_rounds;
    pg_clinic_replan_rounds, pg_finfo_pg_clinic_replan_rounds => replan_rounds;
    pg_clinic_explain_visit, pg_finfo_pg_clinic_explain_visit => explain_visit;
}

statements! {
    /// A plan's locks of visits and people for a date, by id.
    LOCKS(INT8OID, INT8OID, DATEOID) =
        "select id, action, staff_id, visit_id, starts_at from clinic.locks
         where clinic_id = $1 and plan_id = $2 and shift_id is null
           and (from_date is null or from_date <= $3) and (to_date is null or to_date >= $3) order by id";
}

/// A row of `clinic.locks` about rounds.
struct Lock {
    id: i64,
    action: Action,
    /// `assign`: exactly this.
    assigns: Option<Placement>,
    staff: Option<StaffId>,
    visit: Option<VisitId>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    /// This worker makes this visit then.
    Assign,
    /// What matches stays as it is.
    Keep,
    /// This worker makes none.
    Forbid,
}

impl Lock {
    fn keeps(&self, placement: &Placement) -> bool {
        self.action == Action::Keep
            && self.staff.is_none_or(|staff| staff == placement.worker)
            && self.visit.is_none_or(|visit| visit == placement.visit)
    }
}

fn locks(spi: &Spi, clinic: i64, plan: i64, date: NaiveDate) -> Result<Vec<Lock>> {
    spi.query(&LOCKS, Access::Snapshot, &[param(clinic), param(plan), date_param(date)], |row| {
        let (staff, visit) = (row.opt::<i64>(2)?.map(StaffId), row.opt::<i64>(3)?.map(VisitId));
        let starts_at = row.micros(4)?.map(pg_clinic_core::time::interval::Instant);
        let assigns = match (staff, visit, starts_at) {
            (Some(worker), Some(visit), Some(start)) => Some(Placement { visit, worker, start }),
            _ => None,
        };
        let action = match row.get::<String>(1)?.as_str() {
            "assign" => Action::Assign,
            "keep" => Action::Keep,
            _ => Action::Forbid,
        };
        Ok(Lock { id: row.get(0)?, action, assigns, staff, visit })
    })
}

/// What the locks fix on the date: what they assign, and of what a plan (else the record) has what they keep.
fn locked(locks: &[Lock], existing: &[Placement], loaded: &Loaded, date: NaiveDate) -> Vec<Placement> {
    let is_of_date = |placement: &Placement| loaded.zone.local_date(placement.start) == date;
    let assigned = locks.iter().filter_map(|lock| lock.assigns).filter(is_of_date);
    let mut locked: Vec<_> = assigned.collect();
    let is_kept = |placement: &&Placement| {
        is_of_date(placement)
            && locks.iter().any(|lock| lock.keeps(placement))
            && !is_among(&locked, placement.visit)
    };
    let kept: Vec<_> = existing.iter().filter(is_kept).copied().collect();
    locked.extend(kept);
    locked
}

fn is_among(locked: &[Placement], visit: VisitId) -> bool {
    locked.iter().any(|placement| placement.visit == visit)
}

/// Rounds as planned, before they are saved.
struct Planned {
    opened: Opened,
    id: i64,
    date: NaiveDate,
    loaded: Loaded,
    rounds: RoundsPlan,
    moved: Vec<Moved>,
    /// Of who is to be visited, and of everything.
    fingerprint: String,
    solve_ms: f64,
}

/// The date asked for: today when nobody says.
fn date(args: &Args, opened: &Opened) -> Result<NaiveDate> {
    let date = match args.date(0, "on_date")? {
        Some(date) => date,
        None => opened.today(session::now())?,
    };
    check_period(date, date, "Plan one day.")?;
    Ok(date)
}

fn left_out(args: &Args, index: usize) -> Vec<i64> {
    let without: Vec<Option<i64>> = args.opt(index).unwrap_or_default();
    let mut without: Vec<i64> = without.into_iter().flatten().collect();
    without.sort_unstable();
    without.dedup();
    without
}

fn plan_rounds(args: &Args) -> Result<pg_sys::Datum> {
    let without = left_out(args, 2);
    let parent: Option<i64> = args.opt(1);
    let planned = spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(3), Access::Latest)?;
        let date = date(args, &opened)?;
        if let Some(parent) = parent {
            require_date(&rounds_plan(spi, &opened, parent, Access::Latest)?, date)?;
        }
        let options = if without.is_empty() { json!({}) } else { json!({ "without_staff_ids": without }) };
        let id = save::draft(spi, opened.clinic, date, parent, options)?;
        add_due(spi, &opened, date)?;
        let asked = Asked { date, which: Which::DueOrDone, without: &without, access: Access::Snapshot };
        let (mut loaded, locks, existing, mut record, reassigned) = session::with_own_snapshot(|| {
            let loaded = day(spi, &opened, &asked)?;
            let existing = placements(spi, opened.clinic, parent, date, Access::Snapshot)?;
            let record = placements(spi, opened.clinic, None, date, Access::Snapshot)?;
            let reassigned = exceptions::reassigned(spi, opened.clinic, date)?;
            Ok((loaded, locks(spi, opened.clinic, id, date)?, existing, record, reassigned))
        })?;
        let mut locked = locked(&locks, &existing, &loaded, date);
        // Whom resolve_exception() sent goes, unless a lock says otherwise or the plan does without.
        let stands = |row: &&Placement| reassigned.contains(&row.visit) && !is_among(&locked, row.visit);
        let sent: Vec<_> = record.iter().filter(stands).copied().collect();
        locked.extend(sent);
        locked.retain(|placement| !without.contains(&placement.worker.0));
        let fingerprint = rounds::fingerprint(&loaded.day);
        forbid(&mut loaded, &locks);
        loaded.take_worked_times(&mut record, None);
        stand(&mut loaded, &record, &mut locked);
        loaded.day.locked = locked;
        let began = Clock::now();
        let rounds = rounds::plan(&loaded.day);
        let solve_ms = began.elapsed().as_secs_f64() * 1e3;
        tell_of_idle_locks(&locks, &rounds);
        Ok(Planned { opened, id, date, loaded, rounds, moved: Vec::new(), fingerprint, solve_ms })
    })?;
    let message = save::message(&planned);
    spi::connect(|spi| save::save(spi, &planned, &message))?;
    let mut set = ResultSet::new(args);
    let count = |number: usize| (number as i64).into_datum();
    set.push([
        planned.id.into_datum(),
        text(save::STATUS),
        count(planned.loaded.day.visits.len()),
        count(planned.rounds.assignments.len()),
        count(planned.rounds.exceptions.len()),
        count(planned.rounds.moves.len()),
        planned.solve_ms.into_datum(),
        text(&message),
    ]);
    Ok(set.done())
}

/// What somebody has begun stands where the record has it, and takes time and capacity; what nobody there has, isn't planned.
fn stand(loaded: &mut Loaded, record: &[Placement], locked: &mut Vec<Placement>) {
    let done: BTreeSet<_> = loaded.done().into_iter().collect();
    let worked = record.iter().filter(|placement| done.contains(&placement.visit));
    let worked: BTreeMap<_, _> = worked.rev().map(|placement| (placement.visit, *placement)).collect();
    loaded.day.visits.retain(|visit| !done.contains(&visit.id) || worked.contains_key(&visit.id));
    locked.retain(|placement| !done.contains(&placement.visit));
    locked.extend(worked.values());
}

fn require_date(parent: &Plan, date: NaiveDate) -> Result<()> {
    if parent.from == date {
        return Ok(());
    }
    Err(ClinicError::new(SqlState::InvalidArgument, format!("plan {} is of another date", parent.id))
        .detail(format!("It is of {}.", parent.from))
        .hint("Name a plan of the same date, or none."))
}

/// Whom a lock forbids to work has no duty that day.
fn forbid(loaded: &mut Loaded, locks: &[Lock]) {
    for worker in &mut loaded.day.workers {
        if locks.iter().any(|lock| lock.action == Action::Forbid && lock.staff == Some(worker.id)) {
            worker.on_duty.clear();
        }
    }
}

/// A lock of a visit that isn't due, or of somebody who makes no visits, is said aloud: it holds nothing.
fn tell_of_idle_locks(locks: &[Lock], rounds: &RoundsPlan) {
    for lock in locks {
        if let Some(placement) = lock.assigns
            && rounds.assignment(placement.visit).map(rounds::Assignment::placement) != Some(placement)
        {
            let Placement { visit, worker, .. } = placement;
            pgrx::notice!(
                "lock {} holds nothing: visit {visit} isn't due, is done or has another lock, starts_at is on another \
                 date, or staff {worker} is left out or no field worker",
                lock.id
            );
        }
    }
}

fn replan_rounds(args: &Args) -> Result<pg_sys::Datum> {
    let without = left_out(args, 2);
    let from = args.instant(1, "from_time")?.unwrap_or_else(session::now);
    let planned = spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(3), Access::Latest)?;
        let date = date(args, &opened)?;
        let zone = zone(&opened, (date, date))?;
        if from >= zone.day_end(date) {
            return Err(ClinicError::new(SqlState::InvalidArgument, format!("{date} is over at from_time"))
                .hint("Give from_time on that date, or another on_date."));
        }
        let parent = promoted_plan(spi, opened.clinic, date, Access::Latest)?;
        let options = json!({ "without_staff_ids": without, "from_time": from_time(&zone, from) });
        let id = save::draft(spi, opened.clinic, date, parent, options)?;
        add_due(spi, &opened, date)?;
        replanned(spi, opened, date, id, Afresh { from, without: &without })
    })?;
    let message = save::message(&planned);
    spi::connect(|spi| save::save(spi, &planned, &message))?;
    let mut set = ResultSet::new(args);
    push_moved(&mut set, &planned, &message);
    Ok(set.done())
}

fn from_time(
    zone: &pg_clinic_core::time::zone::Zone,
    from: pg_clinic_core::time::interval::Instant,
) -> Value {
    json!(format!("{} {}", zone.local_date(from), zone.wall_time(from)))
}

/// What is different from now on.
struct Afresh<'a> {
    from: pg_clinic_core::time::interval::Instant,
    without: &'a [i64],
}

fn replanned(spi: &Spi, opened: Opened, date: NaiveDate, id: i64, afresh: Afresh<'_>) -> Result<Planned> {
    let asked = Asked { date, which: Which::DueOrDone, without: &[], access: Access::Snapshot };
    let (mut loaded, mut existing, locks, mut fixed) = session::with_own_snapshot(|| {
        let loaded = day(spi, &opened, &asked)?;
        let existing = placements(spi, opened.clinic, None, date, Access::Snapshot)?;
        let locks = locks(spi, opened.clinic, id, date)?;
        let mut fixed = locked(&locks, &existing, &loaded, date);
        // What a person decided stays decided.
        let decided = exceptions::decided(spi, opened.clinic, date)?;
        fixed.extend(existing.iter().filter(|placement| decided.contains(&placement.visit)));
        Ok((loaded, existing, locks, fixed))
    })?;
    if existing.is_empty() {
        return Err(ClinicError::new(SqlState::WrongState, format!("the record has no rounds of {date}"))
            .hint(format!("Plan the day, select * from plan_rounds('{date}'), and promote the plan.")));
    }
    let without: Vec<StaffId> = afresh.without.iter().copied().map(StaffId).collect();
    if let Some(unknown) = without.iter().find(|id| !loaded.workers.contains_key(id)) {
        let hint = "select id, name from clinic.staff where enabled lists those there are.";
        return Err(missing(&format!("staff {unknown}"), "staff", opened.clinic, hint));
    }
    let fingerprint = rounds::fingerprint(&loaded.day);
    forbid(&mut loaded, &locks);
    loaded.take_worked_times(&mut existing, Some(afresh.from));
    // What a lock puts elsewhere goes there; the rest that is fixed stays where it is.
    let (here, elsewhere): (Vec<_>, Vec<_>) = fixed.drain(..).partition(|row| existing.contains(row));
    let locked: Vec<_> = here.iter().map(|placement| placement.visit).collect();
    loaded.day.locked = elsewhere;
    let done = loaded.done();
    let change = Change { from: afresh.from, without: &without, locked: &locked, done: &done };
    let began = Clock::now();
    let replan = rounds::replan(&loaded.day, &existing, &change);
    let solve_ms = began.elapsed().as_secs_f64() * 1e3;
    let (rounds, moved) = (replan.plan, replan.moved);
    Ok(Planned { opened, id, date, loaded, rounds, moved, fingerprint, solve_ms })
}

fn push_moved(set: &mut ResultSet, planned: &Planned, message: &str) {
    let mut summary = [const { None }; 11];
    summary[0] = planned.id.into_datum();
    summary[10] = text(message);
    set.push(summary);
    for moved in &planned.moved {
        let client = planned.loaded.visits.get(&moved.visit).map(|visit| visit.client);
        let name = client.and_then(|client| planned.loaded.clients.get(&client));
        let staff = |at: Option<Placement>| at.and_then(|at| at.worker.0.into_datum());
        let start = |at: Option<Placement>| at.and_then(|at| instant(at.start));
        set.push([
            planned.id.into_datum(),
            moved.visit.0.into_datum(),
            client.and_then(|client| client.0.into_datum()),
            name.and_then(|name| text(name)),
            text(moved.reason.as_str()),
            staff(moved.before),
            start(moved.before),
            staff(moved.after),
            start(moved.after),
            moved.was_locked.into_datum(),
            None,
        ]);
    }
}

fn explain_visit(args: &Args) -> Result<pg_sys::Datum> {
    let id: i64 = args.required(0, "plan_id")?;
    let client: i64 = args.required(1, "client_id")?;
    let told = spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(2), Access::Snapshot)?;
        let stored = stored_visit(spi, &opened, id, ClientId(client))?;
        let visit = stored.loaded.day.visits.first();
        let told = visit.and_then(|visit| {
            rounds::explain(&stored.loaded.day, &stored.rounds, &stored.loaded.zone, visit.id)
        });
        told.ok_or_else(|| {
            ClinicError::new(SqlState::NotFound, format!("plan {id} has no visit to client {client}"))
                .detail(format!("It plans {}; the visit wasn't due, or was skipped.", stored.plan.from))
                .hint("select * from clinic.client_events tells what was asked for.")
        })
    })?;
    Ok(text(&told).unwrap_or(pg_sys::Datum::null()))
}
