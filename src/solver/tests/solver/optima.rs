//! Best solutions.

use pg_clinic_core::milp::{Column, Limits, Model, Row, Solution, Solver, SolverError, Status};
use pg_clinic_solver::Highs;
use proptest::prelude::*;

use crate::models::{Numbers, hard, roster};
use crate::{go_on, solve, solve_within};

fn optimal(values: &[f64], objective: f64) -> Solution {
    Solution {
        status: Status::Optimal,
        values: values.to_vec(),
        objective: Some(objective),
        bound: Some(objective),
        nodes: 0,
    }
}

#[test]
fn a_linear_model() {
    // Maximise 3x + 5y subject to x ≤ 4, 2y ≤ 12, 3x + 2y ≤ 18: the textbook's corner (2, 6) with 36.
    let mut model = Model { offset: 100.0, ..Model::default() };
    let x = model.add_column(Column::continuous(0.0, 4.0, -3.0));
    let y = model.add_column(Column::continuous(0.0, f64::INFINITY, -5.0));
    model.add_row(Row::at_most(12.0, [(y, 2.0)]));
    model.add_row(Row::at_most(18.0, [(x, 3.0), (y, 2.0)]));
    let solution = solve(&model);
    assert_eq!(solution.status, Status::Optimal);
    assert!((solution.objective.unwrap() - 64.0).abs() < 1e-6, "{solution:?}");
    assert!(
        (solution.values[0] - 2.0).abs() < 1e-6 && (solution.values[1] - 6.0).abs() < 1e-6,
        "{solution:?}"
    );
}

#[test]
fn a_knapsack_needs_integers() {
    // By value per weight one would take the first, and lose: 60 of 10, 100 of 20, 120 of 30 into 50 make 220.
    let mut model = Model::default();
    for value in [60.0, 100.0, 120.0] {
        model.add_column(Column::binary(-value));
    }
    model.add_row(Row::at_most(50.0, [(0, 10.0), (1, 20.0), (2, 30.0)]));
    let solution = solve(&model);
    assert_eq!(Solution { nodes: 0, ..solution }, optimal(&[0.0, 1.0, 1.0], -220.0));
}

#[test]
fn an_assignment_is_settled_by_its_relaxation() {
    let costs = [[4.0, 1.0, 3.0], [2.0, 0.0, 5.0], [3.0, 2.0, 2.0]];
    let mut model = Model::default();
    for cost in costs.concat() {
        model.add_column(Column::binary(cost));
    }
    for one in 0..3 {
        model.add_row(Row::equal(1.0, (0..3).map(|other| (3 * one + other, 1.0))));
        model.add_row(Row::equal(1.0, (0..3).map(|other| (3 * other + one, 1.0))));
    }
    assert_eq!(solve(&model), optimal(&[0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0], 5.0));
}

#[test]
fn a_model_of_nothing() {
    let mut model = Model { offset: 3.0, ..Model::default() };
    assert_eq!(solve(&model), optimal(&[], 3.0));
    model.add_row(Row::at_least(1.0, []));
    assert_eq!(solve(&model).status, Status::Infeasible);
}

#[test]
fn a_model_without_rows() {
    let mut model = Model::default();
    model.add_column(Column::integer(-2.0, 7.5, -1.0));
    model.add_column(Column::integer(-2.0, 7.0, 1.0));
    assert_eq!(solve(&model), optimal(&[7.0, -2.0], -9.0));
}

#[test]
fn integers_alone_can_be_infeasible() {
    let mut model = Model::default();
    model.add_column(Column::integer(0.0, 5.0, 1.0));
    model.add_row(Row::equal(3.0, [(0, 2.0)]));
    let solution = solve(&model);
    assert_eq!(solution.status, Status::Infeasible);
    assert_eq!((solution.values, solution.objective, solution.bound), (vec![], None, None));
}

#[test]
fn crossed_bounds_are_infeasible_not_wrong() {
    let mut model = Model::default();
    model.add_column(Column::integer(2.0, 1.0, 1.0));
    assert_eq!(solve(&model).status, Status::Infeasible);
    model.columns[0].upper = 3.0;
    model.add_row(Row::between(2.0, 1.0, [(0, 1.0)]));
    assert_eq!(solve(&model).status, Status::Infeasible);
}

