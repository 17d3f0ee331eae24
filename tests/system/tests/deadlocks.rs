//! No statement that writes one booking ends in 40P01: every pair of them, on one booking and on two, in two sessions, while a
//! third holds a day or a booking that both need. So the order in which each takes its locks shows. Statements of ours
//! that write several rows are among them.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use pg_clinic_system_tests::{Attempt, Database, Fixture, Refusal, Result, Server, ensure};
use postgres::Client;

/// Which booking a statement is about: one of `x`, on the first day, and `y`, on the second. Each has a hold, an expired hold
/// and a cancelled booking with offers beside it.
#[derive(Clone, Copy)]
struct Target {
    name: &'static str,
    provider: i32,
    day: i32,
    other_day: i32,
    other: &'static str,
}

const X: Target = Target { name: "x", provider: 1, day: 7, other_day: 8, other: "y" };
const Y: Target = Target { name: "y", provider: 2, day: 8, other_day: 7, other: "x" };

/// The rows of one try. Ids begin anew, as does all else.
const ROWS: &str = "
  set session_replication_role = replica;
  delete from clinic.offers; delete from clinic.freed_places; delete from clinic.waitlist; delete from clinic.bookings;
  delete from clinic.booking_history; delete from clinic.events;
  reset session_replication_role;
  insert into clinic.series (id) values (1), (2) on conflict do nothing;
  insert into clinic.bookings (id, request_id, series_id, provider_id, room_id, appointment_type_id, patient_name, status, hold_expires_at, during)
    select t * 10 + n, k || suffix, case n when 1 then t end, t, t, 1, 'Pat', status, now() + ttl, tstzrange(test.at(6 + t, time), null)
    from (values (1, 'x'), (2, 'y')) as b (t, k),
      (values (1, '', 'booked', null::interval, time '10:00'), (2, '-hold', 'pending', '1 hour', '11:00'),
              (3, '-late', 'pending', '-1 hour', '12:00'), (4, '-off', 'cancelled', null, '13:00')) as k (n, suffix, status, ttl, time)
    where n <> 3;
  -- Writers give back what has expired; this one's trigger is to find it.
  insert into clinic.bookings (id, request_id, provider_id, room_id, appointment_type_id, patient_name, status, hold_expires_at, during)
    select t * 10 + 3, k || '-late', t, t, 1, 'Pat', 'pending', now() - interval '1 hour', tstzrange(test.at(6 + t, '12:00'), null)
    from (values (1, 'x'), (2, 'y')) as b (t, k);
  insert into clinic.waitlist (id, appointment_type_id, patient_name, from_date, to_date, booking_id)
    select t * 10 + n, 1, 'Wait', current_date, current_date + 20, case n when 2 then (3 - t) * 10 + 1 end
    from generate_series(1, 2) t, generate_series(1, 2) n;
  insert into clinic.freed_places (clinic_id, id, booking_id, provider_id, room_id, appointment_type_id, slot_start, slot_end, cause)
    select 1, t, t * 10 + 4, t, t, 1, test.at(6 + t, '13:00'), test.at(6 + t, '13:30'), 'cancelled' from generate_series(1, 2) t;
  insert into clinic.offers (clinic_id, id, freed_place_id, slot_start, slot_end, source, waitlist_id, former_booking_id, patient_name, score, expires_at)
    select 1, t * 10 + n, t, test.at(6 + t, '13:00'), test.at(6 + t, '13:30'), case n when 1 then 'waitlist' else 'earlier_time' end, t * 10 + n,
      case n when 2 then (3 - t) * 10 + 1 end, 'Wait', 1, now() + interval '1 hour'
    from generate_series(1, 2) t, generate_series(1, 2) n";

impl Target {
    /// A new row's columns and values, on a day.
    fn row(self, more: (&str, &str), day: i32, time: &str, length: &str) -> String {
        let Self { provider, .. } = self;
        let (columns, values) = more;
        format!(
            "into clinic.bookings ({columns} provider_id, room_id, appointment_type_id, patient_name, during)
             values ({values} {provider}, {provider}, 1, 'New', tstzrange(test.at({day}, '{time}'), test.at({day}, '{time}') + interval '{length}'))"
        )
    }

    /// A new row with the request or the id of the one that is there, on the other day.
    fn again(self, column: &str) -> String {
        let value = match column {
            "id" => format!("{}1", self.provider),
            _ => format!("'{}'", self.name),
        };
        self.row((&format!("{column},"), &format!("{value},")), self.other_day, "15:00", "30 min")
    }

