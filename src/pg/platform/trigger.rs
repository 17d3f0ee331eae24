//! A trigger's call: the row before and after, and where its columns are. A trigger fills in and records; refusing is left
//! to the table's constraints. Each acts as the owner of its table.

use std::ffi::{CStr, c_int};

use pgrx::{FromDatum, pg_sys};

use super::args::Args;
use super::definition;
use super::error::{ClinicError, Result, SqlState};
use super::signatures::differs;
use super::spi::Param;

/// What a trigger was fired for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A row was added.
    Insert,
    /// A row was changed.
    Update,
    /// A row was deleted.
    Delete,
    /// The table was emptied.
    Truncate,
}

/// The trigger call under way.
pub struct Call<'a> {
    /// PostgreSQL's own description of it.
    pub data: &'a pg_sys::TriggerData,
    /// What it was fired for.
    pub event: Event,
}

impl<'a> Call<'a> {
    /// The call, which must be for a row of a table in schema clinic, at the time given.
    pub fn for_row(args: &'a Args, table: &str, timing: u32) -> Result<Self> {
        let call = Self::new(args)?;
        let event = call.data.tg_event;
        let is_ours = call.table() == ("clinic".to_owned(), table.to_owned());
        let is_for_row =
            event & pg_sys::TRIGGER_EVENT_ROW != 0 && event & pg_sys::TRIGGER_EVENT_TIMINGMASK == timing;
        if is_ours && is_for_row { call.require_ordinary_table() } else { Err(misplaced()) }
    }

    /// The call, which must be for one of these events of a table in schema clinic, after it: of one row, or of a whole
    /// statement.
    pub fn after(self, table: &str, events: &[Event]) -> Result<Self> {
        let is_ours = self.table() == ("clinic".to_owned(), table.to_owned());
        let timing = self.data.tg_event & pg_sys::TRIGGER_EVENT_TIMINGMASK;
        let has_old = self.event == Event::Insert || self.is_for_row() || !self.data.tg_oldtable.is_null();
        let has_new = self.event == Event::Delete || self.is_for_row() || !self.data.tg_newtable.is_null();
        let is_change = events.contains(&self.event);
        if is_ours && timing == pg_sys::TRIGGER_EVENT_AFTER && is_change && has_old && has_new {
            self.require_ordinary_table()
        } else {
            Err(misplaced())
        }
    }

    /// Whether it was fired for one row.
    #[must_use]
    pub fn is_for_row(&self) -> bool {
        self.data.tg_event & pg_sys::TRIGGER_EVENT_ROW != 0
    }

    /// Hands each row as it was to `read`, in the order of the changes.
    pub fn each_old(&self, read: impl FnMut(&Values)) {
        let row = if self.is_for_row() { self.old() } else { None };
        self.each(row, self.data.tg_oldtable, read);
    }

    /// Hands each row as it is now to `read`, in the same order.
    pub fn each_new(&self, read: impl FnMut(&Values)) {
        let row = if self.is_for_row() { self.new_row() } else { None };
        self.each(row, self.data.tg_newtable, read);
    }

    fn each(
        &self,
        row: Option<pg_sys::HeapTuple>,
        rows: *mut pg_sys::Tuplestorestate,
        mut read: impl FnMut(&Values),
    ) {
        let desc = self.desc();
        if let Some(row) = row {
            // SAFETY: the tuple is the trigger's and of its table.
            read(&unsafe { Values::of(row, desc) });
        }
        if self.is_for_row() || rows.is_null() {
            return;
        }
        // SAFETY: a transition table of the trigger's, with rows of its table, read by a pointer of our own. A tuple lives
        // until it is freed, after it was read.
        unsafe {
            let slot = pg_sys::MakeSingleTupleTableSlot(desc, &raw const pg_sys::TTSOpsMinimalTuple);
            let pointer = pg_sys::tuplestore_alloc_read_pointer(rows, pg_sys::EXEC_FLAG_REWIND as c_int);
            pg_sys::tuplestore_select_read_pointer(rows, pointer);
            pg_sys::tuplestore_rescan(rows);
            while pg_sys::tuplestore_gettupleslot(rows, true, false, slot) {
                let mut is_copy = false;
                let tuple = pg_sys::ExecFetchSlotHeapTuple(slot, false, &raw mut is_copy);
                read(&Values::of(tuple, desc));
                if is_copy {
                    pg_sys::heap_freetuple(tuple);
                }
            }
            pg_sys::ExecDropSingleTupleTableSlot(slot);
        }
    }

