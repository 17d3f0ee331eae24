-- book_slot: what it writes and what it returns.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
-- book_slot knows no other "now" than the clock's, so these dates are years ahead.
update clinic.clinics set booking_horizon_days = 3660;

-- By name and by id, with little and with everything. What comes back is the booking with names and local time.
select * from book_slot('Checkup', 1, 1, '2035-04-16 09:00', 'Ann') \gx
select key, value from clinic.bookings b, jsonb_each_text(to_jsonb(b)) where key <> 'created_at';
select created_at = now() as now from clinic.bookings;
select booking_id, request_id, patient_id, patient_name, contact, slot_start, slot_end, status, is_overbooked from book_slot(
  appointment_type => null, provider_id => 1, room_id => 1, slot_start => '2035-04-16 10:00', patient_name => 'Ben', patient_id => 'p2',
  contact => 'ben@example.org', request_id => 'r2', is_overbooked => null, override_reason => null, clinic_id => 1, appointment_type_id => 1);
-- As a value, as a column, in an INSERT of the app's own.
create temp table visit (id bigint, starts_at timestamptz, ends_at timestamptz);
insert into visit select booking_id, slot_start, slot_end from book_slot('Checkup', 1, 1, '2035-04-16 11:00', 'Cid');
select * from visit;
select (book_slot('Checkup', 1, 1, '2035-04-23 09:00', 'Dan')).*;
select id, during, status, patient_name, provider_busy, day_seat from clinic.bookings order by id;
-- Off the grid, even by seconds, is fine; find_slots wouldn't offer it.
select slot_start, slot_end from book_slot('Checkup', 1, 1, '2035-04-23 10:03:30', 'Eve');
-- Overbooked, where a rule allows it.
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.overbooking_rules (max_overbook) values (1);
select slot_start, slot_end, is_overbooked from book_slot('Checkup', 1, 2, '2035-04-23 10:10', 'Fay', is_overbooked => true);

-- It can be called from a function, a trigger, a DO block, and it obeys the transaction it is in.
savepoint before;
do $$ begin perform book_slot('Checkup', 1, 1, '2035-04-30 09:00', 'Gil'); end $$;
rollback to before;
select count(*) from clinic.bookings where patient_name = 'Gil';

-- The app's own column doesn't disturb it.
alter table clinic.bookings add column color text default 'blue';
select booking_id, status, patient_name from book_slot('Checkup', 1, 1, '2035-04-30 09:00', 'Hal');
select color from clinic.bookings where patient_name = 'Hal';
-- A name may be any text.
select patient_name, contact from book_slot('Checkup', 1, 1, '2035-04-30 10:00', E'Zoë O''Brien "\\" 李 \u2603', contact => '');
rollback;
