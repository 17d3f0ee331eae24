//! Shifts, the people who work or are planned for them, preferences and requests.

use std::thread::LocalKey;

use chrono::NaiveDate;
use pg_clinic_core::ids::{ProviderId, ShiftId, StaffId};
use pg_clinic_core::plans::LockAction;
use pg_clinic_core::roster::ledger::{Past, past};
use pg_clinic_core::roster::problem::{Lock, Preference, Shift, ShiftRequest, StatedBy, Strength};
use pg_clinic_core::time::calendar::add_days;
use pg_clinic_core::time::interval::{Instant, Span};
use pg_clinic_core::time::zone::Zone;

use super::{KNOWN_DAYS, MAX_ROWS, MAX_SHIFTS, RosterQuery, bounded};
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::{OpenDate, row};
use crate::pg::platform::spi::{Access, Param, Spi, Statement, date_param, instant_param, param, statements};
use crate::pg::platform::values::without_time;

statements! {
    /// The shifts of the dates ($4 to $5), and of the time around them ($2 to $3) those that somebody works, by id.
    SHIFTS(INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID) =
        "select s.id, s.shift_kind, s.provider_id, p.name as provider_name, lower(s.during) as starts_at,
           upper(s.during) as ends_at, s.staff_needed, s.required_skills
         from clinic.shifts s left join clinic.providers p on p.clinic_id = s.clinic_id and p.id = s.provider_id
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
    /// Whether the record has a shift that began before an instant.
    HAS_BEFORE(INT8OID, TIMESTAMPTZOID) =
        "select exists (select from clinic.shifts s
         where s.clinic_id = $1 and s.during && tstzrange(null, $2) and lower(s.during) < $2
           and exists (select from clinic.assignments a where a.clinic_id = s.clinic_id and a.shift_id = s.id))";
    /// A plan's assignments of shifts.
    PLAN_ASSIGNMENTS(INT8OID, INT8OID, INT8OID) =
        "select staff_id, shift_id from clinic.plan_assignments
         where clinic_id = $1 and plan_id = $2 and shift_id is not null order by staff_id, shift_id limit $3";
    /// A plan's locks.
    LOCKS(INT8OID, INT8OID, INT8OID) =
        "select id, action, staff_id, shift_id, from_date, to_date from clinic.locks
         where clinic_id = $1 and plan_id = $2 and visit_id is null order by id limit $3";
    /// Preferences in both directions.
    PREFERENCES(INT8OID, INT8OID) =
        "select staff_id, provider_id, stated_by, is_preferred, strength from clinic.preferences
         where clinic_id = $1 order by staff_id, provider_id, stated_by limit $2";
    /// Shift requests on the dates.
    SHIFT_REQUESTS(INT8OID, DATEOID, DATEOID, INT8OID) =
        "select staff_id, on_date, shift_kind, is_wanted, weight from clinic.shift_requests
         where clinic_id = $1 and on_date between $2 and $3 order by staff_id, on_date, shift_kind limit $4";
    /// The shifts of a stretch of time that somebody has, by the record, by id.
    WORKED_SHIFTS(INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID) =
        "select s.id, s.shift_kind, s.provider_id, null::text as provider_name, lower(s.during) as starts_at,
           upper(s.during) as ends_at, s.staff_needed, s.required_skills
         from clinic.shifts s
         where s.clinic_id = $1 and s.during && tstzrange($2, $3)
           and exists (select from clinic.assignments a where a.clinic_id = s.clinic_id and a.shift_id = s.id)
         order by s.id limit $4";
}

row! {
    /// A shift.
    struct ShiftRow {
        id: i64,
        shift_kind: String,
        provider_id: Option<i64>,
        provider_name: Option<String>,
        starts_at: Instant,
        ends_at: Instant,
        staff_needed: i32,
        required_skills: Vec<String>,
    }
}

row! {
    /// Somebody works, or is to work, a shift.
    struct AssignedRow {
        staff_id: i64,
        shift_id: i64,
    }
}

