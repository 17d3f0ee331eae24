//! solve_roster, draft_plan, solve_plan: a plan is drafted as a row, solved, and kept whatever comes of it.

mod run;
mod save;

use chrono::NaiveDate;
use pg_clinic_core::milp::Limits;
use pg_clinic_core::roster::plan::fingerprint;
use pg_clinic_core::roster::problem::Problem;
use pg_clinic_core::time::calendar::add_days;
use pgrx::{IntoDatum, JsonB, pg_sys};

use crate::pg::platform::args::{Args, ResultSet, sql_functions, text};
use crate::pg::platform::attribution;
use crate::pg::platform::caught::keeping_origin;
use crate::pg::platform::clinic::{self, Opened, check_period};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::session;
use crate::pg::platform::spi::{self, Access, Spi, date_param, param, statements};
use crate::pg::roster::load::{Options, Plan, check_size, plan, plan_problem};

sql_functions! {
    pg_clinic_solve_roster, pg_finfo_pg_clinic_solve_roster => solve_roster;
    pg_clinic_draft_plan, pg_finfo_pg_clinic_draft_plan => draft_plan;
    pg_clinic_solve_plan, pg_finfo_pg_clinic_solve_plan => solve_plan;
}

statements! {
    /// A new plan.
    DRAFT(INT8OID, DATEOID, DATEOID, JSONBOID, INT8OID, TEXTOID) =
        "insert into clinic.plans (clinic_id, kind, from_date, to_date, options, parent_plan_id, created_by)
         values ($1, 'roster', $2, $3, $4, $5, $6) returning id";
    /// It inherits those of its parent's locks that are about its dates.
    INHERIT_LOCKS(INT8OID, INT8OID, INT8OID) =
        "insert into clinic.locks (clinic_id, plan_id, action, staff_id, shift_id, from_date, to_date, created_by)
         select l.clinic_id, p.id, l.action, l.staff_id, l.shift_id, l.from_date, l.to_date, l.created_by
         from clinic.locks l
         join clinic.plans p on p.clinic_id = l.clinic_id and p.id = $2
         join clinic.clinics c on c.id = l.clinic_id
         left join clinic.shifts s on s.clinic_id = l.clinic_id and s.id = l.shift_id
         where l.clinic_id = $1 and l.plan_id = $3
           and daterange(l.from_date, l.to_date, '[]') && daterange(p.from_date, p.to_date, '[]')
           and (s.id is null or (lower(s.during) at time zone c.time_zone)::date between p.from_date and p.to_date)
         order by l.id";
    /// Everything up to a date stays.
    KEEP(INT8OID, INT8OID, DATEOID, TEXTOID) =
        "insert into clinic.locks (clinic_id, plan_id, action, to_date, created_by) values ($1, $2, 'keep', $3, $4)";
    /// Two who solve the same plan queue.
    LOCK_PLAN(INT8OID, INT8OID) = "select from clinic.plans where clinic_id = $1 and id = $2 for no key update";
}

/// Days of a plan when nobody says: a week.
const DEFAULT_DAYS: i64 = 7;
/// Time to solve when nobody says.
const DEFAULT_TIME_LIMIT_MICROS: i64 = 60_000_000;
/// Longest time to solve.
const MAX_TIME_LIMIT_MICROS: i64 = pg_clinic_core::time::interval::MICROS_PER_DAY;

/// What a new plan is to be.
struct Draft {
    from: NaiveDate,
    to: NaiveDate,
    parent: Option<i64>,
    options: Options,
    keep_before: Option<NaiveDate>,
}

impl Draft {
    /// The first six arguments of solve_roster() and draft_plan().
    fn read(args: &Args) -> Result<Self> {
        let from = args
            .date(0, "from_date")?
            .ok_or_else(|| ClinicError::new(SqlState::NullArgument, "from_date must not be null"))?;
        let to = args.date(1, "to_date")?.unwrap_or_else(|| add_days(from, DEFAULT_DAYS - 1));
        check_period(from, to, "Plan a shorter period, several times.")?;
        let without: Vec<Option<i64>> = args.opt(3).unwrap_or_default();
        let mut without: Vec<i64> = without.into_iter().flatten().collect();
        without.sort_unstable();
        without.dedup();
        let weights = args.opt::<JsonB>(4).map(|weights| weights.0);
        Ok(Self {
            from,
            to,
            parent: args.opt(2),
            options: Options { without, weights: Options::weights_of(weights.as_ref())? },
            keep_before: args.date(5, "keep_before")?,
        })
    }

    /// Writes the row and the locks.
    fn insert(&self, spi: &Spi, opened: &Opened) -> Result<i64> {
        if let Some(parent) = self.parent {
            plan(spi, opened, parent, Access::Latest)?;
        }
        let actor = attribution::actor();
        let params = [
            param(opened.clinic),
            date_param(self.from),
            date_param(self.to),
            param(JsonB(self.options.to_json())),
            self.parent.and_then(param),
            param(actor.as_str()),
        ];
        let id = keeping_origin(|| spi.first(&DRAFT, Access::Latest, &params, |row| row.get::<i64>(0)))?
            .unwrap_or_default();
        if let Some(parent) = self.parent {
            spi.run(&INHERIT_LOCKS, &[param(opened.clinic), param(id), param(parent)])?;
        }
        if let Some(first) = self.keep_before.filter(|first| *first > self.from) {
            let last = add_days(first, -1);
            spi.run(&KEEP, &[param(opened.clinic), param(id), date_param(last), param(actor.as_str())])?;
        }
        Ok(id)
    }
}

