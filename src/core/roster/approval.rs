//! Approvals of departures: which ones can ever fit an instance of their rule.

use chrono::NaiveDate;

use crate::ids::{ShiftId, StaffId};
use crate::roster::catalog::{Entry, Excuses, Mode, Modes, Period, Setting};
use crate::roster::instance::{Expansion, Instance, Literal};
use crate::roster::judge::Finding;
use crate::roster::problem::Problem;
use crate::roster::settings::{Approval, Rule, RuleKey, Scope, Source, is_same_rule};
use crate::roster::weeks::Weeks;
use crate::time::calendar::add_days;

/// The parts of an approval that are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// A person.
    pub staff_id: bool,
    /// A shift.
    pub shift_id: bool,
    /// A date.
    pub on_date: bool,
    /// A kind of shift.
    pub shift_kind: bool,
    /// The second kind of a succession.
    pub next_shift_kind: bool,
    /// A period.
    pub period: bool,
}

/// Why an approval would fit no instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotApprovable {
    /// Nobody sets the kind.
    NotSettable,
    /// The kind is never hard.
    NeverHard,
    /// Neither a shift nor a date says which instance is meant.
    NoInstance,
    /// The kind needs this part.
    Needs(&'static str),
    /// The kind isn't about this part.
    NotAbout(&'static str),
}

/// Whether an approval of a departure from a rule kind can fit an instance of it.
///
/// # Errors
/// [`NotApprovable`], the first reason that it can't.
pub fn approvable(entry: &Entry, given: Given) -> Result<(), NotApprovable> {
    let Given { staff_id, shift_id, on_date, shift_kind, next_shift_kind, period } = given;
    if !entry.is_settable() {
        return Err(NotApprovable::NotSettable);
    }
    if entry.modes == Modes::Soft {
        return Err(NotApprovable::NeverHard);
    }
    if !shift_id && !on_date {
        return Err(NotApprovable::NoInstance);
    }
    let needed = [
        ("shift_kind", entry.needs_succession, shift_kind),
        ("next_shift_kind", entry.needs_succession, next_shift_kind),
        ("period", entry.needs_period, period),
        ("staff_id", entry.about.has_person(), staff_id),
    ];
    if let Some((missing, ..)) = needed.into_iter().find(|(_, is_needed, is_given)| *is_needed && !is_given) {
        return Err(NotApprovable::Needs(missing));
    }
    let is_of_assignment = matches!(entry.excuses, Excuses::Assignment | Excuses::After);
    let taken = [
        ("staff_id", entry.about.has_person(), staff_id),
        ("shift_id", entry.about.has_shift() || is_of_assignment, shift_id),
        ("shift_kind", entry.takes_shift_kind, shift_kind),
        ("next_shift_kind", entry.needs_succession, next_shift_kind),
        ("period", entry.needs_period, period),
    ];
    match taken.into_iter().find(|(_, is_taken, is_given)| *is_given && !is_taken) {
        Some((idle, ..)) => Err(NotApprovable::NotAbout(idle)),
        None => Ok(()),
    }
}

/// What one approval excuses: the row it becomes. What isn't given is `None`, or 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// Whose departure.
    pub staff: Option<StaffId>,
    /// On which shift.
    pub shift: Option<ShiftId>,
    /// On which dates, or in which period.
    pub dates: Option<(NaiveDate, NaiveDate)>,
    /// Units too few.
    pub missing: i64,
    /// Units too many.
    pub excess: i64,
}

impl Part {
    /// The part as an approval of a rule, for one who judges with it before it is written.
    #[must_use]
    pub fn approval(&self, key: &RuleKey) -> Approval {
        let Self { staff, shift, dates, missing, excess } = *self;
        let scope = Scope { staff, shift, dates, ..Scope::default() };
        let setting = Setting { mode: Mode::Waived, ..Setting::OFF };
        let rule = Rule { key: key.clone(), scope, setting, source: Source::BuiltIn };
        Approval { rule, missing, excess }
    }
}

