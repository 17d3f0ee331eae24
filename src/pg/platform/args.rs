//! Arguments in, results out: what stands between PostgreSQL's function call and our Rust.

use chrono::NaiveDate;
use pg_clinic_core::time::calendar::{WallTime, date_from_pg_days};
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY, Span};
use pgrx::datum::{Range, RangeBound, TimestampWithTimeZone};
use pgrx::{FromDatum, IntoDatum, pg_sys};

use super::clinic::{check_instant, out_of_years};
use super::error::{ClinicError, Result, SqlState};
use super::json;

/// The arguments of one call, counted from 0.
pub struct Args(pg_sys::FunctionCallInfo);

/// Makes SQL-callable C symbols of Rust functions `fn(&Args) -> Result<Datum>`.
macro_rules! sql_functions {
    ($($symbol:ident, $info:ident => $body:path;)+) => {$(
        #[doc = concat!("Version record of `", stringify!($symbol), "`, which PostgreSQL asks for.")]
        #[unsafe(no_mangle)]
        pub extern "C" fn $info() -> &'static pgrx::pg_sys::Pg_finfo_record {
            const V1: pgrx::pg_sys::Pg_finfo_record = pgrx::pg_sys::Pg_finfo_record { api_version: 1 };
            &V1
        }

        #[doc = concat!("Entry of [`", stringify!($body), "()`].")]
        /// # Safety
        /// Only PostgreSQL calls it, by its function manager.
        #[unsafe(no_mangle)]
        pub unsafe extern "C-unwind" fn $symbol(fcinfo: pgrx::pg_sys::FunctionCallInfo) -> pgrx::pg_sys::Datum {
            // SAFETY: PostgreSQL called us with its own fcinfo, and nothing follows.
            unsafe { $crate::pg::platform::door::guarded(|| $body(&$crate::pg::platform::args::Args::new(fcinfo))) }
        }
    )+};
}
pub(crate) use sql_functions;

impl Args {
    /// # Safety
    /// `fcinfo` must be the one of the call under way.
    #[must_use]
    pub unsafe fn new(fcinfo: pg_sys::FunctionCallInfo) -> Self {
        Self(fcinfo)
    }

    /// The call itself.
    #[must_use]
    pub fn fcinfo(&self) -> pg_sys::FunctionCallInfo {
        self.0
    }

    /// An argument, or `None` for NULL.
    #[must_use]
    pub fn opt<T: FromDatum>(&self, index: usize) -> Option<T> {
        // SAFETY: the function's DDL in sql/functions gives the argument this type.
        unsafe { pgrx::fcinfo::pg_getarg(self.0, index) }
    }

    /// A date, or `None` for NULL; infinite ones are refused.
    pub fn date(&self, index: usize, name: &str) -> Result<Option<NaiveDate>> {
        // SAFETY: DDL says date: an int4 of days.
        let days = unsafe { self.word(index) }.map(|word| word as i32);
        days.map(|days| {
            if days == i32::MIN || days == i32::MAX {
                return Err(ClinicError::new(
                    SqlState::InvalidArgument,
                    format!("{name} must be a finite date"),
                ));
            }
            date_from_pg_days(days).ok_or_else(|| out_of_years(name))
        })
        .transpose()
    }

    /// A timestamptz, or `None` for NULL; infinite ones are refused.
    pub fn instant(&self, index: usize, name: &str) -> Result<Option<Instant>> {
        // SAFETY: DDL says timestamptz: an int8 of microseconds.
        let micros = unsafe { self.word(index) };
        micros
            .map(|micros| {
                if micros == i64::MIN || micros == i64::MAX {
                    return Err(ClinicError::new(
                        SqlState::InvalidArgument,
                        format!("{name} must be a finite instant"),
                    ));
                }
                Ok(Instant(micros))
            })
            .transpose()
    }

