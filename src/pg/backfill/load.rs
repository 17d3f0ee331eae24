//! Candidates for a freed place: reads who might want it, and has the core say who fits, in which order, and who could really
//! be booked there. Used by find_backfill, cancel_booking, offer_backfill and the trigger on cancel.

use std::collections::HashMap;

use chrono::NaiveDate;
use pg_clinic_core::booking::backfill::patient::Patient;
use pg_clinic_core::booking::backfill::vacancy::{Applicant, Claim, Vacancy};
use pg_clinic_core::booking::backfill::{self, Acceptable, Candidate, Look, Selection, Source};
use pg_clinic_core::booking::clinic::{Moving, Occupied};
use pg_clinic_core::booking::place::MAX_DURATION;
use pg_clinic_core::booking::status::Status;
use pg_clinic_core::ids::{AppointmentTypeId, BookingId, ProviderId, RoomId};
use pg_clinic_core::time::calendar::WallTime;
use pg_clinic_core::time::interval::{Instant, Minutes, Span};

use super::place::Place;
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::Result;
use crate::pg::platform::requests::TypeKey;
use crate::pg::platform::rows::row;
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::spi::{Access, Spi, date_param, instant_param, param, statements};
use crate::pg::slots::load::rows::{booked_span, own, room_busy};
use crate::pg::slots::load::types::{type_columns, with_providers};
use crate::pg::slots::load::{self, Providers, Rooms, Wanted};

/// Rows whose dates, `$from` to `$to`, are at most `$6` days off the dates `$4` to `$5`; with `$6` above 0 without those that
/// aren't off at all, which were read before.
macro_rules! within_reach {
    ($from:literal, $to:literal) => {
        concat!(
            $to,
            " >= $4 - $6 and ",
            $from,
            " <= $5 + $6 and ($6 = 0 or ",
            $to,
            " < $4 or ",
            $from,
            " > $5)"
        )
    };
}

/// Whether the patient of a cancelled booking `c` has a later one of the type: for a later time, or made since. `$3` is now.
macro_rules! has_later {
    () => {
        concat!(
            has_later!("later.patient_id = c.patient_id"),
            " or c.patient_id is null and ",
            has_later!(
                "later.patient_id is null and later.contact = c.contact and later.patient_name = c.patient_name"
            )
        )
    };
    ($is_same:literal) => {
        concat!(
            "exists (select from clinic.bookings later
               where later.clinic_id = c.clinic_id and ", $is_same,
            "    and later.appointment_type_id = c.appointment_type_id and later.status in (@occupying@)
                 and (later.hold_expires_at is null or later.hold_expires_at > $3)
                 and (lower(later.during) > lower(c.during)
                   or (later.created_at, later.id) > (coalesce(c.cancelled_at, c.created_at), c.id)))"
        )
    };
}

