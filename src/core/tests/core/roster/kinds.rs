//! One small example of each kind: what it costs where soft, and that it breaks where hard.

use pg_clinic_core::ids::{PlanId, ProviderId, ShiftId, StaffId, TimeOffId};
use pg_clinic_core::plans::LockAction;
use pg_clinic_core::roster::catalog::{Mode, Modes, Period, RuleKind};
use pg_clinic_core::roster::debt::{Counted, Debt, UNIT};
use pg_clinic_core::roster::expand::{UnknownPair, worked};
use pg_clinic_core::roster::instance::{Cost, Day};
use pg_clinic_core::roster::judge::judge;
use pg_clinic_core::roster::problem::*;
use pg_clinic_core::roster::rules::catalog;
use pg_clinic_core::roster::settings::{Rule, RuleKey, Rules, Scope, Source};
use pg_clinic_core::roster::weeks::Weeks;

use super::problems::{all_pairs, date, person, rule, shift, soft, span, week};
use super::properties::expanded;

/// The cost, and the number of hard instances broken.
fn outcome(problem: &Problem, on: &[(i64, i64)]) -> (i64, usize) {
    let on: Vec<_> = on.iter().map(|&(staff, shift)| (StaffId(staff), ShiftId(shift))).collect();
    let pairs = worked(problem, &on).unwrap();
    let expansion = expanded(problem, all_pairs(problem));
    let assigned: Vec<_> = expansion.pairs.iter().map(|pair| pairs.contains(pair)).collect();
    let judgment = judge(&expansion, &assigned);
    (judgment.objective, judgment.broken)
}

/// Ana (1) and Ben (2) on some shifts, with one rule alone. Soft it costs `cost`, hard it is broken if that is anything.
fn example(rule: Rule, shifts: Vec<Shift>, change: impl Fn(&mut Problem), on: &[(i64, i64)], cost: i64) {
    let modes = rule.key.kind.entry().modes;
    for mode in [Mode::Soft, Mode::Hard] {
        if matches!((mode, modes), (Mode::Soft, Modes::Hard) | (Mode::Hard, Modes::Soft)) {
            continue;
        }
        let mut rule = rule.clone();
        rule.setting.mode = mode;
        let mut problem = week(vec![person(1), person(2)], shifts.clone(), vec![rule]);
        change(&mut problem);
        let (objective, broken) = outcome(&problem, on);
        match mode {
            Mode::Soft => assert_eq!((objective, broken), (cost, 0)),
            _ => assert_eq!((objective, broken > 0), (0, cost > 0)),
        }
    }
}

fn as_is(_: &mut Problem) {}

/// A shift on each of these days, numbered by day from 1.
fn daily(days: std::ops::RangeInclusive<i64>, hour: i64, kind: &str) -> Vec<Shift> {
    days.map(|day| shift(day + 1, day, hour, kind)).collect()
}

fn by_kind(kind: RuleKind, shift_kind: &str, limit: i64) -> Rule {
    let shift_kind = Some(shift_kind.to_owned());
    rule(RuleKey { shift_kind, ..RuleKey::of(kind) }, Mode::Soft, 10, limit)
}

fn in_period(kind: RuleKind, period: Period, limit: i64) -> Rule {
    rule(RuleKey { period: Some(period), ..RuleKey::of(kind) }, Mode::Soft, 10, limit)
}

#[test]
fn cover() {
    let mut rule = soft(RuleKind::Cover, 0);
    rule.setting.over_weight = 3;
    let shifts = || {
        vec![
            Shift { staff_needed: 2, ..shift(1, 0, 8, "day") },
            Shift { staff_needed: 1, ..shift(2, 1, 8, "day") },
        ]
    };
    example(rule.clone(), shifts(), as_is, &[], 30);
    example(rule.clone(), shifts(), as_is, &[(1, 1), (2, 1), (1, 2), (2, 2)], 3);
    example(rule, shifts(), as_is, &[(1, 1), (2, 1), (2, 2)], 0);
}

