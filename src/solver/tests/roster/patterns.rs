//! Rosters too large to try them all: described by each person's patterns of work, or by rows for each rule, the best one costs
//! the same.

use std::ops::ControlFlow;

use pg_clinic_core::ids::{ShiftId, StaffId};
use pg_clinic_core::milp::{Limits, Solver, Status};
use pg_clinic_core::plans::LockAction;
use pg_clinic_core::roster::expand::expand_to_plan;
use pg_clinic_core::roster::model::RosterModel;
use pg_clinic_core::roster::problem::Lock;
use pg_clinic_solver::Highs;

use crate::build::Dice;
use crate::speed::{all_rules, clinic};

/// How a model ends, and the points of its best roster.
fn best(model: &RosterModel) -> (Status, Option<f64>) {
    let solved = Highs.solve(&model.model, &Limits::default(), &mut |_| ControlFlow::Continue(())).unwrap();
    (solved.status, solved.objective.map(|value| model.points(value)))
}

#[test]
fn patterns_cost_what_rows_cost() {
    let mut possible = 0;
    for seed in 1..=12 {
        let dice = &mut Dice::new(seed);
        let days = 3 + seed as i64 % 3;
        let mut problem = clinic(6, 5, 7 * days, days, seed);
        all_rules(&mut problem, days, seed);
        for id in 1..=4 {
            let action = [LockAction::Assign, LockAction::Forbid][dice.below(2) as usize];
            let (staff, shift) = (StaffId(1 + dice.below(6)), ShiftId(1 + dice.below(7 * days)));
            problem.locks.push(Lock {
                id,
                action,
                staff: Some(staff),
                shift: Some(shift),
                from: None,
                to: None,
            });
        }
        let expansion = expand_to_plan(&problem, &mut || ControlFlow::Continue(())).unwrap();
        let go_on = &mut || ControlFlow::Continue(());
        let patterns = RosterModel::new(&expansion, go_on).unwrap();
        let rows = RosterModel::of(&expansion, &|_| true, go_on).unwrap();
        assert!(patterns.model.rows.len() < rows.model.rows.len(), "seed {seed}: no patterns");
        if !rows.impossible.is_empty() {
            continue;
        }
        let (by_patterns, by_rows) = (best(&patterns), best(&rows));
        assert_eq!(by_patterns, by_rows, "seed {seed}");
        possible += usize::from(by_rows.0 == Status::Optimal);
    }
    assert!(possible > 4, "only {possible} of the problems can be solved");
}
