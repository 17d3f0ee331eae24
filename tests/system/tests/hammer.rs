//! Thirty sessions do whatever a clinic and its app may do to the bookings of one week, all at once. Afterwards plain
//! SQL must find every promise of the tables kept, and nothing was refused but for a reason that is documented.
//!
//! `PG_CLINIC_HAMMER_STEPS` says how many statements each session runs.

use std::collections::BTreeMap;

use pg_clinic_system_tests::{
    Attempt, CROWDED, Chance, Crowd, Refusal, Result, Server, broken_promises, ensure, fail,
};
use postgres::Client;

const SESSIONS: usize = 30;
const PROVIDERS: i64 = CROWDED.providers as i64;
const ROOMS: i64 = CROWDED.rooms as i64;

/// SQLSTATEs that a single statement may be refused with. No 40P01: it never deadlocks. No XX000, no 27000, no 23502.
const EXPECTED: [&str; 5] = [
    "23P01", // collision
    "23514", // cap or rule; the hold has expired; a status without what goes with it
    "22023", // two of one patient and type swapped
    "55000", // not in that state
    "P0002", // deleted meanwhile
];

fn steps() -> usize {
    std::env::var("PG_CLINIC_HAMMER_STEPS").ok().and_then(|steps| steps.parse().ok()).unwrap_or(80)
}

/// A place at random: arguments `provider, room, start`.
fn place(chance: &mut Chance) -> (i64, i64, String) {
    // Half of all near midnight, where two days meet.
    let hour = if chance.percent(50) { chance.between(0, 23) } else { *chance.one_of(&[22, 23, 0, 1]) };
    let minute = chance.between(0, 11) * 5;
    // Half of all in two days of the week.
    let day = if chance.percent(50) { chance.between(2, 8) } else { chance.between(4, 5) };
    let start = format!("test.at({day}, '{hour}:{minute}')");
    (chance.between(1, PROVIDERS), chance.between(1, ROOMS), start)
}

fn insert(chance: &mut Chance) -> String {
    let (provider, room, start) = place(chance);
    let (kind, patient) = (chance.between(1, 2), chance.between(1, 12));
    let (status, expiry) = *chance.one_of(&[
        ("booked", "null"),
        ("booked", "null"),
        ("booked", "null"),
        ("pending", "now() - interval '1 second'"),
        ("pending", "now() + interval '20 milliseconds'"),
        ("proposed", "null"),
        ("cancelled", "null"),
    ]);
    let is_overbooked = chance.percent(25);
    format!(
        "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, patient_id, during,
           status, hold_expires_at, is_overbooked)
         values ({provider}, {room}, {kind}, 'Pat', 'p{patient}', tstzrange({start}, null),
           '{status}', {expiry}, {is_overbooked})"
    )
}

fn update(chance: &mut Chance, booking: i64) -> String {
    let (provider, room, start) = place(chance);
    let kind = chance.between(1, 2);
    let status = chance.one_of(&[
        "booked",
        "booked",
        "arrived",
        "checked-in",
        "fulfilled",
        "cancelled",
        "noshow",
        "waitlist",
        "entered-in-error",
    ]);
    let set = match chance.between(1, 9) {
        1 => format!("during = tstzrange({start}, null)"),
        2 => format!("during = tstzrange({start}, {start} + interval '3 hours'), provider_id = {provider}"),
        3 => format!("provider_id = {provider}, room_id = {room}"),
        4 => format!("room_id = {room}"),
        5 => format!("patient_id = 'p{}'", chance.between(1, 12)),
        6 => format!("appointment_type_id = {kind}"),
        7 => "is_overbooked = not is_overbooked".to_owned(),
        // Nonsense in derived columns has no effect.
        8 => "day_seat = 99, provider_busy = 'empty', local_date = 'infinity'".to_owned(),
        _ => format!("status = '{status}', hold_expires_at = null"),
    };
    format!("update clinic.bookings set {set} where id = {booking}")
}

/// Something to do, to a booking or not.
fn statement(chance: &mut Chance, booking: i64) -> String {
    let (provider, room, start) = place(chance);
    let patient = chance.between(1, 12);
    let kind = *chance.one_of(&["Visit", "Long"]);
    let overbooked = chance.percent(25);
    let book =
        format!("'{kind}', {provider}, {room}, {start}, 'Pat', 'p{patient}', is_overbooked => {overbooked}");
    match chance.between(1, 49) {
        ..=10 => format!("select book_slot({book})"),
        11..=14 => format!("select hold_slot({book}, ttl => '{} milliseconds')", chance.between(1, 50)),
        15..=17 => format!("select confirm_hold({booking})"),
        18..=20 => format!("select cancel_booking({booking}, 'why not')"),
        21..=23 => format!("select reschedule_booking({booking}, {start}, {provider}, {room})"),
        24..=25 => format!("select reschedule_booking({booking}, {start}, override_reason => 'must be')"),
        26..=28 => format!("select check_in_booking({booking})"),
        29 if chance.percent(50) => format!("select complete_booking({booking})"),
        29 if chance.percent(50) => format!("select mark_no_show({booking})"),
        29 => format!("select reopen_booking({booking})"),
        30 => format!("delete from clinic.bookings where id = {booking}"),
        31..=35 => insert(chance),
        36 => "select run_due_jobs()".to_owned(),
        37..=38 => {
            "select ack_events(null, array(select event_id from claim_events(max_events => 20)))".to_owned()
        }
        39 => {
            format!("select shift_bookings({provider}, {start}, {start} + interval '3 hours', '20 minutes')")
        }
        40..=41 => format!("select swap_bookings({booking}, {})", booking - 1),
        42 => format!(
            "select reassign_bookings({provider}, {}, tstzrange({start}, {start} + interval '3 hours'))",
            provider % 3 + 1
        ),
        _ => update(chance, booking),
    }
}

