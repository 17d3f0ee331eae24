//! A booking as the functions that write one answer it: with names and local time, without ranges.

use serde_json::Value as Json;

use super::place::vanished;
use crate::pg::platform::attempt::attempt;
use crate::pg::platform::error::Result;
use crate::pg::platform::signatures::{
    Bigint, Boolean, Date, Integer, Jsonb, Rows, Text, Time, Timestamptz, result_row,
};
use crate::pg::platform::spi::{Access, Spi, param, statements};

result_row!(BookingRow {
    booking_id: Bigint,
    status: Text,
    slot_start: Timestamptz,
    slot_end: Timestamptz,
    local_date: Date,
    local_time: Time,
    provider_id: Bigint,
    provider_name: Text,
    room_id: Bigint,
    room_name: Text,
    appointment_type_id: Bigint,
    appointment_type: Text,
    is_overbooked: Boolean,
    hold_expires_at: Timestamptz,
    patient_id: Text,
    patient_name: Text,
    contact: Text,
    request_id: Text,
});

result_row!(CancelledBooking {
    booking_id: Bigint,
    status: Text,
    slot_start: Timestamptz,
    slot_end: Timestamptz,
    local_date: Date,
    local_time: Time,
    provider_id: Bigint,
    provider_name: Text,
    room_id: Bigint,
    room_name: Text,
    appointment_type_id: Bigint,
    appointment_type: Text,
    is_overbooked: Boolean,
    hold_expires_at: Timestamptz,
    patient_id: Text,
    patient_name: Text,
    contact: Text,
    request_id: Text,
    cancelled_at: Timestamptz,
    candidate_count: Integer,
    candidates: Jsonb,
});

result_row!(AppliedMove {
    booking_id: Bigint,
    status: Text,
    slot_start: Timestamptz,
    slot_end: Timestamptz,
    local_date: Date,
    local_time: Time,
    provider_id: Bigint,
    provider_name: Text,
    room_id: Bigint,
    room_name: Text,
    appointment_type_id: Bigint,
    appointment_type: Text,
    is_overbooked: Boolean,
    hold_expires_at: Timestamptz,
    patient_id: Text,
    patient_name: Text,
    contact: Text,
    request_id: Text,
    is_moved: Boolean,
    refusal: Text,
});

result_row!(SeriesBooking {
    series_id: Bigint,
    booking_id: Bigint,
    status: Text,
    slot_start: Timestamptz,
    slot_end: Timestamptz,
    local_date: Date,
    local_time: Time,
    provider_id: Bigint,
    provider_name: Text,
    room_id: Bigint,
    room_name: Text,
    appointment_type_id: Bigint,
    appointment_type: Text,
    is_overbooked: Boolean,
    hold_expires_at: Timestamptz,
    patient_id: Text,
    patient_name: Text,
    contact: Text,
    request_id: Text,
});

/// A query for one booking with the columns of [`BookingRow`] and more. Text columns are cast: the table's owner may have
/// given them a type of their own. Outer joins, because a foreign key may be gone.
macro_rules! booking_query {
    ($more:literal) => {
        booking_query!(
            "p.name::text", "r.name::text", "t.name::text", $more,
            "left join clinic.providers p on p.clinic_id = b.clinic_id and p.id = b.provider_id
             left join clinic.rooms r on r.clinic_id = b.clinic_id and r.id = b.room_id
             left join clinic.appointment_types t on t.clinic_id = b.clinic_id and t.id = b.appointment_type_id"
        )
    };
    ($more:literal, without names) => {
        booking_query!("null::text", "null::text", "null::text", $more, "")
    };
    ($provider:literal, $room:literal, $type:literal, $more:literal, $joins:literal) => {
        concat!(
            "select b.id as booking_id, b.status::text as status, b.slot_start, b.slot_end, b.local_date,
               (b.slot_start at time zone c.time_zone)::time as local_time,
               b.provider_id, ", $provider, " as provider_name, b.room_id, ", $room, " as room_name,
               b.appointment_type_id, ", $type, " as appointment_type, b.is_overbooked, b.hold_expires_at,
               b.patient_id::text as patient_id, b.patient_name::text as patient_name, b.contact::text as contact,
               b.request_id::text as request_id",
            $more,
            " from clinic.bookings b left join clinic.clinics c on c.id = b.clinic_id ",
            $joins,
            " where b.clinic_id = $1 and b.id = $2"
        )
    };
}

statements! {
    /// A booking.
    BOOKING(INT8OID, INT8OID) = booking_query!("");
    /// A booking, whether it was moved, and why not.
    APPLIED(INT8OID, INT8OID, BOOLOID, TEXTOID) = booking_query!(", $3 as is_moved, $4 as refusal");
    /// A booking of a series.
    OF_SERIES(INT8OID, INT8OID) = booking_query!(", b.series_id");
    /// A cancelled booking, and who could take its place.
    CANCELLED(INT8OID, INT8OID, INT4OID, JSONBOID) =
        booking_query!(", b.cancelled_at, $3 as candidate_count, $4 as candidates");
    /// The same where names can't be read.
    NAMELESS(INT8OID, INT8OID, INT4OID, JSONBOID) =
        booking_query!(", b.cancelled_at, $3 as candidate_count, $4 as candidates", without names);
}

/// Adds a booking to an answer.
pub fn push_booking(spi: &Spi, clinic: i64, id: i64, rows: &mut Rows<BookingRow>) -> Result<()> {
    let table = spi.execute(&BOOKING, Access::Latest, &[param(clinic), param(id)], 1)?;
    if table.is_empty() {
        return Err(vanished());
    }
    rows.push_table(&table)
}

/// Adds a booking to an answer, with the reason why it wasn't moved, if it wasn't.
pub fn push_applied(
    spi: &Spi,
    clinic: i64,
    id: i64,
    refusal: Option<&str>,
    rows: &mut Rows<AppliedMove>,
) -> Result<()> {
    let params = [param(clinic), param(id), param(refusal.is_none()), refusal.and_then(param)];
    let table = spi.execute(&APPLIED, Access::Latest, &params, 1)?;
    if table.is_empty() { Err(vanished()) } else { rows.push_table(&table) }
}

/// Adds a booking of a series to an answer.
pub fn push_of_series(spi: &Spi, clinic: i64, id: i64, rows: &mut Rows<SeriesBooking>) -> Result<()> {
    let table = spi.execute(&OF_SERIES, Access::Latest, &[param(clinic), param(id)], 1)?;
    if table.is_empty() {
        return Err(vanished());
    }
    rows.push_table(&table)
}

/// Adds a cancelled booking to an answer, with the candidates for its place; `None` where they aren't known.
pub fn push_cancelled(
    spi: &Spi,
    clinic: i64,
    id: i64,
    candidates: Option<Vec<Json>>,
    rows: &mut Rows<CancelledBooking>,
) -> Result<()> {
    let count = candidates.as_ref().and_then(|candidates| param(candidates.len() as i32));
    let documents = candidates.and_then(|candidates| param(pgrx::JsonB(Json::Array(candidates))));
    let params = [param(clinic), param(id), count, documents];
    let mut push = |statement| {
        let table = spi.execute(statement, Access::Latest, &params, 1)?;
        if table.is_empty() { Err(vanished()) } else { rows.push_table(&table) }
    };
    // Whatever has become of a provider, room or type: the booking is cancelled.
    let Err(error) = attempt(|| push(&CANCELLED))? else { return Ok(()) };
    error.warn(&format!("names of booking {id} aren't known"))?;
    push(&NAMELESS)
}
