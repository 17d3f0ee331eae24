//! record_violations, approve_violation, swap_assignments: the record is judged by the same rules as plans, and departures
//! are approved one by one.

use std::ops::ControlFlow;

use pg_clinic_core::ids::{ShiftId, StaffId, VisitId};
use pg_clinic_core::roster::approval::{Given, NotApprovable, approvable};
use pg_clinic_core::roster::catalog::{Entry, Mode, Period, RuleKind};
use pg_clinic_core::roster::expand::{Stopped, expand, worked};
use pg_clinic_core::roster::instance::Expansion;
use pg_clinic_core::roster::judge::{Finding, judge};
use pg_clinic_core::roster::problem::Problem;
use pg_clinic_core::roster::rules::sentence;
use pg_clinic_core::roster::swap::{Assigned, NoSwap, can_swap};
use pg_clinic_core::roster::violations::violations;
use pg_clinic_core::time::calendar::add_days;
use pg_clinic_core::word::Word;
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::attribution::{self, Attribution};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::signatures::{Required, Rows, signatures};
use crate::pg::platform::spi::{self, Access, Spi, date_param, param, statements};
use crate::pg::platform::sql_types::{Bigint, Boolean, Date, Text};
use crate::pg::platform::values::missing_row;
use crate::pg::platform::{clinic, session};
use crate::pg::roster::load::rules::{Approvals, approvals};
use crate::pg::roster::load::{Loaded, RosterQuery, problem};

sql_functions! {
    pg_clinic_record_violations, pg_finfo_pg_clinic_record_violations => record_violations;
    pg_clinic_approve_violation, pg_finfo_pg_clinic_approve_violation => approve_violation;
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
    /// Arguments of `approve_violation`.
    ApproveViolation = approve_violation(
        rule_kind: Required<Text>, staff_id: Bigint, shift_id: Bigint, on_date: Date, reason: Required<Text>,
        shift_kind: Text = null, next_shift_kind: Text = null, period: Text = null, clinic_id: Bigint = null,
    ) -> Bigint;
    /// Arguments of `swap_assignments`.
    SwapAssignments = swap_assignments(
        assignment_id: Required<Bigint>, other_assignment_id: Required<Bigint>, reason: Text = null,
        clinic_id: Bigint = null,
    ) -> table SwappedAssignment {
        assignment_id: Bigint, shift_id: Bigint, visit_id: Bigint, old_staff_id: Bigint, new_staff_id: Bigint,
    };
}

statements! {
    /// The first of a person, a shift and two kinds of shift that doesn't exist.
    MISSING(INT8OID, INT8OID, INT8OID, TEXTOID, TEXTOID) =
        "select case
           when $2 is not null and not exists (select from clinic.staff where clinic_id = $1 and id = $2)
             then 'staff ' || $2
           when $3 is not null and not exists (select from clinic.shifts where clinic_id = $1 and id = $3)
             then 'shift ' || $3
           when $4 is not null and not exists (select from clinic.shift_kinds where clinic_id = $1 and name = $4)
             then format('shift kind \"%s\"', $4)
           when $5 is not null and not exists (select from clinic.shift_kinds where clinic_id = $1 and name = $5)
             then format('shift kind \"%s\"', $5) end";
    /// Adds an approval.
    APPROVE(INT8OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, DATEOID, INT8OID, INT8OID, TEXTOID, TEXTOID) =
        "insert into clinic.rule_overrides (clinic_id, rule_kind, shift_kind, next_shift_kind, period, from_date, to_date,
           staff_id, shift_id, mode, approved_by, reason)
         values ($1, $2, $3, $4, $5, $6, $6, $7, $8, 'waived', $9, $10) returning id";
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
    let (Loaded { problem, record }, approvals) = spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Snapshot)?;
        let loaded = problem(spi, &opened, &RosterQuery::record(from, to, Access::Snapshot))?;
        Ok((loaded, approvals(spi, opened.clinic)?))
    })?;
    let pairs = worked(&problem, &record).map_err(|unknown| {
        ClinicError::new(SqlState::SetUp, "the record has somebody or something that isn't in clinic.staff or clinic.shifts")
            .detail(format!("Namely staff {} on shift {}.", unknown.staff, unknown.shift))
            .hint("A foreign key or a table was dropped or altered: select * from check_clinic() says what is not as it should be.")
    })?;
    let expansion = expand(&problem, pairs, &mut carry_on).map_err(stopped)?;
    let judgment = judge(&expansion, &vec![true; expansion.pairs.len()]);
    let mut rows = Rows::<RecordViolation>::new(args);
    for finding in violations(&problem, &expansion, &judgment.findings) {
        rows.push(violation(&problem, &expansion, finding, &approvals));
    }
    Ok(rows.done())
}

