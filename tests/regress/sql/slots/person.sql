-- providers.person_id: one person who is several providers, in one clinic or in several, is never in two places at one time.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
select init_clinic('Branch', 'Europe/London') as branch \gset
insert into clinic.providers (clinic_id, name, buffer_minutes, person_id) values (:branch, 'Dr. Adler', 5, 'adler'), (:branch, 'Other', 0, null);
insert into clinic.rooms (clinic_id, name, room_type) values (:branch, 'B1', 'exam'), (:branch, 'B2', 'exam');
insert into clinic.appointment_types (clinic_id, name, duration_minutes) values (:branch, 'Visit', 30);
insert into clinic.provider_availability (clinic_id, provider_id, day_of_week, start_time, end_time)
select clinic_id, id, 1, '08:00', '11:00' from clinic.providers where clinic_id = :branch;
select id, name from clinic.providers where clinic_id = :branch order by id;
update clinic.clinics set booking_horizon_days = 3660;
set pg_clinic.clinic_id = 1;
update clinic.providers set person_id = 'adler', buffer_minutes = 10 where id = 1;
create procedure pg_temp.raw(clinic bigint, provider bigint, room bigint, type bigint, start timestamptz, overbooked boolean default false)
language sql as $$
  insert into clinic.bookings (clinic_id, provider_id, room_id, appointment_type_id, during, patient_name, is_overbooked)
  values (clinic, provider, room, type, tstzrange(start, null), 'Ada', overbooked)
$$;

-- In clinic 1 she is booked from 09:30 to 10:00 Berlin, and busy until 10:10.
select booking_id, slot_start from book_slot('Checkup', 1, 1, '2035-04-16 09:30', 'Ada');
select person_id from clinic.bookings;

-- In the branch that time isn't offered, with the buffer of either.
select slot_start, slot_end from find_slots('Visit', '2035-04-16', '2035-04-16', provider_id => 2, clinic_id => :branch)
order by slot_start limit 4;
select slot_start, code, sentence from explain_slots('Visit', '2035-04-16', provider_id => 2, clinic_id => :branch)
where slot_start is not null order by slot_start limit 4;
select slot_start from next_available('Visit', now => '2035-04-16 09:00', provider_id => 2, clinic_id => :branch);
call test.violates($$select book_slot('Visit', 2, 2, '2035-04-16 09:30', 'Bob', clinic_id => 2)$$);
call test.violates($$call pg_temp.raw(2, 2, 2, 2, '2035-04-16 09:15')$$);
call test.violates($$call pg_temp.raw(2, 2, 2, 2, '2035-04-16 10:05')$$);
insert into clinic.overbooking_rules (clinic_id, max_overbook) values (2, 1);
call test.violates($$call pg_temp.raw(2, 2, 2, 2, '2035-04-16 09:30', true)$$);
call test.violates($$select book_slot('Visit', 2, 2, '2035-04-16 09:30', 'Bob', clinic_id => 2, override_reason => 'must be')$$);
-- What is said has nothing of the other clinic's booking.
\set VERBOSITY default
savepoint s;
select book_slot('Visit', 2, 2, '2035-04-16 09:30', 'Bob', clinic_id => 2);
rollback to s;
-- Another provider of the branch has that time, and she has the time after.
call pg_temp.raw(2, 3, 3, 2, '2035-04-16 09:30');
select booking_id, slot_start from book_slot('Visit', 2, 2, '2035-04-16 10:15', 'Bob', clinic_id => 2);

-- Moved there and back: the time elsewhere stands in its way, its own doesn't.
call test.violates($$select reschedule_booking(1, '2035-04-16 10:15')$$);
select slot_start from reschedule_booking(1, '2035-04-16 09:35');
select count(*) from find_slots(booking_id => 1) where slot_start = '2035-04-16 10:15';
-- A cancelled booking gives her time back everywhere.
select status from cancel_booking(1);
call pg_temp.raw(2, 2, 2, 2, '2035-04-16 09:10');
call test.violates($$select reopen_booking(1)$$);

-- A hold keeps her time in both, and one that ran out in neither.
savepoint holds;
select booking_id from hold_slot('Checkup', 1, 1, '2035-04-16 11:00', 'Cy');
call test.violates($$call pg_temp.raw(2, 2, 2, 2, '2035-04-16 11:00')$$);
update clinic.bookings set hold_expires_at = now() - interval '1 minute' where status = 'pending';
call pg_temp.raw(2, 2, 2, 2, '2035-04-16 11:00');
select status, cancellation_reason from clinic.bookings where clinic_id = 1 and slot_start = '2035-04-16 11:00';
rollback to holds;

-- Whoever says otherwise: the person is the provider's.
update clinic.bookings set person_id = 'nobody' where clinic_id = 2;
insert into clinic.bookings (clinic_id, provider_id, room_id, appointment_type_id, during, patient_name, person_id)
values (1, 1, 1, 1, '[2035-04-23 09:00,)', 'Dee', 'nobody');
select clinic_id, provider_id, person_id from clinic.bookings order by id;

-- Another provider turns out to be her: her bookings that aren't over follow, unless they collide with others.
call test.violates($$update clinic.providers set person_id = 'adler' where id = 3$$);
update clinic.bookings set status = 'cancelled' where provider_id = 3;
call pg_temp.raw(2, 3, 3, 2, '2035-04-30 09:00');
update clinic.providers set person_id = 'adler' where id = 3;
select provider_id, person_id, count(*) from clinic.bookings where status = 'booked' group by 1, 2 order by 1;
call test.violates($$call pg_temp.raw(1, 1, 1, 1, '2035-04-30 09:15')$$);
-- Twice in one clinic.
call test.violates($$call pg_temp.raw(2, 2, 2, 2, '2035-04-30 09:15')$$);
update clinic.providers set person_id = null where id = 3;
select provider_id, person_id, count(*) from clinic.bookings where status = 'booked' group by 1, 2 order by 1;
call pg_temp.raw(1, 1, 1, 1, '2035-04-30 09:15');
call test.violates($$update clinic.providers set person_id = ' ' where id = 3$$);
rollback;
