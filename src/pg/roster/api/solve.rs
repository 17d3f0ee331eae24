//! solve_roster, draft_plan, solve_plan: a plan is drafted as a row, solved, and kept whatever comes of it.

mod run;
mod save;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pg_clinic_core::milp::Limits;
use pg_clinic_core::roster::catalog::RuleKind;
use pg_clinic_core::roster::fingerprint::fingerprint;
use pg_clinic_core::roster::options::{self, BadWeight, MAX_WEIGHT, PlanOptions, kept_until};
use pg_clinic_core::roster::problem::Problem;
use pg_clinic_core::time::calendar::add_days;
use pgrx::pg_sys;
use serde_json::Value;

use super::record::unknown_kind;
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::attribution::{Attribution, Cause};
use crate::pg::platform::clinic::{self, Opened, check_period};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::json_param;
use crate::pg::platform::session;
use crate::pg::platform::signatures::{Required, Rows, result_row, signatures};
use crate::pg::platform::spi::{self, Access, Spi, date_param, param, statements};
use crate::pg::platform::sql_types::{
    Bigint, Date, DoublePrecision, Interval, Jsonb, SparseBigintArray, Text,
};
use crate::pg::roster::load::{Plan, check_size, plan, plan_problem};

sql_functions! {
    pg_clinic_solve_roster, pg_finfo_pg_clinic_solve_roster => solve_roster;
    pg_clinic_draft_plan, pg_finfo_pg_clinic_draft_plan => draft_plan;
    pg_clinic_solve_plan, pg_finfo_pg_clinic_solve_plan => solve_plan;
}

statements! {
    /// A new plan.
    DRAFT(INT8OID, DATEOID, DATEOID, JSONBOID, INT8OID) =
        "insert into clinic.plans (clinic_id, kind, from_date, to_date, options, parent_plan_id)
         values ($1, 'roster', $2, $3, $4, $5) returning id";
    /// Copies those of its parent's locks that are about its dates.
    INHERIT_LOCKS(INT8OID, INT8OID, INT8OID) =
        "insert into clinic.locks (clinic_id, plan_id, action, staff_id, shift_id, from_date, to_date, created_by,
           created_login)
         select l.clinic_id, p.id, l.action, l.staff_id, l.shift_id, l.from_date, l.to_date, l.created_by,
           l.created_login
         from clinic.locks l
         join clinic.plans p on p.clinic_id = l.clinic_id and p.id = $2
         join clinic.clinics c on c.id = l.clinic_id
         left join clinic.shifts s on s.clinic_id = l.clinic_id and s.id = l.shift_id
         where l.clinic_id = $1 and l.plan_id = $3
           and daterange(l.from_date, l.to_date, '[]') && daterange(p.from_date, p.to_date, '[]')
           and (s.id is null or (lower(s.during) at time zone c.time_zone)::date between p.from_date and p.to_date)
         order by l.id";
    /// Adds a lock that keeps everything up to a date.
    KEEP(INT8OID, INT8OID, DATEOID) =
        "insert into clinic.locks (clinic_id, plan_id, action, to_date) values ($1, $2, 'keep', $3)";
    /// Locks the plan: of two who solve it, one waits.
    LOCK_PLAN(INT8OID, INT8OID) = "select from clinic.plans where clinic_id = $1 and id = $2 for no key update";
}

signatures! {
    /// Arguments of `solve_roster`.
    SolveRoster = solve_roster(
        from_date: Required<Date>, to_date: Date = null, parent_plan_id: Bigint = null,
        without_staff_ids: SparseBigintArray = null, weights: Jsonb = null, keep_before: Date = null,
        time_limit: Interval = "00:01:00", node_limit: Bigint = null, clinic_id: Bigint = null,
    ) -> table SolvedPlan;
    /// Arguments of `draft_plan`.
    DraftPlan = draft_plan(
        from_date: Required<Date>, to_date: Date = null, parent_plan_id: Bigint = null,
        without_staff_ids: SparseBigintArray = null, weights: Jsonb = null, keep_before: Date = null,
        clinic_id: Bigint = null,
    ) -> Bigint;
    /// Arguments of `solve_plan`.
    SolvePlan = solve_plan(
        plan_id: Required<Bigint>, time_limit: Interval = "00:01:00", node_limit: Bigint = null,
        clinic_id: Bigint = null,
    ) -> table SolvedPlan;
}

result_row! {
    SolvedPlan {
        plan_id: Bigint, status: Text, objective: Bigint, bound: DoublePrecision, gap: DoublePrecision,
        solve_ms: DoublePrecision, shifts: Bigint, assigned: Bigint, message: Text,
    }
}

