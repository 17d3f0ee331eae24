//! Making schema clinic: init_clinic, upgrade_clinic, current_clinic.

use pg_clinic_core::time::interval::Instant;
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::signatures::{Bigint, Integer, Required, Text, signatures};
use crate::pg::platform::spi::{self, Access, Spi, param, statements, with_status_lists};
use crate::pg::platform::{clinic, session, zone};
use crate::pg::setup::{rule_lists, word_lists};

sql_functions! {
    pg_clinic_init_clinic, pg_finfo_pg_clinic_init_clinic => init_clinic;
    pg_clinic_upgrade_clinic, pg_finfo_pg_clinic_upgrade_clinic => upgrade_clinic;
    pg_clinic_current_clinic, pg_finfo_pg_clinic_current_clinic => current_clinic;
}

/// The version of the tables that this library needs.
const SCHEMA_VERSION: i32 = 1;

/// The scripts that make the tables, in the order of `sql/schema/order`, which explains their two parts.
const SCHEMA: &[&str] = &include!(concat!(env!("OUT_DIR"), "/schema.rs"));

/// The line that parts a script of [`SCHEMA`] begins with this.
const RUN_AGAIN: &str = "-- run again:";

signatures! {
    /// Arguments of `init_clinic`.
    InitClinic = init_clinic(name: Required<Text>, time_zone: Required<Text>) -> Bigint;
    /// Arguments of `upgrade_clinic`.
    UpgradeClinic = upgrade_clinic() -> Integer;
    /// Arguments of `current_clinic`.
    CurrentClinic = current_clinic() -> Bigint;
}

statements! {
    /// The schema clinic that is there, if any: who else owns it or a table that init_clinic() writes, and whether it has
    /// our schema_version.
    FOUND_SCHEMA() =
        "select (select format('%s belongs to %s', o.name, pg_get_userbyid(o.owner))
             from (select 'schema clinic', n.nspowner, 0
                   union all
                   select 'table clinic.' || c.relname, c.relowner, 1 from pg_class c
                   where c.relnamespace = n.oid and c.relname in ('schema_version', 'clinics')) as o (name, owner, place)
             where o.owner <> (select oid from pg_roles where rolname = current_user)
             order by o.place, o.name limit 1) as foreign_owner,
           exists (select from pg_class c join pg_attribute a on a.attrelid = c.oid
             where c.relnamespace = n.oid and c.relname = 'schema_version' and c.relkind = 'r'
               and a.attname = 'version' and a.atttypid = 'int4'::regtype) as has_version
         from pg_namespace n where n.nspname = 'clinic'";
    /// The version of the tables.
    VERSION() = "select max(version) from clinic.schema_version";
    /// The schema of the extension's functions, as an identifier.
    EXTENSION_SCHEMA() =
        "select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace
         where e.extname = 'pg_clinic'";
    /// Adds a clinic, with a kind of shift to begin with.
    ADD_CLINIC(TEXTOID, TEXTOID) =
        "with clinic as (insert into clinic.clinics (name, time_zone) values ($1, $2) returning id),
           kind as (insert into clinic.shift_kinds (clinic_id, name) select id, 'session' from clinic)
         select id from clinic";
}

row! {
    struct FoundSchema {
        foreign_owner: Option<String>,
        has_version: bool,
    }
}

/// Adds a clinic, after making the tables if they aren't there.
fn init_clinic(args: &Args) -> Result<pg_sys::Datum> {
    let InitClinic { name, time_zone } = InitClinic::read(args)?;
    zone::load(&time_zone, Instant(0), Instant(0))?;
    spi::connect(|spi| {
        session::queue_for_set_up();
        match schema_version(spi)? {
            None => {
                run(spi, SCHEMA.iter().map(|script| made_once(script)))?;
                run(spi, SCHEMA.iter().map(|script| run_again(script)))?;
            }
            Some(version) => require_version(version)?,
        }
        let params = [param(name), param(time_zone)];
        let id: Option<i64> = spi.value(&ADD_CLINIC, Access::Latest, &params)?;
        Ok(pg_sys::Datum::from(id.unwrap_or_default()))
    })
}

