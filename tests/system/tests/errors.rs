//! Errors as a client meets them whatever the server's environment and the database's encoding.

use pg_clinic_system_tests::{Attempt, Fixture, Result, Server, ensure};
use postgres::Client;

/// Every function and trigger of the extension, with NULL for each argument.
const DOORS: &str = "
  select p.proname::text, p.prorettype = 'trigger'::regtype as is_trigger,
    format('select count(*) from %I(%s)', p.proname,
      (select string_agg('null::' || format_type(t, null), ', ') from unnest(p.proargtypes::oid[]) t)) as call
  from pg_proc p join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    join pg_extension e on e.oid = d.refobjid and e.extname = 'pg_clinic'
  where p.prosrc like 'pg\\_clinic\\_%' order by 1";

#[test]
fn other_encodings_are_refused_at_every_door() -> Result {
    for encoding in ["LATIN1", "WIN1252", "SQL_ASCII"] {
        let server = Server::from_env()?;
        let name = format!("system_encoding_{}", encoding.to_lowercase());
        server.administer(&format!("drop database if exists {name}"))?;
        server.administer(&format!(
            "create database {name} encoding '{encoding}' locale 'C' template template0"
        ))?;
        let tried = knock(&mut server.connect(&name)?);
        server.administer(&format!("drop database {name}"))?;
        let tried = tried.map_err(|error| format!("{encoding}: {error}"))?;
        ensure!(tried > 60, "{encoding}: only {tried} functions and triggers");
    }
    Ok(())
}

/// Calls everything, and gives how many were refused.
fn knock(client: &mut Client) -> Result<usize> {
    client.batch_execute("create extension pg_clinic cascade; create table rows (id bigint)")?;
    let doors = client.query(DOORS, &[])?;
    for door in &doors {
        let (function, is_trigger, call): (String, bool, String) = (door.get(0), door.get(1), door.get(2));
        if is_trigger {
            client.batch_execute(&format!(
                "create or replace trigger door after insert on rows for each row execute function {function}()"
            ))?;
        }
        let call = if is_trigger { "insert into rows values (1)" } else { call.as_str() };
        client.batch_execute(call).refused("0A000").map_err(|error| format!("{function}: {error}"))?;
    }
    Ok(doors.len())
}

/// The server runs with RUST_BACKTRACE: what PostgreSQL raises outside of our statements has no frame in it either.
#[test]
fn no_error_shows_frames() -> Result {
    let database = Server::from_env()?.database("frames")?;
    let mut client = database.with_extension()?;
    Fixture::default().make(&mut client)?;
    let mut other = database.connect()?;
    other.batch_execute("begin; select book_slot('Visit', 2, 2, test.at(7, '10:00'), 'Bob')")?;
    client.batch_execute("set lock_timeout = '50ms'; set statement_timeout = 0")?;
    let mut frames = Vec::new();
    for (statement, state) in [
        ("select book_slot('Visit', 1, 1, test.at(7, '10:00'), 'Ann')", "55P03"),
        (
            "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
          values (1, 1, 1, 'Ann', tstzrange(test.at(7, '10:00'), null))",
            "55P03",
        ),
        (
            "set statement_timeout = '20ms'; select count(*) from find_slots('Visit', current_date + 1, current_date + 360, all_rooms => true)",
            "57014",
        ),
    ] {
        let error = client.batch_execute(statement).err().ok_or("not refused")?;
        let error = error.as_db_error().ok_or("no error of the server's")?;
        ensure!(error.code().code() == state, "{statement}: {error:?}");
        let shown =
            format!("{} {:?} {:?} {:?}", error.message(), error.detail(), error.hint(), error.where_());
        if shown.contains(".rs") || shown.contains("pgrx") || shown.contains("::") {
            frames.push(shown);
        }
    }
    ensure!(frames.is_empty(), "frames are shown: {frames:?}");
    Ok(())
}
