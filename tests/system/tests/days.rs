//! Which days a write queues for: those that it takes time on, or gives time back on, by the clinic's clock. Too few, and
//! writers could deadlock; too many, and they would wait for nothing.

use pg_clinic_system_tests::{DAY_LOCK, Fixture, Result, Server, ensure};
use postgres::Client;

/// The local dates whose locks the session holds, as text.
const LOCKED: &str = "
  select coalesce(string_agg(date::text, ' ' order by date), '')
  from (select date '2000-01-01' + (objid::bigint - case when objid::bigint > 2147483647 then 4294967296 else 0 end)::integer as date
        from pg_locks where pid = pg_backend_pid() and locktype = 'advisory' and mode = 'ExclusiveLock' and objsubid = $1) l";

/// Runs a statement and compares; rolls back.
fn locks(client: &mut Client, statement: &str, expected: &str) -> Result {
    client.batch_execute("begin")?;
    client.batch_execute(statement).map_err(|error| format!("{statement}: {error:?}"))?;
    let locked: String = client.query_one(LOCKED, &[&DAY_LOCK])?.get(0);
    client.batch_execute("rollback")?;
    ensure!(locked == expected, "{statement}\nlocked {locked}, expected {expected}");
    Ok(())
}

fn insert(provider: i32, from: &str, until: &str, more: (&str, &str)) -> String {
    let (column, value) = more;
    format!(
        "insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during{column})
         values ({provider}, {provider}, 1, 'Pat', tstzrange('{from}', '{until}'){value})"
    )
}

const PLAIN: (&str, &str) = ("", "");

#[test]
fn days_locked() -> Result {
    let database = Server::from_env()?.database("days")?;
    let mut client = database.with_extension()?;
    Fixture { turnover_minutes: 30, time_zone: "America/New_York", ..Fixture::default() }
        .make(&mut client)?;
    client.batch_execute("set timezone = 'America/New_York'")?;
    let client = &mut client;

    locks(client, &insert(1, "2030-05-06 10:00", "2030-05-06 10:30", PLAIN), "2030-05-06")?;
    // Up to midnight, with the pauses after it (10 minutes the provider's, 30 the room's).
    locks(client, &insert(1, "2030-05-06 23:00", "2030-05-06 23:30", PLAIN), "2030-05-06")?;
    locks(client, &insert(1, "2030-05-06 23:00", "2030-05-06 23:31", PLAIN), "2030-05-06 2030-05-07")?;
    locks(
        client,
        &insert(1, "2030-05-06 23:59", "2030-05-07 23:59", PLAIN),
        "2030-05-06 2030-05-07 2030-05-08",
    )?;
    // Days before 2000, whose numbers are negative, are days as any other.
    locks(client, &insert(1, "1999-12-29 10:00", "1999-12-29 10:30", PLAIN), "1999-12-29")?;
    locks(client, &insert(1, "1999-12-31 23:30", "2000-01-01 00:30", PLAIN), "1999-12-31 2000-01-01")?;
    // What takes no time.
    let cancelled = (", status", ", 'cancelled'");
    locks(client, &insert(1, "2030-05-06 10:00", "2030-05-06 10:30", cancelled), "")?;
    // A hold that expired the night before is cancelled without going back for its days.
    client.batch_execute(&insert(
        1,
        "2030-05-05 23:00",
        "2030-05-06 01:00",
        (", status, hold_expires_at", ", 'pending', '2000-01-01'"),
    ))?;
    locks(client, &insert(1, "2030-05-06 00:30", "2030-05-06 01:30", PLAIN), "2030-05-06")?;

    // A booking late on a winter's evening (04:30 UTC), and changes of it.
    client.batch_execute(&insert(2, "2031-01-08 23:30", "2031-01-08 23:45", PLAIN))?;
    let change = |set: &str| {
        format!("update clinic.bookings set {set} where patient_name = 'Pat' and provider_id = 2")
    };
    let winter = "2031-01-08 2031-01-09";
    for same_place in ["status = 'arrived'", "status = 'cancelled'", "patient_id = 'p'", "status = 'noshow'"]
    {
        locks(client, &change(same_place), winter)?;
    }
    let summer = "during = tstzrange('2031-07-09 10:00', '2031-07-09 10:15')";
    locks(client, &change(summer), "2031-01-08 2031-01-09 2031-07-09")?;
    locks(client, "delete from clinic.bookings where provider_id = 2", winter)?;
    let week: String = client.query_one("select (test.at(7, '10:00')::date)::text", &[])?.get(0);
    let reschedule =
        "select reschedule_booking(id, test.at(7, '10:00')) from clinic.bookings where provider_id = 2";
    client.batch_execute("update clinic.clinics set booking_horizon_days = 3660")?;
    locks(client, reschedule, &format!("{week} {winter}"))?;
    locks(client, "select cancel_booking(id) from clinic.bookings where provider_id = 2", winter)?;
    // An upsert takes the days of the booking that is there, too, whether it moves it or not.
    client.batch_execute(
        "update clinic.bookings set request_id = 'r' where patient_name = 'Pat' and provider_id = 2",
    )?;
    let again = insert(1, "2031-01-06 10:00", "2031-01-06 10:30", (", request_id", ", 'r'"));
    for then in ["nothing", "update set during = excluded.during", "update set patient_name = 'Ann'"] {
        let upsert = format!("{again} on conflict (clinic_id, request_id) do {then}");
        locks(client, &upsert, &format!("2031-01-06 {winter}"))?;
    }
    let by_id = again
        .replace("request_id", "id")
        .replace("'r'", "(select id from clinic.bookings where request_id = 'r')");
    let by_id = format!("{by_id} on conflict (id) do update set during = excluded.during");
    locks(client, &by_id, &format!("2031-01-06 {winter}"))?;
    // Nothing is taken, nothing given back.
    client.batch_execute(&change("status = 'cancelled'"))?;
    locks(client, &change("status = 'noshow'"), "")?;
    locks(client, &change("status = 'booked'"), winter)?;
    locks(client, "delete from clinic.bookings where provider_id = 2", "")?;
    Ok(())
}

/// Days are counted per clinic: another clinic's writer doesn't wait.
#[test]
fn clinics_have_days_of_their_own() -> Result {
    let database = Server::from_env()?.database("days_clinics")?;
    let mut client = database.with_extension()?;
    Fixture::default().make(&mut client)?;
    client.batch_execute("begin; select book_slot('Visit', 1, 1, test.at(7, '10:00'), 'Pat')")?;
    let clinic: i64 = client
        .query_one(
            "select classid::bigint from pg_locks where pid = pg_backend_pid() and locktype = 'advisory' and objsubid = $1",
            &[&DAY_LOCK],
        )?
        .get(0);
    ensure!(clinic == 1, "the lock is of clinic {clinic}");
    // The app's own advisory locks, of either kind, are others.
    let mut other = database.connect()?;
    let taken: bool = other
        .query_one(
            "select pg_try_advisory_xact_lock(1, 7) and pg_try_advisory_xact_lock((1::bigint << 32) + 7)",
            &[],
        )?
        .get(0);
    ensure!(taken, "an app's lock is ours");
    Ok(())
}