#[test]
fn an_unbounded_model_is_an_error() {
    let mut model = Model::default();
    model.add_column(Column::integer(0.0, f64::INFINITY, -1.0));
    model.add_row(Row::at_least(1.0, [(0, 1.0)]));
    assert_eq!(Highs.solve(&model, &Limits::default(), &mut go_on), Err(SolverError::Unbounded));
}

#[test]
fn nonsense_is_refused() {
    let refused = |model: &Model, limits: &Limits| {
        matches!(Highs.solve(model, limits, &mut go_on), Err(SolverError::InvalidModel(_)))
    };
    let limits = Limits::default();
    let mut sound = Model::default();
    sound.add_column(Column::binary(1.0));
    sound.add_row(Row::at_most(1.0, [(0, 1.0)]));
    assert!(!refused(&sound, &limits));
    for nonsense in [f64::NAN, f64::INFINITY] {
        for spoil in [
            |model: &mut Model, by: f64| model.offset = by,
            |model: &mut Model, by: f64| model.columns[0].cost = by,
            |model: &mut Model, by: f64| model.columns[0].lower = by,
            |model: &mut Model, by: f64| model.columns[0].upper = -by,
            |model: &mut Model, by: f64| model.rows[0].lower = by,
            |model: &mut Model, by: f64| model.rows[0].terms[0].1 = by,
        ] {
            let mut model = sound.clone();
            spoil(&mut model, nonsense);
            assert!(refused(&model, &limits), "{model:?}");
        }
    }
    let mut model = sound.clone();
    model.rows[0].terms[0].0 = 1;
    assert!(refused(&model, &limits), "a column that isn't there");
    assert!(refused(&sound, &Limits { start: Some(vec![]), ..limits }), "a start too short");
}

#[test]
fn a_start_is_kept_until_something_better_is_found() {
    let model = hard(40, 4);
    let mut start = vec![0.0; model.columns.len()];
    for (kind, row) in model.rows.iter().enumerate() {
        start[40 + 2 * kind + 1] = row.upper;
    }
    let objective = model.objective(&start);
    let limits = Limits { time_limit_seconds: Some(0.0), start: Some(start.clone()), ..Limits::default() };
    let solution = solve_within(&model, &limits);
    assert_eq!((solution.status, solution.objective), (Status::Feasible, Some(objective)));
    assert_eq!(solution.values, start);

    let mut first = None;
    let limits = Limits { node_limit: Some(1), ..limits };
    let limits = Limits { time_limit_seconds: None, ..limits };
    let solution = Highs
        .solve(&model, &limits, &mut |progress| {
            first.get_or_insert(progress.incumbent);
            go_on(progress)
        })
        .unwrap();
    assert_eq!(first, Some(Some(objective)), "the first progress knows the start");
    assert!(solution.objective.unwrap() <= objective);
}

#[test]
fn a_start_that_breaks_a_rule_is_only_a_hint() {
    let mut model = Model::default();
    for _ in 0..3 {
        model.add_column(Column::binary(-1.0));
    }
    model.add_row(Row::at_most(2.0, [(0, 2.0), (1, 2.0), (2, 2.0)]));
    let limits = Limits { start: Some(vec![1.0; 3]), ..Limits::default() };
    assert_eq!(solve_within(&model, &limits).objective, Some(-1.0));
}

#[test]
fn a_roster_has_one_answer() {
    let model = roster(20, 60, 3);
    let solution = solve(&model);
    assert_eq!(solution.status, Status::Optimal);
    assert!(model.is_feasible(&solution.values));
    assert_eq!(solution.objective, Some(model.objective(&solution.values)));
    assert_eq!(solution, solve(&model));
    // Beginning with the answer gives the same.
    let limits = Limits { start: Some(solution.values.clone()), ..Limits::default() };
    assert_eq!(solve_within(&model, &limits).objective, solution.objective);
}

