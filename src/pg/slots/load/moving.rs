//! A booking as it is, and as finding for a move sees it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use pg_clinic_core::booking::change::{NewParts, Taken};
use pg_clinic_core::booking::clinic::Moving;
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::ids::{AppointmentTypeId, BookingId, ClinicId, ProviderId, RoomId};
use pg_clinic_core::time::interval::{Instant, Span};

use super::rows::{booked_span, room_busy};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::{Unbounded, row};
use crate::pg::platform::spi::{Access, Spi, param, statements};

macro_rules! booked {
    ($which:literal) => {
        concat!(
            "select id, status, hold_expires_at, provider_id, room_id, appointment_type_id, lower(during) as starts_at,
               upper(during) as ends_at, local_date, is_overbooked, patient_id, override_reason,
               lower(provider_busy) as provider_busy_from, upper(provider_busy) as provider_busy_until,
               lower(room_busy) as room_busy_from, upper(room_busy) as room_busy_until
             from clinic.bookings where clinic_id = $1 and ",
            $which
        )
    };
}

statements! {
    /// The booking as it is.
    BOOKED(INT8OID, INT8OID) = booked!("id = $2");
    /// The same, locked.
    LOCKED(INT8OID, INT8OID) = booked!("id = $2 for no key update");
    /// Several, locked, by id.
    ALL_LOCKED(INT8OID, INT8ARRAYOID) = booked!("id = any ($2) order by id for no key update");
}

row! {
    struct BookedRow {
        id: i64,
        status: Status as "clinic.bookings",
        hold_expires_at: Option<Unbounded>,
        provider_id: i64,
        room_id: Option<i64>,
        appointment_type_id: i64,
        starts_at: Instant,
        ends_at: Instant,
        local_date: NaiveDate,
        is_overbooked: bool,
        patient_id: Option<String>,
        override_reason: Option<String>,
        provider_busy_from: Instant,
        provider_busy_until: Instant,
        room_busy_from: Option<Instant>,
        room_busy_until: Option<Instant>,
    }
}

/// A booking.
pub struct Booked {
    /// Its clinic.
    pub clinic: i64,
    /// Its id.
    pub id: i64,
    /// Its status.
    pub status: Status,
    /// When a hold gives its time back.
    pub hold_expires_at: Option<Instant>,
    /// The provider booked.
    pub provider: i64,
    /// The room; `None` = it has none.
    pub room: Option<i64>,
    /// The type of appointment.
    pub appointment_type: i64,
    /// The appointment, without buffers.
    pub during: Span,
    /// The clinic's date that it was given.
    pub local_date: NaiveDate,
    /// Whether it may be beside a normal booking.
    pub is_overbooked: bool,
    /// The app's key of the patient.
    pub patient: Option<String>,
    /// Why a rule was set aside for it.
    pub override_reason: Option<String>,
    /// When it keeps the provider.
    pub provider_busy: Span,
    /// When it keeps the room; the appointment itself where it has none.
    pub room_busy: Span,
}

impl Booked {
    /// Reads a booking; one that isn't there is refused.
    pub fn read(spi: &Spi, clinic: i64, id: i64, access: Access) -> Result<Self> {
        let row: Option<BookedRow> = spi.row(&BOOKED, access, &[param(clinic), param(id)])?;
        Self::of(row.ok_or_else(|| unknown(clinic, id))?, clinic)
    }

    /// Reads a booking and locks it until the end of the transaction.
    pub fn lock(spi: &Spi, clinic: i64, id: i64) -> Result<Self> {
        let row: Option<BookedRow> = spi.row(&LOCKED, Access::Latest, &[param(clinic), param(id)])?;
        Self::of(row.ok_or_else(|| unknown(clinic, id))?, clinic)
    }

    /// Reads bookings and locks them, by id; gives them in the order of `ids`.
    pub fn lock_all(spi: &Spi, clinic: i64, ids: &[i64]) -> Result<Vec<Self>> {
        let rows: Vec<BookedRow> =
            spi.rows(&ALL_LOCKED, Access::Latest, &[param(clinic), param(ids.to_vec())])?;
        let mut by_id: BTreeMap<i64, BookedRow> = rows.into_iter().map(|row| (row.id, row)).collect();
        let one = |id: &i64| Self::of(by_id.remove(id).ok_or_else(|| unknown(clinic, *id))?, clinic);
        ids.iter().map(one).collect()
    }

