//! find_series: finds the slots around each due date as find_slots does, and lets the core choose among them.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use pg_clinic_core::booking::series::{
    MAX_COUNT, MAX_EVERY_MONTHS, MAX_EVERY_WEEKS, MAX_FLEXIBLE_DAYS, NoPlace, Pattern, Places, Rhythm,
    Series, Stage,
};
use pg_clinic_core::booking::slots::{self, Order, Question};
use pg_clinic_core::time::calendar::{TimesOfDay, Weekdays, add_days, date_from_pg_days};
use pgrx::pg_sys;

use super::find::too_many;
use crate::pg::platform::access;
use crate::pg::platform::args::{Args, null_argument, sql_functions};
use crate::pg::platform::clinic::{Opened, out_of_years};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::{TypeKey, duration, ids, moment, weekdays};
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::signatures::{
    Bigint, BigintArray, Boolean, Date, DateArray, DoublePrecision, Integer, IntegerArray, Rows, Text, Time,
    Timestamptz, signatures,
};
use crate::pg::platform::spi::{self, Access};
use crate::pg::slots::load::{self, Loaded, Providers, Wanted, check_dates};

sql_functions! {
    pg_clinic_find_series, pg_finfo_pg_clinic_find_series => find_series;
}

signatures! {
    /// Arguments of `find_series`.
    FindSeries = find_series(
        appointment_type: Text = null, count: Integer = null, every_weeks: Integer = null, from_date: Date = null,
        weekday: Integer = null, preferred_from: Time = null, preferred_until: Time = null, provider_id: Bigint = null,
        flexible_days: Integer = null, max_alternatives: Integer = 2, patient_id: Text = null, now: Timestamptz = now,
        clinic_id: Bigint = null, appointment_type_id: Bigint = null, provider_ids: BigintArray = null,
        room_ids: BigintArray = null, weekdays: IntegerArray = null, earliest_time: Time = null, latest_time: Time = null,
        specialty: Text = null, duration_minutes: Integer = null, every_months: Integer = null,
        weeks_of_month: IntegerArray = null, due_dates: DateArray = null, search_weeks: Integer = null,
        booking_id: Bigint = null,
    ) -> table SeriesPlace {
        nth: Integer, choice: Integer, due_date: Date, slot_start: Timestamptz, slot_end: Timestamptz, local_date: Date,
        local_time: Time, provider_id: Bigint, provider_name: Text, room_id: Bigint, room_name: Text,
        quality_score: DoublePrecision, days_off_due: Integer, is_series_provider: Boolean,
    };
}

/// Days off the due date that are fine when nobody says.
const DEFAULT_FLEXIBLE_DAYS: i64 = 2;
/// Alternatives to each place when nobody says how many.
const DEFAULT_ALTERNATIVES: i32 = 2;
/// Most alternatives to each place.
const MAX_ALTERNATIVES: i32 = 100;
/// Most weeks for which the beginning of a series is looked for: ten years.
const MAX_SEARCH_WEEKS: i64 = 522;