    fn update(self, set: &str) -> String {
        format!("update clinic.bookings set {set} where request_id = '{}'", self.name)
    }

    fn at(self, time: &str) -> String {
        format!("test.at({}, '{time}')", self.other_day)
    }
}

/// A statement about a target.
type Verb = (&'static str, fn(Target) -> String);

const VERBS: &[Verb] = &[
    ("INSERT", |t| format!("insert {}", t.row(("", ""), t.other_day, "16:00", "30 min"))),
    ("INSERT of a night", |t| format!("insert {}", t.row(("", ""), 7, "23:30", "2 hours"))),
    ("INSERT over an expired hold", |t| format!("insert {}", t.row(("", ""), t.day, "12:00", "30 min"))),
    ("INSERT of a duplicate", |t| format!("insert {}", t.again("request_id"))),
    ("upsert that moves", |t| {
        format!(
            "insert {} on conflict (clinic_id, request_id) do update set during = excluded.during",
            t.again("request_id")
        )
    }),
    ("upsert by id", |t| {
        format!("insert {} on conflict (id) do update set during = excluded.during", t.again("id"))
    }),
    ("upsert of all columns", |t| {
        format!(
            "insert {} on conflict (clinic_id, request_id) do update
             set request_id = excluded.request_id, provider_id = excluded.provider_id, during = excluded.during",
            t.again("request_id")
        )
    }),
    ("upsert that does nothing", |t| format!("insert {} on conflict do nothing", t.again("request_id"))),
    ("upsert that stays", |t| {
        format!(
            "insert {} on conflict (clinic_id, request_id) do update set patient_name = 'Ann'",
            t.again("request_id")
        )
    }),
    ("upsert that cancels", |t| {
        format!(
            "insert {} on conflict (clinic_id, request_id) do update set status = 'cancelled'",
            t.again("request_id")
        )
    }),
    ("upsert that revives", |t| {
        format!(
            "insert {} on conflict (clinic_id, request_id) do update set status = 'booked'",
            t.row(("request_id,", &format!("'{}-off',", t.name)), t.other_day, "15:00", "30 min")
        )
    }),
    // Both targets have it: the later of two finds the earlier's booking, on the other day.
    ("upsert that is new", |t| {
        format!(
            "insert {} on conflict (clinic_id, request_id) do update set during = excluded.during",
            t.row(("request_id,", "'new',"), t.other_day, "17:00", "30 min")
        )
    }),
    ("upsert by id that is new", |t| {
        format!(
            "insert {} on conflict (id) do update set during = excluded.during",
            t.row(("id,", "99,"), t.other_day, "17:00", "30 min")
        )
    }),
    ("MERGE", |t| {
        format!(
            "merge into clinic.bookings b using (values ('{}')) as s (request) on b.request_id = s.request
             when matched then update set during = tstzrange({}, null)",
            t.name,
            t.at("15:00")
        )
    }),
    ("UPDATE that moves", |t| t.update(&format!("during = tstzrange({}, null)", t.at("15:00")))),
    ("UPDATE into the night", |t| t.update("during = tstzrange(test.at(7, '23:30'), test.at(8, '01:30'))")),
    ("UPDATE of everything", |t| {
        t.update(&format!(
            "provider_id = 3, room_id = 3, patient_id = 'p', during = tstzrange({}, null)",
            t.at("15:00")
        ))
    }),
    ("UPDATE of the name", |t| t.update("patient_name = 'Ann'")),
    ("UPDATE that cancels", |t| t.update("status = 'cancelled'")),
    ("UPDATE that revives", |t| {
        format!("update clinic.bookings set status = 'booked', patient_id = 'p' where id = {}4", t.provider)
    }),
    ("UPDATE to another clinic", |t| {
        format!(
            "update clinic.bookings set clinic_id = 2, provider_id = 4, room_id = 5, appointment_type_id = 3,
               during = tstzrange({}, null) where id = {}2",
            t.at("15:00"),
            t.provider
        )
    }),
    ("DELETE", |t| format!("delete from clinic.bookings where id = {}1", t.provider)),
    ("DELETE of a hold", |t| format!("delete from clinic.bookings where id = {}2", t.provider)),
    ("book_slot", |t| {
        format!(
            "select book_slot('Visit', {0}, {0}, {1}, 'New', request_id => 'new')",
            t.provider,
            t.at("17:00")
        )
    }),
    ("book_slot again", |t| {
        format!(
            "select book_slot('Visit', {0}, {0}, test.at({1}, '10:00'), 'Pat', request_id => '{2}')",
            t.provider, t.day, t.name
        )
    }),
    ("hold_slot", |t| {
        format!("select hold_slot('Visit', {0}, {0}, {1}, request_id => 'new')", t.provider, t.at("18:00"))
    }),
    ("confirm_hold", |t| format!("select confirm_hold({}2, 'Ann', 'p')", t.provider)),
    ("reschedule_booking", |t| format!("select reschedule_booking({}1, {})", t.provider, t.at("15:00"))),
    ("shift_bookings", |t| {
        format!(
            "select shift_bookings({}, test.at(0, '00:00'), test.at(30, '00:00'), '5 hours 10 minutes')",
            t.provider
        )
    }),
    ("reschedule_series", |t| format!("select reschedule_series({}, '17:00')", t.provider)),
    ("cancel_series", |t| format!("select cancel_series({})", t.provider)),
    ("swap_bookings", |t| format!("select swap_bookings({}1, {}2)", t.provider, t.provider)),
    ("reassign_bookings", |t| {
        format!(
            "select reassign_bookings({}, 3, tstzrange(test.at(0, '00:00'), test.at(30, '00:00')))",
            t.provider
        )
    }),
    ("apply_absence", |t| {
        format!(
            "select apply_absence(array[{0}1, {0}2], array[{1}, test.at({2}, '21:00')], array[3, 3], array[3, 3])",
            t.provider,
            t.at("20:00"),
            t.day
        )
    }),
    ("apply_absence of each", |t| {
        format!(
            "select apply_absence(array[{0}1, {0}2], array[{1}, test.at({2}, '21:00')], array[3, 3], array[3, 3], false)",
            t.provider,
            t.at("20:00"),
            t.day
        )
    }),
    ("cancel_booking", |t| format!("select cancel_booking({}1)", t.provider)),
    ("cancel_booking of a hold", |t| format!("select cancel_booking({}2)", t.provider)),
    ("mark_no_show", |t| format!("select mark_no_show({}1)", t.provider)),
    ("reopen_booking", |t| format!("select reopen_booking({}4)", t.provider)),
    ("check_in_booking", |t| format!("select check_in_booking({}1)", t.provider)),
    ("offer_backfill", |t| format!("select offer_backfill({}4)", t.provider)),
    ("accept_offer", |t| format!("select accept_offer({}1)", t.provider)),
    // Moves the other target's booking here.
    ("accept_offer that moves", |t| format!("select accept_offer({}2) /* moves {} */", t.provider, t.other)),
    ("decline_offer", |t| format!("select decline_offer({}1)", t.provider)),
    ("run_due_jobs", |_| "select run_due_jobs()".to_owned()),
    ("book_series", |t| {
        format!(
            "select book_series('Visit', '{{{0},{0}}}', '{{{0},{0}}}', array[test.at(7, '19:00'), test.at(8, '19:00')], 'Series',
               request_id => 'series')",
            t.provider
        )
    }),
];

