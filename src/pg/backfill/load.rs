//! Candidates for a freed place: reads who might want it, and has the core say who fits, in which order, and who could really
//! be booked there. Used by find_backfill, cancel_booking, offer_backfill and the trigger on cancel.

use std::collections::HashMap;

use chrono::NaiveDate;
use pg_clinic_core::booking::backfill::vacancy::{Applicant, Claim, Moved, Vacancy};
use pg_clinic_core::booking::backfill::{self, Acceptable, Candidate, Source};
use pg_clinic_core::booking::clinic::{AppointmentType, RoomNeeds};
use pg_clinic_core::booking::reason::BookingKind;
use pg_clinic_core::ids::{AppointmentTypeId, BookingId};
use pg_clinic_core::time::calendar::{WallTime, add_days};
use pg_clinic_core::time::interval::{Instant, Minutes, Span};

use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::TypeKey;
use crate::pg::platform::rows::{PartOfDay, row};
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::spi::{Access, Spi, date_param, instant_param, param, statements};
use crate::pg::slots::load::rows::booked_span;
use crate::pg::slots::load::{self, Providers, Wanted};

statements! {
    /// The booking whose place is, or would be, free.
    FREED(INT8OID, INT8OID) =
        "select provider_id, room_id, appointment_type_id, lower(during) as slot_start, upper(during) as slot_end,
           is_overbooked, patient_id
         from clinic.bookings where clinic_id = $1 and id = $2";
    /// Enabled types: one, or all.
    TYPES(INT8OID, INT8OID) =
        "select id, name, duration_minutes, required_room_type, required_equipment, required_skills
         from clinic.appointment_types where clinic_id = $1 and enabled and ($2 is null or id = $2) order by id";
    /// Waitlist entries for some types that may reach a date, of patients without a booking.
    WAITING(INT8OID, INT8ARRAYOID, INT8OID, DATEOID, DATEOID) =
        "select id, patient_id, appointment_type_id, priority, created_at as since,
           from_date, to_date, weekdays, earliest_time, latest_time,
           null::bigint as moved_id, null::timestamptz as moved_start, null::timestamptz as moved_end
         from clinic.waitlist
         where clinic_id = $1 and status = 'waiting' and appointment_type_id = any ($2) and booking_id is null
           and to_date >= $4 and from_date <= $5 and (provider_id is null or provider_id = $3)";
    /// The same of patients who have a booking, which can still be moved, and want an earlier time.
    WAITING_FOR_EARLIER(INT8OID, INT8ARRAYOID, INT8OID, DATEOID, DATEOID, TIMESTAMPTZOID, TIMESTAMPTZOID) =
        "select w.id, coalesce(b.patient_id, w.patient_id) as patient_id, w.appointment_type_id, w.priority,
           w.created_at as since, w.from_date, w.to_date, w.weekdays, w.earliest_time, w.latest_time,
           b.id as moved_id, lower(b.during) as moved_start, upper(b.during) as moved_end
         from clinic.waitlist w join clinic.bookings b on b.clinic_id = w.clinic_id and b.id = w.booking_id
         where w.clinic_id = $1 and w.status = 'waiting' and w.booking_id is not null
           and w.appointment_type_id = any ($2)
           and w.to_date >= $4 and w.from_date <= $5 and (w.provider_id is null or w.provider_id = $3)
           and b.appointment_type_id = w.appointment_type_id and b.status in (@movable@)
           and lower(b.during) > $6 and (b.hold_expires_at is null or b.hold_expires_at > $7)";
    /// Cancelled bookings of some types around a date. A hold that lapsed is no cancellation.
    CANCELLED(INT8OID, INT8ARRAYOID, DATEOID, DATEOID, INT8OID) =
        "select id, patient_id, appointment_type_id, coalesce(cancelled_at, created_at) as since, local_date
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
    /// Bookings with a known patient, on some dates and at some time.
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

row! {
    struct FreedRow {
        provider_id: i64,
        room_id: i64,
        appointment_type_id: i64,
        slot_start: Instant,
        slot_end: Instant,
        is_overbooked: bool,
        patient_id: Option<String>,
    }
}

row! {
    struct TypeRow {
        id: i64,
        name: String,
        duration_minutes: PartOfDay,
        required_room_type: Option<String>,
        required_equipment: Vec<String>,
        required_skills: Vec<String>,
    }
}

row! {
    struct WaitingRow {
        id: i64,
        patient_id: Option<String>,
        appointment_type_id: i64,
        priority: i32,
        since: Instant,
        from_date: NaiveDate,
        to_date: NaiveDate,
        weekdays: Option<Vec<i32>>,
        earliest_time: Option<WallTime>,
        latest_time: Option<WallTime>,
        moved_id: Option<i64>,
        moved_start: Option<Instant>,
        moved_end: Option<Instant>,
    }
}

row! {
    struct CancelledRow {
        id: i64,
        patient_id: Option<String>,
        appointment_type_id: i64,
        since: Instant,
        local_date: NaiveDate,
    }
}

row! {
    struct PatientRow {
        id: i64,
        patient_id: String,
    }
}

row! {
    struct ContactRow {
        patient_name: Option<String>,
        contact: Option<String>,
    }
}

/// A question about the candidates for a place.
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
    /// Its time.
    pub during: Span,
    /// Whether it was a normal or an overbooked one.
    pub kind: BookingKind,
    patient: Option<String>,
}

