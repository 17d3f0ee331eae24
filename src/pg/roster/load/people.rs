//! Staff: skills, groups, availability, time off.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pg_clinic_core::ids::{StaffGroupId, StaffId, TimeOffId};
use pg_clinic_core::roster::problem::Staff;
use pg_clinic_core::time::calendar::WallTime;
use pg_clinic_core::time::calendar::{add_days, count_days};
use pg_clinic_core::time::interval::{Instant, Span, TIME, union};
use pg_clinic_core::time::windows::{WeeklyWindow, WindowOverride, windows_on};
use pg_clinic_core::time::zone::Zone;

use super::{MAX_ROWS, MAX_STAFF, RosterQuery, bounded};
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::{OpenDate, Unbounded, row};
use crate::pg::platform::spi::{Access, Spi, date_param, instant_param, param, statements};
use crate::pg::platform::values::missing_row;

statements! {
    /// The people who may work, and those who are mentioned, by id.
    STAFF(INT8OID, INT8ARRAYOID, INT8OID) =
        "select id, name, skills, contract_percent, enabled from clinic.staff
         where clinic_id = $1 and (enabled or id = any ($2)) order by id limit $3";
    /// Their groups.
    GROUPS(INT8OID, INT8OID) =
        "select m.staff_id, m.group_id, g.priority
         from clinic.staff_group_members m
         join clinic.staff_groups g on g.clinic_id = m.clinic_id and g.id = m.group_id
         where m.clinic_id = $1 order by m.staff_id, m.group_id limit $2";
    /// Weekly windows: all of them, because a person without any is always available.
    AVAILABILITY(INT8OID, INT8OID) =
        "select staff_id, day_of_week, start_time, end_time, valid_from, valid_until
         from clinic.staff_availability where clinic_id = $1 order by staff_id, id limit $2";
    /// Overrides of the dates of a range.
    OVERRIDES(INT8OID, DATEOID, DATEOID, INT8OID) =
        "select staff_id, on_date, start_time, end_time from clinic.availability_overrides
         where clinic_id = $1 and on_date between $2 and $3 and staff_id is not null order by staff_id, id limit $4";
    /// Time off of people and of the clinic that reaches into a span. An open end is NULL.
    TIME_OFF(INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID) =
        "select id, staff_id, lower(during) as starts_at, upper(during) as ends_at from clinic.time_off
         where clinic_id = $1 and provider_id is null and room_id is null and resource_id is null and during && tstzrange($2, $3)
         order by id limit $4";
}

/// The days after the last date whose availability counts: a shift begins on a date and ends at most 48 hours later.
const SHIFT_DAYS: i64 = 3;

row! {
    /// A person.
    struct StaffRow {
        id: i64,
        name: String,
        skills: Vec<String>,
        contract_percent: i32,
        enabled: bool,
    }
}

row! {
    /// A person's group.
    struct GroupRow {
        staff_id: i64,
        group_id: i64,
        priority: i32,
    }
}

row! {
    /// A weekly window.
    struct WindowRow {
        staff_id: i64,
        day_of_week: i32,
        start_time: WallTime,
        end_time: WallTime,
        valid_from: OpenDate,
        valid_until: OpenDate,
    }
}

row! {
    /// An override of a date.
    struct OverrideRow {
        staff_id: i64,
        on_date: NaiveDate,
        start_time: Option<WallTime>,
        end_time: Option<WallTime>,
    }
}

row! {
    /// A row of time off.
    struct TimeOffRow {
        id: i64,
        staff_id: Option<i64>,
        starts_at: Option<Unbounded>,
        ends_at: Option<Unbounded>,
    }
}

/// The windows in which somebody can work, by the clock.
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
    pub query: &'a RosterQuery<'a>,
}

