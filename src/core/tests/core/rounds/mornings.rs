//! Mornings on which somebody is late or ill: 1,000 random ones, checked by hand with minutes, and small ones against every
//! other way to share out the visits.

use crate::rounds::cases::{plan, replan};
use pg_clinic_core::ids::*;
use pg_clinic_core::rounds::*;
use pg_clinic_core::time::interval::{Minutes, Span};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::cases::*;

/// A day under way: what was planned, what has been done by now, and who is away.
#[derive(Clone, Debug)]
struct Morning {
    /// Visits that are done have the length that they took.
    day: Day,
    existing: Vec<Placement>,
    done: Vec<VisitId>,
    away: Vec<StaffId>,
    from: i32,
}

impl Morning {
    fn replan(&self) -> Replan {
        let change = Change { from: at(self.from), without: &self.away, locked: &[], done: &self.done };
        replan(&self.day, &self.existing, &change)
    }

    fn visit(&self, id: VisitId) -> &VisitRequest {
        self.day.visits.iter().find(|visit| visit.id == id).expect("a visit")
    }

    fn worker(&self, id: StaffId) -> &Worker {
        self.day.workers.iter().find(|worker| worker.id == id).expect("a worker")
    }

    /// Who has noted something, so that the rest of the plan isn't under way unseen.
    fn notes(&self, worker: StaffId) -> bool {
        self.existing.iter().any(|row| row.worker == worker && self.done.contains(&row.visit))
    }

    /// Visits that nobody may move: done, or under way for all we know.
    fn is_fixed(&self, row: &Placement) -> bool {
        let is_past = minute(row.start) < self.from;
        self.done.contains(&row.visit)
            || is_past && !self.notes(row.worker) && !self.away.contains(&row.worker)
    }
}

/// Lets a planned day run until `from`: each worker is late by some minutes at every visit so far.
fn run(day: Day, from: i32, late: &[i32], away: Vec<StaffId>) -> Morning {
    let mut morning = Morning { existing: placements(&plan(&day)), day, done: vec![], away, from };
    for row in &mut morning.existing {
        let late = late[row.worker.0 as usize % late.len()];
        let began = minute(row.start) + late;
        if began < from {
            row.start = at(began);
            morning.done.push(row.visit);
            let visit = morning.day.visits.iter_mut().find(|visit| visit.id == row.visit).expect("a visit");
            // It is expected to go on until now, at least.
            visit.duration.0 = visit.duration.0.max(from - began).min(visit.duration.0 + late);
        }
    }
    morning
}

/// Forty visits of ten minutes shared by two.
fn tight(tolerance: i32) -> Day {
    let area = Area { travel: Minutes(2), tolerance: Minutes(tolerance), ..area(1) };
    day(vec![area], vec![worker(1, 1, 400), worker(2, 1, 400)], (1..=40).map(|id| visit(id, 1, 10)).collect())
}

#[test]
fn who_is_late_by_the_tolerance_loses_and_moves_nothing() {
    for late in [1, 3, 5, 10] {
        for from in [30, 65, 120] {
            let morning = run(tight(10), from, &[late], vec![]);
            assert!(!morning.done.is_empty());
            let after = morning.replan();
            assert_eq!((after.moved, after.changes), (vec![], Changes::default()), "{late} late at {from}");
        }
    }
}

#[test]
fn a_longer_delay_pushes_and_nobody_changes_hands() {
    let after = run(tight(10), 65, &[12], vec![]).replan();
    assert_eq!(after.changes.workers, 0);
    assert!(after.moved.len() > 20 && after.changes.visits == after.moved.len());
    assert_eq!(after.changes.minutes, 12 * after.moved.len() as i64);
    let is_pushed = |row: &Moved| matches!(row.reason, MoveReason::Pushed | MoveReason::NotBegun);
    assert!(after.moved.iter().all(is_pushed));
    // Of workers of whom one is late only hers move.
    let after = run(tight(0), 65, &[0, 7], vec![]).replan();
    assert!(after.moved.iter().all(|row| row.before.is_some_and(|before| before.worker == StaffId(1))));
    assert!(!after.moved.is_empty());
}

#[test]
fn the_least_important_gives_way() {
    let mut day = tight(0);
    for worker in &mut day.workers {
        worker.on_duty = vec![span(0, 238)];
    }
    for visit in &mut day.visits {
        visit.tier = if visit.id.0 == 31 { 5 } else { 1 };
    }
    // Worker 1 has the odd ones, the last of them until 238: with 7 minutes more one of them has no place.
    let after = run(day, 65, &[0, 7], vec![]).replan();
    assert_eq!(left(&after.plan), [(31, "window_unmatched", "window_unmatched")]);
    assert_eq!(after.changes.workers, 0);
}

