//! explain_assignment, compare_plans.

use std::collections::BTreeMap;

use pg_clinic_core::ids::{ShiftId, StaffId};
use pg_clinic_core::plans::{PlanKind, PlanStatus};
use pg_clinic_core::roster::catalog::RuleKind;
use pg_clinic_core::roster::expand::{candidates, expand};
use pg_clinic_core::roster::explain::{Candidate, explain};
use pg_clinic_core::roster::judge::ScoreLine;
use pg_clinic_core::roster::plan::{Change, CostChange, compare, compare_costs, works};
use pg_clinic_core::roster::problem::Problem;
use pg_clinic_core::time::interval::Instant;
use pgrx::pg_sys;
use serde_json::{Map, Value, json};

mod rounds;

use super::record::carry_on;
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::clinic;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::signatures::{Required, Rows, Value as Column, signatures};
use crate::pg::platform::spi::{self, Access, Spi, param, statements};
use crate::pg::platform::sql_types::{Bigint, Boolean, Jsonb, Text, TextArray, Timestamptz};
use crate::pg::roster::load::{Plan, any_plan, check_size, plan, plan_problem};

sql_functions! {
    pg_clinic_explain_assignment, pg_finfo_pg_clinic_explain_assignment => explain_assignment;
    pg_clinic_compare_plans, pg_finfo_pg_clinic_compare_plans => compare_plans;
}

signatures! {
    /// Arguments of `explain_assignment`.
    ExplainAssignment = explain_assignment(
        plan_id: Required<Bigint>, shift_id: Required<Bigint>, clinic_id: Bigint = null,
    ) -> table ExplainedCandidate {
        staff_id: Bigint, staff_name: Text, is_assigned: Boolean, is_allowed: Boolean, cost_change: Bigint,
        sentences: TextArray, cost_by_rule: Jsonb,
    };
    /// Arguments of `compare_plans`.
    ComparePlans = compare_plans(
        old_plan_id: Required<Bigint>, new_plan_id: Required<Bigint>, clinic_id: Bigint = null,
    ) -> table PlanDifference {
        aspect: Text, shift_id: Bigint, visit_id: Bigint, old_starts_at: Timestamptz, new_starts_at: Timestamptz,
        old_staff_id: Bigint, old_staff_name: Text, new_staff_id: Bigint, new_staff_name: Text, rule_kind: Text,
        shift_kind: Text, old_cost: Bigint, new_cost: Bigint, cost_change: Bigint,
    };
}

impl PlanDifference {
    /// A difference in nothing.
    fn of(aspect: &str) -> Self {
        Self {
            aspect: aspect.into(),
            shift_id: Column::NULL,
            visit_id: Column::NULL,
            old_starts_at: Column::NULL,
            new_starts_at: Column::NULL,
            old_staff_id: Column::NULL,
            old_staff_name: Column::NULL,
            new_staff_id: Column::NULL,
            new_staff_name: Column::NULL,
            rule_kind: Column::NULL,
            shift_kind: Column::NULL,
            old_cost: Column::NULL,
            new_cost: Column::NULL,
            cost_change: Column::NULL,
        }
    }
}

statements! {
    /// The assignments of shifts in a plan.
    ASSIGNED(INT8OID, INT8OID) =
        "select staff_id, shift_id from clinic.plan_assignments
         where clinic_id = $1 and plan_id = $2 and shift_id is not null order by shift_id, staff_id";
    /// The cost of each rule in a plan.
    SCORES(INT8OID, INT8OID) =
        "select rule_kind, shift_kind, cost from clinic.plan_scores where clinic_id = $1 and plan_id = $2";
    /// Names of people.
    NAMES(INT8OID, INT8ARRAYOID) = "select id, name from clinic.staff where clinic_id = $1 and id = any ($2)";
    /// Starts of shifts.
    STARTS(INT8OID, INT8ARRAYOID) =
        "select id, lower(during) as starts_at from clinic.shifts where clinic_id = $1 and id = any ($2)";
}

row! {
    /// Somebody is to work a shift.
    struct AssignedRow {
        staff_id: i64,
        shift_id: i64,
    }
}

