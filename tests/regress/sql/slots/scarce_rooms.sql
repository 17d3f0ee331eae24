-- Of rooms that are as good, the one that fewer other types need is taken, so that what is scarce stays free.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
insert into clinic.providers (name) values ('Berg');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '12:00');
update clinic.rooms set name = 'ECG room', equipment = '{ecg,scale}';
insert into clinic.rooms (name, room_type, equipment) values ('Plain', 'exam', '{scale}'), ('Lab', 'lab', '{ecg}'), ('Bare', 'exam', '{}');
insert into clinic.appointment_types (name, duration_minutes, required_room_type, required_equipment) values ('ECG', 30, null, '{ecg}'), ('Weighing', 30, 'exam', '{scale}');

-- Who else needs a room: ECG room 2, Plain 1, Lab 1, Bare none. With all_rooms, too.
select room_name from find_slots('Checkup', '2026-04-13', provider_id => 1, max_results => 1, now => '2026-04-01');
select array_agg(room_name) from (select room_name from find_slots('Checkup', '2026-04-13', provider_id => 1, all_rooms => true, max_results => 4, now => '2026-04-01')) as best;
select room_name from find_slots('ECG', '2026-04-13', provider_id => 1, max_results => 1, now => '2026-04-01');
select room_name from find_slots('Weighing', '2026-04-13', provider_id => 1, max_results => 1, now => '2026-04-01');
-- A disabled type needs nothing: then ECG room and Plain are alike but for their ids.
update clinic.appointment_types set enabled = false where name = 'ECG';
select array_agg(room_name) from (select room_name from find_slots('Checkup', '2026-04-13', provider_id => 1, all_rooms => true, max_results => 4, now => '2026-04-01')) as best;
update clinic.appointment_types set enabled = true;
-- A room that the provider is in anyway is better than a plain one.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'A', '[2026-04-13 09:00,)');
select room_name from find_slots('Checkup', '2026-04-13', provider_id => 1, max_results => 1, now => '2026-04-01');
rollback;
