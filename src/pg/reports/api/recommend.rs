//! recommend_overbooking: counts the no-shows on record and lets the core recommend. It changes no rule.

use pg_clinic_core::booking::overbooking;
use pg_clinic_core::booking::overbooking::recommend::{History, recommend};
use pg_clinic_core::ids::{AppointmentTypeId, ProviderId};
use pg_clinic_core::time::calendar::add_days;
use pgrx::{IntoDatum, pg_sys};

use crate::pg::platform::args::{Args, ResultSet, sql_functions, text};
use crate::pg::platform::clinic::{self, MAX_DAYS, check_period};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::now;
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::spi::{self, Access, Row, date_param, instant_param, param, statements};
use crate::pg::slots::load;

sql_functions! {
    pg_clinic_recommend_overbooking, pg_finfo_pg_clinic_recommend_overbooking => recommend_overbooking;
}

statements! {
    /// How appointments ended, and how many a day there were, by provider and type.
    HISTORY(INT8OID, DATEOID, DATEOID, TIMESTAMPTZOID) = include_str!("../../../../sql/reports/no_show_history.sql");
}

/// A provider's history with a type.
struct Practice {
    provider: i64,
    provider_name: String,
    appointment_type: i64,
    type_name: String,
    history: History,
    /// Normal bookings on a typical day.
    places: u32,
}

fn recommend_overbooking(args: &Args) -> Result<pg_sys::Datum> {
    let risk = risk(args)?;
    let (from_date, to_date) = (args.date(1, "from_date")?, args.date(2, "to_date")?);
    let now = now(args, 3)?;
    let (practices, rules) = spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(4), Access::Snapshot)?;
        let to = to_date.map_or_else(|| opened.today(now), Ok)?;
        let from = from_date.unwrap_or_else(|| add_days(to, 1 - MAX_DAYS));
        check_period(from, to, "Ask for a shorter range.")?;
        let params = [param(opened.clinic), date_param(from), date_param(to), instant_param(now)];
        let practices = spi.query(&HISTORY, Access::Snapshot, &params, Practice::read)?;
        Ok((practices, load::overbooking_rules(spi, opened.clinic, Access::Snapshot)?))
    })?;
    let clinic_rate =
        practices.iter().fold(History::default(), |all, practice| all + practice.history).clinic_rate();
    let mut set = ResultSet::new(args);
    for practice in &practices {
        check_for_cancel();
        let rate = practice.history.smoothed_rate(clinic_rate);
        let recommended = recommend(risk, practice.places, rate);
        let (provider, kind) = (ProviderId(practice.provider), AppointmentTypeId(practice.appointment_type));
        set.push([
            practice.provider.into_datum(),
            text(&practice.provider_name),
            practice.appointment_type.into_datum(),
            text(&practice.type_name),
            practice.places.cast_signed().into_datum(),
            practice.history.outcomes.cast_signed().into_datum(),
            practice.history.no_shows.cast_signed().into_datum(),
            rate.into_datum(),
            recommended.limit.cast_signed().into_datum(),
            recommended.at_limit.into_datum(),
            recommended.above_limit.into_datum(),
            overbooking::limit(&rules, provider, kind).into_datum(),
        ]);
    }
    Ok(set.done())
}

/// The argument `risk`. NaN is no probability either.
fn risk(args: &Args) -> Result<f64> {
    let risk: f64 = args.required(0, "risk")?;
    if risk > 0.0 && risk < 1.0 {
        return Ok(risk);
    }
    Err(ClinicError::new(SqlState::InvalidArgument, "risk must be more than 0 and less than 1")
        .detail(format!("It is {risk}."))
        .hint(
            "It is the probability of a day with more arrivals than places: 0.05 allows one day in twenty.",
        ))
}

impl Practice {
    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            provider: row.get(0)?,
            provider_name: row.get(1)?,
            appointment_type: row.get(2)?,
            type_name: row.get(3)?,
            history: History {
                outcomes: row.get::<i64>(4)?.unsigned_abs(),
                no_shows: row.get::<i64>(5)?.unsigned_abs(),
            },
            places: row.get::<i32>(6)?.unsigned_abs(),
        })
    }
}
