-- What an owner dropped, altered or put in another's place is refused by its name, where functions and triggers rely on it.
\set SHOW_CONTEXT never
set timezone to 'America/New_York';
set datestyle to 'german';
set client_min_messages to error;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during)
  values (1, 1, 1, 'p1', 'Ann', '[2035-04-16 09:00+02,)');

-- What a statement ends in after an alteration, which is undone.
create function pg_temp.outcome(alteration text, call text) returns text language plpgsql as $$
begin
  execute alteration;
  execute call;
  raise exception 'done' using errcode = 'P9999';
exception when others then
  return case sqlstate when 'P9999' then 'done' else sqlstate || ' ' || sqlerrm end;
end $$;
create temp table call (name text, statement text);
insert into call values
  ('insert', $$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'Ben', '[2035-04-17 09:00+02,)')$$),
  ('cancel', $$update clinic.bookings set status = 'cancelled'$$),
  ('find', $$select from find_slots('Checkup', '16.04.2035')$$),
  ('report', $$select from day_sheet('16.04.2035')$$);
create view pg_temp.alteration as
  select 'drop ' || conname as name, format('alter table clinic.bookings drop constraint %I cascade', conname) as alteration, 1 as place
  from pg_constraint where conrelid = 'clinic.bookings'::regclass and contype in ('p', 'u', 'f', 'x', 'c')
  union all
  select 'nullable ' || attname, format('alter table clinic.bookings alter %I drop not null', attname), 2
  from pg_attribute where attrelid = 'clinic.bookings'::regclass and attnum > 0 and attnotnull and attname <> 'id'
  union all
  select 'drop ' || indexrelid::regclass::name, format('drop index %s', indexrelid::regclass), 3
  from pg_index i where indrelid = 'clinic.bookings'::regclass and not exists (select from pg_constraint where conindid = i.indexrelid);

-- Each constraint, NOT NULL and index of bookings: what is relied on, and by whom. A change that frees time is always possible.
select a.name, pg_temp.outcome(a.alteration, i.statement) as insert, pg_temp.outcome(a.alteration, f.statement) as find,
  pg_temp.outcome(a.alteration, r.statement) as report, pg_temp.outcome(a.alteration, c.statement) as cancel
from pg_temp.alteration a
join call i on i.name = 'insert' join call f on f.name = 'find' join call r on r.name = 'report' join call c on c.name = 'cancel'
order by place, a.name collate "C" \gx

-- The same names with another meaning.
select what, pg_temp.outcome(alteration, statement) as outcome
from call join (values
  (1, 'not valid', 'alter table clinic.bookings drop constraint bookings_daily_cap, add constraint bookings_daily_cap check (day_seat >= 1 and day_seat <= day_capacity) not valid'),
  (2, 'the same again', 'alter table clinic.bookings drop constraint bookings_daily_cap, add constraint bookings_daily_cap check (day_seat between 1 and day_capacity)'),
  (3, 'other columns', $$alter table clinic.bookings drop constraint bookings_request, add constraint bookings_request unique (request_id)$$),
  (4, 'deferrable', $$alter table clinic.bookings drop constraint bookings_request, add constraint bookings_request unique (clinic_id, request_id) deferrable$$),
  (5, 'other operator', $$alter table clinic.bookings drop constraint bookings_room, add constraint bookings_room exclude using gist (clinic_id with =, room_id with =, room_busy with =)$$),
  (6, 'other condition', $$alter table clinic.bookings drop constraint bookings_day_seat, add constraint bookings_day_seat exclude using btree (clinic_id with =, provider_id with =, local_date with =, day_seat with =) where (not is_overbooked and status = 'booked')$$),
  (7, 'renamed', 'alter table clinic.bookings rename constraint bookings_overbook_seat to bookings_seat_of_overbooked'),
  (8, 'renamed index', 'alter index clinic.bookings_day_seat rename to bookings_seat_of_day'),
  (9, 'invalid index', $$update pg_index set indisvalid = false where indexrelid = 'clinic.bookings_patient'::regclass; alter table clinic.bookings alter id set statistics 100$$),
  (10, 'cluster', 'cluster clinic.bookings using bookings_pkey'),
  (11, 'reindex', 'reindex table clinic.bookings')) as alteration (place, what, alteration) on name = 'insert'
order by place;

