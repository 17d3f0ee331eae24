//! What a question about rounds reads: areas, workers on duty, clients who are due, and what the record knows of them.
//! Must never decide who is due or who goes: that is the core's.

pub mod exceptions;
mod plan;
mod visits;
mod workers;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use chrono::NaiveDate;
use pg_clinic_core::ids::{ClientId, StaffId, VisitId};
use pg_clinic_core::rounds::{Area, Day, Neighbor, Noted, Placement, worked_minutes};
use pg_clinic_core::time::interval::{Instant, Minutes, Span, TIME};
use pg_clinic_core::time::zone::Zone;

use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::spi::{Access, Spi, param, statements};
use crate::pg::roster::load::{MAX_ROWS, zone};

pub use plan::{Stored, considered_to, context_of, loads, promoted_plan, rounds_plan, stored, stored_visit};
pub use visits::held;
pub use visits::{Visit, add_visits, placements, planned};

statements! {
    /// Areas with their weights, by id.
    AREAS(INT8OID, INT8OID) =
        "select id, name, is_walkable, travel_minutes, takes_help, remaining_capacity_weight, travel_weight,
           continuity_weight, experience_weight
         from clinic.areas where clinic_id = $1 order by id limit $2";
    /// The ways between.
    NEIGHBORS(INT8OID, INT8OID) =
        "select area_id, neighbor_id, travel_minutes from clinic.area_neighbors
         where clinic_id = $1 order by area_id, neighbor_id limit $2";
}

/// Which visits of a date are asked about.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    /// Those that are due, save those with an outcome.
    Due,
    /// The same, and those under way or done: what the rest of a day is planned around.
    DueOrDone,
    /// Those of a plan, with the kind each had.
    Planned(&'a [(VisitId, pg_clinic_core::rounds::VisitKind)]),
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The date.
    pub date: NaiveDate,
    /// Its visits.
    pub which: Which<'a>,
    /// People left out.
    pub without: &'a [i64],
    /// Which rows are seen.
    pub access: Access,
}

/// The answer.
pub struct Loaded {
    /// What the core plans. Nothing is locked yet.
    pub day: Day,
    /// The clinic's zone.
    pub zone: Zone,
    /// Names of workers.
    pub workers: BTreeMap<StaffId, String>,
    /// Names of clients.
    pub clients: BTreeMap<ClientId, String>,
    /// Every visit that has a row, by id.
    pub visits: BTreeMap<VisitId, Visit>,
    /// Clients whose visit was skipped.
    pub skipped: usize,
    /// Redos and walk-ins of clients whose visit had begun.
    pub too_late: usize,
}

impl Loaded {
    /// Visits that are under way or done: they stay as they are.
    #[must_use]
    pub fn done(&self) -> Vec<VisitId> {
        self.visits.iter().filter(|(_, visit)| visit.is_begun).map(|(id, _)| *id).collect()
    }

    /// From when to when a visit took place, or is expected to, if it was noted; `next` is when its worker came to the next
    /// client.
    #[must_use]
    pub fn worked(&self, visit: VisitId, next: Option<Instant>, now: Option<Instant>) -> Option<Span> {
        let row = self.visits.get(&visit)?;
        let index = self.day.visits.binary_search_by_key(&visit, |request| request.id).ok()?;
        // Other times are none that the calendar knows.
        let started = row.worked.0.filter(|started| TIME.contains(started))?;
        let noted = Noted { started, ended: row.worked.1, next, is_over: !row.is_open };
        let minutes = worked_minutes(&noted, self.day.visits[index].duration, now);
        Some(Span { start: started, end: started + minutes })
    }

    /// What was begun takes, in the plan that is worked, the time that it really took.
    pub fn take_worked_times(&mut self, existing: &mut [Placement], now: Option<Instant>) {
        let mut starts: BTreeMap<StaffId, BTreeSet<Instant>> = BTreeMap::new();
        for placement in existing.iter() {
            let started = self.visits.get(&placement.visit).and_then(|row| row.worked.0);
            starts.entry(placement.worker).or_default().extend(started);
        }
        for placement in existing {
            let started = self.visits.get(&placement.visit).and_then(|row| row.worked.0);
            let later = started.zip(starts.get(&placement.worker)).and_then(|(started, starts)| {
                starts.range((Bound::Excluded(started), Bound::Unbounded)).next().copied()
            });
            let Some(span) = self.worked(placement.visit, later, now) else { continue };
            placement.start = span.start;
            let index = self.day.visits.binary_search_by_key(&placement.visit, |request| request.id);
            if let Ok(index) = index {
                self.day.visits[index].duration = span.whole_minutes();
            }
        }
    }
}

/// Loads a day.
pub fn day(spi: &Spi, opened: &Opened, asked: &Asked<'_>) -> Result<Loaded> {
    let zone = zone(opened, (asked.date, asked.date))?;
    let areas = areas(spi, opened.clinic, asked.access)?;
    let (workers, names) = workers::workers(spi, opened, &zone, asked)?;
    let read = visits::Reader { spi, clinic: opened.clinic, zone: &zone, asked, areas: &areas };
    let found = read.visits()?;
    Ok(Loaded {
        day: Day { areas, workers, visits: found.requests, locked: Vec::new() },
        workers: names,
        clients: found.names,
        visits: found.rows,
        skipped: found.skipped,
        too_late: found.too_late,
        zone,
    })
}

fn areas(spi: &Spi, clinic: i64, access: Access) -> Result<Vec<Area>> {
    let limit = param(MAX_ROWS as i64);
    let mut areas = spi.query(&AREAS, access, &[param(clinic), limit], |row| {
        Ok(Area {
            id: pg_clinic_core::ids::AreaId(row.get(0)?),
            name: row.get(1)?,
            is_walkable: row.get(2)?,
            travel: Minutes(row.get(3)?),
            neighbors: Vec::new(),
            takes_help: row.get(4)?,
            weights: pg_clinic_core::rounds::CostWeights {
                remaining_capacity: row.get(5)?,
                travel: row.get(6)?,
                continuity: row.get(7)?,
                experience: row.get(8)?,
            },
        })
    })?;
    let ways = spi.query(&NEIGHBORS, access, &[param(clinic), limit], |row| {
        let neighbor =
            Neighbor { area: pg_clinic_core::ids::AreaId(row.get(1)?), travel: Minutes(row.get(2)?) };
        Ok((pg_clinic_core::ids::AreaId(row.get(0)?), neighbor))
    })?;
    for (area, neighbor) in ways {
        if let Ok(index) = areas.binary_search_by_key(&area, |row| row.id) {
            areas[index].neighbors.push(neighbor);
        }
    }
    Ok(areas)
}

/// A placement as a table has it.
fn placement(visit: i64, staff: i64, start: Instant) -> Placement {
    Placement { visit: VisitId(visit), worker: StaffId(staff), start }
}

/// The error for a plan, client or exception that isn't there.
pub fn missing(what: &str, table: &str, clinic: i64, hint: &str) -> ClinicError {
    ClinicError::new(SqlState::NotFound, format!("{what} does not exist"))
        .detail(format!("Clinic {clinic} has no such row in clinic.{table}."))
        .hint(hint)
}

/// Adds the visits of a date that are due.
pub fn add_due(spi: &Spi, opened: &Opened, date: NaiveDate) -> Result<()> {
    let zone = zone(opened, (date, date))?;
    add_visits(spi, opened.clinic, &zone, date)
}
