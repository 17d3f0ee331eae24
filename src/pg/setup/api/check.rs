//! check_clinic: what of the tables and functions isn't as shipped.

use pg_clinic_core::shipped::findings::{findings, unknown_name};
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::signatures::{Rows, signatures};
use crate::pg::platform::spi::{self, Access};
use crate::pg::platform::sql_types::{Text, TextArray};
use crate::pg::platform::{clinic, shipped};
use crate::pg::setup::scripts;

sql_functions! {
    pg_clinic_check_clinic, pg_finfo_pg_clinic_check_clinic => check_clinic;
}

signatures! {
    /// Arguments of `check_clinic`.
    CheckClinic = check_clinic(allow_missing: TextArray = null) -> table Alteration {
        kind: Text, object: Text, problem: Text, sentence: Text, remedy: Text,
    };
}

/// Compares the catalogs with what is shipped.
fn check_clinic(args: &Args) -> Result<pg_sys::Datum> {
    let allowed = CheckClinic::read(args)?.allow_missing.unwrap_or_default();
    clinic::require_schema()?;
    let findings = spi::connect(|spi| {
        shipped::pinned(|| {
            let schema = scripts::extension_schema(spi, Access::Snapshot)?;
            Ok(findings(&shipped::found(spi, Access::Snapshot, None)?, &schema))
        })
    })?;
    if let Some(name) = unknown_name(&allowed, &findings) {
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
