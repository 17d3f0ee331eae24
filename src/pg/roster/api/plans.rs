//! explain_assignment, compare_plans, promote_plan.

use std::collections::BTreeMap;

use pg_clinic_core::ids::{ShiftId, StaffId};
use pg_clinic_core::roster::catalog::RuleKind;
use pg_clinic_core::roster::expand::{candidates, expand};
use pg_clinic_core::roster::explain::{Candidate, explain};
use pg_clinic_core::roster::instance::Pair;
use pg_clinic_core::roster::plan::{Change, compare};
use pg_clinic_core::roster::problem::Problem;
use pgrx::{IntoDatum, JsonB, pg_sys};
use serde_json::{Map, Value, json};

mod rounds;

use super::record::carry_on;
use crate::pg::platform::args::{Args, ResultSet, instant, sql_functions, text};
use crate::pg::platform::clinic;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::spi::{self, Access, Spi, param, statements};
use crate::pg::roster::load::{Plan, PlanKind, any_plan, check_size, plan, plan_problem};

sql_functions! {
    pg_clinic_explain_assignment, pg_finfo_pg_clinic_explain_assignment => explain_assignment;
    pg_clinic_compare_plans, pg_finfo_pg_clinic_compare_plans => compare_plans;
}

statements! {
    /// Who works what in a plan.
    ASSIGNED(INT8OID, INT8OID) =
        "select staff_id, shift_id from clinic.plan_assignments where clinic_id = $1 and plan_id = $2
         order by shift_id, staff_id";
    /// What each rule costs in a plan.
    SCORES(INT8OID, INT8OID) =
        "select rule_kind, shift_kind, cost from clinic.plan_scores where clinic_id = $1 and plan_id = $2";
    /// Names of people.
    NAMES(INT8OID, INT8ARRAYOID) = "select id, name from clinic.staff where clinic_id = $1 and id = any ($2)";
    /// Starts of shifts.
    STARTS(INT8OID, INT8ARRAYOID) =
        "select id, lower(during) from clinic.shifts where clinic_id = $1 and id = any ($2)";
}

/// Who works what in a plan, by shift.
pub(super) fn assigned(spi: &Spi, clinic: i64, plan: i64) -> Result<Vec<(StaffId, ShiftId)>> {
    spi.query(&ASSIGNED, Access::Snapshot, &[param(clinic), param(plan)], |row| {
        Ok((StaffId(row.get(0)?), ShiftId(row.get(1)?)))
    })
}

/// Refuses plans that have no roster.
pub(super) fn require_roster(plan: &Plan) -> Result<()> {
    if matches!(plan.status.as_str(), "OPTIMAL" | "FEASIBLE") {
        return Ok(());
    }
    let hint = match plan.status.as_str() {
        "DRAFT" if plan.kind == PlanKind::Rounds => {
            format!(
                "select * from plan_rounds('{}', parent_plan_id => {}) plans with its locks.",
                plan.from, plan.id
            )
        }
        "DRAFT" => format!("Solve it first: select * from solve_plan({})", plan.id),
        _ => format!("select message from clinic.plans where id = {} says why.", plan.id),
    };
    Err(ClinicError::new(SqlState::WrongState, format!("plan {} has no {}", plan.id, plan.kind.as_str()))
        .detail(format!("Its status is {}.", plan.status))
        .hint(hint))
}

fn explain_assignment(args: &Args) -> Result<pg_sys::Datum> {
    let id: i64 = args.required(0, "plan_id")?;
    let shift: i64 = args.required(1, "shift_id")?;
    let (problem, working) = spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(2), Access::Snapshot)?;
        let plan = plan(spi, &opened, id, Access::Snapshot)?;
        let problem = plan_problem(spi, &opened, &plan, Access::Snapshot)?.problem;
        check_size(&problem)?;
        Ok((problem, assigned(spi, opened.clinic, id)?))
    })?;
    let of_dates = problem.shifts.iter().position(|row| row.id.0 == shift && problem.has(row));
    let Some(index) = of_dates else {
        return Err(ClinicError::new(SqlState::NotFound, format!("plan {id} has no shift {shift}"))
            .detail(format!("Its dates are {} to {}.", problem.from, problem.to))
            .hint("The shift doesn't exist, or is on another date."));
    };
    let told = candidates_for(&problem, &working, index)?;
    let mut set = ResultSet::new(args);
    for candidate in told {
        let person = &problem.staff[candidate.staff];
        set.push([
            person.id.0.into_datum(),
            text(&person.name),
            candidate.is_assigned.into_datum(),
            candidate.is_allowed.into_datum(),
            candidate.is_allowed.then_some(candidate.cost_change).and_then(IntoDatum::into_datum),
            candidate.reasons.clone().into_datum(),
            JsonB(by_rule(&candidate)).into_datum(),
        ]);
    }
    Ok(set.done())
}

