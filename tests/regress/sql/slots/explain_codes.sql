-- explain_slots tells every reason why a place isn't offered: each code about a start at least once, alone and together.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

insert into clinic.appointment_types (name, duration_minutes, required_room_type, required_equipment)
  values ('Laser', 30, 'surgery', '{laser,lamp}');
create function pg_temp.why(type text, at timestamptz, overbooked boolean default null, patient text default null,
    now timestamptz default '2026-04-01') returns table (code text, "table" text, id bigint, sentence text) language sql as $$
  select code, blocking_table, blocking_id, sentence
  from explain_slots(type, slot_start => at, is_overbooked => overbooked, patient_id => patient, now => now, provider_id => 1, room_id => 1)
$$;

-- What is offered has no row.
select * from explain_slots('Checkup', slot_start => '2026-04-13 10:00', now => '2026-04-01');

-- closed: before opening, over closing, and on another day.
select * from pg_temp.why('Checkup', '2026-04-13 08:45');
select * from pg_temp.why('Checkup', '2026-04-13 11:45');
select * from pg_temp.why('Checkup', '2026-04-14 10:00');
-- off_grid, which book_slot would accept; seconds show where there are some. Outside the opening there is no grid.
select * from pg_temp.why('Checkup', '2026-04-13 10:05');
select * from pg_temp.why('Checkup', '2026-04-13 10:00:01');
-- too_soon and beyond_horizon.
select * from pg_temp.why('Checkup', '2026-04-13 10:00', now => '2026-04-13 10:15');
update clinic.clinics set minimum_notice_minutes = 720, booking_horizon_days = 14;
select * from pg_temp.why('Checkup', '2026-04-13 10:00', now => '2026-04-12 23:00');
select * from pg_temp.why('Checkup', '2026-04-20 10:00', now => '2026-04-05 23:00');
update clinic.clinics set minimum_notice_minutes = 0;
-- wrong_room_type and missing_equipment.
select * from pg_temp.why('Laser', '2026-04-13 10:00');
update clinic.rooms set equipment = '{lamp}';
select * from pg_temp.why('Laser', '2026-04-13 10:00');
-- provider_disabled and room_disabled.
update clinic.providers set enabled = false;
update clinic.rooms set enabled = false;
select * from pg_temp.why('Checkup', '2026-04-13 10:00');
update clinic.providers set enabled = true;
update clinic.rooms set enabled = true;

-- time_off of each kind, one row each, with its own times.
insert into clinic.time_off (provider_id, room_id, during, reason) values
  (1, null, '[2026-04-13 10:15, 2026-04-13 11:00)', 'private'), (null, 1, '[2026-04-12, 2026-04-14)', 'painting'),
  (null, null, '[2026-04-13 09:30,)', 'moving house'), (1, null, '(, 2026-04-13 10:01)', 'secret');
select * from pg_temp.why('Checkup', '2026-04-13 10:00');
delete from clinic.time_off;

-- provider_busy, room_busy and patient_busy: each with the booking in the way, and no patient's name.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, contact, during)
  values (1, 1, 1, 'p1', 'Secret Name', 'secret@example.org', '[2026-04-13 10:00,)');
update clinic.rooms set turnover_minutes = 5;
select * from pg_temp.why('Checkup', '2026-04-13 10:15', patient => 'p1');
-- By its buffer alone: 09:30 needs until 10:10. By its turnover alone: 09:28 needs the room until 10:03.
select * from pg_temp.why('Checkup', '2026-04-13 09:30');
update clinic.providers set buffer_minutes = 0;
select * from pg_temp.why('Checkup', '2026-04-13 09:28');
update clinic.providers set buffer_minutes = 10;
update clinic.rooms set turnover_minutes = 0;

-- daily_cap.
update clinic.providers set max_daily_appointments = 1;
select * from pg_temp.why('Checkup', '2026-04-13 11:00');
-- The same place as a normal booking, as an overbooked one (no rule: not allowed), and with a rule.
select * from pg_temp.why('Checkup', '2026-04-13 11:00', false);
select * from pg_temp.why('Checkup', '2026-04-13 11:00', true);
insert into clinic.overbooking_rules (max_overbook) values (1);
select * from pg_temp.why('Checkup', '2026-04-13 11:00', true);
select * from pg_temp.why('Checkup', '2026-04-13 11:00');
select * from pg_temp.why('Checkup', '2026-04-13 11:00', false);
update clinic.providers set max_daily_appointments = 20;
-- provider_free: there is nothing to overbook. Asked in general it is offered.
select * from pg_temp.why('Checkup', '2026-04-13 11:00', true);
select * from pg_temp.why('Checkup', '2026-04-13 11:00');
-- overbook_overlap and overbook_cap.
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked)
  values (1, 2, 1, 'B', '[2026-04-13 10:30,)', true);
select * from pg_temp.why('Checkup', '2026-04-13 10:30', true);
select * from pg_temp.why('Checkup', '2026-04-13 10:30', false);
select * from pg_temp.why('Checkup', '2026-04-13 10:30');

-- Everything at once, in the order of the list.
update clinic.providers set enabled = false, max_daily_appointments = 1;
update clinic.rooms set enabled = false;
insert into clinic.time_off (during) values ('[2026-04-13, 2026-04-14)');
select code, "table", id from pg_temp.why('Laser', '2026-04-13 10:20', patient => 'p1', now => '2026-04-13 20:00');
rollback;
