//! Clients with their windows and events, the visits of a date, and who came before.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use pg_clinic_core::ids::{AreaId, ClientEventId, ClientId, StaffId, VisitId};
use pg_clinic_core::rounds::{
    Access as Entry, Area, Client, ClientEvent, ClientEventKind, Experience, Held, MAX_VISITS, Placement,
    Subscription, VisitKind, VisitRequest, asked_too_late, due,
};
use pg_clinic_core::time::calendar::{add_days, date_from_pg_days};
use pg_clinic_core::time::interval::{Instant, Minutes, Span};
use pg_clinic_core::time::windows::WeeklyWindow;
use pg_clinic_core::time::zone::Zone;

use super::{Asked, Which, placement};
use crate::pg::platform::caught::keeping_origin;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::spi::{Access, Row, Spi, date_param, param, statements};
use crate::pg::platform::values::{open_date, wall_time};
use crate::pg::roster::load::bounded;

/// Clients, as `client` reads them.
macro_rules! clients {
    () => {
        "select c.id, c.name, c.area_id, c.required_skills, c.tier, c.visit_minutes, c.needs_access_approval,
           c.access_approved_by, c.usual_order, c.starts_on, c.renews_on, c.ends_on, c.visit_days
         from clinic.clients c"
    };
}

/// Visits, as `rows` reads them. One is begun once somebody has come, in vain too.
macro_rules! visits {
    () => {
        "select id, client_id, outcome is null, coalesce(started_at is not null or outcome in ('not_home', 'refused'), false),
           started_at, ended_at
         from clinic.visits"
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
    /// Their windows: those of the weekday, and of clients who have none on it all, so that a closed day isn't an open one.
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
    /// Who came to each client how often in the time before the date, and when last: of the last $5 visits, because
    /// more of them would cost time and tell little.
    HISTORY(INT8OID, INT8ARRAYOID, DATEOID, DATEOID, INT8OID) =
        "select c.id, a.staff_id, count(*)::int4, max(v.on_date)
         from unnest($2) as c (id)
         cross join lateral (select v.id, v.on_date from clinic.visits v
           where v.clinic_id = $1 and v.client_id = c.id and v.on_date between $3 and $4
             and (v.outcome is null or v.outcome in ('done', 'partly_done'))
           order by v.on_date desc limit $5) as v
         join clinic.assignments a on a.clinic_id = $1 and a.visit_id = v.id
         group by c.id, a.staff_id order by c.id, a.staff_id";
    /// What the record has of the date's visits.
    RECORD(INT8OID, DATEOID) =
        "select a.visit_id, a.staff_id, lower(a.during)
         from clinic.visits v join clinic.assignments a on a.clinic_id = v.clinic_id and a.visit_id = v.id
         where v.clinic_id = $1 and v.on_date = $2 order by a.visit_id, a.staff_id";
    /// What a plan has, from when to when.
    HELD(INT8OID, INT8OID) =
        "select visit_id, staff_id, lower(during), upper(during) from clinic.plan_assignments
         where clinic_id = $1 and plan_id = $2 and visit_id is not null order by visit_id";
    /// What a plan has.
    PLAN(INT8OID, INT8OID) =
        "select visit_id, staff_id, lower(during) from clinic.plan_assignments
         where clinic_id = $1 and plan_id = $2 and visit_id is not null order by visit_id";
}

/// Who came counts for so many days.
const HISTORY_DAYS: i64 = 180;
/// And of those days' visits to a client so many.
const HISTORY_VISITS: i64 = 20;

/// A row of `clinic.visits`.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// Whom.
    pub client: ClientId,
    /// Whether there is no outcome yet.
    pub is_open: bool,
    /// Whether somebody has come.
    pub is_begun: bool,
    /// When, and until when.
    pub worked: (Option<Instant>, Option<Instant>),
}

/// What was found.
pub struct Found {
    pub requests: Vec<VisitRequest>,
    pub names: BTreeMap<ClientId, String>,
    pub rows: BTreeMap<VisitId, Visit>,
    pub skipped: usize,
    pub too_late: usize,
}

/// Reads visits.
pub struct Reader<'a> {
    pub spi: &'a Spi,
    pub clinic: i64,
    pub zone: &'a Zone,
    pub asked: &'a Asked<'a>,
    /// By id.
    pub areas: &'a [Area],
}

/// A visit asked about: which, whom and why.
type Wanted = (VisitId, ClientId, VisitKind);

/// Who came to a client.
#[derive(Default)]
struct Known {
    last: Option<(NaiveDate, StaffId)>,
    experience: Vec<Experience>,
}

