//! The record of a date's visits becomes equal to a plan. Visits that somebody has begun stay.

use pg_clinic_core::fingerprint::Comparison;
use pg_clinic_core::ids::VisitId;
use pg_clinic_core::plans::{Flaw, Replaced};
use pg_clinic_core::rounds::Promotion;

use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::session;
use crate::pg::platform::spi::{Access, Param, Spi, param, statements};
use crate::pg::reports::load::rounds::recorded;
use crate::pg::roster::api::promote::{replaced, solved_by_another_version};
use crate::pg::roster::load::Plan;
use crate::pg::rounds::load::exceptions::reassigned;
use crate::pg::rounds::load::{Loaded, RoundsQuery, Which, add_due, day, planned};

statements! {
    /// How much of the record is as the plan says, and the origins of the rest, which goes.
    KEPT(INT8OID, INT8OID, INT8ARRAYOID) =
        "select count(*) filter (where is_kept) as kept,
           string_agg(distinct case when not is_kept then coalesce('plan ' || plan_id, 'made without a plan') end, ', ')
             as sources
         from (select a.plan_id, exists (select from clinic.plan_assignments p
             where p.clinic_id = a.clinic_id and p.plan_id = $2 and p.visit_id = a.visit_id and p.staff_id = a.staff_id
               and p.during = a.during)
           from clinic.assignments a where a.clinic_id = $1 and a.visit_id = any ($3)) as record (plan_id, is_kept)";
    /// Visits that a lock fixed, by id.
    LOCKED(INT8OID, INT8OID) =
        "select visit_id from clinic.plan_assignments
         where clinic_id = $1 and plan_id = $2 and visit_id is not null and is_locked order by visit_id";
    /// Deletes the rows of the record that the plan lacks.
    REMOVE(INT8OID, INT8OID, INT8ARRAYOID) =
        "delete from clinic.assignments a
         where a.clinic_id = $1 and a.visit_id = any ($3)
           and not exists (select from clinic.plan_assignments p
             where p.clinic_id = a.clinic_id and p.plan_id = $2 and p.visit_id = a.visit_id and p.staff_id = a.staff_id
               and p.during = a.during)
         returning a.id";
    /// Adds those that the record lacks.
    ADD(INT8OID, INT8OID, INT8ARRAYOID) =
        "insert into clinic.assignments (clinic_id, staff_id, visit_id, during, plan_id)
         select p.clinic_id, p.staff_id, p.visit_id, p.during, p.plan_id
         from clinic.plan_assignments p
         where p.clinic_id = $1 and p.plan_id = $2 and p.visit_id = any ($3)
           and not exists (select from clinic.assignments a
             where a.clinic_id = p.clinic_id and a.visit_id = p.visit_id and a.staff_id = p.staff_id)
         order by p.visit_id returning id";
}

/// The ids of the date's visits that the plan decides, if the visits are those that it was made for, and its flaws by the
/// rows of now.
pub fn unchanged_visits(spi: &Spi, opened: &Opened, plan: &Plan) -> Result<(Vec<i64>, Vec<Flaw>)> {
    // A client who has become due since has a row, too.
    add_due(spi, opened, plan.from)?;
    session::with_own_snapshot(|| {
        with_promotion(spi, opened, plan, |promotion, loaded| {
            require_unchanged(promotion, plan)?;
            let open = promotion.open_visits().into_iter().map(|id| id.0).collect();
            Ok((open, named(promotion.flaws(&loaded.zone, &loaded.names()))))
        })
    })
}

/// The plan's flaws by the rows of now.
pub fn flaws(spi: &Spi, opened: &Opened, plan: &Plan) -> Result<Vec<Flaw>> {
    with_promotion(spi, opened, plan, |promotion, loaded| {
        Ok(named(promotion.flaws(&loaded.zone, &loaded.names())))
    })
}

/// Flaws of rounds are named by their sentences.
fn named(sentences: Vec<String>) -> Vec<Flaw> {
    sentences.into_iter().map(|sentence| Flaw { key: sentence.clone(), sentence }).collect()
}

/// Reads the plan beside the rows of the snapshot.
fn with_promotion<T>(
    spi: &Spi,
    opened: &Opened,
    plan: &Plan,
    ask: impl FnOnce(&Promotion<'_>, &Loaded) -> Result<T>,
) -> Result<T> {
    let query =
        RoundsQuery { date: plan.from, which: Which::DueOrDone, without: &[], access: Access::Snapshot };
    let key = [param(opened.clinic), param(plan.id)];
    let record = recorded(spi, opened.clinic, plan.from)?;
    let loaded = day(spi, opened, &query)?;
    let planned = planned(spi, opened.clinic, plan.id)?;
    let locked = spi.values::<i64>(&LOCKED, Access::Snapshot, &key)?;
    let given = reassigned(spi, opened.clinic, plan.from)?;
    let record: Vec<_> = record.into_iter().map(|(held, _)| held).collect();
    let locked: Vec<_> = locked.into_iter().map(VisitId).collect();
    let promotion = Promotion {
        day: &loaded.day,
        notes: &loaded.notes,
        planned: &planned,
        locked: &locked,
        record: &record,
        given: &given,
    };
    ask(&promotion, &loaded)
}

fn require_unchanged(promotion: &Promotion<'_>, plan: &Plan) -> Result<()> {
    let again = format!(
        "Plan again: select * from plan_rounds('{0}', parent_plan_id => {1}), or once the day is under way \
         replan_rounds('{0}')",
        plan.from, plan.id
    );
    match promotion.comparison(plan.fingerprint.as_deref()) {
        Comparison::Same => return Ok(()),
        Comparison::OtherVersion => return Err(solved_by_another_version(plan, again)),
        Comparison::Changed => {}
    }
    Err(ClinicError::new(
        SqlState::WrongState,
        format!("the visits of {} have changed since plan {} was made", plan.from, plan.id),
    )
    .detail("A client or an event was added or changed, or a visit was called off.")
    .hint(again))
}

/// Makes the record equal to the plan.
pub fn replace(spi: &Spi, key: [Param; 2], visits: Vec<i64>) -> Result<Replaced> {
    let params = [key[0], key[1], param(visits)];
    replaced(spi, &params, &KEPT, &REMOVE, || {
        spi.execute(&ADD, Access::Latest, &params, 0).map(|rows| rows.len())
    })
}
