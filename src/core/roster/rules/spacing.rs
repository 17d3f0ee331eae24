//! One person's shifts in time: no two at once, and rest between them.
//!
//! A shift blocks its time, with the rest after it, and of shifts whose times share an instant a person works one. Such
//! times form an interval graph: its few maximal cliques, found in one sweep, say all that pairwise conditions would, and
//! say it more tightly.

use super::facts::{Facts, Ruling};
use super::out::{Draft, excuse_whole};
use crate::roster::instance::{Cost, Instance, Literal};
use crate::roster::settings::RuleKey;
use crate::time::interval::{Instant, MICROS_PER_MINUTE, Span};

/// A shift a person might work or, outside the dates, works.
#[derive(Clone, Copy)]
pub(super) struct Duty {
    /// `None`: given.
    pub pair: Option<usize>,
    pub shift: usize,
    pub during: Span,
    /// The start, and the end with the rest after it.
    pub blocked: Span,
    pub ruling: Ruling,
    /// The approval of what lies before it.
    pub approved: Option<i64>,
}

/// A person's duties in order of time, those for which the rule is off left out.
pub(super) fn duties(
    facts: &Facts<'_>,
    key: &RuleKey,
    staff: usize,
    rest_minutes: impl Fn(&Ruling) -> i64,
) -> Vec<Duty> {
    let given = facts.worked(staff).iter().map(|&shift| (None, shift));
    let open = facts.pairs_of(staff).iter().map(|&pair| (Some(pair), facts.pairs[pair].shift));
    let mut duties: Vec<_> = given
        .chain(open)
        .filter_map(|(pair, shift)| {
            let row = &facts.problem.shifts[shift];
            let ruling = facts.ruling(key, Some(staff), row.date, Some(shift))?;
            let rest = rest_minutes(&ruling).saturating_mul(MICROS_PER_MINUTE);
            let end = Instant(row.during.end.0.saturating_add(rest));
            Some(Duty {
                pair,
                shift,
                during: row.during,
                blocked: Span { start: row.during.start, end },
                ruling,
                approved: facts.excused(key, staff, shift),
            })
        })
        .collect();
    duties.sort_by_key(|duty| (duty.during, duty.shift));
    duties
}

/// The maximal sets of duties whose blocked times share an instant, of those in order of their start. Only sets that say
/// something: two duties or more, one to be decided at least.
pub(super) fn cliques(duties: Vec<&Duty>) -> Vec<Vec<&Duty>> {
    let says_something = |set: &[&Duty]| set.len() > 1 && set.iter().any(|duty| duty.pair.is_some());
    let mut found = Vec::new();
    let mut now: Vec<&Duty> = Vec::new();
    let mut first_end = Instant(i64::MAX);
    for duty in duties {
        // The set has grown since something last ended: it is maximal.
        if first_end <= duty.blocked.start {
            if says_something(&now) {
                found.push(now.clone());
            }
            now.retain(|other| other.blocked.end > duty.blocked.start);
            first_end = now.iter().map(|other| other.blocked.end).min().unwrap_or(Instant(i64::MAX));
        }
        now.push(duty);
        first_end = first_end.min(duty.blocked.end);
    }
    if says_something(&now) {
        found.push(now);
    }
    found
}

/// The condition that a person works one of these at most.
pub(super) fn at_most_one(
    facts: &Facts<'_>,
    key: &RuleKey,
    staff: usize,
    clique: &[&Duty],
) -> Option<Instance> {
    let (first, last) = (clique.first()?, clique.last()?);
    let date = |duty: &Duty| facts.problem.shifts[duty.shift].date;
    let mut pairs: Vec<_> = clique.iter().filter_map(|duty| duty.pair).collect();
    pairs.sort_unstable();
    let constant = (clique.len() - pairs.len()) as i64;
    let draft = Draft {
        key,
        staff: Some(staff),
        // Two name each other; of many no single one is to blame.
        shift: (clique.len() == 2).then_some(last.shift),
        dates: (date(first).min(date(last)), date(first).max(date(last))),
        limit: first.ruling.setting.limit,
        terms: pairs.into_iter().map(|pair| (1, Literal::Pair(pair))).collect(),
        constant,
    };
    let max = constant.max(1);
    (!draft.terms.is_empty()).then(|| draft.bounded(&first.ruling, None, Some(max), Cost::Forbidden))
}

/// The same, approved if an approval of the later one is given.
pub(super) fn approved(instance: Option<Instance>, by: Option<i64>) -> Option<Instance> {
    instance.map(|mut instance| {
        if let Some(id) = by {
            excuse_whole(&mut instance, id);
        }
        instance
    })
}
