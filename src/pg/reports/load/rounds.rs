//! Rows for reports about rounds: visits of a date, and subscriptions with the events that skip a date. Must never decide
//! what counts: that is the core's.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pg_clinic_core::ids::{AreaId, ClientEventId, ClientId, PlanId, StaffId, VisitId};
use pg_clinic_core::plans::PlanStatus;
use pg_clinic_core::reports::churn::{ClientVisit, DayVisits, Source};
use pg_clinic_core::rounds::{
    ClientEvent, ClientEventKind, Held, MAX_VISITS, Subscription, VisitOutcome, Worker, loads,
};
use pg_clinic_core::time::interval::{Instant, Minutes, Span};
use pg_clinic_core::time::zone::Zone;

use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Param, Spi, date_param, param, statements};
use crate::pg::roster::load::{MAX_ROWS, bounded, zone};
use crate::pg::rounds::load::Stored;

statements! {
    /// The newest plan of rounds of each date that has one with assignments, by its status.
    PLANS(INT8OID, DATEOID, DATEOID, TEXTARRAYOID) =
        "select distinct on (from_date) from_date, id from clinic.plans
         where clinic_id = $1 and kind = 'rounds' and status = any ($4) and from_date between $2 and $3
         order by from_date, id desc";
    /// The record of a date.
    RECORD(INT8OID, DATEOID, INT8OID) =
        "select v.client_id, a.staff_id, lower(a.during) as starts_at, v.outcome
         from clinic.visits v join clinic.assignments a on a.clinic_id = v.clinic_id and a.visit_id = v.id
         where v.clinic_id = $1 and v.on_date = $2 limit $3";
    /// The record of a date with ends, by visit.
    RECORDED(INT8OID, DATEOID, INT8OID) =
        "select a.visit_id, a.staff_id, lower(a.during) as starts_at, upper(a.during) as ends_at, a.id as assignment_id,
           v.outcome
         from clinic.visits v join clinic.assignments a on a.clinic_id = v.clinic_id and a.visit_id = v.id
         where v.clinic_id = $1 and v.on_date = $2 order by a.visit_id, a.staff_id limit $3";
    /// Dates of a period of whose visits the record has any.
    DATES(INT8OID, DATEOID, DATEOID) =
        "select distinct v.on_date from clinic.visits v
         where v.clinic_id = $1 and v.on_date between $2 and $3
           and exists (select from clinic.assignments a where a.clinic_id = v.clinic_id and a.visit_id = v.id)
         order by v.on_date";
    /// A plan's visits, which count whatever became of them.
    PLANNED(INT8OID, INT8OID, INT8OID) =
        "select v.client_id, p.staff_id, lower(p.during) as starts_at, null::text as outcome
         from clinic.plan_assignments p join clinic.visits v on v.clinic_id = p.clinic_id and v.id = p.visit_id
         where p.clinic_id = $1 and p.plan_id = $2 limit $3";
    /// Clients with a subscription, by id.
    SUBSCRIPTIONS(INT8OID, INT8OID) =
        "select id, starts_on, renews_on, ends_on, visit_days from clinic.clients
         where clinic_id = $1 and starts_on is not null order by id limit $2";
    /// Events on dates of subscriptions, but for these kinds. An unknown kind is read, and refused.
    EVENTS(INT8OID, INT8OID, TEXTARRAYOID) =
        "select e.id, e.client_id, e.on_date, e.kind, e.made_at
         from clinic.client_events e join clinic.clients c on c.clinic_id = e.clinic_id and c.id = e.client_id
         where e.clinic_id = $1 and e.kind <> all ($3) and e.on_date >= c.starts_on limit $2";
    /// Some of the staff, as workers.
    STAFF(INT8OID, INT8ARRAYOID) =
        "select id, capacity_minutes, home_area_id, skills, is_walk_only, is_smoothed from clinic.staff
         where clinic_id = $1 and id = any ($2)";
}

row! {
    /// A plan of a date.
    struct PlanRow {
        from_date: NaiveDate,
        id: i64,
    }
}

row! {
    /// A visit of a date.
    struct DayVisitRow {
        client_id: i64,
        staff_id: i64,
        starts_at: Instant,
        outcome: Option<VisitOutcome> as "clinic.visits",
    }
}

row! {
    /// A visit of the record.
    struct RecordedRow {
        visit_id: i64,
        staff_id: i64,
        starts_at: Instant,
        ends_at: Instant,
        assignment_id: i64,
        outcome: Option<VisitOutcome> as "clinic.visits",
    }
}

row! {
    /// A subscription of `clinic.clients`.
    struct SubscriptionRow {
        id: i64,
        starts_on: NaiveDate,
        renews_on: NaiveDate,
        ends_on: Option<NaiveDate>,
        visit_days: Vec<i32>,
    }
}

row! {
    /// A row of `clinic.client_events`.
    struct EventRow {
        id: i64,
        client_id: i64,
        on_date: NaiveDate,
        kind: ClientEventKind as "clinic.client_events",
        made_at: Instant,
    }
}

row! {
    /// A row of `clinic.staff`.
    struct StaffRow {
        id: i64,
        capacity_minutes: i32,
        home_area_id: Option<i64>,
        skills: Vec<String>,
        is_walk_only: bool,
        is_smoothed: bool,
    }
}

fn is_called_off(outcome: Option<VisitOutcome>) -> bool {
    outcome.is_some_and(VisitOutcome::is_called_off)
}

