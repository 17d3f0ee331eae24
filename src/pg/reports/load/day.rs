//! What a day sheet shows beside opening time: bookings with the names people know, and reasons of time off.

use pg_clinic_core::booking::status::Status;
use pg_clinic_core::draw::day::Card;
use pg_clinic_core::ids::{BookingId, ProviderId, TimeOffId};
use pg_clinic_core::reports::day_sheet::Appointment;
use pg_clinic_core::time::calendar::add_days;
use pg_clinic_core::time::interval::Span;

use super::timetable::{Asked, Timetable};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::spi::{Access, Row, Spi, date_param, instant_param, param, statements};

statements! {
    /// Bookings that occupy time, and no-shows, by id. Each of the two has an index of its own.
    APPOINTMENTS(INT8OID, DATEOID, DATEOID, TIMESTAMPTZOID, INT8OID) =
        "select b.id, b.provider_id, b.is_overbooked, b.status, b.hold_expires_at is not null,
           lower(b.during), upper(b.during), upper(b.provider_busy),
           b.patient_name, t.name, r.name, b.patient_id, b.contact, b.override_reason
         from clinic.bookings b
         join clinic.appointment_types t on t.clinic_id = b.clinic_id and t.id = b.appointment_type_id
         join clinic.rooms r on r.clinic_id = b.clinic_id and r.id = b.room_id
         where b.clinic_id = $1 and b.local_date between $2 and $3
           and (b.status in (@occupying@) or b.status = 'noshow')
           and (b.hold_expires_at is null or b.hold_expires_at > $4)
           and ($5 is null or b.provider_id = $5)
         order by b.id";
    /// Reasons of time off that reaches into a span, by id.
    REASONS(INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID) =
        "select id, reason from clinic.time_off
         where clinic_id = $1 and staff_id is null and during && tstzrange($2, $3) and btrim(reason) <> '' order by id";
}

/// A booking, and what only the sheet tells of it.
pub struct Entry {
    /// The booking with its names.
    pub card: Card,
    /// The app's own key of the patient.
    pub patient_id: Option<String>,
    /// How to reach the patient.
    pub contact: Option<String>,
    /// Why a rule was set aside.
    pub override_reason: Option<String>,
}

/// The bookings around a date, by id.
pub fn entries(spi: &Spi, clinic: i64, asked: &Asked) -> Result<Vec<Entry>> {
    let params = [
        param(clinic),
        date_param(add_days(asked.from, -1)),
        date_param(add_days(asked.to, 1)),
        instant_param(asked.now),
        asked.provider.and_then(param),
    ];
    spi.query(&APPOINTMENTS, Access::Snapshot, &params, entry)
}

fn entry(row: &Row<'_>) -> Result<Entry> {
    let id: i64 = row.get(0)?;
    let damaged =
        || ClinicError::new(SqlState::Internal, format!("booking {id} has no valid time or status"));
    let appointment = Appointment {
        id: BookingId(id),
        provider: ProviderId(row.get(1)?),
        during: Span::new(row.instant(5)?, row.instant(6)?).ok_or_else(damaged)?,
        provider_busy_until: row.instant(7)?,
        is_overbooked: row.get(2)?,
        status: Status::parse(row.get(3)?).ok_or_else(damaged)?,
        is_hold: row.get(4)?,
    };
    Ok(Entry {
        card: Card { appointment, patient: row.opt(8)?, appointment_type: row.get(9)?, room: row.get(10)? },
        patient_id: row.opt(11)?,
        contact: row.opt(12)?,
        override_reason: row.opt(13)?,
    })
}

/// Reasons of time off, by id.
pub fn reasons(spi: &Spi, timetable: &Timetable, asked: &Asked) -> Result<Vec<(TimeOffId, String)>> {
    let Span { start, end } = timetable.reach(asked);
    let params = [param(timetable.clinic_id), instant_param(start), instant_param(end)];
    spi.query(&REASONS, Access::Snapshot, &params, |row| Ok((TimeOffId(row.get(0)?), row.get(1)?)))
}
