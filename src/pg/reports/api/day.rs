//! day_sheet, day_board, day_board_svg: days as rows, a day as text, as a picture.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pg_clinic_core::booking::clinic::{Provider, Room};
use pg_clinic_core::draw::day::{Board, Card, ProviderDay, draw_svg, draw_text};
use pg_clinic_core::ids::{BookingId, TimeOffId};
use pg_clinic_core::reports::day_sheet::{self, Appointment, Day, Kind, LineKind, Row};
use pg_clinic_core::reports::groups::GroupBy;
use pg_clinic_core::reports::openings::{house_hours, room_windows};
use pg_clinic_core::time::calendar::{add_days, count_days};
use pg_clinic_core::time::interval::{Instant, MICROS_PER_MINUTE};
use pgrx::{IntoDatum, pg_sys};

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::clinic::{self, clinic_name};
use crate::pg::platform::error::Result;
use crate::pg::platform::requests::moment;
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::signatures::{
    Bigint, Boolean, Date, DoublePrecision, Rows, Text, Timestamptz, Value, signatures,
};
use crate::pg::platform::spi::{self, Access};
use crate::pg::reports::groups::whose_openings;
use crate::pg::reports::load::day::{Entry, entries, reasons};
use crate::pg::reports::load::timetable::{Timetable, TimetableQuery, timetable};

sql_functions! {
    pg_clinic_day_sheet, pg_finfo_pg_clinic_day_sheet => sheet;
    pg_clinic_day_board, pg_finfo_pg_clinic_day_board => board_text;
    pg_clinic_day_board_svg, pg_finfo_pg_clinic_day_board_svg => board_svg;
}

signatures! {
    /// Arguments of `day_sheet`.
    DaySheet = day_sheet(
        from_date: Date = null, to_date: Date = null, group_by: Text = "provider", provider_id: Bigint = null,
        room_id: Bigint = null, now: Timestamptz = now, clinic_id: Bigint = null,
    ) -> table SheetLine {
        local_date: Date,
        provider_id: Bigint,
        provider_name: Text,
        room_id: Bigint,
        room_name: Text,
        kind: Text,
        starts_at: Timestamptz,
        ends_at: Timestamptz,
        minutes: DoublePrecision,
        booking_id: Bigint,
        status: Text,
        is_overbooked: Boolean,
        appointment_type: Text,
        patient_id: Text,
        patient_name: Text,
        contact: Text,
        note: Text,
        session_id: Bigint,
    };
    /// Arguments of `day_board`.
    DayBoard = day_board(on_date: Date = null, now: Timestamptz = now, clinic_id: Bigint = null)
        -> table BoardLine { day_board: Text };
    /// Arguments of `day_board_svg`.
    DayBoardSvg = day_board_svg(on_date: Date = null, now: Timestamptz = now, clinic_id: Bigint = null) -> Text;
}

/// The dates, clock and clinic of a question, and whose days are meant.
struct Asked {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    now: Option<Instant>,
    clinic: Option<i64>,
    provider: Option<i64>,
    room: Option<i64>,
}

/// The dates, loaded.
struct Loaded {
    clinic: String,
    query: TimetableQuery,
    timetable: Timetable,
    entries: Vec<Entry>,
    reasons: Vec<(TimeOffId, String)>,
}

impl Asked {
    fn load(self) -> Result<Loaded> {
        let now = moment(self.now)?;
        spi::connect(|spi| {
            let opened = clinic::open(spi, self.clinic, Access::Snapshot)?;
            let from = self.from.map_or_else(|| opened.today(now), Ok)?;
            let to = self.to.unwrap_or(from);
            let query = TimetableQuery { from, to, now, provider: self.provider, room: self.room };
            let timetable = timetable(spi, &opened, &query)?;
            let entries = entries(spi, opened.clinic, &query)?;
            let reasons = reasons(spi, &timetable, &query)?;
            let clinic = clinic_name(spi, opened.clinic)?;
            Ok(Loaded { clinic, query, timetable, entries, reasons })
        })
    }
}

/// Whose day a sheet is: a provider or a room, with its name.
#[derive(Clone, Copy)]
enum Whose {
    Provider(i64, Value<Text>),
    Room(Option<i64>, Value<Text>),
}

