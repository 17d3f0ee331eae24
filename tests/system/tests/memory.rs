//! Memory that runs out, anywhere: by the budget, by the system, and by an allocation that fails on demand. Every function
//! ends in an answer or in 53200, its session goes on, and the server never restarts.
//!
//! `PG_CLINIC_LONG=1` takes a larger clinic, more budgets, limits and allocations, and minutes.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use pg_clinic_system_tests::{
    Attempt, Chance, Instance, Refusal, Result, Server, calls_of_all_functions, ensure, make_busy_clinic,
    skip,
};
use postgres::{Client, NoTls};

const OUT_OF_MEMORY: &str = "53200";

fn is_long() -> bool {
    std::env::var_os("PG_CLINIC_LONG").is_some()
}

fn size() -> u32 {
    if is_long() { 10 } else { 3 }
}

/// What only a test build of the library has.
const HOOKS: &str = "
    create function fail_allocation(number bigint, by_system boolean) returns bigint
      language c as '$libdir/pg_clinic', 'pg_clinic_fail_allocation';
    create function memory_used() returns bigint language c as '$libdir/pg_clinic', 'pg_clinic_memory_used'";

fn memory_used(client: &mut Client) -> Result<i64> {
    Ok(client.query_one("select memory_used()", &[])?.get(0))
}

/// Makes a call and takes back what it did. The refusal, if it was refused; the session has survived.
fn call(client: &mut Client, call: &str) -> Result<Option<Refusal>> {
    client.batch_execute("begin; set local timezone = 'Europe/Berlin'")?;
    let outcome = client.batch_execute(call).outcome().map_err(|error| format!("{call}: {error}"))?;
    client
        .batch_execute("rollback")
        .map_err(|error| format!("{call} ended the session ({outcome:?}): {error}"))?;
    Ok(outcome.err())
}

/// The calls, each with the SQLSTATE that it ends in where nothing is scarce.
fn calls(client: &mut Client) -> Result<Vec<(&'static str, Option<String>)>> {
    let calls = calls_of_all_functions(client)?;
    calls.into_iter().map(|name| Ok((name, call(client, name)?.map(|refusal| refusal.sqlstate)))).collect()
}

#[test]
fn every_function_within_a_small_budget() -> Result {
    let database = Server::from_env()?.database("memory_budget")?;
    let mut client = database.with_extension()?;
    client.batch_execute(HOOKS)?;
    make_busy_clinic(&mut client, size())?;
    let calls = calls(&mut client)?;
    let kept = memory_used(&mut client)?;
    let budgets: &[u32] = if is_long() { &[4, 5, 6, 7, 8, 10, 12, 16, 20, 30, 50, 100] } else { &[4, 6, 12] };
    let mut refused = 0;
    for megabytes in budgets {
        client.batch_execute(&format!("set pg_clinic.max_memory = '{megabytes}MB'"))?;
        for (statement, usual) in &calls {
            match call(&mut client, statement)? {
                Some(refusal) if refusal.sqlstate == OUT_OF_MEMORY => refused += 1,
                other => ensure!(
                    other.as_ref().map(|refusal| &refusal.sqlstate) == usual.as_ref(),
                    "{megabytes} MB: {statement}: {other:?}"
                ),
            }
        }
    }
    ensure!(refused > 0, "no budget was too small for anything");
    eprintln!("{refused} of {} calls were refused", calls.len() * budgets.len());
    client.batch_execute("reset pg_clinic.max_memory")?;
    let kept_then = memory_used(&mut client)?;
    ensure!(kept_then - kept < 64 << 10, "a session kept {kept_then} bytes, {kept} before");
    for (statement, usual) in &calls {
        let after = call(&mut client, statement)?.map(|refusal| refusal.sqlstate);
        ensure!(after == *usual, "at full budget again: {statement}: {after:?}");
    }
    Ok(())
}

/// Lets the allocation with this number fail in a call: whether it came to that, and the refusal.
fn fail_in(
    client: &mut Client,
    statement: &str,
    number: i64,
    by_system: bool,
) -> Result<(bool, Option<Refusal>)> {
    client.query_one("select fail_allocation($1, $2)", &[&number, &by_system])?;
    let outcome = call(client, statement)
        .map_err(|error| format!("allocation {number}, by the system {by_system}: {error}"))?;
    let left: i64 = client.query_one("select fail_allocation(0, false)", &[])?.get(0);
    Ok((left == 0, outcome))
}

