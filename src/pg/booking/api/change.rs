//! Changes of a booking after it was made. The row is locked first, then the day: the order plain SQL has, too.

use pg_clinic_core::booking::backfill::DEFAULT_CANDIDATES;
use pg_clinic_core::booking::status::{Action, Status};
use pgrx::pg_sys;

use super::override_reason;
use crate::pg::backfill::candidates;
use crate::pg::backfill::load::{Query, find};
use crate::pg::backfill::place::Place;
use crate::pg::booking::writes::change::{Locked, Target};
use crate::pg::booking::writes::row::{BookingRow, CancelledBooking, push_booking, push_cancelled};
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::attempt::attempt;
use crate::pg::platform::attribution::Attribution;
use crate::pg::platform::clinic::{self};
use crate::pg::platform::error::Result;
use crate::pg::platform::session;
use crate::pg::platform::signatures::{Bigint, Required, Rows, Text, Timestamptz, signatures};
use crate::pg::platform::spi::{self, Access, param, statements};

sql_functions! {
    pg_clinic_confirm_hold, pg_finfo_pg_clinic_confirm_hold => confirm_hold;
    pg_clinic_cancel_booking, pg_finfo_pg_clinic_cancel_booking => cancel_booking;
    pg_clinic_reschedule_booking, pg_finfo_pg_clinic_reschedule_booking => reschedule_booking;
    pg_clinic_check_in_booking, pg_finfo_pg_clinic_check_in_booking => check_in_booking;
    pg_clinic_complete_booking, pg_finfo_pg_clinic_complete_booking => complete_booking;
}

signatures! {
    /// Arguments of `confirm_hold`.
    ConfirmHold = confirm_hold(
        booking_id: Required<Bigint>, patient_name: Text = null, patient_id: Text = null, contact: Text = null,
        clinic_id: Bigint = null,
    ) -> table BookingRow;
    /// Arguments of `cancel_booking`.
    CancelBooking = cancel_booking(booking_id: Required<Bigint>, reason: Text = null, clinic_id: Bigint = null)
        -> table CancelledBooking;
    /// Arguments of `reschedule_booking`.
    RescheduleBooking = reschedule_booking(
        booking_id: Required<Bigint>, slot_start: Required<Timestamptz>, provider_id: Bigint = null,
        room_id: Bigint = null, override_reason: Text = null, clinic_id: Bigint = null,
    ) -> table BookingRow;
    /// Arguments of `check_in_booking`.
    CheckInBooking = check_in_booking(booking_id: Required<Bigint>, clinic_id: Bigint = null) -> table BookingRow;
    /// Arguments of `complete_booking`.
    CompleteBooking = complete_booking(booking_id: Required<Bigint>, clinic_id: Bigint = null) -> table BookingRow;
}

statements! {
    /// A hold becomes a booking. What isn't given stays.
    CONFIRM(INT8OID, INT8OID, TEXTOID, TEXTOID, TEXTOID) =
        "update clinic.bookings set status = 'booked', hold_expires_at = null,
           patient_name = coalesce($3, patient_name), patient_id = coalesce($4, patient_id),
           contact = coalesce($5, contact)
         where clinic_id = $1 and id = $2 returning id";
    /// Only the status changes.
    SET_STATUS(INT8OID, INT8OID, TEXTOID) =
        "update clinic.bookings set status = $3 where clinic_id = $1 and id = $2 returning id";
    /// Called off.
    CANCEL(INT8OID, INT8OID, TEXTOID) =
        "update clinic.bookings set status = 'cancelled', cancellation_reason = $3
         where clinic_id = $1 and id = $2 returning id";
}

/// Turns a hold into a booking.
fn confirm_hold(args: &Args) -> Result<pg_sys::Datum> {
    let query = ConfirmHold::read(args)?;
    let _attribution = Attribution::function("confirm_hold", None);
    let mut rows = Rows::<BookingRow>::new(args);
    spi::connect(|spi| {
        let clinic = clinic::existing(spi, query.clinic_id, Access::Latest)?;
        let locked = Locked::lock(spi, clinic, query.booking_id)?;
        match locked.status {
            Status::Pending | Status::Cancelled if locked.is_expired_hold(session::now()) => {
                return Err(locked.expired());
            }
            Status::Pending => {
                let text = |text: &Option<String>| text.as_deref().and_then(param);
                let params = [text(&query.patient_name), text(&query.patient_id), text(&query.contact)];
                locked.update(spi, &CONFIRM, &params)?;
            }
            Status::Booked => (),
            _ => return Err(locked.wrong_state("confirmed", "pending")),
        }
        push_booking(spi, locked.clinic, locked.id, &mut rows)
    })?;
    Ok(rows.done())
}