/// Days of a plan by default: a week.
const DEFAULT_DAYS: i64 = 7;
/// Time to solve by default.
const DEFAULT_TIME_LIMIT_MICROS: i64 = 60_000_000;
/// Longest time to solve.
const MAX_TIME_LIMIT_MICROS: i64 = pg_clinic_core::time::interval::MICROS_PER_DAY;

/// A plan that is to be drafted.
struct Draft {
    from: NaiveDate,
    to: NaiveDate,
    parent: Option<i64>,
    options: PlanOptions,
    keep_before: Option<NaiveDate>,
}

impl Draft {
    /// The arguments of draft_plan().
    fn of(draft: DraftPlan) -> Result<Self> {
        let from = draft.from_date;
        let to = draft.to_date.unwrap_or_else(|| add_days(from, DEFAULT_DAYS - 1));
        check_period(from, to, "Plan a shorter period, several times.")?;
        let without = draft.without_staff_ids.unwrap_or_default();
        let without: BTreeSet<i64> = without.into_iter().flatten().collect();
        let options = PlanOptions {
            without_staff_ids: without.into_iter().collect(),
            weights: weights_of(draft.weights)?,
            ..PlanOptions::default()
        };
        Ok(Self { from, to, parent: draft.parent_plan_id, options, keep_before: draft.keep_before })
    }

    /// Writes the row and the locks.
    fn insert(&self, spi: &Spi, opened: &Opened) -> Result<i64> {
        if let Some(parent) = self.parent {
            plan(spi, opened, parent, Access::Latest)?;
        }
        let params = [
            param(opened.clinic),
            date_param(self.from),
            date_param(self.to),
            json_param(&self.options)?,
            self.parent.and_then(param),
        ];
        let id: Option<i64> = spi.value(&DRAFT, Access::Latest, &params)?;
        let id = id.unwrap_or_default();
        if let Some(parent) = self.parent {
            let _attribution = Attribution::of(Cause::Inheritance);
            spi.run(&INHERIT_LOCKS, &[param(opened.clinic), param(id), param(parent)])?;
        }
        if let Some(last) = kept_until(self.from, self.keep_before) {
            spi.run(&KEEP, &[param(opened.clinic), param(id), date_param(last)])?;
        }
        Ok(id)
    }
}

/// The argument `weights`: `{"load_balance": 20}`.
fn weights_of(given: Option<Value>) -> Result<BTreeMap<RuleKind, i64>> {
    let given = match given {
        None => return Ok(BTreeMap::new()),
        Some(Value::Object(given)) => given,
        Some(_) => {
            return Err(ClinicError::new(SqlState::InvalidArgument, "weights must be a JSON object")
                .hint("Such as '{\"load_balance\": 20}'."));
        }
    };
    options::weights(given.iter().map(|(name, weight)| (name.clone(), whole(weight)))).map_err(|error| {
        match error {
            BadWeight::UnknownKind(name) => unknown_kind(&name),
            BadWeight::OutOfRange(kind) => ClinicError::new(
                SqlState::InvalidArgument,
                format!("the weight of {kind} must be a whole number from 0 to {MAX_WEIGHT}"),
            )
            .detail(format!("It is {}.", given.get(kind.as_str()).unwrap_or(&Value::Null))),
        }
    })
}

/// A whole number, however it is written: 5, 5.0.
fn whole(number: &Value) -> Option<i64> {
    let of_float = || number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 1e15);
    number.as_i64().or_else(|| of_float().map(|float| float as i64))
}

fn solve_roster(args: &Args) -> Result<pg_sys::Datum> {
    let SolveRoster {
        from_date,
        to_date,
        parent_plan_id,
        without_staff_ids,
        weights,
        keep_before,
        time_limit,
        node_limit,
        clinic_id,
    } = SolveRoster::read(args)?;
    let draft = Draft::of(DraftPlan {
        from_date,
        to_date,
        parent_plan_id,
        without_staff_ids,
        weights,
        keep_before,
        clinic_id,
    })?;
    let limits = limits(time_limit, node_limit)?;
    let (opened, task) = spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Latest)?;
        let id = draft.insert(spi, &opened)?;
        let task = Task::load(spi, &opened, id)?;
        Ok((opened, task))
    })?;
    task.solve(args, &opened, &limits)
}

fn draft_plan(args: &Args) -> Result<pg_sys::Datum> {
    let arguments = DraftPlan::read(args)?;
    let clinic_id = arguments.clinic_id;
    let draft = Draft::of(arguments)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Latest)?;
        let id = draft.insert(spi, &opened)?;
        // A plan that can't be solved is refused now.
        Task::load(spi, &opened, id)?;
        Ok(pg_sys::Datum::from(id))
    })
}

