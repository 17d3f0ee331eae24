//! The scripts that make the tables, their version, and whether the schema clinic that there is, is theirs.

use crate::pg::platform::error::{ClinicError, Result, SqlState};
use crate::pg::platform::rows::row;
use crate::pg::platform::spi::{Access, Spi, param, statements, with_status_lists};
use crate::pg::setup::{rule_lists, word_lists};

/// What brings tables to the next version: the first makes version 2 of version 1.
const STEPS: &[&str] = &include!(concat!(env!("OUT_DIR"), "/steps.rs"));

/// The version of the tables that this library needs.
pub const VERSION: i32 = STEPS.len() as i32 + 1;

/// The scripts by their names, in the order of `sql/schema/order`, which explains their two parts.
const SCRIPTS: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/schema.rs"));

/// All tables, in the order in which they are locked.
const TABLES: &str = "select format('clinic.%I', relname) from pg_class
    where relnamespace = 'clinic'::regnamespace and relkind in ('r', 'p') order by relname";

/// The line that parts a script begins with this.
const LINKS: &str = "-- links:";

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
    FOUND_VERSION() = "select max(version) from clinic.schema_version";
    /// Notes a version of the tables.
    NOTE_VERSION(INT4OID) = "insert into clinic.schema_version (version) values ($1)";
    /// The schema of the extension's functions, as an identifier.
    EXTENSION_SCHEMA() =
        "select quote_ident(n.nspname) from pg_extension e join pg_namespace n on n.oid = e.extnamespace
         where e.extname = 'pg_clinic'";
}

row! {
    struct FoundSchema {
        foreign_owner: Option<String>,
        has_version: bool,
    }
}

/// The version of the tables, or `None` where there is no schema clinic. A schema that isn't ours is refused:
/// writing into somebody else's tables would run their triggers with our rights.
pub fn version(spi: &Spi) -> Result<Option<i32>> {
    match spi.row(&FOUND_SCHEMA, Access::Latest, &[])? {
        None => Ok(None),
        Some(FoundSchema { foreign_owner: Some(foreign), .. }) => Err(ClinicError::new(
            SqlState::SetUp,
            "schema clinic belongs, wholly or in part, to another role",
        )
        .detail(format!("Namely {foreign}."))
        .hint("Call the function as the role that owns the schema and all its tables.")),
        Some(FoundSchema { foreign_owner: None, has_version: true }) => {
            match spi.value::<Option<i32>>(&FOUND_VERSION, Access::Latest, &[])?.flatten() {
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

/// Refuses tables of another version than [`VERSION`].
pub fn require_version(version: i32) -> Result<()> {
    if version == VERSION {
        return Ok(());
    }
    let error = ClinicError::new(
        SqlState::SetUp,
        format!("the tables in schema clinic are of version {version}, the extension needs {VERSION}"),
    );
    Err(if version < VERSION {
        error.hint("select upgrade_clinic()")
    } else {
        error.hint(
            "The tables are newer: install that version of pg_clinic, then alter extension pg_clinic update",
        )
    })
}

/// Brings tables of an older version to [`VERSION`], but for what can be told from `sql/shipped` to be missing. Nobody reads or
/// writes any of them meanwhile. Answers whether there was a step to take.
pub fn take_steps(spi: &Spi) -> Result<bool> {
    let found = version(spi)?.unwrap_or_default();
    if found >= VERSION {
        return require_version(found).map(|()| false);
    }
    let tables = spi.texts(TABLES)?;
    spi.script(&format!("lock table {} in access exclusive mode", tables.join(", ")))?;
    for (step, version) in STEPS.iter().zip(2..).filter(|(_, version)| *version > found) {
        run(spi, step)?;
        spi.run(&NOTE_VERSION, &[param(version)])?;
    }
    pgrx::notice!("the tables were of version {found}, and are of version {VERSION} now");
    Ok(true)
}

/// Makes the tables, then what links them to the extension.
pub fn make(spi: &Spi) -> Result<()> {
    for (_, script) in SCRIPTS {
        run(spi, parts(script).0)?;
    }
    for (_, script) in SCRIPTS {
        run(spi, parts(script).1)?;
    }
    Ok(())
}

/// Makes one view.
pub fn make_view(spi: &Spi, view: &str) -> Result<()> {
    let script = SCRIPTS.iter().find(|(name, _)| *name == view);
    script.map_or(Ok(()), |(_, script)| run(spi, parts(script).1))
}

/// A table, and what links it to the extension.
fn parts(script: &str) -> (&str, &str) {
    script.split_at(script.find(LINKS).unwrap_or(script.len()))
}

fn run(spi: &Spi, script: &str) -> Result<()> {
    let schema = extension_schema(spi, Access::Latest)?;
    let script = rule_lists::put_into(&word_lists::put_into(&with_status_lists(script)))
        .replace("@extschema@", &schema)
        .replace("@schema_version@", &VERSION.to_string());
    spi.script(&script)
}

/// The schema of the extension's functions, as an identifier.
pub fn extension_schema(spi: &Spi, access: Access) -> Result<String> {
    spi.value(&EXTENSION_SCHEMA, access, &[])?.ok_or_else(|| {
        ClinicError::new(SqlState::SetUp, "extension pg_clinic is not installed in this database")
    })
}
