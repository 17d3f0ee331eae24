//! A busy clinic, and a call of every function that has something to do in it: for tests that try all.

use postgres::Client;

use super::{Result, ensure};

/// Makes the clinic, of a size: 1 is small.
///
/// # Errors
/// When a statement fails.
pub fn make_busy_clinic(client: &mut Client, size: u32) -> Result {
    client.batch_execute(&include_str!("busy/clinic.sql").replace("@size@", &size.to_string()))?;
    Ok(())
}

/// The calls: of every function at least one, none of which changes what another needs if it is rolled back.
///
/// # Errors
/// When a function of the extension isn't among them.
pub fn calls_of_all_functions(client: &mut Client) -> Result<Vec<&'static str>> {
    let calls: Vec<_> = include_str!("busy/calls.sql")
        .split(";\n")
        .map(str::trim)
        .filter(|call| !call.is_empty() && !call.starts_with("--"))
        .collect();
    let functions = client.query(
        "select p.proname::text from pg_proc p
         join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
         join pg_extension e on e.oid = d.refobjid and e.extname = 'pg_clinic'
         where p.prorettype <> 'trigger'::regtype",
        &[],
    )?;
    for function in functions {
        let name = format!("{}(", function.get::<_, String>(0));
        ensure!(calls.iter().any(|call| call.contains(&name)), "busy/calls.sql has no call of {name})");
    }
    Ok(calls)
}
