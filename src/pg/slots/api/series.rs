//! find_series: finds the slots around each due date as find_slots does, and lets the core choose among them.

mod search;
mod sequence;

use chrono::NaiveDate;
use pg_clinic_core::booking::series::{
    MAX_COUNT, MAX_EVERY_MONTHS, MAX_EVERY_WEEKS, MAX_FLEXIBLE_DAYS, NoPlace, Pattern, Rhythm, Sequence,
};
use pg_clinic_core::time::calendar::{Weekdays, add_days, date_from_pg_days};
use pgrx::pg_sys;
use search::Search;

use crate::pg::platform::access;
use crate::pg::platform::args::{Args, null_argument, sql_functions};
use crate::pg::platform::clinic::out_of_years;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::{TypeKey, duration, ids, moment, required, weekdays};
use crate::pg::platform::signatures::{
    Bigint, BigintArray, Boolean, Date, DateArray, DoublePrecision, Integer, IntegerArray, Rows, Text,
    TextArray, Time, Timestamptz, signatures,
};
use crate::pg::platform::spi::Access;
use crate::pg::slots::load::{self, Providers, Rooms, Wanted, check_dates};

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
        booking_id: Bigint = null, appointment_types: TextArray = null, min_days: IntegerArray = null,
        max_days: IntegerArray = null, max_left_out: Integer = 0, required_attributes: TextArray = null, site_id: Bigint = null,
    ) -> table SeriesPlace {
        nth: Integer, choice: Integer, due_date: Date, slot_start: Timestamptz, slot_end: Timestamptz, local_date: Date,
        local_time: Time, provider_id: Bigint, provider_name: Text, room_id: Bigint, room_name: Text,
        quality_score: DoublePrecision, days_off_due: Integer, is_series_provider: Boolean,
        appointment_type: Text,
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
    let chain = sequence::of(&query)?;
    let types = match &chain {
        Some(chain) => chain.types.clone(),
        None => {
            let (name, id) = (query.appointment_type.clone(), query.appointment_type_id);
            vec![TypeKey::read_for(query.booking_id, name, id)?]
        }
    };
    let wanted = Wanted {
        clinic: query.clinic_id,
        appointment_type: types[0].clone(),
        duration: duration(query.duration_minutes)?,
        providers: Providers {
            ids: ids(query.provider_id, "provider_id", query.provider_ids.clone(), "provider_ids")?,
            specialty: query.specialty.clone(),
            attributes: required(query.required_attributes.clone())?,
        },
        rooms: Rooms::named(ids(None, "room_id", query.room_ids.clone(), "room_ids")?),
        site: query.site_id,
        patient: query.patient_id.clone(),
        now: moment(query.now)?,
        except_booking: query.booking_id,
        access: Access::Snapshot,
    };
    let asked = match chain {
        Some(chain) => Asked::Chain(chain),
        None => {
            let (count, rhythm) = rhythm(&query)?;
            Asked::Pattern(count, rhythm)
        }
    };
    let max_alternatives = bounded(
        query.max_alternatives.unwrap_or(DEFAULT_ALTERNATIVES),
        "max_alternatives",
        0,
        MAX_ALTERNATIVES.into(),
    )? as usize;
    let search_weeks =
        query.search_weeks.map(|weeks| bounded(weeks, "search_weeks", 0, MAX_SEARCH_WEEKS)).transpose()?;
    let max_left_out =
        bounded(query.max_left_out.unwrap_or(0), "max_left_out", 0, MAX_COUNT as i64)? as usize;
    let _owner = access::finder(wanted.patient.as_deref(), wanted.except_booking)?;
    let (opened, until) = load::open_to_horizon(&wanted, &types)?;
    let today = opened.today(wanted.now)?;
    let from = query.from_date.unwrap_or(today);
    check_dates(from, add_days(from, 7))?;
    // Nothing is before today.
    let from = from.max(today);
    let mut rows = Rows::new(args);
    match asked {
        Asked::Pattern(count, rhythm) => {
            let mut pattern =
                Pattern { count, rhythm, from, until, flexible_days: 0, search_weeks, max_left_out };
            pattern.flexible_days = flexible_days(query.flexible_days, &pattern)?;
            let mut search = Search::new(&query, wanted, &opened);
            match search.best(&pattern, max_alternatives)? {
                Ok(series) => search.push_all(&mut rows, &series)?,
                Err(no_place) => say_why_not(&pattern, no_place),
            }
        }
        Asked::Chain(chain) => {
            let sequence = Sequence { gaps: chain.gaps, from, until, search_weeks };
            let searches = types.into_iter().map(|appointment_type| {
                Search::new(&query, Wanted { appointment_type, ..wanted.clone() }, &opened)
            });
            sequence::push_best(&sequence, searches.collect(), max_alternatives, &mut rows)?;
        }
    }
    Ok(rows.done())
}

/// The appointments of one type, or of several.
enum Asked {
    Pattern(usize, Rhythm),
    Chain(sequence::Asked),
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
