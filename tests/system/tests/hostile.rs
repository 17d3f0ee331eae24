//! Tables that aren't what we made, and trigger functions where they don't belong: an error, never a crash. On servers
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

/// What calls everything that reads or writes the tables.
const CALLS: [&str; 17] = [
    "select * from find_slots('Visit', current_date + 7, patient_id => 'p')",
    "select * from next_available('Visit')",
    "select * from explain_slots('Visit', current_date + 7)",
    "select book_slot('Visit', 1, 1, test.at(7, '15:00'), 'Ann', 'p', request_id => 'r')",
    "select hold_slot('Visit', 1, 1, test.at(7, '16:00'))",
    "select confirm_hold(2, 'Bob')",
    "select reschedule_booking(1, test.at(8, '10:00'))",
    "select check_in_booking(1)",
    "select cancel_booking(1)",
    "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
       values (1, 1, 1, 'Cleo', tstzrange(test.at(7, '11:00'), null))",
    "select * from find_backfill(1, same_type_only => false)",
    "select join_waitlist('Visit', 'Dan', weekdays => '{1}', earliest_time => '09:00')",
    "select offer_backfill(1)",
    "select accept_offer(min(id)) from clinic.offers",
    "select expire_offers()",
    "update clinic.bookings set status = 'booked'",
    "delete from clinic.bookings",
];

/// How many kinds of change are tried.
const CHANGES: usize = 7;

/// An owner may change the type of any column, or drop or rename it. Then things may fail, but in order. One change a
/// column, and all seven with `PG_CLINIC_ALL_CHANGES` in the environment (two minutes).
#[test]
fn altered_columns() -> Result {
    let instance = Instance::empty(&Server::from_env()?, "altered", &[])?;
    let database = instance.server.database("altered")?;
    let mut client = database.with_extension()?;
    Fixture { max_overbook: 1, ..Fixture::default() }.make(&mut client)?;
    client.batch_execute(
        "select book_slot('Visit', 1, 1, test.at(7, '10:00'), 'Ann', 'p'); select hold_slot('Visit', 1, 1, test.at(7, '12:00'));
         insert into clinic.time_off (provider_id, during) values (2, '[2030-01-01,2030-01-02)');
         insert into clinic.availability_overrides (provider_id, on_date) values (2, current_date + 7);
         select join_waitlist('Visit', 'Eve', patient_id => 'e'), join_waitlist('Visit', booking_id => 1);
         insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during, status)
           select 1, 1, 1, 'f' || n, 'Fay', tstzrange(test.at(6 + n, '17:00'), null), 'cancelled' from generate_series(0, 1) n;
         select offer_backfill(3);
         insert into clinic.scoring_profiles (provider_id) values (1);
         create procedure test.unconstrain(the_table regclass) language plpgsql as $$
         declare name text;
         begin
           -- From PostgreSQL 18 on, NOT NULL (n) has a row too; it goes with its column.
           for name in select conname from pg_constraint where conrelid = the_table and contype <> 'n' loop
             execute format('alter table %s drop constraint if exists %I cascade', the_table, name);
           end loop;
           for name in select indexrelid::regclass::text from pg_index where indrelid = the_table loop
             execute format('drop index %s', name);
           end loop;
           drop trigger if exists keep_time_zone on clinic.clinics;
           drop trigger if exists record_offer on clinic.offers;
           drop trigger if exists keep_promoted on clinic.plans;
           drop trigger if exists keep_promoted_plan on clinic.plans;
           drop trigger if exists keep_answer on clinic.plans;
           drop trigger if exists keep_new_plan on clinic.plans;
           drop trigger if exists keep_resolved on clinic.exceptions;
           for name in select oid::regclass::text from pg_class where relnamespace = 'clinic'::regnamespace and relkind = 'v' loop
             execute format('drop view %s', name);
           end loop;
           for name in select attname from pg_attribute where attrelid = the_table and attgenerated <> '' loop
             execute format('alter table %s alter column %I drop expression', the_table, name);
           end loop;
           -- It names the column status, whose type can't change before.
           drop trigger suggest_backfill on clinic.bookings;
           create trigger suggest_backfill after update on clinic.bookings
             for each row execute function clinic_suggest_backfill();
         end $$",
    )?;
    let columns = client.query(
        "select attrelid::regclass::text, attname::text from pg_attribute
         join pg_class c on c.oid = attrelid where relnamespace = 'clinic'::regnamespace and relkind = 'r' and attnum > 0
         order by 1, 2",
        &[],
    )?;
    let step = if std::env::var_os("PG_CLINIC_ALL_CHANGES").is_some() { 1 } else { CHANGES };
    for (number, column) in columns.iter().enumerate() {
        let (table, name): (&str, &str) = (column.get(0), column.get(1));
        let changes: [String; CHANGES] = [
            format!("alter {name} type bigint using 7"),
            format!("alter {name} type integer using 7"),
            format!("alter {name} type boolean using true"),
            format!("alter {name} type text using 'text'"),
            format!("alter {name} type jsonb using '[]'"),
            format!("drop {name} cascade"),
            format!("rename {name} to something_else"),
        ];
        for change in changes.iter().skip(number % step).step_by(step) {
            // The very same session, whose plans are prepared, and one whose aren't.
            let mut fresh = database.connect()?;
            for session in [&mut client, &mut fresh] {
                session.batch_execute("begin")?;
                session.batch_execute(&format!("call test.unconstrain('{table}')"))?;
                if change.contains(" type ") {
                    session.batch_execute(&format!(
                        "alter table {table} alter {name} drop identity if exists, alter {name} drop default"
                    ))?;
                }
                session.batch_execute(&format!("alter table {table} {change}"))?;
                for call in CALLS {
                    session.batch_execute("savepoint call")?;
                    if survives(session, call)
                        .map_err(|error| format!("{table}: {change}: {error}"))?
                        .is_some()
                    {
                        session.batch_execute("rollback to call")?;
                    }
                }
                session.batch_execute("rollback")?;
            }
        }
    }
    Ok(())
}
