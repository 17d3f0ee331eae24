-- book_slot refuses what find_slots wouldn't offer: SQLSTATE, the constraint behind it, every reason in DETAIL, and nobody
-- else's data.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
-- book_slot knows no other "now" than the clock's, so these dates are years ahead.
update clinic.clinics set booking_horizon_days = 3660;

update clinic.clinics set minimum_notice_minutes = 60;
insert into clinic.providers (name) values ('Berg');
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam'), ('Lab', 'lab');
insert into clinic.appointment_types (name, duration_minutes, required_room_type, required_equipment) values ('Laser', 30, 'exam', '{laser}');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '12:00');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, contact, during)
  values (1, 1, 1, 'p1', 'Secret Name', 'secret@example.org', '[2035-04-16 10:00,)');
create procedure pg_temp.refused(type text, provider int, room int, start text, more text default '') language plpgsql as $$
begin
  call test.refused(format('select from book_slot(%L, %s, %s, %L, ''N''%s)', type, provider, room, start, more));
end $$;

-- Collisions: 23P01 and the constraint's name, as with a plain INSERT.
call pg_temp.refused('Checkup', 1, 2, '2035-04-16 10:15');
call pg_temp.refused('Checkup', 2, 1, '2035-04-16 10:15');
call pg_temp.refused('Checkup', 2, 2, '2035-04-16 10:15', $$, patient_id => 'p1'$$);
call pg_temp.refused('Checkup', 1, 1, '2035-04-16 09:25', $$, patient_id => 'p1'$$);
-- Caps: 23514.
update clinic.providers set max_daily_appointments = 1 where id = 1;
call pg_temp.refused('Checkup', 1, 1, '2035-04-16 11:00');
call pg_temp.refused('Checkup', 1, 1, '2035-04-16 11:00', ', is_overbooked => true');
insert into clinic.overbooking_rules (max_overbook) values (1);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked)
  values (1, 2, 1, 'Secret Name', '[2035-04-16 10:00,)', true);
call pg_temp.refused('Checkup', 1, 3, '2035-04-16 11:00', ', is_overbooked => true');
call pg_temp.refused('Checkup', 1, 3, '2035-04-16 10:00', ', is_overbooked => true');
update clinic.providers set max_daily_appointments = 20;
-- Nothing to overbook: the provider is free.
call pg_temp.refused('Checkup', 2, 2, '2035-04-16 11:00', ', is_overbooked => true');
-- Rules: 23514 under rule_ and the code; a line of DETAIL each.
call pg_temp.refused('Checkup', 2, 2, '2035-04-16 08:45');
call pg_temp.refused('Checkup', 2, 2, '2035-04-16 11:31');
call pg_temp.refused('Checkup', 2, 2, '2035-04-17 09:00');
call pg_temp.refused('Laser', 2, 3, '2035-04-16 11:00');
insert into clinic.time_off (provider_id, during, reason) values (2, '[2035-04-16 11:00, 2035-04-16 11:05)', 'secret illness');
call pg_temp.refused('Checkup', 2, 2, '2035-04-16 11:00');
delete from clinic.time_off;
update clinic.providers set enabled = false where id = 2;
update clinic.rooms set enabled = false where id = 2;
call pg_temp.refused('Checkup', 2, 2, '2035-04-16 11:00');
update clinic.providers set enabled = true;
update clinic.rooms set enabled = true;
-- The clock. (The times that DETAIL tells are those of today, so not shown.)
create procedure pg_temp.sqlstate_at(start timestamptz) language plpgsql as $$
declare
  detail text;
begin
  perform book_slot('Checkup', 1, 1, start, 'N', override_reason => null);
exception when others then
  get stacked diagnostics detail = pg_exception_detail;
  raise info '% % %', sqlstate, sqlerrm, (select string_agg(code[1], ' ') from regexp_matches(detail, '(too_soon|beyond_horizon)', 'g') code);
end $$;
update clinic.provider_availability set start_time = '00:00', end_time = '00:00';
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) select 1, d, '00:00', '00:00' from generate_series(2, 7) d;
call pg_temp.sqlstate_at(now() + interval '59 minutes');
call pg_temp.sqlstate_at(now() - interval '10 years');
call pg_temp.sqlstate_at(now() + interval '4000 days');
savepoint just_in_time;
select status from book_slot('Checkup', 1, 1, now() + interval '60 minutes', 'N');
rollback to just_in_time;

-- A driver finds schema, table and constraint of each refusal.
create procedure pg_temp.place_of(statement text) language plpgsql as $$
declare
  violated_schema text; violated_table text; violated text;
begin
  execute statement;
exception when others then
  get stacked diagnostics violated_schema = schema_name, violated_table = table_name, violated = constraint_name;
  raise info '% %.% %', sqlstate, violated_schema, violated_table, violated;
end $$;
call pg_temp.place_of($$select book_slot('Checkup', 1, 1, now() - interval '1 day', 'N')$$);
call pg_temp.place_of($$select book_slot('Checkup', 1, 2, '2035-04-16 10:15', 'N')$$);
call pg_temp.place_of($$select book_slot('Checkup', 2, 1, '2035-04-16 10:15', 'N')$$);

-- What isn't there: P0002. What is disabled: 55000.
call pg_temp.refused('Chekup', 1, 1, '2035-04-16 11:00');
call pg_temp.refused('Checkup', 9, 1, '2035-04-16 11:00');
call pg_temp.refused('Checkup', 1, 9, '2035-04-16 11:00');
call test.refused($$select from book_slot(null, 1, 1, '2035-04-16 11:00', 'N', appointment_type_id => 9)$$);
update clinic.appointment_types set enabled = false where id = 1;
call pg_temp.refused('Checkup', 1, 1, '2035-04-16 11:00');
update clinic.appointment_types set enabled = true where id = 1;
-- A CHECK of the table: PostgreSQL's DETAIL is the whole row, with the patient's name; it is left out.
call pg_temp.refused('Checkup', 1, 1, '2035-04-16 11:00', $$, patient_id => ''$$);
call pg_temp.refused('Checkup', 1, 1, '2035-04-16 11:00', $$, request_id => ''$$);
call test.refused($$select hold_slot('Checkup', 1, 1, '2035-04-16 11:00', 'N', patient_id => '')$$);
-- What a trigger of the app says stays.
create function pg_temp.no_n() returns trigger language plpgsql as $$
begin
  raise exception 'not N' using errcode = 'check_violation', detail = 'N is barred.', schema = 'clinic', table = 'bookings', constraint = 'no_n';
end $$;
create trigger no_n before insert on clinic.bookings for each row execute function pg_temp.no_n();
call pg_temp.refused('Checkup', 1, 1, '2035-04-16 11:00');
drop trigger no_n on clinic.bookings;
-- A failing call leaves nothing.
select count(*) from clinic.bookings;
rollback;
