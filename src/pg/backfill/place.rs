//! The place that candidates are looked for: a booking's, or a provider's time in a room.

use pg_clinic_core::booking::backfill::freed::Freed;
use pg_clinic_core::booking::backfill::patient::Patient;
use pg_clinic_core::booking::place::MAX_DURATION;
use pg_clinic_core::booking::reason::BookingKind;
use pg_clinic_core::time::interval::{Instant, Span};

use crate::pg::booking::writes::change::Locked;
use crate::pg::platform::args::null_argument;
use crate::pg::platform::clinic::check_instant;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, instant_param, param, statements};
use crate::pg::platform::values::without_time;
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
         where clinic_id = $1 and provider_id = $2 and room_id = $3 and slot_start = $4 and slot_end = $5
         order by id desc limit 1";
    /// A freed place.
    STORED(INT8OID, INT8OID) =
        "select id, booking_id, provider_id, room_id, appointment_type_id, is_overbooked, slot_start, slot_end
         from clinic.freed_places where clinic_id = $1 and id = $2";
    /// What a booking gave up and isn't over, the last.
    GIVEN_UP_BY(INT8OID, INT8OID, TIMESTAMPTZOID) =
        "select id, booking_id, provider_id, room_id, appointment_type_id, is_overbooked, slot_start, slot_end
         from clinic.freed_places where clinic_id = $1 and booking_id = $2
         order by (slot_end > $3) desc, id desc limit 1";
    /// The last row of some place.
    SAME(INT8OID, INT8OID, INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID) =
        "select id from clinic.freed_places
         where clinic_id = $1 and booking_id is not distinct from $2 and provider_id = $3 and room_id = $4
           and slot_start = $5 and slot_end = $6
         order by id desc limit 1";
    /// A place that nobody gave up, or whose giving up nobody saw.
    STORE(INT8OID, INT8OID, INT8OID, INT8OID, INT8OID, BOOLOID, TIMESTAMPTZOID, TIMESTAMPTZOID) =
        "insert into clinic.freed_places (clinic_id, booking_id, provider_id, room_id, appointment_type_id, is_overbooked,
           slot_start, slot_end, cause)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'offered') returning id";
    /// The patient of a booking.
    PATIENT_OF(INT8OID, INT8OID) =
        "select patient_id, patient_name, contact from clinic.bookings where clinic_id = $1 and id = $2";
}

