-- Windows for one type or in one room, hours of types, and hours of rooms.
\set SHOW_CONTEXT never
set timezone to 'UTC';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set time_zone = 'UTC', booking_horizon_days = 3660, slot_step_minutes = 60;
update clinic.providers set buffer_minutes = 0;
update clinic.appointment_types set name = 'Follow-up', duration_minutes = 60;
insert into clinic.appointment_types (name, duration_minutes) values ('New patient', 60);
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
update clinic.provider_availability set start_time = '08:00', end_time = '17:00';
create function pg_temp.starts(type text, from_date date default '2027-04-12') returns text language sql as $$
  select coalesce(string_agg(hour || rooms, ' ' order by hour), 'none')
  from (select to_char(slot_start, 'HH24') as hour, nullif('(' || string_agg(room_id::text, ',' order by room_id) || ')', '(1,2)') as in_rooms
    from find_slots(type, from_date, now => '2026-06-20', all_rooms => true) group by 1) s, coalesce(in_rooms, '') as rooms
$$;
select pg_temp.starts('New patient') as new_patient, pg_temp.starts('Follow-up') as follow_up;

-- A type is bounded by its hours, whoever does it; others aren't.
insert into clinic.appointment_type_hours (appointment_type_id, day_of_week, start_time, end_time) values (2, 1, '10:00', '12:00');
select pg_temp.starts('New patient') as new_patient, pg_temp.starts('Follow-up') as follow_up;
select pg_temp.starts('New patient', '2027-04-13');
select code, sentence from explain_slots('New patient', slot_start => '2027-04-12 09:00', room_id => 1, now => '2026-06-20');
select code, sentence from explain_slots('New patient', slot_start => '2027-04-12 11:30', room_id => 1, now => '2026-06-20');
call test.refused($$select book_slot('New patient', 1, 1, '2030-04-15 09:00', 'Ann')$$);
select slot_start from book_slot('New patient', 1, 1, '2030-04-15 09:00', 'Ann', override_reason => 'urgent');
-- The provider's time of another zone within them.
update clinic.provider_availability set start_time = '06:00', end_time = '10:00', time_zone = 'America/Guayaquil';
select pg_temp.starts('New patient') as new_patient, pg_temp.starts('Follow-up') as follow_up;
update clinic.provider_availability set start_time = '08:00', end_time = '17:00', time_zone = null;
-- Hours that held once bound it still: it can't take place.
update clinic.appointment_type_hours set valid_until = '2027-01-01';
select pg_temp.starts('New patient');
delete from clinic.appointment_type_hours;

-- A window for one type adds to those for all.
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time, appointment_type_id) values (1, 1, '17:00', '19:00', 2);
select pg_temp.starts('New patient') as new_patient, pg_temp.starts('Follow-up') as follow_up;
select code, sentence from explain_slots('Follow-up', slot_start => '2027-04-12 18:00', room_id => 1, now => '2026-06-20');
-- One in a room: there only. The grid is that of all windows together.
update clinic.provider_availability set appointment_type_id = null, room_id = 2 where start_time = '17:00';
select pg_temp.starts('New patient') as new_patient, pg_temp.starts('Follow-up') as follow_up;
select code, sentence from explain_slots('Follow-up', slot_start => '2027-04-12 18:00', now => '2026-06-20');
call test.refused($$select book_slot('Follow-up', 1, 1, '2030-04-15 18:00', 'Ann')$$);
select slot_start, room_id from book_slot('Follow-up', 1, null, '2030-04-15 18:00', 'Ann');
-- A booking moves to the room where the provider is open then, not to another.
call test.refused('select reschedule_booking(2, ''2030-04-15 18:00'', room_id => 1)');
-- Mornings in one room, afternoons in the other: what runs over noon is in neither.
update clinic.provider_availability set room_id = 1, end_time = '12:30' where room_id is null;
update clinic.provider_availability set start_time = '12:30' where room_id = 2;
select pg_temp.starts('Follow-up');
-- An override replaces windows of all types and rooms.
insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time) values (1, '2027-04-12', '12:00', '14:00');
select pg_temp.starts('Follow-up');
delete from clinic.availability_overrides;
update clinic.provider_availability set room_id = null;

-- A room with hours is open only then.
insert into clinic.room_availability (room_id, day_of_week, start_time, end_time, every_weeks, valid_from) values (2, 1, '08:00', '10:00', 2, '2027-04-05');
select pg_temp.starts('Follow-up', '2027-04-05') as one_week, pg_temp.starts('Follow-up', '2027-04-12') as next_week;
select code, sentence from explain_slots('Follow-up', slot_start => '2027-04-12 18:00', now => '2026-06-20');
call test.refused($$select book_slot('Follow-up', 1, 2, '2030-04-15 10:00', 'Ann')$$);
select grouped_name, open_minutes from utilization('2027-04-05', '2027-04-12', 'room', now => '2026-06-20');

-- What can't be meant.
call test.violates('update clinic.room_availability set valid_from = null');
call test.violates('update clinic.room_availability set day_of_week = 8');
call test.violates('insert into clinic.room_availability (room_id, day_of_week, start_time, end_time) values (9, 1, ''08:00'', ''10:00'')');
call test.violates('insert into clinic.appointment_type_hours (appointment_type_id, day_of_week, start_time, end_time) values (9, 1, ''08:00'', ''10:00'')');
call test.violates('update clinic.provider_availability set appointment_type_id = 9');
call test.violates('update clinic.provider_availability set room_id = 9');
-- What names a type or room goes with it.
insert into clinic.appointment_type_hours (appointment_type_id, day_of_week, start_time, end_time) values (2, 1, '10:00', '12:00');
delete from clinic.bookings;
delete from clinic.appointment_types where id = 2;
delete from clinic.rooms where id = 2;
select (select count(*) from clinic.appointment_type_hours) as hours, (select count(*) from clinic.room_availability) as of_rooms;
rollback;
