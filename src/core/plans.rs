//! Words that plans of rosters and plans of rounds share.

use crate::words;

words! {
    /// `clinic.plans.kind`: the work that a plan distributes.
    pub enum PlanKind {
        /// Shifts.
        Roster = "roster",
        /// Visits.
        Rounds = "rounds",
    }
}

words! {
    /// `clinic.plans.status`: the result of solving a plan.
    pub enum PlanStatus {
        /// Not solved yet.
        Draft = "DRAFT",
        /// Has a roster or rounds; of a roster, no other has fewer points.
        Optimal = "OPTIMAL",
        /// Has a roster; a better one may exist.
        Feasible = "FEASIBLE",
        /// No roster obeys all hard rules.
        Infeasible = "INFEASIBLE",
        /// No roster was found within the limits.
        Unknown = "UNKNOWN",
    }
}

impl PlanStatus {
    /// Whether a plan of this status has assignments.
    #[must_use]
    pub const fn has_assignments(self) -> bool {
        matches!(self, Self::Optimal | Self::Feasible)
    }
}

words! {
    /// `clinic.locks.action`: the effect of a lock.
    pub enum LockAction {
        /// This person works this shift, or makes this visit.
        Assign = "assign",
        /// This person works none of the matching shifts, or makes none of the matching visits.
        Forbid = "forbid",
        /// Matching shifts or visits stay exactly as the reference has them.
        Keep = "keep",
    }
}

/// Why a plan can't be promoted, whatever the rows of now say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotPromotable<'a> {
    /// It has no assignments.
    NoAssignments,
    /// This person promoted it already.
    Promoted(&'a str),
}

/// Whether a plan can be promoted: it has assignments, and nobody has promoted it.
///
/// # Errors
/// [`NotPromotable`] if it can't.
pub const fn promotable(status: PlanStatus, promoted_by: Option<&str>) -> Result<(), NotPromotable<'_>> {
    match promoted_by {
        _ if !status.has_assignments() => Err(NotPromotable::NoAssignments),
        Some(promoted_by) => Err(NotPromotable::Promoted(promoted_by)),
        None => Ok(()),
    }
}

/// A hard rule that a plan breaks, by a name under which people approve it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The name: what is broken, where and how far.
    pub key: String,
    /// In words.
    pub sentence: String,
}

/// A plan judged by the rules and rows of now, whoever wrote its assignments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// Hard rules broken without an approval.
    pub broken: Vec<Flaw>,
    /// The number of hard rules that locks keep broken by what is past.
    pub past: usize,
    /// Its points when it was solved, and now.
    pub objective: (Option<i64>, i64),
}

impl Judged {
    /// The flaws that nobody approves.
    #[must_use]
    pub fn unapproved(&self, approve: &[String]) -> Vec<&Flaw> {
        self.broken.iter().filter(|flaw| !approve.contains(&flaw.key)).collect()
    }

    /// The first approval of what isn't broken.
    #[must_use]
    pub fn idle_approval<'a>(&self, approve: &'a [String]) -> Option<&'a str> {
        let is_idle = |key: &&String| !self.broken.iter().any(|flaw| flaw.key == **key);
        approve.iter().find(is_idle).map(String::as_str)
    }

    /// The part of a promotion's message that is about the judgment. `see` says where the broken rules are listed.
    #[must_use]
    pub fn message(&self, see: &str) -> String {
        let mut broken = String::new();
        if !self.broken.is_empty() {
            broken.push_str(&format!("; breaks {} as approved", hard_rules(self.broken.len())));
        }
        if self.past > 0 {
            broken.push_str(&format!("; keeps {} broken by what is past", hard_rules(self.past)));
        }
        if !broken.is_empty() {
            broken.push_str(see);
        }
        match self.objective {
            (Some(then), now) if then != now => {
                format!("{broken}; judged now it has {now} points, {then} when solved")
            }
            _ => broken,
        }
    }
}