fn solve_plan(args: &Args) -> Result<pg_sys::Datum> {
    let SolvePlan { plan_id: id, time_limit, node_limit, clinic_id } = SolvePlan::read(args)?;
    let limits = limits(time_limit, node_limit)?;
    let (opened, task) = spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Latest)?;
        spi.run(&LOCK_PLAN, &[param(opened.clinic), param(id)])?;
        let task = Task::load(spi, &opened, id)?;
        if let Some(promoted_by) = &task.plan.promoted_by {
            return Err(ClinicError::new(SqlState::WrongState, format!("plan {id} was promoted"))
                .detail(format!("{promoted_by} made it the record, so it stays as it is."))
                .hint(format!("Draft another from it: select draft_plan(…, parent_plan_id => {id})")));
        }
        Ok((opened, task))
    })?;
    task.solve(args, &opened, &limits)
}

/// The arguments `time_limit` and `node_limit`.
fn limits(time_limit: Option<i64>, node_limit: Option<i64>) -> Result<Limits> {
    let micros = time_limit.unwrap_or(DEFAULT_TIME_LIMIT_MICROS);
    if micros <= 0 || micros > MAX_TIME_LIMIT_MICROS {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            "time_limit must be more than nothing and at most a day",
        ));
    }
    if node_limit.is_some_and(|nodes| nodes < 1) {
        return Err(ClinicError::new(SqlState::InvalidArgument, "node_limit must be at least 1"));
    }
    Ok(Limits { time_limit_seconds: Some(micros as f64 / 1e6), node_limit, start: None })
}

/// Refuses a lock that can have no effect: whoever wrote it believes that it does.
fn require_effective_locks(problem: &Problem) -> Result<()> {
    let Some(lock) = problem.idle_lock() else { return Ok(()) };
    let (from, to) = (problem.from, problem.to);
    let about = lock.shift.map_or("other dates".to_owned(), |shift| format!("shift {shift}"));
    Err(ClinicError::new(SqlState::WrongState, format!("lock {} has no effect in this plan", lock.id))
        .detail(format!("It is about {about}; the plan is about the shifts from {from} to {to}."))
        .hint(format!("Change it, or: delete from clinic.locks where id = {}", lock.id)))
}

/// Refuses an override that can have no effect, likewise.
fn require_effective_overrides(problem: &Problem) -> Result<()> {
    let Problem { from, to, plan, rules, .. } = problem;
    let Some((id, dates)) = rules.idle_override(*plan, *from, *to) else { return Ok(()) };
    let dates: Vec<_> = dates.iter().take(MAX_DATES).map(ToString::to_string).collect();
    Err(ClinicError::new(SqlState::WrongState, format!("override {id} has no effect in this plan"))
        .detail(format!(
            "Its dates have none on which its setting is looked up: a rule over several days takes the setting of its first \
             date. The plan is about the shifts from {from} to {to}."
        ))
        .hint(format!(
            "It would have one if its dates contained {}. Change it, or: delete from clinic.rule_overrides where id = {id}",
            dates.join(" or ")
        )))
}

/// Most dates that a hint lists.
const MAX_DATES: usize = 3;

/// A plan with the problem that it is to solve.
struct Task {
    plan: Plan,
    problem: Problem,
    /// How many shifts the plan's dates have.
    shifts: i64,
    fingerprint: String,
}

impl Task {
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
        require_effective_locks(&problem)?;
        require_effective_overrides(&problem)?;
        let fingerprint = fingerprint(&problem);
        Ok(Self { plan, problem, shifts, fingerprint })
    }

    /// Solves the plan and saves the result.
    fn solve(self, args: &Args, opened: &Opened, limits: &Limits) -> Result<pg_sys::Datum> {
        let mut rows = Rows::<SolvedPlan>::new(args);
        let solved = run::solve(&self.problem, limits)?;
        spi::connect(|spi| save::save(spi, opened, &self, limits, &solved))?;
        let outcome = &solved.outcome;
        rows.push(SolvedPlan {
            plan_id: self.plan.id.into(),
            status: outcome.status.as_str().into(),
            objective: outcome.judgment.as_ref().map(|judgment| judgment.objective).into(),
            bound: outcome.bound.into(),
            gap: outcome.gap.into(),
            solve_ms: solved.solve_ms.into(),
            shifts: self.shifts.into(),
            assigned: (outcome.assignments.len() as i64).into(),
            message: (&solved.message).into(),
        });
        Ok(rows.done())
    }
}
