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
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::session;
use crate::pg::platform::signatures::{Bigint, Required, Rows, Text, Timestamptz, signatures};
use crate::pg::platform::spi::{self, Access, Param, Spi, param, statements};
use crate::pg::slots::load::types::room_kept;

sql_functions! {
    pg_clinic_confirm_hold, pg_finfo_pg_clinic_confirm_hold => confirm_hold;
    pg_clinic_cancel_booking, pg_finfo_pg_clinic_cancel_booking => cancel_booking;
    pg_clinic_reschedule_booking, pg_finfo_pg_clinic_reschedule_booking => reschedule_booking;
    pg_clinic_check_in_booking, pg_finfo_pg_clinic_check_in_booking => check_in_booking;
    pg_clinic_complete_booking, pg_finfo_pg_clinic_complete_booking => complete_booking;
    pg_clinic_mark_no_show, pg_finfo_pg_clinic_mark_no_show => mark_no_show;
    pg_clinic_reopen_booking, pg_finfo_pg_clinic_reopen_booking => reopen_booking;
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
    /// Arguments of `mark_no_show`.
    MarkNoShow = mark_no_show(booking_id: Required<Bigint>, reason: Text = null, clinic_id: Bigint = null)
        -> table BookingRow;
    /// Arguments of `reopen_booking`.
    ReopenBooking = reopen_booking(
        booking_id: Required<Bigint>, reason: Text = null, override_reason: Text = null, clinic_id: Bigint = null,
    ) -> table BookingRow;
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
    /// Whom a booking is for, and whether that is what was said.
    IS_SAME_PATIENT(INT8OID, INT8OID, TEXTOID, TEXTOID, TEXTOID) =
        "select ($3 is null or patient_name is not distinct from $3) as is_same_name,
           ($4 is null or patient_id is not distinct from $4) as is_same_id,
           ($5 is null or contact is not distinct from $5) as is_same_contact
         from clinic.bookings where clinic_id = $1 and id = $2";
}

row! {
    struct SamePatient {
        is_same_name: bool,
        is_same_id: bool,
        is_same_contact: bool,
    }
}

/// Turns a hold into a booking.
fn confirm_hold(args: &Args) -> Result<pg_sys::Datum> {
    let query = ConfirmHold::read(args)?;
    let _attribution = Attribution::function("confirm_hold", None);
    let mut rows = Rows::<BookingRow>::new(args);
    spi::connect(|spi| {
        let opened = clinic::open(spi, query.clinic_id, Access::Latest)?;
        let locked = Locked::lock(spi, opened.clinic, query.booking_id)?;
        let text = |text: &Option<String>| text.as_deref().and_then(param);
        let params = [text(&query.patient_name), text(&query.patient_id), text(&query.contact)];
        match locked.status {
            Status::Pending | Status::Cancelled if locked.is_expired_hold(session::now()) => {
                return Err(locked.expired());
            }
            Status::Pending => {
                if let Some(patient) =
                    query.patient_id.as_deref().filter(|id| locked.patient.as_deref() != Some(id))
                {
                    locked.place().require_free_patient(spi, &opened, &locked, patient)?;
                }
                locked.update(spi, &CONFIRM, &params)?;
            }
            Status::Booked => require_same_patient(spi, &locked, params)?,
            _ => return Err(locked.wrong_state("confirmed", "pending")),
        }
        push_booking(spi, locked.clinic, locked.id, &mut rows)
    })?;
    Ok(rows.done())
}

