//! What reports on opening time read: providers with their windows, rooms, time off, and the time that is booked.

use std::collections::HashMap;

use chrono::NaiveDate;
use pg_clinic_core::booking::clinic::{Provider, Room, TimeOff};
use pg_clinic_core::reports::openings::Dates;
use pg_clinic_core::reports::utilization::Use;
use pg_clinic_core::time::calendar::{add_days, date_to_pg_days};
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY, Span};
use pg_clinic_core::time::zone::Zone;

use crate::pg::platform::clinic::{Opened, check_period};
use crate::pg::platform::error::Result;
use crate::pg::platform::spi::{Access, Spi, date_param, instant_param, param, statements};
use crate::pg::slots::load::{resources, rows};

statements! {
    /// Who and what is booked when, by the dates of bookings. Read in one go: a year of a large clinic is some hundred
    /// thousand rows.
    USES(INT8OID, DATEOID, DATEOID, TIMESTAMPTZOID, INT8OID, INT8OID) =
        "select provider_id, room_id, is_overbooked, lower(during), upper(during)
         from clinic.bookings
         where clinic_id = $1 and local_date between $2 and $3 and status in (@occupying@)
           and (hold_expires_at is null or hold_expires_at > $4)
           and ($5 is null or provider_id = $5) and ($6 is null or room_id = $6)";
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// First date.
    pub from: NaiveDate,
    /// Last date.
    pub to: NaiveDate,
    /// The clock.
    pub now: Instant,
    /// Only this provider.
    pub provider: Option<i64>,
    /// Only this room.
    pub room: Option<i64>,
}

/// When who and what is there.
pub struct Timetable {
    /// The clinic's id.
    pub clinic_id: i64,
    /// The clinic's time zone, exact near the dates.
    pub zone: Zone,
    /// The clinic's date now.
    pub today: NaiveDate,
    /// Providers, by id.
    pub providers: Vec<Provider>,
    /// Their names.
    pub provider_names: Vec<String>,
    /// Rooms, by id.
    pub rooms: Vec<Room>,
    /// Their names.
    pub room_names: Vec<String>,
    /// Time off near the dates.
    pub time_off: Vec<TimeOff>,
}

impl Timetable {
    /// The dates asked for, as the core wants them.
    #[must_use]
    pub fn dates(&self, asked: &Asked) -> Dates<'_> {
        Dates { zone: &self.zone, from: asked.from, to: asked.to, today: self.today }
    }

    /// From the day before the first date to the day after the last: what can reach into a window of the dates.
    #[must_use]
    pub fn reach(&self, asked: &Asked) -> Span {
        let start = self.zone.day_start(add_days(asked.from, -1));
        Span { start, end: self.zone.day_end(add_days(asked.to, 1)) }
    }
}

/// Loads it.
pub fn timetable(spi: &Spi, opened: &Opened, asked: &Asked) -> Result<Timetable> {
    check_period(asked.from, asked.to, "Ask for a shorter range, several times.")?;
    let access = Access::Snapshot;
    let midnight = |date: NaiveDate| Instant(i64::from(date_to_pg_days(date)) * MICROS_PER_DAY);
    let zone = opened.settings(midnight(asked.from), midnight(asked.to))?.zone;
    let dates = resources::Dates { from: asked.from, to: asked.to };
    let providers = resources::providers(spi, opened.clinic, asked.provider, access, dates)?;
    let rooms = resources::rooms(spi, opened.clinic, asked.room, access)?;
    let mut timetable = Timetable {
        clinic_id: opened.clinic,
        zone,
        today: opened.today(asked.now)?,
        providers: providers.values,
        provider_names: providers.names,
        rooms: rooms.values,
        room_names: rooms.names,
        time_off: Vec::new(),
    };
    let Span { start, end } = timetable.reach(asked);
    timetable.time_off = rows::time_off(spi, opened.clinic, access, start, end)?;
    Ok(timetable)
}

/// Whose time bookings are counted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// The providers'.
    Provider,
    /// The rooms'.
    Room,
}

/// The booked time of each provider, or each room, by id: all that can reach into a window of the dates.
pub fn uses(spi: &Spi, clinic: i64, asked: &Asked, resource: Resource) -> Result<HashMap<i64, Vec<Use>>> {
    let params = [
        param(clinic),
        date_param(add_days(asked.from, -1)),
        date_param(add_days(asked.to, 1)),
        instant_param(asked.now),
        asked.provider.and_then(param),
        asked.room.and_then(param),
    ];
    let mut uses: HashMap<i64, Vec<Use>> = HashMap::new();
    spi.execute(&USES, Access::Snapshot, &params, 0)?.for_each(|row| {
        let id: i64 = row.get(if resource == Resource::Provider { 0 } else { 1 })?;
        if let Some(during) = Span::new(row.instant(3)?, row.instant(4)?) {
            uses.entry(id).or_default().push(Use { during, is_overbooked: row.get(2)? });
        }
        Ok(())
    })?;
    Ok(uses)
}
