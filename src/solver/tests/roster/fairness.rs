//! Weeks of rosters, solved and worked one after another: nobody is more than one unit from their share, after any of them.

use pg_clinic_core::ids::{ProviderId, ShiftId, StaffId};
use pg_clinic_core::roster::catalog::{Mode, RuleKind};
use pg_clinic_core::roster::debt::{Counted, UNIT};
use pg_clinic_core::roster::ledger::{Account, Matches, Member, Past, accounts, debts};
use pg_clinic_core::roster::outcome::Status;
use pg_clinic_core::roster::problem::{Preference, Problem, StatedBy};

use crate::answer;
use crate::build::{off, problem, rule, rules, shift};

const WEEKS: i64 = 12;

/// A simulation: people, and each week's shifts.
struct Weeks<'a> {
    people: i64,
    /// Adds the shifts of a week, of day 0 to 6.
    shifts: &'a dyn Fn(&mut Problem),
    /// What else is so in a week: contracts, leave, preferences.
    change: &'a dyn Fn(i64, &mut Problem),
    /// A week without a roster.
    closed: Option<i64>,
    /// What is balanced.
    counted: Counted,
}

impl Weeks<'_> {
    /// The accounts after each week.
    fn run(&self) -> Vec<Vec<Account>> {
        let (mut past, mut after): (Vec<Past>, _) = (Vec::new(), Vec::new());
        let mut members: Vec<Vec<Member>> = Vec::new();
        for week in 0..WEEKS {
            let mut problem = problem(7, self.people);
            (self.shifts)(&mut problem);
            (self.change)(week, &mut problem);
            let mut balance = rule(RuleKind::LoadBalance, Mode::Soft, 10, 0);
            if let Counted::Shifts(kind) = &self.counted {
                balance.key.shift_kind = kind.clone();
            }
            problem.rules = rules(vec![
                rule(RuleKind::Cover, Mode::Hard, 0, 0),
                balance,
                rule(RuleKind::PreferenceDebt, Mode::Soft, 10, 0),
            ]);
            // Each week has its own days off, so its shifts are owed by the people as they were then.
            problem.debts = self.debts(&members, &past);
            if self.closed == Some(week) {
                continue;
            }
            let outcome = answer(&problem).unwrap();
            assert_eq!(outcome.status, Status::Optimal, "week {week}");
            for (at, row) in problem.shifts.iter().enumerate() {
                let who = outcome.assignments.iter().filter(|pair| pair.shift == at);
                past.push(Past {
                    shift: row.clone(),
                    staff: who.map(|pair| problem.staff[pair.staff].id).collect(),
                });
            }
            members.push(
                problem.staff.iter().map(|staff| Member { staff: staff.clone(), joined: None }).collect(),
            );
            after.push(self.accounts(&members, &past));
        }
        after
    }

    /// Week by week, because leave differs; the sums.
    fn accounts(&self, members: &[Vec<Member>], past: &[Past]) -> Vec<Account> {
        let mut sums = vec![Account::default(); self.people as usize];
        let matches = Matches::new(&preferences(self.people));
        let a_week = past.len().checked_div(members.len()).unwrap_or(1).max(1);
        for (members, past) in members.iter().zip(past.chunks(a_week)) {
            for (who, account) in accounts(members, past, &matches, &self.counted) {
                let sum = &mut sums[who.0 as usize - 1];
                (sum.share, sum.worked) = (sum.share + account.share, sum.worked + account.worked);
            }
        }
        sums
    }

    fn debts(&self, members: &[Vec<Member>], past: &[Past]) -> Vec<pg_clinic_core::roster::debt::Debt> {
        let a_week = past.len().checked_div(members.len()).unwrap_or(1).max(1);
        let mut sums = std::collections::BTreeMap::new();
        for (members, past) in members.iter().zip(past.chunks(a_week)) {
            let counted = [self.counted.clone()];
            for row in debts(members, past, &preferences(self.people), &counted, 1000) {
                *sums.entry((row.staff, row.counted)).or_insert(0) += row.debt;
            }
        }
        let row = |((staff, counted), debt)| pg_clinic_core::roster::debt::Debt { staff, counted, debt };
        sums.into_iter().map(row).collect()
    }
}

