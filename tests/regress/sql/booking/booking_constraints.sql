-- Each named constraint of clinic.bookings, violated once by plain SQL: SQLSTATE and name.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

insert into clinic.providers (name, max_daily_appointments) values ('Berg', 20), ('Never', 0);
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam'), ('Room 3', 'exam');
insert into clinic.overbooking_rules (max_overbook) values (1);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, request_id, patient_id, patient_name, during)
  values (1, 1, 1, 'r1', 'p1', 'A', '[2026-04-13 09:00,)'), (2, 2, 1, null, null, 'B', '[2026-04-13 12:00,)');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked)
  values (1, 2, 1, 'C', '[2026-04-13 09:00,)', true);

-- Inserts provider 1 in room 2 at 14:00, with these changes.
create procedure pg_temp.violates(change jsonb) language plpgsql as $$
declare
  -- All but generated ones.
  columns text := (select string_agg(attname, ', ') from pg_attribute
    where attrelid = 'clinic.bookings'::regclass and attnum > 0 and attgenerated = '');
begin
  call test.violates(format('insert into clinic.bookings (%s) select %1$s from jsonb_populate_record(null::clinic.bookings, %L)', columns, jsonb_build_object(
    'clinic_id', 1, 'id', 100, 'session_id', -100, 'provider_id', 1, 'room_id', 2, 'appointment_type_id', 1, 'patient_name', 'Z',
    'during', '[2026-04-13 14:00,)', 'status', 'booked', 'is_overbooked', false, 'created_at', now()) || change));
end $$;

-- Collisions: 23P01.
call pg_temp.violates('{"during": "[2026-04-13 09:35,)"}'); -- the buffer of the 09:00
call pg_temp.violates('{"during": "[2026-04-13 08:25,)"}'); -- its own buffer
call pg_temp.violates('{"provider_id": 2, "room_id": 1, "during": "[2026-04-13 09:15,)"}');
call pg_temp.violates('{"patient_id": "p1", "provider_id": 2, "room_id": 3, "during": "[2026-04-13 09:29,)"}');
call pg_temp.violates('{"patient_id": "p1", "provider_id": 2, "room_id": 3, "during": "[2026-04-13 08:15,2026-04-13 09:01)", "is_overbooked": true}');
-- Caps: 23514.
call pg_temp.violates('{"provider_id": 3}');
call pg_temp.violates('{"is_overbooked": true}');
-- The request id, over all statuses: 23505.
call pg_temp.violates('{"request_id": "r1"}');
call pg_temp.violates('{"request_id": "r1", "status": "cancelled"}');
call pg_temp.violates('{"id": 1}');
-- Who and what must be there: 23503.
call pg_temp.violates('{"provider_id": 9}');
call pg_temp.violates('{"room_id": 9}');
call pg_temp.violates('{"appointment_type_id": 9}');
call pg_temp.violates('{"clinic_id": 9}');
-- A key that isn't there is reported in the same words by our trigger and, without it, by PostgreSQL.
create procedure pg_temp.missing(change jsonb) language plpgsql as $$
declare
  columns text := (select string_agg(attname, ', ') from pg_attribute
    where attrelid = 'clinic.bookings'::regclass and attnum > 0 and attgenerated = '');
begin
  call test.refused(format('insert into clinic.bookings (%s) select %1$s from jsonb_populate_record(null::clinic.bookings, %L)', columns, jsonb_build_object(
    'clinic_id', 1, 'id', 100, 'session_id', -100, 'provider_id', 1, 'room_id', 2, 'appointment_type_id', 1, 'patient_name', 'Z',
    'during', '[2026-04-13 14:00,2026-04-13 14:30)', 'status', 'booked', 'is_overbooked', false, 'created_at', now(),
    'provider_busy', '[2026-04-13 14:00,2026-04-13 14:30)', 'room_busy', '[2026-04-13 14:00,2026-04-13 14:30)',
    'local_date', '2026-04-13', 'day_seat', 9, 'day_capacity', 9) || change));
