//! rounds_violations, rounds_churn and client_renewals: rules that the record's rounds break, changes of rounds from day to
//! day, and the effect of skips on subscriptions.

use chrono::NaiveDate;
use pg_clinic_core::reports::churn::{Churn, DayVisits, day_churn};
use pg_clinic_core::rounds::{Held, VisitKind, broken_in_record, renewal};
use pg_clinic_core::time::calendar::date_to_pg_days;
use pg_clinic_core::time::zone::Zone;
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::clinic::{self, Opened, check_period};
use crate::pg::platform::error::Result;
use crate::pg::platform::session;
use crate::pg::platform::signatures::{
    Bigint, Date, DateArray, Required, Rows, Text, Timestamptz, Value, signatures,
};
use crate::pg::platform::spi::{self, Access, Spi};
use crate::pg::reports::load::rounds::{day_visits, newest_plans, recorded, recorded_dates, subscriptions};
use crate::pg::roster::load::zone;
use crate::pg::rounds::load::{RoundsQuery, Which, day};

sql_functions! {
    pg_clinic_rounds_violations, pg_finfo_pg_clinic_rounds_violations => rounds_violations;
    pg_clinic_rounds_churn, pg_finfo_pg_clinic_rounds_churn => rounds_churn;
    pg_clinic_client_renewals, pg_finfo_pg_clinic_client_renewals => client_renewals;
}

signatures! {
    /// Arguments of `rounds_violations`.
    RoundsViolations = rounds_violations(
        from_date: Required<Date>, to_date: Date = null, clinic_id: Bigint = null,
    ) -> table RoundsViolation {
        on_date: Date, assignment_id: Bigint, visit_id: Bigint, client_id: Bigint, client_name: Text, staff_id: Bigint,
        starts_at: Timestamptz, rule_kind: Text, sentence: Text,
    };
    /// Arguments of `rounds_churn`.
    RoundsChurn = rounds_churn(
        from_date: Required<Date>, to_date: Required<Date>, clinic_id: Bigint = null,
    ) -> table ChurnRow {
        on_date: Date, source: Text, previous_date: Date, previous_source: Text, same_worker: Bigint, other_worker: Bigint,
        percent_other_worker: Bigint, added: Bigint, dropped: Bigint, moved_minutes: Bigint,
    };
    /// Arguments of `client_renewals`.
    ClientRenewals = client_renewals(clinic_id: Bigint = null) -> table ClientRenewal {
        client_id: Bigint, moved_renews_on: Date, skipped_dates: DateArray,
    };
}

fn rounds_violations(args: &Args) -> Result<pg_sys::Datum> {
    let RoundsViolations { from_date, to_date, clinic_id } = RoundsViolations::read(args)?;
    let to_date = to_date.unwrap_or(from_date);
    let mut rows = Rows::<RoundsViolation>::new(args);
    spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Snapshot)?;
        check_period(from_date, to_date, "Ask for a shorter period, several times.")?;
        for date in recorded_dates(spi, opened.clinic, (from_date, to_date))? {
            push_violations(spi, &opened, date, &mut rows)?;
        }
        Ok(())
    })?;
    Ok(rows.done())
}

