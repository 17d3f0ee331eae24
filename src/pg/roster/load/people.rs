//! Staff: skills, groups, availability, time off.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pg_clinic_core::ids::{StaffGroupId, StaffId, TimeOffId};
use pg_clinic_core::roster::problem::Staff;
use pg_clinic_core::time::calendar::{add_days, count_days};
use pg_clinic_core::time::interval::{Instant, Span, TIME, union};
use pg_clinic_core::time::windows::{WeeklyWindow, WindowOverride, windows_on};
use pg_clinic_core::time::zone::Zone;

use super::{Asked, MAX_ROWS, MAX_STAFF, bounded};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::spi::{Access, Spi, date_param, instant_param, param, statements};
use crate::pg::platform::values::{open_date, wall_time, window_override};

statements! {
    /// The people who may work, and those who are mentioned, by id.
    STAFF(INT8OID, INT8ARRAYOID, INT8OID) =
        "select id, name, skills, contract_percent, enabled from clinic.staff
         where clinic_id = $1 and (enabled or id = any ($2)) order by id limit $3";
    /// Their groups.
    GROUPS(INT8OID, INT8OID) =
        "select m.staff_id, g.id, g.priority
         from clinic.staff_group_members m
         join clinic.staff_groups g on g.clinic_id = m.clinic_id and g.id = m.group_id
         where m.clinic_id = $1 order by m.staff_id, g.id limit $2";
    /// Weekly windows: all of them, because a person without any is always available.
    AVAILABILITY(INT8OID, INT8OID) =
        "select staff_id, day_of_week, start_time, end_time, valid_from, valid_until
         from clinic.staff_availability where clinic_id = $1 order by staff_id, id limit $2";
    /// Overrides of the dates of a range.
    OVERRIDES(INT8OID, DATEOID, DATEOID, INT8OID) =
        "select staff_id, on_date, start_time, end_time from clinic.availability_overrides
         where clinic_id = $1 and on_date between $2 and $3 and staff_id is not null order by staff_id, id limit $4";
    /// Time off of people and of the clinic that reaches into a span. An open end reads as NULL.
    TIME_OFF(INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID) =
        "select id, staff_id, lower(during), upper(during) from clinic.time_off
         where clinic_id = $1 and provider_id is null and room_id is null and during && tstzrange($2, $3)
         order by id limit $4";
}

/// A shift begins on a date and ends at most 48 hours later: so long after the last date availability counts.
const SHIFT_DAYS: i64 = 3;

/// When somebody can work, by the clock.
#[derive(Default)]
struct Windows {
    weekly: Vec<WeeklyWindow>,
    overrides: Vec<WindowOverride>,
}

/// Reads people.
pub struct Reader<'a> {
    pub spi: &'a Spi,
    pub clinic: i64,
    pub access: Access,
    pub zone: &'a Zone,
    pub asked: &'a Asked<'a>,
}

