//! Nothing depends on search_path: functions, operators and types of the same names, planted before ours, are never
//! called.

use pg_clinic_system_tests::{Fixture, Result, Server, ensure};

/// Look-alikes of what our SQL uses, in schema evil. Every one of them fails when called.
const PLANTED: &str = "
  create schema evil;
  create function evil.caught() returns boolean language plpgsql as $$ begin raise 'planted code was called'; end $$;
  create function evil.now() returns timestamptz language sql as 'select evil.caught()::text::timestamptz';
  create function evil.clock_timestamp() returns timestamptz language sql as 'select evil.caught()::text::timestamptz';
  create function evil.max(integer) returns integer language sql as 'select evil.caught()::integer';
  create function evil.lower(tstzrange) returns timestamptz language sql as 'select evil.caught()::text::timestamptz';
  create function evil.upper(tstzrange) returns timestamptz language sql as 'select evil.caught()::text::timestamptz';
  create function evil.tstzrange(timestamptz, timestamptz) returns tstzrange language sql
    as 'select evil.caught()::text::tstzrange';
  create function evil.to_jsonb(anyelement) returns jsonb language sql as 'select pg_catalog.to_jsonb(evil.caught())';
  create function evil.quote_ident(name) returns text language sql as 'select evil.caught()::text';
  create function evil.current_clinic() returns bigint language sql as 'select evil.caught()::integer::bigint';
  create function evil.equal(bigint, bigint) returns boolean language sql as 'select evil.caught()';
  create function evil.equal(text, text) returns boolean language sql as 'select evil.caught()';
  create function evil.overlap(tstzrange, tstzrange) returns boolean language sql as 'select evil.caught()';
  create operator evil.= (leftarg = bigint, rightarg = bigint, function = evil.equal);
  create operator evil.= (leftarg = text, rightarg = text, function = evil.equal);
  create operator evil.&& (leftarg = tstzrange, rightarg = tstzrange, function = evil.overlap);
  create domain evil.timestamptz as pg_catalog.timestamptz check (evil.caught());
  create table evil.bookings (id bigint);
  create table evil.clinics (id bigint);";

/// The same among a session's temporary objects.
const PLANTED_TEMPORARY: &str = "
  create temp table bookings (id bigint);
  create temp table clinics (id bigint);
  create temp table pg_namespace (oid oid);
  create temp table pg_extension (oid oid);
  create temp table pg_roles (oid oid);
  create function pg_temp.current_clinic() returns bigint language sql as 'select evil.caught()::integer::bigint';";

/// Everything there is to call, with no name or operator that the caller's own path could change.
const CALLS: [&str; 19] = [
    "select public.current_clinic()",
    "select booking_id from public.book_slot('Visit'::pg_catalog.text, 1, 1, test.at(7, '10:00'), 'Ann', 'p', request_id => 'r')",
    "select booking_id from public.book_slot('Visit'::pg_catalog.text, 1, 1, test.at(7, '10:00'), 'Ann', 'p', request_id => 'r')",
    "select booking_id from public.hold_slot('Visit'::pg_catalog.text, 2, 2, test.at(7, '10:00'), ttl => '1 day')",
    "select booking_id from public.confirm_hold(2, 'Bob')",
    "insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, status, hold_expires_at)
       values (1, 1, 1, pg_catalog.tstzrange(test.at(7, '12:00'), null), 'pending', '2000-01-01')",
    "select booking_id from public.book_slot('Visit'::pg_catalog.text, 1, 1, test.at(7, '12:00'), 'Cleo')",
    "select booking_id from public.book_slot('Visit'::pg_catalog.text, 1, 2, test.at(7, '12:00'), 'Dan', is_overbooked => true)",
    "select booking_id from public.reschedule_booking(1, test.at(8, '10:00'), 2, 3)",
    "select booking_id from public.check_in_booking(1)",
    "select booking_id from public.complete_booking(1)",
    "select booking_id from public.cancel_booking(2, 'ill')",
    "delete from clinic.bookings",
    "select pg_catalog.count(*) from public.find_slots('Visit'::pg_catalog.text, test.day(7), patient_id => 'p')",
    "select pg_catalog.count(*) from public.next_available('Visit'::pg_catalog.text)",
    "select pg_catalog.count(*) from public.explain_slots('Visit'::pg_catalog.text, test.day(7))",
    "select public.upgrade_clinic()",
    "select public.grant_clinic_access('pg_monitor', 'admin')",
    "update clinic.clinics set minimum_notice_minutes = 5",
];

#[test]
fn planted_objects_are_never_called() -> Result {
    let database = Server::from_env()?.database("search_path")?;
    let mut client = database.with_extension()?;
    client.batch_execute(PLANTED)?;
    for path in ["evil, pg_catalog, public, pg_temp", "pg_temp, evil, pg_catalog, public", "evil", "''"] {
        let set_path = format!("set search_path = {path}; set client_min_messages = warning");
        // Set up under that path.
        let mut session = database.connect()?;
        session.batch_execute(PLANTED_TEMPORARY)?;
        session.batch_execute(&set_path)?;
        session
            .batch_execute("select public.init_clinic('First', 'Europe/Berlin')")
            .map_err(|error| format!("under {path}: init_clinic: {error:?}"))?;
        session.batch_execute("delete from clinic.clinics where true")?;
        session.batch_execute("alter table clinic.clinics alter id restart")?;
        // Filled under the usual one.
        session.batch_execute("reset search_path")?;
        Fixture { max_overbook: 1, ..Fixture::default() }.make(&mut session)?;
        session.batch_execute(
            "create function test.day(day integer) returns date language sql stable return current_date + day",
        )?;
        // Used under that path, with nothing prepared yet.
        let mut session = database.connect()?;
        session.batch_execute(PLANTED_TEMPORARY)?;
        session.batch_execute(&set_path)?;
        for call in CALLS {
            session.batch_execute(call).map_err(|error| format!("under {path}: {call}: {error:?}"))?;
        }
        session.batch_execute("drop schema clinic cascade; drop schema test cascade")?;
    }
    // The trap works.
    client.batch_execute("set search_path = evil, pg_catalog")?;
    ensure!(
        client.batch_execute("select 1::bigint = 1::bigint").is_err(),
        "the planted operator isn't called"
    );
    Ok(())
}
