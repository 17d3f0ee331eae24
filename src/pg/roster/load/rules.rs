//! A clinic's rules and their overrides.

use std::collections::HashMap;

use chrono::NaiveDate;
use pg_clinic_core::ids::{PlanId, ShiftId, StaffGroupId, StaffId};
use pg_clinic_core::roster::catalog::{Mode, Period, RuleKind, Setting};
use pg_clinic_core::roster::settings::{Approval, Rule, RuleKey, Rules, Scope, Source};
use pg_clinic_core::roster::weeks::Weeks;
use pg_clinic_core::time::interval::Instant;

use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::Result;
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, param, statements};
use crate::pg::platform::values::missing_row;

statements! {
    /// Rules of the clinic.
    RULES(INT8OID) =
        "select id, rule_kind, shift_kind, next_shift_kind, period, rolling_days, mode, weight, over_weight, limit_value
         from clinic.rules where clinic_id = $1";
    /// Overrides of rules.
    OVERRIDES(INT8OID) =
        "select id, rule_kind, shift_kind, next_shift_kind, period, rolling_days, mode, weight, over_weight, limit_value,
           group_id, plan_id, from_date, to_date, staff_id, shift_id, missing, excess
         from clinic.rule_overrides where clinic_id = $1";
    /// The clinic's week.
    WEEKS(INT8OID) = "select week_starts_on, weekend_days::integer[] from clinic.clinics where id = $1";
    /// The people who approved overrides, and why.
    APPROVALS(INT8OID) = "select id, approved_by, reason from clinic.rule_overrides where clinic_id = $1";
    /// Whether a person is there.
    STAFF(INT8OID, INT8OID) = "select id from clinic.staff where clinic_id = $1 and id = $2";
    /// A person's groups.
    GROUPS(INT8OID, INT8OID) =
        "select g.id, g.priority, g.name from clinic.staff_group_members m
         join clinic.staff_groups g on g.clinic_id = m.clinic_id and g.id = m.group_id
         where m.clinic_id = $1 and m.staff_id = $2 order by g.id";
    /// A plan's first date.
    PLAN(INT8OID, INT8OID) = "select from_date from clinic.plans where clinic_id = $1 and id = $2";
    /// When a shift starts, and its kind.
    SHIFT(INT8OID, INT8OID) =
        "select lower(during) as starts_at, shift_kind from clinic.shifts where clinic_id = $1 and id = $2";
}

row! {
    /// A rule.
    struct RuleRow {
        id: i64,
        rule_kind: RuleKind as "clinic.rules",
        shift_kind: Option<String>,
        next_shift_kind: Option<String>,
        period: Option<Period> as "clinic.rules",
        rolling_days: Option<i32>,
        mode: Mode as "clinic.rules",
        weight: Option<i32>,
        over_weight: Option<i32>,
        limit_value: Option<i32>,
    }
}

row! {
    /// An override: a rule with its scope.
    struct OverrideRow {
        id: i64,
        rule_kind: RuleKind as "clinic.rule_overrides",
        shift_kind: Option<String>,
        next_shift_kind: Option<String>,
        period: Option<Period> as "clinic.rule_overrides",
        rolling_days: Option<i32>,
        mode: Mode as "clinic.rule_overrides",
        weight: Option<i32>,
        over_weight: Option<i32>,
        limit_value: Option<i32>,
        group_id: Option<i64>,
        plan_id: Option<i64>,
        from_date: Option<NaiveDate>,
        to_date: Option<NaiveDate>,
        staff_id: Option<i64>,
        shift_id: Option<i64>,
        missing: Option<i32>,
        excess: Option<i32>,
    }
}

row! {
    /// A clinic's week.
    struct WeeksRow {
        week_starts_on: i16,
        weekend_days: Vec<i32>,
    }
}

row! {
    /// An approval.
    struct ApprovalRow {
        id: i64,
        approved_by: String,
        reason: String,
    }
}

row! {
    /// A person's group.
    struct GroupRow {
        id: i64,
        priority: i32,
        name: String,
    }
}

row! {
    /// A shift.
    struct ShiftRow {
        starts_at: Instant,
        shift_kind: String,
    }
}

