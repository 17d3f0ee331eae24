//! Weekly windows: when providers are open, when types can take place, when rooms are open.

use chrono::NaiveDate;
use pg_clinic_core::booking::clinic::{AppointmentType, Provider, Room};
use pg_clinic_core::booking::hours::{DAYS_BETWEEN_ZONES, Holiday, OpeningWindow};
use pg_clinic_core::booking::reserved::{Before, ReservedWindow};
use pg_clinic_core::booking::slots::ZONE_MARGIN_DAYS;
use pg_clinic_core::ids::{AppointmentTypeId, ProviderId, ReservedWindowId, RoomId, SiteId};
use pg_clinic_core::time::calendar::{WallTime, add_days, date_to_pg_days};
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY, Minutes};
use pg_clinic_core::time::windows::{WeeklyWindow, WindowOverride};
use pg_clinic_core::time::zone::Zone;

use crate::pg::platform::error::Result;
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Param, Spi, date_param, param, statements};
use crate::pg::platform::values::OpenDate;
use crate::pg::platform::zone;

/// A slot of the last date may run on into what starts so many days later.
const DAYS_AROUND_RESERVED: i64 = 3;

/// A query for weekly windows of one table, by whom they are of.
macro_rules! windows_query {
    ($of:literal, $only:literal, $table:literal) => {
        concat!(
            "select ", $of, " as of, day_of_week, start_time, end_time, valid_from, valid_until, every_weeks, weeks_of_month, ",
            $only, " from clinic.", $table, " where clinic_id = $1 and ($2 is null or ", $of, " = any ($2))
               and coalesce(valid_from <= $4, true) and coalesce(valid_until >= $3, true)"
        )
    };
}

