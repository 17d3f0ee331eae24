-- After drop extension … cascade and create extension, upgrade_clinic() puts back what the tables had of the extension's.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set client_min_messages to warning;
begin;
call test.clinic();
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'A', '[2035-04-16 09:00,)');
drop extension pg_clinic cascade;
create extension pg_clinic;
select upgrade_clinic();
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'B', '[2035-04-16 10:00,)');
select clinic_id, patient_name, status, day_seat from clinic.bookings order by id;
select booking_id, operation from clinic.booking_history order by id;
call test.violates('truncate clinic.bookings cascade');
-- Any number of times.
select upgrade_clinic();
rollback;
