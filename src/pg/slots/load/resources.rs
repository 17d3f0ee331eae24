//! Providers with their opening times, and rooms.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use pg_clinic_core::booking::clinic::{Provider, Room};
use pg_clinic_core::booking::hours::{DAYS_BETWEEN_ZONES, OpeningWindow};
use pg_clinic_core::booking::slots::ZONE_MARGIN_DAYS;
use pg_clinic_core::ids::{ProviderId, RoomId};
use pg_clinic_core::time::calendar::{WallTime, add_days, date_to_pg_days};
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY, Minutes};
use pg_clinic_core::time::windows::{WeeklyWindow, WindowOverride};
use pg_clinic_core::time::zone::Zone;

use super::Providers;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Param, Spi, date_param, param, statements};
use crate::pg::platform::values::{OpenDate, missing_row};
use crate::pg::platform::zone;

statements! {
    /// Providers: all, or some; and whether they are of a specialty, if one is asked for.
    PROVIDERS(INT8OID, INT8ARRAYOID, TEXTOID) =
        "select id, name, enabled, buffer_minutes, max_daily_appointments,
           $3 is null or coalesce(lower(specialty) = lower($3), false) as is_of_specialty
         from clinic.providers where clinic_id = $1 and ($2 is null or id = any ($2)) order by id";
    /// Rooms: all, or some.
    ROOMS(INT8OID, INT8ARRAYOID) =
        "select id, name, enabled, room_type, equipment, turnover_minutes
         from clinic.rooms where clinic_id = $1 and ($2 is null or id = any ($2)) order by id";
    /// Weekly windows that hold on some date of a range.
    AVAILABILITY(INT8OID, INT8ARRAYOID, DATEOID, DATEOID) =
        "select provider_id, day_of_week, start_time, end_time, valid_from, valid_until, every_weeks, weeks_of_month, time_zone
         from clinic.provider_availability
         where clinic_id = $1 and ($2 is null or provider_id = any ($2))
           and (valid_from is null or valid_from <= $4) and (valid_until is null or valid_until >= $3)";
    /// Overrides of providers on the dates of a range.
    OVERRIDES(INT8OID, INT8ARRAYOID, DATEOID, DATEOID) =
        "select provider_id, on_date, start_time, end_time from clinic.availability_overrides
         where clinic_id = $1 and provider_id is not null and ($2 is null or provider_id = any ($2))
           and on_date between $3 and $4";
}

row! {
    struct ProviderRow {
        id: i64,
        name: String,
        enabled: bool,
        buffer_minutes: i32,
        max_daily_appointments: i32,
        is_of_specialty: bool,
    }
}

row! {
    struct RoomRow {
        id: i64,
        name: String,
        enabled: bool,
        room_type: String,
        equipment: Vec<String>,
        turnover_minutes: i32,
    }
}

row! {
    struct WindowRow {
        provider_id: i64,
        day_of_week: i32,
        start_time: WallTime,
        end_time: WallTime,
        valid_from: Option<OpenDate>,
        valid_until: Option<OpenDate>,
        every_weeks: i32,
        weeks_of_month: Option<Vec<i32>>,
        time_zone: Option<String>,
    }
}

row! {
    struct OverrideRow {
        provider_id: i64,
        on_date: NaiveDate,
        start_time: Option<WallTime>,
        end_time: Option<WallTime>,
    }
}