/// What the third session holds until both wait.
const GATES: [(&str, &str); 3] = [
    (
        "the first day",
        "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
         values (3, 4, 1, 'Gate', tstzrange(test.at(7, '05:00'), null))",
    ),
    (
        "the second day",
        "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
         values (3, 4, 1, 'Gate', tstzrange(test.at(8, '05:00'), null))",
    ),
    ("the bookings", "select from clinic.bookings where id in (11, 21) for update"),
];

type Outcome = std::result::Result<(), Refusal>;

/// A session in a thread of its own.
struct Runner {
    pid: i32,
    statements: Sender<String>,
    outcomes: Receiver<Result<Outcome>>,
}

impl Runner {
    fn new(database: &Database) -> Result<Self> {
        let mut client = database.connect()?;
        client.batch_execute(
            "set deadlock_timeout = '30ms'; set client_min_messages = warning; set pg_clinic.clinic_id = 1",
        )?;
        let pid = client.query_one("select pg_backend_pid()", &[])?.get(0);
        let (statements, todo) = channel::<String>();
        let (done, outcomes) = channel();
        std::thread::spawn(move || {
            for statement in todo {
                if done.send(client.batch_execute(&statement).outcome()).is_err() {
                    break;
                }
            }
        });
        Ok(Self { pid, statements, outcomes })
    }

    /// Begins a statement; its outcome if it ends without waiting for a lock.
    fn begin(&self, statement: &str, observer: &mut Client) -> Result<Option<Outcome>> {
        self.statements.send(statement.to_owned())?;
        loop {
            if let Ok(outcome) = self.outcomes.recv_timeout(Duration::from_micros(500)) {
                return outcome.map(Some);
            }
            let waits = "select exists (select from pg_locks where pid = $1 and not granted)";
            if observer.query_one(waits, &[&self.pid])?.get(0) {
                return Ok(None);
            }
        }
    }

