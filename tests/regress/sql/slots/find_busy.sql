-- A slot needs its provider free, with the buffers of both bookings, and its patient free.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during)
  values (1, 1, 1, 'p1', 'A', '[2026-04-13 10:00,)');

-- Buffer 10: the booking takes until 10:40, a slot must end by 09:50. So 09:00 and 09:15, then from 10:45 on, in any room.
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', room_id => 2, now => '2026-04-01');
-- A longer buffer from now on: the booking keeps its 10 minutes, a slot needs 15 before it: 09:15 still ends at 09:45.
update clinic.providers set buffer_minutes = 15;
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
update clinic.providers set buffer_minutes = 16;
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
-- Without buffer a slot may end where the booking begins; 10:30 is still within the booking's own 10 minutes.
update clinic.providers set buffer_minutes = 0;
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
-- The buffer may run past closing: 11:30 to 12:00 stays, however long it is.
update clinic.providers set buffer_minutes = 45;
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
update clinic.providers set buffer_minutes = 10;

-- Another provider is free all the time, save in the booking's room; but its patient isn't, in whatever room. The patient
-- has no buffer: 09:30 and 10:30 are fine.
insert into clinic.providers (name) values ('Berg');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '11:30');
select room_id, test.times(array_agg(slot_start)) from find_slots(
  'Checkup', date '2026-04-13', provider_id => 2, all_rooms => true, now => '2026-04-01') group by 1 order by 1;
select room_id, test.times(array_agg(slot_start)) from find_slots(
  'Checkup', date '2026-04-13', provider_id => 2, all_rooms => true, patient_id => 'p1', now => '2026-04-01') group by 1 order by 1;
select count(*) from find_slots('Checkup', date '2026-04-13', provider_id => 2, patient_id => 'p2', now => '2026-04-01');

-- Which statuses occupy: the day has 11 free starts without the booking, 6 with it.
create function pg_temp.occupies(new_status text) returns boolean language plpgsql as $$
begin
  update clinic.bookings set status = new_status where id = 1;
  return (select count(*) from find_slots('Checkup', date '2026-04-13', provider_id => 1, now => '2026-04-01')) = 6;
end $$;
select status, pg_temp.occupies(status) from
  unnest('{proposed,pending,booked,arrived,checked-in,fulfilled,cancelled,noshow,waitlist,entered-in-error}'::text[]) status;
rollback;
