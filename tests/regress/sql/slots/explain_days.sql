-- explain_slots about a whole date: a row for every provider × room × start that isn't offered, and one reason for a
-- provider's day without any offer.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

create temp view day as select provider_id, code, sentence from explain_slots('Checkup', '2026-04-13', now => '2026-04-01')
  where slot_start is null;

-- A day with an offer has no reason of its own. 11:45 is on the grid, but 12:15 is after closing.
select * from explain_slots('Checkup', '2026-04-13', now => '2026-04-01');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 1, 'A', '[2026-04-13 09:30,)');
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
-- Taken from 09:30 to 10:10: the starts 09:00 to 10:00, in both rooms; in room 1 also by the room itself.
select local_date, provider_name, room_id, slot_start::time, code, blocking_table, blocking_id
from explain_slots('Checkup', '2026-04-13', now => '2026-04-01');
-- What isn't explained is offered, and the other way round.
select count(*) from (
  (select provider_id, room_id, slot_start from find_slots('Checkup', '2026-04-13', all_rooms => true, now => '2026-04-01')
   intersect select provider_id, room_id, slot_start from explain_slots('Checkup', '2026-04-13', now => '2026-04-01'))) s;
select count(distinct (room_id, slot_start)) as explained,
  (select count(*) from find_slots('Checkup', '2026-04-13', all_rooms => true, now => '2026-04-01')) as offered
from explain_slots('Checkup', '2026-04-13', now => '2026-04-01');

-- closed: no window that date; the day's only row.
select * from explain_slots('Checkup', '2026-04-14', now => '2026-04-01');
insert into clinic.availability_overrides (provider_id, on_date) values (1, '2026-04-13');
select * from day;
delete from clinic.availability_overrides;
-- time_off: all the opening time is taken away.
insert into clinic.time_off (provider_id, during) values (1, '[2026-04-13 08:00, 2026-04-13 11:00)');
insert into clinic.time_off (during) values ('[2026-04-13 11:00, 2026-04-14 00:00)');
select * from day;
delete from clinic.time_off;
-- full: no free minute, or the cap is reached.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values
  (1, 1, 1, 'B', '[2026-04-13 08:50, 2026-04-13 09:20)'), (1, 1, 1, 'C', '[2026-04-13 10:10, 2026-04-13 11:50)');
select * from day;
delete from clinic.bookings where patient_name in ('B', 'C');
update clinic.providers set max_daily_appointments = 1;
select * from day;
update clinic.providers set max_daily_appointments = 20;
-- gap_too_short: free are 09:00 to 09:30, where the buffer doesn't fit, and 10:10 to 10:45.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 1, 'B', '[2026-04-13 10:45, 2026-04-13 11:50)');
select * from day;
delete from clinic.bookings where patient_name = 'B';
-- no_room: the provider is free, but no room is.
update clinic.rooms set enabled = false where id = 2;
insert into clinic.time_off (room_id, during) values (1, '[2026-04-13, 2026-04-14)');
select * from day;
-- A single code against every start: the day's reason is that one.
delete from clinic.time_off;
update clinic.providers set enabled = false;
select * from day;
update clinic.providers set enabled = true;
select code, sentence from explain_slots('Checkup', '2026-04-13', now => '2026-04-14') where slot_start is null;
select code, sentence from explain_slots('Checkup', '2026-04-13', now => '2024-04-14') where slot_start is null;

-- Several providers: each has its own.
insert into clinic.providers (name) values ('Berg');
select * from day;
-- Of overbooking: a free day has nothing to overbook; without a rule it isn't allowed.
select provider_id, code, sentence from explain_slots('Checkup', '2026-04-13', is_overbooked => true, now => '2026-04-01') where slot_start is null;
rollback;
