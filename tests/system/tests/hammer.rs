//! Thirty sessions do whatever a clinic and its app may do to the bookings of one week, all at once. Afterwards plain
//! SQL must find every promise of the tables kept, and nothing was refused but for a reason that is documented.
//!
//! `PG_CLINIC_HAMMER_STEPS` says how many statements each session runs.

use std::collections::BTreeMap;

use pg_clinic_system_tests::{Attempt, Chance, Crowd, Fixture, Refusal, Result, Server, ensure, fail};
use postgres::Client;

const SESSIONS: usize = 30;
const PROVIDERS: i64 = 3;
const ROOMS: i64 = 4;
const FIXTURE: Fixture = Fixture {
    providers: PROVIDERS as u32,
    buffer_minutes: 10,
    daily_cap: 8,
    rooms: ROOMS as u32,
    turnover_minutes: 5,
    max_overbook: 2,
    time_zone: "Europe/Berlin",
};

/// SQLSTATEs that a single statement may be refused with. No 40P01: it never deadlocks. No XX000, no 27000, no 23502.
const EXPECTED: [&str; 4] = [
    "23P01", // collision
    "23514", // cap or rule; the hold has expired; a status without what goes with it
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
    match chance.between(1, 45) {
        ..=10 => format!("select book_slot({book})"),
        11..=14 => format!("select hold_slot({book}, ttl => '{} milliseconds')", chance.between(1, 50)),
        15..=17 => format!("select confirm_hold({booking})"),
        18..=20 => format!("select cancel_booking({booking}, 'why not')"),
        21..=23 => format!("select reschedule_booking({booking}, {start}, {provider}, {room})"),
        24..=25 => format!("select reschedule_booking({booking}, {start}, override_reason => 'must be')"),
        26..=28 => format!("select check_in_booking({booking})"),
        29 => format!("select complete_booking({booking})"),
        30 => format!("delete from clinic.bookings where id = {booking}"),
        31..=35 => insert(chance),
        36 => "select run_due_jobs()".to_owned(),
        37..=38 => "select ack_events(array(select event_id from claim_events(20)))".to_owned(),
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
    FIXTURE.make(&mut client)?;
    let base: u64 = std::env::var("PG_CLINIC_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let lives = Crowd::new(&database, SESSIONS)?
        .act(|number, session| hammer(way, base.wrapping_mul(1000) + number as u64, session))?;
    let done: usize = lives.iter().map(|(done, _)| done).sum();
    let refusals: Vec<_> = lives.into_iter().flat_map(|(_, refused)| refused).collect();
    eprintln!("{}: {done} went well, refused were {:?}", way.name, summary(&refusals));
    ensure!(done > SESSIONS * way.steps() / 20, "hardly anything went well");
    check_promises(&mut client)?;
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

/// Each promise as a query for rows that break it.
const PROMISES: [(&str, &str); 16] = [
    (
        "a provider has one normal and one overbooked booking at a time",
        "select a.id, b.id from occupying a join occupying b on a.id < b.id and a.provider_id = b.provider_id
           and a.is_overbooked = b.is_overbooked and a.provider_busy && b.provider_busy",
    ),
    (
        "a room has one booking at a time",
        "select a.id, b.id from occupying a join occupying b on a.id < b.id and a.room_id = b.room_id
           and a.room_busy && b.room_busy",
    ),
    (
        "a patient is in one place at a time",
        "select a.id, b.id from occupying a join occupying b on a.id < b.id and a.patient_id = b.patient_id
           and a.during && b.during",
    ),
    (
        "normal bookings of a day keep the cap, unless overridden",
        "select provider_id, local_date from occupying where not is_overbooked and override_reason is null
         group by 1, 2 having count(*) > 8",
    ),
    (
        "overbooked bookings of a day keep the limit, unless overridden",
        "select provider_id, local_date from occupying where is_overbooked and override_reason is null
         group by 1, 2 having count(*) > 2",
    ),
    (
        "seats differ",
        "select provider_id, local_date from occupying group by 1, 2, is_overbooked, coalesce(day_seat, overbook_seat)
         having count(*) > 1",
    ),
    (
        "seats are within the capacity noted",
        "select id from occupying where is_overbooked and overbook_seat between 1 and overbook_limit is not true
           or not is_overbooked and day_seat between 1 and day_capacity is not true",
    ),
    (
        "who takes no time takes no seat",
        "select id from clinic.bookings where id not in (select id from occupying)
           and num_nonnulls(day_seat, day_capacity, overbook_seat, overbook_limit) > 0",
    ),
    (
        "busy times are the appointment and the pause",
        "select id from clinic.bookings
         where provider_busy <> tstzrange(lower(during), upper(during) + interval '10 minutes')
           or room_busy <> tstzrange(lower(during), upper(during) + interval '5 minutes')",
    ),
    (
        "the local date is the clinic's",
        "select id from clinic.bookings where local_date <> (lower(during) at time zone 'Europe/Berlin')::date",
    ),
    (
        "versions count from 1, and each begins where the one before ended",
        "select booking_id, version from (
           select booking_id, version, before, row_number() over versions as number, lag(after) over versions as was,
             changed_at, lag(changed_at) over versions as changed_before
           from clinic.booking_history window versions as (partition by booking_id order by version)) h
         where version <> number or before is distinct from was or changed_at < changed_before",
    ),
    (
        "history ends with the row as it is",
        "select b.id from clinic.bookings b left join lateral (
           select after from clinic.booking_history h where h.booking_id = b.id order by version desc limit 1) h on true
         where after is distinct from to_jsonb(b)",
    ),
    (
        "a deleted booking's history says so",
        "select booking_id from clinic.booking_history h where booking_id not in (select id from clinic.bookings)
         group by 1 having (array_agg(operation order by version desc))[1] <> 'delete'",
    ),
    (
        "history says who and why",
        "select id from clinic.booking_history where actor <> session_user
           or reason not in ('direct SQL', 'book_slot', 'hold_slot', 'confirm_hold', 'why not', 'cancel_booking',
             'reschedule_booking', 'must be', 'check_in_booking', 'complete_booking', 'hold expired')",
    ),
    (
        "each event of a booking begins where the one before ended",
        "select booking_id from (
           select booking_id, coalesce(payload ->> 'old_status', payload ->> 'status') as old_status,
             lag(payload ->> 'status') over (partition by booking_id order by id) as was
           from clinic.events) e
         where was <> old_status",
    ),
    (
        "the last event tells how the booking is, or that it is gone",
        "select booking_id from (
           select distinct on (booking_id) booking_id, kind, payload ->> 'status' as status
           from clinic.events order by booking_id, id desc) e
         full join clinic.bookings b on b.id = booking_id
         where case when b.id is null then kind <> 'deleted' else e.status is distinct from b.status end",
    ),
];

fn check_promises(client: &mut Client) -> Result {
    client.batch_execute(
        "set timezone = 'UTC';
         create temp view occupying as select * from clinic.bookings
           where status in ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled')",
    )?;
    for (promise, offenders) in PROMISES {
        let count: i64 = client.query_one(&format!("select count(*) from ({offenders}) o (a)"), &[])?.get(0);
        ensure!(count == 0, "broken {count} times: {promise}\n{offenders}");
    }
    Ok(())
}
