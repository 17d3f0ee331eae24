//! Who may do what: the levels of grant_clinic_access(), tables owned by somebody who is no superuser, and what the
//! trigger functions are allowed while they act as the tables' owner.

use pg_clinic_system_tests::{Attempt, Fixture, Result, Server, ensure, fail};
use postgres::Client;

/// Runs each statement; all must go well.
fn allows(client: &mut Client, statements: &[&str]) -> Result {
    for statement in statements {
        client.batch_execute(statement).map_err(|error| format!("{statement}: {error:?}"))?;
    }
    Ok(())
}

/// Runs each statement; all must be refused for want of a right.
fn forbids(client: &mut Client, statements: &[&str]) -> Result {
    for statement in statements {
        client.batch_execute(statement).refused("42501").map_err(|error| format!("{statement}: {error}"))?;
    }
    Ok(())
}

/// Everything a front desk does.
const BOOKING: [&str; 14] = [
    "set pg_clinic.actor = 'desk'",
    "select book_slot('Visit', 1, 1, test.at(7, '10:00'), 'Ann', 'p', request_id => 'r')",
    "select book_slot('Visit', 1, 1, test.at(7, '10:00'), 'Ann', 'p', request_id => 'r')",
    "select hold_slot('Visit', 2, 2, test.at(7, '10:00'))",
    "select confirm_hold(2, 'Bob')",
    "select reschedule_booking(2, test.at(8, '10:00'))",
    "select check_in_booking(2)",
    "select complete_booking(2)",
    "select cancel_booking(1, 'ill')",
    "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
       values (1, 1, 1, 'Cleo', tstzrange(test.at(7, '11:00'), null))",
    "insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, status, hold_expires_at)
       values (1, 1, 1, tstzrange(test.at(7, '15:00'), null), 'pending', '2000-01-01')",
    // Gives the expired hold's time back.
    "select book_slot('Visit', 1, 1, test.at(7, '15:00'), 'Dan')",
    "update clinic.bookings set status = 'arrived' where patient_name = 'Cleo'",
    "update clinic.bookings set status = 'cancelled' where patient_name = 'Cleo'",
];

const ASKING: [&str; 4] = [
    "select * from find_slots('Visit', current_date + 7)",
    "select * from next_available('Visit')",
    "select * from explain_slots('Visit', current_date + 7)",
    "select current_clinic()",
];

#[test]
fn levels_of_access() -> Result {
    let server = Server::from_env()?;
    let levels = ["finder", "reader", "scheduler", "admin"];
    let roles: Vec<_> =
        levels.iter().map(|level| server.role(&format!("system_{level}"))).collect::<Result<_>>()?;
    let nobody = server.role("system_nobody")?;
    let database = server.database("roles")?;
    let mut client = database.with_extension()?;
    Fixture::default().make(&mut client)?;
    client.batch_execute(
        "insert into clinic.time_off (provider_id, during, reason) values (1, '[2030-01-01,2030-01-02)', 'private');
         grant usage on schema test to public",
    )?;
    for (level, role) in levels.iter().zip(&roles) {
        client.execute("select grant_clinic_access($1::text::regrole, $2)", &[&role.name, level])?;
    }

    forbids(&mut database.connect_as(&nobody.name)?, &ASKING)?;

    let mut finder = database.connect_as(&roles[0].name)?;
    allows(&mut finder, &ASKING)?;
    forbids(&mut finder, &BOOKING[1..])?;
    forbids(
        &mut finder,
        &[
            "select count(*) from clinic.bookings",
            "select count(*) from clinic.time_off",
            "select * from clinic.booking_history",
        ],
    )?;

    let mut reader = database.connect_as(&roles[1].name)?;
    allows(&mut reader, &ASKING)?;
    allows(&mut reader, &["select * from clinic.bookings", "select * from clinic.booking_history"])?;
    forbids(&mut reader, &BOOKING[1..])?;

    let mut scheduler = database.connect_as(&roles[2].name)?;
    allows(&mut scheduler, &ASKING)?;
    allows(&mut scheduler, &BOOKING)?;
    forbids(
        &mut scheduler,
        &[
            "insert into clinic.booking_history (clinic_id, booking_id, version, changed_at, actor, reason, operation, after)
               values (1, 1, 99, now(), 'a', 'b', 'insert', '{}')",
            "update clinic.booking_history set actor = 'somebody else'",
            "delete from clinic.booking_history",
            "truncate clinic.booking_history",
            "truncate clinic.bookings",
            "delete from clinic.bookings",
            "alter table clinic.bookings disable trigger record_booking",
            "update clinic.providers set max_daily_appointments = 99",
            "insert into clinic.clinics (name, time_zone) values ('Mine', 'UTC')",
            "create table clinic.mine (id bigint)",
            "set session_replication_role = replica",
            "select grant_clinic_access('system_scheduler', 'admin')",
        ],
    )?;
    scheduler.batch_execute("select init_clinic('Mine', 'UTC')").refused("PC003")?;
    let actors: String = client
        .query_one("select string_agg(distinct actor, ' ' order by actor) from clinic.booking_history", &[])?
        .get(0);
    ensure!(actors == "desk", "actors: {actors}");

    let mut admin = database.connect_as(&roles[3].name)?;
    allows(&mut admin, &ASKING)?;
    allows(
        &mut admin,
        &[
            "update clinic.providers set max_daily_appointments = 30",
            "insert into clinic.rooms (name, room_type) values ('New', 'any')",
            "delete from clinic.overbooking_rules",
            "update clinic.clinics set booking_horizon_days = 400",
            "select book_slot('Visit', 1, 1, test.at(10, '10:00'), 'Ann')",
        ],
    )?;
    forbids(&mut admin, &["delete from clinic.booking_history", "delete from clinic.bookings"])
}

