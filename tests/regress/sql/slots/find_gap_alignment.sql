-- slot_alignment = 'gap' begins the grid anew at the start of every free gap.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 1, 'A', '[2026-04-13 09:30, 2026-04-13 09:55)');
-- Aligned to the window: busy until 10:05, so the next start of the grid is 10:15.
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
-- Aligned to gaps: from 10:05 on, every 15 minutes: … 11:20. Before the booking nothing fits: 30 + 10 minutes from 09:00 on.
update clinic.clinics set slot_alignment = 'gap';
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
-- A time off ends a gap as well: free are 10:05 to 10:40 and 10:50 to 12:00.
insert into clinic.time_off (provider_id, during) values (1, '[2026-04-13 10:40, 2026-04-13 10:50)');
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
-- What is off in a room or booked by others makes no gap of the provider's.
insert into clinic.time_off (room_id, during) values (1, '[2026-04-13 11:00, 2026-04-13 11:07)');
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
delete from clinic.time_off;
-- Two days give what each gives alone, and it doesn't matter where the question begins.
update clinic.provider_availability set start_time = '22:00', end_time = '04:00';
update clinic.bookings set during = '[2026-04-13 23:30, 2026-04-13 23:55)';
select slot_start::date as date, test.times(array_agg(slot_start))
from find_slots('Checkup', '2026-04-13', '2026-04-14', now => '2026-04-01') group by 1 order by 1;
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-14', now => '2026-04-01');
rollback;
