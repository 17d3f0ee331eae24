//! Parts that sentences about instances have in common. People are named before their id, `Ana (staff 7)`, shifts by their
//! label.

use super::definition;
use crate::roster::catalog::Period;
use crate::roster::instance::Instance;
use crate::roster::judge::Finding;
use crate::roster::problem::{Problem, Shift, Staff};
use crate::text::named;

/// The requirement of an instance; with a finding, how the roster meets it.
#[must_use]
pub fn sentence(problem: &Problem, instance: &Instance, finding: Option<&Finding>) -> String {
    let sentences = Sentences { problem, instance };
    let kind = definition(instance.key.kind);
    match finding {
        None => (kind.requirement)(&sentences),
        Some(finding) if finding.approved > 0 => {
            format!("{} ({} of it approved)", (kind.finding)(&sentences, finding), finding.approved)
        }
        Some(finding) => (kind.finding)(&sentences, finding),
    }
}

/// How the roster breaks an instance, of what an approval excuses.
#[must_use]
pub fn approved_sentence(problem: &Problem, instance: &Instance, finding: &Finding, id: i64) -> String {
    let sentences = Sentences { problem, instance };
    let text = (definition(instance.key.kind).finding)(&sentences, finding);
    format!("{text} (approved: override {id})")
}

/// A person, as sentences name them.
#[must_use]
pub fn person(staff: &Staff) -> String {
    named(&staff.name, "staff", staff.id)
}

/// The parts of sentences about one instance.
pub(super) struct Sentences<'a> {
    pub problem: &'a Problem,
    pub instance: &'a Instance,
}

impl Sentences<'_> {
    /// The person it is about.
    pub fn who(&self) -> String {
        self.staff_row().map_or_else(|| "anybody".to_owned(), person)
    }

    /// The label of the shift it is about.
    pub fn shift(&self) -> String {
        self.shift_row().map_or_else(|| "a shift".to_owned(), |shift| shift.label.clone())
    }

    pub fn staff_row(&self) -> Option<&Staff> {
        self.instance.staff.map(|staff| &self.problem.staff[staff])
    }

    pub fn shift_row(&self) -> Option<&Shift> {
        self.instance.shift.map(|shift| &self.problem.shifts[shift])
    }

    /// `on 2026-04-13`, `from 2026-04-13 to 2026-04-19`.
    pub fn when(&self) -> String {
        let (first, last) = self.instance.dates;
        if first == last { format!("on {first}") } else { format!("from {first} to {last}") }
    }

    /// [`Self::when`], and what sort of period that is where one can't see it: of a plan, or a window of so many days.
    pub fn period(&self) -> String {
        let (key, when) = (&self.instance.key, self.when());
        match (key.rolling_days, key.period) {
            (Some(days), _) => format!("in the {days} days {when}"),
            (None, Some(Period::Plan)) => format!("{when} (the plan)"),
            (None, _) => when,
        }
    }

    /// The number of days it is about.
    pub fn length(&self) -> i64 {
        (self.instance.dates.1 - self.instance.dates.0).num_days() + 1
    }

    /// The kind of shift to stand before "shift", if there is one.
    pub fn kind(&self) -> String {
        self.instance.key.shift_kind.as_ref().map_or_else(String::new, |kind| format!("{kind} "))
    }

    /// The kind of shift to stand after a number of minutes, if there is one.
    pub fn of_kind(&self) -> String {
        self.instance.key.shift_kind.as_ref().map_or_else(String::new, |kind| format!(" of {kind} shifts"))
    }

    /// `1 night shift`, `3 shifts`.
    pub fn shifts(&self, number: i64) -> String {
        format!("{number} {}{}", self.kind(), if number == 1 { "shift" } else { "shifts" })
    }

    /// The rule's meaning: for kinds that have no instances.
    pub fn meaning(&self) -> String {
        let kind = self.instance.key.kind;
        format!("{kind}: {}", kind.entry().meaning)
    }
}

pub(super) fn count(number: i64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

pub(super) fn minutes(number: i64) -> String {
    count(number, "minute", "minutes")
}

pub(super) fn days(number: i64) -> String {
    count(number, "day", "days")
}

pub(super) fn people(number: i64) -> String {
    count(number, "person", "people")
}

pub(super) fn people_work(number: i64) -> String {
    count(number, "person works", "people work")
}

pub(super) fn matches(number: i64) -> String {
    count(number, "preferred match", "preferred matches")
}
