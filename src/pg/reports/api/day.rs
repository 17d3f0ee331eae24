//! day_sheet, day_board, day_board_svg: a day as rows, as text, as a picture.

use chrono::NaiveDate;
use pg_clinic_core::draw::day::{Board, ProviderDay, draw_svg, draw_text};
use pg_clinic_core::ids::{ProviderId, TimeOffId};
use pg_clinic_core::reports::day_sheet::{self, Appointment, Kind, LineKind, Row};
use pg_clinic_core::reports::openings::Dates;
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
        on_date: Date = null, provider_id: Bigint = null, now: Timestamptz = now, clinic_id: Bigint = null,
    ) -> table SheetLine {
        local_date: Date,
        provider_id: Bigint,
        provider_name: Text,
        kind: Text,
        starts_at: Timestamptz,
        ends_at: Timestamptz,
        minutes: DoublePrecision,
        booking_id: Bigint,
        status: Text,
        is_overbooked: Boolean,
        appointment_type: Text,
        room_name: Text,
        patient_id: Text,
        patient_name: Text,
        contact: Text,
        note: Text,
    };
    /// Arguments of `day_board`.
    DayBoard = day_board(on_date: Date = null, now: Timestamptz = now, clinic_id: Bigint = null)
        -> table BoardLine { day_board: Text };
    /// Arguments of `day_board_svg`.
    DayBoardSvg = day_board_svg(on_date: Date = null, now: Timestamptz = now, clinic_id: Bigint = null) -> Text;
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
    on_date: Option<NaiveDate>,
    provider: Option<i64>,
    now: Option<Instant>,
    clinic: Option<i64>,
) -> Result<Loaded> {
    let now = moment(now)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, clinic, Access::Snapshot)?;
        let date = on_date.map_or_else(|| opened.today(now), Ok)?;
        let query = TimetableQuery { from: date, to: date, now, provider, room: None };
        let timetable = timetable(spi, &opened, &query)?;
        let entries = entries(spi, opened.clinic, &query)?;
        let reasons = reasons(spi, &timetable, &query)?;
        let clinic = clinic_name(spi, opened.clinic)?;
        Ok(Loaded { clinic, date, now, timetable, entries, reasons })
    })
}

impl Loaded {
    /// Each provider's day, by id.
    fn days(&self) -> Vec<(ProviderId, ProviderDay<'_>)> {
        let Timetable { zone, today, time_off, .. } = &self.timetable;
        let dates = Dates { zone, from: self.date, to: self.date, today: *today };
        let appointments: Vec<Appointment> =
            self.entries.iter().map(|entry| entry.card.appointment).collect();
        let days = self.timetable.providers.iter().filter_map(|provider| {
            check_for_cancel();
            let day = day_sheet::day(&dates, provider, time_off, &appointments);
            day.is_listed(provider).then_some((provider.id, ProviderDay { name: &provider.name, day }))
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

    /// A line without anything but the provider and its kind.
    fn bare_line(&self, provider: ProviderId, name: Value<Text>, kind: LineKind) -> SheetLine {
        SheetLine {
            local_date: self.date.into(),
            provider_id: provider.0.into(),
            provider_name: name,
            kind: kind.as_str().into(),
            starts_at: Value::NULL,
            ends_at: Value::NULL,
            minutes: Value::NULL,
            booking_id: Value::NULL,
            status: Value::NULL,
            is_overbooked: Value::NULL,
            appointment_type: Value::NULL,
            room_name: Value::NULL,
            patient_id: Value::NULL,
            patient_name: Value::NULL,
            contact: Value::NULL,
            note: Value::NULL,
        }
    }

    fn line(&self, provider: ProviderId, name: Value<Text>, row: &Row) -> SheetLine {
        let entry = self.entry(row);
        let line = SheetLine {
            starts_at: row.span.start.into(),
            ends_at: row.span.end.into(),
            minutes: (row.span.micros() as f64 / MICROS_PER_MINUTE as f64).into(),
            note: self.reason(row).into(),
            ..self.bare_line(
                provider,
                name,
                row.kind.line(entry.is_some_and(|entry| entry.card.appointment.is_hold)),
            )
        };
        let Some(Entry { card, patient_id, contact, override_reason }) = entry else { return line };
        SheetLine {
            booking_id: card.appointment.id.0.into(),
            status: card.appointment.status.as_str().into(),
            is_overbooked: card.appointment.is_overbooked.into(),
            appointment_type: (&card.appointment_type).into(),
            room_name: (&card.room).into(),
            patient_id: patient_id.as_deref().into(),
            patient_name: card.patient.as_deref().into(),
            contact: contact.as_deref().into(),
            note: override_reason.as_deref().into(),
            ..line
        }
    }
}

fn sheet(args: &Args) -> Result<pg_sys::Datum> {
    let DaySheet { on_date, provider_id, now, clinic_id } = DaySheet::read(args)?;
    let loaded = load_day(on_date, provider_id, now, clinic_id)?;
    let mut rows = Rows::<SheetLine>::new(args);
    for (provider, ProviderDay { name, day }) in loaded.days() {
        let name = Value::from(name);
        if day.is_closed() {
            rows.push(loaded.bare_line(provider, name, LineKind::Closed));
        }
        for row in &day.rows {
            rows.push(loaded.line(provider, name, row));
        }
    }
    Ok(rows.done())
}

fn board_text(args: &Args) -> Result<pg_sys::Datum> {
    let DayBoard { on_date, now, clinic_id } = DayBoard::read(args)?;
    let loaded = load_day(on_date, None, now, clinic_id)?;
    let mut rows = Rows::<BoardLine>::new(args);
    for line in draw_text(&loaded.board()) {
        rows.push(BoardLine { day_board: line.into() });
    }
    Ok(rows.done())
}

fn board_svg(args: &Args) -> Result<pg_sys::Datum> {
    let DayBoardSvg { on_date, now, clinic_id } = DayBoardSvg::read(args)?;
    let loaded = load_day(on_date, None, now, clinic_id)?;
    Ok(draw_svg(&loaded.board()).into_datum().unwrap_or(pg_sys::Datum::null()))
}
