//! plan_rounds, replan_rounds, explain_visit: the core plans a day's visits; the plan is kept with its trace.

mod save;

use std::time::Instant as Clock;

use chrono::NaiveDate;
use pg_clinic_core::ids::{ClientId, StaffId};
use pg_clinic_core::roster::options::PlanOptions;
use pg_clinic_core::rounds::{
    self, Changes, Decided, Moved, Placement, Replan, RoundsPlan, explain, idle_locks, plan_day, replan_day,
};
use pg_clinic_core::text::at;
use pg_clinic_core::time::interval::Instant;
use pgrx::{IntoDatum, pg_sys};

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::clinic::{self, Opened, check_period};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::session;
use crate::pg::platform::signatures::{
    Bigint, Boolean, Date, DoublePrecision, Required, Rows, SparseBigintArray, Text, Timestamptz, Value,
    signatures,
};
use crate::pg::platform::spi::{self, Access, Spi};
use crate::pg::roster::load::{Plan, zone};
use crate::pg::rounds::load::locks::locks;
use crate::pg::rounds::load::{
    Loaded, RoundsQuery, Which, add_due, day, exceptions, placements, promoted_plan, rounds_plan,
    stored_visit,
};

sql_functions! {
    pg_clinic_plan_rounds, pg_finfo_pg_clinic_plan_rounds => plan_rounds;
    pg_clinic_replan_rounds, pg_finfo_pg_clinic_replan_rounds => replan_rounds;
    pg_clinic_explain_visit, pg_finfo_pg_clinic_explain_visit => explain_visit;
}

signatures! {
    /// Arguments of `plan_rounds`.
    PlanRounds = plan_rounds(
        on_date: Date = null, parent_plan_id: Bigint = null, without_staff_ids: SparseBigintArray = null,
        clinic_id: Bigint = null,
    ) -> table PlannedRounds {
        plan_id: Bigint, status: Text, visits: Bigint, assigned: Bigint, exceptions: Bigint, smoothed: Bigint,
        solve_ms: DoublePrecision, message: Text,
    };
    /// Arguments of `replan_rounds`.
    ReplanRounds = replan_rounds(
        on_date: Date = null, from_time: Timestamptz = now, without_staff_ids: SparseBigintArray = null,
        clinic_id: Bigint = null,
    ) -> table MovedVisit {
        plan_id: Bigint, visit_id: Bigint, client_id: Bigint, client_name: Text, code: Text, old_staff_id: Bigint,
        old_starts_at: Timestamptz, new_staff_id: Bigint, new_starts_at: Timestamptz, was_locked: Boolean, moved_visits: Bigint, moved_minutes: Bigint,
        changed_workers: Bigint, fewest_changed_workers: Bigint, message: Text,
    };
    /// Arguments of `explain_visit`.
    ExplainVisit = explain_visit(
        plan_id: Required<Bigint>, client_id: Required<Bigint>, clinic_id: Bigint = null,
    ) -> Text;
}

/// Rounds as planned, before they are saved.
struct Planned {
    opened: Opened,
    id: i64,
    date: NaiveDate,
    loaded: Loaded,
    rounds: RoundsPlan,
    moved: Vec<Moved>,
    changes: Changes,
    /// The fingerprint of the plan's input.
    fingerprint: String,
    solve_ms: f64,
}

/// The date given, else today.
fn date(on_date: Option<NaiveDate>, opened: &Opened) -> Result<NaiveDate> {
    let date = match on_date {
        Some(date) => date,
        None => opened.today(session::now())?,
    };
    check_period(date, date, "Plan one day.")?;
    Ok(date)
}

fn left_out(without_staff_ids: Option<Vec<Option<i64>>>) -> Vec<i64> {
    let mut without: Vec<i64> = without_staff_ids.unwrap_or_default().into_iter().flatten().collect();
    without.sort_unstable();
    without.dedup();
    without
}

fn staff(ids: &[i64]) -> Vec<StaffId> {
    ids.iter().copied().map(StaffId).collect()
}

fn count(number: usize) -> Value<Bigint> {
    Value::from(number as i64)
}