#[test]
fn cover_of_a_kind_wins_over_that_of_all() {
    let nights = Rule {
        setting: rule(RuleKey::of(RuleKind::Cover), Mode::Off, 0, 0).setting,
        ..by_kind(RuleKind::Cover, "night", 0)
    };
    let shifts = vec![shift(1, 0, 8, "day"), shift(2, 0, 22, "night")];
    let rules = vec![
        soft(RuleKind::Cover, 0),
        nights,
        Rule { setting: soft(RuleKind::Cover, 0).setting, ..by_kind(RuleKind::Cover, "day", 0) },
    ];
    assert_eq!(outcome(&week(vec![person(1)], shifts, rules), &[]), (10, 0));
}

#[test]
fn cover_of_one_shift_wins_over_that_of_its_kind() {
    let days = |mode, weight| {
        let setting = rule(RuleKey::of(RuleKind::Cover), mode, weight, 0).setting;
        Rule { setting, ..by_kind(RuleKind::Cover, "day", 0) }
    };
    let own = |scope, mode, weight| {
        let rule = rule(RuleKey::of(RuleKind::Cover), mode, weight, 0);
        Rule { scope, source: Source::Override(1), ..rule }
    };
    let first = Scope { shift: Some(ShiftId(1)), ..Scope::default() };
    let outcome = |rules| outcome(&week(vec![person(1)], daily(0..=1, 8, "day"), rules), &[]);
    assert_eq!(outcome(vec![days(Mode::Soft, 10), own(first, Mode::Hard, 0)]), (10, 1));
    assert_eq!(outcome(vec![days(Mode::Hard, 0), own(first, Mode::Soft, 7)]), (7, 1));
    assert_eq!(outcome(vec![days(Mode::Hard, 0), own(first, Mode::Off, 0)]), (0, 1));
    // Any narrower scope does; of two with the same scope, the one for the kind.
    let monday = Scope { dates: Some((date(0), date(0))), ..Scope::default() };
    assert_eq!(outcome(vec![days(Mode::Soft, 10), own(monday, Mode::Off, 0)]), (10, 0));
    let of_days = Rule { scope: monday, ..days(Mode::Soft, 3) };
    assert_eq!(outcome(vec![days(Mode::Soft, 10), own(monday, Mode::Off, 0), of_days]), (13, 0));
}

#[test]
fn people_per_day() {
    let shifts = || vec![shift(1, 0, 8, "day"), shift(2, 0, 22, "night"), shift(3, 1, 8, "day")];
    example(soft(RuleKind::MinStaffPerDay, 2), shifts(), as_is, &[(1, 1), (1, 2)], 30);
    example(soft(RuleKind::MinStaffPerDay, 1), shifts(), as_is, &[(1, 1), (2, 3)], 0);
    example(by_kind(RuleKind::MinStaffPerDay, "night", 1), shifts(), as_is, &[(1, 1)], 10);
    example(soft(RuleKind::MaxStaffPerDay, 1), shifts(), as_is, &[(1, 1), (2, 2), (1, 3)], 10);
    example(by_kind(RuleKind::MaxStaffPerDay, "day", 1), shifts(), as_is, &[(1, 1), (2, 2)], 0);
}

#[test]
fn skill_match() {
    let skills = ["surgery".to_owned(), "x-ray".to_owned()].to_vec();
    let shifts = vec![Shift { required_skills: skills.clone(), ..shift(1, 0, 8, "day") }];
    let change = |problem: &mut Problem| problem.staff[1].skills = skills.clone();
    example(soft(RuleKind::SkillMatch, 0), shifts.clone(), change, &[(1, 1)], 20);
    example(soft(RuleKind::SkillMatch, 0), shifts, change, &[(2, 1)], 0);
}

#[test]
fn availability() {
    let shifts = || daily(0..=1, 8, "day");
    let change = |problem: &mut Problem| problem.staff[0].available = Some(vec![span(0, 8, 480)]);
    example(soft(RuleKind::Availability, 0), shifts(), change, &[(1, 1)], 0);
    example(soft(RuleKind::Availability, 0), shifts(), change, &[(1, 1), (1, 2), (2, 2)], 10);
    // A disabled person works nothing, whatever the mode.
    for mode in [Mode::Soft, Mode::Off, Mode::Hard] {
        let mut problem =
            week(vec![person(1)], shifts(), vec![rule(RuleKey::of(RuleKind::Availability), mode, 10, 0)]);
        problem.staff[0].enabled = false;
        assert_eq!(outcome(&problem, &[(1, 1)]), (0, 1));
    }
}

