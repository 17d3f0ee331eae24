//! Arguments that several functions share.

use pg_clinic_core::time::interval::Instant;

use super::super::args::{Args, null_argument};
use super::super::error::{ClinicError, Result, SqlState};
use super::super::load::{self, TypeKey};
use super::super::session;

/// How a function's overloads name the appointment type.
pub(super) type ReadType = fn(&Args) -> Result<TypeKey>;

/// Argument 0 as an appointment type's name.
pub(super) fn type_by_name(args: &Args) -> Result<TypeKey> {
    args.opt(0).map(TypeKey::Name).ok_or_else(|| null_argument("appointment_type"))
}

/// Argument 0 as an appointment type's id.
pub(super) fn type_by_id(args: &Args) -> Result<TypeKey> {
    args.opt(0).map(TypeKey::Id).ok_or_else(|| null_argument("appointment_type"))
}

/// The argument `now`: the clock, unless the client asks about another moment.
pub(super) fn now(args: &Args, index: usize) -> Result<Instant> {
    let now = args.instant(index, "now")?.unwrap_or_else(session::now);
    load::check_instant(now, "now")?;
    Ok(now)
}

/// `max_results`: NULL = all; less than 1 is refused.
pub(super) fn max_results(args: &Args, index: usize) -> Result<Option<usize>> {
    match args.opt::<i32>(index) {
        None => Ok(None),
        Some(count) => usize::try_from(count).ok().filter(|count| *count > 0).map(Some).ok_or_else(|| {
            ClinicError::new(SqlState::InvalidArgument, "max_results must be at least 1")
                .detail(format!("It is {count}."))
                .hint("Leave it out, or pass null, for all.")
        }),
    }
}
