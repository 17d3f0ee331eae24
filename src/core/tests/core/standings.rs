//! Which settings apply to a place, which of them holds, and in which words.

use chrono::NaiveDate;
use pg_clinic_core::ids::{PlanId, ShiftId, StaffGroupId, StaffId};
use pg_clinic_core::roster::catalogue::{CATALOGUE, RuleKind};
use pg_clinic_core::roster::rules::{Asked, Mode, Rule, RuleKey, Rules, Scope, Setting, Source};
use proptest::prelude::*;

use crate::cases;
use crate::zones::date;

fn rule(id: i64, kind: RuleKind, mode: Mode, scope: Scope) -> Rule {
    Rule {
        key: RuleKey::of(kind),
        scope,
        setting: Setting { mode, weight: 1, over_weight: 1, limit: id },
        source: Source::Override(id),
    }
}

fn asked<'a>(groups: &'a [(StaffGroupId, i64)], date: NaiveDate) -> Asked<'a> {
    Asked { staff: Some(StaffId(1)), groups, plan: Some(PlanId(1)), date, shift: Some(ShiftId(1)) }
}

#[test]
fn without_rows_the_built_in_settings_win() {
    let rules = Rules::new(vec![]);
    let standings = rules.standings(&asked(&[], date(2026, 4, 13)), None);
    assert_eq!(standings.len(), CATALOGUE.len());
    assert!(standings.iter().all(|standing| standing.wins && standing.rule.level(None) == "built-in"));
}

#[test]
fn levels_in_words() {
    let monday = date(2026, 4, 13);
    let all = Scope {
        group: Some(StaffGroupId(2)),
        plan: Some(PlanId(3)),
        dates: Some((monday, date(2026, 4, 19))),
        staff: Some(StaffId(7)),
        shift: Some(ShiftId(12)),
    };
    let level = |scope, name| rule(1, RuleKind::Cover, Mode::Off, scope).level(name);
    assert_eq!(
        level(all, Some("Nurses")),
        "shift 12, person, 2026-04-13 to 2026-04-19, plan 3, group Nurses"
    );
    assert_eq!(level(Scope { group: Some(StaffGroupId(2)), ..Scope::default() }, None), "group 2");
    assert_eq!(level(Scope { dates: Some((monday, monday)), ..Scope::default() }, None), "2026-04-13");
    assert_eq!(level(Scope::default(), None), "clinic");
}

fn any_scope() -> impl Strategy<Value = Scope> {
    let id = || prop::option::of(1..3_i64);
    (id(), id(), prop::option::of((1..4_u32, 0..3_u32)), id(), id()).prop_map(
        |(group, plan, dates, staff, shift)| Scope {
            group: group.map(StaffGroupId),
            plan: plan.map(PlanId),
            dates: dates.map(|(from, days)| (date(2026, 4, from), date(2026, 4, from + days))),
            staff: staff.map(StaffId),
            shift: shift.map(ShiftId),
        },
    )
}

fn applies(scope: &Scope, asked: &Asked<'_>) -> bool {
    scope.group.is_none_or(|id| asked.groups.iter().any(|(group, _)| *group == id))
        && scope.plan.is_none_or(|id| asked.plan == Some(id))
        && scope.dates.is_none_or(|(from, to)| (from..=to).contains(&asked.date))
        && scope.staff.is_none_or(|id| asked.staff == Some(id))
        && scope.shift.is_none_or(|id| asked.shift == Some(id))
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn what_applies_is_listed_once_and_what_holds_comes_first(
        scopes in prop::collection::vec((any_scope(), any::<bool>()), 0..12),
        day in 1..6_u32,
    ) {
        let mode = |is_waiver| if is_waiver { Mode::Waived } else { Mode::Hard };
        let rows: Vec<_> = scopes
            .iter()
            .zip(1..)
            .map(|((scope, is_waiver), id)| rule(id, RuleKind::MinRest, mode(*is_waiver), *scope))
            .collect();
        let rules = Rules::new(rows.clone());
        let groups = [(StaffGroupId(1), 1), (StaffGroupId(2), 2)];
        let asked = asked(&groups, date(2026, 4, day));
        let key = RuleKey::of(RuleKind::MinRest);
        let standings: Vec<_> =
            rules.standings(&asked, None).into_iter().filter(|standing| standing.rule.key == key).collect();
        let mut listed: Vec<_> = standings.iter().map(|standing| standing.rule.source).collect();
        listed.sort();
        let mut expected: Vec<_> =
            rows.iter().filter(|row| applies(&row.scope, &asked)).map(|row| row.source).collect();
        expected.push(Source::BuiltIn);
        expected.sort();
        prop_assert_eq!(listed, expected);
        let winners = |is_waiver: bool| -> Vec<_> {
            let of_sort = standings.iter().filter(|standing| (standing.rule.setting.mode == Mode::Waived) == is_waiver);
            of_sort.filter(|standing| standing.wins).map(|standing| standing.rule.source).collect()
        };
        prop_assert_eq!(winners(false), Vec::from_iter(rules.holding(&key, &asked).map(|rule| rule.source)));
        prop_assert_eq!(winners(true), Vec::from_iter(rules.waiver(&key, &asked).map(|rule| rule.source)));
        prop_assert!(standings[0].wins);
    }
}
