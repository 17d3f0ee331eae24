//! The judge and the naive one say the same of any roster, whatever the pairs the rules were spelled out for.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use pg_clinic_core::roster::catalog::RuleKind;
use pg_clinic_core::roster::expand::{candidates, expand};
use pg_clinic_core::roster::explain::explain;
use pg_clinic_core::roster::instance::{Cost, Expansion, Literal, Pair};
use pg_clinic_core::roster::judge::{Judgment, judge};
use pg_clinic_core::roster::problem::Problem;
use pg_clinic_core::roster::rules::sentence;
use pg_clinic_core::roster::settings::Rules;
use proptest::prelude::*;

use super::naive::{Verdict, verdict};
use super::problems::{Case, case};

pub fn expanded(problem: &Problem, pairs: Vec<Pair>) -> Expansion {
    expand(problem, pairs, &mut || ControlFlow::Continue(())).unwrap()
}

fn assigned_pairs(case: &Case) -> Vec<Pair> {
    let pairs = candidates(&case.problem).into_iter().zip(&case.assigned);
    pairs.filter(|(_, on)| **on).map(|(pair, _)| pair).collect()
}

fn naive(case: &Case) -> Verdict {
    let on: BTreeSet<_> = assigned_pairs(case).iter().map(|pair| (pair.staff, pair.shift)).collect();
    comparable(verdict(&case.problem, &on))
}

/// Shifts that overlap may break rest as well, or be listed as overlap alone.
fn comparable(mut verdict: Verdict) -> Verdict {
    if verdict.broken.contains(&RuleKind::NoOverlap) {
        verdict.broken.remove(&RuleKind::MinRest);
    }
    verdict
}

fn judged(expansion: &Expansion, judgment: &Judgment) -> Verdict {
    let mut judged = Verdict::default();
    for line in &judgment.breakdown {
        judged.costs.insert((line.kind, line.shift_kind.clone()), line.cost);
    }
    judged.costs.retain(|_, cost| *cost != 0);
    for finding in &judgment.findings {
        let instance = &expansion.instances[finding.instance];
        if instance.cost == Cost::Forbidden && finding.shortage + finding.excess > 0 {
            judged.broken.insert(instance.key.kind);
        }
    }
    comparable(judged)
}

