//! The place that candidates are looked for: a booking's, or a provider's time in a room.

use pg_clinic_core::booking::backfill::freed::Freed;
use pg_clinic_core::booking::backfill::patient::Patient;
use pg_clinic_core::booking::place::MAX_DURATION;
use pg_clinic_core::booking::reason::BookingKind;
use pg_clinic_core::time::interval::{Instant, Span};

use crate::pg::platform::args::null_argument;
use crate::pg::platform::clinic::check_instant;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, instant_param, param, statements};
use crate::pg::slots::load::rows::booked_span;

statements! {
    /// The booking whose place is, or would be, free.
    FREED(INT8OID, INT8OID) =
        "select provider_id, room_id, appointment_type_id, lower(during) as slot_start, upper(during) as slot_end,
           is_overbooked, patient_id, patient_name, contact
         from clinic.bookings where clinic_id = $1 and id = $2";
    /// What gave up that very time, last.
    GIVEN_UP(INT8OID, INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID) =
        "select booking_id, appointment_type_id, is_overbooked from clinic.freed_places
         where clinic_id = $1 and provider_id = $2 and room_id is not distinct from $3 and slot_start = $4 and slot_end = $5
         order by id desc limit 1";
    /// The patient of a booking.
    PATIENT_OF(INT8OID, INT8OID) =
        "select patient_id, patient_name, contact from clinic.bookings where clinic_id = $1 and id = $2";
}

row! {
    struct FreedRow {
        provider_id: i64,
        room_id: Option<i64>,
        appointment_type_id: i64,
        slot_start: Instant,
        slot_end: Instant,
        is_overbooked: bool,
        patient_id: Option<String>,
        patient_name: Option<String>,
        contact: Option<String>,
    }
}

row! {
    struct GivenUpRow {
        booking_id: Option<i64>,
        appointment_type_id: Option<i64>,
        is_overbooked: bool,
    }
}

row! {
    struct PatientRow {
        patient_id: Option<String>,
        patient_name: Option<String>,
        contact: Option<String>,
    }
}

impl PatientRow {
    fn patient(&self) -> Option<Patient> {
        Patient::of(self.patient_id.as_deref(), self.patient_name.as_deref(), self.contact.as_deref())
    }
}

/// The place in question: time of a provider in a room that is free, or would be.
#[derive(Clone)]
pub struct Place {
    /// The booking that was there, or is and would be cancelled.
    pub booking: Option<i64>,
    /// The provider.
    pub provider: i64,
    /// The room; `None` = in no room.
    pub room: Option<i64>,
    /// The type of the booking that was there, if that is known.
    pub appointment_type: Option<i64>,
    /// Its time.
    pub during: Span,
    /// Whether it was a normal or an overbooked one.
    pub kind: BookingKind,
    /// Who gave it up.
    pub patient: Option<Patient>,
    /// The booking that is still there.
    pub except: Option<i64>,
}

impl Place {
    /// The place of a booking, as if it were cancelled.
    pub fn of_booking(spi: &Spi, clinic: i64, booking: i64, access: Access) -> Result<Self> {
        let found: Option<FreedRow> = spi.row(&FREED, access, &[param(clinic), param(booking)])?;
        let row = found.ok_or_else(|| unknown("booking", "bookings", clinic, booking))?;
        Ok(Self {
            booking: Some(booking),
            provider: row.provider_id,
            room: row.room_id,
            appointment_type: Some(row.appointment_type_id),
            during: booked_span(booking, row.slot_start, row.slot_end)?,
            kind: BookingKind::of(row.is_overbooked),
            patient: Patient::of(
                row.patient_id.as_deref(),
                row.patient_name.as_deref(),
                row.contact.as_deref(),
            ),
            except: Some(booking),
        })
    }