    /// A document, or `None` for NULL.
    pub fn json(&self, index: usize, name: &str) -> Result<Option<serde_json::Value>> {
        // SAFETY: DDL says jsonb.
        let datum = unsafe { pgrx::fcinfo::pg_getarg_datum(self.0, index) };
        // SAFETY: as above.
        datum.map(|datum| unsafe { json::read(datum) }).transpose().map_err(|why| {
            ClinicError::new(SqlState::InvalidArgument, format!("{name} can't be read: {why}"))
        })
    }

    /// An array without a NULL in it, or `None` for NULL.
    pub fn list<T>(&self, index: usize, name: &str) -> Result<Option<Vec<T>>>
    where
        Vec<Option<T>>: FromDatum,
    {
        let list: Option<Vec<Option<T>>> = self.opt(index);
        list.map(|list| {
            list.into_iter()
                .map(|item| item.ok_or_else(|| null_argument(&format!("an element of {name}"))))
                .collect()
        })
        .transpose()
    }

    /// A time of day, or `None` for NULL.
    #[must_use]
    pub fn wall_time(&self, index: usize) -> Option<WallTime> {
        // SAFETY: DDL says time: an int8 of microseconds since midnight.
        unsafe { self.word(index) }.and_then(WallTime::new)
    }

    /// An interval as microseconds, or `None` for NULL. Months have no fixed length, so they are refused; days are
    /// 24 hours.
    pub fn interval_micros(&self, index: usize, name: &str) -> Result<Option<i64>> {
        let Some(interval) = self.opt::<pgrx::datum::Interval>(index) else { return Ok(None) };
        let (months, days, micros) = (interval.months(), interval.days(), interval.micros());
        let total = i64::from(days).checked_mul(MICROS_PER_DAY).and_then(|whole| whole.checked_add(micros));
        match total {
            Some(total) if months == 0 => Ok(Some(total)),
            _ => Err(not_in_days(name)),
        }
    }

    /// An interval as days and, after them, microseconds; `None` for NULL. Months are refused: a day of a month may not be
    /// there in another.
    pub fn interval_days(&self, index: usize, name: &str) -> Result<Option<(i32, i64)>> {
        let Some(interval) = self.opt::<pgrx::datum::Interval>(index) else { return Ok(None) };
        if interval.months() != 0 {
            return Err(not_in_days(name));
        }
        Ok(Some((interval.days(), interval.micros())))
    }

    /// A `tstzrange` with two ends, or `None` for NULL.
    pub fn span(&self, index: usize, name: &str) -> Result<Option<Span>> {
        let Some(range) = self.opt::<Range<TimestampWithTimeZone>>(index) else { return Ok(None) };
        if range.is_empty() {
            return Err(ClinicError::new(SqlState::InvalidArgument, format!("{name} must not be empty"))
                .hint("A range is given as '[2027-04-12 09:00, 2027-04-12 12:00)'."));
        }
        let at = |bound: Option<&RangeBound<TimestampWithTimeZone>>| match bound {
            Some(RangeBound::Inclusive(at) | RangeBound::Exclusive(at)) => Some(Instant(i64::from(*at))),
            Some(RangeBound::Infinite) | None => None,
        };
        let ends = at(range.lower()).zip(at(range.upper()));
        // An infinite timestamp is as open as no bound at all.
        let is_infinite = |at: Instant| at.0 == i64::MIN || at.0 == i64::MAX;
        let Some((start, end)) = ends.filter(|(start, end)| !is_infinite(*start) && !is_infinite(*end))
        else {
            return Err(ClinicError::new(
                SqlState::InvalidArgument,
                format!("{name} must have a beginning and an end"),
            )
            .hint("A range is given as '[2027-04-12 09:00, 2027-04-12 12:00)'."));
        };
        check_instant(start, name)?;
        check_instant(end, name)?;
        Span::new(start, end)
            .map(Some)
            .ok_or_else(|| ClinicError::new(SqlState::InvalidArgument, format!("{name} must last some time")))
    }

