//! A person's diagram has exactly the ways to work that the rules allow, each at its cost: against all sets of the person's
//! shifts, by the naive judge and by the real one.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use pg_clinic_core::ids::{ShiftId, StaffId};
use pg_clinic_core::plans::LockAction;
use pg_clinic_core::roster::catalog::{Mode, Period, RuleKind};
use pg_clinic_core::roster::diagram::{Caps, Diagram, Request, Shares, Unfit, Way, in_time_order};
use pg_clinic_core::roster::expand::{Stopped, candidates, expand, expand_to_plan};
use pg_clinic_core::roster::instance::Expansion;
use pg_clinic_core::roster::judge::judge;
use pg_clinic_core::roster::problem::{Lock, Problem};
use pg_clinic_core::roster::settings::{Rule, RuleKey};
use proptest::prelude::*;

use super::naive::verdict;
use super::problems::{Case, case, date, person, rule, shift, soft, week};

/// Ways of a person that are tried, one by one: those of so many shifts.
const TRIED: u32 = 12;

/// More than any of these problems needs.
const ANY: Caps = Caps { choices: usize::MAX, sets: None, states: 1 << 20, relaxes: true };

fn compiled(expansion: &Expansion, request: &Request<'_>) -> Result<Diagram, Unfit> {
    Diagram::compile(expansion, request, &mut || ControlFlow::Continue(()))
}

fn request<'a>(pairs: &'a [usize], instances: &'a [usize]) -> Request<'a> {
    Request { pairs, instances, fixed: &[], watched: &[], caps: ANY }
}

/// A diagram's ways; none where there is no diagram.
fn ways(expansion: &Expansion, pairs: &[usize], instances: &[usize]) -> Vec<Way> {
    match compiled(expansion, &request(pairs, instances)) {
        Ok(diagram) => {
            assert!(diagram.is_exact());
            diagram.ways(1 << TRIED).unwrap()
        }
        Err(unfit) => {
            assert_eq!(unfit, Unfit::NoWay);
            Vec::new()
        }
    }
}

/// All subsets.
fn subsets(of: &[usize]) -> impl Iterator<Item = Vec<usize>> {
    let is_in = |mask: u32, place: usize| mask >> place & 1 == 1;
    let subset =
        move |mask| (0..of.len()).filter(|&place| is_in(mask, place)).map(|place| of[place]).collect();
    (0..1 << of.len()).map(subset)
}

/// The rules about everybody, which are no person's.
const SHARED: [RuleKind; 3] = [RuleKind::Cover, RuleKind::MinStaffPerDay, RuleKind::MaxStaffPerDay];

/// A case with one of its people alone, and so few shifts on its dates that all ways can be tried.
fn alone(case: Case, who: usize, most: usize) -> Problem {
    let mut problem = case.problem;
    problem.staff = vec![problem.staff.swap_remove(who % problem.staff.len())];
    let (from, to, mut left) = (problem.from, problem.to, most);
    problem.shifts.retain(|shift| {
        let is_inside = (from..=to).contains(&shift.date);
        left -= usize::from(is_inside && left > 0);
        !is_inside || left > 0
    });
    problem
}

/// All ways by the naive judge.
fn naive_ways(problem: &Problem, expansion: &Expansion) -> Vec<Way> {
    let all: Vec<_> = (0..expansion.pairs.len()).collect();
    let mut found = Vec::new();
    for pairs in subsets(&all) {
        let on: BTreeSet<_> = pairs.iter().map(|&pair| (0, expansion.pairs[pair].shift)).collect();
        let mut verdict = verdict(problem, &on);
        verdict.broken.retain(|kind| !SHARED.contains(kind));
        verdict.costs.retain(|(kind, _), _| !SHARED.contains(kind));
        if verdict.broken.is_empty() {
            found.push(Way { pairs, cost: verdict.costs.values().sum() });
        }
    }
    found.sort();
    found
}

/// All ways by the judge.
fn judged_ways(expansion: &Expansion, pairs: &[usize], instances: &[usize]) -> Vec<Way> {
    let instances = instances.iter().map(|&number| expansion.instances[number].clone()).collect();
    let of_one = Expansion { instances, ..expansion.clone() };
    let mut found = Vec::new();
    for mut pairs in subsets(pairs) {
        let mut assigned = vec![false; expansion.pairs.len()];
        pairs.iter().for_each(|&pair| assigned[pair] = true);
        let judgment = judge(&of_one, &assigned);
        if judgment.broken == 0 {
            pairs.sort_unstable();
            found.push(Way { pairs, cost: judgment.objective });
        }
    }
    found.sort();
    found
}

