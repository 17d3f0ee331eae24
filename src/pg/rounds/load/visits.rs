//! Clients with their windows and events, the visits of a date, and earlier visits.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use pg_clinic_core::ids::{AreaId, ClientEventId, ClientId, StaffId, VisitId};
use pg_clinic_core::rounds::{
    Access as Entry, Area, Client, ClientEvent, ClientEventKind, Experience, Held, LastVisit, MAX_VISITS,
    Placement, Subscription, VisitNotes, VisitOutcome, VisitRecord, VisitRequest, WantedVisit, due,
    requested_too_late,
};
use pg_clinic_core::time::calendar::{WallTime, add_days};
use pg_clinic_core::time::interval::{Instant, Minutes, Span};
use pg_clinic_core::time::windows::WeeklyWindow;
use pg_clinic_core::time::zone::Zone;

use super::{RoundsQuery, Which};
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, date_param, param, statements};
use crate::pg::platform::values::OpenDate;
use crate::pg::roster::load::bounded;

/// Clients, as [`ClientRow`] reads them.
macro_rules! clients {
    () => {
        "select c.id, c.name, c.area_id, c.required_skills, c.tier, c.visit_minutes, c.needs_access_approval,
           c.access_approved_by, c.usual_order, c.starts_on, c.renews_on, c.ends_on, c.visit_days
         from clinic.clients c"
    };
}

/// Visits, as [`VisitRow`] reads them.
macro_rules! visits {
    () => {
        "select id, client_id, outcome, started_at, ended_at from clinic.visits"
    };
}

