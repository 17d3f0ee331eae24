//! What a statement gives: its rows, read into plain values.

use std::ffi::CStr;

use pg_clinic_core::time::interval::Instant;
use pgrx::{FromDatum, IntoDatum, PgTupleDesc, pg_sys};

use super::{Param, Spi, Statement};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::{json, memory, origin};

/// The rows a statement gave. Freed by SPI when the connection ends.
pub struct Table<'spi> {
    pub(super) table: *mut pg_sys::SPITupleTable,
    /// What gave them.
    pub(super) statement: Option<&'static std::thread::LocalKey<Statement>>,
    pub(super) count: usize,
    pub(super) spi: std::marker::PhantomData<&'spi Spi>,
}

impl Table<'_> {
    /// Hands each row to `read`. The row is only lent: what outlives the call is copied.
    pub fn for_each(&self, mut read: impl FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        // SAFETY: a non-null table of SPI's with `count` tuples, all of its own descriptor.
        unsafe {
            let desc = (*self.table).tupdesc;
            let width = (*desc).natts as usize;
            let mut values = vec![pg_sys::Datum::null(); width];
            let mut nulls = vec![true; width];
            let types: Vec<_> =
                PgTupleDesc::from_pg_unchecked(desc).iter().map(|column| column.atttypid).collect();
            for index in 0..self.count {
                let tuple = *(*self.table).vals.add(index);
                pg_sys::heap_deform_tuple(tuple, desc, values.as_mut_ptr(), nulls.as_mut_ptr());
                let row =
                    Row { values: &values, nulls: &nulls, types: &types, desc, statement: self.statement };
                read(&row)?;
                memory::check()?;
            }
        }
        Ok(())
    }

    /// Where the columns of these names stand, counted from 0.
    pub fn positions(&self, names: &[&str]) -> Result<Vec<usize>> {
        if self.table.is_null() {
            return Ok(Vec::new());
        }
        // SAFETY: a non-null table of SPI's has a descriptor.
        let desc = unsafe { PgTupleDesc::from_pg_unchecked((*self.table).tupdesc) };
        let is_called = |column: usize, name: &str| {
            desc.get(column).is_some_and(|column| {
                // SAFETY: the names of a descriptor are NUL-terminated.
                unsafe { CStr::from_ptr(column.attname.data.as_ptr()) }.to_bytes() == name.as_bytes()
            })
        };
        let find = |(index, name): (usize, &&str)| {
            // Most often the columns stand in the order of the fields.
            if is_called(index, name) {
                return Ok(index);
            }
            (0..desc.len()).find(|column| is_called(*column, name)).ok_or_else(|| {
                ClinicError::new(SqlState::Internal, format!("a pg_clinic query has no column {name}"))
            })
        };
        names.iter().enumerate().map(find).collect()
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// One row. Columns are counted from 0. Every read checks the column's type: the tables are the user's to alter, and a
/// number read as a pointer would take the server down.
pub struct Row<'a> {
    values: &'a [pg_sys::Datum],
    nulls: &'a [bool],
    types: &'a [pg_sys::Oid],
    desc: pg_sys::TupleDesc,
    statement: Option<&'static std::thread::LocalKey<Statement>>,
}