#[test]
fn time_off() {
    let change = |problem: &mut Problem| problem.staff[0].time_off = vec![(TimeOffId(4), span(0, 10, 10))];
    example(soft(RuleKind::TimeOff, 0), daily(0..=1, 8, "day"), change, &[(1, 1), (1, 2)], 10);
    example(soft(RuleKind::TimeOff, 0), daily(0..=1, 8, "day"), change, &[(2, 1), (1, 2)], 0);
}

#[test]
fn no_overlap() {
    let shifts = || vec![shift(1, 0, 8, "day"), shift(2, 0, 15, "late"), shift(3, 0, 16, "late")];
    example(soft(RuleKind::NoOverlap, 0), shifts(), as_is, &[(1, 1), (1, 2)], 1);
    example(soft(RuleKind::NoOverlap, 0), shifts(), as_is, &[(1, 1), (1, 3), (2, 2)], 0);
    // Also with what is worked before the dates.
    let night_before = |problem: &mut Problem| {
        problem.shifts.push(Shift { during: span(-1, 22, 720), ..shift(9, -1, 22, "night") });
        problem.worked = vec![(StaffId(1), ShiftId(9))];
    };
    example(soft(RuleKind::NoOverlap, 0), shifts(), night_before, &[(1, 1)], 1);
    example(soft(RuleKind::NoOverlap, 0), shifts(), night_before, &[(2, 1)], 0);
}

#[test]
fn min_rest() {
    // 06:00 to 08:00 are 120 minutes.
    let shifts = || vec![shift(1, 0, 22, "night"), shift(2, 1, 8, "day"), shift(3, 1, 8, "day")];
    example(soft(RuleKind::MinRest, 121), shifts(), as_is, &[(1, 1), (1, 2)], 10);
    example(soft(RuleKind::MinRest, 120), shifts(), as_is, &[(1, 1), (1, 2)], 0);
    example(soft(RuleKind::MinRest, 121), shifts(), as_is, &[(1, 1), (2, 2)], 0);
}

#[test]
fn overlap_and_rest_are_one_instance_for_each_clique() {
    let rules = vec![
        rule(RuleKey::of(RuleKind::NoOverlap), Mode::Hard, 0, 0),
        rule(RuleKey::of(RuleKind::MinRest), Mode::Hard, 0, 60),
    ];
    let shifts = (1..=5).map(|id| shift(id, 0, 8, "day")).collect();
    let problem = week(vec![person(1)], shifts, rules);
    let expansion = expanded(&problem, all_pairs(&problem));
    let [instance] = &expansion.instances[..] else { panic!("{:?}", expansion.instances) };
    assert_eq!((instance.key.kind, instance.terms.len(), instance.max), (RuleKind::NoOverlap, 5, Some(1)));
}

fn preferring(stated_by: StatedBy, is_preferred: bool, is_strong: bool) -> impl Fn(&mut Problem) {
    move |problem| {
        problem.shifts[0].provider = Some(ProviderId(3));
        let (staff, provider) = (StaffId(1), ProviderId(3));
        problem.preferences = vec![Preference { staff, provider, stated_by, is_preferred, is_strong }];
    }
}

#[test]
fn preferences() {
    let shifts = || daily(0..=1, 8, "day");
    let all = &[(1, 1), (1, 2), (2, 1)];
    example(soft(RuleKind::Preferred, 0), shifts(), preferring(StatedBy::Staff, true, true), all, -10);
    example(soft(RuleKind::Preferred, 0), shifts(), preferring(StatedBy::Staff, false, true), all, 0);
    example(soft(RuleKind::NonPreferred, 0), shifts(), preferring(StatedBy::Staff, false, true), all, 10);
    let built_in = |change: &dyn Fn(&mut Problem)| {
        let kinds =
            [RuleKind::Preferred, RuleKind::NonPreferred, RuleKind::ProviderFactor, RuleKind::MildFactor];
        let rules =
            kinds.iter().map(|kind| Rule { setting: kind.entry().built_in, ..soft(*kind, 0) }).collect();
        let mut problem = week(vec![person(1), person(2)], shifts(), rules);
        change(&mut problem);
        outcome(&problem, all).0
    };
    assert_eq!(built_in(&preferring(StatedBy::Staff, true, true)), -50);
    assert_eq!(built_in(&preferring(StatedBy::Provider, true, true)), -100);
    assert_eq!(built_in(&preferring(StatedBy::Provider, true, false)), -50);
    assert_eq!(built_in(&preferring(StatedBy::Staff, true, false)), -25);
    assert_eq!(built_in(&preferring(StatedBy::Staff, false, true)), 45);
    // Half of 45, rounded half up.
    assert_eq!(built_in(&preferring(StatedBy::Staff, false, false)), 23);
}

