//! pg_cron runs the jobs. On a server of the test's own: pg_cron has to be loaded when the server starts.

use std::time::{Duration, Instant};

use pg_clinic_system_tests::{Attempt, Fixture, Instance, Result, Server, ensure, skip};
use postgres::Client;

/// pg_cron in the database postgres, working without connections to a port.
const CRON: [&str; 3] =
    ["shared_preload_libraries=pg_cron", "cron.database_name=postgres", "cron.use_background_workers=on"];

/// Schedules of the minute are too slow for a test, but pg_cron runs those of `@reboot` when the server starts.
const AT_START: &str = "@reboot";

/// The schedules of the job.
fn scheduled(client: &mut Client) -> Result<Vec<String>> {
    let jobs = client.query("select schedule from cron.job where jobname = 'pg_clinic'", &[])?;
    Ok(jobs.iter().map(|job| job.get(0)).collect())
}

/// Waits until a query gives true.
fn wait_for(client: &mut Client, condition: &str) -> Result {
    const PATIENCE: Duration = Duration::from_secs(90);
    let started = Instant::now();
    while !client.query_one(condition, &[])?.get::<_, bool>(0) {
        ensure!(started.elapsed() < PATIENCE, "still not: {condition}");
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

#[test]
fn cron_runs_them() -> Result {
    let server = Server::from_env()?;
    let available = "select count(*) > 0 from pg_available_extensions where name = 'pg_cron'";
    if !server.connect("postgres")?.query_one(available, &[])?.get::<_, bool>(0) {
        skip!("pg_cron isn't installed for this PostgreSQL");
    }
    let mut instance = Instance::empty(&server, "cron", &CRON)?;
    let mut client = instance.server.connect("postgres")?;
    client.batch_execute("set client_min_messages = warning; create extension pg_clinic cascade")?;
    Fixture::default().make(&mut client)?;
    client.batch_execute(
        "update clinic.clinics set no_show_since = '-infinity';
         insert into clinic.bookings (provider_id, room_id, appointment_type_id, status, during, hold_expires_at)
           values (1, 1, 1, 'pending', tstzrange(test.at(7, '10:00'), null), now());
         insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
           values (1, 1, 1, 'Pat', tstzrange(test.at(-2, '10:00'), null))",
    )?;

    let refusal = client.batch_execute("select schedule_jobs()").refused("0A000")?;
    ensure!(refusal.message.contains("pg_cron"), "{refusal:?}");
    let was_there: bool = client.query_one("select unschedule_jobs()", &[])?.get(0);
    ensure!(!was_there, "unscheduled what wasn't");

    client.batch_execute("create extension pg_cron; select schedule_jobs(); select schedule_jobs()")?;
    ensure!(scheduled(&mut client)? == ["* * * * *"], "every minute, once");
    client.batch_execute("select schedule_jobs('nonsense')").outcome()?.expect_err("a schedule that is none");
    client.execute("select schedule_jobs($1)", &[&AT_START])?;
    ensure!(scheduled(&mut client)? == [AT_START], "another schedule replaces it");

    drop(client);
    instance.restart()?;
    let mut client = instance.server.connect("postgres")?;
    wait_for(&mut client, "select count(*) = 1 from cron.job_run_details where status = 'succeeded'")?;
    let statuses = client.query("select status from clinic.bookings order by id", &[])?;
    let statuses: Vec<String> = statuses.iter().map(|row| row.get(0)).collect();
    ensure!(statuses == ["cancelled", "noshow"], "{statuses:?}");

    for expected in [true, false] {
        let was_there: bool = client.query_one("select unschedule_jobs()", &[])?.get(0);
        ensure!(was_there == expected, "unscheduled: {was_there}, expected {expected}");
    }
    ensure!(scheduled(&mut client)?.is_empty(), "still scheduled");
    Ok(())
}
