//! Time off, policies and bookings.

use chrono::NaiveDate;
use pg_clinic_core::booking::clinic::{
    Assistance, Occupied, OverbookingRule, Provider, ScoringProfile, TimeOff, TimeOffScope, Weights,
};
use pg_clinic_core::booking::slots::ToLoad;
use pg_clinic_core::ids::{AppointmentTypeId, BookingId, ProviderId, RoomId, StaffId, TimeOffId};
use pg_clinic_core::time::interval::{Instant, Span, TIME};

use super::Wanted;
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::{Unbounded, row};
use crate::pg::platform::spi::{Access, Spi, date_param, instant_param, param, statements};
use crate::pg::platform::unused::is_unused_index;
use crate::pg::platform::values::without_time;

/// Occupying bookings, with the expressions for what isn't the same in all queries.
macro_rules! bookings {
    ($is_same_patient:literal, $provider_busy_from:literal, $room_busy_from:literal, $which:expr) => {
        concat!(
            "select id, provider_id, room_id, is_overbooked, ",
            $is_same_patient,
            " as is_same_patient, local_date,
               lower(during) as starts_at, upper(during) as ends_at,
               ",
            $provider_busy_from,
            " as provider_busy_from, upper(provider_busy) as provider_busy_until,
               ",
            $room_busy_from,
            " as room_busy_from, upper(room_busy) as room_busy_until
             from clinic.bookings where clinic_id = $1 and status in (@occupying@) and ",
            $which
        )
    };
}

/// Near a range of dates.
macro_rules! near {
    () => {
        "local_date between $2 and $3
         and greatest(upper(provider_busy), upper(room_busy)) > $4
         and (hold_expires_at is null or hold_expires_at > $5) and id is distinct from $7
         and ($8 is null or provider_id = $8 or room_id = $9 or patient_id = $6)"
    };
}