#[test]
fn load_balance() {
    let load = || soft(RuleKind::LoadBalance, 0);
    // Seven shifts: 3 or 4 each.
    example(
        load(),
        daily(0..=6, 8, "day"),
        as_is,
        &[(1, 1), (1, 2), (1, 3), (2, 4), (2, 5), (2, 6), (2, 7)],
        0,
    );
    example(
        load(),
        daily(0..=6, 8, "day"),
        as_is,
        &[(1, 1), (2, 2), (2, 3), (2, 4), (2, 5), (2, 6), (2, 7)],
        40 + 40,
    );
    let half = |problem: &mut Problem| problem.staff[0].contract_percent = 50;
    // Six shifts: 2 and 4.
    example(load(), daily(0..=5, 8, "day"), half, &[(1, 1), (1, 2), (2, 3), (2, 4), (2, 5), (2, 6)], 0);
}

#[test]
fn preferred_balance_and_debt() {
    let change = |problem: &mut Problem| {
        preferring(StatedBy::Provider, true, false)(problem);
        problem.shifts.iter_mut().for_each(|shift| shift.provider = Some(ProviderId(3)));
        let mild = problem.preferences[0];
        problem.preferences.push(Preference { staff: StaffId(2), ..mild });
        problem.preferences.push(Preference { staff: StaffId(3), is_preferred: false, ..mild });
        problem.staff.push(person(3));
    };
    let owed = |who: i64, matches: i64| {
        move |problem: &mut Problem| {
            change(problem);
            problem.debts = vec![debt(who, Counted::Matches, matches * UNIT)];
        }
    };
    let on = &[(1, 1), (1, 2), (1, 3), (2, 4)];
    // Three matches: 0 + 1 + 2 times the weight.
    example(soft(RuleKind::PreferredBalance, 0), daily(0..=6, 8, "day"), change, on, 30);
    // Seven matches for two who would have them: 3 or 4 each, and more to whom it is owed.
    let debt = |on: &[(i64, i64)], owed: &dyn Fn(&mut Problem), cost| {
        example(soft(RuleKind::PreferenceDebt, 0), daily(0..=6, 8, "day"), owed, on, cost);
    };
    debt(&[(1, 1), (1, 2), (1, 3), (2, 4), (2, 5), (2, 6), (2, 7)], &change, 0);
    debt(&[(1, 1), (2, 2), (2, 3), (2, 4), (2, 5), (2, 6), (2, 7)], &change, 40 + 40);
    debt(&[(1, 1), (1, 2), (1, 3), (2, 4), (2, 5), (2, 6), (2, 7)], &owed(1, 2), 40);
    debt(&[(1, 1), (1, 2), (1, 3), (1, 4), (1, 5), (2, 6), (2, 7)], &owed(1, 2), 10);
    debt(&[(1, 1), (1, 2), (1, 3), (1, 4), (1, 5), (2, 6), (2, 7)], &owed(2, -1), 10);
}

