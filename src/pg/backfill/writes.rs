//! Writes of offers by jobs.

use crate::pg::platform::error::Result;
use crate::pg::platform::jobs::{Job, Outcome, due, picked};
use crate::pg::platform::session;
use crate::pg::platform::spi::{Spi, instant_param, param, statements};

/// Offers that nobody answered in time, locked. Waits for nobody: what somebody is at work on is left to the next call.
macro_rules! late_offers {
    ($($more:literal),+) => {
        concat!(
            "select late.id from clinic.offers late
               join clinic.bookings b on b.clinic_id = late.clinic_id and b.id = late.booking_id
             where late.clinic_id = $1 and late.status = 'offered' and late.expires_at <= $2",
            $($more),+,
            " limit $3 for no key update skip locked"
        )
    };
}

statements! {
    /// Those that have waited longest.
    LATE(INT8OID, TIMESTAMPTZOID, INT8OID) = late_offers!(" order by late.expires_at, late.id");
    /// Any but `$4`, by the chance `$5`.
    OTHER_LATE(INT8OID, TIMESTAMPTZOID, INT8OID, INT8ARRAYOID, INT8OID) = late_offers!(
        " and not exists (select from unnest($4) tried where tried = late.id)",
        " order by hashint8extended(late.id, $5)"
    );
    /// Which of `$3` are.
    STILL_LATE(INT8OID, TIMESTAMPTZOID, INT8ARRAYOID) =
        "select id from (select * from clinic.offers where clinic_id = $1 and id = any ($3) offset 0) as tried
         where status = 'offered' and expires_at <= $2";
    /// Too late.
    EXPIRE(INT8OID, INT8ARRAYOID, TIMESTAMPTZOID) =
        "update clinic.offers set status = 'expired', answered_at = $3 where clinic_id = $1 and id = any ($2)";
}

/// Closes offers that nobody answered in time. A job: see booking/api/jobs.rs.
pub fn expire(spi: &Spi, clinic: i64) -> Result<Outcome> {
    let now = session::now();
    let job = Job {
        name: "expire_offers",
        row: "offer",
        pick: &|pick| picked(spi, clinic, now, pick, &LATE, &OTHER_LATE),
        change: &|offers| spi.run(&EXPIRE, &[param(clinic), param(offers.to_vec()), instant_param(now)]),
        due: &|offers| due(spi, clinic, now, offers, &STILL_LATE),
    };
    job.run()
}
