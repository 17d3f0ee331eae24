//! Shifts, who works or is planned for them, and what people want.

use std::thread::LocalKey;

use chrono::NaiveDate;
use pg_clinic_core::ids::{ProviderId, ShiftId, StaffId};
use pg_clinic_core::plans::LockAction;
use pg_clinic_core::roster::problem::{Lock, Preference, Shift, StatedBy, Wish};
use pg_clinic_core::time::calendar::{add_days, count_days, date_from_pg_days};
use pg_clinic_core::time::interval::Span;
use pg_clinic_core::time::zone::Zone;

use super::{Asked, KNOWN_DAYS, MAX_ROWS, MAX_SHIFTS, bounded};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::spi::{
    Access, Param, Row, Spi, Statement, date_param, instant_param, param, statements,
};
use crate::pg::platform::values::open_date;

statements! {
    /// The shifts of the dates ($4 to $5), and of the time around them ($2 to $3) those that somebody works, by id.
    SHIFTS(INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID) =
        "select s.id, s.kind, s.provider_id, lower(s.during), upper(s.during), s.staff_needed, s.required_skills
         from clinic.shifts s
         where s.clinic_id = $1 and s.during && tstzrange($2, $3)
           and (lower(s.during) >= $4 and lower(s.during) < $5
             or exists (select from clinic.assignments a where a.clinic_id = s.clinic_id and a.shift_id = s.id))
         order by s.id limit $6";
    /// The record of a stretch of time.
    RECORD(INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID) =
        "select a.staff_id, a.shift_id
         from clinic.assignments a join clinic.shifts s on s.clinic_id = a.clinic_id and s.id = a.shift_id
         where s.clinic_id = $1 and s.during && tstzrange($2, $3)
         order by a.staff_id, a.shift_id limit $4";
    /// A plan's assignments.
    PLAN_ASSIGNMENTS(INT8OID, INT8OID, INT8OID) =
        "select staff_id, shift_id from clinic.plan_assignments
         where clinic_id = $1 and plan_id = $2 order by staff_id, shift_id limit $3";
    /// A plan's locks.
    LOCKS(INT8OID, INT8OID, INT8OID) =
        "select id, action, staff_id, shift_id, from_date, to_date from clinic.locks
         where clinic_id = $1 and plan_id = $2 and visit_id is null order by id limit $3";
    /// Preferences in both directions.
    PREFERENCES(INT8OID, INT8OID) =
        "select staff_id, provider_id, stated_by, is_preferred, strength from clinic.preferences
         where clinic_id = $1 order by staff_id, provider_id, stated_by limit $2";
    /// Wishes on the dates.
    WISHES(INT8OID, DATEOID, DATEOID, INT8OID) =
        "select staff_id, on_date, shift_kind, is_wanted, weight from clinic.wishes
         where clinic_id = $1 and on_date between $2 and $3 order by staff_id, on_date, shift_kind limit $4";
    /// How often each person worked with a preferred provider in a stretch of time.
    MATCHES(INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID) =
        "select a.staff_id, count(*)
         from clinic.assignments a join clinic.shifts s on s.clinic_id = a.clinic_id and s.id = a.shift_id
         where s.clinic_id = $1 and s.during && tstzrange($2, $3)
           and lower(s.during) >= $2 and lower(s.during) < $3
           and exists (select from clinic.preferences p
             where p.clinic_id = a.clinic_id and p.staff_id = a.staff_id and p.provider_id = s.provider_id
               and p.is_preferred)
         group by a.staff_id order by a.staff_id limit $4";
}

/// Reads work.
pub struct Reader<'a> {
    pub spi: &'a Spi,
    pub clinic: i64,
    pub access: Access,
    pub zone: &'a Zone,
    pub asked: &'a Asked<'a>,
    pub window: (NaiveDate, NaiveDate),
}

/// The record, split at the dates.
pub struct Assigned {
    pub of_dates: Vec<(StaffId, ShiftId)>,
    pub worked: Vec<(StaffId, ShiftId)>,
    pub is_known_before: bool,
    pub is_known_after: bool,
}