#[test]
fn who_could_not_work_a_shift_has_no_share_of_it() {
    let load = || soft(RuleKind::LoadBalance, 0);
    // Ana is off from Wednesday on: one of the first two days is hers.
    let off = |problem: &mut Problem| problem.staff[0].time_off = vec![(TimeOffId(1), span(2, 0, 7200))];
    example(
        load(),
        daily(0..=6, 8, "day"),
        off,
        &[(1, 1), (2, 2), (2, 3), (2, 4), (2, 5), (2, 6), (2, 7)],
        0,
    );
    let unskilled = |problem: &mut Problem| {
        problem.staff[1].skills = vec!["x".into()];
        problem.shifts[2..].iter_mut().for_each(|row| row.required_skills = vec!["x".into()]);
    };
    let on = &[(1, 1), (2, 2), (2, 3), (2, 4), (2, 5), (2, 6), (2, 7)];
    example(load(), daily(0..=6, 8, "day"), unskilled, on, 0);
    // Shifts of a kind have a balance of their own, and a debt.
    let nights = || by_kind(RuleKind::LoadBalance, "night", 0);
    let shifts = || vec![shift(1, 0, 22, "night"), shift(2, 1, 22, "night"), shift(3, 3, 8, "day")];
    example(nights(), shifts(), as_is, &[(1, 1), (2, 2), (1, 3)], 0);
    example(nights(), shifts(), as_is, &[(1, 1), (1, 2)], 10 + 10);
    let owed = |problem: &mut Problem| {
        let night = || Counted::Shifts(Some("night".to_owned()));
        problem.debts =
            vec![debt(1, night(), UNIT), debt(2, night(), -UNIT), debt(2, Counted::Shifts(None), UNIT)];
    };
    example(nights(), shifts(), owed, &[(1, 1), (1, 2)], 0);
}

fn debt(staff: i64, counted: Counted, debt: i64) -> Debt {
    Debt { staff: StaffId(staff), counted, debt }
}

#[test]
fn shifts_and_minutes_in_a_period() {
    let shifts = || daily(0..=6, 8, "day");
    let on = &[(1, 1), (1, 2), (1, 3), (2, 4)];
    example(in_period(RuleKind::MinShifts, Period::Week, 3), shifts(), as_is, on, 20);
    example(in_period(RuleKind::MaxShifts, Period::Plan, 1), shifts(), as_is, on, 20);
    example(in_period(RuleKind::MaxShifts, Period::Day, 1), shifts(), as_is, on, 0);
    example(in_period(RuleKind::MinMinutes, Period::Plan, 490), shifts(), as_is, on, 100);
    example(in_period(RuleKind::MaxMinutes, Period::Week, 1438), shifts(), as_is, on, 20);
    // April doesn't end within the dates: no minimum, but what was worked before counts against a maximum.
    let before = |problem: &mut Problem| {
        problem.shifts.push(shift(9, -6, 8, "day"));
        problem.worked = vec![(StaffId(1), ShiftId(9))];
    };
    example(in_period(RuleKind::MinShifts, Period::Month, 20), shifts(), before, on, 0);
    example(in_period(RuleKind::MaxShifts, Period::Month, 3), shifts(), before, on, 10);
    // Too much in the past alone is nobody's fault now.
    example(in_period(RuleKind::MaxShifts, Period::Month, 0), shifts(), before, &[], 0);
}

#[test]
fn limits_of_a_kind_hold_beside_those_of_all() {
    let nights = RuleKey {
        shift_kind: Some("night".to_owned()),
        period: Some(Period::Week),
        ..RuleKey::of(RuleKind::MaxShifts)
    };
    let rules = vec![rule(nights, Mode::Soft, 7, 1), in_period(RuleKind::MaxShifts, Period::Week, 2)];
    let shifts = vec![shift(1, 0, 22, "night"), shift(2, 2, 22, "night"), shift(3, 4, 8, "day")];
    assert_eq!(outcome(&week(vec![person(1)], shifts, rules), &[(1, 1), (1, 2), (1, 3)]), (17, 0));
}

#[test]
fn consecutive_days() {
    let shifts = || daily(0..=6, 8, "day");
    // Tuesday alone; Monday, Saturday and Sunday may be parts of longer runs.
    example(soft(RuleKind::MinConsecutiveDays, 3), shifts(), as_is, &[(1, 2)], 20);
    example(soft(RuleKind::MinConsecutiveDays, 3), shifts(), as_is, &[(1, 1), (1, 6), (1, 7)], 0);
    example(soft(RuleKind::MaxConsecutiveDays, 2), shifts(), as_is, &[(1, 2), (1, 3), (1, 4), (1, 5)], 20);
    example(soft(RuleKind::MaxConsecutiveDays, 4), shifts(), as_is, &[(1, 2), (1, 3), (1, 4), (1, 5)], 0);
    example(soft(RuleKind::MinConsecutiveDaysOff, 3), shifts(), as_is, &[(1, 2), (1, 4), (1, 7)], 20 + 10);
    let ana = |problem: &mut Problem| {
        problem.staff.truncate(1);
    };
    example(soft(RuleKind::MaxConsecutiveDaysOff, 2), shifts(), ana, &[(1, 1), (1, 6)], 20);
}