    /// Refuses what has taken the place of the table, as a foreign table: its rows aren't kept, locked and constrained here.
    fn require_ordinary_table(self) -> Result<Self> {
        // SAFETY: the relation is open.
        let class = unsafe { &*(*self.data.tg_relation).rd_rel };
        let is_ordinary = class.relkind as u8 == pg_sys::RELKIND_RELATION
            && class.relam == pg_sys::HEAP_TABLE_AM_OID
            && !class.relispartition;
        if is_ordinary {
            return Ok(self);
        }
        let (schema, table) = self.table();
        Err(ClinicError::new(SqlState::SetUp, format!("{schema}.{table} isn't an ordinary table"))
            .hint("Put the table back that init_clinic() made, under its name and with what it had."))
    }

    /// The call, of whatever table and event.
    pub fn new(args: &'a Args) -> Result<Self> {
        let not_a_trigger =
            || ClinicError::new(SqlState::NotSupported, "the function can only be called as a trigger");
        // SAFETY: fcinfo is of the call under way; the context, where there is one, is a node with a tag.
        let data = unsafe {
            let context = (*args.fcinfo()).context;
            if context.is_null() || (*context).type_ != pg_sys::NodeTag::T_TriggerData {
                return Err(not_a_trigger());
            }
            &*context.cast::<pg_sys::TriggerData>()
        };
        // SAFETY: fcinfo is of the call under way; nothing is kept of the row of pg_proc.
        unsafe {
            let function = (*(*args.fcinfo()).flinfo).fn_oid;
            if let Some(fault) = definition::fault(function, |_| None) {
                let name = pg_sys::get_func_name(function);
                let name = if name.is_null() { c"" } else { CStr::from_ptr(name) };
                return Err(differs(&name.to_string_lossy(), fault));
            }
        }
        let event = match data.tg_event & pg_sys::TRIGGER_EVENT_OPMASK {
            pg_sys::TRIGGER_EVENT_INSERT => Event::Insert,
            pg_sys::TRIGGER_EVENT_UPDATE => Event::Update,
            pg_sys::TRIGGER_EVENT_DELETE => Event::Delete,
            _ => Event::Truncate,
        };
        Ok(Self { data, event })
    }

    /// Schema and name of the table the trigger stands on.
    pub fn table(&self) -> (String, String) {
        // SAFETY: the relation is open; names are NUL-terminated. get_namespace_name gives null for a schema dropped
        // meanwhile.
        unsafe {
            let class = (*self.data.tg_relation).rd_rel;
            let schema = pg_sys::get_namespace_name((*class).relnamespace);
            let schema = if schema.is_null() { c"" } else { CStr::from_ptr(schema) };
            let name = CStr::from_ptr((*class).relname.data.as_ptr());
            (schema.to_string_lossy().into_owned(), name.to_string_lossy().into_owned())
        }
    }

    /// The change of a row, in SQL's word.
    pub fn operation(&self) -> Option<&'static str> {
        match self.event {
            Event::Insert => Some("insert"),
            Event::Update => Some("update"),
            Event::Delete => Some("delete"),
            Event::Truncate => None,
        }
    }

    /// The descriptor of the table's rows.
    pub fn desc(&self) -> pg_sys::TupleDesc {
        // SAFETY: the relation is open for as long as the trigger runs.
        unsafe { (*self.data.tg_relation).rd_att }
    }

    /// The row before an update or delete.
    pub fn old(&self) -> Option<pg_sys::HeapTuple> {
        matches!(self.event, Event::Update | Event::Delete).then_some(self.data.tg_trigtuple)
    }

    /// The row after an insert or update.
    pub fn new_row(&self) -> Option<pg_sys::HeapTuple> {
        match self.event {
            Event::Insert => Some(self.data.tg_trigtuple),
            Event::Update => Some(self.data.tg_newtuple),
            Event::Delete | Event::Truncate => None,
        }
    }

    /// The row after, with some columns changed; NULL where there is none.
    #[must_use]
    pub fn changed(&self, changes: &[Change]) -> pg_sys::Datum {
        let Some(tuple) = self.new_row() else { return pg_sys::Datum::null() };
        let mut attnums: Vec<_> = changes.iter().map(|(column, _)| attnum(*column)).collect();
        let mut values: Vec<_> =
            changes.iter().map(|(_, value)| value.unwrap_or(pg_sys::Datum::null())).collect();
        let mut nulls: Vec<_> = changes.iter().map(|(_, value)| value.is_none()).collect();
        // SAFETY: the three arrays have one entry a change; the tuple is the trigger's and of its table. The copy is made
        // in the trigger's memory context.
        unsafe {
            pg_sys::Datum::from(pg_sys::heap_modify_tuple_by_cols(
                tuple,
                self.desc(),
                attnums.len() as c_int,
                attnums.as_mut_ptr(),
                values.as_mut_ptr(),
                nulls.as_mut_ptr(),
            ))
        }
    }
}

