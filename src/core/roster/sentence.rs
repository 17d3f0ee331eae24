//! Instances in words: what a rule asks in one place, or what is wrong there.
//!
//! People are told as `staff 7 (Ana)`, shifts by their label.

use crate::roster::catalog::RuleKind;
use crate::roster::instance::Instance;
use crate::roster::judge::Finding;
use crate::roster::problem::{Problem, Shift, Staff};

/// What the instance asks; with a finding, what is the case.
#[must_use]
pub fn sentence(problem: &Problem, instance: &Instance, finding: Option<&Finding>) -> String {
    let words = Words { problem, instance };
    let told = match finding {
        None => words.asked(),
        Some(finding) => words.found(finding),
    };
    match (finding, instance.waived_by) {
        (Some(_), Some(id)) => format!("{told} (approved: override {id})"),
        _ => told,
    }
}

struct Words<'a> {
    problem: &'a Problem,
    instance: &'a Instance,
}

impl Words<'_> {
    fn asked(&self) -> String {
        use RuleKind as K;
        let (who, when, kind) = (self.who(), self.when(), self.kind());
        let limit = self.instance.limit;
        match self.instance.key.kind {
            K::Cover => format!("{} needs {}", self.shift(), count(limit, "person", "people")),
            K::MinStaffPerDay => {
                format!("at least {} {kind}shifts {when}", count(limit, "person works", "people work"))
            }
            K::MaxStaffPerDay => {
                format!("at most {} {kind}shifts {when}", count(limit, "person works", "people work"))
            }
            K::NoOverlap => format!("{who} works one shift at a time {when}"),
            K::MinRest => format!("{who} has at least {} of rest between shifts {when}", minutes(limit)),
            K::LoadBalance => format!("{who} works a fair share, {}", self.fair_share()),
            K::MinShifts => format!("{who} works at least {} {when}", self.shifts(limit)),
            K::MaxShifts => format!("{who} works at most {} {when}", self.shifts(limit)),
            K::MinMinutes => format!("{who} works at least {}{} {when}", minutes(limit), self.of_kind()),
            K::MaxMinutes => format!("{who} works at most {}{} {when}", minutes(limit), self.of_kind()),
            K::MinConsecutiveDays => format!("{who} works at least {} in a row ({when})", days(limit)),
            K::MaxConsecutiveDays => format!("{who} works at most {} in a row ({when})", days(limit)),
            K::MinConsecutiveDaysOff => {
                format!("{who} has at least {} off in a row ({when})", days(limit))
            }
            K::MaxConsecutiveDaysOff => format!("{who} has at most {} off in a row ({when})", days(limit)),
            K::ForbiddenSuccession => {
                let next = self.instance.key.next_shift_kind.as_deref().unwrap_or_default();
                format!("{who} works no {next} shift on the date after a {kind}shift ({when})")
            }
            K::MaxWeekends => format!("{who} works on at most {}", count(limit, "weekend", "weekends")),
            K::Wish => self.wish(),
            K::RotationBlock => format!("{who} works shifts of one kind only {when}"),
            K::Stability => format!("{who} still works {}", self.shift()),
            K::Lock => self.lock(),
            // One pair: that it fails, or fits, is the rule itself.
            _ => self.one_pair(),
        }
    }

    fn found(&self, finding: &Finding) -> String {
        use RuleKind as K;
        let (who, when, kind) = (self.who(), self.when(), self.kind());
        let (limit, value) = (self.instance.limit, finding.value);
        match self.instance.key.kind {
            K::Cover => format!("{} has {} (needs {limit})", self.shift(), count(value, "person", "people")),
            K::MinStaffPerDay => {
                format!(
                    "{} {kind}shifts {when} (at least {limit})",
                    count(value, "person works", "people work")
                )
            }
            K::MaxStaffPerDay => {
                format!(
                    "{} {kind}shifts {when} (at most {limit})",
                    count(value, "person works", "people work")
                )
            }
            K::NoOverlap => match self.instance.shift {
                Some(_) => format!("{who} works another shift at the same time as {}", self.shift()),
                None => format!("{who} works {value} shifts at the same time {when}"),
            },
            K::MinRest => match self.instance.shift {
                Some(_) => format!("{who} has less than {} of rest before {}", minutes(limit), self.shift()),
                None => format!("{who} has less than {} of rest between shifts {when}", minutes(limit)),
            },
            K::LoadBalance => {
                format!("{who} works {}, a fair share is {}", self.shifts(value), self.fair_share())
            }
            K::MinShifts => format!("{who} works {} {when} (at least {limit})", self.shifts(value)),
            K::MaxShifts => format!("{who} works {} {when} (at most {limit})", self.shifts(value)),
            K::MinMinutes => {
                format!("{who} works {}{} {when} (at least {limit})", minutes(value), self.of_kind())
            }
            K::MaxMinutes => {
                format!("{who} works {}{} {when} (at most {limit})", minutes(value), self.of_kind())
            }
            K::MinConsecutiveDays => {
                format!("{who} works {} in a row {when} (at least {limit})", days(self.length()))
            }
            K::MaxConsecutiveDays => {
                format!("{who} works {} in a row {when} (at most {limit})", days(self.length()))
            }
            K::MinConsecutiveDaysOff => {
                format!("{who} has {} off {when} (at least {limit} in a row)", days(self.length()))
            }
            K::MaxConsecutiveDaysOff => {
                format!("{who} has {} off in a row {when} (at most {limit})", days(self.length()))
            }
            K::ForbiddenSuccession => {
                let ((first, last), next) =
                    (self.instance.dates, self.instance.key.next_shift_kind.as_deref().unwrap_or_default());
                format!("{who} works a {kind}shift on {first} and a {next} shift on {last}")
            }
            K::MaxWeekends => {
                format!("{who} works on {} (at most {limit})", count(value, "weekend", "weekends"))
            }
            K::Wish => format!("{}: not kept", self.wish()),
            K::RotationBlock => format!("{who} works {value} kinds of shift {when}"),
            K::Stability => format!("{who} no longer works {}", self.shift()),
            // A lock is as true when it isn't kept.
            K::Lock => self.lock(),
            K::PreferredBalance => {
                format!("{who} has {}", count(value, "preferred match", "preferred matches"))
            }
            K::PreferenceDebt => {
                let matches = count(value, "preferred match", "preferred matches");
                format!("{who} has {matches}, after {limit} fewer than average last time")
            }
            _ => self.one_pair(),
        }
    }

    fn one_pair(&self) -> String {
        use RuleKind as K;
        let (who, label) = (self.who(), self.shift());
        let (staff, shift) = (self.staff_row(), self.shift_row());
        match (self.instance.key.kind, staff, shift) {
            (K::SkillMatch, Some(staff), Some(shift)) => {
                let mut missing = Vec::new();
                for skill in &shift.required_skills {
                    if !staff.skills.contains(skill) && !missing.contains(&skill.as_str()) {
                        missing.push(skill);
                    }
                }
                format!("{who} lacks {} for {label}", missing.join(", "))
            }
            (K::Availability, Some(staff), _) if !staff.enabled => {
                format!("{who} is disabled or left out, and can't work {label}")
            }
            (K::Availability, ..) => format!("{who} isn't available for {label}"),
            (K::TimeOff, Some(staff), Some(shift)) => {
                let rows = staff.time_off.iter().filter(|(_, span)| span.overlaps(shift.during));
                let mut ids: Vec<_> = rows.map(|(id, _)| id.0).collect();
                ids.sort_unstable();
                let ids: Vec<_> = ids.iter().map(i64::to_string).collect();
                format!("{who} is off during {label} (time off {})", ids.join(", "))
            }
            (K::Preferred, ..) => format!("{who} has a preferred provider in {label}"),
            (K::NonPreferred, ..) => format!("{who} has a non-preferred provider in {label}"),
            (K::PreferredBalance, ..) => format!("{who} has no more preferred matches than others"),
            (K::PreferenceDebt, ..) => {
                format!("{who} got {} fewer preferred matches than average last time", self.instance.limit)
            }
            (kind, ..) => format!("{}: {}", kind.as_str(), kind.entry().doc),
        }
    }

    fn wish(&self) -> String {
        let verb = if self.instance.min.is_some() { "wishes to work" } else { "wishes not to work" };
        match &self.instance.key.shift_kind {
            Some(kind) => format!("{} {verb} a {kind} shift {}", self.who(), self.when()),
            None => format!("{} {verb} {}", self.who(), self.when()),
        }
    }

    fn lock(&self) -> String {
        match (self.instance.staff, self.instance.min) {
            (Some(_), Some(_)) => format!("a lock has {} on {}", self.who(), self.shift()),
            (Some(_), None) => format!("a lock keeps {} from {}", self.who(), self.shift()),
            (None, _) => format!("a lock keeps new people from {}", self.shift()),
        }
    }

    fn fair_share(&self) -> String {
        let (min, max) = (self.instance.min.unwrap_or(0), self.instance.max.unwrap_or(0));
        if min == max { max.to_string() } else { format!("{min} or {max}") }
    }

    fn who(&self) -> String {
        self.staff_row()
            .map_or_else(|| "anybody".to_owned(), |staff| format!("staff {} ({})", staff.id, staff.name))
    }

    fn shift(&self) -> String {
        self.shift_row().map_or_else(|| "a shift".to_owned(), |shift| shift.label.clone())
    }

    fn staff_row(&self) -> Option<&Staff> {
        self.instance.staff.map(|staff| &self.problem.staff[staff])
    }

    fn shift_row(&self) -> Option<&Shift> {
        self.instance.shift.map(|shift| &self.problem.shifts[shift])
    }

    fn when(&self) -> String {
        let (first, last) = self.instance.dates;
        if first == last { format!("on {first}") } else { format!("from {first} to {last}") }
    }

    fn length(&self) -> i64 {
        (self.instance.dates.1 - self.instance.dates.0).num_days() + 1
    }

    /// The kind of shift to stand before "shift", if there is one.
    fn kind(&self) -> String {
        self.instance.key.shift_kind.as_ref().map_or_else(String::new, |kind| format!("{kind} "))
    }

    fn of_kind(&self) -> String {
        self.instance.key.shift_kind.as_ref().map_or_else(String::new, |kind| format!(" of {kind} shifts"))
    }

    fn shifts(&self, number: i64) -> String {
        format!("{number} {}{}", self.kind(), if number == 1 { "shift" } else { "shifts" })
    }
}

fn count(number: i64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn minutes(number: i64) -> String {
    count(number, "minute", "minutes")
}

fn days(number: i64) -> String {
    count(number, "day", "days")
}
