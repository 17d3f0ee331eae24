//! Reads a roster for its picture: shifts with the names people know, the people who work them, and their preferences.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use pg_clinic_core::draw::roster::{Assigned, Fit, Person, Shift};
use pg_clinic_core::ids::{ProviderId, ShiftId, StaffId};
use pg_clinic_core::plans::{PlanKind, PlanStatus};
use pg_clinic_core::time::calendar::{add_days, date_to_pg_days};
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY, Span};
use pg_clinic_core::time::zone::Zone;

use crate::pg::platform::clinic::{Opened, check_period, clinic_name};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, instant_param, param, statements};
use crate::pg::platform::values::without_time;

/// Most shifts of one picture: it bounds its memory, and nobody could look at more.
pub const MAX_SHIFTS: usize = 10_000;

statements! {
    /// A plan's kind, status and dates.
    PLAN(INT8OID, INT8OID) =
        "select kind, status, from_date, to_date from clinic.plans where clinic_id = $1 and id = $2";
    /// Shifts that start in a span.
    SHIFTS(INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID) =
        "select s.id, s.shift_kind, s.provider_id, p.name as provider_name, lower(s.during) as starts_at,
           upper(s.during) as ends_at, s.staff_needed
         from clinic.shifts s
         left join clinic.providers p on p.clinic_id = s.clinic_id and p.id = s.provider_id
         where s.clinic_id = $1 and s.during && tstzrange($2, $3) and lower(s.during) >= $2
         order by lower(s.during), s.id limit $4";
    /// The people on shifts that start in a span: by a plan, or by the record where none is given.
    ASSIGNED(INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT8OID) =
        "select a.shift_id, a.staff_id, coalesce(bool_or(f.is_preferred), false) as is_preferred,
           coalesce(bool_or(not f.is_preferred), false) as is_non_preferred
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

row! {
    /// A plan.
    struct PlanRow {
        kind: PlanKind as "clinic.plans",
        status: PlanStatus as "clinic.plans",
        from_date: NaiveDate,
        to_date: NaiveDate,
    }
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
    }
}

row! {
    /// Somebody works a shift.
    struct AssignedRow {
        shift_id: i64,
        staff_id: i64,
        is_preferred: bool,
        is_non_preferred: bool,
    }
}

row! {
    /// A person.
    struct StaffRow {
        id: i64,
        name: String,
        enabled: bool,
    }
}

/// The roster of a picture.
#[derive(Clone, Copy, Debug)]
pub enum BoardQuery {
    /// A plan.
    Plan(i64),
    /// The record, from a date (`None` = today) to a date (`None` = six days later).
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

/// Loads a roster.
pub fn roster(spi: &Spi, opened: &Opened, query: BoardQuery, today: NaiveDate) -> Result<Roster> {
    let (subject, from, to) = match query {
        BoardQuery::Plan(id) => plan(spi, opened.clinic, id)?,
        BoardQuery::Record { from, to } => {
            let from = from.unwrap_or(today);
            ("record".to_owned(), from, to.unwrap_or(add_days(from, 6)))
        }
    };
    check_period(from, to, "Show a shorter range, several times.")?;
    let midnight = |date: NaiveDate| Instant(i64::from(date_to_pg_days(date)) * MICROS_PER_DAY);
    let zone = opened.settings(midnight(from), midnight(to))?.zone;
    let reach = Span { start: zone.day_start(from), end: zone.day_end(to) };
    let mut shifts = shifts(spi, opened.clinic, &zone, reach)?;
    // Midnight may come twice.
    shifts.retain(|shift| (from..=to).contains(&shift.date));
    let plan = match query {
        BoardQuery::Plan(id) => Some(id),
        BoardQuery::Record { .. } => None,
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
    let found: Option<PlanRow> = spi.row(&PLAN, Access::Snapshot, &[param(clinic), param(id)])?;
    match found {
        Some(PlanRow { kind: PlanKind::Roster, status, from_date, to_date }) => {
            Ok((format!("plan {id}, {status}"), from_date, to_date))
        }
        Some(PlanRow { kind: PlanKind::Rounds, .. }) => Err(ClinicError::new(SqlState::WrongState, format!("plan {id} is no plan of a roster"))
            .hint("select id, from_date, to_date from clinic.plans where kind = 'roster' lists those there are.")),
        None => Err(ClinicError::new(SqlState::NotFound, format!("plan {id} does not exist"))
            .detail(format!("Clinic {clinic} has no such row in clinic.plans."))
            .hint("select id, from_date, to_date from clinic.plans where kind = 'roster' lists those there are.")),
    }
}

fn shifts(spi: &Spi, clinic: i64, zone: &Zone, reach: Span) -> Result<Vec<Shift>> {
    let params =
        [param(clinic), instant_param(reach.start), instant_param(reach.end), param(MAX_SHIFTS as i64 + 1)];
    let shifts: Vec<ShiftRow> = spi.rows(&SHIFTS, Access::Snapshot, &params)?;
    if shifts.len() > MAX_SHIFTS {
        return Err(ClinicError::new(
            SqlState::LimitExceeded,
            format!("at most {MAX_SHIFTS} shifts can be shown at once"),
        )
        .hint("Show a shorter range, several times."));
    }
    shifts.into_iter().map(|row| shift(row, zone)).collect()
}

fn shift(row: ShiftRow, zone: &Zone) -> Result<Shift> {
    let damaged = || without_time("shift", "shifts", row.id);
    let during = Span::new(row.starts_at, row.ends_at).ok_or_else(damaged)?;
    Ok(Shift {
        id: ShiftId(row.id),
        kind: row.shift_kind,
        provider: row.provider_id.map(ProviderId).zip(row.provider_name),
        during,
        date: zone.local_date(during.start),
        staff_needed: row.staff_needed.into(),
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
    for row in spi.rows::<AssignedRow>(&ASSIGNED, Access::Snapshot, &params)? {
        let fit = Fit::of(row.is_preferred, row.is_non_preferred);
        let of_shift = assigned.entry(ShiftId(row.shift_id)).or_default();
        of_shift.push(Assigned { staff: StaffId(row.staff_id), fit });
    }
    Ok(assigned)
}

fn people(spi: &Spi, clinic: i64, working: &BTreeSet<StaffId>) -> Result<Vec<Person>> {
    let staff: Vec<StaffRow> = spi.rows(&STAFF, Access::Snapshot, &[param(clinic)])?;
    let shown = staff.into_iter().filter(|row| row.enabled || working.contains(&StaffId(row.id)));
    Ok(shown.map(|row| Person { id: StaffId(row.id), name: row.name }).collect())
}
