//! Roster problems: small ones by hand, and random ones.

use chrono::{Days, NaiveDate};
use pg_clinic_core::ids::*;
use pg_clinic_core::plans::LockAction;
use pg_clinic_core::roster::catalog::{About, Excuses, Mode, Modes, Period, RuleKind, Setting};
use pg_clinic_core::roster::debt::{Counted, Debt, UNIT};
use pg_clinic_core::roster::instance::Pair;
use pg_clinic_core::roster::problem::*;
use pg_clinic_core::roster::rules::catalog;
use pg_clinic_core::roster::settings::{Approval, Rule, RuleKey, Rules, Scope, Source};
use pg_clinic_core::roster::weeks::Weeks;
use pg_clinic_core::time::interval::{Instant, MICROS_PER_DAY, MICROS_PER_MINUTE, Span, union};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

pub const KINDS: [&str; 3] = ["day", "late", "night"];

/// Monday, the day 0 of the tests.
pub fn monday() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 4, 13).unwrap()
}

pub fn date(day: i64) -> NaiveDate {
    let days = Days::new(day.unsigned_abs());
    if day < 0 { monday() - days } else { monday() + days }
}

/// `minutes` long, from so many hours after midnight UTC of a day.
pub fn span(day: i64, hour: i64, minutes: i64) -> Span {
    let since = date(day) - NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
    let start = since.num_days() * MICROS_PER_DAY + hour * 60 * MICROS_PER_MINUTE;
    Span { start: Instant(start), end: Instant(start + minutes * MICROS_PER_MINUTE) }
}

pub fn person(id: i64) -> Staff {
    Staff {
        id: StaffId(id),
        name: ["Ana", "Ben", "Cleo", "Dan"][(id as usize + 3) % 4].to_owned(),
        skills: Vec::new(),
        contract_percent: 100,
        enabled: true,
        groups: Vec::new(),
        available: None,
        time_off: Vec::new(),
    }
}

/// A shift for one person, from an hour of a day, eight hours long.
pub fn shift(id: i64, day: i64, hour: i64, kind: &str) -> Shift {
    Shift {
        id: ShiftId(id),
        kind: kind.to_owned(),
        provider: None,
        during: span(day, hour, 480),
        date: date(day),
        staff_needed: 1,
        required_skills: Vec::new(),
        label: format!("shift {id}"),
    }
}

/// Monday to Sunday, nothing known around it, and no rule but those given: all others are off.
pub fn week(staff: Vec<Staff>, shifts: Vec<Shift>, rules: Vec<Rule>) -> Problem {
    let off = catalog().map(|entry| rule(RuleKey::of(entry.kind), Mode::Off, 0, 0));
    let given: Vec<_> = rules.iter().map(|rule| (rule.key.clone(), rule.scope == Scope::default())).collect();
    let off = off.filter(|rule| !given.contains(&(rule.key.clone(), true)));
    Problem {
        from: date(0),
        to: date(6),
        known_from: date(0),
        known_to: date(6),
        plan: None,
        staff,
        shifts,
        worked: Vec::new(),
        reference: Vec::new(),
        preferences: Vec::new(),
        shift_requests: Vec::new(),
        debts: Vec::new(),
        locks: Vec::new(),
        rules: Rules::new(off.chain(rules.iter().cloned()).collect()),
    }
}

/// A clinic's rule.
pub fn rule(key: RuleKey, mode: Mode, weight: i64, limit: i64) -> Rule {
    let setting = Setting { mode, weight, over_weight: weight, limit };
    Rule { key, scope: Scope::default(), setting, source: Source::Rule(1) }
}

/// A soft one of weight 10.
pub fn soft(kind: RuleKind, limit: i64) -> Rule {
    rule(RuleKey::of(kind), Mode::Soft, 10, limit)
}

pub fn all_pairs(problem: &Problem) -> Vec<Pair> {
    pg_clinic_core::roster::expand::candidates(problem)
}

/// A problem and who is assigned, by pair of the candidates.
#[derive(Clone, Debug)]
pub struct Case {
    pub problem: Problem,
    pub assigned: Vec<bool>,
}

