//! A conflict in sentences. A long one is described as a shortage: how many people are needed, how many can come at most,
//! and who can't and why. Must never list more than a screen.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::is_cover;
use crate::roster::catalog::RuleKind;
use crate::roster::instance::{Expansion, Instance};
use crate::roster::model::about_one_pair;
use crate::roster::problem::Problem;
use crate::roster::rules::{Keeps, definition, person, sentence};

/// Most shifts that are listed one by one, and most instances of any other kind.
const ONE_BY_ONE: usize = 6;
/// Most people kept from a shift by the same that are named.
const BY_NAME: usize = 3;

/// The sentences about one conflict.
pub(super) struct Sentences<'a> {
    problem: &'a Problem,
    expansion: &'a Expansion,
    set: &'a [usize],
    shortage: Option<i64>,
}

/// Somebody who can't work a shift, or must: the person, the shift, and the instance that says so.
struct Exclusion<'a> {
    staff: usize,
    shift: usize,
    is_demand: bool,
    instance: &'a Instance,
}

impl<'a> Sentences<'a> {
    pub(super) const fn new(
        problem: &'a Problem,
        expansion: &'a Expansion,
        set: &'a [usize],
        shortage: Option<i64>,
    ) -> Self {
        Self { problem, expansion, set, shortage }
    }

    fn instances(&self) -> impl Iterator<Item = &'a Instance> + '_ {
        self.set.iter().map(|&number| &self.expansion.instances[number])
    }

