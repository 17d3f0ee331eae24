//! The rounds as one would make them with a pencil, minute by minute, with lists that are searched anew at every step. Shares
//! nothing with the code but the types of the day.

use pg_clinic_core::ids::{AreaId, StaffId, VisitId};
use pg_clinic_core::rounds::*;
use pg_clinic_core::time::interval::{Minutes, Span};

use super::cases::{LAST_MINUTE, at, minute};

/// A visit on somebody's list: minutes from and to.
#[derive(Clone, Debug)]
struct Entry {
    visit: i64,
    worker: i64,
    area: Option<i64>,
    from: i32,
    to: i32,
}

/// The finding about a worker for a visit: minute, travel and terms of the cost, or why not.
pub type Found = Result<(i32, i32, [i64; 5]), &'static str>;

/// The oracle's answer.
#[derive(Debug, Default, PartialEq)]
pub struct Rounds {
    /// Visit, worker, minute; by visit.
    pub assignments: Vec<(i64, i64, i32)>,
    /// Visit, kind and cause, in the order found.
    pub exceptions: Vec<(i64, &'static str, &'static str)>,
    /// Visit, worker, minutes left, what was found; by visit.
    pub trace: Vec<(i64, i64, i32, Found)>,
    /// Visit, from whom with how much, to whom with how much.
    pub moves: Vec<(i64, i64, i32, i64, i32)>,
}

pub struct Oracle<'a> {
    day: &'a Day,
    list: Vec<Entry>,
    trace: Vec<(i64, i64, i32, Found)>,
    moves: Vec<(i64, i64, i32, i64, i32)>,
}

/// The rounds of a day.
pub fn rounds(day: &Day) -> Rounds {
    let mut oracle = Oracle { day, list: vec![], trace: vec![], moves: vec![] };
    let mut locks = day.locked.clone();
    locks.sort_by_key(|lock| (lock.visit, lock.worker, lock.start));
    for lock in &locks {
        let is_known = day.workers.iter().any(|worker| worker.id == lock.worker);
        if let (Some(visit), true, None) = (oracle.visit(lock.visit), is_known, oracle.entry(lock.visit.0)) {
            oracle.write(visit, lock.worker.0, minute(lock.start));
        }
    }
    let locked: Vec<_> = oracle.list.iter().map(|entry| entry.visit).collect();
    for are_helpers in [false, true] {
        for visit in oracle.in_order() {
            if oracle.entry(visit.id.0).is_none() {
                oracle.offer(visit, are_helpers);
            }
        }
    }
    oracle.smooth(&locked);
    oracle.into_rounds()
}

