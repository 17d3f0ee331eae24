//! One person's shifts in time: no two at once, and rest between them.
//!
//! A shift blocks its time, with the rest after it, and of shifts whose times share an instant a person works one. Such
//! times form an interval graph: its few maximal cliques, found in one sweep, say all that pairwise conditions would, and
//! say it more tightly.

use std::collections::{BTreeMap, HashSet};

use super::facts::{Facts, Ruling};
use super::out::{Draft, Out};
use crate::roster::catalog::{Mode, RuleKind};
use crate::roster::instance::{Cost, Instance, Literal};
use crate::roster::rules::RuleKey;
use crate::time::interval::{Instant, MICROS_PER_MINUTE, Span};

/// A shift a person might work or, outside the dates, works.
#[derive(Clone, Copy)]
struct Duty {
    /// `None`: given.
    pair: Option<usize>,
    shift: usize,
    during: Span,
    /// The start, and the end with the rest after it.
    blocked: Span,
    ruling: Ruling,
}

/// Nobody works two shifts at once. A shift for which the rule is off takes no part. An approval for either of two shifts
/// approves their overlap.
pub(super) fn no_overlap(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let duties = duties(facts, key, staff, |_| 0);
    let (strict, waived): (Vec<_>, Vec<_>) = duties.iter().partition(|duty| duty.ruling.waived_by.is_none());
    for clique in cliques(strict) {
        out.extend(at_most_one(facts, key, staff, &clique));
    }
    for duty in waived {
        for other in &duties {
            let comes_first =
                other.ruling.waived_by.is_none() || (duty.during, duty.shift) < (other.during, other.shift);
            if duty.shift != other.shift && comes_first && duty.during.overlaps(other.during) {
                let mut two = [duty, other];
                two.sort_by_key(|duty| (duty.during, duty.shift));
                out.extend(approved(at_most_one(facts, key, staff, &two), &duty.ruling));
            }
        }
    }
}

/// The rest after each shift, as the setting for that shift has it. Shifts for which the rule is off take no part. Where
/// hard, shifts that overlap break it too, for the cliques hold them; where soft or approved, each two times that are
/// apart but too close are one instance.
pub(super) fn min_rest(facts: &Facts<'_>, out: &mut Out, key: &RuleKey, staff: usize) {
    let duties = duties(facts, key, staff, |ruling| ruling.setting.limit);
    let is_strict = |duty: &Duty| duty.ruling.setting.mode == Mode::Hard && duty.ruling.waived_by.is_none();
    let strict: Vec<_> = duties.iter().filter(|duty| is_strict(duty)).collect();
    let told = if strict.is_empty() { HashSet::new() } else { overlaps_told(facts, staff) };
    for clique in cliques(strict) {
        let instance = at_most_one(facts, key, staff, &clique);
        out.extend(instance.filter(|instance| !told.contains(&instance.terms) || instance.constant > 0));
    }
    let mut times: BTreeMap<_, Vec<&Duty>> = BTreeMap::new();
    for duty in &duties {
        let ruling = (duty.ruling.source, duty.ruling.waived_by, duty.ruling.setting.limit);
        times.entry((duty.during, ruling, duty.pair.is_none())).or_default().push(duty);
    }
    let times: Vec<_> = times.into_values().collect();
    for (at, earlier) in times.iter().enumerate() {
        let (first, close) = (earlier[0], earlier[0].blocked.end);
        for later in times[at + 1..].iter().take_while(|later| later[0].during.start < close) {
            let second = later[0];
            if first.during.overlaps(second.during) || is_strict(first) && is_strict(second) {
                continue;
            }
            let instance = too_close(facts, out, key, staff, earlier, later);
            out.extend(instance);
        }
    }
}

/// Two times of which a person works shifts of one at most.
fn too_close(
    facts: &Facts<'_>,
    out: &mut Out,
    key: &RuleKey,
    staff: usize,
    earlier: &[&Duty],
    later: &[&Duty],
) -> Option<Instance> {
    let mut constant = 0;
    let mut terms = Vec::new();
    for duties in [earlier, later] {
        match out.any(duties.iter().filter_map(|duty| duty.pair).collect()) {
            Some(literal) => terms.push((1, literal)),
            None => constant += 1,
        }
    }
    if terms.is_empty() {
        return None;
    }
    let date = |duties: &[&Duty]| facts.problem.shifts[duties[0].shift].date;
    let draft = Draft {
        key,
        staff: Some(staff),
        shift: (earlier.len() == 1 && later.len() == 1).then_some(later[0].shift),
        dates: (date(earlier), date(later)),
        limit: earlier[0].ruling.setting.limit,
        terms,
        constant,
    };
    let instance = draft.at_most(&earlier[0].ruling, 1);
    let waived = [earlier[0], later[0]].into_iter().find(|duty| duty.ruling.waived_by.is_some());
    match waived {
        Some(duty) => approved(Some(instance), &duty.ruling),
        None => Some(instance),
    }
}

/// A person's duties in order of time, those for which the rule is off left out.
fn duties(
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
            })
        })
        .collect();
    duties.sort_by_key(|duty| (duty.during, duty.shift));
    duties
}

/// The maximal sets of duties whose blocked times share an instant, of those in order of their start. Only sets that say
/// something: two duties or more, one to be decided at least.
fn cliques(duties: Vec<&Duty>) -> Vec<Vec<&Duty>> {
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

/// Of these a person works one at most.
fn at_most_one(facts: &Facts<'_>, key: &RuleKey, staff: usize, clique: &[&Duty]) -> Option<Instance> {
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

/// The same, with its departure approved.
fn approved(instance: Option<Instance>, by: &Ruling) -> Option<Instance> {
    let cost = Cost::PerUnit { under: 0, over: 0 };
    instance.map(|instance| Instance { cost, waived_by: by.waived_by, ..instance })
}

/// What no overlap already says of a person, lest rest say it again.
fn overlaps_told(facts: &Facts<'_>, staff: usize) -> HashSet<Vec<(i64, Literal)>> {
    let key = RuleKey::of(RuleKind::NoOverlap);
    let mut duties = duties(facts, &key, staff, |_| 0);
    duties.retain(|duty| duty.ruling.waived_by.is_none());
    let told = cliques(duties.iter().collect());
    told.iter()
        .filter_map(|clique| at_most_one(facts, &key, staff, clique))
        .map(|instance| instance.terms)
        .collect()
}