    fn of(row: BookedRow, clinic: i64) -> Result<Self> {
        let id = row.id;
        let during = booked_span(id, row.starts_at, row.ends_at)?;
        Ok(Self {
            clinic,
            id,
            status: row.status,
            hold_expires_at: row.hold_expires_at.map(|expiry| Instant(expiry.0)),
            provider: row.provider_id,
            room: row.room_id,
            appointment_type: row.appointment_type_id,
            during,
            local_date: row.local_date,
            is_overbooked: row.is_overbooked,
            patient: row.patient_id,
            override_reason: row.override_reason,
            provider_busy: Span { start: row.provider_busy_from, end: row.provider_busy_until },
            room_busy: room_busy(row.room_busy_from, row.room_busy_until, during),
        })
    }

    /// What it takes at a moment.
    pub fn taken(&self, now: Instant) -> Taken<'_> {
        Taken {
            clinic: ClinicId(self.clinic),
            provider: ProviderId(self.provider),
            room: self.room.map(RoomId),
            appointment_type: AppointmentTypeId(self.appointment_type),
            patient: self.patient.as_deref(),
            during: self.during,
            is_overbooked: self.is_overbooked,
            occupies: self.status.occupies() && !self.is_expired_hold(now),
        }
    }

    /// The same for the judge of places that it could go to.
    pub fn moving(&self, now: Instant) -> Moving {
        Moving {
            id: BookingId(self.id),
            status: self.status,
            provider: ProviderId(self.provider),
            room: self.room.map(RoomId),
            appointment_type: AppointmentTypeId(self.appointment_type),
            during: self.during,
            provider_busy: self.provider_busy,
            room_busy: self.room_busy,
            local_date: self.local_date,
            is_overbooked: self.is_overbooked,
            occupies: self.taken(now).occupies,
            has_new_patient: false,
            has_new_length: false,
        }
    }

    /// Refuses what can't go anywhere: where these parts would be new.
    pub fn require_movable(&self, new: NewParts, now: Instant) -> Result<()> {
        if self.is_expired_hold(now) {
            return Err(self.expired());
        }
        if self.status.can_change(new) {
            return Ok(());
        }
        let message = format!("booking {} can't be rescheduled", self.id);
        let error = ClinicError::new(SqlState::WrongState, message)
            .detail(format!("Its status is {}.", self.status.as_str()));
        Err(match self.status.can_change(NewParts::ROOM) {
            true => error.hint("The patient is in the house: only the room can be another."),
            false => error.hint("Only bookings that are booked, held or no-shows can."),
        })
    }

    /// Refuses another date to a booking whose patient is in the house.
    pub fn require_same_day(&self, date: NaiveDate) -> Result<()> {
        if !self.status.came() || date == self.local_date {
            return Ok(());
        }
        let message = format!("booking {} can't be rescheduled", self.id);
        Err(ClinicError::new(SqlState::WrongState, message)
            .detail(format!("Its status is {}, and {date} is another day.", self.status.as_str()))
            .hint("The patient is in the house, and stays on the date."))
    }

    /// Whether it is a hold, or was one when it was cancelled.
    pub fn is_hold(&self) -> bool {
        self.hold_expires_at.is_some()
    }

    /// Whether it is a hold that has run out.
    pub fn is_expired_hold(&self, now: Instant) -> bool {
        self.hold_expires_at.is_some_and(|expiry| expiry <= now)
    }

    /// The error for a hold that has run out.
    pub fn expired(&self) -> ClinicError {
        ClinicError::refused("hold_expired", "bookings", format!("hold {} has expired", self.id))
            .detail("Its time may have been given to others.")
            .hint("Hold or book the slot again.")
    }
}

fn unknown(clinic: i64, id: i64) -> ClinicError {
    ClinicError::new(SqlState::NotFound, format!("booking {id} does not exist"))
        .detail(format!("Clinic {clinic} has no such row in clinic.bookings."))
}
