//! Which setting holds, by the sentence "built-in < clinic < group < plan < dates < person < shift" alone: the rows that
//! apply are compared scope by scope. It shares nothing with the cascade of the core.

use chrono::NaiveDate;
use pg_clinic_core::roster::catalog::RuleKind;
use pg_clinic_core::roster::problem::Problem;
use pg_clinic_core::roster::settings::{Rule, RuleKey};

/// A person, a date and a shift: indexes into the problem's.
#[derive(Clone, Copy)]
pub struct Place {
    pub staff: Option<usize>,
    pub date: NaiveDate,
    pub shift: Option<usize>,
}

/// The setting of a key at a place. Cover of a shift has one for all its keys.
pub fn setting<'a>(problem: &'a Problem, key: &RuleKey, at: Place) -> Option<&'a Rule> {
    best(problem, problem.rules.settings(), key, at)
}

fn best<'a>(problem: &Problem, rules: &'a [Rule], key: &RuleKey, at: Place) -> Option<&'a Rule> {
    let mut best: Option<(&Rule, [i64; 7])> = None;
    for rule in rules {
        let competes =
            if key.kind == RuleKind::Cover { rule.key.kind == RuleKind::Cover } else { rule.key == *key };
        let Some(specificity) = specificity(problem, rule, at).filter(|_| competes) else { continue };
        if best.is_none_or(|(other, most)| (specificity, rule.source) > (most, other.source)) {
            best = Some((rule, specificity));
        }
    }
    best.map(|(rule, _)| rule)
}

/// How specific a rule is, the most specific scope first; `None` where it doesn't apply.
fn specificity(problem: &Problem, rule: &Rule, at: Place) -> Option<[i64; 7]> {
    let scope = &rule.scope;
    let shift = at.shift.map(|shift| &problem.shifts[shift]);
    let person = at.staff.map(|staff| &problem.staff[staff]);
    let mut found = [0; 7];
    if let Some(id) = scope.shift {
        found[0] = i64::from(shift?.id == id);
    }
    if let Some(id) = scope.staff {
        found[1] = i64::from(person?.id == id);
    }
    if let Some((from, to)) = scope.dates {
        found[2] = i64::from((from..=to).contains(&at.date));
    }
    if let Some(id) = scope.plan {
        found[3] = i64::from(problem.plan? == id);
    }
    if let Some(id) = scope.group {
        let (_, priority) = person?.groups.iter().find(|(group, _)| *group == id)?;
        (found[4], found[5]) = (1, *priority);
    }
    let of_kind = rule.key.shift_kind.as_ref().filter(|_| rule.key.kind == RuleKind::Cover);
    if let Some(kind) = of_kind {
        found[6] = i64::from(shift?.kind == *kind);
    }
    let filled = [
        scope.shift.is_some(),
        scope.staff.is_some(),
        scope.dates.is_some(),
        scope.plan.is_some(),
        scope.group.is_some(),
        false,
        of_kind.is_some(),
    ];
    let applies = filled.iter().zip(found).all(|(&is_filled, fits)| !is_filled || fits == 1);
    applies.then_some(found)
}
