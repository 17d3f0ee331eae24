//! A booking that is there already: locked, and moved. The row is locked first, then the day: the order plain SQL has, too.

use chrono::NaiveDate;
use pg_clinic_core::booking::place::days_between;
use pg_clinic_core::booking::reason::BookingKind;
use pg_clinic_core::booking::slots;
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::locks::Days;
use pg_clinic_core::time::interval::{Instant, Span};
use pg_clinic_core::time::zone::Zone;

use super::place::{load_place, refuse_or_override, vanished};
use crate::pg::booking::load::Place;
use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::TypeKey;
use crate::pg::platform::rows::{Unbounded, row};
use crate::pg::platform::session;
use crate::pg::platform::spi::{self, Access, Param, Spi, instant_param, param, statements};
use crate::pg::slots::load::Wanted;
use crate::pg::slots::load::rows::booked_span;

statements! {
    /// The booking as it is, locked.
    LOCK(INT8OID, INT8OID) =
        "select status, hold_expires_at, provider_id, room_id, appointment_type_id, lower(during) as starts_at,
           upper(during) as ends_at, is_overbooked, patient_id,
           greatest(upper(provider_busy), upper(room_busy)) as busy_until
         from clinic.bookings where clinic_id = $1 and id = $2 for no key update";
    /// Moved, as a whole.
    MOVE(INT8OID, INT8OID, INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, BOOLOID, TEXTOID) =
        "update clinic.bookings set provider_id = $3, room_id = $4, during = tstzrange($5, $6),
           is_overbooked = $7, override_reason = coalesce($8, override_reason)
         where clinic_id = $1 and id = $2 returning id";
}

row! {
    struct LockedRow {
        status: Status as "clinic.bookings",
        hold_expires_at: Option<Unbounded>,
        provider_id: i64,
        room_id: i64,
        appointment_type_id: i64,
        starts_at: Instant,
        ends_at: Instant,
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
    hold_expires_at: Option<Instant>,
    pub provider: i64,
    pub room: i64,
    appointment_type: i64,
    during: Span,
    pub is_overbooked: bool,
    patient: Option<String>,
    busy_until: Instant,
}

impl Locked {
    /// Reads a booking and locks it.
    pub fn lock(spi: &Spi, clinic: i64, id: i64) -> Result<Self> {
        let row: Option<LockedRow> = spi.row(&LOCK, Access::Latest, &[param(clinic), param(id)])?;
        let row = row.ok_or_else(|| {
            ClinicError::new(SqlState::NotFound, format!("booking {id} does not exist"))
                .detail(format!("Clinic {clinic} has no such row in clinic.bookings."))
        })?;
        Ok(Self {
            clinic,
            id,
            status: row.status,
            hold_expires_at: row.hold_expires_at.map(|expiry| Instant(expiry.0)),
            provider: row.provider_id,
            room: row.room_id,
            appointment_type: row.appointment_type_id,
            during: booked_span(id, row.starts_at, row.ends_at)?,
            is_overbooked: row.is_overbooked,
            patient: row.patient_id,
            busy_until: row.busy_until,
        })
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

    /// The local dates that it touches.
    fn days(&self, zone: &Zone) -> Vec<NaiveDate> {
        days_between(zone, self.during.start, self.busy_until)
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
    /// Moves the booking there, or fails with every reason.
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
        if !matches!(locked.status, Status::Pending | Status::Booked) {
            return Err(locked.wrong_state("rescheduled", "booked or held"));
        }
        // An unknown provider or room is reported before anything waits.
        load_place(spi, opened, &self.wanted(locked), self.start)?;
        self.queue(spi, opened, locked)?;
        let (kind, must_override) = self.judge(spi, opened, locked, override_reason)?;
        let params = [
            param(self.provider),
            param(self.room),
            instant_param(self.start),
            instant_param(Instant(self.start.0 + locked.during.micros())),
            param(kind == BookingKind::Overbooked),
            override_reason.clone().filter(|_| must_override).and_then(param),
        ];
        locked.update(spi, &MOVE, &params)
    }

    /// Waits for its turn on the days of both places, ascending, as the trigger would. Locking some here and others
    /// there could deadlock.
    pub fn queue(&self, spi: &Spi, opened: &Opened, locked: &Locked) -> Result<()> {
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
        session::keep_time_zone(locked.clinic);
        let settings = place.settings(spi)?;
        let zone = settings.zone([locked.during.start, self.start])?;
        let end = Instant(self.start.0 + locked.during.micros());
        let mut days = Days::of(opened.clinic, locked.days(&zone));
        days.add(opened.clinic, settings.times(&zone, Span { start: self.start, end }).days(&zone));
        session::queue_for_days(&days);
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

    /// As which kind the booking can go there, and whether that takes the override. An overbooked booking becomes a
    /// normal one where it can; a normal one never becomes overbooked unasked.
    fn judge(
        &self,
        spi: &Spi,
        opened: &Opened,
        locked: &Locked,
        override_reason: &Option<String>,
    ) -> Result<(BookingKind, bool)> {
        let wanted = self.wanted(locked);
        let mut loaded = load_place(spi, opened, &wanted, self.start)?;
        loaded.clinic.appointment_type.duration = locked.during.whole_minutes();
        let refusals = |kind| slots::refusals(&loaded.clinic, 0, 0, self.start, kind, wanted.now);
        if self.may_overbook && !refusals(BookingKind::Normal).is_empty() {
            let refusals = refusals(BookingKind::Overbooked);
            let must = refuse_or_override(
                &loaded,
                &wanted,
                self.start,
                BookingKind::Overbooked,
                &refusals,
                override_reason,
                &[],
            )?;
            return Ok((BookingKind::Overbooked, must));
        }
        let refusals = refusals(BookingKind::Normal);
        Ok((
            BookingKind::Normal,
            refuse_or_override(
                &loaded,
                &wanted,
                self.start,
                BookingKind::Normal,
                &refusals,
                override_reason,
                &[],
            )?,
        ))
    }
}
