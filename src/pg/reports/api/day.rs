//! day_sheet, day_board, day_board_svg: a day as rows, as text, as a picture.

use chrono::NaiveDate;
use pg_clinic_core::draw::day::{Board, ProviderDay, draw_svg, draw_text};
use pg_clinic_core::ids::TimeOffId;
use pg_clinic_core::reports::day_sheet::{self, Appointment, Kind, Row};
use pg_clinic_core::time::calendar::date_to_pg_days;
use pg_clinic_core::time::interval::{Instant, MICROS_PER_MINUTE};
use pgrx::{IntoDatum, pg_sys};

use crate::pg::platform::args::{Args, ResultSet, instant, sql_functions, text};
use crate::pg::platform::clinic::{self, clinic_name};
use crate::pg::platform::error::Result;
use crate::pg::platform::requests::now;
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::spi::{self, Access};
use crate::pg::reports::load::day::{Entry, entries, reasons};
use crate::pg::reports::load::timetable::{Asked, Timetable, timetable};

sql_functions! {
    pg_clinic_day_sheet, pg_finfo_pg_clinic_day_sheet => sheet;
    pg_clinic_day_board, pg_finfo_pg_clinic_day_board => board_text;
    pg_clinic_day_board_svg, pg_finfo_pg_clinic_day_board_svg => board_svg;
}

/// A day, loaded.
struct Loaded {
    clinic: String,
    date: NaiveDate,
    now: Instant,
    timetable: Timetable,
    entries: Vec<Entry>,
    reasons: Vec<(TimeOffId, String)>,
}

fn load_day(
    date: Option<NaiveDate>,
    provider: Option<i64>,
    now: Instant,
    clinic: Option<i64>,
) -> Result<Loaded> {
    spi::connect(|spi| {
        let opened = clinic::open(spi, clinic, Access::Snapshot)?;
        let date = date.map_or_else(|| opened.today(now), Ok)?;
        let asked = Asked { from: date, to: date, now, provider, room: None };
        let timetable = timetable(spi, &opened, &asked)?;
        let entries = entries(spi, opened.clinic, &asked)?;
        let reasons = reasons(spi, &timetable, &asked)?;
        let clinic = clinic_name(spi, opened.clinic)?;
        Ok(Loaded { clinic, date, now, timetable, entries, reasons })
    })
}

impl Loaded {
    /// Each provider's day, by id. A disabled provider is listed only with something to tell.
    fn days(&self) -> Vec<(i64, ProviderDay<'_>)> {
        let Timetable { zone, today, time_off, .. } = &self.timetable;
        let dates =
            pg_clinic_core::reports::openings::Dates { zone, from: self.date, to: self.date, today: *today };
        let appointments: Vec<Appointment> =
            self.entries.iter().map(|entry| entry.card.appointment).collect();
        let providers = self.timetable.providers.iter().zip(&self.timetable.provider_names);
        let days = providers.filter_map(|(provider, name)| {
            check_for_cancel();
            let day = day_sheet::day(&dates, provider, time_off, &appointments);
            (provider.enabled || !day.is_closed()).then_some((provider.id.0, ProviderDay { name, day }))
        });
        days.collect()
    }

    fn board(&self) -> Board<'_> {
        Board {
            clinic: &self.clinic,
            zone: &self.timetable.zone,
            date: self.date,
            now: self.now,
            providers: self.days().into_iter().map(|(_, day)| day).collect(),
            cards: self.entries.iter().map(|entry| entry.card.clone()).collect(),
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
}

fn sheet(args: &Args) -> Result<pg_sys::Datum> {
    let loaded = load_day(args.date(0, "date")?, args.opt(1), now(args, 2)?, args.opt(3))?;
    let mut set = ResultSet::new(args);
    for (provider, ProviderDay { name, day }) in loaded.days() {
        let start =
            [Some(pg_sys::Datum::from(date_to_pg_days(loaded.date))), provider.into_datum(), text(name)];
        if day.is_closed() {
            let [date, id, name] = start;
            let kind = text("closed");
            set.push([
                date, id, name, kind, None, None, None, None, None, None, None, None, None, None, None, None,
            ]);
        }
        for row in &day.rows {
            set.push(sheet_row(&loaded, start, row));
        }
    }
    Ok(set.done())
}

fn sheet_row(loaded: &Loaded, start: [Option<pg_sys::Datum>; 3], row: &Row) -> [Option<pg_sys::Datum>; 16] {
    let [date, provider, name] = start;
    let entry = loaded.entry(row);
    let optional = |value: &Option<String>| value.as_deref().and_then(text);
    let kind = match (row.kind, entry) {
        (Kind::Booking(_), Some(entry)) if entry.card.appointment.is_hold => "hold",
        (Kind::Booking(_), _) => "booking",
        (Kind::TimeOff(_), _) => "time_off",
        (Kind::Gap, _) => "gap",
    };
    let note = loaded.reason(row).or(entry.and_then(|entry| entry.override_reason.as_deref()));
    [
        date,
        provider,
        name,
        text(kind),
        instant(row.span.start),
        instant(row.span.end),
        (row.span.micros() as f64 / MICROS_PER_MINUTE as f64).into_datum(),
        entry.and_then(|entry| entry.card.appointment.id.0.into_datum()),
        entry.and_then(|entry| text(entry.card.appointment.status.as_str())),
        entry.and_then(|entry| entry.card.appointment.is_overbooked.into_datum()),
        entry.and_then(|entry| text(&entry.card.appointment_type)),
        entry.and_then(|entry| text(&entry.card.room)),
        entry.and_then(|entry| optional(&entry.patient_id)),
        entry.and_then(|entry| optional(&entry.card.patient)),
        entry.and_then(|entry| optional(&entry.contact)),
        note.and_then(text),
    ]
}

fn loaded_board(args: &Args) -> Result<Loaded> {
    load_day(args.date(0, "date")?, None, now(args, 1)?, args.opt(2))
}

fn board_text(args: &Args) -> Result<pg_sys::Datum> {
    let loaded = loaded_board(args)?;
    let mut set = ResultSet::of_values(args);
    for line in draw_text(&loaded.board()) {
        set.push([text(&line)]);
    }
    Ok(set.done())
}

fn board_svg(args: &Args) -> Result<pg_sys::Datum> {
    let loaded = loaded_board(args)?;
    Ok(text(&draw_svg(&loaded.board())).unwrap_or(pg_sys::Datum::null()))
}
