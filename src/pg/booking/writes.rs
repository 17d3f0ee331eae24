//! What writes bookings, for every feature that does: each checks first, to give a clear answer, and then writes a plain
//! row.

pub mod change;
pub mod place;
mod refusal;

/// The columns of the type clinic_booking, in its order and, whatever the table's owner made of them, of its types. A
/// macro, because SQL text is put together at compile time.
macro_rules! booking_columns {
    () => {
        "id::bigint, clinic_id::bigint, request_id::text, patient_id::text, patient_name::text, contact::text, \
         provider_id::bigint, room_id::bigint, appointment_type_id::bigint, during::tstzrange, status::text, \
         is_overbooked::boolean, hold_expires_at::timestamptz, cancellation_reason::text, cancelled_at::timestamptz, \
         override_reason::text, overridden_by::text, local_date::date, created_at::timestamptz"
    };
}
pub(super) use booking_columns;
