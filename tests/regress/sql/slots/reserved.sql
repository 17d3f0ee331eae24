-- Windows kept for some types until some time before: two places of a day for urgent cases, until the day before.
\set SHOW_CONTEXT never
set timezone to 'UTC';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set time_zone = 'UTC', booking_horizon_days = 3660, slot_step_minutes = 60;
update clinic.providers set buffer_minutes = 0;
update clinic.appointment_types set name = 'Visit', duration_minutes = 60;
insert into clinic.appointment_types (name, duration_minutes) values ('Urgent', 60), ('Same day', 60);
update clinic.provider_availability set start_time = '08:00', end_time = '16:00';
create function pg_temp.starts(type text, at timestamptz default '2027-04-01') returns text language sql as $$
  select coalesce(string_agg(to_char(slot_start, 'HH24'), ' ' order by slot_start), 'none') from find_slots(type, '2027-04-12', now => at)
$$;

-- 09:00 and 14:00 of Mondays, until the same time of the day before.
insert into clinic.reserved_windows (provider_id, day_of_week, start_time, end_time, release_before) values
  (1, 1, '09:00', '10:00', '1 day'), (1, 1, '14:00', '15:00', '1 day');
-- Without a type one keeps nothing.
select pg_temp.starts('Visit');
insert into clinic.reserved_window_types (reserved_window_id, appointment_type_id) values (1, 2), (2, 2);
select pg_temp.starts('Visit') as visit, pg_temp.starts('Urgent') as urgent;
select pg_temp.starts('Visit', '2027-04-11 08:59') as visit, pg_temp.starts('Urgent', '2027-04-11 08:59') as urgent;
select pg_temp.starts('Visit', '2027-04-11 09:00') as from_nine, pg_temp.starts('Visit', '2027-04-11 14:00') as from_two;
select code, blocking_table, blocking_id, sentence from explain_slots('Visit', slot_start => '2027-04-12 09:00', now => '2027-04-01');
-- What overlaps it is kept, too.
select code, sentence from explain_slots('Visit', slot_start => '2027-04-12 08:30', now => '2027-04-01');
call test.refused($$select book_slot('Visit', 1, 1, '2030-04-15 09:00', 'Ann')$$);
select slot_start from book_slot('Urgent', 1, 1, '2030-04-15 09:00', 'Ann');
select slot_start from book_slot('Visit', 1, 1, '2030-04-15 14:00', 'Bob', override_reason => 'asked by Dr. Adler');
-- A booking moves there only if it is of such a type.
select slot_start from book_slot('Visit', 1, 1, '2030-04-15 10:00', 'Cy');
call test.refused($$select reschedule_booking(3, '2030-04-22 09:00')$$);
select slot_start from reschedule_booking(1, '2030-04-22 09:00');
-- A freed place is for who may have it.
insert into clinic.waitlist (patient_id, patient_name, contact, appointment_type_id, from_date, to_date) values
  ('v', 'Vic', 'v@x', 1, '2030-04-22', '2030-04-22'), ('u', 'Uma', 'u@x', 2, '2030-04-22', '2030-04-22');
update clinic.clinics set backfill_same_type_only = false;
select c ->> 'patient_name' as patient, c ->> 'slot_start' as slot_start from cancel_booking(1), jsonb_array_elements(candidates) c;

-- Hours before, for several types, of each provider; never released.
update clinic.reserved_windows set provider_id = null, release_before = '90 minutes';
insert into clinic.reserved_window_types (reserved_window_id, appointment_type_id) values (1, 3);
select pg_temp.starts('Same day', '2027-04-12 07:00') as same_day, pg_temp.starts('Visit', '2027-04-12 07:00') as visit,
  pg_temp.starts('Visit', '2027-04-12 07:30') as released;
update clinic.reserved_windows set release_before = null;
select pg_temp.starts('Visit', '2027-04-12 13:00');
select code, sentence from explain_slots('Visit', slot_start => '2027-04-12 09:00', now => '2027-04-01');
-- Released before now: kept no more. It opens nothing where nobody is there.
update clinic.reserved_windows set release_before = '366 days';
select pg_temp.starts('Visit');
update clinic.reserved_windows set release_before = null, start_time = '06:00', end_time = '09:00' where id = 1;
select pg_temp.starts('Urgent') as urgent, pg_temp.starts('Visit') as visit;
-- A day's summary.
update clinic.reserved_windows set start_time = '00:00', end_time = '24:00' where id = 1;
select code, sentence from explain_slots('Visit', '2027-04-12', now => '2027-04-01') where slot_start is null;
delete from clinic.waitlist;
delete from clinic.bookings;
-- Over a change of the clocks days are the calendar's.
update clinic.clinics set time_zone = 'Europe/Berlin';
delete from clinic.reserved_windows where id = 2;
update clinic.provider_availability set day_of_week = 7;
update clinic.reserved_windows set day_of_week = 7, start_time = '09:00', end_time = '10:00', release_before = '1 day';
select min(at) as released from generate_series(timestamptz '2027-03-27 06:00', '2027-03-27 10:00', '30 minutes') at
where exists (select from find_slots('Visit', '2027-03-28', now => at) where local_time = '09:00');
update clinic.reserved_windows set release_before = '24 hours';
select min(at) as released from generate_series(timestamptz '2027-03-27 06:00', '2027-03-27 10:00', '30 minutes') at
where exists (select from find_slots('Visit', '2027-03-28', now => at) where local_time = '09:00');

-- What can't be meant.
call test.violates($$update clinic.reserved_windows set release_before = '-1 hour'$$);
call test.violates($$update clinic.reserved_windows set release_before = '1 month'$$);
call test.violates($$update clinic.reserved_windows set release_before = '367 days'$$);
call test.violates('update clinic.reserved_windows set every_weeks = 2');
call test.violates('update clinic.reserved_windows set day_of_week = 0');
call test.violates('insert into clinic.reserved_window_types (reserved_window_id, appointment_type_id) values (1, 9)');
call test.violates('insert into clinic.reserved_window_types (reserved_window_id, appointment_type_id) values (9, 1)');
-- With its last type a window keeps nothing any more.
delete from clinic.appointment_types where id > 1;
select count(*) as slots from find_slots('Visit', '2027-04-11', now => '2027-04-01') where local_time = '09:00';
rollback;
