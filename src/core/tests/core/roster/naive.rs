//! A judge that reads the catalog's sentences one by one, day by day and person by person. It knows nothing of instances,
//! and finds by itself which setting holds.

mod cascade;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate};
use pg_clinic_core::ids::{ShiftId, StaffId};
use pg_clinic_core::plans::LockAction;
use pg_clinic_core::roster::catalog::{Mode, Period, RuleKind, Setting};
use pg_clinic_core::roster::debt::Counted;
use pg_clinic_core::roster::problem::*;
use pg_clinic_core::roster::settings::{Approval, RuleKey, Source};

use cascade::Place;

/// What a roster costs, by rule, and which hard rules it breaks.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub costs: BTreeMap<(RuleKind, Option<String>), i64>,
    pub broken: BTreeSet<RuleKind>,
}

pub fn verdict(problem: &Problem, on: &BTreeSet<(usize, usize)>) -> Verdict {
    let mut naive = Naive { problem, on, verdict: Verdict::default() };
    for key in problem.rules.keys() {
        naive.rule(key);
    }
    naive.verdict.costs.retain(|_, cost| *cost != 0);
    naive.verdict
}

struct Naive<'a> {
    problem: &'a Problem,
    on: &'a BTreeSet<(usize, usize)>,
    verdict: Verdict,
}

/// A setting that isn't off, and which row it is.
type Held = (Setting, Source);

impl<'a> Naive<'a> {
    fn held(
        &self,
        key: &RuleKey,
        staff: Option<usize>,
        date: NaiveDate,
        shift: Option<usize>,
    ) -> Option<Held> {
        let at = Place { staff, date, shift };
        let rule = cascade::setting(self.problem, key, at)?;
        (rule.setting.mode != Mode::Off).then_some((rule.setting, rule.source))
    }

    /// What is held on a period's first date within the problem's.
    fn held_in_period(&self, key: &RuleKey, staff: usize, first: NaiveDate) -> Option<Held> {
        self.held(key, Some(staff), first.max(self.problem.from), None)
    }