impl Loaded {
    fn appointments(&self) -> Vec<Appointment> {
        self.entries.iter().map(|entry| entry.card.appointment).collect()
    }

    /// The days of each provider, by id.
    fn provider_days(&self) -> Vec<(&Provider, Vec<Day>)> {
        let (dates, appointments) = (self.timetable.dates(&self.query), self.appointments());
        let days = |provider| {
            check_for_cancel();
            day_sheet::provider_days(&dates, provider, &self.timetable.time_off, &appointments)
        };
        self.timetable.providers.iter().map(|provider| (provider, days(provider))).collect()
    }

    /// The days of each room, by id.
    fn room_days(&self) -> Vec<(&Room, Vec<Day>)> {
        let (dates, appointments) = (self.timetable.dates(&self.query), self.appointments());
        let Timetable { providers, time_off, .. } = &self.timetable;
        let around = day_sheet::dates_around(&dates);
        let house = house_hours(&around, providers, time_off);
        let days = |room: &Room, id| {
            check_for_cancel();
            let hours = room_windows(&around, &house, room);
            day_sheet::room_days(&dates, id, &hours, time_off, &appointments)
        };
        self.timetable.rooms.iter().filter_map(|room| Some((room, days(room, room.id?)))).collect()
    }

    /// Bookings with their names, a group visit as its first one with the names of all; and the others of group visits.
    fn cards(&self) -> (Vec<Card>, BTreeSet<BookingId>) {
        let (mut cards, mut later_members) = (Vec::<Card>::new(), BTreeSet::new());
        let mut first_of = BTreeMap::new();
        for Entry { card, session, .. } in &self.entries {
            let first = session.map(|session| *first_of.entry(session).or_insert(cards.len()));
            match first.and_then(|first| cards.get_mut(first)) {
                Some(first) => {
                    later_members.insert(card.appointment.id);
                    let names = [first.patient.take(), card.patient.clone()];
                    first.patient = Some(names.into_iter().flatten().collect::<Vec<_>>().join(", "));
                }
                None => cards.push(card.clone()),
            }
        }
        (cards, later_members)
    }

    fn board(&self) -> Board<'_> {
        let (cards, later_members) = self.cards();
        let days = self.provider_days().into_iter().filter_map(|(provider, days)| {
            let mut day = days.into_iter().next().filter(|day| day.is_listed(provider.enabled))?;
            // A group visit is drawn once.
            day.rows.retain(|row| match row.kind {
                Kind::Booking(id) => !later_members.contains(&id),
                Kind::TimeOff(_) | Kind::Gap => true,
            });
            Some(ProviderDay { name: &provider.name, day })
        });
        Board {
            clinic: &self.clinic,
            zone: &self.timetable.zone,
            date: self.query.from,
            now: self.query.now,
            providers: days.collect(),
            cards,
            reasons: self.reasons.clone(),
        }
    }

    fn entry(&self, row: &Row) -> Option<&Entry> {
        let Kind::Booking(id) = row.kind else { return None };
        let index = self.entries.binary_search_by_key(&id, |entry| entry.card.appointment.id).ok()?;
        Some(&self.entries[index])
    }

    fn reason(&self, row: &Row) -> Option<&str> {
        let Kind::TimeOff(id) = row.kind else { return None };
        let index = self.reasons.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        Some(&self.reasons[index].1)
    }

    fn line(&self, date: NaiveDate, whose: Whose, row: &Row) -> SheetLine {
        let entry = self.entry(row);
        let is_hold = entry.is_some_and(|entry| entry.card.appointment.is_hold);
        let line = SheetLine {
            starts_at: row.span.start.into(),
            ends_at: row.span.end.into(),
            minutes: (row.span.micros() as f64 / MICROS_PER_MINUTE as f64).into(),
            note: self.reason(row).into(),
            ..bare_line(date, whose, row.kind.line(is_hold))
        };
        let Some(Entry { card, provider_name, patient_id, contact, override_reason, session }) = entry else {
            return line;
        };
        SheetLine {
            provider_id: card.appointment.provider.0.into(),
            provider_name: provider_name.into(),
            room_id: card.appointment.room.map(|id| id.0).into(),
            room_name: card.room.as_deref().into(),
            booking_id: card.appointment.id.0.into(),
            status: card.appointment.status.as_str().into(),
            is_overbooked: card.appointment.is_overbooked.into(),
            appointment_type: (&card.appointment_type).into(),
            patient_id: patient_id.as_deref().into(),
            patient_name: card.patient.as_deref().into(),
            contact: contact.as_deref().into(),
            note: override_reason.as_deref().into(),
            session_id: (*session).into(),
            ..line
        }
    }
}

