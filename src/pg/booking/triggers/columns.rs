//! The columns of clinic.bookings that the triggers read or write.

use crate::pg::platform::trigger::columns;

columns! {
    /// Columns that filling in reads or writes.
    pub(super) struct BookingColumns {
        clinic_id: INT8OID,
        id: INT8OID,
        patient_id: TEXTOID,
        provider_id: INT8OID,
        room_id: INT8OID,
        appointment_type_id: INT8OID,
        during: TSTZRANGEOID,
        status: TEXTOID,
        is_overbooked: BOOLOID,
        cancellation_reason: TEXTOID,
        cancelled_at: TIMESTAMPTZOID,
        override_reason: TEXTOID,
        overridden_by: TEXTOID,
        provider_busy: TSTZRANGEOID,
        room_busy: TSTZRANGEOID,
        person_id: TEXTOID,
        local_date: DATEOID,
        day_seat: INT4OID,
        day_capacity: INT4OID,
        overbook_seat: INT4OID,
        overbook_limit: INT4OID,
        session_id: INT8OID,
        session_seat: INT4OID,
        session_capacity: INT4OID,
        hold_expires_at: TIMESTAMPTZOID,
        request_id: TEXTOID,
    }
}

columns! {
    /// Columns that recording reads.
    pub(super) struct RecordedColumns {
        clinic_id: INT8OID,
        id: INT8OID,
        provider_id: INT8OID,
        room_id: INT8OID,
        appointment_type_id: INT8OID,
        during: TSTZRANGEOID,
        status: TEXTOID,
        is_overbooked: BOOLOID,
        local_date: DATEOID,
        override_reason: TEXTOID,
        hold_expires_at: TIMESTAMPTZOID,
    }
}
