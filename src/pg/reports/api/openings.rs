//! provider_openings, room_openings, utilization: opening time, and how much of it was booked.

use std::collections::HashMap;

use pg_clinic_core::booking::clinic::TimeOffScope;
use pg_clinic_core::reports::openings::{
    Dates, Opening, house_hours, provider_windows, time_off_of, without,
};
use pg_clinic_core::reports::utilization::{self, Use};
use pg_clinic_core::time::calendar::{add_days, date_to_pg_days};
use pg_clinic_core::time::interval::MICROS_PER_MINUTE;
use pgrx::{IntoDatum, pg_sys};

use crate::pg::platform::args::{Args, ResultSet, range, sql_functions, text};
use crate::pg::platform::clinic::{self, Opened};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::requests::now;
use crate::pg::platform::session::check_for_cancel;
use crate::pg::platform::spi::{self, Access, Spi};
use crate::pg::reports::load::timetable::{Asked, Resource, Timetable, timetable, uses};

sql_functions! {
    pg_clinic_provider_openings, pg_finfo_pg_clinic_provider_openings => provider_openings;
    pg_clinic_room_openings, pg_finfo_pg_clinic_room_openings => room_openings;
    pg_clinic_utilization, pg_finfo_pg_clinic_utilization => utilization;
}

fn provider_openings(args: &Args) -> Result<pg_sys::Datum> {
    openings(args, Resource::Provider)
}

fn room_openings(args: &Args) -> Result<pg_sys::Datum> {
    openings(args, Resource::Room)
}

fn openings(args: &Args, resource: Resource) -> Result<pg_sys::Datum> {
    let (timetable, asked, ()) = question(args, resource, args.opt(2), 3, |_, _, _| Ok(()))?;
    let mut set = ResultSet::new(args);
    for_each_resource(&timetable, timetable.dates(&asked), resource, |id, name, _, open| {
        let name = text(name);
        for Opening { date, span } in open {
            set.push([
                id.into_datum(),
                name,
                Some(pg_sys::Datum::from(date_to_pg_days(*date))),
                range(*span),
                minutes(span.micros()),
            ]);
        }
    });
    Ok(set.done())
}

fn utilization(args: &Args) -> Result<pg_sys::Datum> {
    let resource = match args.opt::<&str>(2) {
        None | Some("provider") => Resource::Provider,
        Some("room") => Resource::Room,
        Some(other) => {
            return Err(ClinicError::new(SqlState::InvalidArgument, "by must be 'provider' or 'room'")
                .detail(format!("It is \"{other}\".")));
        }
    };
    let (timetable, asked, uses) = question(args, resource, args.opt(3), 4, |spi, opened, asked| {
        uses(spi, opened.clinic, asked, resource)
    })?;
    let mut set = ResultSet::new(args);
    // The day before as well, to know which bookings of the small hours count to it.
    let dates = Dates { from: add_days(asked.from, -1), ..timetable.dates(&asked) };
    for_each_resource(&timetable, dates, resource, |id, name, windows, open| {
        push_uses(&mut set, &timetable.dates(&asked), (id, name), (windows, open), &uses);
    });
    Ok(set.done())
}

fn push_uses(
    set: &mut ResultSet,
    dates: &Dates<'_>,
    (id, name): (i64, &str),
    (windows, open): (&[Opening], &[Opening]),
    uses: &HashMap<i64, Vec<Use>>,
) {
    let name = text(name);
    let uses = uses.get(&id).map_or(&[][..], Vec::as_slice);
    for day in utilization::by_date(dates, windows, open, uses) {
        set.push([
            id.into_datum(),
            name,
            Some(pg_sys::Datum::from(date_to_pg_days(day.date))),
            minutes(day.open),
            minutes(day.booked),
            minutes(day.overbooked),
            minutes(day.outside),
            day.utilization().and_then(IntoDatum::into_datum),
        ]);
    }
}

fn minutes(micros: i64) -> Option<pg_sys::Datum> {
    (micros as f64 / MICROS_PER_MINUTE as f64).into_datum()
}

/// Reads the dates (arguments 0 and 1) and the clock and clinic (from argument `clock` on), loads the timetable, and
/// what `read` wants besides.
fn question<T>(
    args: &Args,
    resource: Resource,
    only: Option<i64>,
    clock: usize,
    read: impl FnOnce(&Spi, &Opened, &Asked) -> Result<T>,
) -> Result<(Timetable, Asked, T)> {
    let (from_date, to_date) = (args.date(0, "from_date")?, args.date(1, "to_date")?);
    let now = now(args, clock)?;
    spi::connect(|spi| {
        let opened = clinic::open(spi, args.opt(clock + 1), Access::Snapshot)?;
        let from = from_date.map_or_else(|| opened.today(now), Ok)?;
        let is_room = resource == Resource::Room;
        let asked = Asked {
            from,
            to: to_date.unwrap_or(from),
            now,
            provider: only.filter(|_| !is_room),
            room: only.filter(|_| is_room),
        };
        let timetable = timetable(spi, &opened, &asked)?;
        let read = read(spi, &opened, &asked)?;
        Ok((timetable, asked, read))
    })
}

/// Hands out each provider or room, by id, with its windows and what time off leaves of them.
fn for_each_resource(
    timetable: &Timetable,
    dates: Dates<'_>,
    resource: Resource,
    mut each: impl FnMut(i64, &str, &[Opening], &[Opening]),
) {
    let time_off = &timetable.time_off;
    if resource == Resource::Provider {
        for (provider, name) in timetable.providers.iter().zip(&timetable.provider_names) {
            check_for_cancel();
            let windows = provider_windows(&dates, provider);
            let off = time_off_of(time_off, TimeOffScope::Provider(provider.id));
            each(provider.id.0, name, &windows, &without(&windows, &off));
        }
        return;
    }
    let hours = house_hours(&dates, &timetable.providers, time_off);
    for (room, name) in timetable.rooms.iter().zip(&timetable.room_names) {
        check_for_cancel();
        let off = time_off_of(time_off, TimeOffScope::Room(room.id));
        each(room.id.0, name, &hours, &without(&hours, &off));
    }
}
