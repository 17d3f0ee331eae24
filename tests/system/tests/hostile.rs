//! Trigger functions where they don't belong: an error, never a crash (tables that aren't what we made: `altered`). On servers
//! of their own, because what these tests are about takes all sessions of a server down.

use pg_clinic_system_tests::{Attempt, Fixture, Instance, Refusal, Result, Server, ensure, fail};
use postgres::Client;

/// Runs a statement that may be refused for any reason but damage.
fn survives(client: &mut Client, statement: &str) -> Result<Option<Refusal>> {
    let outcome = client.batch_execute(statement).outcome();
    let refusal = outcome.map_err(|error| format!("{statement}\nended the session: {error}"))?.err();
    match refusal {
        Some(refusal) if matches!(&*refusal.sqlstate, "57P01" | "57P02" | "57P03" | "XX001" | "XX002") => {
            fail!("{statement}\n{refusal:?}")
        }
        refusal => Ok(refusal),
    }
}

/// The trigger functions of the extension.
fn trigger_functions(client: &mut Client) -> Result<Vec<String>> {
    let rows = client.query(
        "select p.oid::regproc::text from pg_proc p
         join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
         join pg_extension e on e.oid = d.refobjid and e.extname = 'pg_clinic'
         where p.prorettype = 'trigger'::regtype",
        &[],
    )?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Tables with some of our columns, some of another type.
const TABLES: [&str; 3] = [
    "(clinic_id bigint, id bigint)",
    "(clinic_id bigint, id bigint, patient_id text, provider_id bigint, room_id bigint, appointment_type_id bigint,
      during bigint default 5, status bigint default 5, is_overbooked boolean default false, cancellation_reason text,
      cancelled_at timestamptz, override_reason text, overridden_by text, provider_busy tstzrange, room_busy tstzrange,
      local_date date, day_seat integer, day_capacity integer, overbook_seat integer, overbook_limit integer,
      hold_expires_at timestamptz, time_zone bigint default 7)",
    "(clinic_id text, id text, time_zone text)",
];

const TIMES: [&str; 5] = [
    "before insert or update or delete on pg_temp.T for each row",
    "after insert or update or delete on pg_temp.T for each row",
    "before insert or update or delete on pg_temp.T for each statement",
    "after insert or update or delete on pg_temp.T for each statement",
    "before truncate on pg_temp.T for each statement",
];

const WRITES: [&str; 4] = [
    "insert into pg_temp.T (clinic_id, id) values (1, 1)",
    "update pg_temp.T set id = id",
    "delete from pg_temp.T",
    "truncate pg_temp.T",
];

/// Anybody may attach a function that everybody may execute to a table of his own.
#[test]
fn trigger_functions_elsewhere() -> Result {
    let instance = Instance::empty(&Server::from_env()?, "elsewhere", &[])?;
    instance.server.administer("create role mallory login")?;
    let database = instance.server.database("elsewhere")?;
    let mut client = database.with_extension()?;
    Fixture::default().make(&mut client)?;
    let functions = trigger_functions(&mut client)?;
    ensure!(functions.len() >= 3, "trigger functions: {functions:?}");
    let mut mallory = database.connect_as("mallory")?;
    for function in functions {
        survives(&mut mallory, &format!("select {function}()"))?;
        for (name, table) in ["bookings", "clinics", "t"].into_iter().zip(TABLES.iter().cycle().skip(1)) {
            for time in TIMES {
                let time = time.replace('T', name);
                mallory.batch_execute(&format!(
                    "create temp table {name} {table}; create trigger planted {time} execute function {function}()"
                ))?;
                for write in WRITES {
                    survives(&mut mallory, &write.replace('T', name))?;
                }
                mallory.batch_execute(&format!("drop table pg_temp.{name}"))?;
            }
        }
    }
    Ok(())
}

/// The owner attaches them to the right table at the wrong time.
#[test]
fn trigger_functions_at_the_wrong_time() -> Result {
    let instance = Instance::empty(&Server::from_env()?, "wrong_time", &[])?;
    let database = instance.server.database("wrong_time")?;
    let mut client = database.with_extension()?;
    Fixture::default().make(&mut client)?;
    for function in trigger_functions(&mut client)? {
        for table in ["bookings", "clinics", "booking_history"] {
            for time in TIMES {
                let time = time.replace("pg_temp.T", &format!("clinic.{table}"));
                client.batch_execute("begin")?;
                client
                    .batch_execute(&format!("create trigger planted {time} execute function {function}()"))?;
                for write in [
                    "select book_slot('Visit', 1, 1, test.at(7, '10:00'), 'Ann')",
                    "select cancel_booking(id) from clinic.bookings",
                    "update clinic.clinics set name = name || '!'",
                    "delete from clinic.bookings",
                ] {
                    client.batch_execute("savepoint write")?;
                    if survives(&mut client, write)?.is_some() {
                        client.batch_execute("rollback to write")?;
                    }
                }
                client.batch_execute("rollback")?;
            }
        }
    }
    Ok(())
}
