//! The README's SQL, typed into psql in the order in which it stands there, works.

use pg_clinic_system_tests::{Result, Server, ensure};

/// The sections that build on each other, from an empty clinic on.
const SECTIONS: [&str; 3] = ["A first clinic", "Roster", "Rounds"];

/// The SQL of the sections.
fn sql() -> Result<String> {
    let readme = include_str!("../../../README.md");
    let mut sql = String::new();
    for name in SECTIONS {
        let section =
            readme.split(&format!("\n## {name}\n")).nth(1).and_then(|rest| rest.split("\n## ").next());
        let section = section.ok_or_else(|| format!("the README has no section {name}"))?;
        let blocks = section.split("```sql\n").skip(1).filter_map(|rest| rest.split("```").next());
        let before = sql.len();
        sql.extend(blocks);
        ensure!(sql.len() > before, "section {name} has no SQL");
    }
    Ok(sql)
}

#[test]
fn the_readmes_sql_works() -> Result {
    let server = Server::from_env()?;
    let database = server.database("readme")?;
    let mut client = database.with_extension()?;
    client.batch_execute("select init_clinic('Downtown Clinic', 'Europe/Berlin')")?;
    database.psql(&sql()?)?;
    let plans = client.query_one("select count(*) from clinic.plans where promoted_at is not null", &[])?;
    ensure!(plans.get::<_, i64>(0) == 2, "a roster and rounds are promoted");
    Ok(())
}