fn plan_rounds(args: &Args) -> Result<pg_sys::Datum> {
    let PlanRounds { on_date, parent_plan_id: parent, without_staff_ids, clinic_id } =
        PlanRounds::read(args)?;
    let without = left_out(without_staff_ids);
    let planned = spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Latest)?;
        let date = date(on_date, &opened)?;
        if let Some(parent) = parent {
            require_date(&rounds_plan(spi, &opened, parent, Access::Latest)?, date)?;
        }
        let options = PlanOptions { without_staff_ids: without.clone(), ..PlanOptions::default() };
        let id = save::draft(spi, opened.clinic, date, parent, &options)?;
        add_due(spi, &opened, date)?;
        let query =
            RoundsQuery { date, which: Which::DueOrDone, without: &without, access: Access::Snapshot };
        let (mut loaded, locks, existing, record, given) = session::with_own_snapshot(|| {
            let loaded = day(spi, &opened, &query)?;
            let existing = match parent {
                Some(_) => Some(placements(spi, opened.clinic, parent, date, Access::Snapshot)?),
                None => None,
            };
            let record = placements(spi, opened.clinic, None, date, Access::Snapshot)?;
            let given = exceptions::reassigned(spi, opened.clinic, date)?;
            Ok((loaded, locks(spi, opened.clinic, id, date)?, existing, record, given))
        })?;
        let fingerprint = rounds::fingerprint(&loaded.day);
        let began = Clock::now();
        let decided = Decided {
            zone: &loaded.zone,
            date,
            locks: &locks,
            record: &record,
            visits: &given,
            notes: &loaded.notes,
            without: &staff(&without),
        };
        let rounds = plan_day(&mut loaded.day, &decided, existing.as_deref(), &mut session::check_for_cancel);
        let solve_ms = began.elapsed().as_secs_f64() * 1e3;
        for idle in idle_locks(&locks, &rounds, &loaded.names()) {
            pgrx::notice!("{idle}");
        }
        Ok(Planned {
            opened,
            id,
            date,
            loaded,
            rounds,
            moved: Vec::new(),
            changes: Changes::default(),
            fingerprint,
            solve_ms,
        })
    })?;
    let message = save::message(&planned);
    spi::connect(|spi| save::save(spi, &planned, &message))?;
    let mut rows = Rows::<PlannedRounds>::new(args);
    rows.push(PlannedRounds {
        plan_id: planned.id.into(),
        status: save::STATUS.as_str().into(),
        visits: count(planned.loaded.day.visits.len()),
        assigned: count(planned.rounds.assignments.len()),
        exceptions: count(planned.rounds.exceptions.len()),
        smoothed: count(planned.rounds.moves.len()),
        solve_ms: planned.solve_ms.into(),
        message: message.into(),
    });
    Ok(rows.done())
}

fn require_date(parent: &Plan, date: NaiveDate) -> Result<()> {
    if parent.from == date {
        return Ok(());
    }
    Err(ClinicError::new(SqlState::InvalidArgument, format!("plan {} is of another date", parent.id))
        .detail(format!("It is of {}.", parent.from))
        .hint("Name a plan of the same date, or none."))
}

fn replan_rounds(args: &Args) -> Result<pg_sys::Datum> {
    let ReplanRounds { on_date, from_time, without_staff_ids, clinic_id } = ReplanRounds::read(args)?;
    let without = left_out(without_staff_ids);
    let from = from_time.unwrap_or_else(session::now);
    let planned = spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Latest)?;
        let date = date(on_date, &opened)?;
        let zone = zone(&opened, (date, date))?;
        if from >= zone.day_end(date) {
            return Err(ClinicError::new(SqlState::InvalidArgument, format!("{date} is over at from_time"))
                .hint("Give from_time on that date, or another on_date."));
        }
        let parent = promoted_plan(spi, opened.clinic, date, Access::Latest)?;
        let options = PlanOptions {
            without_staff_ids: without.clone(),
            from_time: Some(at(&zone, from)),
            ..PlanOptions::default()
        };
        let id = save::draft(spi, opened.clinic, date, parent, &options)?;
        add_due(spi, &opened, date)?;
        replanned(spi, opened, date, id, (from, &without))
    })?;
    let message = save::message(&planned);
    spi::connect(|spi| save::save(spi, &planned, &message))?;
    let mut rows = Rows::<MovedVisit>::new(args);
    push_moved(&mut rows, &planned, &message);
    Ok(rows.done())
}