    /// The demands for people.
    fn covers(&self) -> Vec<&'a Instance> {
        self.instances().filter(|instance| is_cover(instance)).collect()
    }

    fn exclusions(&self) -> Vec<Exclusion<'a>> {
        self.instances()
            .filter(|instance| !is_cover(instance))
            .filter_map(|instance| {
                let (pair, allowed) = about_one_pair(instance)?;
                let pair = self.expansion.pairs[pair];
                Some(Exclusion { staff: pair.staff, shift: pair.shift, is_demand: allowed[1], instance })
            })
            .collect()
    }

    /// The conflict in one sentence.
    pub(super) fn summary(&self) -> String {
        let covers = self.covers();
        let needed: i64 = covers.iter().filter_map(|cover| cover.min).sum();
        match (&covers[..], self.shortage) {
            ([], _) | (_, None) => format!("These rules can't hold together: {}.", self.kinds()),
            (&[cover], Some(shortage)) => format!(
                "{} needs {}, but at most {} of those eligible can come.",
                self.place(cover),
                people(needed),
                needed - shortage
            ),
            (covers, Some(shortage)) => format!(
                "{}: {} shifts need {}, but at most {} can be staffed by those eligible.",
                self.dates(covers),
                covers.len(),
                people(needed),
                needed - shortage
            ),
        }
    }

    fn kinds(&self) -> String {
        let kinds: BTreeSet<_> = self.instances().map(|instance| instance.key.kind).collect();
        kinds.into_iter().map(RuleKind::as_str).collect::<Vec<_>>().join(", ")
    }

    fn dates(&self, instances: &[&Instance]) -> String {
        let first = instances.iter().map(|instance| instance.dates.0).min().unwrap_or(self.problem.from);
        let last = instances.iter().map(|instance| instance.dates.1).max().unwrap_or(self.problem.to);
        if first == last {
            return first.format("%A %-d %b").to_string();
        }
        format!("{} to {}", first.format("%a %-d %b"), last.format("%a %-d %b"))
    }

    /// The place of a cover.
    fn place(&self, cover: &Instance) -> String {
        if let Some(shift) = cover.shift {
            return self.shift(shift);
        }
        let kind = cover.key.shift_kind.as_ref().map(|kind| format!(", {kind}")).unwrap_or_default();
        format!("{}{kind}", self.dates(&[cover]))
    }

    fn shift(&self, shift: usize) -> String {
        let shift = &self.problem.shifts[shift];
        match &shift.required_skills[..] {
            [] => shift.label.clone(),
            skills => format!("{} (needs {})", shift.label, skills.join(", ")),
        }
    }

    /// The details: the shifts with who can't work them, then the other rules.
    pub(super) fn lines(&self) -> Vec<String> {
        let exclusions = self.exclusions();
        let covers = self.covers();
        let mut lines = Vec::new();
        if covers.len() <= ONE_BY_ONE {
            let mut listed = BTreeSet::new();
            for cover in covers {
                lines.push(self.cover_line(cover, &exclusions, &mut listed));
            }
            let others =
                exclusions.iter().filter(|exclusion| !listed.contains(&(exclusion.staff, exclusion.shift)));
            lines.extend(
                others.map(|exclusion| format!("{}: {}.", self.shift(exclusion.shift), self.why(exclusion))),
            );
        } else {
            lines.extend(self.people_lines(&exclusions));
        }
        lines.extend(self.other_lines());
        lines
    }

    fn cover_line(
        &self,
        cover: &Instance,
        exclusions: &[Exclusion<'_>],
        listed: &mut BTreeSet<(usize, usize)>,
    ) -> String {
        // People by what keeps them away, in the order of the first of each.
        let mut reasons: Vec<(Keeps, Vec<&Exclusion<'_>>)> = Vec::new();
        for exclusion in exclusions.iter().filter(|exclusion| cover.shift == Some(exclusion.shift)) {
            listed.insert((exclusion.staff, exclusion.shift));
            let keeps = self.keeps(exclusion);
            match reasons.iter_mut().find(|(known, _)| *known == keeps) {
                Some((_, people)) => people.push(exclusion),
                None => reasons.push((keeps, vec![exclusion])),
            }
        }
        let reasons: Vec<_> = reasons.iter().map(|(keeps, people)| self.kept_away(keeps, people)).collect();
        let reasons = match &reasons[..] {
            [] => String::new(),
            reasons => format!(": {}", reasons.join("; ")),
        };
        format!("{}: {}{reasons}.", self.place(cover), needs(cover))
    }

    /// A few people by name, many by number.
    fn kept_away(&self, keeps: &Keeps, people: &[&Exclusion<'_>]) -> String {
        if people.len() > BY_NAME {
            return format!("{} people {}", people.len(), keeps.many);
        }
        let each = people.iter().map(|exclusion| format!("{} {}", self.who(exclusion.staff), keeps.one));
        each.collect::<Vec<_>>().join("; ")
    }

    fn who(&self, staff: usize) -> String {
        person(&self.problem.staff[staff])
    }

    fn why(&self, exclusion: &Exclusion<'_>) -> String {
        format!("{} {}", self.who(exclusion.staff), self.keeps(exclusion).one)
    }

    fn keeps(&self, exclusion: &Exclusion<'_>) -> Keeps {
        let person = &self.problem.staff[exclusion.staff];
        let shift = &self.problem.shifts[exclusion.shift];
        let kind = exclusion.instance.key.kind;
        if let Some(of_kind) = &definition(kind).exclusion {
            return (of_kind.keeps)(person, shift, exclusion.is_demand);
        }
        let text = format!("{} work it ({kind})", if exclusion.is_demand { "must" } else { "can't" });
        Keeps::of(&text, &text)
    }

    /// For a long conflict: who can't work how many of the shifts, by reason.
    fn people_lines(&self, exclusions: &[Exclusion<'_>]) -> Vec<String> {
        let mut reasons: BTreeMap<(RuleKind, bool), BTreeMap<usize, usize>> = BTreeMap::new();
        for exclusion in exclusions {
            let people = reasons.entry((exclusion.instance.key.kind, exclusion.is_demand)).or_default();
            *people.entry(exclusion.staff).or_default() += 1;
        }
        let line = |((kind, is_demand), people): ((RuleKind, bool), BTreeMap<usize, usize>)| {
            let heading = definition(kind).exclusion.as_ref().map(|of_kind| (of_kind.heading)(is_demand));
            let reason = heading.unwrap_or(kind.as_str());
            let mut line = format!("{reason}: ");
            for (place, (staff, shifts)) in people.iter().take(ONE_BY_ONE).enumerate() {
                let comma = if place > 0 { ", " } else { "" };
                let _ = write!(line, "{comma}{} for {}", self.who(*staff), count(*shifts, "shift"));
            }
            if people.len() > ONE_BY_ONE {
                let _ = write!(line, " and {} more people", people.len() - ONE_BY_ONE);
            }
            line + "."
        };
        reasons.into_iter().map(line).collect()
    }

    /// Rules that neither require people on a shift nor exclude one: one by one, or counted where there are many.
    fn other_lines(&self) -> Vec<String> {
        let mut kinds: BTreeMap<RuleKind, Vec<&Instance>> = BTreeMap::new();
        for instance in self.instances() {
            if !is_cover(instance) && about_one_pair(instance).is_none() {
                kinds.entry(instance.key.kind).or_default().push(instance);
            }
        }
        let mut lines = Vec::new();
        for (kind, instances) in kinds {
            if instances.len() <= ONE_BY_ONE {
                lines.extend(instances.iter().map(|instance| sentence(self.problem, instance, None)));
                continue;
            }
            let people: BTreeSet<_> = instances.iter().filter_map(|instance| instance.staff).collect();
            let whom = if people.is_empty() {
                String::new()
            } else {
                format!(" for {}", self::people(people.len() as i64))
            };
            lines.push(format!(
                "{}: {} times{whom}, {}.",
                kind.as_str(),
                instances.len(),
                self.dates(&instances)
            ));
        }
        lines
    }
}

fn needs(cover: &Instance) -> String {
    format!("needs {}", people(cover.min.unwrap_or_default()))
}

fn people(number: i64) -> String {
    if number == 1 { "1 person".into() } else { format!("{number} people") }
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
