//! upgrade_clinic: the tables of another version, or with something missing, become what the library needs.

use pg_clinic_core::shipped::Kind;
use std::collections::BTreeSet;

use pg_clinic_core::shipped::privileges::Privilege;
use pg_clinic_core::shipped::repairs::{MOST_ROWS, Repair, Violation, repairs};
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::signatures::signatures;
use crate::pg::platform::spi::{self, Access, Spi};
use crate::pg::platform::sql_types::Integer;
use crate::pg::platform::{clinic, session, shipped};
use crate::pg::setup::{levels, scripts};

sql_functions! {
    pg_clinic_upgrade_clinic, pg_finfo_pg_clinic_upgrade_clinic => upgrade_clinic;
}

signatures! {
    /// Arguments of `upgrade_clinic`.
    UpgradeClinic = upgrade_clinic() -> Integer;
}

/// Brings the tables to [`scripts::VERSION`], step by step, and makes what is missing: it is new, or somebody has dropped it or
/// the extension that it needs. What is there stays as its owner has it, unless a step says otherwise. All of it is one
/// transaction: interrupted, it was as if it hadn't begun.
fn upgrade_clinic(args: &Args) -> Result<pg_sys::Datum> {
    UpgradeClinic::read(args)?;
    clinic::require_schema()?;
    session::queue_for_set_up();
    spi::connect(|spi| {
        let is_new = scripts::take_steps(spi)?;
        shipped::pinned(|| put_all_back(spi))?;
        if is_new {
            grant(spi, |_| true)?;
        }
        Ok(pg_sys::Datum::from(scripts::VERSION))
    })
}

fn put_all_back(spi: &Spi) -> Result<()> {
    let schema = scripts::extension_schema(spi, Access::Latest)?;
    let found = shipped::found(spi, Access::Latest, None)?;
    let repairs = repairs(&found, &schema).map_err(|lost| lost_for_good(&lost))?;
    lock_tables(spi, &repairs)?;
    for repair in &repairs {
        put_back(spi, repair)?;
        pgrx::notice!("made {}", what(repair));
    }
    let views = repairs.iter().filter(|repair| repair.thing.kind == Kind::View);
    let views: BTreeSet<&str> = views.map(|repair| repair.thing.object).collect();
    // What was granted on a view went with it.
    if views.is_empty() {
        return Ok(());
    }
    grant(spi, |privilege| privilege.relation.as_deref().is_some_and(|relation| views.contains(relation)))
}

/// Nobody may write while rows are looked at and a constraint is made.
fn lock_tables(spi: &Spi, repairs: &[Repair]) -> Result<()> {
    let of_tables = repairs.iter().filter(|repair| repair.thing.kind != Kind::View);
    let tables: BTreeSet<String> =
        of_tables.map(|repair| format!("clinic.{}", repair.thing.table())).collect();
    if tables.is_empty() {
        return Ok(());
    }
    let tables: Vec<_> = tables.into_iter().collect();
    spi.script(&format!("lock table {} in access exclusive mode", tables.join(", ")))
}

fn put_back(spi: &Spi, repair: &Repair) -> Result<()> {
    let make = || {
        if let Some(query) = &repair.in_the_way {
            let rows = spi.texts(query)?;
            if !rows.is_empty() {
                return Err(rows_in_the_way(repair, &rows));
            }
        }
        match &repair.statement {
            Some(statement) => spi.script(statement),
            None => scripts::make_view(spi, repair.thing.object),
        }
    };
    make().map_err(|error| {
        // Something else has the name, or what it is made of was altered.
        let state = error.sqlstate();
        if state.starts_with("42") && state != SqlState::NotAllowed.code() {
            return ClinicError::new(SqlState::SetUp, format!("{} can't be put back", what(repair)))
                .detail(format!("PostgreSQL says: {error}."))
                .hint("select * from check_clinic() lists what was altered.");
        }
        error
    })
}

/// A thing within a sentence.
fn what(repair: &Repair) -> String {
    let thing = repair.thing;
    match thing.kind {
        Kind::View => format!("view clinic.{}", thing.object),
        Kind::NotNull => format!("NOT NULL of clinic.{}", thing.object),
        Kind::Default => format!("the default of clinic.{}", thing.object),
        kind => format!("{kind} {} of clinic.{}", thing.name(), thing.table()),
    }
}

/// The refusal that names rows by their primary keys: never by what they say of a patient.
fn rows_in_the_way(repair: &Repair, rows: &[String]) -> ClinicError {
    let (table, name) = (repair.thing.table(), repair.thing.name());
    let state = match repair.violation() {
        Violation::Null => SqlState::SetUp,
        Violation::Duplicate => SqlState::Duplicate,
        Violation::Collision => SqlState::Collision,
        Violation::Refused => SqlState::Refused,
        Violation::MissingKey => SqlState::MissingKey,
    };
    let shown = rows[..rows.len().min(MOST_ROWS)].join(", ");
    let more = if rows.len() > MOST_ROWS { ", and more" } else { "" };
    let error = ClinicError::new(state, format!("rows of clinic.{table} are in the way of {}", what(repair)))
        .detail(format!("Rows with {} {shown}{more}.", repair.key()))
        .hint("Correct, cancel or delete them, then call upgrade_clinic() again. Nothing was changed.");
    if repair.violation() == Violation::Null { error } else { error.constraint(name, table) }
}

/// Roles get what their levels have, of these privileges.
fn grant(spi: &Spi, of: impl Fn(&Privilege) -> bool) -> Result<()> {
    for holder in levels::holders(spi, Access::Latest)? {
        for privilege in holder.granted.iter().filter(|privilege| of(privilege)) {
            spi.script(&format!("grant {} to {}", privilege.text(), holder.role))?;
        }
    }
    Ok(())
}

/// Tables and columns are rows, too: making them anew would hide that they are gone.
fn lost_for_good(lost: &[&str]) -> ClinicError {
    const SHOWN: usize = 10;
    let shown: Vec<_> = lost.iter().take(SHOWN).map(|object| format!("clinic.{object}")).collect();
    let more = if lost.len() > SHOWN { ", and more" } else { "" };
    ClinicError::new(SqlState::SetUp, format!("clinic.{} can't be put back: rows went with it", lost[0]))
        .detail(format!("Missing or replaced: {}{more}.", shown.join(", ")))
        .hint("Restore from a backup, or make it empty: select object, remedy from check_clinic().")
}
