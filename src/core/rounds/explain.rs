//! The trace in sentences: names of workers and areas, minutes and the clinic's time; of a client never anything but the id.

use std::collections::BTreeMap;

use super::exception::Exception;
use super::judge::{Considered, Cost, Judgment, PassedOver};
use super::outcome::{Assignment, Decision, RoundsPlan, SmoothingMove, VisitTrace};
use super::{Day, Placement, VisitRequest};
use crate::ids::{AreaId, StaffId, VisitId};
use crate::text::{Clock, named};
use crate::time::interval::Minutes;
use crate::time::zone::Zone;

/// Most workers that a sentence lists; the trace has them all.
const MAX_LISTED: usize = 12;

/// Names of staff: of all there are, since a stored plan may mention somebody who has left.
#[derive(Clone, Copy, Debug)]
pub struct WorkerNames<'a>(pub &'a BTreeMap<StaffId, String>);

impl WorkerNames<'_> {
    /// `Fay (worker 6)`; `worker 6` where the name isn't known.
    #[must_use]
    pub fn of(&self, worker: StaffId) -> String {
        match self.0.get(&worker) {
            Some(name) => named(name, "worker", worker),
            None => format!("worker {worker}"),
        }
    }
}

/// Why a visit has its place, in a sentence; `None` if it isn't in the plan. `day` is the one that the plan was made from.
#[must_use]
pub fn explain(
    day: &Day,
    plan: &RoundsPlan,
    zone: &Zone,
    names: WorkerNames<'_>,
    visit: VisitId,
) -> Option<String> {
    let request = day.visits.iter().find(|request| request.id == visit)?;
    let trace = plan.trace_of(visit)?;
    let sentences = Sentences { day, clock: Clock::new(zone), names, request };
    let mut text = match trace.decision {
        Decision::Locked(placement) => format!("{}: locked", sentences.place(placement)),
        Decision::Kept(placement) => {
            format!("{}: stays with the worker who had it", sentences.place(placement))
        }
        Decision::Chosen(placement) => sentences.chosen(trace, placement),
        Decision::Unplaced => {
            sentences.unplaced(trace, plan.exceptions.iter().find(|row| row.visit == visit))
        }
    };
    for smoothed in plan.moves.iter().filter(|row| row.visit == visit) {
        text.push_str(&sentences.smoothed(smoothed));
    }
    let is = plan.assignment(visit).map(Assignment::placement);
    if is != planned(plan, trace) {
        text.push_str(&match is {
            Some(placement) => {
                format!("; then moved to {} outside the functions", sentences.place(placement))
            }
            None => "; then removed outside the functions".to_owned(),
        });
    }
    text.push_str(&sentences.clock.ending());
    Some(text)
}

/// Where the trace leaves a visit, smoothing included.
fn planned(plan: &RoundsPlan, trace: &VisitTrace) -> Option<Placement> {
    let visit = trace.visit;
    let moved = plan.moves.iter().rfind(|row| row.visit == visit);
    moved
        .map(|row| Placement { visit, worker: row.new_worker, start: row.new_start })
        .or(trace.decision.placement())
}

struct Sentences<'a> {
    day: &'a Day,
    clock: Clock<'a>,
    names: WorkerNames<'a>,
    request: &'a VisitRequest,
}

/// A worker who could take the visit.
struct Possible<'a> {
    row: &'a Considered,
    cost: Cost,
}