/// Plans the rest of a day anew, from an instant on and without some people.
fn replanned(
    spi: &Spi,
    opened: Opened,
    date: NaiveDate,
    id: i64,
    (from, without): (Instant, &[i64]),
) -> Result<Planned> {
    let query = RoundsQuery { date, which: Which::DueOrDone, without: &[], access: Access::Snapshot };
    let (mut loaded, record, locks, visits) = session::with_own_snapshot(|| {
        let loaded = day(spi, &opened, &query)?;
        let record = placements(spi, opened.clinic, None, date, Access::Snapshot)?;
        let decided = exceptions::decided(spi, opened.clinic, date)?;
        Ok((loaded, record, locks(spi, opened.clinic, id, date)?, decided))
    })?;
    if record.is_empty() {
        return Err(ClinicError::new(SqlState::WrongState, format!("the record has no rounds of {date}"))
            .hint(format!("Plan the day, select * from plan_rounds('{date}'), and promote the plan.")));
    }
    loaded.require_staff(opened.clinic, without)?;
    let fingerprint = rounds::fingerprint(&loaded.day);
    let began = Clock::now();
    let decided = Decided {
        zone: &loaded.zone,
        date,
        locks: &locks,
        record: &record,
        visits: &visits,
        notes: &loaded.notes,
        without: &staff(without),
    };
    let replan = replan_day(&mut loaded.day, &decided, from, &mut session::check_for_cancel);
    let solve_ms = began.elapsed().as_secs_f64() * 1e3;
    let Replan { plan: rounds, moved, changes } = replan;
    Ok(Planned { opened, id, date, loaded, rounds, moved, changes, fingerprint, solve_ms })
}

fn push_moved(rows: &mut Rows<MovedVisit>, planned: &Planned, message: &str) {
    let summary = MovedVisit {
        plan_id: planned.id.into(),
        visit_id: Value::NULL,
        client_id: Value::NULL,
        client_name: Value::NULL,
        code: Value::NULL,
        old_staff_id: Value::NULL,
        old_starts_at: Value::NULL,
        new_staff_id: Value::NULL,
        new_starts_at: Value::NULL,
        was_locked: Value::NULL,
        moved_visits: count(planned.changes.visits),
        moved_minutes: planned.changes.minutes.into(),
        changed_workers: count(planned.changes.workers),
        fewest_changed_workers: count(planned.changes.fewest_workers),
        message: message.into(),
    };
    rows.push(summary);
    for moved in &planned.moved {
        let client = planned.loaded.notes.get(moved.visit).map(|notes| notes.client);
        let staff = |place: Option<Placement>| place.map(|place| place.worker.0).into();
        let start = |place: Option<Placement>| place.map(|place| place.start).into();
        rows.push(MovedVisit {
            visit_id: moved.visit.0.into(),
            client_id: client.map(|client| client.0).into(),
            client_name: client
                .and_then(|client| planned.loaded.clients.get(&client))
                .map(String::as_str)
                .into(),
            code: moved.reason.as_str().into(),
            old_staff_id: staff(moved.before),
            old_starts_at: start(moved.before),
            new_staff_id: staff(moved.after),
            new_starts_at: start(moved.after),
            was_locked: moved.was_locked.into(),
            moved_visits: Value::NULL,
            moved_minutes: Value::NULL,
            changed_workers: Value::NULL,
            fewest_changed_workers: Value::NULL,
            message: Value::NULL,
            ..summary
        });
    }
}

fn explain_visit(args: &Args) -> Result<pg_sys::Datum> {
    let ExplainVisit { plan_id, client_id, clinic_id } = ExplainVisit::read(args)?;
    let text = spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Snapshot)?;
        let stored = stored_visit(spi, &opened, plan_id, ClientId(client_id))?;
        let loaded = &stored.loaded;
        let visit = loaded.day.visits.first();
        let text = visit
            .and_then(|visit| explain(&loaded.day, &stored.rounds, &loaded.zone, loaded.names(), visit.id));
        text.ok_or_else(|| {
            ClinicError::new(SqlState::NotFound, format!("plan {plan_id} has no visit to client {client_id}"))
                .detail(format!("It plans {}; the visit wasn't due, or was skipped.", stored.plan.from))
                .hint("select * from clinic.client_events lists client events.")
        })
    })?;
    Ok(text.into_datum().unwrap_or(pg_sys::Datum::null()))
}