#[test]
fn runs_go_on_from_the_record() {
    let change = |problem: &mut Problem| {
        problem.shifts.extend([shift(20, -2, 8, "day"), shift(21, -1, 8, "day")]);
        problem.worked = vec![(StaffId(1), ShiftId(20)), (StaffId(1), ShiftId(21))];
        problem.known_from = date(-3);
        problem.staff.truncate(1);
    };
    let shifts = || daily(0..=6, 8, "day");
    example(soft(RuleKind::MaxConsecutiveDays, 2), shifts(), change, &[(1, 1), (1, 2)], 20);
    example(soft(RuleKind::MinConsecutiveDays, 3), shifts(), change, &[], 10);
    example(soft(RuleKind::MinConsecutiveDays, 3), shifts(), change, &[(1, 1)], 0);
    let unknown = |problem: &mut Problem| {
        change(problem);
        problem.known_from = date(-2);
    };
    example(soft(RuleKind::MinConsecutiveDays, 3), shifts(), unknown, &[], 0);
}

#[test]
fn a_run_begins_with_the_day_before_the_open_one() {
    let mut problem = week(
        vec![person(1)],
        daily(0..=6, 8, "day"),
        vec![rule(RuleKey::of(RuleKind::MinConsecutiveDays), Mode::Hard, 0, 3)],
    );
    problem.shifts.extend([shift(20, -5, 8, "day"), shift(21, -1, 8, "day")]);
    problem.worked = vec![(StaffId(1), ShiftId(20)), (StaffId(1), ShiftId(21))];
    problem.known_from = date(-7);
    problem.known_to = date(9);
    let expansion = expanded(&problem, all_pairs(&problem));
    let [run] = &expansion.runs[..] else { panic!("{:?}", expansion.runs) };
    assert_eq!((run.min_on, run.min_off, run.days.len()), (3, 0, 2 + 7 + 3));
    assert_eq!(run.days[..2], [Day::Known(false), Day::Known(true)]);
    assert_eq!(run.days[9..], [Day::Known(false); 3]);
}

#[test]
fn forbidden_succession() {
    let kinds = (Some("night".to_owned()), Some("day".to_owned()));
    let key = RuleKey {
        shift_kind: kinds.0,
        next_shift_kind: kinds.1,
        ..RuleKey::of(RuleKind::ForbiddenSuccession)
    };
    let shifts = || vec![shift(1, 0, 22, "night"), shift(2, 1, 8, "day"), shift(3, 1, 22, "night")];
    example(rule(key.clone(), Mode::Soft, 10, 0), shifts(), as_is, &[(1, 1), (1, 2)], 10);
    example(rule(key.clone(), Mode::Soft, 10, 0), shifts(), as_is, &[(1, 1), (2, 2), (1, 3)], 0);
    let before = |problem: &mut Problem| {
        problem.shifts = vec![shift(1, -1, 22, "night"), shift(2, 0, 8, "day")];
        problem.worked = vec![(StaffId(1), ShiftId(1))];
    };
    example(rule(key, Mode::Soft, 10, 0), Vec::new(), before, &[(1, 2)], 10);
}

#[test]
fn max_weekends() {
    let shifts =
        vec![shift(1, 5, 8, "day"), shift(2, 6, 8, "day"), shift(3, 12, 8, "day"), shift(4, 14, 8, "day")];
    let three_weeks = |problem: &mut Problem| problem.to = date(20);
    let on = &[(1, 1), (1, 2), (1, 3), (2, 1)];
    let weekends = |period, limit| in_period(RuleKind::MaxWeekends, period, limit);
    example(weekends(Period::Month, 1), shifts.clone(), three_weeks, on, 10);
    example(weekends(Period::Month, 2), shifts.clone(), three_weeks, on, 0);
    example(weekends(Period::Week, 1), shifts.clone(), three_weeks, on, 0);
    // Those worked before the plan in the same month count, too.
    let planned_late = |problem: &mut Problem| {
        (problem.from, problem.to) = (date(7), date(20));
        problem.worked = vec![(StaffId(1), ShiftId(1))];
    };
    example(weekends(Period::Month, 1), shifts.clone(), planned_late, &[(1, 3)], 10);
    example(weekends(Period::Plan, 1), shifts.clone(), planned_late, &[(1, 3)], 0);
    // Friday counts where it is of the weekend.
    let friday = vec![shift(1, 4, 22, "night"), shift(2, 11, 22, "night")];
    let long = |problem: &mut Problem| {
        problem.to = date(13);
        problem.rules = problem.rules.clone().with_weeks(Weeks::new(1, &[5, 6, 7]));
    };
    example(weekends(Period::Month, 1), friday.clone(), long, &[(1, 1), (1, 2)], 10);
    example(weekends(Period::Month, 1), friday, as_is, &[(1, 1), (1, 2)], 0);
}

