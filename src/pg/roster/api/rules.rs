//! rule_kinds, effective_rules: which rules there are, and which hold.

use pg_clinic_core::ids::{PlanId, ShiftId, StaffId};
use pg_clinic_core::roster::catalog::Mode;
use pg_clinic_core::roster::rules::catalog;
use pg_clinic_core::roster::settings::{Holding, RuleQuery, Source};
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::error::Result;
use crate::pg::platform::signatures::{Rows, signatures};
use crate::pg::platform::spi::{self, Access};
use crate::pg::platform::sql_types::{Bigint, Boolean, Date, Text, TextArray};
use crate::pg::platform::{clinic, session};
use crate::pg::roster::load::any_plan;
use crate::pg::roster::load::rules::{self, Approvals, Place};

sql_functions! {
    pg_clinic_rule_kinds, pg_finfo_pg_clinic_rule_kinds => rule_kinds;
    pg_clinic_effective_rules, pg_finfo_pg_clinic_effective_rules => effective_rules;
}

signatures! {
    /// Arguments of `rule_kinds`.
    RuleKinds = rule_kinds() -> table RuleKindRow {
        rule_kind: Text, unit: Text, modes: TextArray, columns: TextArray, built_in_mode: Text, built_in_weight: Bigint,
        built_in_limit: Bigint, scopes: TextArray, meaning: Text,
    };
    /// Arguments of `effective_rules`.
    EffectiveRules = effective_rules(
        staff_id: Bigint = null, on_date: Date = null, plan_id: Bigint = null, shift_id: Bigint = null,
        clinic_id: Bigint = null,
    ) -> table EffectiveRule {
        rule_kind: Text, shift_kind: Text, next_shift_kind: Text, period: Text, wins: Boolean, scope: Text, source: Text,
        mode: Text, weight: Bigint, over_weight: Bigint, limit_value: Bigint, approved_by: Text, reason: Text,
    };
}

fn rule_kinds(args: &Args) -> Result<pg_sys::Datum> {
    let RuleKinds {} = RuleKinds::read(args)?;
    let mut rows = Rows::<RuleKindRow>::new(args);
    for entry in catalog() {
        let built_in = &entry.built_in;
        let modes: Vec<_> = entry.settable_modes().iter().copied().map(Mode::as_str).collect();
        rows.push(RuleKindRow {
            rule_kind: entry.kind.as_str().into(),
            unit: entry.unit.into(),
            modes: modes.into(),
            columns: entry.columns().into(),
            built_in_mode: built_in.mode.as_str().into(),
            built_in_weight: entry.weight_of(built_in).into(),
            built_in_limit: entry.limit_of(built_in).into(),
            scopes: entry.about.scopes().to_vec().into(),
            meaning: entry.meaning.into(),
        });
    }
    Ok(rows.done())
}

fn effective_rules(args: &Args) -> Result<pg_sys::Datum> {
    let EffectiveRules { staff_id, on_date, plan_id, shift_id, clinic_id } = EffectiveRules::read(args)?;
    let ids = rules::Ids { staff: staff_id, plan: plan_id, shift: shift_id };
    let (rules, approvals, place) = spi::connect(|spi| {
        let access = Access::Snapshot;
        let opened = clinic::open(spi, clinic_id, access)?;
        let place = rules::place(spi, &opened, &ids, on_date, session::now())?;
        let mut rules = rules::rules(spi, opened.clinic, access)?;
        if let Some(id) = plan_id {
            for (kind, weight) in any_plan(spi, &opened, id, access)?.options.weights {
                rules.reweigh(kind, weight);
            }
        }
        Ok((rules, rules::approvals(spi, opened.clinic)?, place))
    })?;
    let query = RuleQuery {
        staff: staff_id.map(StaffId),
        groups: &place.groups,
        plan: plan_id.map(PlanId),
        date: place.date,
        shift: shift_id.map(ShiftId),
        shift_kind: place.shift_kind.as_deref(),
    };
    let mut rows = Rows::<EffectiveRule>::new(args);
    for holding in rules.holdings(&query, place.plan_from) {
        rows.push(effective_rule(&holding, &approvals, &place));
    }
    Ok(rows.done())
}

fn effective_rule(holding: &Holding<'_>, approvals: &Approvals, place: &Place) -> EffectiveRule {
    let (rule, key, setting) = (holding.rule, &holding.rule.key, &holding.rule.setting);
    let entry = key.kind.entry();
    let approval = match rule.source {
        Source::BuiltIn | Source::Rule(_) => None,
        Source::Override(id) => approvals.get(&id),
    };
    let group_name = rule.scope.group.and_then(|id| place.group_names.get(&id)).map(String::as_str);
    EffectiveRule {
        rule_kind: key.kind.as_str().into(),
        shift_kind: key.shift_kind.as_deref().into(),
        next_shift_kind: key.next_shift_kind.as_deref().into(),
        period: key.period_text().into(),
        wins: holding.wins.into(),
        scope: rule.scope_text(group_name).into(),
        source: rule.source.to_string().into(),
        mode: setting.mode.as_str().into(),
        weight: entry.weight_of(setting).into(),
        over_weight: entry.over_weight_of(setting).into(),
        limit_value: entry.limit_of(setting).into(),
        approved_by: approval.map(|(approved_by, _)| approved_by.as_str()).into(),
        reason: approval.map(|(_, reason)| reason.as_str()).into(),
    }
}
