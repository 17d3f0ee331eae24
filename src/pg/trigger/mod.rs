//! Triggers of the tables in schema clinic. They fill in and record; refusing is left to the table's constraints. Each acts as
//! the owner of its table.

mod fill;
mod history;
mod offer;
pub(super) mod place;
mod plan;
mod record;
mod scan;
mod seats;
mod suggest;

use std::ffi::{CStr, c_int};

use pgrx::{FromDatum, pg_sys};

use super::args::{Args, sql_functions};
use super::error::{ClinicError, Result, SqlState};
use super::session::{self, ActingAsOwner};
use super::spi::{self, Access, statements};

sql_functions! {
    pg_clinic_clinic_fill_booking, pg_finfo_pg_clinic_clinic_fill_booking => fill::fill_booking;
    pg_clinic_clinic_record_booking, pg_finfo_pg_clinic_clinic_record_booking => record::record_booking;
    pg_clinic_clinic_record_assignment, pg_finfo_pg_clinic_clinic_record_assignment => record::record_assignment;
    pg_clinic_clinic_record_offer, pg_finfo_pg_clinic_clinic_record_offer => offer::record_offer;
    pg_clinic_clinic_suggest_backfill, pg_finfo_pg_clinic_clinic_suggest_backfill => suggest::suggest_backfill;
    pg_clinic_clinic_keep_time_zone, pg_finfo_pg_clinic_clinic_keep_time_zone => keep_time_zone;
    pg_clinic_clinic_keep_promoted, pg_finfo_pg_clinic_clinic_keep_promoted => plan::keep_promoted;
    pg_clinic_clinic_keep_answer, pg_finfo_pg_clinic_clinic_keep_answer => plan::keep_answer;
    pg_clinic_clinic_keep_plan_rows, pg_finfo_pg_clinic_clinic_keep_plan_rows => plan::keep_plan_rows;
    pg_clinic_clinic_keep_resolved, pg_finfo_pg_clinic_clinic_keep_resolved => keep_resolved;
    pg_clinic_clinic_refuse_truncate, pg_finfo_pg_clinic_clinic_refuse_truncate => refuse_truncate;
}

/// What a trigger was fired for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Insert,
    Update,
    Delete,
    Truncate,
}

/// The trigger call under way.
struct Call<'a> {
    data: &'a pg_sys::TriggerData,
    event: Event,
}

impl<'a> Call<'a> {
    /// The call, which must be for a row of a table in schema clinic, at the time given.
    fn for_row(args: &'a Args, table: &str, timing: u32) -> Result<Self> {
        let call = Self::new(args)?;
        let event = call.data.tg_event;
        let is_ours = call.table() == ("clinic".to_owned(), table.to_owned());
        let is_for_row =
            event & pg_sys::TRIGGER_EVENT_ROW != 0 && event & pg_sys::TRIGGER_EVENT_TIMINGMASK == timing;
        if is_ours && is_for_row { Ok(call) } else { Err(misplaced()) }
    }

    fn new(args: &'a Args) -> Result<Self> {
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
        let event = match data.tg_event & pg_sys::TRIGGER_EVENT_OPMASK {
            pg_sys::TRIGGER_EVENT_INSERT => Event::Insert,
            pg_sys::TRIGGER_EVENT_UPDATE => Event::Update,
            pg_sys::TRIGGER_EVENT_DELETE => Event::Delete,
            _ => Event::Truncate,
        };
        Ok(Self { data, event })
    }

    /// Schema and name of the table the trigger stands on.
    fn table(&self) -> (String, String) {
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
    fn operation(&self) -> Option<&'static str> {
        match self.event {
            Event::Insert => Some("insert"),
            Event::Update => Some("update"),
            Event::Delete => Some("delete"),
            Event::Truncate => None,
        }
    }

    fn desc(&self) -> pg_sys::TupleDesc {
        // SAFETY: the relation is open for as long as the trigger runs.
        unsafe { (*self.data.tg_relation).rd_att }
    }

    /// The row before an update or delete.
    fn old(&self) -> Option<pg_sys::HeapTuple> {
        matches!(self.event, Event::Update | Event::Delete).then_some(self.data.tg_trigtuple)
    }

    /// The row after an insert or update.
    fn new_row(&self) -> Option<pg_sys::HeapTuple> {
        match self.event {
            Event::Insert => Some(self.data.tg_trigtuple),
            Event::Update => Some(self.data.tg_newtuple),
            Event::Delete | Event::Truncate => None,
        }
    }
}

/// The error for a trigger function of ours that somebody attached elsewhere.
fn misplaced() -> ClinicError {
    ClinicError::new(SqlState::NotSupported, "the trigger function belongs to other tables")
        .hint("init_clinic() makes the triggers of pg_clinic; its functions can't be attached elsewhere.")
}