/// Adds the rules that the record's rounds of a date break, by worker and start.
fn push_violations(
    spi: &Spi,
    opened: &Opened,
    date: NaiveDate,
    rows: &mut Rows<RoundsViolation>,
) -> Result<()> {
    let recorded = recorded(spi, opened.clinic, date)?;
    // Whether a visit was due, and why, breaks nothing.
    let visits: Vec<_> = recorded.iter().map(|(held, _)| (held.visit, VisitKind::Scheduled)).collect();
    let query = RoundsQuery { date, which: Which::Planned(&visits), without: &[], access: Access::Snapshot };
    let loaded = day(spi, opened, &query)?;
    let is_over = date < opened.today(session::now())?;
    let held: Vec<Held> = recorded.iter().map(|(held, _)| *held).collect();
    for broken in broken_in_record(&loaded.day, &held, is_over) {
        let assignment = recorded.iter().find(|(row, _)| *row == broken.held).map(|(_, id)| *id);
        rows.push(RoundsViolation {
            on_date: date.into(),
            assignment_id: assignment.into(),
            visit_id: broken.held.visit.0.into(),
            client_id: broken.client.0.into(),
            client_name: loaded.clients.get(&broken.client).map(String::as_str).into(),
            staff_id: broken.held.worker.0.into(),
            starts_at: broken.held.during.start.into(),
            rule_kind: broken.rule.as_str().into(),
            sentence: broken.sentence(&loaded.zone, &loaded.names()).into(),
        });
    }
    Ok(())
}

fn rounds_churn(args: &Args) -> Result<pg_sys::Datum> {
    let RoundsChurn { from_date: from, to_date: to, clinic_id } = RoundsChurn::read(args)?;
    let mut rows = Rows::<ChurnRow>::new(args);
    spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Snapshot)?;
        check_period(from, to, "Ask for a shorter period, several times.")?;
        let zone = zone(&opened, (from, to))?;
        let plans = newest_plans(spi, opened.clinic, (from, to))?;
        let visits = |date| day_visits(spi, opened.clinic, date, plans.get(&date).copied());
        // Two dates at a time: a year of visits needn't fit into memory.
        let mut before = (from, visits(from)?);
        for date in from.iter_days().skip(1).take_while(|date| *date <= to) {
            let after = (date, visits(date)?);
            rows.push(churn_row(&zone, &before, &after));
            // A day off changes nothing for a client: Monday is compared with Friday.
            if after.1.source.is_some() {
                before = after;
            }
        }
        Ok(())
    })?;
    Ok(rows.done())
}

/// A row of rounds_churn().
fn churn_row(
    zone: &Zone,
    (previous_date, before): &(NaiveDate, DayVisits),
    (on_date, after): &(NaiveDate, DayVisits),
) -> ChurnRow {
    let source = |day: &DayVisits| Value::from(day.source.map(|source| source.to_string()));
    let churn = day_churn(zone, before, after);
    let of = |column: fn(&Churn) -> Option<usize>| {
        Value::from(churn.as_ref().and_then(column).map(|number| number as i64))
    };
    ChurnRow {
        on_date: (*on_date).into(),
        source: source(after),
        previous_date: before.source.map(|_| *previous_date).into(),
        previous_source: source(before),
        same_worker: of(|churn| Some(churn.same_worker)),
        other_worker: of(|churn| Some(churn.other_worker)),
        percent_other_worker: of(|churn| churn.percent()),
        added: of(|churn| Some(churn.added.len())),
        dropped: of(|churn| Some(churn.dropped.len())),
        moved_minutes: of(|churn| churn.moved_minutes()),
    }
}

fn client_renewals(args: &Args) -> Result<pg_sys::Datum> {
    let ClientRenewals { clinic_id } = ClientRenewals::read(args)?;
    let loaded = spi::connect(|spi| {
        let opened = clinic::open(spi, clinic_id, Access::Snapshot)?;
        subscriptions(spi, &opened)
    })?;
    let mut rows = Rows::<ClientRenewal>::new(args);
    for (client, subscription) in &loaded.clients {
        let events = loaded.events.get(client).map_or(&[][..], Vec::as_slice);
        let renewal = renewal(&loaded.zone, subscription, events);
        let date = |date: &NaiveDate| pgrx::datum::Date::saturating_from_raw(date_to_pg_days(*date));
        rows.push(ClientRenewal {
            client_id: client.0.into(),
            moved_renews_on: renewal.renews_on.into(),
            skipped_dates: renewal.skipped_dates.iter().map(date).collect::<Vec<_>>().into(),
        });
    }
    Ok(rows.done())
}
