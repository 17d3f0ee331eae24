//! promote_plan: the record of a plan's dates becomes what the plan says, or stays as it is.

use std::thread::LocalKey;

use pg_clinic_core::fingerprint::{Comparison, compare};
use pg_clinic_core::plans::{
    Flaw, Judged, NotPromotable, PlanKind, Replaced, first_lines, hard_rules, promotable,
};
use pg_clinic_core::roster::broken::{Breach, allowed_by_plan, broken};
use pg_clinic_core::roster::plan::works;
use pg_clinic_core::time::calendar::add_days;
use pgrx::pg_sys;

mod rounds;

use super::approve::{self, Approver};
use super::plans::{assigned, no_roster};
use super::record::{carry_on, stopped};
use crate::pg::platform::access::{self, Privilege};
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::attribution::Attribution;
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::session;
use crate::pg::platform::signatures::{Required, Rows, signatures};
use crate::pg::platform::spi::{self, Access, Param, Spi, Statement, param, statements};
use crate::pg::platform::sql_types::{Bigint, Date, Text, TextArray};
use crate::pg::roster::load::rules::approvals;
use crate::pg::roster::load::{Plan, any_plan, plan_problem, shifts_of_dates};

sql_functions! {
    pg_clinic_promote_plan, pg_finfo_pg_clinic_promote_plan => promote_plan;
    pg_clinic_plan_violations, pg_finfo_pg_clinic_plan_violations => plan_violations;
}

statements! {
    /// Locks the plan, so that nobody solves or promotes it meanwhile.
    LOCK_PLAN(INT8OID, INT8OID) = "select from clinic.plans where clinic_id = $1 and id = $2 for no key update";
    /// How much of the record is as the plan says, and the origins of the rest, which goes.
    KEPT(INT8OID, INT8OID, INT8ARRAYOID) =
        "select count(*) filter (where is_kept) as kept,
           string_agg(distinct case when not is_kept then coalesce('plan ' || plan_id, 'made without a plan') end, ', ')
             as sources
         from (select a.plan_id, exists (select from clinic.plan_assignments p
             where p.clinic_id = a.clinic_id and p.plan_id = $2 and p.shift_id = a.shift_id and p.staff_id = a.staff_id)
           from clinic.assignments a where a.clinic_id = $1 and a.shift_id = any ($3)) as record (plan_id, is_kept)";
    /// A plan's points when it was solved.
    OBJECTIVE(INT8OID, INT8OID) = "select objective from clinic.plans where clinic_id = $1 and id = $2";
    /// Deletes the rows of the record that the plan lacks.
    REMOVE(INT8OID, INT8OID, INT8ARRAYOID) =
        "delete from clinic.assignments a
         where a.clinic_id = $1 and a.shift_id = any ($3)
           and not exists (select from clinic.plan_assignments p
             where p.clinic_id = a.clinic_id and p.plan_id = $2 and p.shift_id = a.shift_id and p.staff_id = a.staff_id)
         returning a.id";
    /// Adds those that the record lacks.
    ADD(INT8OID, INT8OID) =
        "insert into clinic.assignments (clinic_id, staff_id, shift_id, plan_id)
         select p.clinic_id, p.staff_id, p.shift_id, p.plan_id
         from clinic.plan_assignments p
         where p.clinic_id = $1 and p.plan_id = $2
           and not exists (select from clinic.assignments a
             where a.clinic_id = p.clinic_id and a.shift_id = p.shift_id and a.staff_id = p.staff_id)
         order by p.shift_id, p.staff_id returning id";
    /// Marks the plan as promoted.
    PROMOTED(INT8OID, INT8OID, TEXTOID) =
        "update clinic.plans set promoted_at = now(), promotion_reason = $3 where clinic_id = $1 and id = $2";
}

