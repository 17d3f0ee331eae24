//! The trace in words: ids, minutes and the clinic's time, never anything about a client but the id.

use super::exception::Exception;
use super::judge::{Considered, Cost, Judgment, PassedOver};
use super::outcome::{Assignment, Decision, RoundsPlan, SmoothingMove, VisitTrace};
use super::{Day, Placement, VisitRequest};
use crate::ids::{AreaId, StaffId, VisitId};
use crate::time::interval::{Instant, Minutes};
use crate::time::zone::Zone;

/// So many of the workers considered are told of; the trace has them all.
const MAX_TOLD: usize = 12;

/// Why a visit is where it is, in words; `None` if it isn't in the plan. `day` is what the plan was made from.
#[must_use]
pub fn explain(day: &Day, plan: &RoundsPlan, zone: &Zone, visit: VisitId) -> Option<String> {
    let request = day.visits.iter().find(|request| request.id == visit)?;
    let trace = plan.trace_of(visit)?;
    let words = Words { day, zone, request };
    let mut told = match trace.decision {
        Decision::Locked(placement) => format!("{}: locked", words.place(placement)),
        Decision::Kept(placement) => format!("{}: stays with the worker who had it", words.place(placement)),
        Decision::Chosen(placement) => words.chosen(trace, placement),
        Decision::Unplaced => words.unplaced(trace, plan.exceptions.iter().find(|row| row.visit == visit)),
    };
    for smoothed in plan.moves.iter().filter(|row| row.visit == visit) {
        told.push_str(&words.smoothed(smoothed));
    }
    let is = plan.assignment(visit).map(Assignment::placement);
    if is != planned(plan, trace) {
        told.push_str(&match is {
            Some(placement) => format!("; then put by hand to {}", words.place(placement)),
            None => "; then taken out by hand".to_owned(),
        });
    }
    Some(told)
}

/// Where the trace leaves a visit, smoothing included.
fn planned(plan: &RoundsPlan, trace: &VisitTrace) -> Option<Placement> {
    let visit = trace.visit;
    let moved = plan.moves.iter().rfind(|row| row.visit == visit);
    moved.map(|row| Placement { visit, worker: row.to, start: row.to_start }).or(match trace.decision {
        Decision::Locked(placement) | Decision::Kept(placement) | Decision::Chosen(placement) => {
            Some(placement)
        }
        Decision::Unplaced => None,
    })
}

struct Words<'a> {
    day: &'a Day,
    zone: &'a Zone,
    request: &'a VisitRequest,
}

/// A worker who could take the visit.
struct Possible<'a> {
    row: &'a Considered,
    cost: Cost,
}