/// All rules of a clinic, those built in included.
pub fn rules(spi: &Spi, clinic: i64, access: Access) -> Result<Rules> {
    let rules: Vec<RuleRow> = spi.rows(&RULES, access, &[param(clinic)])?;
    let overrides: Vec<OverrideRow> = spi.rows(&OVERRIDES, access, &[param(clinic)])?;
    let rules = rules.into_iter().map(|row| Rule {
        setting: setting(row.mode, row.weight, row.over_weight, row.limit_value),
        key: RuleKey {
            kind: row.rule_kind,
            shift_kind: row.shift_kind,
            next_shift_kind: row.next_shift_kind,
            period: row.period,
            rolling_days: row.rolling_days.map(i64::from),
        },
        scope: Scope::default(),
        source: Source::Rule(row.id),
    });
    let overrides = overrides.into_iter().map(|row| Approval {
        missing: row.missing.map_or(0, i64::from),
        excess: row.excess.map_or(0, i64::from),
        rule: override_of(row),
    });
    let (approvals, overrides): (Vec<_>, Vec<_>) =
        overrides.partition(|row| row.rule.setting.mode == Mode::Waived);
    let rules = rules.chain(overrides.into_iter().map(|row| row.rule)).collect();
    Ok(Rules::new(rules).with_approvals(approvals).with_weeks(weeks(spi, clinic, access)?))
}

/// The clinic's week.
fn weeks(spi: &Spi, clinic: i64, access: Access) -> Result<Weeks> {
    let row: Option<WeeksRow> = spi.row(&WEEKS, access, &[param(clinic)])?;
    Ok(row.map_or_else(Weeks::default, |row| {
        let weekend: Vec<u32> = row.weekend_days.iter().map(|day| *day as u32).collect();
        Weeks::new(row.week_starts_on as u32, &weekend)
    }))
}

fn override_of(row: OverrideRow) -> Rule {
    Rule {
        setting: setting(row.mode, row.weight, row.over_weight, row.limit_value),
        key: RuleKey {
            kind: row.rule_kind,
            shift_kind: row.shift_kind,
            next_shift_kind: row.next_shift_kind,
            period: row.period,
            rolling_days: row.rolling_days.map(i64::from),
        },
        scope: Scope {
            group: row.group_id.map(StaffGroupId),
            plan: row.plan_id.map(PlanId),
            dates: row.from_date.zip(row.to_date),
            staff: row.staff_id.map(StaffId),
            shift: row.shift_id.map(ShiftId),
        },
        source: Source::Override(row.id),
    }
}

/// A setting from its columns; those that a kind doesn't read are NULL.
fn setting(mode: Mode, weight: Option<i32>, over_weight: Option<i32>, limit: Option<i32>) -> Setting {
    let weight = weight.map_or(0, i64::from);
    Setting {
        mode,
        weight,
        over_weight: over_weight.map_or(weight, i64::from),
        limit: limit.map_or(0, i64::from),
    }
}

/// The people who approved overrides, and why, by id.
pub type Approvals = HashMap<i64, (String, String)>;

/// Reads them.
pub fn approvals(spi: &Spi, clinic: i64) -> Result<Approvals> {
    let rows: Vec<ApprovalRow> = spi.rows(&APPROVALS, Access::Snapshot, &[param(clinic)])?;
    Ok(rows.into_iter().map(|row| (row.id, (row.approved_by, row.reason))).collect())
}

/// The person, plan and shift of a question about rules.
#[derive(Clone, Copy, Debug)]
pub struct Ids {
    /// The person.
    pub staff: Option<i64>,
    /// The plan.
    pub plan: Option<i64>,
    /// The shift.
    pub shift: Option<i64>,
}

/// The rows of a question about rules.
pub struct Place {
    /// The date: the one given, else the shift's, else today.
    pub date: NaiveDate,
    /// The shift's kind, if a shift is given.
    pub shift_kind: Option<String>,
    /// The plan's first date, if a plan is given.
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
        spi.value::<i64>(&STAFF, access, &[param(clinic), param(id)])?
            .ok_or_else(|| missing_row("staff member", "staff", "name", clinic, id))?;
    }
    let plan_from = match ids.plan {
        Some(id) => Some(
            spi.value::<NaiveDate>(&PLAN, access, &[param(clinic), param(id)])?
                .ok_or_else(|| missing_row("plan", "plans", "from_date", clinic, id))?,
        ),
        None => None,
    };
    let shift = match ids.shift {
        Some(id) => Some(
            spi.row::<ShiftRow>(&SHIFT, access, &[param(clinic), param(id)])?
                .ok_or_else(|| missing_row("shift", "shifts", "during", clinic, id))?,
        ),
        None => None,
    };
    let at = shift.as_ref().map_or(now, |shift| shift.starts_at);
    let mut place = Place {
        date: date.map_or_else(|| opened.today(at), Ok)?,
        shift_kind: shift.map(|shift| shift.shift_kind),
        plan_from,
        groups: Vec::new(),
        group_names: HashMap::new(),
    };
    for row in spi.rows::<GroupRow>(&GROUPS, access, &[param(clinic), ids.staff.and_then(param)])? {
        place.groups.push((StaffGroupId(row.id), i64::from(row.priority)));
        place.group_names.insert(StaffGroupId(row.id), row.name);
    }
    Ok(place)
}
