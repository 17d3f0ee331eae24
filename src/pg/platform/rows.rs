//! Rows of our queries as structs: fields are read by the column's name, with the type that the field says. The tables are
//! the user's to alter, so whatever doesn't fit is an error that names the column, never a wrong value.

use chrono::NaiveDate;
use pg_clinic_core::by_name;
use pg_clinic_core::time::calendar::{WallTime, date_from_pg_days};
use pg_clinic_core::time::interval::{Instant, Minutes};
use pg_clinic_core::word::{ReadWord, UnreadableWord};
use pgrx::JsonB;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::{ClinicError, Result, SqlState};
use super::memory;
use super::spi::{Access, Param, Row, Spi, Statement, Table, param};

/// A field's type.
pub trait Readable: Sized {
    /// Reads a column; NULL is an error unless the field is an `Option`.
    fn read(row: &Row<'_>, column: usize) -> Result<Self>;
}

impl<T: Readable> Readable for Option<T> {
    fn read(row: &Row<'_>, column: usize) -> Result<Self> {
        if row.is_null(column) { Ok(None) } else { T::read(row, column).map(Some) }
    }
}

macro_rules! readable {
    ($($type:ty),+) => {$(
        impl Readable for $type {
            fn read(row: &Row<'_>, column: usize) -> Result<Self> {
                row.get(column)
            }
        }
    )+};
}
readable!(bool, i16, i32, i64, f64, String, pgrx::pg_sys::Oid);

macro_rules! readable_lists {
    ($($type:ty),+) => {$(
        impl Readable for Vec<$type> {
            fn read(row: &Row<'_>, column: usize) -> Result<Self> {
                let list: Vec<Option<$type>> = row.get(column)?;
                let items = list.into_iter().map(|item| item.ok_or_else(|| row.damaged(column, "it has a null in it")));
                items.collect()
            }
        }
    )+};
}
readable_lists!(i64, i32, String);

impl Readable for JsonB {
    fn read(row: &Row<'_>, column: usize) -> Result<Self> {
        row.json(column).map(Self)
    }
}

impl Readable for Instant {
    fn read(row: &Row<'_>, column: usize) -> Result<Self> {
        row.instant(column)
    }
}

/// A timestamptz whose infinities are i64's ends, as PostgreSQL has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unbounded(pub i64);

impl Readable for Unbounded {
    fn read(row: &Row<'_>, column: usize) -> Result<Self> {
        row.micros(column)?.map(Self).ok_or_else(|| row.unexpected_null(column))
    }
}

impl Readable for NaiveDate {
    fn read(row: &Row<'_>, column: usize) -> Result<Self> {
        let days = row.pg_days(column)?.ok_or_else(|| row.unexpected_null(column))?;
        date_from_pg_days(days).ok_or_else(|| row.damaged(column, "it is out of range"))
    }
}

/// A bound of a period of dates: none where the date is infinite or NULL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenDate(pub Option<NaiveDate>);

impl Readable for OpenDate {
    fn read(row: &Row<'_>, column: usize) -> Result<Self> {
        let days = row.pg_days(column)?.filter(|days| *days != i32::MIN && *days != i32::MAX);
        let date = |days| date_from_pg_days(days).ok_or_else(|| row.damaged(column, "it is out of range"));
        days.map(date).transpose().map(Self)
    }
}

impl Readable for WallTime {
    fn read(row: &Row<'_>, column: usize) -> Result<Self> {
        let micros = row.micros(column)?.ok_or_else(|| row.unexpected_null(column))?;
        Self::new(micros).ok_or_else(|| row.damaged(column, "it is no time of day"))
    }
}

/// A length between a minute and a day, as the tables' CHECKs have it: a step or an appointment without a length, or a negative one,
/// would have no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartOfDay(pub Minutes);

impl Readable for PartOfDay {
    fn read(row: &Row<'_>, column: usize) -> Result<Self> {
        const DAY: i32 = 24 * 60;
        match row.get(column)? {
            minutes @ 1..=DAY => Ok(Self(Minutes(minutes))),
            minutes => Err(row.damaged(column, &format!("{minutes} is not between 1 and {DAY}"))),
        }
    }
}

/// A struct read from a query's columns of the same names; made by [`row!`].
pub trait FromRow: Sized {
    /// The columns read.
    const COLUMNS: &'static [&'static str];

