//! Providers with their opening times, and rooms.

use std::collections::BTreeSet;

use pg_clinic_core::booking::clinic::{Provider, Room};
use pg_clinic_core::ids::{ProviderId, RoomId, SiteId};
use pg_clinic_core::time::interval::Minutes;

use super::{Providers, hours};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, param, statements};
use crate::pg::platform::values::missing_row;

statements! {
    /// Providers: all, or some; and whether they are of a specialty and have attributes, if that is asked for.
    PROVIDERS(INT8OID, INT8ARRAYOID, TEXTOID, TEXTARRAYOID) =
        "select id, name, enabled, buffer_minutes, max_daily_appointments,
           ($3 is null or coalesce(lower(specialty) = lower($3), false)) and ($4 is null or attributes @> $4) as is_asked_for
         from clinic.providers where clinic_id = $1 and ($2 is null or id = any ($2)) order by id";
    /// Rooms: all, or some.
    ROOMS(INT8OID, INT8ARRAYOID) =
        "select id, name, enabled, room_type, equipment, turnover_minutes, capacity, site_id
         from clinic.rooms where clinic_id = $1 and ($2 is null or id = any ($2)) order by id";
}

row! {
    struct ProviderRow {
        id: i64,
        name: String,
        enabled: bool,
        buffer_minutes: i32,
        max_daily_appointments: i32,
        is_asked_for: bool,
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
        capacity: Option<i32>,
        site_id: Option<i64>,
    }
}

/// Providers with the windows that can matter: those of the day before reach past midnight, and those of the day
/// after adjoin.
pub fn providers(
    spi: &Spi,
    clinic: i64,
    wanted: &Providers,
    access: Access,
    dates: hours::Dates,
) -> Result<Vec<Provider>> {
    let ids = || wanted.ids.clone().and_then(param);
    let asked = [wanted.specialty.as_deref().and_then(param), wanted.attributes.clone().and_then(param)];
    let mut rows: Vec<ProviderRow> =
        spi.rows(&PROVIDERS, access, &[&[param(clinic), ids()][..], &asked].concat())?;
    require(wanted.ids.as_deref(), rows.iter().map(|row| row.id), "provider", "providers", clinic)?;
    rows.retain(|row| row.is_asked_for);
    if rows.is_empty()
        && wanted.ids.is_none()
        && let Some(error) = nobody(clinic, wanted)
    {
        return Err(error);
    }
    let provider = |row: ProviderRow| Provider {
        id: ProviderId(row.id),
        name: row.name,
        enabled: row.enabled,
        buffer: Minutes(row.buffer_minutes),
        max_daily_appointments: row.max_daily_appointments,
        availability: Vec::new(),
        overrides: Vec::new(),
        holidays: Vec::new(),
    };
    let mut providers: Vec<_> = rows.into_iter().map(provider).collect();
    hours::of_providers(spi, clinic, access, wanted.ids.as_deref(), dates, &mut providers)?;
    Ok(providers)
}

/// Rooms, by id, without their hours: see [`hours::of_rooms`].
pub fn rooms(spi: &Spi, clinic: i64, only: Option<&[i64]>, access: Access) -> Result<Vec<Room>> {
    let ids = only.map(<[i64]>::to_vec).and_then(param);
    let rows: Vec<RoomRow> = spi.rows(&ROOMS, access, &[param(clinic), ids])?;
    require(only, rows.iter().map(|row| row.id), "room", "rooms", clinic)?;
    let room = |row: RoomRow| Room {
        id: Some(RoomId(row.id)),
        name: row.name,
        enabled: row.enabled,
        room_type: row.room_type,
        equipment: row.equipment,
        turnover: Minutes(row.turnover_minutes),
        capacity: row.capacity,
        site: row.site_id.map(SiteId),
        hours: Vec::new(),
    };
    Ok(rows.into_iter().map(room).collect())
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

/// The error for a specialty or attributes that nobody has; `None` where none are asked for.
fn nobody(clinic: i64, wanted: &Providers) -> Option<ClinicError> {
    let specialty = wanted.specialty.as_ref().map(|specialty| format!("is of the specialty \"{specialty}\""));
    let attributes = wanted.attributes.as_ref().map(|all| format!("has the attributes {}", all.join(", ")));
    let asked: Vec<_> = specialty.into_iter().chain(attributes).collect();
    (!asked.is_empty()).then(|| {
        ClinicError::new(SqlState::NotFound, format!("no provider {}", asked.join(" and ")))
            .detail(format!("Clinic {clinic} has no such row in clinic.providers."))
            .hint("select name, specialty, attributes from clinic.providers lists those there are.")
    })
}
