-- A word that no list of ours has, in a column whose CHECK was dropped, is an error that names table, column and word.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'A', '[2035-04-16 09:00,)');

savepoint ready;
alter table clinic.clinics drop constraint clinics_slot_alignment;
update clinic.clinics set slot_alignment = 'widow';
call test.refused($$select from find_slots('Checkup', '2035-04-16')$$);
call test.refused($$select from book_slot('Checkup', 1, 1, '2035-04-16 10:00', 'B')$$);
rollback to ready;

-- With its CHECK the table refuses an unknown status itself; without it our trigger refuses whatever takes a place.
call test.violates($$update clinic.bookings set status = 'canceled'$$);
savepoint ready;
alter table clinic.bookings drop constraint bookings_status;
call test.refused($$update clinic.bookings set status = 'canceled'$$);
call test.refused($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status)
  values (1, 1, 1, 'B', '[2035-04-16 10:00,)', 'canceled')$$);
-- Nor is it content with a CHECK that isn't valid, or says something else.
alter table clinic.bookings add constraint bookings_status check (status <> '') not valid;
call test.refused($$update clinic.bookings set patient_name = 'B'$$);
rollback to ready;
-- An unknown status that is there already, because the trigger was off, is known to the functions, and can be corrected.
create temp table status_check as select pg_get_constraintdef(oid) as definition from pg_constraint where conname = 'bookings_status';
alter table clinic.bookings drop constraint bookings_status;
alter table clinic.bookings disable trigger user;
update clinic.bookings set status = 'canceled', day_seat = null, day_capacity = null;
alter table clinic.bookings enable trigger user;
select format('alter table clinic.bookings add constraint bookings_status %s not valid', definition) from status_check \gexec
call test.refused($$update clinic.bookings set patient_name = 'B'$$);
update pg_constraint set convalidated = true where conname = 'bookings_status';
alter table clinic.bookings alter patient_name set statistics 100;
call test.refused('select cancel_booking(1)');
call test.refused('select check_in_booking(1)');
call test.refused($$select reschedule_booking(1, '2035-04-16 10:00')$$);
update clinic.bookings set status = 'booked';
select status from check_in_booking(1);
rollback;
