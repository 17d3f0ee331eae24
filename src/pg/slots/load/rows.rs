//! Time off, policies and bookings.

use pg_clinic_core::booking::clinic::{
    Assistance, Occupied, OverbookingRule, ScoringProfile, TimeOff, TimeOffScope, Weights,
};
use pg_clinic_core::booking::slots::ToLoad;
use pg_clinic_core::ids::{AppointmentTypeId, BookingId, ProviderId, RoomId, StaffId, TimeOffId};
use pg_clinic_core::time::calendar::date_from_pg_days;
use pg_clinic_core::time::interval::{Instant, Span, TIME};

use super::Wanted;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::spi::{Access, Spi, date_param, instant_param, param, statements};

statements! {
    /// Enabled overbooking rules.
    OVERBOOKING_RULES(INT8OID) =
        "select provider_id, appointment_type_id, max_overbook from clinic.overbooking_rules
         where clinic_id = $1 and enabled";
    /// Scoring profiles.
    SCORING_PROFILES(INT8OID) =
        "select provider_id, appointment_type_id,
           preference_weight, compactness_weight, room_weight, overbooking_weight
         from clinic.scoring_profiles where clinic_id = $1";
    /// Time off of providers, rooms and the clinic that reaches into a span. An open end reads as NULL.
    TIME_OFF(INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID) =
        "select id, provider_id, room_id, lower(during), upper(during) from clinic.time_off
         where clinic_id = $1 and staff_id is null and during && tstzrange($2, $3)";
    /// Bookings that occupy time near a range of dates. The busy end is the last column of bookings_day_idx, so days
    /// before cost an index entry each, not a row. A few bookings after the last slot are read too: the core ignores them.
    OCCUPIED(INT8OID, DATEOID, DATEOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, INT8OID) =
        "select id, provider_id, room_id, is_overbooked, patient_id = $6, local_date,
           lower(during), upper(during), upper(provider_busy), upper(room_busy)
         from clinic.bookings
         where clinic_id = $1 and status in (@occupying@) and local_date between $2 and $3
           and greatest(upper(provider_busy), upper(room_busy)) > $4
           and (hold_expires_at is null or hold_expires_at > $5) and id is distinct from $7";
    /// Who works with the providers, by the record, of those who have one of some skills. The record may be older than
    /// somebody's leave.
    ASSISTANCE(INT8OID, INT8OID, TEXTARRAYOID, TIMESTAMPTZOID, TIMESTAMPTZOID) =
        "select s.provider_id, t.id, t.skills, lower(w.during), upper(w.during)
         from clinic.shifts s
         join clinic.assignments a on a.clinic_id = s.clinic_id and a.shift_id = s.id
         join clinic.staff t on t.clinic_id = a.clinic_id and t.id = a.staff_id and t.enabled
         cross join lateral unnest(tstzmultirange(s.during) - coalesce(
           (select range_agg(o.during) from clinic.time_off o
             where o.clinic_id = t.clinic_id and o.staff_id = t.id and o.during && s.during), '{}')) as w (during)
         where s.clinic_id = $1 and s.during && tstzrange($4, $5) and t.skills && $3
           and s.provider_id is not null and ($2 is null or s.provider_id = $2)";
}

/// Enabled overbooking rules of a clinic.
pub fn overbooking_rules(spi: &Spi, clinic: i64, access: Access) -> Result<Vec<OverbookingRule>> {
    spi.query(&OVERBOOKING_RULES, access, &[param(clinic)], |row| {
        Ok(OverbookingRule {
            provider: row.opt(0)?.map(ProviderId),
            appointment_type: row.opt(1)?.map(AppointmentTypeId),
            max_overbook: row.get(2)?,
        })
    })
}

pub fn scoring_profiles(spi: &Spi, clinic: i64, access: Access) -> Result<Vec<ScoringProfile>> {
    spi.query(&SCORING_PROFILES, access, &[param(clinic)], |row| {
        Ok(ScoringProfile {
            provider: row.opt(0)?.map(ProviderId),
            appointment_type: row.opt(1)?.map(AppointmentTypeId),
            weights: Weights {
                preference: row.get(2)?,
                compactness: row.get(3)?,
                room: row.get(4)?,
                overbooking: row.get(5)?,
            },
        })
    })
}

/// Time off that reaches into the span from `lo` to `hi`. An open end is told as an end of [`TIME`].
pub fn time_off(spi: &Spi, clinic: i64, access: Access, lo: Instant, hi: Instant) -> Result<Vec<TimeOff>> {
    let params = [param(clinic), instant_param(lo), instant_param(hi)];
    let rows = spi.query(&TIME_OFF, access, &params, |row| {
        let scope = match (row.opt(1)?, row.opt(2)?) {
            (Some(provider), _) => TimeOffScope::Provider(ProviderId(provider)),
            (None, Some(room)) => TimeOffScope::Room(RoomId(room)),
            (None, None) => TimeOffScope::Clinic,
        };
        // NULL is an open end, and i64's ends are the infinities.
        let start = row.micros(3)?.map_or(TIME.start, Instant).max(TIME.start);
        let end = row.micros(4)?.map_or(TIME.end, Instant).min(TIME.end);
        let id = TimeOffId(row.get(0)?);
        Ok(Span::new(start, end).map(|during| TimeOff { id, scope, during }))
    })?;
    Ok(rows.into_iter().flatten().collect())
}

/// Occupying bookings in reach, by start and id.
pub fn occupied(spi: &Spi, clinic: i64, wanted: &Wanted, reach: &ToLoad) -> Result<Vec<Occupied>> {
    let params = [
        param(clinic),
        date_param(reach.first_date),
        date_param(reach.last_date),
        instant_param(reach.lo),
        instant_param(wanted.now),
        wanted.patient.as_deref().and_then(param),
        wanted.except_booking.and_then(param),
    ];
    let table = spi.execute(&OCCUPIED, wanted.access, &params, 0)?;
    let mut occupied = Vec::with_capacity(table.len());
    table.for_each(|row| {
        let id: i64 = row.get(0)?;
        let damaged = || ClinicError::new(SqlState::Internal, format!("booking {id} has no valid time"));
        occupied.push(Occupied {
            id: BookingId(id),
            provider: ProviderId(row.get(1)?),
            room: RoomId(row.get(2)?),
            is_overbooked: row.get(3)?,
            is_same_patient: row.opt(4)?.unwrap_or(false),
            local_date: row.pg_days(5)?.and_then(date_from_pg_days).ok_or_else(damaged)?,
            during: Span::new(row.instant(6)?, row.instant(7)?).ok_or_else(damaged)?,
            provider_busy_until: row.instant(8)?,
            room_busy_until: row.instant(9)?,
        });
        Ok(())
    })?;
    occupied.sort_unstable_by_key(|booking| (booking.during.start, booking.id));
    Ok(occupied)
}

/// Who works with the providers in reach, of those who have one of `skills`; reads nothing where none is asked for.
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
        wanted.provider.and_then(param),
        param(skills),
        instant_param(reach.lo),
        instant_param(reach.hi),
    ];
    let rows = spi.query(&ASSISTANCE, wanted.access, &params, |row| {
        let (provider, staff, skills) = (ProviderId(row.get(0)?), StaffId(row.get(1)?), row.get(2)?);
        let during = Span::new(row.instant(3)?, row.instant(4)?);
        Ok(during.map(|during| Assistance { provider, staff, skills, during }))
    })?;
    Ok(rows.into_iter().flatten().collect())
}