/// Everybody likes the first provider.
fn preferences(people: i64) -> Vec<Preference> {
    let row = |staff| Preference {
        staff: StaffId(staff),
        provider: ProviderId(1),
        stated_by: StatedBy::Staff,
        is_preferred: true,
        is_strong: true,
    };
    (1..=people).map(row).collect()
}

/// The largest distance from the share, after any week, in hundredths.
fn spread(weeks: &Weeks<'_>) -> i64 {
    let after = weeks.run();
    let distances: Vec<i64> = after
        .iter()
        .map(|accounts| accounts.iter().map(|account| account.debt().abs()).max().unwrap_or(0))
        .collect();
    distances.into_iter().max().unwrap_or(0) * 100 / UNIT
}

fn daily(count: i64) -> impl Fn(&mut Problem) {
    move |problem| {
        (0..count)
            .for_each(|at| _ = shift(problem, "day", at / 2, if at % 2 == 0 { 480 } else { 780 }, 240, 1));
    }
}

fn all() -> Counted {
    Counted::Shifts(None)
}

fn nothing(_: i64, _: &mut Problem) {}

#[test]
fn twelve_shifts_for_seven_people() {
    let weeks = Weeks { people: 7, shifts: &daily(12), change: &nothing, closed: None, counted: all() };
    assert!(spread(&weeks) < 100);
    // Twelve weeks of twelve shifts: 20 or 21 each.
    let last = weeks.run().pop().unwrap();
    assert!(last.iter().all(|account| [20, 21].contains(&(account.worked / UNIT))), "{last:?}");
}

#[test]
fn one_night_a_week_for_six() {
    let night = |problem: &mut Problem| _ = shift(problem, "night", 5, 1200, 720, 1);
    let counted = || Counted::Shifts(Some("night".to_owned()));
    let weeks = Weeks { people: 6, shifts: &night, change: &nothing, closed: None, counted: counted() };
    assert!(spread(&weeks) < 100);
    let last = weeks.run().pop().unwrap();
    assert!(last.iter().all(|account| account.worked == 2 * UNIT), "{last:?}");
    // A closed week is nobody's debt.
    let weeks = Weeks { people: 6, shifts: &night, change: &nothing, closed: Some(3), counted: counted() };
    assert!(spread(&weeks) < 100);
}

#[test]
fn part_time() {
    let half = |_: i64, problem: &mut Problem| problem.staff[2].contract_percent = 50;
    let weeks = Weeks { people: 3, shifts: &daily(4), change: &half, closed: Some(5), counted: all() };
    assert!(spread(&weeks) < 100);
    let last = weeks.run().pop().unwrap();
    assert!((last[2].worked - 44 * UNIT / 5).abs() < UNIT, "{last:?}");
}

#[test]
fn an_absence_makes_no_debt() {
    let ill = |week: i64, problem: &mut Problem| {
        if (3..6).contains(&week) {
            off(problem, 0, 0, 7);
        }
    };
    let weeks = Weeks { people: 4, shifts: &daily(9), change: &ill, closed: None, counted: all() };
    assert!(spread(&weeks) < 100);
    let after = weeks.run();
    // Back from three weeks off she has what the others have, not three weeks more.
    let worked = |week: usize| (after[week][0].worked - after[week - 1][0].worked) / UNIT;
    assert_eq!([worked(3), worked(4), worked(5)], [0, 0, 0]);
    assert!(worked(6) <= 4, "{after:?}");
}

#[test]
fn three_people_like_one_dentist() {
    for sessions in 1..=2 {
        let shifts = move |problem: &mut Problem| {
            for at in 0..6 {
                let id: ShiftId = shift(problem, "day", at, 480, 240, 1);
                let provider = if at < sessions { 1 } else { 2 };
                problem.shifts.iter_mut().find(|row| row.id == id).unwrap().provider =
                    Some(ProviderId(provider));
            }
        };
        let prefer = |_: i64, problem: &mut Problem| problem.preferences = preferences(3);
        let weeks =
            Weeks { people: 3, shifts: &shifts, change: &prefer, closed: Some(4), counted: Counted::Matches };
        assert!(spread(&weeks) < 100, "{sessions}");
    }
}
