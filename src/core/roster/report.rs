//! The messages of a solve: its progress and its result.

use crate::milp::{Limits, Progress};
use crate::roster::outcome::{Outcome, Status};

/// The result, in sentences.
#[must_use]
pub fn message(outcome: &Outcome, limits: &Limits) -> String {
    let limit = match limits.time_limit_seconds {
        Some(seconds) if limits.node_limit.is_none() => format!("within {seconds} s"),
        Some(_) | None => "within its limits".to_owned(),
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
            lines.extend(conflict.fixes.iter().map(|fix| format!("fix: {fix}")));
            if conflict.fixes.is_empty() {
                lines.push(
                    "no suggested fix: no single change was found that makes a roster possible".to_owned(),
                );
            }
            lines.join("\n")
        }
        (Status::Infeasible, None) => {
            format!("proven: no roster obeys all hard rules; why was not found {limit}")
        }
        (Status::Unknown, _) => format!("no roster found {limit}"),
    }
}

/// The state of a solve under way.
#[must_use]
pub fn progress_text(progress: &Progress) -> String {
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

#[cfg(test)]
mod tests {
    use super::progress_text;
    use crate::milp::Progress;

    #[test]
    fn progress_says_what_is_known() {
        let of = |incumbent, bound| progress_text(&Progress { incumbent, bound, nodes: 3, seconds: 1.0 });
        assert_eq!(of(None, None), "no roster yet");
        assert_eq!(of(None, Some(f64::NEG_INFINITY)), "no roster yet");
        assert_eq!(of(None, Some(4.0)), "no roster yet, bound 4.0, 3 nodes");
        assert_eq!(of(Some(5.0), None), "best 5, 3 nodes");
        assert_eq!(of(Some(5.0), Some(4.0)), "best 5, bound 4.0, gap 20.0 %, 3 nodes");
    }
}
