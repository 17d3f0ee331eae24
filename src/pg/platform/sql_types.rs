//! SQL types as Rust types: how an argument is read and a value of a result is made.

use std::marker::PhantomData;

use chrono::NaiveDate;
use pg_clinic_core::time::calendar::{WallTime, date_to_pg_days};
use pg_clinic_core::time::interval::{Instant, Span};
use pgrx::datum::TimestampWithTimeZone;
use pgrx::{IntoDatum, JsonB, pg_sys};

use super::args::{Args, null_argument};
use super::error::Result;

/// A type that arguments and results may have.
pub trait SqlType {
    /// The name in SQL.
    const NAME: &'static str;
    /// Its oid in every database.
    const OID: pg_sys::Oid;
    /// An argument of the type, as Rust gets it.
    type Given;

    /// Reads an argument; `None` for NULL.
    fn read(args: &Args, index: usize, name: &str) -> Result<Option<Self::Given>>;
}

/// An argument that may not be NULL, though its default may be.
pub struct Required<T>(PhantomData<T>);

/// An argument as a struct's field.
pub trait Argument {
    /// Its type in SQL.
    type Sql: SqlType;
    /// The field's type: an `Option` unless required.
    type Field;

    /// Reads it.
    fn read(args: &Args, index: usize, name: &str) -> Result<Self::Field>;
}

impl<T: SqlType> Argument for T {
    type Sql = T;
    type Field = Option<T::Given>;

    fn read(args: &Args, index: usize, name: &str) -> Result<Self::Field> {
        T::read(args, index, name)
    }
}

impl<T: SqlType> Argument for Required<T> {
    type Sql = T;
    type Field = T::Given;

    fn read(args: &Args, index: usize, name: &str) -> Result<Self::Field> {
        T::read(args, index, name)?.ok_or_else(|| null_argument(name))
    }
}

