-- What all tests here find in their database: the extension, its tables without any clinic, and three helpers.
-- A test works in a transaction that it rolls back, so none sees another's clinic.
\set SHOW_CONTEXT never
set client_min_messages to warning;
create extension pg_clinic cascade;
-- The first clinic brings the tables with it.
select count(init_clinic('To be removed', 'UTC'));
delete from clinic.clinics;

create schema test;
grant usage on schema test to public;

-- A small clinic to begin with: clinic 1 in Berlin, provider 1 with a buffer of 10 minutes who is open on Mondays from
-- 09:00 to 12:00, room 1, and type 1 of 30 minutes that needs no special room. Ids count from 1 again in each test.
create procedure test.clinic() language plpgsql as $$
declare
  sequence text;
begin
  for sequence in
    select pg_get_serial_sequence('clinic.' || table_name, 'id') from information_schema.columns
    where table_schema = 'clinic' and is_identity = 'YES'
  loop
    perform setval(sequence, 1, false);
  end loop;
  insert into clinic.clinics (name, time_zone) values ('Berlin clinic', 'Europe/Berlin');
  insert into clinic.shift_kinds (name) values ('session');
  insert into clinic.providers (name) values ('Adler');
  insert into clinic.rooms (name, room_type) values ('Room 1', 'exam');
  insert into clinic.appointment_types (name, duration_minutes) values ('Checkup', 30);
  insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (1, 1, '09:00', '12:00');
end $$;

-- The freed place of a cancelled booking, which is written down if nobody saw it being freed.
create function test.freed_place(booking bigint) returns bigint language sql as $$
  insert into clinic.freed_places (clinic_id, booking_id, provider_id, room_id, appointment_type_id, slot_start, slot_end, cause)
    select clinic_id, id, provider_id, room_id, appointment_type_id, slot_start, slot_end, 'cancelled' from clinic.bookings b
    where id = booking and not exists (select from clinic.freed_places where booking_id = booking);
  select id from clinic.freed_places where booking_id = booking
$$;

-- Runs a statement that must be refused and tells how: SQLSTATE, constraint, message, DETAIL and HINT.
create procedure test.refused(statement text) language plpgsql as $$
declare
  message text; detail text; hint text; violated text;
begin
  execute statement;
  -- Undone, so that what follows isn't misled.
  raise exception 'NOT REFUSED %', statement using errcode = 'P9999';
exception when others then
  get stacked diagnostics message = message_text, detail = pg_exception_detail, hint = pg_exception_hint,
    violated = constraint_name;
  raise info '%', concat_ws(E'\n', concat_ws(' ', sqlstate, nullif(violated, ''), '|', message),
    '  DETAIL ' || nullif(detail, ''), '  HINT ' || nullif(hint, ''));
end $$;

-- The same where DETAIL prints a whole row, which nobody wants to read.
create procedure test.violates(statement text) language plpgsql as $$
declare
  violated text;
begin
  execute statement;
  raise exception 'NOT REFUSED %', statement using errcode = 'P9999';
exception when others then
  get stacked diagnostics violated = constraint_name;
  raise info '% %', sqlstate, coalesce(nullif(violated, ''), sqlerrm);
end $$;

-- Wall-clock times of a clinic in Berlin: '09:00 09:15 …'.
create function test.times(slots timestamptz[]) returns text language sql as $$
  select coalesce(string_agg(to_char(slot at time zone 'Europe/Berlin', 'HH24:MI'), ' ' order by slot), 'none')
  from unnest(slots) slot
$$;
