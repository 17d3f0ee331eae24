-- clinic.provider_types says who does what, and how long it takes each.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
insert into clinic.providers (name, buffer_minutes) values ('Berg', 0), ('Cramer', 0);
update clinic.providers set buffer_minutes = 0;
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time)
  values (2, 1, '09:00', '12:00'), (3, 1, '09:00', '12:00');
insert into clinic.appointment_types (name, duration_minutes) values ('Cardiac echo', 60);
update clinic.clinics set slot_step_minutes = 30;
create temp view offered as select provider_name, test.times(array_agg(slot_start)), min(slot_end - slot_start) as length
  from find_slots('Cardiac echo', '2026-04-13', now => '2026-04-01') group by 1 order by 1;

-- A type without a row is done by everybody.
select * from offered;
-- Once it has one, only by those listed and enabled; other types stay with everybody.
insert into clinic.provider_types (appointment_type_id, provider_id, enabled) values (2, 1, true), (2, 3, false);
select * from offered;
select provider_name, count(*) from find_slots('Checkup', '2026-04-13', now => '2026-04-01') group by 1 order by 1;
-- A provider's own length: so many minutes with this one, whatever the type says.
update clinic.provider_types set duration_minutes = 90, enabled = true where provider_id = 3;
select * from offered;
-- A length that is asked for counts with everybody.
select provider_name, min(slot_end - slot_start) as length
  from find_slots('Cardiac echo', '2026-04-13', duration_minutes => 45, now => '2026-04-01') group by 1 order by 1;

-- Why not: a start, and the whole day.
select code, sentence from explain_slots('Cardiac echo', slot_start => '2026-04-13 10:00', provider_id => 2, room_id => 1, now => '2026-04-01');
select code, sentence from explain_slots('Cardiac echo', '2026-04-13', provider_id => 2, room_id => 1, now => '2026-04-01')
  where slot_start is null;
select code, sentence from explain_slots('Cardiac echo', slot_start => '2026-04-13 11:00', provider_id => 3, room_id => 1, now => '2026-04-01');

-- The next ones, a series, and any provider: only those who do it.
select provider_name, slot_start, slot_end from next_available('Cardiac echo', '2026-04-13', max_results => 3, now => '2026-04-01');
select nth, provider_name, slot_start, slot_end from find_series('Cardiac echo', 2, from_date => '2026-04-13', now => '2026-04-01') where choice = 1;
select count(*) from find_series('Cardiac echo', 2, from_date => '2026-04-13', provider_id => 2, now => '2026-04-01');

-- Booked: the end is the provider's, by function and by plain INSERT. Refused with the code, unless overridden.
update clinic.clinics set booking_horizon_days = 3660;
call test.refused($$ select book_slot('Cardiac echo', 2, 1, '2029-04-16 10:00', 'Ann') $$);
select booking_id, provider_id, slot_start, slot_end from book_slot('Cardiac echo', 1, 1, '2029-04-16 09:00', 'Ann');
select booking_id, provider_id, slot_start, slot_end from book_slot('Cardiac echo', null, null, '2029-04-16 10:00', 'Ben');
select booking_id, provider_id, slot_start, slot_end from book_slot('Cardiac echo', null, null, '2029-04-16 10:00', 'Cleo');
call test.refused($$ select book_slot('Cardiac echo', null, null, '2029-04-16 10:00', 'Dan') $$);
select booking_id, provider_id, slot_start, slot_end
  from book_slot('Cardiac echo', 2, 1, '2029-04-16 11:00', 'Dan', override_reason => 'Dr. Adler is ill');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (3, 2, 2, 'Eve', '[2029-04-23 09:00,)') returning id, slot_start, slot_end;

-- What is booked keeps its length wherever it goes; it goes to nobody who doesn't do it.
update clinic.provider_types set duration_minutes = 120 where provider_id = 3;
select booking_id, provider_id, slot_start, slot_end from reschedule_booking(5, '2029-04-23 09:30');
select booking_id, provider_id, slot_start, slot_end from reschedule_booking(5, '2029-04-23 09:30', provider_id => 1);
call test.refused($$ select reschedule_booking(5, '2029-04-23 09:30', provider_id => 2) $$);
select provider_name, count(*) from find_slots(booking_id => 5, from_date => '2029-04-23', now => '2026-04-01') group by 1 order by 1;
-- Who may not do it any more keeps what is booked, and can move it in time.
update clinic.provider_types set enabled = false where provider_id = 1;
select booking_id, provider_id, slot_start from reschedule_booking(5, '2029-04-23 10:00');
call test.refused($$ select reschedule_booking(5, '2029-04-30 10:00') $$);

-- Backfill: whoever waits for an echo isn't called for the time of one who does none.
select join_waitlist('Cardiac echo', 'Finn', '2029-04-30', '2029-04-30', patient_id => 'finn') as waitlist_id;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (2, 1, 2, 'Gus', '[2029-04-30 09:00,2029-04-30 12:00)'), (3, 2, 2, 'Hal', '[2029-04-30 09:00,2029-04-30 12:00)');
select booking_id, candidate_count from cancel_booking(6, 'ill');
select booking_id, candidate_count, candidates->0->>'slot_start' as slot_start, candidates->0->>'slot_end' as slot_end
  from cancel_booking(7, 'ill');

-- Bad input changes nothing. A provider can't be deleted who would leave the type to everybody.
call test.violates($$ insert into clinic.provider_types (appointment_type_id, provider_id) values (2, 1) $$);
call test.violates($$ insert into clinic.provider_types (appointment_type_id, provider_id) values (2, 9) $$);
call test.violates($$ insert into clinic.provider_types (appointment_type_id, provider_id) values (9, 1) $$);
call test.violates($$ update clinic.provider_types set duration_minutes = 0 $$);
call test.violates($$ update clinic.provider_types set duration_minutes = 1441 $$);
insert into clinic.providers (name) values ('Dorn');
insert into clinic.provider_types (appointment_type_id, provider_id) values (1, 4);
call test.violates($$ delete from clinic.providers where id = 4 $$);
rollback;