/// Each person's pairs and instances, of those who have few enough.
fn people(problem: &Problem, expansion: &Expansion) -> Vec<(Vec<usize>, Vec<usize>)> {
    let personal = Shares::new(expansion, problem.staff.len()).personal;
    let mut people: Vec<_> =
        in_time_order(expansion, problem.staff.len()).into_iter().zip(personal).collect();
    people.retain(|(pairs, _)| pairs.len() <= TRIED as usize);
    people
}

fn spelled_out(problem: &Problem) -> Expansion {
    expand_to_plan(problem, &mut || ControlFlow::Continue(())).unwrap()
}

proptest! {
    #![proptest_config(crate::cases(100))]

    #[test]
    fn ways_are_those_of_the_naive_judge(case in case(), who in 0_usize..4) {
        let problem = alone(case, who, 8);
        let expansion = expand(&problem, candidates(&problem), &mut || ControlFlow::Continue(())).unwrap();
        let is_personal = |number: &usize| !SHARED.contains(&expansion.instances[*number].key.kind);
        let instances: Vec<_> = (0..expansion.instances.len()).filter(is_personal).collect();
        let mut pairs: Vec<_> = (0..expansion.pairs.len()).collect();
        pairs.sort_by_key(|&pair| problem.shifts[expansion.pairs[pair].shift].during);
        prop_assert_eq!(ways(&expansion, &pairs, &instances), naive_ways(&problem, &expansion));
    }

    #[test]
    fn ways_are_those_of_the_judge(case in case()) {
        let expansion = spelled_out(&case.problem);
        for (pairs, instances) in people(&case.problem, &expansion) {
            let expected = judged_ways(&expansion, &pairs, &instances);
            prop_assert_eq!(ways(&expansion, &pairs, &instances), expected.clone());
            // Those with a certain pair.
            for &pair in pairs.iter().take(3) {
                let request = Request { fixed: &[pair], ..request(&pairs, &instances) };
                let with = compiled(&expansion, &request).map_or(Vec::new(), |it| it.ways(1 << TRIED).unwrap());
                prop_assert!(with.iter().eq(expected.iter().filter(|way| way.pairs.contains(&pair))));
            }
            // The order decides how large a diagram is, not what it says.
            let backward: Vec<_> = pairs.iter().rev().copied().collect();
            prop_assert_eq!(ways(&expansion, &backward, &instances), expected);
        }
    }

    #[test]
    fn a_diagram_is_reduced(case in case()) {
        let expansion = spelled_out(&case.problem);
        for (pairs, instances) in people(&case.problem, &expansion) {
            let request = request(&pairs, &instances);
            let Ok(diagram) = compiled(&expansion, &request) else { continue };
            let mut known = BTreeSet::new();
            let mut is_reached = vec![false; diagram.end() + 1];
            is_reached[0] = true;
            for node in 0..diagram.end() {
                let arcs = diagram.arcs_of(node);
                prop_assert!(is_reached[node] && !arcs.is_empty());
                prop_assert!(known.insert(arcs.to_vec()), "two nodes with the same future");
                prop_assert_eq!(arcs.iter().map(|arc| arc.cost).min(), Some(0));
                let choices: BTreeSet<_> = arcs.iter().map(|arc| arc.choice).collect();
                prop_assert_eq!(choices.len(), arcs.len());
                for arc in arcs {
                    prop_assert!(arc.to > node);
                    is_reached[arc.to] = true;
                }
            }
            prop_assert!(is_reached[diagram.end()] && diagram.arcs_of(diagram.end()).is_empty());
        }
    }

    /// Whatever the cap, no way is lost or dearer than it is.
    #[test]
    fn a_relaxed_diagram_loses_no_way(case in case(), states in 2_usize..60) {
        let expansion = spelled_out(&case.problem);
        for (pairs, instances) in people(&case.problem, &expansion) {
            let exact = ways(&expansion, &pairs, &instances);
            let request = Request { caps: Caps { states, ..ANY }, ..request(&pairs, &instances) };
            let diagram = match compiled(&expansion, &request) {
                Ok(diagram) => diagram,
                Err(Unfit::NoWay) => {
                    prop_assert_eq!(exact, []);
                    continue;
                }
                Err(unfit) => {
                    prop_assert_eq!(unfit, Unfit::TooLarge);
                    continue;
                }
            };
            prop_assert!(diagram.left_out.iter().all(|number| instances.contains(number)));
            let relaxed: BTreeMap<_, _> =
                diagram.ways(1 << TRIED).unwrap().into_iter().map(|way| (way.pairs, way.cost)).collect();
            for way in &exact {
                let cost = relaxed.get(&way.pairs);
                prop_assert!(cost.is_some_and(|cost| *cost <= way.cost), "{:?} costs {:?}", way, cost);
            }
            // Only what is left out is broken.
            let rest: Vec<_> =
                instances.iter().copied().filter(|number| !diagram.left_out.contains(number)).collect();
            let rest = ways(&expansion, &pairs, &rest);
            let is_of_rest = |pairs: &Vec<usize>| rest.iter().any(|way| way.pairs == *pairs);
            prop_assert!(relaxed.keys().all(is_of_rest));
            prop_assert!(!diagram.is_exact() || exact.len() == relaxed.len());
        }
    }

    /// A path tells the watched groups that it meets, unless a choice tells by itself.
    #[test]
    fn a_path_tells_the_groups_it_meets(case in case()) {
        let expansion = spelled_out(&case.problem);
        for (pairs, instances) in people(&case.problem, &expansion) {
            let is_own = |group: &usize| expansion.groups[*group].iter().any(|pair| pairs.contains(pair));
            let watched: Vec<_> = (0..expansion.groups.len()).filter(is_own).collect();
            let request = Request { watched: &watched, ..request(&pairs, &instances) };
            let Ok(diagram) = compiled(&expansion, &request) else { continue };
            let members = |choice: usize| diagram.choices[choice].members.iter().filter_map(|row| row.pair);
            let layer_of: BTreeMap<_, _> = (0..diagram.choices.len())
                .flat_map(|choice| members(choice).map(move |pair| (pair, choice)))
                .map(|(pair, choice)| (pair, diagram.choices[choice].layer))
                .collect();
            let mut open = vec![(0, BTreeSet::new(), BTreeSet::new())];
            while let Some((node, met, told)) = open.pop() {
                if node == diagram.end() {
                    for group in met.difference(&told) {
                        let group: &usize = group;
                        let pairs = expansion.groups[*group].iter();
                        let layers: BTreeSet<_> = pairs.filter_map(|pair| layer_of.get(pair)).collect();
                        prop_assert_eq!(layers.len(), 1);
                    }
                    prop_assert!(told.is_subset(&met));
                }
                for arc in diagram.arcs_of(node) {
                    let (mut met, mut told) = (met.clone(), told.clone());
                    // The members of a choice don't differ in groups of several layers.
                    for pair in members(arc.choice).take(1) {
                        met.extend(watched.iter().filter(|group| expansion.groups[**group].contains(&pair)));
                    }
                    for group in &diagram.events[arc.events] {
                        prop_assert!(told.insert(*group), "told twice");
                    }
                    open.push((arc.to, met, told));
                }
            }
            prop_assert_eq!(diagram.ways(1 << TRIED).unwrap(), ways(&expansion, &pairs, &instances));
        }
    }

    #[test]
    fn every_instance_is_somebodys(case in case()) {
        let expansion = spelled_out(&case.problem);
        let Shares { personal, shared, given } = Shares::new(&expansion, case.problem.staff.len());
        let mut all: Vec<_> = personal.into_iter().flatten().chain(shared).chain(given).collect();
        all.sort_unstable();
        prop_assert!(all.into_iter().eq(0..expansion.instances.len()));
    }
}