row! {
    /// The cost of a rule.
    struct ScoreRow {
        rule_kind: RuleKind as "clinic.plan_scores",
        shift_kind: String,
        cost: i64,
    }
}

row! {
    /// A person's name.
    struct NameRow {
        id: i64,
        name: String,
    }
}

row! {
    /// The start of a shift.
    struct StartRow {
        id: i64,
        starts_at: Instant,
    }
}

/// The assignments of a plan, by shift, then by person.
pub(super) fn assigned(spi: &Spi, clinic: i64, plan: i64) -> Result<Vec<(StaffId, ShiftId)>> {
    let rows: Vec<AssignedRow> = spi.rows(&ASSIGNED, Access::Snapshot, &[param(clinic), param(plan)])?;
    Ok(rows.iter().map(|row| (StaffId(row.staff_id), ShiftId(row.shift_id))).collect())
}

/// Refuses plans that have no assignments.
pub(super) fn require_roster(plan: &Plan) -> Result<()> {
    if plan.status.has_assignments() { Ok(()) } else { Err(no_roster(plan)) }
}

/// The error for a plan that has no assignments.
pub(super) fn no_roster(plan: &Plan) -> ClinicError {
    let hint = match (plan.status, plan.kind) {
        (PlanStatus::Draft, PlanKind::Rounds) => {
            format!(
                "select * from plan_rounds('{}', parent_plan_id => {}) plans with its locks.",
                plan.from, plan.id
            )
        }
        (PlanStatus::Draft, PlanKind::Roster) => {
            format!("Solve it first: select * from solve_plan({})", plan.id)
        }
        (PlanStatus::Infeasible | PlanStatus::Unknown | PlanStatus::Optimal | PlanStatus::Feasible, _) => {
            format!("select message from clinic.plans where id = {} says why.", plan.id)
        }
    };
    ClinicError::new(SqlState::WrongState, format!("plan {} has no {}", plan.id, plan.kind))
        .detail(format!("Its status is {}.", plan.status))
        .hint(hint)
}

/// Names of people, by id.
fn names(spi: &Spi, clinic: i64, people: Vec<i64>) -> Result<BTreeMap<i64, String>> {
    let rows: Vec<NameRow> = spi.rows(&NAMES, Access::Snapshot, &[param(clinic), param(people)])?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

fn explain_assignment(args: &Args) -> Result<pg_sys::Datum> {
    let ExplainAssignment { plan_id: id, shift_id, clinic_id } = ExplainAssignment::read(args)?;
    let (problem, working) = spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Snapshot)?;
        let plan = plan(spi, &opened, id, Access::Snapshot)?;
        let problem = plan_problem(spi, &opened, &plan, Access::Snapshot)?.problem;
        check_size(&problem)?;
        Ok((problem, assigned(spi, opened.clinic, id)?))
    })?;
    let of_dates = problem.shifts.iter().position(|row| row.id.0 == shift_id && problem.has(row));
    let Some(index) = of_dates else {
        return Err(ClinicError::new(SqlState::NotFound, format!("plan {id} has no shift {shift_id}"))
            .detail(format!("Its dates are {} to {}.", problem.from, problem.to))
            .hint("The shift doesn't exist, or is on another date."));
    };
    let mut rows = Rows::<ExplainedCandidate>::new(args);
    for candidate in candidates_for(&problem, &working, index)? {
        let person = &problem.staff[candidate.staff];
        rows.push(ExplainedCandidate {
            staff_id: person.id.0.into(),
            staff_name: (&person.name).into(),
            is_assigned: candidate.is_assigned.into(),
            is_allowed: candidate.is_allowed.into(),
            cost_change: candidate.is_allowed.then_some(candidate.cost_change).into(),
            cost_by_rule: cost_by_rule(&candidate.cost_by_rule).into(),
            sentences: candidate.sentences.into(),
        });
    }
    Ok(rows.done())
}

