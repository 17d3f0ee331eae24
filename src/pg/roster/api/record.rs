//! record_violations, swap_assignments: the record is judged by the same rules as plans.

use std::ops::ControlFlow;

use pg_clinic_core::ids::{ShiftId, StaffId, VisitId};
use pg_clinic_core::roster::catalog::Mode;
use pg_clinic_core::roster::expand::{Stopped, expand, worked};
use pg_clinic_core::roster::instance::{Expansion, Instance};
use pg_clinic_core::roster::judge::{Finding, Judgment, judge};
use pg_clinic_core::roster::problem::Problem;
use pg_clinic_core::roster::rules::{approved_sentence, sentence};
use pg_clinic_core::roster::swap::{Assigned, NoSwap, can_swap};
use pg_clinic_core::roster::violations::violations;
use pg_clinic_core::time::calendar::add_days;
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::attribution::Attribution;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::signatures::{Required, Rows, signatures};
use crate::pg::platform::spi::{self, Access, Spi, param, statements};
use crate::pg::platform::sql_types::{Bigint, Boolean, Date, Text};
use crate::pg::platform::values::missing_row;
use crate::pg::platform::{clinic, session};
use crate::pg::roster::load::rules::{Approvals, approvals};
use crate::pg::roster::load::{Loaded, RosterQuery, problem};

sql_functions! {
    pg_clinic_record_violations, pg_finfo_pg_clinic_record_violations => record_violations;
    pg_clinic_swap_assignments, pg_finfo_pg_clinic_swap_assignments => swap_assignments;
}

signatures! {
    /// Arguments of `record_violations`.
    RecordViolations = record_violations(from_date: Required<Date>, to_date: Date = null, clinic_id: Bigint = null)
        -> table RecordViolation {
            rule_kind: Text, shift_kind: Text, next_shift_kind: Text, period: Text, is_hard: Boolean, staff_id: Bigint,
            shift_id: Bigint, from_date: Date, to_date: Date, amount: Bigint, cost: Bigint, sentence: Text,
            override_id: Bigint, approved_by: Text, approval_reason: Text,
        };
    /// Arguments of `swap_assignments`.
    SwapAssignments = swap_assignments(
        assignment_id: Required<Bigint>, other_assignment_id: Required<Bigint>, reason: Text = null,
        clinic_id: Bigint = null,
    ) -> table SwappedAssignment {
        assignment_id: Bigint, shift_id: Bigint, visit_id: Bigint, old_staff_id: Bigint, new_staff_id: Bigint,
    };
}

statements! {
    /// Locks two rows of the record, in one order.
    LOCK_BOTH(INT8OID, INT8OID, INT8OID) =
        "select id, staff_id, shift_id, visit_id from clinic.assignments
         where clinic_id = $1 and id in ($2, $3) order by id for no key update";
    /// Swaps their people.
    SWAP(INT8OID, INT8OID, INT8OID, INT8OID, INT8OID) =
        "update clinic.assignments set staff_id = case id when $2 then $4 else $5 end, plan_id = null
         where clinic_id = $1 and id in ($2, $3)";
}

row! {
    /// A row of the record.
    struct AssignedRow {
        id: i64,
        staff_id: i64,
        shift_id: Option<i64>,
        visit_id: Option<i64>,
    }
}

/// Days of the record by default: a week.
const DEFAULT_DAYS: i64 = 7;

/// Lets a cancel through while rules are expanded.
pub(super) fn carry_on() -> ControlFlow<()> {
    session::check_for_cancel();
    ControlFlow::Continue(())
}

/// The error for an expansion that was broken off, which [`carry_on`] never does.
pub(super) fn stopped(_: Stopped) -> ClinicError {
    ClinicError::new(SqlState::Internal, "the rules were not expanded")
}

fn record_violations(args: &Args) -> Result<pg_sys::Datum> {
    let RecordViolations { from_date: from, to_date, clinic_id } = RecordViolations::read(args)?;
    let to = to_date.unwrap_or_else(|| add_days(from, DEFAULT_DAYS - 1));
    let (loaded, approvals) = spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Snapshot)?;
        let loaded = problem(spi, &opened, &RosterQuery::record(from, to, Access::Snapshot))?;
        Ok((loaded, approvals(spi, opened.clinic)?))
    })?;
    let (expansion, judgment) = judged(&loaded)?;
    let problem = &loaded.problem;
    let mut rows = Rows::<RecordViolation>::new(args);
    for finding in violations(problem, &expansion, &judgment.findings) {
        rows_of(problem, &expansion, finding, &approvals).into_iter().for_each(|row| rows.push(row));
    }
    Ok(rows.done())
}

/// The record by the rules: all that is assigned, and nothing else.
pub(super) fn judged(Loaded { problem, record }: &Loaded) -> Result<(Expansion, Judgment)> {
    let pairs = worked(problem, record).map_err(|unknown| {
        ClinicError::new(SqlState::SetUp, "the record has somebody or something that isn't in clinic.staff or clinic.shifts")
            .detail(format!("Namely staff {} on shift {}.", unknown.staff, unknown.shift))
            .hint("A foreign key or a table was dropped or altered: select * from check_clinic() says what is not as it should be.")
    })?;
    let expansion = expand(problem, pairs, &mut carry_on).map_err(stopped)?;
    let judgment = judge(&expansion, &vec![true; expansion.pairs.len()]);
    Ok((expansion, judgment))
}