/// Refuses to confirm for somebody else what was confirmed already: the caller would believe that it is.
fn require_same_patient(spi: &Spi, locked: &Locked, [name, id, contact]: [Param; 3]) -> Result<()> {
    let params = [param(locked.clinic), param(locked.id), name, id, contact];
    let same: Option<SamePatient> = spi.row(&IS_SAME_PATIENT, Access::Latest, &params)?;
    let Some(same) = same else { return Ok(()) };
    let given = [
        ("patient_name", same.is_same_name),
        ("patient_id", same.is_same_id),
        ("contact", same.is_same_contact),
    ];
    let other: Vec<_> = given.into_iter().filter(|(_, is_same)| !is_same).map(|(name, _)| name).collect();
    if other.is_empty() {
        return Ok(());
    }
    let message = format!("booking {} was confirmed already, for somebody else", locked.id);
    Err(ClinicError::new(SqlState::WrongState, message)
        .detail(format!("It has another {}.", other.join(" and another ")))
        .hint("Hold or book a place for this patient. What is written down wrong is put right in clinic.bookings."))
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
            Some(status) => locked.call_off(spi, status, reason.as_deref())?,
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
        allowed: "booked, arrived or no-shows",
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
            let opened = clinic::open(spi, clinic_id, Access::Latest)?;
            let locked = Locked::lock(spi, opened.clinic, booking_id)?;
            match self.action.applied_to(locked.status) {
                Some(status) if status == locked.status => (),
                Some(status) if status.occupies() && !locked.status.occupies() => {
                    take_again(spi, &opened, &locked, status, None)?;
                }
                Some(status) => locked.update(spi, &SET_STATUS, &[param(status.as_str())])?,
                None => return Err(locked.wrong_state(self.what, self.allowed)),
            }
            push_booking(spi, locked.clinic, locked.id, &mut rows)
        })?;
        Ok(rows.done())
    }
}

/// The booking takes its place again, which may be another's by now. What was set aside for it stays so, unless another
/// override is given.
fn take_again(
    spi: &Spi,
    opened: &Opened,
    locked: &Locked,
    status: Status,
    override_reason: Option<String>,
) -> Result<()> {
    let override_reason = override_reason.or_else(|| locked.override_reason.clone());
    locked.place().take_as(spi, opened, locked, status, &override_reason)
}

/// Writes down that the patient doesn't come, before the job does.
fn mark_no_show(args: &Args) -> Result<pg_sys::Datum> {
    let MarkNoShow { booking_id, reason, clinic_id } = MarkNoShow::read(args)?;
    let _attribution = Attribution::function("mark_no_show", reason.clone());
    let mut rows = Rows::<BookingRow>::new(args);
    spi::connect(|spi| {
        let clinic = clinic::existing(spi, clinic_id, Access::Latest)?;
        let locked = Locked::lock(spi, clinic, booking_id)?;
        match Action::Miss.applied_to(locked.status) {
            Some(status) => locked.call_off(spi, status, reason.as_deref())?,
            None => return Err(locked.wrong_state("marked as a no-show", "booked")),
        }
        push_booking(spi, locked.clinic, locked.id, &mut rows)
    })?;
    Ok(rows.done())
}

/// Takes back a cancellation or a no-show.
fn reopen_booking(args: &Args) -> Result<pg_sys::Datum> {
    let ReopenBooking { booking_id, reason, override_reason: given, clinic_id } = ReopenBooking::read(args)?;
    let given = override_reason(given)?;
    let _attribution = Attribution::function("reopen_booking", reason);
    let mut rows = Rows::<BookingRow>::new(args);
    spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Latest)?;
        let locked = Locked::lock(spi, opened.clinic, booking_id)?;
        match Action::Reopen.applied_to(locked.status) {
            Some(status) if status == locked.status => (),
            Some(_) if locked.is_hold() => {
                return Err(locked.wrong_state("reopened", "no holds").hint("Hold or book the place again."));
            }
            Some(status) => take_again(spi, &opened, &locked, status, given)?,
            None => return Err(locked.wrong_state("reopened", "cancelled or no-shows")),
        }
        push_booking(spi, opened.clinic, booking_id, &mut rows)
    })?;
    Ok(rows.done())
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
            room: match query.room_id {
                Some(room) => Some(room),
                None => room_kept(spi, opened.clinic, locked.appointment_type, locked.room)?,
            },
            may_overbook: locked.is_overbooked,
        };
        target.take(spi, &opened, &locked, &override_reason)?;
        push_booking(spi, opened.clinic, query.booking_id, &mut rows)
    })?;
    Ok(rows.done())
}