impl Reader<'_> {
    pub fn visits(&self) -> Result<Found> {
        let rows = self.rows()?;
        let mentioned = match self.asked.which {
            Which::Due => Vec::new(),
            Which::DueOrDone => rows.values().filter(|row| row.is_begun).map(|row| row.client.0).collect(),
            Which::Planned(visits) => {
                visits.iter().filter_map(|(id, _)| rows.get(id)).map(|row| row.client.0).collect()
            }
        };
        let (mut clients, names) = self.clients(&mentioned)?;
        let (wanted, skipped, too_late) = self.wanted(&clients, &rows)?;
        let ids: Vec<i64> = wanted.iter().map(|(_, client, _)| client.0).collect();
        self.windows(&mut clients, &ids)?;
        let mut known = self.known(self.remembered(&clients, ids))?;
        let mut requests: Vec<VisitRequest> = wanted
            .into_iter()
            .filter_map(|(visit, client, kind)| {
                let index = clients.binary_search_by_key(&client, |client| client.id).ok()?;
                let Known { last, experience } = known.remove(&client).unwrap_or_default();
                let last = last.map(|(_, worker)| worker);
                Some(clients[index].visit_on(self.zone, self.asked.date, visit, kind, last, experience))
            })
            .collect();
        requests.sort_by_key(|request| request.id);
        Ok(Found { requests, names, rows, skipped, too_late })
    }

    fn rows(&self) -> Result<BTreeMap<VisitId, Visit>> {
        let clinic = param(self.clinic);
        let read = |row: &Row<'_>| {
            let visit = Visit {
                client: ClientId(row.get(1)?),
                is_open: row.get(2)?,
                is_begun: row.get(3)?,
                worked: (row.micros(4)?.map(Instant), row.micros(5)?.map(Instant)),
            };
            Ok((VisitId(row.get(0)?), visit))
        };
        let rows = match self.asked.which {
            Which::Planned(visits) => {
                let ids: Vec<i64> = visits.iter().map(|(id, _)| id.0).collect();
                self.spi.query(&PLANNED, self.asked.access, &[clinic, param(ids)], read)?
            }
            _ => self.spi.query(&VISITS, self.asked.access, &[clinic, date_param(self.asked.date)], read)?,
        };
        Ok(rows.into_iter().collect())
    }

    /// The visits asked about, how many were skipped, and how many asked for too late.
    fn wanted(
        &self,
        clients: &[Client],
        rows: &BTreeMap<VisitId, Visit>,
    ) -> Result<(Vec<Wanted>, usize, usize)> {
        if let Which::Planned(visits) = self.asked.which {
            let row = |&(id, kind)| rows.get(&id).map(|row: &Visit| (id, row.client, kind));
            return Ok((visits.iter().filter_map(row).collect(), 0, 0));
        }
        let events = self.events()?;
        let list = due(self.zone, self.asked.date, clients, &events);
        let begun = rows.values().filter_map(|row| Some((row.client, row.worked.0?))).collect();
        let kinds: BTreeMap<_, _> = list.due.iter().map(|due| (due.client, due.kind)).collect();
        let with_done = matches!(self.asked.which, Which::DueOrDone);
        let wanted = rows.iter().filter_map(|(id, row)| {
            let kind = kinds.get(&row.client).copied();
            let is_due = row.is_open && kind.is_some();
            let is_done = with_done && row.is_begun;
            (is_due || is_done).then_some((*id, row.client, kind.unwrap_or(VisitKind::Scheduled)))
        });
        Ok((wanted.collect(), list.skipped.len(), asked_too_late(&events, &begun)))
    }

    /// Clients without their windows, by id, and the names.
    fn clients(&self, mentioned: &[i64]) -> Result<(Vec<Client>, BTreeMap<ClientId, String>)> {
        let (clinic, mentioned, limit) =
            (param(self.clinic), param(mentioned.to_vec()), param(MAX_VISITS as i64 + 1));
        let mut names = BTreeMap::new();
        let read = |row: &Row<'_>| {
            names.insert(ClientId(row.get(0)?), row.get(1)?);
            client(row)
        };
        let clients = match self.asked.which {
            Which::Planned(_) => {
                self.spi.query(&MENTIONED, self.asked.access, &[clinic, mentioned, limit], read)?
            }
            _ => {
                let params = [clinic, date_param(self.asked.date), mentioned, limit];
                self.spi.query(&CLIENTS, self.asked.access, &params, read)?
            }
        };
        Ok((bounded(clients, "clients", MAX_VISITS)?, names))
    }

    fn windows(&self, clients: &mut [Client], ids: &[i64]) -> Result<()> {
        use chrono::Datelike;
        let weekday = self.asked.date.weekday().number_from_monday() as i32;
        let params = [param(self.clinic), param(ids.to_vec()), param(weekday)];
        self.spi.execute(&WINDOWS, self.asked.access, &params, 0)?.for_each(|row| {
            let id = ClientId(row.get(0)?);
            if let Ok(index) = clients.binary_search_by_key(&id, |client| client.id) {
                clients[index].access_windows.push(WeeklyWindow {
                    day_of_week: row.get::<i32>(1)? as u8,
                    start: wall_time(row, 2)?,
                    end: wall_time(row, 3)?,
                    valid_from: open_date(row, 4)?,
                    valid_until: open_date(row, 5)?,
                });
            }
            Ok(())
        })
    }

    fn events(&self) -> Result<Vec<ClientEvent>> {
        let on_date = self.asked.date;
        self.spi.query(&EVENTS, self.asked.access, &[param(self.clinic), date_param(on_date)], |row| {
            Ok(ClientEvent {
                id: ClientEventId(row.get(0)?),
                client: ClientId(row.get(1)?),
                on_date,
                kind: event_kind(&row.get::<String>(2)?)?,
                made_at: row.instant(3)?,
            })
        })
    }

    /// Those of the clients whose area asks who came before.
    fn remembered(&self, clients: &[Client], mut ids: Vec<i64>) -> Vec<i64> {
        let asks = |area: AreaId| {
            let index = self.areas.binary_search_by_key(&area, |area| area.id);
            let weights = index.map(|index| self.areas[index].weights);
            weights.is_ok_and(|weights| weights.continuity > 0 || weights.experience > 0)
        };
        ids.retain(|id| {
            let index = clients.binary_search_by_key(&ClientId(*id), |client| client.id);
            index.is_ok_and(|index| clients[index].area.is_some_and(asks))
        });
        ids
    }

    /// Who came before, to clients of areas where that counts.
    fn known(&self, ids: Vec<i64>) -> Result<BTreeMap<ClientId, Known>> {
        let date = self.asked.date;
        let params = [
            param(self.clinic),
            param(ids),
            date_param(add_days(date, -HISTORY_DAYS)),
            date_param(add_days(date, -1)),
            param(HISTORY_VISITS),
        ];
        let mut known: BTreeMap<ClientId, Known> = BTreeMap::new();
        self.spi.execute(&HISTORY, self.asked.access, &params, 0)?.for_each(|row| {
            let (client, worker) = (ClientId(row.get(0)?), StaffId(row.get(1)?));
            let of_client = known.entry(client).or_default();
            of_client.experience.push(Experience { worker, visits: row.get(2)? });
            // Of two on the last date the lower id counts: rows come by id.
            if let Some(date) = open_date(row, 3)?
                && of_client.last.is_none_or(|(last, _)| last < date)
            {
                of_client.last = Some((date, worker));
            }
            Ok(())
        })?;
        Ok(known)
    }
}

