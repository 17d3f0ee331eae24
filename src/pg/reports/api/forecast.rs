//! expected_no_shows: how many of those who are booked will probably not come.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use pg_clinic_core::booking::overbooking::recommend::History;
use pg_clinic_core::reports::groups::{four_decimals, percent, ratio};
use pg_clinic_core::time::calendar::add_days;
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::clinic::{self, MAX_DAYS, check_period};
use crate::pg::platform::error::Result;
use crate::pg::platform::requests::moment;
use crate::pg::platform::rows::row;
use crate::pg::platform::signatures::{
    Bigint, Date, DoublePrecision, Rows, Text, Timestamptz, Value, signatures,
};
use crate::pg::platform::spi::{self, Access, date_param, instant_param, param, statements};

sql_functions! {
    pg_clinic_expected_no_shows, pg_finfo_pg_clinic_expected_no_shows => expected_no_shows;
}

signatures! {
    /// Arguments of `expected_no_shows`.
    ExpectedNoShows = expected_no_shows(
        from_date: Date = null, to_date: Date = null, provider_id: Bigint = null, now: Timestamptz = now,
        clinic_id: Bigint = null,
    ) -> table ExpectedNoShow {
        local_date: Date,
        provider_id: Bigint,
        provider_name: Text,
        bookings: Bigint,
        expected_no_shows: DoublePrecision,
        expected_rate: DoublePrecision,
        expected_percent: DoublePrecision,
    };
}

statements! {
    /// How appointments ended, by provider and type.
    HISTORY(INT8OID, DATEOID, DATEOID, TIMESTAMPTZOID) = include_str!("../../../../sql/reports/no_show_history.sql");
    /// Who is still to come, by date, provider and type.
    TO_COME(INT8OID, DATEOID, DATEOID, INT8OID, TIMESTAMPTZOID) =
        "select b.local_date, b.provider_id, p.name as provider_name, b.appointment_type_id, count(*) as bookings
         from clinic.bookings b join clinic.providers p on p.clinic_id = b.clinic_id and p.id = b.provider_id
         where b.clinic_id = $1 and b.local_date between $2 and $3 and ($4 is null or b.provider_id = $4)
           and b.status = 'booked' and lower(b.during) > $5
         group by b.local_date, b.provider_id, p.name, b.appointment_type_id order by 1, 2, 4";
}

row! {
    struct HistoryRow {
        provider_id: i64,
        appointment_type_id: i64,
        outcomes: i64,
        no_shows: i64,
    }
}

row! {
    struct ToComeRow {
        local_date: NaiveDate,
        provider_id: i64,
        provider_name: String,
        appointment_type_id: i64,
        bookings: i64,
    }
}

/// A provider's bookings of a date.
struct Expected {
    name: String,
    bookings: i64,
    no_shows: f64,
}

fn expected_no_shows(args: &Args) -> Result<pg_sys::Datum> {
    let ExpectedNoShows { from_date, to_date, provider_id, now, clinic_id } = ExpectedNoShows::read(args)?;
    let now = moment(now)?;
    let (history, to_come) = spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Snapshot)?;
        let today = opened.today(now)?;
        let from = from_date.unwrap_or(today);
        let to = to_date.unwrap_or(from);
        check_period(from, to, "Ask for a shorter range, several times.")?;
        let past =
            [param(opened.clinic), date_param(add_days(today, -MAX_DAYS)), date_param(add_days(today, -1))];
        let history: Vec<HistoryRow> =
            spi.rows(&HISTORY, Access::Snapshot, &[&past[..], &[instant_param(now)]].concat())?;
        let dates = [param(opened.clinic), date_param(from), date_param(to)];
        let further = [provider_id.and_then(param), instant_param(now)];
        let to_come: Vec<ToComeRow> =
            spi.rows(&TO_COME, Access::Snapshot, &[&dates[..], &further].concat())?;
        Ok((history, to_come))
    })?;
    let history: HashMap<(i64, i64), History> = history
        .iter()
        .map(|row| {
            let history =
                History { outcomes: row.outcomes.unsigned_abs(), no_shows: row.no_shows.unsigned_abs() };
            ((row.provider_id, row.appointment_type_id), history)
        })
        .collect();
    let clinic_rate = history.values().fold(History::default(), |all, one| all + *one).clinic_rate();
    let mut expected: BTreeMap<(NaiveDate, i64), Expected> = BTreeMap::new();
    for row in to_come {
        let known = history.get(&(row.provider_id, row.appointment_type_id)).copied().unwrap_or_default();
        let day = expected.entry((row.local_date, row.provider_id)).or_insert_with(|| Expected {
            name: row.provider_name,
            bookings: 0,
            no_shows: 0.0,
        });
        day.bookings += row.bookings;
        day.no_shows += row.bookings as f64 * known.smoothed_rate(clinic_rate);
    }
    let mut rows = Rows::<ExpectedNoShow>::new(args);
    for ((date, provider), Expected { name, bookings, no_shows }) in &expected {
        let rate = ratio(*no_shows, *bookings as f64);
        rows.push(ExpectedNoShow {
            local_date: Value::from(*date),
            provider_id: (*provider).into(),
            provider_name: name.into(),
            bookings: (*bookings).into(),
            expected_no_shows: four_decimals(*no_shows).into(),
            expected_rate: rate.into(),
            expected_percent: rate.map(percent).into(),
        });
    }
    Ok(rows.done())
}