statements! {
    /// Enabled overbooking rules.
    OVERBOOKING_RULES(INT8OID) =
        "select provider_id, appointment_type_id, max_overbook from clinic.overbooking_rules
         where clinic_id = $1 and enabled";
    /// Scoring profiles.
    SCORING_PROFILES(INT8OID) =
        "select provider_id, appointment_type_id,
           preference_weight, compactness_weight, room_weight, overbooking_weight, continuity_weight, load_weight
         from clinic.scoring_profiles where clinic_id = $1";
    /// Time off of providers, rooms and the clinic that reaches into a span. An open end reads as NULL.
    TIME_OFF(INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID) =
        "select id, provider_id, room_id, lower(during) as starts_at, upper(during) as ends_at from clinic.time_off
         where clinic_id = $1 and staff_id is null and resource_id is null and during && tstzrange($2, $3)";
    /// Bookings that occupy time near a range of dates. The busy end is the last column of bookings_day_idx, so days
    /// before cost an index entry each, not a row. A few bookings after the last slot are read too: the core ignores them.
    /// With $8 and $9 only those of one provider, one room and the patient.
    OCCUPIED(INT8OID, DATEOID, DATEOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, INT8OID, INT8OID, INT8OID) =
        bookings!("patient_id = $6", "lower(provider_busy)", "lower(room_busy)", near!());
    /// The same where no booking has time before it: taking six ranges apart instead of four is a tenth of a question.
    OCCUPIED_UNPREPARED(INT8OID, DATEOID, DATEOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, INT8OID, INT8OID, INT8OID) =
        bookings!("patient_id = $6", "null::timestamptz", "null::timestamptz", near!());
    /// Bookings of later dates, as far as they are prepared for by some time. With $8 and $9 only those of one provider, one
    /// room and the patient.
    PREPARED(INT8OID, DATEOID, DATEOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, INT8OID, INT8OID, INT8OID) =
        bookings!("patient_id = $6", "lower(provider_busy)", "lower(room_busy)",
            "local_date > $2 and local_date <= $3
             and least(lower(provider_busy), lower(room_busy)) < lower(during)
             and least(lower(provider_busy), lower(room_busy)) < $4
             and (hold_expires_at is null or hold_expires_at > $5) and id is distinct from $7
             and ($8 is null or provider_id = $8 or room_id = $9 or patient_id = $6)");
    /// When providers are busy as other providers of the same person, in any clinic.
    ELSEWHERE(INT8ARRAYOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID) =
        "select p.id as provider_id, lower(b.provider_busy) as starts_at, upper(b.provider_busy) as ends_at
         from clinic.providers p
         join clinic.bookings b on b.person_id = p.person_id and b.provider_id <> p.id
         where p.id = any ($1) and b.person_id is not null and b.status in (@occupying@)
           and b.provider_busy && tstzrange($2, $3) and (b.hold_expires_at is null or b.hold_expires_at > $4)
           and b.id is distinct from $5
         order by p.id, starts_at";
    /// Whom a patient saw last.
    LAST_SEEN(INT8OID, TEXTOID, TIMESTAMPTZOID) =
        "select provider_id from clinic.bookings
         where clinic_id = $1 and patient_id = $2 and status in (@came@) and during && tstzrange(null, $3)
         order by lower(during) desc, id desc limit 1";
    /// A patient's bookings at some time.
    OWN(INT8OID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID) =
        bookings!("true", "lower(provider_busy)", "lower(room_busy)",
            "patient_id = $2 and during && tstzrange($3, $4) and (hold_expires_at is null or hold_expires_at > $5)");
    /// Staff on record with the providers, of those who have one of some skills. The record may be older than somebody's
    /// leave.
    ASSISTANCE(INT8OID, INT8ARRAYOID, TEXTARRAYOID, TIMESTAMPTZOID, TIMESTAMPTZOID) =
        "select s.provider_id, t.id as staff_id, t.skills, lower(w.during) as starts_at, upper(w.during) as ends_at
         from clinic.shifts s
         join clinic.assignments a on a.clinic_id = s.clinic_id and a.shift_id = s.id
         join clinic.staff t on t.clinic_id = a.clinic_id and t.id = a.staff_id and t.enabled
         cross join lateral unnest(tstzmultirange(s.during) - coalesce(
           (select range_agg(o.during) from clinic.time_off o
             where o.clinic_id = t.clinic_id and o.staff_id = t.id and o.during && s.during), '{}')) as w (during)
         where s.clinic_id = $1 and s.during && tstzrange($4, $5) and t.skills && $3
           and s.provider_id is not null and ($2 is null or s.provider_id = any ($2))";
}

row! {
    /// An overbooking rule.
    pub struct OverbookingRuleRow {
        provider_id: Option<i64>,
        appointment_type_id: Option<i64>,
        max_overbook: i32,
    }
}

row! {
    struct ScoringProfileRow {
        provider_id: Option<i64>,
        appointment_type_id: Option<i64>,
        preference_weight: f64,
        compactness_weight: f64,
        room_weight: f64,
        overbooking_weight: f64,
        continuity_weight: f64,
        load_weight: f64,
    }
}

row! {
    struct TimeOffRow {
        id: i64,
        provider_id: Option<i64>,
        room_id: Option<i64>,
        starts_at: Option<Unbounded>,
        ends_at: Option<Unbounded>,
    }
}

row! {
    struct OccupiedRow {
        id: i64,
        provider_id: i64,
        room_id: Option<i64>,
        is_overbooked: bool,
        is_same_patient: Option<bool>,
        local_date: NaiveDate,
        starts_at: Instant,
        ends_at: Instant,
        /// NULL = the start.
        provider_busy_from: Option<Instant>,
        provider_busy_until: Instant,
        room_busy_from: Option<Instant>,
        /// NULL = it has no room.
        room_busy_until: Option<Instant>,
    }
}

row! {
    struct ElsewhereRow {
        provider_id: i64,
        starts_at: Instant,
        ends_at: Instant,
    }
}

row! {
    struct AssistanceRow {
        provider_id: i64,
        staff_id: i64,
        skills: Vec<String>,
        starts_at: Instant,
        ends_at: Instant,
    }
}

impl From<OverbookingRuleRow> for OverbookingRule {
    fn from(row: OverbookingRuleRow) -> Self {
        Self {
            provider: row.provider_id.map(ProviderId),
            appointment_type: row.appointment_type_id.map(AppointmentTypeId),
            max_overbook: row.max_overbook,
        }
    }
}

/// Enabled overbooking rules of a clinic.
pub fn overbooking_rules(spi: &Spi, clinic: i64, access: Access) -> Result<Vec<OverbookingRule>> {
    let rows: Vec<OverbookingRuleRow> =
        spi.rows_of("overbooking_rules", &OVERBOOKING_RULES, access, &[param(clinic)])?;
    Ok(rows.into_iter().map(OverbookingRule::from).collect())
}

/// Scoring profiles of a clinic.
pub fn scoring_profiles(spi: &Spi, clinic: i64, access: Access) -> Result<Vec<ScoringProfile>> {
    let rows: Vec<ScoringProfileRow> =
        spi.rows_of("scoring_profiles", &SCORING_PROFILES, access, &[param(clinic)])?;
    let profile = |row: ScoringProfileRow| ScoringProfile {
        provider: row.provider_id.map(ProviderId),
        appointment_type: row.appointment_type_id.map(AppointmentTypeId),
        weights: Weights {
            preference: row.preference_weight,
            compactness: row.compactness_weight,
            room: row.room_weight,
            overbooking: row.overbooking_weight,
            continuity: row.continuity_weight,
            load: row.load_weight,
        },
    };
    Ok(rows.into_iter().map(profile).collect())
}

/// Time off that reaches into the span from `lo` to `hi`. An open end is an end of [`TIME`].
pub fn time_off(spi: &Spi, clinic: i64, access: Access, lo: Instant, hi: Instant) -> Result<Vec<TimeOff>> {
    let params = [param(clinic), instant_param(lo), instant_param(hi)];
    let rows: Vec<TimeOffRow> = spi.rows_of("time_off", &TIME_OFF, access, &params)?;
    let time_off = |row: TimeOffRow| {
        let scope = match (row.provider_id, row.room_id) {
            (Some(provider), _) => TimeOffScope::Provider(ProviderId(provider)),
            (None, Some(room)) => TimeOffScope::Room(RoomId(room)),
            (None, None) => TimeOffScope::Clinic,
        };
        // NULL is an open end, and i64's ends are the infinities.
        let start = row.starts_at.map_or(TIME.start, |at| Instant(at.0)).max(TIME.start);
        let end = row.ends_at.map_or(TIME.end, |at| Instant(at.0)).min(TIME.end);
        Span::new(start, end).map(|during| TimeOff { id: TimeOffId(row.id), scope, during })
    };
    Ok(rows.into_iter().filter_map(time_off).collect())
}

/// Occupying bookings in reach, by start and id.
///
/// `only`: the one provider and the one room in question, if there is but one place.
pub fn occupied(
    spi: &Spi,
    clinic: i64,
    wanted: &Wanted,
    reach: &ToLoad,
    only: Option<(ProviderId, Option<RoomId>)>,
) -> Result<Vec<Occupied>> {
    let params = |first, last, at| {
        [
            param(clinic),
            date_param(first),
            date_param(last),
            instant_param(at),
            instant_param(wanted.now),
            wanted.patient.as_deref().and_then(param),
            wanted.except_booking.and_then(param),
            only.and_then(|(provider, _)| param(provider.0)),
            only.and_then(|(_, room)| param(room?.0)),
        ]
    };
    let in_reach = params(reach.first_date, reach.last_date, reach.lo);
    let rows: Vec<OccupiedRow> = match is_unused_index("bookings", "bookings_before_idx")? {
        true => spi.rows(&OCCUPIED_UNPREPARED, wanted.access, &in_reach)?,
        false => {
            let mut rows = spi.rows(&OCCUPIED, wanted.access, &in_reach)?;
            let prepared = params(reach.last_date, reach.last_prepared, reach.hi);
            rows.extend(spi.rows::<OccupiedRow>(&PREPARED, wanted.access, &prepared)?);
            rows
        }
    };
    let mut occupied = rows.into_iter().map(taken).collect::<Result<Vec<_>>>()?;
    occupied.sort_unstable_by_key(|booking| (booking.during.start, booking.id));
    Ok(occupied)
}

fn taken(row: OccupiedRow) -> Result<Occupied> {
    let during = booked_span(row.id, row.starts_at, row.ends_at)?;
    Ok(Occupied {
        id: BookingId(row.id),
        provider: ProviderId(row.provider_id),
        room: row.room_id.map(RoomId),
        is_overbooked: row.is_overbooked,
        is_same_patient: row.is_same_patient.unwrap_or(false),
        local_date: row.local_date,
        during,
        provider_busy: Span {
            start: row.provider_busy_from.unwrap_or(row.starts_at),
            end: row.provider_busy_until,
        },
        room_busy: room_busy(row.room_busy_from.or(Some(row.starts_at)), row.room_busy_until, during),
    })
}

/// When providers are busy as other providers of the same person, in any clinic.
pub fn elsewhere(
    spi: &Spi,
    providers: &[Provider],
    wanted: &Wanted,
    reach: &ToLoad,
) -> Result<Vec<(ProviderId, Span)>> {
    if is_unused_index("providers", "providers_person_idx")? {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = providers.iter().map(|provider| provider.id.0).collect();
    let params = [
        param(ids),
        instant_param(reach.lo),
        instant_param(reach.hi),
        instant_param(wanted.now),
        wanted.except_booking.and_then(param),
    ];
    let rows: Vec<ElsewhereRow> = spi.rows(&ELSEWHERE, wanted.access, &params)?;
    let busy = |row: ElsewhereRow| {
        Span::new(row.starts_at, row.ends_at).map(|span| (ProviderId(row.provider_id), span))
    };
    Ok(rows.into_iter().filter_map(busy).collect())
}

/// Whom the patient saw last; reads nothing where no profile gives that a weight, or nobody says who asks.
pub fn last_seen(
    spi: &Spi,
    clinic: i64,
    wanted: &Wanted,
    profiles: &[ScoringProfile],
) -> Result<Option<ProviderId>> {
    let matters = profiles.iter().any(|profile| profile.weights.continuity > 0.0);
    let Some(patient) = wanted.patient.as_deref().filter(|_| matters) else { return Ok(None) };
    let params = [param(clinic), param(patient), instant_param(wanted.now)];
    let provider: Option<i64> = spi.value(&LAST_SEEN, wanted.access, &params)?;
    Ok(provider.map(ProviderId))
}

/// A patient's bookings at some time.
pub fn own(
    spi: &Spi,
    clinic: i64,
    patient: &str,
    during: Span,
    now: Instant,
    access: Access,
) -> Result<Vec<Occupied>> {
    let params = [
        param(clinic),
        param(patient),
        instant_param(during.start),
        instant_param(during.end),
        instant_param(now),
    ];
    let rows: Vec<OccupiedRow> = spi.rows(&OWN, access, &params)?;
    rows.into_iter().map(taken).collect()
}

/// The time of a booking, which its CHECK keeps from being empty.
pub fn booked_span(booking: i64, start: Instant, end: Instant) -> Result<Span> {
    Span::new(start, end).ok_or_else(|| without_time("booking", "bookings", booking))
}

/// When a booking keeps its room: the appointment itself where it has none.
#[must_use]
pub fn room_busy(from: Option<Instant>, until: Option<Instant>, during: Span) -> Span {
    from.zip(until).map_or(during, |(start, end)| Span { start, end })
}

/// Staff who work with the providers in reach and have one of `skills`; reads nothing where none is required.
pub fn assistance(
    spi: &Spi,
    clinic: i64,
    wanted: &Wanted,
    skills: Vec<String>,
    reach: &ToLoad,
) -> Result<Vec<Assistance>> {
    if skills.is_empty() {
        return Ok(Vec::new());
    }
    let params = [
        param(clinic),
        wanted.providers.ids.clone().and_then(param),
        param(skills),
        instant_param(reach.lo),
        instant_param(reach.hi),
    ];
    let rows: Vec<AssistanceRow> = spi.rows(&ASSISTANCE, wanted.access, &params)?;
    let assistance = |row: AssistanceRow| {
        let during = Span::new(row.starts_at, row.ends_at)?;
        let (provider, staff) = (ProviderId(row.provider_id), StaffId(row.staff_id));
        Some(Assistance { provider, staff, skills: row.skills, during })
    };
    Ok(rows.into_iter().filter_map(assistance).collect())
}
