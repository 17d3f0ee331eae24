//! The problem, indexed: whose pairs lie on which date, what was worked around the dates, which setting holds.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};

use chrono::{Days, NaiveDate};

use crate::ids::{ProviderId, ShiftId, StaffId};
use crate::roster::catalog::{Mode, RuleKind, Setting};
use crate::roster::debt::Counted;
use crate::roster::instance::{Cost, Pair};
use crate::roster::ledger::{is_eligible, share_of};
use crate::roster::problem::{Preference, Problem, Shift};
use crate::roster::settings::{RuleKey, RuleQuery, Scope, Source, is_same_rule};

/// The problem as the rules read it.
pub(in crate::roster) struct Facts<'a> {
    pub problem: &'a Problem,
    /// Sorted: a person's are together.
    pub pairs: Vec<Pair>,
    /// Indexes of the shifts of the dates.
    pub shifts: Vec<usize>,
    /// The number of dates.
    pub days: i64,
    /// First and last known day, counted from the first date (which is day 0).
    pub known: (i64, i64),
    people: Vec<Person>,
    preferences: HashMap<(StaffId, ProviderId), Vec<&'a Preference>>,
    /// Contracts of those who could work each shift, and of those among them who would be a preferred match, by index of the
    /// shift; not before a rule asks.
    contracts: OnceCell<Vec<[i64; 2]>>,
    /// What people are owed.
    debts: HashMap<(&'a Counted, StaffId), i64>,
    /// The skills that each shift requires, none twice, by index of the shift.
    required_skills: Vec<BTreeSet<&'a String>>,
    /// The number of dates before each day that have shifts.
    dates_with_shifts: Vec<usize>,
    /// What approvals excuse, by kind.
    pub excuses: HashMap<RuleKind, Vec<Excuse>>,
}

/// A person's pairs and work.
struct Person {
    /// Pairs by date.
    pairs: Vec<usize>,
    /// Where each day's pairs begin in `pairs`, and the end.
    days: Vec<usize>,
    /// Shifts worked outside the dates, by date.
    worked: Vec<usize>,
}

/// A setting that isn't off, at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::roster) struct Ruling {
    pub setting: Setting,
    pub source: Source,
}

impl Ruling {
    /// The cost of a unit below or above.
    pub fn cost(&self, under: i64, over: i64) -> Cost {
        Cost::of(self.setting.mode, under, over)
    }

    /// [`Self::cost`] with the rule's weight.
    pub fn unit_cost(&self) -> Cost {
        self.cost(self.setting.weight, self.setting.weight)
    }
}

/// What an approval excuses, by index.
#[derive(Clone, Debug)]
pub(in crate::roster) struct Excuse {
    pub id: i64,
    pub key: RuleKey,
    pub staff: Option<usize>,
    pub shift: Option<usize>,
    pub dates: Option<(NaiveDate, NaiveDate)>,
    pub missing: i64,
    pub excess: i64,
}

impl Excuse {
    /// Whether it is about instances of a key.
    pub fn is_about(&self, key: &RuleKey) -> bool {
        is_same_rule(&self.key, key)
    }
}

/// What the approvals for a problem's plan excuse. One of somebody, or of a shift, that the problem doesn't have is left out.
fn excuses(problem: &Problem) -> HashMap<RuleKind, Vec<Excuse>> {
    let mut excuses: HashMap<_, Vec<_>> = HashMap::new();
    for approval in problem.rules.approvals() {
        let Scope { plan, dates, staff, shift, .. } = approval.rule.scope;
        if plan.is_some() && plan != problem.plan {
            continue;
        }
        let person = staff.map(|id| problem.staff.binary_search_by_key(&id, |row| row.id));
        let shift = shift.map(|id| problem.shifts.binary_search_by_key(&id, |row| row.id));
        let (Ok(staff), Ok(shift)) = (person.transpose(), shift.transpose()) else { continue };
        let (id, key) = (approval.id(), approval.rule.key.clone());
        let (missing, excess) = (approval.missing, approval.excess);
        excuses.entry(key.kind).or_default().push(Excuse { id, key, staff, shift, dates, missing, excess });
    }
    excuses
}

/// The indexes of a person and a shift, if the problem has both.
pub(in crate::roster) fn pair(problem: &Problem, staff: StaffId, shift: ShiftId) -> Option<Pair> {
    let staff = problem.staff.binary_search_by_key(&staff, |row| row.id).ok()?;
    let shift = problem.shifts.binary_search_by_key(&shift, |row| row.id).ok()?;
    Some(Pair { staff, shift })
}

