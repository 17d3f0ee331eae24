//! The places of bookings in a provider's column: bookings that overlap go side by side. Knows nothing of pixels.

use super::Card;
use crate::time::interval::Span;

/// Part of a column that a booking keeps while another is beside it.
const MAIN_PART: f64 = 0.6;

/// A part of the width of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Part {
    /// Its left edge.
    pub(super) from: f64,
    /// How much it takes.
    pub(super) width: f64,
}

/// Places bookings that overlap side by side, the normal ones left. The cards are sorted by start.
pub(super) fn lanes(cards: Vec<&Card>) -> Vec<(&Card, Part)> {
    let mut placed = Vec::with_capacity(cards.len());
    let mut cluster: Vec<&Card> = Vec::new();
    let mut end = None;
    for card in cards {
        let during = card.appointment.during;
        if end.is_some_and(|end| during.start >= end) {
            place(&mut cluster, &mut placed);
            end = None;
        }
        end = end.max(Some(during.end));
        cluster.push(card);
    }
    place(&mut cluster, &mut placed);
    placed
}

/// Places a cluster of bookings, each of which overlaps another.
fn place<'a>(cluster: &mut Vec<&'a Card>, placed: &mut Vec<(&'a Card, Part)>) {
    // Whoever didn't come gives way to whoever got the place.
    let gives_way = |card: &&Card| card.appointment.is_overbooked || !card.appointment.status.occupies();
    cluster.sort_by_key(gives_way);
    let mut lanes: Vec<Vec<Span>> = Vec::new();
    let mut lane_of = Vec::with_capacity(cluster.len());
    for card in cluster.iter() {
        let during = card.appointment.during;
        let free = lanes.iter().position(|lane| lane.iter().all(|taken| !taken.overlaps(during)));
        let lane = free.unwrap_or(lanes.len());
        if free.is_none() {
            lanes.push(Vec::new());
        }
        lanes[lane].push(during);
        lane_of.push(lane);
    }
    let beside = (1.0 - MAIN_PART) / lanes.len().saturating_sub(1).max(1) as f64;
    for (card, lane) in cluster.drain(..).zip(lane_of) {
        let part = match (lanes.len(), lane) {
            (1, _) => Part { from: 0.0, width: 1.0 },
            (_, 0) => Part { from: 0.0, width: MAIN_PART },
            (_, lane) => Part { from: MAIN_PART + beside * (lane - 1) as f64, width: beside },
        };
        placed.push((card, part));
    }
}
