//! check_clinic: what of the tables and functions isn't as shipped.

use std::collections::HashSet;

use pg_clinic_core::shipped::findings::{Finding, findings, unknown_name};
use pg_clinic_core::shipped::privileges::differences;
use pg_clinic_core::shipped::{Found, Kind, Problem, find};
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::signatures::{Rows, signatures};
use crate::pg::platform::spi::{self, Access, Spi, statements};
use crate::pg::platform::sql_types::{Text, TextArray};
use crate::pg::platform::{clinic, shipped};
use crate::pg::setup::{levels, scripts, strangers};

sql_functions! {
    pg_clinic_check_clinic, pg_finfo_pg_clinic_check_clinic => check_clinic;
}

signatures! {
    /// Arguments of `check_clinic`.
    CheckClinic = check_clinic(allow_missing: TextArray = null) -> table Alteration {
        kind: Text, object: Text, problem: Text, sentence: Text, remedy: Text,
    };
}

statements! {
    /// The version of the tables, for those who may read it.
    VERSION() =
        "select case when has_table_privilege('clinic.schema_version', 'select') then (select max(version) from clinic.schema_version) end";
    /// All roles, as identifiers, and PUBLIC.
    ROLES() = "select array_agg(quote_ident(rolname)) || '{public}' from pg_roles";
}

/// The table of the tables' versions.
const VERSIONS: &str = "schema_version";

/// The table of who has which level of access.
const LEVELS: &str = "access_levels";

/// Compares the catalogs with what is shipped, and what roles hold with their levels.
fn check_clinic(args: &Args) -> Result<pg_sys::Datum> {
    let allowed = CheckClinic::read(args)?.allow_missing.unwrap_or_default();
    clinic::require_schema()?;
    let (findings, roles) = spi::connect(|spi| {
        let findings = shipped::pinned(|| compare(spi))?;
        refuse_other_versions(spi, &findings)?;
        let roles: Option<Vec<String>> = spi.value(&ROLES, Access::Snapshot, &[])?;
        Ok((findings, roles.unwrap_or_default()))
    })?;
    let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
    if let Some(name) = unknown_name(&allowed, &findings, &roles) {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            format!("allow_missing names \"{name}\", which pg_clinic doesn't have"),
        )
        .hint("Names are those of check_clinic()'s column object, as bookings.tell_freed_by_change."));
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

/// What differs between versions is upgrade_clinic()'s to change, not the owner's to repair.
fn refuse_other_versions(spi: &Spi, findings: &[Finding]) -> Result<()> {
    if findings.is_empty() || findings.iter().any(|finding| finding.table() == VERSIONS) {
        return Ok(());
    }
    match spi.value::<Option<i32>>(&VERSION, Access::Snapshot, &[])?.flatten() {
        Some(version) => scripts::require_version(version),
        None => Ok(()),
    }
}

/// Everything that differs.
fn compare(spi: &Spi) -> Result<Vec<Finding>> {
    let schema = scripts::extension_schema(spi, Access::Snapshot)?;
    let found = shipped::found(spi, Access::Snapshot, None)?;
    let mut findings = findings(&found, &schema);
    findings.extend(found.iter().filter_map(foreign_default));
    // Who has which level can be read only where that table is as shipped.
    if findings.iter().any(|finding| finding.table() == LEVELS) {
        return Ok(findings);
    }
    let holders = levels::holders(spi, Access::Snapshot)?;
    let relations: HashSet<&str> = found.iter().filter_map(Found::relation).collect();
    findings.extend(differences(&holders, |relation| relations.contains(relation)));
    findings.extend(strangers::findings(spi, Access::Snapshot, &holders)?);
    Ok(findings)
}

/// A default of a column of ours that has none as shipped.
fn foreign_default(found: &Found) -> Option<Finding> {
    let Found { kind, object, definition, .. } = found;
    if *kind != Kind::Default || find(Kind::Default, object).is_some() || find(Kind::Column, object).is_none()
    {
        return None;
    }
    let (table, column) = object.split_once('.')?;
    let what = match definition {
        text if text.ends_with("as identity") => "identity",
        text if text.starts_with("generated") => "expression",
        _ => "default",
    };
    Some(Finding {
        kind: Kind::Default,
        object: object.clone(),
        problem: Problem::NotOurs,
        sentence: format!(
            "Column {column} of clinic.{table} has \"{definition}\", and no default is shipped."
        ),
        remedy: format!("alter table clinic.{table} alter column {column} drop {what}"),
    })
}
