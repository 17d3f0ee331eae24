-- reschedule_booking: moves a booking as a whole, or leaves it.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
-- Booking functions know no other "now" than the clock's, so these dates are years ahead.
update clinic.clinics set booking_horizon_days = 3660;

insert into clinic.providers (name) values ('Berg');
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam'), ('Lab', 'lab'), ('Room 4', 'exam');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '12:00');
update clinic.appointment_types set required_room_type = 'exam';
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values
  (1, 1, 1, 'p1', 'A', '[2035-04-16 09:00,)'), (1, 1, 1, 'p2', 'B', '[2035-04-16 11:00,)');
create temp view place as select id, provider_id, room_id, during, status, is_overbooked, day_seat from clinic.bookings order by id;

-- By a quarter of an hour, then off the grid: it isn't in its own way.
select booking_id, provider_id, room_id, slot_start, slot_end, status from reschedule_booking(1, '2035-04-16 09:15');
select slot_start, slot_end from reschedule_booking(1, '2035-04-16 09:07');
-- To another room, another provider, another day; what isn't given stays.
select provider_id, room_id, slot_start, slot_end from reschedule_booking(1, '2035-04-16 09:00', room_id => 2);
select provider_id, room_id, slot_start, slot_end from reschedule_booking(1, '2035-04-23 10:00', provider_id => 2);
select provider_id, room_id, slot_start, slot_end from reschedule_booking(booking_id => 1, slot_start => '2035-04-16 09:00', provider_id => 1, room_id => 1, override_reason => null, clinic_id => 1);
-- To where it is already.
select slot_start, slot_end from reschedule_booking(1, '2035-04-16 09:00');
-- The old place is free at once.
select slot_start, slot_end from reschedule_booking(2, '2035-04-16 10:00');
select slot_start, slot_end from reschedule_booking(1, '2035-04-16 11:00');
-- Its history shows each move.
select version, reason, before ->> 'provider_id' as from_provider, after ->> 'provider_id' as to_provider from clinic.booking_history
where booking_id = 1 and before ->> 'provider_id' <> after ->> 'provider_id' order by version;

-- Refused it stays: onto another booking, by its patient, outside the opening, in a room that doesn't fit, too early.
savepoint before;
select * from place;
call test.refused($$select reschedule_booking(1, '2035-04-16 10:15')$$);
call test.violates($$select reschedule_booking(1, '2035-04-16 10:20', provider_id => 2)$$);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values (2, 2, 1, 'p1', 'A', '[2035-04-16 09:00,)');
call test.violates($$select reschedule_booking(1, '2035-04-16 09:15')$$);
call test.refused($$select reschedule_booking(1, '2035-04-16 11:45')$$);
call test.violates($$select reschedule_booking(1, '2035-04-16 11:00', room_id => 3)$$);
call test.violates($$select reschedule_booking(1, '2020-04-13 11:00')$$);
call test.refused($$select reschedule_booking(1, '2035-04-16 11:00', provider_id => 9)$$);
call test.refused($$select reschedule_booking(1, '2035-04-16 11:00', room_id => 9)$$);
select * from place;
rollback to before;

-- The cap of the day it moves within doesn't count it twice; the other day's does count.
update clinic.providers set max_daily_appointments = 2 where id = 1;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values
  (1, 1, 1, 'C', '[2035-04-23 09:00,)'), (1, 1, 1, 'D', '[2035-04-23 10:00,)');
select slot_start, slot_end from reschedule_booking(1, '2035-04-16 11:30');
call test.violates($$select reschedule_booking(1, '2035-04-23 11:00')$$);
-- A rule can be set aside, with a reason; a collision can't.
set local pg_clinic.actor = 'dr.adler';
select slot_start, slot_end from reschedule_booking(1, '2035-04-23 11:00', override_reason => 'her only day');
select override_reason, overridden_by from clinic.bookings where id = 1;
call test.violates($$select reschedule_booking(1, '2035-04-23 10:15', override_reason => 'her only day')$$);
call test.refused($$select reschedule_booking(1, '2035-04-23 20:00', override_reason => '')$$);
reset pg_clinic.actor;

-- A booking keeps its own length. 45 minutes don't fit before 12:00 from 11:30 on.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values
  (2, 2, 1, 'E', '[2035-04-16 09:00, 2035-04-16 09:45)');
select slot_start, slot_end from reschedule_booking(6, '2035-04-16 11:15');
call test.violates('select reschedule_booking(6, ''2035-04-16 11:30'')');
-- On the day the buffer stays that it was given; on another one today's holds.
update clinic.providers set buffer_minutes = 20 where id = 2;
select slot_start, slot_end from reschedule_booking(6, '2035-04-16 10:00');
select provider_busy from clinic.bookings where id = 6;
select slot_start, slot_end from reschedule_booking(6, '2035-04-23 10:00');
select slot_start, slot_end from reschedule_booking(6, '2035-04-16 10:00');
select provider_busy from clinic.bookings where id = 6;

-- An overbooked booking: where the provider is free it becomes a normal one, else it stays what it is; a normal one never
-- becomes overbooked unasked.
insert into clinic.overbooking_rules (max_overbook) values (1);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked) values (2, 4, 1, 'F', '[2035-04-16 10:00,)', true);
call test.violates('select reschedule_booking(2, ''2035-04-16 10:10'', provider_id => 2)');
select slot_start, slot_end, is_overbooked from reschedule_booking(7, '2035-04-16 09:30');
select slot_start, slot_end, is_overbooked from reschedule_booking(7, '2035-04-16 11:30');
select * from place where id = 7;

-- Only what is booked or held can be moved.
update clinic.bookings set status = 'cancelled' where id = 4;
update clinic.bookings set status = 'fulfilled' where id = 5;
update clinic.bookings set status = 'checked-in' where id = 6;
call test.refused('select reschedule_booking(4, ''2035-04-30 10:00'')');
call test.violates('select reschedule_booking(5, ''2035-04-30 10:00'')');
call test.violates('select reschedule_booking(6, ''2035-04-30 10:00'')');
select status, slot_start, slot_end from hold_slot('Checkup', 1, 1, '2035-04-30 09:00');
select status, slot_start, slot_end, hold_expires_at - now() as ttl from reschedule_booking(8, '2035-04-30 09:15');
update clinic.bookings set hold_expires_at = now() where id = 8;
call test.refused('select reschedule_booking(8, ''2035-04-30 10:00'')');
-- Unknown and NULL.
call test.refused('select reschedule_booking(99, ''2035-04-30 10:00'')');
call test.refused('select reschedule_booking(null, ''2035-04-30 10:00'')');
call test.refused('select reschedule_booking(1, null)');
rollback;
