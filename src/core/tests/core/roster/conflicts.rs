//! Conflicts that counting finds, against brute force: with a solver that only says that there is no roster.

use std::ops::ControlFlow;

use pg_clinic_core::ids::TimeOffId;
use pg_clinic_core::milp::{Limits, Model, Progress, Solution, Solver, SolverError, Status as Answer};
use pg_clinic_core::roster::catalog::{Mode, Period, RuleKind};
use pg_clinic_core::roster::expand::candidates;
use pg_clinic_core::roster::instance::{Cost, Expansion, Instance, Literal};
use pg_clinic_core::roster::model::RosterModel;
use pg_clinic_core::roster::outcome::Conflict;
use pg_clinic_core::roster::problem::{Problem, Shift};
use pg_clinic_core::roster::settings::{Rule, RuleKey};
use pg_clinic_core::roster::solve::solve;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::problems::{person, rule, shift, span, week};
use super::properties::expanded;

/// Knows that there is no roster, and nothing else.
struct Terse {
    has_said_so: bool,
}

type OnProgress<'a> = &'a mut dyn FnMut(&Progress) -> ControlFlow<()>;

impl Solver for Terse {
    fn solve(&mut self, _: &Model, _: &Limits, _: OnProgress<'_>) -> Result<Solution, SolverError> {
        let status = if self.has_said_so { Answer::Unknown } else { Answer::Infeasible };
        self.has_said_so = true;
        Ok(Solution { status, values: Vec::new(), objective: None, bound: None, nodes: 0 })
    }

    fn infeasible_rows(
        &mut self,
        _: &Model,
        _: &Limits,
        _: OnProgress<'_>,
    ) -> Result<Option<Vec<usize>>, SolverError> {
        Ok(None)
    }
}

/// What is found without any help from the solver.
fn conflict(problem: &Problem, expansion: &Expansion) -> Conflict {
    // A plain impossibility is seen before the solver is called.
    let mut solver = Terse {
        has_said_so: !RosterModel::new(expansion, &mut || ControlFlow::Continue(()))
            .unwrap()
            .impossible
            .is_empty(),
    };
    let outcome = solve(problem, &mut solver, &Limits::default(), &mut |_| ControlFlow::Continue(()));
    outcome.unwrap().conflict.unwrap()
}

/// Whether some roster, tried one by one, obeys these instances.
fn can_hold(expansion: &Expansion, instances: &[&Instance]) -> bool {
    let obeys = |roster: u32, instance: &Instance| {
        let is_on = |pair: usize| roster >> pair & 1 == 1;
        let is_true = |literal| match literal {
            Literal::Pair(pair) => is_on(pair),
            Literal::Any(group) => expansion.groups[group].iter().any(|&pair| is_on(pair)),
        };
        let on = instance.terms.iter().filter(|term| is_true(term.1)).map(|term| term.0);
        let value = instance.constant + on.sum::<i64>();
        instance.min.is_none_or(|min| min <= value) && instance.max.is_none_or(|max| value <= max)
    };
    (0..1 << expansion.pairs.len()).any(|roster| instances.iter().all(|instance| obeys(roster, instance)))
}

/// Up to four shifts for up to three people, some of them away on some days.
fn clinic(rules: impl Strategy<Value = Vec<Rule>>) -> impl Strategy<Value = Problem> {
    let a_shift = (0_i64..3, select(&[8_i64, 13][..]), select(&[240_i64, 480][..]), 1_i64..3);
    let people = vec(option::weighted(0.4, 0_i64..3), 1..4);
    (vec(a_shift, 1..5), people, rules).prop_map(|(shifts, people, rules)| {
        let shifts = shifts.into_iter().enumerate().map(|(at, (day, hour, minutes, staff_needed))| {
            let kind = if hour == 8 { "day" } else { "late" };
            Shift { during: span(day, hour, minutes), staff_needed, ..shift(at as i64 + 1, day, hour, kind) }
        });
        let staff = people.iter().enumerate().map(|(at, day)| {
            let mut person = person(at as i64 + 1);
            person.time_off = day.iter().map(|&day| (TimeOffId(at as i64), span(day, 0, 1440))).collect();
            person
        });
        let always = [RuleKind::Cover, RuleKind::TimeOff].map(|kind| hard(RuleKey::of(kind), 0));
        week(staff.collect(), shifts.collect(), always.into_iter().chain(rules).collect())
    })
}

fn hard(key: RuleKey, limit: i64) -> Rule {
    rule(key, Mode::Hard, 0, limit)
}

fn in_period(kind: RuleKind, period: Period, limit: i64) -> Rule {
    hard(RuleKey { period: Some(period), ..RuleKey::of(kind) }, limit)
}

/// Limits within one another: counting alone decides.
fn nested() -> impl Strategy<Value = Vec<Rule>> {
    (0_i64..4, option::of(Just(1_i64))).prop_map(|(plan, day)| {
        let day = day.map(|limit| in_period(RuleKind::MaxShifts, Period::Day, limit));
        std::iter::once(in_period(RuleKind::MaxShifts, Period::Plan, plan)).chain(day).collect()
    })
}

/// Limits across one another, minutes, and people required by the day too.
fn crossing() -> impl Strategy<Value = Vec<Rule>> {
    let minutes = select(&[240_i64, 480, 720, 960][..]);
    (nested(), option::of(0_i64..2), option::of(minutes), any::<bool>(), option::of(1_i64..3)).prop_map(
        |(mut rules, late, minutes, overlap, per_day)| {
            let key = RuleKey { shift_kind: Some("late".into()), ..RuleKey::of(RuleKind::MaxShifts) };
            let key = RuleKey { period: Some(Period::Week), ..key };
            rules.extend(late.map(|limit| hard(key, limit)));
            rules.extend(minutes.map(|limit| in_period(RuleKind::MaxMinutes, Period::Week, limit)));
            rules.extend(overlap.then(|| hard(RuleKey::of(RuleKind::NoOverlap), 0)));
            rules.extend(per_day.map(|limit| hard(RuleKey::of(RuleKind::MinStaffPerDay), limit)));
            rules
        },
    )
}

/// The conflict of a clinic that has one, once it is known to be a contradiction, and minimal if it says so.
fn checked(problem: &Problem) -> Option<Conflict> {
    let expansion = expanded(problem, candidates(problem));
    let hard: Vec<_> = expansion.instances.iter().filter(|row| row.cost == Cost::Forbidden).collect();
    if can_hold(&expansion, &hard) {
        return None;
    }
    let conflict = conflict(problem, &expansion);
    let set: Vec<_> = conflict.members.iter().map(|member| &expansion.instances[member.instance]).collect();
    assert!(!can_hold(&expansion, &set), "{conflict:?} is none");
    if conflict.is_minimal {
        for left_out in 0..set.len() {
            let mut rest = set.clone();
            rest.remove(left_out);
            assert!(can_hold(&expansion, &rest), "{conflict:?} doesn't need {:?}", set[left_out]);
        }
    }
    Some(conflict)
}

proptest! {
    #![proptest_config(crate::cases(300))]

    #[test]
    fn counting_alone_finds_minimal_conflicts(problem in clinic(nested())) {
        if let Some(conflict) = checked(&problem) {
            prop_assert!(conflict.is_minimal, "{:?}", conflict);
        }
    }

    #[test]
    fn counting_claims_no_more_than_is_true(problem in clinic(crossing())) {
        checked(&problem);
    }
}
