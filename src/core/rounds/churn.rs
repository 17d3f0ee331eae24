//! How much changed from one day to another, client by client: whether people see the face they know, at their hour.

use std::collections::BTreeMap;

use super::RoundsPlan;
use crate::calendar::Zone;
use crate::ids::{ClientId, StaffId};
use crate::interval::{Instant, MICROS_PER_MINUTE, Minutes};

/// A client visited on both days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientChange {
    /// Whom.
    pub client: ClientId,
    /// Who came.
    pub from_worker: StaffId,
    /// Who comes.
    pub to_worker: StaffId,
    /// How much later in the day, by the clock on the wall; negative = earlier.
    pub later: Minutes,
}

/// What changed from one plan to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Churn {
    /// Clients visited on both days by the same worker.
    pub same_worker: usize,
    /// Clients visited on both days, by another worker.
    pub other_worker: usize,
    /// Clients visited on the later day only.
    pub added: Vec<ClientId>,
    /// Clients visited on the earlier day only.
    pub dropped: Vec<ClientId>,
    /// Every client visited on both days whose worker or time of day changed, by id.
    pub changes: Vec<ClientChange>,
}

impl Churn {
    /// Of the clients visited on both days the part that sees another worker, in percent, rounded; 0 without any.
    #[must_use]
    pub const fn percent(&self) -> usize {
        let both = self.same_worker + self.other_worker;
        if both == 0 { 0 } else { (self.other_worker * 200 + both) / (both * 2) }
    }
}

/// Compares two plans of different days, or of one. A client visited more than once on a day counts by the first visit.
#[must_use]
pub fn churn(zone: &Zone, from: &RoundsPlan, to: &RoundsPlan) -> Churn {
    let (from, to) = (first_visits(from), first_visits(to));
    let mut churn = Churn {
        added: to.keys().filter(|client| !from.contains_key(client)).copied().collect(),
        dropped: from.keys().filter(|client| !to.contains_key(client)).copied().collect(),
        ..Churn::default()
    };
    for (client, &(from_start, from_worker)) in &from {
        let Some(&(to_start, to_worker)) = to.get(client) else { continue };
        let is_same = from_worker == to_worker;
        *(if is_same { &mut churn.same_worker } else { &mut churn.other_worker }) += 1;
        let clock = |start| zone.wall_time(start).micros() / MICROS_PER_MINUTE;
        let later = Minutes((clock(to_start) - clock(from_start)) as i32);
        if !is_same || later.0 != 0 {
            churn.changes.push(ClientChange { client: *client, from_worker, to_worker, later });
        }
    }
    churn
}

fn first_visits(plan: &RoundsPlan) -> BTreeMap<ClientId, (Instant, StaffId)> {
    let mut first = BTreeMap::new();
    for assignment in &plan.assignments {
        let visit = (assignment.during.start, assignment.worker);
        first.entry(assignment.client).and_modify(|known| *known = visit.min(*known)).or_insert(visit);
    }
    first
}
