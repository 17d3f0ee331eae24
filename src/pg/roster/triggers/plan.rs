//! The columns and rows of plans that only functions write: the result of a solve, the promotion, and a promoted plan.

use pgrx::pg_sys;

use crate::pg::platform::args::Args;
use crate::pg::platform::attribution::{self, Cause};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::session::ActingAsOwner;
use crate::pg::platform::spi::{self, Access, param, statements};
use crate::pg::platform::trigger::{Call, Columns, Event, Values, misplaced};

statements! {
    /// Whether a plan was promoted. Waits for a promotion under way.
    IS_PROMOTED(INT8OID, INT8OID) =
        "select promoted_at is not null from clinic.plans where clinic_id = $1 and id = $2 for share";
}

/// The triggers `keep_promoted` and `keep_promoted_plan`, whose conditions say when.
pub(super) fn keep_promoted(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::for_row(args, "plans", pg_sys::TRIGGER_EVENT_BEFORE)?;
    let Some(old) = call.old() else { return Err(misplaced()) };
    let columns = Columns::find(&call, &[(c"id", pg_sys::INT8OID)])?;
    // SAFETY: the tuple is the trigger's and of its table.
    let id: i64 = unsafe { Values::of(old, call.desc()) }.get(columns.0[0]).unwrap_or_default();
    Err(promoted(id, if call.event == Event::Delete { "deleted" } else { "changed" }))
}

fn promoted(plan: i64, cant: &str) -> ClinicError {
    ClinicError::new(SqlState::WrongState, format!("plan {plan} was promoted, so it can't be {cant}"))
        .detail("The record and its history come from it.")
        .hint("Promote another plan over it, or change the record itself: its history says who and why.")
}

/// The triggers `keep_answer` and `keep_new_plan`, whose conditions say when.
pub(super) fn keep_answer(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::for_row(args, "plans", pg_sys::TRIGGER_EVENT_BEFORE)?;
    let Some(new) = call.new_row() else { return Err(misplaced()) };
    if attribution::cause().is_planning() {
        return Ok(pg_sys::Datum::from(new));
    }
    let wrong = |message: String, hint: String| {
        Err(ClinicError::new(SqlState::NotAllowed, message)
            .detail("Solvers write the result, and promote_plan() writes the promotion.")
            .hint(hint))
    };
    if call.event == Event::Insert {
        return wrong(
            "a new plan is a draft: its result and its promotion are written by functions only".to_owned(),
            "Leave those columns out, then: select * from solve_plan(…)".to_owned(),
        );
    }
    let columns = Columns::find(&call, &[(c"id", pg_sys::INT8OID)])?;
    // SAFETY: the tuple is the trigger's and of its table.
    let id: i64 = unsafe { Values::of(new, call.desc()) }.get(columns.0[0]).unwrap_or_default();
    wrong(
        format!("the result of plan {id}, who made it and its promotion are written by functions only"),
        format!(
            "select * from solve_plan({id}), select * from promote_plan({id}, …). Notes can go into message."
        ),
    )
}

/// What a table of rows of a plan keeps, where only functions write them.
struct Kept {
    /// In the plural.
    what: &'static str,
    by: &'static str,
    instead: &'static str,
}

impl Kept {
    /// `None` for assignments, which people may edit until the plan is promoted.
    fn of(table: &str) -> Option<Self> {
        const PLAN_AGAIN: &str =
            "Change what the rounds are planned from, and plan them again: select * from plan_rounds(…)";
        let (what, by, instead) = match table {
            "plan_scores" => (
                "scores",
                "A solver writes them with the plan they are of.",
                "Change clinic.rules or clinic.rule_overrides, and solve the plan again.",
            ),
            "visit_trace" => ("traces", "They say what planning considered.", PLAN_AGAIN),
            "smoothing_moves" => ("moves", "They say what smoothing did.", PLAN_AGAIN),
            "exceptions" => (
                "exceptions",
                "They say what planning couldn't place, and who decided what became of it.",
                "select * from resolve_exception(…)",
            ),
            _ => return None,
        };
        Some(Self { what, by, instead })
    }

    fn refusal(&self) -> ClinicError {
        ClinicError::new(
            SqlState::NotAllowed,
            format!("{} of plans are written by functions only", self.what),
        )
        .detail(self.by)
        .hint(self.instead)
    }
}

/// The triggers `keep_promoted_assignments`, `keep_scores`, `keep_trace`, `keep_moves` and `keep_written`.
pub(super) fn keep_plan_rows(args: &Args) -> Result<pg_sys::Datum> {
    let table = Call::new(args)?.table().1;
    let kept = Kept::of(&table);
    if kept.is_none() && table != "plan_assignments" {
        return Err(misplaced());
    }
    let call = Call::for_row(args, &table, pg_sys::TRIGGER_EVENT_BEFORE)?;
    let Some(row) = call.new_row().or(call.old()) else { return Err(misplaced()) };
    let is_function = match attribution::cause() {
        Cause::Function("resolve_exception") => table == "exceptions" && call.event == Event::Update,
        cause => cause.is_planning(),
    };
    if is_function {
        return Ok(pg_sys::Datum::from(row));
    }
    if let Some(kept) = &kept
        && call.event != Event::Delete
    {
        return Err(kept.refusal());
    }
    let columns = Columns::find(&call, &[(c"clinic_id", pg_sys::INT8OID), (c"plan_id", pg_sys::INT8OID)])?;
    for tuple in [call.old(), call.new_row()].into_iter().flatten() {
        // SAFETY: the tuple is the trigger's and of its table.
        let values = unsafe { Values::of(tuple, call.desc()) };
        let [Some(clinic), Some(plan)] = columns.0.map(|column| values.get::<i64>(column)) else { continue };
        match (is_promoted(&call, clinic, plan)?, &kept) {
            (Some(true), _) => return Err(promoted(plan, "changed")),
            (Some(false), Some(kept)) => return Err(kept.refusal()),
            // An assignment, or a row that goes with its plan.
            _ => {}
        }
    }
    Ok(pg_sys::Datum::from(row))
}

/// Whether a plan was promoted; `None` where it is gone, or is being deleted.
fn is_promoted(call: &Call<'_>, clinic: i64, plan: i64) -> Result<Option<bool>> {
    // SAFETY: the trigger's relation is open.
    let _owner = unsafe { ActingAsOwner::of(call.data.tg_relation) };
    spi::connect(|spi| spi.value::<bool>(&IS_PROMOTED, Access::Latest, &[param(clinic), param(plan)]))
}