impl<'a> Facts<'a> {
    pub fn new(problem: &'a Problem, mut pairs: Vec<Pair>) -> Self {
        let dates = problem.from..=problem.to;
        pairs.retain(|pair| dates.contains(&problem.shifts[pair.shift].date));
        pairs.sort_unstable();
        pairs.dedup();
        let days = ((problem.to - problem.from).num_days() + 1).max(0);
        let day = |date: NaiveDate| (date - problem.from).num_days();
        let mut people: Vec<_> = problem
            .staff
            .iter()
            .map(|_| Person { pairs: Vec::new(), days: Vec::new(), worked: Vec::new() })
            .collect();
        for (index, pair) in pairs.iter().enumerate() {
            people[pair.staff].pairs.push(index);
        }
        for &(staff, shift) in &problem.worked {
            let known = pair(problem, staff, shift);
            for pair in known.into_iter().filter(|pair| !dates.contains(&problem.shifts[pair.shift].date)) {
                people[pair.staff].worked.push(pair.shift);
            }
        }
        let date = |shift: usize| problem.shifts[shift].date;
        for person in &mut people {
            person.pairs.sort_by_key(|&index| (date(pairs[index].shift), index));
            person.days = (0..=days)
                .map(|first| person.pairs.partition_point(|&index| day(date(pairs[index].shift)) < first))
                .collect();
            person.worked.sort_by_key(|&shift| (date(shift), shift));
            person.worked.dedup();
        }
        let mut preferences: HashMap<_, Vec<_>> = HashMap::new();
        for preference in &problem.preferences {
            preferences.entry((preference.staff, preference.provider)).or_default().push(preference);
        }
        for stated in preferences.values_mut() {
            stated.sort_by_key(|preference| preference.stated_by);
        }
        let shifts: Vec<_> =
            (0..problem.shifts.len()).filter(|&shift| dates.contains(&date(shift))).collect();
        let mut has_shifts = vec![false; usize::try_from(days).unwrap_or(0)];
        for &shift in &shifts {
            has_shifts[day(date(shift)) as usize] = true;
        }
        let dates_with_shifts = std::iter::once(0)
            .chain(has_shifts.iter().scan(0, |count, &has| {
                *count += usize::from(has);
                Some(*count)
            }))
            .collect();
        let known = (day(problem.known_from).min(0), day(problem.known_to).max(days - 1));
        let excuses = excuses(problem);
        Self {
            problem,
            pairs,
            shifts,
            days,
            known,
            people,
            preferences,
            contracts: OnceCell::new(),
            debts: problem.debts.iter().map(|row| ((&row.counted, row.staff), row.debt)).collect(),
            required_skills: problem
                .shifts
                .iter()
                .map(|shift| shift.required_skills.iter().collect())
                .collect(),
            dates_with_shifts,
            excuses,
        }
    }

    /// The setting that holds for a key, unless it is off or of another key.
    pub fn ruling(
        &self,
        key: &RuleKey,
        staff: Option<usize>,
        date: NaiveDate,
        shift: Option<usize>,
    ) -> Option<Ruling> {
        let query = self.rule_query(staff, date, shift);
        let rule = self.problem.rules.holding(key, &query)?;
        if rule.setting.mode == Mode::Off || rule.key != *key {
            return None;
        }
        Some(Ruling { setting: rule.setting, source: rule.source })
    }

