//! reschedule_session: a group visit moves as one.

use pg_clinic_core::time::interval::{Instant, Span};
use pgrx::pg_sys;

use super::override_reason;
use super::together::push_all;
use crate::pg::booking::parked::KeptSession;
use crate::pg::booking::writes::change::{Locked, Target};
use crate::pg::booking::writes::row::BookingRow;
use crate::pg::booking::writes::together::{Which, move_all_of};
use crate::pg::platform::access::{self, Privilege};
use crate::pg::platform::args::{Args, range, sql_functions};
use crate::pg::platform::attribution::Attribution;
use crate::pg::platform::clinic;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::signatures::{Bigint, Required, Rows, Text, Timestamptz, signatures};
use crate::pg::platform::spi::{self, Access, Spi, param, statements};
use crate::pg::platform::values::missing_row;
use crate::pg::slots::load::rows::booked_span;

sql_functions! {
    pg_clinic_reschedule_session, pg_finfo_pg_clinic_reschedule_session => reschedule_session;
}

signatures! {
    /// Arguments of `reschedule_session`.
    RescheduleSession = reschedule_session(
        session_id: Required<Bigint>, slot_start: Required<Timestamptz>, provider_id: Bigint = null,
        room_id: Bigint = null, override_reason: Text = null, clinic_id: Bigint = null,
    ) -> table BookingRow;
}

statements! {
    /// Where a group visit is.
    SESSION(INT8OID, INT8OID) =
        "select provider_id, room_id, lower(during) as slot_start, upper(during) as slot_end
         from clinic.sessions where clinic_id = $1 and id = $2";
    /// Has a group visit that nobody is in just now be elsewhere, unless there is one at that place: that is joined. It keeps its
    /// capacity, as far as another room takes so many.
    MOVE_SESSION(INT8OID, INT8OID, INT8OID, INT8OID, TSTZRANGEOID) =
        "update clinic.sessions s set provider_id = $3, room_id = $4, during = $5,
           capacity = case when s.room_id is distinct from $4 then least(s.capacity,
             (select r.capacity from clinic.rooms r where r.clinic_id = s.clinic_id and r.id = $4)) else s.capacity end
         where s.clinic_id = $1 and s.id = $2
           and not exists (select from clinic.bookings b where b.clinic_id = s.clinic_id and b.session_id = s.id and b.session_id > 0)
           and not exists (select from clinic.sessions o
             where o.clinic_id = s.clinic_id and o.provider_id = $3 and o.room_key = coalesce($4, 0)
               and o.appointment_type_id = s.appointment_type_id and o.during = $5)";
}

row! {
    struct SessionRow {
        provider_id: i64,
        room_id: Option<i64>,
        slot_start: Instant,
        slot_end: Instant,
    }
}

/// Moves all who are in a group visit, and it with them.
fn reschedule_session(args: &Args) -> Result<pg_sys::Datum> {
    let query = RescheduleSession::read(args)?;
    let (id, start) = (query.session_id, query.slot_start);
    clinic::check_instant(start, "slot_start")?;
    let override_reason = override_reason(query.override_reason)?;
    let _attribution = Attribution::function("reschedule_session", override_reason.clone());
    let mut rows = Rows::<BookingRow>::new(args);
    access::require(c"bookings", Privilege::Update)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, query.clinic_id, Access::Latest)?;
        let session: Option<SessionRow> =
            spi.row(&SESSION, Access::Latest, &[param(opened.clinic), param(id)])?;
        let session =
            session.ok_or_else(|| missing_row("session", "sessions", "during", opened.clinic, id))?;
        let length = booked_span(id, session.slot_start, session.slot_end)?.micros();
        let during = Span { start, end: Instant(start.0 + length) };
        let provider = query.provider_id.unwrap_or(session.provider_id);
        let room = query.room_id.or(session.room_id);
        let target = |_: &Locked| Ok(Target { start, provider, room, may_overbook: false });
        let _kept = KeptSession::of(id);
        let with_it = || move_session(spi, opened.clinic, id, provider, room, during);
        let moved = move_all_of(spi, &opened, &Which::InSession(id), &target, &with_it, &override_reason)?;
        if moved.is_empty() {
            return Err(ClinicError::new(SqlState::WrongState, format!("nobody is in session {id}"))
                .hint("Who is booked at another place begins a session there."));
        }
        push_all(spi, &opened, &moved, &mut rows)
    })?;
    Ok(rows.done())
}

fn move_session(
    spi: &Spi,
    clinic: i64,
    id: i64,
    provider: i64,
    room: Option<i64>,
    during: Span,
) -> Result<()> {
    let params = [param(clinic), param(id), param(provider), room.and_then(param), range(during)];
    spi.run(&MOVE_SESSION, &params)
}
