//! Clinics, questions and places at random.

use std::collections::BTreeMap;
use std::fmt::Display;

use pg_clinic_system_tests::{Chance, Result};

use crate::session::Session;

/// Zones whose clocks change at 2 or 3 o'clock, by half an hour, at midnight, and never.
const ZONES: [&str; 8] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
    "America/Havana",
    "Asia/Kolkata",
    "UTC",
];

/// A clinic made for one case.
#[derive(Debug)]
pub struct Clinic {
    pub id: i64,
    zone: &'static str,
    /// The day that everything is around, in days from today.
    day: i64,
    pub providers: Vec<i64>,
    pub rooms: Vec<i64>,
    sites: Vec<i64>,
    pub types: Vec<i64>,
    /// Types that need no room.
    pub roomless: Vec<i64>,
    /// Where group visits are.
    pub groups: Vec<Place>,
}

/// A place: a provider, a room, a start, and as what.
#[derive(Clone, Debug)]
pub struct Place {
    pub provider: i64,
    /// `None` = in no room.
    pub room: Option<i64>,
    /// As SQL.
    pub start: String,
    pub is_overbooked: bool,
}

impl Place {
    /// The room as SQL.
    pub fn room(&self) -> String {
        self.room.map_or_else(|| "null".to_owned(), |id| id.to_string())
    }
}

/// Arguments of find_slots().
#[derive(Clone, Debug)]
pub struct Question {
    pub clinic: i64,
    zone: &'static str,
    appointment_type: i64,
    needs_room: bool,
    pub from: i64,
    pub to: i64,
    /// As SQL.
    patient: String,
}

impl Clinic {
    pub fn make(session: &mut Session<'_>, chance: &mut Chance) -> Result<Self> {
        let zone = *chance.one_of(&ZONES);
        let id = session.value(&format!("select init_clinic('Case', '{zone}')"))?;
        session.run(&format!("set local pg_clinic.clinic_id = '{id}'"))?;
        let day = day(session, chance, zone)?;
        let (providers, rooms, types) = (chance.between(1, 3), chance.between(1, 3), 2);
        let mut clinic = Self {
            id,
            zone,
            day,
            providers: Vec::new(),
            rooms: Vec::new(),
            sites: Vec::new(),
            types: Vec::new(),
            roomless: Vec::new(),
            groups: Vec::new(),
        };
        clinic.settings(session, chance)?;
        clinic.providers = clinic.rows(session, providers, "providers", |n| provider(chance, n))?;
        clinic.rooms = clinic.rows(session, rooms, "rooms", |n| room(chance, n))?;
        clinic.sites = clinic.rows(session, 2, "sites", |n| ("name", format!("'Site {n}'")))?;
        clinic.places(session, chance)?;
        clinic.people(session, chance)?;
        clinic.types = clinic.rows(session, types, "appointment_types", |n| appointment_type(chance, n))?;
        let roomless =
            format!("select id from clinic.appointment_types where clinic_id = {id} and not needs_room");
        clinic.roomless = session.query(&roomless)?.iter().map(|row| row.get(0)).collect();
        clinic.opening(session, chance)?;
        clinic.policies(session, chance)?;
        for _ in 0..chance.between(0, 14) {
            let booking = clinic.booking(chance);
            session.run_if_possible(&booking)?;
        }
        clinic.groups(session, chance)?;
        clinic.afterward(session, chance)?;
        Ok(clinic)
    }

    fn settings(&self, session: &mut Session<'_>, chance: &mut Chance) -> Result {
        let step = chance.one_of(&[5, 7, 10, 15, 15, 20, 30, 60]);
        let alignment = chance.one_of(&["window", "gap"]);
        let notice = chance.one_of(&[0, 0, 0, 60, 1440, 10080]);
        let horizon = chance.one_of(&[400, 400, 400, 365, 7, 0]);
        session.run(&format!(
            "update clinic.clinics set slot_step_minutes = {step}, slot_alignment = '{alignment}',
               minimum_notice_minutes = {notice}, booking_horizon_days = {horizon} where id = {}",
            self.id
        ))
    }

