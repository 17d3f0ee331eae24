-- A hostile search_path: functions, operators, types and tables of the same names, before pg_catalog. Each of them would
-- raise an error, so that one is used shows.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
set client_min_messages to warning;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
create schema evil;
create function evil.caught() returns text language plpgsql as $$ begin raise exception 'evil was called'; end $$;
-- Functions that our SQL, defaults, constraints or triggers call.
create function evil.now() returns timestamptz language sql as $$ select (evil.caught()::text)::pg_catalog.timestamptz $$;
create function evil.clock_timestamp() returns timestamptz language sql as $$ select (evil.caught()::text)::pg_catalog.timestamptz $$;
create function evil.current_clinic() returns bigint language sql as $$ select evil.caught()::pg_catalog.int8 $$;
create function evil.tstzrange(timestamptz, timestamptz) returns tstzrange language sql as $$ select evil.caught()::pg_catalog.tstzrange $$;
create function evil.lower(tstzrange) returns timestamptz language sql as $$ select evil.caught()::pg_catalog.timestamptz $$;
create function evil.upper(tstzrange) returns timestamptz language sql as $$ select evil.caught()::pg_catalog.timestamptz $$;
create function evil.isempty(tstzrange) returns boolean language sql as $$ select evil.caught()::pg_catalog.bool $$;
create function evil.btrim(text) returns text language sql as $$ select evil.caught() $$;
create function evil.timezone(text, timestamptz) returns timestamp language sql as $$ select evil.caught()::pg_catalog.timestamp $$;
create function evil.to_jsonb(clinic.bookings) returns jsonb language sql as $$ select evil.caught()::pg_catalog.jsonb $$;
create function evil.quote_ident(text) returns text language sql as $$ select evil.caught() $$;
create function evil.num_nonnulls(variadic "any") returns int language internal as 'pg_num_nulls';
create aggregate evil.max(int) (sfunc = int4larger, stype = int, initcond = '1000');
-- Operators.
create function evil.eq(bigint, bigint) returns boolean language sql as $$ select evil.caught()::pg_catalog.bool $$;
create function evil.eq(text, text) returns boolean language sql as $$ select evil.caught()::pg_catalog.bool $$;
create function evil.overlaps(tstzrange, tstzrange) returns boolean language sql as $$ select evil.caught()::pg_catalog.bool $$;
create function evil.le(timestamptz, timestamptz) returns boolean language sql as $$ select evil.caught()::pg_catalog.bool $$;
create operator evil.= (leftarg = bigint, rightarg = bigint, function = evil.eq);
create operator evil.= (leftarg = text, rightarg = text, function = evil.eq);
create operator evil.&& (leftarg = tstzrange, rightarg = tstzrange, function = evil.overlaps);
create operator evil.<= (leftarg = timestamptz, rightarg = timestamptz, function = evil.le);
create operator evil.> (leftarg = timestamptz, rightarg = timestamptz, function = evil.le);
-- Tables, and types.
create table evil.pg_namespace (nspname text);
create table evil.pg_class (relname text);
create table evil.pg_extension (extname text);
create table evil.bookings (id int);
create domain evil.text as pg_catalog.text check (false);
create domain evil.int8 as pg_catalog.int8 check (false);
create domain evil.tstzrange as pg_catalog.tstzrange check (false);
-- The same names in the temporary schema, which PostgreSQL looks at first by default.
create temp table pg_namespace (nspname pg_catalog.text);
create temp table clinics (id int);

set local search_path to evil, public, pg_catalog;
-- The traps work.
savepoint traps;
select now();
rollback to traps;
select 1::pg_catalog.int8 = 1::pg_catalog.int8;
rollback to traps;
select pg_catalog.count(*) from find_slots('Checkup'::pg_catalog.text, '2035-04-16'::pg_catalog.date);
select pg_catalog.count(*) from next_available('Checkup'::pg_catalog.text, '2035-04-16'::pg_catalog.date);
select pg_catalog.count(*) from explain_slots('Checkup'::pg_catalog.text, '2035-04-16'::pg_catalog.date);
select status from book_slot('Checkup'::pg_catalog.text, 1, 1, '2035-04-16 09:00', 'A', 'p1', request_id => 'r1');
select status from book_slot('Checkup'::pg_catalog.text, 1, 1, '2035-04-16 09:00', 'A', 'p1', request_id => 'r1');
select status from hold_slot('Checkup'::pg_catalog.text, 1, 1, '2035-04-16 10:00');
select status from confirm_hold(2, 'B');
select status from reschedule_booking(2, '2035-04-16 11:00');
select status from check_in_booking(2);
select status from complete_booking(2);
select status from cancel_booking(1, 'ill');
select public.current_clinic();
-- Plain SQL: defaults, constraints and triggers, with an expired hold in the way.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status, hold_expires_at)
  values (1, 1, 1, 'C', '[2035-04-16 10:00,)', 'pending', '2020-01-01');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'D', '[2035-04-16 10:00,)');
update clinic.bookings set during = '[2035-04-16 10:05,)' where patient_name operator(pg_catalog.=) 'D';
delete from clinic.bookings where patient_name operator(pg_catalog.=) 'D';
insert into clinic.clinics (name, time_zone) values ('Other', 'Europe/Berlin');
-- Set-up: a second clinic, grants, and all tables anew.
select public.init_clinic('Third', 'Europe/Berlin');
select public.upgrade_clinic();
create role test_finder;
select public.grant_clinic_access('test_finder'::pg_catalog.regrole, 'admin');
-- What is to be told when the transaction ends is told.
set constraints all immediate;
drop schema clinic cascade;
select public.init_clinic('Anew', 'Europe/Berlin');
insert into clinic.providers (name) values ('Adler');
set local search_path to pg_catalog;
select conname from pg_constraint c where connamespace = 'clinic'::regnamespace
  and pg_get_constraintdef(oid) like '%evil%';
select attrelid::regclass, attname, atttypid::regtype from pg_attribute a join pg_type t on t.oid = a.atttypid
where attrelid in (select oid from pg_class where relnamespace = 'clinic'::regnamespace and relkind = 'r') and t.typnamespace <> 'pg_catalog'::regnamespace;
rollback;
