//! The fingerprint of what a roster is made from. Must never depend on hash order or on the ids of rows that only copy
//! others.

use crate::fingerprint::{self, Fingerprinted, Hasher};
use crate::roster::catalog::Setting;
use crate::roster::debt::{Counted, Debt};
use crate::roster::problem::{Lock, Preference, Problem, Shift, ShiftRequest, Staff};
use crate::roster::settings::{Approval, Rule, RuleKey, Rules, Scope, Source};

/// A fingerprint of all that a plan is made from: of its shifts, then of everything. The plan's own id isn't part of it.
#[must_use]
pub fn fingerprint(problem: &Problem) -> String {
    let Problem {
        from,
        to,
        known_from,
        known_to,
        plan: _,
        staff,
        shifts,
        worked,
        reference,
        preferences,
        shift_requests,
        debts,
        locks,
        rules,
    } = problem;
    let mut all = Hasher::new();
    all.add(from).add(to).add(known_from).add(known_to);
    all.add(staff).add(shifts).add(worked).add(reference).add(preferences).add(shift_requests);
    all.add(debts);
    // A plan drafted from another has copies of its locks, with ids of their own.
    let mut locks: Vec<_> = locks.iter().map(|lock| Lock { id: 0, ..*lock }).collect();
    locks.sort_by_key(|lock| (lock.action, lock.staff, lock.shift, lock.from, lock.to));
    all.add(&locks).add(rules);
    fingerprint::fingerprint(&shifts_hash(shifts.iter().filter(|shift| problem.has(shift))), &all)
}

/// The hash of the shifts alone, which must be sorted by id: the part of [`fingerprint()`] before the dot.
pub fn shifts_hash<'a>(shifts: impl IntoIterator<Item = &'a Shift>) -> Hasher {
    let mut hasher = Hasher::new();
    for shift in shifts {
        hasher.add(shift);
    }
    hasher
}

impl Fingerprinted for Staff {
    fn write(&self, to: &mut Hasher) {
        let Self { id, name, skills, contract_percent, enabled, groups, available, time_off } = self;
        to.add(id).add(name).add(skills).add(contract_percent).add(enabled).add(groups);
        to.add(available).add(time_off);
    }
}

impl Fingerprinted for Shift {
    fn write(&self, to: &mut Hasher) {
        // The date and the label follow from the time.
        let Self { id, kind, provider, during, date: _, staff_needed, required_skills, label: _ } = self;
        to.add(id).add(kind).add(provider).add(during).add(staff_needed).add(required_skills);
    }
}

impl Fingerprinted for Preference {
    fn write(&self, to: &mut Hasher) {
        let Self { staff, provider, stated_by, is_preferred, is_strong } = self;
        to.add(staff).add(provider).add_word(*stated_by).add(is_preferred).add(is_strong);
    }
}

impl Fingerprinted for ShiftRequest {
    fn write(&self, to: &mut Hasher) {
        let Self { staff, date, shift_kind, is_wanted, weight } = self;
        to.add(staff).add(date).add(shift_kind).add(is_wanted).add(weight);
    }
}

impl Fingerprinted for Lock {
    fn write(&self, to: &mut Hasher) {
        let Self { id, action, staff, shift, from, to: last } = self;
        to.add(id).add_word(*action).add(staff).add(shift).add(from).add(last);
    }
}

impl Fingerprinted for Debt {
    fn write(&self, to: &mut Hasher) {
        let Self { staff, counted, debt } = self;
        let (is_of_matches, kind) = match counted {
            Counted::Matches => (true, &None),
            Counted::Shifts(kind) => (false, kind),
        };
        to.add(staff).add(&is_of_matches).add(kind).add(debt);
    }
}

impl Fingerprinted for Rules {
    fn write(&self, to: &mut Hasher) {
        let (starts_on, is_weekend) = self.weeks().parts();
        to.add(self.settings()).add(self.approvals()).add(&i64::from(starts_on));
        is_weekend.iter().for_each(|is| _ = to.add(is));
    }
}

impl Fingerprinted for Approval {
    fn write(&self, to: &mut Hasher) {
        let Self { rule, missing, excess } = self;
        to.add(rule).add(missing).add(excess);
    }
}

impl Fingerprinted for Rule {
    fn write(&self, to: &mut Hasher) {
        let Self { key, scope, setting, source } = self;
        to.add(key).add(scope).add(setting).add(source);
    }
}

impl Fingerprinted for RuleKey {
    fn write(&self, to: &mut Hasher) {
        let Self { kind, shift_kind, next_shift_kind, period, rolling_days } = self;
        to.add_word(*kind)
            .add(shift_kind)
            .add(next_shift_kind)
            .add(&period.map(|period| period.as_str()))
            .add(rolling_days);
    }
}

impl Fingerprinted for Scope {
    fn write(&self, to: &mut Hasher) {
        let Self { group, plan, dates, staff, shift } = self;
        to.add(group).add(plan).add(dates).add(staff).add(shift);
    }
}

impl Fingerprinted for Setting {
    fn write(&self, to: &mut Hasher) {
        let Self { mode, weight, over_weight, limit } = self;
        to.add_word(*mode).add(weight).add(over_weight).add(limit);
    }
}

impl Fingerprinted for Source {
    fn write(&self, to: &mut Hasher) {
        let (table, id) = match self {
            Self::BuiltIn => (0, 0),
            Self::Rule(id) => (1, *id),
            Self::Override(id) => (2, *id),
        };
        to.add(&(table, id));
    }
}