    /// Where rooms are, and the ways between.
    fn places(&self, session: &mut Session<'_>, chance: &mut Chance) -> Result {
        for room in &self.rooms {
            let site = optional(chance, 80, |chance| chance.one_of(&self.sites).to_string());
            session.run(&format!("update clinic.rooms set site_id = {site} where id = {room}"))?;
        }
        let (one, other) = (self.sites[0], self.sites[1]);
        for (from, to) in [(one, other), (other, one)] {
            if chance.percent(30) {
                let minutes = chance.one_of(&[0, 10, 45, 240, 1440]);
                session.run(&format!(
                    "insert into clinic.site_travel (from_site_id, to_site_id, minutes) values ({from}, {to}, {minutes})"
                ))?;
            }
        }
        Ok(())
    }

    /// Providers who are the same person.
    fn people(&self, session: &mut Session<'_>, chance: &mut Chance) -> Result {
        for provider in &self.providers {
            if chance.percent(30) {
                session
                    .run(&format!("update clinic.providers set person_id = 'one' where id = {provider}"))?;
            }
        }
        Ok(())
    }

    /// Inserts rows and returns their ids. `row` gives columns and values.
    fn rows<C: Display>(
        &self,
        session: &mut Session<'_>,
        count: i64,
        table: &str,
        mut row: impl FnMut(i64) -> (C, String),
    ) -> Result<Vec<i64>> {
        for number in 1..=count {
            let (columns, values) = row(number);
            session.run(&format!("insert into clinic.{table} ({columns}) values ({values})"))?;
        }
        let rows = session
            .query(&format!("select id from clinic.{table} where clinic_id = {} order by id", self.id))?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// A date near the clinic's day, as SQL.
    fn date(&self, chance: &mut Chance, reach: i64) -> String {
        format!("current_date + {}", self.day + chance.between(-reach, reach))
    }

    /// An instant near the clinic's day, as SQL.
    pub fn instant(&self, chance: &mut Chance) -> String {
        let date = self.date(chance, 1);
        if chance.percent(10) {
            // In UTC: to hit both of the hours that a clock shows twice.
            return format!("(({date} + time '{}') at time zone 'UTC')", time(chance));
        }
        format!("(({date} + time '{}') at time zone '{}')", time(chance), self.zone)
    }

    fn opening(&self, session: &mut Session<'_>, chance: &mut Chance) -> Result {
        for provider in &self.providers {
            for _ in 0..chance.between(1, 5) {
                let date = self.date(chance, 1);
                let (start, end) = window(chance);
                let from = optional(chance, 10, |chance| self.date(chance, 1));
                let until = if from == "null" {
                    optional(chance, 10, |chance| self.date(chance, 1))
                } else {
                    "null".into()
                };
                let (every, from) = match chance.percent(10) {
                    true => {
                        (2, format!("least({from}, current_date + {})", self.day - chance.between(2, 15)))
                    }
                    false => (1, from),
                };
                let weeks =
                    optional(chance, 10, |chance| chance.one_of(&["'{1,3,-1}'", "'{2,4,5}'"]).to_string());
                let zone = optional(chance, 10, |chance| format!("'{}'", chance.one_of(&ZONES)));
                let kind = optional(chance, 15, |chance| chance.one_of(&self.types).to_string());
                let room = optional(chance, 15, |chance| chance.one_of(&self.rooms).to_string());
                let site = match room == "null" {
                    true => optional(chance, 10, |chance| chance.one_of(&self.sites).to_string()),
                    false => "null".to_owned(),
                };
                let on_holidays = chance.percent(30);
                session.run(&format!(
                    "insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time, valid_from,
                       valid_until, every_weeks, weeks_of_month, time_zone, appointment_type_id, room_id, site_id, open_on_holidays)
                     values ({provider}, extract(isodow from {date}), {start}, {end}, {from},
                       {until}, {every}, {weeks}, {zone}, {kind}, {room}, {site}, {on_holidays})"
                ))?;
            }
            if chance.percent(25) {
                let date = self.date(chance, 1);
                let (start, end) =
                    if chance.percent(30) { ("null".into(), "null".into()) } else { window(chance) };
                session.run(&format!(
                    "insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time)
                     values ({provider}, {date}, {start}, {end})"
                ))?;
            }
        }
        for (table, of, ids) in [
            ("appointment_type_hours", "appointment_type_id", &self.types),
            ("room_availability", "room_id", &self.rooms),
        ] {
            for _ in 0..if chance.percent(20) { chance.between(1, 4) } else { 0 } {
                let (id, date, (start, end)) = (chance.one_of(ids), self.date(chance, 1), window(chance));
                session.run(&format!(
                    "insert into clinic.{table} ({of}, day_of_week, start_time, end_time)
                     values ({id}, extract(isodow from {date}), {start}, {end})"
                ))?;
            }
        }
        for _ in 0..if chance.percent(20) { chance.between(1, 3) } else { 0 } {
            let (date, (start, end)) = (self.date(chance, 1), window(chance));
            let provider = optional(chance, 70, |chance| chance.one_of(&self.providers).to_string());
            let before = optional(chance, 70, |chance| {
                chance.one_of(&["'1 day'", "'366 days'", "'90 minutes'"]).to_string()
            });
            let kind = chance.one_of(&self.types);
            session.run(&format!(
                "with w as (insert into clinic.reserved_windows (provider_id, day_of_week, start_time, end_time, release_before)
                   values ({provider}, extract(isodow from {date}), {start}, {end}, {before}) returning id)
                 insert into clinic.reserved_window_types (reserved_window_id, appointment_type_id) select id, {kind} from w"
            ))?;
        }
        for _ in 0..chance.between(0, 2) {
            let (provider, room) = match chance.between(1, 3) {
                1 => (chance.one_of(&self.providers).to_string(), "null".to_owned()),
                2 => ("null".to_owned(), chance.one_of(&self.rooms).to_string()),
                _ => ("null".to_owned(), "null".to_owned()),
            };
            let (start, minutes) = (self.instant(chance), chance.one_of(&[10, 60, 240]));
            let during = match chance.between(1, 20) {
                1 => format!("tstzrange(null, {start})"),
                2 => format!("tstzrange({start}, null)"),
                _ => format!("tstzrange({start}, {start} + interval '{minutes} minutes')"),
            };
            let date = self.date(chance, 2);
            session.run(&if chance.percent(15) {
                format!("insert into clinic.time_off (provider_id, room_id, from_date, to_date) values ({provider}, {room}, {date}, {date})")
            } else {
                format!("insert into clinic.time_off (provider_id, room_id, during) values ({provider}, {room}, {during})")
            })?;
        }
        if chance.percent(20) {
            let (date, is_yearly) = (self.date(chance, 1), chance.percent(50));
            let site = optional(chance, 40, |chance| chance.one_of(&self.sites).to_string());
            session.run(&format!(
                "insert into clinic.holidays (on_date, name, is_yearly, site_id) values ({date}, 'Holiday', {is_yearly}, {site})
                 on conflict do nothing"
            ))?;
        }
        Ok(())
    }

    fn policies(&self, session: &mut Session<'_>, chance: &mut Chance) -> Result {
        for (provider, kind) in pairs(&self.providers, &self.types) {
            if chance.percent(75) {
                continue;
            }
            let duration = optional(chance, 50, |chance| chance.between(5, 120).to_string());
            let enabled = chance.percent(85);
            let (columns, values) = own_terms(chance);
            session.run(&format!(
                "insert into clinic.provider_types (provider_id, appointment_type_id, enabled, duration_minutes, {columns})
                 values ({provider}, {kind}, {enabled}, {duration}, {values})"
            ))?;
        }
        self.resources(session, chance)?;
        for _ in 0..chance.between(0, 2) {
            let provider = optional(chance, 30, |chance| chance.one_of(&self.providers).to_string());
            let kind = optional(chance, 30, |chance| chance.one_of(&self.types).to_string());
            let per = chance.one_of(&["provider", "patient", "clinic"]);
            let period = chance.one_of(&["day", "week", "month", "upcoming"]);
            let (most, minutes) = match chance.percent(50) {
                true => (chance.between(1, 12).to_string(), "null".to_owned()),
                false => ("null".to_owned(), chance.between(20, 600).to_string()),
            };
            session.run(&format!(
                "insert into clinic.booking_limits (provider_id, appointment_type_id, per, period, max_bookings, max_minutes)
                 values ({provider}, {kind}, '{per}', '{period}', {most}, {minutes})"
            ))?;
        }
        for _ in 0..chance.between(0, 3) {
            let provider = optional(chance, 50, |chance| chance.one_of(&self.providers).to_string());
            let kind = optional(chance, 50, |chance| chance.one_of(&self.types).to_string());
            let (limit, enabled) = (chance.between(0, 3), chance.percent(85));
            session.run_if_possible(&format!(
                "insert into clinic.overbooking_rules (provider_id, appointment_type_id, max_overbook, enabled)
                 values ({provider}, {kind}, {limit}, {enabled})"
            ))?;
            let weights: Vec<_> = (0..4).map(|_| chance.between(0, 9).to_string()).collect();
            session.run_if_possible(&format!(
                "insert into clinic.scoring_profiles (provider_id, appointment_type_id, preference_weight,
                   compactness_weight, room_weight, overbooking_weight) values ({provider}, {kind}, {})",
                weights.join(", ")
            ))?;
        }
        Ok(())
    }

    /// Units of resources, what types need of them, and their time off.
    fn resources(&self, session: &mut Session<'_>, chance: &mut Chance) -> Result {
        if chance.percent(60) {
            return Ok(());
        }
        for number in 0..chance.between(0, 3) {
            let (kind, enabled) = (chance.one_of(&["cart", "cart", "laser"]), chance.percent(90));
            let site = optional(chance, 30, |chance| chance.one_of(&self.sites).to_string());
            session.run(&format!(
                "insert into clinic.resources (name, kind, enabled, site_id) values ('Unit {number}', '{kind}', {enabled}, {site})"
            ))?;
        }
        for kind in &self.types {
            for (needed, percent) in [("cart", 60), ("laser", 15)] {
                if chance.percent(percent) {
                    let quantity = chance.one_of(&[1, 1, 1, 2]);
                    session.run(&format!(
                        "insert into clinic.type_resources (appointment_type_id, kind, quantity) values ({kind}, '{needed}', {quantity})"
                    ))?;
                }
            }
        }
        if chance.percent(30) {
            let start = self.instant(chance);
            session.run(&format!(
                "insert into clinic.time_off (resource_id, during)
                 select min(id), tstzrange({start}, {start} + interval '90 minutes') from clinic.resources
                 where clinic_id = {} having min(id) is not null",
                self.id
            ))?;
        }
        Ok(())
    }

    /// A booking that may or may not be possible.
    fn booking(&self, chance: &mut Chance) -> String {
        let (provider, kind) = (chance.one_of(&self.providers), chance.one_of(&self.types));
        let room = optional(chance, 90, |chance| chance.one_of(&self.rooms).to_string());
        let start = self.instant(chance);
        let end =
            optional(chance, 25, |chance| format!("{start} + interval '{} minutes'", chance.between(1, 200)));
        let patient = optional(chance, 40, |chance| format!("'p{}'", chance.between(1, 2)));
        let is_overbooked = chance.percent(30);
        let (status, expiry) = chance.one_of(&[
            ("booked", "null"),
            ("booked", "null"),
            ("booked", "null"),
            ("arrived", "null"),
            ("noshow", "null"),
            ("fulfilled", "null"),
            ("cancelled", "null"),
            ("proposed", "null"),
            ("pending", "null"),
            ("pending", "now() + interval '1 hour'"),
            ("pending", "now() - interval '1 hour'"),
        ]);
        let override_reason = optional(chance, 10, |_| "'must be'".to_owned());
        format!(
            "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, patient_id, during,
               is_overbooked, status, hold_expires_at, override_reason)
             values ({provider}, {room}, {kind}, 'Pat', {patient}, tstzrange({start}, {end}), {is_overbooked},
               '{status}', {expiry}, {override_reason})"
        )
    }

    /// Others who join the group visits.
    fn groups(&mut self, session: &mut Session<'_>, chance: &mut Chance) -> Result {
        let begun = format!(
            "select provider_id, room_id, quote_literal(lower(during)::text), false from clinic.sessions
             where clinic_id = {} order by id",
            self.id
        );
        self.groups = Slots::of(session, &begun)?.all;
        for _ in 0..if self.groups.is_empty() { 0 } else { chance.between(0, 5) } {
            let (nth, patient) = (chance.between(0, 9), optional(chance, 40, |_| "'p3'".to_owned()));
            session.run_if_possible(&format!(
                "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, patient_id, during)
                 select provider_id, room_id, appointment_type_id, 'Pat', {patient}, during from clinic.sessions
                 where clinic_id = {} order by id offset {nth} % {} limit 1",
                self.id,
                self.groups.len()
            ))?;
        }
        Ok(())
    }

    /// Settings that changed since the bookings were made.
    fn afterward(&self, session: &mut Session<'_>, chance: &mut Chance) -> Result {
        if chance.percent(70) {
            return Ok(());
        }
        let (provider, room, kind) =
            (chance.one_of(&self.providers), chance.one_of(&self.rooms), chance.one_of(&self.types));
        let statement = match chance.between(1, 11) {
            10 => format!("update clinic.sessions set capacity = {}", chance.between(1, 4)),
            11 => format!("update clinic.appointment_types set capacity = {}", chance.between(1, 3)),
            9 => format!("update clinic.providers set person_id = 'one' where id = {provider}"),
            1 => format!(
                "update clinic.providers set max_daily_appointments = {}, buffer_minutes = {} where id = {provider}",
                chance.between(0, 3),
                chance.between(0, 60)
            ),
            2 => {
                format!(
                    "update clinic.rooms set turnover_minutes = {} where id = {room}",
                    chance.between(0, 90)
                )
            }
            3 => format!(
                "update clinic.appointment_types set duration_minutes = {} where id = {kind}",
                chance.between(5, 90)
            ),
            4 => "delete from clinic.overbooking_rules".to_owned(),
            6 => format!(
                "update clinic.appointment_types set before_minutes = {}, room_after_minutes = {}",
                chance.between(0, 90),
                chance.between(0, 90)
            ),
            5 => format!("update clinic.provider_types set duration_minutes = {}", chance.between(5, 90)),
            7 => "update clinic.resources set enabled = not enabled".to_owned(),
            _ => "update clinic.bookings set status = 'cancelled' where day_seat = 1".to_owned(),
        };
        session.run_if_possible(&statement)
    }

    pub fn question(&self, chance: &mut Chance) -> Question {
        let from = self.day + chance.between(-1, 1);
        let appointment_type = *chance.one_of(&self.types);
        Question {
            clinic: self.id,
            zone: self.zone,
            appointment_type,
            needs_room: !self.roomless.contains(&appointment_type),
            from,
            to: from + chance.between(0, 2),
            patient: optional(chance, 50, |chance| format!("'p{}'", chance.between(1, 3))),
        }
    }

    /// A place that may be anything: near a slot, or anywhere.
    pub fn place(&self, session: &mut Session<'_>, chance: &mut Chance, slots: &Slots) -> Result<Place> {
        let place = self.any_place(chance, slots);
        // Written as the slots' are, so that it can be looked up among them.
        let start: String = session.value(&format!("select quote_literal(({})::text)", place.start))?;
        Ok(Place { start: format!("timestamptz {start}"), ..place })
    }

    fn any_place(&self, chance: &mut Chance, slots: &Slots) -> Place {
        let (provider, room) = (*chance.one_of(&self.providers), Some(*chance.one_of(&self.rooms)));
        let is_overbooked = chance.percent(50);
        if !self.groups.is_empty() && chance.percent(20) {
            let (group, same) = (chance.one_of(&self.groups), chance.percent(70));
            let room = if same { group.room.or(room) } else { room };
            return Place { room, is_overbooked: chance.percent(20), ..group.clone() };
        }
        if slots.len() > 0 && chance.percent(60) {
            let near = slots.any(chance);
            let shift = *chance.one_of(&[0, 0, 0, -1, 1, 5, -5, 60, -60, 1440]);
            let start = format!("({} + interval '{shift} minutes')", near.start);
            let same = chance.percent(60);
            let (provider, room) = if same { (near.provider, near.room) } else { (provider, room) };
            return Place { provider, room, start, is_overbooked };
        }
        Place { provider, room, start: self.instant(chance), is_overbooked }
    }
}

