//! The booking functions. Each checks first, to give a clear answer, and then writes a plain row: the table's
//! constraints have the last word.

pub(in crate::pg) mod absence;
pub(in crate::pg) mod change;
pub(in crate::pg) mod jobs;
pub(in crate::pg) mod of_series;
pub(in crate::pg) mod place;
pub(in crate::pg) mod plan_absence;
pub(in crate::pg) mod series;
pub(in crate::pg) mod session;
pub(in crate::pg) mod together;

use crate::pg::platform::error::{ClinicError, Result, SqlState};

/// The argument `override_reason`; an empty one is refused.
fn override_reason(reason: Option<String>) -> Result<Option<String>> {
    match reason {
        Some(reason) if reason.trim().is_empty() => {
            Err(ClinicError::new(SqlState::InvalidArgument, "override_reason must say why"))
        }
        reason => Ok(reason),
    }
}