/// The dates of a question.
#[derive(Clone, Copy)]
pub struct Dates {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Dates {
    /// The zone of a window, covering what the clinic's does.
    fn zone(self, name: &str) -> Result<Zone> {
        let margin = Minutes(ZONE_MARGIN_DAYS as i32 * 24 * 60);
        let midnight = |date| Instant(i64::from(date_to_pg_days(date)) * MICROS_PER_DAY);
        zone::of_table(
            name,
            "provider_availability",
            midnight(self.from) - margin,
            midnight(self.to) + margin,
        )
    }
}

/// Providers with the windows that can matter: those of the day before reach past midnight, and those of the day
/// after adjoin.
pub fn providers(
    spi: &Spi,
    clinic: i64,
    wanted: &Providers,
    access: Access,
    dates: Dates,
) -> Result<Vec<Provider>> {
    let ids = || wanted.ids.clone().and_then(param);
    let specialty = wanted.specialty.as_deref();
    let mut rows: Vec<ProviderRow> =
        spi.rows(&PROVIDERS, access, &[param(clinic), ids(), specialty.and_then(param)])?;
    require(wanted.ids.as_deref(), rows.iter().map(|row| row.id), "provider", "providers", clinic)?;
    rows.retain(|row| row.is_of_specialty);
    if let Some(specialty) = specialty.filter(|_| rows.is_empty() && wanted.ids.is_none()) {
        return Err(no_specialist(clinic, specialty));
    }
    let provider = |row: ProviderRow| Provider {
        id: ProviderId(row.id),
        name: row.name,
        enabled: row.enabled,
        buffer: Minutes(row.buffer_minutes),
        max_daily_appointments: row.max_daily_appointments,
        availability: Vec::new(),
        overrides: Vec::new(),
    };
    let mut providers: Vec<_> = rows.into_iter().map(provider).collect();
    let (first, last) = (add_days(dates.from, -1), add_days(dates.to, 1));
    let params = |first, last| [param(clinic), ids(), date_param(first), date_param(last)];
    // A window with a zone of its own may start on another date there.
    let in_any_zone = params(add_days(first, -DAYS_BETWEEN_ZONES), add_days(last, DAYS_BETWEEN_ZONES));
    windows(spi, access, &in_any_zone, dates, &mut providers)?;
    overrides(spi, access, &params(first, last), &mut providers)?;
    Ok(providers)
}

fn windows(
    spi: &Spi,
    access: Access,
    params: &[Param],
    dates: Dates,
    providers: &mut [Provider],
) -> Result<()> {
    let rows: Vec<WindowRow> = spi.rows(&AVAILABILITY, access, params)?;
    for row in rows {
        let weekly = WeeklyWindow {
            day_of_week: row.day_of_week as u8,
            start: row.start_time,
            end: row.end_time,
            valid_from: row.valid_from.and_then(|date| date.0),
            valid_until: row.valid_until.and_then(|date| date.0),
        };
        let window = OpeningWindow {
            weekly,
            every_weeks: row.every_weeks.into(),
            weeks_of_month: row.weeks_of_month.unwrap_or_default(),
            zone: row.time_zone.map(|name| dates.zone(&name)).transpose()?,
        };
        if let Some(provider) = by_id(providers, row.provider_id) {
            provider.availability.push(window);
        }
    }
    Ok(())
}

fn overrides(spi: &Spi, access: Access, params: &[Param], providers: &mut [Provider]) -> Result<()> {
    let rows: Vec<OverrideRow> = spi.rows_of("availability_overrides", &OVERRIDES, access, params)?;
    for row in rows {
        let window = WindowOverride { on_date: row.on_date, window: row.start_time.zip(row.end_time) };
        if let Some(provider) = by_id(providers, row.provider_id) {
            provider.overrides.push(window);
        }
    }
    Ok(())
}

/// Rooms, by id.
pub fn rooms(spi: &Spi, clinic: i64, only: Option<&[i64]>, access: Access) -> Result<Vec<Room>> {
    let ids = only.map(<[i64]>::to_vec).and_then(param);
    let rows: Vec<RoomRow> = spi.rows(&ROOMS, access, &[param(clinic), ids])?;
    require(only, rows.iter().map(|row| row.id), "room", "rooms", clinic)?;
    let room = |row: RoomRow| Room {
        id: RoomId(row.id),
        name: row.name,
        enabled: row.enabled,
        room_type: row.room_type,
        equipment: row.equipment,
        turnover: Minutes(row.turnover_minutes),
    };
    Ok(rows.into_iter().map(room).collect())
}

fn by_id(providers: &mut [Provider], id: i64) -> Option<&mut Provider> {
    let index = providers.binary_search_by_key(&ProviderId(id), |provider| provider.id).ok()?;
    Some(&mut providers[index])
}

/// Refuses an id that isn't among those found.
fn require(
    ids: Option<&[i64]>,
    found: impl Iterator<Item = i64>,
    what: &str,
    table: &str,
    clinic: i64,
) -> Result<()> {
    let Some(ids) = ids else { return Ok(()) };
    let found: BTreeSet<_> = found.collect();
    match ids.iter().find(|id| !found.contains(id)) {
        Some(missing) => Err(missing_row(what, table, "name", clinic, *missing)),
        None => Ok(()),
    }
}

/// The error for a specialty that nobody has.
fn no_specialist(clinic: i64, specialty: &str) -> ClinicError {
    ClinicError::new(SqlState::NotFound, format!("no provider has the specialty \"{specialty}\""))
        .detail(format!("Clinic {clinic} has no such row in clinic.providers."))
        .hint("select distinct specialty from clinic.providers lists those there are.")
}
