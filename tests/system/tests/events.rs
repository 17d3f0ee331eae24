//! The outbox: events of bookings reach their consumers, whatever becomes of these.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use pg_clinic_system_tests::{Database, Fixture, Result, Server, ensure, fail};
use postgres::Client;
use postgres::fallible_iterator::FallibleIterator;

const BOOKINGS: i64 = 2_500;
const EVENTS: i64 = 4 * BOOKINGS;
/// How often the consumer that dies has claimed by then.
const CLAIMS_BEFORE_DEATH: usize = 8;
/// Ends long after a live consumer has acknowledged: the machine may be busy.
const LEASE: &str = "4 seconds";
const PATIENCE: Duration = Duration::from_secs(120);

/// Four events each: booked, then three changes. In a few transactions, while the consumers are at work.
fn produce(client: &mut Client) -> Result {
    const A_DAY: u32 = 20;
    client.batch_execute(&format!(
        "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
         select p, p, 1, 'Pat', tstzrange(test.at(d, time '08:00' + n * interval '40 minutes'), null)
         from generate_series(1, {BOOKINGS} / 50 / {A_DAY} + 1) d, generate_series(1, 50) p, generate_series(0, {A_DAY} - 1) n
         order by d, p, n limit {BOOKINGS}"
    ))?;
    for status in ["arrived", "checked-in", "fulfilled"] {
        for part in 0..5 {
            client.batch_execute(&format!(
                "update clinic.bookings set status = '{status}' where id % 5 = {part}"
            ))?;
        }
    }
    Ok(())
}

/// An event as a consumer got it: booking and id.
type Delivery = (i64, i64);

/// A consumer of whom there are several processes.
const MAILER: &str = "mailer";

/// Claims and notes what it got.
fn claim(session: &mut Client, consumer: &str, log: &Mutex<Vec<Delivery>>) -> Result<Vec<i64>> {
    let query = format!("select booking_id, event_id from claim_events($1, 150, '{LEASE}')");
    let rows = session.query(&query, &[&consumer])?;
    let deliveries: Vec<Delivery> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    log.lock().unwrap().extend_from_slice(&deliveries);
    Ok(deliveries.into_iter().map(|(_, id)| id).collect())
}

fn acknowledge(session: &mut Client, consumer: &str, ids: &[i64]) -> Result {
    session.execute("select ack_events($1, $2)", &[&consumer, &ids])?;
    Ok(())
}