impl Row<'_> {
    /// The name of a column, as the query gives it.
    #[must_use]
    pub fn name(&self, column: usize) -> &str {
        // SAFETY: the descriptor lives as long as the row, and its names are NUL-terminated.
        unsafe {
            let attribute = PgTupleDesc::from_pg_unchecked(self.desc);
            attribute
                .get(column)
                .map_or("?", |column| CStr::from_ptr(column.attname.data.as_ptr()).to_str().unwrap_or("?"))
        }
    }

    /// Whether a column is NULL.
    #[must_use]
    pub fn is_null(&self, column: usize) -> bool {
        self.nulls[column]
    }

    /// A column that may be NULL.
    pub fn opt<T: FromDatum + IntoDatum>(&self, column: usize) -> Result<Option<T>> {
        if self.nulls[column] {
            return Ok(None);
        }
        if !T::is_compatible_with(self.types[column]) {
            return Err(self.unexpected_type(column));
        }
        // SAFETY: the datum is of T's type.
        Ok(unsafe { T::from_datum(self.values[column], false) })
    }

    /// A column that can't be NULL.
    pub fn get<T: FromDatum + IntoDatum>(&self, column: usize) -> Result<T> {
        self.opt(column)?.ok_or_else(|| self.unexpected_null(column))
    }

    /// A column that is passed on as it is, of the type given. It points into SPI's memory: copy it before SPI is left.
    pub fn datum(&self, column: usize, type_oid: pg_sys::Oid) -> Result<Param> {
        match self.nulls[column] {
            true => Ok(None),
            false if self.types[column] == type_oid => Ok(Some(self.values[column])),
            false => Err(self.unexpected_type(column)),
        }
    }

    /// A timestamptz or time as the bare count, infinities included.
    pub fn micros(&self, column: usize) -> Result<Option<i64>> {
        self.machine_word(column, &[pg_sys::TIMESTAMPTZOID, pg_sys::TIMEOID])
    }

    /// A timestamptz that can't be NULL or infinite.
    pub fn instant(&self, column: usize) -> Result<Instant> {
        match self.micros(column)? {
            Some(micros) if micros != i64::MIN && micros != i64::MAX => Ok(Instant(micros)),
            None => Err(self.unexpected_null(column)),
            Some(_) => Err(self.damaged(column, "it is infinite")),
        }
    }

    /// A date as PostgreSQL counts: days since 2000-01-01.
    pub fn pg_days(&self, column: usize) -> Result<Option<i32>> {
        Ok(self.machine_word(column, &[pg_sys::DATEOID])?.map(|word| word as i32))
    }

    fn machine_word(&self, column: usize, types: &[pg_sys::Oid]) -> Result<Option<i64>> {
        if self.nulls[column] {
            return Ok(None);
        }
        if !types.contains(&self.types[column]) {
            return Err(self.unexpected_type(column));
        }
        Ok(Some(self.values[column].value() as i64))
    }

    /// A document that can't be NULL.
    pub fn json(&self, column: usize) -> Result<serde_json::Value> {
        match self.datum(column, pg_sys::JSONBOID)? {
            // SAFETY: the datum is a jsonb.
            Some(datum) => unsafe { json::read(datum) }.map_err(|why| self.damaged(column, &why)),
            None => Err(self.unexpected_null(column)),
        }
    }

    /// The error for NULL where the table has NOT NULL.
    #[must_use]
    pub fn unexpected_null(&self, column: usize) -> ClinicError {
        self.damaged(column, "it is null")
    }

    /// The error for a value that a constraint of the table would have refused.
    #[must_use]
    pub fn damaged(&self, column: usize, why: &str) -> ClinicError {
        self.error(column, &format!("has a value that it can't have: {why}"))
            .hint("A constraint of the table was dropped or altered: correct the rows and put it back.")
    }

    fn unexpected_type(&self, column: usize) -> ClinicError {
        self.error(column, "is of an unexpected type")
            .detail(format!("Its type is {}.", type_name(self.types[column])))
            .hint("A column of a table in schema clinic was altered: give it back its type.")
    }

    /// An error about the column behind one of the result's.
    fn error(&self, column: usize, what: &str) -> ClinicError {
        let origin = self.statement.and_then(|statement| {
            // SAFETY: the plan that gave the rows, or one of the same text that replaced it.
            statement.with(|statement| unsafe { origin::of_column(statement.plan.get(), column) })
        });
        let new = |whose: &str| ClinicError::new(SqlState::SetUp, format!("column {whose} {what}"));
        match origin {
            Some((table, column)) => new(&format!("{column} of clinic.{table}")).column(&column, &table),
            None => new(&format!("{} of a table in schema clinic", self.name(column))),
        }
    }
}

/// A type's name, for people.
fn type_name(oid: pg_sys::Oid) -> String {
    // SAFETY: gives a NUL-terminated name in PostgreSQL's memory, of an unknown type, too.
    unsafe { CStr::from_ptr(pg_sys::format_type_be(oid)) }.to_string_lossy().into_owned()
}
