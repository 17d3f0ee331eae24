-- Two clinics in one database: each sees and books only its own, and neither is in the other's way.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, request_id, patient_id, patient_name, during)
  values (1, 1, 1, 'r1', 'p1', 'A', '[2035-04-16 09:00,)');
-- With a second one the choice isn't clear any more.
select init_clinic('New York clinic', 'America/New_York');
call test.refused('select current_clinic()');
call test.violates($$select from find_slots('Checkup')$$);
call test.violates($$insert into clinic.rooms (name, room_type) values ('Room', 'exam')$$);
-- The same names as the first one's. Ids are of one clinic only.
set pg_clinic.clinic_id = 2;
select current_clinic();
update clinic.clinics set booking_horizon_days = 3660;
call test.violates($$insert into clinic.providers (id, name) values (1, 'Ames')$$);
insert into clinic.providers (id, name) values (21, 'Ames');
insert into clinic.rooms (id, name, room_type) values (22, 'Room 1', 'exam');
insert into clinic.appointment_types (id, name, duration_minutes) values (23, 'Checkup', 60);
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (21, 1, '09:00', '11:00');
select clinic_id, id, name from clinic.providers order by 1;

-- Each with its own time zone and type: 09:00 is 09:00 there.
select provider_name, slot_start, slot_end from find_slots('Checkup', date '2035-04-16') order by slot_start;
select count(*) from find_slots('Checkup', date '2035-04-16', clinic_id => 1);
select count(*) from find_slots(null, date '2035-04-16', clinic_id => 1, appointment_type_id => 1);
select count(*) from next_available('Checkup', '2035-04-16', clinic_id => 1, max_results => 3);
select distinct provider_name from explain_slots('Checkup', '2035-04-16', clinic_id => 1);
-- The same patient, instant and request id in both: no collision.
select booking_id, slot_start, slot_end, local_date, local_time from book_slot('Checkup', 21, 22, '2035-04-16 09:00 America/New_York', 'B', 'p1', request_id => 'r1');
select booking_id, local_date, local_time from book_slot('Checkup', 1, 1, '2035-04-16 15:00', 'C', 'p1', override_reason => 'test', clinic_id => 1);
select booking_id, local_date, local_time from book_slot('Checkup', 1, 1, '2035-04-17 01:00', 'D', override_reason => 'test', clinic_id => 1);
select id, clinic_id from clinic.bookings order by id;
-- A booking is its clinic's alone: by id it isn't found from the other.
call test.refused('select cancel_booking(1)');
call test.violates('select check_in_booking(1)');
call test.violates('select complete_booking(1)');
call test.violates('select confirm_hold(1)');
call test.violates('select reschedule_booking(1, ''2035-04-16 10:00'')');
select booking_id, status from cancel_booking(1, clinic_id => 1);
-- Rows of one can't point at rows of the other.
insert into clinic.providers (clinic_id, id, name) values (1, 7, 'Only in Berlin');
call test.violates($$insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (7, 1, '09:00', '12:00')$$);
call test.violates($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (7, 22, 23, 'D', '[2035-04-16 20:00,)')$$);
call test.violates($$insert into clinic.overbooking_rules (provider_id, max_overbook) values (7, 1)$$);
-- Rules, time off and caps of one don't hold in the other.
insert into clinic.time_off (during) values ('[2035-04-16 00:00, 2035-04-17 12:00)');
select count(*) from find_slots('Checkup', date '2035-04-16');
select count(*) from find_slots('Checkup', date '2035-04-16', clinic_id => 1);
-- A booking moved to the other clinic by plain SQL takes a place there: on that clinic's date. Its history goes on there.
update clinic.bookings set clinic_id = 2, provider_id = 21, room_id = 22, appointment_type_id = 23 where clinic_id = 1 and patient_name = 'D' returning id, local_date, day_seat, during;
select clinic_id, booking_id, version, operation from clinic.booking_history where booking_id = 4 order by id;

-- A clinic that doesn't exist, by argument, by setting; a setting that is no number.
call test.refused($$select from find_slots('Checkup', clinic_id => 9)$$);
set pg_clinic.clinic_id = '9';
call test.refused($$select from find_slots('Checkup')$$);
call test.violates($$insert into clinic.rooms (name, room_type) values ('Room', 'exam')$$);
set pg_clinic.clinic_id = 'Berlin clinic';
call test.refused('select current_clinic()');
set pg_clinic.clinic_id = '';
call test.violates('select current_clinic()');
set pg_clinic.clinic_id = ' 2 ';
select current_clinic();
set pg_clinic.clinic_id = '9223372036854775808';
call test.violates('select current_clinic()');
reset pg_clinic.clinic_id;
-- With one left, it is clear again; with none, there is none.
alter table clinic.bookings disable trigger user;
delete from clinic.bookings;
delete from clinic.time_off;
delete from clinic.provider_availability;
delete from clinic.providers;
delete from clinic.rooms;
delete from clinic.appointment_types;
delete from clinic.clinics where id = 2;
select current_clinic();
delete from clinic.clinics;
call test.refused('select current_clinic()');
rollback;
