//! Time zones from PostgreSQL's own tz database, handed to the core as a list of transitions.

use std::ffi::{CString, c_int, c_long};

use pg_clinic_core::time::interval::Instant;
use pg_clinic_core::time::zone::{Transition, Zone};
use pgrx::pg_sys;

use super::error::{ClinicError, Result, SqlState};

/// Seconds from the Unix epoch to PostgreSQL's (2000-01-01).
const PG_EPOCH_UNIX_SECONDS: i64 = 946_684_800;
const MICROS_PER_SECOND: i64 = 1_000_000;
/// Most transitions read for one question: no zone has had more than a handful a year.
const MAX_TRANSITIONS: usize = 4096;

/// A clinic's zone, exact from `from` to `until`.
pub fn of_clinic(name: &str, from: Instant, until: Instant) -> Result<Zone> {
    of_table(name, "clinics", from, until)
}

/// The zone that a column `time_zone` names, exact from `from` to `until`.
pub fn of_table(name: &str, table: &str, from: Instant, until: Instant) -> Result<Zone> {
    known(name, from, until).ok_or_else(|| {
        ClinicError::new(SqlState::SetUp, format!("unknown time_zone \"{name}\" in clinic.{table}"))
            .hint("Put it right: select name from pg_timezone_names lists those there are.")
            .column("time_zone", table)
    })
}

/// The zone called `name`, exact from `from` to `until`.
pub fn load(name: &str, from: Instant, until: Instant) -> Result<Zone> {
    known(name, from, until).ok_or_else(|| {
        ClinicError::new(SqlState::InvalidArgument, format!("time zone \"{name}\" is not recognized"))
            .hint("select name from pg_timezone_names lists those there are.")
    })
}

fn known(name: &str, from: Instant, until: Instant) -> Option<Zone> {
    let c_name = CString::new(name).ok()?;
    // SAFETY: pg_tzset takes a NUL-terminated name and returns null or a zone that lives as long as the backend.
    let tz = unsafe { pg_sys::pg_tzset(c_name.as_ptr()) };
    if tz.is_null() {
        return None;
    }
    let mut at = unix_seconds(from);
    let until = unix_seconds(until);
    let mut initial_offset = None;
    let mut transitions = Vec::new();
    while transitions.len() < MAX_TRANSITIONS {
        let step = next_transition(tz, at)?;
        initial_offset.get_or_insert(step.offset_before);
        match step.transition {
            Some((boundary, offset_after)) if boundary <= until => {
                transitions.push(Transition {
                    at: Instant((boundary - PG_EPOCH_UNIX_SECONDS) * MICROS_PER_SECOND),
                    offset_seconds: offset_after,
                });
                at = boundary;
            }
            _ => break,
        }
    }
    Some(Zone::new(initial_offset.unwrap_or(0), transitions).named(name))
}

fn unix_seconds(instant: Instant) -> i64 {
    instant.0.div_euclid(MICROS_PER_SECOND) + PG_EPOCH_UNIX_SECONDS
}

struct Step {
    offset_before: i32,
    /// When the next one is, and the offset from then on.
    transition: Option<(i64, i32)>,
}

fn next_transition(tz: *mut pg_sys::pg_tz, at: i64) -> Option<Step> {
    let (mut before, mut after): (c_long, c_long) = (0, 0);
    let (mut before_dst, mut after_dst): (c_int, c_int) = (0, 0);
    let mut boundary: pg_sys::pg_time_t = 0;
    // SAFETY: tz is a zone of pg_tzset's; all other pointers are to locals.
    let found = unsafe {
        pg_sys::pg_next_dst_boundary(
            &at,
            &mut before,
            &mut before_dst,
            &mut boundary,
            &mut after,
            &mut after_dst,
            tz,
        )
    };
    match found {
        0 => Some(Step { offset_before: before as i32, transition: None }),
        1 => Some(Step { offset_before: before as i32, transition: Some((boundary, after as i32)) }),
        _ => None,
    }
}
