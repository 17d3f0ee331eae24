-- Seats of a provider's day: the lowest free one, never above the cap, also after the cap was changed.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

update clinic.provider_availability set end_time = '18:00';
update clinic.providers set max_daily_appointments = 3;
create temp view seats as select id, patient_name, local_date, day_seat, day_capacity from clinic.bookings order by id;
create procedure pg_temp.book(name text, start timestamptz) language sql as $$
  insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, name, tstzrange(start, null))
$$;
call pg_temp.book('A', '2026-04-13 09:00');
call pg_temp.book('B', '2026-04-13 10:00');
call pg_temp.book('C', '2026-04-13 11:00');
-- Refused by the trigger as by the CHECK that stays behind it, without the row.
call test.refused($$call pg_temp.book('D', '2026-04-13 12:00')$$);
-- Another day has seats of its own.
call pg_temp.book('E', '2026-04-14 09:00');
select * from seats;
-- The seat in the middle is free, so the next one sits there.
delete from clinic.bookings where patient_name = 'B';
call pg_temp.book('D', '2026-04-13 12:00');
select * from seats;

-- A cap lowered to 2, with three there: they stay. When seat 1 becomes free there are still two, as many as the cap, so
-- the free low seat is of no use; when another goes, it is.
update clinic.providers set max_daily_appointments = 2;
delete from clinic.bookings where patient_name = 'A';
call test.violates($$call pg_temp.book('F', '2026-04-13 13:00')$$);
delete from clinic.bookings where patient_name = 'C';
call pg_temp.book('F', '2026-04-13 13:00');
select * from seats;
-- A raised cap: more seats, beside the old ones.
update clinic.providers set max_daily_appointments = 4;
call pg_temp.book('G', '2026-04-13 14:00');
call pg_temp.book('H', '2026-04-13 15:00');
call test.violates($$call pg_temp.book('I', '2026-04-13 16:00')$$);
select * from seats;

-- Moving within the day needs no further seat; to another day it does, and frees this one.
update clinic.bookings set during = '[2026-04-13 16:00,)' where patient_name = 'H';
update clinic.bookings set during = '[2026-04-14 16:00,)' where patient_name = 'G';
call pg_temp.book('I', '2026-04-13 17:00');
select * from seats;
-- To a provider whose day is full it fails, and stays.
insert into clinic.providers (name, max_daily_appointments) values ('Berg', 0);
call test.violates($$update clinic.bookings set provider_id = 2 where patient_name = 'H'$$);
-- What occupies nothing needs no seat, however full the day is.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status)
  values (2, 1, 1, 'W', '[2026-04-13 09:00,)', 'waitlist');

-- An attributed override lifts the cap for one booking.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, override_reason)
  values (2, 1, 1, 'J', '[2026-04-13 09:00,)', 'emergency');
call test.violates($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (2, 1, 1, 'K', '[2026-04-13 10:00,)')$$);
select id, patient_name, day_seat, day_capacity, override_reason, overridden_by is not null as attributed from clinic.bookings where provider_id = 2 order by id;
-- But no collision.
call test.violates($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, override_reason)
  values (2, 1, 1, 'K', '[2026-04-13 09:15,)', 'emergency')$$);
-- An overbooked booking beyond its limit, in the same way.
call test.refused($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, is_overbooked, during) values (1, 1, 1, 'D', true, '[2026-04-13 09:00,)')$$);
rollback;
