//! compare_plans of two plans of rounds: visits that another worker has, or at another time.

use std::collections::BTreeMap;

use pg_clinic_core::ids::VisitId;
use pg_clinic_core::rounds::Placement;

use super::PlanDifference;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::signatures::Rows;
use crate::pg::platform::spi::{Access, Spi};
use crate::pg::roster::load::Plan;
use crate::pg::rounds::load::placements;

/// Adds the differences between two plans of a date, by visit.
pub fn compare_rounds(
    spi: &Spi,
    clinic: i64,
    plans: &[Plan; 2],
    rows: &mut Rows<PlanDifference>,
) -> Result<()> {
    let [a, b] = plans;
    if a.from != b.from {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            format!("plans {} and {} are of different dates", a.id, b.id),
        )
        .detail(format!("They are of {} and {}.", a.from, b.from))
        .hint("rounds_churn() reports the changes from date to date."));
    }
    let mut both: BTreeMap<VisitId, [Option<Placement>; 2]> = BTreeMap::new();
    for (side, plan) in plans.iter().enumerate() {
        for placement in placements(spi, clinic, Some(plan.id), plan.from, Access::Snapshot)? {
            both.entry(placement.visit).or_default()[side] = Some(placement);
        }
    }
    both.retain(|_, [before, after]| before != after);
    let people = both.values().flatten().flatten().map(|placement| placement.worker.0);
    let names = super::names(spi, clinic, people.collect())?;
    for (visit, both) in both {
        let [old_start, new_start] = both.map(|at| at.map(|at| at.start));
        let [old_staff, new_staff] = both.map(|at| at.map(|at| at.worker.0));
        let name = |id: Option<i64>| id.and_then(|id| names.get(&id)).map(String::as_str);
        rows.push(PlanDifference {
            visit_id: visit.0.into(),
            old_starts_at: old_start.into(),
            new_starts_at: new_start.into(),
            old_staff_id: old_staff.into(),
            old_staff_name: name(old_staff).into(),
            new_staff_id: new_staff.into(),
            new_staff_name: name(new_staff).into(),
            ..PlanDifference::of("assignment")
        });
    }
    Ok(())
}
