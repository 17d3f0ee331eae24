-- The trigger functions belong on the tables that init_clinic() makes, and nowhere else: elsewhere they are a plain error, for
-- whoever tries, whatever the table looks like. A crash here would be everybody's.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

call test.refused('select clinic_fill_booking()');
call test.refused('select clinic_record_booking()');
call test.refused('select clinic_refuse_truncate()');
call test.refused('select clinic_keep_plan_rows()');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'A', '[2026-04-13 09:00,)');
create role test_mallory;
grant usage on schema clinic to test_mallory;
grant select on clinic.bookings to test_mallory;
set local client_min_messages to warning;
set local role test_mallory;
call test.violates('select clinic_fill_booking()');

-- Makes a table of its own with such a trigger, writes a row, and gives the outcome: the SQLSTATE, nothing else.
create procedure pg_temp.with_trigger(fires text, function text, columns text default '', write text default 'insert into mine default values')
language plpgsql as $$
declare
  outcome text := 'no error';
begin
  begin
    if columns like 'clinic.%' then
      execute format('create temp table mine (like %s)', columns);
    else
      execute format('create temp table mine (%s)', columns);
    end if;
    execute format('create trigger t %s on mine %s execute function %s()', split_part(fires, '/', 1), split_part(fires, '/', 2), function);
    execute write;
  exception when others then
    outcome := sqlstate;
  end;
  drop table if exists mine;
  raise info '% %: %', fires, function, outcome;
end $$;
-- Without the columns; with all of them as they are; with all of them of a wrong type; on another level, time and event.
select string_agg(attname || ' int', ', ') as numbers, string_agg(attname || ' text default ''x''', ', ') as texts,
  string_agg(attname || ' bigint default 4096', ', ') as pointers
from pg_attribute where attrelid = 'clinic.bookings'::regclass and attnum > 0 \gset
call pg_temp.with_trigger('before insert/for each row', 'clinic_fill_booking');
call pg_temp.with_trigger('before insert/for each row', 'clinic_fill_booking', 'clinic.bookings', 'insert into mine select * from clinic.bookings');
call pg_temp.with_trigger('before insert/for each row', 'clinic_fill_booking', :'numbers');
call pg_temp.with_trigger('before insert/for each row', 'clinic_fill_booking', :'texts');
call pg_temp.with_trigger('before insert/for each row', 'clinic_fill_booking', :'pointers');
call pg_temp.with_trigger('after insert/for each row', 'clinic_fill_booking', 'clinic.bookings', 'insert into mine select * from clinic.bookings');
call pg_temp.with_trigger('before insert/for each statement', 'clinic_fill_booking', 'clinic.bookings', 'insert into mine select * from clinic.bookings');
call pg_temp.with_trigger('after insert/for each statement', 'clinic_fill_booking', 'clinic.bookings', 'insert into mine select * from clinic.bookings');
call pg_temp.with_trigger('before delete/for each statement', 'clinic_fill_booking', 'clinic.bookings', 'delete from mine');
call pg_temp.with_trigger('before truncate/for each statement', 'clinic_fill_booking', 'clinic.bookings', 'truncate mine');
call pg_temp.with_trigger('after insert/for each row', 'clinic_record_booking');
call pg_temp.with_trigger('after insert/for each row', 'clinic_record_booking', 'clinic_id bigint default 1, id bigint default 1');
call pg_temp.with_trigger('after insert/for each row', 'clinic_record_booking', :'texts');
call pg_temp.with_trigger('after insert/for each row', 'clinic_record_booking', :'pointers');
call pg_temp.with_trigger('before insert/for each row', 'clinic_record_booking', 'clinic_id bigint default 1, id bigint default 1');
call pg_temp.with_trigger('after insert/for each statement', 'clinic_record_booking', 'clinic_id bigint default 1, id bigint default 1');
call pg_temp.with_trigger('before truncate/for each statement', 'clinic_record_booking', 'clinic_id bigint default 1, id bigint default 1', 'truncate mine');
call pg_temp.with_trigger('before update/for each row', 'clinic_keep_time_zone', 'id bigint default 4096, time_zone bigint default 4096', 'insert into mine values (1, 1); update mine set time_zone = 2');
call pg_temp.with_trigger('before update/for each row', 'clinic_keep_time_zone', 'id bigint, time_zone text', 'insert into mine values (1, 1); update mine set time_zone = 2');
call pg_temp.with_trigger('before insert/for each row', 'clinic_keep_time_zone', 'id bigint, time_zone text', 'insert into mine values (1, 1)');
call pg_temp.with_trigger('before insert/for each statement', 'clinic_keep_time_zone', 'id bigint, time_zone text', 'insert into mine values (1, 1)');
call pg_temp.with_trigger('before update/for each row', 'clinic_follow_person', 'clinic_id bigint, id bigint, person_id text', 'insert into mine values (1, 1); update mine set person_id = 2');
call pg_temp.with_trigger('after update/for each row', 'clinic_follow_person', 'clinic_id bigint, id bigint, person_id text', 'insert into mine values (1, 1); update mine set person_id = 2');
call pg_temp.with_trigger('after insert/for each row', 'clinic_follow_person', 'clinic_id text, id text, person_id bigint', 'insert into mine values (1, 1, 1)');
call pg_temp.with_trigger('after insert/for each statement', 'clinic_follow_person', 'clinic_id bigint, id bigint, person_id text', 'insert into mine values (1, 1)');
call pg_temp.with_trigger('before insert/for each row', 'clinic_keep_answer', 'id bigint default 4096');
call pg_temp.with_trigger('before truncate/for each statement', 'clinic_keep_answer', '', 'truncate mine');
call pg_temp.with_trigger('before insert/for each row', 'clinic_keep_plan_rows', :'pointers');
call pg_temp.with_trigger('after insert/for each row', 'clinic_keep_plan_rows', 'clinic_id text, plan_id text');
call pg_temp.with_trigger('before truncate/for each statement', 'clinic_keep_plan_rows', '', 'truncate mine');
call pg_temp.with_trigger('before insert/for each row', 'clinic_refuse_truncate');
call pg_temp.with_trigger('before insert/for each statement', 'clinic_refuse_truncate');
call pg_temp.with_trigger('before truncate/for each statement', 'clinic_refuse_truncate', '', 'truncate mine');
-- As an event trigger they can't be used at all.
reset role;
call test.violates('create event trigger e on ddl_command_start execute function clinic_fill_booking()');
-- Nothing was written, and the table itself is as it was.
select count(*) from clinic.bookings;
select count(*) from clinic.booking_history;
rollback;
