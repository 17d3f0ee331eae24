-- The set-up tables refuse what no clinic can mean: each named constraint once.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

call test.violates($$update clinic.clinics set name = ' '$$);
call test.violates($$insert into clinic.clinics (name, time_zone) values ('Berlin clinic', 'UTC')$$);
call test.violates($$update clinic.clinics set time_zone = 'CEST'$$);
call test.violates($$update clinic.clinics set time_zone = 'Mars/Olympus'$$);
call test.violates($$update clinic.clinics set time_zone = '+02'$$);
call test.violates($$update clinic.clinics set time_zone = ''$$);
call test.violates('update clinic.clinics set slot_step_minutes = 0');
call test.violates('update clinic.clinics set slot_step_minutes = 1441');
call test.violates($$update clinic.clinics set slot_alignment = 'hour'$$);
call test.violates('update clinic.clinics set minimum_notice_minutes = -1');
call test.violates('update clinic.clinics set booking_horizon_days = -1');
call test.violates('update clinic.clinics set booking_horizon_days = 3661');
call test.violates($$update clinic.providers set name = ''$$);
call test.violates('update clinic.providers set max_daily_appointments = -1');
call test.violates('update clinic.providers set buffer_minutes = -1');
call test.violates('update clinic.providers set buffer_minutes = 1441');
call test.violates($$update clinic.rooms set name = ''$$);
call test.violates($$insert into clinic.rooms (name, room_type) values ('Room 1', 'exam')$$);
call test.violates($$update clinic.rooms set room_type = ''$$);
call test.violates($$update clinic.rooms set equipment = '{null}'$$);
call test.violates('update clinic.rooms set turnover_minutes = -1');
call test.violates($$update clinic.appointment_types set name = ''$$);
call test.violates($$insert into clinic.appointment_types (name, duration_minutes) values ('Checkup', 30)$$);
call test.violates('update clinic.appointment_types set duration_minutes = 0');
call test.violates('update clinic.appointment_types set duration_minutes = 1441');
call test.violates($$update clinic.appointment_types set required_room_type = ''$$);
call test.violates($$update clinic.appointment_types set required_equipment = '{laser,null}'$$);
call test.violates('update clinic.provider_availability set day_of_week = 0');
call test.violates('update clinic.provider_availability set day_of_week = 8');
call test.violates($$update clinic.provider_availability set start_time = '24:00'$$);
call test.violates($$update clinic.provider_availability set valid_from = '2026-04-14', valid_until = '2026-04-13'$$);
call test.violates('update clinic.provider_availability set every_weeks = 2');
call test.violates($$insert into clinic.availability_overrides (provider_id, on_date) values (1, 'infinity')$$);
call test.violates($$insert into clinic.availability_overrides (provider_id, on_date, start_time) values (1, '2026-04-13', '09:00')$$);
call test.violates($$insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time) values (1, '2026-04-13', '24:00', '01:00')$$);
call test.violates($$insert into clinic.availability_overrides (provider_id, on_date) values (9, '2026-04-13')$$);
call test.violates($$insert into clinic.time_off (provider_id, room_id, during) values (1, 1, '[2026-04-13, 2026-04-14)')$$);
call test.violates($$insert into clinic.time_off (during) values ('empty')$$);
call test.violates($$insert into clinic.time_off (during) values ('[2026-04-13, 2026-04-14]')$$);
call test.violates($$insert into clinic.time_off (during) values ('(2026-04-13, 2026-04-14)')$$);
call test.violates($$insert into clinic.time_off (during) values (null)$$);

-- The edges that are allowed still work: a minute, a day, a step of a day, and the longest pause.
update clinic.appointment_types set duration_minutes = 1;
update clinic.clinics set slot_step_minutes = 1;
select count(*) from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
update clinic.clinics set slot_step_minutes = 1440;
select count(*) from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
update clinic.appointment_types set duration_minutes = 1440;
update clinic.provider_availability set start_time = '00:00', end_time = '00:00';
update clinic.providers set buffer_minutes = 1440;
update clinic.rooms set turnover_minutes = 1440;
select slot_start, slot_end from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'A', '[2026-04-13 00:00,)') returning during, provider_busy, room_busy;
-- On Tuesday it still pauses: until Wednesday.
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (1, 2, '00:00', '00:00'), (1, 3, '00:00', '00:00'), (1, 4, '00:00', '00:00');
select slot_start, slot_end from find_slots('Checkup', '2026-04-12', '2026-04-16', now => '2026-04-01');
rollback;