    fn rule_query(&self, staff: Option<usize>, date: NaiveDate, shift: Option<usize>) -> RuleQuery<'a> {
        let person = staff.map(|staff| &self.problem.staff[staff]);
        RuleQuery {
            staff: person.map(|person| person.id),
            groups: person.map_or(&[], |person| &person.groups),
            plan: self.problem.plan,
            date,
            shift: shift.map(|shift| self.problem.shifts[shift].id),
            shift_kind: shift.map(|shift| self.problem.shifts[shift].kind.as_str()),
        }
    }

    /// The approval that excuses a person on a shift.
    pub fn excused(&self, key: &RuleKey, staff: usize, shift: usize) -> Option<i64> {
        let of_kind = self.excuses.get(&key.kind)?;
        let fits = |excuse: &&Excuse| {
            excuse.is_about(key) && excuse.staff == Some(staff) && excuse.shift == Some(shift)
        };
        of_kind.iter().find(fits).map(|excuse| excuse.id)
    }

    /// The setting that holds for a person's period of days: that of its first one within the dates.
    pub fn ruling_of_period(&self, key: &RuleKey, staff: usize, first: i64) -> Option<Ruling> {
        self.ruling(key, Some(staff), self.date(first.max(0)), None)
    }

    /// The limit of a kind that is only a setting.
    pub fn setting(&self, kind: RuleKind, pair: Pair) -> Option<i64> {
        let date = self.problem.shifts[pair.shift].date;
        let ruling = self.ruling(&RuleKey::of(kind), Some(pair.staff), date, Some(pair.shift));
        ruling.map(|ruling| ruling.setting.limit)
    }

    pub fn shift(&self, pair: usize) -> &'a Shift {
        &self.problem.shifts[self.pairs[pair].shift]
    }

    /// The skills that a shift requires, none twice.
    pub fn required_skills(&self, shift: usize) -> &BTreeSet<&'a String> {
        &self.required_skills[shift]
    }

    /// The index of a pair.
    pub fn index(&self, pair: Pair) -> Option<usize> {
        self.pairs.binary_search(&pair).ok()
    }

    /// The day of a date, counted from the first date.
    pub fn day(&self, date: NaiveDate) -> i64 {
        (date - self.problem.from).num_days()
    }

    /// The date of a day.
    pub fn date(&self, day: i64) -> NaiveDate {
        let (from, distance) = (self.problem.from, Days::new(day.unsigned_abs()));
        let date = if day < 0 { from.checked_sub_days(distance) } else { from.checked_add_days(distance) };
        date.unwrap_or(from)
    }

    /// Whether any of these days, as far as they are to be decided, has a shift at all. If not, nobody can work then,
    /// and a rule about them would only blame a plan for the past.
    pub fn has_shifts(&self, first: i64, last: i64) -> bool {
        let (first, last) = (first.clamp(0, self.days), (last + 1).clamp(0, self.days));
        first < last && self.dates_with_shifts[last as usize] > self.dates_with_shifts[first as usize]
    }

    /// A person's pairs, by date.
    pub fn pairs_of(&self, staff: usize) -> &[usize] {
        &self.people[staff].pairs
    }

    /// A person's pairs of these days, by date.
    pub fn pairs_between(&self, staff: usize, first: i64, last: i64) -> &[usize] {
        let person = &self.people[staff];
        let (first, last) = (first.clamp(0, self.days), (last + 1).clamp(0, self.days));
        if first < last {
            &person.pairs[person.days[first as usize]..person.days[last as usize]]
        } else {
            &[]
        }
    }

    /// The shifts a person worked outside the dates.
    pub fn worked(&self, staff: usize) -> &[usize] {
        &self.people[staff].worked
    }

    /// The shifts a person worked outside the dates, in these days.
    pub fn worked_between(&self, staff: usize, first: i64, last: i64) -> &[usize] {
        let worked = &self.people[staff].worked;
        let day = |&shift: &usize| self.day(self.problem.shifts[shift].date);
        let (from, to) =
            (worked.partition_point(|s| day(s) < first), worked.partition_point(|s| day(s) <= last));
        &worked[from.min(to)..to]
    }

    /// What a person would fairly give of what a ledger counts: the share of the dates' shifts, and the debt from before.
    pub fn fair_target(&self, staff: usize, counted: &Counted) -> i64 {
        let person = &self.problem.staff[staff];
        let contracts = self.contracts.get_or_init(|| self.contracts());
        let is_of_matches = *counted == Counted::Matches;
        let counts = |shift: usize| {
            let row = &self.problem.shifts[shift];
            let is_counted = match counted {
                Counted::Matches => self.is_match(staff, row),
                Counted::Shifts(kind) => kind.as_ref().is_none_or(|kind| *kind == row.kind),
            };
            is_counted && is_eligible(person, row)
        };
        let share = |shift: usize| {
            let all = contracts[shift][usize::from(is_of_matches)];
            share_of(self.problem.shifts[shift].staff_needed, i64::from(person.contract_percent), all)
        };
        let shares = self.shifts.iter().copied().filter(|&shift| counts(shift)).map(share);
        let share = shares.fold(0_i64, i64::saturating_add);
        let debt = self.debts.get(&(counted, person.id)).copied().unwrap_or(0);
        share.saturating_add(debt)
    }

    fn contracts(&self) -> Vec<[i64; 2]> {
        let mut contracts = vec![[0, 0]; self.problem.shifts.len()];
        for &shift in &self.shifts {
            let row = &self.problem.shifts[shift];
            for (staff, person) in self.problem.staff.iter().enumerate() {
                if is_eligible(person, row) {
                    let contract = i64::from(person.contract_percent);
                    contracts[shift][0] += contract;
                    contracts[shift][1] += if self.is_match(staff, row) { contract } else { 0 };
                }
            }
        }
        contracts
    }

    /// Whether any shift of the dates would be a preferred match of a person.
    pub fn can_match(&self, staff: usize) -> bool {
        self.shifts.iter().any(|&shift| self.is_match(staff, &self.problem.shifts[shift]))
    }

    fn is_match(&self, staff: usize, shift: &Shift) -> bool {
        self.preferences(staff, shift).iter().any(|preference| preference.is_preferred)
    }

    /// The preferences between a person and a shift's provider, the person's own first.
    pub fn preferences(&self, staff: usize, shift: &Shift) -> &[&'a Preference] {
        let stated = shift
            .provider
            .and_then(|provider| self.preferences.get(&(self.problem.staff[staff].id, provider)));
        stated.map_or(&[], Vec::as_slice)
    }

    /// A person's preferred matches: pairs whose provider they prefer, or who prefers them.
    pub fn matches(&self, staff: usize) -> impl Iterator<Item = usize> + '_ {
        self.pairs_of(staff).iter().copied().filter(move |&pair| self.is_match(staff, self.shift(pair)))
    }
}

/// Whether a key counts a shift.
pub(in crate::roster) fn counts(key: &RuleKey, shift: &Shift) -> bool {
    key.shift_kind.as_ref().is_none_or(|kind| *kind == shift.kind)
}