fn hard(kind: RuleKind, limit: i64) -> Rule {
    rule(RuleKey::of(kind), Mode::Hard, 0, limit)
}

/// One person, and a shift on each day from the first on.
fn daily(rules: Vec<Rule>) -> Problem {
    let shifts = (0..7).map(|day| shift(day + 1, day, 8, "day")).collect();
    let mut problem = week(vec![person(1)], shifts, rules);
    problem.known_from = date(-3);
    problem
}

fn only(problem: &Problem, caps: Caps) -> Result<Diagram, Unfit> {
    let expansion = spelled_out(problem);
    let (pairs, instances) = people(problem, &expansion).remove(0);
    compiled(&expansion, &Request { caps, ..request(&pairs, &instances) })
}

/// Of a rule about runs the length of the run is left, of one about the week the count, and nothing once it can't matter.
#[test]
fn states_are_few() {
    let nodes = |rules: Vec<Rule>| {
        let diagram = only(&daily(rules), ANY).unwrap();
        (diagram.end() + 1, diagram.paths())
    };
    // Before each day the run so far, 0 to 3, until the days left can't make it too long any more.
    assert_eq!(nodes(vec![hard(RuleKind::MaxConsecutiveDays, 3)]), (1 + 2 + 3 + 4 + 4 + 3 + 2 + 1, 108));
    let mut weekly = hard(RuleKind::MaxShifts, 2);
    weekly.key.period = Some(Period::Week);
    assert_eq!(nodes(vec![weekly.clone()]), (1 + 2 + 3 + 3 + 3 + 3 + 2 + 1, 29));
    // A soft one counts beyond its limit without knowing how far.
    weekly.setting.mode = Mode::Soft;
    weekly.setting.weight = 5;
    assert_eq!(nodes(vec![weekly]), (1 + 2 + 3 + 3 + 3 + 3 + 2 + 1, 128));
}

