//! lost_capacity: opening time that brought nothing, in minutes and in money.

use std::collections::{BTreeMap, HashMap};

use pg_clinic_core::booking::clinic::TimeOffScope;
use pg_clinic_core::reports::capacity::{Capacity, Kept, Unkept, capacity};
use pg_clinic_core::reports::groups::{ALL, GroupBy, percent, ratio};
use pg_clinic_core::reports::openings::{Opening, provider_windows, time_off_of, without};
use pg_clinic_core::reports::utilization::hours_of;
use pg_clinic_core::time::calendar::add_days;
use pg_clinic_core::time::interval::{Instant, MICROS_PER_MINUTE, Span, union};
use pgrx::pg_sys;

use super::rates::Year;
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::clinic;
use crate::pg::platform::error::Result;
use crate::pg::platform::requests::moment;
use crate::pg::platform::rows::row;
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::signatures::{
    Bigint, Date, DoublePrecision, Rows, Text, Timestamptz, Value, signatures,
};
use crate::pg::platform::spi::{self, Access, Spi, date_param, instant_param, param, statements};
use crate::pg::reports::groups::group_of;
use crate::pg::reports::load::timetable::{TimetableQuery, timetable};

sql_functions! {
    pg_clinic_lost_capacity, pg_finfo_pg_clinic_lost_capacity => lost_capacity;
}

signatures! {
    /// Arguments of `lost_capacity`.
    LostCapacity = lost_capacity(
        from_date: Date = null, to_date: Date = null, group_by: Text = "provider", provider_id: Bigint = null,
        now: Timestamptz = now, clinic_id: Bigint = null,
    ) -> table LostRow {
        grouped_by: Text,
        grouped_id: Bigint,
        grouped_name: Text,
        open_minutes: DoublePrecision,
        booked_minutes: DoublePrecision,
        gap_minutes: DoublePrecision,
        no_show_minutes: DoublePrecision,
        unfilled_minutes: DoublePrecision,
        lost_minutes: DoublePrecision,
        lost_rate: DoublePrecision,
        lost_percent: DoublePrecision,
        gap_cents: Bigint,
        no_show_cents: Bigint,
        unfilled_cents: Bigint,
        lost_cents: Bigint,
    };
}

statements! {
    /// What was booked on some dates, whatever became of it, of all providers: what a minute brings on average is the clinic's.
    /// A hold that ran out or was given up is nothing.
    BOOKED(INT8OID, DATEOID, DATEOID, TIMESTAMPTZOID) =
        "select b.provider_id, lower(b.during) as slot_start, upper(b.during) as slot_end, t.price_cents,
           b.status = 'noshow' as is_missed, b.status = 'cancelled' as is_cancelled
         from clinic.bookings b
         join clinic.appointment_types t on t.clinic_id = b.clinic_id and t.id = b.appointment_type_id
         where b.clinic_id = $1 and b.local_date between $2 and $3
           and (b.status in ('noshow', 'cancelled') and b.hold_expires_at is null
             or b.status in (@occupying@) and (b.hold_expires_at is null or b.hold_expires_at > $4))
         order by b.provider_id, slot_start, b.id";
    /// Whether any type has a price.
    IS_PRICED(INT8OID) =
        "select exists (select from clinic.appointment_types where clinic_id = $1 and price_cents is not null)";
}

row! {
    struct BookedRow {
        provider_id: i64,
        slot_start: Instant,
        slot_end: Instant,
        price_cents: Option<i64>,
        is_missed: bool,
        is_cancelled: bool,
    }
}

/// Bookings by provider, and what a minute of the used ones brings.
struct Booked {
    kept: HashMap<i64, Kept>,
    /// `None` where no type has a price: then nothing is said about money.
    cents_per_micro: Option<f64>,
}

impl Booked {
    fn load(spi: &Spi, clinic: i64, query: &TimetableQuery) -> Result<Self> {
        let params = [
            param(clinic),
            date_param(add_days(query.from, -1)),
            date_param(add_days(query.to, 1)),
            instant_param(query.now),
        ];
        let mut kept: HashMap<i64, Kept> = HashMap::new();
        let (mut priced_cents, mut priced_micros) = (0_i64, 0_i64);
        spi.for_each_row(&BOOKED, Access::Snapshot, &params, |row: BookedRow| {
            let Some(during) = Span::new(row.slot_start, row.slot_end) else { return Ok(()) };
            let kept = kept.entry(row.provider_id).or_default();
            let booking = Unkept { during, cents: row.price_cents };
            match (row.is_missed, row.is_cancelled) {
                (true, _) => kept.no_shows.push(booking),
                (_, true) => kept.cancelled.push(booking),
                _ => {
                    kept.used.push(during);
                    if let Some(cents) = row.price_cents {
                        priced_cents = priced_cents.saturating_add(cents);
                        priced_micros += during.micros();
                    }
                }
            }
            Ok(())
        })?;
        for kept in kept.values_mut() {
            kept.used = union(std::mem::take(&mut kept.used));
        }
        let is_priced: Option<bool> = spi.value(&IS_PRICED, Access::Snapshot, &[param(clinic)])?;
        let average = if priced_micros > 0 { priced_cents as f64 / priced_micros as f64 } else { 0.0 };
        Ok(Self { kept, cents_per_micro: is_priced.unwrap_or(false).then_some(average) })
    }

