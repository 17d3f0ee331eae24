//! Writes who could take a freed place into the event of the cancelled booking. Where nobody fits, or no event is written,
//! nothing happens. It must never refuse a cancellation: what fails is a WARNING, and the event goes without.

use pg_clinic_core::booking::event::Suggestion;
use pgrx::{JsonB, pg_sys};

use crate::pg::backfill::load::{Found, Query, find};
use crate::pg::platform::args::Args;
use crate::pg::platform::attempt::attempt;
use crate::pg::platform::attribution;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::session::{self, ActingAsOwner};
use crate::pg::platform::spi::{self, Access, Spi, param, statements};
use crate::pg::platform::trigger::{Call, Columns, Values, misplaced};
use crate::pg::platform::{clinic, guc};

statements! {
    /// Adds the candidates to the booking's newest event, which is the cancellation just made.
    SUGGEST(INT8OID, INT8OID, JSONBOID) =
        "update clinic.events set payload = payload || jsonb_build_object('backfill', $3)
         where clinic_id = $1 and id = (
           select max(id) from clinic.events where clinic_id = $1 and booking_id = $2 and kind = 'cancelled'
             and acked_at is null)";
}

/// Most candidates that an event carries.
const MAX_SUGGESTIONS: usize = 10;

/// The trigger `suggest_backfill`, fired when a booking that occupied time was cancelled.
pub(super) fn suggest_backfill(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::for_row(args, "bookings", pg_sys::TRIGGER_EVENT_AFTER)?;
    let Some(new) = call.new_row() else { return Err(misplaced()) };
    if attribution::cause().gives_back_time() || !guc::events() {
        return Ok(pg_sys::Datum::null());
    }
    let columns = Columns::find(&call, &[(c"clinic_id", pg_sys::INT8OID), (c"id", pg_sys::INT8OID)])?;
    // SAFETY: the tuple is the trigger's and of its table.
    let key = unsafe { Values::of(new, call.desc()) };
    let (Some(clinic), Some(booking)) = (key.get::<i64>(columns.0[0]), key.get::<i64>(columns.0[1])) else {
        return Ok(pg_sys::Datum::null());
    };
    // SAFETY: the trigger's relation is open.
    let _owner = unsafe { ActingAsOwner::of(call.data.tg_relation) };
    if let Err(error) = attempt(|| spi::connect(|spi| suggest(spi, clinic, booking)))? {
        error.warn(&format!("booking {booking} is cancelled without suggestions for its place"))?;
    }
    Ok(pg_sys::Datum::null())
}

fn suggest(spi: &Spi, clinic: i64, booking: i64) -> Result<()> {
    let opened = clinic::open(spi, Some(clinic), Access::Latest)?;
    let query = Query {
        booking,
        max_results: MAX_SUGGESTIONS,
        same_type_only: None,
        notice: None,
        now: session::now(),
        access: Access::Latest,
    };
    let (_, found) = find(spi, &opened, &query)?;
    if found.is_empty() {
        return Ok(());
    }
    spi.run(&SUGGEST, &[param(clinic), param(booking), param(JsonB(suggestions(&found)?))])
}

/// Ids and scores; who it is can be looked up by those who may.
fn suggestions(found: &[Found]) -> Result<serde_json::Value> {
    let suggestions: Vec<_> = found
        .iter()
        .map(|found| Suggestion::new(&found.candidate, found.waitlist, found.former_booking))
        .collect();
    serde_json::to_value(suggestions)
        .map_err(|error| ClinicError::new(SqlState::Internal, format!("an event can't be written: {error}")))
}
