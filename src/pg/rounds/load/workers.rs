//! Field workers and when they are on duty.

use std::collections::BTreeMap;

use pg_clinic_core::ids::{AreaId, StaffId};
use pg_clinic_core::rounds::Worker;
use pg_clinic_core::time::interval::{Minutes, Span, subtract};
use pg_clinic_core::time::zone::Zone;

use super::Asked;
use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::Result;
use crate::pg::platform::spi::{Spi, param, statements};
use crate::pg::roster::load::people_on;

statements! {
    /// Field workers.
    WORKERS(INT8OID) =
        "select id, home_area_id, capacity_minutes, is_walk_only, is_smoothed from clinic.staff
         where clinic_id = $1 and home_area_id is not null and enabled order by id";
    /// Names of all staff: a stored plan may tell of somebody who has left since.
    NAMES(INT8OID) = "select id, name from clinic.staff where clinic_id = $1";
}

/// Everybody with a home area, by id, and the names of all staff. Who is left out isn't on duty.
pub fn workers(
    spi: &Spi,
    opened: &Opened,
    zone: &Zone,
    asked: &Asked<'_>,
) -> Result<(Vec<Worker>, BTreeMap<StaffId, String>)> {
    let people = people_on(spi, opened, zone, asked.date, asked.without, asked.access)?;
    let day = zone.day(asked.date);
    let person = |id: StaffId| {
        let index = people.binary_search_by_key(&id, |person| person.id).ok()?;
        Some(&people[index])
    };
    let on_duty = |id: StaffId| {
        let Some(person) = person(id).filter(|person| person.enabled) else { return Vec::new() };
        let whole = day.into_iter().collect();
        let available: Vec<Span> = person.available.clone().unwrap_or(whole);
        let today = available.iter().filter_map(|span| span.intersection(day?));
        let off: Vec<_> = person.time_off.iter().map(|(_, during)| *during).collect();
        subtract(&today.collect::<Vec<_>>(), &pg_clinic_core::time::interval::union(off))
    };
    let workers = spi.query(&WORKERS, asked.access, &[param(opened.clinic)], |row| {
        let id = StaffId(row.get(0)?);
        Ok(Worker {
            id,
            home_area: AreaId(row.get(1)?),
            on_duty: on_duty(id),
            capacity: Minutes(row.get(2)?),
            skills: person(id).map(|person| person.skills.clone()).unwrap_or_default(),
            is_walk_only: row.get(3)?,
            is_smoothed: row.get(4)?,
        })
    })?;
    let names = spi.query(&NAMES, asked.access, &[param(opened.clinic)], |row| {
        Ok((StaffId(row.get(0)?), row.get(1)?))
    })?;
    Ok((workers, names.into_iter().collect()))
}
