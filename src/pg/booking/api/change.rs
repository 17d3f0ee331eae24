//! What happens to a booking after it was made. The row is locked first, then the day: the order plain SQL has, too.

use pg_clinic_core::booking::backfill::DEFAULT_CANDIDATES;
use pg_clinic_core::booking::status::{Action, Status};
use pgrx::pg_sys;

use super::place::override_reason;
use crate::pg::backfill::candidates;
use crate::pg::backfill::load::{Query, find};
use crate::pg::booking::writes::change::{Locked, Target};
use crate::pg::booking::writes::row::{push_booking, push_cancelled};
use crate::pg::platform::args::{Args, null_argument};
use crate::pg::platform::attribution::Attribution;
use crate::pg::platform::clinic::{self};
use crate::pg::platform::error::Result;
use crate::pg::platform::session;
use crate::pg::platform::signatures::Rows;
use crate::pg::platform::spi::{self, Access, Spi, param, statements};

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

/// The argument `booking_id`, and the booking it means.
fn lock(spi: &Spi, args: &Args, clinic_argument: usize) -> Result<Locked> {
    let id = args.required(0, "booking_id")?;
    let opened = clinic::open(spi, args.opt(clinic_argument), Access::Latest)?;
    Locked::lock(spi, &opened, id)
}

/// Turns a hold into a booking.
pub(super) fn confirm_hold(args: &Args) -> Result<pg_sys::Datum> {
    let _attribution = Attribution::function("confirm_hold", None);
    let mut rows = Rows::new(args);
    spi::connect(|spi| {
        let locked = lock(spi, args, 4)?;
        match locked.status {
            Status::Pending | Status::Cancelled if locked.is_expired_hold() => return Err(locked.expired()),
            Status::Pending => {
                let text = |index| args.opt::<String>(index).and_then(param);
                locked.update(spi, &CONFIRM, &[text(1), text(2), text(3)])?;
            }
            Status::Booked => (),
            _ => return Err(locked.wrong_state("confirmed", "pending")),
        }
        push_booking(spi, locked.clinic, locked.id, &mut rows)
    })?;
    Ok(rows.done())
}

/// Calls a booking off.
pub(super) fn cancel_booking(args: &Args) -> Result<pg_sys::Datum> {
    let id: i64 = args.required(0, "booking_id")?;
    let reason: Option<String> = args.opt(1);
    let _attribution = Attribution::function("cancel_booking", reason.clone());
    let mut rows = Rows::new(args);
    spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(2), Access::Latest)?;
        let locked = Locked::lock(spi, &opened, id)?;
        match Action::Cancel.applied_to(locked.status) {
            Some(status) if status == locked.status => (),
            Some(_) => locked.update(spi, &CANCEL, &[reason.clone().and_then(param)])?,
            None => return Err(locked.wrong_state("cancelled", "not over yet")),
        }
        let query = Query {
            booking: id,
            max_results: DEFAULT_CANDIDATES,
            same_type_only: None,
            notice: None,
            now: session::now(),
            access: Access::Latest,
        };
        let (freed, found) = find(spi, &opened, &query)?;
        let candidates = candidates::documents(&opened, &freed, &found)?;
        push_cancelled(spi, opened.clinic, id, candidates, &mut rows)
    })?;
    Ok(rows.done())
}

/// The patient is here.
pub(super) fn check_in_booking(args: &Args) -> Result<pg_sys::Datum> {
    advance(args, Action::CheckIn, "check_in_booking", "checked in", "booked or arrived")
}

/// The appointment is over.
pub(super) fn complete_booking(args: &Args) -> Result<pg_sys::Datum> {
    advance(args, Action::Complete, "complete_booking", "completed", "booked, arrived or checked-in")
}

fn advance(
    args: &Args,
    action: Action,
    function: &'static str,
    what: &str,
    allowed: &str,
) -> Result<pg_sys::Datum> {
    let _attribution = Attribution::function(function, None);
    let mut rows = Rows::new(args);
    spi::connect(|spi| {
        let locked = lock(spi, args, 1)?;
        match action.applied_to(locked.status) {
            Some(status) if status == locked.status => (),
            Some(status) => locked.update(spi, &SET_STATUS, &[param(status.as_str())])?,
            None => return Err(locked.wrong_state(what, allowed)),
        }
        push_booking(spi, locked.clinic, locked.id, &mut rows)
    })?;
    Ok(rows.done())
}

/// Moves a booking. It keeps its length.
pub(super) fn reschedule_booking(args: &Args) -> Result<pg_sys::Datum> {
    let start = args.instant(1, "slot_start")?.ok_or_else(|| null_argument("slot_start"))?;
    clinic::check_instant(start, "slot_start")?;
    let override_reason = override_reason(args, 4)?;
    let _attribution = Attribution::function("reschedule_booking", override_reason.clone());
    let mut rows = Rows::new(args);
    spi::connect(|spi| {
        let id = args.required(0, "booking_id")?;
        let opened = clinic::open(spi, args.opt(5), Access::Latest)?;
        let locked = Locked::lock(spi, &opened, id)?;
        let target = Target {
            start,
            provider: args.opt(2).unwrap_or(locked.provider),
            room: args.opt(3).unwrap_or(locked.room),
            may_overbook: locked.is_overbooked,
        };
        target.take(spi, &opened, &locked, &override_reason)?;
        push_booking(spi, opened.clinic, id, &mut rows)
    })?;
    Ok(rows.done())
}
