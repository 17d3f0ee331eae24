//! Places that are meant to be filled: rows of clinic.freed_places, or such as could become one.

use pg_clinic_core::booking::reason::BookingKind;
use pg_clinic_core::time::interval::{Instant, Span};

use super::place::{Place, PlaceKey, patient, unknown};
use crate::pg::booking::writes::change::Locked;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, instant_param, param, statements};
use crate::pg::platform::values::without_time;
use crate::pg::slots::load::moving::Booked;

statements! {
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
         where clinic_id = $1 and booking_id is not distinct from $2 and provider_id = $3 and room_id is not distinct from $4
           and slot_start = $5 and slot_end = $6
         order by id desc limit 1";
    /// A place that nobody gave up, or whose giving up nobody saw.
    STORE(INT8OID, INT8OID, INT8OID, INT8OID, INT8OID, BOOLOID, TIMESTAMPTZOID, TIMESTAMPTZOID) =
        "insert into clinic.freed_places (clinic_id, booking_id, provider_id, room_id, appointment_type_id, is_overbooked,
           slot_start, slot_end, cause)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'offered') returning id";
}

row! {
    struct StoredRow {
        id: i64,
        booking_id: Option<i64>,
        provider_id: i64,
        room_id: Option<i64>,
        appointment_type_id: Option<i64>,
        is_overbooked: bool,
        slot_start: Instant,
        slot_end: Instant,
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
        Self::of_row(spi, clinic, row, Access::Latest)
    }

    /// The place that is meant: what a booking gave up last, if that isn't over, else where it is; or any time.
    pub fn meant(spi: &Spi, clinic: i64, key: PlaceKey, now: Instant, access: Access) -> Result<Self> {
        let booking = match key {
            PlaceKey::Booking(booking) => booking,
            PlaceKey::Time { provider, room, during } => {
                let place = Place::at(spi, clinic, provider, room, during, access)?;
                return Ok(Self { place, id: None });
            }
        };
        let given_up = Self::given_up_by(spi, clinic, booking, now, access)?;
        let booked = Booked::read(spi, clinic, booking, access);
        let is_there = booked.as_ref().map(|booked| booked.taken(now).occupies);
        match (given_up, is_there) {
            // It was deleted: what it gave up is known all the same.
            (Some(given_up), Err(_)) => Ok(given_up),
            (Some(given_up), Ok(true)) if given_up.place.during.end > now => Ok(given_up),
            (_, Ok(true)) => {
                Place::of_booking(spi, clinic, booking, access).map(|place| Self { place, id: None })
            }
            (given_up, _) => {
                let mut place = Place::of_booking(spi, clinic, booking, access)?;
                place.except = None;
                let given_up = given_up.filter(|given_up| given_up.place.during.overlaps(place.during));
                Ok(Self { place, id: given_up.and_then(|given_up| given_up.id) })
            }
        }
    }

    /// The same to be offered: free, and the booking locked if it is still there.
    pub fn to_offer(spi: &Spi, clinic: i64, key: PlaceKey, now: Instant) -> Result<Self> {
        if let PlaceKey::Booking(booking) = key
            && let Err(error) = Locked::lock(spi, clinic, booking)
        {
            // It was deleted, or never was.
            Self::given_up_by(spi, clinic, booking, now, Access::Latest)?.ok_or(error)?;
        }
        let meant = Self::meant(spi, clinic, key, now, Access::Latest)?;
        meant.place.except.map_or(Ok(meant), |booking| {
            let message = format!("booking {booking} still holds its place");
            Err(ClinicError::new(SqlState::WrongState, message)
                .hint("Cancel it first; find_backfill() says beforehand who could take it."))
        })
    }

    /// Refuses a booking that neither is there nor gave up a place.
    pub fn require_known(spi: &Spi, clinic: i64, booking: i64) -> Result<()> {
        if Self::given_up_by(spi, clinic, booking, Instant(0), Access::Latest)?.is_some() {
            return Ok(());
        }
        Place::of_booking(spi, clinic, booking, Access::Latest).map(|_| ())
    }

    fn given_up_by(
        spi: &Spi,
        clinic: i64,
        booking: i64,
        now: Instant,
        access: Access,
    ) -> Result<Option<Self>> {
        let params = [param(clinic), param(booking), instant_param(now)];
        let row: Option<StoredRow> = spi.row(&GIVEN_UP_BY, access, &params)?;
        row.map(|row| Self::of_row(spi, clinic, row, access)).transpose()
    }

    fn of_row(spi: &Spi, clinic: i64, row: StoredRow, access: Access) -> Result<Self> {
        let place = Place {
            booking: row.booking_id,
            provider: row.provider_id,
            room: row.room_id,
            appointment_type: row.appointment_type_id,
            during: Span::new(row.slot_start, row.slot_end)
                .ok_or_else(|| without_time("freed place", "freed_places", row.id))?,
            kind: BookingKind::of(row.is_overbooked),
            patient: match row.booking_id {
                Some(booking) => patient(spi, clinic, booking, access)?,
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
        let whose =
            [param(clinic), place.booking.and_then(param), param(place.provider), place.room.and_then(param)];
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
