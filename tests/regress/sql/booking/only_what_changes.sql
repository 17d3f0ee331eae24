-- Only what changes of a booking is judged; what stays was granted already, whatever the settings are now.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.providers (name) values ('Berg'), ('Conti');
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam'), ('Lab', 'lab');
insert into clinic.appointment_types (name, duration_minutes) values ('Checkup (private)', 30);
update clinic.providers set buffer_minutes = 0, max_daily_appointments = 3;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '09:00', '12:00');
select booking_id, slot_start from book_slot('Checkup', 1, 1, '2035-04-16 09:00', 'A', 'p1');
select booking_id, slot_start from book_slot('Checkup', 1, 1, '2035-04-16 09:30', 'B', 'p2');
select booking_id, slot_start from book_slot('Checkup', 1, 1, '2035-04-16 11:00', 'C', 'p3');
create temp view place as select id, provider_id as provider, room_id as room, appointment_type_id as type,
  lower(during)::time as from, upper(during)::time as until, upper(provider_busy)::time as provider_until, upper(room_busy)::time as room_until,
  day_seat as seat, day_capacity as capacity, status
  from clinic.bookings order by id;
create procedure pg_temp.move(booking bigint, statement text) language plpgsql as $$
declare
  now place;
begin
  execute statement;
  select * into now from place where id = booking;
  raise info '%', now;
  -- Each from the same beginning.
  raise exception using errcode = 'P9998';
exception when sqlstate 'P9998' then
end $$;
savepoint booked;

-- The day's cap was lowered to 1, with three booked: another room, another type, a shorter visit, another time of the day.
update clinic.providers set max_daily_appointments = 1 where id = 1;
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-16 09:00', room_id => 2)$$);
call pg_temp.move(1, $$update clinic.bookings set room_id = 2 where id = 1$$);
call pg_temp.move(1, $$update clinic.bookings set appointment_type_id = 2 where id = 1$$);
call pg_temp.move(3, $$update clinic.bookings set during = '[2035-04-16 11:00, 2035-04-16 11:15)' where id = 3$$);
call pg_temp.move(3, $$select reschedule_booking(3, '2035-04-16 10:30')$$);
-- Another day is new, and so is another provider, whose cap is 0.
call pg_temp.move(3, $$select reschedule_booking(3, '2035-04-23 10:30')$$);
update clinic.providers set max_daily_appointments = 0 where id = 2;
call test.violates($$select reschedule_booking(3, '2035-04-16 11:00', provider_id => 2)$$);
call test.violates($$select reschedule_booking(3, '2035-04-23 11:00', provider_id => 2)$$);
call test.violates($$update clinic.bookings set provider_id = 2 where id = 3$$);
rollback to booked;

-- Notice and horizon: of a new time only.
update clinic.clinics set minimum_notice_minutes = 525600, booking_horizon_days = 30;
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-16 09:00', room_id => 2)$$);
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-16 09:00', provider_id => 2)$$);
call test.violates($$select reschedule_booking(1, '2035-04-16 10:00')$$);
rollback to booked;

-- Hours that were changed afterwards, time off, a closed clinic: of the provider or room that is new.
update clinic.provider_availability set valid_until = '2030-01-01' where provider_id = 1;
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-16 09:00', room_id => 2)$$);
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-16 09:00', provider_id => 2)$$);
call test.violates($$select reschedule_booking(1, '2035-04-16 10:00')$$);
call test.violates($$select reschedule_booking(1, '2035-04-16 09:00', provider_id => 3)$$);
rollback to booked;
insert into clinic.time_off (provider_id, during) values (1, '[2035-04-16, 2035-04-17)');
insert into clinic.time_off (room_id, during) values (1, '[2035-04-16, 2035-04-17)');
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-16 09:00', room_id => 2)$$);
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-16 09:00', provider_id => 2)$$);
call test.refused($$select reschedule_booking(1, '2035-04-16 10:00')$$);
insert into clinic.time_off (room_id, during) values (2, '[2035-04-16, 2035-04-17)');
call test.refused($$select reschedule_booking(1, '2035-04-16 09:00', room_id => 2)$$);
rollback to booked;
insert into clinic.time_off (during) values ('[2035-04-16, 2035-04-17)');
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-16 09:00', room_id => 2)$$);
call test.refused($$select reschedule_booking(1, '2035-04-16 09:00', provider_id => 2)$$);
rollback to booked;

-- Disabled stops new bookings, and moves to it; not moves away, nor changes beside it. So with an override_reason.
update clinic.appointment_types set enabled = false where id = 1;
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-16 09:00', room_id => 2)$$);
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-23 10:00')$$);
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-16 20:00', override_reason => 'booked before it was retired')$$);
call test.violates($$select book_slot('Checkup', 1, 1, '2035-04-16 10:30', 'D')$$);
update clinic.appointment_types set enabled = true;
update clinic.providers set enabled = false where id = 1;
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-16 09:00', room_id => 2)$$);
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-16 10:30')$$);
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-16 09:00', provider_id => 2)$$);
update clinic.providers set enabled = false where id = 2;
call test.violates($$select reschedule_booking(1, '2035-04-16 09:00', provider_id => 2)$$);
update clinic.rooms set enabled = false;
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-16 10:30')$$);
call test.violates($$select reschedule_booking(1, '2035-04-16 09:00', room_id => 2)$$);
rollback to booked;