#[test]
fn rolling_windows() {
    let rolling = |kind, days, limit| {
        rule(RuleKey { rolling_days: Some(days), ..RuleKey::of(kind) }, Mode::Soft, 10, limit)
    };
    let on: Vec<_> = [1, 2, 4, 5].map(|shift| (1, shift)).to_vec();
    // Windows of four days from each of Friday to Sunday: Monday, Tuesday, Thursday, Friday are worked.
    example(rolling(RuleKind::MaxShifts, 4, 2), daily(0..=6, 8, "day"), as_is, &on, 20);
    example(rolling(RuleKind::MaxDays, 4, 2), daily(0..=6, 8, "day"), as_is, &on, 20);
    example(rolling(RuleKind::MaxDays, 4, 3), daily(0..=6, 8, "day"), as_is, &on, 0);
    example(rolling(RuleKind::MaxMinutes, 4, 960), daily(0..=6, 8, "day"), as_is, &on, 10 * 960);
    // With the record before: two days before Monday, which alone break nothing.
    let before = |problem: &mut Problem| {
        problem.shifts = daily(-2..=6, 8, "day")
            .into_iter()
            .zip(1..)
            .map(|(row, id)| Shift { id: ShiftId(id), ..row })
            .collect();
        problem.worked = vec![(StaffId(1), ShiftId(1)), (StaffId(1), ShiftId(2))];
    };
    example(rolling(RuleKind::MaxDays, 3, 1), Vec::new(), before, &[], 0);
    example(rolling(RuleKind::MaxDays, 3, 2), Vec::new(), before, &[(1, 3)], 10);
}

#[test]
fn two_shifts_of_a_day_are_one_day() {
    let shifts = vec![shift(1, 0, 7, "day"), shift(2, 0, 16, "late"), shift(3, 1, 8, "day")];
    example(in_period(RuleKind::MaxDays, Period::Week, 1), shifts.clone(), as_is, &[(1, 1), (1, 2)], 0);
    example(in_period(RuleKind::MaxDays, Period::Week, 1), shifts, as_is, &[(1, 1), (1, 2), (1, 3)], 10);
}

#[test]
fn shift_requests() {
    let shifts = || vec![shift(1, 0, 8, "day"), shift(2, 0, 22, "night")];
    let request = |shift_kind: Option<&str>, is_wanted, weight| {
        let shift_kind = shift_kind.map(str::to_owned);
        move |problem: &mut Problem| {
            let shift_kind = shift_kind.clone();
            problem.shift_requests =
                vec![ShiftRequest { staff: StaffId(1), date: date(0), shift_kind, is_wanted, weight }];
        }
    };
    let kind = || soft(RuleKind::ShiftRequest, 0);
    example(kind(), shifts(), request(None, false, None), &[(1, 1), (1, 2)], 10);
    example(kind(), shifts(), request(None, false, Some(3)), &[(1, 1)], 3);
    example(kind(), shifts(), request(Some("night"), false, None), &[(1, 1)], 0);
    example(kind(), shifts(), request(Some("night"), true, None), &[(1, 1)], 10);
    example(kind(), shifts(), request(None, true, None), &[(1, 1)], 0);
}

#[test]
fn rotation_block() {
    let shifts = || {
        vec![shift(1, 0, 8, "day"), shift(2, 1, 8, "late"), shift(3, 2, 8, "night"), shift(4, 3, 8, "day")]
    };
    example(soft(RuleKind::RotationBlock, 0), shifts(), as_is, &[(1, 1), (1, 2), (1, 3), (1, 4)], 20);
    example(soft(RuleKind::RotationBlock, 0), shifts(), as_is, &[(1, 1), (1, 4), (2, 2)], 0);
}

