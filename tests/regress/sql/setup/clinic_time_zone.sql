-- A clinic's time zone stays once it has bookings: their local dates, seats and caps were made in it.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

update clinic.clinics set time_zone = 'Europe/Paris';
update clinic.clinics set time_zone = 'Europe/Berlin';
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'A', '[2026-04-13 09:00,)');
call test.refused($$update clinic.clinics set time_zone = 'America/New_York'$$);
-- Everything else of it may change; the same zone again is no change; another clinic is free.
update clinic.clinics set time_zone = 'Europe/Berlin', name = 'Renamed', slot_step_minutes = 10;
insert into clinic.clinics (name, time_zone) values ('Other', 'UTC');
update clinic.clinics set time_zone = 'America/New_York' where id = 2;
-- A cancelled booking has a local date as well. Without any the zone is free again.
update clinic.bookings set status = 'cancelled';
call test.violates($$update clinic.clinics set time_zone = 'America/New_York' where id = 1$$);
delete from clinic.bookings;
update clinic.clinics set time_zone = 'America/New_York' where id = 1;
-- For an admin, too, who can't read or write anything else.
set local pg_clinic.clinic_id = 1;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'A', '[2026-04-13 09:00,)');
create role test_setter;
grant usage on schema clinic to test_setter;
grant select (id), update (time_zone) on clinic.clinics to test_setter;
set local role test_setter;
call test.violates($$update clinic.clinics set time_zone = 'UTC' where id = 1$$);
rollback;