/// A finding as rows: what nobody approved, then what each approval excuses.
fn rows_of(
    problem: &Problem,
    expansion: &Expansion,
    finding: &Finding,
    approvals: &Approvals,
) -> Vec<RecordViolation> {
    let instance = &expansion.instances[finding.instance];
    let mut rows = Vec::new();
    if finding.approved == 0 || finding.shortage + finding.excess > 0 {
        let text = sentence(problem, instance, Some(finding));
        rows.push(violation(problem, instance, finding.amount(), finding.cost, text));
    }
    for (id, units) in instance.approvals_of(finding.approved) {
        let row = violation(problem, instance, units, 0, approved_sentence(problem, instance, finding, id));
        let approval = approvals.get(&id);
        let excused = problem.rules.approvals().iter().find(|approval| approval.id() == id);
        let shift = excused.and_then(|approval| approval.rule.scope.shift).map(|shift| shift.0);
        rows.push(RecordViolation {
            shift_id: shift.or(instance.shift.map(|index| problem.shifts[index].id.0)).into(),
            override_id: id.into(),
            approved_by: approval.map(|(approved_by, _)| approved_by.as_str()).into(),
            approval_reason: approval.map(|(_, reason)| reason.as_str()).into(),
            ..row
        });
    }
    rows
}

fn violation(
    problem: &Problem,
    instance: &Instance,
    amount: i64,
    cost: i64,
    sentence: String,
) -> RecordViolation {
    let key = &instance.key;
    RecordViolation {
        rule_kind: key.kind.as_str().into(),
        shift_kind: key.shift_kind.as_deref().into(),
        next_shift_kind: key.next_shift_kind.as_deref().into(),
        period: key.period_text().into(),
        is_hard: (instance.mode == Mode::Hard).into(),
        staff_id: instance.staff.map(|index| problem.staff[index].id.0).into(),
        shift_id: instance.shift.map(|index| problem.shifts[index].id.0).into(),
        from_date: instance.dates.0.into(),
        to_date: instance.dates.1.into(),
        amount: amount.into(),
        cost: cost.into(),
        sentence: sentence.into(),
        override_id: None::<i64>.into(),
        approved_by: None::<String>.into(),
        approval_reason: None::<String>.into(),
    }
}

/// The error for a rule kind that isn't in the catalog.
pub(super) fn unknown_kind(name: &str) -> ClinicError {
    ClinicError::new(SqlState::InvalidArgument, format!("there is no rule kind \"{name}\""))
        .hint("select rule_kind, meaning from rule_kinds() lists those there are.")
}

fn swap_assignments(args: &Args) -> Result<pg_sys::Datum> {
    let SwapAssignments { assignment_id, other_assignment_id, reason, clinic_id } =
        SwapAssignments::read(args)?;
    let mut rows = Rows::<SwappedAssignment>::new(args);
    spi::connect(|spi| {
        let clinic = clinic::open(spi, clinic_id, Access::Latest)?.clinic;
        let [first, second] = both(spi, clinic, [assignment_id, other_assignment_id])?;
        let _attribution = Attribution::function_from("swap_assignments", reason, "swap".to_owned());
        let params =
            [param(clinic), param(first.id), param(second.id), param(second.staff.0), param(first.staff.0)];
        spi.run(&SWAP, &params)?;
        for (old, new) in [(first, second), (second, first)] {
            rows.push(SwappedAssignment {
                assignment_id: old.id.into(),
                shift_id: old.shift.map(|id| id.0).into(),
                visit_id: old.visit.map(|id| id.0).into(),
                old_staff_id: old.staff.0.into(),
                new_staff_id: new.staff.0.into(),
            });
        }
        Ok(())
    })?;
    Ok(rows.done())
}

/// The two rows, by id, if swapping them means something.
fn both(spi: &Spi, clinic: i64, ids: [i64; 2]) -> Result<[Assigned; 2]> {
    let params = [param(clinic), param(ids[0]), param(ids[1])];
    let rows: Vec<AssignedRow> = spi.rows(&LOCK_BOTH, Access::Latest, &params)?;
    let find = |id: i64| {
        let row = rows.iter().find(|row| row.id == id);
        let row = row.ok_or_else(|| missing_row("assignment", "assignments", "staff_id", clinic, id))?;
        Ok(Assigned {
            id: row.id,
            staff: StaffId(row.staff_id),
            shift: row.shift_id.map(ShiftId),
            visit: row.visit_id.map(VisitId),
        })
    };
    let mut both = [find(ids[0])?, find(ids[1])?];
    both.sort_by_key(|row| row.id);
    can_swap(&both[0], &both[1]).map_err(|reason: NoSwap| {
        ClinicError::new(
            SqlState::InvalidArgument,
            format!("assignments {} and {} can't be swapped", ids[0], ids[1]),
        )
        .detail(reason.sentence())
    })?;
    Ok(both)
}
