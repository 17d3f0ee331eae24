//! provider_openings, room_openings, utilization: opening time, and how much of it was booked.

use std::collections::HashMap;

use chrono::NaiveDate;
use pg_clinic_core::booking::clinic::TimeOffScope;
use pg_clinic_core::reports::openings::{
    Dates, Opening, house_hours, provider_windows, time_off_of, without,
};
use pg_clinic_core::reports::utilization::{self, GroupBy, Use};
use pg_clinic_core::time::interval::{Instant, MICROS_PER_MINUTE};
use pgrx::pg_sys;

use crate::pg::platform::access;
use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::moment;
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::signatures::{
    Bigint, Date, DoublePrecision, Rows, Text, Timestamptz, Value, signatures,
};
use crate::pg::platform::spi::{self, Access, Spi};
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
    let group_by = group_by_of(group_by, provider_id, room_id)?;
    let period = Period { from_date, to_date, now, clinic_id };
    let (timetable, query, uses) =
        period.load(provider_id, room_id, |spi, opened, query| uses(spi, opened.clinic, query, group_by))?;
    let mut rows = Rows::<UtilizationRow>::new(args);
    let grouped_by = Value::from(group_by.as_str());
    let dates = timetable.dates(&query);
    for_each_group(&timetable, utilization::dates_around(&dates), group_by, |id, name, windows, open| {
        for day in utilization::by_date(&dates, windows, open, uses_of(&uses, id)) {
            rows.push(UtilizationRow {
                grouped_by,
                grouped_id: id.into(),
                grouped_name: name,
                local_date: day.date.into(),
                open_minutes: minutes(day.open),
                booked_minutes: minutes(day.booked),
                overbooked_minutes: minutes(day.overbooked),
                outside_minutes: minutes(day.outside),
                utilization: day.utilization().into(),
            });
        }
    });
    Ok(rows.done())
}

/// The argument `group_by`, whose rows the ids must be of.
fn group_by_of(word: Option<String>, provider: Option<i64>, room: Option<i64>) -> Result<GroupBy> {
    let invalid = |message| ClinicError::new(SqlState::InvalidArgument, message);
    let group_by = match word {
        None => GroupBy::Provider,
        Some(word) => GroupBy::parse(&word).ok_or_else(|| {
            invalid("group_by must be 'provider' or 'room'").detail(format!("It is \"{word}\"."))
        })?,
    };
    match (group_by, provider, room) {
        (GroupBy::Provider, _, Some(_)) => Err(invalid("room_id needs group_by => 'room'")),
        (GroupBy::Room, Some(_), _) => Err(invalid("provider_id needs group_by => 'provider'")),
        _ => Ok(group_by),
    }
}

fn uses_of(uses: &HashMap<i64, Vec<Use>>, id: i64) -> &[Use] {
    uses.get(&id).map_or(&[][..], Vec::as_slice)
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
        GroupBy::Provider => {
            for provider in &timetable.providers {
                check_for_cancel();
                let windows = provider_windows(&dates, provider);
                let off = time_off_of(time_off, TimeOffScope::Provider(provider.id));
                each(provider.id.0, (&provider.name).into(), &windows, &without(&windows, &off));
            }
        }
        GroupBy::Room => {
            let hours = house_hours(&dates, &timetable.providers, time_off);
            for room in &timetable.rooms {
                check_for_cancel();
                let off = time_off_of(time_off, TimeOffScope::Room(room.id));
                each(room.id.0, (&room.name).into(), &hours, &without(&hours, &off));
            }
        }
    }
}
