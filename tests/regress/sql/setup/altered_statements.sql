-- Statements of ours that no longer fit the tables: PC003 with the table and the column, and what to do; what an app's trigger does
-- wrong stays the app's.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values (1, 1, 1, 'p1', 'Ann', '[2035-04-16 09:00,)');
insert into clinic.staff (name) values ('Ana');
insert into clinic.shifts (during) values ('[2026-04-13 08:00,2026-04-13 12:00)');
select plan_id from solve_roster('2026-04-13', '2026-04-13');
-- Prints all that a driver can switch on. Nothing stays.
create procedure pg_temp.refused(deed text, statement text) language plpgsql as $$
declare
  message text; detail text; hint text; tab text; col text; sch text;
begin
  execute deed;
  execute statement;
  raise exception 'NOT REFUSED %', statement using errcode = 'P9999';
exception when others then
  get stacked diagnostics message = message_text, detail = pg_exception_detail, hint = pg_exception_hint, tab = table_name, col = column_name, sch = schema_name;
  raise info '%', concat_ws(E'\n', concat_ws(' ', sqlstate, concat_ws('.', nullif(sch, ''), nullif(tab, ''), nullif(col, '')), '|', message), '  DETAIL ' || nullif(detail, ''), '  HINT ' || nullif(hint, ''));
end $$;
-- Gone or called otherwise: tables, views, columns.
call pg_temp.refused('alter table clinic.rooms rename to chambers', $$select * from find_slots('Checkup', '2035-04-16')$$);
call pg_temp.refused('drop table clinic.time_off cascade', $$select * from find_slots('Checkup', '2035-04-16')$$);
call pg_temp.refused('alter table clinic.events rename to happenings', 'select cancel_booking(1)');
call pg_temp.refused('alter table clinic.providers rename column enabled to active', $$select * from find_slots('Checkup', '2035-04-16')$$);
call pg_temp.refused('alter table clinic.booking_history rename column actor to who', 'select cancel_booking(1)');
call pg_temp.refused('alter table clinic.offers drop column expires_at cascade', 'select expire_offers()');
call pg_temp.refused('alter table clinic.clinics rename column time_zone to zone', $$select * from day_sheet('2035-04-16')$$);
-- In a session that has prepared the statement already, and one that hasn't.
select count(*) from day_sheet('2035-04-16');
call pg_temp.refused('alter table clinic.clinics rename column time_zone to zone', $$select * from day_sheet('2035-04-16')$$);
-- Of another type: where the statement says so, and where the row does.
call pg_temp.refused('drop view clinic.appointments, clinic.cancelled_appointments, clinic.waiting; alter table clinic.appointment_types drop constraint appointment_types_name, alter column name type bigint using 1', $$select * from find_slots('Checkup', '2035-04-16')$$);
call pg_temp.refused('alter table clinic.clinics alter column slot_step_minutes type bigint', $$select * from find_slots('Checkup', '2035-04-16')$$);
call pg_temp.refused('alter table clinic.rooms drop constraint rooms_equipment, alter column equipment drop default, alter column equipment type jsonb using to_jsonb(equipment)', $$select * from find_slots('Checkup', '2035-04-16')$$);
-- Too short for what is written. An app's trigger that says so is the app's.
call pg_temp.refused('alter table clinic.booking_history drop constraint booking_history_operation, drop constraint booking_history_rows, alter operation type varchar(3) using ''abc''', 'select cancel_booking(1)');
call pg_temp.refused('drop view clinic.waiting; alter table clinic.waitlist drop constraint waitlist_dates, alter to_date type varchar(3) using ''abc''', $$select join_waitlist('Checkup', 'Jan', '2035-04-16', '2035-04-20')$$);
call pg_temp.refused('alter table clinic.events alter kind type varchar(3) using ''abc''', 'select cancel_booking(1)');
call pg_temp.refused('create function pg_temp.short() returns trigger language plpgsql as ''declare v varchar(3); begin v := 1234; return new; end''; create trigger short before update on clinic.bookings for each row execute function pg_temp.short()', 'select cancel_booking(1)');
-- Values that no constraint would have let in.
call pg_temp.refused('alter table clinic.clinics disable trigger user, drop constraint clinics_time_zone, alter column time_zone drop not null; update clinic.clinics set time_zone = null', $$select * from find_slots('Checkup', '2035-04-16')$$);
call pg_temp.refused('alter table clinic.providers alter column buffer_minutes drop not null; update clinic.providers set buffer_minutes = null', $$select * from find_slots('Checkup', '2035-04-16')$$);
call pg_temp.refused($$alter table clinic.rooms drop constraint if exists rooms_equipment; update clinic.rooms set equipment = '{null}'$$, $$select * from find_slots('Checkup', '2035-04-16')$$);
call pg_temp.refused($$alter table clinic.plans disable trigger user; update clinic.plans set options = '{"weights": 1e400}'$$, 'select * from solve_plan(1)');
call pg_temp.refused($$alter table clinic.plans disable trigger user; update clinic.plans set options = (repeat('[', 200) || repeat(']', 200))::jsonb$$, $$select * from promote_plan(1, 'r')$$);
call pg_temp.refused($$alter table clinic.clinics disable trigger user, drop constraint clinics_time_zone; update clinic.clinics set time_zone = 'Europe/Atlantis'$$, $$select * from find_slots('Checkup', '2035-04-16')$$);
-- What an app does wrong within, in its own statement.
create function clinic.slip() returns trigger language plpgsql as $$ begin perform nothing from clinic.bookings; return new; end $$;
call pg_temp.refused('create trigger slip before update on clinic.bookings for each row execute function clinic.slip()', 'select cancel_booking(1)');
create function clinic.trip() returns trigger language plpgsql as $$ begin new.nothing := 1; return new; end $$;
call pg_temp.refused('create trigger trip before update on clinic.bookings for each row execute function clinic.trip()', 'select cancel_booking(1)');
-- Who may not see schema clinic is told so.
create role test_stranger;
call pg_temp.refused('set local role test_stranger', $$select * from find_slots('Checkup', '2035-04-16')$$);
rollback;
