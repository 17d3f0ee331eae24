//! Group visits that have begun to fill.

use pg_clinic_core::booking::clinic::Session;
use pg_clinic_core::booking::slots::ToLoad;
use pg_clinic_core::ids::{AppointmentTypeId, BookingId, ProviderId, RoomId};
use pg_clinic_core::time::interval::Instant;

use super::Wanted;
use super::rows::booked_span;
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Spi, instant_param, param, statements};

statements! {
    /// Sessions that can be joined, with the bookings in them. One of a type or room that takes a single patient by now is left
    /// to those who are in it.
    SESSIONS(INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID) =
        "select s.id, s.appointment_type_id, s.provider_id, s.room_id, s.capacity,
           lower(s.during) as starts_at, upper(s.during) as ends_at, b.members
         from clinic.sessions s
         join clinic.appointment_types t on t.clinic_id = s.clinic_id and t.id = s.appointment_type_id
         left join clinic.rooms r on r.clinic_id = s.clinic_id and r.id = s.room_id
         cross join lateral (select array_agg(b.id order by b.id) as members from clinic.bookings b
           where b.clinic_id = s.clinic_id and b.session_id = s.id and b.session_id > 0 and b.status in (@occupying@)
             and (b.hold_expires_at is null or b.hold_expires_at > $4) and b.id is distinct from $5) b
         where s.clinic_id = $1 and s.during && tstzrange($2, $3) and least(t.capacity, r.capacity) > 1
           and b.members is not null
         order by s.id";
}

row! {
    struct SessionRow {
        id: i64,
        appointment_type_id: i64,
        provider_id: i64,
        room_id: Option<i64>,
        capacity: i32,
        starts_at: Instant,
        ends_at: Instant,
        members: Vec<i64>,
    }
}

/// The sessions in reach that somebody is in.
pub fn begun(spi: &Spi, clinic: i64, wanted: &Wanted, reach: &ToLoad) -> Result<Vec<Session>> {
    let params = [
        param(clinic),
        instant_param(reach.lo),
        instant_param(reach.hi),
        instant_param(wanted.now),
        wanted.except_booking.and_then(param),
    ];
    let rows: Vec<SessionRow> = spi.rows_of("sessions", &SESSIONS, wanted.access, &params)?;
    let session = |row: SessionRow| {
        Ok(Session {
            appointment_type: AppointmentTypeId(row.appointment_type_id),
            provider: ProviderId(row.provider_id),
            room: row.room_id.map(RoomId),
            during: booked_span(row.id, row.starts_at, row.ends_at)?,
            capacity: row.capacity,
            members: row.members.into_iter().map(BookingId).collect(),
        })
    };
    rows.into_iter().map(session).collect()
}
