//! find_backfill: the candidates for a freed place.

use pg_clinic_core::booking::backfill::{DEFAULT_CANDIDATES, score};
use pg_clinic_core::time::interval::Minutes;
use pg_clinic_core::time::zone::Zone;
use pgrx::pg_sys;

use crate::pg::backfill::load::{Found, Query, find};
use crate::pg::backfill::place::{Place, PlaceKey};
use crate::pg::backfill::stored::StoredPlace;
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::clinic;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::moment;
use crate::pg::platform::signatures::{
    Bigint, Boolean, Date, DoublePrecision, Integer, Rows, Text, Time, Timestamptz, signatures,
};
use crate::pg::platform::spi::{self, Access};

sql_functions! {
    pg_clinic_find_backfill, pg_finfo_pg_clinic_find_backfill => find_backfill;
}

signatures! {
    /// Arguments of `find_backfill`.
    FindBackfill = find_backfill(
        booking_id: Bigint = null, max_results: Integer = 10, same_type_only: Boolean = null,
        notice_minutes: Integer = null, now: Timestamptz = now, clinic_id: Bigint = null, provider_id: Bigint = null,
        room_id: Bigint = null, slot_start: Timestamptz = null, slot_end: Timestamptz = null,
    ) -> table FoundCandidate {
        source: Text,
        waitlist_id: Bigint,
        former_booking_id: Bigint,
        patient_id: Text,
        patient_name: Text,
        contact: Text,
        appointment_type_id: Bigint,
        provider_id: Bigint,
        room_id: Bigint,
        slot_start: Timestamptz,
        slot_end: Timestamptz,
        local_date: Date,
        local_time: Time,
        score: DoublePrecision,
        distance_days: Integer,
        priority: Integer,
        waiting_since: Timestamptz,
        sentence: Text,
    };
}

fn find_backfill(args: &Args) -> Result<pg_sys::Datum> {
    let given = FindBackfill::read(args)?;
    let key =
        PlaceKey::read(given.booking_id, given.provider_id, given.room_id, given.slot_start, given.slot_end)?;
    let max_results = count(given.max_results, "max_results", DEFAULT_CANDIDATES)?;
    let notice = notice(given.notice_minutes)?;
    let (now, access) = (moment(given.now)?, Access::Snapshot);
    let (zone, place, found) = spi::connect(|spi| {
        let opened = clinic::open(spi, given.clinic_id, access)?;
        let place = StoredPlace::meant(spi, opened.clinic, key, now, access)?.place;
        let same_type_only = given.same_type_only;
        let query = Query { place, max_results, same_type_only, notice, now, access };
        let found = find(spi, &opened, &query)?;
        let Query { place, .. } = query;
        Ok((opened.settings(place.during.start, place.during.end)?.zone, place, found))
    })?;
    let mut rows = Rows::<FoundCandidate>::new(args);
    for found in &found {
        rows.push(candidate(&zone, &place, found));
    }
    Ok(rows.done())
}

fn candidate(zone: &Zone, place: &Place, found: &Found) -> FoundCandidate {
    let candidate = &found.candidate;
    FoundCandidate {
        source: candidate.source.as_str().into(),
        waitlist_id: found.waitlist.into(),
        former_booking_id: found.former_booking.into(),
        patient_id: found.patient.as_deref().into(),
        patient_name: found.patient_name.as_deref().into(),
        contact: found.contact.as_deref().into(),
        appointment_type_id: found.appointment_type.into(),
        provider_id: place.provider.into(),
        room_id: found.room.into(),
        slot_start: found.slot.start.into(),
        slot_end: found.slot.end.into(),
        local_date: zone.local_date(found.slot.start).into(),
        local_time: zone.wall_time(found.slot.start).into(),
        score: score(candidate.distance_days).as_f64().into(),
        distance_days: (candidate.distance_days as i32).into(),
        priority: candidate.priority.into(),
        waiting_since: candidate.waiting_since.into(),
        sentence: candidate.sentence().into(),
    }
}

/// A number of rows; NULL = the default, less than 1 is refused.
pub(super) fn count(given: Option<i32>, name: &str, default: usize) -> Result<usize> {
    match given {
        None => Ok(default),
        Some(count) => usize::try_from(count).ok().filter(|count| *count > 0).ok_or_else(|| {
            ClinicError::new(SqlState::InvalidArgument, format!("{name} must be at least 1"))
                .detail(format!("It is {count}."))
        }),
    }
}

/// `notice_minutes`; NULL = the clinic's setting.
pub(super) fn notice(given: Option<i32>) -> Result<Option<Minutes>> {
    match given {
        Some(minutes) if minutes < 0 => {
            Err(ClinicError::new(SqlState::InvalidArgument, "notice_minutes must not be negative")
                .detail(format!("It is {minutes}.")))
        }
        minutes => Ok(minutes.map(Minutes)),
    }
}