    /// A place that became free.
    pub fn freed(spi: &Spi, freed: &Freed, access: Access) -> Result<Self> {
        let before = &freed.before;
        Ok(Self {
            booking: Some(before.booking),
            provider: before.provider,
            room: before.room,
            appointment_type: Some(before.appointment_type),
            during: freed.during,
            kind: BookingKind::of(before.is_overbooked),
            patient: patient(spi, before.clinic, before.booking, access)?,
            except: None,
        })
    }

    /// A provider's time in a room, whoever gave it up.
    pub fn at(
        spi: &Spi,
        clinic: i64,
        provider: i64,
        room: Option<i64>,
        during: Span,
        access: Access,
    ) -> Result<Self> {
        let params = [
            param(clinic),
            param(provider),
            room.and_then(param),
            instant_param(during.start),
            instant_param(during.end),
        ];
        let given_up: Option<GivenUpRow> = spi.row(&GIVEN_UP, access, &params)?;
        let booking = given_up.as_ref().and_then(|row| row.booking_id);
        Ok(Self {
            booking,
            provider,
            room,
            appointment_type: given_up.as_ref().and_then(|row| row.appointment_type_id),
            during,
            kind: BookingKind::of(given_up.is_some_and(|row| row.is_overbooked)),
            patient: match booking {
                Some(booking) => patient(spi, clinic, booking, access)?,
                None => None,
            },
            except: None,
        })
    }
}

/// The patient of a booking, if it is still there and that can be said.
pub fn patient(spi: &Spi, clinic: i64, booking: i64, access: Access) -> Result<Option<Patient>> {
    let row: Option<PatientRow> = spi.row(&PATIENT_OF, access, &[param(clinic), param(booking)])?;
    Ok(row.and_then(|row| row.patient()))
}

/// The error for a row that isn't there.
pub fn unknown(what: &str, table: &str, clinic: i64, id: i64) -> ClinicError {
    ClinicError::new(SqlState::NotFound, format!("{what} {id} does not exist"))
        .detail(format!("Clinic {clinic} has no such row in clinic.{table}."))
}

/// How the client names a place: by a booking, or by provider, room and time.
#[derive(Clone, Copy, Debug)]
pub enum PlaceKey {
    /// A booking's place.
    Booking(i64),
    /// A provider's time in a room.
    Time {
        /// The provider.
        provider: i64,
        /// The room; `None` = in no room.
        room: Option<i64>,
        /// The time.
        during: Span,
    },
}

impl PlaceKey {
    /// The place that the arguments mean: `booking_id` alone, or all the others.
    pub fn read(
        booking: Option<i64>,
        provider: Option<i64>,
        room: Option<i64>,
        start: Option<Instant>,
        end: Option<Instant>,
    ) -> Result<Self> {
        const OTHERS: &str = "provider_id, room_id (null = no room), slot_start and slot_end";
        let is_time_given = provider.is_some() || room.is_some() || start.is_some() || end.is_some();
        match booking {
            Some(booking) if !is_time_given => return Ok(Self::Booking(booking)),
            Some(_) => {
                return Err(ClinicError::new(
                    SqlState::InvalidArgument,
                    "a place is named by a booking or by its time, not by both",
                )
                .hint(format!("Pass booking_id alone, or {OTHERS}.")));
            }
            None if !is_time_given => {
                return Err(null_argument("booking_id").hint(format!("Or pass {OTHERS}.")));
            }
            None => (),
        }
        let provider = provider.ok_or_else(|| null_argument("provider_id"))?;
        let start = start.ok_or_else(|| null_argument("slot_start"))?;
        let end = end.ok_or_else(|| null_argument("slot_end"))?;
        check_instant(start, "slot_start")?;
        check_instant(end, "slot_end")?;
        let during = Span::new(start, end).filter(|during| during.micros() <= MAX_DURATION.micros());
        let during = during.ok_or_else(|| {
            ClinicError::new(
                SqlState::InvalidArgument,
                "slot_end must be after slot_start, by 24 hours at most",
            )
        })?;
        Ok(Self::Time { provider, room, during })
    }
}
