//! Candidates for a freed place: reads who might want it, asks the core who fits and in which order, and the judge of
//! slots who could really be booked there. Used by find_backfill, cancel_booking, offer_backfill and the trigger on cancel.

use std::collections::HashMap;

use chrono::NaiveDate;
use pg_clinic_core::booking::backfill::{self, Candidate, Source, Wish};
use pg_clinic_core::booking::clinic::AppointmentType;
use pg_clinic_core::booking::reason::{Code, Kind, Refusal};
use pg_clinic_core::booking::slots;
use pg_clinic_core::ids::{AppointmentTypeId, BookingId};
use pg_clinic_core::time::calendar::{WallTime, add_days, date_from_pg_days};
use pg_clinic_core::time::interval::{Instant, Minutes, Span};

use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::TypeKey;
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::spi::{Access, Row, Spi, date_param, instant_param, param, statements};
use crate::pg::slots::load::{self, Loaded, Wanted};

statements! {
    /// The booking whose place is, or would be, free.
    FREED(INT8OID, INT8OID) =
        "select provider_id, room_id, appointment_type_id, lower(during), upper(during), is_overbooked, patient_id
         from clinic.bookings where clinic_id = $1 and id = $2";
    /// Enabled types: one, or all.
    TYPES(INT8OID, INT8OID) =
        "select id, duration_minutes, required_room_type, required_equipment, requires_skill
         from clinic.appointment_types where clinic_id = $1 and enabled and ($2 is null or id = $2) order by id";
    /// Waitlist entries for some types that may reach a date: those who wait for a booking.
    WAITING(INT8OID, INT8ARRAYOID, INT8OID, DATEOID, DATEOID) =
        "select id, patient_id, appointment_type_id, priority, created_at,
           from_date, to_date, weekdays, earliest_time, latest_time
         from clinic.waitlist
         where clinic_id = $1 and status = 'waiting' and appointment_type_id = any ($2) and booking_id is null
           and to_date >= $4 and from_date <= $5 and (provider_id is null or provider_id = $3)";
    /// The same for those who have a booking, which can still be moved, and want an earlier time.
    WISHES(INT8OID, INT8ARRAYOID, INT8OID, DATEOID, DATEOID, TIMESTAMPTZOID, TIMESTAMPTZOID) =
        "select w.id, coalesce(b.patient_id, w.patient_id), w.appointment_type_id, w.priority, w.created_at,
           w.from_date, w.to_date, w.weekdays, w.earliest_time, w.latest_time, b.id, lower(b.during), upper(b.during)
         from clinic.waitlist w join clinic.bookings b on b.clinic_id = w.clinic_id and b.id = w.booking_id
         where w.clinic_id = $1 and w.status = 'waiting' and w.booking_id is not null
           and w.appointment_type_id = any ($2)
           and w.to_date >= $4 and w.from_date <= $5 and (w.provider_id is null or w.provider_id = $3)
           and b.appointment_type_id = w.appointment_type_id and b.status in ('booked', 'pending')
           and lower(b.during) > $6 and (b.hold_expires_at is null or b.hold_expires_at > $7)";
    /// Cancelled bookings of some types around a date. A hold that lapsed is no cancellation.
    CANCELLED(INT8OID, INT8ARRAYOID, DATEOID, DATEOID, INT8OID) =
        "select id, patient_id, appointment_type_id, coalesce(cancelled_at, created_at), local_date
         from clinic.bookings
         where clinic_id = $1 and status = 'cancelled' and appointment_type_id = any ($2)
           and local_date between $3 and $4 and id <> $5 and patient_id is not null and hold_expires_at is null";
    /// Whether the patient of a cancelled booking has a later one of the type: for a later time, or made since.
    HAS_LATER(INT8OID, INT8OID, TIMESTAMPTZOID) =
        "select exists (select from clinic.bookings later
           where later.clinic_id = c.clinic_id and later.patient_id = c.patient_id
             and later.appointment_type_id = c.appointment_type_id and later.status in (@occupying@)
             and (later.hold_expires_at is null or later.hold_expires_at > $3)
             and (lower(later.during) > lower(c.during)
               or (later.created_at, later.id) > (coalesce(c.cancelled_at, c.created_at), c.id)))
         from clinic.bookings c where c.clinic_id = $1 and c.id = $2";
    /// Whose bookings they are, on some dates and at some time.
    PATIENTS(INT8OID, DATEOID, DATEOID, TIMESTAMPTZOID, TIMESTAMPTZOID) =
        "select id, patient_id from clinic.bookings
         where clinic_id = $1 and local_date between $2 and $3 and status in (@occupying@) and patient_id is not null
           and during && tstzrange($4, $5)";
    /// How to reach a waitlist entry's patient.
    WAITING_CONTACT(INT8OID, INT8OID) =
        "select patient_name, contact from clinic.waitlist where clinic_id = $1 and id = $2";
    /// How to reach a booking's patient.
    BOOKING_CONTACT(INT8OID, INT8OID) =
        "select patient_name, contact from clinic.bookings where clinic_id = $1 and id = $2";
}

