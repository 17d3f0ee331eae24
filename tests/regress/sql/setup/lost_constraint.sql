-- A restore that lost a constraint, with rows that collide since: what ends it, by functions and by raw SQL.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
set client_min_messages to warning;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
select from join_waitlist('Checkup', 'Dora', '2035-04-16', '2035-04-20', 'p4');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values
  (1, 1, 1, 'Ann', '[2035-04-16 09:00,)'), (1, 2, 1, 'Ben', '[2035-04-16 10:00,)'), (1, 1, 1, 'Cem', '[2035-04-16 11:00,)');
alter table clinic.bookings drop constraint bookings_provider;
-- They come by a way that judges nothing.
alter table clinic.bookings disable trigger user;
update clinic.bookings set during = '[2035-04-16 09:00,2035-04-16 09:30)', provider_busy = '[2035-04-16 09:00,2035-04-16 09:30)',
  room_busy = '[2035-04-16 09:00,2035-04-16 09:30)' where id = 2;
alter table clinic.bookings enable trigger user;

call test.refused($$select from find_slots('Checkup', '2035-04-16')$$);
call test.refused($$select from book_slot('Checkup', 1, 1, '2035-04-16 15:00', 'Eve')$$);
call test.refused($$select from reschedule_booking(2, '2035-04-16 10:00', override_reason => 'they collide')$$);
call test.refused('select upgrade_clinic()');
savepoint colliding;
-- What frees time goes, each way: none finds anybody for the place before all is well again.
select status, candidates from cancel_booking(2);
rollback to colliding;
update clinic.bookings set status = 'cancelled' where id = 2 returning status;
rollback to colliding;
delete from clinic.bookings where id = 2 returning id;
rollback to colliding;
select status, candidates from cancel_booking(2);
select upgrade_clinic();
select count(*) > 0 as finds from find_slots('Checkup', '2035-04-16');
select status from book_slot('Checkup', 1, 1, '2035-04-16 10:00', 'Eve');
call test.refused($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 2, 1, 'Fay', '[2035-04-16 10:00,)')$$);
rollback;