fn any_shift() -> impl Strategy<Value = Shift> {
    let what = (select(&[0_i64, 7, 12, 16, 22][..]), select(&[240_i64, 300, 540][..]), select(&KINDS[..]));
    (-5_i64..15, what, option::of(1_i64..4), 0_i64..3, any_skills()).prop_map(
        |(day, (hour, minutes, kind), provider, staff_needed, required_skills)| Shift {
            provider: provider.map(ProviderId),
            during: span(day, hour, minutes),
            staff_needed,
            required_skills,
            ..shift(1, day, hour, kind)
        },
    )
}

fn any_skills() -> impl Strategy<Value = Vec<String>> {
    vec(select(&["surgery", "x-ray"][..]), 0..3)
        .prop_map(|skills| skills.into_iter().map(str::to_owned).collect())
}

fn any_person() -> impl Strategy<Value = Staff> {
    let spans = || vec((-5_i64..15, 0_i64..24, select(&[300_i64, 1440, 4320][..])), 1..5);
    let spans = move || {
        spans().prop_map(|all| all.into_iter().map(|(day, hour, minutes)| span(day, hour, minutes)).collect())
    };
    let group =
        select(vec![vec![], vec![(StaffGroupId(1), 1)], vec![(StaffGroupId(1), 1), (StaffGroupId(2), 2)]]);
    let contract = select(&[50, 75, 100][..]);
    (
        any_skills(),
        contract,
        prop::bool::weighted(0.9),
        group,
        option::weighted(0.3, spans()),
        option::weighted(0.3, spans()),
    )
        .prop_map(
            |(skills, contract_percent, enabled, groups, available, off): (
                _,
                _,
                _,
                _,
                Option<Vec<Span>>,
                Option<Vec<Span>>,
            )| Staff {
                skills,
                contract_percent,
                enabled,
                groups,
                available: available.map(union),
                time_off: off.unwrap_or_default().into_iter().map(|span| (TimeOffId(1), span)).collect(),
                ..person(1)
            },
        )
}

fn any_kind() -> impl Strategy<Value = Option<String>> {
    option::of(select(&KINDS[..])).prop_map(|kind| kind.map(str::to_owned))
}

/// A rule of any kind that a clinic may write, at any scope. Runs' scopes have no dates: the naive judge takes a run whole.
fn any_rule(kind: RuleKind) -> impl Strategy<Value = Rule> {
    let entry = kind.entry();
    let modes = match entry.modes {
        Modes::Hard => vec![Mode::Hard, Mode::Off, Mode::Hard],
        Modes::Soft => vec![Mode::Soft, Mode::Soft, Mode::Off],
        Modes::Both => vec![Mode::Soft, Mode::Soft, Mode::Hard, Mode::Hard, Mode::Off],
    };
    let unit = match entry.unit {
        "minutes" => 200_i64,
        "percent" => 33,
        _ => 1,
    };
    let is_of_runs = matches!(
        kind,
        RuleKind::MinConsecutiveDays
            | RuleKind::MaxConsecutiveDays
            | RuleKind::MinConsecutiveDaysOff
            | RuleKind::MaxConsecutiveDaysOff
    );
    let scope = (
        option::weighted(0.2, 1_i64..3),
        option::weighted(0.2, 1_i64..5),
        option::weighted(0.2, (0_i64..8, 0_i64..5)),
        option::weighted(0.1, 1_i64..20),
    );
    let rolling = option::weighted(0.3, 2_i64..9);
    let key = (any_kind(), select(&KINDS[..]), select(&Period::ALL[..]), rolling);
    (select(modes), 0_i64..8, 0_i64..8, 0_i64..5, key, scope).prop_map(
        move |(
            mode,
            weight,
            over_weight,
            limit,
            (shift_kind, next, period, rolling),
            (group, staff, dates, shift),
        )| {
            let first = if entry.needs_succession { Some("night".to_owned()) } else { shift_kind };
            let scope = Scope {
                group: group.map(StaffGroupId),
                staff: staff.map(StaffId),
                plan: None,
                dates: dates.filter(|_| !is_of_runs).map(|(first, days)| (date(first), date(first + days))),
                shift: shift.map(ShiftId),
            };
            Rule {
                key: RuleKey {
                    kind,
                    shift_kind: first.filter(|_| entry.takes_shift_kind),
                    next_shift_kind: entry.needs_succession.then(|| next.to_owned()),
                    period: (entry.needs_period && rolling.is_none()).then_some(period),
                    rolling_days: rolling.filter(|_| entry.needs_period),
                },
                scope,
                setting: Setting { mode, weight, over_weight, limit: limit * unit },
                source: Source::BuiltIn,
            }
        },
    )
}

