//! no_show_rates, lead_times, waiting_times, cancellation_rates, cancellations, refill_rates: plain queries over clinic.bookings, in sql/reports. Here only
//! their arguments are read.

use chrono::NaiveDate;
use pg_clinic_core::reports::groups::GroupBy;
use pg_clinic_core::time::calendar::add_days;
use pg_clinic_core::time::interval::Instant;
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::clinic::{self, MAX_DAYS, Opened, check_period};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::moment;
use crate::pg::platform::signatures::{
    Bigint, Boolean, Date, DoublePrecision, ResultRow, Rows, Text, Time, Timestamptz, signatures,
};
use crate::pg::platform::spi::{
    self, Access, Param, Statement, date_param, instant_param, param, statements,
};
use crate::pg::reports::groups::group_of;

sql_functions! {
    pg_clinic_no_show_rates, pg_finfo_pg_clinic_no_show_rates => no_show_rates;
    pg_clinic_lead_times, pg_finfo_pg_clinic_lead_times => lead_times;
    pg_clinic_cancellation_rates, pg_finfo_pg_clinic_cancellation_rates => cancellation_rates;
    pg_clinic_cancellations, pg_finfo_pg_clinic_cancellations => cancellations;
    pg_clinic_refill_rates, pg_finfo_pg_clinic_refill_rates => refill_rates;
    pg_clinic_waiting_times, pg_finfo_pg_clinic_waiting_times => waiting_times;
}

signatures! {
    /// Arguments of `no_show_rates`.
    NoShowRates = no_show_rates(
        from_date: Date = null, to_date: Date = null, group_by: Text = "provider", now: Timestamptz = now,
        clinic_id: Bigint = null,
    ) -> table NoShowRate {
        grouped_by: Text,
        grouped_id: Bigint,
        grouped_name: Text,
        came: Bigint,
        no_shows: Bigint,
        unrecorded: Bigint,
        no_show_rate: DoublePrecision,
        no_show_percent: DoublePrecision,
    };
    /// Arguments of `lead_times`.
    LeadTimes = lead_times(
        from_date: Date = null, to_date: Date = null, group_by: Text = "type", now: Timestamptz = now,
        clinic_id: Bigint = null,
    ) -> table LeadTime {
        grouped_by: Text,
        grouped_id: Bigint,
        grouped_name: Text,
        bookings: Bigint,
        first_quartile_days: DoublePrecision,
        median_days: DoublePrecision,
        third_quartile_days: DoublePrecision,
        mean_days: DoublePrecision,
    };
    /// Arguments of `cancellation_rates`.
    CancellationRates = cancellation_rates(
        from_date: Date = null, to_date: Date = null, group_by: Text = "provider", late_hours: DoublePrecision = 24,
        now: Timestamptz = now, clinic_id: Bigint = null,
    ) -> table CancellationRate {
        grouped_by: Text,
        grouped_id: Bigint,
        grouped_name: Text,
        bookings: Bigint,
        cancellations: Bigint,
        late_cancellations: Bigint,
        cancellation_rate: DoublePrecision,
        cancellation_percent: DoublePrecision,
        late_rate: DoublePrecision,
        late_percent: DoublePrecision,
        median_notice_hours: DoublePrecision,
    };
    /// Arguments of `waiting_times`.
    WaitingTimes = waiting_times(
        from_date: Date = null, to_date: Date = null, group_by: Text = "type", now: Timestamptz = now,
        clinic_id: Bigint = null,
    ) -> table WaitingTime {
        grouped_by: Text,
        grouped_id: Bigint,
        grouped_name: Text,
        entries: Bigint,
        placed: Bigint,
        still_waiting: Bigint,
        gave_up: Bigint,
        placed_rate: DoublePrecision,
        placed_percent: DoublePrecision,
        first_quartile_days: DoublePrecision,
        median_days: DoublePrecision,
        third_quartile_days: DoublePrecision,
        median_days_so_far: DoublePrecision,
    };
    /// Arguments of `cancellations`.
    Cancellations = cancellations(
        from_date: Date = null, to_date: Date = null, now: Timestamptz = now, clinic_id: Bigint = null,
    ) -> table Cancellation {
        booking_id: Bigint,
        slot_start: Timestamptz,
        slot_end: Timestamptz,
        local_date: Date,
        local_time: Time,
        provider_id: Bigint,
        provider_name: Text,
        appointment_type_id: Bigint,
        appointment_type: Text,
        cancelled_at: Timestamptz,
        notice_hours: DoublePrecision,
        cancellation_reason: Text,
        freed_minutes: DoublePrecision,
        is_refilled: Boolean,
        refill_booking_id: Bigint,
        refilled_minutes: DoublePrecision,
    };
    /// Arguments of `refill_rates`.
    RefillRates = refill_rates(
        from_date: Date = null, to_date: Date = null, group_by: Text = "provider", now: Timestamptz = now,
        clinic_id: Bigint = null,
    ) -> table RefillRate {
        grouped_by: Text,
        grouped_id: Bigint,
        grouped_name: Text,
        cancellations: Bigint,
        in_time: Bigint,
        refilled: Bigint,
        freed_minutes: DoublePrecision,
        refilled_minutes: DoublePrecision,
        refill_rate: DoublePrecision,
        refill_percent: DoublePrecision,
        median_notice_hours: DoublePrecision,
    };
}

/// A report by group: its own query, and what all of them end with.
macro_rules! grouped {
    ($report:literal) => {
        concat!(
            include_str!(concat!("../../../../sql/reports/", $report, ".sql")),
            include_str!("../../../../sql/reports/grouped.sql")
        )
    };
}

