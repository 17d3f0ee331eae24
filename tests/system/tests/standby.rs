//! The read functions run on a hot standby and see what it has replayed; the booking functions say that it can't write.
//! On the primary a read takes no transaction id.

use std::time::{Duration, Instant};

use pg_clinic_system_tests::{Attempt, Fixture, Instance, Result, Server, ensure, fail};
use postgres::Client;

/// Questions that only read, each of which gives at least one row.
const QUESTIONS: [&str; 9] = [
    "select slot_start, provider_id, room_id, quality_score from find_slots('Visit', current_date + 7, all_rooms => true)",
    "select slot_start, provider_id, room_id, quality_score from find_slots(null, current_date + 7, patient_id => 'p', appointment_type_id => 1)",
    "select slot_start, provider_id, room_id, quality_score from next_available('Visit')",
    "select slot_start, provider_id, room_id, code, blocking_id from explain_slots('Visit', current_date + 7)",
    "select code, blocking_id from explain_slots('Visit', slot_start => test.at(7, '10:00'), provider_id => 1, is_overbooked => false)",
    "select current_clinic()",
    "select count(*) from check_clinic()",
    "select * from clinic.appointments order by booking_id",
    "select * from clinic.daily_utilization order by clinic_id, local_date, provider_id",
];

/// The answer as text.
fn ask(client: &mut Client, question: &str) -> Result<String> {
    let row = client.query_one(&format!("select jsonb_agg(q)::text from ({question}) q"), &[])?;
    row.get::<_, Option<String>>(0).ok_or_else(|| format!("no row: {question}").into())
}

/// Waits until the standby has replayed what the primary has written.
fn catch_up(primary: &mut Client, standby: &mut Client) -> Result {
    const PATIENCE: Duration = Duration::from_secs(30);
    let written: String = primary.query_one("select pg_current_wal_lsn()::text", &[])?.get(0);
    let is_there = format!("select pg_last_wal_replay_lsn() >= '{written}'");
    let started = Instant::now();
    while !standby.query_one(&is_there, &[])?.get::<_, bool>(0) {
        ensure!(started.elapsed() < PATIENCE, "the standby doesn't catch up");
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

#[test]
fn a_standby_answers() -> Result {
    let server = Server::from_env()?;
    let database = server.database("standby")?;
    let mut primary = database.with_extension()?;
    Fixture::default().make(&mut primary)?;
    primary.batch_execute("select book_slot('Visit', 1, 1, test.at(7, '10:00'), 'Ann')")?;
    let instance = Instance::standby_of(&server, "standby")?;
    let mut standby = instance.server.connect(&database.name)?;
    catch_up(&mut primary, &mut standby)?;
    for question in QUESTIONS {
        let (here, there) = (ask(&mut primary, question)?, ask(&mut standby, question)?);
        ensure!(here == there, "{question}\nprimary: {here}\nstandby: {there}");
    }

    // Something new: the standby's sessions see it, with the plans they have.
    let slots = "select count(*) from find_slots('Visit', current_date + 7)";
    let before: i64 = standby.query_one(slots, &[])?.get(0);
    primary.batch_execute(
        "select book_slot('Visit', 1, 1, test.at(7, '14:00'), 'Bob'); update clinic.rooms set enabled = false where id = 2",
    )?;
    catch_up(&mut primary, &mut standby)?;
    let after: i64 = standby.query_one(slots, &[])?.get(0);
    ensure!(after < before, "{after} slots after, {before} before");
    for question in QUESTIONS {
        let (here, there) = (ask(&mut primary, question)?, ask(&mut standby, question)?);
        ensure!(here == there, "after the change: {question}\nprimary: {here}\nstandby: {there}");
    }

    for write in [
        "select book_slot('Visit', 1, 1, test.at(8, '10:00'), 'Cleo')",
        "select hold_slot('Visit', 1, 1, test.at(8, '10:00'))",
        "select init_clinic('Second', 'UTC')",
        "select grant_clinic_access('pg_monitor', 'finder')",
    ] {
        standby.batch_execute(write).refused("25006").map_err(|error| format!("{write}: {error}"))?;
    }
    // These lock the row first, which a standby refuses as well.
    for write in [
        "select cancel_booking(1)",
        "select confirm_hold(1)",
        "select reschedule_booking(1, test.at(8, '10:00'))",
        "select check_in_booking(1)",
        "select complete_booking(1)",
    ] {
        if let Ok(()) = standby.batch_execute(write).outcome()? {
            fail!("{write} went well on a standby");
        }
    }
    Ok(())
}

/// A read that took a transaction id would not run on a standby, and would wear out the primary.
#[test]
fn reading_takes_no_transaction_id() -> Result {
    let database = Server::from_env()?.database("reading")?;
    let mut client = database.with_extension()?;
    Fixture::default().make(&mut client)?;
    client.batch_execute("select book_slot('Visit', 1, 1, test.at(7, '10:00'), 'Ann')")?;
    for mode in ["read write", "read only", "isolation level serializable read only deferrable"] {
        client.batch_execute(&format!("begin transaction {mode}"))?;
        for question in QUESTIONS {
            ask(&mut client, question)?;
        }
        let id: Option<String> =
            client.query_one("select pg_current_xact_id_if_assigned()::text", &[])?.get(0);
        ensure!(id.is_none(), "transaction id {id:?} was taken, {mode}");
        let locks: i64 = client
            .query_one(
                "select count(*) from pg_locks where pid = pg_backend_pid()
                   and (locktype = 'advisory' or locktype = 'relation' and mode not in ('AccessShareLock', 'SIReadLock'))",
                &[],
            )?
            .get(0);
        ensure!(locks == 0, "{locks} locks beyond reading, {mode}");
        client.batch_execute("commit")?;
    }
    Ok(())
}