-- The name of an index on another table, whose columns hold something else.
savepoint ready;
alter index clinic.bookings_hold_idx rename to bookings_hold_old;
create table clinic.planted (c1 text, c2 int, c3 int, c4 int, c5 int, c6 int, c7 int, c8 int, c9 int, c10 int, c11 int, c12 int, c13 text);
insert into clinic.planted (c1, c13) select 'a' || i, 'b' || i from generate_series(1, 10) i;
create index bookings_hold_idx on clinic.planted (c1, c13);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'Cem', '[2035-04-17 09:00+02,)') returning status;
rollback to ready;

-- Another table, a view or a partition in the place of the table; a table that passes rows on.
select what, pg_temp.outcome(alteration || $$; create trigger fill_booking before insert or update or delete on clinic.bookings
  for each row execute function clinic_fill_booking()$$, statement) as outcome
from call join (values
  (1, 'copy', 'alter table clinic.bookings rename to kept; create table clinic.bookings (like clinic.kept including defaults including identity)'),
  (2, 'whole copy', $$alter table clinic.bookings rename to kept; create table clinic.bookings (like clinic.kept including all)$$),
  (3, 'partitioned', 'alter table clinic.bookings rename to kept; create table clinic.bookings (like clinic.kept including defaults) partition by list (clinic_id); create table clinic.part partition of clinic.bookings default'),
  (4, 'partition', 'alter table clinic.bookings rename to kept; create table clinic.whole (like clinic.kept including defaults) partition by list (clinic_id); create table clinic.bookings partition of clinic.whole default'),
  (5, 'child', 'alter table clinic.bookings rename to kept; create table clinic.bookings () inherits (clinic.kept); alter table clinic.bookings alter clinic_id set default 1, alter id set default 9')) as alteration (place, what, alteration) on name = 'insert'
order by place;
select what, name, pg_temp.outcome(alteration, statement) as outcome
from call join (values
  ('view', 'alter table clinic.bookings rename to kept; create view clinic.bookings as select * from clinic.kept'),
  ('parent', 'create table clinic.older () inherits (clinic.bookings)'),
  ('rule', 'create rule nothing as on delete to clinic.bookings do instead nothing')) as alteration (what, alteration) on name in ('find', 'report')
order by what, name;

-- The extension dropped and made again: triggers are gone, so functions write nothing before upgrade_clinic().
savepoint ready;
select join_waitlist('Checkup', 'Dora', '16.04.2035', '20.04.2035', 'p4') \g /dev/null
insert into clinic.shifts (during) values ('[2029-01-01 08:00+01,2029-01-01 12:00+01)');
insert into clinic.staff (name) values ('Ana');
drop extension pg_clinic cascade;
create extension pg_clinic;
call test.refused($$select book_slot('Checkup', 1, 1, '2035-04-16 10:00+02', 'Ben')$$);
call test.refused('select cancel_booking(1)');
call test.refused($$select solve_roster('01.01.2029', '01.01.2029')$$);
call test.refused($$select init_clinic('Second', 'UTC')$$);
call test.refused($$select find_slots('Checkup', '16.04.2035')$$);
select upgrade_clinic();
select status from book_slot('Checkup', 1, 1, '2035-04-16 10:00+02', 'Ben');
select operation from clinic.booking_history where booking_id = (select max(id) from clinic.bookings);
rollback to ready;

-- A trigger switched off: without its part a row would be wrong or unrecorded. Suggestions may be switched off.
select trigger, pg_temp.outcome(format('alter table clinic.bookings disable trigger %I', trigger), $$select cancel_booking(1)$$) as off,
  pg_temp.outcome(format('alter table clinic.bookings enable replica trigger %I', trigger), $$select cancel_booking(1)$$) as replica,
  pg_temp.outcome(format('alter table clinic.bookings enable always trigger %I', trigger), $$select cancel_booking(1)$$) as always
from unnest('{fill_booking,record_booking,tell_freed_by_change,keep_bookings}'::text[]) as trigger;

-- Rows copied from another server, which has judged them, are taken whatever is missing here.
savepoint ready;
alter table clinic.bookings enable always trigger fill_booking;
alter table clinic.bookings drop constraint bookings_room;
set local session_replication_role to replica;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'Cem', '[2035-04-18 09:00+02,)') returning status;
rollback to ready;
rollback;