statements! {
    /// No-shows.
    NO_SHOW_RATES(INT8OID, DATEOID, DATEOID, TEXTOID, TIMESTAMPTZOID) = grouped!("no_show_rates");
    /// How long before its start a booking was made.
    LEAD_TIMES(INT8OID, DATEOID, DATEOID, TEXTOID) = grouped!("lead_times");
    /// How long patients of the waitlist wait.
    WAITING_TIMES(INT8OID, DATEOID, DATEOID, TEXTOID, TIMESTAMPTZOID) = grouped!("waiting_times");
    /// How many were cancelled, and how many of them late.
    CANCELLATION_RATES(INT8OID, DATEOID, DATEOID, TEXTOID, FLOAT8OID) = grouped!("cancellation_rates");
    /// Cancelled bookings: when and why, and whether the place was refilled.
    CANCELLATIONS(INT8OID, DATEOID, DATEOID) = include_str!("../../../../sql/reports/cancellations.sql");
    /// How much of what cancelled bookings freed was refilled.
    REFILL_RATES(INT8OID, DATEOID, DATEOID, TEXTOID) = grouped!("refill_rates");
}

fn no_show_rates(args: &Args) -> Result<pg_sys::Datum> {
    let NoShowRates { from_date, to_date, group_by, now, clinic_id } = NoShowRates::read(args)?;
    let group_by = group_of(group_by, GroupBy::Provider, GroupBy::OF_OUTCOMES)?;
    let period = Year { from_date, to_date, now: moment(now)?, clinic_id };
    let further = [param(group_by.as_str()), instant_param(period.now)];
    report::<NoShowRate>(args, &NO_SHOW_RATES, &period, &further)
}

fn lead_times(args: &Args) -> Result<pg_sys::Datum> {
    let LeadTimes { from_date, to_date, group_by, now, clinic_id } = LeadTimes::read(args)?;
    let group_by = group_of(group_by, GroupBy::Type, GroupBy::OF_BOOKINGS)?;
    let period = Year { from_date, to_date, now: moment(now)?, clinic_id };
    report::<LeadTime>(args, &LEAD_TIMES, &period, &[param(group_by.as_str())])
}

fn cancellation_rates(args: &Args) -> Result<pg_sys::Datum> {
    const LATE_HOURS: f64 = 24.0;
    let CancellationRates { from_date, to_date, group_by, late_hours, now, clinic_id } =
        CancellationRates::read(args)?;
    let group_by = group_of(group_by, GroupBy::Provider, GroupBy::OF_BOOKINGS)?;
    let late_hours = late_hours.unwrap_or(LATE_HOURS);
    if !(late_hours.is_finite() && late_hours >= 0.0) {
        return Err(ClinicError::new(SqlState::InvalidArgument, "late_hours must not be negative")
            .detail(format!("It is {late_hours}.")));
    }
    let period = Year { from_date, to_date, now: moment(now)?, clinic_id };
    report::<CancellationRate>(
        args,
        &CANCELLATION_RATES,
        &period,
        &[param(group_by.as_str()), param(late_hours)],
    )
}

fn waiting_times(args: &Args) -> Result<pg_sys::Datum> {
    let WaitingTimes { from_date, to_date, group_by, now, clinic_id } = WaitingTimes::read(args)?;
    let group_by = group_of(group_by, GroupBy::Type, GroupBy::OF_WAITING)?;
    let period = Year { from_date, to_date, now: moment(now)?, clinic_id };
    let further = [param(group_by.as_str()), instant_param(period.now)];
    report::<WaitingTime>(args, &WAITING_TIMES, &period, &further)
}

fn cancellations(args: &Args) -> Result<pg_sys::Datum> {
    let Cancellations { from_date, to_date, now, clinic_id } = Cancellations::read(args)?;
    report::<Cancellation>(
        args,
        &CANCELLATIONS,
        &Year { from_date, to_date, now: moment(now)?, clinic_id },
        &[],
    )
}

fn refill_rates(args: &Args) -> Result<pg_sys::Datum> {
    let RefillRates { from_date, to_date, group_by, now, clinic_id } = RefillRates::read(args)?;
    let group_by = group_of(group_by, GroupBy::Provider, GroupBy::OF_BOOKINGS)?;
    let period = Year { from_date, to_date, now: moment(now)?, clinic_id };
    report::<RefillRate>(args, &REFILL_RATES, &period, &[param(group_by.as_str())])
}

/// The dates of a report, by default the year up to today.
pub(super) struct Year {
    pub from_date: Option<NaiveDate>,
    pub to_date: Option<NaiveDate>,
    pub now: Instant,
    pub clinic_id: Option<i64>,
}

impl Year {
    /// First and last date.
    pub(super) fn dates(&self, opened: &Opened, too_long_hint: &str) -> Result<(NaiveDate, NaiveDate)> {
        let to = self.to_date.map_or_else(|| opened.today(self.now), Ok)?;
        let from = self.from_date.unwrap_or_else(|| add_days(to, 1 - MAX_DAYS));
        check_period(from, to, too_long_hint)?;
        Ok((from, to))
    }
}

/// Runs a query about a clinic and dates, which gives the answer's columns.
fn report<R: ResultRow>(
    args: &Args,
    statement: &'static std::thread::LocalKey<Statement>,
    period: &Year,
    further: &[Param],
) -> Result<pg_sys::Datum> {
    let mut rows = Rows::<R>::new(args);
    spi::connect(|spi| {
        let opened = clinic::open(spi, period.clinic_id, Access::Snapshot)?;
        let (from, to) = period.dates(&opened, "Ask for a shorter range, several times.")?;
        let mut params = vec![param(opened.clinic), date_param(from), date_param(to)];
        params.extend_from_slice(further);
        rows.push_table(&spi.execute(statement, Access::Snapshot, &params, 0)?)
    })?;
    Ok(rows.done())
}
