//! Limits of bookings, and how far they are used.

use chrono::NaiveDate;
use pg_clinic_core::booking::clinic::Clinic;
use pg_clinic_core::booking::limits::{BookingLimit, LimitPer, LimitPeriod, LimitUse, Most};
use pg_clinic_core::ids::{AppointmentTypeId, BookingLimitId, ProviderId};
use pg_clinic_core::time::calendar::add_days;
use pg_clinic_core::time::interval::Instant;

use super::Wanted;
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, date_param, instant_param, param, statements};

statements! {
    /// Enabled limits of bookings.
    LIMITS(INT8OID) =
        "select id, provider_id, appointment_type_id, per, period, max_bookings, max_minutes
         from clinic.booking_limits where clinic_id = $1 and enabled order by id";
    /// What counts to a limit, by provider and date: of a provider ($2), a type ($3), a patient ($4), between dates ($5 and $6)
    /// or not over ($7), but one booking ($8). Holds that ran out by $9 don't.
    LIMIT_USE(INT8OID, INT8OID, INT8OID, TEXTOID, DATEOID, DATEOID, TIMESTAMPTZOID, INT8OID, TIMESTAMPTZOID) =
        "select provider_id, local_date, count(*) as bookings,
           coalesce(sum(extract(epoch from upper(during) - lower(during)) / 60), 0)::bigint as minutes
         from clinic.bookings
         where clinic_id = $1 and status in (@occupying@) and (hold_expires_at is null or hold_expires_at > $9)
           and ($2 is null or provider_id = $2) and ($3 is null or appointment_type_id = $3)
           and ($4 is null or patient_id = $4)
           and ($5 is null or local_date between $5 and $6) and ($7 is null or during && tstzrange($7, null))
           and id is distinct from $8
         group by provider_id, local_date";
}

row! {
    struct LimitRow {
        id: i64,
        provider_id: Option<i64>,
        appointment_type_id: Option<i64>,
        per: LimitPer as "clinic.booking_limits",
        period: LimitPeriod as "clinic.booking_limits",
        max_bookings: Option<i64>,
        max_minutes: Option<i64>,
    }
}

row! {
    struct UseRow {
        provider_id: i64,
        local_date: NaiveDate,
        bookings: i64,
        minutes: i64,
    }
}

/// Enabled limits of a clinic's bookings, by id.
pub fn limits(spi: &Spi, clinic: i64, access: Access) -> Result<Vec<BookingLimit>> {
    let rows: Vec<LimitRow> = spi.rows_of("booking_limits", &LIMITS, access, &[param(clinic)])?;
    let limit = |row: LimitRow| BookingLimit {
        id: BookingLimitId(row.id),
        provider: row.provider_id.map(ProviderId),
        appointment_type: row.appointment_type_id.map(AppointmentTypeId),
        per: row.per,
        period: row.period,
        // A CHECK keeps one of them null.
        most: match row.max_minutes {
            Some(minutes) => Most::Minutes(minutes),
            None => Most::Bookings(row.max_bookings.unwrap_or(0)),
        },
    };
    Ok(rows.into_iter().map(limit).collect())
}

/// Whose bookings are counted, and when.
pub struct Counting<'a> {
    pub clinic: i64,
    pub provider: Option<i64>,
    pub patient: Option<&'a str>,
    pub dates: Option<(NaiveDate, NaiveDate)>,
    pub now: Instant,
    pub except_booking: Option<i64>,
    pub access: Access,
}

impl Counting<'_> {
    /// What is booked of it.
    pub fn read(&self, spi: &Spi, limit: &BookingLimit) -> Result<Vec<LimitUse>> {
        let upcoming = (limit.period == LimitPeriod::Upcoming).then_some(self.now);
        let params = [
            param(self.clinic),
            limit.provider.map(|provider| provider.0).or(self.provider).and_then(param),
            limit.appointment_type.and_then(|kind| param(kind.0)),
            self.patient.filter(|_| limit.per == LimitPer::Patient).and_then(param),
            self.dates.and_then(|(first, _)| date_param(first)),
            self.dates.and_then(|(_, last)| date_param(last)),
            upcoming.and_then(instant_param),
            self.except_booking.and_then(param),
            instant_param(self.now),
        ];
        let rows: Vec<UseRow> = spi.rows(&LIMIT_USE, self.access, &params)?;
        let used = |row: UseRow| LimitUse {
            limit: limit.id,
            provider: ProviderId(row.provider_id),
            local_date: row.local_date,
            bookings: row.bookings,
            minutes: row.minutes,
        };
        Ok(rows.into_iter().map(used).collect())
    }
}

/// Reads how far a snapshot's limits are used around the dates of a question; without those that can't matter.
pub fn load_use(
    spi: &Spi,
    clinic: &mut Clinic,
    clinic_id: i64,
    wanted: &Wanted,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<()> {
    if wanted.patient.is_none() {
        clinic.limits.retain(|limit| limit.per != LimitPer::Patient);
    }
    for limit in &clinic.limits {
        let first = limit.period.dates(add_days(from, -1)).map(|(first, _)| first);
        let last = limit.period.dates(add_days(to, 1)).map(|(_, last)| last);
        let counting = Counting {
            clinic: clinic_id,
            provider: None,
            patient: wanted.patient.as_deref(),
            dates: first.zip(last),
            now: wanted.now,
            except_booking: wanted.except_booking,
            access: wanted.access,
        };
        clinic.limit_use.extend(counting.read(spi, limit)?);
    }
    Ok(())
}
