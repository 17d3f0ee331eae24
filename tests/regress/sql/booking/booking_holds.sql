-- Expired holds give way to whatever is written in their place; live ones don't.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

update clinic.providers set max_daily_appointments = 2;
insert into clinic.providers (name) values ('Berg');
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
create procedure pg_temp.hold(provider int, room int, patient text, start timestamptz, expires timestamptz) language sql as $$
  insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, status, during, hold_expires_at)
  values (provider, room, 1, patient, 'pending', tstzrange(start, null), expires)
$$;
create procedure pg_temp.book(provider int, room int, patient text, start timestamptz) language sql as $$
  insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during)
  values (provider, room, 1, patient, 'N', tstzrange(start, null))
$$;
create temp view rows as select id, provider_id as prov, room_id as room, patient_id, lower(during)::time, status, cancellation_reason, day_seat
  from clinic.bookings order by id;

-- A live hold is in the way like a booking. (Expired means hold_expires_at <= now(): a hold ends with its last second.)
call pg_temp.hold(1, 1, 'p1', '2026-04-13 09:00', now() + interval '1 minute');
call test.violates($$call pg_temp.book(1, 2, 'p2', '2026-04-13 09:00')$$);
call test.violates($$call pg_temp.book(2, 1, 'p2', '2026-04-13 09:00')$$);
call test.violates($$call pg_temp.book(2, 2, 'p1', '2026-04-13 09:00')$$);
-- Expired it gives way to another booking of its provider: by the buffer, too.
update clinic.bookings set hold_expires_at = now();
call pg_temp.book(1, 2, 'p2', '2026-04-13 09:35');
select * from rows;
-- Of its room.
delete from clinic.bookings;
call pg_temp.hold(1, 1, 'p1', '2026-04-13 09:00', now());
call pg_temp.book(2, 1, 'p2', '2026-04-13 09:15');
select * from rows;
-- Of its patient.
delete from clinic.bookings;
call pg_temp.hold(1, 1, 'p1', '2026-04-13 09:00', now());
call pg_temp.book(2, 2, 'p1', '2026-04-13 09:15');
select * from rows;
-- And of its seat: a hold at another time counts for the cap of 2 no more.
delete from clinic.bookings;
call pg_temp.hold(1, 1, 'p1', '2026-04-13 09:00', now());
call pg_temp.hold(1, 1, 'p1', '2026-04-13 11:00', now());
call pg_temp.book(1, 1, 'p2', '2026-04-13 10:00');
select * from rows;
-- Elsewhere it is left alone, for expire_holds().
delete from clinic.bookings;
call pg_temp.hold(1, 1, 'p1', '2026-04-13 09:00', now());
call pg_temp.book(2, 2, 'p2', '2026-04-13 09:00');
call pg_temp.book(1, 1, 'p3', '2026-04-14 09:00');
select * from rows;

-- An UPDATE into its place does the same: moved, called on again, or given to the hold's patient.
update clinic.bookings set during = '[2026-04-13 09:10,)' where provider_id = 1 and status = 'booked';
select * from rows;
delete from clinic.bookings;
call pg_temp.hold(1, 1, 'p1', '2026-04-13 09:00', now());
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status) values (1, 1, 1, 'N', '[2026-04-13 09:00,)', 'cancelled');
update clinic.bookings set status = 'booked' where status = 'cancelled';
select * from rows;
delete from clinic.bookings;
call pg_temp.hold(1, 1, 'p1', '2026-04-13 09:00', now());
call pg_temp.book(2, 2, null, '2026-04-13 09:15');
update clinic.bookings set patient_id = 'p1' where provider_id = 2;
select * from rows;

-- What occupies no time sends no hold away.
delete from clinic.bookings;
call pg_temp.hold(1, 1, 'p1', '2026-04-13 09:00', now());
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status) values (1, 1, 1, 'N', '[2026-04-13 09:00,)', 'waitlist');
select * from rows;
-- A pending booking that never expires is none.
delete from clinic.bookings;
call pg_temp.hold(1, 1, 'p1', '2026-04-13 09:00', null);
call test.violates($$call pg_temp.book(1, 1, 'p2', '2026-04-13 09:00')$$);
-- Its end is in the history, with a reason of its own, although the actor set another.
update clinic.bookings set hold_expires_at = now();
set local pg_clinic.reason = 'phone';
call pg_temp.book(1, 1, 'p2', '2026-04-13 09:00');
select booking_id = (select min(id) from clinic.bookings) as is_hold, operation, reason, after ->> 'status' as status
from clinic.booking_history order by id desc limit 2;
rollback;
