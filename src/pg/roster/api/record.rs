//! record_violations, approve_violation, swap_assignments: the record is judged by the same rules as plans, and departures
//! are approved one by one.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use chrono::NaiveDate;
use pg_clinic_core::roster::catalog::{Entry, Mode, Modes, Period, RuleKind};
use pg_clinic_core::roster::expand::{Stopped, expand, worked};
use pg_clinic_core::roster::instance::{Cost, Expansion, Instance};
use pg_clinic_core::roster::judge::{Finding, judge};
use pg_clinic_core::roster::problem::Problem;
use pg_clinic_core::roster::sentence::sentence;
use pg_clinic_core::time::calendar::{add_days, date_to_pg_days};
use pgrx::{IntoDatum, pg_sys};

use crate::pg::platform::args::{Args, ResultSet, null_argument, sql_functions, text};
use crate::pg::platform::attribution::{self, Attribution};
use crate::pg::platform::caught::keeping_origin;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::spi::{self, Access, Spi, date_param, param, statements};
use crate::pg::platform::{clinic, session};
use crate::pg::roster::load::{Asked, Loaded, Reference, problem, unknown_kind};
use crate::pg::setup::rule_lists::is_settable;

sql_functions! {
    pg_clinic_record_violations, pg_finfo_pg_clinic_record_violations => record_violations;
    pg_clinic_approve_violation, pg_finfo_pg_clinic_approve_violation => approve_violation;
    pg_clinic_swap_assignments, pg_finfo_pg_clinic_swap_assignments => swap_assignments;
}

statements! {
    /// Approvals.
    APPROVALS(INT8OID) =
        "select id, approved_by, reason from clinic.rule_overrides where clinic_id = $1 and mode = 'waived'";
    /// The first of a person, a shift and two kinds of shift that isn't there.
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
    /// A new one.
    APPROVE(INT8OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, DATEOID, INT8OID, INT8OID, TEXTOID, TEXTOID) =
        "insert into clinic.rule_overrides (clinic_id, kind, shift_kind, next_shift_kind, period, from_date, to_date,
           staff_id, shift_id, mode, approved_by, reason)
         values ($1, $2, $3, $4, $5, $6, $6, $7, $8, 'waived', $9, $10) returning id";
    /// Two rows of the record, locked in one order.
    LOCK_BOTH(INT8OID, INT8OID, INT8OID) =
        "select id, staff_id, shift_id, visit_id from clinic.assignments
         where clinic_id = $1 and id in ($2, $3) order by id for no key update";
    /// They swap their people.
    SWAP(INT8OID, INT8OID, INT8OID, INT8OID, INT8OID) =
        "update clinic.assignments set staff_id = case id when $2 then $4 else $5 end, plan_id = null
         where clinic_id = $1 and id in ($2, $3)";
}

/// Days looked at when nobody says: a week.
const DEFAULT_DAYS: i64 = 7;

/// Lets a cancel through while rules are spelled out.
pub(super) fn carry_on() -> ControlFlow<()> {
    session::check_for_cancel();
    ControlFlow::Continue(())
}

/// The error for an expansion that was broken off, which [`carry_on`] never does.
pub(super) fn stopped(_: Stopped) -> ClinicError {
    ClinicError::new(SqlState::Internal, "the rules were not spelled out")
}

/// An approved departure: who approved it, and why.
type Approvals = BTreeMap<i64, (String, String)>;

fn record_violations(args: &Args) -> Result<pg_sys::Datum> {
    let from = args.date(0, "from_date")?.ok_or_else(|| null_argument("from_date"))?;
    let to = args.date(1, "to_date")?.unwrap_or_else(|| add_days(from, DEFAULT_DAYS - 1));
    let (Loaded { problem, record }, approvals) = spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(2), Access::Snapshot)?;
        let asked = Asked {
            from,
            to,
            plan: None,
            reference: Reference::Record,
            without: &[],
            access: Access::Snapshot,
        };
        let loaded = problem(spi, &opened, &asked)?;
        let approvals = spi.query(&APPROVALS, Access::Snapshot, &[param(opened.clinic)], |row| {
            Ok((row.get::<i64>(0)?, (row.get(1)?, row.get(2)?)))
        })?;
        Ok((loaded, approvals.into_iter().collect::<Approvals>()))
    })?;
    let pairs = worked(&problem, &record).map_err(|unknown| {
        ClinicError::new(SqlState::Internal, "the record has somebody or something that wasn't read")
            .detail(format!("Namely staff {} on shift {}.", unknown.staff, unknown.shift))
    })?;
    let expansion = expand(&problem, pairs, &mut carry_on).map_err(stopped)?;
    let judgment = judge(&expansion, &vec![true; expansion.pairs.len()]);
    let mut set = ResultSet::new(args);
    for finding in sorted(&problem, &expansion, &judgment.findings) {
        push(&problem, &expansion, finding, &approvals, &mut set);
    }
    Ok(set.done())
}

