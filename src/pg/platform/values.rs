//! Dates without an end and ranges, which rows of many tables have, and the error for a row that isn't
//! there.

use chrono::NaiveDate;
use pg_clinic_core::time::calendar::date_from_pg_days;
use pg_clinic_core::time::interval::{Instant, TIME};
use pgrx::datum::{Range, RangeBound, TimestampWithTimeZone};

use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::Readable;
use crate::pg::platform::spi::Row;

/// A date that is no bound where it is infinite.
#[derive(Clone, Copy, Debug)]
pub struct OpenDate(pub Option<NaiveDate>);

impl Readable for OpenDate {
    fn read(row: &Row<'_>, column: usize) -> Result<Self> {
        open_date(row, column).map(Self)
    }
}

/// A date; an infinite or NULL one is no bound.
pub fn open_date(row: &Row<'_>, column: usize) -> Result<Option<NaiveDate>> {
    let days = row.pg_days(column)?.filter(|days| *days != i32::MIN && *days != i32::MAX);
    Ok(days.and_then(date_from_pg_days))
}

/// The error for an id that isn't there; the column `told_by` tells people which row it is.
pub fn missing_row(what: &str, table: &str, told_by: &str, clinic: i64, id: i64) -> ClinicError {
    ClinicError::new(SqlState::NotFound, format!("{what} {id} does not exist"))
        .detail(format!("Clinic {clinic} has no such row in clinic.{table}."))
        .hint(format!("select id, {told_by} from clinic.{table} lists those there are."))
}

/// The error for a row whose start isn't before its end.
pub fn without_time(what: &str, table: &str, id: i64) -> ClinicError {
    ClinicError::new(SqlState::SetUp, format!("{what} {id} ends before it starts"))
        .hint(format!(
            "A constraint of clinic.{table} was dropped or altered: correct the row and put it back."
        ))
        .table(table)
}

/// Start, and the end unless it is left out. Neither where the range isn't `[start, end)` within [`TIME`]: the CHECK is to
/// see such a range as it is.
pub fn bounds(range: &Range<TimestampWithTimeZone>) -> (Option<Instant>, Option<Instant>) {
    let within = |at: &TimestampWithTimeZone| Some(Instant(i64::from(*at))).filter(|at| TIME.contains(at));
    match (range.lower(), range.upper()) {
        (Some(RangeBound::Inclusive(start)), Some(RangeBound::Infinite)) => (within(start), None),
        (Some(RangeBound::Inclusive(start)), Some(RangeBound::Exclusive(end))) => match within(end) {
            Some(end) => (within(start), Some(end)),
            None => (None, None),
        },
        _ => (None, None),
    }
}
