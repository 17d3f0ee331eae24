//! From day to day: who comes to whom, where nobody is away.

use std::collections::BTreeMap;

use crate::rounds::cases::plan;
use pg_clinic_core::ids::*;
use pg_clinic_core::rounds::*;
use pg_clinic_core::time::interval::{Instant, Minutes};

use super::cases::*;

const CLIENTS: i64 = 500;
const WORKERS: i64 = 12;
const AREAS: i64 = 6;

/// Who came to each client last, and when.
type Known = BTreeMap<i64, (StaffId, Instant)>;

/// Clients of all lengths, some with windows, some with needs; fifteen of them skip, others every day.
fn one_day(number: i64, weights: CostWeights, known: &Known) -> Day {
    let areas = (1..=AREAS).map(|id| Area {
        weights,
        travel: Minutes(1),
        tolerance: Minutes(10),
        ..beside(area(id), 1 + id % AREAS, 5)
    });
    let skills = |has: bool| if has { vec!["infusion".to_owned()] } else { vec![] };
    let workers = (1..=WORKERS)
        .map(|id| Worker { skills: skills(id > AREAS || id % 2 == 0), ..worker(id, 1 + id % AREAS, 300) });
    let skips: Vec<_> = (0..15).map(|skip| 1 + (number * 131 + skip * 37) % CLIENTS).collect();
    let visits = (1..=CLIENTS).filter(|id| !skips.contains(id)).map(|id| {
        let opens = (id * 13 % 9) as i32 * 20;
        let windows = if id % 3 == 0 { vec![span(opens, opens + 150)] } else { vec![span(0, 360)] };
        VisitRequest {
            skills: skills(id % 8 == 3),
            windows,
            usual_order: (id * 37 % 500) as i32,
            last_worker: known.get(&id).map(|last| last.0),
            usual_start: known.get(&id).map(|last| last.1),
            ..visit(id, 1 + id % AREAS, 3 + (id * 7 % 5) as i32)
        }
    });
    day(areas.collect(), workers.collect(), visits.collect())
}

/// A week of days.
struct Week {
    /// The most clients with another worker than the day before, in percent.
    changed: usize,
    /// How far the highest load of a day is over the mean, on average, in permille.
    highest: i32,
    /// Visits without a place.
    left: usize,
}

fn week(weights: CostWeights) -> Week {
    let mut known = Known::new();
    let (mut changed, mut highest, mut total, mut left) = (0, 0, 0, 0);
    for number in 0..7 {
        let planned = plan(&one_day(number, weights, &known));
        let is_other = |row: &&Assignment| known.get(&row.visit.0).is_some_and(|last| last.0 != row.worker);
        changed = changed.max(planned.assignments.iter().filter(is_other).count());
        let loads = planned.loads.iter().map(|load| load.load.0);
        highest += loads.clone().max().unwrap_or(0);
        total += loads.sum::<i32>();
        left += planned.exceptions.len();
        known.extend(planned.assignments.iter().map(|row| (row.visit.0, (row.worker, row.during.start))));
    }
    let changed = (changed * 100).div_ceil(CLIENTS as usize - 15);
    Week { changed, highest: highest * WORKERS as i32 * 1000 / total - 1000, left }
}

#[test]
fn by_default_clients_see_the_same_face_and_loads_are_as_even() {
    let by_default = week(CostWeights::DEFAULT);
    let careless = week(CostWeights { continuity: 0, ..CostWeights::DEFAULT });
    assert!(by_default.changed <= 5, "{} % of the clients see another face", by_default.changed);
    // So the days can tell.
    assert!(careless.changed >= 15, "{} % without the weight", careless.changed);
    let (load, even) = (by_default.highest, careless.highest);
    assert!(load <= even + 20, "{load} permille over the mean, {even} without the weight");
    assert!(by_default.left <= careless.left);
}

#[test]
fn punctuality_counts_minutes_off_the_usual_time() {
    let weights =
        CostWeights { remaining_capacity: 0, continuity: 0, punctuality: 2, ..CostWeights::DEFAULT };
    let usual = VisitRequest { usual_start: Some(at(60)), ..visit(9, 1, 30) };
    let mut day =
        day(vec![Area { weights, ..area(1) }], vec![worker(1, 1, 360), worker(2, 1, 360)], vec![usual]);
    day.workers[0].on_duty = vec![span(0, 360)];
    day.workers[1].on_duty = vec![span(50, 360)];
    let planned = plan(&day);
    assert_eq!(placed(&planned), [(9, 2, 50)]);
    let cost = |row: &Considered| match row.judgment {
        Judgment::Possible { cost, .. } => cost.punctuality,
        Judgment::PassedOver(_) => 0,
    };
    let costs: Vec<_> = planned.trace[0].considered.iter().map(cost).collect();
    assert_eq!(costs, [120, 20]);
}
