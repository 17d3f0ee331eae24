//! The seats taken on a provider's day, and whether holds have expired: read from the indexes kept for that.

use chrono::NaiveDate;
use pg_clinic_core::booking::seats;
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::time::calendar::date_to_pg_days;
use pgrx::datum::TimestampWithTimeZone;
use pgrx::pg_sys;

use super::columns::BookingColumns;
use super::scan::{Key, ScannedRow, Table};
use crate::pg::booking::load::Place;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::session;

/// Seats of the row's kind, its own left out.
pub(super) struct Seats {
    /// Seats of bookings and of holds that haven't expired.
    pub taken: Vec<i32>,
    /// Seats of holds that have expired: they don't count, but their numbers aren't free before they are cancelled.
    pub expired: Vec<i32>,
}

/// Whether any hold of the clinic has expired: a cheap look before every booking.
pub(super) fn any_expired_hold(table: &Table, place: &Place) -> bool {
    // Without the index the longer query decides.
    let Some(index) = table.index("bookings_hold_idx") else { return true };
    let keys = [
        Key::equals(table.columns.clinic_id, pg_sys::F_INT8EQ, pg_sys::Datum::from(place.clinic)),
        Key::at_most(
            table.columns.hold_expires_at,
            pg_sys::F_TIMESTAMPTZ_LE,
            pg_sys::Datum::from(session::now().0),
        ),
    ];
    let mut any = false;
    // SAFETY: the index begins with these columns; the snapshot was just taken.
    unsafe {
        pg_sys::CommandCounterIncrement();
        table.scan(index, &keys, pg_sys::GetTransactionSnapshot(), |_| {
            any = true;
            false
        });
    }
    any
}

impl Seats {
    /// Reads the seats of a provider's day.
    ///
    /// In a transaction with one snapshot, a seat taken behind its back would end in a constraint violation that no
    /// other choice could have avoided and a retry can: so that is reported as a serialization failure.
    pub fn read(table: &Table, place: &Place, date: NaiveDate) -> Result<Self> {
        // SAFETY: each snapshot is used before another is taken.
        unsafe {
            // Rows that this very statement has written so far count as well.
            pg_sys::CommandCounterIncrement();
            let seats = Self::scan(table, place, date, pg_sys::GetTransactionSnapshot())?;
            if session::has_one_snapshot() {
                let latest = Self::scan(table, place, date, pg_sys::GetLatestSnapshot())?;
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

    /// # Safety
    /// `snapshot` must be valid.
    unsafe fn scan(
        table: &Table,
        place: &Place,
        date: NaiveDate,
        snapshot: pg_sys::Snapshot,
    ) -> Result<Self> {
        let (index, seat) = if place.is_overbooked {
            ("bookings_overbook_seat", table.columns.overbook_seat)
        } else {
            ("bookings_day_seat", table.columns.day_seat)
        };
        let keys = [
            Key::equals(table.columns.clinic_id, pg_sys::F_INT8EQ, pg_sys::Datum::from(place.clinic)),
            Key::equals(table.columns.provider_id, pg_sys::F_INT8EQ, pg_sys::Datum::from(place.provider)),
            Key::equals(
                table.columns.local_date,
                pg_sys::F_DATE_EQ,
                pg_sys::Datum::from(date_to_pg_days(date)),
            ),
        ];
        let index = table.index(index).ok_or_else(|| {
            ClinicError::new(
                SqlState::SetUp,
                format!("constraint {index} on clinic.bookings is missing or was altered"),
            )
            .hint("Put it back: select upgrade_clinic()")
        })?;
        let mut seats = Self { taken: Vec::new(), expired: Vec::new() };
        // SAFETY: the snapshot is as promised; the constraint's index begins with these columns.
        unsafe {
            table.scan(index, &keys, snapshot, |row| {
                seats.add(row, &table.columns, place, seat);
                true
            });
        }
        Ok(seats)
    }

    fn add(&mut self, row: &ScannedRow<'_>, columns: &BookingColumns, place: &Place, seat_column: usize) {
        if row.get::<i64>(columns.id) == Some(place.booking) {
            return;
        }
        let Some(seat) = row.get::<i32>(seat_column) else { return };
        let is_expired = row
            .get::<TimestampWithTimeZone>(columns.hold_expires_at)
            .is_some_and(|expiry| i64::from(expiry) <= session::now().0)
            && row.get::<String>(columns.status).as_deref() == Some(Status::Pending.as_str());
        if is_expired { self.expired.push(seat) } else { self.taken.push(seat) }
    }

    /// The seat of a new row; above `limit` where the day is full.
    pub fn choose(&self, limit: i32) -> i32 {
        if self.taken.len() as i64 >= i64::from(limit) {
            return seats::seat(&self.taken, limit);
        }
        seats::seat(&self.numbers(), i32::MAX)
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