fn solve_roster(args: &Args) -> Result<pg_sys::Datum> {
    let (draft, limits) = (Draft::read(args)?, limits(args, 6)?);
    let (opened, question) = spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(8), Access::Latest)?;
        let id = draft.insert(spi, &opened)?;
        let question = Question::load(spi, &opened, id)?;
        Ok((opened, question))
    })?;
    question.answer(args, &opened, &limits)
}

fn draft_plan(args: &Args) -> Result<pg_sys::Datum> {
    let draft = Draft::read(args)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(6), Access::Latest)?;
        let id = draft.insert(spi, &opened)?;
        // What can't be solved is refused now.
        Question::load(spi, &opened, id)?;
        Ok(pg_sys::Datum::from(id))
    })
}

fn solve_plan(args: &Args) -> Result<pg_sys::Datum> {
    let id: i64 = args.required(0, "plan_id")?;
    let limits = limits(args, 1)?;
    let (opened, question) = spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(3), Access::Latest)?;
        spi.run(&LOCK_PLAN, &[param(opened.clinic), param(id)])?;
        let question = Question::load(spi, &opened, id)?;
        if let Some(promoted_by) = &question.plan.promoted_by {
            return Err(ClinicError::new(SqlState::WrongState, format!("plan {id} was promoted"))
                .detail(format!("{promoted_by} made it the record, so it stays as it is."))
                .hint(format!("Draft another from it: select draft_plan(…, parent_plan_id => {id})")));
        }
        Ok((opened, question))
    })?;
    question.answer(args, &opened, &limits)
}

/// `time_limit` and `node_limit`, which stand side by side.
fn limits(args: &Args, index: usize) -> Result<Limits> {
    let micros = args.interval_micros(index, "time_limit")?.unwrap_or(DEFAULT_TIME_LIMIT_MICROS);
    if micros <= 0 || micros > MAX_TIME_LIMIT_MICROS {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            "time_limit must be more than nothing and at most a day",
        ));
    }
    let node_limit: Option<i64> = args.opt(index + 1);
    if node_limit.is_some_and(|nodes| nodes < 1) {
        return Err(ClinicError::new(SqlState::InvalidArgument, "node_limit must be at least 1"));
    }
    Ok(Limits { time_limit_seconds: Some(micros as f64 / 1e6), node_limit, start: None })
}

/// Refuses a lock that can bind nothing: whoever wrote it believes that it does.
fn require_binding_locks(problem: &Problem) -> Result<()> {
    let Some(lock) = problem.idle_lock() else { return Ok(()) };
    let (from, to) = (problem.from, problem.to);
    let about = lock.shift.map_or("other dates".to_owned(), |shift| format!("shift {shift}"));
    Err(ClinicError::new(SqlState::WrongState, format!("lock {} binds nothing in this plan", lock.id))
        .detail(format!("It is about {about}; the plan is about the shifts from {from} to {to}."))
        .hint(format!("Change it, or: delete from clinic.locks where id = {}", lock.id)))
}

/// A plan with the problem it is to answer.
struct Question {
    plan: Plan,
    problem: Problem,
    /// How many shifts the plan's dates have.
    shifts: i64,
    fingerprint: String,
}

impl Question {
    fn load(spi: &Spi, opened: &Opened, id: i64) -> Result<Self> {
        let (plan, loaded) = session::with_own_snapshot(|| {
            let plan = plan(spi, opened, id, Access::Snapshot)?;
            let loaded = plan_problem(spi, opened, &plan, Access::Snapshot)?;
            Ok((plan, loaded))
        })?;
        let problem = loaded.problem;
        check_size(&problem)?;
        let of_dates = problem.shifts.iter().filter(|shift| problem.has(shift));
        let shifts = of_dates.count() as i64;
        if shifts == 0 {
            return Err(ClinicError::new(
                SqlState::WrongState,
                format!("there are no shifts from {} to {}", plan.from, plan.to),
            )
            .hint(format!(
                "Make them from the templates, select generate_shifts('{}', '{}'), or insert into \
                 clinic.shifts.",
                plan.from, plan.to
            )));
        }
        require_binding_locks(&problem)?;
        let fingerprint = fingerprint(&problem);
        Ok(Self { plan, problem, shifts, fingerprint })
    }

    /// Solves, saves, and tells.
    fn answer(self, args: &Args, opened: &Opened, limits: &Limits) -> Result<pg_sys::Datum> {
        let mut set = ResultSet::new(args);
        let solved = run::solve(&self.problem, limits)?;
        spi::connect(|spi| save::save(spi, opened, &self, limits, &solved))?;
        let outcome = &solved.outcome;
        set.push([
            self.plan.id.into_datum(),
            text(outcome.status.as_str()),
            outcome.judgment.as_ref().and_then(|judgment| judgment.objective.into_datum()),
            outcome.bound.and_then(IntoDatum::into_datum),
            outcome.gap.and_then(IntoDatum::into_datum),
            solved.solve_ms.into_datum(),
            self.shifts.into_datum(),
            (outcome.assignments.len() as i64).into_datum(),
            text(&solved.message),
        ]);
        Ok(set.done())
    }
}
