//! Staff: skills, groups, availability, time off.

use std::collections::{BTreeMap, BTreeSet};

use pg_clinic_core::calendar::{WeeklyWindow, Zone, add_days, count_days, weekly_spans};
use pg_clinic_core::ids::{StaffGroupId, StaffId, TimeOffId};
use pg_clinic_core::interval::{Instant, Span, TIME, union};
use pg_clinic_core::roster::problem::Staff;

use super::super::super::error::{ClinicError, Result, SqlState};
use super::super::super::spi::{Access, Spi, instant_param, param, statements};
use super::super::resources::{open_date, wall_time};
use super::{Asked, MAX_ROWS, MAX_STAFF, bounded};

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
    /// Time off of people and of the clinic that reaches into a span. An open end reads as NULL.
    TIME_OFF(INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID) =
        "select id, staff_id, lower(during), upper(during) from clinic.time_off
         where clinic_id = $1 and provider_id is null and room_id is null and during && tstzrange($2, $3)
         order by id limit $4";
}

/// A shift begins on a date and ends at most 48 hours later: so long after the last date availability counts.
const SHIFT_DAYS: i64 = 3;

/// Reads people.
pub(super) struct Reader<'a> {
    pub spi: &'a Spi,
    pub clinic: i64,
    pub access: Access,
    pub zone: &'a Zone,
    pub asked: &'a Asked<'a>,
}

impl Reader<'_> {
    /// Everybody enabled, and the `mentioned`, by id. Who is left out counts as disabled.
    pub(super) fn staff(&self, mentioned: &BTreeSet<i64>) -> Result<Vec<Staff>> {
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
        let params = [param(self.clinic), param(MAX_ROWS as i64 + 1)];
        let rows = self.spi.query(&AVAILABILITY, self.access, &params, |row| {
            let window = WeeklyWindow {
                day_of_week: row.get::<i32>(1)? as u8,
                start: wall_time(row, 2)?,
                end: wall_time(row, 3)?,
                valid_from: open_date(row, 4)?,
                valid_until: open_date(row, 5)?,
            };
            Ok((StaffId(row.get(0)?), window))
        })?;
        let mut windows: BTreeMap<StaffId, Vec<WeeklyWindow>> = BTreeMap::new();
        for (id, window) in bounded(rows, "rows of availability", MAX_ROWS)? {
            windows.entry(id).or_default().push(window);
        }
        // Windows of the day before reach past midnight.
        let first = add_days(self.asked.from, -1);
        let days = count_days(first, add_days(self.asked.to, SHIFT_DAYS)) as i64;
        for (id, windows) in windows {
            if let Some(person) = by_id(staff, id) {
                let spans = (0..days).flat_map(|day| weekly_spans(self.zone, &windows, add_days(first, day)));
                person.available = Some(union(spans.collect()));
            }
        }
        Ok(())
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