impl Reader<'_> {
    /// Everybody enabled, and the `mentioned`, by id. Who is left out counts as disabled.
    pub fn staff(&self, mentioned: &BTreeSet<i64>) -> Result<Vec<Staff>> {
        let ids: Vec<i64> = mentioned.iter().copied().collect();
        let params = [param(self.clinic), param(ids), param(MAX_STAFF as i64 + 1)];
        let staff: Vec<StaffRow> = self.spi.rows(&STAFF, self.access, &params)?;
        let staff = staff.into_iter().map(|row| Staff {
            id: StaffId(row.id),
            name: row.name,
            skills: row.skills,
            contract_percent: row.contract_percent,
            enabled: row.enabled && !self.query.without.contains(&row.id),
            groups: Vec::new(),
            available: None,
            time_off: Vec::new(),
        });
        let mut staff = bounded(staff.collect(), "people", MAX_STAFF)?;
        if let Some(missing) = self.query.without.iter().find(|id| by_id(&mut staff, StaffId(**id)).is_none())
        {
            return Err(missing_row("staff", "staff", "name", self.clinic, *missing));
        }
        self.groups(&mut staff)?;
        self.availability(&mut staff)?;
        self.time_off(&mut staff)?;
        Ok(staff)
    }

    fn groups(&self, staff: &mut [Staff]) -> Result<()> {
        let params = [param(self.clinic), param(MAX_ROWS as i64 + 1)];
        let rows: Vec<GroupRow> = self.spi.rows(&GROUPS, self.access, &params)?;
        for GroupRow { staff_id, group_id, priority } in bounded(rows, "group members", MAX_ROWS)? {
            if let Some(person) = by_id(staff, StaffId(staff_id)) {
                person.groups.push((StaffGroupId(group_id), i64::from(priority)));
            }
        }
        Ok(())
    }

    fn availability(&self, staff: &mut [Staff]) -> Result<()> {
        // Windows of the day before reach past midnight.
        let (first, last) = (add_days(self.query.from, -1), add_days(self.query.to, SHIFT_DAYS));
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
        let weekly: Vec<WindowRow> =
            self.spi.rows(&AVAILABILITY, self.access, &[param(self.clinic), limit])?;
        let params = [param(self.clinic), date_param(first), date_param(last), limit];
        let overrides: Vec<OverrideRow> = self.spi.rows(&OVERRIDES, self.access, &params)?;
        let mut windows: BTreeMap<StaffId, Windows> = BTreeMap::new();
        for row in bounded(weekly, "rows of availability", MAX_ROWS)? {
            windows.entry(StaffId(row.staff_id)).or_default().weekly.push(WeeklyWindow {
                day_of_week: row.day_of_week as u8,
                start: row.start_time,
                end: row.end_time,
                valid_from: row.valid_from.0,
                valid_until: row.valid_until.0,
            });
        }
        for row in bounded(overrides, "overrides of availability", MAX_ROWS)? {
            let window = row.start_time.zip(row.end_time);
            let of_person = windows.entry(StaffId(row.staff_id)).or_default();
            of_person.overrides.push(WindowOverride { on_date: row.on_date, window });
        }
        Ok(windows)
    }

    fn time_off(&self, staff: &mut [Staff]) -> Result<()> {
        let start = self.zone.day_start(self.query.from);
        let end = self.zone.day_end(add_days(self.query.to, SHIFT_DAYS));
        let params =
            [param(self.clinic), instant_param(start), instant_param(end), param(MAX_ROWS as i64 + 1)];
        let rows: Vec<TimeOffRow> = self.spi.rows(&TIME_OFF, self.access, &params)?;
        for row in bounded(rows, "rows of time off", MAX_ROWS)? {
            // NULL is an open end, and i64's ends are the infinities.
            let start = row.starts_at.map_or(TIME.start, |at| Instant(at.0)).max(TIME.start);
            let end = row.ends_at.map_or(TIME.end, |at| Instant(at.0)).min(TIME.end);
            let Some(during) = Span::new(start, end) else { continue };
            let time_off = (TimeOffId(row.id), during);
            match row.staff_id {
                Some(whose) => {
                    if let Some(person) = by_id(staff, StaffId(whose)) {
                        person.time_off.push(time_off);
                    }
                }
                None => staff.iter_mut().for_each(|person| person.time_off.push(time_off)),
            }
        }
        Ok(())
    }
}

fn by_id(staff: &mut [Staff], id: StaffId) -> Option<&mut Staff> {
    let index = staff.binary_search_by_key(&id, |person| person.id).ok()?;
    Some(&mut staff[index])
}
