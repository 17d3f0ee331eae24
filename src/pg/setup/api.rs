//! Making and opening up schema clinic: init_clinic, upgrade_clinic, current_clinic, grant_clinic_access.

use pg_clinic_core::time::interval::Instant;
use pgrx::pg_sys;

use crate::pg::platform::args::{Args, sql_functions};
use crate::pg::platform::caught::keeping_origin;
use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::spi::{self, Access, Spi, param, statements, with_status_lists};
use crate::pg::platform::{clinic, session, zone};
use crate::pg::setup::rule_lists;

sql_functions! {
    pg_clinic_init_clinic, pg_finfo_pg_clinic_init_clinic => init_clinic;
    pg_clinic_upgrade_clinic, pg_finfo_pg_clinic_upgrade_clinic => upgrade_clinic;
    pg_clinic_current_clinic, pg_finfo_pg_clinic_current_clinic => current_clinic;
    pg_clinic_grant_clinic_access, pg_finfo_pg_clinic_grant_clinic_access => grant_clinic_access;
}

/// The version of the tables that this library needs.
const SCHEMA_VERSION: i32 = 1;

/// The scripts that make the tables, in the order of `sql/schema/order`, which explains their two parts.
const SCHEMA: &[&str] = &include!(concat!(env!("OUT_DIR"), "/schema.rs"));

/// The line that parts a script of [`SCHEMA`] begins with this.
const TIES: &str = "-- ties:";

/// What each level of access adds to the one before.
const LEVELS: [(&str, &str); 4] = [
    ("finder", include_str!("../../../sql/grants/finder.sql")),
    ("reader", include_str!("../../../sql/grants/reader.sql")),
    ("scheduler", include_str!("../../../sql/grants/scheduler.sql")),
    ("admin", include_str!("../../../sql/grants/admin.sql")),
];

statements! {
    /// What stands where the tables should be, if schema clinic is there: who else owns it or a table that
    /// init_clinic() writes, and whether it has our schema_version.
    STANDING() =
        "select (select format('%s belongs to %s', o.name, pg_get_userbyid(o.owner))
             from (select 'schema clinic', n.nspowner, 0
                   union all
                   select 'table clinic.' || c.relname, c.relowner, 1 from pg_class c
                   where c.relnamespace = n.oid and c.relname in ('schema_version', 'clinics')) as o (name, owner, place)
             where o.owner <> (select oid from pg_roles where rolname = current_user)
             order by o.place, o.name limit 1),
           exists (select from pg_class c join pg_attribute a on a.attrelid = c.oid
             where c.relnamespace = n.oid and c.relname = 'schema_version' and c.relkind = 'r'
               and a.attname = 'version' and a.atttypid = 'int4'::regtype)
         from pg_namespace n where n.nspname = 'clinic'";
    /// The version of the tables.
    VERSION() = "select max(version) from clinic.schema_version";
    /// Where the extension's functions are: as an identifier.
    EXTENSION_SCHEMA() =
        "select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace
         where e.extname = 'pg_clinic'";
    /// Adds a clinic, with a kind of shift to begin with.
    ADD_CLINIC(TEXTOID, TEXTOID) =
        "with clinic as (insert into clinic.clinics (name, time_zone) values ($1, $2) returning id),
           kind as (insert into clinic.shift_kinds (clinic_id, name) select id, 'session' from clinic)
         select id from clinic";
    /// Whether the current user may grant what schema clinic has.
    CAN_GRANT() = "select pg_has_role(nspowner, 'usage') from pg_namespace where nspname = 'clinic'";
    /// A role as an identifier, and whether it can call the extension's functions.
    ROLE(OIDOID) =
        "select quote_ident(r.rolname), has_schema_privilege(r.oid, e.extnamespace, 'usage')
         from pg_roles r, pg_extension e where r.oid = $1 and e.extname = 'pg_clinic'";
}

/// Adds a clinic, after making the tables if they aren't there.
fn init_clinic(args: &Args) -> Result<pg_sys::Datum> {
    let name: String = args.required(0, "name")?;
    let time_zone: String = args.required(1, "time_zone")?;
    zone::load(&time_zone, Instant(0), Instant(0))?;
    require_utf8()?;
    spi::connect(|spi| {
        session::queue_for_set_up();
        match standing(spi)? {
            None => {
                run(spi, SCHEMA.iter().map(|script| made_once(script)))?;
                run(spi, SCHEMA.iter().map(|script| ties(script)))?;
            }
            Some(version) => require_version(version)?,
        }
        let add = || {
            spi.first(&ADD_CLINIC, Access::Latest, &[param(name), param(time_zone)], |row| row.get::<i64>(0))
        };
        let id = keeping_origin(add)?;
        Ok(pg_sys::Datum::from(id.unwrap_or_default()))
    })
}

