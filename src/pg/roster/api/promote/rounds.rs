//! The record of a date's visits becomes what a plan says. Visits that somebody has begun, or that have an outcome, stay.

use std::collections::BTreeSet;

use pg_clinic_core::fingerprint::{Comparison, compare};
use pg_clinic_core::ids::VisitId;
use pg_clinic_core::plans::Replaced;
use pg_clinic_core::rounds::{Broken, Held, broken, visits_hash};

use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::session;
use crate::pg::platform::spi::{Access, Param, Spi, param, statements};
use crate::pg::reports::load::rounds::recorded;
use crate::pg::roster::api::promote::{replaced, solved_by_another_version};
use crate::pg::roster::load::Plan;
use crate::pg::rounds::load::exceptions::reassigned;
use crate::pg::rounds::load::{Asked, Loaded, Which, add_due, day, planned};

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

/// A plan and the rows of now.
struct Now {
    loaded: Loaded,
    /// The plan's visits.
    planned: Vec<Held>,
    /// Those of them that locks fixed, by id.
    locked: Vec<VisitId>,
    /// The record's visits.
    record: Vec<Held>,
    /// Visits that resolve_exception() gave to somebody.
    reassigned: BTreeSet<VisitId>,
}

impl Now {
    fn read(spi: &Spi, opened: &Opened, plan: &Plan, asked: &Asked<'_>) -> Result<Self> {
        let key = [param(opened.clinic), param(plan.id)];
        let record = recorded(spi, opened.clinic, plan.from)?;
        let loaded = day(spi, opened, asked)?;
        let record = record.into_iter().map(|(held, _)| Held {
            during: loaded.worked(held.visit, None, None).unwrap_or(held.during),
            ..held
        });
        let record = record.collect();
        Ok(Self {
            record,
            planned: planned(spi, opened.clinic, plan.id)?,
            locked: spi.values::<i64>(&LOCKED, Access::Snapshot, &key)?.into_iter().map(VisitId).collect(),
            loaded,
            reassigned: reassigned(spi, opened.clinic, plan.from)?,
        })
    }

    /// Whether the plan decides about a visit: nobody has come yet.
    fn is_open(&self, visit: VisitId) -> bool {
        self.loaded.visits.get(&visit).is_some_and(|visit| !visit.is_begun)
    }

    fn is_locked(&self, visit: VisitId) -> bool {
        self.locked.binary_search(&visit).is_ok()
    }

    /// The rules that the plan breaks beside visits that are begun, in sentences.
    fn broken(&self) -> Vec<String> {
        let planned = self.planned.iter().filter(|row| self.is_open(row.visit));
        let begun = self.record.iter().filter(|row| !self.is_open(row.visit));
        let held: Vec<_> = planned.chain(begun).copied().collect();
        let is_listed = |row: &Broken| self.is_open(row.held.visit) && !self.is_locked(row.held.visit);
        let broken = broken(&self.loaded.day, &held).into_iter().filter(is_listed);
        let broken = broken.map(|row| row.sentence(&self.loaded.zone));
        let is_undone = |row: &&Held| {
            let stays = |other: &Held| other.visit == row.visit && other.worker == row.worker;
            self.reassigned.contains(&row.visit)
                && self.is_open(row.visit)
                && !self.is_locked(row.visit)
                && !self.planned.iter().any(stays)
        };
        let undone = self.record.iter().filter(is_undone).map(|row| {
            let at = self.loaded.zone.wall_time(row.during.start);
            format!("visit {} was given to worker {} at {at} by resolve_exception()", row.visit, row.worker)
        });
        broken.chain(undone).collect()
    }
}

/// The ids of the date's visits that the plan decides, if those who are to be visited are what it was made for, and what
/// it breaks by the rows of now, in words. What is locked, or begun, is what people decided.
pub fn unchanged_visits(spi: &Spi, opened: &Opened, plan: &Plan) -> Result<(Vec<i64>, Vec<String>)> {
    // Clients who have become due since get a row, too.
    add_due(spi, opened, plan.from)?;
    let asked = Asked { date: plan.from, which: Which::DueOrDone, without: &[], access: Access::Snapshot };
    let now = session::with_own_snapshot(|| Now::read(spi, opened, plan, &asked))?;
    let again = format!(
        "Plan again: select * from plan_rounds('{0}', parent_plan_id => {1}), or once the day is under way \
         replan_rounds('{0}')",
        plan.from, plan.id
    );
    match compare(plan.fingerprint.as_deref(), &visits_hash(&now.loaded.day)) {
        Comparison::Same => {
            let open = now.loaded.visits.keys().filter(|id| now.is_open(**id)).map(|id| id.0).collect();
            return Ok((open, now.broken()));
        }
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

/// Makes the record what the plan says.
pub fn replace(spi: &Spi, key: [Param; 2], visits: Vec<i64>) -> Result<Replaced> {
    let params = [key[0], key[1], param(visits)];
    replaced(spi, &params, &KEPT, &REMOVE, || {
        spi.execute(&ADD, Access::Latest, &params, 0).map(|rows| rows.len())
    })
}
