//! One worker's day: visits in time order, the travel between them, and where another one fits. A placed visit is never
//! shifted.

use super::map::{Map, Place};
use crate::ids::VisitId;
use crate::time::interval::{Instant, Minutes, Span};

/// A visit of a route.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop {
    pub(super) visit: VisitId,
    pub(super) place: Place,
    pub(super) span: Span,
}

/// A time for a visit, and the travel to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fit {
    pub(super) start: Instant,
    pub(super) travel: Minutes,
}

/// A visit to be fitted into a route: where, within which spans, how long.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) place: Place,
    /// In time order.
    pub(super) allowed: &'a [Span],
    pub(super) length: Minutes,
}

/// A worker's visits, by start.
#[derive(Clone, Debug)]
pub(super) struct Route {
    home: Place,
    /// When the day begins. A first client in the home area needs no travel.
    pub(super) begins: Instant,
    stops: Vec<Stop>,
    /// Minutes of the visits.
    pub(super) load: Minutes,
}

impl Route {
    pub(super) fn new(home: Place, begins: Instant) -> Self {
        Self { home, begins, stops: Vec::new(), load: Minutes(0) }
    }

    pub(super) fn stops(&self) -> &[Stop] {
        &self.stops
    }

    pub(super) fn insert(&mut self, stop: Stop) {
        let after = |other: &Stop| (other.span.start, other.visit) < (stop.span.start, stop.visit);
        let index = self.stops.partition_point(after);
        self.stops.insert(index, stop);
        self.load.0 = self.load.0.saturating_add(stop.span.whole_minutes().0);
    }

    pub(super) fn remove(&mut self, visit: VisitId) -> Option<Stop> {
        let index = self.position(visit)?;
        let stop = self.stops.remove(index);
        self.load.0 -= stop.span.whole_minutes().0;
        Some(stop)
    }

    fn position(&self, visit: VisitId) -> Option<usize> {
        self.stops.iter().position(|stop| stop.visit == visit)
    }

    /// The earliest time that leaves the travel to the visit and on to the next.
    pub(super) fn earliest(&self, map: &Map<'_>, wanted: Wanted<'_>) -> Option<Fit> {
        let last_end = wanted.allowed.last()?.end;
        let mut before: Option<Stop> = None;
        for index in 0..=self.stops.len() {
            let next = self.stops.get(index).copied();
            let from = before.map_or(self.begins, |stop| stop.span.end);
            if from + wanted.length > last_end && before.is_some() {
                return None;
            }
            if next.is_none_or(|next| from + wanted.length <= next.span.start) {
                let travel = self.travel_to(map, before, wanted.place);
                let until = next.map_or(last_end, |next| {
                    next.span.start - map.travel(self.home, wanted.place, next.place)
                });
                if let Some(start) = first_start(wanted, from + travel, until) {
                    return Some(Fit { start, travel });
                }
            }
            before = later(before, next);
        }
        None
    }

    /// Whether a visit at `span` leaves the travel to it and on to the next. Somebody may be late by the tolerance of the
    /// area where the visit is.
    pub(super) fn is_free(&self, map: &Map<'_>, place: Place, span: Span) -> bool {
        let index = self.stops.partition_point(|stop| stop.span.start < span.start);
        let before = self.last_ending(index);
        let ready = before.map_or(self.begins, |stop| stop.span.end) + self.travel_to(map, before, place);
        let is_in_time = |next: &Stop| {
            let travel = map.travel(self.home, place, next.place);
            span.end + travel <= next.span.start + map.tolerance(next.place)
        };
        ready <= span.start + map.tolerance(place) && self.stops.get(index).is_none_or(is_in_time)
    }

    /// Whether the next client is still reached in time when this visit is taken out: travel times that people enter
    /// needn't be shorter straight than round a corner.
    pub(super) fn holds_without(&self, map: &Map<'_>, visit: VisitId) -> bool {
        let Some(index) = self.position(visit) else { return true };
        let Some(next) = self.stops.get(index + 1) else { return true };
        let before = self.last_ending(index);
        let ready =
            before.map_or(self.begins, |stop| stop.span.end) + self.travel_to(map, before, next.place);
        ready <= next.span.start
    }

    /// Time of a visit of the route, and the travel to it.
    pub(super) fn fit_of(&self, map: &Map<'_>, visit: VisitId) -> Option<Fit> {
        let index = self.position(visit)?;
        let stop = self.stops[index];
        let travel = self.travel_to(map, self.last_ending(index), stop.place);
        Some(Fit { start: stop.span.start, travel })
    }

    /// The travel to each stop, in order.
    pub(super) fn legs(&self, map: &Map<'_>) -> impl Iterator<Item = (Stop, Minutes)> {
        let mut before = None;
        self.stops.iter().map(move |stop| {
            let travel = self.travel_to(map, before, stop.place);
            before = later(before, Some(*stop));
            (*stop, travel)
        })
    }

    /// The travel to a place from a stop, or from where the day begins.
    pub(super) fn travel_to(&self, map: &Map<'_>, before: Option<Stop>, to: Place) -> Minutes {
        match before {
            Some(stop) => map.travel(self.home, stop.place, to),
            None if self.home == to => Minutes(0),
            None => map.travel(self.home, self.home, to),
        }
    }

    /// The stop that ends last of those before `index`: locked ones may overlap.
    fn last_ending(&self, index: usize) -> Option<Stop> {
        self.stops[..index].iter().fold(None, |before, stop| later(before, Some(*stop)))
    }
}

/// The stop that ends last.
pub(super) fn later(before: Option<Stop>, next: Option<Stop>) -> Option<Stop> {
    match (before, next) {
        (Some(before), Some(next)) if next.span.end < before.span.end => Some(before),
        (before, next) => next.or(before),
    }
}

fn first_start(wanted: Wanted<'_>, ready: Instant, until: Instant) -> Option<Instant> {
    wanted.allowed.iter().find_map(|allowed| {
        let start = allowed.start.max(ready);
        (start + wanted.length <= allowed.end.min(until)).then_some(start)
    })
}
