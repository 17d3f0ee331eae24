//! What people decided about visits that had no place.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use pg_clinic_core::ids::VisitId;

use crate::pg::platform::error::Result;
use crate::pg::platform::spi::{Access, Spi, date_param, param, statements};

statements! {
    /// Visits of a date that resolve_exception() gave to somebody.
    REASSIGNED(INT8OID, DATEOID) =
        "select distinct visit_id from clinic.exceptions
         where clinic_id = $1 and on_date = $2 and resolution = 'reassigned'";
    /// Visits of a date that the record has otherwise than any plan put them there.
    BY_HAND(INT8OID, DATEOID) =
        "select a.visit_id
         from clinic.visits v join clinic.assignments a on a.clinic_id = v.clinic_id and a.visit_id = v.id
         where v.clinic_id = $1 and v.on_date = $2 and not exists (select from clinic.plan_assignments p
           where p.clinic_id = a.clinic_id and p.plan_id = a.plan_id and p.visit_id = a.visit_id
             and p.staff_id = a.staff_id and p.during = a.during)";
}

/// Visits of a date that resolve_exception() gave to somebody.
pub fn reassigned(spi: &Spi, clinic: i64, date: NaiveDate) -> Result<BTreeSet<VisitId>> {
    let params = [param(clinic), date_param(date)];
    let visits = spi.query(&REASSIGNED, Access::Snapshot, &params, |row| Ok(VisitId(row.get(0)?)))?;
    Ok(visits.into_iter().collect())
}

/// Visits of a date that a person decided: by resolve_exception(), or in the record by hand.
pub fn decided(spi: &Spi, clinic: i64, date: NaiveDate) -> Result<BTreeSet<VisitId>> {
    let params = [param(clinic), date_param(date)];
    let by_hand = spi.query(&BY_HAND, Access::Snapshot, &params, |row| Ok(VisitId(row.get(0)?)))?;
    let mut decided = reassigned(spi, clinic, date)?;
    decided.extend(by_hand);
    Ok(decided)
}
