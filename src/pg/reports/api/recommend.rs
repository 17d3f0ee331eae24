//! recommend_overbooking: counts the no-shows on record and lets the core recommend. It changes no rule.

use pg_clinic_core::booking::overbooking;
use pg_clinic_core::booking::overbooking::recommend::{History, recommend};
use pg_clinic_core::ids::{AppointmentTypeId, ProviderId};
use pgrx::pg_sys;

use super::rates::Year;
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::clinic;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::moment;
use crate::pg::platform::rows::row;
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::signatures::{
    Bigint, Date, DoublePrecision, Integer, Required, Rows, Text, Timestamptz, signatures,
};
use crate::pg::platform::spi::{self, Access, date_param, instant_param, param, statements};
use crate::pg::slots::load;

sql_functions! {
    pg_clinic_recommend_overbooking, pg_finfo_pg_clinic_recommend_overbooking => recommend_overbooking;
}

signatures! {
    /// Arguments of `recommend_overbooking`.
    RecommendOverbooking = recommend_overbooking(
        risk: Required<DoublePrecision>, from_date: Date = null, to_date: Date = null, now: Timestamptz = now,
        clinic_id: Bigint = null,
    ) -> table Recommended {
        provider_id: Bigint,
        provider_name: Text,
        appointment_type_id: Bigint,
        appointment_type: Text,
        places: Integer,
        outcomes: Bigint,
        no_shows: Bigint,
        smoothed_rate: DoublePrecision,
        recommended_limit: Integer,
        risk_at_limit: DoublePrecision,
        risk_above_limit: DoublePrecision,
        current_limit: Integer,
    };
}

statements! {
    /// How appointments ended, and how many a day there were, by provider and type.
    HISTORY(INT8OID, DATEOID, DATEOID, TIMESTAMPTZOID) = include_str!("../../../../sql/reports/no_show_history.sql");
}

row! {
    /// A provider's history with a type. `places`: normal bookings on a typical day.
    struct HistoryRow {
        provider_id: i64,
        provider_name: String,
        appointment_type_id: i64,
        appointment_type: String,
        outcomes: i64,
        no_shows: i64,
        places: i32,
    }
}

impl HistoryRow {
    fn history(&self) -> History {
        History { outcomes: self.outcomes.unsigned_abs(), no_shows: self.no_shows.unsigned_abs() }
    }
}

fn recommend_overbooking(args: &Args) -> Result<pg_sys::Datum> {
    let RecommendOverbooking { risk, from_date, to_date, now, clinic_id } = RecommendOverbooking::read(args)?;
    require_probability(risk)?;
    let period = Year { from_date, to_date, now: moment(now)?, clinic_id };
    let (practices, rules) = spi::connect(|spi| {
        let opened = clinic::open(spi, period.clinic_id, Access::Snapshot)?;
        let (from, to) = period.dates(&opened, "Ask for a shorter range.")?;
        let params = [param(opened.clinic), date_param(from), date_param(to), instant_param(period.now)];
        let practices: Vec<HistoryRow> = spi.rows(&HISTORY, Access::Snapshot, &params)?;
        Ok((practices, load::overbooking_rules(spi, opened.clinic, Access::Snapshot)?))
    })?;
    let clinic_rate =
        practices.iter().fold(History::default(), |all, practice| all + practice.history()).clinic_rate();
    let mut rows = Rows::<Recommended>::new(args);
    for practice in &practices {
        check_for_cancel();
        let rate = practice.history().smoothed_rate(clinic_rate);
        let recommended = recommend(risk, practice.places.unsigned_abs(), rate);
        let (provider, kind) =
            (ProviderId(practice.provider_id), AppointmentTypeId(practice.appointment_type_id));
        rows.push(Recommended {
            provider_id: provider.0.into(),
            provider_name: (&practice.provider_name).into(),
            appointment_type_id: kind.0.into(),
            appointment_type: (&practice.appointment_type).into(),
            places: practice.places.into(),
            outcomes: practice.outcomes.into(),
            no_shows: practice.no_shows.into(),
            smoothed_rate: rate.into(),
            recommended_limit: recommended.limit.cast_signed().into(),
            risk_at_limit: recommended.at_limit.into(),
            risk_above_limit: recommended.above_limit.into(),
            current_limit: overbooking::limit(&rules, provider, kind).into(),
        });
    }
    Ok(rows.done())
}

/// Refuses a risk that is no probability. NaN is none either.
fn require_probability(risk: f64) -> Result<()> {
    if risk > 0.0 && risk < 1.0 {
        return Ok(());
    }
    Err(ClinicError::new(SqlState::InvalidArgument, "risk must be more than 0 and less than 1")
        .detail(format!("It is {risk}."))
        .hint(
            "It is the probability of a day with more arrivals than places: 0.05 allows one day in twenty.",
        ))
}
