-- The extension in a schema of the user's choice, also one with a name that must be quoted.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
set client_min_messages to warning;
begin;
drop schema clinic cascade;
drop extension pg_clinic;
create schema "Clinic functions; drop table";
create extension pg_clinic schema "Clinic functions; drop table";
select nspname from pg_extension join pg_namespace on pg_namespace.oid = extnamespace where extname = 'pg_clinic';
-- Called by its full name; public isn't needed.
select "Clinic functions; drop table".init_clinic('Downtown Clinic', 'Europe/Berlin');
set local search_path to pg_catalog;
insert into clinic.providers (name) values ('Adler');
insert into clinic.rooms (name, room_type) values ('Room 1', 'exam');
insert into clinic.appointment_types (name, duration_minutes) values ('Checkup', 30);
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (1, 1, '09:00', '10:00');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'A', '[2026-04-13 09:00,)');
select slot_start from "Clinic functions; drop table".find_slots('Checkup', date '2026-04-20', now => '2026-04-01');
select status from "Clinic functions; drop table".cancel_booking(1);
select operation from clinic.booking_history order by id;
-- The default and the triggers point there.
select distinct pg_get_expr(adbin, adrelid) from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
where attname = 'clinic_id' and adrelid in (select oid from pg_class where relnamespace = 'clinic'::regnamespace);
select tgname, tgfoid::regproc from pg_trigger where tgrelid = 'clinic.bookings'::regclass and not tgisinternal order by 1;
-- A role with access may call the functions.
create role test_finder;
select "Clinic functions; drop table".grant_clinic_access('test_finder', 'finder');
set local role test_finder;
select count(*) from "Clinic functions; drop table".find_slots('Checkup', date '2026-04-20', now => '2026-04-01');
reset role;
-- It stays where it was put.
call test.violates('alter extension pg_clinic set schema public');
rollback;