row! {
    /// A lock of a plan.
    struct LockRow {
        id: i64,
        action: LockAction as "clinic.locks",
        staff_id: Option<i64>,
        shift_id: Option<i64>,
        from_date: OpenDate,
        to_date: OpenDate,
    }
}

row! {
    /// A preference.
    struct PreferenceRow {
        staff_id: i64,
        provider_id: i64,
        stated_by: StatedBy as "clinic.preferences",
        is_preferred: bool,
        strength: Strength as "clinic.preferences",
    }
}

row! {
    /// A shift request.
    struct RequestRow {
        staff_id: i64,
        on_date: NaiveDate,
        shift_kind: Option<String>,
        is_wanted: bool,
        weight: Option<i32>,
    }
}

/// Reads work.
pub struct Reader<'a> {
    pub spi: &'a Spi,
    pub clinic: i64,
    pub access: Access,
    pub zone: &'a Zone,
    pub query: &'a RosterQuery<'a>,
    pub window: (NaiveDate, NaiveDate),
}

/// The record, split at the dates.
pub struct Assigned {
    pub of_dates: Vec<(StaffId, ShiftId)>,
    pub worked: Vec<(StaffId, ShiftId)>,
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
            instant_param(self.zone.day_start(self.query.from)),
            instant_param(self.zone.day_end(self.query.to)),
            param(MAX_SHIFTS as i64 + 1),
        ];
        let shifts = bounded(self.spi.rows(&SHIFTS, self.access, &params)?, "shifts", MAX_SHIFTS)?;
        let mut shifts = shifts.into_iter().map(|row| self.shift(row)).collect::<Result<Vec<_>>>()?;
        // A shift that reaches into the first date of the window began before it.
        shifts.retain(|shift| shift.date >= first && shift.date <= last);
        Ok(shifts)
    }

    fn shift(&self, row: ShiftRow) -> Result<Shift> {
        let during =
            Span::new(row.starts_at, row.ends_at).ok_or_else(|| without_time("shift", "shifts", row.id))?;
        let (kind, provider) = (row.shift_kind, row.provider_id.map(ProviderId));
        let date = self.zone.local_date(during.start);
        let (start, end) = (self.zone.wall_time(during.start), self.zone.wall_time(during.end));
        Ok(Shift {
            id: ShiftId(row.id),
            label: Shift::label_of(date, start, end, provider.zip(row.provider_name.as_deref()), &kind),
            kind,
            provider,
            during,
            date,
            staff_needed: i64::from(row.staff_needed),
            required_skills: row.required_skills,
        })
    }

    /// The first date from which on the record is complete, as far as the window reaches: that of its first assignment. Where it
    /// has nothing before the dates, they are the first that is known.
    pub fn known_from(&self, shifts: &[Shift], worked: &[(StaffId, ShiftId)]) -> Result<NaiveDate> {
        let first = self.window.0;
        let params = [param(self.clinic), instant_param(self.zone.day_start(first))];
        if self.spi.value(&HAS_BEFORE, self.access, &params)? == Some(true) {
            return Ok(first);
        }
        let of_shift = |id: &ShiftId| shifts.binary_search_by_key(id, |shift| shift.id).ok();
        let dates = worked.iter().filter_map(|(_, id)| of_shift(id)).map(|at| shifts[at].date);
        Ok(dates.min().map_or(self.query.from, |date| date.min(self.query.from)))
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
        let mut assigned = Assigned { of_dates: Vec::new(), worked: Vec::new(), is_known_after: false };
        let RosterQuery { from, to, .. } = *self.query;
        for (staff, shift) in self.pairs(&RECORD, &params)? {
            let Ok(index) = shifts.binary_search_by_key(&shift, |shift| shift.id) else { continue };
            let date = shifts[index].date;
            if date >= from && date <= to {
                assigned.of_dates.push((staff, shift));
                continue;
            }
            assigned.worked.push((staff, shift));
            assigned.is_known_after |= date > to && date <= add_days(to, KNOWN_DAYS);
        }
        Ok(assigned)
    }

    /// The assignments of a plan.
    pub fn plan_assignments(&self, plan: i64) -> Result<Vec<(StaffId, ShiftId)>> {
        self.pairs(&PLAN_ASSIGNMENTS, &[param(self.clinic), param(plan), param(MAX_ROWS as i64 + 1)])
    }

    fn pairs(
        &self,
        statement: &'static LocalKey<Statement>,
        params: &[Param],
    ) -> Result<Vec<(StaffId, ShiftId)>> {
        let rows: Vec<AssignedRow> = self.spi.rows(statement, self.access, params)?;
        let pairs = rows.iter().map(|row| (StaffId(row.staff_id), ShiftId(row.shift_id)));
        bounded(pairs.collect(), "assignments", MAX_ROWS)
    }

    /// The locks of the query's plan.
    pub fn locks(&self) -> Result<Vec<Lock>> {
        let Some(plan) = self.query.plan else { return Ok(Vec::new()) };
        let params = [param(self.clinic), param(plan), param(MAX_ROWS as i64 + 1)];
        let rows: Vec<LockRow> = self.spi.rows(&LOCKS, self.access, &params)?;
        let locks = rows.into_iter().map(|row| Lock {
            id: row.id,
            action: row.action,
            staff: row.staff_id.map(StaffId),
            shift: row.shift_id.map(ShiftId),
            from: row.from_date.0,
            to: row.to_date.0,
        });
        bounded(locks.collect(), "locks", MAX_ROWS)
    }

    /// Shift requests on the dates.
    pub fn shift_requests(&self) -> Result<Vec<ShiftRequest>> {
        let RosterQuery { from, to, .. } = *self.query;
        let params = [param(self.clinic), date_param(from), date_param(to), param(MAX_ROWS as i64 + 1)];
        let rows: Vec<RequestRow> = self.spi.rows(&SHIFT_REQUESTS, self.access, &params)?;
        let requests = rows.into_iter().map(|row| ShiftRequest {
            staff: StaffId(row.staff_id),
            date: row.on_date,
            shift_kind: row.shift_kind,
            is_wanted: row.is_wanted,
            weight: row.weight.map(i64::from),
        });
        bounded(requests.collect(), "shift requests", MAX_ROWS)
    }

    /// The shifts of the dates that somebody has, with who has them.
    pub fn past(&self) -> Result<Vec<Past>> {
        let RosterQuery { from, to, .. } = *self.query;
        let stretch = [
            param(self.clinic),
            instant_param(self.zone.day_start(from)),
            instant_param(self.zone.day_end(to)),
            param(MAX_ROWS as i64 + 1),
        ];
        let rows = bounded(self.spi.rows(&WORKED_SHIFTS, self.access, &stretch)?, "shifts", MAX_ROWS)?;
        let mut shifts = rows.into_iter().map(|row| self.shift(row)).collect::<Result<Vec<_>>>()?;
        shifts.retain(|shift| shift.date >= from && shift.date <= to);
        if shifts.is_empty() {
            return Ok(Vec::new());
        }
        let record = self.pairs(&RECORD, &stretch)?;
        Ok(past(&shifts, &record))
    }
}

/// Preferences in both directions.
pub fn preferences(spi: &Spi, clinic: i64, access: Access) -> Result<Vec<Preference>> {
    let params = [param(clinic), param(MAX_ROWS as i64 + 1)];
    let rows: Vec<PreferenceRow> = spi.rows(&PREFERENCES, access, &params)?;
    let preferences = rows.into_iter().map(|row| Preference {
        staff: StaffId(row.staff_id),
        provider: ProviderId(row.provider_id),
        stated_by: row.stated_by,
        is_preferred: row.is_preferred,
        is_strong: row.strength == Strength::Strong,
    });
    bounded(preferences.collect(), "preferences", MAX_ROWS)
}
