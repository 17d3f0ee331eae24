//! The SQL functions of the outbox.

pub mod consume;
pub mod subscribe;

use crate::pg::platform::clinic::{clinic_id, require_schema};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::spi::{Access, Spi};

/// The clinic meant.
fn open(spi: &Spi, named: Option<i64>) -> Result<i64> {
    require_schema()?;
    clinic_id(spi, named, Access::Latest)
}

fn invalid(message: impl Into<String>) -> ClinicError {
    ClinicError::new(SqlState::InvalidArgument, message)
}
