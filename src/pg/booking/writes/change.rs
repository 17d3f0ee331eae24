//! A booking that is there already: locked, and moved. The row is locked first, then the day: the order plain SQL has, too.

use chrono::NaiveDate;
use pg_clinic_core::booking::change::{NewParts, Taken};
use pg_clinic_core::booking::clinic::Moving;
use pg_clinic_core::booking::place::days_between;
use pg_clinic_core::booking::reason::BookingKind;
use pg_clinic_core::booking::slots;
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::ids::{AppointmentTypeId, BookingId, ClinicId, ProviderId, RoomId};
use pg_clinic_core::locks::Days;
use pg_clinic_core::time::interval::{Instant, Span};
use pg_clinic_core::time::zone::Zone;

use super::place::{refuse_or_override, vanished};
use crate::pg::booking::load::Place;
use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::TypeKey;
use crate::pg::platform::rows::{Unbounded, row};
use crate::pg::platform::session;
use crate::pg::platform::spi::{self, Access, Param, Spi, instant_param, param, statements};
use crate::pg::slots::load::rows::booked_span;
use crate::pg::slots::load::types::type_on_the_move;
use crate::pg::slots::load::{self, Loaded, Wanted};

statements! {
    /// The booking as it is, locked.
    LOCK(INT8OID, INT8OID) =
        "select id, status, hold_expires_at, provider_id, room_id, appointment_type_id, lower(during) as starts_at,
           upper(during) as ends_at, local_date, is_overbooked, patient_id,
           greatest(upper(provider_busy), upper(room_busy)) as busy_until
         from clinic.bookings where clinic_id = $1 and id = $2 for no key update";
    /// Moved, as a whole.
    MOVE(INT8OID, INT8OID, INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, BOOLOID, TEXTOID) =
        "update clinic.bookings set provider_id = $3, room_id = $4, during = tstzrange($5, $6),
           is_overbooked = $7, override_reason = coalesce($8, override_reason)
         where clinic_id = $1 and id = $2 returning id";
}

row! {
    /// A booking as it is.
    pub struct LockedRow {
        id: i64,
        status: Status as "clinic.bookings",
        hold_expires_at: Option<Unbounded>,
        provider_id: i64,
        room_id: i64,
        appointment_type_id: i64,
        starts_at: Instant,
        ends_at: Instant,
        local_date: NaiveDate,
        is_overbooked: bool,
        patient_id: Option<String>,
        busy_until: Instant,
    }
}

/// A booking, locked until the end of the transaction.
pub struct Locked {
    pub clinic: i64,
    pub id: i64,
    pub status: Status,
    pub hold_expires_at: Option<Instant>,
    pub provider: i64,
    pub room: i64,
    pub appointment_type: i64,
    pub during: Span,
    pub local_date: NaiveDate,
    pub is_overbooked: bool,
    pub patient: Option<String>,
    busy_until: Instant,
}

impl Locked {
    /// Reads a booking and locks it.
    pub fn lock(spi: &Spi, clinic: i64, id: i64) -> Result<Self> {
        let row: Option<LockedRow> = spi.row(&LOCK, Access::Latest, &[param(clinic), param(id)])?;
        Self::of_row(clinic, row.ok_or_else(|| Self::unknown(clinic, id))?)
    }

    /// The booking of a row that is locked.
    pub fn of_row(clinic: i64, row: LockedRow) -> Result<Self> {
        Ok(Self {
            clinic,
            id: row.id,
            status: row.status,
            hold_expires_at: row.hold_expires_at.map(|expiry| Instant(expiry.0)),
            provider: row.provider_id,
            room: row.room_id,
            appointment_type: row.appointment_type_id,
            during: booked_span(row.id, row.starts_at, row.ends_at)?,
            local_date: row.local_date,
            is_overbooked: row.is_overbooked,
            patient: row.patient_id,
            busy_until: row.busy_until,
        })
    }

    /// The error for a booking that isn't there.
    pub fn unknown(clinic: i64, id: i64) -> ClinicError {
        ClinicError::new(SqlState::NotFound, format!("booking {id} does not exist"))
            .detail(format!("Clinic {clinic} has no such row in clinic.bookings."))
    }

    /// Runs an update of the booking that returns its id.
    pub fn update(
        &self,
        spi: &Spi,
        statement: &'static std::thread::LocalKey<spi::Statement>,
        params: &[Param],
    ) -> Result<()> {
        let mut all = vec![param(self.clinic), param(self.id)];
        all.extend_from_slice(params);
        let updated = spi.execute(statement, Access::Latest, &all, 0)?;
        if updated.is_empty() { Err(vanished()) } else { Ok(()) }
    }

    pub fn wrong_state(&self, what: &str, allowed: &str) -> ClinicError {
        ClinicError::new(SqlState::WrongState, format!("booking {} can't be {what}", self.id))
            .detail(format!("Its status is {}.", self.status.as_str()))
            .hint(format!("Only bookings that are {allowed} can."))
    }

    fn immovable(&self) -> ClinicError {
        let error =
            ClinicError::new(SqlState::WrongState, format!("booking {} can't be rescheduled", self.id))
                .detail(format!("Its status is {}.", self.status.as_str()));
        match self.status.can_change(NewParts::ROOM) {
            true => error.hint("The patient is in the house: only the room can be another."),
            false => error.hint("Only bookings that are booked or held can."),
        }
    }

    /// The local dates that it touches.
    fn days(&self, zone: &Zone) -> Vec<NaiveDate> {
        days_between(zone, self.during.start, self.busy_until)
    }

