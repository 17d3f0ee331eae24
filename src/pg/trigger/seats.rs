//! The seats taken on a provider's day, read straight from the index of the constraint that keeps them apart. Not by
//! SQL: a planner without statistics (a bulk load into a fresh table) can't tell that index from the others that begin
//! with the clinic, and picks one that reads every row loaded so far.

use std::ffi::CStr;

use chrono::NaiveDate;
use pg_clinic_core::booking::{self, Status};
use pg_clinic_core::calendar::date_to_pg_days;
use pgrx::{FromDatum, pg_sys};

use super::super::error::{ClinicError, Result, SqlState};
use super::super::session;
use super::fill::{BookingColumns, col};
use super::place::Place;

/// Seats of the row's kind, its own left out.
pub(super) struct Seats {
    /// Of bookings and of holds that haven't expired.
    pub taken: Vec<i32>,
    /// Of holds that have expired: they don't count, but their numbers aren't free before they are cancelled.
    pub expired: Vec<i32>,
}

/// Reads the seats of a provider's day.
///
/// In a transaction with one snapshot, a seat taken behind its back would end in a constraint violation that no other
/// choice could have avoided and a retry can: so that is told as a serialization failure.
pub(super) fn read(
    table: pg_sys::Relation,
    columns: &BookingColumns,
    place: &Place,
    date: NaiveDate,
) -> Result<Seats> {
    // SAFETY: the table is open. The snapshots are valid for as long as the transaction's state isn't changed, and
    // scan() registers them before anything could.
    unsafe {
        // Rows that this very statement has written so far count as well.
        pg_sys::CommandCounterIncrement();
        let seats = scan(table, columns, place, date, pg_sys::GetTransactionSnapshot())?;
        if session::has_one_snapshot() {
            let latest = scan(table, columns, place, date, pg_sys::GetLatestSnapshot())?;
            if seats.numbers() != latest.numbers() {
                return Err(ClinicError::new(
                    SqlState::Serialization,
                    "could not serialize access: the provider's day changed since the transaction began",
                )
                .hint("Try the transaction again."));
            }
        }
        Ok(seats)
    }
}

impl Seats {
    /// The seat of a new row; above `limit` where the day is full.
    pub fn choose(&self, limit: i32) -> i32 {
        if self.taken.len() as i64 >= i64::from(limit) {
            return booking::seat(&self.taken, limit);
        }
        booking::seat(&self.numbers(), i32::MAX)
    }

    /// Whether there is a place left, but expired holds sit on its number.
    pub fn is_squeezed(&self, limit: i32) -> bool {
        (self.taken.len() as i64) < i64::from(limit) && self.choose(limit) > limit
    }

    fn numbers(&self) -> Vec<i32> {
        let mut numbers = [&self.taken[..], &self.expired[..]].concat();
        numbers.sort_unstable();
        numbers
    }
}

/// # Safety
/// `table` must be open, `snapshot` valid.
unsafe fn scan(
    table: pg_sys::Relation,
    columns: &BookingColumns,
    place: &Place,
    date: NaiveDate,
    snapshot: pg_sys::Snapshot,
) -> Result<Seats> {
    let (index, seat) = if place.is_overbooked {
        (c"bookings_overbook_seat", col::OVERBOOK_SEQ)
    } else {
        (c"bookings_day_seat", col::DAY_SEAT)
    };
    // SAFETY: as promised; keys are of the columns' types, which Columns::find has checked. What is begun is ended,
    // and an ERROR in between aborts the transaction, which ends it too.
    unsafe {
        let index = index_of(table, index)?;
        let mut keys = [
            key(columns, col::CLINIC_ID, pg_sys::F_INT8EQ, pg_sys::Datum::from(place.clinic)),
            key(columns, col::PROVIDER_ID, pg_sys::F_INT8EQ, pg_sys::Datum::from(place.provider)),
            key(columns, col::LOCAL_DATE, pg_sys::F_DATE_EQ, pg_sys::Datum::from(date_to_pg_days(date))),
        ];
        let snapshot = pg_sys::RegisterSnapshot(snapshot);
        let scan =
            pg_sys::systable_beginscan(table, index, true, snapshot, keys.len() as i32, keys.as_mut_ptr());
        let mut seats = Seats { taken: Vec::new(), expired: Vec::new() };
        loop {
            let tuple = pg_sys::systable_getnext(scan);
            if tuple.is_null() {
                break;
            }
            seats.add(&TupleReader { tuple, desc: (*table).rd_att, columns }, place, seat);
        }
        pg_sys::systable_endscan(scan);
        pg_sys::UnregisterSnapshot(snapshot);
        Ok(seats)
    }
}

impl Seats {
    fn add(&mut self, row: &TupleReader<'_>, place: &Place, seat_column: usize) {
        if row.get::<i64>(col::ID) == Some(place.booking) {
            return;
        }
        let Some(seat) = row.get::<i32>(seat_column) else { return };
        let is_hold = row.get::<String>(col::STATUS).as_deref() == Some(Status::Pending.as_str());
        let expiry = row.get::<pgrx::datum::TimestampWithTimeZone>(col::HOLD_EXPIRES_AT).map(i64::from);
        if is_hold && expiry.is_some_and(|expiry| expiry <= session::now().0) {
            self.expired.push(seat);
        } else {
            self.taken.push(seat);
        }
    }
}

/// One row of the scan.
struct TupleReader<'a> {
    tuple: pg_sys::HeapTuple,
    desc: pg_sys::TupleDesc,
    columns: &'a BookingColumns,
}

impl TupleReader<'_> {
    fn get<T: FromDatum>(&self, column: usize) -> Option<T> {
        let mut is_null = false;
        // SAFETY: the tuple is of the table, and the column has the type that Columns::find has checked.
        unsafe {
            let datum =
                pg_sys::heap_getattr(self.tuple, self.columns.attnum(column), self.desc, &mut is_null);
            T::from_datum(datum, is_null)
        }
    }
}

fn key(columns: &BookingColumns, column: usize, equals: u32, value: pg_sys::Datum) -> pg_sys::ScanKeyData {
    let mut key = pg_sys::ScanKeyData::default();
    let strategy = pg_sys::BTEqualStrategyNumber as pg_sys::StrategyNumber;
    // SAFETY: fills in the key, which is ours.
    unsafe {
        pg_sys::ScanKeyInit(
            &mut key,
            columns.attnum(column) as pg_sys::AttrNumber,
            strategy,
            pg_sys::RegProcedure::from(equals),
            value,
        );
    }
    key
}

/// # Safety
/// `table` must be open.
unsafe fn index_of(table: pg_sys::Relation, name: &CStr) -> Result<pg_sys::Oid> {
    // SAFETY: as promised; a catalogue look-up by NUL-terminated name.
    let index = unsafe { pg_sys::get_relname_relid(name.as_ptr(), (*(*table).rd_rel).relnamespace) };
    if index == pg_sys::InvalidOid {
        return Err(ClinicError::new(
            SqlState::SetUp,
            format!("clinic.bookings has no constraint {}", name.to_string_lossy()),
        )
        .hint("Put the constraint back: bookings can't be kept apart without it."));
    }
    Ok(index)
}
