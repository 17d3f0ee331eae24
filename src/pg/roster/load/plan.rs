//! Plans as rows, and the problem that a plan is to solve.

use chrono::NaiveDate;
use pg_clinic_core::plans::{PlanKind, PlanStatus};
use pg_clinic_core::roster::options::PlanOptions;
use pgrx::JsonB;

use super::{Loaded, Reference, RosterQuery, problem};
use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::{document, row};
use crate::pg::platform::spi::{Access, Spi, param, statements};

statements! {
    /// A plan, with its parent if that has assignments.
    PLAN(INT8OID, INT8OID) =
        "select p.id, p.kind, p.from_date, p.to_date, p.status, p.options, p.promoted_by, p.input_fingerprint,
           (select q.id from clinic.plans q
            where q.clinic_id = p.clinic_id and q.id = p.parent_plan_id and q.status in ('OPTIMAL', 'FEASIBLE'))
             as solved_parent_id
         from clinic.plans p where p.clinic_id = $1 and p.id = $2";
}

row! {
    /// A row of `clinic.plans`.
    struct PlanRow {
        id: i64,
        kind: PlanKind as "clinic.plans",
        from_date: NaiveDate,
        to_date: NaiveDate,
        status: PlanStatus as "clinic.plans",
        options: JsonB,
        promoted_by: Option<String>,
        input_fingerprint: Option<String>,
        solved_parent_id: Option<i64>,
    }
}

/// A row of `clinic.plans`.
pub struct Plan {
    /// Its id.
    pub id: i64,
    /// The work that it distributes.
    pub kind: PlanKind,
    /// First date.
    pub from: NaiveDate,
    /// Last date.
    pub to: NaiveDate,
    /// The result of solving it.
    pub status: PlanStatus,
    /// What-if options.
    pub options: PlanOptions,
    /// The person who made it the record, if somebody did.
    pub promoted_by: Option<String>,
    /// The fingerprint of its input: see [`pg_clinic_core::fingerprint`].
    pub fingerprint: Option<String>,
    /// The assignments that it stays close to.
    pub reference: Reference,
}

/// Reads a plan of a roster.
pub fn plan(spi: &Spi, opened: &Opened, id: i64, access: Access) -> Result<Plan> {
    let plan = any_plan(spi, opened, id, access)?;
    match plan.kind {
        PlanKind::Roster => Ok(plan),
        PlanKind::Rounds => Err(ClinicError::new(SqlState::WrongState, format!("plan {id} is no roster"))
            .detail("It is a plan of rounds.")
            .hint(format!(
                "To plan the day again: select * from plan_rounds('{}', parent_plan_id => {id})",
                plan.from
            ))),
    }
}

/// Reads a plan of either kind.
pub fn any_plan(spi: &Spi, opened: &Opened, id: i64, access: Access) -> Result<Plan> {
    let found: Option<PlanRow> = spi.row(&PLAN, access, &[param(opened.clinic), param(id)])?;
    let row = found.ok_or_else(|| {
        ClinicError::new(SqlState::NotFound, format!("plan {id} does not exist"))
            .detail(format!("Clinic {} has no such row in clinic.plans.", opened.clinic))
            .hint("select id, from_date, to_date, status from clinic.plans lists those there are.")
    })?;
    Ok(Plan {
        id: row.id,
        kind: row.kind,
        from: row.from_date,
        to: row.to_date,
        status: row.status,
        options: document(row.options, || format!("options of plan {id}"))?,
        promoted_by: row.promoted_by,
        fingerprint: row.input_fingerprint,
        reference: row.solved_parent_id.map_or(Reference::Record, Reference::Plan),
    })
}

/// Loads the problem that a plan is to solve, what-if options in force.
pub fn plan_problem(spi: &Spi, opened: &Opened, plan: &Plan, access: Access) -> Result<Loaded> {
    let query = RosterQuery {
        from: plan.from,
        to: plan.to,
        plan: Some(plan.id),
        reference: plan.reference,
        without: &plan.options.without_staff_ids,
        access,
    };
    let mut loaded = problem(spi, opened, &query)?;
    for (&kind, &weight) in &plan.options.weights {
        if !loaded.problem.rules.reweigh(kind, weight) {
            return Err(ClinicError::new(
                SqlState::InvalidArgument,
                format!("a weight of {kind} means nothing here"),
            )
            .detail(format!("No rule of the clinic makes {kind} soft."))
            .hint("Only soft rules weigh anything: select * from effective_rules(…) shows them."));
        }
    }
    Ok(loaded)
}
