-- upgrade_clinic puts back what is missing, or refuses and names the rows in the way; what the owner altered it leaves.
-- The owner is no superuser.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set client_min_messages to warning;
create procedure test.give_to_owner() language plpgsql as $$
declare
  relation record;
begin
  alter schema clinic owner to regress_owner;
  for relation in select oid::regclass as name from pg_class where relnamespace = 'clinic'::regnamespace and relkind in ('r', 'v') loop
    execute format('alter table %s owner to regress_owner', relation.name);
  end loop;
end $$;

-- Everything that can be dropped without rows, dropped at once, and back again.
begin;
create role regress_owner;
call test.give_to_owner();
call test.clinic();
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'A', '[2035-04-16 09:00,)');
set local role regress_owner;
do $$
declare
  thing record;
begin
  drop view clinic.appointments, clinic.cancelled_appointments, clinic.waiting, clinic.daily_utilization, clinic.client_status, clinic.exception_queue;
  for thing in select conrelid::regclass as of, conname as name from pg_constraint
    where connamespace = 'clinic'::regnamespace and contype in ('f', 'c', 'x', 'u', 'p') order by contype = 'p', contype = 'u' loop
    execute format('alter table %s drop constraint %I', thing.of, thing.name);
  end loop;
  for thing in select indexrelid::regclass as name from pg_index i join pg_class c on c.oid = i.indrelid where c.relnamespace = 'clinic'::regnamespace loop
    execute format('drop index %s', thing.name);
  end loop;
  for thing in select tgrelid::regclass as of, tgname as name from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where c.relnamespace = 'clinic'::regnamespace and not tgisinternal loop
    execute format('drop trigger %I on %s', thing.name, thing.of);
  end loop;
  for thing in select attrelid::regclass as of, attname as name, attidentity <> '' as is_identity, atthasdef and attgenerated = '' as has_default, attnotnull
    from pg_attribute a join pg_class c on c.oid = a.attrelid where c.relnamespace = 'clinic'::regnamespace and c.relkind = 'r' and attnum > 0 and not attisdropped loop
    if thing.is_identity then execute format('alter table %s alter column %I drop identity', thing.of, thing.name); end if;
    if thing.has_default then execute format('alter table %s alter column %I drop default', thing.of, thing.name); end if;
    if thing.attnotnull then execute format('alter table %s alter column %I drop not null', thing.of, thing.name); end if;
  end loop;
end $$;
select kind, problem, count(*) > 0 as some from check_clinic() group by 1, 2 order by 1, 2;
select upgrade_clinic();
select * from check_clinic();
-- Comments are back, too, and ids go on.
select tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid
where c.relnamespace = 'clinic'::regnamespace and not tgisinternal and obj_description(t.oid, 'pg_trigger') is null;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'B', '[2035-04-16 10:00,)');
select id, patient_name, day_seat, slot_start from clinic.bookings order by id;
call test.refused($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'C', '[2035-04-16 10:00,)')$$);
-- Any number of times: nothing is made twice, nothing is locked for writers.
select upgrade_clinic(), upgrade_clinic();
select oid as before from pg_constraint where conname = 'bookings_provider' \gset
select upgrade_clinic();
select oid = :before as untouched from pg_constraint where conname = 'bookings_provider';
rollback;
begin;
select upgrade_clinic();
select relation::regclass, mode from pg_locks where locktype = 'relation' and pid = pg_backend_pid() and mode not in ('AccessShareLock')
  and relation in (select oid from pg_class where relnamespace = 'clinic'::regnamespace);
rollback;

-- The documented way back after drop extension btree_gist cascade; btree_gist in a schema of its own this time.
begin;
call test.clinic();
create role regress_analyst;
create role regress_portal;
create role regress_app;
select grant_clinic_access('regress_analyst', 'reader'), grant_clinic_access('regress_portal', 'finder'), grant_clinic_access('regress_app', 'scheduler');
drop extension btree_gist cascade;
create schema gist;
create extension btree_gist schema gist;
create extension pg_clinic;
select kind, object from check_clinic() where kind <> 'default';
select upgrade_clinic();
select * from check_clinic();
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, patient_id, during) values (1, 1, 1, 'x', 'P', '[2031-01-06 10:00+00,)');
call test.violates($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, patient_id, during) values (1, 1, 1, 'y', 'P', '[2031-01-06 10:00+00,)')$$);
-- Who could read the views can again.
select role, has_table_privilege(role, 'clinic.daily_utilization', 'select') as daily_utilization, has_table_privilege(role, 'clinic.client_status', 'select') as client_status
from unnest(array['regress_analyst', 'regress_portal', 'regress_app']) as role;
rollback;

