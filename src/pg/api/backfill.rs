//! find_backfill: who takes a freed place.

use pg_clinic_core::booking::backfill;
use pg_clinic_core::time::interval::Minutes;
use pgrx::{IntoDatum, pg_sys};

use super::super::args::{Args, ResultSet, instant, sql_functions, text};
use super::super::backfill::{Found, Freed, Query, find};
use super::super::error::{ClinicError, Result, SqlState};
use super::super::load;
use super::super::spi::{self, Access};
use super::requests::now;

sql_functions! {
    pg_clinic_find_backfill, pg_finfo_pg_clinic_find_backfill => find_backfill;
}

/// Candidates that are given when nobody says how many.
pub(super) const DEFAULT_CANDIDATES: usize = 10;

/// Columns of a candidate in find_backfill's answer.
pub(super) const COLUMNS: usize = 16;

fn find_backfill(args: &Args) -> Result<pg_sys::Datum> {
    let query = Query {
        booking: args.required(0, "booking_id")?,
        max_results: count(args, 1, "max_results", DEFAULT_CANDIDATES)?,
        same_type_only: args.opt(2),
        notice: notice(args, 3)?,
        now: now(args, 4)?,
        access: Access::Snapshot,
    };
    let (freed, found) = spi::connect(|spi| {
        let opened = load::open(spi, args.opt(5), query.access)?;
        find(spi, &opened, &query)
    })?;
    let mut set = ResultSet::new(args);
    for candidate in &found {
        set.push(columns(&freed, candidate));
    }
    Ok(set.done())
}

/// How many; NULL = the default, less than 1 is refused.
pub(super) fn count(args: &Args, index: usize, name: &str, default: usize) -> Result<usize> {
    match args.opt::<i32>(index) {
        None => Ok(default),
        Some(count) => usize::try_from(count).ok().filter(|count| *count > 0).ok_or_else(|| {
            ClinicError::new(SqlState::InvalidArgument, format!("{name} must be at least 1"))
                .detail(format!("It is {count}."))
        }),
    }
}

/// `notice_minutes`; NULL = the clinic's setting.
pub(super) fn notice(args: &Args, index: usize) -> Result<Option<Minutes>> {
    match args.opt::<i32>(index) {
        Some(minutes) if minutes < 0 => {
            Err(ClinicError::new(SqlState::InvalidArgument, "notice_minutes must not be negative")
                .detail(format!("It is {minutes}.")))
        }
        minutes => Ok(minutes.map(Minutes)),
    }
}

/// One candidate as a row.
pub(super) fn columns(freed: &Freed, found: &Found) -> [Option<pg_sys::Datum>; COLUMNS] {
    let candidate = &found.candidate;
    [
        text(candidate.source.as_str()),
        found.waitlist.and_then(IntoDatum::into_datum),
        found.former_booking.and_then(IntoDatum::into_datum),
        found.patient.as_deref().and_then(text),
        found.patient_name.as_deref().and_then(text),
        found.contact.as_deref().and_then(text),
        found.appointment_type.into_datum(),
        freed.provider.into_datum(),
        freed.room.into_datum(),
        instant(found.slot.start),
        instant(found.slot.end),
        backfill::score(candidate.distance_days).as_f64().into_datum(),
        (candidate.distance_days as i32).into_datum(),
        candidate.priority.into_datum(),
        instant(candidate.waiting_since),
        text(&candidate.reason()),
    ]
}
