//! provider_openings, room_openings, utilization: opening time, and how much of it was booked.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use pg_clinic_core::booking::clinic::TimeOffScope;
use pg_clinic_core::reports::groups::{ALL, GroupBy, percent};
use pg_clinic_core::reports::openings::{
    Dates, Opening, house_hours, provider_windows, room_windows, time_off_of, without,
};
use pg_clinic_core::reports::utilization::{self, Amounts};
use pg_clinic_core::time::interval::{Instant, MICROS_PER_MINUTE};
use pgrx::pg_sys;

use crate::pg::platform::access;
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::Result;
use crate::pg::platform::requests::moment;
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::signatures::{
    Bigint, Date, DoublePrecision, Rows, Text, Timestamptz, Value, signatures,
};
use crate::pg::platform::spi::{self, Access, Spi};
use crate::pg::reports::groups::whose_openings;
use crate::pg::reports::load::timetable::{Timetable, TimetableQuery, timetable, uses};

sql_functions! {
    pg_clinic_provider_openings, pg_finfo_pg_clinic_provider_openings => provider_openings;
    pg_clinic_room_openings, pg_finfo_pg_clinic_room_openings => room_openings;
    pg_clinic_utilization, pg_finfo_pg_clinic_utilization => utilization;
}

signatures! {
    /// Arguments of `provider_openings`.
    ProviderOpenings = provider_openings(
        from_date: Date = null, to_date: Date = null, provider_id: Bigint = null, now: Timestamptz = now,
        clinic_id: Bigint = null,
    ) -> table ProviderOpening {
        provider_id: Bigint,
        provider_name: Text,
        local_date: Date,
        starts_at: Timestamptz,
        ends_at: Timestamptz,
        open_minutes: DoublePrecision,
    };
    /// Arguments of `room_openings`.
    RoomOpenings = room_openings(
        from_date: Date = null, to_date: Date = null, room_id: Bigint = null, now: Timestamptz = now,
        clinic_id: Bigint = null,
    ) -> table RoomOpening {
        room_id: Bigint,
        room_name: Text,
        local_date: Date,
        starts_at: Timestamptz,
        ends_at: Timestamptz,
        open_minutes: DoublePrecision,
    };
    /// Arguments of `utilization`.
    Utilization = utilization(
        from_date: Date = null, to_date: Date = null, group_by: Text = "provider", provider_id: Bigint = null,
        room_id: Bigint = null, now: Timestamptz = now, clinic_id: Bigint = null,
    ) -> table UtilizationRow {
        grouped_by: Text,
        grouped_id: Bigint,
        grouped_name: Text,
        local_date: Date,
        open_minutes: DoublePrecision,
        booked_minutes: DoublePrecision,
        overbooked_minutes: DoublePrecision,
        outside_minutes: DoublePrecision,
        utilization: DoublePrecision,
        utilization_percent: DoublePrecision,
    };
}

/// The period, clock and clinic of a question.
struct Period {
    from_date: Option<NaiveDate>,
    to_date: Option<NaiveDate>,
    now: Option<Instant>,
    clinic_id: Option<i64>,
}

impl Period {
    /// Loads the timetable of the period, of one provider or room or of all, and whatever `read` gives besides.
    fn load<T>(
        self,
        provider: Option<i64>,
        room: Option<i64>,
        read: impl FnOnce(&Spi, &Opened, &TimetableQuery) -> Result<T>,
    ) -> Result<(Timetable, TimetableQuery, T)> {
        let now = moment(self.now)?;
        spi::connect(|spi| {
            let opened = clinic::open(spi, self.clinic_id, Access::Snapshot)?;
            let from = self.from_date.map_or_else(|| opened.today(now), Ok)?;
            let query = TimetableQuery { from, to: self.to_date.unwrap_or(from), now, provider, room };
            let timetable = timetable(spi, &opened, &query)?;
            let read = read(spi, &opened, &query)?;
            Ok((timetable, query, read))
        })
    }
}

fn provider_openings(args: &Args) -> Result<pg_sys::Datum> {
    let ProviderOpenings { from_date, to_date, provider_id, now, clinic_id } = ProviderOpenings::read(args)?;
    let period = Period { from_date, to_date, now, clinic_id };
    let _owner = access::finder(None, None)?;
    let (timetable, query, ()) = period.load(provider_id, None, |_, _, _| Ok(()))?;
    let mut rows = Rows::<ProviderOpening>::new(args);
    for_each_group(&timetable, timetable.dates(&query), GroupBy::Provider, |id, name, _, open| {
        for Opening { date, span } in open {
            rows.push(ProviderOpening {
                provider_id: id.into(),
                provider_name: name,
                local_date: (*date).into(),
                starts_at: span.start.into(),
                ends_at: span.end.into(),
                open_minutes: minutes(span.micros()),
            });
        }
    });
    Ok(rows.done())
}