/// The error for a trigger function of ours that somebody attached elsewhere.
pub fn misplaced() -> ClinicError {
    ClinicError::new(SqlState::NotSupported, "the trigger function belongs to other tables")
        .hint("init_clinic() makes the triggers of pg_clinic; its functions can't be attached elsewhere.")
}

/// Where the columns we know stand in the table. The app may have added others, and a restored dump may have
/// another order. Types are checked: the owner may have altered them.
pub struct Columns<const N: usize>(pub [usize; N]);

impl<const N: usize> Columns<N> {
    /// Finds the columns with these names and types.
    pub fn find(call: &Call<'_>, names: &[(&CStr, pg_sys::Oid); N]) -> Result<Self> {
        let desc = call.desc();
        let mut at = [usize::MAX; N];
        // SAFETY: the descriptor is of an open relation; attribute names are NUL-terminated.
        unsafe {
            for (index, attribute) in pgrx::PgTupleDesc::from_pg_unchecked(desc).iter().enumerate() {
                if attribute.attisdropped {
                    continue;
                }
                let name = CStr::from_ptr(attribute.attname.data.as_ptr());
                let wanted = (name, attribute.atttypid);
                if let Some(position) = names.iter().position(|column| *column == wanted) {
                    at[position] = index;
                }
            }
        }
        match at.iter().position(|index| *index == usize::MAX) {
            None => Ok(Self(at)),
            Some(missing) => {
                let ((schema, table), column) = (call.table(), names[missing].0.to_string_lossy());
                let message = format!("{schema}.{table} has no column {column} of the expected type");
                Err(ClinicError::new(SqlState::SetUp, message).hint(format!(
                    "A column of {schema}.{table} was altered: give it back its name and type."
                )))
            }
        }
    }
}

/// The number of the column that stands at a position.
#[must_use]
pub const fn attnum(position: usize) -> c_int {
    position as c_int + 1
}

/// Declares the columns of a table that a trigger reads or writes, with their types, as a struct that says where each stands:
///
/// ```ignore
/// columns! {
///     /// Columns of clinic.bookings.
///     struct BookingColumns { clinic_id: INT8OID, status: TEXTOID }
/// }
/// let status: Option<String> = row.get(BookingColumns::find(&call)?.status);
/// ```
macro_rules! columns {
    ($(#[$doc:meta])* $visibility:vis struct $name:ident { $($field:ident: $type:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        #[allow(missing_docs, reason = "a field is the table's column of that name")]
        $visibility struct $name { $($visibility $field: usize),+ }

        impl $name {
            /// Finds the columns by name and type.
            $visibility fn find(call: &$crate::pg::platform::trigger::Call<'_>) -> $crate::pg::platform::error::Result<Self> {
                let names = [$((
                    const {
                        match std::ffi::CStr::from_bytes_with_nul(concat!(stringify!($field), "\0").as_bytes()) {
                            Ok(name) => name,
                            Err(_) => c"",
                        }
                    },
                    pgrx::pg_sys::$type,
                )),+];
                let $crate::pg::platform::trigger::Columns([$($field),+]) =
                    $crate::pg::platform::trigger::Columns::find(call, &names)?;
                Ok(Self { $($field),+ })
            }
        }
    };
}
pub(crate) use columns;

/// A row's values, borrowed from its tuple.
pub struct Values {
    values: Vec<pg_sys::Datum>,
    nulls: Vec<bool>,
}

impl Values {
    /// # Safety
    /// `tuple` must have the descriptor `desc` and outlive the result.
    pub unsafe fn of(tuple: pg_sys::HeapTuple, desc: pg_sys::TupleDesc) -> Self {
        // SAFETY: as promised; the arrays are as wide as the descriptor.
        unsafe {
            let width = (*desc).natts as usize;
            let mut row = Self { values: vec![pg_sys::Datum::null(); width], nulls: vec![true; width] };
            pg_sys::heap_deform_tuple(tuple, desc, row.values.as_mut_ptr(), row.nulls.as_mut_ptr());
            row
        }
    }

    /// A column's value; `None` for NULL.
    pub fn get<T: FromDatum>(&self, index: usize) -> Option<T> {
        // SAFETY: the column was found by name and type.
        unsafe { T::from_datum(self.values[index], self.nulls[index]) }
    }

    /// A column's value as PostgreSQL has it; `None` for NULL.
    pub fn datum(&self, index: usize) -> Option<pg_sys::Datum> {
        (!self.nulls[index]).then(|| self.values[index])
    }
}

/// A column's position and its new value.
pub type Change = (usize, Param);
