//! Running the solver inside a backend: progress by NOTICE, cancels and timeouts let through, the answer in words.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use pg_clinic_core::milp::{Limits, Model, Progress, Solution, Solver, SolverError};
use pg_clinic_core::roster::broken::broken_by_kept;
use pg_clinic_core::roster::outcome::{Outcome, SolveError, Status};
use pg_clinic_core::roster::problem::Problem;
use pg_clinic_core::roster::solve;
use pg_clinic_solver::Highs;

use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::session;
use crate::pg::roster::api::promote::{first_lines, hard_rules};
use crate::pg::roster::api::record::{carry_on, stopped};

/// An answer, and how it came.
pub(super) struct Solved {
    pub outcome: Outcome,
    pub solve_ms: f64,
    pub message: String,
}

/// HiGHS, with an end to everything together: a roster that can't be has many questions asked about it.
struct Timed {
    until: Option<Instant>,
}

/// What a solve tells of itself.
type OnProgress<'a> = &'a mut dyn FnMut(&Progress) -> ControlFlow<()>;

impl Solver for Timed {
    fn is_out_of_time(&self) -> bool {
        self.until.is_some_and(|until| until < Instant::now())
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
        news.tell(progress);
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
    ClinicError::new(SqlState::Internal, error.to_string())
        .detail("Nothing was written.")
        .hint("This is a bug of pg_clinic: please report it.")
}

/// What came out, in words.
fn message(outcome: &Outcome, limits: &Limits) -> String {
    let limit = match limits.time_limit_seconds {
        Some(seconds) if limits.node_limit.is_none() => format!("within {seconds} s"),
        _ => "within its limits".to_owned(),
    };
    match (outcome.status, &outcome.conflict) {
        (Status::Optimal, _) => "proven: no roster has fewer points".to_owned(),
        (Status::Feasible, _) => {
            let gap = outcome.gap.map_or(String::new(), |gap| format!(": at most {:.1} % away", gap * 100.0));
            format!("a roster, but not proven {limit} to be a best one{gap}")
        }
        (Status::Infeasible, Some(conflict)) => {
            let mut lines = vec![conflict.summary.clone()];
            lines.extend(conflict.lines.iter().cloned());
            lines.extend(conflict.mends.iter().map(|mend| format!("would mend it: {mend}")));
            if conflict.mends.is_empty() {
                lines.push("no single change was found that would mend it".to_owned());
            }
            lines.join("\n")
        }
        (Status::Infeasible, None) => {
            format!("proven: no roster obeys all hard rules; why was not found {limit}")
        }
        (Status::Unknown, _) => format!("no roster found {limit}"),
    }
}

/// Time between two messages.
const PAUSE: Duration = Duration::from_secs(1);

/// Tells how the solver gets on: at the first roster, then once a second at most.
struct News {
    about: String,
    began: Instant,
    told_at: Instant,
    has_roster: bool,
}

impl News {
    fn new(problem: &Problem, began: Instant) -> Self {
        Self {
            about: format!("roster {} to {}", problem.from, problem.to),
            began,
            told_at: began,
            has_roster: false,
        }
    }

    fn tell(&mut self, progress: &Progress) {
        let is_first = progress.incumbent.is_some() && !self.has_roster;
        if !is_first && self.told_at.elapsed() < PAUSE {
            return;
        }
        self.has_roster |= progress.incumbent.is_some();
        self.told_at = Instant::now();
        let about = &self.about;
        pgrx::notice!("{about}: {:.1} s, {}", self.began.elapsed().as_secs_f64(), standing(progress));
    }
}

fn standing(progress: &Progress) -> String {
    let bound = progress.bound.filter(|bound| bound.is_finite());
    match (progress.incumbent, bound) {
        (Some(best), Some(bound)) => {
            let gap = (best - bound).max(0.0) / best.abs().max(1.0) * 100.0;
            format!("best {best:.0}, bound {bound:.1}, gap {gap:.1} %, {} nodes", progress.nodes)
        }
        (Some(best), None) => format!("best {best:.0}, {} nodes", progress.nodes),
        (None, Some(bound)) => {
            format!("no roster yet, bound {bound:.1}, {} nodes", progress.nodes)
        }
        (None, None) => "no roster yet".to_owned(),
    }
}
