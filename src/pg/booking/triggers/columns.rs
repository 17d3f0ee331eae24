//! The columns of clinic.bookings that the triggers read or write.

use pg_clinic_core::time::interval::{Instant, TIME};
use pgrx::datum::{Range, RangeBound, TimestampWithTimeZone};
use pgrx::pg_sys;

use crate::pg::platform::trigger::Columns;

/// Indexes into [`NAMES`].
pub(super) mod col {
    pub const CLINIC_ID: usize = 0;
    pub const ID: usize = 1;
    pub const PATIENT_ID: usize = 2;
    pub const PROVIDER_ID: usize = 3;
    pub const ROOM_ID: usize = 4;
    pub const TYPE_ID: usize = 5;
    pub const DURING: usize = 6;
    pub const STATUS: usize = 7;
    pub const IS_OVERBOOKED: usize = 8;
    pub const CANCELLATION_REASON: usize = 9;
    pub const CANCELLED_AT: usize = 10;
    pub const OVERRIDE_REASON: usize = 11;
    pub const OVERRIDDEN_BY: usize = 12;
    pub const PROVIDER_BUSY: usize = 13;
    pub const ROOM_BUSY: usize = 14;
    pub const LOCAL_DATE: usize = 15;
    pub const DAY_SEAT: usize = 16;
    pub const DAY_CAPACITY: usize = 17;
    pub const OVERBOOK_SEAT: usize = 18;
    pub const OVERBOOK_LIMIT: usize = 19;
    pub const HOLD_EXPIRES_AT: usize = 20;
    pub const REQUEST_ID: usize = 21;
}

/// Name and type of the columns we read or write.
pub(super) const NAMES: [(&std::ffi::CStr, pg_sys::Oid); 22] = [
    (c"clinic_id", pg_sys::INT8OID),
    (c"id", pg_sys::INT8OID),
    (c"patient_id", pg_sys::TEXTOID),
    (c"provider_id", pg_sys::INT8OID),
    (c"room_id", pg_sys::INT8OID),
    (c"appointment_type_id", pg_sys::INT8OID),
    (c"during", pg_sys::TSTZRANGEOID),
    (c"status", pg_sys::TEXTOID),
    (c"is_overbooked", pg_sys::BOOLOID),
    (c"cancellation_reason", pg_sys::TEXTOID),
    (c"cancelled_at", pg_sys::TIMESTAMPTZOID),
    (c"override_reason", pg_sys::TEXTOID),
    (c"overridden_by", pg_sys::TEXTOID),
    (c"provider_busy", pg_sys::TSTZRANGEOID),
    (c"room_busy", pg_sys::TSTZRANGEOID),
    (c"local_date", pg_sys::DATEOID),
    (c"day_seat", pg_sys::INT4OID),
    (c"day_capacity", pg_sys::INT4OID),
    (c"overbook_seat", pg_sys::INT4OID),
    (c"overbook_limit", pg_sys::INT4OID),
    (c"hold_expires_at", pg_sys::TIMESTAMPTZOID),
    (c"request_id", pg_sys::TEXTOID),
];

/// Where they stand in the table.
pub(super) type BookingColumns = Columns<{ NAMES.len() }>;

/// Start, and the end unless it is left out. Neither where the range isn't `[start, end)` within [`TIME`]: the CHECK is to
/// see such a range as it is.
pub(super) fn bounds(range: &Range<TimestampWithTimeZone>) -> (Option<Instant>, Option<Instant>) {
    let within = |at: &TimestampWithTimeZone| Some(Instant(i64::from(*at))).filter(|at| TIME.contains(at));
    match (range.lower(), range.upper()) {
        (Some(RangeBound::Inclusive(start)), Some(RangeBound::Infinite)) => (within(start), None),
        (Some(RangeBound::Inclusive(start)), Some(RangeBound::Exclusive(end))) => match within(end) {
            Some(end) => (within(start), Some(end)),
            None => (None, None),
        },
        _ => (None, None),
    }
}