/// A candidate who could be booked there now.
pub struct Found {
    /// The candidate.
    pub candidate: Candidate,
    /// The waitlist entry, if it is one.
    pub waitlist: Option<i64>,
    /// The booking to move, or the cancelled one.
    pub former_booking: Option<i64>,
    /// The appointment type that the patient would be booked for.
    pub appointment_type: i64,
    /// The time that the booking would have.
    pub slot: Span,
    /// The app's key of the patient.
    pub patient: Option<String>,
    /// The patient's name.
    pub patient_name: Option<String>,
    /// How to reach the patient.
    pub contact: Option<String>,
}

/// Claims by source and id of the row.
type Claims = HashMap<(Source, i64), Claim>;

/// Reads the booking whose place is free.
pub fn freed(spi: &Spi, clinic: i64, booking: i64, access: Access) -> Result<Freed> {
    let found: Option<FreedRow> = spi.row(&FREED, access, &[param(clinic), param(booking)])?;
    let row = found.ok_or_else(|| {
        ClinicError::new(SqlState::NotFound, format!("booking {booking} does not exist"))
            .detail(format!("Clinic {clinic} has no such row in clinic.bookings."))
    })?;
    Ok(Freed {
        provider: row.provider_id,
        room: row.room_id,
        appointment_type: row.appointment_type_id,
        during: booked_span(booking, row.slot_start, row.slot_end)?,
        kind: if row.is_overbooked { BookingKind::Overbooked } else { BookingKind::Normal },
        patient: row.patient_id,
    })
}