/// The findings that are violations, by date, kind, person and shift.
fn sorted<'a>(problem: &Problem, expansion: &Expansion, findings: &'a [Finding]) -> Vec<&'a Finding> {
    let mut violations: Vec<_> = findings
        .iter()
        .filter(|finding| is_violation(&expansion.instances[finding.instance], finding))
        .collect();
    violations.sort_by_key(|finding| {
        let instance = &expansion.instances[finding.instance];
        let staff = instance.staff.map(|index| problem.staff[index].id);
        let shift = instance.shift.map(|index| problem.shifts[index].id);
        (instance.dates, instance.key.kind, staff, shift, finding.instance)
    });
    violations
}

/// Whether a rule is broken: a condition that doesn't hold, or something unwanted that happened. That matches are spread
/// unevenly costs, but breaks nothing.
fn is_violation(instance: &Instance, finding: &Finding) -> bool {
    match instance.cost {
        Cost::Triangle { .. } => false,
        Cost::Each { .. } => finding.cost > 0,
        _ => finding.shortage > 0 || finding.excess > 0,
    }
}

fn push(
    problem: &Problem,
    expansion: &Expansion,
    finding: &Finding,
    approvals: &Approvals,
    set: &mut ResultSet,
) {
    let instance = &expansion.instances[finding.instance];
    let key = &instance.key;
    let approval = instance.waived_by.and_then(|id| approvals.get(&id));
    let amount = match finding.shortage.max(finding.excess) {
        0 => finding.value,
        units => units,
    };
    set.push([
        text(key.kind.as_str()),
        key.shift_kind.as_deref().and_then(text),
        key.next_shift_kind.as_deref().and_then(text),
        key.period.map(Period::as_str).and_then(text),
        (instance.mode == Mode::Hard).into_datum(),
        instance.staff.map(|index| problem.staff[index].id.0).and_then(IntoDatum::into_datum),
        instance.shift.map(|index| problem.shifts[index].id.0).and_then(IntoDatum::into_datum),
        date(instance.dates.0),
        date(instance.dates.1),
        amount.into_datum(),
        finding.cost.into_datum(),
        text(&sentence(problem, instance, Some(finding))),
        instance.waived_by.and_then(IntoDatum::into_datum),
        approval.and_then(|(by, _)| text(by)),
        approval.and_then(|(_, reason)| text(reason)),
    ]);
}

fn date(date: NaiveDate) -> Option<pg_sys::Datum> {
    Some(pg_sys::Datum::from(date_to_pg_days(date)))
}

fn approve_violation(args: &Args) -> Result<pg_sys::Datum> {
    let name: String = args.required(0, "kind")?;
    let (staff, shift): (Option<i64>, Option<i64>) = (args.opt(1), args.opt(2));
    let on_date = args.date(3, "on_date")?;
    let reason: String = args.required(4, "reason")?;
    if reason.trim().is_empty() {
        return Err(ClinicError::new(SqlState::InvalidArgument, "reason must not be empty"));
    }
    let kind = RuleKind::parse(&name).ok_or_else(|| unknown_kind(&name))?;
    if !is_settable(kind.entry()) {
        return Err(ClinicError::new(SqlState::InvalidArgument, format!("a {name} can't be approved"))
            .hint("Change or delete the row in clinic.locks."));
    }
    if kind.entry().modes == Modes::Soft {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            format!("a departure from {name} needs no approval"),
        )
        .detail("It is never hard: it costs or earns points, and breaks nothing.")
        .hint("Approve what record_violations() lists."));
    }
    if shift.is_none() && on_date.is_none() {
        return Err(ClinicError::new(SqlState::InvalidArgument, "shift_id or on_date must be given")
            .detail("An approval is for one instance: one shift, or one person and date.")
            .hint("record_violations() gives both: its shift_id, and its from_date for on_date."));
    }
    let words = [5, 6, 7].map(|index| args.opt::<String>(index));
    approvable(kind.entry(), staff.is_some(), shift.is_some(), &words)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(8), Access::Latest)?;
        require_there(spi, opened.clinic, (staff, shift), &words)?;
        let actor = attribution::actor();
        let [shift_kind, next_shift_kind, period] = words;
        let params = [
            param(opened.clinic),
            param(name.as_str()),
            shift_kind.and_then(param),
            next_shift_kind.and_then(param),
            period.and_then(param),
            on_date.and_then(date_param),
            staff.and_then(param),
            shift.and_then(param),
            param(actor.as_str()),
            param(reason.as_str()),
        ];
        let id = keeping_origin(|| spi.first(&APPROVE, Access::Latest, &params, |row| row.get::<i64>(0)))?;
        Ok(pg_sys::Datum::from(id.unwrap_or_default()))
    })
}