/// The dates of a question.
#[derive(Clone, Copy)]
pub struct Dates {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

statements! {
    /// Windows of providers that hold on some date of a range.
    OF_PROVIDERS(INT8OID, INT8ARRAYOID, DATEOID, DATEOID) =
        windows_query!("provider_id", "time_zone, appointment_type_id, room_id, site_id, open_on_holidays", "provider_availability");
    /// The same of types.
    OF_TYPES(INT8OID, INT8ARRAYOID, DATEOID, DATEOID) = windows_query!(
        "appointment_type_id",
        "null::text as time_zone, null::bigint as appointment_type_id, null::bigint as room_id, null::bigint as site_id, false as open_on_holidays",
        "appointment_type_hours"
    );
    /// The same of rooms.
    OF_ROOMS(INT8OID, INT8ARRAYOID, DATEOID, DATEOID) = windows_query!(
        "room_id",
        "null::text as time_zone, null::bigint as appointment_type_id, null::bigint as room_id, null::bigint as site_id, false as open_on_holidays",
        "room_availability"
    );
    /// Holidays on the dates of a range, and yearly ones.
    HOLIDAYS(INT8OID, DATEOID, DATEOID) =
        "select on_date, is_yearly, name, site_id from clinic.holidays where clinic_id = $1 and (is_yearly or on_date between $2 and $3)
         order by on_date, id";
    /// Windows kept for some types, those of all providers or of some, that hold on some date of a range.
    RESERVED(INT8OID, INT8ARRAYOID, DATEOID, DATEOID) =
        "select w.id, w.provider_id, w.day_of_week, w.start_time, w.end_time, w.valid_from, w.valid_until, w.every_weeks,
           w.weeks_of_month, extract(day from w.release_before)::integer as release_days,
           (extract(epoch from w.release_before - make_interval(days => extract(day from w.release_before)::integer))
             * 1000000)::bigint as release_micros,
           array_agg(t.id order by t.id) as type_ids, array_agg(t.name order by t.id) as type_names
         from clinic.reserved_windows w
         join clinic.reserved_window_types k on k.clinic_id = w.clinic_id and k.reserved_window_id = w.id
         join clinic.appointment_types t on t.clinic_id = k.clinic_id and t.id = k.appointment_type_id
         where w.clinic_id = $1 and ($2 is null or w.provider_id is null or w.provider_id = any ($2))
           and coalesce(w.valid_from <= $4, true) and coalesce(w.valid_until >= $3, true)
         group by w.id";
    /// Overrides of providers on the dates of a range.
    OVERRIDES(INT8OID, INT8ARRAYOID, DATEOID, DATEOID) =
        "select provider_id, on_date, start_time, end_time from clinic.availability_overrides
         where clinic_id = $1 and provider_id is not null and ($2 is null or provider_id = any ($2))
           and on_date between $3 and $4";
}

row! {
    struct WindowRow {
        of: i64,
        day_of_week: i32,
        start_time: WallTime,
        end_time: WallTime,
        valid_from: Option<OpenDate>,
        valid_until: Option<OpenDate>,
        every_weeks: i32,
        weeks_of_month: Option<Vec<i32>>,
        time_zone: Option<String>,
        appointment_type_id: Option<i64>,
        room_id: Option<i64>,
        site_id: Option<i64>,
        open_on_holidays: bool,
    }
}

row! {
    struct HolidayRow {
        on_date: NaiveDate,
        is_yearly: bool,
        name: String,
        site_id: Option<i64>,
    }
}

row! {
    struct ReservedRow {
        id: i64,
        provider_id: Option<i64>,
        day_of_week: i32,
        start_time: WallTime,
        end_time: WallTime,
        valid_from: Option<OpenDate>,
        valid_until: Option<OpenDate>,
        every_weeks: i32,
        weeks_of_month: Option<Vec<i32>>,
        release_days: Option<i32>,
        release_micros: Option<i64>,
        type_ids: Vec<i64>,
        type_names: Vec<String>,
    }
}

row! {
    struct OverrideRow {
        provider_id: i64,
        on_date: NaiveDate,
        start_time: Option<WallTime>,
        end_time: Option<WallTime>,
    }
}

/// A window of every week from a row's columns.
fn weekly(
    day_of_week: i32,
    (start, end): (WallTime, WallTime),
    (from, until): (Option<OpenDate>, Option<OpenDate>),
) -> WeeklyWindow {
    let date = |date: Option<OpenDate>| date.and_then(|date| date.0);
    WeeklyWindow {
        day_of_week: day_of_week as u8,
        start,
        end,
        valid_from: date(from),
        valid_until: date(until),
    }
}

impl WindowRow {
    /// The window; `zone` is that of its clock, if it has its own.
    fn window(self, zone: Option<Zone>) -> OpeningWindow {
        let weekly =
            weekly(self.day_of_week, (self.start_time, self.end_time), (self.valid_from, self.valid_until));
        OpeningWindow {
            weekly,
            every_weeks: self.every_weeks.into(),
            weeks_of_month: self.weeks_of_month.unwrap_or_default(),
            zone,
            appointment_type: self.appointment_type_id.map(AppointmentTypeId),
            room: self.room_id.map(RoomId),
            site: self.site_id.map(SiteId),
            open_on_holidays: self.open_on_holidays,
        }
    }
}

/// Gives providers, sorted by id, the windows that can matter: those of the day before reach past midnight, and those of the
/// day after adjoin. `ids`: of these only.
pub fn of_providers(
    spi: &Spi,
    clinic: i64,
    access: Access,
    ids: Option<&[i64]>,
    dates: Dates,
    providers: &mut [Provider],
) -> Result<()> {
    let params = |days| around(clinic, ids, dates, days);
    // A window with a zone of its own may start on another date there.
    let rows: Vec<WindowRow> = spi.rows(&OF_PROVIDERS, access, &params(1 + DAYS_BETWEEN_ZONES))?;
    for mut row in rows {
        let own_zone = row.time_zone.take().map(|name| zone_of(&name, dates)).transpose()?;
        if let Some(provider) = by_id(providers, row.of) {
            provider.availability.push(row.window(own_zone));
        }
    }
    let rows: Vec<OverrideRow> = spi.rows_of("availability_overrides", &OVERRIDES, access, &params(1))?;
    for row in rows {
        let window = WindowOverride { on_date: row.on_date, window: row.start_time.zip(row.end_time) };
        if let Some(provider) = by_id(providers, row.provider_id) {
            provider.overrides.push(window);
        }
    }
    let [clinic, _, first, last] = params(DAYS_BETWEEN_ZONES);
    let rows: Vec<HolidayRow> = spi.rows_of("holidays", &HOLIDAYS, access, &[clinic, first, last])?;
    let holiday = |row: HolidayRow| Holiday {
        on_date: row.on_date,
        is_yearly: row.is_yearly,
        name: row.name,
        site: row.site_id.map(SiteId),
    };
    let holidays: Vec<_> = rows.into_iter().map(holiday).collect();
    providers.iter_mut().for_each(|provider| provider.holidays.clone_from(&holidays));
    Ok(())
}

/// Gives rooms, sorted by id, their windows, of whatever dates: one that none holds for is closed, one without any is open.
pub fn of_rooms(spi: &Spi, clinic: i64, access: Access, rooms: &mut [Room]) -> Result<()> {
    let params = [param(clinic), None, None, None];
    let found: Vec<WindowRow> = spi.rows_of("room_availability", &OF_ROOMS, access, &params)?;
    for row in found {
        if let Ok(index) = rooms.binary_search_by_key(&Some(RoomId(row.of)), |room| room.id) {
            rooms[index].hours.push(row.window(None));
        }
    }
    Ok(())
}

/// Gives types their windows, of whatever dates, as [`of_rooms`] does.
pub fn of_types(spi: &Spi, clinic: i64, access: Access, types: &mut [AppointmentType]) -> Result<()> {
    let ids: Vec<i64> = types.iter().map(|row| row.id.0).collect();
    let params = [param(clinic), param(ids), None, None];
    let rows: Vec<WindowRow> = spi.rows_of("appointment_type_hours", &OF_TYPES, access, &params)?;
    for row in rows {
        if let Some(of) = types.iter_mut().find(|kind| kind.id.0 == row.of) {
            of.hours.push(row.window(None));
        }
    }
    Ok(())
}

/// What is kept for some types of the time of some providers, or of all.
pub fn reserved(
    spi: &Spi,
    clinic: i64,
    access: Access,
    ids: Option<&[i64]>,
    dates: Dates,
) -> Result<Vec<ReservedWindow>> {
    let params = around(clinic, ids, dates, DAYS_AROUND_RESERVED);
    let rows: Vec<ReservedRow> = spi.rows_of("reserved_windows", &RESERVED, access, &params)?;
    let window = |row: ReservedRow| {
        let weekly =
            weekly(row.day_of_week, (row.start_time, row.end_time), (row.valid_from, row.valid_until));
        let window = OpeningWindow {
            every_weeks: row.every_weeks.into(),
            weeks_of_month: row.weeks_of_month.unwrap_or_default(),
            ..OpeningWindow::every_week(weekly)
        };
        let release = row.release_days.zip(row.release_micros);
        ReservedWindow {
            id: ReservedWindowId(row.id),
            provider: row.provider_id.map(ProviderId),
            window,
            types: row.type_ids.into_iter().map(AppointmentTypeId).zip(row.type_names).collect(),
            release: release.map(|(days, micros)| Before { days: days.into(), micros }),
        }
    };
    Ok(rows.into_iter().map(window).collect())
}

/// The parameters of a query for what holds on some date, so many days before and after the question's, too.
fn around(clinic: i64, ids: Option<&[i64]>, dates: Dates, days: i64) -> [Param; 4] {
    let (first, last) = (add_days(dates.from, -days), add_days(dates.to, days));
    [param(clinic), ids.map(<[i64]>::to_vec).and_then(param), date_param(first), date_param(last)]
}

/// The zone of a window, covering what the clinic's does.
fn zone_of(name: &str, dates: Dates) -> Result<Zone> {
    let margin = Minutes(ZONE_MARGIN_DAYS as i32 * 24 * 60);
    let midnight = |date| Instant(i64::from(date_to_pg_days(date)) * MICROS_PER_DAY);
    zone::of_table(name, "provider_availability", midnight(dates.from) - margin, midnight(dates.to) + margin)
}

fn by_id(providers: &mut [Provider], id: i64) -> Option<&mut Provider> {
    let index = providers.binary_search_by_key(&ProviderId(id), |provider| provider.id).ok()?;
    Some(&mut providers[index])
}
