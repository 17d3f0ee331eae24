//! Saving a result with its plan: a few set-based statements.

use pg_clinic_core::roster::options::PlanOptions;
use pg_clinic_core::roster::plan::is_locked;

use super::run::Solved;
use super::{Limits, Task};
use crate::pg::platform::attribution::{Attribution, Cause};
use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::json_param;
use crate::pg::platform::spi::{Access, Spi, param, statements};

statements! {
    /// Saves the result. No row where the plan was deleted meanwhile.
    SAVE(INT8OID, INT8OID, TEXTOID, INT8OID, FLOAT8OID, FLOAT8OID, FLOAT8OID, TEXTOID, JSONBOID, TEXTOID, JSONBOID) =
        "update clinic.plans set status = $3, objective = $4, bound = $5, gap = $6, solve_ms = $7, message = $8,
           conflict = $9, input_fingerprint = $10, options = $11
         where clinic_id = $1 and id = $2 returning id";
    /// Deletes the assignments of an earlier solve.
    CLEAR_ASSIGNMENTS(INT8OID, INT8OID) = "delete from clinic.plan_assignments where clinic_id = $1 and plan_id = $2";
    /// Deletes its scores.
    CLEAR_SCORES(INT8OID, INT8OID) = "delete from clinic.plan_scores where clinic_id = $1 and plan_id = $2";
    /// The first person or shift that was deleted meanwhile.
    VANISHED(INT8OID, INT8ARRAYOID, INT8ARRAYOID) =
        "select case when s.id is null then format('staff %s', a.staff) else format('shift %s', a.shift) end
         from unnest($2, $3) as a (staff, shift)
         left join clinic.staff s on s.clinic_id = $1 and s.id = a.staff
         left join clinic.shifts t on t.clinic_id = $1 and t.id = a.shift
         where s.id is null or t.id is null order by a.staff, a.shift limit 1";
    /// Saves the assignments.
    ASSIGN(INT8OID, INT8OID, INT8ARRAYOID, INT8ARRAYOID, BOOLARRAYOID) =
        "insert into clinic.plan_assignments (clinic_id, plan_id, staff_id, shift_id, is_locked)
         select $1, $2, a.staff, a.shift, a.is_locked from unnest($3, $4, $5) as a (staff, shift, is_locked)";
    /// Saves the cost of each rule.
    SCORE(INT8OID, INT8OID, TEXTARRAYOID, TEXTARRAYOID, INT8ARRAYOID, INT8ARRAYOID) =
        "insert into clinic.plan_scores (clinic_id, plan_id, rule_kind, shift_kind, instances, cost)
         select $1, $2, s.rule_kind, s.shift_kind, s.instances, s.cost
         from unnest($3, $4, $5, $6) as s (rule_kind, shift_kind, instances, cost)";
}

/// Saves a result.
pub(super) fn save(spi: &Spi, opened: &Opened, task: &Task, limits: &Limits, solved: &Solved) -> Result<()> {
    let _attribution = Attribution::of(Cause::Solver);
    let outcome = &solved.outcome;
    let key = [param(opened.clinic), param(task.plan.id)];
    let options = PlanOptions {
        time_limit_seconds: limits.time_limit_seconds,
        node_limit: limits.node_limit,
        ..task.plan.options.clone()
    };
    let saved = [
        key[0],
        key[1],
        param(outcome.status.as_str()),
        outcome.judgment.as_ref().and_then(|judgment| param(judgment.objective)),
        outcome.bound.and_then(param),
        outcome.gap.and_then(param),
        param(solved.solve_ms),
        param(solved.message.as_str()),
        outcome.conflict.as_ref().map(json_param).transpose()?.flatten(),
        param(task.fingerprint.as_str()),
        json_param(&options)?,
    ];
    if spi.execute(&SAVE, Access::Latest, &saved, 0)?.is_empty() {
        return Err(vanished(&format!("plan {}", task.plan.id)));
    }
    spi.run(&CLEAR_ASSIGNMENTS, &key)?;
    spi.run(&CLEAR_SCORES, &key)?;
    assign(spi, opened, task, solved)?;
    let Some(judgment) = &outcome.judgment else { return Ok(()) };
    let lines = &judgment.breakdown;
    let kinds: Vec<&str> = lines.iter().map(|line| line.kind.as_str()).collect();
    let shift_kinds: Vec<String> =
        lines.iter().map(|line| line.shift_kind.clone().unwrap_or_default()).collect();
    let instances: Vec<i64> = lines.iter().map(|line| line.instances).collect();
    let costs: Vec<i64> = lines.iter().map(|line| line.cost).collect();
    let scores = [key[0], key[1], param(kinds), param(shift_kinds), param(instances), param(costs)];
    spi.run(&SCORE, &scores)
}

fn assign(spi: &Spi, opened: &Opened, task: &Task, solved: &Solved) -> Result<()> {
    let problem = &task.problem;
    let pairs = &solved.outcome.assignments;
    let staff: Vec<i64> = pairs.iter().map(|pair| problem.staff[pair.staff].id.0).collect();
    let shifts: Vec<i64> = pairs.iter().map(|pair| problem.shifts[pair.shift].id.0).collect();
    let locked: Vec<bool> = pairs.iter().map(|pair| is_locked(problem, *pair)).collect();
    let clinic = param(opened.clinic);
    let (staff, shifts) = (param(staff), param(shifts));
    if let Some(what) = spi.value::<String>(&VANISHED, Access::Latest, &[clinic, staff, shifts])? {
        return Err(vanished(&what));
    }
    let params = [clinic, param(task.plan.id), staff, shifts, param(locked)];
    spi.run(&ASSIGN, &params)
}

fn vanished(what: &str) -> ClinicError {
    ClinicError::new(SqlState::Serialization, format!("{what} was deleted while the roster was solved"))
        .detail("Nothing was written.")
        .hint("Solve again.")
}
