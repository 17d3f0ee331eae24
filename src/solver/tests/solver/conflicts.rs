//! Rows that contradict each other.

use std::ops::ControlFlow;

use pg_clinic_core::milp::{Column, Limits, Model, Row, Solver, SolverError};
use pg_clinic_solver::Highs;

use crate::models::roster;
use crate::{go_on, infeasible_rows};

/// Five people, each for at most one of six shifts, and each shift wants one; the rest is slack.
fn short_staffed() -> Model {
    let mut model = Model::default();
    for _ in 0..30 {
        model.add_column(Column::binary(1.0));
    }
    for shift in 0..6 {
        model.add_row(Row::equal(1.0, (0..5).map(|person| (6 * person + shift, 1.0))));
    }
    for person in 0..5 {
        model.add_row(Row::at_most(1.0, (0..6).map(|shift| (6 * person + shift, 1.0))));
    }
    for person in 0..5 {
        model.add_row(Row::at_most(9.0, (0..6).map(|shift| (6 * person + shift, 1.0))));
    }
    model
}

#[test]
fn only_what_contradicts_is_named() {
    assert_eq!(infeasible_rows(&short_staffed()), Ok(Some((0..11).collect())));
}

#[test]
fn one_person_less_is_no_conflict() {
    let mut model = short_staffed();
    model.rows[5].lower = 0.0;
    assert_eq!(infeasible_rows(&model), Ok(None));
}

#[test]
fn a_row_can_contradict_the_columns() {
    let mut model = Model::default();
    model.add_column(Column::binary(1.0));
    model.add_column(Column::binary(-1.0));
    model.add_row(Row::at_most(1.0, [(0, 1.0), (1, 1.0)]));
    model.add_row(Row::at_least(3.0, [(0, 1.0), (1, 1.0)]));
    assert_eq!(infeasible_rows(&model), Ok(Some(vec![1])));
}

#[test]
fn bounds_that_cross_are_found_first() {
    let mut model = short_staffed();
    let empty = model.add_row(Row::at_least(1.0, []));
    assert_eq!(infeasible_rows(&model), Ok(Some(vec![empty])));
    model.rows[empty].lower = 0.0;
    model.rows[3].upper = 0.0;
    assert_eq!(infeasible_rows(&model), Ok(Some(vec![3])));
    model.columns[0].upper = -1.0;
    assert_eq!(infeasible_rows(&model), Ok(Some(vec![])), "no row is to blame");
}

#[test]
fn what_only_integers_forbid_is_no_conflict_of_rows() {
    let mut model = Model::default();
    model.add_column(Column::integer(0.0, 5.0, 1.0));
    model.add_row(Row::equal(3.0, [(0, 2.0)]));
    assert_eq!(infeasible_rows(&model), Ok(None));
}

#[test]
fn two_rows_of_a_big_roster() {
    let mut model = roster(40, 200, 1);
    assert_eq!(infeasible_rows(&model), Ok(None), "a shift may stay open");
    // Nobody may leave a shift open any more, and one row requires two people and one at once.
    for shift in 0..200 {
        let open = model.rows[shift].terms[0].0;
        model.columns[open].upper = 0.0;
    }
    let terms = model.rows[17].terms.clone();
    model.add_row(Row::at_least(2.0, terms));
    let rows = infeasible_rows(&model).unwrap().expect("a conflict");
    assert_eq!(rows, [17, model.rows.len() - 1]);
}

#[test]
fn it_can_be_broken_off() {
    let model = roster(40, 200, 1);
    let mut stop = |_: &_| ControlFlow::Break(());
    assert_eq!(Highs.infeasible_rows(&model, &Limits::default(), &mut stop), Err(SolverError::Cancelled));
    let limits = Limits { time_limit_seconds: Some(0.0), ..Limits::default() };
    assert_eq!(Highs.infeasible_rows(&model, &limits, &mut go_on), Err(SolverError::TimeLimit));
}