/// Text of the tables is read as UTF-8.
fn require_utf8() -> Result<()> {
    // SAFETY: always callable.
    if unsafe { pg_sys::GetDatabaseEncoding() } == pg_sys::pg_enc::PG_UTF8 as i32 {
        return Ok(());
    }
    Err(ClinicError::new(SqlState::NotSupported, "pg_clinic needs a database with encoding UTF8")
        .hint("create database … template template0 encoding 'UTF8'"))
}

/// The version of the tables, or `None` where there is no schema clinic. A schema that isn't ours is refused:
/// writing into somebody else's tables would run their triggers with our rights.
fn standing(spi: &Spi) -> Result<Option<i32>> {
    let found =
        spi.first(&STANDING, Access::Latest, &[], |row| Ok((row.opt::<String>(0)?, row.get::<bool>(1)?)))?;
    match found {
        None => Ok(None),
        Some((Some(foreign), _)) => Err(ClinicError::new(
            SqlState::SetUp,
            "schema clinic belongs, wholly or in part, to another role",
        )
        .detail(format!("Namely {foreign}."))
        .hint("Call the function as the role that owns the schema and all its tables.")),
        Some((None, true)) => {
            match spi.first(&VERSION, Access::Latest, &[], |row| row.opt::<i32>(0))?.flatten() {
                Some(version) => Ok(Some(version)),
                None => Err(not_ours("Its table schema_version is empty.")),
            }
        }
        Some((None, false)) => Err(not_ours("It has no table schema_version like ours.")),
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
    &script[..script.find(TIES).unwrap_or(script.len())]
}

/// The part of a script that upgrade_clinic() runs again.
fn ties(script: &str) -> &str {
    &script[script.find(TIES).unwrap_or(script.len())..]
}

/// Runs scripts of sql/schema, or parts of them.
fn run<'a>(spi: &Spi, scripts: impl Iterator<Item = &'a str>) -> Result<()> {
    let schema = extension_schema(spi)?;
    for script in scripts {
        let script = rule_lists::put_into(&with_status_lists(script))
            .replace("@extschema@", &schema)
            .replace("@schema_version@", &SCHEMA_VERSION.to_string());
        spi.script(&script)?;
    }
    Ok(())
}

fn extension_schema(spi: &Spi) -> Result<String> {
    spi.first(&EXTENSION_SCHEMA, Access::Latest, &[], |row| row.get(0))?.ok_or_else(|| {
        ClinicError::new(SqlState::SetUp, "extension pg_clinic is not installed in this database")
    })
}

/// Brings the tables to [`SCHEMA_VERSION`] (version 1 is the first, so there is no older one yet) and ties them to the
/// extension again, which somebody may have dropped and made anew.
fn upgrade_clinic(_args: &Args) -> Result<pg_sys::Datum> {
    spi::connect(|spi| {
        clinic::require_schema()?;
        session::queue_for_set_up();
        require_version(standing(spi)?.unwrap_or_default())?;
        run(spi, SCHEMA.iter().map(|script| ties(script)))?;
        Ok(pg_sys::Datum::from(SCHEMA_VERSION))
    })
}

/// The clinic meant when none is named.
fn current_clinic(_args: &Args) -> Result<pg_sys::Datum> {
    clinic::require_schema()?;
    spi::connect(|spi| clinic::clinic_id(spi, None, Access::Snapshot)).map(pg_sys::Datum::from)
}

/// Grants a role everything up to a level.
fn grant_clinic_access(args: &Args) -> Result<pg_sys::Datum> {
    let oid: pg_sys::Oid = args.required(0, "role")?;
    let level: String = args.required(1, "level")?;
    clinic::require_schema()?;
    let Some(last) = LEVELS.iter().position(|(name, _)| *name == level) else {
        return Err(ClinicError::new(
            SqlState::InvalidArgument,
            format!("\"{level}\" is no level of access"),
        )
        .hint("Levels are finder, reader, scheduler and admin; each includes those before it."));
    };
    spi::connect(|spi| {
        if spi.first(&CAN_GRANT, Access::Latest, &[], |row| row.get::<bool>(0))? != Some(true) {
            return Err(ClinicError::new(
                SqlState::NotAllowed,
                "permission denied to grant access to schema clinic",
            )
            .hint("Its owner or a superuser can."));
        }
        let schema = extension_schema(spi)?;
        let (role, can_use) = spi
            .first(&ROLE, Access::Latest, &[param(oid)], |row| {
                Ok((row.get::<String>(0)?, row.get::<bool>(1)?))
            })?
            .ok_or_else(|| {
                ClinicError::new(
                    SqlState::UndefinedRole,
                    format!("role with OID {} does not exist", oid.to_u32()),
                )
            })?;
        if !can_use {
            spi.script(&format!("grant usage on schema {schema} to {role}"))?;
        }
        for (_, grants) in &LEVELS[..=last] {
            spi.script(&grants.replace("@role@", &role))?;
        }
        Ok(pg_sys::Datum::null())
    })
}
