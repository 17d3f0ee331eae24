-- shift_bookings: the doctor is late; all that start within a time move, or none does.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.providers (name, buffer_minutes) values ('Berg', 0);
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '08:00', '22:00');
-- Back to back with Berg: each is in the way of the one before it. Adler's, and Berg's before and after, stay.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values
  (2, 1, 1, 'p1', 'A', '[2035-04-16 08:30,)'), (2, 1, 1, 'p2', 'B', '[2035-04-16 09:00,)'), (2, 1, 1, 'p3', 'C', '[2035-04-16 09:30,)'),
  (2, 1, 1, 'p4', 'D', '[2035-04-16 10:00,)'), (2, 1, 1, 'p5', 'E', '[2035-04-16 11:00,)'), (1, 2, 1, 'p6', 'F', '[2035-04-16 09:00,)');
create temp view place as select id, provider_id, room_id, during, status, is_overbooked, day_seat, provider_busy, hold_expires_at is not null as is_held from clinic.bookings order by id;
create temp view told as select booking_id, version, operation, reason, before ->> 'status' as from_status, after ->> 'status' as to_status,
  before ->> 'during' as from_time, after ->> 'during' as to_time from clinic.booking_history order by booking_id, version;

select booking_id, slot_start, slot_end, status, patient_name from shift_bookings(2, '2035-04-16 09:00', '2035-04-16 11:00', '20 minutes');
select * from place;
-- One version each, from where it was to where it is; one event each.
select * from told where operation = 'update';
select booking_id, kind, payload -> 'old_place' ->> 'slot_start' as was, payload ->> 'slot_start' as is, payload ? 'old_status' as has_old_status
from clinic.events where kind <> 'booked' order by id;
-- What the next one takes isn't freed: only the first twenty minutes are.
select booking_id, slot_start, slot_end, cause from clinic.freed_places order by id;

-- Back again: earlier, and by clock time and elapsed time together.
select booking_id, slot_start from shift_bookings(2, '2035-04-16 09:00', '2035-04-16 11:00', '-20 minutes');
select booking_id, slot_start from shift_bookings(2, '2035-04-16 09:00', '2035-04-16 11:00', '7 days -30 minutes');
select booking_id, slot_start from shift_bookings(2, '2035-04-23 00:00', '2035-04-24 00:00', '-7 days 30 minutes');
-- Over a change of the clock days go by the calendar: on 2035-03-25 it is set an hour ahead. Hours are hours.
update clinic.provider_availability set day_of_week = 6 where provider_id = 2;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 7, '00:00', '24:00');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (2, 1, 1, 'G', '[2035-03-24 10:00,)');
select slot_start from shift_bookings(2, '2035-03-24 10:00', '2035-03-24 10:01', '1 day');
select slot_start from shift_bookings(2, '2035-03-25 10:00', '2035-03-25 10:01', '-1 day');
select slot_start from shift_bookings(2, '2035-03-24 10:00', '2035-03-24 10:01', '24 hours');
select slot_start from shift_bookings(2, '2035-03-25 11:00', '2035-03-25 11:01', '-8 hours -30 minutes');
-- 02:30 isn't there on that day: the gap's end.
select slot_start from shift_bookings(2, '2035-03-25 00:00', '2035-03-25 03:00', '-23 hours', override_reason => 'by night');
select slot_start from shift_bookings(2, '2035-03-24 02:00', '2035-03-24 03:00', '1 day', override_reason => 'by night');
delete from clinic.bookings where patient_name = 'G';
update clinic.provider_availability set day_of_week = 1 where provider_id = 2 and day_of_week = 6;

-- Nothing there: nothing moves.
select booking_id, slot_start from shift_bookings(2, '2035-04-16 12:00', '2035-04-16 13:00', '20 minutes');