statements! {
    /// Types: one, or all. A booking of a disabled one can still be moved.
    TYPES(INT8OID, INT8OID) = concat!(
        type_columns!(),
        " where clinic_id = $1 and ($2 is null or id = $2) order by id"
    );
    /// Waitlist entries for some types near some dates, of patients without a booking.
    WAITING(INT8OID, INT8ARRAYOID, INT8OID, DATEOID, DATEOID, INT4OID) = concat!(
        "select id, appointment_type_id, priority, created_at as since, from_date, to_date, weekdays, earliest_time, latest_time
         from clinic.waitlist
         where clinic_id = $1 and status = 'waiting' and appointment_type_id = any ($2) and booking_id is null
           and (provider_id is null or provider_id = $3) and ",
        within_reach!("from_date", "to_date")
    );
    /// The same of patients who have a booking, which can still be moved, and want an earlier time.
    WAITING_FOR_EARLIER(INT8OID, INT8ARRAYOID, INT8OID, DATEOID, DATEOID, INT4OID, TIMESTAMPTZOID, TIMESTAMPTZOID) = concat!(
        "select w.id, w.appointment_type_id, w.priority,
           w.created_at as since, w.from_date, w.to_date, w.weekdays, w.earliest_time, w.latest_time,
           b.id as booking_id, b.status, b.provider_id, b.room_id, lower(b.during) as slot_start,
           upper(b.during) as slot_end, lower(b.provider_busy) as provider_busy_from,
           upper(b.provider_busy) as provider_busy_until, lower(b.room_busy) as room_busy_from,
           upper(b.room_busy) as room_busy_until, b.local_date, b.is_overbooked
         from clinic.waitlist w join clinic.bookings b on b.clinic_id = w.clinic_id and b.id = w.booking_id
         where w.clinic_id = $1 and w.status = 'waiting' and w.booking_id is not null
           and w.appointment_type_id = any ($2) and (w.provider_id is null or w.provider_id = $3)
           and b.appointment_type_id = w.appointment_type_id and b.status in (@movable@)
           and lower(b.during) > $7 and (b.hold_expires_at is null or b.hold_expires_at > $8) and ",
        within_reach!("w.from_date", "w.to_date")
    );
    /// Cancelled bookings of some types near some dates. A hold that lapsed is no cancellation.
    CANCELLED(INT8OID, INT8ARRAYOID, INT8OID, DATEOID, DATEOID, INT4OID) = concat!(
        "select id, appointment_type_id, coalesce(cancelled_at, created_at) as since, local_date
         from clinic.bookings
         where clinic_id = $1 and status = 'cancelled' and appointment_type_id = any ($2)
           and id is distinct from $3 and patient_name is not null and hold_expires_at is null and ",
        within_reach!("local_date", "local_date")
    );
    /// Who a waitlist entry's patient is, and whether the wait is over.
    WHO_WAITS(INT8OID, INT8OID, TIMESTAMPTZOID) =
        "select coalesce(b.patient_id, w.patient_id) as patient_id, w.patient_name, w.contact,
           $3 is not null and not exists (select from clinic.waiting v where v.clinic_id = w.clinic_id and v.waitlist_id = w.id)
             as is_settled
         from clinic.waitlist w left join clinic.bookings b on b.clinic_id = w.clinic_id and b.id = w.booking_id
         where w.clinic_id = $1 and w.id = $2";
    /// Who had a booking that was cancelled, and whether another one followed.
    WHO_CANCELLED(INT8OID, INT8OID, TIMESTAMPTZOID) = concat!(
        "select c.patient_id, c.patient_name, c.contact, ", has_later!(), " as is_settled
         from clinic.bookings c where c.clinic_id = $1 and c.id = $2"
    );
}

row! {
    struct WaitingRow {
        id: i64,
        appointment_type_id: i64,
        priority: i32,
        since: Instant,
        from_date: NaiveDate,
        to_date: NaiveDate,
        weekdays: Option<Vec<i32>>,
        earliest_time: Option<WallTime>,
        latest_time: Option<WallTime>,
    }
}

row! {
    /// With the booking that is to be moved.
    struct EarlierRow {
        id: i64,
        appointment_type_id: i64,
        priority: i32,
        since: Instant,
        from_date: NaiveDate,
        to_date: NaiveDate,
        weekdays: Option<Vec<i32>>,
        earliest_time: Option<WallTime>,
        latest_time: Option<WallTime>,
        booking_id: i64,
        status: Status as "clinic.bookings",
        provider_id: i64,
        room_id: Option<i64>,
        slot_start: Instant,
        slot_end: Instant,
        provider_busy_from: Instant,
        provider_busy_until: Instant,
        room_busy_from: Option<Instant>,
        room_busy_until: Option<Instant>,
        local_date: NaiveDate,
        is_overbooked: bool,
    }
}

row! {
    struct CancelledRow {
        id: i64,
        appointment_type_id: i64,
        since: Instant,
        local_date: NaiveDate,
    }
}

row! {
    struct WhoRow {
        patient_id: Option<String>,
        patient_name: Option<String>,
        contact: Option<String>,
        is_settled: bool,
    }
}

/// A question about the candidates for a place.
pub struct Query {
    /// The place.
    pub place: Place,
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
    /// Where in the place: its room, or none where the type needs none.
    pub room: Option<i64>,
    /// The time that the booking would have.
    pub slot: Span,
    /// The app's key of the patient.
    pub patient: Option<String>,
    /// The patient's name.
    pub patient_name: Option<String>,
    /// How to reach the patient.
    pub contact: Option<String>,
}

