-- Cancelling frees provider, room, patient, buffers and seats at once; calling on again takes a place anew, if there is one.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

update clinic.providers set max_daily_appointments = 2;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during)
  values (1, 1, 1, 'p1', 'A', '[2026-04-13 09:00,)'), (1, 1, 1, 'p2', 'B', '[2026-04-13 10:00,)');
create temp view seats as select id, patient_name, status, day_seat, day_capacity, cancelled_at = now() as now, cancellation_reason as reason
  from clinic.bookings order by id;

-- The day is full; the moment the first is called off, its place, seat, room and patient are free.
call test.violates($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 1, 'C', '[2026-04-13 11:00,)')$$);
update clinic.bookings set status = 'cancelled', cancellation_reason = 'ill' where id = 1;
select * from seats;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during)
  values (1, 1, 1, 'p1', 'C', '[2026-04-13 09:05,)');
select * from seats;

-- Un-cancelling onto the taken place fails, by whatever is in the way first.
call test.violates($$update clinic.bookings set status = 'booked', cancellation_reason = null, cancelled_at = null where id = 1$$);
update clinic.bookings set status = 'noshow' where id = 4;
call test.violates($$update clinic.bookings set status = 'booked', during = '[2026-04-13 09:45,)' where id = 1$$);
-- On its own place, free again, it takes the lowest free seat, and what was said of the cancellation goes.
update clinic.bookings set status = 'arrived' where id = 1;
select * from seats;
-- With a lowered cap it can't come back ...
update clinic.bookings set status = 'entered-in-error' where id = 1;
update clinic.providers set max_daily_appointments = 1;
call test.violates($$update clinic.bookings set status = 'booked' where id = 1$$);
-- ... and with the buffer and turnover of today, not of then.
update clinic.providers set max_daily_appointments = 3, buffer_minutes = 20;
update clinic.rooms set turnover_minutes = 15;
update clinic.bookings set status = 'fulfilled' where id = 1;
select id, provider_busy, room_busy, day_seat, day_capacity from clinic.bookings where id = 1;

-- Every way out of the occupying statuses frees the seat, and none has to say when.
update clinic.bookings set status = s.status from (values (1, 'proposed'), (2, 'waitlist')) s (id, status) where bookings.id = s.id;
select * from seats;
-- A time of its own that the client gives for the cancellation stays.
update clinic.bookings set status = 'cancelled', cancelled_at = '2026-04-01 12:00' where id = 2 returning cancelled_at;
update clinic.bookings set status = 'noshow' where id = 2 returning cancelled_at;
rollback;
