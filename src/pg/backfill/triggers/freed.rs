//! Reads what a statement made of bookings, and has told what it frees.

use pg_clinic_core::booking::backfill::freed::{Change, Version};
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::time::interval::{Instant, Span};
use pgrx::datum::{Range, TimestampWithTimeZone};
use pgrx::pg_sys;

use crate::pg::backfill::freed::{collect, tell_of};
use crate::pg::platform::args::Args;
use crate::pg::platform::error::Result;
use crate::pg::platform::session::{self, ActingAsOwner};
use crate::pg::platform::spi;
use crate::pg::platform::trigger::{Call, Event, Values, columns};
use crate::pg::platform::values::bounds;

columns! {
    /// Columns that say which time a booking takes.
    struct TimeColumns {
        clinic_id: INT8OID,
        id: INT8OID,
        provider_id: INT8OID,
        room_id: INT8OID,
        appointment_type_id: INT8OID,
        during: TSTZRANGEOID,
        status: TEXTOID,
        is_overbooked: BOOLOID,
        hold_expires_at: TIMESTAMPTZOID,
        session_id: INT8OID,
    }
}

/// The triggers `tell_freed_by_change`, `tell_freed_by_delete` and `tell_freed_by_lapse`.
pub(super) fn tell_freed(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::new(args)?.after("bookings", &[Event::Update, Event::Delete])?;
    let now = session::now();
    let mut changes = changes(&call)?;
    let is_of_lapses = call.is_for_row();
    changes.retain(|change| change.is_lapse(now) == is_of_lapses);
    // SAFETY: the trigger's relation is open.
    let owner = unsafe { (*(*call.data.tg_relation).rd_rel).relowner };
    let is_collected = !is_of_lapses && collect(&mut changes, owner);
    if !is_collected {
        let _owner = ActingAsOwner::role(owner);
        spi::connect(|spi| tell_of(spi, &changes))?;
    }
    Ok(pg_sys::Datum::null())
}

/// The changes that the trigger is about.
fn changes(call: &Call<'_>) -> Result<Vec<Change>> {
    let columns = TimeColumns::find(call)?;
    let (mut before, mut after) = (Vec::new(), Vec::new());
    call.each_old(|row| before.push(columns.version(row)));
    call.each_new(|row| after.push(columns.version(row)));
    let after = after.into_iter().map(Some).chain(std::iter::repeat(None));
    let change = |(before, after): (Option<Version>, Option<Option<Version>>)| {
        Some(Change { before: before?, after: after.flatten() })
    };
    Ok(before.into_iter().zip(after).filter_map(change).collect())
}

impl TimeColumns {
    /// A version of a row; `None` where constraints are missing that would have refused it.
    fn version(&self, row: &Values) -> Option<Version> {
        let (start, end) = bounds(&row.get::<Range<TimestampWithTimeZone>>(self.during)?);
        let expiry = row.get::<TimestampWithTimeZone>(self.hold_expires_at);
        Some(Version {
            clinic: row.get(self.clinic_id)?,
            booking: row.get(self.id)?,
            provider: row.get(self.provider_id)?,
            room: row.get(self.room_id),
            appointment_type: row.get(self.appointment_type_id)?,
            session: row.get(self.session_id).filter(|session| *session > 0),
            is_overbooked: row.get(self.is_overbooked)?,
            during: Span::new(start?, end?)?,
            status: Status::parse(&row.get::<String>(self.status)?)?,
            hold_expires_at: expiry.map(|at| Instant(i64::from(at))),
        })
    }
}
