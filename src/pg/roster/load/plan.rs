//! Plans as rows, and the problem a plan is an answer to.

use chrono::NaiveDate;
use pg_clinic_core::roster::catalog::RuleKind;
use pg_clinic_core::time::calendar::date_from_pg_days;
use pgrx::JsonB;
use serde_json::{Map, Value, json};

use super::{Asked, Loaded, Reference, problem};
use crate::pg::platform::clinic::Opened;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::spi::{Access, Row, Spi, param, statements};

statements! {
    /// A plan.
    PLAN(INT8OID, INT8OID) =
        "select p.id, p.kind, p.from_date, p.to_date, p.status, p.options, p.promoted_by, p.input_fingerprint,
           (select q.id from clinic.plans q
            where q.clinic_id = p.clinic_id and q.id = p.parent_plan_id and q.status in ('OPTIMAL', 'FEASIBLE'))
         from clinic.plans p where p.clinic_id = $1 and p.id = $2";
}

/// Largest weight, in what-if options as in the table of rules.
const MAX_WEIGHT: i64 = 1_000_000;

/// What-if options: they stay with the plan.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// People left out.
    pub without: Vec<i64>,
    /// Other weights, by kind of rule.
    pub weights: Vec<(RuleKind, i64)>,
}

/// What a plan plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanKind {
    /// Shifts.
    Roster,
    /// Visits.
    Rounds,
}

impl PlanKind {
    /// Its name in SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Roster => "roster",
            Self::Rounds => "rounds",
        }
    }
}

/// A row of `clinic.plans`.
pub struct Plan {
    /// Its id.
    pub id: i64,
    /// What it plans.
    pub kind: PlanKind,
    /// First date.
    pub from: NaiveDate,
    /// Last date.
    pub to: NaiveDate,
    /// DRAFT, OPTIMAL …
    pub status: String,
    /// What-if options.
    pub options: Options,
    /// Who made it the record, if somebody did.
    pub promoted_by: Option<String>,
    /// What it was made from: see [`pg_clinic_core::roster::plan::fingerprint`].
    pub fingerprint: Option<String>,
    /// What it stays close to.
    pub reference: Reference,
}

impl Options {
    /// From an argument `weights`: `{"load_balance": 20}`.
    pub fn weights_of(given: Option<&Value>) -> Result<Vec<(RuleKind, i64)>> {
        let Some(given) = given else { return Ok(Vec::new()) };
        let Value::Object(given) = given else {
            return Err(ClinicError::new(SqlState::InvalidArgument, "weights must be a JSON object")
                .hint("Such as '{\"load_balance\": 20}'."));
        };
        let mut weights: Vec<(RuleKind, i64)> = Vec::new();
        for (name, weight) in given {
            let kind = RuleKind::parse(name).ok_or_else(|| unknown_kind(name))?;
            let weight =
                whole(weight).filter(|weight| (0..=MAX_WEIGHT).contains(weight)).ok_or_else(|| {
                    ClinicError::new(
                        SqlState::InvalidArgument,
                        format!("the weight of {name} must be a whole number from 0 to {MAX_WEIGHT}"),
                    )
                    .detail(format!("It is {weight}."))
                })?;
            weights.push((kind, weight));
        }
        weights.sort();
        Ok(weights)
    }

    /// As kept in `clinic.plans.options`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut options = Map::new();
        if !self.without.is_empty() {
            options.insert("without".to_owned(), json!(self.without));
        }
        if !self.weights.is_empty() {
            let weights = self.weights.iter().map(|(kind, weight)| (kind.as_str().to_owned(), json!(weight)));
            options.insert("weights".to_owned(), Value::Object(weights.collect()));
        }
        Value::Object(options)
    }

    fn from_json(options: &Value) -> Result<Self> {
        let ids = options.get("without").and_then(Value::as_array);
        let without = ids.into_iter().flatten().filter_map(Value::as_i64).collect();
        Ok(Self { without, weights: Self::weights_of(options.get("weights"))? })
    }
}

/// A whole number, however it is written: 5, 5.0.
fn whole(number: &Value) -> Option<i64> {
    let of_float = || number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 1e15);
    number.as_i64().or_else(|| of_float().map(|float| float as i64))
}

/// The error for a kind of rule that isn't in the catalog.
pub fn unknown_kind(name: &str) -> ClinicError {
    ClinicError::new(SqlState::InvalidArgument, format!("there is no kind of rule \"{name}\""))
        .hint("select kind, meaning from rule_kinds() lists those there are.")
}

/// Reads a plan of a roster.
pub fn plan(spi: &Spi, opened: &Opened, id: i64, access: Access) -> Result<Plan> {
    let plan = any_plan(spi, opened, id, access)?;
    match plan.kind {
        PlanKind::Roster => Ok(plan),
        PlanKind::Rounds => Err(ClinicError::new(SqlState::WrongState, format!("plan {id} is no roster"))
            .detail("It is a plan of rounds.")
            .hint(format!(
                "To plan the day again: select * from plan_rounds('{}', parent_plan_id => {id})",
                plan.from
            ))),
    }
}

/// Reads a plan of either kind.
pub fn any_plan(spi: &Spi, opened: &Opened, id: i64, access: Access) -> Result<Plan> {
    let found = spi.first(&PLAN, access, &[param(opened.clinic), param(id)], read)?;
    found.ok_or_else(|| {
        ClinicError::new(SqlState::NotFound, format!("plan {id} does not exist"))
            .detail(format!("Clinic {} has no such row in clinic.plans.", opened.clinic))
            .hint("select id, from_date, to_date, status from clinic.plans lists those there are.")
    })
}

fn read(row: &Row<'_>) -> Result<Plan> {
    let id: i64 = row.get(0)?;
    let date = |column: usize| {
        row.pg_days(column)?
            .and_then(date_from_pg_days)
            .ok_or_else(|| ClinicError::new(SqlState::Internal, format!("plan {id} has a date out of range")))
    };
    Ok(Plan {
        id,
        kind: if row.get::<String>(1)? == "rounds" { PlanKind::Rounds } else { PlanKind::Roster },
        from: date(2)?,
        to: date(3)?,
        status: row.get(4)?,
        options: Options::from_json(&row.get::<JsonB>(5)?.0)?,
        promoted_by: row.opt(6)?,
        fingerprint: row.opt(7)?,
        reference: row.opt(8)?.map_or(Reference::Record, Reference::Plan),
    })
}

/// Loads the problem that a plan is to answer, what-if options in force.
pub fn plan_problem(spi: &Spi, opened: &Opened, plan: &Plan, access: Access) -> Result<Loaded> {
    let asked = Asked {
        from: plan.from,
        to: plan.to,
        plan: Some(plan.id),
        reference: plan.reference,
        without: &plan.options.without,
        access,
    };
    let mut loaded = problem(spi, opened, &asked)?;
    for (kind, weight) in &plan.options.weights {
        if !loaded.problem.rules.reweigh(*kind, *weight) {
            let name = kind.as_str();
            return Err(ClinicError::new(
                SqlState::InvalidArgument,
                format!("a weight of {name} means nothing here"),
            )
            .detail(format!("No rule of the clinic makes {name} soft."))
            .hint("Only soft rules weigh anything: select * from effective_rules(…) shows them."));
        }
    }
    Ok(loaded)
}