/// Refuses an approval that fits no instance of the kind. `words`: shift_kind, next_shift_kind, period.
fn approvable(entry: &Entry, has_staff: bool, has_shift: bool, words: &[Option<String>; 3]) -> Result<()> {
    let name = entry.name;
    let [shift_kind, next_shift_kind, period] = words.each_ref().map(Option::is_some);
    let wrong = |message: String| {
        Err(ClinicError::new(SqlState::InvalidArgument, message).detail(entry.doc).hint(
            "Pass what record_violations() gives for the violation: its columns have the arguments' names.",
        ))
    };
    let needs = [
        ("shift_kind", entry.needs_succession, shift_kind),
        ("next_shift_kind", entry.needs_succession, next_shift_kind),
        ("period", entry.needs_period, period),
    ];
    if let Some((missing, ..)) = needs.into_iter().find(|(_, is_needed, is_given)| *is_needed && !is_given) {
        return wrong(format!("an approval of {name} needs {missing}"));
    }
    let takes = [
        ("staff_id", entry.about.has_person(), has_staff),
        ("shift_id", entry.about.has_shift(), has_shift),
        ("shift_kind", entry.takes_shift_kind, shift_kind),
        ("next_shift_kind", entry.needs_succession, next_shift_kind),
        ("period", entry.needs_period, period),
    ];
    if let Some((idle, ..)) = takes.into_iter().find(|(_, is_taken, is_given)| *is_given && !is_taken) {
        return wrong(format!("{name} is about no {idle}"));
    }
    match words[2].as_deref().filter(|word| Period::parse(word).is_none()) {
        Some(word) => {
            Err(ClinicError::new(SqlState::InvalidArgument, format!("there is no period \"{word}\""))
                .hint(format!("There are {}.", Period::ALL.map(Period::as_str).join(", "))))
        }
        None => Ok(()),
    }
}

/// Refuses what isn't there.
fn require_there(
    spi: &Spi,
    clinic: i64,
    (staff, shift): (Option<i64>, Option<i64>),
    words: &[Option<String>; 3],
) -> Result<()> {
    let kind = |index: usize| words[index].as_deref().and_then(param);
    let params = [param(clinic), staff.and_then(param), shift.and_then(param), kind(0), kind(1)];
    match spi.first(&MISSING, Access::Latest, &params, |row| row.opt::<String>(0))?.flatten() {
        Some(what) => Err(ClinicError::new(SqlState::NotFound, format!("{what} does not exist"))
            .detail(format!("Clinic {clinic} has none."))),
        None => Ok(()),
    }
}

/// A row of the record.
struct Row {
    id: i64,
    staff: i64,
    shift: Option<i64>,
    visit: Option<i64>,
}

fn swap_assignments(args: &Args) -> Result<pg_sys::Datum> {
    let a: i64 = args.required(0, "assignment_a")?;
    let b: i64 = args.required(1, "assignment_b")?;
    let reason: Option<String> = args.opt(2);
    let mut set = ResultSet::new(args);
    spi::connect(|spi| {
        let clinic = clinic::open(spi, args.opt(3), Access::Latest)?.clinic;
        let rows = both(spi, clinic, a, b)?;
        let [first, second] = &rows;
        let _attribution = Attribution::function_from("swap_assignments", reason, "swap".to_owned());
        let params =
            [param(clinic), param(first.id), param(second.id), param(second.staff), param(first.staff)];
        keeping_origin(|| spi.run(&SWAP, &params))?;
        for (row, came) in [(first, second), (second, first)] {
            set.push([
                row.id.into_datum(),
                row.shift.and_then(IntoDatum::into_datum),
                row.visit.and_then(IntoDatum::into_datum),
                row.staff.into_datum(),
                came.staff.into_datum(),
            ]);
        }
        Ok(())
    })?;
    Ok(set.done())
}

/// The two rows, by id, if swapping them means something.
fn both(spi: &Spi, clinic: i64, a: i64, b: i64) -> Result<[Row; 2]> {
    let params = [param(clinic), param(a), param(b)];
    let rows = spi.query(&LOCK_BOTH, Access::Latest, &params, |row| {
        Ok(Row { id: row.get(0)?, staff: row.get(1)?, shift: row.opt(2)?, visit: row.opt(3)? })
    })?;
    if let Some(missing) = [a, b].into_iter().find(|id| rows.iter().all(|row| row.id != *id)) {
        return Err(ClinicError::new(SqlState::NotFound, format!("assignment {missing} does not exist"))
            .detail(format!("Clinic {clinic} has no such row in clinic.assignments.")));
    }
    let senseless = |why: &str| {
        Err(ClinicError::new(SqlState::InvalidArgument, format!("assignments {a} and {b} can't be swapped"))
            .detail(why))
    };
    match <[Row; 2]>::try_from(rows) {
        Err(_) => senseless("They are the same."),
        Ok([first, second]) if first.staff == second.staff => senseless("Both are the same person's."),
        Ok([first, second]) if (first.shift, first.visit) == (second.shift, second.visit) => {
            senseless("Both are of the same shift or visit.")
        }
        Ok(both) => Ok(both),
    }
}
