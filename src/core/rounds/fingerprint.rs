//! The fingerprint of the input of a plan of rounds.

use super::{Access, Area, CostWeights, Day, Experience, Neighbor, Placement, VisitRequest, Worker};
use crate::fingerprint::{self, Fingerprinted, Hasher};

/// Fingerprint of all input of a plan: of the visits, then of everything. The day must be sorted by id.
#[must_use]
pub fn fingerprint(day: &Day) -> String {
    let Day { areas, workers, visits, locked } = day;
    let mut all = Hasher::new();
    all.add(areas).add(workers).add(visits).add(locked);
    fingerprint::fingerprint(&visits_hash(day), &all)
}

/// Hash of the visits, their times and conditions: the part of [`fingerprint()`] before the dot.
#[must_use]
pub fn visits_hash(day: &Day) -> Hasher {
    let mut hasher = Hasher::new();
    hasher.add(&day.visits.len());
    for visit in &day.visits {
        hasher.add(&visit.id).add(&visit.client).add(&visit.area).add_word(visit.kind).add(&visit.duration);
        hasher.add(&visit.skills).add(&visit.access).add(&visit.windows);
    }
    hasher
}

impl Fingerprinted for Area {
    fn write(&self, to: &mut Hasher) {
        let Self { id, name, is_walkable, travel, tolerance, smoothing_percent, .. } = self;
        to.add(id).add(name).add(is_walkable).add(travel).add(tolerance).add(smoothing_percent);
        let Self { smoothing_max_cost, neighbors, takes_help, weights, .. } = self;
        to.add(smoothing_max_cost).add(neighbors).add(takes_help).add(weights);
    }
}

impl Fingerprinted for CostWeights {
    fn write(&self, to: &mut Hasher) {
        let Self { remaining_capacity, travel, continuity, experience, punctuality } = self;
        to.add(remaining_capacity).add(travel).add(continuity).add(experience).add(punctuality);
    }
}

impl Fingerprinted for Neighbor {
    fn write(&self, to: &mut Hasher) {
        let Self { area, travel } = self;
        to.add(area).add(travel);
    }
}

impl Fingerprinted for Worker {
    fn write(&self, to: &mut Hasher) {
        let Self { id, home_area, on_duty, capacity, skills, is_walk_only, is_smoothed } = self;
        to.add(id).add(home_area).add(on_duty).add(capacity).add(skills).add(is_walk_only).add(is_smoothed);
    }
}

impl Fingerprinted for VisitRequest {
    fn write(&self, to: &mut Hasher) {
        let Self { id, client, area, kind, duration, skills, tier, access, .. } = self;
        to.add(id).add(client).add(area).add_word(*kind).add(duration).add(skills).add(tier).add(access);
        let Self { windows, usual_order, last_worker, usual_start, experience, .. } = self;
        to.add(windows).add(usual_order).add(last_worker).add(usual_start).add(experience);
    }
}

impl Fingerprinted for Access {
    fn write(&self, to: &mut Hasher) {
        let approved_by = match self {
            Self::Open => None,
            Self::NotApproved => Some(None),
            Self::ApprovedBy(name) => Some(Some(name)),
        };
        to.add(&approved_by);
    }
}

impl Fingerprinted for Experience {
    fn write(&self, to: &mut Hasher) {
        let Self { worker, visits } = self;
        to.add(worker).add(visits);
    }
}

impl Fingerprinted for Placement {
    fn write(&self, to: &mut Hasher) {
        let Self { visit, worker, start } = self;
        to.add(visit).add(worker).add(start);
    }
}
