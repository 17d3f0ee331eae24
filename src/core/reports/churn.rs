//! Changes from one day to another, client by client: whether people see a familiar face, at their hour.

use std::collections::BTreeMap;
use std::fmt;

use crate::ids::{ClientId, PlanId, StaffId};
use crate::rounds::RoundsPlan;
use crate::time::interval::{Instant, MICROS_PER_MINUTE, Minutes};
use crate::time::zone::Zone;

/// A visit as days are compared by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientVisit {
    /// The client.
    pub client: ClientId,
    /// The worker.
    pub worker: StaffId,
    /// The start.
    pub start: Instant,
}

/// The source of the visits of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The record.
    Record,
    /// A plan.
    Plan(PlanId),
}

impl Source {
    /// The record where it has the date, else the newest plan; `None` where nothing is known.
    #[must_use]
    pub fn of(is_recorded: bool, newest_plan: Option<PlanId>) -> Option<Self> {
        if is_recorded { Some(Self::Record) } else { newest_plan.map(Self::Plan) }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record => f.write_str("record"),
            Self::Plan(id) => write!(f, "plan {id}"),
        }
    }
}

/// The known visits of a date.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayVisits {
    /// Their source; `None` = no visits are known.
    pub source: Option<Source>,
    /// The visits, in any order.
    pub visits: Vec<ClientVisit>,
}

/// A client visited on both days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientChange {
    /// The client.
    pub client: ClientId,
    /// The worker of the earlier day.
    pub old_worker: StaffId,
    /// The worker of the later day.
    pub new_worker: StaffId,
    /// How much later in the day, by the clock on the wall; negative = earlier. At most half a day: ten to midnight and ten
    /// past it are twenty minutes apart.
    pub later: Minutes,
}

/// The changes from one day to another.
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
    /// The share of the clients visited on both days that sees another worker, in percent, rounded; `None` without any.
    #[must_use]
    pub const fn percent(&self) -> Option<usize> {
        rounded(self.other_worker * 100, self.both())
    }

    /// How far, on average, the time of day of those clients moved, either way, rounded; `None` without any.
    #[must_use]
    pub fn moved_minutes(&self) -> Option<usize> {
        let moved = self.changes.iter().map(|change| change.later.0.unsigned_abs() as usize);
        rounded(moved.sum(), self.both())
    }

    const fn both(&self) -> usize {
        self.same_worker + self.other_worker
    }
}

const fn rounded(sum: usize, count: usize) -> Option<usize> {
    if count == 0 { None } else { Some((sum * 2 + count) / (count * 2)) }
}

/// Compares two days; `None` where one of them has no source.
#[must_use]
pub fn day_churn(zone: &Zone, from: &DayVisits, to: &DayVisits) -> Option<Churn> {
    from.source.and(to.source)?;
    Some(churn_of(zone, &from.visits, &to.visits))
}

/// Compares two plans of different days, or of one.
#[must_use]
pub fn churn(zone: &Zone, from: &RoundsPlan, to: &RoundsPlan) -> Churn {
    let visits = |plan: &RoundsPlan| -> Vec<_> {
        let of = |visit: &crate::rounds::Assignment| ClientVisit {
            client: visit.client,
            worker: visit.worker,
            start: visit.during.start,
        };
        plan.assignments.iter().map(of).collect()
    };
    churn_of(zone, &visits(from), &visits(to))
}

/// A client visited more than once on a day counts by the first visit.
fn churn_of(zone: &Zone, from: &[ClientVisit], to: &[ClientVisit]) -> Churn {
    let (from, to) = (first_visits(from), first_visits(to));
    let mut churn = Churn {
        added: to.keys().filter(|client| !from.contains_key(client)).copied().collect(),
        dropped: from.keys().filter(|client| !to.contains_key(client)).copied().collect(),
        ..Churn::default()
    };
    for (client, &(old_start, old_worker)) in &from {
        let Some(&(new_start, new_worker)) = to.get(client) else { continue };
        let is_same = old_worker == new_worker;
        *(if is_same { &mut churn.same_worker } else { &mut churn.other_worker }) += 1;
        let later = later(zone, old_start, new_start);
        if !is_same || later.0 != 0 {
            churn.changes.push(ClientChange { client: *client, old_worker, new_worker, later });
        }
    }
    churn
}

/// By the clock on the wall, the shorter way round.
fn later(zone: &Zone, from: Instant, to: Instant) -> Minutes {
    const HALF_DAY: i64 = 12 * 60;
    let clock = |start| zone.wall_time(start).micros() / MICROS_PER_MINUTE;
    let ahead = (clock(to) - clock(from)).rem_euclid(2 * HALF_DAY);
    Minutes(if ahead > HALF_DAY { ahead - 2 * HALF_DAY } else { ahead } as i32)
}

fn first_visits(visits: &[ClientVisit]) -> BTreeMap<ClientId, (Instant, StaffId)> {
    let mut first = BTreeMap::new();
    for visit in visits {
        let found = (visit.start, visit.worker);
        first.entry(visit.client).and_modify(|known| *known = found.min(*known)).or_insert(found);
    }
    first
}