/// The newest plan of each date that has one.
pub fn newest_plans(
    spi: &Spi,
    clinic: i64,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<BTreeMap<NaiveDate, PlanId>> {
    let statuses = PlanStatus::ALL.into_iter().filter(|status| status.has_assignments());
    let statuses: Vec<_> = statuses.map(PlanStatus::as_str).collect();
    let params = [param(clinic), date_param(from), date_param(to), param(statuses)];
    let plans = spi.rows::<PlanRow>(&PLANS, Access::Snapshot, &params)?;
    Ok(plans.into_iter().map(|row| (row.from_date, PlanId(row.id))).collect())
}

/// The record of a date by visit, with the assignments' ids. Visits that were called off are left out.
pub fn recorded(spi: &Spi, clinic: i64, date: NaiveDate) -> Result<Vec<(Held, i64)>> {
    let params = [param(clinic), date_param(date), param(MAX_ROWS as i64 + 1)];
    let rows = spi.rows::<RecordedRow>(&RECORDED, Access::Snapshot, &params)?;
    let rows = bounded(rows, "visits", MAX_ROWS)?.into_iter().filter(|row| !is_called_off(row.outcome));
    let held = rows.map(|row| {
        let during = Span { start: row.starts_at, end: row.ends_at };
        (Held { visit: VisitId(row.visit_id), worker: StaffId(row.staff_id), during }, row.assignment_id)
    });
    Ok(held.collect())
}

/// The dates of a period that the record has visits of, ascending.
pub fn recorded_dates(spi: &Spi, clinic: i64, (from, to): (NaiveDate, NaiveDate)) -> Result<Vec<NaiveDate>> {
    let params = [param(clinic), date_param(from), date_param(to)];
    spi.values(&DATES, Access::Snapshot, &params)
}

/// Visits of a date, from the source that the core chooses.
pub fn day_visits(spi: &Spi, clinic: i64, date: NaiveDate, newest_plan: Option<PlanId>) -> Result<DayVisits> {
    let limit = param(MAX_ROWS as i64 + 1);
    let recorded =
        spi.rows::<DayVisitRow>(&RECORD, Access::Snapshot, &[param(clinic), date_param(date), limit])?;
    let source = Source::of(!recorded.is_empty(), newest_plan);
    let visits = match source {
        Some(Source::Plan(plan)) => {
            spi.rows::<DayVisitRow>(&PLANNED, Access::Snapshot, &[param(clinic), param(plan.0), limit])?
        }
        Some(Source::Record) => recorded,
        None => Vec::new(),
    };
    let visits = bounded(visits, "visits", MAX_ROWS)?.into_iter().filter(|row| !is_called_off(row.outcome));
    let visits = visits.map(|row| ClientVisit {
        client: ClientId(row.client_id),
        worker: StaffId(row.staff_id),
        start: row.starts_at,
    });
    Ok(DayVisits { source, visits: visits.collect() })
}

/// Clients with a subscription, and the events that skip dates of theirs.
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
    let limit = |rows: usize| -> Param { param(rows as i64 + 1) };
    let clinic = param(opened.clinic);
    let clients =
        spi.rows::<SubscriptionRow>(&SUBSCRIPTIONS, Access::Snapshot, &[clinic, limit(MAX_VISITS)])?;
    let clients = bounded(clients, "clients", MAX_VISITS)?.into_iter().map(subscription).collect();
    let others = ClientEventKind::ALL.into_iter().filter(|kind| !kind.is_about_skipping());
    let others: Vec<_> = others.map(ClientEventKind::as_str).collect();
    let rows = spi.rows::<EventRow>(&EVENTS, Access::Snapshot, &[clinic, limit(MAX_ROWS), param(others)])?;
    let rows = bounded(rows, "skips", MAX_ROWS)?;
    let dates = || rows.iter().map(|row| row.on_date);
    let of_dates = dates().min().zip(dates().max()).unwrap_or_default();
    let zone = zone(opened, of_dates)?;
    let mut events: BTreeMap<ClientId, Vec<ClientEvent>> = BTreeMap::new();
    for EventRow { id, client_id, on_date, kind, made_at } in rows {
        let client = ClientId(client_id);
        let event = ClientEvent { id: ClientEventId(id), client, on_date, kind, made_at };
        events.entry(client).or_default().push(event);
    }
    Ok(Subscriptions { clients, events, zone })
}

fn subscription(row: SubscriptionRow) -> (ClientId, Subscription) {
    let SubscriptionRow { id, starts_on, renews_on, ends_on, visit_days } = row;
    let weekdays = visit_days.iter().map(|day| *day as u8).collect();
    (ClientId(id), Subscription { starts_on, renews_on, ends_on, weekdays })
}

/// Adds to a plan's workers those who have visits in it but have left or visit no more: a picture without them would hide
/// their visits.
pub fn add_former_workers(spi: &Spi, clinic: i64, stored: &mut Stored) -> Result<()> {
    let workers = &mut stored.loaded.day.workers;
    let known: BTreeSet<_> = workers.iter().map(|worker| worker.id).collect();
    let assigned: BTreeSet<_> = stored.rounds.assignments.iter().map(|visit| visit.worker).collect();
    let former: Vec<i64> = assigned.difference(&known).map(|id| id.0).collect();
    if former.is_empty() {
        return Ok(());
    }
    let rows = spi.rows::<StaffRow>(&STAFF, Access::Snapshot, &[param(clinic), param(former)])?;
    workers.extend(rows.into_iter().map(|row| Worker {
        id: StaffId(row.id),
        home_area: AreaId(row.home_area_id.unwrap_or_default()),
        on_duty: Vec::new(),
        capacity: Minutes(row.capacity_minutes),
        skills: row.skills,
        is_walk_only: row.is_walk_only,
        is_smoothed: row.is_smoothed,
    }));
    workers.sort_by_key(|worker| worker.id);
    stored.rounds.loads = loads(&stored.loaded.day.workers, &stored.rounds.assignments);
    Ok(())
}