-- Buffer and turnover were raised after two visits back to back: each is today's for what is new only. At another time of
-- the day both stay as long as they were, on another day neither does.
update clinic.providers set buffer_minutes = 15;
update clinic.rooms set turnover_minutes = 20;
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-16 09:00', room_id => 2)$$);
call pg_temp.move(1, $$update clinic.bookings set room_id = 2 where id = 1$$);
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-16 09:00', provider_id => 2)$$);
call pg_temp.move(1, $$update clinic.bookings set provider_id = 2 where id = 1$$);
call pg_temp.move(1, $$update clinic.bookings set appointment_type_id = 2 where id = 1$$);
call pg_temp.move(1, $$update clinic.bookings set patient_name = 'A.' where id = 1$$);
call pg_temp.move(1, $$update clinic.bookings set status = 'checked-in' where id = 1$$);
call pg_temp.move(3, $$update clinic.bookings set during = '[2035-04-16 11:00,)' where id = 3$$);
call pg_temp.move(3, $$select reschedule_booking(3, '2035-04-16 10:45')$$);
call pg_temp.move(3, $$update clinic.bookings set during = '[2035-04-16 10:45,)' where id = 3$$);
call pg_temp.move(3, $$select reschedule_booking(3, '2035-04-16 10:45', room_id => 2)$$);
call pg_temp.move(3, $$select reschedule_booking(3, '2035-04-16 10:45', provider_id => 2)$$);
call pg_temp.move(3, $$select reschedule_booking(3, '2035-04-23 11:00')$$);
-- So both can be moved along in one go, and one beside the other.
call pg_temp.move(1, $$select shift_bookings(1, '2035-04-16 09:00', '2035-04-16 10:00', '30 minutes')$$);
call pg_temp.move(2, $$select shift_bookings(1, '2035-04-16 09:00', '2035-04-16 10:00', '30 minutes')$$);
call pg_temp.move(3, $$select reschedule_booking(3, '2035-04-16 10:00')$$);
-- Both of them, and called off and on again: nothing stays.
call test.violates($$update clinic.bookings set provider_id = 2, room_id = 2, during = '[2035-04-16 09:00, 2035-04-16 09:20)' where id in (1, 2)$$);
update clinic.bookings set status = 'cancelled' where id = 1;
call test.violates($$update clinic.bookings set status = 'booked' where id = 1$$);
rollback to booked;

-- A room that fits no more: judged of another room and another type, not of another time.
update clinic.appointment_types set required_room_type = 'lab' where id = 1;
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-16 10:30')$$);
call test.violates($$select reschedule_booking(1, '2035-04-16 09:00', room_id => 2)$$);
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-16 09:00', room_id => 3)$$);
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-16 09:00', provider_id => 2)$$);
rollback to booked;

-- The patient is in the house: another room, nothing else.
update clinic.bookings set status = 'arrived' where id = 1;
update clinic.bookings set status = 'checked-in' where id = 2;
call pg_temp.move(1, $$select reschedule_booking(1, '2035-04-16 09:00', room_id => 2)$$);
call pg_temp.move(2, $$select reschedule_booking(2, '2035-04-16 09:30', room_id => 2)$$);
call test.refused($$select reschedule_booking(2, '2035-04-16 09:45')$$);
call test.violates($$select reschedule_booking(2, '2035-04-16 09:30', provider_id => 2, room_id => 2)$$);
rollback to booked;

-- Onto itself, as a retried request is: nothing is judged, nothing written; a reason isn't either.
update clinic.clinics set minimum_notice_minutes = 525600, booking_horizon_days = 1;
update clinic.provider_availability set valid_until = '2030-01-01';
select booking_id, slot_start from reschedule_booking(1, '2035-04-16 09:00', override_reason => 'again');
select * from place where id = 1;
select count(*) as versions, max(after ->> 'override_reason') as reason from clinic.booking_history where booking_id = 1;
select count(*) as events from clinic.events where booking_id = 1;
update clinic.bookings set status = 'fulfilled' where id = 1;
call test.violates($$select reschedule_booking(1, '2035-04-16 09:00')$$);
rollback to booked;

-- An overbooked booking keeps its kind in another room; elsewhere it is a normal one where the provider is free.
insert into clinic.overbooking_rules (max_overbook) values (1);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, is_overbooked) values (1, 2, 1, 'D', '[2035-04-16 09:00,)', true);
update clinic.overbooking_rules set max_overbook = 0;
update clinic.bookings set status = 'cancelled' where id = 1;
select room_id, is_overbooked from reschedule_booking(4, '2035-04-16 09:00', room_id => 1);
select slot_start, is_overbooked from reschedule_booking(4, '2035-04-16 09:15', room_id => 2);
select slot_start, is_overbooked from reschedule_booking(4, '2035-04-16 10:15');
rollback;