fn find_series(args: &Args) -> Result<pg_sys::Datum> {
    let query = FindSeries::read(args)?;
    let wanted = Wanted {
        clinic: query.clinic_id,
        appointment_type: TypeKey::read_for(
            query.booking_id,
            query.appointment_type.clone(),
            query.appointment_type_id,
        )?,
        duration: duration(query.duration_minutes)?,
        providers: Providers {
            ids: ids(query.provider_id, "provider_id", query.provider_ids.clone(), "provider_ids")?,
            specialty: query.specialty.clone(),
        },
        rooms: ids(None, "room_id", query.room_ids.clone(), "room_ids")?,
        patient: query.patient_id.clone(),
        now: moment(query.now)?,
        except_booking: query.booking_id,
        access: Access::Snapshot,
    };
    let (count, rhythm) = rhythm(&query)?;
    let max_alternatives = bounded(
        query.max_alternatives.unwrap_or(DEFAULT_ALTERNATIVES),
        "max_alternatives",
        0,
        MAX_ALTERNATIVES.into(),
    )?;
    let search_weeks =
        query.search_weeks.map(|weeks| bounded(weeks, "search_weeks", 0, MAX_SEARCH_WEEKS)).transpose()?;
    let _owner = access::finder(wanted.patient.as_deref(), wanted.except_booking)?;
    let (opened, horizon) = load::open_to_horizon(&wanted)?;
    let today = opened.today(wanted.now)?;
    let from = query.from_date.unwrap_or(today);
    check_dates(from, add_days(from, 7))?;
    let mut pattern = Pattern {
        count,
        rhythm,
        // Nothing is before today.
        from: from.max(today),
        until: horizon,
        flexible_days: 0,
        search_weeks,
    };
    pattern.flexible_days = flexible_days(query.flexible_days, &pattern)?;
    let mut search =
        Search { query, wanted, opened, loaded: None, places: Places::default(), searched: BTreeSet::new() };
    let mut rows = Rows::new(args);
    match search.best(&pattern, max_alternatives as usize)? {
        Ok(series) => search.push_all(&mut rows, &series)?,
        Err(no_place) => say_why_not(&pattern, no_place),
    }
    Ok(rows.done())
}

/// How many appointments there are to be, and in which rhythm: one of four.
fn rhythm(query: &FindSeries) -> Result<(usize, Rhythm)> {
    let weekday = query.weekday.map(|weekday| bounded(weekday, "weekday", 1, 7)).transpose()?;
    let weekdays = weekdays(query.weekdays.clone())?;
    let every_weeks =
        query.every_weeks.map(|weeks| bounded(weeks, "every_weeks", 1, MAX_EVERY_WEEKS)).transpose()?;
    let every_months =
        query.every_months.map(|months| bounded(months, "every_months", 1, MAX_EVERY_MONTHS)).transpose()?;
    if weekday.is_some() && weekdays.is_some() {
        return Err(together("weekday", "weekdays"));
    }
    if let Some(dates) = &query.due_dates {
        let others = [
            ("weekday", weekday.is_some()),
            ("weekdays", weekdays.is_some()),
            ("every_weeks", every_weeks.is_some()),
            ("every_months", every_months.is_some()),
            ("weeks_of_month", query.weeks_of_month.is_some()),
        ];
        if let Some((other, _)) = others.iter().find(|(_, is_given)| *is_given) {
            return Err(together("due_dates", other));
        }
        let dates = due_dates(dates)?;
        return match query.count {
            Some(count) if usize::try_from(count) != Ok(dates.len()) => {
                Err(ClinicError::new(SqlState::InvalidArgument, "count must be the number of due_dates")
                    .detail(format!("count is {count}, due_dates has {} elements.", dates.len()))
                    .hint("Leave count out."))
            }
            _ => Ok((dates.len(), Rhythm::Dates(dates))),
        };
    }
    let count = query.count.ok_or_else(|| null_argument("count"))?;
    let count = bounded(count, "count", 1, MAX_COUNT as i64)? as usize;
    let of_weekday = weekday.map(|weekday| Weekdays::of([weekday as u32]));
    let rhythm = match (weekdays.or(of_weekday), &query.weeks_of_month) {
        (_, Some(_)) if every_weeks.is_some() => return Err(together("every_weeks", "weeks_of_month")),
        (Some(weekdays), Some(weeks)) => {
            let weeks = weeks_of_month(weeks)?;
            Rhythm::Monthly { every: every_months.unwrap_or(1), weeks, weekdays }
        }
        (None, Some(_)) => {
            return Err(null_argument("weekdays").hint("weeks_of_month says which ones of them in a month."));
        }
        (_, None) if every_months.is_some() => {
            return Err(null_argument("weeks_of_month")
                .hint("1 is the first of its weekday in a month, -1 the last."));
        }
        (_, None) => match weekdays {
            Some(weekdays) => Rhythm::Weekdays { every: every_weeks.unwrap_or(1), weekdays },
            None => {
                let weekday = weekday.map(|weekday| weekday as u32);
                Rhythm::Weekly { every: every_weeks.unwrap_or(1), weekday }
            }
        },
    };
    Ok((count, rhythm))
}

