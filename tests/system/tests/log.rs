//! What the server's log and the client's error tell of a patient: nothing, whatever refuses the row.

use std::io::Write as _;

use pg_clinic_system_tests::{Fixture, Instance, Refusal, Result, Server, ensure};
use postgres::Client;

/// Somebody with a name, a contact and a key in every table that has patients. The log of a server shows the statements that
/// fail, so that those below name nobody.
const PATIENTS: &str = "
  insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, contact, during) values
    (1, 1, 1, 'secret-key', 'Secret Name', 'secret phone', tstzrange(test.at(7, '10:00'), null)),
    (1, 1, 1, 'secret-key', 'Secret Name', 'secret phone', tstzrange(test.at(7, '12:00'), null));
  insert into clinic.waitlist (patient_id, patient_name, contact, appointment_type_id, from_date, to_date)
    values ('secret-key', 'Secret Name', 'secret phone', 1, current_date, current_date + 7);
  update clinic.bookings set status = 'cancelled' where id = 2;
  insert into clinic.offers (clinic_id, freed_place_id, slot_start, slot_end, source, waitlist_id, patient_id, patient_name, contact, score, expires_at)
    values (1, (select max(id) from clinic.freed_places), test.at(7, '12:00'), test.at(7, '12:30'), 'waitlist', 1, 'secret-key', 'Secret Name', 'secret phone', 1, now() + interval '1 hour');
  insert into clinic.clients (name, contact) values ('Secret Name', 'secret phone');";

const TABLES: [&str; 4] = ["bookings", "waitlist", "offers", "clients"];

/// What a COPY into bookings may be refused for: the format, the line, which names a patient, and the SQLSTATE.
const COPIED: [(&str, &str, &str); 10] = [
    ("text", "1\t1\t1\tsecret-key\tSecret Name\tAT(17:00)\tno-status", "23514"),
    ("csv", "1,1,1,secret-key,Secret Name,AT(17:00),no-status", "23514"),
    ("csv", "1,1,1,secret-key,\"Mary\nSecret Name\",AT(17:00),no-status", "23514"),
    ("text", "1\t1\t1\tsecret-key\tSecret Name\tAT(17:00)\t\\N", "23502"),
    ("text", "1\t1\t1\tsecret-key\tSecret Name", "22P04"),
    ("text", "1\t1\t1\tsecret-key\tSecret Name\tAT(17:00)\tbooked\tmore", "22P04"),
    ("csv", "1,1,1,secret-key,\"Secret Name,AT(17:00),booked", "22P04"),
    ("text", "1\t1\t99\tsecret-key\tSecret Name\tAT(17:00)\tbooked", "23503"),
    ("text", "1\t1\t1\tsecret-key\tSecret Name\tAT(11:00)\tbooked", "23514"),
    ("text", "1\t1\t1\tsecret-key\tSecret Name\tAT(03:00)\tbooked", "23514"),
];

/// Copies lines into bookings, which is refused, and sees that no line is told.
fn copy_refused(client: &mut Client, (format, lines, sqlstate): (&str, &str, &str)) -> Result {
    let at = |time: &str| format!("(select test.at(7, '{time}')::text)");
    let mut lines = lines.to_owned();
    while let Some(start) = lines.find("AT(") {
        let time = lines[start + 3..start + 8].to_owned();
        let from: String = client.query_one(&format!("select {}", at(&time)), &[])?.get(0);
        let during = format!("[{from},)");
        let during = if format == "csv" { format!("\"{during}\"") } else { during };
        lines.replace_range(start..start + 9, &during);
    }
    let statement = format!(
        "copy clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during, status)
         from stdin (format {format})"
    );
    let mut writer = client.copy_in(&statement)?;
    writer.write_all(lines.as_bytes())?;
    writer.write_all(b"\n")?;
    let Err(error) = writer.finish() else { return Err(format!("{lines} went well").into()) };
    let database = error.as_db_error().ok_or("no error of the server's")?;
    ensure!(database.code().code() == sqlstate, "{lines}: {error:?}");
    ensure!(!format!("{error:?}").to_lowercase().contains("secret"), "{lines}: {error:?}");
    let context = database.where_().unwrap_or_default();
    let number =
        context.lines().find_map(|line| line.strip_prefix("COPY bookings, line ")).unwrap_or_default();
    ensure!(number.parse::<u32>().is_ok(), "{lines}: {context:?}");
    Ok(())
}

/// Runs a statement that is refused, and sees that the client is told no patient.
fn refused(
    client: &mut Client,
    statement: &str,
    sqlstate: &str,
    constraint: Option<&str>,
) -> Result<Refusal> {
    let Err(error) = client.batch_execute(statement) else {
        return Err(format!("{statement} went well").into());
    };
    let Some(refusal) = Refusal::of(&error) else { return Err(error.into()) };
    ensure!(refusal.sqlstate == sqlstate, "{statement}: {refusal:?}");
    ensure!(constraint.is_none() || refusal.constraint.as_deref() == constraint, "{statement}: {refusal:?}");
    let told = format!("{refusal:?}").to_lowercase();
    ensure!(!told.contains("secret"), "{statement}: {refusal:?}");
    Ok(refusal)
}