statements! {
    /// Clients with a subscription on the date ($2), an event on it, or one of these visits ($3), by id.
    CLIENTS(INT8OID, DATEOID, INT8ARRAYOID, INT8OID) =
        concat!(clients!(), "
         where c.clinic_id = $1
           and (c.starts_on <= $2 and (c.ends_on is null or c.ends_on >= $2)
             or exists (select from clinic.client_events e
               where e.clinic_id = c.clinic_id and e.client_id = c.id and e.on_date = $2)
             or c.id = any ($3))
         order by c.id limit $4");
    /// The clients of a plan's visits, by id.
    MENTIONED(INT8OID, INT8ARRAYOID, INT8OID) =
        concat!(clients!(), " where c.clinic_id = $1 and c.id = any ($2) order by c.id limit $3");
    /// Windows of the weekday, and all windows of clients who have none on it, so that a closed day isn't an open one.
    WINDOWS(INT8OID, INT8ARRAYOID, INT4OID) =
        "select w.client_id, w.day_of_week, w.start_time, w.end_time, w.valid_from, w.valid_until
         from clinic.client_access_windows w
         where w.clinic_id = $1 and w.client_id = any ($2)
           and (w.day_of_week = $3 or w.client_id not in (select o.client_id from clinic.client_access_windows o
             where o.clinic_id = $1 and o.client_id = any ($2) and o.day_of_week = $3))
         order by w.client_id, w.id";
    /// Events of the date, by id.
    EVENTS(INT8OID, DATEOID) =
        "select id, client_id, kind, made_at from clinic.client_events
         where clinic_id = $1 and on_date = $2 order by id";
    /// Visits of the date, by id.
    VISITS(INT8OID, DATEOID) =
        concat!(visits!(), " where clinic_id = $1 and on_date = $2 order by id");
    /// A plan's visits, by id.
    PLANNED(INT8OID, INT8ARRAYOID) =
        concat!(visits!(), " where clinic_id = $1 and id = any ($2) order by id");
    /// Adds visits that have no row yet.
    ADD(INT8OID, INT8ARRAYOID, DATEOID) =
        "insert into clinic.visits (clinic_id, client_id, on_date) select $1, c, $3 from unnest($2) c
         where not exists (select from clinic.visits v where v.clinic_id = $1 and v.client_id = c and v.on_date = $3)
         order by c on conflict on constraint visits_key do nothing";
    /// Visits by worker to each client in the time before the date, and the last date and time: of the last $5 visits, because more of
    /// them would cost time and mean little. $6: outcomes of visits at which the worker met the client.
    HISTORY(INT8OID, INT8ARRAYOID, DATEOID, DATEOID, INT8OID, TEXTARRAYOID) =
        "select c.id as client_id, a.staff_id, count(*)::int4 as visits, max(v.on_date) as last_date,
           max(lower(a.during)) as last_starts_at
         from unnest($2) as c (id)
         cross join lateral (select v.id, v.on_date from clinic.visits v
           where v.clinic_id = $1 and v.client_id = c.id and v.on_date between $3 and $4
             and (v.outcome is null or v.outcome = any ($6))
           order by v.on_date desc limit $5) as v
         join clinic.assignments a on a.clinic_id = $1 and a.visit_id = v.id
         group by c.id, a.staff_id order by c.id, a.staff_id";
    /// The record of the date's visits.
    RECORD(INT8OID, DATEOID) =
        "select a.visit_id, a.staff_id, lower(a.during) as starts_at
         from clinic.visits v join clinic.assignments a on a.clinic_id = v.clinic_id and a.visit_id = v.id
         where v.clinic_id = $1 and v.on_date = $2 order by a.visit_id, a.staff_id";
    /// A plan's visits with start and end.
    HELD(INT8OID, INT8OID) =
        "select visit_id, staff_id, lower(during) as starts_at, upper(during) as ends_at from clinic.plan_assignments
         where clinic_id = $1 and plan_id = $2 and visit_id is not null order by visit_id";
    /// A plan's visits.
    PLAN(INT8OID, INT8OID) =
        "select visit_id, staff_id, lower(during) as starts_at from clinic.plan_assignments
         where clinic_id = $1 and plan_id = $2 and visit_id is not null order by visit_id";
}

row! {
    /// A row of `clinic.clients`.
    struct ClientRow {
        id: i64,
        name: String,
        area_id: Option<i64>,
        required_skills: Vec<String>,
        tier: i32,
        visit_minutes: i32,
        needs_access_approval: bool,
        access_approved_by: Option<String>,
        usual_order: Option<i32>,
        starts_on: Option<NaiveDate>,
        renews_on: Option<NaiveDate>,
        ends_on: Option<NaiveDate>,
        visit_days: Vec<i32>,
    }
}

row! {
    /// A row of `clinic.client_access_windows`.
    struct WindowRow {
        client_id: i64,
        day_of_week: i32,
        start_time: WallTime,
        end_time: WallTime,
        valid_from: OpenDate,
        valid_until: OpenDate,
    }
}

row! {
    /// A row of `clinic.client_events`.
    struct EventRow {
        id: i64,
        client_id: i64,
        kind: ClientEventKind as "clinic.client_events",
        made_at: Instant,
    }
}

row! {
    /// A row of `clinic.visits`.
    struct VisitRow {
        id: i64,
        client_id: i64,
        outcome: Option<VisitOutcome> as "clinic.visits",
        started_at: Option<Instant>,
        ended_at: Option<Instant>,
    }
}

row! {
    /// Visits of a worker to a client.
    struct HistoryRow {
        client_id: i64,
        staff_id: i64,
        visits: i32,
        last_date: NaiveDate,
        last_starts_at: Instant,
    }
}

row! {
    /// A visit with its worker and start.
    struct PlacementRow {
        visit_id: i64,
        staff_id: i64,
        starts_at: Instant,
    }
}

row! {
    /// A visit with its worker, start and end.
    struct HeldRow {
        visit_id: i64,
        staff_id: i64,
        starts_at: Instant,
        ends_at: Instant,
    }
}

impl From<HeldRow> for Held {
    fn from(row: HeldRow) -> Self {
        let during = Span { start: row.starts_at, end: row.ends_at };
        Self { visit: VisitId(row.visit_id), worker: StaffId(row.staff_id), during }
    }
}

/// Earlier visits count for this long.
const HISTORY_DAYS: i64 = 180;
/// Most earlier visits to a client that count.
const HISTORY_VISITS: i64 = 20;

/// The visits of a day as they were loaded.
pub struct Found {
    pub requests: Vec<VisitRequest>,
    pub names: BTreeMap<ClientId, String>,
    pub notes: VisitRecord,
    pub skipped: usize,
    pub too_late: usize,
}

/// Reads visits.
pub struct Reader<'a> {
    pub spi: &'a Spi,
    pub clinic: i64,
    pub zone: &'a Zone,
    pub query: &'a RoundsQuery<'a>,
    /// By id.
    pub areas: &'a [Area],
}

/// Earlier visits to a client.
#[derive(Default)]
struct Known {
    last: Option<(NaiveDate, LastVisit)>,
    experience: Vec<Experience>,
}