-- What the owner set stays.
begin;
alter table clinic.bookings disable trigger tell_freed_by_change;
alter table clinic.bookings alter column clinic_id set default 7;
alter table clinic.clinics alter column slot_step_minutes set default 20;
comment on trigger tell_freed_by_change on clinic.bookings is 'Off: we choose ourselves.';
comment on view clinic.waiting is 'The list in the hall.';
comment on column clinic.appointments.contact is 'Telephone.';
alter table clinic.bookings drop constraint bookings_patient_id, add constraint bookings_patient_id check (patient_id like 'P%');
drop index clinic.bookings_due_idx;
create index bookings_due_idx on clinic.bookings (clinic_id, upper(during));
create or replace view clinic.waiting with (security_invoker = true) as select * from clinic.waiting where priority > 3;
alter function current_clinic() cost 7;
create table test.before as select kind, object, problem, sentence from check_clinic();
select kind, object, problem from test.before;
select upgrade_clinic();
select kind, object, problem, sentence from check_clinic() except table test.before;
select tgenabled, obj_description(oid, 'pg_trigger') as comment from pg_trigger where tgname = 'tell_freed_by_change';
select obj_description('clinic.waiting'::regclass) as waiting, col_description('clinic.appointments'::regclass, (select attnum from pg_attribute where attrelid = 'clinic.appointments'::regclass and attname = 'contact')) as contact;
rollback;

-- Rows in the way. Nothing is changed then, not even what could be.
begin;
create role regress_owner;
call test.give_to_owner();
call test.clinic();
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.providers (name) select 'P' || i from generate_series(2, 6) i;
create procedure test.without(lost text[], rows text) language plpgsql as $$
declare
  before text[];
begin
  perform setval('clinic.bookings_id_seq', 1, false);
  for index in 1 .. cardinality(lost) loop execute lost[index]; end loop;
  execute rows;
  before := array(select object from check_clinic());
  set local role regress_owner;
  call test.refused('select upgrade_clinic()');
  if before is distinct from array(select object from check_clinic()) then raise info 'CHANGED'; end if;
  reset role;
  raise exception 'taken back' using errcode = 'P9998';
exception
  when sqlstate 'P9998' then null;
  when others then raise info 'FAILED % %', sqlstate, sqlerrm;
end $$;
-- Two patients with one provider, in one room; dropping the trigger stands for a restore without it.
call test.without('{drop trigger fill_booking on clinic.bookings, alter table clinic.bookings drop constraint bookings_provider, alter table clinic.bookings drop constraint bookings_room, drop index clinic.bookings_due_idx}',
  $$insert into clinic.bookings (session_id, clinic_id, provider_id, room_id, appointment_type_id, patient_name, during, provider_busy, room_busy, local_date, day_seat, day_capacity)
    select -row_number() over (), 1, 1, 1, 1, 'Secret', r, r, r, '2035-04-16', i, 99 from (select i, tstzrange('2035-04-16 09:00', '2035-04-16 09:30') as r from generate_series(1, 3) i) as x$$);
-- More than ten.
call test.without('{drop trigger fill_booking on clinic.bookings, alter table clinic.bookings drop constraint bookings_room, alter table clinic.bookings drop constraint bookings_provider}',
  $$insert into clinic.bookings (session_id, clinic_id, provider_id, room_id, appointment_type_id, patient_name, during, provider_busy, room_busy, local_date, day_seat, day_capacity)
    select -row_number() over (), 1, 1, 1, 1, 'Secret', r, r, r, '2035-04-16', i, 99 from (select i, tstzrange('2035-04-16 09:00', '2035-04-16 09:30') as r from generate_series(1, 30) i) as x$$);
