//! book_slot and hold_slot: queue behind other writers of the day, judge on the newest rows, insert. A provider or room that
//! isn't named is chosen then.

use pg_clinic_core::booking::reason::BookingKind;
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY, Minutes};
use pgrx::pg_sys;

use super::override_reason;
use crate::pg::booking::writes::place::Request;
use crate::pg::booking::writes::row::{BookingRow, push_booking};
use crate::pg::platform::access::{self, Privilege};
use crate::pg::platform::args::{Args, null_argument, sql_functions};
use crate::pg::platform::attribution::Attribution;
use crate::pg::platform::clinic;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::{TypeKey, duration};
use crate::pg::platform::session;
use crate::pg::platform::signatures::{
    Bigint, Boolean, Integer, Interval, Required, Rows, Text, Timestamptz, signatures,
};
use crate::pg::platform::spi::{self, Access};
use crate::pg::slots::load::{Providers, Rooms, Wanted};

sql_functions! {
    pg_clinic_book_slot, pg_finfo_pg_clinic_book_slot => book_slot;
    pg_clinic_hold_slot, pg_finfo_pg_clinic_hold_slot => hold_slot;
}

signatures! {
    /// Arguments of `book_slot`.
    BookSlot = book_slot(
        appointment_type: Text = null, provider_id: Bigint = null, room_id: Bigint = null,
        slot_start: Required<Timestamptz> = null, patient_name: Text = null, patient_id: Text = null,
        contact: Text = null, request_id: Text = null, is_overbooked: Boolean = false, override_reason: Text = null,
        clinic_id: Bigint = null, appointment_type_id: Bigint = null, duration_minutes: Integer = null,
    ) -> table BookingRow;
    /// Arguments of `hold_slot`.
    HoldSlot = hold_slot(
        appointment_type: Text = null, provider_id: Bigint = null, room_id: Bigint = null,
        slot_start: Required<Timestamptz> = null, patient_name: Text = null, patient_id: Text = null,
        contact: Text = null, request_id: Text = null, is_overbooked: Boolean = false, override_reason: Text = null,
        ttl: Interval = "00:05:00", clinic_id: Bigint = null, appointment_type_id: Bigint = null,
        duration_minutes: Integer = null,
    ) -> table BookingRow;
}

/// Longest time a place can be held.
const MAX_HOLD_MICROS: i64 = MICROS_PER_DAY;

/// Books.
fn book_slot(args: &Args) -> Result<pg_sys::Datum> {
    let query = BookSlot::read(args)?;
    clinic::check_instant(query.slot_start, "slot_start")?;
    if query.patient_name.is_none() {
        return Err(null_argument("patient_name"));
    }
    let request = Request {
        wanted: Wanted {
            clinic: query.clinic_id,
            appointment_type: TypeKey::read(query.appointment_type, query.appointment_type_id)?,
            duration: duration(query.duration_minutes)?,
            providers: Providers { ids: query.provider_id.map(|id| vec![id]), ..Providers::default() },
            rooms: Rooms::named(query.room_id.map(|id| vec![id])),
            site: None,
            patient: query.patient_id,
            now: session::now(),
            except_booking: None,
            access: Access::Latest,
        },
        start: query.slot_start,
        patient_name: query.patient_name,
        contact: query.contact,
        request_id: query.request_id,
        kind: BookingKind::of(query.is_overbooked.unwrap_or(false)),
        override_reason: override_reason(query.override_reason)?,
        hold_expires_at: None,
        series: None,
    };
    let _attribution = Attribution::function("book_slot", request.override_reason.clone());
    place(args, &request)
}

/// Holds.
fn hold_slot(args: &Args) -> Result<pg_sys::Datum> {
    const DEFAULT_TTL: i64 = Minutes(5).micros();
    let query = HoldSlot::read(args)?;
    clinic::check_instant(query.slot_start, "slot_start")?;
    let ttl = query.ttl.unwrap_or(DEFAULT_TTL);
    if ttl <= 0 || ttl > MAX_HOLD_MICROS {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            "ttl must be more than nothing and at most 24 hours",
        ));
    }
    let now = session::now();
    let request = Request {
        wanted: Wanted {
            clinic: query.clinic_id,
            appointment_type: TypeKey::read(query.appointment_type, query.appointment_type_id)?,
            duration: duration(query.duration_minutes)?,
            providers: Providers { ids: query.provider_id.map(|id| vec![id]), ..Providers::default() },
            rooms: Rooms::named(query.room_id.map(|id| vec![id])),
            site: None,
            patient: query.patient_id,
            now,
            except_booking: None,
            access: Access::Latest,
        },
        start: query.slot_start,
        patient_name: query.patient_name,
        contact: query.contact,
        request_id: query.request_id,
        kind: BookingKind::of(query.is_overbooked.unwrap_or(false)),
        override_reason: override_reason(query.override_reason)?,
        hold_expires_at: Some(Instant(now.0 + ttl)),
        series: None,
    };
    let _attribution = Attribution::function("hold_slot", request.override_reason.clone());
    place(args, &request)
}

/// Books or holds, unless the request did before, and answers the booking.
fn place(args: &Args, request: &Request) -> Result<pg_sys::Datum> {
    let mut rows = Rows::<BookingRow>::new(args);
    access::require(c"bookings", Privilege::Insert)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, request.wanted.clinic, Access::Latest)?;
        if let Some(request_id) = &request.request_id {
            session::queue_for_request(opened.clinic, request_id);
        }
        request.queue(spi, &opened)?;
        let id = match request.booked_before(spi, opened.clinic)? {
            Some(booked) => booked,
            None => request.book(spi, &opened)?,
        };
        push_booking(spi, opened.clinic, id, &mut rows)
    })?;
    Ok(rows.done())
}