row! {
    struct FreedRow {
        provider_id: i64,
        room_id: i64,
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
    struct StoredRow {
        id: i64,
        booking_id: Option<i64>,
        provider_id: i64,
        room_id: i64,
        appointment_type_id: Option<i64>,
        is_overbooked: bool,
        slot_start: Instant,
        slot_end: Instant,
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
    /// The room.
    pub room: i64,
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
        room: i64,
        during: Span,
        access: Access,
    ) -> Result<Self> {
        let params = [
            param(clinic),
            param(provider),
            param(room),
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
fn patient(spi: &Spi, clinic: i64, booking: i64, access: Access) -> Result<Option<Patient>> {
    let row: Option<PatientRow> = spi.row(&PATIENT_OF, access, &[param(clinic), param(booking)])?;
    Ok(row.and_then(|row| row.patient()))
}

fn unknown(what: &str, table: &str, clinic: i64, id: i64) -> ClinicError {
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
        /// The room.
        room: i64,
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
        const OTHERS: &str = "provider_id, room_id, slot_start and slot_end";
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
        let room = room.ok_or_else(|| null_argument("room_id"))?;
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

    /// The place itself.
    pub fn place(self, spi: &Spi, clinic: i64, access: Access) -> Result<Place> {
        match self {
            Self::Booking(booking) => Place::of_booking(spi, clinic, booking, access),
            Self::Time { provider, room, during } => Place::at(spi, clinic, provider, room, during, access),
        }
    }
}

/// A place that is, or is to be, a row of clinic.freed_places.
pub struct StoredPlace {
    /// The place.
    pub place: Place,
    id: Option<i64>,
}

impl StoredPlace {
    /// A freed place by its id.
    pub fn read(spi: &Spi, clinic: i64, id: i64) -> Result<Self> {
        let row: Option<StoredRow> = spi.row(&STORED, Access::Latest, &[param(clinic), param(id)])?;
        let row = row.ok_or_else(|| unknown("freed place", "freed_places", clinic, id))?;
        Self::of_row(spi, clinic, row)
    }

    /// The place to offer: what a booking gave up, locked if it is still there; or any time.
    pub fn to_offer(spi: &Spi, clinic: i64, key: PlaceKey, now: Instant) -> Result<Self> {
        let PlaceKey::Booking(booking) = key else {
            let place = key.place(spi, clinic, Access::Latest)?;
            return Ok(Self { place, id: None });
        };
        let given_up = Self::given_up_by(spi, clinic, booking, now)?;
        let locked = match Locked::lock(spi, clinic, booking) {
            Ok(locked) => locked,
            // It was deleted: what it gave up is known all the same.
            Err(error) => return given_up.ok_or(error),
        };
        match given_up {
            Some(left) if locked.occupies() && left.place.during.end > now => Ok(left),
            _ if locked.occupies() => Err(ClinicError::new(
                SqlState::WrongState,
                format!("booking {booking} still holds its place"),
            )
            .hint("Cancel it first; find_backfill() says beforehand who could take it.")),
            left => {
                let mut place = Place::of_booking(spi, clinic, booking, Access::Latest)?;
                place.except = None;
                let id =
                    left.filter(|left| left.place.during.overlaps(place.during)).and_then(|left| left.id);
                Ok(Self { place, id })
            }
        }
    }

    /// Refuses a booking that neither is there nor gave up a place.
    pub fn require_known(spi: &Spi, clinic: i64, booking: i64) -> Result<()> {
        if Self::given_up_by(spi, clinic, booking, Instant(0))?.is_some() {
            return Ok(());
        }
        Place::of_booking(spi, clinic, booking, Access::Latest).map(|_| ())
    }

    fn given_up_by(spi: &Spi, clinic: i64, booking: i64, now: Instant) -> Result<Option<Self>> {
        let params = [param(clinic), param(booking), instant_param(now)];
        let row: Option<StoredRow> = spi.row(&GIVEN_UP_BY, Access::Latest, &params)?;
        row.map(|row| Self::of_row(spi, clinic, row)).transpose()
    }

    fn of_row(spi: &Spi, clinic: i64, row: StoredRow) -> Result<Self> {
        let place = Place {
            booking: row.booking_id,
            provider: row.provider_id,
            room: row.room_id,
            appointment_type: row.appointment_type_id,
            during: Span::new(row.slot_start, row.slot_end)
                .ok_or_else(|| without_time("freed place", "freed_places", row.id))?,
            kind: BookingKind::of(row.is_overbooked),
            patient: match row.booking_id {
                Some(booking) => patient(spi, clinic, booking, Access::Latest)?,
                None => None,
            },
            except: None,
        };
        Ok(Self { place, id: Some(row.id) })
    }

    /// The id of its row, which is written where there is none.
    pub fn store(&mut self, spi: &Spi, clinic: i64) -> Result<i64> {
        if let Some(id) = self.id {
            return Ok(id);
        }
        let place = &self.place;
        let slot = [instant_param(place.during.start), instant_param(place.during.end)];
        let whose = [param(clinic), place.booking.and_then(param), param(place.provider), param(place.room)];
        let same: Option<i64> = spi.value(&SAME, Access::Latest, &[&whose[..], &slot[..]].concat())?;
        let id = match same {
            Some(id) => id,
            None => {
                let kind =
                    [place.appointment_type.and_then(param), param(place.kind == BookingKind::Overbooked)];
                let params = [&whose[..], &kind[..], &slot[..]].concat();
                spi.value(&STORE, Access::Latest, &params)?.unwrap_or_default()
            }
        };
        self.id = Some(id);
        Ok(id)
    }
}