/// Calls a booking off.
fn cancel_booking(args: &Args) -> Result<pg_sys::Datum> {
    let CancelBooking { booking_id, reason, clinic_id } = CancelBooking::read(args)?;
    let _attribution = Attribution::function("cancel_booking", reason.clone());
    let mut rows = Rows::<CancelledBooking>::new(args);
    spi::connect(|spi| {
        let clinic = clinic::existing(spi, clinic_id, Access::Latest)?;
        let locked = Locked::lock(spi, clinic, booking_id)?;
        match Action::Cancel.applied_to(locked.status) {
            Some(status) if status == locked.status => (),
            Some(_) => locked.update(spi, &CANCEL, &[reason.as_deref().and_then(param)])?,
            None => return Err(locked.wrong_state("cancelled", "not over yet")),
        }
        let candidates = attempt(|| {
            let opened = clinic::open(spi, Some(clinic), Access::Latest)?;
            let query = Query {
                place: Place::of_booking(spi, clinic, booking_id, Access::Latest)?,
                max_results: DEFAULT_CANDIDATES,
                same_type_only: None,
                notice: None,
                now: session::now(),
                access: Access::Latest,
            };
            candidates::documents(&opened, &query.place, &find(spi, &opened, &query)?)
        })?;
        // Who could take the place must never be the reason why it isn't given back.
        if let Err(error) = &candidates {
            error.warn(&format!("who could take the place of booking {booking_id} isn't known"))?;
        }
        let candidates = candidates.ok();
        push_cancelled(spi, clinic, booking_id, candidates, &mut rows)
    })?;
    Ok(rows.done())
}

/// Receives the patient.
fn check_in_booking(args: &Args) -> Result<pg_sys::Datum> {
    let CheckInBooking { booking_id, clinic_id } = CheckInBooking::read(args)?;
    let advance = Advance {
        action: Action::CheckIn,
        function: "check_in_booking",
        what: "checked in",
        allowed: "booked or arrived",
    };
    advance.run(args, booking_id, clinic_id)
}

/// Completes the appointment.
fn complete_booking(args: &Args) -> Result<pg_sys::Datum> {
    let CompleteBooking { booking_id, clinic_id } = CompleteBooking::read(args)?;
    let advance = Advance {
        action: Action::Complete,
        function: "complete_booking",
        what: "completed",
        allowed: "booked, arrived or checked-in",
    };
    advance.run(args, booking_id, clinic_id)
}

/// A step of the day: only the status changes.
struct Advance {
    action: Action,
    function: &'static str,
    /// The step in words.
    what: &'static str,
    /// The statuses from which it goes.
    allowed: &'static str,
}

impl Advance {
    fn run(&self, args: &Args, booking_id: i64, clinic_id: Option<i64>) -> Result<pg_sys::Datum> {
        let _attribution = Attribution::function(self.function, None);
        let mut rows = Rows::<BookingRow>::new(args);
        spi::connect(|spi| {
            let clinic = clinic::existing(spi, clinic_id, Access::Latest)?;
            let locked = Locked::lock(spi, clinic, booking_id)?;
            match self.action.applied_to(locked.status) {
                Some(status) if status == locked.status => (),
                Some(status) => locked.update(spi, &SET_STATUS, &[param(status.as_str())])?,
                None => return Err(locked.wrong_state(self.what, self.allowed)),
            }
            push_booking(spi, locked.clinic, locked.id, &mut rows)
        })?;
        Ok(rows.done())
    }
}

/// Moves a booking. It keeps its length.
fn reschedule_booking(args: &Args) -> Result<pg_sys::Datum> {
    let query = RescheduleBooking::read(args)?;
    clinic::check_instant(query.slot_start, "slot_start")?;
    let override_reason = override_reason(query.override_reason)?;
    let _attribution = Attribution::function("reschedule_booking", override_reason.clone());
    let mut rows = Rows::<BookingRow>::new(args);
    spi::connect(|spi| {
        let opened = clinic::open(spi, query.clinic_id, Access::Latest)?;
        let locked = Locked::lock(spi, opened.clinic, query.booking_id)?;
        let target = Target {
            start: query.slot_start,
            provider: query.provider_id.unwrap_or(locked.provider),
            room: query.room_id.unwrap_or(locked.room),
            may_overbook: locked.is_overbooked,
        };
        target.take(spi, &opened, &locked, &override_reason)?;
        push_booking(spi, opened.clinic, query.booking_id, &mut rows)
    })?;
    Ok(rows.done())
}
