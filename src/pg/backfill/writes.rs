//! Writes of offers by jobs.

use crate::pg::platform::error::Result;
use crate::pg::platform::jobs::MAX_ROWS;
use crate::pg::platform::session;
use crate::pg::platform::spi::{Access, Spi, instant_param, param, statements};

statements! {
    /// Too late. Waits for nobody: what somebody is at work on is left to the next call.
    EXPIRE(INT8OID, TIMESTAMPTZOID, INT8OID) =
        "update clinic.offers o set status = 'expired', answered_at = $2
         from (select late.id
               from clinic.offers late join clinic.bookings b on b.clinic_id = late.clinic_id and b.id = late.booking_id
               where late.clinic_id = $1 and late.status = 'offered' and late.expires_at <= $2
               order by late.expires_at, late.id limit $3 for no key update skip locked) as late
         where o.clinic_id = $1 and o.id = late.id returning o.id";
}

/// Closes offers that nobody answered in time. A job: see booking/api/jobs.rs.
pub fn expire(spi: &Spi, clinic: i64) -> Result<i64> {
    let params = [param(clinic), instant_param(session::now()), param(MAX_ROWS)];
    Ok(spi.execute(&EXPIRE, Access::Latest, &params, 0)?.len() as i64)
}