    /// The argument's machine word, or `None` for NULL.
    ///
    /// # Safety
    /// The argument's type must be passed by value.
    unsafe fn word(&self, index: usize) -> Option<i64> {
        // SAFETY: fcinfo is of the call under way, and index is one of its arguments.
        unsafe {
            (!pgrx::fcinfo::pg_arg_is_null(self.0, index))
                .then(|| pgrx::fcinfo::pg_getarg_datum_raw(self.0, index).value() as i64)
        }
    }
}

/// The error for an interval with months.
fn not_in_days(name: &str) -> ClinicError {
    ClinicError::new(SqlState::InvalidArgument, format!("{name} must be a number of days, hours or minutes"))
}

/// The error for a NULL where a value is required.
#[must_use]
pub fn null_argument(name: &str) -> ClinicError {
    ClinicError::new(SqlState::NullArgument, format!("{name} must not be null"))
}

/// A set-returning function's answer: rows are stored as they are made, spilling to disk where they must.
pub struct ResultSet {
    store: *mut pg_sys::Tuplestorestate,
    desc: pg_sys::TupleDesc,
}

impl ResultSet {
    /// Makes the empty answer of the call.
    #[must_use]
    pub fn new(args: &Args) -> Self {
        Self::with_flags(args, 0)
    }

    /// Makes the empty answer of a call that returns a set of plain values: rows of one column.
    #[must_use]
    pub fn of_values(args: &Args) -> Self {
        Self::with_flags(args, pg_sys::MAT_SRF_USE_EXPECTED_DESC)
    }

    fn with_flags(args: &Args, flags: u32) -> Self {
        let fcinfo = args.fcinfo();
        // SAFETY: fcinfo is of the call under way; InitMaterializedSRF checks that the caller takes a set and fills in
        // resultinfo.
        unsafe {
            pg_sys::InitMaterializedSRF(fcinfo, flags);
            let info = (*fcinfo).resultinfo.cast::<pg_sys::ReturnSetInfo>();
            Self { store: (*info).setResult, desc: (*info).setDesc }
        }
    }

    /// Adds a row whose values are the columns of the function's DDL.
    pub fn push_columns(&mut self, columns: &[Option<pg_sys::Datum>]) {
        let mut values: Vec<_> =
            columns.iter().map(|column| column.unwrap_or(pg_sys::Datum::null())).collect();
        let mut nulls: Vec<_> = columns.iter().map(Option::is_none).collect();
        // SAFETY: the store and descriptor are the call's; the assertion checks the width.
        unsafe {
            assert_eq!((*self.desc).natts as usize, values.len(), "columns of a pg_clinic function");
            pg_sys::tuplestore_putvalues(self.store, self.desc, values.as_mut_ptr(), nulls.as_mut_ptr());
        }
    }

    /// Adds a row; the columns are in the order of the function's DDL.
    pub fn push<const N: usize>(&mut self, columns: [Option<pg_sys::Datum>; N]) {
        let mut values = columns.map(|c| c.unwrap_or(pg_sys::Datum::null()));
        let mut nulls = columns.map(|c| c.is_none());
        // SAFETY: the store and descriptor are the call's; N is the descriptor's width, which the assertion checks.
        unsafe {
            assert_eq!((*self.desc).natts as usize, N, "columns of a pg_clinic function");
            pg_sys::tuplestore_putvalues(self.store, self.desc, values.as_mut_ptr(), nulls.as_mut_ptr());
        }
    }

    /// What the function returns: the rows are in the store.
    #[must_use]
    pub fn done(self) -> pg_sys::Datum {
        pg_sys::Datum::null()
    }
}

/// A span as a `tstzrange` `[start, end)`.
#[must_use]
pub fn range(span: Span) -> Option<pg_sys::Datum> {
    let at = |instant: Instant| TimestampWithTimeZone::try_from(instant.0).ok();
    let (start, end) = (at(span.start)?, at(span.end)?);
    Range::new(RangeBound::Inclusive(start), RangeBound::Exclusive(end)).into_datum()
}