/// Every candidate for a shift (an index), with what choosing them would mean.
fn candidates_for(problem: &Problem, working: &[(StaffId, ShiftId)], shift: usize) -> Result<Vec<Candidate>> {
    let expansion = expand(problem, candidates(problem), &mut carry_on).map_err(super::record::stopped)?;
    let works = |pair: &Pair| {
        let ids = (problem.shifts[pair.shift].id, problem.staff[pair.staff].id);
        working.binary_search_by_key(&ids, |&(staff, shift)| (shift, staff)).is_ok()
    };
    let assigned: Vec<bool> = expansion.pairs.iter().map(works).collect();
    Ok(explain(problem, &expansion, &assigned, shift))
}

/// `{"preferred": -50, "max_shifts night": 20}`.
fn by_rule(candidate: &Candidate) -> Value {
    let mut costs = Map::new();
    for line in &candidate.by_rule {
        costs.insert(rule_name(line.kind, line.shift_kind.as_deref()), json!(line.cost));
    }
    Value::Object(costs)
}

fn rule_name(kind: RuleKind, shift_kind: Option<&str>) -> String {
    match shift_kind {
        Some(shift_kind) => format!("{} {shift_kind}", kind.as_str()),
        None => kind.as_str().to_owned(),
    }
}

/// Costs of one plan and of another, by rule and shift kind.
type Costs = BTreeMap<(String, String), (i64, i64)>;

fn compare_plans(args: &Args) -> Result<pg_sys::Datum> {
    let a: i64 = args.required(0, "plan_a")?;
    let b: i64 = args.required(1, "plan_b")?;
    let mut set = ResultSet::new(args);
    spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(2), Access::Snapshot)?;
        let clinic = opened.clinic;
        let plans =
            [any_plan(spi, &opened, a, Access::Snapshot)?, any_plan(spi, &opened, b, Access::Snapshot)?];
        if let [PlanKind::Rounds, PlanKind::Rounds] = plans.each_ref().map(|plan| plan.kind) {
            return rounds::compare_rounds(spi, clinic, &plans, &mut set);
        }
        for id in [a, b] {
            require_roster(&plan(spi, &opened, id, Access::Snapshot)?)?;
        }
        let changes = compare(&assigned(spi, clinic, a)?, &assigned(spi, clinic, b)?);
        push_changes(spi, clinic, &changes, &mut set)?;
        let mut costs = Costs::new();
        for (plan, is_first) in [(a, true), (b, false)] {
            spi.execute(&SCORES, Access::Snapshot, &[param(clinic), param(plan)], 0)?.for_each(|row| {
                let both = costs.entry((row.get(0)?, row.get(1)?)).or_default();
                *if is_first { &mut both.0 } else { &mut both.1 } = row.get(2)?;
                Ok(())
            })?;
        }
        push_costs(costs, &mut set);
        Ok(())
    })?;
    Ok(set.done())
}

fn push_changes(spi: &Spi, clinic: i64, changes: &[Change], set: &mut ResultSet) -> Result<()> {
    let people = changes.iter().flat_map(|change| [change.before, change.after]).flatten();
    let ids: Vec<i64> = people.map(|id| id.0).collect();
    let names = spi.query(&NAMES, Access::Snapshot, &[param(clinic), param(ids)], |row| {
        Ok((row.get::<i64>(0)?, row.get::<String>(1)?))
    })?;
    let names: BTreeMap<i64, String> = names.into_iter().collect();
    let ids: Vec<i64> = changes.iter().map(|change| change.shift.0).collect();
    let starts = spi.query(&STARTS, Access::Snapshot, &[param(clinic), param(ids)], |row| {
        Ok((row.get::<i64>(0)?, row.instant(1)?))
    })?;
    let starts: BTreeMap<i64, _> = starts.into_iter().collect();
    for change in changes {
        let id = |staff: Option<StaffId>| staff.map(|id| id.0);
        let starts = starts.get(&change.shift.0).copied().and_then(instant);
        let name = |staff| id(staff).and_then(|id| names.get(&id)).and_then(|name| text(name));
        set.push([
            text("assignment"),
            change.shift.0.into_datum(),
            None,
            starts,
            starts,
            id(change.before).and_then(IntoDatum::into_datum),
            name(change.before),
            id(change.after).and_then(IntoDatum::into_datum),
            name(change.after),
            None,
            None,
            None,
            None,
            None,
        ]);
    }
    Ok(())
}

/// The rules in the catalog's order, those that cost the same left out.
fn push_costs(costs: Costs, set: &mut ResultSet) {
    let place = |kind: &str| RuleKind::parse(kind).map_or(usize::MAX, |kind| kind as usize);
    let mut costs: Vec<_> = costs.into_iter().filter(|(_, (a, b))| a != b).collect();
    costs.sort_by(|((a, of_a), _), ((b, of_b), _)| (place(a), a, of_a).cmp(&(place(b), b, of_b)));
    for ((kind, shift_kind), (cost_a, cost_b)) in costs {
        set.push([
            text("rule"),
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            text(&kind),
            Some(shift_kind).filter(|name| !name.is_empty()).and_then(|name| text(&name)),
            cost_a.into_datum(),
            cost_b.into_datum(),
            cost_b.saturating_sub(cost_a).into_datum(),
        ]);
    }
}