impl Sentences<'_> {
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
            let worker = self.names.of(other.row.worker);
            match (by_capacity, other.cost.total() == first.cost.total()) {
                (true, true) => {
                    format!("{worker} had {} too; the lower id goes", other.row.remaining.0)
                }
                (true, false) => format!("{worker} had {}", other.row.remaining.0),
                (false, true) => format!("{worker} would cost the same; the lower id goes"),
                (false, false) => format!("{worker} would cost {}", terms(&other.cost)),
            }
        });
        let passed = trace.considered.iter().filter_map(|row| self.passed_over(row));
        let (worker, start) = (self.names.of(chosen.worker), self.clock.time(chosen.start));
        format!("{worker}: {reason}{}; starts at {start}", list(others.chain(passed)))
    }

    fn unplaced(&self, trace: &VisitTrace, exception: Option<&Exception>) -> String {
        let kind = exception.map_or("", |row| row.kind.as_str());
        let none = match (self.request.area, trace.considered.is_empty()) {
            (None, _) => "; the client is in no area",
            (_, true) => "; there is no worker",
            _ => "",
        };
        let passed = list(trace.considered.iter().filter_map(|row| self.passed_over(row)));
        let nearby = exception.map_or(&[][..], |row| row.nearby.as_slice());
        let nearby = nearby.iter().map(|room| {
            let workers: Vec<_> = room.workers.iter().map(|worker| self.names.of(*worker)).collect();
            let (area, most) = (self.area_text(room.area), room.most_remaining.0);
            format!("{area} has room: up to {most} min, {}", workers.join(", "))
        });
        format!("not placed ({kind}){none}{passed}{}", list(nearby))
    }

    fn smoothed(&self, row: &SmoothingMove) -> String {
        let (old, new) = (self.names.of(row.old_worker), self.names.of(row.new_worker));
        let (old_load, new_load, mean) = (row.old_load.0, row.new_load.0, row.mean_load.0);
        let start = self.clock.time(row.new_start);
        let (twice, mean_or_one) = (i64::from(old_load) * 200, i64::from(mean.max(1)));
        let over = (twice + mean_or_one) / (2 * mean_or_one) - 100;
        format!(
            "; then smoothing gave it to {new}, starting at {start}: {old} had {old_load} min of visits, {over} % over the \
             area's mean of {mean}, and {new} had {new_load}"
        )
    }

    fn passed_over(&self, row: &Considered) -> Option<String> {
        let Judgment::PassedOver(reason) = row.judgment else { return None };
        let (worker, needed) = (self.names.of(row.worker), self.request.duration.0);
        Some(match reason {
            PassedOver::AccessNotApproved => {
                format!("{worker} would need an approval of access, which is missing")
            }
            PassedOver::NotOnDuty => format!("{worker} isn't on duty"),
            PassedOver::MissingSkill => format!("{worker} lacks {}", self.lacking(row.worker)),
            PassedOver::NotWalkable => format!("{worker} only walks"),
            PassedOver::WindowUnmatched => {
                format!("the duty of {worker} leaves no access window of {needed} min")
            }
            PassedOver::CapacityExceeded => {
                format!("{worker} had {} min left of the {needed} needed", row.remaining.0)
            }
            PassedOver::NotFree => format!("{worker} had no free time within the access windows"),
        })
    }

    /// The workers among whom one was chosen: "in north (area 1) with the skill wound_care".
    fn pool(&self, worker: StaffId) -> String {
        let home = self.day.workers.iter().find(|row| row.id == worker).map(|row| row.home_area);
        let area = self.request.area.map(|area| self.area_text(area)).unwrap_or_default();
        let place = if home == self.request.area { "in" } else { "beside" };
        match self.request.skills.as_slice() {
            [] => format!("{place} {area}"),
            skills => format!("{place} {area} with {}", skills_in_words(skills.iter())),
        }
    }

    fn lacking(&self, worker: StaffId) -> String {
        let has = self.day.workers.iter().find(|row| row.id == worker).map(|row| row.skills.as_slice());
        let has = has.unwrap_or_default();
        skills_in_words(self.request.skills.iter().filter(|skill| !has.contains(skill)))
    }

    /// `north (area 1)`.
    fn area_text(&self, id: AreaId) -> String {
        match self.day.areas.iter().find(|area| area.id == id) {
            Some(area) => named(&area.name, "area", id),
            None => format!("area {id}"),
        }
    }

    fn place(&self, placement: Placement) -> String {
        format!("{} at {}", self.names.of(placement.worker), self.clock.time(placement.start))
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
    let mut text: String = parts.iter().take(MAX_LISTED).map(|part| format!("; {part}")).collect();
    if parts.len() > MAX_LISTED {
        text.push_str(&format!("; and {} more", parts.len() - MAX_LISTED));
    }
    text
}