end $$;
call pg_temp.missing('{"provider_id": 9}');
call pg_temp.missing('{"room_id": 9}');
call pg_temp.missing('{"appointment_type_id": 9}');
call pg_temp.missing('{"clinic_id": 9}');
savepoint filled;
alter table clinic.bookings disable trigger fill_booking;
call pg_temp.missing('{"provider_id": 9}');
call pg_temp.missing('{"room_id": 9}');
call pg_temp.missing('{"appointment_type_id": 9}');
call pg_temp.missing('{"clinic_id": 9}');
rollback to filled;
-- The range: bounds [), finite, not empty, at most a day.
call pg_temp.violates('{"during": "empty"}');
call pg_temp.violates('{"during": "(,)"}');
call pg_temp.violates('{"during": "(,2026-04-13 14:00)"}');
call pg_temp.violates('{"during": "[2026-04-13 14:00,infinity)"}');
call pg_temp.violates('{"during": "[-infinity,2026-04-13 14:00)"}');
call pg_temp.violates('{"during": "[2026-04-13 14:00,2026-04-14 14:00:01)"}');
-- Shapes.
call pg_temp.violates('{"status": "done"}');
call pg_temp.violates('{"patient_name": null}');
call pg_temp.violates('{"patient_name": " "}');
call pg_temp.violates('{"patient_name": null, "status": "proposed"}');
call pg_temp.violates('{"patient_id": ""}');
call pg_temp.violates('{"request_id": ""}');
call pg_temp.violates('{"override_reason": " "}');
call pg_temp.violates('{"hold_expires_at": "2026-04-14"}');
call pg_temp.violates('{"hold_expires_at": "infinity", "status": "pending"}');
call pg_temp.violates('{"cancellation_reason": "ill"}');
call pg_temp.violates('{"cancelled_at": "2026-04-14", "status": "proposed"}');
-- Not null.
call pg_temp.violates('{"provider_id": null}');
call pg_temp.violates('{"during": null}');
call pg_temp.violates('{"status": null}');
call pg_temp.violates('{"is_overbooked": null}');

-- What the triggers make impossible the constraints refuse as well: here with the triggers off, as no app can.
set local session_replication_role = replica;
update clinic.bookings set day_seat = 2 where id = 1;
create procedure pg_temp.forge(change jsonb) language plpgsql as $$
begin
  call pg_temp.violates(jsonb_build_object('during', '[2026-04-13 14:00,2026-04-13 14:30)', 'provider_busy', '[2026-04-13 14:00,2026-04-13 14:40)',
    'room_busy', '[2026-04-13 14:00,2026-04-13 14:30)', 'local_date', '2026-04-13', 'day_seat', 3, 'day_capacity', 9) || change);
end $$;
call pg_temp.forge('{"day_seat": 2}');
call pg_temp.forge('{"day_seat": null, "day_capacity": null, "overbook_seat": 1, "overbook_limit": 1, "is_overbooked": true}');
call pg_temp.forge('{"day_seat": null}');
call pg_temp.forge('{"day_seat": 0}');
call pg_temp.forge('{"overbook_seat": 2, "overbook_limit": 2}');
call pg_temp.forge('{"is_overbooked": true}');
call pg_temp.forge('{"status": "cancelled"}');
call pg_temp.forge('{"provider_busy": "[2026-04-13 14:00,2026-04-13 14:29)"}');
call pg_temp.forge('{"provider_busy": "empty"}');
call pg_temp.forge('{"provider_busy": "[2026-04-13 14:00,)"}');
call pg_temp.forge('{"provider_busy": "[2026-04-12 13:59,2026-04-13 14:30)"}');
call pg_temp.forge('{"provider_busy": "(2026-04-13 13:59,2026-04-13 14:30)"}');
call pg_temp.forge('{"provider_busy": "(,2026-04-13 14:30)"}');
call pg_temp.forge('{"room_busy": "[2026-04-12 13:59,2026-04-13 14:30)"}');
call pg_temp.forge('{"room_busy": "[2026-04-13 14:00,2026-04-14 14:31)"}');
call pg_temp.forge('{"room_busy": "(2026-04-13 13:59,2026-04-13 14:30)"}');
call pg_temp.forge('{"room_busy": "(,2026-04-13 14:30)"}');
call pg_temp.forge('{"room_busy": "[2026-04-13 14:00,)"}');
call pg_temp.forge('{"session_id": null}');
call pg_temp.forge('{"session_id": -101}');
call pg_temp.forge('{"session_id": 100}');
call pg_temp.forge('{"session_seat": 1}');
call pg_temp.forge('{"session_id": 1, "session_seat": 2, "session_capacity": 1}');
call pg_temp.forge('{"local_date": null}');
call pg_temp.forge('{"during": "(2026-04-13 14:00,2026-04-13 14:30]"}');
call pg_temp.forge('{"override_reason": "because"}');
call pg_temp.forge('{"overridden_by": "me"}');
rollback;
