-- Row-level security of an app's: a function never takes rows that it can't see for rows that aren't there.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
set client_min_messages to warning;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values (1, 1, 1, 'p1', 'Ann', '[2035-04-16 09:00,)');
insert into clinic.time_off (during) values ('[2035-04-16 10:30,2035-04-16 12:00)');
create role test_owner;
create role test_app;
create role test_finder;
create role test_bypass bypassrls;
select grant_clinic_access('test_app', 'scheduler'), grant_clinic_access('test_bypass', 'scheduler'), grant_clinic_access('test_finder', 'finder') \g /dev/null
grant create, usage on schema public to test_owner;
-- The owner is no superuser.
do $$
declare t text;
begin
  alter schema clinic owner to test_owner;
  for t in select oid::regclass from pg_class where relnamespace = 'clinic'::regnamespace and relkind in ('r', 'v') loop
    execute format('alter table %s owner to test_owner', t);
  end loop;
end $$;
create temp table call (place int, name text, statement text);
insert into call values
  (1, 'find', $$select count(*) from find_slots('Checkup', '2035-04-16')$$), (2, 'explain', $$select count(*) from explain_slots('Checkup', '2035-04-16')$$),
  (3, 'book', $$select count(*) from book_slot('Checkup', 1, 1, '2035-04-16 09:45', 'Ben')$$), (4, 'move', $$select count(*) from reschedule_booking(1, '2035-04-16 10:00')$$),
  (5, 'sheet', $$select count(*) from day_sheet('2035-04-16')$$), (6, 'cancel', 'select count(*) from cancel_booking(1)'),
  (7, 'jobs', $$select sum(failed) from run_due_jobs()$$), (8, 'waitlist', $$select count(*) from join_waitlist('Checkup', 'Dora', '2035-04-16', '2035-04-20')$$),
  (9, 'view', 'select count(*) from clinic.appointments'),
  (10, 'insert', $$with made as (insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'Cem', '[2035-04-16 10:00,)') returning 1) select count(*) from made$$);
-- What a call answers, or is refused with, by a role. Nothing stays.
create function pg_temp.outcome(role text, statement text, deed text) returns text language plpgsql as $$
declare answer text;
begin
  execute deed;
  execute format('set local role %I', role);
  execute statement into answer;
  raise exception using errcode = 'P9999', message = answer;
exception when others then return case sqlstate when 'P9999' then sqlerrm else sqlstate || ' ' || sqlerrm end;
end $$;
create function pg_temp.outcomes(what text, deed text) returns table (done text, outcome text, calls text) language sql as $$
  select what, outcome, string_agg(role || ' ' || name, ', ' order by role, place)
  from unnest('{test_app,test_bypass,test_finder,test_owner}'::text[]) role, call, pg_temp.outcome(role, statement, deed) outcome
  where role in ('test_app', 'test_owner') or name in ('find', 'explain') group by outcome
$$;
\pset format unaligned
select * from pg_temp.outcomes('as it should be', 'select') order by calls collate "C";
-- Enabled, and forced on the owner, too: with no policy, one that hides some, and one that hides none.
select o.* from unnest('{bookings,time_off,providers,clinics,waitlist,events,assignments}'::name[]) with ordinality t (tab, n),
  pg_temp.outcomes(tab || ' enabled', format('alter table clinic.%I enable row level security', tab)) o order by n, o.calls collate "C";
select o.* from unnest('{bookings,time_off}'::name[]) with ordinality t (tab, n),
  pg_temp.outcomes(tab || ' forced', format('alter table clinic.%1$I enable row level security, force row level security; create policy part on clinic.%1$I using (id < 0)', tab)) o order by n, o.calls collate "C";
select * from pg_temp.outcomes('a policy that hides none', 'alter table clinic.bookings enable row level security; create policy every on clinic.bookings using (true)') order by calls collate "C";
-- In a session that has prepared everything, and back again; by several roles in turn.
savepoint ready;
set local role test_app;
select count(*) from find_slots('Checkup', '2035-04-16');
reset role;
alter table clinic.time_off enable row level security;
set local role test_bypass;
select count(*) from find_slots('Checkup', '2035-04-16');
set local role test_app;
call test.refused($$select count(*) from find_slots('Checkup', '2035-04-16')$$);
set local role test_owner;
select count(*) from find_slots('Checkup', '2035-04-16');
alter table clinic.time_off disable row level security;
set local role test_app;
select count(*) from find_slots('Checkup', '2035-04-16');
rollback;
