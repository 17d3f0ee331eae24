//! Locks of a plan of rounds.

use chrono::NaiveDate;
use pg_clinic_core::ids::{StaffId, VisitId};
use pg_clinic_core::plans::LockAction;
use pg_clinic_core::rounds::RoundsLock;
use pg_clinic_core::time::interval::Instant;

use crate::pg::platform::error::Result;
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, date_param, param, statements};

statements! {
    /// A plan's locks of visits and people for a date, by id.
    LOCKS(INT8OID, INT8OID, DATEOID) =
        "select id, action, staff_id, visit_id, starts_at from clinic.locks
         where clinic_id = $1 and plan_id = $2 and shift_id is null
           and (from_date is null or from_date <= $3) and (to_date is null or to_date >= $3) order by id";
}

row! {
    /// A row of `clinic.locks` about rounds.
    struct LockRow {
        id: i64,
        action: LockAction as "clinic.locks",
        staff_id: Option<i64>,
        visit_id: Option<i64>,
        starts_at: Option<Instant>,
    }
}

/// A plan's locks that hold on a date, by id.
pub fn locks(spi: &Spi, clinic: i64, plan: i64, date: NaiveDate) -> Result<Vec<RoundsLock>> {
    let params = [param(clinic), param(plan), date_param(date)];
    let rows = spi.rows::<LockRow>(&LOCKS, Access::Snapshot, &params)?;
    let lock = |LockRow { id, action, staff_id, visit_id, starts_at }| RoundsLock {
        id,
        action,
        worker: staff_id.map(StaffId),
        visit: visit_id.map(VisitId),
        start: starts_at,
    };
    Ok(rows.into_iter().map(lock).collect())
}
