//! The roster's solver inside a backend: it can be stopped, leaves nothing behind, and what only reads writes nothing.

use std::time::{Duration, Instant};

use pg_clinic_system_tests::{Attempt, Database, Result, Server, ensure};
use postgres::Client;

/// A clinic whose week takes long to roster: so many people, providers with five shifts each, and rules that reach
/// across days.
fn clinic(database: &Database, size: u32) -> Result<Client> {
    let mut client = database.with_extension()?;
    client.batch_execute(&format!(
        "set client_min_messages = warning;
         select init_clinic('Test', 'UTC');
         insert into clinic.providers (name) select 'Provider ' || n from generate_series(1, {size}) n;
         insert into clinic.staff (name) select 'Staff ' || n from generate_series(1, {size}) n;
         insert into clinic.shift_kinds (name) values ('early'), ('late');
         insert into clinic.shifts (shift_kind, provider_id, during)
           select case when (p + k) % 2 = 0 then 'early' else 'late' end, p,
             tstzrange(start, start + interval '4 hours')
           from generate_series(1, {size}) p, generate_series(0, 4) k,
             lateral (select timestamptz '2029-01-01 08:00+00' + k * interval '1 day' + (p + k) % 2 * interval '5 hours'
               as start) as starts;
         insert into clinic.preferences (staff_id, provider_id, is_preferred)
           select s, p, (s * 7 + p * 3) % 5 < 3 from generate_series(1, {size}) s, generate_series(1, {size}) p
           where (s * 31 + p * 17 + s * p) % 6 = 0;
         insert into clinic.rules (rule_kind, shift_kind, next_shift_kind, mode, weight, limit_value) values
           ('max_consecutive_days', null, null, 'soft', 40, 2), ('min_consecutive_days_off', null, null, 'soft', 15, 2),
           ('forbidden_succession', 'late', 'early', 'soft', 25, null);
         insert into clinic.shift_requests (staff_id, on_date, is_wanted)
           select s, date '2029-01-01' + s % 5, s % 3 = 0 from generate_series(1, {size}) s;"
    ))?;
    Ok(client)
}

/// Threads of the session's process.
fn threads(client: &mut Client) -> Result<usize> {
    let pid: i32 = client.query_one("select pg_backend_pid()", &[])?.get(0);
    Ok(std::fs::read_dir(format!("/proc/{pid}/task"))?.count())
}

const SOLVE: &str = "select * from solve_roster('2029-01-01')";

#[test]
fn a_timeout_stops_the_solver_and_leaves_nothing() -> Result {
    /// A second, and what a busy machine adds.
    const PATIENCE: Duration = Duration::from_secs(5);
    let database = Server::from_env()?.database("roster_timeout")?;
    let mut client = clinic(&database, 60)?;
    let threads_before = threads(&mut client)?;
    client.batch_execute("set statement_timeout = '300ms'")?;
    let began = Instant::now();
    client.batch_execute(SOLVE).refused("57014")?;
    ensure!(began.elapsed() < PATIENCE, "it took {:?}", began.elapsed());
    client.batch_execute("set statement_timeout = 0")?;
    let plans: i64 = client.query_one("select count(*) from clinic.plans", &[])?.get(0);
    ensure!(plans == 0, "{plans} plans stayed");
    ensure!(threads(&mut client)? == threads_before, "a thread stayed");

    // The session goes on, and a limit is an answer, not an error.
    let row = client.query_one("select status from solve_roster('2029-01-01', time_limit => '1 ms')", &[])?;
    let status: String = row.get(0);
    ensure!(status == "UNKNOWN" || status == "FEASIBLE", "status {status}");
    Ok(())
}

#[test]
fn solving_again_and_again_takes_no_more_memory() -> Result {
    const CONTEXTS_MAY_GROW: i64 = 256 << 10;
    const PROCESS_MAY_GROW: i64 = 8 << 20;
    let database = Server::from_env()?.database("roster_memory")?;
    let mut client = clinic(&database, 6)?;
    // Without what reaches across days it is solved at once.
    client.batch_execute("delete from clinic.rules")?;
    let memory = |client: &mut Client| -> Result<(i64, i64)> {
        let row = client.query_one(
            "select (select sum(total_bytes)::bigint from pg_backend_memory_contexts),
               split_part(pg_read_file('/proc/self/statm'), ' ', 2)::bigint * 4096",
            &[],
        )?;
        Ok((row.get(0), row.get(1)))
    };
    let solve = |client: &mut Client, times: usize| -> Result {
        for _ in 0..times {
            client.batch_execute(SOLVE)?;
        }
        Ok(())
    };
    solve(&mut client, 10)?;
    let (contexts, process) = memory(&mut client)?;
    solve(&mut client, 40)?;
    let (contexts_then, process_then) = memory(&mut client)?;
    eprintln!("contexts {contexts} → {contexts_then}, process {process} → {process_then} bytes");
    ensure!(contexts_then - contexts < CONTEXTS_MAY_GROW, "contexts grew from {contexts} to {contexts_then}");
    ensure!(process_then - process < PROCESS_MAY_GROW, "the process grew from {process} to {process_then}");
    Ok(())
}

#[test]
fn questions_only_read() -> Result {
    let database = Server::from_env()?.database("roster_reads")?;
    let mut client = clinic(&database, 6)?;
    client.batch_execute(SOLVE)?;
    client.batch_execute(SOLVE)?;
    client.batch_execute("select * from promote_plan(1, 'test')")?;
    client.batch_execute("begin transaction read only")?;
    for question in [
        "select * from record_violations('2029-01-01')",
        "select * from explain_assignment(1, 1)",
        "select * from compare_plans(1, 2)",
    ] {
        client.batch_execute(question)?;
    }
    let xid: Option<String> = client.query_one("select pg_current_xact_id_if_assigned()::text", &[])?.get(0);
    ensure!(xid.is_none(), "reading took the transaction id {xid:?}");
    Ok(())
}