/// Where the columns we know stand in the table. The app may have added others, and a restored dump may have
/// another order. Types are checked: the owner may have altered them.
struct Columns<const N: usize>([usize; N]);

impl<const N: usize> Columns<N> {
    fn find(call: &Call<'_>, names: &[(&CStr, pg_sys::Oid); N]) -> Result<Self> {
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

    fn attnum(&self, column: usize) -> c_int {
        self.0[column] as c_int + 1
    }
}

/// A row's values, borrowed from its tuple.
struct Values {
    values: Vec<pg_sys::Datum>,
    nulls: Vec<bool>,
}

impl Values {
    /// # Safety
    /// `tuple` must have the descriptor `desc` and outlive the result.
    unsafe fn of(tuple: pg_sys::HeapTuple, desc: pg_sys::TupleDesc) -> Self {
        // SAFETY: as promised; the arrays are as wide as the descriptor.
        unsafe {
            let width = (*desc).natts as usize;
            let mut row = Self { values: vec![pg_sys::Datum::null(); width], nulls: vec![true; width] };
            pg_sys::heap_deform_tuple(tuple, desc, row.values.as_mut_ptr(), row.nulls.as_mut_ptr());
            row
        }
    }

    fn get<T: FromDatum>(&self, index: usize) -> Option<T> {
        // SAFETY: the column was found by name and type.
        unsafe { T::from_datum(self.values[index], self.nulls[index]) }
    }

    fn datum(&self, index: usize) -> Option<pg_sys::Datum> {
        (!self.nulls[index]).then(|| self.values[index])
    }
}

statements! {
    /// Whether a clinic has bookings.
    HAS_BOOKINGS(INT8OID) = "select exists (select from clinic.bookings where clinic_id = $1)";
}

/// The trigger `keep_time_zone`: local dates of bookings, and with them caps and seats, were made in the old zone.
fn keep_time_zone(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::for_row(args, "clinics", pg_sys::TRIGGER_EVENT_BEFORE)?;
    let (Some(old), Some(new)) = (call.old(), call.new_row()) else { return Err(misplaced()) };
    let columns = Columns::find(&call, &[(c"id", pg_sys::INT8OID), (c"time_zone", pg_sys::TEXTOID)])?;
    // SAFETY: the tuples are the trigger's and of its table.
    let (was, is) = unsafe { (Values::of(old, call.desc()), Values::of(new, call.desc())) };
    let zone = |row: &Values| row.get::<String>(columns.0[1]);
    if zone(&was) != zone(&is) {
        // SAFETY: the trigger's relation is open.
        let _owner = unsafe { ActingAsOwner::of(call.data.tg_relation) };
        let clinic = was.datum(columns.0[0]);
        session::queue_for_time_zone(was.get(columns.0[0]).unwrap_or_default());
        let has_bookings = spi::connect(|spi| {
            spi.first(&HAS_BOOKINGS, Access::Latest, &[clinic], |row| row.get::<bool>(0))
        })?;
        if has_bookings == Some(true) {
            return Err(ClinicError::new(
                SqlState::WrongState,
                "the time zone of a clinic with bookings can't change",
            )
            .detail("The local dates of its bookings were made in the old one.")
            .hint("Add a clinic with the new time zone: select init_clinic(…)"));
        }
    }
    Ok(pg_sys::Datum::from(new))
}

/// The trigger `keep_resolved`, whose condition says when.
fn keep_resolved(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::for_row(args, "exceptions", pg_sys::TRIGGER_EVENT_BEFORE)?;
    let Some(old) = call.old() else { return Err(misplaced()) };
    let columns = Columns::find(&call, &[(c"id", pg_sys::INT8OID)])?;
    // SAFETY: the tuple is the trigger's and of its table.
    let id: i64 = unsafe { Values::of(old, call.desc()) }.get(columns.0[0]).unwrap_or_default();
    Err(ClinicError::new(SqlState::WrongState, format!("exception {id} is resolved, so it can't be changed"))
        .detail("It tells who decided what, and why.")
        .hint("Change what it led to: the record, or clinic.client_events."))
}

/// TRUNCATE fires no row triggers, so it would lose bookings and the record without a trace.
fn refuse_truncate(args: &Args) -> Result<pg_sys::Datum> {
    let call = Call::new(args)?;
    if call.event != Event::Truncate {
        return Err(misplaced());
    }
    let (schema, table) = call.table();
    let (kept, instead) = match table.as_str() {
        "assignments" | "assignment_history" => {
            ("The record and its history are kept.", "Delete single assignments: that is recorded.")
        }
        _ => (
            "Bookings and their history are kept.",
            "Cancel bookings with cancel_booking(), or delete single rows: that is recorded.",
        ),
    };
    Err(ClinicError::new(SqlState::NotAllowed, format!("{schema}.{table} can't be truncated"))
        .detail(kept)
        .hint(instead))
}