    /// What it takes.
    fn taken(&self) -> Taken<'_> {
        Taken {
            clinic: ClinicId(self.clinic),
            provider: ProviderId(self.provider),
            room: RoomId(self.room),
            appointment_type: AppointmentTypeId(self.appointment_type),
            patient: self.patient.as_deref(),
            during: self.during,
            is_overbooked: self.is_overbooked,
            occupies: self.occupies(),
        }
    }

    /// The same as finding for a move sees it.
    fn moving(&self) -> Moving {
        Moving {
            id: BookingId(self.id),
            provider: ProviderId(self.provider),
            room: RoomId(self.room),
            during: self.during,
            local_date: self.local_date,
            is_overbooked: self.is_overbooked,
            occupies: self.occupies(),
        }
    }

    /// Whether it takes time.
    pub fn occupies(&self) -> bool {
        self.status.occupies() && !self.is_expired_hold()
    }

    pub fn expired(&self) -> ClinicError {
        ClinicError::refused("hold_expired", "bookings", format!("hold {} has expired", self.id))
            .detail("Its time may have been given to others.")
            .hint("Hold or book the slot again.")
    }

    pub fn is_expired_hold(&self) -> bool {
        self.hold_expires_at.is_some_and(|expiry| expiry <= session::now())
    }
}

/// Where a booking is to go.
pub struct Target {
    pub start: Instant,
    pub provider: i64,
    pub room: i64,
    /// Whether the booking may be overbooked there.
    pub may_overbook: bool,
}

impl Target {
    /// Moves the booking there, or fails with every reason. Where it is already, nothing is judged and nothing written.
    pub fn take(
        &self,
        spi: &Spi,
        opened: &Opened,
        locked: &Locked,
        override_reason: &Option<String>,
    ) -> Result<()> {
        if locked.is_expired_hold() {
            return Err(locked.expired());
        }
        let new = self.new_parts(locked);
        if !locked.status.can_change(new) {
            return Err(locked.immovable());
        }
        if new.is_none() {
            return Ok(());
        }
        // An unknown provider or room is reported before anything waits.
        self.load(spi, opened, locked)?;
        self.queue(spi, opened, locked)?;
        let (kind, must_override) = self.judge(spi, opened, locked, override_reason)?;
        let during = self.during(locked);
        let params = [
            param(self.provider),
            param(self.room),
            instant_param(during.start),
            instant_param(during.end),
            param(kind == BookingKind::Overbooked),
            override_reason.clone().filter(|_| must_override).and_then(param),
        ];
        locked.update(spi, &MOVE, &params)
    }

    /// When the booking is to be. It keeps its length.
    fn during(&self, locked: &Locked) -> Span {
        Span { start: self.start, end: Instant(self.start.0 + locked.during.micros()) }
    }

    /// What of the booking is new there, whatever the day.
    fn new_parts(&self, locked: &Locked) -> NewParts {
        let before = locked.taken();
        let after = Taken {
            provider: ProviderId(self.provider),
            room: RoomId(self.room),
            during: self.during(locked),
            ..before
        };
        NewParts::between(&before, &after)
    }

    /// Waits for its turn on the days of both places, ascending, as the trigger would. Locking some here and others
    /// there could deadlock.
    fn queue(&self, spi: &Spi, opened: &Opened, locked: &Locked) -> Result<()> {
        session::keep_time_zone(locked.clinic);
        let mut days = Days::default();
        self.add_days(spi, opened, locked, &mut days)?;
        session::queue_for_days(&days);
        Ok(())
    }

    /// Adds the days of both places.
    pub fn add_days(&self, spi: &Spi, opened: &Opened, locked: &Locked, days: &mut Days) -> Result<()> {
        let place = Place {
            clinic: locked.clinic,
            booking: locked.id,
            provider: self.provider,
            room: self.room,
            appointment_type: locked.appointment_type,
            patient: locked.patient.clone(),
            request: None,
            is_overbooked: locked.is_overbooked,
            is_overridden: false,
        };
        let settings = place.settings(spi)?;
        let zone = settings.zone([locked.during.start, self.start])?;
        days.add(opened.clinic, locked.days(&zone));
        days.add(opened.clinic, settings.times(&zone, self.during(locked)).days(&zone));
        Ok(())
    }

    fn wanted(&self, locked: &Locked) -> Wanted {
        Wanted {
            clinic: Some(locked.clinic),
            appointment_type: TypeKey::Id(locked.appointment_type),
            provider: Some(self.provider),
            room: Some(self.room),
            patient: locked.patient.clone(),
            now: session::now(),
            except_booking: Some(locked.id),
            access: Access::Latest,
        }
    }

    /// The one provider and room around the start, for the booking on the move.
    fn load(&self, spi: &Spi, opened: &Opened, locked: &Locked) -> Result<Loaded> {
        let wanted = self.wanted(locked);
        let length = locked.during.whole_minutes();
        let kind = type_on_the_move(spi, opened.clinic, locked.appointment_type, length, wanted.access)?;
        let date = opened.today(self.start)?;
        let mut loaded = load::snapshot_for(spi, opened, &wanted, &[kind], date, date, Some(self.start))?;
        loaded.clinic.moving = Some(locked.moving());
        Ok(loaded)
    }

    /// As which kind the booking can go there, and whether that takes the override.
    pub fn judge(
        &self,
        spi: &Spi,
        opened: &Opened,
        locked: &Locked,
        override_reason: &Option<String>,
    ) -> Result<(BookingKind, bool)> {
        let wanted = self.wanted(locked);
        let loaded = self.load(spi, opened, locked)?;
        let (kind, refusals) =
            slots::refusals_of_move(&loaded.clinic, 0, 0, self.start, self.may_overbook, wanted.now);
        let must_override =
            refuse_or_override(&loaded, &wanted, self.start, kind, &refusals, override_reason, &[])?;
        Ok((kind, must_override))
    }
}