/// The best candidates for a place, best first.
pub fn find(spi: &Spi, opened: &Opened, query: &Query) -> Result<Vec<Found>> {
    let Some(vacancy) = vacancy(spi, opened, query)? else { return Ok(Vec::new()) };
    let clinic = opened.clinic;
    let mut search = Search { spi, clinic, query, vacancy, claims: Vec::new(), found: HashMap::new() };
    let mut selection = Selection::of(query.max_results);
    // Most often enough of those who can come on the very date are found.
    for reach in [0, backfill::MAX_DISTANCE_DAYS] {
        if !selection.is_full() {
            search.read(reach, &mut selection)?;
            selection.take(reach, |number| search.look(number))?;
        }
    }
    Ok(selection.best().into_iter().filter_map(|number| search.found.remove(&number)).collect())
}

/// A search under way.
struct Search<'a> {
    spi: &'a Spi,
    clinic: i64,
    query: &'a Query,
    vacancy: Vacancy,
    claims: Vec<Claim>,
    /// What became of claims that were looked at and fit.
    found: HashMap<usize, Found>,
}

impl Search<'_> {
    /// Reads everybody whose dates are at most so many days off, but for those who were read before.
    fn read(&mut self, reach: i64, selection: &mut Selection<Patient>) -> Result<()> {
        let Self { spi, clinic, query, vacancy, claims, .. } = self;
        let place = &query.place;
        let types: Vec<i64> = vacancy.types().map(|id| id.0).collect();
        let free: Vec<i64> = vacancy.free_types().map(|id| id.0).collect();
        let (first, last) = vacancy.first_and_last_date();
        let dates = [date_param(first), date_param(last), param(reach as i32)];
        let (clinic, provider) = (param(*clinic), param(place.provider));
        let mut add = |applicant: Applicant| {
            if let Some(claim) = vacancy.claim(applicant) {
                selection.add(claims.len(), claim.candidate.clone());
                claims.push(claim);
            }
            Ok(())
        };
        let [from, to, reach] = dates;
        let (start, now) = (instant_param(vacancy.first_start()), instant_param(query.now));
        let params = [clinic, param(types), provider, from, to, reach, start, now];
        spi.for_each_row(&WAITING_FOR_EARLIER, query.access, &params, |row| add(earlier(row)?))?;
        let params = [clinic, param(free.clone()), provider, from, to, reach];
        spi.for_each_row(&WAITING, query.access, &params, |row| add(waiting(row, None)))?;
        let params = [clinic, param(free), place.booking.and_then(param), from, to, reach];
        spi.for_each_row(&CANCELLED, query.access, &params, |row| add(cancelled(row)))
    }

    /// Looks at a claim closely: who it is, and whether and when the patient could be booked.
    fn look(&mut self, number: usize) -> Result<Look<Patient>> {
        check_for_cancel();
        let claim = &self.claims[number];
        let candidate = claim.candidate.clone();
        let statement = match candidate.source {
            Source::OwnCancellation => &WHO_CANCELLED,
            Source::Waitlist | Source::EarlierTime => &WHO_WAITS,
        };
        let key = [param(self.clinic), param(candidate.id), instant_param(self.query.now)];
        let who: Option<WhoRow> = self.spi.row(statement, self.query.access, &key)?;
        let nobody = Look { patient: None, distance_days: None };
        let Some(who) = who.filter(|who| !who.is_settled) else { return Ok(nobody) };
        let patient =
            Patient::of(who.patient_id.as_deref(), who.patient_name.as_deref(), who.contact.as_deref());
        // Not for whoever gave it up.
        if patient.is_some() && patient == self.query.place.patient {
            return Ok(nobody);
        }
        let own = self.own(who.patient_id.as_deref())?;
        let Some((slot, distance_days)) = self.vacancy.placed(claim, &own) else { return Ok(nobody) };
        let (waitlist, former_booking) = match candidate.source {
            Source::OwnCancellation => (None, Some(candidate.id)),
            Source::Waitlist | Source::EarlierTime => {
                (Some(candidate.id), claim.moves.map(|moved| moved.id.0))
            }
        };
        let found = Found {
            candidate: Candidate { distance_days, ..candidate },
            waitlist,
            former_booking,
            appointment_type: claim.appointment_type.0,
            room: self.vacancy.room_for(claim.appointment_type).map(|id| id.0),
            slot,
            patient: who.patient_id,
            patient_name: who.patient_name,
            contact: who.contact,
        };
        self.found.insert(number, found);
        Ok(Look { patient, distance_days: Some(distance_days) })
    }

    /// The patient's bookings while one in the place could be.
    fn own(&self, patient: Option<&str>) -> Result<Vec<Occupied>> {
        let Some(patient) = patient else { return Ok(Vec::new()) };
        let Query { now, access, .. } = *self.query;
        own(self.spi, self.clinic, patient, self.vacancy.reach(), now, access)
    }
}