/// The database's owner, no superuser, sets up and runs the clinic; a superuser only created the extension.
#[test]
fn the_owner_of_the_database() -> Result {
    let server = Server::from_env()?;
    let (owner, desk) = (server.role("system_owner")?, server.role("system_owners_desk")?);
    let database = server.database("owner")?;
    server.administer(&format!("alter database {} owner to {}", database.name, owner.name))?;
    drop(database.with_extension()?);
    let mut client = database.connect_as(&owner.name)?;
    Fixture::default().make(&mut client)?;
    allows(&mut client, &ASKING)?;
    allows(&mut client, &BOOKING)?;
    let strangers: i64 = client
        .query_one(
            "select count(*) from pg_class where relnamespace = 'clinic'::regnamespace and relowner <> $1::text::regrole",
            &[&owner.name],
        )?
        .get(0);
    ensure!(strangers == 0, "{strangers} objects in schema clinic belong to others");
    client.execute("select grant_clinic_access($1::text::regrole, 'scheduler')", &[&desk.name])?;
    client.batch_execute(
        "grant usage on schema test to public; alter table clinic.bookings alter id restart 101",
    )?;
    allows(
        &mut database.connect_as(&desk.name)?,
        &["select book_slot('Visit', 1, 1, test.at(9, '10:00'), 'Eve')", "select cancel_booking(101)"],
    )?;
    // Nobody else adds clinics to somebody's tables, not even a superuser: he would run their triggers.
    database.connect()?.batch_execute("select init_clinic('Mine', 'UTC')").refused("PC003")?;
    Ok(())
}

/// A schema that somebody has put there before isn't adopted.
#[test]
fn a_planted_schema() -> Result {
    let server = Server::from_env()?;
    let mallory = server.role("system_planter")?;
    let database = server.database("planted")?;
    let mut client = database.with_extension()?;
    client.batch_execute(&format!("grant create on database {} to {}", database.name, mallory.name))?;
    let mut session = database.connect_as(&mallory.name)?;
    session.batch_execute("create schema clinic; create table clinic.schema_version (version integer)")?;
    session.batch_execute("insert into clinic.schema_version values (1)")?;
    client.batch_execute("select init_clinic('Test', 'UTC')").refused("PC003")?;
    client.batch_execute("select upgrade_clinic()").refused("PC003")?;
    // Hers no more, but for a table.
    client.batch_execute("alter schema clinic owner to postgres")?;
    client.batch_execute("select init_clinic('Test', 'UTC')").refused("PC003")?;
    Ok(())
}

