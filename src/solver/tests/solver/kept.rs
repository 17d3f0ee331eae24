//! A kept linear model: it grows, and its answers are those of the whole model.

use std::ops::ControlFlow;

use pg_clinic_core::milp::{Column, Limits, Model, NewColumn, Row, Solver, SolverError};
use pg_clinic_solver::Highs;

/// Two rows to cover, at a high price.
fn open() -> Model {
    let mut model = Model { offset: 5.0, ..Model::default() };
    let slacks = [0, 1].map(|_| model.add_column(Column::continuous(0.0, f64::INFINITY, 100.0)));
    model.add_row(Row::equal(3.0, [(slacks[0], 1.0)]));
    model.add_row(Row::at_least(2.0, [(slacks[1], 1.0)]));
    model
}

fn new(cost: f64, upper: f64, terms: &[(usize, f64)]) -> NewColumn {
    NewColumn { column: Column::continuous(0.0, upper, cost), terms: terms.to_vec() }
}

#[test]
fn it_grows() {
    let mut kept = Highs.keep(&open()).unwrap().unwrap();
    let mut solve = |columns: &[NewColumn]| {
        kept.add_columns(columns).unwrap();
        let solved = kept.solve(&mut |_| ControlFlow::Continue(())).unwrap().unwrap();
        (solved.objective, solved.duals)
    };
    assert_eq!(solve(&[]), (505.0, vec![100.0, 100.0]));
    assert_eq!(solve(&[new(10.0, 1.0, &[(0, 1.0)])]), (415.0, vec![100.0, 100.0]));
    // Both rows at once, and a column of no row.
    assert_eq!(solve(&[new(7.0, f64::INFINITY, &[(0, 1.0), (1, 1.0)]), new(1.0, 1.0, &[])]).0, 26.0);
    let mut whole = open();
    for (cost, upper) in [(10.0, 1.0), (7.0, f64::INFINITY)] {
        whole.add_column(Column::continuous(0.0, upper, cost));
    }
    whole.rows[0].terms.extend([(2, 1.0), (3, 1.0)]);
    whole.rows[1].terms.push((3, 1.0));
    let solved = Highs.solve(&whole, &Limits::default(), &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(solved.objective, Some(26.0));
}

#[test]
fn a_model_without_a_solution_has_no_prices() {
    let mut model = open();
    model.add_row(Row::at_least(4.0, [(0, 1.0)]));
    let mut kept = Highs.keep(&model).unwrap().unwrap();
    assert_eq!(kept.solve(&mut |_| ControlFlow::Continue(())), Ok(None));
    // A new column helps.
    kept.add_columns(&[new(1.0, 9.0, &[(2, 1.0)])]).unwrap();
    assert!(kept.solve(&mut |_| ControlFlow::Continue(())).unwrap().is_some());
}

#[test]
fn nonsense_is_refused() {
    let mut model = open();
    model.columns[0].cost = f64::NAN;
    assert!(matches!(Highs.keep(&model).err(), Some(SolverError::InvalidModel(_))));
}