#[test]
fn the_fewest_changes_are_told() {
    // Worker 1 is ill from the start; worker 2 has room for all but the longest of hers.
    let visits = vec![visit(1, 1, 60), visit(2, 1, 60), visit(3, 1, 60), visit(4, 1, 60)];
    let day = day(vec![area(1)], vec![worker(1, 1, 360), worker(2, 1, 360)], visits);
    let morning =
        Morning { existing: placements(&plan(&day)), day, done: vec![], away: vec![StaffId(1)], from: 0 };
    let changes = morning.replan().changes;
    assert_eq!((changes.workers, changes.fewest_workers), (2, 2));
    let sentence = changes.sentence().expect("something moves");
    assert_eq!(sentence, "2 moved by 240 min in all, 2 to another worker: the fewest");
    let more = Changes { fewest_workers: 1, ..changes };
    assert!(more.sentence().is_some_and(|text| text.ends_with("at most 1 more than needed")));
    assert_eq!(Changes::default().sentence(), None);
}

fn any_morning(most: usize) -> impl Strategy<Value = Morning> {
    let skill = prop::bool::weighted(0.2);
    let visits = vec((5..40_i32, 0..200_i32, 60..360_i32, skill, 1..4_i32), 2..=most);
    let workers = vec((60..300_i32, 200..360_i32, prop::bool::weighted(0.6)), 2..4);
    let late = vec(prop_oneof![Just(0), 0..30_i32], 1..4);
    let away = prop_oneof![3 => Just(None), 1 => (1..4_i64).prop_map(Some)];
    (visits, workers, late, away, 0..200_i32, (0..4_i32, 0..12_i32)).prop_map(
        |(visits, workers, late, away, from, (travel, tolerance))| {
            let skills = |has| if has { vec!["infusion".to_owned()] } else { vec![] };
            let visits = visits.into_iter().zip(1..).map(|((duration, opens, length, skill, tier), id)| {
                let windows = vec![span(opens, (opens + length).min(LAST_MINUTE))];
                VisitRequest { skills: skills(skill), tier, windows, ..visit(id, 1, duration) }
            });
            let workers = workers.into_iter().zip(1..).map(|((capacity, until, skill), id)| Worker {
                on_duty: vec![span(0, until)],
                skills: skills(skill),
                ..worker(id, 1, capacity)
            });
            let area = Area { travel: Minutes(travel), tolerance: Minutes(tolerance), ..area(1) };
            let day = day(vec![area], workers.collect(), visits.collect());
            run(day, from, &late, away.map(StaffId).into_iter().collect())
        },
    )
}

fn mornings(count: usize, most: usize) -> impl Iterator<Item = Morning> {
    let mut runner = TestRunner::deterministic();
    let one = any_morning(most);
    (0..count).map(move |_| one.new_tree(&mut runner).expect("a morning").current())
}

fn is_in(spans: &[Span], from: i32, to: i32) -> bool {
    spans.iter().any(|span| minute(span.start) <= from && to <= minute(span.end))
}

/// Goes through one worker's day with a watch: when each visit really begins, whatever the plan says.
fn check_way(morning: &Morning, worker: &Worker, after: &Replan) {
    let area = &morning.day.areas[0];
    let fixed = |id: VisitId| morning.existing.iter().any(|row| row.visit == id && morning.is_fixed(row));
    let mut way: Vec<_> = after.plan.assignments.iter().filter(|row| row.worker == worker.id).collect();
    way.sort_by_key(|row| (!fixed(row.visit), row.during.start));
    let (mut clock, mut is_first, mut minutes) = (0, true, 0);
    for row in way {
        let (from, to) = (minute(row.during.start), minute(row.during.end));
        let ready = clock + if is_first { 0 } else { area.travel.0 };
        is_first = false;
        if fixed(row.visit) {
            (clock, minutes) = (clock.max(to), minutes + to - from);
            continue;
        }
        let really = from.max(ready).max(morning.from);
        assert!(really - from <= area.tolerance.0, "{row:?} begins at {really}\n{morning:#?}");
        let visit = morning.visit(row.visit);
        assert!(is_in(&visit.windows, from, to) && is_in(&worker.on_duty, from, to), "{row:?}\n{morning:#?}");
        assert!(visit.skills.iter().all(|skill| worker.skills.contains(skill)));
        minutes += to - from;
        assert!(minutes <= worker.capacity.0, "too much at {row:?}\n{morning:#?}");
        clock = really + to - from;
    }
}

/// Nothing moves that needn't: it is pushed by a delay, or it broke.
fn check_moves(morning: &Morning, after: &Replan) {
    let is_delayed = |worker: StaffId| morning.notes(worker);
    for row in &after.moved {
        let Some(before) = row.before else { continue };
        let is_away = morning.away.contains(&before.worker);
        assert!(
            !morning.is_fixed(&before) && (is_away || is_delayed(before.worker)),
            "{row:?}\n{morning:#?}"
        );
        if row.reason == MoveReason::Pushed {
            let new = row.after.expect("a place");
            assert!(new.worker == before.worker && new.start > before.start, "{row:?}");
        }
    }
    // Who stayed with the worker without being placed anew comes in the same order as before.
    let kept = |row: &&Placement| {
        let trace = after.plan.trace_of(row.visit).expect("a trace");
        trace.decision.kind() == DecisionKind::Kept && !morning.is_fixed(row)
    };
    let mut before: Vec<_> = morning.existing.iter().filter(kept).collect();
    before.sort_by_key(|row| (row.worker, row.start, row.visit));
    for pair in before.windows(2).filter(|pair| pair[0].worker == pair[1].worker) {
        let start = |row: &Placement| after.plan.assignment(row.visit).expect("kept").during.start;
        assert!(start(pair[0]) <= start(pair[1]), "{pair:?}\n{morning:#?}");
    }
}