fn client(row: &Row<'_>) -> Result<Client> {
    let approved_by: Option<String> = row.opt(7)?;
    let starts_on = row.pg_days(9)?.and_then(date_from_pg_days);
    let renews_on = row.pg_days(10)?.and_then(date_from_pg_days);
    let weekdays: Vec<i32> = row.get(12)?;
    let ends_on = open_date(row, 11)?;
    Ok(Client {
        id: ClientId(row.get(0)?),
        area: row.opt(2)?.map(AreaId),
        skills: row.get(3)?,
        tier: row.get(4)?,
        visit: Minutes(row.get(5)?),
        access_windows: Vec::new(),
        access: match (row.get::<bool>(6)?, approved_by) {
            (false, _) => Entry::Open,
            (true, None) => Entry::NotApproved,
            (true, Some(whom)) => Entry::ApprovedBy(whom),
        },
        usual_order: row.opt(8)?,
        subscription: starts_on.zip(renews_on).map(|(starts_on, renews_on)| Subscription {
            starts_on,
            renews_on,
            ends_on,
            weekdays: weekdays.iter().map(|day| *day as u8).collect(),
        }),
    })
}

/// The kind of a row of clinic.client_events.
pub fn event_kind(name: &str) -> Result<ClientEventKind> {
    ClientEventKind::parse(name).ok_or_else(|| {
        ClinicError::new(SqlState::Internal, format!("clinic.client_events has a kind \"{name}\""))
    })
}

/// Adds a row for each visit that is due on a date and has none.
pub fn add_visits(spi: &Spi, clinic: i64, zone: &Zone, date: NaiveDate) -> Result<()> {
    let asked = Asked { date, which: Which::Due, without: &[], access: Access::Latest };
    let read = Reader { spi, clinic, zone, asked: &asked, areas: &[] };
    let (clients, _) = read.clients(&[])?;
    let due: Vec<i64> =
        due(zone, date, &clients, &read.events()?).due.iter().map(|due| due.client.0).collect();
    keeping_origin(|| spi.run(&ADD, &[param(clinic), param(due), date_param(date)]))
}

/// A visit with its worker, start and end.
pub fn held(row: &Row<'_>) -> Result<Held> {
    let during = Span { start: row.instant(2)?, end: row.instant(3)? };
    Ok(Held { visit: VisitId(row.get(0)?), worker: StaffId(row.get(1)?), during })
}

/// What a plan has, by visit, with its end.
pub fn planned(spi: &Spi, clinic: i64, plan: i64) -> Result<Vec<Held>> {
    spi.query(&HELD, Access::Snapshot, &[param(clinic), param(plan)], held)
}

/// What a plan (else the record) has of a date's visits, by visit.
pub fn placements(
    spi: &Spi,
    clinic: i64,
    plan: Option<i64>,
    date: NaiveDate,
    access: Access,
) -> Result<Vec<Placement>> {
    let read = |row: &Row<'_>| Ok(placement(row.get(0)?, row.get(1)?, row.instant(2)?));
    match plan {
        Some(plan) => spi.query(&PLAN, access, &[param(clinic), param(plan)], read),
        None => spi.query(&RECORD, access, &[param(clinic), date_param(date)], read),
    }
}