#[test]
fn names_no_patient() -> Result {
    let server = Server::from_env()?;
    let instance = Instance::empty(&server, "names_no_patient", &[])?;
    let mut client = instance.server.connect("postgres")?;
    client.batch_execute("set client_min_messages = warning; create extension pg_clinic cascade")?;
    Fixture { daily_cap: 1, ..Fixture::default() }.make(&mut client)?;
    client.batch_execute("update clinic.providers set max_daily_appointments = 9")?;
    client.batch_execute(PATIENTS)?;

    // A full day, normal and overbooked: by the trigger, under the constraint's name.
    client.batch_execute("update clinic.providers set max_daily_appointments = 1")?;
    let copy = |columns: &str, values: &str| {
        format!(
            "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, contact, during{columns})
             select 1, 2, 1, patient_name, contact, tstzrange(test.at(7, '15:00'), null){values}
             from clinic.bookings where id = 1"
        )
    };
    let full = refused(&mut client, &copy("", ""), "23514", Some("bookings_daily_cap"))?;
    ensure!(full.detail.is_some_and(|detail| detail.starts_with("daily_cap: provider 1 ")), "no DETAIL");
    refused(&mut client, &copy(", is_overbooked", ", true"), "23514", Some("bookings_overbook_cap"))?;
    let moved = "update clinic.bookings set during = tstzrange(test.at(7, '16:00'), null), status = 'booked' where id = 2";
    refused(&mut client, moved, "23514", Some("bookings_daily_cap"))?;
    // With a reason it can be booked.
    client.batch_execute(&copy(", override_reason", ", 'emergency'"))?;

    // The patient is elsewhere at that time.
    let twice = "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during)
                 select 2, 2, 1, patient_id, patient_name, during from clinic.bookings where id = 1";
    refused(&mut client, twice, "23P01", Some("bookings_patient"))?;

    // Every column that must not be null, and any CHECK.
    let mut statements = 0;
    for table in TABLES {
        let columns = client.query(
            "select attname::text from pg_attribute where attrelid = ('clinic.' || $1)::regclass and attnotnull
               and attnum > 0 and attgenerated = '' and attname not in ('id', 'provider_busy', 'room_busy', 'local_date', 'session_id')",
            &[&table],
        )?;
        for column in &columns {
            let column: &str = column.get(0);
            refused(&mut client, &format!("update clinic.{table} set {column} = null"), "23502", None)?;
            statements += 1;
        }
        client.batch_execute(&format!(
            "alter table clinic.{table} add constraint never check (false) not valid"
        ))?;
        refused(&mut client, &format!("update clinic.{table} set id = id"), "23514", Some("never"))?;
        statements += 1;
    }
    ensure!(statements > 20, "{statements} statements");
    client.batch_execute("alter table clinic.bookings drop constraint never")?;
    for copied in COPIED {
        copy_refused(&mut client, copied)?;
    }
    let log = instance.log()?;
    ensure!(
        log.contains("bookings_daily_cap") || log.contains("daily_cap: provider 1"),
        "nothing was logged"
    );
    let told = log.lines().find(|line| line.to_lowercase().contains("secret") && !line.contains("values"));
    ensure!(told.is_none(), "the log tells: {told:?}");
    // What isn't ours shows its row as ever.
    client.batch_execute("create table public.app (name text check (name <> 'x'))")?;
    let Err(error) = client.batch_execute("insert into public.app values ('x')") else {
        return Err("went well".into());
    };
    let shown = Refusal::of(&error).and_then(|refusal| refusal.detail).unwrap_or_default();
    ensure!(shown.contains("Failing row"), "hidden: {shown:?}");
    let mut writer = client.copy_in("copy public.app from stdin")?;
    writer.write_all(b"x\n")?;
    let error = writer.finish().err().ok_or("went well")?;
    let shown = error.as_db_error().and_then(|error| error.where_()).unwrap_or_default();
    ensure!(shown == "COPY app, line 1: \"x\"", "hidden: {shown:?}");
    ends_with_the_library(&instance)
}

/// Once the extension is dropped, as `drop extension btree_gist cascade` does, no trigger loads the library: SECURITY.md says how
/// it is loaded all the same.
fn ends_with_the_library(instance: &Instance) -> Result {
    let mut client = instance.server.connect("postgres")?;
    client.batch_execute("set client_min_messages = warning; drop extension btree_gist cascade")?;
    for (setting, is_shown) in [("default", true), ("'pg_clinic'", false)] {
        client
            .batch_execute(&format!("alter database postgres set session_preload_libraries = {setting}"))?;
        let mut client = instance.server.connect("postgres")?;
        for table in TABLES {
            let Err(error) = client.batch_execute(&format!("update clinic.{table} set clinic_id = null"))
            else {
                return Err("went well".into());
            };
            ensure!(
                format!("{error:?}").contains("secret phone") == is_shown,
                "{table}, {setting}: {error:?}"
            );
        }
    }
    Ok(())
}