impl Reader<'_> {
    pub fn visits(&self) -> Result<Found> {
        let notes = self.notes()?;
        let mentioned = match self.query.which {
            Which::Due => Vec::new(),
            Which::DueOrDone => {
                notes.0.values().filter(|row| row.is_begun()).map(|row| row.client.0).collect()
            }
            Which::Planned(visits) => {
                visits.iter().filter_map(|(id, _)| notes.get(*id)).map(|row| row.client.0).collect()
            }
        };
        let (mut clients, names) = self.clients(mentioned)?;
        let (wanted, skipped, too_late) = self.wanted(&clients, &notes)?;
        let ids: Vec<i64> = wanted.iter().map(|(_, client, _)| client.0).collect();
        self.windows(&mut clients, &ids)?;
        let mut known = self.known(self.remembered(&clients, ids))?;
        let mut requests: Vec<VisitRequest> = wanted
            .into_iter()
            .filter_map(|(visit, client, kind)| {
                let index = clients.binary_search_by_key(&client, |client| client.id).ok()?;
                let Known { last, experience } = known.remove(&client).unwrap_or_default();
                let last = last.map(|(_, visit)| visit);
                Some(clients[index].visit_on(self.zone, self.query.date, visit, kind, last, experience))
            })
            .collect();
        requests.sort_by_key(|request| request.id);
        Ok(Found { requests, names, notes, skipped, too_late })
    }

    fn notes(&self) -> Result<VisitRecord> {
        let clinic = param(self.clinic);
        let rows = match self.query.which {
            Which::Planned(visits) => {
                let ids: Vec<i64> = visits.iter().map(|(id, _)| id.0).collect();
                self.spi.rows::<VisitRow>(&PLANNED, self.query.access, &[clinic, param(ids)])?
            }
            Which::Due | Which::DueOrDone => {
                let params = [clinic, date_param(self.query.date)];
                self.spi.rows::<VisitRow>(&VISITS, self.query.access, &params)?
            }
        };
        let notes = rows.into_iter().map(|row| {
            let VisitRow { id, client_id, outcome, started_at, ended_at } = row;
            let client = ClientId(client_id);
            (VisitId(id), VisitNotes { client, outcome, started: started_at, ended: ended_at })
        });
        Ok(VisitRecord(notes.collect()))
    }

    /// The visits to plan, and the numbers of skipped ones and of requests that came too late.
    fn wanted(&self, clients: &[Client], notes: &VisitRecord) -> Result<(Vec<WantedVisit>, usize, usize)> {
        let with_begun = match self.query.which {
            Which::Planned(visits) => {
                let row = |&(id, kind)| notes.get(id).map(|row| (id, row.client, kind));
                return Ok((visits.iter().filter_map(row).collect(), 0, 0));
            }
            Which::Due => false,
            Which::DueOrDone => true,
        };
        let events = self.events()?;
        let list = due(self.zone, self.query.date, clients, &events);
        let too_late = requested_too_late(&events, &notes.starts());
        Ok((notes.wanted(&list, with_begun), list.skipped.len(), too_late))
    }

    /// Clients without their windows, by id, and the names.
    fn clients(&self, mentioned: Vec<i64>) -> Result<(Vec<Client>, BTreeMap<ClientId, String>)> {
        let (clinic, mentioned, limit) = (param(self.clinic), param(mentioned), param(MAX_VISITS as i64 + 1));
        let rows = match self.query.which {
            Which::Planned(_) => {
                self.spi.rows::<ClientRow>(&MENTIONED, self.query.access, &[clinic, mentioned, limit])?
            }
            Which::Due | Which::DueOrDone => {
                let params = [clinic, date_param(self.query.date), mentioned, limit];
                self.spi.rows::<ClientRow>(&CLIENTS, self.query.access, &params)?
            }
        };
        let rows = bounded(rows, "clients", MAX_VISITS)?;
        let names = rows.iter().map(|row| (ClientId(row.id), row.name.clone())).collect();
        Ok((rows.into_iter().map(client).collect(), names))
    }

    fn windows(&self, clients: &mut [Client], ids: &[i64]) -> Result<()> {
        let weekday = self.query.date.weekday().number_from_monday() as i32;
        let params = [param(self.clinic), param(ids.to_vec()), param(weekday)];
        for row in self.spi.rows::<WindowRow>(&WINDOWS, self.query.access, &params)? {
            let id = ClientId(row.client_id);
            if let Ok(index) = clients.binary_search_by_key(&id, |client| client.id) {
                clients[index].access_windows.push(WeeklyWindow {
                    day_of_week: row.day_of_week as u8,
                    start: row.start_time,
                    end: row.end_time,
                    valid_from: row.valid_from.0,
                    valid_until: row.valid_until.0,
                });
            }
        }
        Ok(())
    }

    fn events(&self) -> Result<Vec<ClientEvent>> {
        let on_date = self.query.date;
        let params = [param(self.clinic), date_param(on_date)];
        let rows = self.spi.rows::<EventRow>(&EVENTS, self.query.access, &params)?;
        let event = |EventRow { id, client_id, kind, made_at }| ClientEvent {
            id: ClientEventId(id),
            client: ClientId(client_id),
            on_date,
            kind,
            made_at,
        };
        Ok(rows.into_iter().map(event).collect())
    }

    /// The clients in whose area earlier visits count.
    fn remembered(&self, clients: &[Client], mut ids: Vec<i64>) -> Vec<i64> {
        let needs_history = |area: AreaId| {
            let index = self.areas.binary_search_by_key(&area, |area| area.id);
            index.is_ok_and(|index| self.areas[index].weights.needs_history())
        };
        ids.retain(|id| {
            let index = clients.binary_search_by_key(&ClientId(*id), |client| client.id);
            index.is_ok_and(|index| clients[index].area.is_some_and(needs_history))
        });
        ids
    }

    /// Earlier visits to these clients.
    fn known(&self, ids: Vec<i64>) -> Result<BTreeMap<ClientId, Known>> {
        let date = self.query.date;
        let has_met = VisitOutcome::ALL.into_iter().filter(|outcome| outcome.has_met());
        let params = [
            param(self.clinic),
            param(ids),
            date_param(add_days(date, -HISTORY_DAYS)),
            date_param(add_days(date, -1)),
            param(HISTORY_VISITS),
            param(has_met.map(VisitOutcome::as_str).collect::<Vec<_>>()),
        ];
        let mut known: BTreeMap<ClientId, Known> = BTreeMap::new();
        for row in self.spi.rows::<HistoryRow>(&HISTORY, self.query.access, &params)? {
            let worker = StaffId(row.staff_id);
            let of_client = known.entry(ClientId(row.client_id)).or_default();
            of_client.experience.push(Experience { worker, visits: row.visits });
            // The lower id of two on the last date counts: rows come by id.
            if of_client.last.is_none_or(|(last, _)| last < row.last_date) {
                of_client.last = Some((row.last_date, LastVisit { worker, start: row.last_starts_at }));
            }
        }
        Ok(known)
    }
}

