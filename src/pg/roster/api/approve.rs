//! approve_violation: departures from rules are approved one by one, each as far as it went.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::NaiveDate;
use pg_clinic_core::ids::{ShiftId, StaffId};
use pg_clinic_core::roster::approval::{Departure, Given, NotApprovable, Part, approvable};
use pg_clinic_core::roster::catalog::{Entry, Excuses, Period, RuleKind};
use pg_clinic_core::roster::settings::RuleKey;
use pg_clinic_core::time::interval::Instant;
use pg_clinic_core::word::Word;
use pgrx::pg_sys;

use super::record::{judged, unknown_kind};
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::attribution;
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::signatures::{Required, signatures};
use crate::pg::platform::spi::{self, Access, Spi, date_param, param, statements};
use crate::pg::platform::sql_types::{Bigint, Date, Text};
use crate::pg::roster::load::rules::rules;
use crate::pg::roster::load::{RosterQuery, problem};

sql_functions! {
    pg_clinic_approve_violation, pg_finfo_pg_clinic_approve_violation => approve_violation;
}

signatures! {
    /// Arguments of `approve_violation`.
    ApproveViolation = approve_violation(
        rule_kind: Required<Text>, staff_id: Bigint, shift_id: Bigint, on_date: Date, reason: Required<Text>,
        shift_kind: Text = null, next_shift_kind: Text = null, period: Text = null, to_date: Date = null,
        clinic_id: Bigint = null,
    ) -> Bigint;
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
    /// When a shift starts.
    SHIFT(INT8OID, INT8OID) = "select lower(during) from clinic.shifts where clinic_id = $1 and id = $2";
    /// Whether somebody has a shift, by the record.
    HAS_SHIFT(INT8OID, INT8OID, INT8OID) =
        "select exists (select from clinic.assignments where clinic_id = $1 and staff_id = $2 and shift_id = $3)";
    /// Adds an approval.
    APPROVE(INT8OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, INT8OID, INT8OID, DATEOID, DATEOID, INT4OID, INT4OID, TEXTOID, TEXTOID, INT4OID) =
        "insert into clinic.rule_overrides (clinic_id, rule_kind, shift_kind, next_shift_kind, period, staff_id, shift_id,
           from_date, to_date, missing, excess, mode, approved_by, reason, rolling_days)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'waived', $12, $13, $14) returning id";
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
    let (period, rolling_days) = approval.period.as_deref().map(period_of).transpose()?.unwrap_or_default();
    let (from, to) = (approval.on_date, approval.to_date);
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        return Err(ClinicError::new(SqlState::InvalidArgument, "to_date must not be before on_date"));
    }
    let departure = Departure {
        key: RuleKey {
            kind,
            shift_kind: approval.shift_kind,
            next_shift_kind: approval.next_shift_kind,
            period,
            rolling_days,
        },
        staff: approval.staff_id.map(StaffId),
        shift: approval.shift_id.map(ShiftId),
        date: from,
        to,
    };
    spi::connect(|spi| {
        let opened = clinic::open(spi, approval.clinic_id, Access::Latest)?;
        require_there(spi, opened.clinic, &departure)?;
        let parts = match in_advance(spi, &opened, &departure)? {
            Some(part) => vec![part],
            None => parts(spi, &opened, &departure)?,
        };
        let id = insert(spi, opened.clinic, &departure.key, &parts, &Approver::caller(&approval.reason))?;
        Ok(pg_sys::Datum::from(id))
    })
}

fn period_of(word: &str) -> Result<(Option<Period>, Option<i64>)> {
    RuleKey::parse_period(word).ok_or_else(|| {
        ClinicError::new(SqlState::InvalidArgument, format!("there is no period \"{word}\""))
            .hint(format!("There are {}, and windows such as \"28 days\".", Period::list()))
    })
}

/// Who approves, and why.
#[derive(Clone)]
pub(super) struct Approver<'a> {
    pub by: Cow<'a, str>,
    pub reason: &'a str,
}

impl<'a> Approver<'a> {
    pub(super) fn caller(reason: &'a str) -> Self {
        Self { by: attribution::actor().into(), reason }
    }
}

