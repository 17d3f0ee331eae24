-- The same request_id with the same arguments gives the same booking, in its present state; with others it is an error.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
-- book_slot knows no other "now" than the clock's, so these dates are years ahead.
update clinic.clinics set booking_horizon_days = 3660;

insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
create function pg_temp.again(start timestamptz default '2035-04-16 09:00', name text default 'Ann', patient text default 'p1',
    contact text default 'c', provider int default 1, room int default 1, type text default 'Checkup', overbooked boolean default false)
  returns table (id bigint, starts time, status text) language sql as $$
  select booking_id, local_time, status
  from book_slot(type, provider, room, start, name, patient, contact, request_id => 'r1', is_overbooked => overbooked)
$$;
select * from pg_temp.again();
-- Asked again: the same, although the place is taken now, and nothing is written.
select * from pg_temp.again();
select count(*) from clinic.bookings;
select count(*) from clinic.booking_history;

-- Each argument counts.
call test.refused($$select * from pg_temp.again(start => '2035-04-16 10:00')$$);
call test.violates($$select * from pg_temp.again(name => 'Bob')$$);
call test.violates($$select * from pg_temp.again(patient => null)$$);
call test.violates($$select * from pg_temp.again(contact => 'd')$$);
call test.violates($$select * from pg_temp.again(room => 2)$$);
call test.violates($$select * from pg_temp.again(overbooked => true)$$);
insert into clinic.providers (name) values ('Berg');
call test.violates($$select * from pg_temp.again(provider => 2)$$);
insert into clinic.appointment_types (name, duration_minutes) values ('Other', 30);
call test.violates($$select * from pg_temp.again(type => 'Other')$$);
call test.violates($$select hold_slot('Checkup', 1, 1, '2035-04-16 09:00', 'Ann', 'p1', 'c', 'r1')$$);
-- The instant counts, not how it is written.
select * from pg_temp.again(start => '2035-04-16 07:00+00');

-- Whatever became of it since: moved, taken over by another name, checked in, cancelled. Compared is what was asked for.
select status from reschedule_booking(1, '2035-04-16 10:30');
select * from pg_temp.again();
update clinic.bookings set patient_name = 'Ann Other', contact = null, room_id = 2 where id = 1;
select * from pg_temp.again();
select status from check_in_booking(1);
select * from pg_temp.again();
update clinic.bookings set status = 'cancelled' where id = 1;
select * from pg_temp.again();
-- Also when it couldn't be booked any more today: the type or provider is disabled, the horizon shorter, the cap 0.
update clinic.appointment_types set enabled = false;
update clinic.providers set enabled = false, max_daily_appointments = 0;
update clinic.clinics set booking_horizon_days = 0;
select * from pg_temp.again();
update clinic.appointment_types set enabled = true;
update clinic.providers set enabled = true, max_daily_appointments = 20;
update clinic.clinics set booking_horizon_days = 3660;

-- The type was renamed meanwhile: ids are compared. By its new name, its old, which nobody has, and its id; by another's name it isn't.
update clinic.appointment_types set name = 'Check-up' where id = 1;
select * from pg_temp.again(type => 'Check-up');
select * from pg_temp.again();
select booking_id from book_slot(null, 1, 1, '2035-04-16 09:00', 'Ann', 'p1', 'c', 'r1', appointment_type_id => 1);
call test.violates($$select * from pg_temp.again(type => 'Other')$$);
call test.violates($$select book_slot(null, 1, 1, '2035-04-16 09:00', 'Ann', 'p1', 'c', 'r1', appointment_type_id => 99)$$);
update clinic.appointment_types set name = 'Checkup' where id = 1;

-- Neither DateStyle nor TimeZone of the two calls matter.
set local datestyle to 'SQL, DMY';
select booking_id from book_slot('Checkup', 1, 1, '2035-04-23 09:00+02', 'Cid', request_id => 'r2');
select booking_id from book_slot('Checkup', 1, 1, '2035-03-05 09:00+01', 'Cid', request_id => 'r3');
set local datestyle to 'ISO, MDY';
set local timezone to 'America/New_York';
select booking_id from book_slot('Checkup', 1, 1, '2035-04-23 09:00+02', 'Cid', request_id => 'r2');
select booking_id from book_slot('Checkup', 1, 1, '2035-03-05 09:00+01', 'Cid', request_id => 'r3');
set local datestyle to 'German';
select booking_id from book_slot('Checkup', 1, 1, '2035-04-23 09:00+02', 'Cid', request_id => 'r2');
set local datestyle to 'ISO, MDY';

-- A booking made by plain SQL has a request id as well.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, request_id, patient_name, during)
  values (1, 1, 1, 'r4', 'Dan', '[2035-04-30 09:00+02,)');
select booking_id from book_slot('Checkup', 1, 1, '2035-04-30 09:00+02', 'Dan', request_id => 'r4');
-- Deleted, it is free for another request.
delete from clinic.bookings where request_id = 'r4';
select booking_id from book_slot('Checkup', 1, 1, '2035-04-30 10:00+02', 'Eve', request_id => 'r4');
select booking_id from book_slot('Checkup', 1, 1, '2035-04-30 10:00+02', 'Eve', request_id => 'r4');
-- Without a request id each call is a request of its own.
call test.violates($$select book_slot('Checkup', 1, 1, '2035-04-30 10:00+02', 'Eve')$$);
rollback;
