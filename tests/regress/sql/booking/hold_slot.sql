-- hold_slot and confirm_hold: a place for a few minutes, then a booking or nothing.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
-- Booking functions know no other "now" than the clock's, so these dates are years ahead.
update clinic.clinics set booking_horizon_days = 3660;

-- Five minutes by default, also for NULL; at most a day. A name may come later.
select status, hold_expires_at - now() as ttl, patient_name from hold_slot('Checkup', 1, 1, '2035-04-16 09:00');
select status, hold_expires_at - now() as ttl, patient_name from hold_slot(null, 1, 1, '2035-04-16 10:00', 'Ann', 'p1', 'c', 'r1', ttl => '90 seconds', appointment_type_id => 1);
select status, hold_expires_at - now() as ttl from hold_slot('Checkup', 1, 1, '2035-04-23 09:00', ttl => null);
select status, hold_expires_at - now() as ttl from hold_slot('Checkup', 1, 1, '2035-04-23 10:00', ttl => '1 day');
call test.refused($$select hold_slot('Checkup', 1, 1, '2035-04-23 11:00', ttl => '0')$$);
call test.violates($$select hold_slot('Checkup', 1, 1, '2035-04-23 11:00', ttl => '-5 minutes')$$);
call test.violates($$select hold_slot('Checkup', 1, 1, '2035-04-23 11:00', ttl => '1 day 1 microsecond')$$);
call test.violates($$select hold_slot('Checkup', 1, 1, '2035-04-23 11:00', ttl => '1 month')$$);
call test.violates($$select hold_slot('Checkup', 1, 1, '2035-04-23 11:00', ttl => '178000000 years')$$);
-- It is judged like a booking, and blocks like one.
call test.violates($$select hold_slot('Checkup', 1, 1, '2035-04-16 08:00')$$);
call test.violates($$select hold_slot('Checkup', 1, 1, '2035-04-16 09:15')$$);
call test.violates($$select book_slot('Checkup', 1, 1, '2035-04-16 09:15', 'Bob')$$);
select booking_id, status from hold_slot('Checkup', 1, 1, '2035-04-16 20:00', override_reason => 'emergency') \gset
select status, override_reason from clinic.bookings where id = :booking_id;
-- Idempotent as book_slot is: the same hold, which isn't prolonged.
select booking_id, hold_expires_at - now() as ttl from hold_slot(null, 1, 1, '2035-04-16 10:00', 'Ann', 'p1', 'c', 'r1', ttl => '3 minutes', appointment_type_id => 1);

-- Confirmed it is a booking. What is given replaces what the hold says; NULL keeps it.
select status, hold_expires_at, patient_name, patient_id, contact from confirm_hold(1, 'Cid', 'p3');
select status, hold_expires_at, patient_name, patient_id, contact from confirm_hold(2, contact => 'd');
-- Twice is fine, and changes nothing; for somebody else it is refused.
select status, patient_name from confirm_hold(1);
select status, patient_name from confirm_hold(1, 'Cid', 'p3');
call test.refused($$select confirm_hold(1, 'Other')$$);
call test.refused($$select confirm_hold(1, 'Cid', 'p4', 'other')$$);
select count(*) from clinic.booking_history where booking_id = 1;
-- A booking has a name; a hold may be confirmed without only if it brought one.
call test.refused('select confirm_hold(3)');
call test.refused($$select confirm_hold(3, ' ')$$);
call test.refused($$select confirm_hold(3, 'Eve', '')$$);
-- The request of the hold answers with the booking now.
select booking_id, status from hold_slot(null, 1, 1, '2035-04-16 10:00', 'Ann', 'p1', 'c', 'r1', appointment_type_id => 1);
-- Confirmed, the patient must be free at that time.
select status from hold_slot('Checkup', 1, 1, '2035-04-16 11:00');
insert into clinic.providers (name) values ('Berg');
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values (2, 2, 1, 'p9', 'X', '[2035-04-16 11:15,)');
call test.violates($$select confirm_hold((select max(id) - 1 from clinic.bookings), 'Dan', 'p9')$$);

-- An expired hold can't be confirmed; its request says so by its state; and it may be held anew by another request.
update clinic.bookings set hold_expires_at = now() where id = 3;
call test.refused($$select confirm_hold(3, 'Eve')$$);
select booking_id, status from hold_slot('Checkup', 1, 1, '2035-04-23 09:00', request_id => 'r3');
select id, status, cancellation_reason from clinic.bookings where id = 3;
call test.refused($$select confirm_hold(3, 'Eve')$$);
-- Nor one that was cancelled, or anything else but a hold.
select status from cancel_booking((select id from clinic.bookings where request_id = 'r3'), 'changed my mind');
select status, hold_expires_at is null as forgotten from clinic.bookings where request_id = 'r3';
call test.violates($$select confirm_hold((select id from clinic.bookings where request_id = 'r3'), 'Eve')$$);
select status from check_in_booking(1);
call test.refused('select confirm_hold(1)');
call test.refused('select confirm_hold(99)');
call test.refused('select confirm_hold(null)');
rollback;
