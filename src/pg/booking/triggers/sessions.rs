//! The session of a group visit that a booking joins or begins. Runs behind the day lock, so nobody else is at it.

use pg_clinic_core::booking::reason::Code;
use pg_clinic_core::booking::seats;
use pg_clinic_core::time::interval::Span;

use crate::pg::booking::load::Place;
use crate::pg::booking::parked;
use crate::pg::platform::args::range;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::session;
use crate::pg::platform::spi::{Access, Param, Spi, param, statements};

statements! {
    /// Begins the session of a place, unless it has one. In a transaction with one snapshot that can't see it: PostgreSQL's own
    /// serialization failure.
    BEGIN_SESSION(INT8OID, INT8OID, INT8OID, INT8OID, TSTZRANGEOID, INT4OID) =
        "insert into clinic.sessions (clinic_id, provider_id, room_id, appointment_type_id, during, capacity)
         values ($1, $2, $3, $4, $5, $6) on conflict on constraint sessions_place do nothing";
    /// The session of a place.
    SESSION(INT8OID, INT8OID, INT8OID, INT8OID, TSTZRANGEOID) =
        "select id, capacity from clinic.sessions
         where clinic_id = $1 and provider_id = $2 and room_key = coalesce($3, 0) and appointment_type_id = $4 and during = $5";
    /// Seats of a session that are taken, by others than the booking.
    SEATS(INT8OID, INT8OID, INT8OID) =
        "select session_seat from clinic.bookings
         where clinic_id = $3 and session_id = $1 and session_id > 0 and status in (@occupying@) and id <> $2
         order by session_seat";
    /// A session that everybody has left begins anew.
    RENEW(INT8OID, INT4OID) = "update clinic.sessions set capacity = $2 where id = $1";
}

row! {
    struct SessionRow {
        id: i64,
        capacity: i32,
    }
}

/// A place in a session.
pub(super) struct Session {
    pub id: i64,
    pub capacity: i32,
    pub seat: i32,
}

impl Session {
    /// The lowest free seat of the session at the place. A full one is refused as the constraints would refuse it, whose errors
    /// print the whole row into the server's log.
    pub fn at(spi: &Spi, place: &Place, during: Span, capacity: i32) -> Result<Self> {
        let at_place = || {
            vec![
                param(place.clinic),
                param(place.provider),
                place.room.and_then(param),
                param(place.appointment_type),
                range(during),
            ]
        };
        let find = || spi.rows_of::<SessionRow>("sessions", &SESSION, Access::Latest, &at_place());
        let mut rows = find()?;
        if rows.is_empty() {
            let mut params = at_place();
            params.push(param(capacity));
            spi.run(&BEGIN_SESSION, &params)?;
            rows = find()?;
        }
        let Some(SessionRow { id, capacity: of_session }) = rows.pop() else { return Err(unseen()) };
        let taken = taken(spi, [param(id), param(place.booking), param(place.clinic)])?;
        let renewed = taken.is_empty() && of_session != capacity && !parked::is_kept_session(id);
        if renewed {
            spi.run(&RENEW, &[param(id), param(capacity)])?;
        }
        let capacity = if renewed { capacity } else { of_session };
        if taken.len() as i64 >= i64::from(capacity) {
            return Err(full(id, capacity));
        }
        Ok(Self { id, capacity, seat: seats::seat(&taken, capacity) })
    }
}

/// The seats that others have in a session. In a transaction with one snapshot, one taken behind its back would end in a violation
/// that a retry can avoid.
fn taken(spi: &Spi, others: [Param; 3]) -> Result<Vec<i32>> {
    let taken: Vec<i32> = spi.values(&SEATS, Access::Latest, &others)?;
    if session::has_one_snapshot() {
        let latest: Vec<i32> =
            session::with_latest_snapshot(|| spi.values(&SEATS, Access::Snapshot, &others))?;
        if latest != taken {
            return Err(unseen());
        }
    }
    Ok(taken)
}

/// The error for a session that the transaction's snapshot can't see.
fn unseen() -> ClinicError {
    ClinicError::new(
        SqlState::Serialization,
        "could not serialize access: the session changed since the transaction began",
    )
    .hint("Try the transaction again.")
}

/// The error for a session without a free place.
fn full(session: i64, capacity: i32) -> ClinicError {
    let code = Code::SessionFull;
    let message = format!("the slot can't be booked: {}", code.describe());
    ClinicError::new(SqlState::Collision, message)
        .constraint(&code.constraint(), code.table())
        .detail(format!("{code}: session {session} has all its {capacity} places taken."))
        .hint("find_slots() gives places that are free.")
}