/// What is asked.
pub struct Query {
    /// The booking whose place is free.
    pub booking: i64,
    /// Most candidates.
    pub max_results: usize,
    /// Instead of the clinic's setting.
    pub same_type_only: Option<bool>,
    /// Instead of the clinic's setting.
    pub notice: Option<Minutes>,
    /// The clock.
    pub now: Instant,
    /// Which rows are seen.
    pub access: Access,
}

/// The place in question.
pub struct Freed {
    /// The provider.
    pub provider: i64,
    /// The room.
    pub room: i64,
    /// The type of the booking that was there.
    pub appointment_type: i64,
    /// When it was.
    pub during: Span,
    /// As what it was booked.
    pub kind: Kind,
    patient: Option<String>,
}

/// A candidate who could be booked there now.
pub struct Found {
    /// The claim.
    pub candidate: Candidate,
    /// The waitlist entry, if it is one.
    pub waitlist: Option<i64>,
    /// The booking to move, or the cancelled one.
    pub former_booking: Option<i64>,
    /// What the patient would be booked for.
    pub appointment_type: i64,
    /// When that would be.
    pub slot: Span,
    /// The app's key of the patient.
    pub patient: Option<String>,
    /// The patient's name.
    pub patient_name: Option<String>,
    /// How to reach the patient.
    pub contact: Option<String>,
}

/// A claim as read, before anybody is asked whether it fits.
struct Claim {
    candidate: Candidate,
    appointment_type: AppointmentTypeId,
    patient: Option<String>,
    moves: Option<Moved>,
}

/// The booking that accepting moves.
#[derive(Clone, Copy)]
struct Moved {
    booking: BookingId,
    during: Span,
}

/// Claims by what tells them apart.
type Claims = HashMap<(Source, i64), Claim>;

/// Reads the booking whose place is free.
pub fn freed(spi: &Spi, clinic: i64, booking: i64, access: Access) -> Result<Freed> {
    let found = spi.first(&FREED, access, &[param(clinic), param(booking)], |row| {
        let damaged = || ClinicError::new(SqlState::Internal, format!("booking {booking} has no valid time"));
        Ok(Freed {
            provider: row.get(0)?,
            room: row.get(1)?,
            appointment_type: row.get(2)?,
            during: Span::new(row.instant(3)?, row.instant(4)?).ok_or_else(damaged)?,
            kind: if row.get(5)? { Kind::Overbooked } else { Kind::Normal },
            patient: row.opt(6)?,
        })
    })?;
    found.ok_or_else(|| {
        ClinicError::new(SqlState::NotFound, format!("booking {booking} does not exist"))
            .detail(format!("Clinic {clinic} has no such row in clinic.bookings."))
    })
}

