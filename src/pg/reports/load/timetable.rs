//! The rows that reports on opening time read: providers with their windows, rooms, time off, and the time that is booked.

use std::collections::HashMap;

use chrono::NaiveDate;
use pg_clinic_core::booking::clinic::{Provider, Room, TimeOff};
use pg_clinic_core::reports::openings::Dates;
use pg_clinic_core::reports::utilization::{DAYS_AFTER, Use};
use pg_clinic_core::time::calendar::{add_days, date_to_pg_days};
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY, Span};
use pg_clinic_core::time::zone::Zone;

use crate::pg::platform::clinic::{Opened, check_period};
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, date_param, instant_param, param, statements};
use crate::pg::slots::load::{Providers, hours, resources, rows};

statements! {
    /// The booked time of some dates. Read in one go: a year of a large clinic is some hundred thousand rows.
    USES(INT8OID, DATEOID, DATEOID, TIMESTAMPTZOID, INT8OID, INT8OID) =
        "select provider_id, room_id, is_overbooked, lower(during) as slot_start, upper(during) as slot_end
         from clinic.bookings
         where clinic_id = $1 and local_date between $2 and $3 and status in (@occupying@)
           and (hold_expires_at is null or hold_expires_at > $4)
           and ($5 is null or provider_id = $5) and ($6 is null or room_id = $6)";
}

row! {
    struct UseRow {
        provider_id: i64,
        room_id: Option<i64>,
        is_overbooked: bool,
        slot_start: Instant,
        slot_end: Instant,
    }
}

/// The dates, and the provider or room, of a question about opening time.
#[derive(Clone, Copy, Debug)]
pub struct TimetableQuery {
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

/// Providers and rooms with their opening times.
pub struct Timetable {
    /// The clinic's id.
    pub clinic_id: i64,
    /// The clinic's time zone, exact near the dates.
    pub zone: Zone,
    /// The clinic's date now.
    pub today: NaiveDate,
    /// Providers, by id.
    pub providers: Vec<Provider>,
    /// Rooms, by id.
    pub rooms: Vec<Room>,
    /// Time off near the dates.
    pub time_off: Vec<TimeOff>,
}

impl Timetable {
    /// The dates of the query, as the core wants them.
    #[must_use]
    pub fn dates(&self, query: &TimetableQuery) -> Dates<'_> {
        Dates { zone: &self.zone, from: query.from, to: query.to, today: self.today }
    }

    /// From the day before the first date to the day after the last: what can reach into a window of the dates.
    #[must_use]
    pub fn reach(&self, query: &TimetableQuery) -> Span {
        let start = self.zone.day_start(add_days(query.from, -1));
        Span { start, end: self.zone.day_end(add_days(query.to, 1)) }
    }
}

/// Loads it.
pub fn timetable(spi: &Spi, opened: &Opened, query: &TimetableQuery) -> Result<Timetable> {
    check_period(query.from, query.to, "Ask for a shorter range, several times.")?;
    let access = Access::Snapshot;
    let midnight = |date: NaiveDate| Instant(i64::from(date_to_pg_days(date)) * MICROS_PER_DAY);
    let zone = opened.settings(midnight(query.from), midnight(query.to))?.zone;
    // Windows of the day after these dates are loaded, too.
    let last = add_days(query.to, DAYS_AFTER);
    let dates = hours::Dates { from: query.from, to: add_days(last, -1) };
    let wanted = Providers { ids: query.provider.map(|id| vec![id]), ..Providers::default() };
    let providers = resources::providers(spi, opened.clinic, &wanted, access, dates)?;
    let mut rooms =
        resources::rooms(spi, opened.clinic, query.room.as_ref().map(std::slice::from_ref), access)?;
    hours::of_rooms(spi, opened.clinic, access, &mut rooms)?;
    let mut timetable = Timetable {
        clinic_id: opened.clinic,
        zone,
        today: opened.today(query.now)?,
        providers,
        rooms,
        time_off: Vec::new(),
    };
    let (start, end) = (timetable.reach(query).start, timetable.zone.day_end(last));
    timetable.time_off = rows::time_off(spi, opened.clinic, access, start, end)?;
    Ok(timetable)
}

/// The booked time of each provider, or each room, by id: all that can reach into a window of the dates.
pub fn uses(
    spi: &Spi,
    clinic: i64,
    query: &TimetableQuery,
    is_of_rooms: bool,
) -> Result<HashMap<i64, Vec<Use>>> {
    let params = [
        param(clinic),
        date_param(add_days(query.from, -1)),
        date_param(add_days(query.to, 1)),
        instant_param(query.now),
        query.provider.and_then(param),
        query.room.and_then(param),
    ];
    let mut uses: HashMap<i64, Vec<Use>> = HashMap::new();
    spi.for_each_row(&USES, Access::Snapshot, &params, |row: UseRow| {
        let id = if is_of_rooms { row.room_id } else { Some(row.provider_id) };
        if let Some((id, during)) = id.zip(Span::new(row.slot_start, row.slot_end)) {
            uses.entry(id).or_default().push(Use { during, is_overbooked: row.is_overbooked });
        }
        Ok(())
    })?;
    Ok(uses)
}
