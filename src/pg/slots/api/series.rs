//! find_series: finds the slots around each due date as find_slots does, and lets the core choose among them.

use pg_clinic_core::booking::series::{
    self, MAX_COUNT, MAX_EVERY_WEEKS, NoPlace, Pattern, Place, Series, best_places,
};
use pg_clinic_core::booking::slots::{self, Order, Question};
use pgrx::pg_sys;

use super::find::too_many;
use crate::pg::platform::access;
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::{TypeKey, moment};
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::signatures::{
    Bigint, Boolean, Date, DoublePrecision, Integer, Required, Rows, Text, Time, Timestamptz, signatures,
};
use crate::pg::platform::spi::{self, Access};
use crate::pg::slots::load::{self, Loaded, Wanted};

sql_functions! {
    pg_clinic_find_series, pg_finfo_pg_clinic_find_series => find_series;
}

signatures! {
    /// Arguments of `find_series`.
    FindSeries = find_series(
        appointment_type: Text = null, count: Required<Integer> = null, every_weeks: Integer = 1, from_date: Date = null,
        weekday: Integer = null, preferred_from: Time = null, preferred_until: Time = null, provider_id: Bigint = null,
        flexible_days: Integer = 2, max_alternatives: Integer = 2, patient_id: Text = null, now: Timestamptz = now,
        clinic_id: Bigint = null, appointment_type_id: Bigint = null, booking_id: Bigint = null,
    ) -> table SeriesPlace {
        nth: Integer, choice: Integer, due_date: Date, slot_start: Timestamptz, slot_end: Timestamptz, local_date: Date,
        local_time: Time, provider_id: Bigint, provider_name: Text, room_id: Bigint, room_name: Text,
        quality_score: DoublePrecision, days_off_due: Integer, is_series_provider: Boolean,
    };
}

/// Days off the due date that are fine when nobody says.
const DEFAULT_FLEXIBLE_DAYS: i32 = 2;
/// Alternatives to each place when nobody says how many.
const DEFAULT_ALTERNATIVES: i32 = 2;
/// Most alternatives to each place.
const MAX_ALTERNATIVES: i32 = 100;

fn find_series(args: &Args) -> Result<pg_sys::Datum> {
    let query = FindSeries::read(args)?;
    let wanted = Wanted {
        clinic: query.clinic_id,
        appointment_type: TypeKey::read_for(
            query.booking_id,
            query.appointment_type.clone(),
            query.appointment_type_id,
        )?,
        provider: query.provider_id,
        room: None,
        patient: query.patient_id.clone(),
        now: moment(query.now)?,
        except_booking: query.booking_id,
        access: Access::Snapshot,
    };
    let count = bounded(query.count, "count", 1, MAX_COUNT as i64)?;
    let every_weeks = bounded(query.every_weeks.unwrap_or(1), "every_weeks", 1, MAX_EVERY_WEEKS)?;
    let weekday = query.weekday.map(|weekday| bounded(weekday, "weekday", 1, 7)).transpose()?;
    let flexible_days = bounded(
        query.flexible_days.unwrap_or(DEFAULT_FLEXIBLE_DAYS),
        "flexible_days",
        0,
        Pattern::max_flexible_days(every_weeks),
    )?;
    let max_alternatives = bounded(
        query.max_alternatives.unwrap_or(DEFAULT_ALTERNATIVES),
        "max_alternatives",
        0,
        MAX_ALTERNATIVES.into(),
    )?;
    let _owner = access::finder(wanted.patient.as_deref(), wanted.except_booking)?;
    let opened = spi::connect(|spi| clinic::open(spi, wanted.clinic, wanted.access))?;
    let pattern = Pattern {
        count: count as usize,
        every_weeks,
        from: query.from_date.map_or_else(|| opened.today(wanted.now), Ok)?,
        weekday: weekday.map(|weekday| weekday as u32),
        flexible_days,
    };
    let mut search = Search { query, wanted, opened, loaded: None };
    let places: Vec<_> = (0..pattern.count).map(|nth| search.places(&pattern, nth)).collect::<Result<_>>()?;
    let mut rows = Rows::new(args);
    match series::choose(&pattern, &places, max_alternatives as usize, &mut check_for_cancel) {
        Ok(series) => search.push_all(&mut rows, &series)?,
        Err(no_place) => say_why_not(&pattern, no_place),
    }
    Ok(rows.done())
}

