//! check_clinic: what of the tables and functions isn't as shipped.

use std::collections::HashSet;

use pg_clinic_core::shipped::Found;
use pg_clinic_core::shipped::findings::{Finding, findings, unknown_name};
use pg_clinic_core::shipped::privileges::{Holder, differences};
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::signatures::{Rows, signatures};
use crate::pg::platform::spi::{self, Access, Spi};
use crate::pg::platform::sql_types::{Text, TextArray};
use crate::pg::platform::{clinic, shipped};
use crate::pg::setup::{levels, scripts};

sql_functions! {
    pg_clinic_check_clinic, pg_finfo_pg_clinic_check_clinic => check_clinic;
}

signatures! {
    /// Arguments of `check_clinic`.
    CheckClinic = check_clinic(allow_missing: TextArray = null) -> table Alteration {
        kind: Text, object: Text, problem: Text, sentence: Text, remedy: Text,
    };
}

/// The table of who has which level of access.
const LEVELS: &str = "access_levels";

/// Compares the catalogs with what is shipped, and what roles hold with their levels.
fn check_clinic(args: &Args) -> Result<pg_sys::Datum> {
    let allowed = CheckClinic::read(args)?.allow_missing.unwrap_or_default();
    clinic::require_schema()?;
    let (findings, holders) = spi::connect(|spi| shipped::pinned(|| compare(spi)))?;
    let roles: Vec<&str> = holders.iter().map(|holder| holder.role.as_str()).collect();
    if let Some(name) = unknown_name(&allowed, &findings, &roles) {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            format!("allow_missing names \"{name}\", which pg_clinic doesn't have"),
        )
        .hint("Names are those of check_clinic()'s column object, as bookings.suggest_backfill."));
    }
    let mut rows = Rows::<Alteration>::new(args);
    for finding in findings.into_iter().filter(|finding| !allowed.contains(&finding.object)) {
        rows.push(Alteration {
            kind: finding.kind.as_str().into(),
            object: finding.object.into(),
            problem: finding.problem.as_str().into(),
            sentence: finding.sentence.into(),
            remedy: finding.remedy.into(),
        });
    }
    Ok(rows.done())
}

/// Everything that differs, and the roles with levels of access.
fn compare(spi: &Spi) -> Result<(Vec<Finding>, Vec<Holder>)> {
    let schema = scripts::extension_schema(spi, Access::Snapshot)?;
    let found = shipped::found(spi, Access::Snapshot, None)?;
    let mut findings = findings(&found, &schema);
    // Who has which level can be read only where that table is as shipped.
    if findings.iter().any(|finding| finding.table() == LEVELS) {
        return Ok((findings, Vec::new()));
    }
    let holders = levels::holders(spi, Access::Snapshot)?;
    let relations: HashSet<&str> = found.iter().filter_map(Found::relation).collect();
    findings.extend(differences(&holders, |relation| relations.contains(relation)));
    Ok((findings, holders))
}
