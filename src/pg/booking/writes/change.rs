//! A booking that is there already: locked, and moved. The row is locked first, then the day: the order plain SQL has, too.

use std::ops::Deref;

use chrono::NaiveDate;
use pg_clinic_core::booking::change::{NewParts, Taken};
use pg_clinic_core::booking::place::days_between;
use pg_clinic_core::booking::reason::BookingKind;
use pg_clinic_core::booking::slots;
use pg_clinic_core::ids::{ProviderId, RoomId};
use pg_clinic_core::locks::Days;
use pg_clinic_core::time::interval::{Instant, Span};
use pg_clinic_core::time::zone::Zone;

use super::place::{load_place, refuse_or_override, vanished};
use crate::pg::booking::load::Place;
use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::TypeKey;
use crate::pg::platform::session;
use crate::pg::platform::spi::{self, Access, Param, Spi, instant_param, param, statements};
use crate::pg::slots::load::Wanted;
use crate::pg::slots::load::moving::Booked;

statements! {
    /// Moved, as a whole.
    MOVE(INT8OID, INT8OID, INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, BOOLOID, TEXTOID) =
        "update clinic.bookings set provider_id = $3, room_id = $4, during = tstzrange($5, $6),
           is_overbooked = $7, override_reason = coalesce($8, override_reason)
         where clinic_id = $1 and id = $2 returning id";
}

/// A booking, locked until the end of the transaction.
pub struct Locked(Booked);

impl Deref for Locked {
    type Target = Booked;

    fn deref(&self) -> &Booked {
        &self.0
    }
}

impl Locked {
    /// Reads a booking and locks it.
    pub fn lock(spi: &Spi, clinic: i64, id: i64) -> Result<Self> {
        Booked::lock(spi, clinic, id).map(Self)
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
        self.taken(session::now()).occupies
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
        let new = self.new_parts(locked);
        locked.require_movable(new, session::now())?;
        if new.is_none() {
            return Ok(());
        }
        // An unknown provider or room is reported before anything waits.
        load_place(spi, opened, &self.wanted(locked), self.start)?;
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
        let before = locked.taken(session::now());
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
        let mut days = Days::of(opened.clinic, locked.days(&zone));
        days.add(opened.clinic, settings.times(&zone, self.during(locked)).days(&zone));
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

    /// As which kind the booking can go there, and whether that takes the override.
    fn judge(
        &self,
        spi: &Spi,
        opened: &Opened,
        locked: &Locked,
        override_reason: &Option<String>,
    ) -> Result<(BookingKind, bool)> {
        let wanted = self.wanted(locked);
        let loaded = load_place(spi, opened, &wanted, self.start)?;
        let (kind, refusals) =
            slots::refusals_of_move(&loaded.clinic, 0, 0, self.start, self.may_overbook, wanted.now);
        let must_override =
            refuse_or_override(&loaded, &wanted, self.start, kind, &refusals, override_reason, &[])?;
        Ok((kind, must_override))
    }
}
