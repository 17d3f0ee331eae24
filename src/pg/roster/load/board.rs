//! What a roster's picture shows: shifts with the names people know, who works them, what preferences say of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pg_clinic_core::draw::roster::{Assigned, Fit, Person, Shift};
use pg_clinic_core::ids::{ProviderId, ShiftId, StaffId};
use pg_clinic_core::time::calendar::{add_days, date_from_pg_days, date_to_pg_days};
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY, Span};
use pg_clinic_core::time::zone::Zone;

use crate::pg::platform::clinic::{Opened, check_period, clinic_name};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::spi::{Access, Row, Spi, instant_param, param, statements};

/// Most shifts of one picture: it bounds its memory, and nobody could look at more.
pub const MAX_SHIFTS: usize = 10_000;

statements! {
    /// A plan's kind, status and dates.
    PLAN(INT8OID, INT8OID) =
        "select kind, status, from_date, to_date from clinic.plans where clinic_id = $1 and id = $2";
    /// Shifts that start in a span.
    SHIFTS(INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID) =
        "select s.id, s.kind, s.provider_id, p.name, lower(s.during), upper(s.during), s.staff_needed
         from clinic.shifts s
         left join clinic.providers p on p.clinic_id = s.clinic_id and p.id = s.provider_id
         where s.clinic_id = $1 and s.during && tstzrange($2, $3) and lower(s.during) >= $2
         order by lower(s.during), s.id limit $4";
    /// Who works shifts that start in a span: by a plan, or by the record where none is given.
    ASSIGNED(INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID) =
        "select a.shift_id, a.staff_id, coalesce(bool_or(f.is_preferred), false), coalesce(bool_or(not f.is_preferred), false)
         from (select clinic_id, staff_id, shift_id from clinic.plan_assignments where plan_id = $4
               union all
               select clinic_id, staff_id, shift_id from clinic.assignments where $4 is null) a
         join clinic.shifts s on s.clinic_id = a.clinic_id and s.id = a.shift_id
         left join clinic.preferences f
           on f.clinic_id = a.clinic_id and f.staff_id = a.staff_id and f.provider_id = s.provider_id
         where a.clinic_id = $1 and s.during && tstzrange($2, $3) and lower(s.during) >= $2
         group by a.shift_id, a.staff_id order by a.shift_id, a.staff_id";
    /// All staff, by id.
    STAFF(INT8OID) = "select id, name, enabled from clinic.staff where clinic_id = $1 order by id";
}

/// Which roster.
#[derive(Clone, Copy, Debug)]
pub enum Asked {
    /// A plan.
    Plan(i64),
    /// The record, from a date (`None` = today's week) to a date.
    Record {
        /// First date.
        from: Option<NaiveDate>,
        /// Last date.
        to: Option<NaiveDate>,
    },
}

/// A roster, loaded.
pub struct Roster {
    /// The clinic's name.
    pub clinic: String,
    /// `plan 3, OPTIMAL`, or `record`.
    pub subject: String,
    /// The clinic's time zone.
    pub zone: Zone,
    /// First date.
    pub from: NaiveDate,
    /// Last date.
    pub to: NaiveDate,
    /// Its shifts.
    pub shifts: Vec<Shift>,
    /// Enabled staff, and who is assigned.
    pub people: Vec<Person>,
}

/// Loads it.
pub fn roster(spi: &Spi, opened: &Opened, asked: Asked, today: NaiveDate) -> Result<Roster> {
    let (subject, from, to) = match asked {
        Asked::Plan(id) => plan(spi, opened.clinic, id)?,
        Asked::Record { from, to } => {
            let from = from.unwrap_or(today);
            ("record".to_owned(), from, to.unwrap_or(add_days(from, 6)))
        }
    };
    check_period(from, to, "Ask for a shorter range, several times.")?;
    let midnight = |date: NaiveDate| Instant(i64::from(date_to_pg_days(date)) * MICROS_PER_DAY);
    let zone = opened.settings(midnight(from), midnight(to))?.zone;
    let reach = Span { start: zone.day_start(from), end: zone.day_end(to) };
    let mut shifts = shifts(spi, opened.clinic, &zone, reach)?;
    // Midnight may come twice.
    shifts.retain(|shift| (from..=to).contains(&shift.date));
    let plan = match asked {
        Asked::Plan(id) => Some(id),
        Asked::Record { .. } => None,
    };
    let mut assigned = assigned(spi, opened.clinic, reach, plan)?;
    for shift in &mut shifts {
        shift.assigned = assigned.remove(&shift.id).unwrap_or_default();
    }
    let working: BTreeSet<_> =
        shifts.iter().flat_map(|shift| &shift.assigned).map(|assigned| assigned.staff).collect();
    let people = people(spi, opened.clinic, &working)?;
    let clinic = clinic_name(spi, opened.clinic)?;
    Ok(Roster { clinic, subject, zone, from, to, shifts, people })
}