impl<'a> Oracle<'a> {
    fn visit(&self, id: VisitId) -> Option<&'a VisitRequest> {
        self.day.visits.iter().find(|visit| visit.id == id)
    }

    fn worker(&self, id: i64) -> &'a Worker {
        self.day.workers.iter().find(|worker| worker.id.0 == id).expect("a worker")
    }

    fn entry(&self, visit: i64) -> Option<&Entry> {
        self.list.iter().find(|entry| entry.visit == visit)
    }

    fn area(&self, id: Option<AreaId>) -> Option<&'a Area> {
        self.day.areas.iter().find(|area| Some(area.id) == id)
    }

    fn write(&mut self, visit: &VisitRequest, worker: i64, from: i32) {
        let area = self.area(visit.area).map(|area| area.id.0);
        let to = from + visit.duration.0.max(1);
        self.list.push(Entry { visit: visit.id.0, worker, area, from, to });
    }

    fn in_order(&self) -> Vec<&'a VisitRequest> {
        let mut visits: Vec<_> = self.day.visits.iter().collect();
        visits.sort_by_key(|visit| {
            let kind = VisitKind::ALL.iter().position(|kind| *kind == visit.kind);
            let opens = match visit.windows.iter().map(|window| window.start).min() {
                Some(start) if start != ANY_TIME.start => minute(start),
                _ => i32::MAX,
            };
            let area = self.area(visit.area).map_or(i64::MAX, |area| area.id.0);
            (area, kind, opens, visit.usual_order, visit.client.0, visit.id.0)
        });
        visits
    }

    fn are_neighbors(&self, one: AreaId, other: AreaId) -> bool {
        let lists = |a: AreaId, b: AreaId| {
            self.area(Some(a)).is_some_and(|area| area.neighbors.iter().any(|row| row.area == b))
        };
        let exist = self.area(Some(one)).is_some() && self.area(Some(other)).is_some();
        exist && one != other && (lists(one, other) || lists(other, one))
    }

    /// The travel between two neighbors.
    fn direct(&self, from: AreaId, to: AreaId) -> Option<i32> {
        let listed = |a: AreaId, b: AreaId| {
            let rows = self.area(Some(a))?.neighbors.iter().filter(|row| row.area == b);
            rows.map(|row| row.travel.0).min()
        };
        if from == to || self.area(Some(from)).is_none() || self.area(Some(to)).is_none() {
            return None;
        }
        listed(from, to).or_else(|| listed(to, from))
    }

    fn travel(&self, home: AreaId, from: Option<i64>, to: Option<i64>) -> i32 {
        let inner = self.day.areas.iter().map(|area| area.travel.0);
        let ids = || self.day.areas.iter().map(|area| area.id);
        let all = ids().flat_map(|a| ids().filter_map(move |b| self.direct(a, b)));
        let longest = inner.chain(all).max().unwrap_or(0);
        let (Some(from), Some(to)) = (from.map(AreaId), to.map(AreaId)) else { return longest };
        if from == to {
            return self.area(Some(from)).expect("an area").travel.0;
        }
        let through_home = || Some(self.direct(from, home)? + self.direct(home, to)?);
        self.direct(from, to).or_else(through_home).unwrap_or(longest)
    }

    fn first_travel(&self, worker: &Worker, to: Option<i64>) -> i32 {
        match self.area(Some(worker.home_area)).map(|area| area.id.0) {
            home if home == to => 0,
            home => self.travel(worker.home_area, home, to),
        }
    }

    fn load(&self, worker: i64) -> i32 {
        self.list.iter().filter(|entry| entry.worker == worker).map(|entry| entry.to - entry.from).sum()
    }

    fn left(&self, worker: &Worker) -> i32 {
        (worker.capacity.0 - self.load(worker.id.0)).max(0)
    }

    fn is_within(spans: &[Span], from: i32, to: i32) -> bool {
        (from..to).all(|minute| spans.iter().any(|span| span.start <= at(minute) && at(minute) < span.end))
    }

    /// The travel to a visit that starts then, if it can.
    fn travel_if_free(&self, worker: &Worker, area: Option<i64>, from: i32, to: i32) -> Option<i32> {
        let others: Vec<_> = self.list.iter().filter(|entry| entry.worker == worker.id.0).collect();
        let before = others.iter().filter(|entry| entry.from < from);
        let before = before.max_by_key(|entry| (entry.to, entry.from, entry.visit));
        let next =
            others.iter().filter(|entry| entry.from >= from).min_by_key(|entry| (entry.from, entry.visit));
        let begins = worker.on_duty.iter().map(|duty| minute(duty.start)).min()?;
        let (ready, travel) = match before {
            None => (begins, self.first_travel(worker, area)),
            Some(entry) => (entry.to, self.travel(worker.home_area, entry.area, area)),
        };
        let is_in_time =
            next.is_none_or(|next| to + self.travel(worker.home_area, area, next.area) <= next.from);
        (ready + travel <= from && is_in_time).then_some(travel)
    }

    fn find(&self, visit: &VisitRequest, worker: &Worker) -> Result<(i32, i32), &'static str> {
        let length = visit.duration.0.max(1);
        let area = self.area(visit.area).map(|area| area.id.0);
        let walkable = |id| self.area(Some(id)).is_some_and(|area| area.is_walkable);
        if visit.access == Access::NotApproved {
            return Err("access_not_approved");
        }
        if worker.on_duty.is_empty() {
            return Err("not_on_duty");
        }
        if visit.skills.iter().any(|skill| !worker.skills.contains(skill)) {
            return Err("missing_skill");
        }
        if worker.is_walk_only && !(visit.area.is_some_and(walkable) && walkable(worker.home_area)) {
            return Err("not_walkable");
        }
        let suits = |from: i32| {
            let to = from + length;
            Self::is_within(&worker.on_duty, from, to) && Self::is_within(&visit.windows, from, to)
        };
        if !(0..LAST_MINUTE).any(suits) {
            return Err("window_unmatched");
        }
        if self.left(worker) < length {
            return Err("capacity_exceeded");
        }
        let starts = (0..LAST_MINUTE).filter(|from| suits(*from));
        let mut free =
            starts.filter_map(|from| Some((from, self.travel_if_free(worker, area, from, from + length)?)));
        free.next().ok_or("not_free")
    }

    fn offer(&mut self, visit: &VisitRequest, are_helpers: bool) {
        let Some(area) = self.area(visit.area) else { return };
        if are_helpers && !area.takes_help {
            return;
        }
        let mut workers: Vec<_> = self.day.workers.iter().collect();
        workers.retain(|worker| match are_helpers {
            false => worker.home_area == area.id,
            true => self.are_neighbors(worker.home_area, area.id),
        });
        workers.sort_by_key(|worker| worker.id);
        let found: Vec<_> =
            workers.iter().map(|worker| (*worker, self.left(worker), self.find(visit, worker))).collect();
        let most = found.iter().filter(|row| row.2.is_ok()).map(|row| row.1).max().unwrap_or(0);
        let mut best: Option<(i64, i64, i32)> = None;
        for (worker, left, found) in found {
            let id = worker.id.0;
            let found = found.map(|(from, travel)| {
                let terms = terms(visit, worker.id, most - left, (from, travel), area.weights);
                let total = terms.iter().sum();
                if best.is_none_or(|best| total < best.0) {
                    best = Some((total, id, from));
                }
                (from, travel, terms)
            });
            self.trace.push((visit.id.0, id, left, found));
        }
        if let Some((_, worker, from)) = best {
            self.write(visit, worker, from);
        }
    }

    fn smooth(&mut self, locked: &[i64]) {
        let mut areas: Vec<_> = self.day.areas.iter().collect();
        areas.sort_by_key(|area| area.id);
        for area in areas {
            while let Some((entry, taker, from)) = self.next_move(area, locked) {
                self.moves.push((
                    entry.visit,
                    entry.worker,
                    self.load(entry.worker),
                    taker,
                    self.load(taker),
                ));
                self.list.retain(|other| other.visit != entry.visit);
                let visit = self.visit(VisitId(entry.visit)).expect("a visit");
                self.write(visit, taker, from);
            }
        }
    }

    /// The best of all moves: from the highest load to the lowest, then the cheapest.
    fn next_move(&self, area: &Area, locked: &[i64]) -> Option<(Entry, i64, i32)> {
        let team =
            self.day.workers.iter().filter(|worker| {
                worker.home_area == area.id && worker.is_smoothed && !worker.on_duty.is_empty()
            });
        let team: Vec<_> = team.collect();
        let total: i64 = team.iter().map(|worker| i64::from(self.load(worker.id.0))).sum();
        let mut moves = vec![];
        for entry in &self.list {
            let visit = self.visit(VisitId(entry.visit)).expect("a visit");
            let old_load = i64::from(self.load(entry.worker));
            let is_above =
                old_load * team.len() as i64 * 100 > total * i64::from(100 + area.smoothing_percent);
            let stays = locked.contains(&entry.visit) || visit.kind == VisitKind::Redo;
            let is_of_team = team.iter().any(|worker| worker.id.0 == entry.worker);
            if stays || !is_of_team || !is_above || visit.area != Some(area.id) || !self.can_leave(entry) {
                continue;
            }
            let before = self.travel_before(entry);
            let now = terms(visit, StaffId(entry.worker), 0, (entry.from, before), area.weights)
                .iter()
                .sum::<i64>();
            for taker in &team {
                let new_load = i64::from(self.load(taker.id.0));
                let Ok((from, travel)) = self.find(visit, taker) else { continue };
                let then = terms(visit, taker.id, 0, (from, travel), area.weights).iter().sum::<i64>();
                let is_dear = area.smoothing_max_cost.is_some_and(|most| then - now > i64::from(most));
                let length = entry.to - entry.from;
                if new_load + i64::from(length) < old_load && !is_dear {
                    let rank = (
                        -old_load,
                        entry.worker,
                        new_load,
                        then - now,
                        length,
                        visit.client,
                        visit.id,
                        taker.id,
                    );
                    moves.push((rank, (entry.clone(), taker.id.0, from)));
                }
            }
        }
        moves.into_iter().min_by_key(|row| row.0).map(|row| row.1)
    }

    fn travel_before(&self, entry: &Entry) -> i32 {
        let worker = self.worker(entry.worker);
        let others = self.list.iter().filter(|other| other.worker == entry.worker);
        let earlier = others.filter(|other| (other.from, other.visit) < (entry.from, entry.visit));
        match earlier.max_by_key(|other| (other.to, other.from, other.visit)) {
            None => self.first_travel(worker, entry.area),
            Some(before) => self.travel(worker.home_area, before.area, entry.area),
        }
    }

    /// Whether who has a visit still reaches the next client in time without it.
    fn can_leave(&self, entry: &Entry) -> bool {
        let worker = self.worker(entry.worker);
        let mut rest: Vec<_> = self.list.iter().filter(|other| other.worker == entry.worker).collect();
        rest.sort_by_key(|other| (other.from, other.visit));
        let index = rest.iter().position(|other| other.visit == entry.visit).expect("the entry");
        let Some(next) = rest.get(index + 1) else { return true };
        let before = rest[..index].iter().max_by_key(|other| (other.to, other.from, other.visit));
        let begins = worker.on_duty.iter().map(|duty| minute(duty.start)).min().unwrap_or(0);
        let ready = match before {
            None => begins + self.first_travel(worker, next.area),
            Some(before) => before.to + self.travel(worker.home_area, before.area, next.area),
        };
        ready <= next.from
    }

    fn into_rounds(mut self) -> Rounds {
        let left: Vec<_> =
            self.in_order().into_iter().filter(|visit| self.entry(visit.id.0).is_none()).collect();
        let exceptions = left.into_iter().map(|visit| {
            let of_visit = self.trace.iter().filter(|row| row.0 == visit.id.0);
            let reasons: Vec<_> = of_visit.filter_map(|row| row.3.as_ref().err().copied()).collect();
            let cause = match reasons.as_slice() {
                reasons if reasons.contains(&"not_free") => "window_unmatched",
                reasons if reasons.contains(&"capacity_exceeded") => "capacity_exceeded",
                reasons if reasons.contains(&"window_unmatched") => "window_unmatched",
                _ => "no_eligible_worker",
            };
            (visit.id.0, if visit.kind == VisitKind::WalkIn { "walk_in" } else { cause }, cause)
        });
        let exceptions = exceptions.collect();
        self.list.sort_by_key(|entry| entry.visit);
        self.trace.sort_by_key(|row| row.0);
        Rounds {
            assignments: self.list.iter().map(|entry| (entry.visit, entry.worker, entry.from)).collect(),
            exceptions,
            trace: self.trace,
            moves: self.moves,
        }
    }
}

