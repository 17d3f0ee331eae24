//! find_series: finds the slots around each due date as find_slots does, and lets the core choose among them.

use pg_clinic_core::booking::series::{
    self, Appointment, MAX_COUNT, MAX_EVERY_WEEKS, NoPlace, Pattern, Place, Series, best_places,
};
use pg_clinic_core::booking::slots::{self, Order, Question};
use pg_clinic_core::time::calendar::date_to_pg_days;
use pgrx::{IntoDatum, pg_sys};

use super::find::too_many;
use crate::pg::platform::args::{Args, ResultSet, instant, sql_functions, text};
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::{ReadType, now, type_by_id, type_by_name};
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::spi::{self, Access};
use crate::pg::slots::load::{self, Loaded, Wanted};

sql_functions! {
    pg_clinic_find_series_by_name, pg_finfo_pg_clinic_find_series_by_name => find_series_by_name;
    pg_clinic_find_series_by_id, pg_finfo_pg_clinic_find_series_by_id => find_series_by_id;
}

fn find_series_by_name(args: &Args) -> Result<pg_sys::Datum> {
    find_series(args, type_by_name)
}

fn find_series_by_id(args: &Args) -> Result<pg_sys::Datum> {
    find_series(args, type_by_id)
}

/// Days off the due date that are fine when nobody says.
const DEFAULT_FLEXIBLE_DAYS: i32 = 2;
/// Alternatives to each place when nobody says how many.
const DEFAULT_ALTERNATIVES: i32 = 2;
/// Most alternatives to each place.
const MAX_ALTERNATIVES: i32 = 100;

fn find_series(args: &Args, read_type: ReadType) -> Result<pg_sys::Datum> {
    let wanted = Wanted {
        clinic: args.opt(12),
        appointment_type: read_type(args)?,
        provider: args.opt(7),
        room: None,
        patient: args.opt(10),
        now: now(args, 11)?,
        except_booking: None,
        access: Access::Snapshot,
    };
    let count = bounded(args.required(1, "count")?, "count", 1, MAX_COUNT as i64)?;
    let every_weeks = bounded(args.opt(2).unwrap_or(1), "every_weeks", 1, MAX_EVERY_WEEKS)?;
    let from_date = args.date(3, "from_date")?;
    let weekday = args.opt(4).map(|weekday: i32| bounded(weekday, "weekday", 1, 7)).transpose()?;
    let flexible_days = bounded(
        args.opt(8).unwrap_or(DEFAULT_FLEXIBLE_DAYS),
        "flexible_days",
        0,
        Pattern::max_flexible_days(every_weeks),
    )?;
    let max_alternatives =
        bounded(args.opt(9).unwrap_or(DEFAULT_ALTERNATIVES), "max_alternatives", 0, MAX_ALTERNATIVES.into())?;
    let opened = spi::connect(|spi| clinic::open(spi, wanted.clinic, wanted.access))?;
    let pattern = Pattern {
        count: count as usize,
        every_weeks,
        from: from_date.map_or_else(|| opened.today(wanted.now), Ok)?,
        weekday: weekday.map(|weekday| weekday as u32),
        flexible_days,
    };
    let mut search = Search { args, wanted, opened, loaded: None };
    let places: Vec<_> = (0..pattern.count).map(|nth| search.places(&pattern, nth)).collect::<Result<_>>()?;
    let mut set = ResultSet::new(args);
    match series::choose(&pattern, &places, max_alternatives as usize, &mut check_for_cancel) {
        Ok(series) => search.push_all(&mut set, &series),
        Err(no_place) => say_why_not(&pattern, no_place),
    }
    Ok(set.done())
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
struct Search<'a> {
    args: &'a Args,
    wanted: Wanted,
    opened: Opened,
    /// What was read last: names of providers and rooms.
    loaded: Option<Loaded>,
}

impl Search<'_> {
    /// The best places for appointment `nth`.
    fn places(&mut self, pattern: &Pattern, nth: usize) -> Result<Vec<Place>> {
        let (from, to) = pattern.dates(nth);
        let loaded = spi::connect(|spi| load::snapshot(spi, &self.opened, &self.wanted, from, to, None))?;
        let question = Question {
            from,
            to,
            now: self.wanted.now,
            preferred_from: self.args.wall_time(5),
            preferred_until: self.args.wall_time(6),
            include_overbooked: false,
            all_rooms: false,
            max_results: None,
            order: Order::BestFirst,
        };
        let found = slots::find(&loaded.clinic, &question, &mut check_for_cancel).map_err(too_many)?;
        let places = best_places(&loaded.clinic, &found);
        self.loaded = Some(loaded);
        Ok(places)
    }

    fn push_all(&self, set: &mut ResultSet, series: &Series) {
        for (nth, appointment) in (1_i32..).zip(&series.appointments) {
            check_for_cancel();
            for (choice, place) in (1_i32..).zip(&appointment.choices) {
                set.push(self.columns(nth, choice, series, appointment, place));
            }
        }
    }

    fn columns(
        &self,
        nth: i32,
        choice: i32,
        series: &Series,
        appointment: &Appointment,
        place: &Place,
    ) -> [Option<pg_sys::Datum>; 12] {
        [
            nth.into_datum(),
            choice.into_datum(),
            Some(pg_sys::Datum::from(date_to_pg_days(appointment.due))),
            instant(place.slot.start),
            instant(place.slot.end),
            place.provider.0.into_datum(),
            self.loaded.as_ref().and_then(|loaded| loaded.provider_name(place.provider)).and_then(text),
            place.room.0.into_datum(),
            self.loaded.as_ref().and_then(|loaded| loaded.room_name(place.room)).and_then(text),
            place.quality.as_f64().into_datum(),
            ((place.date - appointment.due).num_days() as i32).into_datum(),
            (place.provider == series.provider).into_datum(),
        ]
    }
}
