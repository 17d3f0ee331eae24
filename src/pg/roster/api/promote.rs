//! promote_plan: the record of a plan's dates becomes what the plan says, or stays as it is.

use chrono::NaiveDate;
use pg_clinic_core::roster::broken::broken;
use pg_clinic_core::roster::instance::Pair;
use pg_clinic_core::time::calendar::{add_days, date_to_pg_days};
use pgrx::{IntoDatum, pg_sys};

mod rounds;

use super::plans::{assigned, require_roster};
use super::record::{carry_on, stopped};
use crate::pg::platform::args::{Args, ResultSet, sql_functions, text};
use crate::pg::platform::attribution::{self, Attribution};
use crate::pg::platform::caught::keeping_origin;
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::session;
use crate::pg::platform::spi::{self, Access, Param, Spi, param, statements};
use crate::pg::roster::load::{Plan, PlanKind, any_plan, plan_problem, shifts_of_dates};

sql_functions! {
    pg_clinic_promote_plan, pg_finfo_pg_clinic_promote_plan => promote_plan;
}

statements! {
    /// Nobody solves or promotes it meanwhile.
    LOCK_PLAN(INT8OID, INT8OID) = "select from clinic.plans where clinic_id = $1 and id = $2 for no key update";
    /// How much of the record is as the plan says, and where the rest, which goes, came from.
    STANDING(INT8OID, INT8OID, INT8ARRAYOID) =
        "select count(*) filter (where is_kept), count(*) filter (where not is_kept),
           string_agg(distinct case when not is_kept then coalesce('plan ' || plan_id, 'made by hand') end, ', ')
         from (select a.plan_id, exists (select from clinic.plan_assignments p
             where p.clinic_id = a.clinic_id and p.plan_id = $2 and p.shift_id = a.shift_id and p.staff_id = a.staff_id)
           from clinic.assignments a where a.clinic_id = $1 and a.shift_id = any ($3)) as record (plan_id, is_kept)";
    /// A plan's points when it was solved.
    OBJECTIVE(INT8OID, INT8OID) = "select objective from clinic.plans where clinic_id = $1 and id = $2";
    /// What the plan doesn't say goes.
    REMOVE(INT8OID, INT8OID, INT8ARRAYOID) =
        "delete from clinic.assignments a
         where a.clinic_id = $1 and a.shift_id = any ($3)
           and not exists (select from clinic.plan_assignments p
             where p.clinic_id = a.clinic_id and p.plan_id = $2 and p.shift_id = a.shift_id and p.staff_id = a.staff_id)
         returning a.id";
    /// What it says besides comes.
    ADD(INT8OID, INT8OID) =
        "insert into clinic.assignments (clinic_id, staff_id, shift_id, plan_id)
         select p.clinic_id, p.staff_id, p.shift_id, p.plan_id
         from clinic.plan_assignments p
         where p.clinic_id = $1 and p.plan_id = $2
           and not exists (select from clinic.assignments a
             where a.clinic_id = p.clinic_id and a.shift_id = p.shift_id and a.staff_id = p.staff_id)
         order by p.shift_id, p.staff_id returning id";
    /// Who promoted it.
    PROMOTED(INT8OID, INT8OID, TEXTOID, TEXTOID) =
        "update clinic.plans set promoted_by = $3, promoted_at = now(), promotion_reason = $4
         where clinic_id = $1 and id = $2";
}

/// Broken rules are told up to so many.
const TOLD: usize = 5;

