-- A function that was altered so that a call means something else is refused at the next call; COST and ROWS may be tuned.
-- A STRICT one isn't called at all where an argument is null, as here: only check_clinic() can tell.
\set SHOW_CONTEXT never
set timezone to 'Asia/Tokyo';
set client_min_messages to warning;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;

create function pg_temp.outcome(alteration text, call text) returns text language plpgsql as $$
declare
  message text;
  detail text;
begin
  execute alteration;
  execute call;
  raise exception 'done' using errcode = 'P9999';
exception when others then
  get stacked diagnostics message = message_text, detail = pg_exception_detail;
  return case sqlstate when 'P9999' then 'done' else concat_ws(' ', sqlstate, message, nullif(detail, '')) end;
end $$;
create temp table call (function regprocedure, statement text);
insert into call select (select oid from pg_proc where proname = name and pronamespace = 'public'::regnamespace), statement
from (values ('find_slots', $$select find_slots('Checkup', '2035-04-16')$$),
  ('book_slot', $$select book_slot('Checkup', 1, 1, '2035-04-16 16:00', 'Ann', contact => null)$$),
  ('clinic_fill_booking', $$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'Ben', '[2035-04-16 17:00,)')$$)) as c (name, statement);

select split_part(function::text, '(', 1) as function, change,
  pg_temp.outcome(format('alter function %s %s', function, change), statement) as outcome
from call, unnest('{strict,security definer,immutable,volatile,parallel restricted,reset search_path,set search_path = public,set work_mem = 100000,cost 5}'::text[])
  with ordinality as alteration (change, place)
order by function::text collate "C", place;

-- Another default, of a function made anew.
select pg_temp.outcome(replace(pg_get_functiondef(function), 'include_overbooked boolean DEFAULT true', 'include_overbooked boolean DEFAULT false'), statement)
from call where statement like '%find_slots%';
select pg_temp.outcome(replace(pg_get_functiondef(function), 'is_overbooked boolean DEFAULT false', 'is_overbooked boolean DEFAULT true'), statement)
from call where statement like '%book_slot%';

-- Altered back, it is well again, in the same session.
savepoint ready;
alter function clinic_fill_booking() strict;
select pg_temp.outcome('select 1', statement) from call where function::text like 'clinic_fill%';
alter function clinic_fill_booking() called on null input;
select pg_temp.outcome('select 1', statement) from call where function::text like 'clinic_fill%';
rollback;