/// The best candidates for the place of a booking, best first.
pub fn find(spi: &Spi, opened: &Opened, query: &Query) -> Result<(Freed, Vec<Found>)> {
    let freed = freed(spi, opened.clinic, query.booking, query.access)?;
    let Some(mut vacancy) = vacancy(spi, opened, query, &freed)? else {
        return Ok((freed, Vec::new()));
    };
    let claims = claims(spi, opened.clinic, query, &freed, &vacancy)?;
    let patients = patients(spi, opened.clinic, query.access, &vacancy, &claims)?;
    vacancy.set_patients(patients);
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

/// The place with everything that matters there; `None` where nobody can take it.
fn vacancy(spi: &Spi, opened: &Opened, query: &Query, freed: &Freed) -> Result<Option<Vacancy>> {
    let start = freed.during.start;
    if clinic::check_instant(start, "slot_start").is_err() {
        return Ok(None);
    }
    let same_type_only = query.same_type_only.unwrap_or(opened.backfill_same_type_only);
    let params = [param(opened.clinic), same_type_only.then_some(freed.appointment_type).and_then(param)];
    let types: Vec<AppointmentType> =
        spi.rows(&TYPES, query.access, &params)?.into_iter().map(appointment_type).collect();
    let Some(first) = types.first() else { return Ok(None) };
    let wanted = Wanted {
        clinic: Some(opened.clinic),
        appointment_type: TypeKey::Id(first.id.0),
        duration: None,
        providers: Providers::one(freed.provider),
        rooms: Some(vec![freed.room]),
        patient: None,
        now: query.now,
        except_booking: Some(query.booking),
        access: query.access,
    };
    let date = opened.today(start)?;
    let mut clinic = load::snapshot_for(spi, opened, &wanted, &types, date, date, Some(start))?.clinic;
    let notice = query.notice.unwrap_or(opened.backfill_notice);
    clinic.settings.minimum_notice = clinic.settings.minimum_notice.max(notice);
    Ok(Vacancy::open(clinic, freed.kind, start, query.now, types))
}

fn appointment_type(row: TypeRow) -> AppointmentType {
    AppointmentType {
        id: AppointmentTypeId(row.id),
        name: row.name,
        duration: row.duration_minutes.0,
        needs: RoomNeeds { room_type: row.required_room_type, equipment: row.required_equipment },
        required_skills: row.required_skills,
    }
}

/// Everybody to whom such a place is acceptable, but for the patient who gave it up.
fn claims(spi: &Spi, clinic: i64, query: &Query, freed: &Freed, vacancy: &Vacancy) -> Result<Claims> {
    let types: Vec<i64> = vacancy.types().map(|id| id.0).collect();
    let free: Vec<i64> = vacancy.free_types().iter().map(|id| id.0).collect();
    let (clinic, provider) = (param(clinic), param(freed.provider));
    let first = date_param(add_days(vacancy.date(), -backfill::MAX_DISTANCE_DAYS));
    let last = date_param(add_days(vacancy.date(), backfill::MAX_DISTANCE_DAYS));
    let mut claims = Claims::new();
    let mut add = |applicant: Applicant| {
        let claim = vacancy.claim(applicant);
        let others = claim.filter(|claim| claim.patient.is_none() || claim.patient != freed.patient);
        claims.extend(others.map(|claim| ((claim.candidate.source, claim.candidate.id), claim)));
        Ok(())
    };
    let (start, now) = (instant_param(freed.during.start), instant_param(query.now));
    let params = [clinic, param(types), provider, first, last, start, now];
    spi.for_each_row(&WAITING_FOR_EARLIER, query.access, &params, |row| add(waiting(row)))?;
    let params = [clinic, param(free.clone()), provider, first, last];
    spi.for_each_row(&WAITING, query.access, &params, |row| add(waiting(row)))?;
    let params = [clinic, param(free), first, last, param(query.booking)];
    spi.for_each_row(&CANCELLED, query.access, &params, |row| add(cancelled(row)))?;
    Ok(claims)
}

fn waiting(row: WaitingRow) -> Applicant {
    let during = row.moved_start.zip(row.moved_end).and_then(|(start, end)| Span::new(start, end));
    let moves = row.moved_id.zip(during).map(|(id, during)| Moved { booking: BookingId(id), during });
    Applicant {
        source: if moves.is_some() { Source::EarlierTime } else { Source::Waitlist },
        id: row.id,
        priority: row.priority,
        since: row.since,
        acceptable: Acceptable {
            from: row.from_date,
            to: row.to_date,
            weekdays: row.weekdays.unwrap_or_default().into_iter().map(|day| day as u8).collect(),
            earliest: row.earliest_time,
            latest: row.latest_time,
        },
        appointment_type: AppointmentTypeId(row.appointment_type_id),
        patient: row.patient_id,
        moves,
    }
}

fn cancelled(row: CancelledRow) -> Applicant {
    Applicant {
        source: Source::OwnCancellation,
        id: row.id,
        priority: 0,
        since: row.since,
        acceptable: Acceptable {
            from: row.local_date,
            to: row.local_date,
            weekdays: Vec::new(),
            earliest: None,
            latest: None,
        },
        appointment_type: AppointmentTypeId(row.appointment_type_id),
        patient: row.patient_id,
        moves: None,
    }
}

/// The patients of bookings while any of the candidates would be there.
fn patients(
    spi: &Spi,
    clinic: i64,
    access: Access,
    vacancy: &Vacancy,
    claims: &Claims,
) -> Result<HashMap<BookingId, String>> {
    let slots = claims.values().map(|claim| vacancy.slot(claim));
    let Some(slot) = slots.max_by_key(|slot| slot.end) else { return Ok(HashMap::new()) };
    // Nothing lasts longer than 24 hours.
    const REACH_DAYS: i64 = 2;
    let params = [
        param(clinic),
        date_param(add_days(vacancy.date(), -REACH_DAYS)),
        date_param(add_days(vacancy.date(), REACH_DAYS)),
        instant_param(slot.start),
        instant_param(slot.end),
    ];
    let rows: Vec<PatientRow> = spi.rows(&PATIENTS, access, &params)?;
    Ok(rows.into_iter().map(|row| (BookingId(row.id), row.patient_id)).collect())
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
    Ok(spi.value(&HAS_LATER, access, &params)?.unwrap_or(true))
}

/// The claim with its patient's name and contact.
fn reached(spi: &Spi, clinic: i64, access: Access, slot: Span, claim: &Claim) -> Result<Found> {
    let candidate = claim.candidate.clone();
    let (statement, waitlist, former_booking) = match candidate.source {
        Source::OwnCancellation => (&BOOKING_CONTACT, None, Some(candidate.id)),
        Source::Waitlist | Source::EarlierTime => {
            (&WAITING_CONTACT, Some(candidate.id), claim.moves.map(|moved| moved.booking.0))
        }
    };
    let row: Option<ContactRow> = spi.row(statement, access, &[param(clinic), param(candidate.id)])?;
    let (patient_name, contact) = row.map(|row| (row.patient_name, row.contact)).unwrap_or_default();
    Ok(Found {
        candidate,
        waitlist,
        former_booking,
        appointment_type: claim.appointment_type.0,
        slot,
        patient: claim.patient.clone(),
        patient_name,
        contact,
    })
}
