//! find_backfill: who takes a freed place.

use pg_clinic_core::time::interval::Minutes;
use pgrx::pg_sys;

use crate::pg::backfill::answer::{DEFAULT_CANDIDATES, columns};
use crate::pg::backfill::load::{Query, find};
use crate::pg::platform::args::{Args, ResultSet, sql_functions};
use crate::pg::platform::clinic;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::now;
use crate::pg::platform::spi::{self, Access};

sql_functions! {
    pg_clinic_find_backfill, pg_finfo_pg_clinic_find_backfill => find_backfill;
}

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
        let opened = clinic::open(spi, args.opt(5), query.access)?;
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
