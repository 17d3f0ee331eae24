//! pg_dump and restore carry the clinics like any tables, with what the app added: the copy dumps the same, its
//! constraints bite, its triggers fire, its ids go on.

use std::path::{Path, PathBuf};

use pg_clinic_system_tests::{Attempt, Fixture, Result, Server, ensure};
use postgres::Client;

/// The formats of pg_dump.
#[derive(Clone, Copy)]
enum Format {
    Plain,
    Custom,
}

/// A file in the scratch directory, removed with the value.
struct Scratch(PathBuf);

impl Scratch {
    fn new(server: &Server, name: &str) -> Self {
        Self(server.scratch_directory.join(name))
    }

    fn path(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let path: &Path = &self.0;
        if path.exists()
            && let Err(error) = std::fs::remove_file(path)
        {
            eprintln!("{} stays behind: {error}", self.path());
        }
    }
}

/// Changes that an app makes to our tables, and some life in them.
fn live(client: &mut Client) -> Result {
    Fixture { providers: 3, max_overbook: 1, daily_cap: 3, time_zone: "Europe/Berlin", ..Fixture::default() }
        .make(client)?;
    client.batch_execute(
        "alter table clinic.bookings add column gone text;
         alter table clinic.bookings drop column gone;
         alter table clinic.bookings add column insurance text default 'none',
           add constraint app_insurance check (insurance <> '');
         create schema app;
         create table app.invoices (
           id bigint generated always as identity primary key, clinic_id bigint, booking_id bigint not null,
           foreign key (clinic_id, booking_id) references clinic.bookings (clinic_id, id));
         select book_slot('Visit', 1, 1, test.at(7, '10:00'), 'Ann', 'p1', request_id => 'r');
         select book_slot('Visit', 1, 2, test.at(7, '10:00'), 'Bob', is_overbooked => true);
         select hold_slot('Long', 2, 1, test.at(7, '22:30'), patient_name => E'C\\'\\\\é\\t');
         select book_slot('Visit', 1, 1, test.at(8, '10:00'), 'Dan');
         select cancel_booking(4, 'ill');
         select book_slot('Visit', 1, 1, test.at(400, '10:00'), 'Eve', override_reason => 'known for years');
         update clinic.bookings set insurance = 'public' where id = 1;
         insert into app.invoices (clinic_id, booking_id) values (1, 1);
         -- A cap lowered below what is booked, a buffer changed since: rows keep what they were booked with.
         update clinic.providers set max_daily_appointments = case id when 2 then 1 else 3 end, buffer_minutes = 25;
         insert into clinic.time_off (provider_id, during) values (2, '[2030-01-01,)');
         insert into clinic.availability_overrides (provider_id, on_date) values (1, '2030-01-01');
         insert into clinic.scoring_profiles (provider_id, room_weight) values (1, 0);
         insert into clinic.staff (name, skills) values ('Ana', '{surgery}'), ('Ben', '{}');
         insert into clinic.time_off (staff_id, during) values (2, '[2030-01-01,2030-01-02)');
         insert into clinic.shift_templates (provider_id, day_of_week, start_time, end_time) values (1, 1, '08:00', '12:00');
         select generate_shifts('2030-01-07', '2030-01-13');
         insert into clinic.plans (kind, from_date, to_date) values ('roster', '2030-01-07', '2030-01-13');
         insert into clinic.plans (kind, from_date, to_date, parent_plan_id) values ('roster', '2030-01-07', '2030-01-13', 1);
         insert into clinic.plan_assignments (plan_id, staff_id, shift_id) values (1, 1, 1);
         insert into clinic.locks (plan_id, action, staff_id, shift_id) values (2, 'assign', 1, 1);
         insert into clinic.rules (rule_kind, period, mode, limit_value) values ('max_shifts', 'week', 'hard', 5);
         insert into clinic.rule_overrides (rule_kind, period, mode, limit_value, staff_id, from_date, to_date, approved_by, reason)
           values ('max_shifts', 'week', 'hard', 2, 1, '2030-01-07', '2030-01-13', 'chief', 'exam');
         insert into clinic.assignments (staff_id, shift_id) values (1, 1);
         update clinic.assignments set plan_id = 1;
         insert into clinic.areas (name) values ('north'), ('south');
         insert into clinic.area_neighbors (area_id, neighbor_id) values (1, 2);
         insert into clinic.clients (name, area_id, starts_on, renews_on) values ('Near', 1, '2030-01-01', '2030-02-01'), ('Far', 2, '2030-01-01', '2030-02-01');
         insert into clinic.client_access_windows (client_id, day_of_week, start_time, end_time) values (1, 1, '08:00', '10:00');
         insert into clinic.client_events (client_id, on_date, kind) values (1, '2030-01-08', 'skip');
         update clinic.staff set home_area_id = 1 where id = 1;
         update clinic.areas set takes_help = false;
         select plan_rounds('2030-01-07');
         select promote_plan(3, 'dumped');
         select subscribe_events('mailer'), subscribe_events('billing', '{fulfilled}');
         update clinic.bookings set contact = 'ann@example.org' where id = 1;",
    )?;
    Ok(())
}

/// The dump as text, without what differs every time.
fn dump(server: &Server, database: &str) -> Result<String> {
    let text = server.run("pg_dump", &[database])?;
    // Newer versions guard a dump with a random word.
    Ok(text.lines().filter(|line| !line.contains("restrict ")).collect::<Vec<_>>().join("\n"))
}

fn restore(server: &Server, from: &str, to: &str, format: Format) -> Result {
    let file = Scratch::new(server, &format!("{to}.dump"));
    let (path, to_database) = (file.path(), format!("--dbname={to}"));
    match format {
        Format::Plain => {
            server.run("pg_dump", &["--file", &path, from])?;
            server.run("psql", &["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", &path, &to_database])?;
        }
        Format::Custom => {
            server.run("pg_dump", &["--format=custom", "--file", &path, from])?;
            server.run("pg_restore", &["--exit-on-error", &to_database, &path])?;
        }
    }
    Ok(())
}

/// Dumps, restores, compares, and lives on in the copy.
fn round_trip(name: &str, schema: &str, format: Format) -> Result {
    let server = Server::from_env()?;
    let (original, copy) =
        (server.database(&format!("dump_{name}"))?, server.database(&format!("dump_{name}_copy"))?);
    let mut client = original.connect()?;
    client.batch_execute(&format!(
        "set client_min_messages = warning; create schema if not exists {schema};
         create extension btree_gist; create extension pg_clinic schema {schema};
         set search_path = {schema}, public"
    ))?;
    live(&mut client)?;
    restore(&server, &original.name, &copy.name, format)?;
    let (first, second) = (dump(&server, &original.name)?, dump(&server, &copy.name)?);
    if first != second {
        let difference = first.lines().zip(second.lines()).find(|(a, b)| a != b);
        return Err(format!("the copy dumps differently: {difference:?}").into());
    }
    let mut client = copy.connect()?;
    client.batch_execute(&format!("set search_path = {schema}, public"))?;
    is_as_shipped(&mut client)?;
    lives_on(&mut client)
}

/// A restore lost nothing, and check_clinic() sees that: definitions that PostgreSQL wrote and read again are the same.
fn is_as_shipped(client: &mut Client) -> Result {
    let findings = client.query("select sentence from check_clinic()", &[])?;
    let sentences: Vec<&str> = findings.iter().map(|finding| finding.get(0)).collect();
    ensure!(sentences.is_empty(), "{sentences:?}");
    Ok(())
}

/// Constraints bite, triggers fire, ids go on.
fn lives_on(client: &mut Client) -> Result {
    let insert = |provider: i32, room: i32, at: &str| {
        format!(
            "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
             values ({provider}, {room}, 1, 'New', tstzrange({at}, null))"
        )
    };
    let refusal = client.batch_execute(&insert(1, 3, "test.at(7, '10:15')")).refused("23P01")?;
    ensure!(refusal.constraint.as_deref() == Some("bookings_provider"), "{refusal:?}");
    let refusal = client.batch_execute(&insert(3, 1, "test.at(7, '10:15')")).refused("23P01")?;
    ensure!(refusal.constraint.as_deref() == Some("bookings_room"), "{refusal:?}");
    let refusal = client.batch_execute(&insert(2, 3, "test.at(7, '15:00')")).refused("23514")?;
    ensure!(refusal.constraint.as_deref() == Some("bookings_daily_cap"), "{refusal:?}");
    client.batch_execute("delete from clinic.bookings where id = 1").refused("23503")?;
    client.batch_execute("update clinic.bookings set insurance = ''").refused("23514")?;
    client.batch_execute("truncate clinic.booking_history").refused("42501")?;
    // The same request is still the same booking, and the next id is a new one.
    let row = client.query_one(
        "select (select booking_id from book_slot('Visit', 1, 1, test.at(7, '10:00'), 'Ann', 'p1', request_id => 'r')),
           (select booking_id from book_slot('Visit', 1, 1, test.at(9, '10:00'), 'Fay')), (select max(id) from app.invoices)",
        &[],
    )?;
    let (same, next): (i64, i64) = (row.get(0), row.get(1));
    ensure!(same == 1 && next > 5, "booking {same}, next {next}");
    let row = client.query_one(
        "select b.provider_busy = tstzrange(lower(during), upper(during) + interval '25 minutes'), day_seat, h.version,
           h.after = to_jsonb(b)
         from clinic.bookings b join clinic.booking_history h on h.booking_id = b.id where b.id = $1",
        &[&next],
    )?;
    let found: (bool, i32, i32) = (row.get(0), row.get(1), row.get(2));
    ensure!(found == (true, 1, 1), "derived columns and history: {found:?}");
    let slots: i64 =
        client.query_one("select count(*) from find_slots('Visit', current_date + 10)", &[])?.get(0);
    ensure!(slots > 0, "no slots");
    client.batch_execute("drop extension pg_clinic").refused("2BP01")?;
    client.batch_execute("select init_clinic('Second', 'UTC')")?;
    Ok(())
}

#[test]
fn plain_in_public() -> Result {
    round_trip("plain_public", "public", Format::Plain)
}

#[test]
fn plain_in_schema_ext() -> Result {
    round_trip("plain_ext", "ext", Format::Plain)
}

#[test]
fn custom_in_public() -> Result {
    round_trip("custom_public", "public", Format::Custom)
}

#[test]
fn custom_in_schema_ext() -> Result {
    round_trip("custom_ext", "ext", Format::Custom)
}

/// Data alone, into tables that init_clinic() made: works with --disable-triggers, and brings back every row.
#[test]
fn data_only() -> Result {
    let server = Server::from_env()?;
    let (original, copy) = (server.database("dump_data")?, server.database("dump_data_copy")?);
    let mut client = original.with_extension()?;
    live(&mut client)?;
    client.batch_execute(
        "drop schema app cascade; drop schema test cascade; alter table clinic.bookings drop column insurance",
    )?;
    let mut into = copy.with_extension()?;
    into.batch_execute("select init_clinic('Test', 'Europe/Berlin'); delete from clinic.clinics")?;
    into.batch_execute("delete from clinic.schema_version")?;
    let file = Scratch::new(&server, "data_only.dump");
    server.run(
        "pg_dump",
        &["--data-only", "--disable-triggers", "--schema=clinic", "--file", &file.path(), &original.name],
    )?;
    server.run(
        "psql",
        &["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", &file.path(), &format!("--dbname={}", copy.name)],
    )?;
    let rows = "select (select jsonb_agg(b order by id) from clinic.bookings b)::text,
                  (select jsonb_agg(h order by id) from clinic.booking_history h)::text";
    let (before, after) = (client.query_one(rows, &[])?, into.query_one(rows, &[])?);
    for column in 0..2 {
        ensure!(before.get::<_, &str>(column) == after.get::<_, &str>(column), "column {column} differs");
    }
    Ok(())
}

/// `drop extension … cascade` takes functions and triggers, and neither a row nor a column.
#[test]
fn dropping_the_extension_keeps_the_rows() -> Result {
    let database = Server::from_env()?.database("dump_drop")?;
    let mut client = database.with_extension()?;
    live(&mut client)?;
    let contents = "select jsonb_agg(b order by id)::text from clinic.bookings b";
    let before: String = client.query_one(contents, &[])?.get(0);
    client.batch_execute("drop extension pg_clinic cascade")?;
    let after: String = client.query_one(contents, &[])?.get(0);
    ensure!(before == after, "bookings changed");
    // The constraints stay, they are the tables'.
    client
        .batch_execute("update clinic.bookings set provider_busy = tstzrange(lower(during), upper(during)), room_id = 1, is_overbooked = false, day_seat = 3, day_capacity = 3, overbook_seat = null, overbook_limit = null where id = 2")
        .refused("23P01")?;
    // And the documented way back.
    client.batch_execute("create extension pg_clinic; select upgrade_clinic()")?;
    is_as_shipped(&mut client)
}