    /// Reads a row whose columns stand at these positions.
    fn from_row(row: &Row<'_>, at: &[usize]) -> Result<Self>;
}

/// Declares a struct that rows of a query are read into, by the columns' names:
///
/// ```ignore
/// row! {
///     /// A lock of a plan.
///     struct LockRow {
///         id: i64,
///         staff_id: Option<i64>,
///         action: LockAction as "clinic.locks",      // a word: an unknown one is an error that names the table
///     }
/// }
/// ```
macro_rules! row {
    ($(#[$doc:meta])* $visibility:vis struct $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty $(as $table:literal)?),+ $(,)? }) => {
        $(#[$doc])*
        #[allow(missing_docs, reason = "a field is the query's column of that name")]
        $visibility struct $name { $($(#[$field_doc])* $visibility $field: $type,)+ }

        impl $crate::pg::platform::rows::FromRow for $name {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),+];

            fn from_row(row: &$crate::pg::platform::spi::Row<'_>, at: &[usize]) -> $crate::pg::platform::error::Result<Self> {
                let mut at = at.iter().copied();
                let mut next = || at.next().unwrap_or_default();
                Ok(Self { $($field: $crate::pg::platform::rows::row!(@read row, next(), $type $(, $table)?)?,)+ })
            }
        }
    };

    (@read $row:ident, $at:expr, $type:ty) => { <$type as $crate::pg::platform::rows::Readable>::read($row, $at) };
    (@read $row:ident, $at:expr, $type:ty, $table:literal) => { $row.word::<$type>($at, $table) };
}
pub(crate) use row;

impl Spi {
    /// Runs a statement and reads its rows into structs, by the columns' names.
    pub fn rows<R: FromRow>(
        &self,
        statement: &'static std::thread::LocalKey<Statement>,
        access: Access,
        params: &[Param],
    ) -> Result<Vec<R>> {
        self.execute(statement, access, params, 0)?.rows()
    }

    /// Runs a statement and hands each row to `read` as a struct: for so many rows that they aren't all kept.
    pub fn for_each_row<R: FromRow>(
        &self,
        statement: &'static std::thread::LocalKey<Statement>,
        access: Access,
        params: &[Param],
        mut read: impl FnMut(R) -> Result<()>,
    ) -> Result<()> {
        let table = self.execute(statement, access, params, 0)?;
        let at = table.positions(R::COLUMNS)?;
        table.for_each(|row| read(R::from_row(row, &at)?))
    }

    /// Runs a statement that gives at most one row.
    pub fn row<R: FromRow>(
        &self,
        statement: &'static std::thread::LocalKey<Statement>,
        access: Access,
        params: &[Param],
    ) -> Result<Option<R>> {
        Ok(self.rows(statement, access, params)?.pop())
    }

    /// Runs a statement that gives one column.
    pub fn values<T: Readable>(
        &self,
        statement: &'static std::thread::LocalKey<Statement>,
        access: Access,
        params: &[Param],
    ) -> Result<Vec<T>> {
        self.query(statement, access, params, |row| T::read(row, 0))
    }

    /// Runs a statement that gives one column and at most one row. A value that may be NULL is read as an `Option`.
    pub fn value<T: Readable>(
        &self,
        statement: &'static std::thread::LocalKey<Statement>,
        access: Access,
        params: &[Param],
    ) -> Result<Option<T>> {
        Ok(self.values(statement, access, params)?.pop())
    }
}

impl Table<'_> {
    /// The rows as structs, read by the columns' names.
    pub fn rows<R: FromRow>(&self) -> Result<Vec<R>> {
        let at = self.positions(R::COLUMNS)?;
        let mut rows = memory::vec_for(self.len())?;
        self.for_each(|row| {
            rows.push(R::from_row(row, &at)?);
            Ok(())
        })?;
        Ok(rows)
    }
}

impl Row<'_> {
    /// A column's word of a fixed list. An unknown one is an error: a table's CHECK was dropped, or the tables are newer.
    pub fn word<W: ReadWord>(&self, column: usize, table: &str) -> Result<W> {
        let text: Option<String> = self.opt(column)?;
        read_word(text.as_deref(), self.name(column), table)
    }
}

/// A word of a fixed list, from a column of a table of ours.
pub fn read_word<W: ReadWord>(text: Option<&str>, column: &str, table: &str) -> Result<W> {
    W::read_word(text).map_err(|error| {
        let (message, detail) = match error {
            UnreadableWord::Missing => (format!("{column} in {table} is null"), None),
            UnreadableWord::Unknown { found, known } => {
                (format!("unknown {column} \"{found}\" in {table}"), Some(format!("Known are {known}.")))
            }
        };
        let error = ClinicError::new(SqlState::SetUp, message)
            .hint(format!(
                "A constraint of {table} was dropped or altered: correct the rows and put it back."
            ))
            .column(column, table.trim_start_matches("clinic."));
        match detail {
            Some(detail) => error.detail(detail),
            None => error,
        }
    })
}

/// A stored JSON object as the core's struct. `whose` names the row, as `options of plan 7`.
pub fn document<T: DeserializeOwned>(json: JsonB, whose: impl FnOnce() -> String) -> Result<T> {
    by_name::one(json.0).map_err(|error| unreadable(&whose(), &error.to_string()))
}

/// A stored JSON array of objects as the core's structs.
pub fn documents<T: DeserializeOwned>(json: JsonB, whose: impl FnOnce() -> String) -> Result<Vec<T>> {
    by_name::each(json.0).map_err(|error| unreadable(&whose(), &error.to_string()))
}

/// The error for a stored document, or a row of several columns, that can't be read.
#[must_use]
pub fn unreadable(whose: &str, why: &str) -> ClinicError {
    let (first, rest) = why.split_at(why.chars().next().map_or(0, char::len_utf8));
    ClinicError::new(SqlState::SetUp, format!("{whose} can't be read"))
        .detail(format!("{}{rest}.", first.to_uppercase()))
        .hint("It was altered outside the functions, or written by another version.")
}

/// A struct of the core as a JSON document to be stored: what [`document`] reads.
pub fn json_param<T: Serialize>(document: &T) -> Result<Param> {
    let json = serde_json::to_value(document).map_err(|error| {
        ClinicError::new(SqlState::Internal, format!("a document can't be written: {error}"))
    })?;
    Ok(param(JsonB(json)))
}