#[test]
fn stability() {
    let kept =
        |problem: &mut Problem| problem.reference = vec![(StaffId(1), ShiftId(1)), (StaffId(2), ShiftId(2))];
    example(soft(RuleKind::Stability, 0), daily(0..=2, 8, "day"), kept, &[(1, 1), (1, 2), (2, 3)], 10);
}

#[test]
fn locks() {
    let broken = |action, staff: Option<i64>, shift: Option<i64>, on: &[(i64, i64)]| {
        let mut problem = week(vec![person(1), person(2)], daily(0..=6, 8, "day"), Vec::new());
        let (staff, shift) = (staff.map(StaffId), shift.map(ShiftId));
        let lock = Lock { id: 1, action, staff, shift, from: None, to: Some(date(1)) };
        // Twice the same lock is one demand.
        problem.locks = vec![lock, lock];
        problem.reference = vec![(StaffId(1), ShiftId(1))];
        problem.rules = Rules::new(vec![
            rule(RuleKey::of(RuleKind::Cover), Mode::Off, 0, 0),
            rule(RuleKey::of(RuleKind::LoadBalance), Mode::Off, 0, 0),
        ]);
        outcome(&problem, on).1
    };
    assert_eq!(broken(LockAction::Assign, Some(1), Some(2), &[]), 1);
    assert_eq!(broken(LockAction::Assign, Some(1), Some(2), &[(1, 2)]), 0);
    assert_eq!(broken(LockAction::Forbid, Some(1), None, &[(1, 1), (1, 2), (1, 3)]), 2);
    assert_eq!(broken(LockAction::Keep, None, None, &[(1, 1), (1, 3)]), 0);
    assert_eq!(broken(LockAction::Keep, None, None, &[(2, 1), (2, 2)]), 3);
    assert_eq!(broken(LockAction::Keep, Some(2), None, &[(2, 1)]), 1);
}

#[test]
fn a_plan_may_have_rules_of_its_own() {
    let own = Rule {
        scope: Scope { plan: Some(PlanId(2)), ..Scope::default() },
        ..soft(RuleKind::ShiftRequest, 0)
    };
    let mut problem = week(vec![person(1)], daily(0..=0, 8, "day"), vec![own]);
    problem.shift_requests = vec![ShiftRequest {
        staff: StaffId(1),
        date: date(0),
        shift_kind: None,
        is_wanted: true,
        weight: None,
    }];
    assert_eq!(outcome(&problem, &[]), (0, 0));
    problem.plan = Some(PlanId(2));
    assert_eq!(outcome(&problem, &[]), (10, 0));
}

#[test]
fn largest_weights_do_not_overflow() {
    let weight = 1_000_000;
    let rules = catalog().filter(|entry| entry.modes != Modes::Hard);
    let rules = rules.map(|entry| {
        let period = entry.needs_period.then_some(Period::Plan);
        rule(RuleKey { period, ..RuleKey::of(entry.kind) }, Mode::Soft, weight, 1_000_000)
    });
    let mut problem = week(vec![person(1)], daily(0..=6, 8, "day"), rules.collect());
    problem.shifts.iter_mut().for_each(|shift| shift.staff_needed = i64::MAX / 8);
    preferring(StatedBy::Provider, true, false)(&mut problem);
    problem.debts = vec![
        debt(1, Counted::Matches, i64::MAX),
        debt(1, Counted::Shifts(None), i64::MIN),
        debt(9, Counted::Matches, 3),
    ];
    let expansion = expanded(&problem, all_pairs(&problem));
    for assigned in [false, true] {
        let judgment = judge(&expansion, &[assigned; 7]);
        assert!(judgment.objective != 0);
    }
    assert!(expansion.instances.iter().all(|instance| instance.cost != Cost::Forbidden));
}

#[test]
fn names_what_it_does_not_know() {
    let problem = week(vec![person(1)], daily(0..=1, 8, "day"), Vec::new());
    let unknown = worked(&problem, &[(StaffId(1), ShiftId(1)), (StaffId(1), ShiftId(77))]);
    assert_eq!(unknown, Err(UnknownPair { staff: StaffId(1), shift: ShiftId(77) }));
    assert_eq!(all_pairs(&problem).len(), 2);
}
