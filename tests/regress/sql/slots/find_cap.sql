-- The daily cap counts a provider's normal bookings of one local date.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

insert into clinic.providers (name) values ('Berg');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '12:00');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 1, 'A', '[2026-04-13 09:00,)'), (1, 1, 1, 'B', '[2026-04-13 11:30,)');
create temp view free as select provider_id, slot_start::date as date, count(*)
  from find_slots('Checkup', '2026-04-13', '2026-04-20', now => '2026-04-01') group by 1, 2;

-- Free next to the two: starts from 09:40 that need until 11:30: 09:45 … 10:45, five of them.
select * from free order by 1, 2;
-- A cap of 3 changes nothing, one of 2 ends the day, and no other day and no other provider.
update clinic.providers set max_daily_appointments = 3 where id = 1;
select * from free order by 1, 2;
update clinic.providers set max_daily_appointments = 2 where id = 1;
select * from free order by 1, 2;
-- Below what there is: the same. 0: never.
update clinic.providers set max_daily_appointments = 1 where id = 1;
select * from free where provider_id = 1 order by 2;
update clinic.providers set max_daily_appointments = 0 where id = 1;
select * from free where provider_id = 1 order by 2;
-- Overbooked, cancelled and other days' bookings don't count.
update clinic.providers set max_daily_appointments = 2 where id = 1;
update clinic.bookings set status = 'noshow' where id = 2;
insert into clinic.overbooking_rules (max_overbook) values (1);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked)
  values (1, 1, 1, 'C', '[2026-04-13 10:00,)', true);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 1, 'D', '[2026-04-20 09:00,)');
select slot_start::date as date, test.times(array_agg(slot_start)) from find_slots(
  'Checkup', '2026-04-13', '2026-04-20', provider_id => 1, include_overbooked => false, now => '2026-04-01') group by 1 order by 1;

-- The date is the clinic's at the start: a booking at 23:30 on Monday counts for Monday, although most of its busy time
-- is Tuesday's; one at 00:30 counts for Tuesday, although in UTC that is still Monday.
delete from clinic.bookings;
update clinic.provider_availability set start_time = '22:00', end_time = '02:00';
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values
  (1, 1, 1, 'E', '[2026-04-13 22:00,)'), (1, 1, 1, 'F', '[2026-04-13 23:45,)'), (1, 1, 1, 'G', '[2026-04-14 01:15,)');
select patient_name, local_date, day_seat from clinic.bookings order by 1;
-- So Monday is full, and Tuesday isn't: from 00:25 on, and ending by 01:05.
select test.times(array_agg(slot_start)) from find_slots(
  'Checkup', '2026-04-13', '2026-04-14', provider_id => 1, include_overbooked => false, now => '2026-04-01');
rollback;