#[test]
fn an_allocation_that_fails_anywhere() -> Result {
    let server = Server::from_env()?;
    let database = server.database("memory_failure")?;
    database.with_extension()?;
    // What must never fail, such as a suggestion to a cancellation, is given up with a WARNING.
    let given_up = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&given_up);
    let mut config = server.config(&database.name);
    config.notice_callback(move |notice| {
        if notice.message().contains(OUT_OF_MEMORY) {
            counter.fetch_add(1, Relaxed);
        }
    });
    let mut client = config.connect(NoTls)?;
    client.batch_execute(HOOKS)?;
    make_busy_clinic(&mut client, if is_long() { 3 } else { 1 })?;
    let calls = calls(&mut client)?;
    let kept = memory_used(&mut client)?;
    let (step, drawn) = if is_long() { (1.3, 40) } else { (6.0, 2) };
    let mut chance = Chance::new(20_261_127);
    let mut failures = 0;
    for (statement, usual) in &calls {
        for by_system in [false, true] {
            let mut fail_at = |number: i64| -> Result<bool> {
                let (was_reached, outcome) = fail_in(&mut client, statement, number, by_system)?;
                let outcome = outcome.map(|refusal| refusal.sqlstate);
                let is_given_up = given_up.swap(0, Relaxed) > 0;
                let is_expected = match was_reached {
                    true => outcome.as_deref() == Some(OUT_OF_MEMORY) || is_given_up && outcome == *usual,
                    false => outcome == *usual,
                };
                ensure!(is_expected, "allocation {number} of {statement}: {outcome:?}");
                failures += i64::from(was_reached);
                Ok(was_reached)
            };
            // Beyond the last one that is reached there is nothing to be seen.
            let mut number = 1;
            while fail_at(number)? {
                number = ((number as f64 * step) as i64).max(number + 1);
            }
            for _ in 0..drawn {
                fail_at(chance.between(1, number))?;
            }
        }
    }
    eprintln!("{failures} allocations failed");
    let kept_then = memory_used(&mut client)?;
    ensure!(kept_then - kept < 64 << 10, "a session kept {kept_then} bytes, {kept} before");
    for (statement, usual) in &calls {
        let after = call(&mut client, statement)?.map(|refusal| refusal.sqlstate);
        ensure!(after == *usual, "afterwards: {statement}: {after:?}");
    }
    Ok(())
}

/// The address space that a session has.
fn address_space(client: &mut Client) -> Result<u64> {
    let pages: String =
        client.query_one("select split_part(pg_read_file('/proc/self/statm'), ' ', 1)", &[])?.get(0);
    Ok((pages.parse::<u64>()? * 4096) >> 20)
}

#[test]
fn every_function_in_a_server_without_memory() -> Result {
    let settings = &["shared_buffers=16MB", "jit=off", "autovacuum=off", "max_connections=10"];
    let mut instance = Instance::empty(&Server::from_env()?, "memory", settings)?;
    let database = instance.server.database("memory")?;
    let mut client = database.with_extension()?;
    make_busy_clinic(&mut client, size())?;
    let calls = calls(&mut client)?;
    drop(client);
    // After a first question. The session that has made a clinic has grown.
    let mut fresh = instance.server.connect(&database.name)?;
    fresh
        .batch_execute("select count(*) from find_slots('Checkup', from_date => current_date)")
        .outcome()?
        .ok();
    let base = address_space(&mut fresh)?;
    drop(fresh);
    // Beside that.
    let beyond: &[i64] =
        if is_long() { &[-4, 0, 4, 8, 12, 16, 20, 24, 32, 48, 64, 96] } else { &[0, 20, 40] };
    let mut refused = 0;
    for beyond in beyond {
        instance.restart_within(Some(base.saturating_add_signed(*beyond)))?;
        let mut witness = instance.server.connect(&database.name)?;
        let mut client = instance.server.connect(&database.name)?;
        for (statement, usual) in &calls {
            match call(&mut client, statement)? {
                Some(refusal) if refusal.sqlstate == OUT_OF_MEMORY => refused += 1,
                other => ensure!(
                    other.as_ref().map(|refusal| &refusal.sqlstate) == usual.as_ref(),
                    "{base} + {beyond} MB: {statement}: {other:?}"
                ),
            }
        }
        witness.batch_execute("select 1").map_err(|error| format!("the server restarted: {error}"))?;
    }
    eprintln!("{refused} of {} calls were refused", calls.len() * beyond.len());
    ensure!(refused > 0, "nothing was refused");
    instance.restart_within(None)?;
    Ok(())
}

/// The library has `new` and `delete` of its own for the solver. PostgreSQL and other libraries must keep theirs.
#[test]
fn the_librarys_operators_are_its_own() -> Result {
    let folder = Server::from_env()?.run("pg_config", &["--pkglibdir"])?;
    let library = format!("{}/pg_clinic.so", folder.trim());
    let Ok(symbols) = Command::new("nm").args(["--dynamic", "--defined-only", &library]).output() else {
        skip!("nm isn't installed");
    };
    let symbols = String::from_utf8(symbols.stdout)?;
    let names: Vec<_> = symbols.lines().filter_map(|line| line.split(' ').next_back()).collect();
    ensure!(names.contains(&"pg_clinic_find_slots"), "no symbols in {library}");
    let known = |name: &&str| name.contains("pg_clinic") || ["Pg_magic_func", "_PG_init"].contains(name);
    let unknown: Vec<_> = names.iter().filter(|name| !known(name)).collect();
    ensure!(unknown.is_empty(), "{library} exports {unknown:?}");
    Ok(())
}
