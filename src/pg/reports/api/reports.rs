//! no_show_rates, lead_times, cancellations, refill_rates: plain queries over clinic.bookings, in sql/reports. Here only
//! their arguments are read.

use pg_clinic_core::time::calendar::add_days;
use pg_clinic_core::time::interval::Instant;
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, ResultSet, sql_functions};
use crate::pg::platform::clinic::{self, MAX_DAYS, check_period};
use crate::pg::platform::error::Result;
use crate::pg::platform::requests::now;
use crate::pg::platform::spi::{
    self, Access, Param, Statement, date_param, instant_param, param, statements,
};

sql_functions! {
    pg_clinic_no_show_rates, pg_finfo_pg_clinic_no_show_rates => no_show_rates;
    pg_clinic_lead_times, pg_finfo_pg_clinic_lead_times => lead_times;
    pg_clinic_cancellations, pg_finfo_pg_clinic_cancellations => cancellations;
    pg_clinic_refill_rates, pg_finfo_pg_clinic_refill_rates => refill_rates;
}

statements! {
    /// Who didn't come, by type, provider and weekday.
    NO_SHOW_RATES(INT8OID, DATEOID, DATEOID, TIMESTAMPTZOID) = include_str!("../../../../sql/reports/no_show_rates.sql");
    /// How long before its start a booking was made, by type.
    LEAD_TIMES(INT8OID, DATEOID, DATEOID) = include_str!("../../../../sql/reports/lead_times.sql");
    /// Who cancelled, when and why, and whether the place was refilled.
    CANCELLATIONS(INT8OID, DATEOID, DATEOID) = include_str!("../../../../sql/reports/cancellations.sql");
    /// The same counted by type and provider.
    REFILL_RATES(INT8OID, DATEOID, DATEOID) = concat!(
        "with cancelled as (", include_str!("../../../../sql/reports/cancellations.sql"), ")",
        include_str!("../../../../sql/reports/refill_rates.sql"));
}

fn no_show_rates(args: &Args) -> Result<pg_sys::Datum> {
    report(args, &NO_SHOW_RATES, |now| Some(instant_param(now)))
}

fn lead_times(args: &Args) -> Result<pg_sys::Datum> {
    report(args, &LEAD_TIMES, |_| None)
}

fn cancellations(args: &Args) -> Result<pg_sys::Datum> {
    report(args, &CANCELLATIONS, |_| None)
}

fn refill_rates(args: &Args) -> Result<pg_sys::Datum> {
    report(args, &REFILL_RATES, |_| None)
}

/// Runs a query about the clinic and dates asked for; by default the year up to today. All have the same arguments.
fn report(
    args: &Args,
    statement: &'static std::thread::LocalKey<Statement>,
    further: impl FnOnce(Instant) -> Option<Param>,
) -> Result<pg_sys::Datum> {
    let (from_date, to_date) = (args.date(0, "from_date")?, args.date(1, "to_date")?);
    let now = now(args, 2)?;
    let mut set = ResultSet::new(args);
    spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(3), Access::Snapshot)?;
        let to = to_date.map_or_else(|| opened.today(now), Ok)?;
        let from = from_date.unwrap_or_else(|| add_days(to, 1 - MAX_DAYS));
        check_period(from, to, "Ask for a shorter range, several times.")?;
        let mut params = vec![param(opened.clinic), date_param(from), date_param(to)];
        params.extend(further(now));
        spi.execute(statement, Access::Snapshot, &params, 0)?.for_each(|row| set.push_row(row))
    })?;
    Ok(set.done())
}