/// The best candidates for the place of a booking, best first.
pub fn find(spi: &Spi, opened: &Opened, query: &Query) -> Result<(Freed, Vec<Found>)> {
    let freed = freed(spi, opened.clinic, query.booking, query.access)?;
    let Some(mut vacancy) = Vacancy::open(spi, opened, query, &freed)? else {
        return Ok((freed, Vec::new()));
    };
    let claims = vacancy.claims(spi, query, &freed)?;
    vacancy.patients = vacancy.patients(spi, query.access, &claims)?;
    let claim = |candidate: &Candidate| &claims[&(candidate.source, candidate.id)];
    let candidates = claims.values().map(|claim| claim.candidate.clone()).collect();
    let patient = |candidate: &Candidate| claim(candidate).patient.as_deref();
    let best = backfill::best(candidates, query.max_results, patient, |candidate| {
        check_for_cancel();
        Ok(vacancy.can_take(claim(candidate)) && !is_settled(spi, opened.clinic, query, candidate)?)
    })?;
    let found = best.iter().map(|candidate| {
        let claim = claim(candidate);
        reached(spi, opened.clinic, query.access, vacancy.slot(claim), claim)
    });
    let found = found.collect::<Result<_>>()?;
    Ok((freed, found))
}

/// The place, with all that is needed to judge who can be booked there.
struct Vacancy {
    loaded: Loaded,
    /// Types that somebody might be booked for there.
    types: Vec<AppointmentType>,
    /// Those of them that the place is free for as it is. For the others a booking would have to be moved away.
    free: Vec<AppointmentTypeId>,
    kind: Kind,
    start: Instant,
    now: Instant,
    date: NaiveDate,
    time: WallTime,
    /// Whose bookings they are, of those at that time.
    patients: HashMap<BookingId, String>,
}

impl Vacancy {
    /// `None` where no type fits: then nobody can take the place, whoever it is.
    fn open(spi: &Spi, opened: &Opened, query: &Query, freed: &Freed) -> Result<Option<Self>> {
        let start = freed.during.start;
        if clinic::check_instant(start, "start").is_err() {
            return Ok(None);
        }
        let same_type_only = query.same_type_only.unwrap_or(opened.backfill_same_type_only);
        let params = [param(opened.clinic), same_type_only.then_some(freed.appointment_type).and_then(param)];
        let types = spi.query(&TYPES, query.access, &params, |row| {
            Ok(AppointmentType {
                id: AppointmentTypeId(row.get(0)?),
                duration: Minutes(row.get(1)?),
                required_room_type: row.opt(2)?,
                required_equipment: row.get(3)?,
                requires_skill: row.opt(4)?,
            })
        })?;
        let Some(first) = types.first() else { return Ok(None) };
        let wanted = Wanted {
            clinic: Some(opened.clinic),
            appointment_type: TypeKey::Id(first.id.0),
            provider: Some(freed.provider),
            room: Some(freed.room),
            patient: None,
            now: query.now,
            except_booking: Some(query.booking),
            access: query.access,
        };
        let date = opened.today(start)?;
        let mut loaded = load::snapshot_for(spi, opened, &wanted, &types, date, date, Some(start))?;
        let settings = &mut loaded.clinic.settings;
        settings.minimum_notice = settings.minimum_notice.max(query.notice.unwrap_or(opened.backfill_notice));
        let time = settings.zone.wall_time(start);
        let mut vacancy = Self {
            loaded,
            types: Vec::new(),
            free: Vec::new(),
            kind: freed.kind,
            start,
            now: query.now,
            date,
            time,
            patients: HashMap::new(),
        };
        for appointment_type in types {
            vacancy.loaded.clinic.appointment_type = appointment_type.clone();
            let refusals = vacancy.refusals();
            if refusals.is_empty() {
                vacancy.free.push(appointment_type.id);
            }
            if refusals.iter().all(|refusal| is_up_to_bookings(refusal.code)) {
                vacancy.types.push(appointment_type);
            }
        }
        Ok(Some(vacancy).filter(|vacancy| !vacancy.types.is_empty()))
    }

    /// Why the place can't be booked for the type, by the patient and among the bookings that are set just now. A place that
    /// was overbooked may be a normal one by now.
    fn refusals(&self) -> Vec<Refusal> {
        let refusals = |kind| slots::refusals(&self.loaded.clinic, 0, 0, self.start, kind, self.now);
        let normal = refusals(Kind::Normal);
        match self.kind {
            Kind::Overbooked if !normal.is_empty() => refusals(Kind::Overbooked),
            _ => normal,
        }
    }

