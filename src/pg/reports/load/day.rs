//! The rows that a day sheet shows beside opening time: bookings with the names people know, and reasons of time off.

use pg_clinic_core::booking::status::Status;
use pg_clinic_core::draw::day::Card;
use pg_clinic_core::ids::{BookingId, ProviderId, RoomId, TimeOffId};
use pg_clinic_core::reports::day_sheet::Appointment;
use pg_clinic_core::time::calendar::add_days;
use pg_clinic_core::time::interval::{Instant, Span};

use super::timetable::{Timetable, TimetableQuery};
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, date_param, instant_param, param, statements};
use crate::pg::slots::load::rows::{booked_span, room_busy};

statements! {
    /// Bookings that occupy time, and no-shows, by id. Each of the two has an index of its own.
    APPOINTMENTS(INT8OID, DATEOID, DATEOID, TIMESTAMPTZOID, INT8OID, INT8OID) =
        "select b.id, b.provider_id, b.room_id, b.is_overbooked, b.status, b.hold_expires_at is not null as is_hold,
           lower(b.during) as slot_start, upper(b.during) as slot_end, lower(b.provider_busy) as provider_busy_from,
           upper(b.provider_busy) as provider_busy_until, lower(b.room_busy) as room_busy_from,
           upper(b.room_busy) as room_busy_until,
           b.patient_name, t.name as appointment_type, r.name as room_name, p.name as provider_name, b.patient_id, b.contact, b.override_reason,
           b.group_session
         from clinic.bookings b
         join clinic.appointment_types t on t.clinic_id = b.clinic_id and t.id = b.appointment_type_id
         join clinic.providers p on p.clinic_id = b.clinic_id and p.id = b.provider_id
         left join clinic.rooms r on r.clinic_id = b.clinic_id and r.id = b.room_id
         where b.clinic_id = $1 and b.local_date between $2 and $3
           and (b.status in (@occupying@) or b.status = 'noshow')
           and (b.hold_expires_at is null or b.hold_expires_at > $4)
           and ($5 is null or b.provider_id = $5) and ($6 is null or b.room_id = $6)
         order by b.id";
    /// Reasons of time off that reaches into a span, by id.
    REASONS(INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID) =
        "select id, reason from clinic.time_off
         where clinic_id = $1 and staff_id is null and resource_id is null and during && tstzrange($2, $3) and btrim(reason) <> '' order by id";
}

row! {
    struct AppointmentRow {
        id: i64,
        provider_id: i64,
        room_id: Option<i64>,
        is_overbooked: bool,
        status: Status as "clinic.bookings",
        is_hold: bool,
        slot_start: Instant,
        slot_end: Instant,
        provider_busy_from: Instant,
        provider_busy_until: Instant,
        room_busy_from: Option<Instant>,
        room_busy_until: Option<Instant>,
        patient_name: Option<String>,
        appointment_type: String,
        room_name: Option<String>,
        provider_name: String,
        patient_id: Option<String>,
        contact: Option<String>,
        override_reason: Option<String>,
        group_session: Option<i64>,
    }
}

row! {
    struct ReasonRow {
        id: i64,
        reason: String,
    }
}

/// A booking, and what only the sheet shows of it.
pub struct Entry {
    /// The booking with its names.
    pub card: Card,
    /// The provider's name.
    pub provider_name: String,
    /// The app's own key of the patient.
    pub patient_id: Option<String>,
    /// How to reach the patient.
    pub contact: Option<String>,
    /// Why a rule was set aside.
    pub override_reason: Option<String>,
    /// The group visit that it is in.
    pub session: Option<i64>,
}

/// The bookings around the dates, by id.
pub fn entries(spi: &Spi, clinic: i64, query: &TimetableQuery) -> Result<Vec<Entry>> {
    let params = [
        param(clinic),
        date_param(add_days(query.from, -1)),
        date_param(add_days(query.to, 1)),
        instant_param(query.now),
        query.provider.and_then(param),
        query.room.and_then(param),
    ];
    spi.rows(&APPOINTMENTS, Access::Snapshot, &params)?.into_iter().map(entry).collect()
}

fn entry(row: AppointmentRow) -> Result<Entry> {
    let AppointmentRow { id, slot_start, slot_end, .. } = row;
    let during = booked_span(id, slot_start, slot_end)?;
    let appointment = Appointment {
        id: BookingId(id),
        provider: ProviderId(row.provider_id),
        room: row.room_id.map(RoomId),
        during,
        provider_busy: Span { start: row.provider_busy_from, end: row.provider_busy_until },
        room_busy: room_busy(row.room_busy_from, row.room_busy_until, during),
        is_overbooked: row.is_overbooked,
        status: row.status,
        is_hold: row.is_hold,
    };
    Ok(Entry {
        card: Card {
            appointment,
            patient: row.patient_name,
            appointment_type: row.appointment_type,
            room: row.room_name,
        },
        provider_name: row.provider_name,
        patient_id: row.patient_id,
        contact: row.contact,
        override_reason: row.override_reason,
        session: row.group_session,
    })
}

/// Reasons of time off, by id.
pub fn reasons(spi: &Spi, timetable: &Timetable, query: &TimetableQuery) -> Result<Vec<(TimeOffId, String)>> {
    let Span { start, end } = timetable.reach(query);
    let params = [param(timetable.clinic_id), instant_param(start), instant_param(end)];
    let rows: Vec<ReasonRow> = spi.rows(&REASONS, Access::Snapshot, &params)?;
    Ok(rows.into_iter().map(|row| (TimeOffId(row.id), row.reason)).collect())
}