/// A line without anything but whose it is and its kind.
fn bare_line(date: NaiveDate, whose: Whose, kind: LineKind) -> SheetLine {
    let ((provider_id, provider_name), (room_id, room_name)) = match whose {
        Whose::Provider(id, name) => ((id.into(), name), (Value::NULL, Value::NULL)),
        Whose::Room(id, name) => ((Value::NULL, Value::NULL), (id.into(), name)),
    };
    SheetLine {
        local_date: date.into(),
        provider_id,
        provider_name,
        room_id,
        room_name,
        kind: kind.as_str().into(),
        starts_at: Value::NULL,
        ends_at: Value::NULL,
        minutes: Value::NULL,
        booking_id: Value::NULL,
        status: Value::NULL,
        is_overbooked: Value::NULL,
        appointment_type: Value::NULL,
        patient_id: Value::NULL,
        patient_name: Value::NULL,
        contact: Value::NULL,
        note: Value::NULL,
        session_id: Value::NULL,
    }
}

fn sheet(args: &Args) -> Result<pg_sys::Datum> {
    let DaySheet { from_date, to_date, group_by, provider_id, room_id, now, clinic_id } =
        DaySheet::read(args)?;
    let group_by = whose_openings(group_by, &[GroupBy::Provider, GroupBy::Room], provider_id, room_id)?;
    let asked =
        Asked { from: from_date, to: to_date, now, clinic: clinic_id, provider: provider_id, room: room_id };
    let loaded = asked.load()?;
    let sheets: Vec<(bool, Whose, Vec<Day>)> = match group_by {
        GroupBy::Room => {
            let whose = |room: &Room| Whose::Room(room.id.map(|id| id.0), (&room.name).into());
            let days = loaded.room_days().into_iter();
            days.map(|(room, days)| (room.enabled, whose(room), days)).collect()
        }
        _ => {
            let whose = |provider: &Provider| Whose::Provider(provider.id.0, (&provider.name).into());
            let days = loaded.provider_days().into_iter();
            days.map(|(provider, days)| (provider.enabled, whose(provider), days)).collect()
        }
    };
    let mut rows = Rows::<SheetLine>::new(args);
    for index in 0..count_days(loaded.query.from, loaded.query.to) {
        let date = add_days(loaded.query.from, index as i64);
        for (is_enabled, whose, days) in &sheets {
            check_for_cancel();
            let day = &days[index];
            if day.is_closed() && *is_enabled {
                rows.push(bare_line(date, *whose, LineKind::Closed));
            }
            for row in &day.rows {
                rows.push(loaded.line(date, *whose, row));
            }
        }
    }
    Ok(rows.done())
}

/// The day of all providers.
fn load_day(date: Option<NaiveDate>, now: Option<Instant>, clinic: Option<i64>) -> Result<Loaded> {
    Asked { from: date, to: date, now, clinic, provider: None, room: None }.load()
}

fn board_text(args: &Args) -> Result<pg_sys::Datum> {
    let DayBoard { on_date, now, clinic_id } = DayBoard::read(args)?;
    let loaded = load_day(on_date, now, clinic_id)?;
    let mut rows = Rows::<BoardLine>::new(args);
    for line in draw_text(&loaded.board()) {
        rows.push(BoardLine { day_board: line.into() });
    }
    Ok(rows.done())
}

fn board_svg(args: &Args) -> Result<pg_sys::Datum> {
    let DayBoardSvg { on_date, now, clinic_id } = DayBoardSvg::read(args)?;
    let loaded = load_day(on_date, now, clinic_id)?;
    Ok(draw_svg(&loaded.board()).into_datum().unwrap_or(pg_sys::Datum::null()))
}
