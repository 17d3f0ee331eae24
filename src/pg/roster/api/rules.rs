//! rule_kinds, effective_rules: which rules there are, and which hold.

use pg_clinic_core::ids::{PlanId, ShiftId, StaffId};
use pg_clinic_core::roster::catalog::{CATALOG, Entry, Modes, Period};
use pg_clinic_core::roster::rules::{Asked, Source, Standing};
use pgrx::{IntoDatum, pg_sys};

use crate::pg::platform::args::{Args, ResultSet, sql_functions, text};
use crate::pg::platform::error::Result;
use crate::pg::platform::spi::{self, Access};
use crate::pg::platform::{clinic, session};
use crate::pg::roster::load::any_plan;
use crate::pg::roster::load::rules::{self, Approvals, Place};
use crate::pg::setup::rule_lists::is_settable;

sql_functions! {
    pg_clinic_rule_kinds, pg_finfo_pg_clinic_rule_kinds => rule_kinds;
    pg_clinic_effective_rules, pg_finfo_pg_clinic_effective_rules => effective_rules;
}

fn rule_kinds(args: &Args) -> Result<pg_sys::Datum> {
    let mut set = ResultSet::new(args);
    for entry in CATALOG {
        let built_in = entry.built_in;
        set.push([
            text(entry.name),
            text(entry.unit),
            modes(entry).into_datum(),
            takes(entry).into_datum(),
            text(built_in.mode.as_str()),
            (built_in.mode.has_weight() && !entry.is_factor()).then_some(built_in.weight).into_datum(),
            (built_in.mode.has_limit() && !entry.unit.is_empty()).then_some(built_in.limit).into_datum(),
            entry.about.scopes().to_vec().into_datum(),
            text(entry.doc),
        ]);
    }
    Ok(set.done())
}

/// The modes that people can set.
fn modes(entry: &Entry) -> Vec<&'static str> {
    match entry.modes {
        _ if !is_settable(entry) => vec![],
        Modes::Hard => vec!["hard", "off"],
        Modes::Soft => vec!["soft", "off"],
        Modes::Both => vec!["hard", "soft", "off"],
    }
}

/// Columns of `clinic.rules` that the kind reads; those with `!` it needs.
fn takes(entry: &Entry) -> Vec<&'static str> {
    let columns = [
        ("shift_kind", entry.takes_shift_kind && !entry.needs_succession),
        ("shift_kind!", entry.needs_succession),
        ("next_shift_kind!", entry.needs_succession),
        ("period!", entry.needs_period),
        ("limit_value!", !entry.unit.is_empty()),
    ];
    columns.into_iter().filter(|(_, is_read)| *is_read).map(|(name, _)| name).collect()
}

/// Arguments: staff_id, on_date, plan_id, shift_id, clinic_id.
fn effective_rules(args: &Args) -> Result<pg_sys::Datum> {
    let on_date = args.date(1, "on_date")?;
    let ids = rules::Ids { staff: args.opt(0), plan: args.opt(2), shift: args.opt(3) };
    let (rules, approvals, place) = spi::connect(|spi| {
        let access = Access::Snapshot;
        let opened = clinic::open(spi, args.opt(4), access)?;
        let place = rules::place(spi, &opened, &ids, on_date, session::now())?;
        let mut rules = rules::rules(spi, opened.clinic, access)?;
        if let Some(id) = ids.plan {
            for (kind, weight) in any_plan(spi, &opened, id, access)?.options.weights {
                rules.reweigh(kind, weight);
            }
        }
        Ok((rules, rules::approvals(spi, opened.clinic)?, place))
    })?;
    let asked = Asked {
        staff: ids.staff.map(StaffId),
        groups: &place.groups,
        plan: ids.plan.map(PlanId),
        date: place.date,
        shift: ids.shift.map(ShiftId),
        shift_kind: place.shift_kind.as_deref(),
    };
    let mut set = ResultSet::new(args);
    for standing in rules.standings(&asked, place.plan_from) {
        push(&mut set, &standing, &approvals, &place);
    }
    Ok(set.done())
}

fn push(set: &mut ResultSet, standing: &Standing<'_>, approvals: &Approvals, place: &Place) {
    let (rule, key, setting) = (standing.rule, &standing.rule.key, standing.rule.setting);
    let entry = key.kind.entry();
    let (source, approval) = match rule.source {
        Source::BuiltIn => ("built-in".to_owned(), None),
        Source::Rule(id) => (format!("rule {id}"), None),
        Source::Override(id) => (format!("override {id}"), approvals.get(&id)),
    };
    let group_name = rule.scope.group.and_then(|id| place.group_names.get(&id)).map(String::as_str);
    let weight = |points: i64, is_read: bool| {
        (is_read && setting.mode.has_weight() && !entry.is_factor()).then_some(points).into_datum()
    };
    set.push([
        text(entry.name),
        key.shift_kind.as_deref().and_then(text),
        key.next_shift_kind.as_deref().and_then(text),
        key.period.map(Period::as_str).and_then(text),
        standing.wins.into_datum(),
        text(&rule.level(group_name)),
        text(&source),
        text(setting.mode.as_str()),
        weight(setting.weight, true),
        weight(setting.over_weight, entry.has_over_weight()),
        (setting.mode.has_limit() && !entry.unit.is_empty()).then_some(setting.limit).into_datum(),
        approval.and_then(|(approved_by, _)| text(approved_by)),
        approval.and_then(|(_, reason)| text(reason)),
    ]);
}