signatures! {
    /// Arguments of `plan_violations`.
    PlanViolations = plan_violations(plan_id: Required<Bigint>, clinic_id: Bigint = null) -> table PlanViolation {
        key: Text, rule_kind: Text, shift_kind: Text, next_shift_kind: Text, period: Text, staff_id: Bigint,
        shift_id: Bigint, from_date: Date, to_date: Date, amount: Bigint, sentence: Text,
    };
    /// Arguments of `promote_plan`.
    PromotePlan = promote_plan(
        plan_id: Required<Bigint>, reason: Required<Text>, approve: TextArray = null, clinic_id: Bigint = null,
    ) -> table PromotedPlan {
        plan_id: Bigint, from_date: Date, to_date: Date, inserted: Bigint, deleted: Bigint, kept: Bigint, message: Text,
    };
}

row! {
    /// The rows of the record that stay, and the origins of those that go.
    struct KeptRow {
        kept: i64,
        sources: Option<String>,
    }
}

fn promote_plan(args: &Args) -> Result<pg_sys::Datum> {
    let PromotePlan { plan_id, reason, approve, clinic_id } = PromotePlan::read(args)?;
    if reason.trim().is_empty() {
        return Err(ClinicError::new(SqlState::InvalidArgument, "reason must not be empty"));
    }
    let approve = approve.unwrap_or_default();
    let mut rows = Rows::<PromotedPlan>::new(args);
    access::require(c"plans", Privilege::Update)?;
    if !approve.is_empty() {
        access::require(c"rule_overrides", Privilege::Insert)?;
    }
    spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Latest)?;
        let key = [param(opened.clinic), param(plan_id)];
        session::queue_for_promotion(opened.clinic);
        spi.run(&LOCK_PLAN, &key)?;
        let plan = any_plan(spi, &opened, plan_id, Access::Latest)?;
        require_promotable(&plan)?;
        let _attribution = Attribution::promotion(plan_id, reason.clone());
        let (replaced, judged) = match plan.kind {
            PlanKind::Roster => {
                let shifts = unchanged_shifts(spi, &opened, &plan)?;
                let (judged, approvals) = judged_now(spi, &opened, &plan, &approve)?;
                let replaced = replace(spi, key, shifts)?;
                approvals.write(spi, opened.clinic, &reason)?;
                (replaced, judged.message("; see record_violations()"))
            }
            PlanKind::Rounds => {
                let (visits, broken) = rounds::unchanged_visits(spi, &opened, &plan)?;
                let judged = Judged { broken, ..Judged::default() };
                require_approved(&judged, &plan, &approve)?;
                (rounds::replace(spi, key, visits)?, judged.message(""))
            }
        };
        let promoted = [key[0], key[1], param(reason.as_str())];
        spi.run(&PROMOTED, &promoted)?;
        rows.push(PromotedPlan {
            plan_id: plan.id.into(),
            from_date: plan.from.into(),
            to_date: plan.to.into(),
            inserted: replaced.inserted.into(),
            deleted: replaced.deleted.into(),
            kept: replaced.kept.into(),
            message: (replaced.message() + &judged).into(),
        });
        Ok(())
    })?;
    Ok(rows.done())
}

fn plan_violations(args: &Args) -> Result<pg_sys::Datum> {
    let PlanViolations { plan_id, clinic_id } = PlanViolations::read(args)?;
    let mut rows = Rows::<PlanViolation>::new(args);
    spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Snapshot)?;
        let plan = any_plan(spi, &opened, plan_id, Access::Snapshot)?;
        if !plan.status.has_assignments() {
            return Err(no_roster(&plan));
        }
        match plan.kind {
            PlanKind::Roster => {
                let problem = plan_problem(spi, &opened, &plan, Access::Snapshot)?.problem;
                let working = assigned(spi, opened.clinic, plan.id)?;
                let found = broken(&problem, &works(&problem, &working), session::now(), &mut carry_on);
                found.map_err(stopped)?.broken.iter().for_each(|breach| rows.push(violation(breach)));
            }
            PlanKind::Rounds => {
                for flaw in rounds::flaws(spi, &opened, &plan)? {
                    rows.push(violation_of_rounds(&flaw, &plan));
                }
            }
        }
        Ok(())
    })?;
    Ok(rows.done())
}