fn client(row: ClientRow) -> Client {
    let weekdays = row.visit_days.iter().map(|day| *day as u8).collect();
    let subscription = row.starts_on.zip(row.renews_on).map(|(starts_on, renews_on)| Subscription {
        starts_on,
        renews_on,
        ends_on: row.ends_on,
        weekdays,
    });
    Client {
        id: ClientId(row.id),
        area: row.area_id.map(AreaId),
        skills: row.required_skills,
        tier: row.tier,
        visit: Minutes(row.visit_minutes),
        access_windows: Vec::new(),
        access: Entry::of(row.needs_access_approval, row.access_approved_by),
        usual_order: row.usual_order,
        subscription,
    }
}

/// Adds a row for each visit that is due on a date and has none.
pub fn add_visits(spi: &Spi, clinic: i64, zone: &Zone, date: NaiveDate) -> Result<()> {
    let query = RoundsQuery { date, which: Which::Due, without: &[], access: Access::Latest };
    let read = Reader { spi, clinic, zone, query: &query, areas: &[] };
    let (clients, _) = read.clients(Vec::new())?;
    let list = due(zone, date, &clients, &read.events()?);
    let due: Vec<i64> = list.due.iter().map(|due| due.client.0).collect();
    spi.run(&ADD, &[param(clinic), param(due), date_param(date)])
}

/// A plan's visits with start and end, by visit.
pub fn planned(spi: &Spi, clinic: i64, plan: i64) -> Result<Vec<Held>> {
    let rows = spi.rows::<HeldRow>(&HELD, Access::Snapshot, &[param(clinic), param(plan)])?;
    Ok(rows.into_iter().map(Held::from).collect())
}

/// The places that a plan (else the record) has for a date's visits, by visit.
pub fn placements(
    spi: &Spi,
    clinic: i64,
    plan: Option<i64>,
    date: NaiveDate,
    access: Access,
) -> Result<Vec<Placement>> {
    let rows = match plan {
        Some(plan) => spi.rows::<PlacementRow>(&PLAN, access, &[param(clinic), param(plan)])?,
        None => spi.rows::<PlacementRow>(&RECORD, access, &[param(clinic), date_param(date)])?,
    };
    let placement = |row: PlacementRow| Placement {
        visit: VisitId(row.visit_id),
        worker: StaffId(row.staff_id),
        start: row.starts_at,
    };
    Ok(rows.into_iter().map(placement).collect())
}