fn promote_plan(args: &Args) -> Result<pg_sys::Datum> {
    let id: i64 = args.required(0, "plan_id")?;
    let reason: String = args.required(1, "reason")?;
    if reason.trim().is_empty() {
        return Err(ClinicError::new(SqlState::InvalidArgument, "reason must not be empty"));
    }
    let as_is = args.opt(2).unwrap_or(false);
    let mut set = ResultSet::new(args);
    spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(3), Access::Latest)?;
        let key = [param(opened.clinic), param(id)];
        session::queue_for_promotion(opened.clinic);
        spi.run(&LOCK_PLAN, &key)?;
        let plan = any_plan(spi, &opened, id, Access::Latest)?;
        require_promotable(&plan)?;
        let _attribution = Attribution::promotion(id, reason.clone());
        let (replaced, standing) = match plan.kind {
            PlanKind::Roster => {
                let shifts = unchanged_shifts(spi, &opened, &plan)?;
                let judged = Judged::now(spi, &opened, &plan)?;
                if !as_is {
                    judged.require_kept(&plan)?;
                }
                (replace(spi, key, shifts)?, judged.message("; see record_violations()"))
            }
            PlanKind::Rounds => {
                let (visits, broken) = rounds::unchanged_visits(spi, &opened, &plan)?;
                let judged = Judged { broken, past: 0, objective: (None, 0) };
                if !as_is {
                    judged.require_kept(&plan)?;
                }
                (rounds::replace(spi, key, visits)?, judged.message(""))
            }
        };
        let promoted = [key[0], key[1], param(attribution::actor()), param(reason.as_str())];
        keeping_origin(|| spi.run(&PROMOTED, &promoted))?;
        set.push([
            plan.id.into_datum(),
            date(plan.from),
            date(plan.to),
            replaced.inserted.into_datum(),
            replaced.deleted.into_datum(),
            replaced.kept.into_datum(),
            text(&(replaced.message() + &standing)),
        ]);
        Ok(())
    })?;
    Ok(set.done())
}

fn date(date: NaiveDate) -> Option<pg_sys::Datum> {
    Some(pg_sys::Datum::from(date_to_pg_days(date)))
}

fn require_promotable(plan: &Plan) -> Result<()> {
    require_roster(plan)?;
    match &plan.promoted_by {
        None => Ok(()),
        Some(promoted_by) => {
            Err(ClinicError::new(SqlState::WrongState, format!("plan {} was promoted already", plan.id))
                .detail(format!("{promoted_by} made it the record."))
                .hint(way_back(plan)))
        }
    }
}

/// How to make a promoted plan the record again.
fn way_back(plan: &Plan) -> String {
    let Plan { id, from, to, .. } = plan;
    match plan.kind {
        PlanKind::Roster => format!(
            "To go back to it: select * from solve_roster('{from}', '{to}', parent_plan_id => {id}, keep_before => \
             '{}')",
            add_days(*to, 1)
        ),
        PlanKind::Rounds => format!(
            "To go back to it: insert into clinic.locks (plan_id, action) values ({id}, 'keep'), then select * from \
             plan_rounds('{from}', parent_plan_id => {id})"
        ),
    }
}

/// The ids of the shifts of the plan's dates, if they are what it was solved for.
fn unchanged_shifts(spi: &Spi, opened: &Opened, plan: &Plan) -> Result<Vec<i64>> {
    let (now, shifts) = session::with_own_snapshot(|| shifts_of_dates(spi, opened, (plan.from, plan.to)))?;
    let then = plan.fingerprint.as_deref().and_then(|both| both.split('.').next());
    if then == Some(now.as_str()) {
        return Ok(shifts);
    }
    Err(ClinicError::new(
        SqlState::WrongState,
        format!(
            "the shifts from {} to {} have changed since plan {} was solved",
            plan.from, plan.to, plan.id
        ),
    )
    .detail("A shift was added, changed or deleted.")
    .hint(format!(
        "Solve again: select * from solve_plan({0}), or solve_roster(…, parent_plan_id => {0})",
        plan.id
    )))
}

/// What a plan is worth by the rules and rows of now, whoever wrote its assignments.
struct Judged {
    /// Hard rules broken without an approval, in words.
    broken: Vec<String>,
    /// How many more locks keep broken by what is past.
    past: usize,
    /// Its points when it was solved, and now.
    objective: (Option<i64>, i64),
}

