//! Which settings apply to a place, which of them holds, and in which words.

use chrono::NaiveDate;
use pg_clinic_core::ids::{PlanId, ShiftId, StaffGroupId, StaffId};
use pg_clinic_core::roster::catalog::{Mode, Period, RuleKind, Setting};
use pg_clinic_core::roster::rules::catalog;
use pg_clinic_core::roster::settings::{Approval, Holding, Rule, RuleKey, RuleQuery, Rules, Scope, Source};
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

fn approved(rule: Rule) -> Approval {
    Approval { rule, missing: 0, excess: 0 }
}

fn query<'a>(groups: &'a [(StaffGroupId, i64)], date: NaiveDate) -> RuleQuery<'a> {
    let shift_kind = Some("day");
    RuleQuery {
        staff: Some(StaffId(1)),
        groups,
        plan: Some(PlanId(1)),
        date,
        shift: Some(ShiftId(1)),
        shift_kind,
    }
}

#[test]
fn without_rows_the_built_in_settings_win() {
    let rules = Rules::new(vec![]);
    let holdings = rules.holdings(&query(&[], date(2026, 4, 13)), None);
    assert_eq!(holdings.len(), catalog().len());
    assert!(holdings.iter().all(|holding| holding.wins && holding.rule.scope_text(None) == "built-in"));
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
    let text = |scope, name| rule(1, RuleKind::Cover, Mode::Off, scope).scope_text(name);
    assert_eq!(text(all, Some("Nurses")), "shift 12, person, 2026-04-13 to 2026-04-19, plan 3, group Nurses");
    assert_eq!(text(Scope { group: Some(StaffGroupId(2)), ..Scope::default() }, None), "group 2");
    assert_eq!(text(Scope { dates: Some((monday, monday)), ..Scope::default() }, None), "2026-04-13");
    assert_eq!(text(Scope::default(), None), "clinic");
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

fn applies(scope: &Scope, query: &RuleQuery<'_>) -> bool {
    scope.group.is_none_or(|id| query.groups.iter().any(|(group, _)| *group == id))
        && scope.plan.is_none_or(|id| query.plan == Some(id))
        && scope.dates.is_none_or(|(from, to)| (from..=to).contains(&query.date))
        && scope.staff.is_none_or(|id| query.staff == Some(id))
        && scope.shift.is_none_or(|id| query.shift == Some(id))
}

/// Source and whether it wins, of one kind.
fn listed(rules: &Rules, query: &RuleQuery<'_>, kind: RuleKind) -> Vec<(Source, bool)> {
    let holdings = rules.holdings(query, None).into_iter();
    let of_kind = holdings.filter(|holding| holding.rule.key.kind == kind);
    of_kind.map(|holding| (holding.rule.source, holding.wins)).collect()
}

#[test]
fn a_shift_has_one_rule_of_cover() {
    let clinic = Scope::default();
    let of = |id, kind: &str, scope| {
        let key = RuleKey { shift_kind: Some(kind.to_owned()), ..RuleKey::of(RuleKind::Cover) };
        Rule { key, ..rule(id, RuleKind::Cover, Mode::Soft, scope) }
    };
    let one_shift = Scope { shift: Some(ShiftId(1)), ..clinic };
    let own = rule(3, RuleKind::Cover, Mode::Hard, one_shift);
    let (day, night) = (of(1, "day", clinic), of(2, "night", clinic));
    let rules = Rules::new(vec![day.clone(), night.clone(), own.clone()]);
    let of_shift = query(&[], date(2026, 4, 13));
    let [first, second, built_in] = [Source::Override(1), Source::Override(2), Source::BuiltIn];
    let expected = vec![(Source::Override(3), true), (first, false), (built_in, false)];
    assert_eq!(listed(&rules, &of_shift, RuleKind::Cover), expected);
    // Without a shift, each kind of shift and the others.
    let of_none = RuleQuery { shift: None, shift_kind: None, ..of_shift };
    let expected = vec![(built_in, true), (first, true), (second, true)];
    assert_eq!(listed(&rules, &of_none, RuleKind::Cover), expected);
    // One for the plan beats those of the kinds.
    let of_plan = rule(4, RuleKind::Cover, Mode::Off, Scope { plan: Some(PlanId(1)), ..clinic });
    let rules = Rules::new(vec![day, night, own, of_plan]);
    let expected = vec![(Source::Override(4), true), (built_in, false), (first, false), (second, false)];
    assert_eq!(listed(&rules, &of_none, RuleKind::Cover), expected);
}

#[test]
fn that_a_kind_is_off_is_told_where_nothing_else_is() {
    let key = RuleKey { period: Some(Period::Week), ..RuleKey::of(RuleKind::MaxShifts) };
    let of_ana = Scope { staff: Some(StaffId(1)), ..Scope::default() };
    let rules = Rules::new(vec![Rule { key, ..rule(1, RuleKind::MaxShifts, Mode::Hard, of_ana) }]);
    let ana = query(&[], date(2026, 4, 13));
    assert_eq!(listed(&rules, &ana, RuleKind::MaxShifts), [(Source::Override(1), true)]);
    let ben = RuleQuery { staff: Some(StaffId(2)), ..ana };
    assert_eq!(listed(&rules, &ben, RuleKind::MaxShifts), [(Source::BuiltIn, true)]);
}

#[test]
fn an_approval_of_a_rule_that_is_off_decides_nothing() {
    let one_shift = Scope { shift: Some(ShiftId(1)), ..Scope::default() };
    let approvals = || vec![approved(rule(1, RuleKind::TimeOff, Mode::Waived, one_shift))];
    let query = query(&[], date(2026, 4, 13));
    // The rule stays, beside what is approved.
    let expected = [(Source::Override(1), true), (Source::BuiltIn, true)];
    let rules = Rules::new(Vec::new()).with_approvals(approvals());
    assert_eq!(listed(&rules, &query, RuleKind::TimeOff), expected);
    let off = rule(2, RuleKind::TimeOff, Mode::Off, Scope::default());
    let expected = [(Source::Override(1), false), (Source::Override(2), true), (Source::BuiltIn, false)];
    let rules = Rules::new(vec![off]).with_approvals(approvals());
    assert_eq!(listed(&rules, &query, RuleKind::TimeOff), expected);
}

/// An override whose dates have no first date of a period holds nowhere; for single days any date does.
#[test]
fn an_override_inside_a_period_is_idle() {
    let (monday, sunday) = (date(2026, 4, 13), date(2026, 4, 19));
    let idle = |kind, period, dates, plan, (from, to)| {
        let scope = Scope { dates: Some(dates), plan, ..Scope::default() };
        let key = RuleKey { period, ..RuleKey::of(kind) };
        let rules = Rules::new(vec![Rule { key, ..rule(7, kind, Mode::Hard, scope) }]);
        rules.idle_override(Some(PlanId(1)), from, to).map(|(id, dates)| (id, dates.len()))
    };
    let wednesday = (date(2026, 4, 15), date(2026, 4, 16));
    let week = (monday, sunday);
    assert_eq!(idle(RuleKind::MaxShifts, Some(Period::Week), wednesday, None, week), Some((7, 1)));
    assert_eq!(idle(RuleKind::MaxShifts, Some(Period::Week), (monday, monday), None, week), None);
    assert_eq!(idle(RuleKind::MaxShifts, Some(Period::Day), wednesday, None, week), None);
    assert_eq!(idle(RuleKind::MinRest, None, wednesday, None, week), None);
    // Of a plan that begins on Wednesday that is the first date.
    assert_eq!(idle(RuleKind::MaxShifts, Some(Period::Week), wednesday, None, (wednesday.0, sunday)), None);
    // What is meant for other dates, or another plan, isn't looked at; the plan's own is.
    let may = (date(2026, 5, 13), date(2026, 5, 14));
    assert_eq!(idle(RuleKind::MaxShifts, Some(Period::Month), may, None, week), None);
    assert_eq!(idle(RuleKind::MaxShifts, Some(Period::Month), may, Some(PlanId(2)), week), None);
    assert_eq!(idle(RuleKind::MinRest, None, may, Some(PlanId(1)), week), Some((7, 7)));
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
            .map(|((scope, is_waiver), id)| rule(id, RuleKind::TimeOff, mode(*is_waiver), *scope))
            .collect();
        let (approvals, settings): (Vec<_>, Vec<_>) =
            rows.iter().cloned().partition(|row| row.setting.mode == Mode::Waived);
        let approvals: Vec<_> = approvals.into_iter().map(approved).collect();
        let rules = Rules::new(settings).with_approvals(approvals);
        let groups = [(StaffGroupId(1), 1), (StaffGroupId(2), 2)];
        let query = query(&groups, date(2026, 4, day));
        let key = RuleKey::of(RuleKind::TimeOff);
        let holdings: Vec<_> =
            rules.holdings(&query, None).into_iter().filter(|holding| holding.rule.key == key).collect();
        let mut listed: Vec<_> = holdings.iter().map(|holding| holding.rule.source).collect();
        listed.sort();
        let mut expected: Vec<_> =
            rows.iter().filter(|row| applies(&row.scope, &query)).map(|row| row.source).collect();
        expected.push(Source::BuiltIn);
        expected.sort();
        prop_assert_eq!(listed, expected);
        let (approvals, settings) =
            holdings.iter().partition::<Vec<_>, _>(|holding| holding.rule.setting.mode == Mode::Waived);
        prop_assert!(approvals.iter().all(|holding: &&Holding<'_>| holding.wins));
        let winners: Vec<_> =
            settings.iter().filter(|holding| holding.wins).map(|holding| holding.rule.source).collect();
        let expected = rules.holding(&key, &query).map(|rule| rule.source);
        prop_assert_eq!(winners, Vec::from_iter(expected));
        prop_assert!(settings[0].wins && settings.len() + approvals.len() == holdings.len());
    }
}
