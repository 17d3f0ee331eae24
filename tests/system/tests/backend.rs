//! A backend stays well: it answers a cancel soon, whatever it is at, and its memory doesn't grow with the calls.

use std::time::{Duration, Instant};

use pg_clinic_system_tests::{Attempt, Fixture, Result, Server, ensure};
use postgres::Client;

/// How long a cancelled question may take at most: the debug build on a busy machine is slow.
const SOON: Duration = Duration::from_secs(5);

/// Runs a statement that takes longer than 20 ms.
fn is_cancelled(client: &mut Client, statement: &str) -> Result {
    client.batch_execute("set statement_timeout = '20ms'")?;
    let started = Instant::now();
    client.batch_execute(statement).refused("57014").map_err(|error| format!("{statement}: {error}"))?;
    let elapsed = started.elapsed();
    eprintln!("cancelled after {} ms: {statement}", elapsed.as_millis());
    ensure!(elapsed < SOON, "cancelled only after {elapsed:?}: {statement}");
    client.batch_execute("reset statement_timeout")?;
    Ok(())
}

#[test]
fn a_cancel_is_answered() -> Result {
    let database = Server::from_env()?.database("cancel")?;
    let mut client = database.with_extension()?;
    Fixture { providers: 200, rooms: 100, ..Fixture::default() }.make(&mut client)?;
    for question in [
        "select count(*) from find_slots('Visit', current_date + 1, current_date + 360)",
        "select count(*) from find_slots('Visit', current_date + 1, current_date + 20, all_rooms => true)",
        "select count(*) from find_slots('Visit', current_date + 1, current_date + 360, max_results => 10)",
        "select count(*) from explain_slots('Visit', current_date + 1)",
        "select count(*) from explain_slots('Visit', current_date - 1)",
    ] {
        is_cancelled(&mut client, question)?;
    }
    client.batch_execute(
        "update clinic.clinics set booking_horizon_days = 3660;
         insert into clinic.time_off (during) values ('[,)')",
    )?;
    is_cancelled(&mut client, "select count(*) from next_available('Visit')")?;
    // The session goes on as if nothing had been.
    client.batch_execute(
        "delete from clinic.time_off; select book_slot('Visit', 1, 1, test.at(7, '10:00'), 'Ann')",
    )?;
    // So does one that waits for its turn.
    let mut other = database.connect()?;
    other.batch_execute("begin; select book_slot('Visit', 2, 2, test.at(7, '10:00'), 'Bob')")?;
    is_cancelled(&mut client, "select book_slot('Visit', 3, 3, test.at(7, '10:00'), 'Cleo')")?;
    is_cancelled(&mut client, "update clinic.bookings set status = 'arrived'")?;
    other.batch_execute("rollback")?;
    client.batch_execute("select book_slot('Visit', 3, 3, test.at(7, '10:00'), 'Cleo')")?;
    Ok(())
}

/// A backend's own memory in bytes: what PostgreSQL's contexts hold, and what the process has for itself.
fn memory(client: &mut Client) -> Result<(i64, i64)> {
    let row = client.query_one(
        "select (select sum(total_bytes) from pg_backend_memory_contexts)::bigint,
           (split_part(pg_read_file('/proc/self/statm'), ' ', 2)::bigint
            - split_part(pg_read_file('/proc/self/statm'), ' ', 3)::bigint) * 4096",
        &[],
    )?;
    Ok((row.get(0), row.get(1)))
}

/// What a session may do all day; refusals included.
const DAY: [&str; 9] = [
    "select count(*) from find_slots('Visit', current_date + 7, all_rooms => true)",
    "select count(*) from next_available('Visit')",
    "select count(*) from explain_slots('Visit', current_date + 7, provider_id => 1)",
    "select booking_id from book_slot('Visit', 1, 1, test.at(7, '10:00'), 'Ann', 'p')",
    "select booking_id from book_slot('Visit', 1, 1, test.at(7, '10:15'), 'Bob')",
    "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
       values (1, 1, 1, 'Cleo', tstzrange(test.at(7, '10:15'), null))",
    "select booking_id from hold_slot('Visit', 2, 2, test.at(7, '10:00'), ttl => '1 ms')",
    "select find_slots('No such type', current_date)",
    "delete from clinic.bookings",
];

fn live(client: &mut Client, days: usize) -> Result {
    for _ in 0..days {
        for statement in DAY {
            // Some are meant to be refused.
            client.batch_execute(statement).outcome()?.err();
        }
    }
    Ok(())
}

#[test]
fn memory_does_not_grow() -> Result {
    /// Less than a byte a statement more would show; caches may still fill a little.
    const CONTEXTS_MAY_GROW: i64 = 64 << 10;
    const PROCESS_MAY_GROW: i64 = 1 << 20;
    let database = Server::from_env()?.database("memory")?;
    let mut client = database.with_extension()?;
    Fixture::default().make(&mut client)?;
    live(&mut client, 50)?;
    let (contexts, process) = memory(&mut client)?;
    live(&mut client, 450)?;
    let (contexts_then, process_then) = memory(&mut client)?;
    eprintln!("contexts {contexts} → {contexts_then}, process {process} → {process_then} bytes");
    ensure!(contexts_then - contexts < CONTEXTS_MAY_GROW, "contexts grew from {contexts} to {contexts_then}");
    ensure!(process_then - process < PROCESS_MAY_GROW, "the process grew from {process} to {process_then}");
    Ok(())
}

/// The same within one transaction, where nothing is cleaned up at its end, and within one statement.
#[test]
fn memory_does_not_grow_in_a_transaction() -> Result {
    const MAY_GROW: i64 = 512 << 10;
    let database = Server::from_env()?.database("memory_transaction")?;
    let mut client = database.with_extension()?;
    Fixture { daily_cap: 1000, ..Fixture::default() }.make(&mut client)?;
    let ask = "do $$ begin
        for n in 1..200 loop
          perform * from find_slots('Visit', current_date + 7);
          perform booking_id from book_slot('Visit', 1, 1, test.at(7, '10:00'), 'Ann');
          perform cancel_booking(id) from clinic.bookings where status = 'booked';
        end loop;
      end $$";
    client.batch_execute("begin")?;
    client.batch_execute(ask)?;
    let (before, _) = memory(&mut client)?;
    client.batch_execute(ask)?;
    client.batch_execute(ask)?;
    let (after, _) = memory(&mut client)?;
    client.batch_execute("rollback")?;
    eprintln!("contexts {before} → {after} bytes in a transaction");
    ensure!(after - before < MAY_GROW, "contexts grew from {before} to {after}");
    Ok(())
}
