//! Reads the rows of a question about a roster: the people with their days, the shifts, and the work around the dates.
//! Must never decide what a rule means: that is the core's.

pub mod board;
pub mod ledger;
mod people;
mod plan;
pub mod rules;
pub mod shifts;
mod work;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use pg_clinic_core::fingerprint::Hasher;
use pg_clinic_core::ids::{PlanId, ShiftId, StaffId};
use pg_clinic_core::roster::fingerprint::shifts_hash;
use pg_clinic_core::roster::problem::{Problem, Staff};
use pg_clinic_core::time::calendar::{add_days, date_to_pg_days};
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY};
use pg_clinic_core::time::zone::Zone;

use crate::pg::platform::clinic::{Opened, check_period};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::spi::{Access, Spi};

pub use plan::{Plan, any_plan, plan, plan_problem};
pub use work::preferences;

/// Most shifts that a question may reach: those of its dates, and those worked around them.
pub const MAX_SHIFTS: usize = 10_000;
/// Most people.
pub const MAX_STAFF: usize = 2_000;
/// Most pairs of a person and a shift that a solver looks at. It can't be broken off while it sets up its model: with more
/// that takes too long, and too much memory.
pub const MAX_PAIRS: usize = 400_000;
/// Rows of any other kind that a question may reach, each kind for itself.
pub const MAX_ROWS: usize = 200_000;

/// Work is looked at this far around the dates, and farther where a rule asks for it.
const LEAST_REACH_DAYS: i64 = 14;
/// The record counts as complete for this many days after the dates, where it has anything there. What lies before is complete from
/// its first day on.
const KNOWN_DAYS: i64 = 7;

/// The assignments that a plan stays close to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The record of its dates.
    Record,
    /// Another plan.
    Plan(i64),
}

/// The part of a clinic's rows that a question about a roster needs.
#[derive(Clone, Copy, Debug)]
pub struct RosterQuery<'a> {
    /// First date.
    pub from: NaiveDate,
    /// Last date.
    pub to: NaiveDate,
    /// The plan whose locks and overrides hold; `None` for the record.
    pub plan: Option<i64>,
    /// The assignments to keep.
    pub reference: Reference,
    /// People left out.
    pub without: &'a [i64],
    /// Which rows are seen.
    pub access: Access,
}

impl RosterQuery<'_> {
    /// The record of some dates.
    #[must_use]
    pub const fn record(from: NaiveDate, to: NaiveDate, access: Access) -> Self {
        Self { from, to, plan: None, reference: Reference::Record, without: &[], access }
    }
}

/// A problem with the record of its dates.
pub struct Loaded {
    /// The problem that the core judges.
    pub problem: Problem,
    /// The record's assignments on the dates.
    pub record: Vec<(StaffId, ShiftId)>,
}

/// Loads a problem.
pub fn problem(spi: &Spi, opened: &Opened, query: &RosterQuery<'_>) -> Result<Loaded> {
    check_period(query.from, query.to, "Plan a shorter period, several times.")?;
    let rules = rules::rules(spi, opened.clinic, query.access)?;
    let window = rules.reach(query.from, query.to, LEAST_REACH_DAYS);
    let zone = zone(opened, window)?;
    let read = work::Reader { spi, clinic: opened.clinic, access: query.access, zone: &zone, query, window };
    let shifts = read.shifts()?;
    let assigned = read.record(&shifts)?;
    let reference = match query.reference {
        Reference::Record => assigned.of_dates.clone(),
        Reference::Plan(plan) => read.plan_assignments(plan)?,
    };
    let locks = read.locks()?;
    let mut mentioned: BTreeSet<i64> = query.without.iter().copied().collect();
    let working = [&assigned.of_dates, &assigned.worked, &reference];
    mentioned.extend(working.into_iter().flatten().map(|(staff, _)| staff.0));
    mentioned.extend(locks.iter().filter_map(|lock| lock.staff.map(|staff| staff.0)));
    let staff = people::Reader { spi, clinic: opened.clinic, access: query.access, zone: &zone, query }
        .staff(&mentioned)?;
    let preferences = preferences(spi, opened.clinic, query.access)?;
    let debts = ledger::owed(spi, opened, &rules, &preferences, query.from, query.access)?;
    let problem = Problem {
        from: query.from,
        to: query.to,
        known_from: read.known_from(&shifts, &assigned.worked)?,
        known_to: add_days(query.to, if assigned.is_known_after { KNOWN_DAYS } else { 0 }),
        plan: query.plan.map(PlanId),
        staff,
        shifts,
        worked: assigned.worked,
        reference,
        preferences,
        shift_requests: read.shift_requests()?,
        debts,
        locks,
        rules,
    };
    Ok(Loaded { problem, record: assigned.of_dates })
}

/// Everybody enabled, with skills, availability and time off around a date, by id. Who is left out counts as disabled.
pub fn people_on(
    spi: &Spi,
    opened: &Opened,
    zone: &Zone,
    date: NaiveDate,
    without: &[i64],
    access: Access,
) -> Result<Vec<Staff>> {
    let query = RosterQuery { without, ..RosterQuery::record(date, date, access) };
    let left_out = without.iter().copied().collect();
    people::Reader { spi, clinic: opened.clinic, access, zone, query: &query }.staff(&left_out)
}

/// Refuses what is too much to solve.
pub fn check_size(problem: &Problem) -> Result<()> {
    let shifts = problem.shifts.iter().filter(|shift| problem.has(shift)).count();
    let people = problem.staff.len();
    let pairs = shifts.saturating_mul(people);
    if pairs <= MAX_PAIRS {
        return Ok(());
    }
    Err(too_many("pairs of a person and a shift", MAX_PAIRS)
        .detail(format!("There are {pairs}: {shifts} shifts times {people} people.")))
}

/// The hash of the shifts of the dates as they are now, for a fingerprint, and their ids.
pub fn shifts_of_dates(
    spi: &Spi,
    opened: &Opened,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<(Hasher, Vec<i64>)> {
    let query = RosterQuery::record(from, to, Access::Latest);
    let zone = zone(opened, (from, to))?;
    let read = work::Reader {
        spi,
        clinic: opened.clinic,
        access: Access::Latest,
        zone: &zone,
        query: &query,
        window: (from, to),
    };
    let shifts = read.shifts()?;
    Ok((shifts_hash(&shifts), shifts.iter().map(|shift| shift.id.0).collect()))
}

/// The clinic's zone, with the changes of its clocks around some dates.
pub fn zone(opened: &Opened, (first, last): (NaiveDate, NaiveDate)) -> Result<Zone> {
    let midnight = |date: NaiveDate| Instant(i64::from(date_to_pg_days(date)) * MICROS_PER_DAY);
    Ok(opened.settings(midnight(first), midnight(last))?.zone)
}

/// The error for more than a question may reach.
fn too_many(what: &str, limit: usize) -> ClinicError {
    ClinicError::new(SqlState::LimitExceeded, format!("at most {limit} {what} can be looked at together"))
        .hint("Plan a shorter period, or split the clinic.")
}

/// Fails where a table gave more rows than it may.
pub fn bounded<T>(rows: Vec<T>, what: &str, limit: usize) -> Result<Vec<T>> {
    if rows.len() > limit { Err(too_many(what, limit)) } else { Ok(rows) }
}
