-- The tables are the user's: who owns them can alter a column's type. Our C code must then refuse, not read whatever is there.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, request_id, patient_id, patient_name, during)
  values (1, 1, 1, 'r', 'p', 'A', '[2035-04-16 09:00,)');
insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time) values (1, '2035-04-16', '09:00', '12:00');
insert into clinic.time_off (during) values ('[2035-04-16 11:45,2035-04-16 12:00)');
insert into clinic.overbooking_rules (max_overbook) values (1);
insert into clinic.scoring_profiles default values;
set local client_min_messages to error;

-- Gives a column another type, uses everything that reads it, and gives the outcome: ok or SQLSTATEs. Nothing stays.
create function pg_temp.tried(tab regclass, col name, type text, value text) returns text language plpgsql as $$
declare
  statement text;
  outcome text;
  outcomes text[] := '{}';
  dependent record;
begin
  begin
    -- Constraints that prevent the change.
    for dependent in select conrelid::regclass as tab, conname from pg_constraint where connamespace = 'clinic'::regnamespace and contype in ('c', 'x') and conrelid = $1
    loop execute format('alter table %s drop constraint %I', dependent.tab, dependent.conname); end loop;
    for dependent in select oid::regclass as view from pg_class where relnamespace = 'clinic'::regnamespace and relkind = 'v'
    loop execute format('drop view %s', dependent.view); end loop;
    for dependent in select attname from pg_attribute where attrelid = $1 and attgenerated <> ''
    loop execute format('alter table %s drop column %I', tab, dependent.attname); end loop;
    drop index clinic.bookings_day_idx, clinic.bookings_due_idx, clinic.bookings_hold_idx, clinic.time_off_during_idx;
    execute format('alter table %s alter column %I drop default, alter column %I drop identity if exists, alter column %I type %s using %s', tab, col, col, col, type, value);
  exception when others then
    return 'not altered';
  end;
  foreach statement in array array[
    'select * from find_slots(''Checkup'', date ''2035-04-16'', patient_id => ''p'')', 'select * from explain_slots(''Checkup'', ''2035-04-16'')',
    'select book_slot(''Checkup'', 1, 1, ''2035-04-16 10:00'', ''B'', request_id => ''r2'')', 'select reschedule_booking(1, ''2035-04-16 10:00'')', 'select cancel_booking(1)',
    'insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, ''C'', ''[2035-04-16 11:00,)'')']
  loop
    begin
      execute statement;
      outcome := 'ok';
      raise exception 'undo' using errcode = 'P9999';
    exception when sqlstate 'P9999' then null; when others then outcome := sqlstate;
    end;
    if not outcome = any (outcomes) then outcomes := outcomes || outcome; end if;
  end loop;
  raise exception using errcode = 'P9998', message = array_to_string(array(select unnest(outcomes) order by 1), ' ');
exception when sqlstate 'P9998' then return sqlerrm;
end $$;

-- Every column whose values are pointers is given numbers. What is refused by PostgreSQL, by us (PC003) or not at all differs from
-- column to column; that none takes the server down is the point.
create temp table outcome as
  select c.oid::regclass as tab, attname, pg_temp.tried(c.oid, attname, 'bigint', '4096') as outcome
  from pg_class c join pg_attribute a on attrelid = c.oid and attnum > 0 join pg_type t on t.oid = atttypid
  where relnamespace = 'clinic'::regnamespace and relkind = 'r' and relname not in ('schema_version', 'booking_history') and not typbyval;
select count(*) > 20 as many_altered from outcome where outcome <> 'not altered';
-- Some of them.
select tab, attname, outcome from outcome
where (tab, attname) in (('clinic.clinics'::regclass, 'slot_alignment'), ('clinic.providers'::regclass, 'name'), ('clinic.rooms'::regclass, 'equipment'),
  ('clinic.appointment_types'::regclass, 'required_room_type')) order by tab;

-- Every column, of whatever type, in turn text, a number, a document, an array and a yes or no without a value: what is refused names table
-- or column, and isn't PostgreSQL's error about a text that nobody here wrote.
create function pg_temp.refused(tab regclass, col name, type text) returns setof text language plpgsql as $$
declare
  statement text;
  refusals text[] := '{}';
  dependent record;
