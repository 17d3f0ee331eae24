//! A booking that is there already: locked, and moved. The row is locked first, then the day: the order plain SQL has, too.

use std::ops::Deref;

use chrono::NaiveDate;
use pg_clinic_core::booking::change::{NewParts, Taken};
use pg_clinic_core::booking::place::{Pauses, days_between};
use pg_clinic_core::booking::reason::BookingKind;
use pg_clinic_core::booking::slots;
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::ids::{ProviderId, RoomId};
use pg_clinic_core::locks::Days;
use pg_clinic_core::time::interval::{Instant, Span};
use pg_clinic_core::time::zone::Zone;

use super::place::{queue_for_people, refuse_or_override, vanished};
use crate::pg::booking::judged::Judged;
use crate::pg::booking::load::{Place, without_room};
use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::TypeKey;
use crate::pg::platform::session;
use crate::pg::platform::spi::{self, Access, Param, Spi, instant_param, param, statements};
use crate::pg::slots::load::moving::Booked;
use crate::pg::slots::load::sites::longest_way;
use crate::pg::slots::load::{self, Loaded, Providers, Rooms, Wanted};

statements! {
    /// Called off.
    CALL_OFF(INT8OID, INT8OID, TEXTOID, TEXTOID) =
        "update clinic.bookings set status = $3, cancellation_reason = $4
         where clinic_id = $1 and id = $2 returning id";
    /// Moved, as a whole.
    MOVE(INT8OID, INT8OID, INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, BOOLOID, TEXTOID, TEXTOID) =
        "update clinic.bookings set provider_id = $3, room_id = $4, during = tstzrange($5, $6),
           is_overbooked = $7, override_reason = coalesce($8, override_reason), status = $9
         where clinic_id = $1 and id = $2 returning id";
    /// The open offer that a hold keeps the place for.
    KEPT_FOR(INT8OID, INT8OID) =
        "select id from clinic.offers where clinic_id = $1 and hold_booking_id = $2 and status = 'offered' limit 1";
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

    /// Reads bookings and locks them, by id; gives them in the order of `ids`.
    pub fn lock_all(spi: &Spi, clinic: i64, ids: &[i64]) -> Result<Vec<Self>> {
        Ok(Booked::lock_all(spi, clinic, ids)?.into_iter().map(Self).collect())
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
        let kept = self.moving(session::now()).kept();
        days_between(zone, kept.start, kept.end)
    }

    /// Whether it takes time.
    pub fn occupies(&self) -> bool {
        self.taken(session::now()).occupies
    }

    /// Refuses to move a hold that keeps the place for an offer: it is that place which was offered.
    pub fn require_unreserved(&self, spi: &Spi) -> Result<()> {
        if self.status != Status::Pending {
            return Ok(());
        }
        let offer: Option<i64> =
            spi.value(&KEPT_FOR, Access::Latest, &[param(self.clinic), param(self.id)])?;
        offer.map_or(Ok(()), |offer| {
            let message = format!("booking {} can't be rescheduled", self.id);
            Err(ClinicError::new(SqlState::WrongState, message)
                .detail(format!("It keeps its place for offer {offer}, which is open."))
                .hint("decline_offer() or withdraw_offers() gives the place back."))
        })
    }

    /// Gives its place up, with a status that says why. Twice is fine, and keeps the first reason.
    pub fn call_off(&self, spi: &Spi, status: Status, reason: Option<&str>) -> Result<()> {
        if status == self.status {
            return Ok(());
        }
        self.update(spi, &CALL_OFF, &[param(status.as_str()), reason.and_then(param)])
    }

    /// Where it is.
    pub fn place(&self) -> Target {
        Target {
            start: self.during.start,
            provider: self.provider,
            room: self.room,
            may_overbook: self.is_overbooked,
        }
    }
}