    fn end(&self, outcome: Option<Outcome>) -> Result<Outcome> {
        match outcome {
            Some(outcome) => Ok(outcome),
            None => self.outcomes.recv_timeout(Duration::from_secs(60))?,
        }
    }
}

/// Two sessions that do, and two that look.
struct Stage {
    first: Runner,
    second: Runner,
    gate: Client,
    observer: Client,
    /// How often statements ended how.
    ends: BTreeMap<String, usize>,
    deadlocks: Vec<String>,
}

impl Stage {
    fn new(database: &Database) -> Result<Self> {
        let mut observer = database.with_extension()?;
        Fixture { providers: 3, buffer_minutes: 0, rooms: 4, ..Fixture::default() }.make(&mut observer)?;
        observer.batch_execute(
            "insert into clinic.clinics (name, time_zone) values ('Second', 'UTC');
             insert into clinic.providers (clinic_id, name) values (2, 'Far');
             insert into clinic.rooms (clinic_id, name, room_type) values (2, 'Far', 'any');
             insert into clinic.appointment_types (clinic_id, name, duration_minutes) values (2, 'Far', 30);
             alter table clinic.bookings alter id restart with 1000;
             alter table clinic.waitlist alter id restart with 1000;
             alter table clinic.offers alter id restart with 1000;
             set pg_clinic.clinic_id = 1",
        )?;
        let mut gate = database.connect()?;
        gate.batch_execute("set pg_clinic.clinic_id = 1")?;
        let (first, second) = (Runner::new(database)?, Runner::new(database)?);
        Ok(Self { first, second, gate, observer, ends: BTreeMap::new(), deadlocks: Vec::new() })
    }

    fn meet(&mut self, gate: (&str, &str), one: (&Verb, Target), two: (&Verb, Target)) -> Result {
        self.observer.batch_execute(ROWS)?;
        self.gate.batch_execute(&format!("begin; {}", gate.1))?;
        let first = self.first.begin(&(one.0.1)(one.1), &mut self.observer)?;
        let second = self.second.begin(&(two.0.1)(two.1), &mut self.observer)?;
        self.gate.batch_execute("rollback")?;
        let outcomes = [self.first.end(first)?, self.second.end(second)?];
        for (outcome, verb) in outcomes.into_iter().zip([one, two]) {
            let end = outcome.map_or_else(|refusal| refusal.sqlstate, |()| "ok".to_owned());
            if end == "40P01" {
                self.deadlocks.push(format!(
                    "{} of {}, of {} of {} and {} of {}, {} held",
                    verb.0.0, verb.1.name, one.0.0, one.1.name, two.0.0, two.1.name, gate.0
                ));
            }
            *self.ends.entry(end).or_default() += 1;
        }
        Ok(())
    }
}

/// Runs every pair whose number is `part` of `parts`.
fn pairs(part: usize, parts: usize) -> Result {
    let database = Server::from_env()?.database(&format!("deadlocks_{part}"))?;
    let mut stage = Stage::new(&database)?;
    let mut number = 0;
    for one in VERBS {
        for two in VERBS {
            number += 1;
            if number % parts != part {
                continue;
            }
            for second in [X, Y] {
                for gate in GATES {
                    stage
                        .meet(gate, (one, X), (two, second))
                        .map_err(|error| format!("{} and {}: {error:?}", one.0, two.0))?;
                }
            }
        }
    }
    eprintln!("{} statements ended: {:?}", stage.ends.values().sum::<usize>(), stage.ends);
    ensure!(
        stage.deadlocks.is_empty(),
        "{} deadlocks:\n{}",
        stage.deadlocks.len(),
        stage.deadlocks.join("\n")
    );
    let unexpected: Vec<_> = stage.ends.keys().filter(|end| !EXPECTED.contains(&end.as_str())).collect();
    ensure!(unexpected.is_empty(), "statements ended in {unexpected:?}");
    Ok(())
}

/// How they may end: a booking is moved, cancelled or deleted by the other first.
const EXPECTED: [&str; 8] = ["ok", "23P01", "23503", "23505", "23514", "55000", "P0002", "22023"];

#[test]
fn every_pair_even() -> Result {
    pairs(0, 2)
}

#[test]
fn every_pair_odd() -> Result {
    pairs(1, 2)
}
