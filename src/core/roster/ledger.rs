//! Ledgers of what people had beside what was fair: the memory of fairness. A shift that somebody worked is a share of everybody
//! who could have worked it, by contract; who got less than their shares is owed the rest.
//!
//! What a person gives in a plan is fair if it is one of the two whole numbers about debt and share together. Then nobody is ever
//! a unit or more away from what they owe, however many plans follow each other: the shares of all add up to the places, so
//! there is always such a roster unless other rules forbid it.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::ids::{ProviderId, ShiftId, StaffId};
use crate::roster::debt::{Counted, Debt, UNIT};
use crate::roster::problem::{Preference, Shift, Staff};
use crate::time::interval::covers;

/// Shares are rounded to the unit's parts; so much beside a whole number is one.
const SNAP: i64 = UNIT / 10_000;

/// Somebody who may have shares of the past.
#[derive(Clone, Debug)]
pub struct Member {
    /// The person, with their days in the past.
    pub staff: Staff,
    /// The date on which they joined; before it they have no share. `None` = always there.
    pub joined: Option<NaiveDate>,
}

/// A shift of the record, and who worked it.
#[derive(Clone, Debug)]
pub struct Past {
    /// The shift.
    pub shift: Shift,
    /// By whom.
    pub staff: Vec<StaffId>,
}

/// A person's account: shares, and what was worked, in parts of [`UNIT`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The fair share.
    pub share: i64,
    /// What the person had.
    pub worked: i64,
}

impl Account {
    /// What the person is owed.
    #[must_use]
    pub const fn debt(&self) -> i64 {
        self.share - self.worked
    }
}

/// Whether somebody could work a shift: enabled, skilled, available and not on leave.
#[must_use]
pub fn is_eligible(staff: &Staff, shift: &Shift) -> bool {
    staff.enabled
        && shift.required_skills.iter().all(|skill| staff.skills.contains(skill))
        && staff.available.as_ref().is_none_or(|spans| covers(spans, shift.during))
        && !staff.time_off.iter().any(|(_, span)| span.overlaps(shift.during))
}

/// Somebody's part of `places`, by contract among all who could have them.
#[must_use]
pub fn share_of(places: i64, contract: i64, contracts: i64) -> i64 {
    if contracts <= 0 {
        return 0;
    }
    let exact = i128::from(places) * i128::from(UNIT) * i128::from(contract);
    let half = i128::from(contracts) / 2;
    i64::try_from((exact + half).div_euclid(i128::from(contracts))).unwrap_or(i64::MAX)
}

/// The two whole numbers about a debt and a share together, between which all is fair.
#[must_use]
pub fn fair(target: i64) -> (i64, i64) {
    let nearest = target.saturating_add(UNIT / 2).div_euclid(UNIT);
    if (target.saturating_sub(nearest.saturating_mul(UNIT))).abs() <= SNAP {
        return (nearest, nearest);
    }
    let whole = target.div_euclid(UNIT);
    (whole, whole + 1)
}

/// The preferences of a clinic, by person and provider: who would match whom.
pub struct Matches(std::collections::HashSet<(StaffId, ProviderId)>);

impl Matches {
    /// Those of some preferences.
    #[must_use]
    pub fn new(preferences: &[Preference]) -> Self {
        let preferred = preferences.iter().filter(|preference| preference.is_preferred);
        Self(preferred.map(|preference| (preference.staff, preference.provider)).collect())
    }

    /// Whether a person on a shift is a preferred match.
    #[must_use]
    pub fn has(&self, staff: StaffId, shift: &Shift) -> bool {
        shift.provider.is_some_and(|provider| self.0.contains(&(staff, provider)))
    }
}

/// Everybody's account of what was worked, by id. What nobody worked is nobody's share.
#[must_use]
pub fn accounts(
    members: &[Member],
    past: &[Past],
    matches: &Matches,
    counted: &Counted,
) -> BTreeMap<StaffId, Account> {
    let mut accounts: BTreeMap<StaffId, Account> =
        members.iter().map(|member| (member.staff.id, Account::default())).collect();
    for Past { shift, staff } in past {
        let counts = |who: StaffId| match counted {
            Counted::Shifts(kind) => kind.as_ref().is_none_or(|kind| *kind == shift.kind),
            Counted::Matches => matches.has(who, shift),
        };
        let workers: Vec<_> = staff.iter().copied().filter(|who| counts(*who)).collect();
        if workers.is_empty() {
            continue;
        }
        for who in &workers {
            accounts.entry(*who).or_default().worked += UNIT;
        }
        let is_there = |member: &&Member| {
            counts(member.staff.id)
                && (member.joined.is_none_or(|joined| joined <= shift.date)
                    && is_eligible(&member.staff, shift))
        };
        let could: Vec<_> = members.iter().filter(is_there).collect();
        let contracts = could.iter().map(|member| i64::from(member.staff.contract_percent)).sum();
        for member in could {
            let contract = i64::from(member.staff.contract_percent);
            let account = accounts.entry(member.staff.id).or_default();
            account.share = account.share.saturating_add(share_of(workers.len() as i64, contract, contracts));
        }
    }
    accounts
}

/// The debts of everybody, held to a cap in whole units.
#[must_use]
pub fn debts(
    members: &[Member],
    past: &[Past],
    preferences: &[Preference],
    counted: &[Counted],
    cap: i64,
) -> Vec<Debt> {
    let matches = Matches::new(preferences);
    let cap = cap.saturating_mul(UNIT);
    let of = |counted: &Counted| {
        let accounts = accounts(members, past, &matches, counted);
        let debts = accounts.into_iter().map(|(staff, account)| Debt {
            staff,
            counted: counted.clone(),
            debt: account.debt().clamp(-cap, cap),
        });
        debts.filter(|debt| debt.debt != 0).collect::<Vec<_>>()
    };
    counted.iter().flat_map(of).collect()
}

/// Rows of the record as shifts with their workers. `shifts` are sorted by id, `record` by anything.
#[must_use]
pub fn past(shifts: &[Shift], record: &[(StaffId, ShiftId)]) -> Vec<Past> {
    let mut workers: BTreeMap<usize, Vec<StaffId>> = BTreeMap::new();
    for (staff, shift) in record {
        if let Ok(at) = shifts.binary_search_by_key(shift, |row| row.id) {
            workers.entry(at).or_default().push(*staff);
        }
    }
    workers.into_iter().map(|(at, staff)| Past { shift: shifts[at].clone(), staff }).collect()
}

#[cfg(test)]
mod tests {
    use super::{UNIT, fair, share_of};

    #[test]
    fn whole_numbers_about_a_target_are_fair() {
        assert_eq!(fair(12 * UNIT / 7), (1, 2));
        assert_eq!(fair(2 * UNIT), (2, 2));
        assert_eq!(fair(3 * (UNIT / 3)), (1, 1));
        assert_eq!(fair(-UNIT / 3), (-1, 0));
        assert_eq!(fair(0), (0, 0));
        assert_eq!(fair(-UNIT + 7), (-1, -1));
    }

    #[test]
    fn shares_add_up() {
        let contracts = [100, 100, 50];
        let sum: i64 = contracts.iter().map(|contract| share_of(4, *contract, 250)).sum();
        assert!((sum - 4 * UNIT).abs() < 3);
        assert_eq!(share_of(3, 0, 0), 0);
    }
}
