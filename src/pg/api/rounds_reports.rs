//! rounds_churn and client_renewals: how much rounds change from day to day, and what skips do to subscriptions.

use pg_clinic_core::calendar::{Zone, date_to_pg_days};
use pg_clinic_core::rounds::{Churn, DayVisits, day_churn, renewal};
use pgrx::datum::Date;
use pgrx::{IntoDatum, pg_sys};

use super::super::args::{Args, ResultSet, null_argument, sql_functions, text};
use super::super::error::Result;
use super::super::load::rounds_reports::{day_visits, newest_plans, subscriptions};
use super::super::load::{self, check_period};
use super::super::spi::{self, Access};

sql_functions! {
    pg_clinic_rounds_churn, pg_finfo_pg_clinic_rounds_churn => rounds_churn;
    pg_clinic_client_renewals, pg_finfo_pg_clinic_client_renewals => client_renewals;
}

fn rounds_churn(args: &Args) -> Result<pg_sys::Datum> {
    let from = args.date(0, "from_date")?.ok_or_else(|| null_argument("from_date"))?;
    let to = args.date(1, "to_date")?.ok_or_else(|| null_argument("to_date"))?;
    let mut set = ResultSet::new(args);
    spi::connect(|spi| {
        let opened = load::open(spi, args.opt(2), Access::Snapshot)?;
        check_period(from, to, "Ask for a shorter period, several times.")?;
        let zone = load::roster::zone(&opened, (from, to))?;
        let plans = newest_plans(spi, opened.clinic, (from, to))?;
        let visits = |date| day_visits(spi, opened.clinic, date, plans.get(&date).copied());
        // Two dates at a time: a year of visits needn't fit into memory.
        let mut before = visits(from)?;
        for date in from.iter_days().skip(1).take_while(|date| *date <= to) {
            let after = visits(date)?;
            set.push(churn_row(&zone, date_to_pg_days(date), &before, &after));
            before = after;
        }
        Ok(())
    })?;
    Ok(set.done())
}

/// A row of rounds_churn(), on_date first.
fn churn_row(zone: &Zone, on_date: i32, before: &DayVisits, after: &DayVisits) -> [Option<pg_sys::Datum>; 9] {
    let source = |day: &DayVisits| day.source.and_then(|source| text(&source.to_string()));
    let churn = day_churn(zone, before, after);
    let count = |number: Option<usize>| number.and_then(|number| (number as i64).into_datum());
    let of = |column: fn(&Churn) -> Option<usize>| count(churn.as_ref().and_then(column));
    [
        Some(pg_sys::Datum::from(on_date)),
        source(after),
        source(before),
        of(|churn| Some(churn.same_worker)),
        of(|churn| Some(churn.other_worker)),
        of(|churn| churn.percent()),
        of(|churn| Some(churn.added.len())),
        of(|churn| Some(churn.dropped.len())),
        of(|churn| churn.moved_minutes()),
    ]
}

fn client_renewals(args: &Args) -> Result<pg_sys::Datum> {
    let loaded = spi::connect(|spi| {
        let opened = load::open(spi, args.opt(0), Access::Snapshot)?;
        subscriptions(spi, &opened)
    })?;
    let mut set = ResultSet::new(args);
    for (client, subscription) in &loaded.clients {
        let events = loaded.events.get(client).map_or(&[][..], Vec::as_slice);
        let renewal = renewal(&loaded.zone, subscription, events);
        let date = |date| Date::saturating_from_raw(date_to_pg_days(date));
        let skipped: Vec<Date> = renewal.skipped_dates.iter().copied().map(date).collect();
        set.push([client.0.into_datum(), date(renewal.renews_on).into_datum(), skipped.into_datum()]);
    }
    Ok(set.done())
}