/// A departure that somebody wants to approve, as far as it is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// Which rule.
    pub key: RuleKey,
    /// Whose.
    pub staff: Option<StaffId>,
    /// On which shift.
    pub shift: Option<ShiftId>,
    /// On which date, or the first of several.
    pub date: Option<NaiveDate>,
    /// The last of several.
    pub to: Option<NaiveDate>,
}

/// Days around a date in which the run that it lies in is looked for.
const RUN_DAYS: i64 = 62;

impl Departure {
    /// The dates of which the record must be judged to find it, around the date of its shift where it names none.
    #[must_use]
    pub fn dates_to_judge(&self, weeks: &Weeks, of_shift: NaiveDate) -> (NaiveDate, NaiveDate) {
        let date = self.date.unwrap_or(of_shift);
        let last = self.to.unwrap_or(date);
        let entry = self.key.kind.entry();
        match self.key.period.unwrap_or(entry.looked_up_per) {
            _ if entry.excuses == Excuses::Dates => (add_days(date, -RUN_DAYS), add_days(last, RUN_DAYS)),
            _ if self.key.rolling_days.is_some() => (date, last),
            Period::Day if self.key.period.is_none() => (date, add_days(last, 1)),
            period => (weeks.first(period, date), last.max(weeks.last(period, date))),
        }
    }

    /// Its findings: broken without an approval. Of several those that begin on its date, if there are any.
    #[must_use]
    pub fn findings<'f>(
        &self,
        problem: &Problem,
        expansion: &Expansion,
        findings: &'f [Finding],
    ) -> Vec<&'f Finding> {
        let instance = |finding: &Finding| &expansion.instances[finding.instance];
        let mut found: Vec<_> = findings
            .iter()
            .filter(|finding| finding.shortage + finding.excess > 0)
            .filter(|finding| self.is_about(problem, expansion, instance(finding)))
            .collect();
        let begins = |finding: &&Finding| Some(instance(finding).dates.0) == self.date;
        if found.iter().any(begins) {
            found.retain(begins);
        }
        found
    }

    fn is_about(&self, problem: &Problem, expansion: &Expansion, instance: &Instance) -> bool {
        let names_shift = |id: ShiftId| match instance.shift {
            Some(shift) => problem.shifts[shift].id == id,
            None => pairs(expansion, instance).any(|pair| shift_of(problem, expansion, pair) == id),
        };
        let (first, last) = instance.dates;
        is_same_rule(&self.key, &instance.key)
            && self.staff == instance.staff.map(|staff| problem.staff[staff].id)
            && self.shift.is_none_or(names_shift)
            && self.date.is_none_or(|date| first <= date && date <= last)
            && self.to.is_none_or(|to| to == last)
    }

    /// What approves a finding, and nothing else: of assignments as many as it takes, those named before others, and of those
    /// the last.
    #[must_use]
    pub fn parts(
        &self,
        problem: &Problem,
        expansion: &Expansion,
        finding: &Finding,
        is_on: &dyn Fn(usize) -> bool,
    ) -> Vec<Part> {
        let instance = &expansion.instances[finding.instance];
        let is_named = |pair: usize| {
            let shift = &problem.shifts[expansion.pairs[pair].shift];
            let of_period = self.key.period.is_some()
                || self.key.rolling_days.is_some()
                || self.key.kind.entry().looked_up_per != Period::Day;
            match self.shift {
                Some(id) => shift.id == id,
                None => of_period && self.date == Some(shift.date),
            }
        };
        parts(problem, expansion, finding, instance, is_on, &is_named)
    }
}

