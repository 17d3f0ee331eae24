//! The signatures of our SQL functions: arguments, defaults and results, each written once in Rust. A call is read into a
//! struct whose fields have the arguments' names; rows are made of a struct whose fields have the columns' names. A test
//! compares every signature with the DDL in sql/functions, and the first call of a session does it again: DDL and library
//! are updated one after the other, and a session may see the one without the other.

use std::ffi::{CStr, c_char};
use std::marker::PhantomData;

use pgrx::pg_sys;

use super::args::{Args, ResultSet};
use super::definition;
use super::error::{ClinicError, Result, SqlState};
use super::spi::Table;
pub use super::sql_types::*;

/// A named thing with a type: an argument or a result column.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its type's name in SQL.
    pub type_name: &'static str,
    /// Its type.
    pub type_oid: pg_sys::Oid,
}

/// How a function answers.
#[derive(Debug)]
pub enum Returns {
    /// One value.
    Value(Parameter),
    /// `returns table (…)`.
    Table(&'static [Parameter]),
}

/// A function's signature.
#[derive(Debug)]
pub struct Signature {
    /// Its name.
    pub function: &'static str,
    /// Its arguments.
    pub arguments: &'static [Parameter],
    /// Their defaults as Rust tokens, `None` for those without.
    pub defaults: &'static [Option<&'static str>],
    /// What it answers.
    pub returns: Returns,
}