impl Reader<'_> {
    /// The shifts of the dates, and those around them that are worked, by id.
    pub fn shifts(&self) -> Result<Vec<Shift>> {
        let (first, last) = self.window;
        let params = [
            param(self.clinic),
            instant_param(self.zone.day_start(first)),
            instant_param(self.zone.day_end(last)),
            instant_param(self.zone.day_start(self.asked.from)),
            instant_param(self.zone.day_end(self.asked.to)),
            param(MAX_SHIFTS as i64 + 1),
        ];
        let shifts = self.spi.query(&SHIFTS, self.access, &params, |row| self.shift(row))?;
        let mut shifts = bounded(shifts, "shifts", MAX_SHIFTS)?;
        // A shift that reaches into the first date of the window began before it.
        shifts.retain(|shift| shift.date >= first && shift.date <= last);
        Ok(shifts)
    }

    fn shift(&self, row: &Row<'_>) -> Result<Shift> {
        let id: i64 = row.get(0)?;
        let during = Span::new(row.instant(3)?, row.instant(4)?)
            .ok_or_else(|| ClinicError::new(SqlState::Internal, format!("shift {id} has no valid time")))?;
        let (kind, provider): (String, _) = (row.get(1)?, row.opt(2)?.map(ProviderId));
        let date = self.zone.local_date(during.start);
        let (start, end) = (self.zone.wall_time(during.start), self.zone.wall_time(during.end));
        Ok(Shift {
            id: ShiftId(id),
            label: Shift::label_of(date, start, end, provider, &kind),
            kind,
            provider,
            during,
            date,
            staff_needed: i64::from(row.get::<i32>(5)?),
            required_skills: row.get(6)?,
        })
    }

    /// The record of the window.
    pub fn record(&self, shifts: &[Shift]) -> Result<Assigned> {
        let (first, last) = self.window;
        let params = [
            param(self.clinic),
            instant_param(self.zone.day_start(first)),
            instant_param(self.zone.day_end(last)),
            param(MAX_ROWS as i64 + 1),
        ];
        let mut assigned = Assigned {
            of_dates: Vec::new(),
            worked: Vec::new(),
            is_known_before: false,
            is_known_after: false,
        };
        let Asked { from, to, .. } = *self.asked;
        for (staff, shift) in self.pairs(&RECORD, &params)? {
            let Ok(index) = shifts.binary_search_by_key(&shift, |shift| shift.id) else { continue };
            let date = shifts[index].date;
            if date >= from && date <= to {
                assigned.of_dates.push((staff, shift));
                continue;
            }
            assigned.worked.push((staff, shift));
            assigned.is_known_before |= date < from && date >= add_days(from, -KNOWN_DAYS);
            assigned.is_known_after |= date > to && date <= add_days(to, KNOWN_DAYS);
        }
        Ok(assigned)
    }

    /// What a plan assigns.
    pub fn plan_assignments(&self, plan: i64) -> Result<Vec<(StaffId, ShiftId)>> {
        self.pairs(&PLAN_ASSIGNMENTS, &[param(self.clinic), param(plan), param(MAX_ROWS as i64 + 1)])
    }

    fn pairs(
        &self,
        statement: &'static LocalKey<Statement>,
        params: &[Param],
    ) -> Result<Vec<(StaffId, ShiftId)>> {
        let rows = self
            .spi
            .query(statement, self.access, params, |row| Ok((StaffId(row.get(0)?), ShiftId(row.get(1)?))))?;
        bounded(rows, "assignments", MAX_ROWS)
    }

    /// The locks of the plan that asks.
    pub fn locks(&self) -> Result<Vec<Lock>> {
        let Some(plan) = self.asked.plan else { return Ok(Vec::new()) };
        let params = [param(self.clinic), param(plan), param(MAX_ROWS as i64 + 1)];
        let locks = self.spi.query(&LOCKS, self.access, &params, |row| {
            let action = match row.get::<&str>(1)? {
                "assign" => LockAction::Assign,
                "forbid" => LockAction::Forbid,
                _ => LockAction::Keep,
            };
            Ok(Lock {
                id: row.get(0)?,
                action,
                staff: row.opt(2)?.map(StaffId),
                shift: row.opt(3)?.map(ShiftId),
                from: open_date(row, 4)?,
                to: open_date(row, 5)?,
            })
        })?;
        bounded(locks, "locks", MAX_ROWS)
    }

    /// Preferences in both directions.
    pub fn preferences(&self) -> Result<Vec<Preference>> {
        let params = [param(self.clinic), param(MAX_ROWS as i64 + 1)];
        let rows = self.spi.query(&PREFERENCES, self.access, &params, |row| {
            Ok(Preference {
                staff: StaffId(row.get(0)?),
                provider: ProviderId(row.get(1)?),
                stated_by: if row.get::<&str>(2)? == "provider" {
                    StatedBy::Provider
                } else {
                    StatedBy::Staff
                },
                is_preferred: row.get(3)?,
                is_strong: row.get::<&str>(4)? == "strong",
            })
        })?;
        bounded(rows, "preferences", MAX_ROWS)
    }

    /// Wishes on the dates.
    pub fn wishes(&self) -> Result<Vec<Wish>> {
        let Asked { from, to, .. } = *self.asked;
        let params = [param(self.clinic), date_param(from), date_param(to), param(MAX_ROWS as i64 + 1)];
        let rows = self.spi.query(&WISHES, self.access, &params, |row| {
            Ok(Wish {
                staff: StaffId(row.get(0)?),
                date: date(row, 1)?,
                shift_kind: row.opt(2)?,
                is_wanted: row.get(3)?,
                weight: row.opt::<i32>(4)?.map(i64::from),
            })
        })?;
        bounded(rows, "wishes", MAX_ROWS)
    }

    /// Preferred matches in the equally long period before the dates.
    pub fn previous_matches(&self) -> Result<Vec<(StaffId, i64)>> {
        let Asked { from, to, .. } = *self.asked;
        let first = add_days(from, -(count_days(from, to) as i64));
        let params = [
            param(self.clinic),
            instant_param(self.zone.day_start(first)),
            instant_param(self.zone.day_start(from)),
            param(MAX_ROWS as i64 + 1),
        ];
        let rows = self
            .spi
            .query(&MATCHES, self.access, &params, |row| Ok((StaffId(row.get(0)?), row.get::<i64>(1)?)))?;
        bounded(rows, "people", MAX_ROWS)
    }
}

fn date(row: &Row<'_>, column: usize) -> Result<NaiveDate> {
    row.pg_days(column)?
        .and_then(date_from_pg_days)
        .ok_or_else(|| ClinicError::new(SqlState::Internal, "a date in schema clinic is out of range"))
}
