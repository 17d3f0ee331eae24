//! The snapshot a roster question needs: people, shifts, shift_requests, rules, locks, and what is already worked around it.

use chrono::NaiveDate;

use crate::ids::{PlanId, ProviderId, ShiftId, StaffGroupId, StaffId, TimeOffId};
use crate::plans::LockAction;
use crate::roster::debt::Debt;
use crate::roster::settings::Rules;
use crate::text::named;
use crate::time::calendar::WallTime;
use crate::time::interval::Span;
use crate::words;

/// `clinic.staff` with what bends a person's days.
#[derive(Clone, Debug)]
pub struct Staff {
    /// The person's id.
    pub id: StaffId,
    /// For sentences.
    pub name: String,
    /// The person's skills.
    pub skills: Vec<String>,
    /// A full contract is 100.
    pub contract_percent: i32,
    /// A disabled person gets no shift.
    pub enabled: bool,
    /// Groups with their priorities.
    pub groups: Vec<(StaffGroupId, i64)>,
    /// When available, normalized spans over all dates of the problem; `None` = always (no availability is written).
    pub available: Option<Vec<Span>>,
    /// Time off of the person or of the clinic.
    pub time_off: Vec<(TimeOffId, Span)>,
}

/// `clinic.shifts`.
#[derive(Clone, Debug)]
pub struct Shift {
    /// The shift's id.
    pub id: ShiftId,
    /// Its kind.
    pub kind: String,
    /// The provider whose session it is, if one.
    pub provider: Option<ProviderId>,
    /// From when to when.
    pub during: Span,
    /// The clinic's date at its start.
    pub date: NaiveDate,
    /// How many people it needs.
    pub staff_needed: i64,
    /// The skills that each of them must have.
    pub required_skills: Vec<String>,
    /// Its name in sentences, in the clinic's wall-clock time: `Mon 13 Apr 08:00–12:00, Dr. Weber (provider 3)`.
    pub label: String,
}

impl Shift {
    /// The label of a shift, from its times on the clinic's clock.
    #[must_use]
    pub fn label_of(
        date: NaiveDate,
        start: WallTime,
        end: WallTime,
        provider: Option<(ProviderId, &str)>,
        kind: &str,
    ) -> String {
        let when = format!("{} {start}–{end}", date.format("%a %-d %b"));
        match provider {
            Some((id, name)) => format!("{when}, {}", named(name, "provider", id)),
            None => format!("{when}, {kind}"),
        }
    }

    /// Its length in whole minutes.
    #[must_use]
    pub fn minutes(&self) -> i64 {
        i64::from(self.during.whole_minutes().0)
    }
}

words! {
    /// `clinic.preferences.stated_by`: who states a preference.
    pub enum StatedBy {
        /// The staff member.
        Staff = "staff",
        /// The provider; counts more.
        Provider = "provider",
    }
}

words! {
    /// `clinic.preferences.strength`.
    pub enum Strength {
        /// Counts the more.
        Strong = "strong",
        /// Counts less.
        Mild = "mild",
    }
}

/// `clinic.preferences`.
#[derive(Clone, Copy, Debug)]
pub struct Preference {
    /// The staff member.
    pub staff: StaffId,
    /// The provider.
    pub provider: ProviderId,
    /// The side that states it.
    pub stated_by: StatedBy,
    /// Preferred, or non-preferred.
    pub is_preferred: bool,
    /// Strong, or mild.
    pub is_strong: bool,
}

/// `clinic.shift_requests`: for or against a day, or one kind of shift on it.
#[derive(Clone, Debug)]
pub struct ShiftRequest {
    /// Whose.
    pub staff: StaffId,
    /// Which date.
    pub date: NaiveDate,
    /// Which kind of shift; `None` = any work that day.
    pub shift_kind: Option<String>,
    /// For, or against.
    pub is_wanted: bool,
    /// Its own weight; `None` = the rule's.
    pub weight: Option<i64>,
}

/// `clinic.locks`. What is `None` matches all.
#[derive(Clone, Copy, Debug)]
pub struct Lock {
    /// The lock's id.
    pub id: i64,
    /// Its effect.
    pub action: LockAction,
    /// For this person.
    pub staff: Option<StaffId>,
    /// For this shift.
    pub shift: Option<ShiftId>,
    /// From this date.
    pub from: Option<NaiveDate>,
    /// Up to this date.
    pub to: Option<NaiveDate>,
}

impl Lock {
    /// Whether it is about this shift, whoever works it.
    #[must_use]
    pub fn is_about(&self, shift: &Shift) -> bool {
        self.shift.is_none_or(|id| shift.id == id)
            && self.from.is_none_or(|from| from <= shift.date)
            && self.to.is_none_or(|to| shift.date <= to)
    }
}

/// Everything a roster question needs.
///
/// `staff` and `shifts` are sorted by id. `shifts` holds those of the dates `from..=to` and those outside that appear
/// in `worked`.
#[derive(Clone, Debug)]
pub struct Problem {
    /// First date.
    pub from: NaiveDate,
    /// Last date.
    pub to: NaiveDate,
    /// The first date before `from` of which the record is known to be complete; `from` where nothing is known.
    pub known_from: NaiveDate,
    /// The same after `to`.
    pub known_to: NaiveDate,
    /// The plan that asks; `None` for the record.
    pub plan: Option<PlanId>,
    /// The people.
    pub staff: Vec<Staff>,
    /// The shifts.
    pub shifts: Vec<Shift>,
    /// The record's assignments outside the dates: given, not to be decided.
    pub worked: Vec<(StaffId, ShiftId)>,
    /// The assignments that the plan is to stay close to and that `keep` locks keep: of the parent plan, else of the record of
    /// the dates.
    pub reference: Vec<(StaffId, ShiftId)>,
    /// Preferences in both directions.
    pub preferences: Vec<Preference>,
    /// Shift requests on the dates.
    pub shift_requests: Vec<ShiftRequest>,
    /// What people are owed from before, by the record; none twice.
    pub debts: Vec<Debt>,
    /// Locks.
    pub locks: Vec<Lock>,
    /// Rules.
    pub rules: Rules,
}

impl Problem {
    /// Whether a shift is one of the dates: to be decided.
    #[must_use]
    pub fn has(&self, shift: &Shift) -> bool {
        self.from <= shift.date && shift.date <= self.to
    }

    /// A lock that can bind nothing: on a shift that isn't one of the dates (or not of the lock's own), or on other dates.
    #[must_use]
    pub fn idle_lock(&self) -> Option<&Lock> {
        self.locks.iter().find(|lock| match lock.shift {
            Some(id) => {
                let index = self.shifts.binary_search_by_key(&id, |shift| shift.id);
                !index.is_ok_and(|at| self.has(&self.shifts[at]) && lock.is_about(&self.shifts[at]))
            }
            // Keeping what lies outside the dates asks for nothing, and holds.
            None if lock.action == LockAction::Keep => false,
            None => lock.from.is_some_and(|from| from > self.to) || lock.to.is_some_and(|to| to < self.from),
        })
    }
}
