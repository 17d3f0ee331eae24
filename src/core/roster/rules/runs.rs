//! Runs of working days and of days off.
//!
//! A maximum is a window of one day more that must not be full; a run that is too long has as many such windows as days
//! too many. A minimum is a pattern for each length too short: exactly that many days between two of the other sort.

use std::ops::ControlFlow;

use super::definition;
use super::facts::Facts;
use super::out::{Draft, Out};
use crate::roster::catalog::{Mode, RuleKind};
use crate::roster::instance::{Day, Literal, Run};
use crate::roster::settings::RuleKey;

/// Sums up days: their literals, and how many are given.
#[derive(Default)]
struct Sum {
    terms: Vec<(i64, Literal)>,
    constant: i64,
}

impl Sum {
    fn add(&mut self, factor: i64, day: Day) {
        match day {
            Day::Known(works) => self.constant += factor * i64::from(works),
            Day::Open(literal) => self.terms.push((factor, literal)),
        }
    }
}

/// Runs of working days, or of days off, of at most so many days.
pub(super) fn longest(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize, is_work: bool) {
    let (known_first, known_last) = facts.known;
    for anchor in 0..facts.days {
        let Some(ruling) = facts.ruling(key, Some(staff), facts.date(anchor), None) else { continue };
        let limit = ruling.setting.limit;
        // The first date answers for the windows that begin before it.
        let earliest = if anchor == 0 { known_first.max(-limit) } else { anchor };
        let days = out.days(facts, staff);
        for first in earliest..=anchor {
            let last = first + limit;
            if last > known_last {
                break;
            }
            if !facts.has_shifts(first, last) {
                continue;
            }
            let mut sum = Sum::default();
            for day in first..=last {
                sum.add(1, days[(day - known_first) as usize]);
            }
            let draft = Draft {
                key,
                staff: Some(staff),
                shift: None,
                dates: (facts.date(first), facts.date(last)),
                limit,
                terms: sum.terms,
                constant: sum.constant,
            };
            out.push(if is_work { draft.at_most(&ruling, limit) } else { draft.at_least(&ruling, 1) });
        }
    }
}

/// Runs of working days, or of days off, of at least so many days.
pub(super) fn shortest(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize, is_work: bool) {
    let (known_first, known_last) = facts.known;
    for anchor in 0..facts.days {
        let Some(ruling) = facts.ruling(key, Some(staff), facts.date(anchor), None) else { continue };
        let limit = ruling.setting.limit;
        // The first date answers for runs that begin before it, the last one for a run that begins just after it.
        let earliest = if anchor == 0 { (known_first + 1).max(1 - limit) } else { anchor };
        let latest = if anchor == facts.days - 1 { facts.days } else { anchor };
        let days = out.days(facts, staff);
        let at = |day: i64| days[(day - known_first) as usize];
        for first in earliest.max(known_first + 1)..=latest.min(known_last) {
            let before = at(first - 1);
            if before == Day::Known(is_work) {
                continue;
            }
            // Nothing shorter than the limit, and nothing that the next known day makes longer anyway.
            for length in 1..limit {
                let after = first + length;
                if after > known_last || at(after - 1) == Day::Known(!is_work) {
                    break;
                }
                if after < 0 || !facts.has_shifts(first - 1, after) || at(after) == Day::Known(is_work) {
                    continue;
                }
                let sign = if is_work { 1 } else { -1 };
                let mut sum = Sum::default();
                (first..after).for_each(|day| sum.add(sign, at(day)));
                sum.add(-sign, before);
                sum.add(-sign, at(after));
                let draft = Draft {
                    key,
                    staff: Some(staff),
                    shift: None,
                    dates: (facts.date(first), facts.date(after - 1)),
                    limit,
                    terms: sum.terms,
                    constant: sum.constant,
                };
                let max = if is_work { length - 1 } else { 1 };
                let over = ruling.setting.weight.saturating_mul(limit - length);
                out.push(draft.bounded(&ruling, None, Some(max), ruling.cost(over, over)));
            }
        }
    }
}

/// A rule about runs: of working days or of days off, and whether it is a minimum or a maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunRule {
    /// Working days; else days off.
    pub is_work: bool,
    /// At least so many; else at most.
    pub is_minimum: bool,
}

/// Each person's days for the optimizer, where one hard minimum holds on all dates or a soft rule on any. They begin with
/// the run that is open at the first date with shifts, and the day before it: runs of the past are nobody's choice any
/// more. Breaks off if `check` says to.
pub fn records(
    facts: &Facts<'_>,
    out: &mut Out,
    check: &mut dyn FnMut() -> ControlFlow<()>,
) -> ControlFlow<()> {
    let kinds: Vec<_> =
        RuleKind::ALL.into_iter().filter(|&kind| definition(kind).run_rule.is_some()).collect();
    for staff in 0..facts.problem.staff.len() {
        check()?;
        let is_soft = kinds.iter().any(|&kind| is_ever_soft(facts, kind, staff));
        let min_on = hard_minimum(facts, RuleKind::MinConsecutiveDays, staff);
        let min_off = hard_minimum(facts, RuleKind::MinConsecutiveDaysOff, staff);
        if min_on.max(min_off) > 1 || is_soft {
            let days = out.days(facts, staff);
            let (first, days) = open_part(facts, &days);
            if days.iter().any(|day| matches!(day, Day::Open(_))) {
                let from = facts.date(first as i64 + facts.known.0);
                out.push_run(Run { from, days: days.to_vec(), min_on, min_off });
            }
        }
    }
    ControlFlow::Continue(())
}

fn is_ever_soft(facts: &Facts<'_>, kind: RuleKind, staff: usize) -> bool {
    let key = RuleKey::of(kind);
    let is_soft = |day| {
        let ruling = facts.ruling(&key, Some(staff), facts.date(day), None);
        ruling.is_some_and(|ruling| ruling.setting.mode == Mode::Soft)
    };
    (0..facts.days).any(is_soft)
}

fn hard_minimum(facts: &Facts<'_>, kind: RuleKind, staff: usize) -> i64 {
    let key = RuleKey::of(kind);
    let minimum = |day| {
        let ruling = facts.ruling(&key, Some(staff), facts.date(day), None)?;
        (ruling.setting.mode == Mode::Hard).then_some(ruling.setting.limit)
    };
    // The run's rows would forbid what an approval allows.
    if facts.excuses.get(&kind).is_some_and(|all| all.iter().any(|excuse| excuse.staff == Some(staff))) {
        return 0;
    }
    let Some(first) = minimum(0) else { return 0 };
    if (1..facts.days).all(|day| minimum(day) == Some(first)) { first } else { 0 }
}

/// The known days from the last change before the first date with shifts to the first change after the last such date,
/// with a day more on each side where it is known.
fn open_part<'d>(facts: &Facts<'_>, days: &'d [Day]) -> (usize, &'d [Day]) {
    let with_shifts = |day: &i64| facts.has_shifts(*day, *day);
    let (Some(first), Some(last)) = ((0..facts.days).find(with_shifts), (0..facts.days).rfind(with_shifts))
    else {
        return (0, &[]);
    };
    let (mut low, mut high) = ((first - facts.known.0) as usize, (last - facts.known.0) as usize);
    let (border_low, border_high) = (low, high);
    while low > 0 && days[low - 1] == days[border_low - 1] {
        low -= 1;
    }
    while high + 1 < days.len() && days[high + 1] == days[border_high + 1] {
        high += 1;
    }
    let low = low.saturating_sub(1);
    (low, &days[low..=(high + 1).min(days.len() - 1)])
}