/// How the sessions run their statements.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    isolation: &'static str,
    /// Statements of a transaction, at most.
    together: i64,
    /// SQLSTATEs that are to be expected besides [`EXPECTED`].
    more: &'static [&'static str],
    /// A fraction of the steps.
    steps_divided_by: usize,
}

impl Way {
    fn steps(self) -> usize {
        steps() / self.steps_divided_by
    }
}

/// A session's life: how many statements went well, and what it was refused.
fn hammer(way: Way, seed: u64, session: &mut Client) -> Result<(usize, Vec<(String, Refusal)>)> {
    // Deadlocks, where there may be some, shan't take long.
    session.batch_execute(&format!(
        "set deadlock_timeout = '50ms'; set default_transaction_isolation = '{}'",
        way.isolation
    ))?;
    let mut chance = Chance::new(seed);
    let (mut done, mut refused) = (0, Vec::new());
    let mut there: Vec<i64> = Vec::new();
    for step in 0..way.steps() {
        if step % 8 == 0 {
            // The cancelled too, now and then.
            let any = chance.percent(20);
            let ids = "select coalesce(array_agg(id), '{1}') from clinic.bookings where day_seat is not null
                         or overbook_seat is not null or $1";
            there = session.query_one(ids, &[&any])?.get(0);
        }
        let count = chance.between(1, way.together);
        let statements: Vec<_> = (0..count)
            .map(|_| {
                let booking = *chance.one_of(&there);
                statement(&mut chance, booking)
            })
            .collect();
        // Several statements at once are one transaction.
        let mut transaction = statements.join(";\n");
        if count > 1 && chance.percent(20) {
            transaction += ";\nrollback";
        }
        match session.batch_execute(&transaction).outcome()? {
            Ok(()) => done += 1,
            Err(refusal) => refused.push((transaction, refusal)),
        }
    }
    Ok((done, refused))
}

fn run(way: Way) -> Result {
    let database = Server::from_env()?.database(&format!("hammer_{}", way.name))?;
    let mut client = database.with_extension()?;
    CROWDED.make(&mut client)?;
    let base: u64 = std::env::var("PG_CLINIC_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let lives = Crowd::new(&database, SESSIONS)?
        .act(|number, session| hammer(way, base.wrapping_mul(1000) + number as u64, session))?;
    let done: usize = lives.iter().map(|(done, _)| done).sum();
    let refusals: Vec<_> = lives.into_iter().flat_map(|(_, refused)| refused).collect();
    eprintln!("{}: {done} went well, refused were {:?}", way.name, summary(&refusals));
    ensure!(done > SESSIONS * way.steps() / 20, "hardly anything went well");
    let broken = broken_promises(&mut client)?;
    ensure!(broken.is_empty(), "{}", broken.join("\n"));
    ensure!(has_told_who_and_why(&mut client)?, "a history doesn't say who and why");
    let is_expected = |sqlstate: &str| EXPECTED.contains(&sqlstate) || way.more.contains(&sqlstate);
    if let Some(unexpected) = refusals.iter().find(|(_, refusal)| !is_expected(&refusal.sqlstate)) {
        fail!("unexpected: {unexpected:?}");
    }
    Ok(())
}

#[test]
fn single_statements() -> Result {
    run(Way { name: "single", isolation: "read committed", together: 1, more: &[], steps_divided_by: 1 })
}

#[test]
fn single_statements_repeatable_read() -> Result {
    run(Way {
        name: "repeatable_read",
        isolation: "repeatable read",
        together: 1,
        more: &["40001"],
        steps_divided_by: 2,
    })
}

#[test]
fn single_statements_serializable() -> Result {
    run(Way {
        name: "serializable",
        isolation: "serializable",
        together: 1,
        more: &["40001"],
        steps_divided_by: 2,
    })
}

/// Transactions of several statements lock days and rows in any order, so some deadlock; promises are kept all the same.
#[test]
fn transactions() -> Result {
    run(Way {
        name: "transactions",
        isolation: "read committed",
        together: 4,
        more: &["40P01"],
        steps_divided_by: 4,
    })
}

fn summary(refusals: &[(String, Refusal)]) -> BTreeMap<&str, usize> {
    let mut summary = BTreeMap::new();
    for (_, refusal) in refusals {
        *summary.entry(&*refusal.sqlstate).or_insert(0) += 1;
    }
    summary
}

fn has_told_who_and_why(client: &mut Client) -> Result<bool> {
    let offenders = "select id from clinic.booking_history where actor <> session_user
           or reason not in ('direct SQL', 'book_slot', 'hold_slot', 'confirm_hold', 'why not', 'cancel_booking',
             'reschedule_booking', 'must be', 'shift_bookings', 'swap_bookings', 'reassign_bookings', 'check_in_booking', 'complete_booking',
             'mark_no_show', 'reopen_booking', 'hold expired')";
    Ok(client.query(offenders, &[])?.is_empty())
}