    /// Whether the candidate could be booked there now.
    fn can_take(&mut self, claim: &Claim) -> bool {
        let Some(mut appointment_type) = self.type_of(claim).cloned() else { return false };
        let duration = claim.moves.map_or(appointment_type.duration, |moved| moved.during.whole_minutes());
        let clinic = &mut self.loaded.clinic;
        let moved = claim.moves.map(|moved| moved.booking);
        let is_patients = |booking: BookingId| {
            claim.patient.is_some() && self.patients.get(&booking) == claim.patient.as_ref()
        };
        let is_near = self.patients.keys().any(|booking| is_patients(*booking))
            || (moved.is_some() && clinic.occupied.iter().any(|booking| Some(booking.id) == moved));
        if !is_near && duration == appointment_type.duration {
            return self.free.contains(&appointment_type.id);
        }
        appointment_type.duration = duration;
        clinic.appointment_type = appointment_type;
        let all = clinic.occupied.clone();
        clinic.occupied.retain(|booking| Some(booking.id) != moved);
        for booking in &mut clinic.occupied {
            booking.is_same_patient = is_patients(booking.id);
        }
        let can = self.refusals().is_empty();
        self.loaded.clinic.occupied = all;
        can
    }

    fn type_of(&self, claim: &Claim) -> Option<&AppointmentType> {
        self.types.iter().find(|appointment_type| appointment_type.id == claim.appointment_type)
    }

    /// A booking that is moved keeps its length.
    fn slot(&self, claim: &Claim) -> Span {
        let duration = self.type_of(claim).map_or(Minutes(0), |appointment_type| appointment_type.duration);
        let micros = claim.moves.map_or(duration.micros(), |moved| moved.during.micros());
        Span { start: self.start, end: Instant(self.start.0 + micros) }
    }

    /// Everybody who asked for such a place.
    fn claims(&self, spi: &Spi, query: &Query, freed: &Freed) -> Result<Claims> {
        let ids = |types: &[AppointmentTypeId]| param(types.iter().map(|id| id.0).collect::<Vec<_>>());
        let types: Vec<_> = self.types.iter().map(|appointment_type| appointment_type.id).collect();
        let clinic = param(self.loaded.clinic_id);
        let provider = param(freed.provider);
        let first = date_param(add_days(self.date, -backfill::MAX_DISTANCE_DAYS));
        let last = date_param(add_days(self.date, backfill::MAX_DISTANCE_DAYS));
        let mut claims = Vec::new();
        let params =
            [clinic, ids(&types), provider, first, last, instant_param(self.start), instant_param(self.now)];
        spi.execute(&WISHES, query.access, &params, 0)?.for_each(|row| {
            let during = Span::new(row.instant(11)?, row.instant(12)?);
            let moved = during.map(|during| Ok(Moved { booking: BookingId(row.get(10)?), during }));
            claims.extend(self.waiting(row, moved.transpose()?)?);
            Ok(())
        })?;
        let params = [clinic, ids(&self.free), provider, first, last];
        spi.execute(&WAITING, query.access, &params, 0)?.for_each(|row| {
            claims.extend(self.waiting(row, None)?);
            Ok(())
        })?;
        let params = [clinic, ids(&self.free), first, last, param(query.booking)];
        spi.execute(&CANCELLED, query.access, &params, 0)?.for_each(|row| {
            claims.extend(self.cancelled(row)?);
            Ok(())
        })?;
        claims.retain(|claim| claim.patient.is_none() || claim.patient != freed.patient);
        Ok(claims.into_iter().map(|claim| ((claim.candidate.source, claim.candidate.id), claim)).collect())
    }

    /// Whose bookings there are while any of the candidates would be there.
    fn patients(&self, spi: &Spi, access: Access, claims: &Claims) -> Result<HashMap<BookingId, String>> {
        let Some(end) = claims.values().map(|claim| self.slot(claim).end).max() else {
            return Ok(HashMap::new());
        };
        // Nothing lasts longer than 24 hours.
        const REACH_DAYS: i64 = 2;
        let params = [
            param(self.loaded.clinic_id),
            date_param(add_days(self.date, -REACH_DAYS)),
            date_param(add_days(self.date, REACH_DAYS)),
            instant_param(self.start),
            instant_param(end),
        ];
        let rows =
            spi.query(&PATIENTS, access, &params, |row| Ok((BookingId(row.get(0)?), row.get::<String>(1)?)))?;
        Ok(rows.into_iter().collect())
    }

