//! What reports about rounds read: who was visited on a date, and subscriptions with the events that skip a date. Must never
//! decide what counts: that is the core's.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pg_clinic_core::ids::{AreaId, ClientEventId, ClientId, PlanId, StaffId};
use pg_clinic_core::reports::churn::{ClientVisit, DayVisits, Source};
use pg_clinic_core::rounds::{ClientEvent, ClientEventKind, Held, MAX_VISITS, Subscription, Worker};
use pg_clinic_core::time::interval::Minutes;
use pg_clinic_core::time::zone::Zone;

use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::spi::{Access, Row, Spi, date_param, param, statements};
use crate::pg::platform::values::open_date;
use crate::pg::roster::load::{MAX_ROWS, bounded, zone};
use crate::pg::rounds::load::{Stored, held, loads, missing};

/// Whether the record's visit v came, or is to come, about.
macro_rules! took_place {
    () => {
        "coalesce(v.outcome not in ('cancelled', 'rescheduled'), true)"
    };
}

statements! {
    /// The newest plan of rounds of each date that has one.
    PLANS(INT8OID, DATEOID, DATEOID) =
        "select distinct on (from_date) from_date, id from clinic.plans
         where clinic_id = $1 and kind = 'rounds' and status in ('OPTIMAL', 'FEASIBLE') and from_date between $2 and $3
         order by from_date, id desc";
    /// What the record has of a date, and whether it came to a visit.
    RECORD(INT8OID, DATEOID, INT8OID) =
        concat!("select v.client_id, a.staff_id, lower(a.during), ", took_place!(), "
         from clinic.visits v join clinic.assignments a on a.clinic_id = v.clinic_id and a.visit_id = v.id
         where v.clinic_id = $1 and v.on_date = $2 limit $3");
    /// The same, from when to when, of what came to a visit, by visit.
    RECORDED(INT8OID, DATEOID, INT8OID) =
        concat!("select a.visit_id, a.staff_id, lower(a.during), upper(a.during), a.id
         from clinic.visits v join clinic.assignments a on a.clinic_id = v.clinic_id and a.visit_id = v.id
         where v.clinic_id = $1 and v.on_date = $2 and ", took_place!(), " order by a.visit_id, a.staff_id limit $3");
    /// Dates of a period of whose visits the record has any.
    DATES(INT8OID, DATEOID, DATEOID) =
        "select distinct v.on_date from clinic.visits v
         where v.clinic_id = $1 and v.on_date between $2 and $3
           and exists (select from clinic.assignments a where a.clinic_id = v.clinic_id and a.visit_id = v.id)
         order by v.on_date";
    /// What a plan has.
    PLANNED(INT8OID, INT8OID, INT8OID) =
        "select v.client_id, p.staff_id, lower(p.during), true
         from clinic.plan_assignments p join clinic.visits v on v.clinic_id = p.clinic_id and v.id = p.visit_id
         where p.clinic_id = $1 and p.plan_id = $2 limit $3";
    /// Clients with a subscription, by id.
    SUBSCRIPTIONS(INT8OID, INT8OID) =
        "select id, starts_on, renews_on, ends_on, visit_days from clinic.clients
         where clinic_id = $1 and starts_on is not null order by id limit $2";
    /// Skips and unskips of their dates.
    SKIPS(INT8OID, INT8OID) =
        "select e.id, e.client_id, e.on_date, e.kind, e.made_at
         from clinic.client_events e join clinic.clients c on c.clinic_id = e.clinic_id and c.id = e.client_id
         where e.clinic_id = $1 and e.kind in ('skip', 'unskip') and e.on_date >= c.starts_on limit $2";
    /// Some of the staff, as workers.
    STAFF(INT8OID, INT8ARRAYOID) =
        "select id, capacity_minutes, home_area_id, skills, is_walk_only, is_smoothed from clinic.staff
         where clinic_id = $1 and id = any ($2)";
}

/// The newest plan of each date that has one.
pub fn newest_plans(
    spi: &Spi,
    clinic: i64,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<BTreeMap<NaiveDate, PlanId>> {
    let params = [param(clinic), date_param(from), date_param(to)];
    let plans =
        spi.query(&PLANS, Access::Snapshot, &params, |row| Ok((date(row, 0)?, PlanId(row.get(1)?))))?;
    Ok(plans.into_iter().collect())
}

/// What the record has of a date's visits, by visit, with its end, and the assignment's id.
pub fn recorded(spi: &Spi, clinic: i64, date: NaiveDate) -> Result<Vec<(Held, i64)>> {
    let params = [param(clinic), date_param(date), param(MAX_ROWS as i64 + 1)];
    let rows = spi.query(&RECORDED, Access::Snapshot, &params, |row| Ok((held(row)?, row.get(4)?)))?;
    bounded(rows, "visits", MAX_ROWS)
}

/// The dates of a period that the record has visits of, ascending.
pub fn recorded_dates(spi: &Spi, clinic: i64, (from, to): (NaiveDate, NaiveDate)) -> Result<Vec<NaiveDate>> {
    let params = [param(clinic), date_param(from), date_param(to)];
    spi.query(&DATES, Access::Snapshot, &params, |row| date(row, 0))
}

/// Who is visited on a date, from where the core says.
pub fn day_visits(spi: &Spi, clinic: i64, date: NaiveDate, newest_plan: Option<PlanId>) -> Result<DayVisits> {
    let read = |row: &Row<'_>| {
        let (client, worker) = (ClientId(row.get(0)?), StaffId(row.get(1)?));
        Ok((ClientVisit { client, worker, start: row.instant(2)? }, row.get::<bool>(3)?))
    };
    let limit = param(MAX_ROWS as i64 + 1);
    let recorded = spi.query(&RECORD, Access::Snapshot, &[param(clinic), date_param(date), limit], read)?;
    let source = Source::of(!recorded.is_empty(), newest_plan);
    let visits = match source {
        Some(Source::Plan(plan)) => {
            spi.query(&PLANNED, Access::Snapshot, &[param(clinic), param(plan.0), limit], read)?
        }
        Some(Source::Record) => recorded,
        None => Vec::new(),
    };
    let visits = bounded(visits, "visits", MAX_ROWS)?
        .into_iter()
        .filter_map(|(visit, took_place)| took_place.then_some(visit));
    Ok(DayVisits { source, visits: visits.collect() })
}

/// Clients with a subscription, and all that skips dates of theirs.
pub struct Subscriptions {
    /// By client.
    pub clients: Vec<(ClientId, Subscription)>,
    /// Skips and unskips, by client.
    pub events: BTreeMap<ClientId, Vec<ClientEvent>>,
    /// The clinic's zone, exact on every date of an event.
    pub zone: Zone,
}

/// Loads them.
pub fn subscriptions(spi: &Spi, opened: &Opened) -> Result<Subscriptions> {
    let limit = |rows: usize| [param(opened.clinic), param(rows as i64 + 1)];
    let clients = spi.query(&SUBSCRIPTIONS, Access::Snapshot, &limit(MAX_VISITS), subscription)?;
    let clients = bounded(clients, "clients", MAX_VISITS)?;
    let skips = spi.query(&SKIPS, Access::Snapshot, &limit(MAX_ROWS), event)?;
    let skips = bounded(skips, "skips", MAX_ROWS)?;
    let dates = || skips.iter().map(|event| event.on_date);
    let of_dates = dates().min().zip(dates().max()).unwrap_or_default();
    let zone = zone(opened, of_dates)?;
    let mut events: BTreeMap<ClientId, Vec<ClientEvent>> = BTreeMap::new();
    for event in skips {
        events.entry(event.client).or_default().push(event);
    }
    Ok(Subscriptions { clients, events, zone })
}

fn subscription(row: &Row<'_>) -> Result<(ClientId, Subscription)> {
    let weekdays: Vec<i32> = row.get(4)?;
    let subscription = Subscription {
        starts_on: date(row, 1)?,
        renews_on: date(row, 2)?,
        ends_on: open_date(row, 3)?,
        weekdays: weekdays.iter().map(|day| *day as u8).collect(),
    };
    Ok((ClientId(row.get(0)?), subscription))
}

fn event(row: &Row<'_>) -> Result<ClientEvent> {
    let kind: String = row.get(3)?;
    let unknown =
        || ClinicError::new(SqlState::Internal, format!("clinic.client_events has a kind \"{kind}\""));
    Ok(ClientEvent {
        id: ClientEventId(row.get(0)?),
        client: ClientId(row.get(1)?),
        on_date: date(row, 2)?,
        kind: ClientEventKind::parse(&kind).ok_or_else(unknown)?,
        made_at: row.instant(4)?,
    })
}

fn date(row: &Row<'_>, column: usize) -> Result<NaiveDate> {
    open_date(row, column)?.ok_or_else(|| {
        ClinicError::new(SqlState::Internal, format!("column {column} of a pg_clinic query is no date"))
    })
}

/// Adds to a plan's workers those who have visits in it and are none any more, because they left or visit no more: a
/// picture without them would hide their visits.
pub fn add_former_workers(spi: &Spi, clinic: i64, stored: &mut Stored) -> Result<()> {
    let workers = &mut stored.loaded.day.workers;
    let known: BTreeSet<_> = workers.iter().map(|worker| worker.id).collect();
    let assigned: BTreeSet<_> = stored.rounds.assignments.iter().map(|visit| visit.worker).collect();
    let former: Vec<i64> = assigned.difference(&known).map(|id| id.0).collect();
    if former.is_empty() {
        return Ok(());
    }
    workers.extend(spi.query(&STAFF, Access::Snapshot, &[param(clinic), param(former)], |row| {
        Ok(Worker {
            id: StaffId(row.get(0)?),
            home_area: AreaId(row.opt(2)?.unwrap_or_default()),
            on_duty: Vec::new(),
            capacity: Minutes(row.get(1)?),
            skills: row.get(3)?,
            is_walk_only: row.get(4)?,
            is_smoothed: row.get(5)?,
        })
    })?);
    workers.sort_by_key(|worker| worker.id);
    stored.rounds.loads = loads(&stored.loaded, &stored.rounds.assignments);
    Ok(())
}

/// The error for staff that isn't there.
pub fn unknown_worker(clinic: i64, staff: StaffId) -> ClinicError {
    let hint = "select id, name from clinic.staff where home_area_id is not null lists those who visit.";
    missing(&format!("staff {staff}"), "staff", clinic, hint)
}
