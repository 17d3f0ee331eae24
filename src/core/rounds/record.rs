//! Visits as the record has them: which have begun or are over, and the time that they took.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::client::{DueList, Noted, worked_minutes};
use super::{Day, Placement, VisitKind};
use crate::ids::{ClientId, StaffId, VisitId};
use crate::time::interval::{Instant, Span, TIME};
use crate::words;

words! {
    /// `clinic.visits.outcome`: the outcome of a visit.
    pub enum VisitOutcome {
        /// All was done.
        Done = "done",
        /// Some was done.
        PartlyDone = "partly_done",
        /// The worker came in vain: nobody was at home.
        NotHome = "not_home",
        /// The worker came in vain: the client refused.
        Refused = "refused",
        /// The visit was called off.
        Cancelled = "cancelled",
        /// The visit was moved to another date.
        Rescheduled = "rescheduled",
    }
}

impl VisitOutcome {
    /// Whether nobody came, and nobody is to come on that date.
    #[must_use]
    pub const fn is_called_off(self) -> bool {
        matches!(self, Self::Cancelled | Self::Rescheduled)
    }

    /// Whether the worker met the client, who knows the worker since.
    #[must_use]
    pub const fn has_met(self) -> bool {
        matches!(self, Self::Done | Self::PartlyDone)
    }
}

/// `clinic.visits`: the notes of one visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitNotes {
    /// The client.
    pub client: ClientId,
    /// The outcome; `None` = not known yet.
    pub outcome: Option<VisitOutcome>,
    /// When the worker came.
    pub started: Option<Instant>,
    /// When the worker left.
    pub ended: Option<Instant>,
}

impl VisitNotes {
    /// Whether there is no outcome yet.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.outcome.is_none()
    }

    /// Whether somebody has come, in vain or not.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.started.is_some() || self.outcome.is_some_and(|outcome| !outcome.is_called_off())
    }

    /// How far the visit has come, in words: `has the outcome done`, `is under way`; `None` = nothing has happened yet.
    #[must_use]
    pub fn progress(&self) -> Option<String> {
        match (self.outcome, self.started) {
            (Some(outcome), _) => Some(format!("has the outcome {outcome}")),
            (None, Some(_)) => Some("is under way".to_owned()),
            (None, None) => None,
        }
    }
}

/// The rows of `clinic.visits` of a day, by visit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VisitRecord(pub BTreeMap<VisitId, VisitNotes>);

/// A visit to be planned: its id, client and kind.
pub type WantedVisit = (VisitId, ClientId, VisitKind);

impl VisitRecord {
    /// The notes of a visit.
    #[must_use]
    pub fn get(&self, visit: VisitId) -> Option<&VisitNotes> {
        self.0.get(&visit)
    }

    /// Visits that are under way or done: they stay as they are.
    #[must_use]
    pub fn begun(&self) -> BTreeSet<VisitId> {
        self.0.iter().filter(|(_, notes)| notes.is_begun()).map(|(id, _)| *id).collect()
    }

    /// When the visit of each client began.
    #[must_use]
    pub fn starts(&self) -> BTreeMap<ClientId, Instant> {
        self.0.values().filter_map(|notes| Some((notes.client, notes.started?))).collect()
    }

    /// The visits of a day that a plan is about, by visit: those that are due and have no outcome; `with_begun` also those
    /// that have begun, due or not, which take time. One that isn't due any more counts as a regular one.
    #[must_use]
    pub fn wanted(&self, list: &DueList, with_begun: bool) -> Vec<WantedVisit> {
        let kinds: BTreeMap<_, _> = list.due.iter().map(|due| (due.client, due.kind)).collect();
        let wanted = self.0.iter().filter_map(|(id, notes)| {
            let kind = kinds.get(&notes.client).copied();
            let is_due = notes.is_open() && kind.is_some();
            let is_wanted = is_due || with_begun && notes.is_begun();
            is_wanted.then_some((*id, notes.client, kind.unwrap_or(VisitKind::Scheduled)))
        });
        wanted.collect()
    }

    /// From when to when a visit took place, or is expected to; `None` if nobody noted it. `next` is when its worker came to
    /// the next client.
    #[must_use]
    pub fn worked(
        &self,
        day: &Day,
        visit: VisitId,
        next: Option<Instant>,
        now: Option<Instant>,
    ) -> Option<Span> {
        let notes = self.get(visit)?;
        let index = day.visits.binary_search_by_key(&visit, |request| request.id).ok()?;
        // The calendar knows no other times.
        let started = notes.started.filter(|started| TIME.contains(started))?;
        let noted = Noted { started, ended: notes.ended, next, is_over: !notes.is_open() };
        let minutes = worked_minutes(&noted, day.visits[index].duration, now);
        Some(Span { start: started, end: started + minutes })
    }

    /// Gives the visits that have begun, in the day and in the plan that is worked, the time that they really took.
    pub fn take_worked_times(&self, day: &mut Day, existing: &mut [Placement], now: Option<Instant>) {
        let started = |placement: &Placement| self.get(placement.visit).and_then(|notes| notes.started);
        let mut starts: BTreeMap<StaffId, BTreeSet<Instant>> = BTreeMap::new();
        for placement in existing.iter() {
            starts.entry(placement.worker).or_default().extend(started(placement));
        }
        for placement in existing {
            let next = started(placement).zip(starts.get(&placement.worker)).and_then(|(started, starts)| {
                starts.range((Bound::Excluded(started), Bound::Unbounded)).next().copied()
            });
            let Some(span) = self.worked(day, placement.visit, next, now) else { continue };
            placement.start = span.start;
            let index = day.visits.binary_search_by_key(&placement.visit, |request| request.id);
            if let Ok(index) = index {
                day.visits[index].duration = span.whole_minutes();
            }
        }
    }
}