fn violation(
    problem: &Problem,
    expansion: &Expansion,
    finding: &Finding,
    approvals: &Approvals,
) -> RecordViolation {
    let instance = &expansion.instances[finding.instance];
    let key = &instance.key;
    let approval = instance.waived_by.and_then(|id| approvals.get(&id));
    RecordViolation {
        rule_kind: key.kind.as_str().into(),
        shift_kind: key.shift_kind.as_deref().into(),
        next_shift_kind: key.next_shift_kind.as_deref().into(),
        period: key.period.map(Period::as_str).into(),
        is_hard: (instance.mode == Mode::Hard).into(),
        staff_id: instance.staff.map(|index| problem.staff[index].id.0).into(),
        shift_id: instance.shift.map(|index| problem.shifts[index].id.0).into(),
        from_date: instance.dates.0.into(),
        to_date: instance.dates.1.into(),
        amount: finding.amount().into(),
        cost: finding.cost.into(),
        sentence: sentence(problem, instance, Some(finding)).into(),
        override_id: instance.waived_by.into(),
        approved_by: approval.map(|(approved_by, _)| approved_by.as_str()).into(),
        approval_reason: approval.map(|(_, reason)| reason.as_str()).into(),
    }
}

/// The error for a rule kind that isn't in the catalog.
pub(super) fn unknown_kind(name: &str) -> ClinicError {
    ClinicError::new(SqlState::InvalidArgument, format!("there is no rule kind \"{name}\""))
        .hint("select rule_kind, meaning from rule_kinds() lists those there are.")
}

fn approve_violation(args: &Args) -> Result<pg_sys::Datum> {
    let approval = ApproveViolation::read(args)?;
    if approval.reason.trim().is_empty() {
        return Err(ClinicError::new(SqlState::InvalidArgument, "reason must not be empty"));
    }
    let kind = RuleKind::parse(&approval.rule_kind).ok_or_else(|| unknown_kind(&approval.rule_kind))?;
    let given = Given {
        staff_id: approval.staff_id.is_some(),
        shift_id: approval.shift_id.is_some(),
        on_date: approval.on_date.is_some(),
        shift_kind: approval.shift_kind.is_some(),
        next_shift_kind: approval.next_shift_kind.is_some(),
        period: approval.period.is_some(),
    };
    approvable(kind.entry(), given).map_err(|reason| not_approvable(kind.entry(), reason))?;
    if let Some(word) = approval.period.as_deref().filter(|word| Period::parse(word).is_none()) {
        return Err(ClinicError::new(SqlState::InvalidArgument, format!("there is no period \"{word}\""))
            .hint(format!("There are {}.", Period::list())));
    }
    spi::connect(|spi| {
        let clinic = clinic::open(spi, approval.clinic_id, Access::Latest)?.clinic;
        let (staff, shift) = (approval.staff_id.and_then(param), approval.shift_id.and_then(param));
        let shift_kind = approval.shift_kind.as_deref().and_then(param);
        let next_shift_kind = approval.next_shift_kind.as_deref().and_then(param);
        require_there(spi, clinic, &[param(clinic), staff, shift, shift_kind, next_shift_kind])?;
        let params = [
            param(clinic),
            param(kind.as_str()),
            shift_kind,
            next_shift_kind,
            approval.period.as_deref().and_then(param),
            approval.on_date.and_then(date_param),
            staff,
            shift,
            param(attribution::actor()),
            param(approval.reason.as_str()),
        ];
        let id: Option<i64> = spi.value(&APPROVE, Access::Latest, &params)?;
        Ok(pg_sys::Datum::from(id.unwrap_or_default()))
    })
}

/// The error for an approval that fits no instance of its kind.
fn not_approvable(entry: &Entry, reason: NotApprovable) -> ClinicError {
    let kind = entry.kind;
    let wrong = |message: String| ClinicError::new(SqlState::InvalidArgument, message);
    let pass =
        "Pass what record_violations() gives for the violation: its columns have the arguments' names.";
    match reason {
        NotApprovable::NotSettable => {
            wrong(format!("a {kind} can't be approved")).hint("Change or delete the row in clinic.locks.")
        }
        NotApprovable::NeverHard => wrong(format!("a departure from {kind} needs no approval"))
            .detail("It is never hard: it costs or earns points, and breaks nothing.")
            .hint("Approve what record_violations() lists."),
        NotApprovable::NoInstance => wrong("shift_id or on_date must be given".to_owned())
            .detail("An approval is for one instance: one shift, or one person and date.")
            .hint("record_violations() gives both: its shift_id, and its from_date for on_date."),
        NotApprovable::Needs(part) => {
            wrong(format!("an approval of {kind} needs {part}")).detail(entry.meaning).hint(pass)
        }
        NotApprovable::NotAbout(part) => {
            wrong(format!("{kind} is about no {part}")).detail(entry.meaning).hint(pass)
        }
    }
}

/// Refuses people, shifts and kinds of shift that don't exist.
fn require_there(spi: &Spi, clinic: i64, params: &[spi::Param]) -> Result<()> {
    match spi.value::<Option<String>>(&MISSING, Access::Latest, params)?.flatten() {
        Some(missing) => Err(ClinicError::new(SqlState::NotFound, format!("{missing} does not exist"))
            .detail(format!("Clinic {clinic} has none."))),
        None => Ok(()),
    }
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
