//! Properties of plans over random days.

use std::collections::{BTreeMap, BTreeSet};

use crate::rounds::cases::{plan, replan};
use pg_clinic_core::rounds::*;
use pg_clinic_core::time::interval::Minutes;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::cases::*;
use super::oracle::{as_rounds, rounds};

/// A day and the same in another order.
fn in_two_orders() -> impl Strategy<Value = (Day, Day)> {
    any_day_with_locks().prop_flat_map(|day| {
        let areas = Just(day.areas.clone()).prop_shuffle();
        let workers = Just(day.workers.clone()).prop_shuffle();
        let visits = Just(day.visits.clone()).prop_shuffle();
        let locked = Just(day.locked.clone()).prop_shuffle();
        let other =
            (areas, workers, visits, locked).prop_map(|(mut areas, mut workers, mut visits, locked)| {
                areas.iter_mut().for_each(|area| area.neighbors.reverse());
                for worker in &mut workers {
                    worker.skills.reverse();
                    worker.on_duty.reverse();
                }
                for visit in &mut visits {
                    visit.skills.reverse();
                    visit.windows.reverse();
                    visit.experience.reverse();
                }
                Day { areas, workers, visits, locked }
            });
        (Just(day), other)
    })
}

fn any_plannable() -> impl Strategy<Value = Day> {
    prop_oneof![any_day().boxed(), roomy_day().boxed()]
}

/// Every rule that a plan without locks must keep, looked up in the day itself.
fn check_rules(day: &Day, plan: &RoundsPlan) -> Result<(), TestCaseError> {
    let mut by_worker: BTreeMap<_, Vec<&Assignment>> = BTreeMap::new();
    for row in &plan.assignments {
        let visit = day.visits.iter().find(|visit| visit.id == row.visit).expect("a visit of the day");
        let worker = day.workers.iter().find(|worker| worker.id == row.worker).expect("a worker of the day");
        prop_assert!(
            visit.windows.iter().any(|window| covered(&visit.windows, row) && window.overlaps(row.during))
        );
        prop_assert!(covered(&worker.on_duty, row), "off duty: {:?}", row);
        prop_assert!(visit.skills.iter().all(|skill| worker.skills.contains(skill)), "unskilled: {:?}", row);
        prop_assert_ne!(&visit.access, &Access::NotApproved);
        let area = day.areas.iter().find(|area| Some(area.id) == visit.area).expect("an area");
        prop_assert!(!worker.is_walk_only || area.is_walkable);
        prop_assert_eq!(row.during.whole_minutes(), Minutes(visit.duration.0.max(1)));
        by_worker.entry(row.worker).or_default().push(row);
    }
    for (id, mut visits) in by_worker {
        let worker = day.workers.iter().find(|worker| worker.id == id).expect("a worker");
        let minutes: i32 = visits.iter().map(|row| row.during.whole_minutes().0).sum();
        prop_assert!(minutes <= worker.capacity.0, "worker {} has {} min", id, minutes);
        visits.sort_by_key(|row| row.during.start);
        for pair in visits.windows(2) {
            prop_assert!(pair[0].during.end + pair[1].travel <= pair[1].during.start, "late: {:?}", pair);
        }
    }
    Ok(())
}

fn covered(spans: &[pg_clinic_core::time::interval::Span], row: &Assignment) -> bool {
    pg_clinic_core::time::interval::covers(&pg_clinic_core::time::interval::union(spans.to_vec()), row.during)
}

/// The properties below would say little if random days were all alike.
#[test]
fn random_days_reach_every_branch() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..400 {
        let day = any_day_with_locks().new_tree(&mut runner).expect("a day").current();
        let plan = plan(&day);
        seen.extend(plan.exceptions.iter().map(|row| row.kind.as_str()));
        seen.extend(plan.moves.iter().map(|_| "smoothed"));
        for trace in &plan.trace {
            let placed = plan.assignment(trace.visit).and_then(|row| {
                let worker = day.workers.iter().find(|worker| worker.id == row.worker)?;
                Some(Some(worker.home_area) != row.area)
            });
            seen.extend(match trace.decision {
                Decision::Locked(_) => Some("locked"),
                Decision::Chosen(_) if placed == Some(true) => Some("helped"),
                _ => None,
            });
            seen.extend(trace.considered.iter().filter_map(|row| match row.judgment {
                Judgment::PassedOver(reason) => Some(reason.as_str()),
                Judgment::Possible { .. } => None,
            }));
        }
    }
    let reasons = PassedOver::ALL.map(PassedOver::as_str);
    let kinds = ExceptionKind::ALL.map(ExceptionKind::as_str);
    for expected in ["smoothed", "locked", "helped"].iter().chain(&reasons).chain(&kinds) {
        assert!(seen.contains(expected), "never {expected}");
    }
}

