-- Whatever an owner renamed or altered that a cancellation doesn't need: it goes, by the function and by plain SQL.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values (1, 1, 1, 'p1', 'Ann', '[2035-04-16 09:00,)');
select join_waitlist('Checkup', 'Dora', '2035-04-16', '2035-04-20', 'p4', 'tel. 4') \g /dev/null
-- What is said where names and suggestions can't be had.
savepoint ready;
alter table clinic.providers rename to w;
select booking_id, status, local_time, provider_id, provider_name, room_name, candidate_count from cancel_booking(1);
rollback to ready;
alter table clinic.clinics rename column backfill_notice_minutes to notice;
select booking_id, status, local_time, provider_id, provider_name, room_name, candidate_count from cancel_booking(1);
rollback to ready;

set local client_min_messages to error;
create function pg_temp.outcome(deed text, statement text) returns text language plpgsql as $$
begin
  execute deed;
  execute statement;
  if exists (select from pg_class where oid = 'clinic.bookings'::regclass and relkind = 'r') and exists (select from clinic.bookings where patient_name = 'Ann' and status <> 'cancelled') then
    return 'still there';
  end if;
  raise exception 'done' using errcode = 'P9999';
exception when others then return case sqlstate when 'P9999' then 'done' else sqlstate || ' ' || sqlerrm end;
end $$;
create temp table deed as
  select format('%s renamed', relname) as what, relname, format('alter table clinic.%I rename to gone', relname) as deed
  from pg_class where relnamespace = 'clinic'::regnamespace and relkind = 'r' and relname not in ('bookings', 'booking_history', 'events')
  union all
  select format('%s.%s renamed', relname, attname), relname, format('alter table clinic.%I rename column %I to gone', relname, attname)
  from pg_class c join pg_attribute a on attrelid = c.oid and attnum > 0 and not attisdropped
  where relnamespace = 'clinic'::regnamespace and relname in ('clinics', 'providers', 'rooms', 'appointment_types', 'waitlist', 'offers', 'provider_availability', 'time_off', 'staff')
  union all
  select format('%s.%s of another type', relname, attname), relname, format('alter table clinic.%I alter %I type bigint', relname, attname)
  from pg_class c join pg_attribute a on attrelid = c.oid and attnum > 0 and not attisdropped and atttypid = 'int'::regtype
  where relnamespace = 'clinic'::regnamespace and relname in ('clinics', 'providers', 'rooms', 'appointment_types');
create temp table outcome as
  select what, way, pg_temp.outcome(deed, statement) as outcome
  from deed, (values ('function', 'select cancel_booking(1)'), ('update', $$update clinic.bookings set status = 'cancelled' where patient_name = 'Ann'$$),
    ('delete', $$delete from clinic.bookings where patient_name = 'Ann'$$)) as way (way, statement);
select count(*) > 250 as tried from outcome;
-- All that is needed beside the booking, its history and its event.
select what, way, outcome from outcome where outcome <> 'done' order by what collate "C", way;
rollback;