impl Reader<'_> {
    /// Everybody enabled, and the `mentioned`, by id. Who is left out counts as disabled.
    pub fn staff(&self, mentioned: &BTreeSet<i64>) -> Result<Vec<Staff>> {
        let ids: Vec<i64> = mentioned.iter().copied().collect();
        let params = [param(self.clinic), param(ids), param(MAX_STAFF as i64 + 1)];
        let staff = self.spi.query(&STAFF, self.access, &params, |row| {
            let id: i64 = row.get(0)?;
            Ok(Staff {
                id: StaffId(id),
                name: row.get(1)?,
                skills: row.get(2)?,
                contract_percent: row.get(3)?,
                enabled: row.get::<bool>(4)? && !self.asked.without.contains(&id),
                groups: Vec::new(),
                available: None,
                time_off: Vec::new(),
            })
        })?;
        let mut staff = bounded(staff, "people", MAX_STAFF)?;
        if let Some(missing) = self.asked.without.iter().find(|id| by_id(&mut staff, StaffId(**id)).is_none())
        {
            return Err(ClinicError::new(SqlState::NotFound, format!("staff {missing} does not exist"))
                .detail(format!("Clinic {} has no such row in clinic.staff.", self.clinic))
                .hint("select id, name from clinic.staff lists those there are."));
        }
        self.groups(&mut staff)?;
        self.availability(&mut staff)?;
        self.time_off(&mut staff)?;
        Ok(staff)
    }

    fn groups(&self, staff: &mut [Staff]) -> Result<()> {
        let params = [param(self.clinic), param(MAX_ROWS as i64 + 1)];
        let rows = self.spi.query(&GROUPS, self.access, &params, |row| {
            Ok((StaffId(row.get(0)?), StaffGroupId(row.get(1)?), i64::from(row.get::<i32>(2)?)))
        })?;
        for (id, group, priority) in bounded(rows, "group members", MAX_ROWS)? {
            if let Some(person) = by_id(staff, id) {
                person.groups.push((group, priority));
            }
        }
        Ok(())
    }

    fn availability(&self, staff: &mut [Staff]) -> Result<()> {
        // Windows of the day before reach past midnight.
        let (first, last) = (add_days(self.asked.from, -1), add_days(self.asked.to, SHIFT_DAYS));
        let days = count_days(first, last) as i64;
        for (id, Windows { weekly, overrides }) in self.windows(first, last)? {
            let Some(person) = by_id(staff, id) else { continue };
            let spans = (0..days).flat_map(|day| {
                let date = add_days(first, day);
                if weekly.is_empty() && overrides.iter().all(|row| row.on_date != date) {
                    return self.zone.day(date).into_iter().collect();
                }
                windows_on(self.zone, &weekly, &overrides, date)
            });
            person.available = Some(union(spans.collect()));
        }
        Ok(())
    }

    /// The windows of everybody who has some, or has an override near the dates.
    fn windows(&self, first: NaiveDate, last: NaiveDate) -> Result<BTreeMap<StaffId, Windows>> {
        let limit = param(MAX_ROWS as i64 + 1);
        let weekly = self.spi.query(&AVAILABILITY, self.access, &[param(self.clinic), limit], |row| {
            let window = WeeklyWindow {
                day_of_week: row.get::<i32>(1)? as u8,
                start: wall_time(row, 2)?,
                end: wall_time(row, 3)?,
                valid_from: open_date(row, 4)?,
                valid_until: open_date(row, 5)?,
            };
            Ok((StaffId(row.get(0)?), window))
        })?;
        let params = [param(self.clinic), date_param(first), date_param(last), limit];
        let overrides = self.spi.query(&OVERRIDES, self.access, &params, |row| {
            Ok((StaffId(row.get(0)?), window_override(row)?))
        })?;
        let mut windows: BTreeMap<StaffId, Windows> = BTreeMap::new();
        for (id, window) in bounded(weekly, "rows of availability", MAX_ROWS)? {
            windows.entry(id).or_default().weekly.push(window);
        }
        for (id, row) in bounded(overrides, "overrides of availability", MAX_ROWS)? {
            windows.entry(id).or_default().overrides.push(row);
        }
        Ok(windows)
    }

    fn time_off(&self, staff: &mut [Staff]) -> Result<()> {
        let start = self.zone.day_start(self.asked.from);
        let end = self.zone.day_end(add_days(self.asked.to, SHIFT_DAYS));
        let params =
            [param(self.clinic), instant_param(start), instant_param(end), param(MAX_ROWS as i64 + 1)];
        let rows = self.spi.query(&TIME_OFF, self.access, &params, |row| {
            // NULL is an open end, and i64's ends are the infinities.
            let start = row.micros(2)?.map_or(TIME.start, Instant).max(TIME.start);
            let end = row.micros(3)?.map_or(TIME.end, Instant).min(TIME.end);
            Ok((TimeOffId(row.get(0)?), row.opt::<i64>(1)?.map(StaffId), Span::new(start, end)))
        })?;
        for (id, whose, during) in bounded(rows, "rows of time off", MAX_ROWS)? {
            let Some(during) = during else { continue };
            match whose {
                Some(whose) => {
                    if let Some(person) = by_id(staff, whose) {
                        person.time_off.push((id, during));
                    }
                }
                None => staff.iter_mut().for_each(|person| person.time_off.push((id, during))),
            }
        }
        Ok(())
    }
}

fn by_id(staff: &mut [Staff], id: StaffId) -> Option<&mut Staff> {
    let index = staff.binary_search_by_key(&id, |person| person.id).ok()?;
    Some(&mut staff[index])
}
