//! The names that users see are those of the glossary, each function can be called by every client, and no result has a
//! type that clients can't read.

use std::collections::BTreeSet;

use pg_clinic_system_tests::{Database, Result, Server, ensure};
use postgres::Client;

/// The functions of the extension that are called from SQL, as a query to build on. Trigger functions aren't.
macro_rules! functions {
    ($columns:literal) => {
        concat!(
            "select ",
            $columns,
            " from pg_extension e
              join pg_depend d on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid
                and d.classid = 'pg_proc'::regclass and d.deptype = 'e'
              join pg_proc p on p.oid = d.objid and p.prorettype <> 'trigger'::regtype
            where e.extname = 'pg_clinic'"
        )
    };
}

/// A database with the extension and its tables.
fn clinic(name: &str) -> Result<(Database, Client)> {
    let database = Server::from_env()?.database(name)?;
    let mut client = database.with_extension()?;
    client.batch_execute("select init_clinic('Downtown Clinic', 'Europe/Berlin')")?;
    Ok((database, client))
}

/// The first column of a query, as text.
fn texts(client: &mut Client, query: &str) -> Result<Vec<String>> {
    Ok(client.query(query, &[])?.iter().map(|row| row.get(0)).collect())
}

/// The names that section Names of the glossary explains, in order.
fn explained() -> Vec<&'static str> {
    let glossary = include_str!("../../../GLOSSARY.md");
    let section = glossary.split("\n## Names\n").nth(1).unwrap_or_default();
    let section = section.split("\n## ").next().unwrap_or_default();
    section
        .lines()
        .filter_map(|line| line.strip_prefix("- **")?.split_once("**:").map(|(name, _)| name))
        .collect()
}

#[test]
fn every_name_is_in_the_glossary_once_and_nothing_else() -> Result {
    let (_database, mut client) = clinic("names")?;
    let arguments = texts(&mut client, functions!("distinct unnest(p.proargnames)"))?;
    let columns = texts(
        &mut client,
        "select distinct a.attname::text from pg_class c
         join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         where c.relnamespace = 'clinic'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')",
    )?;
    ensure!(arguments.len() > 100 && columns.len() > 100, "the catalogs have names");
    let there: BTreeSet<&str> = arguments.iter().chain(&columns).map(String::as_str).collect();
    let explained = explained();
    let listed: BTreeSet<&str> = explained.iter().copied().collect();
    ensure!(listed.len() == explained.len(), "GLOSSARY.md explains a name twice");
    ensure!(explained.is_sorted(), "section Names of GLOSSARY.md is in alphabetical order");
    let missing: Vec<_> = there.difference(&listed).collect();
    let superfluous: Vec<_> = listed.difference(&there).collect();
    ensure!(
        missing.is_empty() && superfluous.is_empty(),
        "section Names of GLOSSARY.md lacks {missing:?} and has {superfluous:?}, which nothing is called"
    );
    Ok(())
}

#[test]
fn no_function_is_overloaded() -> Result {
    let (_database, mut client) = clinic("overloads")?;
    let overloaded = texts(&mut client, functions!("p.proname::text"))?;
    let mut seen = BTreeSet::new();
    let twice: Vec<_> = overloaded.iter().filter(|name| !seen.insert(*name)).collect();
    ensure!(!seen.is_empty() && twice.is_empty(), "overloaded: {twice:?}");
    Ok(())
}

/// Ranges and composites are types that many drivers don't know; so are arrays of them.
#[test]
fn no_result_is_a_range_or_a_composite() -> Result {
    let (_database, mut client) = clinic("result_types")?;
    let unreadable = texts(
        &mut client,
        concat!(
            "with function as (",
            functions!("p.oid, p.proname, p.prorettype, p.proallargtypes, p.proargmodes, p.proargnames"),
            "), result (name, type) as (
               select proname || '()', prorettype from function
               union all
               select f.proname || '.' || a.name, a.type from function f
               cross join lateral unnest(f.proallargtypes, f.proargmodes, f.proargnames) a (type, mode, name)
               where a.mode in ('o', 't')
               union all
               select 'clinic.' || v.relname || '.' || a.attname, a.atttypid from pg_class v
               join pg_attribute a on a.attrelid = v.oid and a.attnum > 0
               where v.relnamespace = 'clinic'::regnamespace and v.relkind = 'v')
             select r.name || ' ' || format_type(t.oid, null) from result r
             join pg_type t on t.oid = r.type
             left join pg_type element on element.oid = t.typelem and t.typcategory = 'A'
             where coalesce(element.typtype, t.typtype) not in ('b', 'p') order by 1"
        ),
    )?;
    ensure!(unreadable.is_empty(), "clients can't read {unreadable:?}");
    Ok(())
}

/// A driver that doesn't know the types sends `'{1,2}'` as unknown: PostgreSQL must find the array's type by itself.
#[test]
fn arrays_can_be_sent_untyped() -> Result {
    let (_database, mut client) = clinic("untyped_arrays")?;
    let arrays = client.query(
        concat!(
            "with function as (",
            functions!("p.proname::text, p.proargnames, p.proargtypes, p.pronargs, p.pronargdefaults"),
            ") select f.proname, a.name, format_type(a.type, null),
               (select coalesce(string_agg(quote_ident(f.proargnames[n]) || ' => null, ', ''), '')
                from generate_series(1, f.pronargs - f.pronargdefaults) n where f.proargnames[n] <> a.name)
             from function f
             cross join lateral unnest(f.proargnames[1:f.pronargs], f.proargtypes::oid[]) a (name, type)
             join pg_type t on t.oid = a.type and t.typcategory = 'A' order by 1, 2"
        ),
        &[],
    )?;
    ensure!(arrays.len() >= 5, "functions take arrays");
    for row in &arrays {
        let [function, argument, of_type, others]: [String; 4] =
            std::array::from_fn(|column| row.get(column));
        let prepared = client.prepare(&format!("select from {function}({others}{argument} => $1)"))?;
        let found = prepared.params().first().map(|found| format!("{found}")).unwrap_or_default();
        let is_plain = matches!(
            of_type.as_str(),
            "bigint[]" | "integer[]" | "text[]" | "date[]" | "timestamp with time zone[]"
        );
        ensure!(is_plain, "{function}({argument}) is of type {of_type}");
        ensure!(
            found.starts_with('_') || found.ends_with("[]"),
            "{function}({argument}) is taken for {found}"
        );
    }
    Ok(())
}