/// A trap of the tables' owner: notes as whom it runs, and tries to become more.
const TRAP: &str = "
  create table public.caught (as_whom text, what text, became_superuser boolean);
  create function public.spring() returns trigger language plpgsql as $$
  declare escape text;
  begin
    foreach escape in array array['', 'reset role', 'set role postgres', 'set session authorization default',
      'reset session authorization', 'set local role none'] loop
      begin
        execute nullif(escape, '');
      exception when others then null;
      end;
      begin
        alter role system_mallory superuser;
      exception when insufficient_privilege then null;
      end;
      insert into public.caught values (current_user, tg_table_name || ' ' || escape,
        (select rolsuper from pg_roles where rolname = 'system_mallory'));
    end loop;
    return coalesce(new, old);
  end $$;
  create trigger spring before insert or update or delete on clinic.booking_history
    for each row execute function public.spring();";

/// Jobs that the superuser runs, and what they find to do. Each changes a table that has a trap of its own.
const JOBS: [(&str, &str); 5] = [
    ("bookings", "select mark_no_shows()"),
    ("bookings", "select expire_holds()"),
    ("bookings", "select * from run_due_jobs()"),
    ("offers", "select expire_offers()"),
    ("events", "select prune_events('0 seconds')"),
];

/// A missed booking, an expired hold, an expired offer and an acknowledged event.
const DUE: &str = "update clinic.clinics set no_show_since = '-infinity';
  insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
    values (2, 2, 1, 'Missed', tstzrange(test.at(-2, '10:00'), null)) on conflict do nothing;
  insert into clinic.bookings (provider_id, room_id, appointment_type_id, status, during, hold_expires_at)
    values (2, 2, 1, 'pending', tstzrange(test.at(20, '10:00'), null), now() - interval '1 minute');
  insert into clinic.bookings (id, provider_id, room_id, appointment_type_id, patient_name, status, during)
    values (9999, 2, 2, 1, 'Freed', 'cancelled', tstzrange(test.at(21, '10:00'), null)) on conflict do nothing;
  insert into clinic.freed_places (clinic_id, id, booking_id, provider_id, room_id, slot_start, slot_end, cause)
    values (1, 9999, 9999, 2, 2, test.at(21, '10:00'), test.at(21, '10:30'), 'cancelled') on conflict do nothing;
  insert into clinic.offers (clinic_id, freed_place_id, slot_start, slot_end, source, former_booking_id, patient_name, score, expires_at)
    values (1, 9999, test.at(21, '10:00'), test.at(21, '10:30'), 'own_cancellation', 9999, 'Freed', 1, now() - interval '1 minute') on conflict do nothing;
  update clinic.events set acked_at = now() - interval '1 hour'";

