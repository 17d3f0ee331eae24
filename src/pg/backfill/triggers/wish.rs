//! Wishes that end, by whatever statement: nothing is offered to them any more.

use pgrx::pg_sys;

use crate::pg::backfill::follow;
use crate::pg::platform::args::Args;
use crate::pg::platform::error::Result;
use crate::pg::platform::session::ActingAsOwner;
use crate::pg::platform::spi;
use crate::pg::platform::trigger::{Call, Values, columns, misplaced};

columns! {
    /// Columns that say which entry it is.
    struct EntryColumns {
        clinic_id: INT8OID,
        id: INT8OID,
    }
}

/// The trigger `settle_wish`.
pub(super) fn settle_wish(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::for_row(args, "waitlist", pg_sys::TRIGGER_EVENT_AFTER)?;
    let Some(new) = call.new_row() else { return Err(misplaced()) };
    let columns = EntryColumns::find(&call)?;
    // SAFETY: the tuple is the trigger's and of its table.
    let new = unsafe { Values::of(new, call.desc()) };
    // SAFETY: the trigger's relation is open.
    let _owner = unsafe { ActingAsOwner::of(call.data.tg_relation) };
    if let Some((clinic, entry)) = new.get(columns.clinic_id).zip(new.get(columns.id)) {
        spi::connect(|spi| follow::settled(spi, clinic, entry))?;
    }
    Ok(pg_sys::Datum::null())
}
