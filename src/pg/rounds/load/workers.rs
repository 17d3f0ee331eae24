//! Field workers and when they are on duty.

use std::collections::BTreeMap;

use pg_clinic_core::ids::{AreaId, StaffId};
use pg_clinic_core::rounds::{Worker, on_duty};
use pg_clinic_core::time::interval::{Minutes, Span};
use pg_clinic_core::time::zone::Zone;

use super::RoundsQuery;
use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Spi, param, statements};
use crate::pg::roster::load::people_on;

statements! {
    /// Field workers.
    WORKERS(INT8OID) =
        "select id, home_area_id, capacity_minutes, is_walk_only, is_smoothed from clinic.staff
         where clinic_id = $1 and home_area_id is not null and enabled order by id";
    /// Names of all staff: a stored plan may mention somebody who has left since.
    NAMES(INT8OID) = "select id, name from clinic.staff where clinic_id = $1";
}

row! {
    /// A row of `clinic.staff` with a home area.
    struct WorkerRow {
        id: i64,
        home_area_id: i64,
        capacity_minutes: i32,
        is_walk_only: bool,
        is_smoothed: bool,
    }
}

row! {
    /// A name.
    struct NameRow {
        id: i64,
        name: String,
    }
}

/// Everybody with a home area, by id, and the names of all staff. People left out aren't on duty.
pub fn workers(
    spi: &Spi,
    opened: &Opened,
    zone: &Zone,
    query: &RoundsQuery<'_>,
) -> Result<(Vec<Worker>, BTreeMap<StaffId, String>)> {
    let people = people_on(spi, opened, zone, query.date, query.without, query.access)?;
    let day = zone.day(query.date);
    let person = |id: StaffId| {
        let index = people.binary_search_by_key(&id, |person| person.id).ok()?;
        Some(&people[index])
    };
    let duty = |id: StaffId| {
        let Some(person) = person(id).filter(|person| person.enabled) else { return Vec::new() };
        let time_off: Vec<Span> = person.time_off.iter().map(|(_, during)| *during).collect();
        on_duty(day, person.available.as_deref(), &time_off)
    };
    let rows = spi.rows::<WorkerRow>(&WORKERS, query.access, &[param(opened.clinic)])?;
    let workers = rows.into_iter().map(|row| {
        let id = StaffId(row.id);
        Worker {
            id,
            home_area: AreaId(row.home_area_id),
            on_duty: duty(id),
            capacity: Minutes(row.capacity_minutes),
            skills: person(id).map(|person| person.skills.clone()).unwrap_or_default(),
            is_walk_only: row.is_walk_only,
            is_smoothed: row.is_smoothed,
        }
    });
    let names = spi.rows::<NameRow>(&NAMES, query.access, &[param(opened.clinic)])?;
    Ok((workers.collect(), names.into_iter().map(|row| (StaffId(row.id), row.name)).collect()))
}