/// Every candidate for a shift (an index), with what choosing them would mean.
fn candidates_for(problem: &Problem, working: &[(StaffId, ShiftId)], shift: usize) -> Result<Vec<Candidate>> {
    let expansion = expand(problem, candidates(problem), &mut carry_on).map_err(super::record::stopped)?;
    let assigned: Vec<bool> = expansion.pairs.iter().map(works(problem, working)).collect();
    Ok(explain(problem, &expansion, &assigned, shift))
}

/// `{"preferred": -50, "max_shifts night": 20}`.
fn cost_by_rule(lines: &[ScoreLine]) -> Value {
    Value::Object(lines.iter().map(|line| (line.name(), json!(line.cost))).collect::<Map<_, _>>())
}

fn compare_plans(args: &Args) -> Result<pg_sys::Datum> {
    let ComparePlans { old_plan_id, new_plan_id, clinic_id } = ComparePlans::read(args)?;
    let mut rows = Rows::<PlanDifference>::new(args);
    spi::connect(|spi| {
        let access = Access::Snapshot;
        let opened = clinic::open(spi, clinic_id, access)?;
        let clinic = opened.clinic;
        let plans =
            [any_plan(spi, &opened, old_plan_id, access)?, any_plan(spi, &opened, new_plan_id, access)?];
        if let [PlanKind::Rounds, PlanKind::Rounds] = plans.each_ref().map(|plan| plan.kind) {
            return rounds::compare_rounds(spi, clinic, &plans, &mut rows);
        }
        for id in [old_plan_id, new_plan_id] {
            require_roster(&plan(spi, &opened, id, access)?)?;
        }
        let changes = compare(&assigned(spi, clinic, old_plan_id)?, &assigned(spi, clinic, new_plan_id)?);
        push_changes(spi, clinic, &changes, &mut rows)?;
        push_costs(
            compare_costs(scores(spi, clinic, old_plan_id)?, scores(spi, clinic, new_plan_id)?),
            &mut rows,
        );
        Ok(())
    })?;
    Ok(rows.done())
}

/// The cost of each rule in a plan.
fn scores(spi: &Spi, clinic: i64, plan: i64) -> Result<Vec<(RuleKind, String, i64)>> {
    let rows: Vec<ScoreRow> = spi.rows(&SCORES, Access::Snapshot, &[param(clinic), param(plan)])?;
    Ok(rows.into_iter().map(|row| (row.rule_kind, row.shift_kind, row.cost)).collect())
}

fn push_changes(spi: &Spi, clinic: i64, changes: &[Change], rows: &mut Rows<PlanDifference>) -> Result<()> {
    let people = changes.iter().flat_map(|change| [change.before, change.after]).flatten();
    let names = names(spi, clinic, people.map(|id| id.0).collect())?;
    let ids: Vec<i64> = changes.iter().map(|change| change.shift.0).collect();
    let starts: Vec<StartRow> = spi.rows(&STARTS, Access::Snapshot, &[param(clinic), param(ids)])?;
    let starts: BTreeMap<i64, Instant> = starts.iter().map(|row| (row.id, row.starts_at)).collect();
    for change in changes {
        let starts_at = starts.get(&change.shift.0).copied();
        let [old, new] = [change.before, change.after].map(|staff| staff.map(|id| id.0));
        let name = |id: Option<i64>| id.and_then(|id| names.get(&id)).map(String::as_str);
        rows.push(PlanDifference {
            shift_id: change.shift.0.into(),
            old_starts_at: starts_at.into(),
            new_starts_at: starts_at.into(),
            old_staff_id: old.into(),
            old_staff_name: name(old).into(),
            new_staff_id: new.into(),
            new_staff_name: name(new).into(),
            ..PlanDifference::of("assignment")
        });
    }
    Ok(())
}

fn push_costs(costs: Vec<CostChange>, rows: &mut Rows<PlanDifference>) {
    for CostChange { kind, shift_kind, old, new } in costs {
        rows.push(PlanDifference {
            rule_kind: kind.as_str().into(),
            shift_kind: Some(shift_kind).filter(|name| !name.is_empty()).into(),
            old_cost: old.into(),
            new_cost: new.into(),
            cost_change: new.saturating_sub(old).into(),
            ..PlanDifference::of("rule")
        });
    }
}
