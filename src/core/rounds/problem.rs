//! A day put in order: everything sorted by id and looked up once, so that the steps work with indexes.

use super::map::{Map, Place};
use super::{ANY_TIME, Day, VisitRequest, Worker};
use crate::ids::{StaffId, VisitId};
use crate::time::interval::{Instant, Minutes, Span, TIME, subtract, union};

/// A worker with what is looked up often.
pub(super) struct Person<'a> {
    pub(super) row: &'a Worker,
    pub(super) home: Place,
    /// Normalized.
    pub(super) on_duty: Vec<Span>,
    /// Sorted.
    skills: Vec<&'a str>,
}

/// A visit with what is looked up often.
pub(super) struct Visit<'a> {
    pub(super) row: &'a VisitRequest,
    pub(super) place: Place,
    /// Normalized.
    pub(super) windows: Vec<Span>,
    pub(super) length: Minutes,
}

/// The day, sorted.
pub(super) struct Problem<'a> {
    pub(super) map: Map<'a>,
    /// By id.
    pub(super) people: Vec<Person<'a>>,
    /// By id.
    pub(super) visits: Vec<Visit<'a>>,
    /// The visits in the order in which they are placed.
    pub(super) order: Vec<usize>,
    /// For each area the workers at home there, by id.
    pub(super) teams: Vec<Vec<usize>>,
}

/// The limits of a day that is planned anew: the part that has passed, and absent workers.
#[derive(Clone, Copy, Default)]
pub(super) struct Rest<'a> {
    /// Nothing new starts before.
    pub(super) from: Option<Instant>,
    /// Absent workers, who get nothing.
    pub(super) without: &'a [StaffId],
}

impl<'a> Problem<'a> {
    pub(super) fn new(day: &'a Day, rest: Rest<'_>) -> Self {
        let map = Map::new(&day.areas);
        let mut workers: Vec<_> = day.workers.iter().collect();
        workers.sort_by_key(|worker| worker.id);
        workers.dedup_by_key(|worker| worker.id);
        let people: Vec<_> = workers.into_iter().map(|row| Person::new(row, &map, rest)).collect();
        let mut requests: Vec<_> = day.visits.iter().collect();
        requests.sort_by_key(|visit| visit.id);
        requests.dedup_by_key(|visit| visit.id);
        let visits: Vec<_> = requests.into_iter().map(|row| Visit::new(row, &map)).collect();
        let mut teams = vec![Vec::new(); map.areas.len()];
        for (index, person) in people.iter().enumerate() {
            if let Some(home) = person.home {
                teams[home].push(index);
            }
        }
        Self { map, order: order(&visits), people, visits, teams }
    }

    pub(super) fn person(&self, id: StaffId) -> Option<usize> {
        self.people.binary_search_by_key(&id, |person| person.row.id).ok()
    }

    pub(super) fn visit(&self, id: VisitId) -> Option<usize> {
        self.visits.binary_search_by_key(&id, |visit| visit.row.id).ok()
    }

    /// The workers of the areas beside one, by id.
    pub(super) fn helpers(&self, area: usize) -> Vec<usize> {
        let mut helpers: Vec<_> =
            self.map.neighbors(area).flat_map(|area| self.teams[area].iter().copied()).collect();
        helpers.sort_unstable();
        helpers
    }
}

impl<'a> Person<'a> {
    fn new(row: &'a Worker, map: &Map<'_>, rest: Rest<'_>) -> Self {
        let mut skills: Vec<_> = row.skills.iter().map(String::as_str).collect();
        skills.sort_unstable();
        let on_duty = match rest.without.contains(&row.id) {
            true => Vec::new(),
            false => union(row.on_duty.clone()),
        };
        let passed = rest.from.and_then(|from| Span::new(Instant(i64::MIN), from));
        let on_duty = subtract(&on_duty, passed.as_slice());
        Self { row, home: map.place(row.home_area), on_duty, skills }
    }

    pub(super) fn has_skills(&self, needed: &[String]) -> bool {
        needed.iter().all(|skill| self.skills.binary_search(&skill.as_str()).is_ok())
    }

    /// When the day begins, also where part of it has passed.
    pub(super) fn begins(&self) -> Instant {
        self.row.on_duty.iter().map(|span| span.start).min().unwrap_or(TIME.start)
    }

    /// When the worker is on duty within the windows of a visit.
    pub(super) fn allowed(&self, windows: &[Span]) -> Vec<Span> {
        let on_duty = self.on_duty.iter();
        on_duty.flat_map(|duty| windows.iter().filter_map(|window| duty.intersection(*window))).collect()
    }
}

impl<'a> Visit<'a> {
    fn new(row: &'a VisitRequest, map: &Map<'_>) -> Self {
        Self {
            row,
            place: row.area.and_then(|area| map.place(area)),
            windows: union(row.windows.clone()),
            length: Minutes(row.duration.0.max(1)),
        }
    }
}

/// Area by area; redo first, walk-in last; by start of the window, usual order, client. Clients in no area come last; those
/// whom any time suits come after those of their kind who can be visited at some times only, whose place they could take.
fn order(visits: &[Visit<'_>]) -> Vec<usize> {
    let mut order: Vec<_> = (0..visits.len()).collect();
    order.sort_by_cached_key(|index| {
        let Visit { row, place, windows, .. } = &visits[*index];
        let area = place.unwrap_or(usize::MAX);
        let opens = windows.first().filter(|window| **window != ANY_TIME).map(|window| window.start);
        let opens = opens.unwrap_or(Instant(i64::MAX));
        (area, row.kind, opens, row.usual_order, row.client, row.id)
    });
    order
}
