//! Notes searches that found nothing, where it is asked for. A search is answered whatever becomes of the note.

use chrono::NaiveDate;
use pg_clinic_core::ids::AppointmentTypeId;
use pg_clinic_core::time::calendar::{TimesOfDay, Weekdays};
use pgrx::pg_sys;

use super::load::Wanted;
use crate::pg::platform::access;
use crate::pg::platform::attempt::attempt;
use crate::pg::platform::error::Result;
use crate::pg::platform::guc;
use crate::pg::platform::signatures::{Time, Value};
use crate::pg::platform::spi::{self, date_param, param, statements};

statements! {
    /// A search.
    NOTE(INT8OID, INT8OID, DATEOID, DATEOID, INT8ARRAYOID, INT8ARRAYOID, TEXTOID, INT4ARRAYOID, TIMEOID, TIMEOID,
         TEXTARRAYOID) =
        "insert into clinic.unmet_demand (clinic_id, appointment_type_id, from_date, to_date, provider_ids, room_ids, specialty,
           weekdays, earliest_time, latest_time, required_attributes)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
}

/// A search for a new booking that found nothing.
pub(super) struct Unmet<'a> {
    pub clinic: i64,
    pub appointment_type: AppointmentTypeId,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub wanted: &'a Wanted,
    pub weekdays: Weekdays,
    pub acceptable: TimesOfDay,
}

impl Unmet<'_> {
    /// Notes it. Not where somebody looks for another place of a booking: the patient has one.
    pub(super) fn note(&self) -> Result<()> {
        if !guc::unmet_demand() || self.wanted.except_booking.is_some() || !may_write() {
            return Ok(());
        }
        match attempt(|| self.write())? {
            Ok(()) => Ok(()),
            Err(error) => error.warn("a search that found nothing is not noted"),
        }
    }

    fn write(&self) -> Result<()> {
        // Whoever may search has no right to the table.
        let _owner = access::acting_as_owner_of(c"unmet_demand")?;
        let wanted = self.wanted;
        let weekdays = (self.weekdays != Weekdays::ALL).then(|| self.weekdays.numbers());
        let params = [
            param(self.clinic),
            param(self.appointment_type.0),
            date_param(self.from),
            date_param(self.to),
            wanted.providers.ids.clone().and_then(param),
            wanted.rooms.ids().map(<[i64]>::to_vec).and_then(param),
            wanted.providers.specialty.as_deref().and_then(param),
            weekdays.and_then(param),
            Value::<Time>::from(self.acceptable.from).datum(),
            Value::<Time>::from(self.acceptable.until).datum(),
            wanted.providers.attributes.clone().and_then(param),
        ];
        spi::connect(|spi| spi.run(&NOTE, &params))
    }
}

/// Whether a statement can write now: not on a standby, in a read-only transaction or beside parallel workers.
fn may_write() -> bool {
    // SAFETY: plain functions and a variable of the backend.
    unsafe { !pg_sys::RecoveryInProgress() && !pg_sys::XactReadOnly && !pg_sys::IsInParallelMode() }
}
