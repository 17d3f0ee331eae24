//! Running the solver inside a backend: progress by NOTICE, cancels and timeouts let through, the result in sentences.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use pg_clinic_core::milp::{Limits, Model, Progress, Relaxed, Solution, Solver, SolverError};
use pg_clinic_core::plans::{first_lines, hard_rules};
use pg_clinic_core::roster::broken::broken_by_kept;
use pg_clinic_core::roster::outcome::{Outcome, SolveError};
use pg_clinic_core::roster::problem::Problem;
use pg_clinic_core::roster::report::{message, progress_text};
use pg_clinic_core::roster::solve;
use pg_clinic_solver::Highs;

use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::{memory, session};
use crate::pg::roster::api::record::{carry_on, stopped};

/// A result, the time that it took, and its message.
pub(super) struct Solved {
    pub outcome: Outcome,
    pub solve_ms: f64,
    pub message: String,
}

/// HiGHS with one time limit for all its calls: an impossible roster takes many.
struct Timed {
    until: Option<Instant>,
}

/// Called with the progress of a solve.
type OnProgress<'a> = &'a mut dyn FnMut(&Progress) -> ControlFlow<()>;

impl Solver for Timed {
    fn is_out_of_time(&self) -> bool {
        self.until.is_some_and(|until| until < Instant::now())
    }

    fn keep(&mut self, model: &Model) -> std::result::Result<Option<Box<dyn Relaxed>>, SolverError> {
        Highs.keep(model)
    }

    fn solve(
        &mut self,
        model: &Model,
        limits: &Limits,
        on_progress: OnProgress<'_>,
    ) -> std::result::Result<Solution, SolverError> {
        Highs.solve(model, limits, on_progress)
    }

    fn infeasible_rows(
        &mut self,
        model: &Model,
        limits: &Limits,
        on_progress: OnProgress<'_>,
    ) -> std::result::Result<Option<Vec<usize>>, SolverError> {
        Highs.infeasible_rows(model, limits, on_progress)
    }
}

/// Solves. Has no SPI connection open: it may take long.
pub(super) fn solve(problem: &Problem, limits: &Limits) -> Result<Solved> {
    let began = Instant::now();
    let mut news = News::new(problem, began);
    // A cancel unwinds out of the callback; the solver lets it through once its own frames are gone.
    let limit = limits.time_limit_seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let mut solver = Timed { until: limit.and_then(|limit| began.checked_add(limit)) };
    let outcome = solve::solve(problem, &mut solver, limits, &mut |progress| {
        session::check_for_cancel();
        news.report(progress);
        ControlFlow::Continue(())
    });
    session::check_for_cancel();
    let outcome = outcome.map_err(failure)?;
    let solve_ms = began.elapsed().as_secs_f64() * 1e3;
    let mut message = message(&outcome, limits);
    let kept = broken_by_kept(problem, &outcome.assignments, &mut carry_on).map_err(stopped)?;
    if outcome.judgment.is_some() && !kept.is_empty() {
        message.push_str(&format!("; locks keep {} broken:\n{}", hard_rules(kept.len()), first_lines(&kept)));
    }
    Ok(Solved { outcome, solve_ms, message })
}

fn failure(error: SolveError) -> ClinicError {
    if error == SolveError::Solver(SolverError::OutOfMemory) {
        return memory::refused();
    }
    ClinicError::new(SqlState::Internal, error.to_string())
        .detail("Nothing was written.")
        .hint("This is a bug of pg_clinic: please report it.")
}

/// Time between two messages.
const PAUSE: Duration = Duration::from_secs(1);

/// Reports the solver's progress: at the first roster, then once a second at most.
struct News {
    about: String,
    began: Instant,
    reported_at: Instant,
    has_roster: bool,
}

impl News {
    fn new(problem: &Problem, began: Instant) -> Self {
        Self {
            about: format!("roster {} to {}", problem.from, problem.to),
            began,
            reported_at: began,
            has_roster: false,
        }
    }

    fn report(&mut self, progress: &Progress) {
        let is_first = progress.incumbent.is_some() && !self.has_roster;
        if !is_first && self.reported_at.elapsed() < PAUSE {
            return;
        }
        self.has_roster |= progress.incumbent.is_some();
        self.reported_at = Instant::now();
        let about = &self.about;
        pgrx::notice!("{about}: {:.1} s, {}", self.began.elapsed().as_secs_f64(), progress_text(progress));
    }
}