/// What approves a finding: of assignments as many as it takes, those named first, and of those the last.
pub(super) fn parts(
    problem: &Problem,
    expansion: &Expansion,
    finding: &Finding,
    instance: &Instance,
    is_on: &dyn Fn(usize) -> bool,
    is_named: &dyn Fn(usize) -> bool,
) -> Vec<Part> {
    let staff = instance.staff.map(|staff| problem.staff[staff].id);
    let part = Part { staff, ..Part::default() };
    match instance.key.kind.entry().excuses {
        Excuses::Dates => vec![Part { dates: Some(instance.dates), ..part }],
        Excuses::Amount => {
            let shift = instance.shift.map(|shift| problem.shifts[shift].id);
            let dates = shift.is_none().then_some(instance.dates);
            vec![Part { shift, dates, missing: finding.shortage, excess: finding.excess, ..part }]
        }
        Excuses::Assignment | Excuses::After => {
            let start = |pair: &usize| problem.shifts[expansion.pairs[*pair].shift].during;
            let members = |literal: Literal| match literal {
                Literal::Pair(pair) => vec![pair],
                Literal::Any(group) => expansion.groups[group].clone(),
            };
            let mut literals: Vec<(i64, Vec<usize>)> = instance
                .terms
                .iter()
                .map(|&(factor, literal)| {
                    (factor, members(literal).into_iter().filter(|&pair| is_on(pair)).collect())
                })
                .filter(|(_, on): &(i64, Vec<usize>)| !on.is_empty())
                .collect();
            literals.sort_by_key(|(_, on)| {
                let last = on.iter().map(start).max();
                std::cmp::Reverse((on.iter().any(|&pair| is_named(pair)), last, on.last().copied()))
            });
            let (mut left, mut parts) = (finding.excess, Vec::new());
            for (factor, on) in literals {
                if left <= 0 {
                    break;
                }
                left -= factor;
                parts.extend(
                    on.into_iter()
                        .map(|pair| Part { shift: Some(shift_of(problem, expansion, pair)), ..part }),
                );
            }
            parts.sort_unstable();
            parts
        }
    }
}

fn pairs<'a>(expansion: &'a Expansion, instance: &'a Instance) -> impl Iterator<Item = usize> + 'a {
    instance
        .terms
        .iter()
        .flat_map(|(_, literal)| match literal {
            Literal::Pair(pair) => std::slice::from_ref(pair),
            Literal::Any(group) => &expansion.groups[*group],
        })
        .copied()
}

fn shift_of(problem: &Problem, expansion: &Expansion, pair: usize) -> ShiftId {
    problem.shifts[expansion.pairs[pair].shift].id
}

#[cfg(test)]
mod tests {
    use super::{Given, NotApprovable, approvable};
    use crate::roster::catalog::RuleKind;

    #[test]
    fn an_approval_must_fit_an_instance_of_its_kind() {
        let of = |kind: RuleKind, given| approvable(kind.entry(), given);
        let dated = Given { on_date: true, ..Given::default() };
        let person = Given { staff_id: true, ..dated };
        assert_eq!(of(RuleKind::Lock, person), Err(NotApprovable::NotSettable));
        assert_eq!(of(RuleKind::Preferred, person), Err(NotApprovable::NeverHard));
        let nowhere = Given { staff_id: true, ..Given::default() };
        assert_eq!(of(RuleKind::TimeOff, nowhere), Err(NotApprovable::NoInstance));
        assert_eq!(of(RuleKind::MaxShifts, person), Err(NotApprovable::Needs("period")));
        assert_eq!(of(RuleKind::ForbiddenSuccession, person), Err(NotApprovable::Needs("shift_kind")));
        assert_eq!(of(RuleKind::Cover, person), Err(NotApprovable::NotAbout("staff_id")));
        let kind = Given { shift_kind: true, ..person };
        assert_eq!(of(RuleKind::TimeOff, kind), Err(NotApprovable::NotAbout("shift_kind")));
        assert_eq!(of(RuleKind::MaxShifts, Given { period: true, ..kind }), Ok(()));
        let on_shift = Given { shift_id: true, ..Given::default() };
        assert_eq!(of(RuleKind::MaxWeekends, Given { staff_id: true, period: true, ..on_shift }), Ok(()));
        let of_minutes = Given { staff_id: true, period: true, ..on_shift };
        assert_eq!(of(RuleKind::MaxMinutes, of_minutes), Err(NotApprovable::NotAbout("shift_id")));
        assert_eq!(of(RuleKind::TimeOff, on_shift), Err(NotApprovable::Needs("staff_id")));
        assert_eq!(of(RuleKind::TimeOff, Given { staff_id: true, ..on_shift }), Ok(()));
    }
}