begin
  begin
    for dependent in select conrelid::regclass as tab, conname from pg_constraint where connamespace = 'clinic'::regnamespace and contype in ('c', 'x') and conrelid = $1
    loop execute format('alter table %s drop constraint %I', dependent.tab, dependent.conname); end loop;
    for dependent in select conrelid::regclass as tab, conname from pg_constraint where connamespace = 'clinic'::regnamespace and contype in ('f', 'u')
      and (conrelid = $1 and (select attnum from pg_attribute where attrelid = $1 and attname = $2) = any (conkey))
    loop execute format('alter table %s drop constraint %I cascade', dependent.tab, dependent.conname); end loop;
    for dependent in select oid::regclass as view from pg_class where relnamespace = 'clinic'::regnamespace and relkind = 'v'
    loop execute format('drop view %s', dependent.view); end loop;
    for dependent in select attname from pg_attribute where attrelid = $1 and attgenerated <> ''
    loop execute format('alter table %s drop column %I', tab, dependent.attname); end loop;
    for dependent in select indexrelid::regclass as index from pg_index i where indrelid = $1 and not exists (select from pg_constraint where conindid = i.indexrelid)
    loop execute format('drop index %s', dependent.index); end loop;
    execute format('alter table %1$s disable trigger user, alter column %2$I drop not null, alter column %2$I drop default, alter column %2$I drop identity if exists, alter column %2$I type %3$s using null', tab, col, type);
    execute format('alter table %1$s enable trigger user', tab);
  exception when others then return;
  end;
  foreach statement in array array[
    $q$select count(*) from find_slots('Checkup', date '2035-04-16', patient_id => 'p')$q$, $q$select count(*) from explain_slots('Checkup', '2035-04-16')$q$,
    $q$select book_slot('Checkup', 1, 1, '2035-04-16 10:00', 'B', request_id => 'r2')$q$, $q$select cancel_booking(1)$q$, $q$select reschedule_booking(1, '2035-04-16 10:00')$q$,
    $q$select count(*) from day_sheet('2035-04-16')$q$, $q$select count(*) from utilization('2035-04-16', '2035-04-16')$q$, $q$select count(*) from find_backfill(1)$q$,
    $q$select count(*) from run_due_jobs()$q$, $q$select join_waitlist('Checkup', 'Dora', '2035-04-16', '2035-04-20')$q$]
  loop
    begin
      execute statement;
      raise exception 'undo' using errcode = 'P9999';
    exception when sqlstate 'P9999' then null;
    when others then
      refusals := refusals || case
        when sqlstate = 'PC003' and sqlerrm like '%clinic%' then 'PC003'
        else concat_ws(' ', tab, col, type, '|', statement, '|', sqlstate, sqlerrm) end;
    end;
  end loop;
  raise exception using errcode = 'P9998', message = array_to_string(array(select distinct unnest(refusals)), E'\n');
exception when sqlstate 'P9998' then return query select string_to_table(sqlerrm, E'\n');
end $$;
create temp table refusal as
  select tab, col, refusal
  from (select c.oid::regclass as tab, attname as col, (array['text', 'bigint', 'jsonb', 'text[]', 'boolean', 'date'])[1 + (row_number() over (order by c.relname, attnum)) % 6] as type
    from pg_class c join pg_attribute a on attrelid = c.oid and attnum > 0 and not attisdropped
    where relnamespace = 'clinic'::regnamespace and relkind = 'r' and relname in ('clinics', 'providers', 'rooms', 'appointment_types', 'provider_availability', 'availability_overrides', 'time_off',
      'overbooking_rules', 'scoring_profiles', 'bookings', 'waitlist', 'offers', 'shifts', 'assignments', 'staff')) as altered,
    pg_temp.refused(tab, col, type) as refusal
  union all
  select 'clinic.rooms', 'equipment', pg_temp.refused('clinic.rooms', 'equipment', 'text');
select count(distinct (tab, col)) > 70 as many_refused from refusal where refusal = 'PC003';
\pset format unaligned
select refusal from refusal where refusal not in ('PC003', '') order by 1;
rollback;