#[test]
fn a_thousand_mornings_hold() {
    let mut seen = [0; 4];
    for morning in mornings(1_000, 14) {
        let after = morning.replan();
        for worker in &morning.day.workers {
            check_way(&morning, morning.worker(worker.id), &after);
        }
        check_moves(&morning, &after);
        assert!(after.changes.fewest_workers <= after.changes.workers, "{morning:#?}");
        seen[0] += usize::from(!after.moved.is_empty());
        seen[1] += after.moved.iter().filter(|row| row.reason == MoveReason::Pushed).count();
        seen[2] += after.changes.workers;
        seen[3] += after.changes.fewest_workers;
    }
    assert!(seen.iter().all(|count| *count > 100), "{seen:?}");
}

/// The fewest visits that change hands, of all ways to give at least the visits that `placed` has to workers, in any order.
fn fewest(morning: &Morning, placed: &[VisitId]) -> usize {
    let open = placed
        .iter()
        .filter(|id| !morning.existing.iter().any(|row| row.visit == **id && morning.is_fixed(row)));
    let open: Vec<_> = open.copied().collect();
    let workers: Vec<_> =
        morning.day.workers.iter().filter(|worker| !morning.away.contains(&worker.id)).collect();
    let ways = workers.len().pow(open.len() as u32);
    let changed = (0..ways).filter_map(|way| {
        let of = |index: usize| way / workers.len().pow(index as u32) % workers.len();
        let holds = workers.iter().enumerate().all(|(number, worker)| {
            let visits: Vec<_> =
                (0..open.len()).filter(|index| of(*index) == number).map(|index| open[index]).collect();
            can_do(morning, worker, &visits)
        });
        let is_changed = |index: &usize| {
            let before = morning.existing.iter().find(|row| row.visit == open[*index]);
            before.is_some_and(|row| row.worker != workers[of(*index)].id)
        };
        holds.then(|| (0..open.len()).filter(is_changed).count())
    });
    changed.min().expect("the plan itself is one of the ways")
}

/// Whether a worker can do these visits in some order, being late by the tolerance at most.
fn can_do(morning: &Morning, worker: &Worker, visits: &[VisitId]) -> bool {
    let fixed: Vec<_> =
        morning.existing.iter().filter(|row| row.worker == worker.id && morning.is_fixed(row)).collect();
    let minutes = |id: VisitId| morning.visit(id).duration.0;
    let taken: i32 = fixed.iter().map(|row| minutes(row.visit)).sum();
    let more: i32 = visits.iter().map(|id| minutes(*id)).sum();
    let has_skills =
        |id: &VisitId| morning.visit(*id).skills.iter().all(|skill| worker.skills.contains(skill));
    let ends = fixed.iter().map(|row| minute(row.start) + minutes(row.visit)).max();
    (visits.is_empty() || taken + more <= worker.capacity.0)
        && visits.iter().all(has_skills)
        && in_some_order(morning, worker, ends, visits)
}

fn in_some_order(morning: &Morning, worker: &Worker, clock: Option<i32>, rest: &[VisitId]) -> bool {
    let area = &morning.day.areas[0];
    rest.is_empty()
        || rest.iter().enumerate().any(|(index, id)| {
            let visit = morning.visit(*id);
            let ready = clock.map_or(0, |clock| clock + area.travel.0).max(morning.from);
            let begins = ready.max(minute(visit.windows[0].start));
            let ends = begins + visit.duration.0;
            let latest = visit.windows[0].end.min(worker.on_duty[0].end);
            let mut others = rest.to_vec();
            others.remove(index);
            ends <= minute(latest) + area.tolerance.0 && in_some_order(morning, worker, Some(ends), &others)
        })
}

#[test]
fn no_way_to_share_out_the_visits_changes_fewer_hands_than_the_bound() {
    let (mut all, mut best, mut met) = (0, 0, 0);
    for morning in mornings(1_000, 5) {
        let after = morning.replan();
        if after.changes.workers == 0 {
            continue;
        }
        let placed: Vec<_> = after.plan.assignments.iter().map(|row| row.visit).collect();
        let fewest = fewest(&morning, &placed);
        let Changes { workers, fewest_workers, .. } = after.changes;
        assert!(
            fewest_workers <= fewest && fewest <= workers,
            "{fewest_workers} {fewest} {workers}\n{morning:#?}"
        );
        all += 1;
        best += usize::from(workers == fewest);
        met += usize::from(fewest_workers == fewest);
    }
    assert!(all > 90 && best * 100 > all * 90 && met * 100 > all * 90, "{all} {best} {met}");
}