impl Question {
    /// The place as it is found: without a room where the type needs none.
    pub fn at(&self, place: Place) -> Place {
        Place { room: place.room.filter(|_| self.needs_room), ..place }
    }

    pub fn book(&self, place: &Place) -> String {
        let (Place { provider, start, is_overbooked, .. }, room) = (place, place.room());
        format!(
            "select book_slot(null, {provider}, {room}, {start}, 'New', {}, is_overbooked => {is_overbooked},
               clinic_id => {}, appointment_type_id => {})",
            self.patient, self.clinic, self.appointment_type
        )
    }

    /// The same booking by plain SQL, which rules don't refuse.
    pub fn insert(&self, place: &Place) -> String {
        let (Place { provider, start, is_overbooked, .. }, room) = (place, place.room());
        format!(
            "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, patient_id, during,
               is_overbooked)
             values ({provider}, {room}, {}, 'New', {}, tstzrange({start}, null), {is_overbooked})",
            self.appointment_type, self.patient
        )
    }

    /// The same where rules hold for whoever writes.
    pub fn insert_enforced(&self, place: &Place) -> String {
        let enforce = format!("update clinic.clinics set enforce_rules = true where id = {}", self.clinic);
        format!("{enforce}; {}", self.insert(place))
    }

    /// Whether one of the reasons against a place is one that a constraint stands behind. A normal booking may be
    /// written beside an overbooked one.
    pub fn collides(&self, place: &Place) -> String {
        format!(
            "select exists (select from ({}) e left join clinic.bookings b on b.id = e.blocking_id
             where code in ('room_busy', 'no_resource', 'session_full', 'patient_busy', 'person_busy', 'daily_cap', 'overbook_cap', 'overbook_overlap', 'limit_reached')
               or code = 'provider_busy' and not b.is_overbooked
               -- Beside a group visit that it could join, the room is taken.
               or code = 'provider_free' and exists (select from clinic.bookings where session_id > 0 and room_id = {} and lower(during) = {}))",
            self.explain(place, place.is_overbooked),
            place.room(),
            place.start
        )
    }

    pub fn explain(&self, place: &Place, overbooked: bool) -> String {
        let (Place { provider, start, .. }, room) = (place, place.room());
        format!(
            "select code, blocking_id from explain_slots(null, provider_id => {provider}, room_id => {room}, slot_start => {start},
               is_overbooked => {overbooked}, patient_id => {}, clinic_id => {}, appointment_type_id => {})",
            self.patient, self.clinic, self.appointment_type
        )
    }

    /// Whether a place's date is among those asked for.
    pub fn is_asked_for(&self, place: &Place) -> String {
        format!(
            "select ({} at time zone '{}')::date between current_date + {} and current_date + {}",
            place.start, self.zone, self.from, self.to
        )
    }

    /// Answers that must agree, each as a query for what is in one and not in the other.
    pub fn contradictions(&self) -> [(&'static str, String); 4] {
        let Self { clinic, zone, appointment_type, from, to, patient, .. } = self;
        let rest = format!(
            "patient_id => {patient}, clinic_id => {clinic}, appointment_type_id => {appointment_type}"
        );
        let find =
            |first: &str, last: &str, more: &str| format!("find_slots(null, {first}, {last}, {rest}{more})");
        let whole =
            find(&format!("current_date + {from}"), &format!("current_date + {to}"), ", all_rooms => true");
        let by_date = find("current_date + n", "current_date + n", ", all_rooms => true");
        let differ = |a: &str, b: &str| format!("(({a}) except ({b})) union all (({b}) except ({a}))");
        // Of equals the room that fewer other types could need.
        let others = format!(
            "(select count(*) from clinic.appointment_types t join clinic.rooms r on r.id = room_id
              where t.clinic_id = r.clinic_id and t.enabled and t.needs_room and t.id <> {}
                and coalesce(t.required_room_type, r.room_type) = r.room_type and t.required_equipment <@ r.equipment)",
            self.appointment_type
        );
        let best = format!(
            "select distinct on (slot_start, provider_id) * from {{}} order by slot_start, provider_id, quality_score desc, {others}, room_id"
        );
        let week = find(&format!("current_date + {from}"), &format!("current_date + {from} + 6"), "");
        let explained = format!("explain_slots(null, current_date + {from}, {rest})");
        let of_day = format!(
            "select * from {whole} where (slot_start at time zone '{zone}')::date = current_date + {from}"
        );
        [
            (
                "the dates one by one",
                differ(
                    &format!("select * from {whole}"),
                    &format!("select s.* from generate_series({from}, {to}) n, lateral {by_date} s"),
                ),
            ),
            (
                "one room each is the best of all rooms",
                differ(
                    &format!("select * from ({}) best", best.replace("{}", &whole)),
                    &format!("select * from {}", find(&format!("current_date + {from}"), &format!("current_date + {to}"), "")),
                ),
            ),
            (
                "the next are the first",
                format!(
                    "select from (select count(*) as many from {week}) w where many >= 5 and
                       (select array_agg(n::text) from next_available(null, current_date + {from}, {rest}) n)
                       is distinct from (select array_agg(f::text) from
                         (select * from {week} w order by slot_start, is_overbooked, quality_score desc,
                           not exists (select from clinic.bookings where session_id > 0 and lower(during) = w.slot_start
                             and provider_id = w.provider_id and room_id is not distinct from w.room_id and appointment_type_id = {appointment_type}
                             and coalesce(hold_expires_at, 'infinity') > now()),
                           provider_id, room_id limit 5) f)"
                ),
            ),
            (
                "what is explained isn't offered, and a day without offers has a reason",
                format!(
                    "select provider_id, slot_start from {explained} e where slot_start is not null and exists
                       (select from ({of_day}) s where (s.provider_id, s.slot_start) = (e.provider_id, e.slot_start) and s.room_id is not distinct from e.room_id)
                     union all
                     select p.id, null from clinic.providers p where clinic_id = {clinic} and
                       exists (select from ({of_day}) s where s.provider_id = p.id)
                       = exists (select from {explained} e where e.provider_id = p.id and slot_start is null)"
                ),
            ),
        ]
    }

    fn find(&self) -> String {
        format!(
            "select provider_id, room_id, quote_literal(slot_start::text), is_overbooked
             from find_slots(null, current_date + {}, current_date + {}, all_rooms => true, patient_id => {},
               clinic_id => {}, appointment_type_id => {})",
            self.from, self.to, self.patient, self.clinic, self.appointment_type
        )
    }
}