proptest! {
    #![proptest_config(crate::cases(120))]

    #[test]
    fn judges_as_the_naive_judge(case in case()) {
        let expansion = expanded(&case.problem, candidates(&case.problem));
        let judgment = judge(&expansion, &case.assigned);
        prop_assert_eq!(judged(&expansion, &judgment), naive(&case));

        let worked = assigned_pairs(&case);
        let expansion = expanded(&case.problem, worked.clone());
        prop_assert_eq!(&expansion.pairs, &worked);
        let judgment = judge(&expansion, &vec![true; worked.len()]);
        prop_assert_eq!(judged(&expansion, &judgment), naive(&case));
    }

    #[test]
    fn sums_up(case in case()) {
        let expansion = expanded(&case.problem, candidates(&case.problem));
        let judgment = judge(&expansion, &case.assigned);
        prop_assert_eq!(judgment.objective, judgment.breakdown.iter().map(|line| line.cost).sum::<i64>());
        prop_assert_eq!(judgment.objective, judgment.findings.iter().map(|finding| finding.cost).sum::<i64>());
        for finding in &judgment.findings {
            let text = sentence(&case.problem, &expansion.instances[finding.instance], Some(finding));
            prop_assert!(!text.is_empty() && !text.contains("anybody") && !text.contains("a shift is"), "{}", text);
        }
    }

    #[test]
    fn is_well_formed(case in case()) {
        let expansion = expanded(&case.problem, candidates(&case.problem));
        let mut is_used = vec![false; expansion.groups.len()];
        for instance in &expansion.instances {
            let whole = instance.approved.iter().flat_map(|approved| &approved.terms);
            for literal in whole.map(|term| term.1) {
                if let Literal::Any(group) = literal {
                    is_used[group] = true;
                }
            }
            let literals: BTreeSet<_> = instance.terms.iter().map(|term| term.1).collect();
            prop_assert_eq!(literals.len(), instance.terms.len(), "a literal twice: {:?}", instance);
            prop_assert!(instance.terms.iter().all(|term| term.0 != 0), "a factor 0: {:?}", instance);
            for literal in literals {
                if let Literal::Any(group) = literal {
                    is_used[group] = true;
                }
            }
        }
        for run in &expansion.runs {
            for day in &run.days {
                if let pg_clinic_core::roster::instance::Day::Open(Literal::Any(group)) = day {
                    is_used[*group] = true;
                }
            }
        }
        prop_assert!(is_used.iter().all(|used| *used), "a group nobody uses");
        for group in &expansion.groups {
            prop_assert!(group.len() > 1 && group.is_sorted());
        }
    }

    #[test]
    fn order_of_rows_does_not_matter(case in case(), rules in Just(()).prop_perturb(|(), mut rng| rng.random::<u64>())) {
        let mut other = case.problem.clone();
        let turn = rules as usize;
        fn rotate<T>(rows: &mut [T], turn: usize) {
            rows.reverse();
            if !rows.is_empty() {
                let by = turn % rows.len();
                rows.rotate_left(by);
            }
        }
        rotate(&mut other.worked, turn);
        rotate(&mut other.reference, turn);
        rotate(&mut other.shift_requests, turn);
        rotate(&mut other.debts, turn);
        rotate(&mut other.locks, turn);
        let mut pairs = candidates(&other);
        rotate(&mut pairs, turn);
        let (one, two) = (expanded(&case.problem, candidates(&case.problem)), expanded(&other, pairs));
        prop_assert_eq!(format!("{one:?}"), format!("{two:?}"));
    }

    #[test]
    fn explains_what_the_judge_would_say(case in case()) {
        let expansion = expanded(&case.problem, candidates(&case.problem));
        let before = judge(&expansion, &case.assigned);
        let dates = case.problem.from..=case.problem.to;
        for shift in (0..case.problem.shifts.len()).filter(|&at| dates.contains(&case.problem.shifts[at].date)) {
            let pair_of = |staff| expansion.pairs.binary_search(&Pair { staff, shift }).unwrap();
            let holders: Vec<_> = (0..case.problem.staff.len()).map(pair_of).filter(|&at| case.assigned[at]).collect();
            let is_full = holders.len() as i64 >= case.problem.shifts[shift].staff_needed && !holders.is_empty();
            let rows = explain(&case.problem, &expansion, &case.assigned, shift);
            prop_assert_eq!(rows.len(), case.problem.staff.len());
            for row in rows.iter().filter(|row| !row.is_assigned) {
                let alternatives = if is_full { holders.iter().copied().map(Some).collect() } else { vec![None] };
                let changes = alternatives.into_iter().map(|holder| {
                    let mut after = case.assigned.clone();
                    after[pair_of(row.staff)] = true;
                    if let Some(holder) = holder {
                        after[holder] = false;
                    }
                    let after = judge(&expansion, &after);
                    (newly_broken(&expansion, &before, &after), after.objective - before.objective)
                });
                let (broken, change) = changes.min().unwrap();
                prop_assert_eq!((row.sentences.len(), row.cost_change), (broken, change));
                prop_assert_eq!(row.is_allowed, broken == 0);
                prop_assert_eq!(row.cost_by_rule.iter().map(|line| line.cost).sum::<i64>(), change);
            }
        }
    }
}

/// How many hard instances are broken more than before.
fn newly_broken(expansion: &Expansion, before: &Judgment, after: &Judgment) -> usize {
    let broken = |judgment: &Judgment| -> BTreeMap<usize, i64> {
        let hard =
            judgment.findings.iter().filter(|row| expansion.instances[row.instance].cost == Cost::Forbidden);
        hard.map(|row| (row.instance, row.shortage + row.excess)).collect()
    };
    let before = broken(before);
    broken(after)
        .into_iter()
        .filter(|(index, units)| *units > before.get(index).copied().unwrap_or(0))
        .count()
}

#[test]
fn stops_when_it_must() {
    let problem = super::problems::week(vec![super::problems::person(1)], Vec::new(), Vec::new());
    let stopped = expand(&problem, candidates(&problem), &mut || ControlFlow::Break(()));
    assert!(stopped.is_err());
    let rules = Rules::new(Vec::new());
    assert!(rules.keys().len() > 20);
}