/// The changes of the record by a promotion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replaced {
    /// Rows added.
    pub inserted: i64,
    /// Rows removed.
    pub deleted: i64,
    /// Rows that were as the plan says.
    pub kept: i64,
    /// The origins of the removed rows.
    pub sources: Option<String>,
}

impl Replaced {
    /// The part of a promotion's message that is about the changes.
    #[must_use]
    pub fn message(&self) -> String {
        let Self { inserted, deleted, kept, sources } = self;
        let sources = sources.as_ref().map_or(String::new(), |sources| format!(" ({sources})"));
        format!("{inserted} added, {deleted} removed{sources}, {kept} kept")
    }
}

/// `a hard rule`, `3 hard rules`.
#[must_use]
pub fn hard_rules(count: usize) -> String {
    if count == 1 { "a hard rule".to_owned() } else { format!("{count} hard rules") }
}

/// Most broken rules that a message lists.
const MAX_LISTED: usize = 5;

/// The first sentences, a line each, and how many more there are.
#[must_use]
pub fn first_lines(sentences: &[String]) -> String {
    let mut lines: Vec<_> = sentences.iter().take(MAX_LISTED).cloned().collect();
    if sentences.len() > MAX_LISTED {
        lines.push(format!("… and {} more", sentences.len() - MAX_LISTED));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Flaw, Judged, NotPromotable, PlanStatus, Replaced, first_lines, promotable};

    #[test]
    fn a_plan_is_promoted_once_and_with_assignments() {
        assert_eq!(promotable(PlanStatus::Optimal, None), Ok(()));
        assert_eq!(promotable(PlanStatus::Feasible, None), Ok(()));
        assert_eq!(promotable(PlanStatus::Optimal, Some("Eva")), Err(NotPromotable::Promoted("Eva")));
        for status in [PlanStatus::Draft, PlanStatus::Infeasible, PlanStatus::Unknown] {
            assert_eq!(promotable(status, None), Err(NotPromotable::NoAssignments));
        }
    }

    fn flaw(key: &str) -> Flaw {
        Flaw { key: key.to_owned(), sentence: format!("{key} is broken") }
    }

    #[test]
    fn each_broken_rule_must_be_approved_by_its_name() {
        let kept = Judged::default();
        assert!(kept.unapproved(&[]).is_empty());
        let broken = Judged { broken: vec![flaw("x"), flaw("y")], ..Judged::default() };
        let keys = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(broken.unapproved(&keys(&["x"])), [&flaw("y")]);
        assert!(broken.unapproved(&keys(&["y", "x"])).is_empty());
        assert_eq!(broken.idle_approval(&keys(&["x", "z"])), Some("z"));
        assert_eq!(broken.idle_approval(&keys(&["x", "x"])), None);
        // What is past can't be helped.
        assert!(Judged { past: 2, ..Judged::default() }.unapproved(&[]).is_empty());
    }

    #[test]
    fn messages_say_what_differs() {
        let judged = Judged { broken: vec![flaw("x")], past: 2, objective: (Some(5), 7) };
        assert_eq!(
            judged.message("; see there"),
            "; breaks a hard rule as approved; keeps 2 hard rules broken by what is past; see there; judged now it has 7 points, \
             5 when solved"
        );
        assert_eq!(Judged { objective: (Some(5), 5), ..Judged::default() }.message("; see there"), "");
        let replaced = Replaced { inserted: 1, deleted: 2, kept: 3, sources: Some("plan 4".to_owned()) };
        assert_eq!(replaced.message(), "1 added, 2 removed (plan 4), 3 kept");
    }

    #[test]
    fn many_sentences_are_counted() {
        let sentences: Vec<_> = (1..8).map(|number| number.to_string()).collect();
        assert_eq!(first_lines(&sentences), "1\n2\n3\n4\n5\n… and 2 more");
    }
}