    fn row(
        &self,
        grouped_by: &str,
        grouped_id: Value<Bigint>,
        grouped_name: Value<Text>,
        lost: &Capacity,
    ) -> LostRow {
        let minutes =
            |micros: i64| -> Value<DoublePrecision> { (micros as f64 / MICROS_PER_MINUTE as f64).into() };
        let rate = ratio(lost.lost() as f64, lost.open as f64);
        let gap = self.cents_per_micro.map(|cents| cents * lost.gap() as f64);
        let is_priced = self.cents_per_micro.is_some();
        let cents = |cents: f64| -> Value<Bigint> { is_priced.then_some(cents.round() as i64).into() };
        let gap = gap.unwrap_or_default();
        LostRow {
            grouped_by: grouped_by.into(),
            grouped_id,
            grouped_name,
            open_minutes: minutes(lost.open),
            booked_minutes: minutes(lost.used),
            gap_minutes: minutes(lost.gap()),
            no_show_minutes: minutes(lost.no_show),
            unfilled_minutes: minutes(lost.unfilled),
            lost_minutes: minutes(lost.lost()),
            lost_rate: rate.into(),
            lost_percent: rate.map(percent).into(),
            gap_cents: cents(gap),
            no_show_cents: cents(lost.no_show_cents),
            unfilled_cents: cents(lost.unfilled_cents),
            lost_cents: cents(gap + lost.no_show_cents + lost.unfilled_cents),
        }
    }
}

fn lost_capacity(args: &Args) -> Result<pg_sys::Datum> {
    let LostCapacity { from_date, to_date, group_by, provider_id, now, clinic_id } =
        LostCapacity::read(args)?;
    let group_by = group_of(group_by, GroupBy::Provider, GroupBy::OF_CAPACITY)?;
    let period = Year { from_date, to_date, now: moment(now)?, clinic_id };
    let (timetable, query, booked) = spi::connect(|spi| {
        let opened = clinic::open(spi, period.clinic_id, Access::Snapshot)?;
        let (from, to) = period.dates(&opened, "Ask for a shorter range, several times.")?;
        let query = TimetableQuery { from, to, now: period.now, provider: provider_id, room: None };
        let booked = Booked::load(spi, opened.clinic, &query)?;
        Ok((timetable(spi, &opened, &query)?, query, booked))
    })?;
    let dates = timetable.dates(&query);
    let nothing = Kept::default();
    let mut all = Capacity::default();
    let mut groups: BTreeMap<i64, Capacity> = BTreeMap::new();
    for provider in &timetable.providers {
        check_for_cancel();
        let off = time_off_of(&timetable.time_off, TimeOffScope::Provider(provider.id));
        let kept = booked.kept.get(&provider.id.0).unwrap_or(&nothing);
        for Opening { date, span } in without(&provider_windows(&dates, provider), &off) {
            // What is still to come isn't lost yet.
            let Some(past) = Span::new(span.start, span.end.min(query.now)) else { continue };
            all += capacity(past, kept);
            let mut add = |key, part| *groups.entry(key).or_default() += capacity(part, kept);
            match group_by {
                GroupBy::Hour => hours_of(dates.zone, past).for_each(|(hour, part)| add(hour as i64, part)),
                _ => add(group_by.key_of(date).unwrap_or(provider.id.0), past),
            }
        }
    }
    let mut rows = Rows::<LostRow>::new(args);
    rows.push(booked.row(ALL, Value::NULL, Value::NULL, &all));
    for (key, lost) in &groups {
        let provider = timetable.providers.iter().find(|provider| provider.id.0 == *key);
        let name = match (group_by, provider) {
            (GroupBy::Provider, Some(provider)) => provider.name.clone(),
            _ => group_by.name_of(*key),
        };
        rows.push(booked.row(group_by.as_str(), (*key).into(), (&name).into(), lost));
    }
    Ok(rows.done())
}