fn room_openings(args: &Args) -> Result<pg_sys::Datum> {
    let RoomOpenings { from_date, to_date, room_id, now, clinic_id } = RoomOpenings::read(args)?;
    let period = Period { from_date, to_date, now, clinic_id };
    let _owner = access::finder(None, None)?;
    let (timetable, query, ()) = period.load(None, room_id, |_, _, _| Ok(()))?;
    let mut rows = Rows::<RoomOpening>::new(args);
    for_each_group(&timetable, timetable.dates(&query), GroupBy::Room, |id, name, _, open| {
        for Opening { date, span } in open {
            rows.push(RoomOpening {
                room_id: id.into(),
                room_name: name,
                local_date: (*date).into(),
                starts_at: span.start.into(),
                ends_at: span.end.into(),
                open_minutes: minutes(span.micros()),
            });
        }
    });
    Ok(rows.done())
}

fn utilization(args: &Args) -> Result<pg_sys::Datum> {
    let Utilization { from_date, to_date, group_by, provider_id, room_id, now, clinic_id } =
        Utilization::read(args)?;
    let group_by = whose_openings(group_by, GroupBy::OF_OPENINGS, provider_id, room_id)?;
    let is_of_rooms = group_by == GroupBy::Room || room_id.is_some();
    let whose = if is_of_rooms { GroupBy::Room } else { GroupBy::Provider };
    let period = Period { from_date, to_date, now, clinic_id };
    let (timetable, query, uses) = period
        .load(provider_id, room_id, |spi, opened, query| uses(spi, opened.clinic, query, is_of_rooms))?;
    let dates = timetable.dates(&query);
    let mut all = Amounts::default();
    let mut groups: BTreeMap<i64, Amounts> = BTreeMap::new();
    let mut days = Vec::new();
    for_each_group(&timetable, utilization::dates_around(&dates), whose, |id, name, windows, open| {
        let uses = uses.get(&id).map_or(&[][..], Vec::as_slice);
        if group_by == GroupBy::Hour {
            for (hour, amounts) in (0..).zip(utilization::by_hour(&dates, windows, open, uses)) {
                all += amounts;
                *groups.entry(hour).or_default() += amounts;
            }
            return;
        }
        for (date, amounts) in utilization::by_date(&dates, windows, open, uses) {
            all += amounts;
            match group_by.key_of(date) {
                Some(key) => *groups.entry(key).or_default() += amounts,
                None => days.push((id, name, date, amounts)),
            }
        }
    });
    let mut rows = Rows::<UtilizationRow>::new(args);
    rows.push(used(Value::from(ALL), Value::NULL, Value::NULL, Value::NULL, &all));
    let grouped_by = Value::from(group_by.as_str());
    for (id, name, date, amounts) in &days {
        rows.push(used(grouped_by, (*id).into(), *name, (*date).into(), amounts));
    }
    for (key, amounts) in groups.iter().filter(|(_, amounts)| !amounts.is_none()) {
        let name = group_by.name_of(*key);
        rows.push(used(grouped_by, (*key).into(), (&name).into(), Value::NULL, amounts));
    }
    Ok(rows.done())
}

fn used(
    grouped_by: Value<Text>,
    grouped_id: Value<Bigint>,
    grouped_name: Value<Text>,
    local_date: Value<Date>,
    amounts: &Amounts,
) -> UtilizationRow {
    let utilization = amounts.utilization();
    UtilizationRow {
        grouped_by,
        grouped_id,
        grouped_name,
        local_date,
        open_minutes: minutes(amounts.open),
        booked_minutes: minutes(amounts.booked),
        overbooked_minutes: minutes(amounts.overbooked),
        outside_minutes: minutes(amounts.outside),
        utilization: utilization.into(),
        utilization_percent: utilization.map(percent).into(),
    }
}

fn minutes(micros: i64) -> Value<DoublePrecision> {
    (micros as f64 / MICROS_PER_MINUTE as f64).into()
}

/// Hands out each provider or room, by id, with its windows and what time off leaves of them.
fn for_each_group(
    timetable: &Timetable,
    dates: Dates<'_>,
    group_by: GroupBy,
    mut each: impl FnMut(i64, Value<Text>, &[Opening], &[Opening]),
) {
    let time_off = &timetable.time_off;
    match group_by {
        GroupBy::Room => {
            let house = house_hours(&dates, &timetable.providers, time_off);
            for room in &timetable.rooms {
                let Some(id) = room.id else { continue };
                check_for_cancel();
                let hours = room_windows(&dates, &house, room);
                let off = time_off_of(time_off, TimeOffScope::Room(id));
                each(id.0, (&room.name).into(), &hours, &without(&hours, &off));
            }
        }
        _ => {
            for provider in &timetable.providers {
                check_for_cancel();
                let windows = provider_windows(&dates, provider);
                let off = time_off_of(time_off, TimeOffScope::Provider(provider.id));
                each(provider.id.0, (&provider.name).into(), &windows, &without(&windows, &off));
            }
        }
    }
}