/// A number within its bounds.
fn bounded(value: i32, name: &str, least: i64, most: i64) -> Result<i64> {
    let value = i64::from(value);
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    let error =
        ClinicError::new(SqlState::InvalidArgument, format!("{name} must be between {least} and {most}"))
            .detail(format!("It is {value}."));
    Err(match name {
        "weekday" => error.hint("1 is Monday, 7 is Sunday."),
        "flexible_days" => {
            error.hint("Two days must stay between one appointment of the series and the next.")
        }
        _ => error,
    })
}

/// An empty answer alone would leave the client guessing.
fn say_why_not(pattern: &Pattern, no_place: NoPlace) {
    let (nth, due, days) = (no_place.nth + 1, no_place.due, pattern.flexible_days);
    pgrx::notice!("no series: appointment {nth}, due on {due}, has no place within {days} days");
}

/// Reads around one due date after the other, so that what is in between isn't read.
struct Search {
    query: FindSeries,
    wanted: Wanted,
    opened: Opened,
    /// The snapshot read last: it has the names of providers and rooms.
    loaded: Option<Loaded>,
}

impl Search {
    /// The best places for appointment `nth`.
    fn places(&mut self, pattern: &Pattern, nth: usize) -> Result<Vec<Place>> {
        let (from, to) = pattern.dates(nth);
        let loaded = spi::connect(|spi| load::snapshot(spi, &self.opened, &self.wanted, from, to, None))?;
        let question = Question {
            from,
            to,
            now: self.wanted.now,
            preferred_from: self.query.preferred_from,
            preferred_until: self.query.preferred_until,
            include_overbooked: false,
            all_rooms: false,
            max_results: None,
            order: Order::BestFirst,
        };
        let found = slots::find(&loaded.clinic, &question, &mut check_for_cancel).map_err(too_many)?;
        let places = best_places(&loaded.clinic, found);
        self.loaded = Some(loaded);
        Ok(places)
    }

    fn push_all(&self, rows: &mut Rows<SeriesPlace>, series: &Series) -> Result<()> {
        let Some(Loaded { clinic, .. }) = &self.loaded else { return Ok(()) };
        let starts = || series.appointments.iter().flat_map(|due| &due.choices).map(|place| place.slot.start);
        let (Some(first), Some(last)) = (starts().min(), starts().max()) else { return Ok(()) };
        let zone = self.opened.settings(first, last)?.zone;
        for (nth, appointment) in (1_i32..).zip(&series.appointments) {
            check_for_cancel();
            for (choice, place) in (1_i32..).zip(&appointment.choices) {
                rows.push(SeriesPlace {
                    nth: nth.into(),
                    choice: choice.into(),
                    due_date: appointment.due.into(),
                    slot_start: place.slot.start.into(),
                    slot_end: place.slot.end.into(),
                    local_date: place.date.into(),
                    local_time: zone.wall_time(place.slot.start).into(),
                    provider_id: place.provider.0.into(),
                    provider_name: clinic.provider_name(place.provider).into(),
                    room_id: place.room.0.into(),
                    room_name: clinic.room_name(place.room).into(),
                    quality_score: place.quality.as_f64().into(),
                    days_off_due: ((place.date - appointment.due).num_days() as i32).into(),
                    is_series_provider: (place.provider == series.provider).into(),
                });
            }
        }
        Ok(())
    }
}
