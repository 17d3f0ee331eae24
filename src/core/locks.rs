//! What writers queue for, as keys of PostgreSQL's advisory locks: three numbers beside the database.
//!
//! Each kind of thing has a number of its own, so that no date of any year, no id and no name can be the key of another
//! kind. The app's own advisory locks have 1 (one bigint) or 2 (two integers) where ours have the kind.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::fingerprint::Hasher;
use crate::time::calendar::date_to_pg_days;

/// A kind of thing that writers queue for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
enum Kind {
    Day = 0x434c,
    TimeZone,
    Promotion,
    SetUp,
    Request,
    Booking,
    Person,
}

/// The key of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LockKey {
    /// `classid` in pg_locks.
    pub high: u32,
    /// `objid` in pg_locks.
    pub low: u32,
    /// `objsubid` in pg_locks.
    pub kind: u16,
}

impl LockKey {
    /// A clinic's bookings on a local date. Two clinics 2^32 apart share a lock: they wait for each other, no worse.
    #[must_use]
    pub fn day(clinic: i64, date: NaiveDate) -> Self {
        Self::new(Kind::Day, clinic as u32, date_to_pg_days(date) as u32)
    }

    /// A clinic's time zone.
    #[must_use]
    pub const fn time_zone(clinic: i64) -> Self {
        Self::new(Kind::TimeZone, clinic as u32, 0)
    }

    /// A clinic's record of assignments, as far as plans replace it.
    #[must_use]
    pub const fn promotion(clinic: i64) -> Self {
        Self::new(Kind::Promotion, clinic as u32, 0)
    }

    /// The tables themselves.
    #[must_use]
    pub const fn set_up() -> Self {
        Self::new(Kind::SetUp, 0, 0)
    }

    /// The booking that a request makes, whether it is there or not. By hash: two requests of one hash wait for each other.
    #[must_use]
    pub fn request(clinic: i64, request_id: &str) -> Self {
        let mut hasher = Hasher::new();
        hasher.add(&clinic).add(request_id);
        Self::of_wide(Kind::Request, hasher.finish())
    }

    /// The booking with an id, whether it is there or not.
    #[must_use]
    pub const fn booking(id: i64) -> Self {
        Self::of_wide(Kind::Booking, id as u64)
    }

    /// A person who is several providers. By hash, as for a request.
    #[must_use]
    pub fn person(person_id: &str) -> Self {
        let mut hasher = Hasher::new();
        hasher.add(person_id);
        Self::of_wide(Kind::Person, hasher.finish())
    }

    const fn of_wide(kind: Kind, key: u64) -> Self {
        Self::new(kind, (key >> 32) as u32, key as u32)
    }

    const fn new(kind: Kind, high: u32, low: u32) -> Self {
        Self { high, low, kind: kind as u16 }
    }
}

/// Days of clinics, in the order in which every writer locks them: by clinic, then by date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Days(BTreeSet<(u32, NaiveDate)>);

impl Days {
    /// Days of one clinic.
    #[must_use]
    pub fn of(clinic: i64, dates: impl IntoIterator<Item = NaiveDate>) -> Self {
        let mut days = Self::default();
        days.add(clinic, dates);
        days
    }

    /// Adds days of a clinic.
    pub fn add(&mut self, clinic: i64, dates: impl IntoIterator<Item = NaiveDate>) {
        // By the part of the clinic that is in the key: the order is that of the locks.
        self.0.extend(dates.into_iter().map(|date| (clinic as u32, date)));
    }

    /// Their keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = LockKey> {
        self.0.iter().map(|(clinic, date)| LockKey::day(i64::from(*clinic), *date))
    }
}