/// The version of the tables, or `None` where there is no schema clinic. A schema that isn't ours is refused:
/// writing into somebody else's tables would run their triggers with our rights.
fn schema_version(spi: &Spi) -> Result<Option<i32>> {
    match spi.row(&FOUND_SCHEMA, Access::Latest, &[])? {
        None => Ok(None),
        Some(FoundSchema { foreign_owner: Some(foreign), .. }) => Err(ClinicError::new(
            SqlState::SetUp,
            "schema clinic belongs, wholly or in part, to another role",
        )
        .detail(format!("Namely {foreign}."))
        .hint("Call the function as the role that owns the schema and all its tables.")),
        Some(FoundSchema { foreign_owner: None, has_version: true }) => {
            match spi.value::<Option<i32>>(&VERSION, Access::Latest, &[])?.flatten() {
                Some(version) => Ok(Some(version)),
                None => Err(not_ours("Its table schema_version is empty.")),
            }
        }
        Some(FoundSchema { foreign_owner: None, has_version: false }) => {
            Err(not_ours("It has no table schema_version like ours."))
        }
    }
}

fn not_ours(detail: &str) -> ClinicError {
    ClinicError::new(SqlState::SetUp, "there is a schema clinic, but it isn't pg_clinic's")
        .detail(detail)
        .hint("Rename it: alter schema clinic rename to …")
}

fn require_version(version: i32) -> Result<()> {
    if version == SCHEMA_VERSION {
        return Ok(());
    }
    let error = ClinicError::new(
        SqlState::SetUp,
        format!("the tables in schema clinic are of version {version}, the extension needs {SCHEMA_VERSION}"),
    );
    Err(if version < SCHEMA_VERSION {
        error.hint("select upgrade_clinic()")
    } else {
        error.hint("The tables are newer: alter extension pg_clinic update")
    })
}

/// The part of a script that only init_clinic() runs.
fn made_once(script: &str) -> &str {
    &script[..script.find(RUN_AGAIN).unwrap_or(script.len())]
}

/// The part of a script that upgrade_clinic() runs again.
fn run_again(script: &str) -> &str {
    &script[script.find(RUN_AGAIN).unwrap_or(script.len())..]
}

/// Runs scripts of sql/schema, or parts of them.
fn run<'a>(spi: &Spi, scripts: impl Iterator<Item = &'a str>) -> Result<()> {
    let schema = extension_schema(spi)?;
    for script in scripts {
        let script = rule_lists::put_into(&word_lists::put_into(&with_status_lists(script)))
            .replace("@extschema@", &schema)
            .replace("@schema_version@", &SCHEMA_VERSION.to_string());
        spi.script(&script)?;
    }
    Ok(())
}

/// The schema of the extension's functions, as an identifier.
pub(super) fn extension_schema(spi: &Spi) -> Result<String> {
    spi.value(&EXTENSION_SCHEMA, Access::Latest, &[])?.ok_or_else(|| {
        ClinicError::new(SqlState::SetUp, "extension pg_clinic is not installed in this database")
    })
}

/// Brings the tables to [`SCHEMA_VERSION`] (version 1 is the first, so there is no older one yet) and links them to the
/// extension again, which somebody may have dropped and made anew.
fn upgrade_clinic(args: &Args) -> Result<pg_sys::Datum> {
    UpgradeClinic::read(args)?;
    spi::connect(|spi| {
        clinic::require_schema()?;
        session::queue_for_set_up();
        require_version(schema_version(spi)?.unwrap_or_default())?;
        run(spi, SCHEMA.iter().map(|script| run_again(script)))?;
        Ok(pg_sys::Datum::from(SCHEMA_VERSION))
    })
}

/// The clinic meant when none is named.
fn current_clinic(args: &Args) -> Result<pg_sys::Datum> {
    CurrentClinic::read(args)?;
    clinic::require_schema()?;
    spi::connect(|spi| clinic::clinic_id(spi, None, Access::Snapshot)).map(pg_sys::Datum::from)
}
