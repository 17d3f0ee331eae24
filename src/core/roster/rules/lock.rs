//! `lock`: the locks of a plan. Two locks that say the same are one demand.

use std::collections::BTreeSet;

use super::facts::{Facts, Ruling, pair};
use super::out::{Draft, Out};
use super::sentences::Sentences;
use super::{Definition, Exclusion, Expand, Fix, Keeps};
use crate::plans::LockAction;
use crate::roster::catalog::{About, Entry, Mode, Modes, RuleKind, Setting};
use crate::roster::instance::{Cost, Literal, Pair};
use crate::roster::problem::{Lock, Shift, Staff};
use crate::roster::settings::{RuleKey, Source};

pub(super) static RULE: Definition = Definition {
    expand: Expand::Whole(expand),
    exclusion: Some(Exclusion { keeps, heading }),
    fix: Fix::RemoveLock,
    ..Definition::new(
        Entry {
            modes: Modes::Hard,
            about: About::Nothing,
            built_in: Setting::hard(0),
            ..Entry::of(RuleKind::Lock, "What a lock says holds: assign, forbid or keep. Not a rule to set.")
        },
        // A lock is as true when it isn't kept.
        requirement,
    )
};

/// The demands of all locks together.
#[derive(Default)]
struct Demands {
    /// These work.
    on: BTreeSet<Pair>,
    /// These don't.
    off: BTreeSet<Pair>,
    /// Nobody else works these shifts: only this person may not, or nobody (`None`).
    kept: BTreeSet<(usize, Option<usize>)>,
}

/// All locks. `assign` and what `keep` keeps must be; what is forbidden, or new on a kept shift, must not.
fn expand(facts: &Facts<'_>, out: &mut Out, key: &RuleKey) {
    if facts.problem.locks.is_empty() {
        return;
    }
    let known =
        facts.problem.reference.iter().filter_map(|&(staff, shift)| pair(facts.problem, staff, shift));
    let reference: BTreeSet<_> = known.collect();
    let mut demands = Demands::default();
    for lock in &facts.problem.locks {
        read(facts, lock, &reference, &mut demands);
    }
    for &pair in &demands.on {
        push(facts, out, key, Some(pair.staff), pair.shift, facts.index(pair).into_iter().collect(), true);
    }
    for &pair in &demands.off {
        push(facts, out, key, Some(pair.staff), pair.shift, facts.index(pair).into_iter().collect(), false);
    }
    let mut on_shift = vec![Vec::new(); facts.problem.shifts.len()];
    for (index, pair) in facts.pairs.iter().enumerate() {
        if !reference.contains(pair) {
            on_shift[pair.shift].push(index);
        }
    }
    for &(shift, staff) in &demands.kept {
        let new = on_shift[shift].iter().copied();
        let new = new.filter(|&index| staff.is_none_or(|staff| facts.pairs[index].staff == staff));
        push(facts, out, key, staff, shift, new.collect(), false);
    }
}

fn read(facts: &Facts<'_>, lock: &Lock, reference: &BTreeSet<Pair>, demands: &mut Demands) {
    let problem = facts.problem;
    let matching = facts.shifts.iter().copied().filter(|&index| lock.is_about(&problem.shifts[index]));
    let people: Vec<_> = (0..problem.staff.len())
        .filter(|&at| lock.staff.is_none_or(|id| problem.staff[at].id == id))
        .collect();
    for shift in matching {
        let pairs = people.iter().map(|&staff| Pair { staff, shift });
        match lock.action {
            LockAction::Assign => demands.on.extend(pairs),
            LockAction::Forbid => demands.off.extend(pairs),
            LockAction::Keep => {
                demands.on.extend(pairs.filter(|pair| reference.contains(pair)));
                let who = lock.staff.map(|_| people.first().copied());
                // A lock on somebody the problem doesn't have keeps nobody.
                match who {
                    None => _ = demands.kept.insert((shift, None)),
                    Some(Some(staff)) => _ = demands.kept.insert((shift, Some(staff))),
                    Some(None) => {}
                }
            }
        }
    }
}

/// These pairs: one must be, or none may be.
fn push(
    facts: &Facts<'_>,
    out: &mut Out,
    key: &RuleKey,
    staff: Option<usize>,
    shift: usize,
    pairs: Vec<usize>,
    is_on: bool,
) {
    let date = facts.problem.shifts[shift].date;
    let setting = Setting { mode: Mode::Hard, weight: 0, over_weight: 0, limit: 0 };
    let ruling = Ruling { setting, source: Source::BuiltIn };
    let terms = pairs.into_iter().map(|pair| (1, Literal::Pair(pair))).collect();
    let limit = i64::from(is_on);
    let draft = Draft { key, staff, shift: Some(shift), dates: (date, date), limit, terms, constant: 0 };
    let (min, max) = if is_on { (Some(1), Some(1)) } else { (None, Some(0)) };
    out.push(draft.bounded(&ruling, min, max, Cost::Forbidden));
}

fn requirement(of: &Sentences<'_>) -> String {
    match (of.instance.staff, of.instance.min) {
        (Some(_), Some(_)) => format!("a lock assigns {} to {}", of.who(), of.shift()),
        (Some(_), None) => format!("a lock forbids {} on {}", of.who(), of.shift()),
        (None, _) => format!("a lock keeps {} as it is", of.shift()),
    }
}

fn keeps(_: &Staff, _: &Shift, is_demand: bool) -> Keeps {
    if is_demand {
        Keeps::of("is locked to it", "are locked to it")
    } else {
        Keeps::of("is locked out of it", "are locked out of it")
    }
}

const fn heading(is_demand: bool) -> &'static str {
    if is_demand { "Locked to some of them" } else { "Locked out of some of them" }
}