-- Neighbors touch and don't collide; one that overlaps a long one before it does. Cancelled ones are in nobody's way.
call test.without('{drop trigger fill_booking on clinic.bookings, alter table clinic.bookings drop constraint bookings_room}',
  $$insert into clinic.bookings (session_id, clinic_id, provider_id, room_id, appointment_type_id, patient_name, status, during, provider_busy, room_busy, local_date, day_seat, day_capacity)
    select -row_number() over (), 1, provider, room, 1, 'Secret', status, r, r, r, '2035-04-16', case status when 'booked' then 1 end, case status when 'booked' then 99 end
    from (values (1, 1, '09:00', '12:00', 'booked'), (2, 1, '12:00', '13:00', 'booked'), (3, 1, '09:30', '10:00', 'cancelled'), (4, 1, '11:00', '11:15', 'booked'),
        (5, 2, '09:00', '10:00', 'booked'), (6, 2, '10:00', '11:00', 'booked')) as v (provider, room, of, until, status),
      lateral (select tstzrange(('2035-04-16 ' || of)::timestamptz, ('2035-04-16 ' || until)::timestamptz) as r) as x$$);
-- The same patient twice.
call test.without('{drop trigger fill_booking on clinic.bookings, alter table clinic.bookings drop constraint bookings_patient}',
  $$insert into clinic.bookings (session_id, clinic_id, provider_id, room_id, appointment_type_id, patient_name, patient_id, during, provider_busy, room_busy, local_date, day_seat, day_capacity)
    select -row_number() over (), 1, provider, room, 1, 'Secret', patient, r, r, r, '2035-04-16', 1, 99
    from (values (1, 1, 'P-1', '09:00'), (2, 2, 'P-1', '09:15'), (3, 1, null, '10:00'), (4, 2, null, '10:00')) as v (provider, room, patient, of),
      lateral (select tstzrange(('2035-04-16 ' || of)::timestamptz, ('2035-04-16 ' || of)::timestamptz + interval '30 min') as r) as x$$);
-- A seat twice, a cap, a foreign key, a request twice, a key twice, NOT NULL.
call test.without('{drop trigger fill_booking on clinic.bookings, alter table clinic.bookings drop constraint bookings_day_seat}',
  $$insert into clinic.bookings (session_id, clinic_id, provider_id, room_id, appointment_type_id, patient_name, during, provider_busy, room_busy, local_date, day_seat, day_capacity)
    select -row_number() over (), 1, 1, 1, 1, 'Secret', r, r, r, '2035-04-16', 1, 99 from (select i, tstzrange(timestamptz '2035-04-16 09:00' + i * interval '1 hour', timestamptz '2035-04-16 09:30' + i * interval '1 hour') as r from generate_series(1, 3) i) as x$$);
call test.without('{drop trigger fill_booking on clinic.bookings, alter table clinic.bookings drop constraint bookings_daily_cap}',
  $$insert into clinic.bookings (session_id, clinic_id, provider_id, room_id, appointment_type_id, patient_name, during, provider_busy, room_busy, local_date, day_seat, day_capacity)
    select -row_number() over (), 1, 1, 1, 1, 'Secret', r, r, r, '2035-04-16', 2, 1 from (select tstzrange('2035-04-16 09:00', '2035-04-16 09:30') as r) as x$$);
call test.without('{alter table clinic.offers drop constraint offers_freed_place_fkey}',
  $$insert into clinic.waitlist (appointment_type_id, patient_name, from_date, to_date) values (1, 'Secret', '2035-01-01', '2035-12-31');
    insert into clinic.offers (clinic_id, freed_place_id, source, waitlist_id, patient_name, score, status, expires_at, answered_at, slot_start, slot_end) select 1, 77, 'waitlist', max(id), 'Secret', 1, 'declined', '2035-04-15', '2035-04-14', '2035-04-16', '2035-04-17' from clinic.waitlist$$);