-- Refused as a whole: onto one that stays, before the opening, over midnight, into the past, beyond the horizon.
savepoint before;
call test.refused($$select shift_bookings(2, '2035-04-16 09:00', '2035-04-16 10:30', '1 hour')$$);
call test.refused($$select shift_bookings(2, '2035-04-16 09:00', '2035-04-16 10:30', '-90 minutes')$$);
call test.refused($$select shift_bookings(2, '2035-04-16 09:00', '2035-04-16 12:00', '14 hours')$$);
call test.refused($$select shift_bookings(2, '2035-04-16 09:00', '2035-04-16 12:00', '-366 days')$$);
update clinic.clinics set booking_horizon_days = 1;
call test.refused($$select shift_bookings(2, '2035-04-16 09:00', '2035-04-16 12:00', '7 days')$$);
update clinic.clinics set booking_horizon_days = 3660;
select * from place;
-- A rule can be set aside, with a reason; a collision can't. Only where it is needed the reason stays with the booking.
select booking_id, slot_start from shift_bookings(2, '2035-04-16 08:00', '2035-04-16 10:30', '-90 minutes', override_reason => 'all hands');
select id, override_reason from clinic.bookings order by id;
call test.violates($$select shift_bookings(2, '2035-04-16 06:00', '2035-04-16 10:30', '2 hours 30 minutes', override_reason => 'all hands')$$);
rollback to before;

-- Who waits in the house moves, too, so does a live hold; what is over, or never was, doesn't.
update clinic.bookings set status = case id when 2 then 'checked-in' when 3 then 'arrived' when 4 then 'fulfilled' else status end where id in (2, 3, 4);
select booking_id, status from hold_slot('Checkup', 2, 1, '2035-04-16 12:00');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status) values (2, 1, 1, 'N', '[2035-04-16 13:00,)', 'noshow');
select booking_id, slot_start, status, hold_expires_at is not null as is_held from shift_bookings(2, '2035-04-16 10:00', '2035-04-16 14:00', '15 minutes');
select booking_id, slot_start, status from shift_bookings(2, '2035-04-16 08:30', '2035-04-16 09:45', '-15 minutes');
select * from place;
-- A hold that ran out is left alone.
update clinic.bookings set hold_expires_at = now() where hold_expires_at is not null;
select booking_id, slot_start, status from shift_bookings(2, '2035-04-16 11:30', '2035-04-16 14:00', '30 minutes');
rollback to before;

-- Another day's cap counts.
update clinic.providers set max_daily_appointments = 1 where id = 2;
call test.refused($$select shift_bookings(2, '2035-04-16 09:00', '2035-04-16 11:30', '7 days')$$);
rollback to before;

-- Bad arguments.
call test.refused($$select shift_bookings(2, '2035-04-16 09:00', '2035-04-16 09:00', '20 minutes')$$);
call test.refused($$select shift_bookings(2, '2035-04-16 10:00', '2035-04-16 09:00', '20 minutes')$$);
call test.refused($$select shift_bookings(2, '2035-04-16 09:00', 'infinity', '20 minutes')$$);
call test.refused($$select shift_bookings(2, '2035-04-16 09:00', '2035-04-16 10:00', '0 minutes')$$);
call test.refused($$select shift_bookings(2, '2035-04-16 09:00', '2035-04-16 10:00', '1 month')$$);
call test.refused($$select shift_bookings(2, '2035-04-16 09:00', '2035-04-16 10:00', '367 days')$$);
call test.refused($$select shift_bookings(2, '2199-12-31 09:00', '2199-12-31 10:00', '20 days')$$);
call test.refused($$select shift_bookings(9, '2035-04-16 09:00', '2035-04-16 10:00', '20 minutes')$$);
call test.refused($$select shift_bookings(2, '2035-04-16 09:00', '2035-04-16 10:00', '20 minutes', override_reason => ' ')$$);
call test.refused($$select shift_bookings(2, '2035-04-16 09:00', '2035-04-16 10:00', '20 minutes', clinic_id => 9)$$);
call test.refused($$select shift_bookings(null, '2035-04-16 09:00', '2035-04-16 10:00', '20 minutes')$$);
call test.refused($$select shift_bookings(2, '2035-04-16 09:00', '2035-04-16 10:00', null)$$);
-- A thousand at once, no more.
update clinic.providers set max_daily_appointments = 1000 where id = 2;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  select 2, 1, 1, 'many', tstzrange(at, at + interval '1 minute')
  from generate_series(timestamptz '2036-01-01 22:00', timestamptz '2036-01-01 22:00' + interval '1000 minutes', interval '1 minute') at;
call test.refused($$select shift_bookings(2, '2036-01-01', '2037-01-01', '20 minutes')$$);
rollback;