fn together(one: &str, other: &str) -> ClinicError {
    ClinicError::new(SqlState::InvalidArgument, format!("{one} and {other} can't be given together"))
        .hint("Leave one of them out.")
}

/// The argument `weeks_of_month`.
fn weeks_of_month(weeks: &[i32]) -> Result<Vec<i32>> {
    match weeks.iter().find(|week| !matches!(week, -1 | 1..=5)) {
        None if !weeks.is_empty() => Ok(weeks.to_vec()),
        None => Err(ClinicError::new(SqlState::InvalidArgument, "weeks_of_month must not be empty")),
        Some(week) => Err(ClinicError::new(
            SqlState::InvalidArgument,
            "weeks_of_month must be between 1 and 5, or -1 for the last",
        )
        .detail(format!("One of them is {week}."))),
    }
}

/// The argument `due_dates`: some, not too many, ascending.
fn due_dates(dates: &[pgrx::datum::Date]) -> Result<Vec<NaiveDate>> {
    if dates.is_empty() || dates.len() > MAX_COUNT {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            format!("a series has between 1 and {MAX_COUNT} appointments"),
        )
        .detail(format!("due_dates has {} elements.", dates.len())));
    }
    let dates: Option<Vec<_>> = dates.iter().map(|date| date_from_pg_days(date.to_pg_epoch_days())).collect();
    let dates = dates.ok_or_else(|| out_of_years("each of due_dates"))?;
    dates.iter().try_for_each(|date| check_dates(*date, *date))?;
    if !dates.is_sorted_by(|one, next| one < next) {
        return Err(ClinicError::new(SqlState::InvalidArgument, "due_dates must ascend"));
    }
    Ok(dates)
}

/// The argument `flexible_days`, or the default where it leaves two days between appointments.
fn flexible_days(given: Option<i32>, pattern: &Pattern) -> Result<i64> {
    let most = pattern.most_flexible_days();
    match given {
        None => Ok(DEFAULT_FLEXIBLE_DAYS.min(most)),
        Some(days) if (0..=most).contains(&i64::from(days)) => Ok(days.into()),
        Some(days) => {
            let error = out_of_bounds(days, "flexible_days", 0, most);
            Err(match most < MAX_FLEXIBLE_DAYS {
                true => error.hint("Two days must stay between one appointment of the series and the next."),
                false => error,
            })
        }
    }
}

/// A number within its bounds.
fn bounded(value: i32, name: &str, least: i64, most: i64) -> Result<i64> {
    if (least..=most).contains(&i64::from(value)) {
        return Ok(value.into());
    }
    let error = out_of_bounds(value, name, least, most);
    Err(if name == "weekday" { error.hint("1 is Monday, 7 is Sunday.") } else { error })
}

fn out_of_bounds(value: i32, name: &str, least: i64, most: i64) -> ClinicError {
    ClinicError::new(SqlState::InvalidArgument, format!("{name} must be between {least} and {most}"))
        .detail(format!("It is {value}."))
}

/// An empty answer alone would leave the client guessing.
fn say_why_not(pattern: &Pattern, no_place: NoPlace) {
    let (nth, due, days) = (no_place.nth + 1, no_place.due, pattern.flexible_days);
    pgrx::notice!("no series: appointment {nth}, due on {due}, has no place within {days} days");
}

/// What was looked for, or the appointment for which there is no place.
type Found<T> = std::result::Result<T, NoPlace>;

/// Reads around one due date after the other, so that what is in between isn't read.
struct Search {
    query: FindSeries,
    wanted: Wanted,
    opened: Opened,
    /// The snapshot read last: it has the names of providers and rooms.
    loaded: Option<Loaded>,
    /// What was found on the dates searched.
    places: Places,
    searched: BTreeSet<NaiveDate>,
}

