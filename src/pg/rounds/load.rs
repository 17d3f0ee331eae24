//! Rows for rounds: areas, workers on duty, clients who are due, and the record's knowledge of them. Must never decide who is
//! due or who goes: that is the core's.

pub mod exceptions;
pub mod locks;
mod plan;
mod visits;
mod workers;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use pg_clinic_core::ids::{AreaId, ClientId, StaffId, VisitId};
use pg_clinic_core::rounds::{Area, CostWeights, Day, Neighbor, VisitKind, VisitRecord, WorkerNames};
use pg_clinic_core::time::interval::Minutes;
use pg_clinic_core::time::zone::Zone;

use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, param, statements};
use crate::pg::roster::load::{MAX_ROWS, zone};

pub use plan::{Stored, promoted_plan, rounds_plan, stored, stored_visit};
pub use visits::{add_visits, placements, planned};

statements! {
    /// Areas with their weights, by id.
    AREAS(INT8OID, INT8OID) =
        "select id, name, is_walkable, travel_minutes, tolerance_minutes, smoothing_percent,
           smoothing_max_cost, takes_help, remaining_capacity_weight, travel_weight,
           continuity_weight, experience_weight, punctuality_weight
         from clinic.areas where clinic_id = $1 order by id limit $2";
    /// Travel between them.
    NEIGHBORS(INT8OID, INT8OID) =
        "select area_id, neighbor_id, travel_minutes from clinic.area_neighbors
         where clinic_id = $1 order by area_id, neighbor_id limit $2";
}

row! {
    /// A row of `clinic.areas`.
    struct AreaRow {
        id: i64,
        name: String,
        is_walkable: bool,
        travel_minutes: i32,
        tolerance_minutes: i32,
        smoothing_percent: i32,
        smoothing_max_cost: Option<i32>,
        takes_help: bool,
        remaining_capacity_weight: i32,
        travel_weight: i32,
        continuity_weight: i32,
        experience_weight: i32,
        punctuality_weight: i32,
    }
}

row! {
    /// A row of `clinic.area_neighbors`.
    struct NeighborRow {
        area_id: i64,
        neighbor_id: i64,
        travel_minutes: i32,
    }
}

/// Visits of a date to load.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    /// Those that are due, without those that have an outcome.
    Due,
    /// The same, and those under way or done, around which the rest of a day is planned.
    DueOrDone,
    /// Those of a plan, with the kind that each had.
    Planned(&'a [(VisitId, VisitKind)]),
}

/// The day to load.
#[derive(Clone, Copy, Debug)]
pub struct RoundsQuery<'a> {
    /// The date.
    pub date: NaiveDate,
    /// Its visits.
    pub which: Which<'a>,
    /// People left out.
    pub without: &'a [i64],
    /// The rows that are seen.
    pub access: Access,
}

/// A day as it was loaded.
pub struct Loaded {
    /// The core's input. Nothing is locked yet.
    pub day: Day,
    /// The clinic's zone.
    pub zone: Zone,
    /// Names of all staff.
    pub workers: BTreeMap<StaffId, String>,
    /// Names of clients.
    pub clients: BTreeMap<ClientId, String>,
    /// Notes of every visit that has a row.
    pub notes: VisitRecord,
    /// Number of clients whose visit was skipped.
    pub skipped: usize,
    /// Number of redos and walk-ins of clients whose visit had begun.
    pub too_late: usize,
}

impl Loaded {
    /// Names of staff for sentences.
    #[must_use]
    pub fn names(&self) -> WorkerNames<'_> {
        WorkerNames(&self.workers)
    }

    /// The error for a person without whom rounds are to be planned and who doesn't exist.
    pub fn require_staff(&self, clinic: i64, ids: &[i64]) -> Result<()> {
        let unknown = ids.iter().find(|id| !self.workers.contains_key(&StaffId(**id)));
        unknown.map_or(Ok(()), |id| {
            Err(missing(&format!("staff {id}"), "staff", clinic, pg_clinic_core::rounds::ENABLED_STAFF))
        })
    }
}

/// Loads a day.
pub fn day(spi: &Spi, opened: &Opened, query: &RoundsQuery<'_>) -> Result<Loaded> {
    let zone = zone(opened, (query.date, query.date))?;
    let areas = areas(spi, opened.clinic, query.access)?;
    let (workers, names) = workers::workers(spi, opened, &zone, query)?;
    let read = visits::Reader { spi, clinic: opened.clinic, zone: &zone, query, areas: &areas };
    let found = read.visits()?;
    Ok(Loaded {
        day: Day { areas, workers, visits: found.requests, locked: Vec::new() },
        workers: names,
        clients: found.names,
        notes: found.notes,
        skipped: found.skipped,
        too_late: found.too_late,
        zone,
    })
}

fn areas(spi: &Spi, clinic: i64, access: Access) -> Result<Vec<Area>> {
    let params = [param(clinic), param(MAX_ROWS as i64)];
    let areas = spi.rows::<AreaRow>(&AREAS, access, &params)?.into_iter().map(|row| Area {
        id: AreaId(row.id),
        name: row.name,
        is_walkable: row.is_walkable,
        travel: Minutes(row.travel_minutes),
        tolerance: Minutes(row.tolerance_minutes),
        smoothing_percent: row.smoothing_percent,
        smoothing_max_cost: row.smoothing_max_cost,
        neighbors: Vec::new(),
        takes_help: row.takes_help,
        weights: CostWeights {
            remaining_capacity: row.remaining_capacity_weight,
            travel: row.travel_weight,
            continuity: row.continuity_weight,
            experience: row.experience_weight,
            punctuality: row.punctuality_weight,
        },
    });
    let mut areas: Vec<_> = areas.collect();
    for row in spi.rows::<NeighborRow>(&NEIGHBORS, access, &params)? {
        if let Ok(index) = areas.binary_search_by_key(&AreaId(row.area_id), |area| area.id) {
            let travel = Minutes(row.travel_minutes);
            areas[index].neighbors.push(Neighbor { area: AreaId(row.neighbor_id), travel });
        }
    }
    Ok(areas)
}

/// The error for a plan, client, worker or exception that doesn't exist.
pub fn missing(what: &str, table: &str, clinic: i64, hint: &str) -> ClinicError {
    ClinicError::new(SqlState::NotFound, format!("{what} does not exist"))
        .detail(format!("Clinic {clinic} has no such row in clinic.{table}."))
        .hint(hint)
}

/// The error for a worker who doesn't exist.
pub fn unknown_worker(clinic: i64, worker: StaffId) -> ClinicError {
    let hint = "select id, name from clinic.staff where home_area_id is not null lists those who visit.";
    missing(&format!("staff {worker}"), "staff", clinic, hint)
}

/// Adds the visits of a date that are due.
pub fn add_due(spi: &Spi, opened: &Opened, date: NaiveDate) -> Result<()> {
    let zone = zone(opened, (date, date))?;
    add_visits(spi, opened.clinic, &zone, date)
}