/// The place with everything that matters there; `None` where nobody can take it.
fn vacancy(spi: &Spi, opened: &Opened, query: &Query) -> Result<Option<Vacancy>> {
    let place = &query.place;
    let start = place.during.start;
    if clinic::check_instant(start, "slot_start").is_err() {
        return Ok(None);
    }
    let same_type_only = query.same_type_only.unwrap_or(opened.backfill_same_type_only);
    let only = place.appointment_type.filter(|_| same_type_only);
    let params = [param(opened.clinic), only.and_then(param)];
    let types = with_providers(spi, opened.clinic, spi.rows(&TYPES, query.access, &params)?, query.access)?;
    let Some(first) = types.first() else { return Ok(None) };
    let wanted = Wanted {
        clinic: Some(opened.clinic),
        appointment_type: TypeKey::Id(first.id.0),
        duration: None,
        providers: Providers::one(place.provider),
        rooms: Rooms::of_place(place.room),
        site: None,
        patient: None,
        now: query.now,
        except_booking: place.except,
        access: query.access,
    };
    let zone = opened.settings(start - MAX_DURATION, place.during.end)?.zone;
    let (from, to) = Vacancy::dates(&zone, ProviderId(place.provider), place.during, &types);
    let mut clinic =
        load::snapshot_for(spi, opened, &wanted, &types, None, (from, to), Some(place.during.end))?.clinic;
    let notice = query.notice.unwrap_or(opened.backfill_notice);
    clinic.settings.least_notice = notice;
    Ok(Vacancy::open(clinic, place.kind, place.during, query.now, types))
}

fn waiting(row: WaitingRow, moves: Option<Moving>) -> Applicant {
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
        moves,
    }
}

fn earlier(row: EarlierRow) -> Result<Applicant> {
    let during = booked_span(row.booking_id, row.slot_start, row.slot_end)?;
    let moves = Moving {
        id: BookingId(row.booking_id),
        status: row.status,
        provider: ProviderId(row.provider_id),
        room: row.room_id.map(RoomId),
        appointment_type: AppointmentTypeId(row.appointment_type_id),
        during,
        provider_busy: Span { start: row.provider_busy_from, end: row.provider_busy_until },
        room_busy: room_busy(row.room_busy_from, row.room_busy_until, during),
        local_date: row.local_date,
        is_overbooked: row.is_overbooked,
        occupies: true,
        has_new_patient: false,
        has_new_length: false,
    };
    let wish = WaitingRow {
        id: row.id,
        appointment_type_id: row.appointment_type_id,
        priority: row.priority,
        since: row.since,
        from_date: row.from_date,
        to_date: row.to_date,
        weekdays: row.weekdays,
        earliest_time: row.earliest_time,
        latest_time: row.latest_time,
    };
    Ok(waiting(wish, Some(moves)))
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
        moves: None,
    }
}

/// Whether the patient of a cancelled booking has a later one of the type.
pub fn has_later(spi: &Spi, clinic: i64, access: Access, booking: i64, now: Instant) -> Result<bool> {
    let who: Option<WhoRow> =
        spi.row(&WHO_CANCELLED, access, &[param(clinic), param(booking), instant_param(now)])?;
    Ok(who.is_none_or(|who| who.is_settled))
}
