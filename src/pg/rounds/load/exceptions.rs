//! Exceptions, and decisions of people about visits.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use pg_clinic_core::ids::{ClientId, StaffId, VisitId};
use pg_clinic_core::rounds::{
    ENABLED_STAFF, ExceptionState, OPEN_EXCEPTIONS, Resolution, Substitute, VisitNotes, VisitOutcome,
};
use pg_clinic_core::text::named;
use pg_clinic_core::time::interval::{Instant, Minutes};

use super::missing;
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, date_param, param, statements};

statements! {
    /// Visits of a date that resolve_exception() gave to somebody.
    REASSIGNED(INT8OID, DATEOID, TEXTOID) =
        "select distinct visit_id from clinic.exceptions where clinic_id = $1 and on_date = $2 and resolution = $3";
    /// Visits of a date that the record has otherwise than any plan put them there.
    OUTSIDE_PLANS(INT8OID, DATEOID) =
        "select a.visit_id
         from clinic.visits v join clinic.assignments a on a.clinic_id = v.clinic_id and a.visit_id = v.id
         where v.clinic_id = $1 and v.on_date = $2 and not exists (select from clinic.plan_assignments p
           where p.clinic_id = a.clinic_id and p.plan_id = a.plan_id and p.visit_id = a.visit_id
             and p.staff_id = a.staff_id and p.during = a.during)";
    /// Locks the visit of an exception. Of two sessions that resolve it, perhaps as an exception of two plans, the second
    /// one sees the changes of the first one.
    LOCK_VISIT(INT8OID, INT8OID) =
        "select from clinic.visits v
         where v.clinic_id = $1
           and v.id = (select e.visit_id from clinic.exceptions e where e.clinic_id = $1 and e.id = $2)
         for no key update";
    /// An exception with its visit, and the worker who has that in the record.
    EXCEPTION(INT8OID, INT8OID) =
        "select e.visit_id, e.client_id, e.on_date, e.resolution, e.resolved_by, c.visit_minutes, v.outcome, v.started_at,
           v.ended_at, s.id as staff_id, s.name as staff_name
         from clinic.exceptions e
         join clinic.visits v on v.clinic_id = e.clinic_id and v.id = e.visit_id
         join clinic.clients c on c.clinic_id = e.clinic_id and c.id = e.client_id
         left join clinic.staff s on s.clinic_id = e.clinic_id and s.id = (
           select min(a.staff_id) from clinic.assignments a where a.clinic_id = e.clinic_id and a.visit_id = e.visit_id)
         where e.clinic_id = $1 and e.id = $2";
    /// A client's visit of a date.
    VISIT(INT8OID, INT8OID, DATEOID) =
        "select client_id, outcome, started_at, ended_at from clinic.visits
         where clinic_id = $1 and client_id = $2 and on_date = $3";
    /// A staff member.
    STAFF(INT8OID, INT8OID) = "select name, enabled from clinic.staff where clinic_id = $1 and id = $2";
}

row! {
    /// A row of `clinic.exceptions` with its visit.
    struct ExceptionRow {
        visit_id: i64,
        client_id: i64,
        on_date: NaiveDate,
        resolution: Option<Resolution> as "clinic.exceptions",
        resolved_by: Option<String>,
        visit_minutes: i32,
        outcome: Option<VisitOutcome> as "clinic.visits",
        started_at: Option<Instant>,
        ended_at: Option<Instant>,
        staff_id: Option<i64>,
        staff_name: Option<String>,
    }
}

row! {
    /// A client's visit of a date.
    struct VisitRow {
        client_id: i64,
        outcome: Option<VisitOutcome> as "clinic.visits",
        started_at: Option<Instant>,
        ended_at: Option<Instant>,
    }
}

row! {
    /// A row of `clinic.staff`.
    struct StaffRow {
        name: String,
        enabled: bool,
    }
}

/// Visits of a date that resolve_exception() gave to somebody.
pub fn reassigned(spi: &Spi, clinic: i64, date: NaiveDate) -> Result<BTreeSet<VisitId>> {
    let params = [param(clinic), date_param(date), param(Resolution::Reassigned.as_str())];
    let visits = spi.values::<i64>(&REASSIGNED, Access::Snapshot, &params)?;
    Ok(visits.into_iter().map(VisitId).collect())
}

/// Visits of a date that a person decided: by resolve_exception(), or in the record outside the functions.
pub fn decided(spi: &Spi, clinic: i64, date: NaiveDate) -> Result<BTreeSet<VisitId>> {
    let params = [param(clinic), date_param(date)];
    let outside = spi.values::<i64>(&OUTSIDE_PLANS, Access::Snapshot, &params)?;
    let mut decided = reassigned(spi, clinic, date)?;
    decided.extend(outside.into_iter().map(VisitId));
    Ok(decided)
}

/// An exception, its visit locked.
pub fn exception(spi: &Spi, clinic: i64, id: i64) -> Result<ExceptionState> {
    let key = [param(clinic), param(id)];
    spi.run(&LOCK_VISIT, &key)?;
    let found = spi.row::<ExceptionRow>(&EXCEPTION, Access::Latest, &key)?;
    let row =
        found.ok_or_else(|| missing(&format!("exception {id}"), "exceptions", clinic, OPEN_EXCEPTIONS))?;
    let client = ClientId(row.client_id);
    let worker = row.staff_name.zip(row.staff_id);
    Ok(ExceptionState {
        id,
        visit: VisitId(row.visit_id),
        client,
        on_date: row.on_date,
        length: Minutes(row.visit_minutes),
        resolved: row.resolution.map(|resolution| (resolution, row.resolved_by.unwrap_or_default())),
        notes: VisitNotes { client, outcome: row.outcome, started: row.started_at, ended: row.ended_at },
        assigned: worker.map(|(name, id)| named(&name, "worker", id)),
    })
}

/// The notes of a client's visit of a date, if there is one.
pub fn visit_of_date(
    spi: &Spi,
    clinic: i64,
    client: ClientId,
    date: NaiveDate,
) -> Result<Option<VisitNotes>> {
    let params = [param(clinic), param(client.0), date_param(date)];
    let found = spi.row::<VisitRow>(&VISIT, Access::Latest, &params)?;
    Ok(found.map(|row| VisitNotes {
        client: ClientId(row.client_id),
        outcome: row.outcome,
        started: row.started_at,
        ended: row.ended_at,
    }))
}

/// The staff member who is to make a visit.
pub fn substitute(spi: &Spi, clinic: i64, worker: StaffId) -> Result<Substitute> {
    let found = spi.row::<StaffRow>(&STAFF, Access::Latest, &[param(clinic), param(worker.0)])?;
    let StaffRow { name, enabled } =
        found.ok_or_else(|| missing(&format!("staff {worker}"), "staff", clinic, ENABLED_STAFF))?;
    Ok(Substitute { id: worker, name, enabled })
}