/// What find_slots() returned.
pub struct Slots {
    all: Vec<Place>,
    /// Whether it is overbooked, by provider, room and start.
    by_place: BTreeMap<(i64, Option<i64>, String), bool>,
}

impl Slots {
    pub fn find(session: &mut Session<'_>, question: &Question) -> Result<Self> {
        Self::of(session, &question.find())
    }

    /// Those of a query that gives provider, room, start and kind.
    pub fn of(session: &mut Session<'_>, query: &str) -> Result<Self> {
        let rows = session.query(query)?;
        let place = |row: &postgres::Row| Place {
            provider: row.get(0),
            room: row.get(1),
            start: format!("timestamptz {}", row.get::<_, String>(2)),
            is_overbooked: row.get(3),
        };
        let all: Vec<_> = rows.iter().map(place).collect();
        let by_place = all
            .iter()
            .map(|slot| ((slot.provider, slot.room, slot.start.clone()), slot.is_overbooked))
            .collect();
        Ok(Self { all, by_place })
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn any(&self, chance: &mut Chance) -> &Place {
        chance.one_of(&self.all)
    }

    /// Whether a place was returned, and as overbooked or not.
    pub fn offered(&self, place: &Place) -> Option<bool> {
        self.by_place.get(&(place.provider, place.room, place.start.clone())).copied()
    }
}

/// A day in days from today: mostly near one on which the clock changes.
fn day(session: &mut Session<'_>, chance: &mut Chance, zone: &str) -> Result<i64> {
    let changes = session.query(&format!(
        "select n::bigint from generate_series(1, 390) n
         where ((current_date + n + 1)::timestamp at time zone '{zone}') - ((current_date + n)::timestamp at time zone '{zone}')
           <> interval '24 hours'"
    ))?;
    Ok(match chance.between(1, 10) {
        1..=2 => chance.between(0, 2),
        3..=4 => chance.between(3, 398),
        _ if changes.is_empty() => chance.between(3, 390),
        _ => chance.one_of(&changes).get::<_, i64>(0) + chance.between(-1, 1),
    })
}

/// A time of day: at all hours, often in the small ones, where clocks change.
fn time(chance: &mut Chance) -> String {
    let hour = if chance.percent(50) { chance.between(0, 3) } else { chance.between(0, 23) };
    format!("{hour:02}:{:02}", chance.between(0, 11) * 5)
}

/// Start and end of a window, as SQL. It may cross midnight, and be a whole day.
fn window(chance: &mut Chance) -> (String, String) {
    let quarter =
        |chance: &mut Chance| format!("'{:02}:{:02}'", chance.between(0, 23), chance.between(0, 3) * 15);
    match chance.between(1, 8) {
        1 => ("'00:00'".into(), "'24:00'".into()),
        2 => ("'08:00'".into(), "'08:00'".into()),
        3 => ("'22:00'".into(), "'06:00'".into()),
        4 => ("'01:00'".into(), "'04:00'".into()),
        5 => ("'02:30'".into(), "'12:00'".into()),
        _ => (quarter(chance), quarter(chance)),
    }
}

fn provider(chance: &mut Chance, number: i64) -> (&'static str, String) {
    let cap = chance.one_of(&[20, 20, 3, 2, 1, 0]);
    let buffer = chance.one_of(&[0, 0, 5, 10, 30, 90, 1440]);
    (
        "name, max_daily_appointments, buffer_minutes, enabled",
        format!("'P{number}', {cap}, {buffer}, {}", chance.percent(92)),
    )
}

fn room(chance: &mut Chance, number: i64) -> (&'static str, String) {
    let (kind, equipment) = (chance.one_of(&["a", "a", "b"]), chance.one_of(&["{}", "{x}", "{x,y}"]));
    let turnover = chance.one_of(&[0, 0, 5, 15, 60, 1440]);
    let capacity = optional(chance, 15, |chance| chance.between(1, 3).to_string());
    (
        "name, room_type, equipment, turnover_minutes, capacity, enabled",
        format!("'R{number}', '{kind}', '{equipment}', {turnover}, {capacity}, {}", chance.percent(92)),
    )
}

fn appointment_type(chance: &mut Chance, number: i64) -> (String, String) {
    let minutes = chance.one_of(&[5, 10, 15, 30, 30, 45, 60, 120, 240, 1440]);
    let capacity = chance.one_of(&[1, 1, 1, 2, 2, 3, 12]);
    let needs_room = chance.percent(85);
    let kind = optional(chance, if needs_room { 30 } else { 0 }, |chance| {
        format!("'{}'", chance.one_of(&["a", "b"]))
    });
    let equipment = if needs_room { *chance.one_of(&["{}", "{}", "{x}", "{y}"]) } else { "{}" };
    let (columns, values) = own_terms(chance);
    (
        format!(
            "name, duration_minutes, capacity, needs_room, required_room_type, required_equipment, {columns}"
        ),
        format!("'T{number}', {minutes}, {capacity}, {needs_room}, {kind}, '{equipment}', {values}"),
    )
}

/// Settings of a type, or of a provider with it: columns and values.
fn own_terms(chance: &mut Chance) -> (&'static str, String) {
    let mut own = |all: &[i64]| optional(chance, 20, |chance| chance.one_of(all).to_string());
    let values = [
        own(&[5, 20, 45, 90]),
        own(&[0, 60, 1440]),
        own(&[0, 7, 400]),
        own(&[0, 10, 45, 1440]),
        own(&[0, 10, 45, 1440]),
        own(&[0, 5, 60]),
        own(&[0, 5, 60]),
    ];
    let columns =
        "slot_step_minutes, minimum_notice_minutes, booking_horizon_days, before_minutes, after_minutes,
      room_before_minutes, room_after_minutes";
    (columns, values.join(", "))
}

/// Something so many times in a hundred, else null.
fn optional(chance: &mut Chance, percent: i64, some: impl FnOnce(&mut Chance) -> String) -> String {
    if chance.percent(percent) { some(chance) } else { "null".to_owned() }
}

fn pairs<'a>(one: &'a [i64], other: &'a [i64]) -> impl Iterator<Item = (i64, i64)> + 'a {
    one.iter().flat_map(|one| other.iter().map(|other| (*one, *other)))
}
