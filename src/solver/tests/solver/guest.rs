//! The solver lives in somebody else's process: no thread, memory or word of it may stay there, and a panic comes out
//! where it belongs.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;

use pg_clinic_core::milp::{Column, Limits, Model, Progress, Row, Solver, SolverError, Status};
use pg_clinic_solver::Highs;

use crate::models::{hard, roster};
use crate::{solve, solve_within};

/// How many threads of this process have this name. A new thread inherits the name of the one that started it.
#[cfg(target_os = "linux")]
fn threads_named(name: &str) -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    tasks
        .filter(|task| {
            std::fs::read_to_string(task.path().join("comm")).is_ok_and(|comm| comm.trim() == name)
        })
        .count()
}

#[cfg(target_os = "linux")]
#[test]
fn no_thread_is_started() {
    const NAME: &str = "one-and-only";
    let solving = std::thread::Builder::new().name(NAME.into()).spawn(|| {
        let limits = Limits { node_limit: Some(50), ..Limits::default() };
        let mut most = 0;
        let solution = Highs.solve(&hard(40, 4), &limits, &mut |_| {
            most = most.max(threads_named(NAME));
            ControlFlow::Continue(())
        });
        assert_eq!(solution.unwrap().status, Status::Feasible);
        (most, threads_named(NAME))
    });
    assert_eq!(solving.unwrap().join().unwrap(), (1, 1));
}

/// Kilobytes of memory this process has in use.
#[cfg(target_os = "linux")]
fn resident_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn memory_is_given_back() {
    let model = roster(60, 300, 2);
    // The relaxation alone, so that it is quick, and is broken off: that must leave nothing either.
    let solve_and_break_off = || {
        let mut calls = 0;
        let solution = Highs.solve(&model, &Limits::default(), &mut |_| {
            calls += 1;
            if calls < 500 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        assert_eq!(solution.unwrap().status, Status::Cancelled);
    };
    (0..2).for_each(|_| solve_and_break_off());
    let before = resident_kilobytes();
    (0..8).for_each(|_| solve_and_break_off());
    let grown = resident_kilobytes().saturating_sub(before);
    // One model and its engine are several megabytes, and there were eight.
    assert!(grown < 10_000, "{grown} kB more");
}

#[test]
fn a_panic_comes_out_and_nothing_is_broken() {
    let mut model = hard(40, 4);
    for is_search in [false, true] {
        let mut panicking = |progress: &Progress| {
            assert!(is_search && progress.incumbent.is_none(), "out of here");
            ControlFlow::Continue(())
        };
        let solved =
            catch_unwind(AssertUnwindSafe(|| Highs.solve(&model, &Limits::default(), &mut panicking)));
        let panic = solved.expect_err("the panic of the listener");
        assert_eq!(panic.downcast_ref(), Some(&"out of here"));
    }
    model.rows.clear();
    assert_eq!(solve(&model).objective, Some(0.0), "the next solve works");
}

/// Runs an ignored test of this file in a process of its own; returns what it and the harness print.
fn run_alone(name: &str) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        // Or a thread takes address space in advance, and a limit of it means nothing.
        .env("MALLOC_ARENA_MAX", "1")
        .args(["--ignored", "--exact", &format!("guest::{name}"), "--nocapture", "--test-threads=1"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    said.into_owned()
}

#[test]
#[ignore = "run by the next test"]
fn solves_of_all_kinds() {
    solve(&roster(10, 30, 1));
    solve_within(&hard(20, 2), &Limits { node_limit: Some(20), ..Limits::default() });
    solve_within(
        &hard(20, 2),
        &Limits { start: Some(vec![0.5; 24]), node_limit: Some(1), ..Limits::default() },
    );
    let mut infeasible = Model::default();
    infeasible.add_column(Column::binary(1.0));
    infeasible.add_row(Row::at_least(2.0, [(0, 1.0)]));
    assert_eq!(solve(&infeasible).status, Status::Infeasible);
    assert_eq!(crate::infeasible_rows(&infeasible), Ok(Some(vec![0])));
}

#[test]
fn nothing_is_printed() {
    let said = run_alone("solves_of_all_kinds");
    let of_the_harness =
        |line: &&str| line.is_empty() || line.starts_with("running 1 test") || line.starts_with("test ");
    let of_the_solver: Vec<_> = said.lines().filter(|line| !of_the_harness(line)).collect();
    assert!(of_the_solver.is_empty(), "{of_the_solver:?}");
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "run by the next test: it limits its process"]
fn solves_without_memory() {
    let model = roster(100, 600, 1);
    // Enough for what Rust needs, which would end the process, too little for the engine.
    let now = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = now.split(' ').next().unwrap().parse().unwrap();
    for megabytes in [12, 20, 30] {
        let limit = format!("--as={}:unlimited", pages * 4096 + megabytes * 1_000_000);
        let pid = std::process::id().to_string();
        assert!(Command::new("prlimit").args(["--pid", &pid, &limit]).status().unwrap().success());
        let answer =
            Highs.solve(&model, &Limits::default(), &mut crate::go_on).map(|solution| solution.status);
        assert!(matches!(answer, Err(SolverError::OutOfMemory)), "{megabytes} MB: {answer:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn running_out_of_memory_is_an_error_not_the_end() {
    run_alone("solves_without_memory");
}