#[test]
fn large_costs_are_proven_to_the_unit() {
    // As for one answer among equals: the costs scaled up, and a small weight of their own for each pair.
    let mut model = roster(20, 60, 3);
    let mut numbers = Numbers(1);
    for column in &mut model.columns {
        column.cost = 65_536.0 * column.cost + numbers.below(16) as f64;
    }
    let solution = solve(&model);
    assert_eq!((solution.status, solution.nodes), (Status::Optimal, 0));
    assert!(solution.objective.unwrap() > 1e9);
    let mut tighter = model.clone();
    tighter.add_row(Row::at_most(
        solution.objective.unwrap() - 1.0,
        model.columns.iter().map(|column| column.cost).enumerate(),
    ));
    assert_eq!(solve(&tighter).status, Status::Infeasible, "not even one unit less");
}

#[test]
fn continuous_columns_adapt_to_whole_ones() {
    // Weights that integers can't reach exactly, the rest measured and paid for.
    let mut model = hard(20, 2);
    for column in &mut model.columns[20..] {
        *column = Column::continuous(0.0, f64::INFINITY, 1.25);
    }
    let solution = solve(&model);
    assert_eq!(solution.status, Status::Optimal);
    assert!(model.is_feasible(&solution.values));
    let mut whole = hard(20, 2);
    whole.columns[20..].iter_mut().for_each(|column| column.cost = 5.0);
    assert_eq!(solution.objective.map(|objective| objective * 4.0), solve(&whole).objective);
}

/// A small model: up to six integer columns within -2 to 3, up to five rows.
fn small_model() -> impl Strategy<Value = Model> {
    let column = (-2_i8..=1, 0_i8..=3, -9_i8..=9)
        .prop_map(|(lower, more, cost)| Column::integer(lower.into(), (lower + more).into(), cost.into()));
    (prop::collection::vec(column, 1..=6), -20_i8..=20).prop_flat_map(|(columns, offset)| {
        let term =
            (0..columns.len(), -5_i8..=5).prop_map(|(column, coefficient)| (column, coefficient.into()));
        let row = (prop::collection::vec(term, 1..=6), -10_i8..=10, 0_i8..=6, 0_u8..3).prop_map(
            |(terms, lower, more, kind)| match kind {
                0 => Row::at_most(lower.into(), terms),
                1 => Row::at_least(lower.into(), terms),
                _ => Row::between(lower.into(), (lower + more).into(), terms),
            },
        );
        prop::collection::vec(row, 0..=5).prop_map(move |rows| {
            let mut model = Model { columns: columns.clone(), rows: vec![], offset: offset.into() };
            for row in rows {
                model.add_row(row);
            }
            model
        })
    })
}

/// The best objective, found by trying everything.
fn best_by_trying(model: &Model) -> Option<f64> {
    fn extend(model: &Model, values: &mut Vec<f64>, best: &mut Option<f64>) {
        let Some(column) = model.columns.get(values.len()) else {
            if model.is_feasible(values) {
                let objective = model.objective(values);
                *best = Some(best.map_or(objective, |best| best.min(objective)));
            }
            return;
        };
        for value in column.lower as i64..=column.upper as i64 {
            values.push(value as f64);
            extend(model, values, best);
            values.pop();
        }
    }
    let mut best = None;
    extend(model, &mut vec![], &mut best);
    best
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_better_than_the_optimum(model in small_model()) {
        let solution = solve(&model);
        let best = best_by_trying(&model);
        prop_assert_eq!(solution.objective, best);
        prop_assert_eq!(solution.status, if best.is_some() { Status::Optimal } else { Status::Infeasible });
        prop_assert!(best.is_none() || model.is_feasible(&solution.values));
    }

    #[test]
    fn a_conflict_is_one_and_its_absence_too(model in small_model()) {
        let mut relaxed = model.clone();
        relaxed.columns.iter_mut().for_each(|column| column.is_integer = false);
        let is_feasible = solve(&relaxed).status != Status::Infeasible;
        match crate::infeasible_rows(&model).unwrap() {
            None => prop_assert!(is_feasible),
            Some(rows) => {
                prop_assert!(!is_feasible);
                relaxed.rows = rows.iter().map(|&row| relaxed.rows[row].clone()).collect();
                prop_assert_eq!(solve(&relaxed).status, Status::Infeasible, "the rows named are enough");
            }
        }
    }
}