fn violation(breach: &Breach) -> PlanViolation {
    let Breach { rule, staff, shift, dates: (from, to), amount, sentence, parts: _ } = breach;
    PlanViolation {
        key: breach.flaw().key.into(),
        rule_kind: rule.kind.as_str().into(),
        shift_kind: rule.shift_kind.as_deref().into(),
        next_shift_kind: rule.next_shift_kind.as_deref().into(),
        period: rule.period_text().into(),
        staff_id: staff.map(|id| id.0).into(),
        shift_id: shift.map(|id| id.0).into(),
        from_date: (*from).into(),
        to_date: (*to).into(),
        amount: (*amount).into(),
        sentence: sentence.as_str().into(),
    }
}

fn violation_of_rounds(flaw: &Flaw, plan: &Plan) -> PlanViolation {
    PlanViolation {
        key: flaw.key.as_str().into(),
        rule_kind: None::<&str>.into(),
        shift_kind: None::<&str>.into(),
        next_shift_kind: None::<&str>.into(),
        period: None::<&str>.into(),
        staff_id: None::<i64>.into(),
        shift_id: None::<i64>.into(),
        from_date: plan.from.into(),
        to_date: plan.to.into(),
        amount: None::<i64>.into(),
        sentence: flaw.sentence.as_str().into(),
    }
}

fn require_promotable(plan: &Plan) -> Result<()> {
    promotable(plan.status, plan.promoted_by.as_deref()).map_err(|reason| match reason {
        NotPromotable::NoAssignments => no_roster(plan),
        NotPromotable::Promoted(promoted_by) => {
            ClinicError::new(SqlState::WrongState, format!("plan {} was promoted already", plan.id))
                .detail(format!("{promoted_by} made it the record."))
                .hint(how_to_undo(plan))
        }
    })
}

