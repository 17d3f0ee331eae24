//! rounds_violations, rounds_churn and client_renewals: what the record's rounds break, how much rounds change from day to
//! day, and what skips do to subscriptions.

use chrono::NaiveDate;
use pg_clinic_core::reports::churn::{Churn, DayVisits, day_churn};
use pg_clinic_core::rounds::{Broken, Held, VisitKind, broken, renewal};
use pg_clinic_core::time::calendar::date_to_pg_days;
use pg_clinic_core::time::zone::Zone;
use pgrx::datum::Date;
use pgrx::{IntoDatum, pg_sys};

use crate::pg::platform::args::{Args, ResultSet, instant, null_argument, sql_functions, text};
use crate::pg::platform::clinic::{self, Opened, check_period};
use crate::pg::platform::error::Result;
use crate::pg::platform::session;
use crate::pg::platform::spi::{self, Access, Spi};
use crate::pg::reports::load::rounds::{day_visits, newest_plans, recorded, recorded_dates, subscriptions};
use crate::pg::roster::load::zone;
use crate::pg::rounds::load::{Asked, Which, day};

sql_functions! {
    pg_clinic_rounds_violations, pg_finfo_pg_clinic_rounds_violations => rounds_violations;
    pg_clinic_rounds_churn, pg_finfo_pg_clinic_rounds_churn => rounds_churn;
    pg_clinic_client_renewals, pg_finfo_pg_clinic_client_renewals => client_renewals;
}

fn rounds_violations(args: &Args) -> Result<pg_sys::Datum> {
    let from = args.date(0, "from_date")?.ok_or_else(|| null_argument("from_date"))?;
    let to = args.date(1, "to_date")?.unwrap_or(from);
    let mut set = ResultSet::new(args);
    spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(2), Access::Snapshot)?;
        check_period(from, to, "Ask for a shorter period, several times.")?;
        for date in recorded_dates(spi, opened.clinic, (from, to))? {
            push_violations(spi, &opened, date, &mut set)?;
        }
        Ok(())
    })?;
    Ok(set.done())
}

/// What the record's rounds of a date break, by worker and start.
fn push_violations(spi: &Spi, opened: &Opened, date: NaiveDate, set: &mut ResultSet) -> Result<()> {
    let rows = recorded(spi, opened.clinic, date)?;
    // Whether a visit was due, and why, breaks nothing.
    let visits: Vec<_> = rows.iter().map(|(held, _)| (held.visit, VisitKind::Scheduled)).collect();
    let asked = Asked { date, which: Which::Planned(&visits), without: &[], access: Access::Snapshot };
    let loaded = day(spi, opened, &asked)?;
    // Who has left since was there then.
    let is_over = date < opened.today(session::now())?;
    let has_left = |held: &Held| loaded.day.workers.iter().all(|worker| worker.id != held.worker);
    let held: Vec<_> =
        rows.iter().map(|(held, _)| *held).filter(|held| !(is_over && has_left(held))).collect();
    for Broken { held, client, reason } in broken(&loaded.day, &held) {
        let assignment = rows.iter().find(|(row, _)| *row == held).map(|(_, id)| *id);
        let name = loaded.clients.get(&client);
        set.push([
            Some(pg_sys::Datum::from(date_to_pg_days(date))),
            assignment.and_then(IntoDatum::into_datum),
            held.visit.0.into_datum(),
            client.0.into_datum(),
            name.and_then(|name| text(name)),
            held.worker.0.into_datum(),
            instant(held.during.start),
            text(reason.as_str()),
            text(&Broken { held, client, reason }.sentence(&loaded.zone)),
        ]);
    }
    Ok(())
}

fn rounds_churn(args: &Args) -> Result<pg_sys::Datum> {
    let from = args.date(0, "from_date")?.ok_or_else(|| null_argument("from_date"))?;
    let to = args.date(1, "to_date")?.ok_or_else(|| null_argument("to_date"))?;
    let mut set = ResultSet::new(args);
    spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(2), Access::Snapshot)?;
        check_period(from, to, "Ask for a shorter period, several times.")?;
        let zone = zone(&opened, (from, to))?;
        let plans = newest_plans(spi, opened.clinic, (from, to))?;
        let visits = |date| day_visits(spi, opened.clinic, date, plans.get(&date).copied());
        // Two dates at a time: a year of visits needn't fit into memory.
        let mut before = (from, visits(from)?);
        for date in from.iter_days().skip(1).take_while(|date| *date <= to) {
            let after = (date, visits(date)?);
            set.push(churn_row(&zone, &before, &after));
            // A day off changes nothing for a client: Monday is compared with Friday.
            if after.1.source.is_some() {
                before = after;
            }
        }
        Ok(())
    })?;
    Ok(set.done())
}

/// A row of rounds_churn().
fn churn_row(
    zone: &Zone,
    (previous_date, before): &(NaiveDate, DayVisits),
    (on_date, after): &(NaiveDate, DayVisits),
) -> [Option<pg_sys::Datum>; 10] {
    let source = |day: &DayVisits| day.source.and_then(|source| text(&source.to_string()));
    let churn = day_churn(zone, before, after);
    let count = |number: Option<usize>| number.and_then(|number| (number as i64).into_datum());
    let of = |column: fn(&Churn) -> Option<usize>| count(churn.as_ref().and_then(column));
    [
        Some(pg_sys::Datum::from(date_to_pg_days(*on_date))),
        source(after),
        before.source.map(|_| pg_sys::Datum::from(date_to_pg_days(*previous_date))),
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
        let opened = clinic::open(spi, args.opt(0), Access::Snapshot)?;
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
