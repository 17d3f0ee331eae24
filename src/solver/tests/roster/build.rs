//! Problems built by hand.

use chrono::{Days, NaiveDate};

use pg_clinic_core::ids::{ProviderId, ShiftId, StaffId, TimeOffId};
use pg_clinic_core::roster::catalog::{Mode, Period, RuleKind, Setting};
use pg_clinic_core::roster::problem::{Problem, Shift, Staff};
use pg_clinic_core::roster::settings::{Rule, RuleKey, Rules, Scope, Source};
use pg_clinic_core::time::interval::{Instant, Minutes, Span};

/// Monday, the first date of all problems here.
pub fn monday() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 4, 13).unwrap()
}

/// The date so many days after the first.
pub fn date(day: i64) -> NaiveDate {
    if day < 0 { monday() - Days::new(day.unsigned_abs()) } else { monday() + Days::new(day.unsigned_abs()) }
}

/// From a minute of a day on, so long.
pub fn span(day: i64, minute: i32, length: i32) -> Span {
    let start =
        Instant((monday() - NaiveDate::from_ymd_opt(2000, 1, 1).unwrap()).num_days() * 86_400_000_000);
    let start = Instant(start.0 + day * 86_400_000_000) + Minutes(minute);
    Span::new(start, start + Minutes(length)).unwrap()
}

/// A problem of so many days, nothing known around it, with these people.
pub fn problem(days: i64, people: i64) -> Problem {
    Problem {
        from: date(0),
        to: date(days - 1),
        known_from: date(0),
        known_to: date(days - 1),
        plan: None,
        staff: (1..=people).map(person).collect(),
        shifts: Vec::new(),
        worked: Vec::new(),
        reference: Vec::new(),
        preferences: Vec::new(),
        shift_requests: Vec::new(),
        debts: Vec::new(),
        locks: Vec::new(),
        rules: Rules::new(Vec::new()),
    }
}

fn person(id: i64) -> Staff {
    Staff {
        id: StaffId(id),
        name: format!("P{id}"),
        skills: Vec::new(),
        contract_percent: 100,
        enabled: true,
        groups: Vec::new(),
        available: None,
        time_off: Vec::new(),
    }
}

/// Adds a shift for so many people.
pub fn shift(
    problem: &mut Problem,
    kind: &str,
    day: i64,
    minute: i32,
    length: i32,
    staff_needed: i64,
) -> ShiftId {
    let id = ShiftId(problem.shifts.len() as i64 + 1);
    let date = date(day);
    problem.shifts.push(Shift {
        id,
        kind: kind.into(),
        provider: None::<ProviderId>,
        during: span(day, minute, length),
        date,
        staff_needed,
        required_skills: Vec::new(),
        label: format!("{} {:02}:{:02}, {kind} {id}", date.format("%a %-d %b"), minute / 60, minute % 60),
    });
    id
}

/// Whole days off.
pub fn off(problem: &mut Problem, staff: usize, first: i64, days: i32) {
    let id = TimeOffId(100 * (staff as i64 + 1) + first);
    problem.staff[staff].time_off.push((id, span(first, 0, 1440 * days)));
}

/// A rule for everybody.
pub fn rule(kind: RuleKind, mode: Mode, weight: i64, limit: i64) -> Rule {
    Rule {
        key: RuleKey::of(kind),
        scope: Scope::default(),
        setting: Setting { mode, weight, over_weight: weight, limit },
        source: Source::Rule(0),
    }
}

/// A rule that counts in a period.
pub fn in_period(mut rule: Rule, period: Period) -> Rule {
    rule.key.period = Some(period);
    rule
}

/// A rule for one person.
pub fn of_person(mut rule: Rule, staff: StaffId) -> Rule {
    rule.scope.staff = Some(staff);
    rule
}

/// Gives each rule a row of its own.
pub fn rules(mut rules: Vec<Rule>) -> Rules {
    for (number, rule) in rules.iter_mut().enumerate() {
        let id = number as i64 + 1;
        let is_everywhere = rule.scope == Scope::default();
        rule.source = if is_everywhere { Source::Rule(id) } else { Source::Override(id) };
    }
    Rules::new(rules)
}

/// Numbers that look random and are the same every time.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        let mut dice = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        dice.below(2);
        dice
    }

    /// A number from 0 to below `end`.
    pub fn below(&mut self, end: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % end as u64) as i64
    }

    /// Whether something happens that has so many chances in a hundred.
    pub fn chance(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }
}