/// How to make a promoted plan the record again.
fn how_to_undo(plan: &Plan) -> String {
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

/// The ids of the shifts of the plan's dates, if they are those that it was solved for.
fn unchanged_shifts(spi: &Spi, opened: &Opened, plan: &Plan) -> Result<Vec<i64>> {
    let (now, shifts) = session::with_own_snapshot(|| shifts_of_dates(spi, opened, (plan.from, plan.to)))?;
    let again = format!(
        "Solve again: select * from solve_plan({0}), or solve_roster(…, parent_plan_id => {0})",
        plan.id
    );
    match compare(plan.fingerprint.as_deref(), &now) {
        Comparison::Same => Ok(shifts),
        Comparison::Changed => Err(ClinicError::new(
            SqlState::WrongState,
            format!(
                "the shifts from {} to {} have changed since plan {} was solved",
                plan.from, plan.to, plan.id
            ),
        )
        .detail("A shift was added, changed or deleted.")
        .hint(again)),
        Comparison::OtherVersion => Err(solved_by_another_version(plan, again)),
    }
}

/// The error for a plan whose fingerprint this version can't compare.
pub(super) fn solved_by_another_version(plan: &Plan, hint: String) -> ClinicError {
    ClinicError::new(
        SqlState::WrongState,
        format!("plan {} was solved by another version of pg_clinic: solve again", plan.id),
    )
    .detail("Whether its input has changed since can't be said.")
    .hint(hint)
}

/// The approvals that a promotion writes.
struct Approvals {
    /// Those that the caller gives.
    given: Vec<Breach>,
    /// Those that stand for what the plan's own overrides allowed, each with the override.
    of_plan: Vec<(i64, Breach)>,
}

impl Approvals {
    fn write(&self, spi: &Spi, clinic: i64, reason: &str) -> Result<()> {
        for breach in &self.given {
            approve::insert(spi, clinic, &breach.rule, &breach.parts, &Approver::caller(reason))?;
        }
        if self.of_plan.is_empty() {
            return Ok(());
        }
        let names = approvals(spi, clinic)?;
        // What somebody with the right to do so allowed for the plan needs no right of who promotes it.
        let _owner = access::acting_as_owner_of(c"rule_overrides")?;
        for (id, breach) in &self.of_plan {
            let approver = names.get(id).map(|(by, reason)| Approver { by: by.as_str().into(), reason });
            let approver = approver.unwrap_or_else(|| Approver::caller(reason));
            approve::insert(spi, clinic, &breach.rule, &breach.parts, &approver)?;
        }
        Ok(())
    }
}

/// The plan judged by the rules and rows of now, and the approvals that it needs; refuses it where one isn't given.
fn judged_now(spi: &Spi, opened: &Opened, plan: &Plan, approve: &[String]) -> Result<(Judged, Approvals)> {
    let (problem, working, solved) = session::with_own_snapshot(|| {
        let problem = plan_problem(spi, opened, plan, Access::Snapshot)?.problem;
        let key = [param(opened.clinic), param(plan.id)];
        let solved: Option<Option<i64>> = spi.value(&OBJECTIVE, Access::Snapshot, &key)?;
        Ok((problem, assigned(spi, opened.clinic, plan.id)?, solved.flatten()))
    })?;
    let works = works(&problem, &working);
    let now = session::now();
    let found = broken(&problem, &works, now, &mut carry_on).map_err(stopped)?;
    let judged = Judged {
        broken: found.broken.iter().map(Breach::flaw).collect(),
        past: found.past.len(),
        objective: (solved, found.objective),
    };
    require_approved(&judged, plan, approve)?;
    let of_plan = allowed_by_plan(&problem, &works, &found.broken, now, &mut carry_on).map_err(stopped)?;
    let of_plan = of_plan.into_iter().filter_map(|(id, breach)| Some((id?, breach))).collect();
    Ok((judged, Approvals { given: found.broken, of_plan }))
}

/// Refuses a plan that breaks what nobody approves, and approvals of what it doesn't break.
fn require_approved(judged: &Judged, plan: &Plan, approve: &[String]) -> Result<()> {
    let id = plan.id;
    let unapproved = judged.unapproved(approve);
    if unapproved.is_empty() {
        return match judged.idle_approval(approve) {
            None => Ok(()),
            Some(key) => {
                Err(ClinicError::new(SqlState::WrongState, format!("plan {id} doesn't break \"{key}\""))
                    .detail("Only what is broken can be approved.")
                    .hint(format!("select key, sentence from plan_violations({id}) lists what it breaks.")))
            }
        };
    }
    let (locked, again) = match plan.kind {
        PlanKind::Roster => {
            (" a lock keeps what breaks them,", format!("Solve again: select * from solve_plan({id})"))
        }
        PlanKind::Rounds => ("", format!("Plan again: select * from plan_rounds('{}')", plan.from)),
    };
    Err(ClinicError::new(
        SqlState::WrongState,
        format!("plan {id} breaks {}", hard_rules(unapproved.len())),
    )
    .detail(first_lines(&unapproved.iter().map(|flaw| flaw.sentence.clone()).collect::<Vec<_>>()))
    .hint(format!(
        "It was edited,{locked} or the rows or rules changed since it was made. {again}. To approve what it breaks: \
         promote_plan({id}, reason, approve => keys), with keys from plan_violations({id})."
    )))
}

fn replace(spi: &Spi, key: [Param; 2], shifts: Vec<i64>) -> Result<Replaced> {
    let params = [key[0], key[1], param(shifts)];
    replaced(spi, &params, &KEPT, &REMOVE, || {
        spi.execute(&ADD, Access::Latest, &key, 0).map(|rows| rows.len())
    })
}

/// Makes the record what the plan says by three statements: one that reads the rows that stay, one that removes the
/// others, and `add`.
pub(super) fn replaced(
    spi: &Spi,
    params: &[Param; 3],
    kept: &'static LocalKey<Statement>,
    remove: &'static LocalKey<Statement>,
    add: impl FnOnce() -> Result<usize>,
) -> Result<Replaced> {
    let KeptRow { kept, sources } = spi
        .row(kept, Access::Latest, params)?
        .ok_or_else(|| ClinicError::new(SqlState::Internal, "the record was not read"))?;
    let deleted = spi.execute(remove, Access::Latest, params, 0)?.len();
    let inserted = add()?;
    Ok(Replaced { inserted: inserted as i64, deleted: deleted as i64, kept, sources })
}
