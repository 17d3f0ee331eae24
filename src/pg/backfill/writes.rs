//! Writes of offers by jobs, and of bookings for offers.

use pg_clinic_core::booking::reason::BookingKind;
use pg_clinic_core::booking::slots;
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::time::interval::Instant;

use super::place::Place;
use crate::pg::booking::writes::change::Locked;
use crate::pg::booking::writes::place::{Request, load_place};
use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::Result;
use crate::pg::platform::jobs::{Job, Outcome, due, picked};
use crate::pg::platform::requests::TypeKey;
use crate::pg::platform::session;
use crate::pg::platform::spi::{Access, Spi, instant_param, param, statements};
use crate::pg::slots::load::types::room_kept;
use crate::pg::slots::load::{Providers, Rooms, Wanted};

/// Offers that nobody answered in time, locked. Waits for nobody: what somebody is at work on is left to the next call.
macro_rules! late_offers {
    ($($more:literal),+) => {
        concat!(
            "select late.id from clinic.offers late
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
    /// Nobody answered; or the appointment would have begun.
    EXPIRE(INT8OID, INT8ARRAYOID, TIMESTAMPTZOID) =
        "update clinic.offers set status = case when slot_start <= $3 then 'withdrawn' else 'expired' end,
           withdrawn_reason = case when slot_start <= $3 then 'too_late' end, answered_at = $3
         where clinic_id = $1 and id = any ($2)";
    /// A hold that isn't needed any more.
    RELEASE(INT8OID, INT8OID) =
        "update clinic.bookings set status = 'cancelled', cancellation_reason = 'offer ended'
         where clinic_id = $1 and id = $2 and status = 'pending' returning id";
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

/// Gives back a hold for an offer, locked, if it is one still.
pub fn release(spi: &Spi, hold: &Locked) -> Result<()> {
    if hold.status != Status::Pending {
        return Ok(());
    }
    hold.update(spi, &RELEASE, &[])
}

/// A request for time in a place, by nobody yet. As an overbooked booking where the place was one, and a normal one can't be
/// had.
pub fn request(
    spi: &Spi,
    opened: &Opened,
    place: &Place,
    start: Instant,
    appointment_type: i64,
) -> Result<Request> {
    let mut request = Request {
        wanted: Wanted {
            clinic: Some(opened.clinic),
            appointment_type: TypeKey::Id(appointment_type),
            duration: None,
            providers: Providers::one(place.provider),
            rooms: Rooms::of_place(room_kept(spi, opened.clinic, appointment_type, place.room)?),
            site: None,
            patient: None,
            now: session::now(),
            except_booking: None,
            access: Access::Latest,
        },
        start,
        patient_name: None,
        contact: None,
        request_id: None,
        kind: BookingKind::Normal,
        override_reason: None,
        hold_expires_at: None,
        series: None,
    };
    if place.kind == BookingKind::Overbooked {
        let loaded = load_place(spi, opened, &request.wanted, start)?;
        let now = request.wanted.now;
        let refusals = slots::refusals(&loaded.clinic, 0, 0, start, BookingKind::Normal, now);
        if !refusals.is_empty() {
            request.kind = BookingKind::Overbooked;
        }
    }
    Ok(request)
}