fn terms(
    visit: &VisitRequest,
    worker: StaffId,
    fewer: i32,
    (from, minutes): (i32, i32),
    weights: CostWeights,
) -> [i64; 5] {
    let known = visit.experience.iter().filter(|row| row.worker == worker).map(|row| row.visits);
    let lacking = (10 - known.max().unwrap_or(0)).max(0);
    let is_other = visit.last_worker.is_some() && visit.last_worker != Some(worker);
    let off = visit.usual_start.map_or(0, |usual| (minute(usual) - from).abs());
    let CostWeights { remaining_capacity, travel, continuity, experience, punctuality } = weights;
    let terms = [
        remaining_capacity * fewer,
        travel * minutes,
        continuity * i32::from(is_other),
        experience * lacking,
        punctuality * off,
    ];
    terms.map(i64::from)
}

/// A plan in the oracle's words.
pub fn as_rounds(plan: &RoundsPlan) -> Rounds {
    let trace = plan.trace.iter().flat_map(|trace| {
        trace.considered.iter().map(|row| {
            let found = match row.judgment {
                Judgment::PassedOver(reason) => Err(reason.as_str()),
                Judgment::Possible { start, travel, cost } => {
                    Ok((minute(start), travel.0, cost.terms().map(|(_, points)| points)))
                }
            };
            (trace.visit.0, row.worker.0, row.remaining.0, found)
        })
    });
    let moves = plan.moves.iter().map(|row| {
        let Minutes(old_load) = row.old_load;
        (row.visit.0, row.old_worker.0, old_load, row.new_worker.0, row.new_load.0)
    });
    Rounds {
        assignments: super::cases::placed(plan),
        exceptions: super::cases::left(plan),
        trace: trace.collect(),
        moves: moves.collect(),
    }
}