    /// The approvals of a rule of somebody.
    fn approvals(&self, key: &RuleKey, staff: Option<usize>) -> impl Iterator<Item = &'a Approval> {
        let (key, person) = (key.clone(), staff.map(|staff| self.problem.staff[staff].id));
        self.problem.rules.approvals().iter().filter(move |approval| {
            let is_named_by_kind = matches!(key.kind, RuleKind::Cover | RuleKind::ShiftRequest);
            approval.rule.key.kind == key.kind
                && (is_named_by_kind || approval.rule.key == key)
                && approval.rule.scope.staff == person
        })
    }

    /// Whether a person's shift doesn't count.
    fn is_excused(&self, key: &RuleKey, staff: usize, shift: &Shift) -> bool {
        self.approvals(key, Some(staff)).any(|approval| approval.rule.scope.shift == Some(shift.id))
    }

    /// Units too few and too many that are approved of dates, or of a shift.
    fn excused_units(
        &self,
        key: &RuleKey,
        staff: Option<usize>,
        shift: Option<ShiftId>,
        (first, last): (NaiveDate, NaiveDate),
    ) -> (i64, i64) {
        let fits = |approval: &&Approval| {
            let scope = approval.rule.scope;
            match shift {
                Some(shift) => scope.shift == Some(shift),
                None => {
                    scope.shift.is_none() && scope.dates.is_some_and(|(from, to)| first <= from && to <= last)
                }
            }
        };
        let units = self.approvals(key, staff).filter(fits);
        units.fold((0, 0), |sum, approval| (sum.0 + approval.missing, sum.1 + approval.excess))
    }

    /// The same of a rolling window: those of the largest approval of a window that shares most of its days.
    fn excused_in_window(
        &self,
        key: &RuleKey,
        staff: usize,
        (first, last): (NaiveDate, NaiveDate),
    ) -> (i64, i64) {
        let fits = |approval: &&Approval| {
            let Some((from, to)) = approval.rule.scope.dates else { return false };
            let all = from.iter_days().take_while(|date| *date <= to);
            let shared = all.clone().filter(|date| first <= *date && *date <= last).count();
            2 * shared > all.count()
        };
        let mut units: Vec<_> = self
            .approvals(key, Some(staff))
            .filter(fits)
            .map(|approval| (approval.missing, approval.excess))
            .collect();
        units.sort_by_key(|(missing, excess)| std::cmp::Reverse((*missing).max(*excess)));
        units.first().copied().unwrap_or_default()
    }

    /// Whether what lies within these dates is approved.
    fn is_excused_within(&self, key: &RuleKey, staff: usize, first: NaiveDate, last: NaiveDate) -> bool {
        let mut dates = self.approvals(key, Some(staff)).filter_map(|approval| approval.rule.scope.dates);
        dates.any(|(from, to)| from <= first && last <= to)
    }

    /// So many units too few or too many, of which each costs `weight`.
    fn charge(&mut self, key: &RuleKey, held: Held, units: i64, weight: i64) {
        if units <= 0 {
            return;
        }
        if held.0.mode == Mode::Hard {
            self.verdict.broken.insert(key.kind);
        } else {
            *self.verdict.costs.entry((key.kind, key.shift_kind.clone())).or_default() += units * weight;
        }
    }

    fn earn(&mut self, kind: RuleKind, points: i64) {
        *self.verdict.costs.entry((kind, None)).or_default() -= points;
    }

    fn dates(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let (from, to) = (self.problem.from, self.problem.to);
        from.iter_days().take_while(move |date| *date <= to)
    }

    fn is_inside(&self, date: NaiveDate) -> bool {
        self.problem.from <= date && date <= self.problem.to
    }

    /// The shifts a person works, of the record outside the dates and as assigned inside.
    fn works(&self, staff: usize) -> Vec<&'a Shift> {
        let id = self.problem.staff[staff].id;
        let shifts = self.problem.shifts.iter().enumerate();
        let works = shifts.filter(|(index, shift)| {
            self.on.contains(&(staff, *index))
                || !self.is_inside(shift.date) && self.problem.worked.contains(&(id, shift.id))
        });
        works.map(|(_, shift)| shift).collect()
    }

    fn works_on(&self, staff: usize, date: NaiveDate, kind: Option<&String>) -> bool {
        self.works(staff)
            .iter()
            .any(|shift| shift.date == date && kind.is_none_or(|kind| *kind == shift.kind))
    }

    fn has_shifts(&self, first: NaiveDate, last: NaiveDate) -> bool {
        let dates = self.problem.shifts.iter().map(|shift| shift.date);
        dates.into_iter().any(|date| self.is_inside(date) && first <= date && date <= last)
    }

    fn index(&self, shift: &Shift) -> usize {
        self.problem.shifts.iter().position(|row| row.id == shift.id).unwrap()
    }

    fn rule(&mut self, key: &RuleKey) {
        use RuleKind as K;
        let people = 0..self.problem.staff.len();
        match key.kind {
            K::Cover => self.cover(key),
            K::MinStaffPerDay | K::MaxStaffPerDay => self.staff_per_day(key),
            K::SkillMatch | K::Availability | K::TimeOff => self.unary(key),
            K::NoOverlap => people.for_each(|staff| self.no_overlap(key, staff)),
            K::MinRest => people.for_each(|staff| self.min_rest(key, staff)),
            K::Preferred | K::NonPreferred => self.preferences(key),
            K::LoadBalance => people.for_each(|staff| self.load_balance(key, staff)),
            K::PreferredBalance | K::PreferenceDebt => people.for_each(|staff| self.matches(key, staff)),
            K::MaxDays => people.for_each(|staff| self.days(key, staff)),
            K::MinShifts | K::MaxShifts | K::MinMinutes | K::MaxMinutes => {
                people.for_each(|staff| self.period(key, staff));
            }
            K::MinConsecutiveDays
            | K::MaxConsecutiveDays
            | K::MinConsecutiveDaysOff
            | K::MaxConsecutiveDaysOff => {
                people.for_each(|staff| self.runs(key, staff));
            }
            K::ForbiddenSuccession => people.for_each(|staff| self.succession(key, staff)),
            K::MaxWeekends => people.for_each(|staff| self.weekends(key, staff)),
            K::RotationBlock => people.for_each(|staff| self.rotation(key, staff)),
            K::ShiftRequest => self.shift_requests(key),
            K::Stability => self.stability(key),
            K::Lock => self.locks(),
            K::ProviderFactor | K::MildFactor => {}
        }
    }

    fn cover(&mut self, key: &RuleKey) {
        for (index, shift) in self.problem.shifts.iter().enumerate() {
            if !self.is_inside(shift.date) {
                continue;
            }
            let at = Place { staff: None, date: shift.date, shift: Some(index) };
            if cascade::setting(self.problem, key, at).is_none_or(|rule| rule.key != *key) {
                continue;
            }
            let Some(held) = self.held(key, None, shift.date, Some(index)) else { continue };
            let people = self.on.iter().filter(|(_, on)| *on == index).count() as i64;
            let (missing, excess) = self.excused_units(key, None, Some(shift.id), (shift.date, shift.date));
            self.charge(key, held, shift.staff_needed - people - missing, held.0.weight);
            self.charge(key, held, people - shift.staff_needed - excess, held.0.over_weight);
        }
    }

    fn staff_per_day(&mut self, key: &RuleKey) {
        for date in self.dates() {
            let is_such = |shift: &Shift| key.shift_kind.as_ref().is_none_or(|kind| *kind == shift.kind);
            if !self.problem.shifts.iter().any(|shift| shift.date == date && is_such(shift)) {
                continue;
            }
            let Some(held) = self.held(key, None, date, None) else { continue };
            let people =
                (0..self.problem.staff.len()).filter(|&at| self.works_on(at, date, key.shift_kind.as_ref()));
            let too_many = people.count() as i64 - held.0.limit;
            let (missing, excess) = self.excused_units(key, None, None, (date, date));
            let is_minimum = key.kind == RuleKind::MinStaffPerDay;
            let units = if is_minimum { -too_many - missing } else { too_many - excess };
            self.charge(key, held, units, held.0.weight);
        }
    }

    fn unary(&mut self, key: &RuleKey) {
        for &(staff, index) in self.on {
            let (person, shift) = (&self.problem.staff[staff], &self.problem.shifts[index]);
            if self.is_excused(key, staff, shift) {
                continue;
            }
            let held = self.held(key, Some(staff), shift.date, Some(index));
            let units = match key.kind {
                RuleKind::SkillMatch => {
                    let required: BTreeSet<_> = shift.required_skills.iter().collect();
                    required.iter().filter(|skill| !person.skills.contains(skill)).count() as i64
                }
                RuleKind::TimeOff => {
                    i64::from(person.time_off.iter().any(|(_, off)| off.overlaps(shift.during)))
                }
                _ if !person.enabled => {
                    self.verdict.broken.insert(key.kind);
                    0
                }
                _ => i64::from(
                    person
                        .available
                        .as_ref()
                        .is_some_and(|all| !all.iter().any(|one| one.contains(shift.during))),
                ),
            };
            if let Some(held) = held {
                self.charge(key, held, units, held.0.weight);
            }
        }
    }

    /// Two shifts of a person for which the rule isn't off, the earlier one first; not two of the record.
    fn twos(&self, key: &RuleKey, staff: usize) -> Vec<[(&'a Shift, Held); 2]> {
        let held = |shift: &'a Shift| {
            Some((shift, self.held(key, Some(staff), shift.date, Some(self.index(shift)))?))
        };
        let mut all: Vec<_> = self.works(staff).into_iter().filter_map(held).collect();
        all.sort_by_key(|(shift, _)| (shift.during, shift.id));
        let two =
            |(at, a): (usize, &(&'a Shift, Held))| all[at + 1..].iter().map(|b| [*a, *b]).collect::<Vec<_>>();
        let twos = all.iter().enumerate().flat_map(two);
        twos.filter(|two| two.iter().any(|(shift, _)| self.is_inside(shift.date))).collect()
    }

    fn no_overlap(&mut self, key: &RuleKey, staff: usize) {
        for [(a, held_a), (b, held_b)] in self.twos(key, staff) {
            if a.during.overlaps(b.during) && !self.is_excused(key, staff, b) {
                self.charge(key, held_a, 1, 0);
                let _ = held_b;
            }
        }
    }

    fn min_rest(&mut self, key: &RuleKey, staff: usize) {
        let mut times = BTreeSet::new();
        for [(a, held_a), (b, held_b)] in self.twos(key, staff) {
            let is_short = b.during.start.0 < a.during.end.0 + held_a.0.limit * 60_000_000;
            if !is_short || self.is_excused(key, staff, b) {
                continue;
            }
            let both_hard = [held_a, held_b].iter().all(|held| held.0.mode == Mode::Hard)
                && !self.is_excused(key, staff, a);
            if held_a.0.mode == Mode::Hard {
                // Where the later one is soft, overlap alone is another rule's business.
                self.charge(key, held_a, i64::from(both_hard || !a.during.overlaps(b.during)), 0);
            } else if !a.during.overlaps(b.during) {
                let time = |shift: &Shift, held: Held| {
                    let excused = self.is_excused(key, staff, shift).then_some(shift.id);
                    (shift.during, held.1, self.is_inside(shift.date), excused)
                };
                // Shifts at the very same time are one rest.
                if times.insert((time(a, held_a), time(b, held_b))) {
                    self.charge(key, held_a, 1, held_a.0.weight);
                }
            }
        }
    }

    fn preferences(&mut self, key: &RuleKey) {
        let is_earned = key.kind == RuleKind::Preferred;
        for &(staff, index) in self.on {
            let shift = &self.problem.shifts[index];
            let Some((setting, _)) = self.held(key, Some(staff), shift.date, Some(index)) else { continue };
            let factor = |kind| {
                let held = self.held(&RuleKey::of(kind), Some(staff), shift.date, Some(index));
                held.map_or(100, |held| held.0.limit) as f64 / 100.0
            };
            let mut points = 0;
            for preference in &self.problem.preferences {
                let fits = preference.staff == self.problem.staff[staff].id
                    && Some(preference.provider) == shift.provider;
                if fits && preference.is_preferred == is_earned {
                    let by_provider = preference.stated_by == StatedBy::Provider;
                    let provider = if by_provider { factor(RuleKind::ProviderFactor) } else { 1.0 };
                    let mild = if preference.is_strong { 1.0 } else { factor(RuleKind::MildFactor) };
                    points += (setting.weight as f64 * provider * mild + 0.5 + 1e-9).floor() as i64;
                }
            }
            self.earn(key.kind, if is_earned { points } else { -points });
        }
    }

    /// The two whole numbers about somebody's share of the shifts that count, with what they are owed.
    fn fair(&self, staff: usize, counted: &Counted, counts: impl Fn(usize, &Shift) -> bool) -> (i64, i64) {
        let could = |person: &Staff, shift: &Shift| {
            let available = person.available.as_ref();
            person.enabled
                && shift.required_skills.iter().all(|skill| person.skills.contains(skill))
                && available.is_none_or(|all| all.iter().any(|one| one.contains(shift.during)))
                && !person.time_off.iter().any(|(_, off)| off.overlaps(shift.during))
        };
        let mut target = 0.0;
        for shift in self.problem.shifts.iter().filter(|shift| self.is_inside(shift.date)) {
            let who = (0..self.problem.staff.len())
                .filter(|&at| counts(at, shift) && could(&self.problem.staff[at], shift));
            let who: Vec<_> = who.collect();
            let contract = |at: usize| f64::from(self.problem.staff[at].contract_percent);
            let all: f64 = who.iter().map(|&at| contract(at)).sum();
            if who.contains(&staff) && all > 0.0 {
                target += shift.staff_needed as f64 * contract(staff) / all;
            }
        }
        let id = self.problem.staff[staff].id;
        let debts = self.problem.debts.iter().filter(|row| row.staff == id && row.counted == *counted);
        target += debts.map(|row| row.debt).sum::<i64>() as f64 / 1_000_000.0;
        if (target - target.round()).abs() <= 1e-4 {
            return (target.round() as i64, target.round() as i64);
        }
        (target.floor() as i64, target.ceil() as i64)
    }

    fn load_balance(&mut self, key: &RuleKey, staff: usize) {
        let Some((setting, ..)) = self.held(key, Some(staff), self.problem.from, None) else { return };
        if self.problem.staff[staff].enabled {
            let is_such = |shift: &Shift| key.shift_kind.as_ref().is_none_or(|kind| *kind == shift.kind);
            let fair = self.fair(staff, &Counted::Shifts(key.shift_kind.clone()), |_, shift| is_such(shift));
            let mine = self.on.iter().filter(|(on, _)| *on == staff);
            let works = mine.filter(|(_, shift)| is_such(&self.problem.shifts[*shift])).count() as i64;
            let away = (fair.0 - works).max(works - fair.1).max(0);
            let cost = setting.weight * away * away;
            *self.verdict.costs.entry((key.kind, key.shift_kind.clone())).or_default() += cost;
        }
    }

    fn is_match(&self, staff: usize, shift: &Shift) -> bool {
        let id = self.problem.staff[staff].id;
        let stated = self.problem.preferences.iter();
        stated
            .into_iter()
            .any(|row| row.staff == id && Some(row.provider) == shift.provider && row.is_preferred)
    }

    fn matches(&mut self, key: &RuleKey, staff: usize) {
        let Some((setting, ..)) = self.held(key, Some(staff), self.problem.from, None) else { return };
        let mine = self.on.iter().filter(|(on, _)| *on == staff);
        let matches =
            mine.filter(|(_, shift)| self.is_match(staff, &self.problem.shifts[*shift])).count() as i64;
        if key.kind == RuleKind::PreferredBalance {
            self.earn(key.kind, -(0..matches).map(|earlier| earlier * setting.weight).sum::<i64>());
            return;
        }
        let inside = self.problem.shifts.iter().filter(|shift| self.is_inside(shift.date));
        // Who can have none at all owes none, and is owed none.
        let can_have = inside.into_iter().any(|shift| self.is_match(staff, shift));
        if self.problem.staff[staff].enabled && can_have {
            let fair = self.fair(staff, &Counted::Matches, |at, shift| self.is_match(at, shift));
            let away = (fair.0 - matches).max(matches - fair.1).max(0);
            self.earn(key.kind, -setting.weight * away * away);
        }
    }

    /// The first and last date of the period a date lies in.
    fn period_of(&self, period: Period, date: NaiveDate) -> (NaiveDate, NaiveDate) {
        let is_same = |other: NaiveDate| match period {
            Period::Day => other == date,
            Period::Week => self.week(other) == self.week(date),
            Period::TwoWeeks => self.week(other).div_euclid(2) == self.week(date).div_euclid(2),
            Period::FourWeeks => self.week(other).div_euclid(4) == self.week(date).div_euclid(4),
            Period::Month => (other.year(), other.month()) == (date.year(), date.month()),
            Period::Quarter => {
                let quarter = |date: NaiveDate| (date.year(), date.month().div_ceil(3));
                quarter(other) == quarter(date)
            }
            Period::Year => other.year() == date.year(),
            Period::Plan => self.is_inside(other),
        };
        let mut ends = (date, date);
        while is_same(ends.0 - Days::new(1)) {
            ends.0 = ends.0 - Days::new(1);
        }
        while is_same(ends.1 + Days::new(1)) {
            ends.1 = ends.1 + Days::new(1);
        }
        ends
    }

    fn periods(&self, period: Period) -> BTreeSet<(NaiveDate, NaiveDate)> {
        self.dates().map(|date| self.period_of(period, date)).collect()
    }

    /// The number of the week of a date, counted from one that starts in 2001.
    fn week(&self, date: NaiveDate) -> i64 {
        let (starts_on, _) = self.problem.rules.weeks().parts();
        let mut start = NaiveDate::from_ymd_opt(2001, 1, 1).unwrap();
        while start.weekday().number_from_monday() != starts_on {
            start = start + Days::new(1);
        }
        // The first such day of 2001, or the one on which the week of its first Sunday starts.
        if start > NaiveDate::from_ymd_opt(2001, 1, 7).unwrap() {
            start = start - Days::new(7);
        }
        (date - start).num_days().div_euclid(7)
    }

    /// The windows of a key: its periods, or every run of so many days that touches the dates.
    fn windows(&self, key: &RuleKey) -> BTreeSet<(NaiveDate, NaiveDate)> {
        match (key.rolling_days, key.period) {
            (Some(days), _) => {
                let all = (self.problem.from - Days::new(400)).iter_days().take(1200);
                let window = all.map(|first| (first, first + Days::new(days as u64 - 1)));
                window
                    .filter(|(first, last)| self.dates().any(|date| *first <= date && date <= *last))
                    .collect()
            }
            (None, Some(period)) => self.periods(period),
            (None, None) => BTreeSet::new(),
        }
    }

    fn days(&mut self, key: &RuleKey, staff: usize) {
        for (first, last) in self.windows(key) {
            let Some(held) = self.held_in_period(key, staff, first) else { continue };
            let counted: Vec<_> =
                self.works(staff).into_iter().filter(|shift| !self.is_excused(key, staff, shift)).collect();
            let within = |shift: &&&Shift| first <= shift.date && shift.date <= last;
            let days = |shifts: Vec<&&Shift>| {
                shifts.iter().map(|shift| shift.date).collect::<BTreeSet<_>>().len() as i64
            };
            let given = counted.iter().filter(|shift| !self.is_inside(shift.date)).filter(within).collect();
            let all = counted.iter().filter(within).collect();
            let units = days(all) - held.0.limit.max(days(given));
            self.charge(key, held, units, held.0.weight);
        }
    }

    fn period(&mut self, key: &RuleKey, staff: usize) {
        let is_minimum = matches!(key.kind, RuleKind::MinShifts | RuleKind::MinMinutes);
        for (first, last) in self.windows(key) {
            if is_minimum
                && (!self.problem.staff[staff].enabled
                    || first < self.problem.known_from
                    || last > self.problem.to)
            {
                continue;
            }
            let Some(held) = self.held_in_period(key, staff, first) else {
                continue;
            };
            let (mut all, mut given) = (0, 0);
            for shift in self.works(staff) {
                let is_counted = key.kind != RuleKind::MaxShifts || !self.is_excused(key, staff, shift);
                let is_such = is_counted && key.shift_kind.as_ref().is_none_or(|kind| *kind == shift.kind);
                if is_such && first <= shift.date && shift.date <= last {
                    let in_minutes = matches!(key.kind, RuleKind::MinMinutes | RuleKind::MaxMinutes);
                    let units = if in_minutes { shift.during.micros() / 60_000_000 } else { 1 };
                    all += units;
                    given += if self.is_inside(shift.date) { 0 } else { units };
                }
            }
            let (missing, excess) = match key.kind {
                RuleKind::MaxShifts => (0, 0),
                _ if key.rolling_days.is_some() => self.excused_in_window(key, staff, (first, last)),
                _ => self.excused_units(key, Some(staff), None, (first, last)),
            };
            let most = (held.0.limit + excess).max(given);
            let units = if is_minimum { held.0.limit - missing - all } else { all - most };
            self.charge(key, held, units, held.0.weight);
        }
    }

    fn runs(&mut self, key: &RuleKey, staff: usize) {
        let is_work = matches!(key.kind, RuleKind::MinConsecutiveDays | RuleKind::MaxConsecutiveDays);
        let is_maximum = matches!(key.kind, RuleKind::MaxConsecutiveDays | RuleKind::MaxConsecutiveDaysOff);
        let (known_from, known_to) = (self.problem.known_from, self.problem.known_to);
        let Some(held) = self.held(key, Some(staff), self.problem.from, None) else { return };
        if !self.problem.staff[staff].enabled && key.kind == RuleKind::MaxConsecutiveDaysOff {
            return;
        }
        let limit = held.0.limit;
        let mut length = 0;
        for day in known_from.iter_days().take_while(|day| *day <= known_to) {
            if self.works_on(staff, day, None) == is_work {
                length += 1;
                let first = day - Days::new(limit.unsigned_abs());
                let is_ours =
                    self.problem.from <= day && first <= self.problem.to && self.has_shifts(first, day);
                if is_maximum && length > limit && is_ours && !self.is_excused_within(key, staff, first, day)
                {
                    self.charge(key, held, 1, held.0.weight);
                }
                continue;
            }
            // The run of `length` days before `day` has ended. One that began at the border may have been longer.
            let before = day - Days::new(length as u64 + 1);
            let is_ours =
                self.problem.from <= day && before <= self.problem.to && self.has_shifts(before, day);
            let excused = || self.is_excused_within(key, staff, before + Days::new(1), day - Days::new(1));
            if !is_maximum && length > 0 && length < limit && before >= known_from && is_ours && !excused() {
                self.charge(key, held, limit - length, held.0.weight);
            }
            length = 0;
        }
    }

    fn succession(&mut self, key: &RuleKey, staff: usize) {
        for date in self.dates().chain([self.problem.from - Days::new(1)]) {
            let next = date + Days::new(1);
            let works = |on: NaiveDate, kind: Option<&String>| {
                let shifts = self.works(staff);
                let mut counted = shifts.iter().filter(|shift| !self.is_excused(key, staff, shift));
                counted.any(|shift| shift.date == on && kind.is_none_or(|kind| *kind == shift.kind))
            };
            let follows = works(date, key.shift_kind.as_ref()) && works(next, key.next_shift_kind.as_ref());
            let Some(held) = self.held(key, Some(staff), date.max(self.problem.from), None) else { continue };
            self.charge(key, held, i64::from(follows), held.0.weight);
        }
    }

    fn weekends(&mut self, key: &RuleKey, staff: usize) {
        let (_, is_weekend) = self.problem.rules.weeks().parts();
        let is_off = |date: NaiveDate| is_weekend[date.weekday().num_days_from_monday() as usize];
        let weekend_of = |mut date: NaiveDate| {
            while is_off(date - Days::new(1)) {
                date = date - Days::new(1);
            }
            date
        };
        let counted: Vec<_> = self
            .works(staff)
            .into_iter()
            .filter(|shift| is_off(shift.date) && !self.is_excused(key, staff, shift))
            .collect();
        for (first, last) in self.windows(key) {
            let Some(held) = self.held_in_period(key, staff, first) else { continue };
            let weekends = |is_given: bool| {
                let shifts = counted.iter().filter(|shift| !is_given || !self.is_inside(shift.date));
                let weekends: BTreeSet<_> = shifts.map(|shift| weekend_of(shift.date)).collect();
                weekends.range(first..=last).count() as i64
            };
            let units = weekends(false) - held.0.limit.max(weekends(true));
            self.charge(key, held, units, held.0.weight);
        }
    }

    fn rotation(&mut self, key: &RuleKey, staff: usize) {
        for (first, last) in self.periods(Period::Week) {
            let Some(held) = self.held_in_period(key, staff, first) else {
                continue;
            };
            let week =
                self.works(staff).into_iter().filter(|shift| first <= shift.date && shift.date <= last);
            let week: Vec<_> = week.filter(|shift| !self.is_excused(key, staff, shift)).collect();
            let all: BTreeSet<_> = week.iter().map(|shift| &shift.kind).collect();
            let outside = week.iter().filter(|shift| !self.is_inside(shift.date));
            let given: BTreeSet<_> = outside.map(|shift| &shift.kind).collect();
            self.charge(key, held, all.len() as i64 - (given.len() as i64).max(1), held.0.weight);
        }
    }

    fn shift_requests(&mut self, key: &RuleKey) {
        for request in &self.problem.shift_requests {
            if !self.is_inside(request.date) {
                continue;
            }
            let Some(staff) = self.problem.staff.iter().position(|person| person.id == request.staff) else {
                continue;
            };
            let Some(held) = self.held(key, Some(staff), request.date, None) else { continue };
            let works = self.works_on(staff, request.date, request.shift_kind.as_ref());
            let is_excused = self.is_excused_within(key, staff, request.date, request.date);
            if works != request.is_wanted && !is_excused && (works || self.problem.staff[staff].enabled) {
                let key = RuleKey { shift_kind: request.shift_kind.clone(), ..key.clone() };
                self.charge(&key, held, 1, request.weight.unwrap_or(held.0.weight));
            }
        }
    }

    fn reference(&self) -> BTreeSet<(usize, usize)> {
        let position = |(staff, shift): &(StaffId, _)| {
            let staff = self.problem.staff.iter().position(|row| row.id == *staff)?;
            let shift = self.problem.shifts.iter().position(|row| row.id == *shift)?;
            self.is_inside(self.problem.shifts[shift].date).then_some((staff, shift))
        };
        self.problem.reference.iter().filter_map(position).collect()
    }

    fn stability(&mut self, key: &RuleKey) {
        for (staff, shift) in self.reference() {
            let date = self.problem.shifts[shift].date;
            let Some(held) = self.held(key, Some(staff), date, Some(shift)) else { continue };
            if !self.on.contains(&(staff, shift)) && self.problem.staff[staff].enabled {
                self.charge(key, held, 1, held.0.weight);
            }
        }
    }

    fn locks(&mut self) {
        let reference = self.reference();
        for lock in &self.problem.locks {
            for (staff, person) in self.problem.staff.iter().enumerate() {
                for (index, shift) in self.problem.shifts.iter().enumerate() {
                    let matches = self.is_inside(shift.date)
                        && lock.staff.is_none_or(|id| id == person.id)
                        && lock.shift.is_none_or(|id| id == shift.id)
                        && lock.from.is_none_or(|from| from <= shift.date)
                        && lock.to.is_none_or(|to| shift.date <= to);
                    let is_on = self.on.contains(&(staff, index));
                    let holds = match lock.action {
                        LockAction::Assign => is_on,
                        LockAction::Forbid => !is_on,
                        LockAction::Keep => is_on == reference.contains(&(staff, index)),
                    };
                    if matches && !holds {
                        self.verdict.broken.insert(RuleKind::Lock);
                    }
                }
            }
        }
    }
}
