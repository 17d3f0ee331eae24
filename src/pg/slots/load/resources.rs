//! Providers with their opening times, and rooms.

use chrono::NaiveDate;
use pg_clinic_core::booking::clinic::{Provider, Room};
use pg_clinic_core::ids::{ProviderId, RoomId};
use pg_clinic_core::time::calendar::add_days;
use pg_clinic_core::time::interval::Minutes;
use pg_clinic_core::time::windows::WeeklyWindow;

use crate::pg::platform::error::{ClinicError, Result};
use crate::pg::platform::spi::{Access, Param, Spi, date_param, param, statements};
use crate::pg::platform::values::{missing_row, open_date, wall_time, window_override};

statements! {
    /// Providers: all, or the one asked for.
    PROVIDERS(INT8OID, INT8OID) =
        "select id, name, enabled, buffer_minutes, max_daily_appointments
         from clinic.providers where clinic_id = $1 and ($2 is null or id = $2) order by id";
    /// Rooms: all, or the one asked for.
    ROOMS(INT8OID, INT8OID) =
        "select id, name, enabled, room_type, equipment, turnover_minutes
         from clinic.rooms where clinic_id = $1 and ($2 is null or id = $2) order by id";
    /// Weekly windows that hold on some date of a range.
    AVAILABILITY(INT8OID, INT8OID, DATEOID, DATEOID) =
        "select provider_id, day_of_week, start_time, end_time, valid_from, valid_until
         from clinic.provider_availability
         where clinic_id = $1 and ($2 is null or provider_id = $2)
           and (valid_from is null or valid_from <= $4) and (valid_until is null or valid_until >= $3)";
    /// Overrides of providers on the dates of a range.
    OVERRIDES(INT8OID, INT8OID, DATEOID, DATEOID) =
        "select provider_id, on_date, start_time, end_time from clinic.availability_overrides
         where clinic_id = $1 and provider_id is not null and ($2 is null or provider_id = $2)
           and on_date between $3 and $4";
}

/// The dates asked for.
#[derive(Clone, Copy)]
pub struct Dates {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

/// Rows as the core wants them, and their names in the same order.
pub struct Named<T> {
    pub values: Vec<T>,
    pub names: Vec<String>,
}

/// Providers with the windows that can matter: those of the day before reach past midnight, and those of the day
/// after adjoin.
pub fn providers(
    spi: &Spi,
    clinic: i64,
    only: Option<i64>,
    access: Access,
    dates: Dates,
) -> Result<Named<Provider>> {
    let params = [param(clinic), only.and_then(param)];
    let mut named = Named { values: Vec::new(), names: Vec::new() };
    spi.execute(&PROVIDERS, access, &params, 0)?.for_each(|row| {
        named.values.push(Provider {
            id: ProviderId(row.get(0)?),
            enabled: row.get(2)?,
            buffer: Minutes(row.get(3)?),
            max_daily_appointments: row.get(4)?,
            availability: Vec::new(),
            overrides: Vec::new(),
        });
        named.names.push(row.get(1)?);
        Ok(())
    })?;
    if let Some(id) = only.filter(|_| named.values.is_empty()) {
        return Err(missing("provider", "providers", clinic, id));
    }
    let (first, last) = (add_days(dates.from, -1), add_days(dates.to, 1));
    let params = [param(clinic), only.and_then(param), date_param(first), date_param(last)];
    windows(spi, access, &params, &mut named.values)?;
    overrides(spi, access, &params, &mut named.values)?;
    Ok(named)
}

fn windows(spi: &Spi, access: Access, params: &[Param], providers: &mut [Provider]) -> Result<()> {
    spi.execute(&AVAILABILITY, access, params, 0)?.for_each(|row| {
        let window = WeeklyWindow {
            day_of_week: row.get::<i32>(1)? as u8,
            start: wall_time(row, 2)?,
            end: wall_time(row, 3)?,
            valid_from: open_date(row, 4)?,
            valid_until: open_date(row, 5)?,
        };
        if let Some(provider) = by_id(providers, row.get(0)?) {
            provider.availability.push(window);
        }
        Ok(())
    })
}

fn overrides(spi: &Spi, access: Access, params: &[Param], providers: &mut [Provider]) -> Result<()> {
    spi.execute(&OVERRIDES, access, params, 0)?.for_each(|row| {
        let window = window_override(row)?;
        if let Some(provider) = by_id(providers, row.get(0)?) {
            provider.overrides.push(window);
        }
        Ok(())
    })
}

/// Rooms, by id.
pub fn rooms(spi: &Spi, clinic: i64, only: Option<i64>, access: Access) -> Result<Named<Room>> {
    let params = [param(clinic), only.and_then(param)];
    let mut named = Named { values: Vec::new(), names: Vec::new() };
    spi.execute(&ROOMS, access, &params, 0)?.for_each(|row| {
        named.values.push(Room {
            id: RoomId(row.get(0)?),
            enabled: row.get(2)?,
            room_type: row.get(3)?,
            equipment: row.get(4)?,
            turnover: Minutes(row.get(5)?),
        });
        named.names.push(row.get(1)?);
        Ok(())
    })?;
    match only {
        Some(id) if named.values.is_empty() => Err(missing("room", "rooms", clinic, id)),
        _ => Ok(named),
    }
}

fn by_id(providers: &mut [Provider], id: i64) -> Option<&mut Provider> {
    let index = providers.binary_search_by_key(&ProviderId(id), |provider| provider.id).ok()?;
    Some(&mut providers[index])
}

/// The error for an id that isn't there.
fn missing(what: &str, table: &str, clinic: i64, id: i64) -> ClinicError {
    missing_row(what, table, "name", clinic, id)
}