/// Consumes until all is acknowledged.
fn survive(mut session: Client, log: &Mutex<Vec<Delivery>>) -> Result {
    let started = Instant::now();
    loop {
        let ids = claim(&mut session, MAILER, log)?;
        acknowledge(&mut session, MAILER, &ids)?;
        if ids.is_empty() {
            let acknowledged: i64 = session
                .query_one("select count(*) from clinic.events where acked_at is not null", &[])?
                .get(0);
            if acknowledged == EVENTS {
                return Ok(());
            }
            ensure!(started.elapsed() < PATIENCE, "{acknowledged} acknowledged after {PATIENCE:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Consumes for a while, and is killed with events in hand.
fn die(
    mut session: Client,
    log: &Mutex<Vec<Delivery>>,
    ready: Sender<i32>,
    killed: Receiver<()>,
) -> Result<usize> {
    let pid: i32 = session.query_one("select pg_backend_pid()", &[])?.get(0);
    let mut claims = 0;
    loop {
        let ids = claim(&mut session, MAILER, log)?;
        if ids.is_empty() {
            std::thread::sleep(Duration::from_millis(10));
            continue;
        }
        claims += 1;
        if claims == CLAIMS_BEFORE_DEATH {
            ready.send(pid)?;
            killed.recv()?;
            ensure!(acknowledge(&mut session, MAILER, &ids).is_err(), "a killed session acknowledges");
            return Ok(ids.len());
        }
        acknowledge(&mut session, MAILER, &ids)?;
    }
}

#[test]
fn nothing_is_lost_when_a_consumer_is_killed() -> Result {
    let database = Server::from_env()?.database("events")?;
    let mut client = database.with_extension()?;
    Fixture { providers: 50, rooms: 50, ..Fixture::default() }.make(&mut client)?;
    let log = Mutex::new(Vec::new());
    let (survivor, victim, mut killer) = (database.connect()?, database.connect()?, database.connect()?);
    let ((ready, is_ready), (kill, is_killed)) = (channel(), channel());
    let in_hand = std::thread::scope(|scope| -> Result<usize> {
        let survivor = scope.spawn(|| survive(survivor, &log));
        let victim = scope.spawn(|| die(victim, &log, ready, is_killed));
        produce(&mut client)?;
        let pid: i32 = is_ready.recv_timeout(PATIENCE)?;
        killer.execute("select pg_terminate_backend($1, 10000)", &[&pid])?;
        kill.send(())?;
        let in_hand = victim.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        survivor.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok(in_hand)
    })?;
    let log = log.into_inner()?;
    check_deliveries(&log)?;
    let again: i64 = client.query_one("select count(*) from clinic.events where deliveries > 1", &[])?.get(0);
    eprintln!(
        "{EVENTS} events, {} deliveries; {in_hand} were in the hand of who died, {again} came again",
        log.len()
    );
    ensure!(again >= in_hand as i64, "{again} came again, {in_hand} were in hand");
    check_story(&mut client)
}

/// Every event was delivered, and those of a booking in their order: again and again the same one, if need be, but never
/// a later one before it was acknowledged.
fn check_deliveries(log: &[Delivery]) -> Result {
    let delivered: BTreeSet<i64> = log.iter().map(|(_, id)| *id).collect();
    ensure!(delivered.len() as i64 == EVENTS, "{} events were delivered", delivered.len());
    check_order(log)
}

/// Those of a booking came in their order.
fn check_order(log: &[Delivery]) -> Result {
    let mut last: BTreeMap<i64, i64> = BTreeMap::new();
    for (booking, id) in log {
        if let Some(before) = last.insert(*booking, *id).filter(|before| before > id) {
            fail!("booking {booking}: event {id} came after {before}");
        }
    }
    Ok(())
}

/// Each booking's events tell its life.
fn check_story(client: &mut Client) -> Result {
    let lives: i64 = client
        .query_one(
            "select count(*) from (
               select string_agg(kind, ' ' order by id) as life from clinic.events group by booking_id) b
             where life = 'booked arrived checked-in fulfilled'",
            &[],
        )?
        .get(0);
    ensure!(lives == BOOKINGS, "{lives} bookings have their four events");
    Ok(())
}

/// Consumes until it has got what it wants of all that is produced.
fn consume(mut session: Client, consumer: &str, wanted: i64, log: &Mutex<Vec<Delivery>>) -> Result {
    let (started, mut acknowledged) = (Instant::now(), 0);
    while acknowledged < wanted {
        let ids = claim(&mut session, consumer, log)?;
        acknowledge(&mut session, consumer, &ids)?;
        acknowledged += ids.len() as i64;
        ensure!(started.elapsed() < PATIENCE, "{consumer}: {acknowledged} of {wanted} after {PATIENCE:?}");
        if ids.is_empty() {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    let more = claim(&mut session, consumer, log)?;
    ensure!(more.is_empty(), "{consumer} got {} more", more.len());
    Ok(())
}

/// Each subscribed consumer gets what it wants, once and in order, also one that subscribes in the midst of it; one that has
/// stopped has all of it waiting.
#[test]
fn every_subscribed_consumer_gets_every_event() -> Result {
    let database = Server::from_env()?.database("subscriptions")?;
    let mut client = database.with_extension()?;
    Fixture { providers: 50, rooms: 50, ..Fixture::default() }.make(&mut client)?;
    client.batch_execute(
        "select subscribe_events('mailer'), subscribe_events('billing', '{fulfilled}'), subscribe_events('stopped')",
    )?;
    let consumers = [("mailer", EVENTS), ("billing", BOOKINGS), ("archive", EVENTS)];
    let logs = consumers.map(|_| Mutex::new(Vec::new()));
    let mut admin = database.connect()?;
    std::thread::scope(|scope| -> Result {
        let producer = scope.spawn(|| produce(&mut client));
        // In the midst of it, with what happened before.
        std::thread::sleep(Duration::from_millis(300));
        admin.batch_execute("select subscribe_events('archive', since => '2020-01-01')")?;
        let threads: Vec<_> = consumers
            .iter()
            .zip(&logs)
            .map(|((consumer, wanted), log)| {
                let session = database.connect()?;
                Ok(scope.spawn(move || consume(session, consumer, *wanted, log)))
            })
            .collect::<Result<_>>()?;
        for thread in threads.into_iter().chain([producer]) {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        }
        Ok(())
    })?;
    for ((consumer, wanted), log) in consumers.iter().zip(logs) {
        let log = log.into_inner()?;
        let distinct: BTreeSet<i64> = log.iter().map(|(_, id)| *id).collect();
        ensure!(
            log.len() as i64 == *wanted && distinct.len() == log.len(),
            "{consumer} got {} of {wanted}",
            log.len()
        );
        check_order(&log)?;
    }
    let lag: String = admin
        .query_one(
            "select string_agg(coalesce(consumer, 'shared') || ' ' || pending_events, ', ' order by consumer) from clinic.event_lag",
            &[],
        )?
        .get(0);
    ensure!(lag == format!("archive 0, billing 0, mailer 0, stopped {EVENTS}"), "{lag}");
    check_story(&mut admin)
}

/// How many notifications a session has got by now.
fn notifications(session: &mut Client) -> Result<usize> {
    // The answer to a query brings what was sent before.
    session.batch_execute("")?;
    Ok(session.notifications().iter().count()?)
}

fn book(session: &mut Client, day: u32) -> Result {
    Ok(session.batch_execute(&format!(
        "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
         select n, n, 1, 'Pat', tstzrange(test.at({day}, '10:00'), null) from generate_series(1, 2) n;"
    ))?)
}

#[test]
fn one_notification_a_transaction_where_asked_for() -> Result {
    let database: Database = Server::from_env()?.database("notify")?;
    let mut client = database.with_extension()?;
    Fixture::default().make(&mut client)?;
    let mut listener = database.connect()?;
    listener.batch_execute("listen bookings")?;
    book(&mut client, 1)?;
    ensure!(notifications(&mut listener)? == 0, "notified unasked");

    client.batch_execute("set pg_clinic.notify_channel = 'bookings'; begin")?;
    book(&mut client, 2)?;
    client.batch_execute("savepoint s")?;
    book(&mut client, 3)?;
    client.batch_execute("rollback to s")?;
    book(&mut client, 4)?;
    client.batch_execute("commit")?;
    let count = notifications(&mut listener)?;
    ensure!(count == 1, "{count} notifications for one transaction");

    client.batch_execute("begin; update clinic.bookings set status = status; commit")?;
    client.batch_execute("set pg_clinic.events = off; update clinic.bookings set status = 'arrived'")?;
    ensure!(notifications(&mut listener)? == 0, "notified of nothing");
    Ok(())
}
