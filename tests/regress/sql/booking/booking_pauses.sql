-- A booking keeps the buffer, turnover and seat it was booked with, as long as the parts stay that they belong to.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'A', '[2026-04-13 09:00,)');
create temp view busy as select id, status, upper(provider_busy)::time as provider_until, upper(room_busy)::time as room_until, day_capacity
  from clinic.bookings order by id;
update clinic.providers set buffer_minutes = 30, max_daily_appointments = 5;
update clinic.rooms set turnover_minutes = 15;
update clinic.appointment_types set duration_minutes = 45;
select * from busy;
-- Changes of status among those that occupy, and of unrelated columns, leave it.
update clinic.bookings set status = 'arrived', contact = 'x';
update clinic.bookings set status = 'fulfilled', patient_name = 'Other', patient_id = 'p', request_id = 'r';
select * from busy;
-- At another time of the day: pauses and seat stay. The length is the booking's own.
update clinic.bookings set during = '[2026-04-13 09:05, 2026-04-13 09:35)';
select * from busy;
-- Called off and on again: all is today's.
update clinic.providers set buffer_minutes = 5;
update clinic.bookings set status = 'cancelled';
update clinic.bookings set status = 'booked';
select * from busy;
-- Given to another type: length, pauses and seat stay.
insert into clinic.appointment_types (name, duration_minutes) values ('Long', 90);
update clinic.providers set buffer_minutes = 7;
update clinic.bookings set appointment_type_id = 2;
select * from busy;
-- A pause may be as long as a day, and reaches into the next.
update clinic.providers set buffer_minutes = 1440;
update clinic.bookings set status = 'cancelled';
update clinic.bookings set status = 'booked', during = '[2026-04-13 09:00, 2026-04-13 09:30)' returning provider_busy;
call test.violates($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'B', '[2026-04-14 09:29,)')$$);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'B', '[2026-04-14 09:30,)');
-- No pause at all: bookings may follow each other at once.
update clinic.providers set buffer_minutes = 0;
update clinic.rooms set turnover_minutes = 0;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 1, 'C', '[2026-04-20 09:00, 2026-04-20 09:01)'), (1, 1, 1, 'D', '[2026-04-20 09:01, 2026-04-20 09:02)');
rollback;
