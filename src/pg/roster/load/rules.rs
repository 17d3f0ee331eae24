//! A clinic's rules and their overrides.

use std::collections::HashMap;

use chrono::NaiveDate;
use pg_clinic_core::ids::{PlanId, ShiftId, StaffGroupId, StaffId};
use pg_clinic_core::roster::catalog::{Mode, Period, RuleKind, Setting};
use pg_clinic_core::roster::rules::{Rule, RuleKey, Rules, Scope, Source};
use pg_clinic_core::time::calendar::date_from_pg_days;
use pg_clinic_core::time::interval::Instant;

use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::spi::{Access, Row, Spi, param, statements};
use crate::pg::platform::values::missing_row;

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
    /// Who approved an override, and why.
    APPROVALS(INT8OID) = "select id, approved_by, reason from clinic.rule_overrides where clinic_id = $1";
    /// Whether a person is there.
    STAFF(INT8OID, INT8OID) = "select from clinic.staff where clinic_id = $1 and id = $2";
    /// A person's groups.
    GROUPS(INT8OID, INT8OID) =
        "select g.id, g.priority, g.name from clinic.staff_group_members m
         join clinic.staff_groups g on g.clinic_id = m.clinic_id and g.id = m.group_id
         where m.clinic_id = $1 and m.staff_id = $2 order by g.id";
    /// A plan's first date.
    PLAN(INT8OID, INT8OID) = "select from_date from clinic.plans where clinic_id = $1 and id = $2";
    /// When a shift starts, and its kind.
    SHIFT(INT8OID, INT8OID) = "select lower(during), kind from clinic.shifts where clinic_id = $1 and id = $2";
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

/// Who approved overrides, and why, by id.
pub type Approvals = HashMap<i64, (String, String)>;

/// Reads them.
pub fn approvals(spi: &Spi, clinic: i64) -> Result<Approvals> {
    let rows = spi.query(&APPROVALS, Access::Snapshot, &[param(clinic)], |row| {
        Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))
    })?;
    Ok(rows.into_iter().collect())
}

/// For whom and what rules are asked about.
#[derive(Clone, Copy, Debug)]
pub struct Ids {
    /// The person.
    pub staff: Option<i64>,
    /// The plan.
    pub plan: Option<i64>,
    /// The shift.
    pub shift: Option<i64>,
}

/// What the rows say of them.
pub struct Place {
    /// The date: as asked, else the shift's, else today.
    pub date: NaiveDate,
    /// The shift's kind, if one asks.
    pub shift_kind: Option<String>,
    /// The plan's first date, if one asks.
    pub plan_from: Option<NaiveDate>,
    /// The person's groups with their priorities.
    pub groups: Vec<(StaffGroupId, i64)>,
    /// The names of these groups.
    pub group_names: HashMap<StaffGroupId, String>,
}

/// Reads it; ids that aren't there are refused.
pub fn place(spi: &Spi, opened: &Opened, ids: &Ids, date: Option<NaiveDate>, now: Instant) -> Result<Place> {
    let (clinic, access) = (opened.clinic, Access::Snapshot);
    if let Some(id) = ids.staff {
        spi.first(&STAFF, access, &[param(clinic), param(id)], |_| Ok(()))?
            .ok_or_else(|| missing_row("staff member", "staff", "name", clinic, id))?;
    }
    let plan_from = match ids.plan {
        Some(id) => spi
            .first(&PLAN, access, &[param(clinic), param(id)], |row| row.pg_days(0))?
            .ok_or_else(|| missing_row("plan", "plans", "from_date", clinic, id))?
            .and_then(date_from_pg_days),
        None => None,
    };
    let (starts, shift_kind) = match ids.shift {
        Some(id) => {
            let params = [param(clinic), param(id)];
            spi.first(&SHIFT, access, &params, |row| Ok((row.micros(0)?.map(Instant), row.opt(1)?)))?
                .ok_or_else(|| missing_row("shift", "shifts", "during", clinic, id))?
        }
        None => (None, None),
    };
    let mut place = Place {
        date: date.map_or_else(|| opened.today(starts.unwrap_or(now)), Ok)?,
        shift_kind,
        plan_from,
        groups: Vec::new(),
        group_names: HashMap::new(),
    };
    spi.execute(&GROUPS, access, &[param(clinic), ids.staff.and_then(param)], 0)?.for_each(|row| {
        let id = StaffGroupId(row.get(0)?);
        place.groups.push((id, row.get::<i32>(1)?.into()));
        place.group_names.insert(id, row.get(2)?);
        Ok(())
    })?;
    Ok(place)
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
