//! What happens to a booking after it was made. The row is locked first, then the day: the order plain SQL has, too.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use pg_clinic_core::booking::reason::Kind;
use pg_clinic_core::booking::slots;
use pg_clinic_core::booking::status::{Action, Status};
use pg_clinic_core::time::interval::{Instant, Span};
use pg_clinic_core::time::zone::Zone;
use pgrx::{IntoDatum, pg_sys};

use super::super::super::args::{Args, ResultSet, instant, null_argument, text};
use super::super::super::backfill::{Query, find};
use super::super::super::caught::keeping_origin;
use super::super::super::error::{ClinicError, Result, SqlState};
use super::super::super::guc::BecauseOf;
use super::super::super::load::{self, Opened, TypeKey, Wanted};
use super::super::super::session;
use super::super::super::spi::{self, Access, Param, Spi, instant_param, param, statements};
use super::super::super::trigger::place::{Place, days_between};
use super::super::backfill::{self, DEFAULT_CANDIDATES};
use super::booking_columns;
use super::place::{booking, load_place, override_reason, refuse_or_override, vanished};

statements! {
    /// The booking as it is, locked.
    LOCK(INT8OID, INT8OID) =
        "select status, hold_expires_at, provider_id, room_id, appointment_type_id, lower(during), upper(during),
           is_overbooked, patient_id, greatest(upper(provider_busy), upper(room_busy))
         from clinic.bookings where clinic_id = $1 and id = $2 for no key update";
    /// A hold becomes a booking. What isn't given stays.
    CONFIRM(INT8OID, INT8OID, TEXTOID, TEXTOID, TEXTOID) =
        concat!("update clinic.bookings set status = 'booked', hold_expires_at = null,
           patient_name = coalesce($3, patient_name), patient_id = coalesce($4, patient_id),
           contact = coalesce($5, contact)
         where clinic_id = $1 and id = $2 returning ", booking_columns!());
    /// Only the status changes.
    SET_STATUS(INT8OID, INT8OID, TEXTOID) =
        concat!("update clinic.bookings set status = $3 where clinic_id = $1 and id = $2 returning ", booking_columns!());
    /// Called off.
    CANCEL(INT8OID, INT8OID, TEXTOID) =
        "update clinic.bookings set status = 'cancelled', cancellation_reason = $3 where clinic_id = $1 and id = $2";
    /// When that was.
    CANCELLED_AT(INT8OID, INT8OID) = "select cancelled_at from clinic.bookings where clinic_id = $1 and id = $2";
    /// Moved, as a whole.
    MOVE(INT8OID, INT8OID, INT8OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, BOOLOID, TEXTOID) =
        concat!("update clinic.bookings set provider_id = $3, room_id = $4, during = tstzrange($5, $6),
           is_overbooked = $7, override_reason = coalesce($8, override_reason)
         where clinic_id = $1 and id = $2 returning ", booking_columns!());
}

/// A booking, locked until the end of the transaction.
pub(in super::super) struct Locked {
    clinic: i64,
    id: i64,
    status: Status,
    hold_expires_at: Option<Instant>,
    provider: i64,
    room: i64,
    appointment_type: i64,
    during: Span,
    is_overbooked: bool,
    patient: Option<String>,
    busy_until: Instant,
}

/// The argument `booking_id`, and the booking it means.
fn lock(spi: &Spi, args: &Args, clinic_argument: usize) -> Result<Locked> {
    let id = args.required(0, "booking_id")?;
    let opened = load::open(spi, args.opt(clinic_argument), Access::Latest)?;
    Locked::lock(spi, &opened, id)
}

impl Locked {
    /// Reads a booking and locks it.
    pub(in super::super) fn lock(spi: &Spi, opened: &Opened, id: i64) -> Result<Self> {
        let locked = spi.first(&LOCK, Access::Latest, &[param(opened.clinic), param(id)], |row| {
            let status: String = row.get(0)?;
            let damaged = || ClinicError::new(SqlState::Internal, format!("booking {id} is damaged"));
            Ok(Self {
                clinic: opened.clinic,
                id,
                status: Status::parse(&status).ok_or_else(damaged)?,
                hold_expires_at: row.micros(1)?.map(Instant),
                provider: row.get(2)?,
                room: row.get(3)?,
                appointment_type: row.get(4)?,
                during: Span::new(row.instant(5)?, row.instant(6)?).ok_or_else(damaged)?,
                is_overbooked: row.get(7)?,
                patient: row.opt(8)?,
                busy_until: row.instant(9)?,
            })
        })?;
        locked.ok_or_else(|| {
            ClinicError::new(SqlState::NotFound, format!("booking {id} does not exist"))
                .detail(format!("Clinic {} has no such row in clinic.bookings.", opened.clinic))
        })
    }

    /// Runs one of the updates above and returns the row.
    fn update(
        &self,
        spi: &Spi,
        statement: &'static std::thread::LocalKey<spi::Statement>,
        params: &[Param],
        row_type: pg_sys::TupleDesc,
    ) -> Result<pg_sys::Datum> {
        let mut all = vec![param(self.clinic), param(self.id)];
        all.extend_from_slice(params);
        let table = keeping_origin(|| spi.execute(statement, Access::Latest, &all, 0))?;
        // SAFETY: row_type is that of clinic_booking, to which booking_columns! casts.
        unsafe { table.first_as_composite(row_type) }.ok_or_else(vanished)
    }

    /// The booking as it is: what an idempotent function answers the second time.
    fn unchanged(&self, spi: &Spi, row_type: pg_sys::TupleDesc) -> Result<pg_sys::Datum> {
        booking(spi, self.clinic, self.id, row_type)
    }

    fn wrong_state(&self, what: &str, allowed: &str) -> ClinicError {
        ClinicError::new(SqlState::WrongState, format!("booking {} can't be {what}", self.id))
            .detail(format!("Its status is {}.", self.status.as_str()))
            .hint(format!("Only bookings that are {allowed} can."))
    }

    /// The local dates that it touches.
    fn days(&self, zone: &Zone) -> Vec<NaiveDate> {
        days_between(zone, self.during.start, self.busy_until)
    }

    /// Whether it takes time.
    pub(in super::super) fn occupies(&self) -> bool {
        self.status.occupies() && !self.is_expired_hold()
    }

    fn expired(&self) -> ClinicError {
        ClinicError::new(SqlState::HoldExpired, format!("hold {} has expired", self.id))
            .detail("Its time may have been given to others.")
            .hint("Hold or book the slot again.")
    }

    fn is_expired_hold(&self) -> bool {
        self.hold_expires_at.is_some_and(|expiry| expiry <= session::now())
    }
}

/// Turns a hold into a booking.
pub(super) fn confirm_hold(args: &Args) -> Result<pg_sys::Datum> {
    let row_type = args.result_row_type()?;
    let _because = BecauseOf::call("confirm_hold", None);
    spi::connect(|spi| {
        let locked = lock(spi, args, 4)?;
        match locked.status {
            Status::Pending | Status::Cancelled if locked.is_expired_hold() => Err(locked.expired()),
            Status::Pending => {
                let text = |index| args.opt::<String>(index).and_then(param);
                locked.update(spi, &CONFIRM, &[text(1), text(2), text(3)], row_type)
            }
            Status::Booked => locked.unchanged(spi, row_type),
            _ => Err(locked.wrong_state("confirmed", "pending")),
        }
    })
}

/// Calls a booking off.
pub(super) fn cancel_booking(args: &Args) -> Result<pg_sys::Datum> {
    let id: i64 = args.required(0, "booking_id")?;
    let reason: Option<String> = args.opt(1);
    let _because = BecauseOf::call("cancel_booking", reason.clone());
    let (cancelled_at, freed, found) = spi::connect(|spi| {
        let opened = load::open(spi, args.opt(2), Access::Latest)?;
        let locked = Locked::lock(spi, &opened, id)?;
        match Action::Cancel.applied_to(locked.status) {
            Some(status) if status == locked.status => (),
            Some(_) => {
                let params = [param(opened.clinic), param(id), reason.clone().and_then(param)];
                keeping_origin(|| spi.run(&CANCEL, &params))?;
            }
            None => return Err(locked.wrong_state("cancelled", "not over yet")),
        }
        let key = [param(opened.clinic), param(id)];
        let cancelled_at = spi.first(&CANCELLED_AT, Access::Latest, &key, |row| row.micros(0))?.flatten();
        let query = Query {
            booking: id,
            max_results: DEFAULT_CANDIDATES,
            same_type_only: None,
            notice: None,
            now: session::now(),
            access: Access::Latest,
        };
        let (freed, found) = find(spi, &opened, &query)?;
        Ok((cancelled_at, freed, found))
    })?;
    let mut set = ResultSet::new(args);
    let mut push = |candidate: [Option<pg_sys::Datum>; backfill::COLUMNS]| {
        let mut row = [None; 3 + backfill::COLUMNS];
        row[0] = id.into_datum();
        row[1] = text(Status::Cancelled.as_str());
        row[2] = cancelled_at.map(Instant).and_then(instant);
        row[3..].copy_from_slice(&candidate);
        set.push(row);
    };
    match &found[..] {
        [] => push([None; backfill::COLUMNS]),
        found => found.iter().for_each(|found| push(backfill::columns(&freed, found))),
    }
    Ok(set.done())
}

/// The patient is here.
pub(super) fn check_in(args: &Args) -> Result<pg_sys::Datum> {
    advance(args, Action::CheckIn, "check_in", "checked in", "booked or arrived")
}

/// The appointment is over.
pub(super) fn complete(args: &Args) -> Result<pg_sys::Datum> {
    advance(args, Action::Complete, "complete", "completed", "booked, arrived or checked-in")
}

fn advance(
    args: &Args,
    action: Action,
    function: &'static str,
    what: &str,
    allowed: &str,
) -> Result<pg_sys::Datum> {
    let row_type = args.result_row_type()?;
    let _because = BecauseOf::call(function, None);
    spi::connect(|spi| {
        let locked = lock(spi, args, 1)?;
        match action.applied_to(locked.status) {
            Some(status) if status == locked.status => locked.unchanged(spi, row_type),
            Some(status) => locked.update(spi, &SET_STATUS, &[param(status.as_str())], row_type),
            None => Err(locked.wrong_state(what, allowed)),
        }
    })
}

/// Moves a booking. It keeps its length.
pub(super) fn reschedule_booking(args: &Args) -> Result<pg_sys::Datum> {
    let row_type = args.result_row_type()?;
    let start = args.instant(1, "slot_start")?.ok_or_else(|| null_argument("slot_start"))?;
    load::check_instant(start, "slot_start")?;
    let override_reason = override_reason(args, 4)?;
    let _because = BecauseOf::call("reschedule_booking", override_reason.clone());
    spi::connect(|spi| {
        let id = args.required(0, "booking_id")?;
        let opened = load::open(spi, args.opt(5), Access::Latest)?;
        let locked = Locked::lock(spi, &opened, id)?;
        let target = Target {
            start,
            provider: args.opt(2).unwrap_or(locked.provider),
            room: args.opt(3).unwrap_or(locked.room),
            may_overbook: locked.is_overbooked,
        };
        target.take(spi, &opened, &locked, &override_reason, row_type)
    })
}

/// Where a booking is to go.
pub(in super::super) struct Target {
    pub start: Instant,
    pub provider: i64,
    pub room: i64,
    /// Whether the booking may be overbooked there.
    pub may_overbook: bool,
}

impl Target {
    /// Moves the booking there, or fails with every reason.
    pub(in super::super) fn take(
        &self,
        spi: &Spi,
        opened: &Opened,
        locked: &Locked,
        override_reason: &Option<String>,
        row_type: pg_sys::TupleDesc,
    ) -> Result<pg_sys::Datum> {
        if locked.is_expired_hold() {
            return Err(locked.expired());
        }
        if !matches!(locked.status, Status::Pending | Status::Booked) {
            return Err(locked.wrong_state("rescheduled", "booked or held"));
        }
        // An unknown provider or room is told before anything waits.
        load_place(spi, opened, &self.wanted(locked), self.start)?;
        self.queue(spi, opened, locked)?;
        let (kind, must_override) = self.judge(spi, opened, locked, override_reason)?;
        let params = [
            param(self.provider),
            param(self.room),
            instant_param(self.start),
            instant_param(Instant(self.start.0 + locked.during.micros())),
            param(kind == Kind::Overbooked),
            override_reason.clone().filter(|_| must_override).and_then(param),
        ];
        locked.update(spi, &MOVE, &params, row_type)
    }

    /// Waits for its turn on the days of both places, ascending, as the trigger would. Locking some here and others
    /// there could deadlock.
    fn queue(&self, spi: &Spi, opened: &Opened, locked: &Locked) -> Result<()> {
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
        let end = Instant(self.start.0 + locked.during.micros());
        let mut days = BTreeSet::from_iter(locked.days(&zone));
        days.extend(settings.times(&zone, Span { start: self.start, end }).days(&zone));
        session::queue_for_days(opened.clinic, &days);
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
    ) -> Result<(Kind, bool)> {
        let wanted = self.wanted(locked);
        let mut loaded = load_place(spi, opened, &wanted, self.start)?;
        loaded.clinic.appointment_type.duration = locked.during.whole_minutes();
        let refusals = |kind| slots::refusals(&loaded.clinic, 0, 0, self.start, kind, wanted.now);
        if self.may_overbook && !refusals(Kind::Normal).is_empty() {
            let refusals = refusals(Kind::Overbooked);
            let must = refuse_or_override(
                &loaded,
                &wanted,
                self.start,
                Kind::Overbooked,
                &refusals,
                override_reason,
            )?;
            return Ok((Kind::Overbooked, must));
        }
        let refusals = refusals(Kind::Normal);
        Ok((
            Kind::Normal,
            refuse_or_override(&loaded, &wanted, self.start, Kind::Normal, &refusals, override_reason)?,
        ))
    }
}