/// Declares signatures, and `SIGNATURES`, the list of all in the file:
///
/// ```ignore
/// signatures! {
///     /// Arguments of `find_slots`.
///     FindSlots = find_slots(appointment_type: Text = null, from_date: Date = null, max_results: Integer = null)
///         -> table FoundSlot { slot_start: Timestamptz, slot_end: Timestamptz };
///     /// Arguments of `expire_holds`.
///     ExpireHolds = expire_holds(clinic_id: Bigint = null) -> Bigint;
/// }
/// ```
///
/// `FindSlots::read(args)` gives the arguments, `Rows::<FoundSlot>::new(args)` takes the answer.
macro_rules! signatures {
    ($($(#[$doc:meta])* $arguments:ident = $function:ident(
        $($argument:ident: $argument_type:ty $(= $default:tt)?),* $(,)?
    ) -> $($result:ident)+ $({ $($column:ident: $column_type:ty),+ $(,)? })?;)+) => {
        $(
            $(#[$doc])*
            #[allow(missing_docs, reason = "the comments stand at the function's DDL")]
            pub(crate) struct $arguments {
                $(pub(crate) $argument: <$argument_type as $crate::pg::platform::signatures::Argument>::Field,)*
            }

            impl $arguments {
                /// The signature.
                pub(crate) const SIGNATURE: $crate::pg::platform::signatures::Signature =
                    $crate::pg::platform::signatures::Signature {
                        function: stringify!($function),
                        arguments: &[$($crate::pg::platform::signatures::parameter::<
                            <$argument_type as $crate::pg::platform::signatures::Argument>::Sql,
                        >(stringify!($argument)),)*],
                        defaults: &[$($crate::pg::platform::signatures::signatures!(@default $($default)?),)*],
                        returns: $crate::pg::platform::signatures::signatures!(@returns $($result)+ $({ $($column: $column_type),+ })?),
                    };

                /// Reads the call's arguments.
                pub(crate) fn read(args: &$crate::pg::platform::args::Args) -> $crate::pg::platform::error::Result<Self> {
                    Self::SIGNATURE.check(args)?;
                    let mut index = 0..;
                    let mut next = || index.next().unwrap_or_default();
                    let _ = &mut next;
                    Ok(Self {
                        $($argument: <$argument_type as $crate::pg::platform::signatures::Argument>::read(
                            args, next(), stringify!($argument),
                        )?,)*
                    })
                }
            }

            $crate::pg::platform::signatures::signatures!(@row $($result)+ $({ $($column: $column_type),+ })?);
        )+

        /// The signatures of this file, for the test that compares them with the DDL.
        #[cfg(any(test, feature = "pg_test"))]
        pub(crate) const SIGNATURES: &[$crate::pg::platform::signatures::Signature] = &[$($arguments::SIGNATURE),+];
    };

    (@default) => { None };
    (@default $default:tt) => { Some(stringify!($default)) };

    (@returns table $row:ident { $($column:ident: $column_type:ty),+ }) => {
        $crate::pg::platform::signatures::Returns::Table(
            <$row as $crate::pg::platform::signatures::ResultRow>::COLUMNS,
        )
    };
    (@returns table $row:ident) => {
        $crate::pg::platform::signatures::Returns::Table(
            <$row as $crate::pg::platform::signatures::ResultRow>::COLUMNS,
        )
    };
    (@returns $value:ident) => {
        $crate::pg::platform::signatures::Returns::Value(
            $crate::pg::platform::signatures::parameter::<$value>(""),
        )
    };

    (@row table $row:ident { $($column:ident: $column_type:ty),+ }) => {
        $crate::pg::platform::signatures::result_row!($row { $($column: $column_type),+ });
    };
    // Declared elsewhere: several functions answer such rows.
    (@row table $row:ident) => {};
    (@row $value:ident) => {};
}
pub(crate) use signatures;

/// Declares the row of an answer that several functions share.
macro_rules! result_row {
    ($row:ident { $($column:ident: $column_type:ty),+ $(,)? }) => {
        #[doc = concat!("A row of the answer, with the columns of `", stringify!($row), "`.")]
        #[derive(Clone, Copy)]
        #[allow(missing_docs, reason = "the comments stand at the function's DDL")]
        pub(crate) struct $row {
            $(pub(crate) $column: $crate::pg::platform::signatures::Value<$column_type>,)+
        }

        impl $crate::pg::platform::signatures::ResultRow for $row {
            const COLUMNS: &'static [$crate::pg::platform::signatures::Parameter] =
                &[$($crate::pg::platform::signatures::parameter::<$column_type>(stringify!($column)),)+];

            fn store(self, set: &mut $crate::pg::platform::args::ResultSet) {
                set.push([$(self.$column.datum(),)+]);
            }
        }
    };
}
pub(crate) use result_row;

/// A parameter of a type; only the macros call it.
#[must_use]
pub const fn parameter<T: SqlType>(name: &'static str) -> Parameter {
    Parameter { name, type_name: T::NAME, type_oid: T::OID }
}

/// A struct whose fields are the columns of an answer.
pub trait ResultRow {
    /// The columns, in order.
    const COLUMNS: &'static [Parameter];

    /// Adds the row to the answer.
    fn store(self, set: &mut ResultSet);
}

/// The answer of a function that returns a table.
pub struct Rows<R> {
    set: ResultSet,
    row: PhantomData<R>,
}

impl<R: ResultRow> Rows<R> {
    /// Makes the empty answer of the call.
    #[must_use]
    pub fn new(args: &Args) -> Self {
        // A table of one column is a set of plain values to PostgreSQL.
        let set = if R::COLUMNS.len() == 1 { ResultSet::of_values(args) } else { ResultSet::new(args) };
        Self { set, row: PhantomData }
    }

    /// Adds a row.
    pub fn push(&mut self, row: R) {
        row.store(&mut self.set);
    }

    /// Adds the rows of a query of ours whose columns are named, and of the types, as the answer's are.
    pub fn push_table(&mut self, table: &Table<'_>) -> Result<()> {
        let types: Vec<_> = R::COLUMNS.iter().map(|column| column.type_oid).collect();
        let names: Vec<_> = R::COLUMNS.iter().map(|column| column.name).collect();
        let at = table.positions(&names)?;
        table.for_each(|row| {
            let columns = at.iter().zip(&types).map(|(at, oid)| row.datum(*at, *oid));
            self.set.push_columns(&columns.collect::<Result<Vec<_>>>()?);
            Ok(())
        })
    }

    /// What the function returns: the rows are in the store.
    #[must_use]
    pub fn done(self) -> pg_sys::Datum {
        self.set.done()
    }
}

impl Signature {
    /// Compares the signature with the DDL of the function under way, once a version of the DDL.
    pub fn check(&self, args: &Args) -> Result<()> {
        // SAFETY: fcinfo is of the call under way; the row of pg_proc is only looked at.
        let fault = unsafe {
            let function = (*(*args.fcinfo()).flinfo).fn_oid;
            definition::fault(function, |row| self.difference(row))
        };
        fault.map_or(Ok(()), |fault| Err(differs(self.function, fault)))
    }

    /// What differs between the signature and a function's row in pg_proc.
    ///
    /// # Safety
    /// `tuple` must be of pg_proc.
    unsafe fn difference(&self, tuple: pg_sys::HeapTuple) -> Option<String> {
        // SAFETY: as promised; get_func_arg_info fills in arrays of as many entries as it returns, names and modes may be
        // missing as a whole.
        unsafe {
            let (mut types, mut names, mut modes) = (
                std::ptr::null_mut::<pg_sys::Oid>(),
                std::ptr::null_mut::<*mut c_char>(),
                std::ptr::null_mut(),
            );
            let function = pg_sys::heap_tuple_get_struct::<pg_sys::FormData_pg_proc>(tuple);
            let count = pg_sys::get_func_arg_info(tuple, &mut types, &mut names, &mut modes);
            let found: Vec<(String, pg_sys::Oid)> = (0..usize::try_from(count).unwrap_or_default())
                .map(|index| {
                    let name = if names.is_null() { c"" } else { CStr::from_ptr(*names.add(index)) };
                    (name.to_string_lossy().into_owned(), *types.add(index))
                })
                .collect();
            let (value, columns) = match &self.returns {
                Returns::Value(value) => (Some(value), &[][..]),
                Returns::Table(columns) => (None, *columns),
            };
            let wanted: Vec<&Parameter> = self.arguments.iter().chain(columns).collect();
            if found.len() != wanted.len() {
                return Some(format!("It has {} arguments and columns, not {}.", found.len(), wanted.len()));
            }
            for (position, (wanted, (name, oid))) in wanted.iter().zip(&found).enumerate() {
                if wanted.name != name || wanted.type_oid != *oid {
                    return Some(format!(
                        "Its parameter {} is {name} of the type with the oid {}, not {} {}.",
                        position + 1,
                        oid.to_u32(),
                        wanted.name,
                        wanted.type_name
                    ));
                }
            }
            // As many arguments, and after them columns: otherwise the library would look for one that isn't there.
            let given = usize::try_from((*function).pronargs).unwrap_or_default();
            if given != self.arguments.len() {
                return Some(format!("It takes {given} arguments, not {}.", self.arguments.len()));
            }
            if (*function).proretset != value.is_none() {
                let (is, should) =
                    if (*function).proretset { ("a set", "a value") } else { ("a value", "a set") };
                return Some(format!("It returns {is}, not {should}."));
            }
            if (*function).proisstrict {
                return Some("It is STRICT, so it isn't called where an argument is null.".to_owned());
            }
            if (*function).prosecdef {
                return Some(
                    "It is SECURITY DEFINER, so it lends its owner's rights to everybody.".to_owned(),
                );
            }
            let result = (*function).prorettype;
            value.filter(|value| value.type_oid != result).map(|value| {
                format!("It returns the type with the oid {}, not {}.", result.to_u32(), value.type_name)
            })
        }
    }

    /// The arguments as pg_get_function_arguments() writes them.
    #[cfg(any(test, feature = "pg_test"))]
    #[must_use]
    pub fn arguments_text(&self) -> String {
        let arguments = self.arguments.iter().zip(self.defaults).map(|(argument, default)| {
            let Parameter { name, type_name, .. } = argument;
            match default {
                None => format!("{name} {type_name}"),
                Some("null") => format!("{name} {type_name} DEFAULT NULL::{type_name}"),
                Some("now") => format!("{name} {type_name} DEFAULT now()"),
                Some(text) if text.starts_with('"') => {
                    format!("{name} {type_name} DEFAULT '{}'::{type_name}", text.trim_matches('"'))
                }
                Some(value) => format!("{name} {type_name} DEFAULT {value}"),
            }
        });
        arguments.collect::<Vec<_>>().join(", ")
    }

    /// The answer as pg_get_function_result() writes it.
    #[cfg(any(test, feature = "pg_test"))]
    #[must_use]
    pub fn result_text(&self) -> String {
        match &self.returns {
            Returns::Value(value) => value.type_name.to_owned(),
            Returns::Table(columns) => {
                let columns = columns.iter().map(|column| format!("{} {}", column.name, column.type_name));
                format!("TABLE({})", columns.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// The error for a function of ours that isn't declared as the library expects.
pub fn differs(function: &str, detail: String) -> ClinicError {
    ClinicError::new(
        SqlState::SetUp,
        format!("function {function} and the loaded library pg_clinic are of different versions"),
    )
    .detail(detail)
    .hint(
        "Connect anew. If it stays so: alter extension pg_clinic update, restart the server, or alter the function back.",
    )
}