/// An approval of what a kind excuses.
fn any_approval(kind: RuleKind) -> impl Strategy<Value = Approval> {
    let entry = kind.entry();
    let places = (1_i64..5, 1_i64..20, (-4_i64..10, 0_i64..6));
    (any_rule(kind), places, 1_i64..3, any::<bool>()).prop_map(
        move |(rule, (staff, shift, (first, days)), units, is_missing)| {
            let units = if entry.unit == "minutes" { 150 * units } else { units };
            let staff = entry.about.has_person().then_some(StaffId(staff));
            let dates = Some((date(first), date(first + days)));
            let scope = match entry.excuses {
                Excuses::Assignment | Excuses::After => {
                    Scope { staff, shift: Some(ShiftId(shift)), ..Scope::default() }
                }
                Excuses::Amount if entry.about == About::Shift => {
                    Scope { shift: Some(ShiftId(shift)), ..Scope::default() }
                }
                Excuses::Amount => {
                    Scope { staff, dates: Some((date(first), date(first))), ..Scope::default() }
                }
                Excuses::Dates => Scope { staff, dates, ..Scope::default() },
            };
            let of_amount = if entry.excuses == Excuses::Amount { units } else { 0 };
            let setting = Setting { mode: Mode::Waived, ..Setting::OFF };
            Approval {
                rule: Rule { scope, setting, ..rule },
                missing: if is_missing { of_amount } else { 0 },
                excess: if is_missing { 0 } else { of_amount },
            }
        },
    )
}

fn any_rules() -> impl Strategy<Value = Rules> {
    let approvable = catalog().filter(|entry| entry.is_approvable()).map(|entry| entry.kind);
    let approvals = vec(select(approvable.collect::<Vec<_>>()).prop_flat_map(any_approval), 0..25).prop_map(
        |mut rows| {
            for (index, row) in rows.iter_mut().enumerate() {
                row.rule.source = Source::Override(index as i64 + 101);
            }
            rows
        },
    );
    let weekend = select(vec![vec![6, 7], vec![5, 6, 7], vec![7, 1], vec![5], vec![]]);
    let weeks = (1_u32..8, weekend).prop_map(|(starts_on, days)| Weeks::new(starts_on, &days));
    (plain_rules(), approvals, weeks)
        .prop_map(|(rules, approvals, weeks)| rules.with_approvals(approvals).with_weeks(weeks))
}

fn plain_rules() -> impl Strategy<Value = Rules> {
    let kinds: Vec<_> = catalog().map(|entry| entry.kind).filter(|kind| *kind != RuleKind::Lock).collect();
    vec(select(kinds).prop_flat_map(any_rule), 0..45).prop_map(|mut rules| {
        for (index, rule) in rules.iter_mut().enumerate() {
            rule.source = Source::Override(index as i64 + 1);
        }
        Rules::new(rules)
    })
}

type Extras = (Vec<Preference>, Vec<ShiftRequest>, Vec<Debt>, Vec<Lock>);

