//! Bulk loads: one transaction takes many bookings with the server's default settings. The locks it takes are few, its
//! memory is bounded, and what it loads is complete.
//!
//! `PG_CLINIC_BULK_DAYS` says how many days of a thousand bookings each the INSERT loads; 20 by default, so that the suite stays quick.

use std::io::Write;
use std::time::Instant;

use pg_clinic_system_tests::{Attempt, DAY_LOCK, Fixture, Instance, Result, Server, ensure};
use postgres::Client;

const PROVIDERS: u32 = 50;
const A_DAY: u32 = 20;

fn days() -> u32 {
    std::env::var("PG_CLINIC_BULK_DAYS").ok().and_then(|days| days.parse().ok()).unwrap_or(20)
}

fn fixture() -> Fixture {
    Fixture {
        providers: PROVIDERS,
        rooms: PROVIDERS,
        daily_cap: A_DAY,
        time_zone: "Europe/Berlin",
        ..Fixture::default()
    }
}

/// Every provider in a room of his own, twenty patients a day, forty minutes apart: nothing collides.
fn rows(days: u32) -> String {
    format!(
        "select p as provider_id, p as room_id, 1 as appointment_type_id, 'Patient ' || p as patient_name,
           'p' || p || '-' || d || '-' || n as patient_id,
           tstzrange(test.at(d, time '08:00' + n * interval '40 minutes'), null) as during
         from generate_series(1, {days}) d, generate_series(1, {PROVIDERS}) p, generate_series(0, {A_DAY} - 1) n"
    )
}

/// How many bookings there are, all with a seat, and as many entries of history.
fn check(client: &mut Client, expected: u32) -> Result {
    let row = client.query_one(
        "select (select count(*) from clinic.bookings), (select count(*) from clinic.bookings where day_seat is null),
           (select count(*) from clinic.booking_history)",
        &[],
    )?;
    let found: (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
    let expected = i64::from(expected);
    ensure!(found == (expected, 0, expected), "bookings, without a seat, history: {found:?}");
    Ok(())
}

#[test]
fn insert_select() -> Result {
    let database = Server::from_env()?.database("bulk_insert")?;
    let mut client = database.with_extension()?;
    fixture().make(&mut client)?;
    let (started, expected) = (Instant::now(), days() * PROVIDERS * A_DAY);
    let mut transaction = client.transaction()?;
    transaction.batch_execute(&format!(
        "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, patient_id, during) {}",
        rows(days())
    ))?;
    let locks: i64 = transaction
        .query_one(
            "select count(*) from pg_locks
             where pid = pg_backend_pid() and locktype = 'advisory' and objsubid = $1",
            &[&DAY_LOCK],
        )?
        .get(0);
    transaction.commit()?;
    let seconds = started.elapsed().as_secs_f64();
    eprintln!("insert … select: {expected} bookings, {locks} day locks, {seconds:.1} s");
    ensure!(locks == i64::from(days()), "{locks} advisory locks for {} days", days());
    check(&mut client, expected)
}

#[test]
fn copy() -> Result {
    const DAYS: u32 = 5;
    let database = Server::from_env()?.database("bulk_copy")?;
    let mut client = database.with_extension()?;
    fixture().make(&mut client)?;
    let mut lines = String::new();
    for row in client.query(&format!("select r.*::text from ({}) r", rows(DAYS)), &[])? {
        // The row as text, `(1,1,1,"Patient 1",p1-1-0,"[""2026-…"",)")`, is CSV but for its parentheses.
        let row: String = row.get(0);
        lines += row.trim_start_matches('(').strip_suffix(')').unwrap_or(&row);
        lines.push('\n');
    }
    let started = Instant::now();
    let mut copy = client.copy_in(
        "copy clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, patient_id, during)
         from stdin with (format csv)",
    )?;
    copy.write_all(lines.as_bytes())?;
    let copied = copy.finish()?;
    eprintln!("copy: {copied} bookings, {:.1} s", started.elapsed().as_secs_f64());
    check(&mut client, DAYS * PROVIDERS * A_DAY)
}

/// One bad row among many: the whole load fails, naming the constraint, and leaves nothing behind.
#[test]
fn one_collision_fails_it_all() -> Result {
    use pg_clinic_system_tests::Attempt;
    let database = Server::from_env()?.database("bulk_collision")?;
    let mut client = database.with_extension()?;
    fixture().make(&mut client)?;
    let refusal = client
        .batch_execute(&format!(
            "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, patient_id, during)
             {} union all select 1, 2, 1, 'One too many', 'x', tstzrange(test.at(3, '08:15'), null)",
            rows(3).replace("- 1) n", "- 2) n")
        ))
        .refused("23P01")?;
    ensure!(refusal.constraint.as_deref() == Some("bookings_provider"), "{refusal:?}");
    check(&mut client, 0)
}

/// Bookings move together, past an expired hold that the first of them would cancel.
#[test]
fn a_room_is_emptied() -> Result {
    let database = Server::from_env()?.database("bulk_move")?;
    let mut client = database.with_extension()?;
    fixture().make(&mut client)?;
    client.batch_execute(
        "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status, hold_expires_at)
         select 1, 1, 1, 'Pat', tstzrange(test.at(7, time '08:00' + n * interval '1 hour'), null),
           case n % 3 when 1 then 'pending' else 'booked' end, case n % 3 when 1 then timestamptz '2000-01-01' end
         from generate_series(0, 9) n",
    )?;
    let moved = client.execute("update clinic.bookings set room_id = 2 where room_id = 1", &[])?;
    ensure!(moved == 10, "{moved} moved");
    let moved = client.execute("update clinic.bookings set provider_id = 2 where provider_id = 1", &[])?;
    ensure!(moved == 10, "{moved} given to another provider");
    Ok(())
}

/// A lock a day: a load of more days than the lock table takes is refused and changes nothing, and in parts it goes well.
#[test]
fn more_days_than_locks() -> Result {
    const DAYS: i32 = 3000;
    let settings = &["max_locks_per_transaction=30", "max_connections=10"];
    let small = Instance::empty(&Server::from_env()?, "lock_table", settings)?;
    let database = small.server.database("lock_table")?;
    let mut client = database.with_extension()?;
    Fixture::default().make(&mut client)?;
    let load = |from: i32, to: i32| {
        format!(
            "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
             select 1, 1, 1, 'Pat', tstzrange(test.at(d, '10:00'), null) from generate_series({from}, {to}) d"
        )
    };
    // PostgreSQL's own words, because whichever lock comes next may be the one too many.
    let refusal = client.batch_execute(&load(1, DAYS)).refused("53200")?;
    ensure!(refusal.message == "out of shared memory", "refused with {refusal:?}");
    let bookings: i64 = client.query_one("select count(*) from clinic.bookings", &[])?.get(0);
    ensure!(bookings == 0, "{bookings} bookings of a load that was refused");
    for from in (1..=DAYS).step_by(100) {
        client.batch_execute(&load(from, from + 99))?;
    }
    let bookings: i64 = client.query_one("select count(*) from clinic.bookings", &[])?.get(0);
    ensure!(bookings == i64::from(DAYS), "{bookings} bookings");
    Ok(())
}
