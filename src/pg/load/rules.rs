//! A clinic's rules and their overrides.

use pg_clinic_core::calendar::date_from_pg_days;
use pg_clinic_core::ids::{PlanId, ShiftId, StaffGroupId, StaffId};
use pg_clinic_core::roster::catalogue::{Period, RuleKind};
use pg_clinic_core::roster::rules::{Mode, Rule, RuleKey, Rules, Scope, Setting, Source};

use super::super::error::{ClinicError, Result, SqlState};
use super::super::spi::{Access, Row, Spi, param, statements};

statements! {
    /// Rules of the clinic: what each is about and what it sets.
    RULES(INT8OID) =
        "select id, kind, shift_kind, next_shift_kind, period, mode, weight, over_weight, limit_value
         from clinic.rules where clinic_id = $1";
    /// The same of overrides, then their scope.
    OVERRIDES(INT8OID) =
        "select id, kind, shift_kind, next_shift_kind, period, mode, weight, over_weight, limit_value,
           group_id, plan_id, from_date, to_date, staff_id, shift_id
         from clinic.rule_overrides where clinic_id = $1";
}

/// All rules of a clinic, those built in included.
pub fn rules(spi: &Spi, clinic: i64, access: Access) -> Result<Rules> {
    let mut rules = spi.query(&RULES, access, &[param(clinic)], |row| {
        Ok(Rule {
            key: key(row)?,
            scope: Scope::default(),
            setting: setting(row)?,
            source: Source::Rule(row.get(0)?),
        })
    })?;
    rules.extend(spi.query(&OVERRIDES, access, &[param(clinic)], |row| {
        Ok(Rule {
            key: key(row)?,
            scope: scope(row)?,
            setting: setting(row)?,
            source: Source::Override(row.get(0)?),
        })
    })?);
    Ok(Rules::new(rules))
}

fn key(row: &Row<'_>) -> Result<RuleKey> {
    let kind: &str = row.get(1)?;
    let period: Option<&str> = row.opt(4)?;
    Ok(RuleKey {
        kind: RuleKind::parse(kind).ok_or_else(|| unknown("kind", kind))?,
        shift_kind: row.opt(2)?,
        next_shift_kind: row.opt(3)?,
        period: period.map(|word| Period::parse(word).ok_or_else(|| unknown("period", word))).transpose()?,
    })
}

fn setting(row: &Row<'_>) -> Result<Setting> {
    let mode: &str = row.get(5)?;
    let number = |column: usize| Ok(row.opt::<i32>(column)?.map(i64::from));
    let weight = number(6)?.unwrap_or(0);
    Ok(Setting {
        mode: Mode::parse(mode).ok_or_else(|| unknown("mode", mode))?,
        weight,
        over_weight: number(7)?.unwrap_or(weight),
        limit: number(8)?.unwrap_or(0),
    })
}

fn scope(row: &Row<'_>) -> Result<Scope> {
    let date = |column: usize| Ok(row.pg_days(column)?.and_then(date_from_pg_days));
    Ok(Scope {
        group: row.opt(9)?.map(StaffGroupId),
        plan: row.opt(10)?.map(PlanId),
        dates: date(11)?.zip(date(12)?),
        staff: row.opt(13)?.map(StaffId),
        shift: row.opt(14)?.map(ShiftId),
    })
}

fn unknown(column: &str, word: &str) -> ClinicError {
    ClinicError::new(SqlState::SetUp, format!("a rule in schema clinic has the unknown {column} \"{word}\""))
        .hint("select * from rule_kinds() lists the kinds there are. A newer version may have written it.")
}
