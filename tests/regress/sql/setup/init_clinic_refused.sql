-- init_clinic and upgrade_clinic touch no schema clinic that isn't ours, or not ours alone.
\set SHOW_CONTEXT never
set client_min_messages to warning;
-- Some other app's.
begin;
drop schema clinic cascade;
create schema clinic;
create table clinic.clinics (id int);
call test.refused($$select init_clinic('Downtown Clinic', 'Europe/Berlin')$$);
call test.refused('select upgrade_clinic()');
-- Even one with a table of that name that is no version table.
create table clinic.schema_version (v text);
call test.refused($$select init_clinic('Downtown Clinic', 'Europe/Berlin')$$);
drop table clinic.schema_version;
create table clinic.schema_version (version int);
call test.refused($$select init_clinic('Downtown Clinic', 'Europe/Berlin')$$);
rollback;
-- Somebody else's: the whole schema, or one table in it. A superuser writing there would run the owner's triggers.
begin;
create role test_mallory;
alter schema clinic owner to test_mallory;
call test.refused($$select init_clinic('Downtown Clinic', 'Europe/Berlin')$$);
call test.refused('select upgrade_clinic()');
set local role test_mallory;
call test.violates($$select init_clinic('Downtown Clinic', 'Europe/Berlin')$$);
rollback;
begin;
create role test_mallory;
alter table clinic.clinics owner to test_mallory;
call test.refused($$select init_clinic('Downtown Clinic', 'Europe/Berlin')$$);
call test.refused('select upgrade_clinic()');
rollback;
-- Tables of another version.
begin;
update clinic.schema_version set version = 99;
call test.refused($$select init_clinic('Downtown Clinic', 'Europe/Berlin')$$);
call test.refused('select upgrade_clinic()');
rollback;
-- No tables: every function says so.
begin;
drop schema clinic cascade;
call test.refused('select current_clinic()');
call test.refused('select upgrade_clinic()');
call test.refused($$select from find_slots('Checkup')$$);
call test.violates('select from find_slots(appointment_type_id => 1)');
call test.violates($$select from next_available('Checkup')$$);
call test.violates($$select from explain_slots('Checkup')$$);
call test.violates($$select book_slot('Checkup', 1, 1, '2035-04-16 09:00', 'A')$$);
call test.violates($$select hold_slot('Checkup', 1, 1, '2035-04-16 09:00', 'A')$$);
call test.violates('select confirm_hold(1)');
call test.violates('select cancel_booking(1)');
call test.violates($$select reschedule_booking(1, '2035-04-16 09:00')$$);
call test.violates('select check_in_booking(1)');
call test.violates('select complete_booking(1)');
call test.violates($$select grant_clinic_access('pg_monitor', 'reader')$$);
-- And works as soon as they are there, in the same session.
select init_clinic('Downtown Clinic', 'Europe/Berlin');
select current_clinic();
rollback;