macro_rules! sql_types {
    ($($(#[$doc:meta])* $name:ident = $sql:literal, $oid:ident, $given:ty => |$args:ident, $index:ident, $argument:ident| $read:expr;)+) => {$(
        $(#[$doc])*
        pub struct $name;

        impl SqlType for $name {
            const NAME: &'static str = $sql;
            const OID: pg_sys::Oid = pg_sys::$oid;
            type Given = $given;

            fn read($args: &Args, $index: usize, $argument: &str) -> Result<Option<Self::Given>> {
                let _ = $argument;
                $read
            }
        }
    )+};
}

sql_types! {
    /// `bigint`.
    Bigint = "bigint", INT8OID, i64 => |args, index, name| Ok(args.opt(index));
    /// `integer`.
    Integer = "integer", INT4OID, i32 => |args, index, name| Ok(args.opt(index));
    /// `boolean`.
    Boolean = "boolean", BOOLOID, bool => |args, index, name| Ok(args.opt(index));
    /// `double precision`.
    DoublePrecision = "double precision", FLOAT8OID, f64 => |args, index, name| Ok(args.opt(index));
    /// `text`.
    Text = "text", TEXTOID, String => |args, index, name| Ok(args.opt(index));
    /// `date`; infinite ones are refused.
    Date = "date", DATEOID, NaiveDate => |args, index, name| args.date(index, name);
    /// `timestamptz`; infinite ones are refused.
    Timestamptz = "timestamp with time zone", TIMESTAMPTZOID, Instant => |args, index, name| args.instant(index, name);
    /// `time`.
    Time = "time without time zone", TIMEOID, WallTime => |args, index, name| Ok(args.wall_time(index));
    /// `interval` of a fixed length, in microseconds.
    Interval = "interval", INTERVALOID, i64 => |args, index, name| args.interval_micros(index, name);
    /// `interval` in days by the calendar and microseconds after them.
    DayInterval = "interval", INTERVALOID, (i32, i64) => |args, index, name| args.interval_days(index, name);
    /// `tstzrange` with two ends.
    Tstzrange = "tstzrange", TSTZRANGEOID, Span => |args, index, name| args.span(index, name);
    /// `jsonb`.
    Jsonb = "jsonb", JSONBOID, serde_json::Value => |args, index, name| args.json(index, name);
    /// `regrole`: a role by its name.
    Regrole = "regrole", REGROLEOID, pg_sys::Oid => |args, index, name| Ok(args.opt(index));
    /// `bigint[]` without NULLs in it.
    BigintArray = "bigint[]", INT8ARRAYOID, Vec<i64> => |args, index, name| args.list(index, name);
    /// `bigint[]` that may have NULLs in it.
    SparseBigintArray = "bigint[]", INT8ARRAYOID, Vec<Option<i64>> => |args, index, name| Ok(args.opt(index));
    /// `integer[]` without NULLs in it.
    IntegerArray = "integer[]", INT4ARRAYOID, Vec<i32> => |args, index, name| args.list(index, name);
    /// `integer[]` that may have NULLs in it.
    SparseIntegerArray = "integer[]", INT4ARRAYOID, Vec<Option<i32>> => |args, index, name| Ok(args.opt(index));
    /// `text[]` without NULLs in it.
    TextArray = "text[]", TEXTARRAYOID, Vec<String> => |args, index, name| args.list(index, name);
    /// `date[]` without NULLs in it.
    DateArray = "date[]", DATEARRAYOID, Vec<pgrx::datum::Date> => |args, index, name| args.list(index, name);
    /// `timestamptz[]` without NULLs in it.
    TimestamptzArray = "timestamp with time zone[]", TIMESTAMPTZARRAYOID, Vec<TimestampWithTimeZone>
        => |args, index, name| args.list(index, name);
    /// `void`: the result of a function that has none.
    Void = "void", VOIDOID, () => |args, index, name| { let _ = (args, index); Ok(None) };
}

/// A value of a result, of an SQL type. `Copy`, so that a name made once stands in many rows.
pub struct Value<T>(Option<pg_sys::Datum>, PhantomData<T>);

impl<T> Clone for Value<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Value<T> {}

impl<T> Value<T> {
    /// NULL.
    pub const NULL: Self = Self(None, PhantomData);

    /// The bare value.
    #[must_use]
    pub fn datum(self) -> Option<pg_sys::Datum> {
        self.0
    }
}

impl Value<Date> {
    /// A date as PostgreSQL counts: days since 2000-01-01.
    #[must_use]
    pub fn of_pg_days(days: i32) -> Self {
        Self(Some(pg_sys::Datum::from(days)), PhantomData)
    }
}

macro_rules! values {
    ($($rust:ty => $sql:ident |$value:ident| $datum:expr;)+) => {$(
        impl From<$rust> for Value<$sql> {
            fn from($value: $rust) -> Self {
                Self($datum, PhantomData)
            }
        }

        impl From<Option<$rust>> for Value<$sql> {
            fn from(value: Option<$rust>) -> Self {
                value.map_or(Self::NULL, Self::from)
            }
        }
    )+};
}

values! {
    i64 => Bigint |value| value.into_datum();
    i32 => Integer |value| value.into_datum();
    bool => Boolean |value| value.into_datum();
    f64 => DoublePrecision |value| value.into_datum();
    &str => Text |value| value.into_datum();
    String => Text |value| value.into_datum();
    &String => Text |value| value.as_str().into_datum();
    NaiveDate => Date |value| Some(pg_sys::Datum::from(date_to_pg_days(value)));
    Instant => Timestamptz |value| Some(pg_sys::Datum::from(value.0));
    WallTime => Time |value| Some(pg_sys::Datum::from(value.micros()));
    serde_json::Value => Jsonb |value| JsonB(value).into_datum();
    Vec<i64> => BigintArray |value| value.into_datum();
    Vec<i32> => IntegerArray |value| value.into_datum();
    Vec<String> => TextArray |value| value.into_datum();
    Vec<&str> => TextArray |value| value.into_datum();
    Vec<pgrx::datum::Date> => DateArray |value| value.into_datum();
}