    fn waiting(&self, row: &Row<'_>, moves: Option<Moved>) -> Result<Option<Claim>> {
        let wish = Wish {
            from: finite(row, 5)?,
            to: finite(row, 6)?,
            weekdays: row.opt::<Vec<i32>>(7)?.unwrap_or_default().into_iter().map(|day| day as u8).collect(),
            earliest: row.micros(8)?.and_then(WallTime::new),
            latest: row.micros(9)?.and_then(WallTime::new),
        };
        let Some(distance_days) = wish.distance_days(self.date, self.time) else { return Ok(None) };
        Ok(Some(Claim {
            candidate: Candidate {
                source: if moves.is_some() { Source::EarlierTime } else { Source::Waitlist },
                id: row.get(0)?,
                distance_days,
                priority: row.get(3)?,
                waiting_since: row.instant(4)?,
            },
            appointment_type: AppointmentTypeId(row.get(2)?),
            patient: row.opt(1)?,
            moves,
        }))
    }

    fn cancelled(&self, row: &Row<'_>) -> Result<Option<Claim>> {
        let day = finite(row, 4)?;
        let wish = Wish { from: day, to: day, weekdays: Vec::new(), earliest: None, latest: None };
        let Some(distance_days) = wish.distance_days(self.date, self.time) else { return Ok(None) };
        Ok(Some(Claim {
            candidate: Candidate {
                source: Source::OwnCancellation,
                id: row.get(0)?,
                distance_days,
                priority: 0,
                waiting_since: row.instant(3)?,
            },
            appointment_type: AppointmentTypeId(row.get(2)?),
            patient: row.opt(1)?,
            moves: None,
        }))
    }
}

/// Whether moving some booking away could end a refusal.
fn is_up_to_bookings(code: Code) -> bool {
    matches!(
        code,
        Code::ProviderBusy
            | Code::RoomBusy
            | Code::DailyCap
            | Code::OverbookCap
            | Code::OverbookOverlap
            | Code::ProviderFree
    )
}

/// Whether somebody whose booking was cancelled has found another place meanwhile.
fn is_settled(spi: &Spi, clinic: i64, query: &Query, candidate: &Candidate) -> Result<bool> {
    match candidate.source {
        Source::OwnCancellation => has_later(spi, clinic, query.access, candidate.id, query.now),
        Source::Waitlist | Source::EarlierTime => Ok(false),
    }
}

/// Whether the patient of a cancelled booking has a later one of the type.
pub fn has_later(spi: &Spi, clinic: i64, access: Access, booking: i64, now: Instant) -> Result<bool> {
    let params = [param(clinic), param(booking), instant_param(now)];
    let found = spi.first(&HAS_LATER, access, &params, |row| row.get::<bool>(0))?;
    Ok(found.unwrap_or(true))
}

/// The claim with its patient's name and contact.
fn reached(spi: &Spi, clinic: i64, access: Access, slot: Span, claim: &Claim) -> Result<Found> {
    let candidate = claim.candidate.clone();
    let is_waiting = candidate.source != Source::OwnCancellation;
    let statement = if is_waiting { &WAITING_CONTACT } else { &BOOKING_CONTACT };
    let params = [param(clinic), param(candidate.id)];
    let contact = spi.first(statement, access, &params, |row| Ok((row.opt(0)?, row.opt(1)?)))?;
    let (patient_name, contact) = contact.unwrap_or_default();
    Ok(Found {
        waitlist: is_waiting.then_some(candidate.id),
        former_booking: match claim.moves {
            Some(moved) => Some(moved.booking.0),
            None => (!is_waiting).then_some(candidate.id),
        },
        appointment_type: claim.appointment_type.0,
        slot,
        patient: claim.patient.clone(),
        patient_name,
        contact,
        candidate,
    })
}

fn finite(row: &Row<'_>, column: usize) -> Result<NaiveDate> {
    row.pg_days(column)?
        .and_then(date_from_pg_days)
        .ok_or_else(|| ClinicError::new(SqlState::Internal, "a date in schema clinic is out of range"))
}
