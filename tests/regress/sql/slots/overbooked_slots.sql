-- Overbooked slots: beside a normal booking or beyond the daily cap, never beside another overbooked one, never in a taken room.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.overbooking_rules (max_overbook) values (2);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 1, 'A', '[2026-04-13 10:00,)');

-- Provider 1 is busy from 10:00 to 10:40. Starts from 09:30 to 10:30 collide with that and are offered as overbooked ones:
-- in room 1 where it is free (09:30 and 10:30), else in room 2. The best room is the one in use.
select slot_start::time, room_id, is_overbooked, quality_score, compactness_score, room_score, overbooking_score
from find_slots('Checkup', date '2026-04-13', now => '2026-04-01') order by slot_start;
-- Not asked for, not given.
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', include_overbooked => false, now => '2026-04-01');

-- With the 10:15 overbooked, nothing else may overlap that one, overbooked or not: it is busy until 10:55. So from 09:45
-- on: 09:30 is overbooked, 09:45 (needs until 10:25) to 10:45 give nothing, 11:00 is normal.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked)
  values (1, 2, 1, 'B', '[2026-04-13 10:15,)', true);
select slot_start::time, room_id, is_overbooked from find_slots('Checkup', date '2026-04-13', now => '2026-04-01') order by slot_start;
-- When the normal one is cancelled, its time is simply full with the other.
update clinic.bookings set status = 'cancelled' where id = 1;
select slot_start::time, room_id, is_overbooked from find_slots('Checkup', date '2026-04-13', now => '2026-04-01') order by slot_start;
update clinic.bookings set status = 'booked' where id = 1;

-- Beyond the cap of 1 every free start is an overbooked slot.
update clinic.providers set max_daily_appointments = 1;
select slot_start::time, is_overbooked from find_slots('Checkup', date '2026-04-13', now => '2026-04-01') order by slot_start;
-- Two overbooked bookings use up the limit of 2.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked)
  values (1, 2, 1, 'C', '[2026-04-13 11:15,)', true);
select count(*) from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
-- The next Monday has its own.
select distinct is_overbooked from find_slots('Checkup', date '2026-04-20', now => '2026-04-01');

-- An overbooked slot needs everything else, too: opening, no time off, notice, a free room, the patient free.
delete from clinic.bookings where id <> 1;
update clinic.bookings set patient_id = 'p1' where id = 1;
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', patient_id => 'p1', now => '2026-04-01');
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', room_id => 1, now => '2026-04-01');
insert into clinic.time_off (provider_id, during) values (1, '[2026-04-13 09:45, 2026-04-13 10:30)');
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-13 08:00');
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-13 10:45');

-- Overbooked slots come after all others, unless the clinic wants their score alone to place them. Earliest first, they come
-- after the others of the same start.
delete from clinic.time_off;
update clinic.providers set max_daily_appointments = 20;
insert into clinic.providers (name) values ('Berg');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '12:00');
update clinic.clinics set overbooked_last = false;
select count(*) filter (where not is_overbooked and above) as below_an_overbooked_one from (
  select is_overbooked, bool_or(is_overbooked) over (rows between unbounded preceding and 1 preceding) as above
  from find_slots('Checkup', date '2026-04-13', now => '2026-04-01')) as ranked;
update clinic.clinics set overbooked_last = true;
select count(*) filter (where not is_overbooked and above) as below_an_overbooked_one from (
  select is_overbooked, bool_or(is_overbooked) over (rows between unbounded preceding and 1 preceding) as above
  from find_slots('Checkup', date '2026-04-13', now => '2026-04-01')) as ranked;
select slot_start::time, provider_name, is_overbooked from next_available('Checkup', date '2026-04-13', max_results => 6, now => '2026-04-13 07:55+00');
rollback;
