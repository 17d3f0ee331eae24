-- init_clinic: the first call makes the schema, every call adds a clinic.
\set SHOW_CONTEXT never
set client_min_messages to warning;
begin;
drop schema clinic cascade;
select init_clinic('Downtown Clinic', 'Europe/Berlin');
select init_clinic('Uptown Clinic', 'America/New_York');
-- UTC is the one zone without a slash that is one.
select init_clinic('Third Clinic', 'UTC');
select id, name, time_zone, slot_step_minutes, slot_alignment, minimum_notice_minutes, booking_horizon_days from clinic.clinics order by id;
select version, installed_by = session_user as by_session_user, installed_at = now() as now from clinic.schema_version;
-- There is nothing to upgrade yet, however often it is called.
select upgrade_clinic(), upgrade_clinic();

-- Refused: NULL, blank or taken names, and time zones that aren't in the tz database or don't follow it.
call test.refused($$select init_clinic(null, 'Europe/Berlin')$$);
call test.refused($$select init_clinic('Fourth Clinic', null)$$);
call test.violates($$select init_clinic('', 'Europe/Berlin')$$);
call test.violates($$select init_clinic('   ', 'Europe/Berlin')$$);
call test.violates($$select init_clinic('Downtown Clinic', 'Europe/Berlin')$$);
call test.refused($$select init_clinic('Fourth Clinic', 'Mars/Olympus')$$);
call test.violates($$select init_clinic('Fourth Clinic', 'CEST')$$);
call test.violates($$select init_clinic('Fourth Clinic', 'GMT')$$);
call test.violates($$select init_clinic('Fourth Clinic', '+02')$$);
call test.violates($$select init_clinic('Fourth Clinic', '')$$);
call test.violates($$select init_clinic('Fourth Clinic', ' Europe/Berlin')$$);
call test.violates($$select init_clinic('Fourth Clinic', 'Mars/Olympus5')$$);
call test.violates($$select init_clinic('Fourth Clinic', 'CET-1CEST,M3.5.0/2,M10.5.0/3')$$);
call test.violates($$select init_clinic('Fourth Clinic', '../../etc/passwd')$$);
select count(*) from clinic.clinics;

-- A role that isn't superuser can have the tables of its own: it needs to be able to make a schema.
drop schema clinic cascade;
create role test_owner;
set local role test_owner;
call test.refused($$select init_clinic('Downtown Clinic', 'Europe/Berlin')$$);
reset role;
grant create on database :"DBNAME" to test_owner;
set local role test_owner;
select init_clinic('Downtown Clinic', 'Europe/Berlin');
select nspowner::regrole from pg_namespace where nspname = 'clinic';
insert into clinic.providers (name) values ('Adler');
insert into clinic.rooms (name, room_type) values ('Room 1', 'exam');
insert into clinic.appointment_types (name, duration_minutes) values ('Checkup', 30);
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'A', '[2026-04-13 09:00,)');
select count(*) from clinic.booking_history;
rollback;