impl Words<'_> {
    fn chosen(&self, trace: &VisitTrace, chosen: Placement) -> String {
        let mut possible: Vec<_> = trace.considered.iter().filter_map(possible).collect();
        possible.sort_by_key(|other| (other.cost.total(), other.row.worker));
        let Some((first, others)) = possible.split_first() else { return self.place(chosen) };
        let by_capacity = is_by_capacity(first, others);
        let pool = self.pool(first.row.worker);
        let reason = match (others.len(), by_capacity) {
            (0, _) => format!("the only one {pool} who can"),
            (more, true) => {
                format!("most remaining capacity ({} min) of the {} {pool}", first.row.remaining.0, more + 1)
            }
            (more, false) => format!("lowest cost ({}) of the {} {pool}", terms(&first.cost), more + 1),
        };
        let others = others.iter().map(|other| {
            let worker = other.row.worker;
            match (by_capacity, other.cost.total() == first.cost.total()) {
                (true, true) => {
                    format!("worker {worker} had {} too; the lower id goes", other.row.remaining.0)
                }
                (true, false) => format!("worker {worker} had {}", other.row.remaining.0),
                (false, true) => format!("worker {worker} would cost the same; the lower id goes"),
                (false, false) => format!("worker {worker} would cost {}", terms(&other.cost)),
            }
        });
        let passed = trace.considered.iter().filter_map(|row| self.passed_over(row));
        let start = self.clock(chosen.start);
        format!("worker {}: {reason}{}; starts at {start}", chosen.worker, list(others.chain(passed)))
    }

    fn unplaced(&self, trace: &VisitTrace, exception: Option<&Exception>) -> String {
        let kind = exception.map_or("", |row| row.kind.as_str());
        let none = match (self.area(), trace.considered.is_empty()) {
            (None, _) => "; the client is in no area",
            (_, true) => "; there is no worker",
            _ => "",
        };
        let passed = list(trace.considered.iter().filter_map(|row| self.passed_over(row)));
        let nearby = exception.map_or(&[][..], |row| row.nearby.as_slice());
        let nearby = nearby.iter().map(|room| {
            let name = self.name_of(room.area).unwrap_or_default();
            let workers: Vec<_> = room.workers.iter().map(StaffId::to_string).collect();
            let (worker, most) = (workers.join(", "), room.most_remaining.0);
            format!("area {name} has room (up to {most} min; worker {worker})")
        });
        format!("not placed ({kind}){none}{passed}{}", list(nearby))
    }

    fn smoothed(&self, row: &SmoothingMove) -> String {
        let SmoothingMove { from, to, .. } = row;
        let (from_load, to_load, mean) = (row.from_load.0, row.to_load.0, row.mean_load.0);
        let start = self.clock(row.to_start);
        format!(
            "; then smoothing gave it to worker {to}, starting at {start}: worker {from} had {from_load} min of \
             visits and worker {to} had {to_load}, the mean of the area was {mean}"
        )
    }

    fn passed_over(&self, row: &Considered) -> Option<String> {
        let Judgment::PassedOver(reason) = row.judgment else { return None };
        let (worker, needed) = (row.worker, self.request.duration.0);
        Some(match reason {
            PassedOver::AccessNotApproved => {
                format!("worker {worker} would need an approval of access, which is missing")
            }
            PassedOver::NotOnDuty => format!("worker {worker} isn't on duty"),
            PassedOver::MissingSkill => format!("worker {worker} lacks {}", self.lacking(worker)),
            PassedOver::NotWalkable => format!("worker {worker} only walks"),
            PassedOver::WindowUnmatched => {
                format!("worker {worker}'s duty leaves no access window of {needed} min")
            }
            PassedOver::CapacityExceeded => {
                format!("worker {worker} had {} min left of the {needed} needed", row.remaining.0)
            }
            PassedOver::NotFree => format!("worker {worker} had no free time within the access windows"),
        })
    }

    /// Among whom one was chosen: "in area north_1 with the skill wound_care".
    fn pool(&self, worker: StaffId) -> String {
        let home = self.day.workers.iter().find(|row| row.id == worker).map(|row| row.home_area);
        let name = self.area().unwrap_or_default();
        let place = if home == self.request.area { "in area" } else { "beside area" };
        match self.request.skills.as_slice() {
            [] => format!("{place} {name}"),
            skills => format!("{place} {name} with {}", skills_in_words(skills.iter())),
        }
    }

    fn lacking(&self, worker: StaffId) -> String {
        let has = self.day.workers.iter().find(|row| row.id == worker).map(|row| row.skills.as_slice());
        let has = has.unwrap_or_default();
        skills_in_words(self.request.skills.iter().filter(|skill| !has.contains(skill)))
    }

    fn area(&self) -> Option<&str> {
        self.request.area.and_then(|area| self.name_of(area))
    }

    fn name_of(&self, id: AreaId) -> Option<&str> {
        self.day.areas.iter().find(|area| area.id == id).map(|area| area.name.as_str())
    }

    fn place(&self, placement: Placement) -> String {
        format!("worker {} at {}", placement.worker, self.clock(placement.start))
    }

    fn clock(&self, instant: Instant) -> String {
        self.zone.wall_time(instant).to_string()
    }
}

fn possible(row: &Considered) -> Option<Possible<'_>> {
    match row.judgment {
        Judgment::Possible { cost, .. } => Some(Possible { row, cost }),
        Judgment::PassedOver(_) => None,
    }
}

/// Whether remaining capacity alone made the difference.
fn is_by_capacity(first: &Possible<'_>, others: &[Possible<'_>]) -> bool {
    let without_capacity = |cost: &Cost| Cost { remaining_capacity: 0, ..*cost };
    let most = others.iter().map(|other| other.row.remaining).max().unwrap_or(Minutes(0));
    let is_ranked = others.iter().all(|other| {
        other.row.remaining == first.row.remaining
            || other.cost.remaining_capacity != first.cost.remaining_capacity
    });
    is_ranked
        && first.row.remaining >= most
        && others.iter().all(|other| without_capacity(&other.cost) == without_capacity(&first.cost))
}

/// "35: travel 25, continuity 10".
fn terms(cost: &Cost) -> String {
    let terms = cost.terms().into_iter().filter(|(_, points)| *points != 0);
    let terms: Vec<_> = terms.map(|(name, points)| format!("{name} {points}")).collect();
    match terms.as_slice() {
        [] => "0".to_owned(),
        terms => format!("{}: {}", cost.total(), terms.join(", ")),
    }
}

fn skills_in_words<'a>(skills: impl Iterator<Item = &'a String>) -> String {
    let skills: Vec<_> = skills.map(String::as_str).collect();
    let noun = if skills.len() == 1 { "the skill" } else { "the skills" };
    format!("{noun} {}", skills.join(", "))
}

/// "; a; b; and 3 more".
fn list(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<_> = parts.collect();
    let mut told: String = parts.iter().take(MAX_TOLD).map(|part| format!("; {part}")).collect();
    if parts.len() > MAX_TOLD {
        told.push_str(&format!("; and {} more", parts.len() - MAX_TOLD));
    }
    told
}