proptest! {
    #![proptest_config(crate::cases(384))]

    #[test]
    fn plans_what_the_oracle_plans(day in any_day_with_locks()) {
        prop_assert_eq!(as_rounds(&plan(&day)), rounds(&day));
    }

    #[test]
    fn rules_hold_after_smoothing(day in any_plannable()) {
        check_rules(&day, &plan(&day))?;
    }

    #[test]
    fn every_visit_is_planned_or_an_exception(day in any_day_with_locks()) {
        let plan = plan(&day);
        let planned = plan.assignments.iter().map(|row| row.visit);
        let mut listed: Vec<_> = planned.chain(plan.exceptions.iter().map(|row| row.visit)).collect();
        listed.sort();
        let mut all: Vec<_> = day.visits.iter().map(|visit| visit.id).collect();
        all.sort();
        prop_assert_eq!(&listed, &all);
        prop_assert_eq!(plan.trace.iter().map(|trace| trace.visit).collect::<Vec<_>>(), all);
        let minutes: i32 = plan.assignments.iter().map(|row| row.during.whole_minutes().0).sum();
        prop_assert_eq!(minutes, plan.loads.iter().map(|load| load.load.0).sum::<i32>());
    }

    #[test]
    fn the_order_of_the_input_does_not_matter((day, other) in in_two_orders()) {
        prop_assert_eq!(plan(&day), plan(&other));
    }

    #[test]
    fn smoothing_makes_loads_more_even(day in roomy_day()) {
        let plan = plan(&day);
        for row in &plan.moves {
            let length = day.visits.iter().find(|visit| visit.id == row.visit).expect("a visit").duration.0;
            prop_assert!(row.new_load.0 + length < row.old_load.0, "{:?}", row);
            let percent = 100 + i64::from(day.areas[0].smoothing_percent);
            prop_assert!(i64::from(row.old_load.0) * 100 >= i64::from(row.mean_load.0 - 1) * percent);
        }
        let unsmoothed: BTreeSet<_> =
            day.workers.iter().filter(|worker| !worker.is_smoothed).map(|worker| worker.id).collect();
        prop_assert!(plan.moves.iter().all(|row| !unsmoothed.contains(&row.old_worker) && !unsmoothed.contains(&row.new_worker)));
    }

    #[test]
    fn a_plan_planned_anew_without_a_change_stays(day in any_plannable(), from in 0..LAST_MINUTE) {
        let before = plan(&day);
        let change = Change { from: at(from), without: &[], locked: &[], done: &[] };
        let after = replan(&day, &placements(&before), &change);
        prop_assert!(after.moved.iter().all(|row| row.reason == MoveReason::New), "{:?}", after.moved);
        check_rules(&day, &after.plan)?;
    }

    #[test]
    fn only_what_the_absent_had_left_moves(
        day in any_plannable(), from in 0..LAST_MINUTE, away in 1..7_i64, done in 0..16_usize, locked in 0..16_usize,
    ) {
        let before = plan(&day);
        let (all, away) = (placements(&before), [pg_clinic_core::ids::StaffId(away)]);
        let done: Vec<_> = all.iter().take(done).map(|row| row.visit).collect();
        let locked: Vec<_> = all.iter().skip(locked).map(|row| row.visit).collect();
        let change = Change { from: at(from), without: &away, locked: &locked, done: &done };
        let after = replan(&day, &all, &change);
        for row in &after.moved {
            let is_expected = match row.before {
                None => row.reason == MoveReason::New,
                Some(_) if done.contains(&row.visit) => false,
                Some(was) if was.worker == away[0] => row.reason == MoveReason::WorkerAway,
                Some(was) => {
                    let notes = all.iter().any(|other| other.worker == was.worker && done.contains(&other.visit));
                    let is_late = row.reason == MoveReason::NotBegun && was.start < at(from);
                    // What comes after a late one is pushed, or breaks.
                    let is_pushed = row.reason == MoveReason::Pushed
                        && row.after.is_some_and(|new| new.worker == was.worker && new.start > was.start);
                    notes && (is_late || was.start >= at(from) && (is_pushed || row.reason == MoveReason::NoLongerFits))
                }
            };
            prop_assert!(is_expected, "{:?}", row);
            prop_assert!(row.after.is_none_or(|new| new.start >= at(from) && new.worker != away[0]));
            prop_assert_eq!(row.was_locked, locked.contains(&row.visit));
        }
    }

    #[test]
    fn everything_can_be_explained(day in any_day_with_locks()) {
        let plan = plan(&day);
        let zone = pg_clinic_core::time::zone::Zone::fixed(0);
        for visit in &day.visits {
            let text = explain(&day, &plan, &zone, WorkerNames(&BTreeMap::new()), visit.id).expect("an explanation");
            prop_assert!(!text.is_empty() && !text.contains("  "));
        }
    }
}