call test.without('{drop index clinic.offers_waitlist_key}',
  $$insert into clinic.waitlist (appointment_type_id, patient_name, from_date, to_date) values (1, 'Secret', '2035-01-01', '2035-12-31');
    insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status) values (1, 1, 1, 'Secret', '[2035-04-16 09:00,)', 'cancelled');
    insert into clinic.freed_places (clinic_id, id, provider_id, room_id, slot_start, slot_end, cause) values (1, 1, 1, 1, '2035-04-16 09:00', '2035-04-16 09:30', 'offered');
    insert into clinic.offers (clinic_id, freed_place_id, source, waitlist_id, patient_name, score, expires_at, slot_start, slot_end) select 1, 1, 'waitlist', max(waitlist.id), 'Secret', 1, '2035-04-15', '2035-04-16 09:00', '2035-04-16 09:30' from clinic.waitlist, generate_series(1, 2) i group by i$$);
call test.without('{drop trigger fill_booking on clinic.bookings, alter table clinic.bookings drop constraint bookings_request}',
  $$insert into clinic.bookings (session_id, clinic_id, provider_id, room_id, appointment_type_id, patient_name, request_id, during, provider_busy, room_busy, local_date, day_seat, day_capacity)
    select -row_number() over (), 1, room, room, 1, 'Secret', 'r', r, r, r, '2035-04-16', 1, 99 from generate_series(1, 2) room, (select tstzrange('2035-04-16 09:00', '2035-04-16 09:30') as r) as x$$);
call test.without('{alter table clinic.area_neighbors drop constraint area_neighbors_pkey}',
  $$insert into clinic.areas (name) values ('North'), ('South'); insert into clinic.area_neighbors (area_id, neighbor_id) values (1, 2), (1, 2)$$);
call test.without('{alter table clinic.overbooking_rules drop constraint overbooking_rules_scope_key}',
  $$insert into clinic.overbooking_rules (max_overbook) values (1), (2)$$);
call test.without('{alter table clinic.bookings alter column status drop not null, drop trigger fill_booking on clinic.bookings, alter table clinic.bookings drop constraint bookings_seats}',
  $$insert into clinic.bookings (session_id, clinic_id, provider_id, room_id, appointment_type_id, patient_name, status, during, provider_busy, room_busy, local_date)
    select -row_number() over (), 1, 1, 1, 1, 'Secret', null, r, r, r, '2035-04-16' from (select tstzrange('2035-04-16 09:00', '2035-04-16 09:30') as r) as x$$);
call test.without('{alter table clinic.rule_overrides drop constraint rule_overrides_one}',
  $$insert into clinic.rule_overrides (rule_kind, mode, weight, from_date, to_date, approved_by, reason) values ('load_balance', 'soft', 3, '2035-01-01', '2035-06-30', 'A', 'Secret'), ('load_balance', 'soft', 4, '2035-06-30', '2035-12-31', 'A', 'Secret'), ('load_balance', 'soft', 5, '2036-01-01', '2036-12-31', 'A', 'Secret')$$);

-- What can't be put back: rows are gone with it, or something else is in its place.
call test.without('{drop table clinic.smoothing_moves}', 'select');
call test.without('{alter table clinic.providers drop column specialty cascade, alter table clinic.rooms drop column room_type cascade}', 'select');
call test.without('{alter table clinic.shifts alter column starts_at drop expression}', 'select');
call test.without('{drop index clinic.bookings_due_idx, create table clinic.bookings_due_idx (id bigint)}', 'select');
call test.without('{alter table clinic.bookings rename constraint bookings_pkey to mine}', 'select');
call test.without('{"alter table clinic.waitlist drop constraint waitlist_patient_name", "drop view clinic.waiting", "alter table clinic.waitlist alter column patient_name type bytea using patient_name::bytea"}', 'select');
-- Who isn't the owner.
create role regress_stranger;
set local role regress_stranger;
call test.refused('select upgrade_clinic()');
rollback;
drop procedure test.give_to_owner;

-- It says what it makes.
begin;
drop trigger note_author on clinic.access_levels;
drop view clinic.waiting;
alter table clinic.bookings drop constraint bookings_room;
alter table clinic.rooms alter column enabled drop default, alter column name drop not null;
set local client_min_messages to notice;
select upgrade_clinic();
select upgrade_clinic();
rollback;