fn extras() -> impl Strategy<Value = Extras> {
    let preference = (1_i64..5, 1_i64..4, any::<[bool; 3]>()).prop_map(|(staff, provider, is)| Preference {
        staff: StaffId(staff),
        provider: ProviderId(provider),
        stated_by: if is[0] { StatedBy::Staff } else { StatedBy::Provider },
        is_preferred: is[1],
        is_strong: is[2],
    });
    let request = (1_i64..5, -1_i64..10, any_kind(), any::<bool>(), option::of(0_i64..9)).prop_map(
        |(staff, day, shift_kind, is_wanted, weight)| ShiftRequest {
            staff: StaffId(staff),
            date: date(day),
            shift_kind,
            is_wanted,
            weight,
        },
    );
    let actions = vec![LockAction::Assign, LockAction::Forbid, LockAction::Keep];
    let lock = (select(actions), 1_i64..6, 1_i64..20, option::of(0_i64..9), any::<[bool; 2]>()).prop_map(
        |(action, staff, shift, day, is)| Lock {
            id: 1,
            action,
            staff: (is[0] || action != LockAction::Keep).then_some(StaffId(staff)),
            shift: (is[1] || action == LockAction::Assign).then_some(ShiftId(shift)),
            from: day.map(date),
            to: day.map(|day| date(day + 2)),
        },
    );
    let counted = prop_oneof![Just(Counted::Matches), any_kind().prop_map(Counted::Shifts)];
    let debt = (1_i64..5, counted, -20_i64..20)
        .prop_map(|(staff, counted, tenths)| ((StaffId(staff), counted), tenths * UNIT / 10));
    let debts = vec(debt, 0..10).prop_map(|rows| {
        let rows: std::collections::BTreeMap<_, _> = rows.into_iter().collect();
        rows.into_iter().map(|((staff, counted), debt)| Debt { staff, counted, debt }).collect()
    });
    let locks = prop_oneof![3 => Just(Vec::new()), 1 => vec(lock, 0..3)];
    (vec(preference, 0..8), vec(request, 0..6), debts, locks)
}

/// Up to four people and some twenty shifts over a week or so, with any rules.
pub fn case() -> impl Strategy<Value = Case> {
    let dates = (0_i64..4, 0_i64..8, 0_i64..5, 0_i64..4);
    let who = vec((0_usize..4, 0_usize..20), 0..12);
    let rows = (vec(any_person(), 1..5), vec(any_shift(), 1..20), any_rules());
    (dates, rows, extras(), who.clone(), who, vec(any::<u8>(), 80)).prop_map(
        |(
            (first, length, before, after),
            (mut staff, mut shifts, rules),
            extras,
            worked,
            reference,
            dice,
        )| {
            let (from, to) = (date(first), date(first + length));
            staff.iter_mut().zip(1..).for_each(|(row, id)| row.id = StaffId(id));
            for (row, id) in shifts.iter_mut().zip(1..) {
                (row.id, row.label) = (ShiftId(id), format!("shift {id}"));
            }
            let ids = |(person, row): (usize, usize)| {
                (staff[person % staff.len()].id, shifts[row % shifts.len()].id)
            };
            let is_outside = |id: ShiftId| !(from..=to).contains(&shifts[id.0 as usize - 1].date);
            let worked = worked.into_iter().map(ids).filter(|&(_, shift)| is_outside(shift)).collect();
            let reference = reference.into_iter().map(ids).collect();
            let (preferences, shift_requests, debts, locks) = extras;
            let problem = Problem {
                from,
                to,
                known_from: date(first - before),
                known_to: date(first + length + after),
                plan: None,
                worked,
                reference,
                preferences,
                shift_requests,
                debts,
                locks,
                rules,
                staff,
                shifts,
            };
            // From rosters with few assignments to ones with many.
            let odds = dice[79];
            let assigned =
                all_pairs(&problem).iter().enumerate().map(|(at, _)| dice[at % 79] < odds).collect();
            Case { problem, assigned }
        },
    )
}

/// An approval of a departure from a rule, with the id 7.
pub fn approval(key: RuleKey, scope: Scope, missing: i64, excess: i64) -> Approval {
    let setting = Setting { mode: Mode::Waived, ..Setting::OFF };
    Approval { rule: Rule { key, scope, setting, source: Source::Override(7) }, missing, excess }
}

/// A person on a shift.
pub fn on_shift(staff: i64, shift: i64) -> Scope {
    Scope { staff: Some(StaffId(staff)), shift: Some(ShiftId(shift)), ..Scope::default() }
}
