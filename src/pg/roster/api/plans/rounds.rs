//! compare_plans of two plans of rounds: visits that another worker has, or at another time.

use std::collections::BTreeMap;

use pg_clinic_core::ids::VisitId;
use pg_clinic_core::rounds::Placement;
use pgrx::IntoDatum;

use crate::pg::platform::args::{ResultSet, instant, text};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::spi::{Access, Spi, param, statements};
use crate::pg::roster::load::Plan;
use crate::pg::rounds::load::placements;

statements! {
    /// Names of people.
    NAMES(INT8OID, INT8ARRAYOID) = "select id, name from clinic.staff where clinic_id = $1 and id = any ($2)";
}

/// Tells what differs between two plans of a date, by visit.
pub fn compare_rounds(spi: &Spi, clinic: i64, plans: &[Plan; 2], set: &mut ResultSet) -> Result<()> {
    let [a, b] = plans;
    if a.from != b.from {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            format!("plans {} and {} are of different dates", a.id, b.id),
        )
        .detail(format!("They are of {} and {}.", a.from, b.from))
        .hint("rounds_churn() tells what changed from date to date."));
    }
    let mut both: BTreeMap<VisitId, [Option<Placement>; 2]> = BTreeMap::new();
    for (side, plan) in plans.iter().enumerate() {
        for placement in placements(spi, clinic, Some(plan.id), plan.from, Access::Snapshot)? {
            both.entry(placement.visit).or_default()[side] = Some(placement);
        }
    }
    both.retain(|_, [before, after]| before != after);
    let people = both.values().flatten().flatten().map(|placement| placement.worker.0);
    let people: Vec<i64> = people.collect();
    let names = spi.query(&NAMES, Access::Snapshot, &[param(clinic), param(people)], |row| {
        Ok((row.get::<i64>(0)?, row.get::<String>(1)?))
    })?;
    let names: BTreeMap<i64, String> = names.into_iter().collect();
    for (visit, [before, after]) in both {
        let starts = |at: Option<Placement>| at.and_then(|at| instant(at.start));
        let staff = |at: Option<Placement>| at.and_then(|at| at.worker.0.into_datum());
        let name =
            |at: Option<Placement>| at.and_then(|at| names.get(&at.worker.0)).and_then(|name| text(name));
        set.push([
            text("assignment"),
            None,
            visit.0.into_datum(),
            starts(before),
            starts(after),
            staff(before),
            name(before),
            staff(after),
            name(after),
            None,
            None,
            None,
            None,
            None,
        ]);
    }
    Ok(())
}
