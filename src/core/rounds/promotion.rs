//! Conditions for making a plan of rounds the record: the visits are those that it was made for, and it breaks nothing by
//! the rows of now. Visits that have begun, or were called off, stay as the record has them.

use std::collections::BTreeSet;

use super::Day;
use super::broken::{Broken, Held, broken};
use super::explain::WorkerNames;
use super::fingerprint::visits_hash;
use super::record::VisitRecord;
use crate::fingerprint::{Comparison, compare};
use crate::ids::VisitId;
use crate::text::at;
use crate::time::zone::Zone;

/// A plan beside the rows of now.
#[derive(Clone, Copy, Debug)]
pub struct Promotion<'a> {
    /// The day as it is now, visits that have begun included.
    pub day: &'a Day,
    /// Notes of the day's visits.
    pub notes: &'a VisitRecord,
    /// The plan's visits.
    pub planned: &'a [Held],
    /// Visits that a lock of the plan fixed, by id.
    pub locked: &'a [VisitId],
    /// The record's visits.
    pub record: &'a [Held],
    /// Visits that resolve_exception() gave to somebody.
    pub given: &'a BTreeSet<VisitId>,
}

impl Promotion<'_> {
    /// Whether the visits are those that the plan was made for, by its fingerprint.
    #[must_use]
    pub fn comparison(&self, fingerprint: Option<&str>) -> Comparison {
        compare(fingerprint, &visits_hash(self.day))
    }

    /// Visits that the plan decides: nobody has come to them yet.
    #[must_use]
    pub fn open_visits(&self) -> Vec<VisitId> {
        self.notes.0.iter().filter(|(_, notes)| !notes.is_begun()).map(|(id, _)| *id).collect()
    }

    fn is_open(&self, visit: VisitId) -> bool {
        self.notes.get(visit).is_some_and(|notes| !notes.is_begun())
    }

    /// Whether the plan alone answers for a visit: it is open, and no lock fixed it, as a person's decision.
    fn answers_for(&self, visit: VisitId) -> bool {
        self.is_open(visit) && self.locked.binary_search(&visit).is_err()
    }

    /// The record's visits with the times that they took.
    fn worked(&self) -> Vec<Held> {
        let worked = |held: &Held| self.notes.worked(self.day, held.visit, None, None);
        self.record.iter().map(|held| Held { during: worked(held).unwrap_or(held.during), ..*held }).collect()
    }

    /// The plan's flaws by the rows of now, each in a sentence: broken rules, and decisions of resolve_exception() undone.
    #[must_use]
    pub fn flaws(&self, zone: &Zone, names: &WorkerNames<'_>) -> Vec<String> {
        let record = self.worked();
        let planned = self.planned.iter().filter(|row| self.is_open(row.visit));
        let begun = record.iter().filter(|row| !self.is_open(row.visit));
        let held: Vec<_> = planned.chain(begun).copied().collect();
        let is_plans = |row: &Broken| self.answers_for(row.held.visit);
        let broken = broken(self.day, &held).into_iter().filter(is_plans);
        let broken = broken.map(|row| row.sentence(zone, names));
        let is_undone = |row: &&Held| {
            let is_same = |other: &Held| other.visit == row.visit && other.worker == row.worker;
            self.given.contains(&row.visit)
                && self.answers_for(row.visit)
                && !self.planned.iter().any(is_same)
        };
        let undone = record.iter().filter(is_undone).map(|row| {
            let (worker, start) = (names.of(row.worker), at(zone, row.during.start));
            format!("visit {} was given to {worker} at {start} by resolve_exception()", row.visit)
        });
        broken.chain(undone).collect()
    }
}