fn plan(spi: &Spi, clinic: i64, id: i64) -> Result<(String, NaiveDate, NaiveDate)> {
    let damaged = || ClinicError::new(SqlState::Internal, format!("plan {id} has no valid dates"));
    let found = spi.first(&PLAN, Access::Snapshot, &[param(clinic), param(id)], |row| {
        let date = |column| row.pg_days(column)?.and_then(date_from_pg_days).ok_or_else(damaged);
        Ok((row.get::<String>(0)?, row.get::<String>(1)?, date(2)?, date(3)?))
    })?;
    match found {
        Some((kind, status, from, to)) if kind == "roster" => Ok((format!("plan {id}, {status}"), from, to)),
        Some(_) => Err(ClinicError::new(SqlState::WrongState, format!("plan {id} is no plan of a roster"))
            .hint("select id, from_date, to_date from clinic.plans where kind = 'roster' lists those there are.")),
        None => Err(ClinicError::new(SqlState::NotFound, format!("plan {id} does not exist"))
            .detail(format!("Clinic {clinic} has no such row in clinic.plans."))
            .hint("select id, from_date, to_date from clinic.plans where kind = 'roster' lists those there are.")),
    }
}

fn shifts(spi: &Spi, clinic: i64, zone: &Zone, reach: Span) -> Result<Vec<Shift>> {
    let params =
        [param(clinic), instant_param(reach.start), instant_param(reach.end), param(MAX_SHIFTS as i64 + 1)];
    let shifts = spi.query(&SHIFTS, Access::Snapshot, &params, |row| shift(row, zone))?;
    if shifts.len() > MAX_SHIFTS {
        return Err(ClinicError::new(
            SqlState::LimitExceeded,
            format!("at most {MAX_SHIFTS} shifts can be shown at once"),
        )
        .hint("Ask for a shorter range, several times."));
    }
    Ok(shifts)
}

fn shift(row: &Row<'_>, zone: &Zone) -> Result<Shift> {
    let id: i64 = row.get(0)?;
    let damaged = || ClinicError::new(SqlState::Internal, format!("shift {id} has no valid time"));
    let during = Span::new(row.instant(4)?, row.instant(5)?).ok_or_else(damaged)?;
    let provider = row.opt(2)?.map(ProviderId).zip(row.opt(3)?);
    Ok(Shift {
        id: ShiftId(id),
        kind: row.get(1)?,
        provider,
        during,
        date: zone.local_date(during.start),
        staff_needed: row.get::<i32>(6)?.into(),
        assigned: Vec::new(),
    })
}

fn assigned(
    spi: &Spi,
    clinic: i64,
    reach: Span,
    plan: Option<i64>,
) -> Result<BTreeMap<ShiftId, Vec<Assigned>>> {
    let params = [param(clinic), instant_param(reach.start), instant_param(reach.end), plan.and_then(param)];
    let mut assigned: BTreeMap<ShiftId, Vec<Assigned>> = BTreeMap::new();
    spi.execute(&ASSIGNED, Access::Snapshot, &params, 0)?.for_each(|row| {
        let of_shift = assigned.entry(ShiftId(row.get(0)?)).or_default();
        of_shift.push(Assigned { staff: StaffId(row.get(1)?), fit: Fit::of(row.get(2)?, row.get(3)?) });
        Ok(())
    })?;
    Ok(assigned)
}

fn people(spi: &Spi, clinic: i64, working: &BTreeSet<StaffId>) -> Result<Vec<Person>> {
    let staff = spi.query(&STAFF, Access::Snapshot, &[param(clinic)], |row| {
        Ok((Person { id: StaffId(row.get(0)?), name: row.get(1)? }, row.get::<bool>(2)?))
    })?;
    let shown = staff.into_iter().filter(|(person, enabled)| *enabled || working.contains(&person.id));
    Ok(shown.map(|(person, _)| person).collect())
}