impl Search {
    /// The best series of the first stage that has one; else the appointment that stopped the one that got farthest.
    fn best(&mut self, pattern: &Pattern, max_alternatives: usize) -> Result<Found<Series>> {
        let mut farthest = NoPlace { nth: 0, due: pattern.from };
        let mut is_first = true;
        for dues in pattern.stages() {
            check_for_cancel();
            let mut stage = Stage::new(pattern, dues);
            match self.search(pattern, &mut stage)? {
                Ok(()) => {
                    let series = stage.choose(&self.places, max_alternatives, &mut check_for_cancel);
                    return Ok(series.ok_or(farthest));
                }
                Err(no_place) if is_first || no_place.nth > farthest.nth => farthest = no_place,
                Err(_) => (),
            }
            is_first = false;
        }
        if self.loaded.is_none() {
            // Nothing was searched, but unknown types, providers and rooms are reported nevertheless.
            let date = pattern.until;
            spi::connect(|spi| load::snapshot(spi, &self.opened, &self.wanted, date, date, None))?;
        }
        Ok(Err(farthest))
    }

    /// Looks for places for each appointment in turn, as long as there are some.
    fn search(&mut self, pattern: &Pattern, stage: &mut Stage<'_>) -> Result<Found<()>> {
        if let Some((first, _)) = stage.dates(0) {
            self.places.forget_before(first);
            self.searched = self.searched.split_off(&first);
        }
        for nth in 0..pattern.count {
            if let Some((first, last)) = stage.dates(nth) {
                self.find(first, last)?;
            }
            if let Err(no_place) = stage.keep_possible(nth, &self.places) {
                return Ok(Err(no_place));
            }
        }
        Ok(Ok(()))
    }

    /// Finds the places on the dates from one to another that weren't searched before.
    fn find(&mut self, first: NaiveDate, last: NaiveDate) -> Result<()> {
        let mut missing =
            first.iter_days().take_while(|date| *date <= last).filter(|date| !self.searched.contains(date));
        let Some(from) = missing.next() else { return Ok(()) };
        let to = missing.last().unwrap_or(from);
        // What was searched in between is searched again: seldom, and never more than the dates of an appointment.
        let loaded = spi::connect(|spi| load::snapshot(spi, &self.opened, &self.wanted, from, to, None))?;
        let question = Question {
            from,
            to,
            now: self.wanted.now,
            preferred: TimesOfDay { from: self.query.preferred_from, until: self.query.preferred_until },
            acceptable: TimesOfDay { from: self.query.earliest_time, until: self.query.latest_time },
            weekdays: Weekdays::ALL,
            include_overbooked: false,
            all_rooms: false,
            max_results: None,
            order: Order::BestFirst,
        };
        let found = slots::find(&loaded.clinic, &question, &mut check_for_cancel).map_err(too_many)?;
        let zone = &loaded.clinic.settings.zone;
        let new = found.filter(|slot| !self.searched.contains(&zone.local_date(slot.start)));
        self.places.add(&loaded.clinic, new).map_err(too_many)?;
        self.searched.extend(from.iter_days().take_while(|date| *date <= to));
        self.loaded = Some(loaded);
        Ok(())
    }

    fn push_all(&self, rows: &mut Rows<SeriesPlace>, series: &Series) -> Result<()> {
        let Some(Loaded { clinic, .. }) = &self.loaded else { return Ok(()) };
        for (nth, appointment) in (1_i32..).zip(&series.appointments) {
            check_for_cancel();
            for (choice, chosen) in (1_i32..).zip(&appointment.choices) {
                rows.push(SeriesPlace {
                    nth: nth.into(),
                    choice: choice.into(),
                    due_date: appointment.due.into(),
                    slot_start: chosen.place.start.into(),
                    slot_end: chosen.end(clinic.appointment_type.duration_with(chosen.provider)).into(),
                    local_date: chosen.date.into(),
                    local_time: chosen.place.time.into(),
                    provider_id: chosen.provider.0.into(),
                    provider_name: clinic.provider_name(chosen.provider).into(),
                    room_id: chosen.place.room.0.into(),
                    room_name: clinic.room_name(chosen.place.room).into(),
                    quality_score: chosen.place.quality.as_f64().into(),
                    days_off_due: ((chosen.date - appointment.due).num_days() as i32).into(),
                    is_series_provider: (chosen.provider == series.provider).into(),
                });
            }
        }
        Ok(())
    }
}