/// Whatever somebody who owns the tables plants behind ours runs with the owner's rights, never with those of the
/// superuser who created the extension, nor of whoever books.
#[test]
fn a_malicious_owner() -> Result {
    let server = Server::from_env()?;
    let (mallory, desk) = (server.role("system_mallory")?, server.role("system_mallorys_desk")?);
    let database = server.database("malicious")?;
    server.administer(&format!("alter database {} owner to {}", database.name, mallory.name))?;
    let mut superuser = database.with_extension()?;
    let mut owner = database.connect_as(&mallory.name)?;
    Fixture::default().make(&mut owner)?;
    owner.batch_execute(TRAP)?;
    owner.execute("select grant_clinic_access($1::text::regrole, 'scheduler')", &[&desk.name])?;
    owner.batch_execute(
        "grant usage on schema test to public; alter table public.caught enable row level security",
    )?;
    let mut desk = database.connect_as(&desk.name)?;
    for (day, session) in [&mut owner, &mut desk, &mut superuser].into_iter().enumerate() {
        session.batch_execute(&format!(
            "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
               values (1, 1, 1, 'Ann', tstzrange(test.at({day} + 7, '10:00'), null));
             select book_slot('Visit', 1, 1, test.at({day} + 7, '11:00'), 'Bob');
             update clinic.bookings set status = 'cancelled' where patient_name = 'Bob'"
        ))?;
        // Afterwards the session is what it was, after an error too.
        let row = session.query_one("select current_user::text, session_user::text", &[])?;
        ensure!(row.get::<_, &str>(0) == row.get::<_, &str>(1), "became {:?}", row.get::<_, &str>(0));
        session.batch_execute(
            "do $$ begin
               insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
                 values (1, 1, 99, 'Ann', tstzrange(test.at(17, '10:00'), null));
             exception when foreign_key_violation then
               if current_user <> session_user then raise 'still %', current_user; end if;
             end $$",
        )?;
    }
    for table in ["bookings", "offers", "events"] {
        owner.batch_execute(&format!(
            "create constraint trigger spring_late after insert or update or delete on clinic.{table}
               deferrable initially deferred for each row execute function public.spring();
             create trigger spring before insert or update or delete on clinic.{table} for each row execute function public.spring()"
        ))?;
    }
    for (table, job) in JOBS {
        owner.batch_execute(DUE)?;
        owner.batch_execute("delete from public.caught")?;
        superuser.batch_execute(job)?;
        let caught: i64 = superuser
            .query_one(
                "select count(*) from public.caught where what like $1 || ' %' and as_whom = $2",
                &[&table, &mallory.name],
            )?
            .get(0);
        ensure!(caught > 0, "{job} fired no trap of {table}");
        let others: Option<String> = superuser
            .query_one(
                "select string_agg(distinct as_whom, ' ') from public.caught where as_whom <> $1",
                &[&mallory.name],
            )?
            .get(0);
        ensure!(others.is_none(), "{job} ran a trap as {others:?}");
    }
    for row in superuser.query("select distinct as_whom, what, became_superuser from public.caught", &[])? {
        let (as_whom, what): (&str, &str) = (row.get(0), row.get(1));
        if as_whom != mallory.name || row.get(2) {
            fail!("the trap ran as {as_whom}: {what}, superuser: {}", row.get::<_, bool>(2));
        }
    }
    let count: i64 = superuser.query_one("select count(*) from public.caught", &[])?.get(0);
    ensure!(count > 0, "the trap was never sprung");
    Ok(())
}

/// Who may only read is refused before anything waits for it: no lock of a day, of a request or of the record.
#[test]
fn readers_take_no_lock() -> Result {
    let server = Server::from_env()?;
    let reader = server.role("system_lockless")?;
    let database = server.database("lockless")?;
    let mut client = database.with_extension()?;
    Fixture::default().make(&mut client)?;
    client.batch_execute(
        "select grant_clinic_access('system_lockless', 'reader');
         select book_slot('Visit', 1, 1, test.at(7, '10:00'), 'Ann', request_id => 'r');
         grant usage on schema test to system_lockless",
    )?;
    // Whoever gets as far as a lock waits for this one, and hears of the timeout instead of the right.
    let mut gate = database.connect()?;
    gate.batch_execute(
        "begin; select book_slot('Visit', 2, 2, test.at(day, '10:00'), 'Bob', request_id => request)
         from (values (7, 'x'), (8, 'new'), (9, 's')) as b (day, request)",
    )?;
    let mut session = database.connect_as(&reader.name)?;
    session.batch_execute("set lock_timeout = '100ms'")?;
    forbids(
        &mut session,
        &[
            "select book_slot('Visit', 1, 1, test.at(8, '10:00'), 'Ann')",
            "select book_slot('Visit', 1, 1, test.at(7, '10:00'), 'Ann', request_id => 'r')",
            "select book_slot('Visit', 1, 1, test.at(10, '10:00'), 'Ann', request_id => 'new')",
            "select hold_slot('Visit', 1, 1, test.at(8, '10:00'))",
            "select book_series('Visit', '{1}', '{1}', array[test.at(8, '10:00')], 'Ann')",
            "select book_series('Visit', '{1}', '{1}', array[test.at(10, '10:00')], 'Ann', request_id => 's')",
            "select reschedule_booking(1, test.at(8, '10:00'))",
            "select cancel_booking(1)",
            "select confirm_hold(1)",
            "select check_in_booking(1)",
            "select offer_backfill(1)",
            "select run_due_jobs()",
            "select promote_plan(1, 'why not')",
            "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
               values (1, 1, 1, 'Cleo', tstzrange(test.at(7, '11:00'), null))",
            "update clinic.bookings set patient_name = 'x'",
            "delete from clinic.bookings",
        ],
    )
}