/// Where a booking is to go.
pub struct Target {
    pub start: Instant,
    pub provider: i64,
    /// `None` = in no room.
    pub room: Option<i64>,
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
        let status = locked.status.once_moved();
        let new = self.new_parts(locked, status);
        locked.require_movable(new, session::now())?;
        match new.is_none() {
            true => Ok(()),
            false => {
                locked.require_unreserved(spi)?;
                self.take_as(spi, opened, locked, status, override_reason)
            }
        }
    }

    /// The same whatever the booking is, with a status that takes time.
    pub fn take_as(
        &self,
        spi: &Spi,
        opened: &Opened,
        locked: &Locked,
        status: Status,
        override_reason: &Option<String>,
    ) -> Result<()> {
        // An unknown provider or room is reported before anything waits.
        self.load(spi, opened, locked, None)?;
        self.queue(spi, opened, locked)?;
        let (kind, must_override) = self.judge(spi, opened, locked, None, override_reason)?;
        let during = self.during(locked);
        let params = [
            param(self.provider),
            self.room.and_then(param),
            instant_param(during.start),
            instant_param(during.end),
            param(kind == BookingKind::Overbooked),
            override_reason.clone().filter(|_| must_override).and_then(param),
            param(status.as_str()),
        ];
        self.judged(locked, kind).write(|| locked.update(spi, &MOVE, &params))
    }

    /// The place, as what the booking was judged to be there.
    pub fn judged(&self, locked: &Locked, kind: BookingKind) -> Judged {
        Judged {
            clinic: locked.clinic,
            provider: self.provider,
            room: self.room,
            appointment_type: locked.appointment_type,
            start: self.start,
            is_overbooked: kind == BookingKind::Overbooked,
        }
    }

    /// Refuses another patient of the booking who has something else then. The booking stays where it is.
    pub fn require_free_patient(
        &self,
        spi: &Spi,
        opened: &Opened,
        locked: &Locked,
        patient: &str,
    ) -> Result<()> {
        self.queue(spi, opened, locked)?;
        self.judge(spi, opened, locked, Some(patient), &None).map(|_| ())
    }

    /// When the booking is to be. It keeps its length.
    fn during(&self, locked: &Locked) -> Span {
        Span { start: self.start, end: Instant(self.start.0 + locked.during.micros()) }
    }

    /// What of the booking is new there, whatever the day.
    fn new_parts(&self, locked: &Locked, status: Status) -> NewParts {
        let before = locked.taken(session::now());
        let after = Taken {
            provider: ProviderId(self.provider),
            room: self.room.map(RoomId),
            during: self.during(locked),
            occupies: status.occupies(),
            ..before
        };
        NewParts::between(&before, &after)
    }

    /// Waits for its turn on the days of both places, ascending, as the trigger would. Locking some here and others
    /// there could deadlock.
    pub fn queue(&self, spi: &Spi, opened: &Opened, locked: &Locked) -> Result<()> {
        session::keep_time_zone(locked.clinic);
        let mut days = Days::default();
        self.add_days(spi, opened, locked, &mut days)?;
        session::queue_for_days(&days);
        queue_for_people(spi, opened.clinic, Some(&[self.provider]))
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
        // With the pauses of now, or those that it was given: the longer ones touch the days of both.
        let during = self.during(locked);
        let moving = locked.moving(session::now());
        let kept = [
            moving.provider_busy(NewParts::NONE, during, Pauses::default()),
            moving.room_busy(NewParts::NONE, during, Pauses::default()),
        ];
        days.add(opened.clinic, settings.times(&zone, during, self.room).days(&zone));
        let way = longest_way(spi, opened.clinic)?;
        days.add(opened.clinic, days_between(&zone, during.start - way, during.end + way));
        kept.iter().for_each(|busy| days.add(opened.clinic, days_between(&zone, busy.start, busy.end)));
        Ok(())
    }

    fn wanted(&self, locked: &Locked, patient: Option<&str>) -> Wanted {
        Wanted {
            clinic: Some(locked.clinic),
            appointment_type: TypeKey::Id(locked.appointment_type),
            duration: None,
            providers: Providers::one(self.provider),
            rooms: Rooms::of_place(self.room),
            site: None,
            patient: patient.map(str::to_owned).or_else(|| locked.patient.clone()),
            now: session::now(),
            except_booking: Some(locked.id),
            access: Access::Latest,
        }
    }

    /// What matters of the place, for the booking on the move and `patient`, where that is to be another one.
    fn load(&self, spi: &Spi, opened: &Opened, locked: &Locked, patient: Option<&str>) -> Result<Loaded> {
        let wanted = self.wanted(locked, patient);
        let date = opened.today(self.start)?;
        let mut loaded =
            load::snapshot_of_booked(spi, opened, &wanted, locked, date, date, Some(self.start))?;
        if let Some(moving) = &mut loaded.clinic.moving {
            moving.has_new_patient = patient.is_some();
        }
        Ok(loaded)
    }

    /// As which kind the booking can go there, and whether that takes the override. The booking is judged as it was locked,
    /// whatever its row says by now.
    pub fn judge(
        &self,
        spi: &Spi,
        opened: &Opened,
        locked: &Locked,
        patient: Option<&str>,
        override_reason: &Option<String>,
    ) -> Result<(BookingKind, bool)> {
        let wanted = self.wanted(locked, patient);
        let loaded = self.load(spi, opened, locked, patient)?;
        let needs_room = loaded.clinic.appointment_type.needs.is_some();
        if self.room.is_none()
            && needs_room
            && self.new_parts(locked, locked.status.once_moved()).judges_need_of_room()
        {
            return Err(without_room(locked.appointment_type));
        }
        let (kind, refusals) =
            slots::refusals_of_move(&loaded.clinic, 0, 0, self.start, self.may_overbook, wanted.now);
        let must_override =
            refuse_or_override(&loaded, &wanted, self.start, kind, &refusals, override_reason, &[])?;
        Ok((kind, must_override))
    }
}