/// Writes approvals; the id of the first.
pub(super) fn insert(
    spi: &Spi,
    clinic: i64,
    key: &RuleKey,
    parts: &[Part],
    approver: &Approver<'_>,
) -> Result<i64> {
    let mut first = None;
    for part in parts {
        let amount = |units: i64| i32::try_from(units).ok().filter(|units| *units > 0).and_then(param);
        let params = [
            param(clinic),
            param(key.kind.as_str()),
            key.shift_kind.as_deref().and_then(param),
            key.next_shift_kind.as_deref().and_then(param),
            key.period.map(Period::as_str).and_then(param),
            part.staff.map(|id| id.0).and_then(param),
            part.shift.map(|id| id.0).and_then(param),
            part.dates.and_then(|(from, _)| date_param(from)),
            part.dates.and_then(|(_, to)| date_param(to)),
            amount(part.missing),
            amount(part.excess),
            param(&*approver.by),
            param(approver.reason),
            key.rolling_days.and_then(|days| i32::try_from(days).ok()).and_then(param),
        ];
        let id: Option<i64> = spi.value(&APPROVE, Access::Latest, &params)?;
        first = first.or(id);
    }
    Ok(first.unwrap_or_default())
}

/// Somebody on a shift may be approved before the record has it: then nothing can be broken yet.
fn in_advance(spi: &Spi, opened: &Opened, departure: &Departure) -> Result<Option<Part>> {
    let is_of_assignment = matches!(departure.key.kind.entry().excuses, Excuses::Assignment | Excuses::After);
    let (true, Some(staff), Some(shift)) = (is_of_assignment, departure.staff, departure.shift) else {
        return Ok(None);
    };
    let params = [param(opened.clinic), param(staff.0), param(shift.0)];
    let has_it: Option<bool> = spi.value(&HAS_SHIFT, Access::Latest, &params)?;
    let part = Part { staff: Some(staff), shift: Some(shift), ..Part::default() };
    Ok((has_it != Some(true)).then_some(part))
}

/// What approves the departure as the record has it.
fn parts(spi: &Spi, opened: &Opened, departure: &Departure) -> Result<Vec<Part>> {
    let weeks = *rules(spi, opened.clinic, Access::Latest)?.weeks();
    let (from, to) = departure.dates_to_judge(&weeks, date_of_shift(spi, opened, departure)?);
    let loaded = problem(spi, opened, &RosterQuery::record(from, to, Access::Latest))?;
    let (expansion, judgment) = judged(&loaded)?;
    let found = departure.findings(&loaded.problem, &expansion, &judgment.findings);
    let parts =
        found.iter().flat_map(|finding| departure.parts(&loaded.problem, &expansion, finding, &|_| true));
    let parts: BTreeSet<Part> = parts.collect();
    if parts.is_empty() {
        let kind = departure.key.kind;
        return Err(ClinicError::new(SqlState::WrongState, format!("{kind} isn't broken there"))
            .detail("An approval excuses what breaks a rule. The record has nothing of that sort, or it is approved already.")
            .hint(format!(
                "select * from record_violations('{from}', '{to}') lists what is broken. To approve somebody on a shift in \
                 advance, pass staff_id and shift_id."
            )));
    }
    Ok(parts.into_iter().collect())
}

/// The date of the shift, where one is given; else any.
fn date_of_shift(spi: &Spi, opened: &Opened, departure: &Departure) -> Result<NaiveDate> {
    let starts_at: Option<Instant> = match departure.shift {
        Some(id) => spi.value(&SHIFT, Access::Latest, &[param(opened.clinic), param(id.0)])?,
        None => None,
    };
    opened.today(starts_at.unwrap_or(Instant(0)))
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
fn require_there(spi: &Spi, clinic: i64, departure: &Departure) -> Result<()> {
    let params = [
        param(clinic),
        departure.staff.map(|id| id.0).and_then(param),
        departure.shift.map(|id| id.0).and_then(param),
        departure.key.shift_kind.as_deref().and_then(param),
        departure.key.next_shift_kind.as_deref().and_then(param),
    ];
    match spi.value::<Option<String>>(&MISSING, Access::Latest, &params)?.flatten() {
        Some(missing) => Err(ClinicError::new(SqlState::NotFound, format!("{missing} does not exist"))
            .detail(format!("Clinic {clinic} has none."))),
        None => Ok(()),
    }
}