impl Judged {
    fn now(spi: &Spi, opened: &Opened, plan: &Plan) -> Result<Self> {
        let (problem, working, solved) = session::with_own_snapshot(|| {
            let problem = plan_problem(spi, opened, plan, Access::Snapshot)?.problem;
            let key = [param(opened.clinic), param(plan.id)];
            let solved = spi.first(&OBJECTIVE, Access::Snapshot, &key, |row| row.opt::<i64>(0))?.flatten();
            Ok((problem, assigned(spi, opened.clinic, plan.id)?, solved))
        })?;
        let works = |pair: &Pair| {
            let ids = (problem.shifts[pair.shift].id, problem.staff[pair.staff].id);
            working.binary_search_by_key(&ids, |&(staff, shift)| (shift, staff)).is_ok()
        };
        let found = broken(&problem, &works, session::now(), &mut carry_on).map_err(stopped)?;
        Ok(Self { broken: found.broken, past: found.past.len(), objective: (solved, found.objective) })
    }

    fn require_kept(&self, plan: &Plan) -> Result<()> {
        if self.broken.is_empty() {
            return Ok(());
        }
        let id = plan.id;
        let (locked, again) = match plan.kind {
            PlanKind::Roster => {
                (" a lock keeps what breaks them,", format!("Solve again: select * from solve_plan({id})"))
            }
            PlanKind::Rounds => ("", format!("Plan again: select * from plan_rounds('{}')", plan.from)),
        };
        Err(ClinicError::new(
            SqlState::WrongState,
            format!("plan {id} breaks {}", hard_rules(self.broken.len())),
        )
        .detail(first_lines(&self.broken))
        .hint(format!(
            "It was edited,{locked} or the rows or rules changed since it was made. {again}. To accept it: \
                 promote_plan({id}, reason, as_is => true)."
        )))
    }

    /// What the message about a promotion says of it.
    fn message(&self, see: &str) -> String {
        let mut broken = String::new();
        if !self.broken.is_empty() {
            broken.push_str(&format!("; breaks {}", hard_rules(self.broken.len())));
        }
        if self.past > 0 {
            broken.push_str(&format!("; keeps {} broken by what is past", hard_rules(self.past)));
        }
        if !broken.is_empty() {
            broken.push_str(see);
        }
        match self.objective {
            (Some(then), now) if then != now => {
                format!("{broken}; judged now it has {now} points, {then} when solved")
            }
            _ => broken,
        }
    }
}

/// `a hard rule`, `3 hard rules`.
pub(super) fn hard_rules(count: usize) -> String {
    if count == 1 { "a hard rule".to_owned() } else { format!("{count} hard rules") }
}

/// The first of what is told, a line each, and how many more there are.
pub(super) fn first_lines(told: &[String]) -> String {
    let mut lines: Vec<_> = told.iter().take(TOLD).cloned().collect();
    if told.len() > TOLD {
        lines.push(format!("… and {} more", told.len() - TOLD));
    }
    lines.join("\n")
}

/// What became of the record.
pub(super) struct Replaced {
    pub(super) inserted: i64,
    pub(super) deleted: i64,
    pub(super) kept: i64,
    /// Where that came from which went.
    pub(super) sources: Option<String>,
}

impl Replaced {
    fn message(&self) -> String {
        let Self { inserted, deleted, kept, .. } = self;
        let sources = self.sources.as_ref().map_or(String::new(), |sources| format!(" ({sources})"));
        format!("{inserted} added, {deleted} removed{sources}, {kept} kept")
    }
}

fn replace(spi: &Spi, key: [Param; 2], shifts: Vec<i64>) -> Result<Replaced> {
    let shifts = param(shifts);
    let params = [key[0], key[1], shifts];
    let standing = spi.first(&STANDING, Access::Latest, &params, |row| {
        Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, row.opt::<String>(2)?))
    })?;
    let (kept, _, sources) = standing.unwrap_or_default();
    let deleted = keeping_origin(|| Ok(spi.execute(&REMOVE, Access::Latest, &params, 0)?.len()))?;
    let inserted = keeping_origin(|| Ok(spi.execute(&ADD, Access::Latest, &key, 0)?.len()))?;
    Ok(Replaced { inserted: inserted as i64, deleted: deleted as i64, kept, sources })
}