/// What was worked before the first date is the start.
#[test]
fn the_record_is_the_first_state() {
    let mut problem =
        daily(vec![hard(RuleKind::MaxConsecutiveDays, 3), soft(RuleKind::MinConsecutiveDaysOff, 2)]);
    problem.shifts.extend([(21, -2), (22, -1)].map(|(id, day)| shift(id, day, 8, "day")));
    problem.worked = vec![(StaffId(1), ShiftId(21)), (StaffId(1), ShiftId(22))];
    let expansion = spelled_out(&problem);
    let ways = only(&problem, ANY).unwrap().ways(1 << TRIED).unwrap();
    let days = |way: &Way| -> Vec<i64> {
        way.pairs.iter().map(|&pair| problem.shifts[expansion.pairs[pair].shift].id.0 - 1).collect()
    };
    let cost = |of: &[i64]| ways.iter().find(|way| days(way) == of).map(|way| way.cost);
    assert_eq!(cost(&[0, 1]), None, "four days in a row");
    assert_eq!(cost(&[0, 2]), Some(10), "a single day off");
    assert_eq!(cost(&[1, 2, 3]), Some(10), "a single day off, right at the start");
    assert_eq!(cost(&[2, 3, 4]), Some(0));
}

#[test]
fn a_night_reaches_into_the_next_day() {
    let nights = (0..7).map(|day| shift(day + 1, day, 22, "night"));
    let mornings = (0..7).map(|day| shift(day + 11, day, 5, "day"));
    let problem = week(vec![person(1)], nights.chain(mornings).collect(), vec![hard(RuleKind::NoOverlap, 0)]);
    let expansion = spelled_out(&problem);
    let (pairs, instances) = {
        let personal = Shares::new(&expansion, 1).personal.remove(0);
        (in_time_order(&expansion, 1).remove(0), personal)
    };
    let diagram = compiled(&expansion, &request(&pairs, &instances)).unwrap();
    // The first morning and the last night have no rule, and so no layer; six times a night or the morning after, or neither.
    assert_eq!((diagram.end() + 1, diagram.paths()), (7, 64));
    assert_eq!(diagram.ways(1 << TRIED).unwrap().len(), 729);
}

#[test]
fn there_may_be_no_diagram() {
    let mut problem = daily(vec![hard(RuleKind::MaxConsecutiveDays, 3), hard(RuleKind::Lock, 0)]);
    for (id, shift) in (1..=4).zip(2..) {
        let (staff, shift) = (Some(StaffId(1)), Some(ShiftId(shift)));
        problem.locks.push(Lock { id, action: LockAction::Assign, staff, shift, from: None, to: None });
    }
    assert_eq!(only(&problem, ANY), Err(Unfit::NoWay));
    let weekly = RuleKey { period: Some(Period::Week), ..RuleKey::of(RuleKind::MaxWeekends) };
    let dear = rule(weekly, Mode::Soft, i64::MAX / 3, 0);
    assert_eq!(only(&daily(vec![dear]), ANY), Err(Unfit::TooDear));
    let problem = daily(vec![hard(RuleKind::MaxConsecutiveDays, 3)]);
    let expansion = spelled_out(&problem);
    let (pairs, instances) = people(&problem, &expansion).remove(0);
    let request = request(&pairs, &instances);
    assert_eq!(Diagram::compile(&expansion, &request, &mut || ControlFlow::Break(())), Err(Unfit::Stopped));
    assert!(
        expand(&problem, candidates(&problem), &mut || ControlFlow::Break(())).is_err_and(|it| it == Stopped)
    );
    assert_eq!(Unfit::NoWay.to_string(), "there is no way to work that obeys all rules");
    // Over the cap a rule is left out.
    let few = Caps { states: 12, ..ANY };
    let relaxed = only(&problem, few).unwrap();
    assert!(!relaxed.is_exact() && relaxed.paths() > 108, "{} {:?}", relaxed.paths(), relaxed.left_out);
    assert_eq!(only(&problem, Caps { relaxes: false, ..few }), Err(Unfit::TooLarge));
    assert_eq!(only(&problem, Caps { choices: 6, ..ANY }), Err(Unfit::TooLarge));
    assert!(only(&problem, Caps { choices: 7, ..ANY }).is_ok());
    // 108 ways, of 128 sets of days.
    assert_eq!(only(&problem, Caps { sets: Some(127), ..ANY }), Err(Unfit::TooLarge));
    assert!(only(&problem, Caps { sets: Some(128), ..ANY }).is_ok());
}
