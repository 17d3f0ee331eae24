-- Limits of bookings: per provider, patient or clinic; in a day, week, month, or of upcoming ones; in bookings or minutes.
\set SHOW_CONTEXT never
\set VERBOSITY default
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.providers (name) values ('Berg');
update clinic.providers set buffer_minutes = 0;
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time)
  select p, d, '09:00', '11:00' from generate_series(1, 2) p, generate_series(2, 5) d;
insert into clinic.appointment_types (name, duration_minutes) values ('Physio', 30), ('Talk', 60);
create function pg_temp.days(type text, patient text, at timestamptz default '2035-04-01') returns text language sql as $$
  select string_agg(distinct local_date::text, ' ' order by local_date::text)
  from find_slots(type, '2035-04-17', '2035-04-27', patient_id => patient, now => at)
$$;
create function pg_temp.try(sql text) returns text language plpgsql as $$
declare
  name text; detail text; state text;
begin
  execute sql;
  return 'done';
exception when others then
  get stacked diagnostics state = returned_sqlstate, name = constraint_name, detail = pg_exception_detail;
  return state || ' ' || name || ': ' || detail;
end $$;
create function pg_temp.insert(provider int, type int, patient text, start timestamptz) returns text language sql as $$
  select pg_temp.try(format('insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during)
    values (%s, %s, %s, %L, %L, tstzrange(%L, null))', provider, provider, type, patient, coalesce(patient, 'x'), start))
$$;

-- A patient: two Physio a week.
insert into clinic.booking_limits (appointment_type_id, per, period, max_bookings) values (2, 'patient', 'week', 2);
select pg_temp.insert(1, 2, 'ann', '2035-04-17 09:00'), pg_temp.insert(2, 2, 'ann', '2035-04-18 09:00');
select pg_temp.days('Physio', 'ann') as ann, pg_temp.days('Physio', 'bob') as bob, pg_temp.days('Talk', 'ann') as other_type;
select code, sentence, blocking_table, blocking_id from explain_slots('Physio', slot_start => '2035-04-19 09:00', provider_id => 1, room_id => 1, patient_id => 'ann', now => '2035-04-01');
-- No patient, no patient's limit.
select pg_temp.days('Physio', null) as anybody;
select pg_temp.try($$select from book_slot('Physio', 1, 1, '2035-04-19 09:00', 'Ann', patient_id => 'ann')$$);
select pg_temp.insert(1, 2, 'ann', '2035-04-19 09:00');
select pg_temp.insert(1, 2, 'ann', '2035-04-24 09:00') as next_week, pg_temp.insert(1, 2, null, '2035-04-19 10:00') as nobody;
-- In the week it can move; into it it can't.
select pg_temp.try($$update clinic.bookings set during = '[2035-04-20 09:00,2035-04-20 09:30)' where patient_id = 'ann' and local_date = '2035-04-18'$$) as in_the_week;
select pg_temp.try($$update clinic.bookings set during = '[2035-04-20 10:00,2035-04-20 10:30)' where patient_id = 'ann' and local_date = '2035-04-24'$$) as into_the_week;
select id as later from clinic.bookings where local_date = '2035-04-24' \gset
select string_agg(distinct local_date::text, ' ') from find_slots(from_date => '2035-04-17', to_date => '2035-04-27', booking_id => :later, now => '2035-04-01');
-- A cancelled one gives its place back; an override goes beyond.
update clinic.bookings set status = 'cancelled' where patient_id = 'ann' and local_date = '2035-04-17';
select pg_temp.insert(1, 2, 'ann', '2035-04-19 09:00') as after_cancelling, pg_temp.insert(1, 2, 'ann', '2035-04-18 10:00') as and_one_more;
select status from book_slot('Physio', 2, 2, '2035-04-18 10:00', 'Ann', patient_id => 'ann', override_reason => 'pain');
select limit_id, subject, starts_on, used, capacity from clinic.booking_limit_use order by 1, 2, 3;
-- Another patient's booking doesn't become hers.
select pg_temp.insert(2, 2, 'bob', '2035-04-19 10:30');
select pg_temp.try($$update clinic.bookings set patient_id = 'ann' where patient_id = 'bob'$$);

-- A limit that is lowered below what is booked: what is there stays, and can change in its place; nothing is added.
update clinic.booking_limits set max_bookings = 1;
select pg_temp.try($$update clinic.bookings set room_id = 2 where id = (select min(id) from clinic.bookings where patient_id = 'ann' and status = 'booked' and room_id = 1)$$);
select pg_temp.days('Physio', 'ann');
delete from clinic.bookings;
delete from clinic.booking_limits;

-- A provider: 60 minutes a day, whatever the type. Every row of a statement counts.
insert into clinic.booking_limits (per, period, max_minutes) values ('provider', 'day', 60) returning id as minutes \gset
select test.times(array_agg(distinct slot_start)) from find_slots('Talk', '2035-04-17', now => '2035-04-01', provider_id => 1);
select pg_temp.insert(1, 2, 'a', '2035-04-17 09:00');
select provider_name, count(*) from find_slots('Talk', '2035-04-17', now => '2035-04-01') group by 1 order by 1;
select provider_name, count(*) from find_slots('Physio', '2035-04-17', now => '2035-04-01') group by 1 order by 1;
select sentence from explain_slots('Talk', slot_start => '2035-04-17 10:00', provider_id => 1, room_id => 1, now => '2035-04-01');
select pg_temp.try($$insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  select 2, 2, 2, 'x', tstzrange(s, null) from generate_series(timestamptz '2035-04-17 09:00', '2035-04-17 10:00', '30 minutes') s$$);
select pg_temp.try($$update clinic.bookings set during = '[2035-04-17 09:00,2035-04-17 10:30)'$$) as longer;
select pg_temp.try($$update clinic.bookings set provider_id = 2, room_id = 2$$) as to_another;
delete from clinic.bookings;
delete from clinic.booking_limits;

-- The clinic: one upcoming Talk with Berg. One that is over doesn't count.
insert into clinic.booking_limits (provider_id, appointment_type_id, per, period, max_bookings) values (2, 3, 'clinic', 'upcoming', 1);
select pg_temp.insert(2, 3, 'a', now() - interval '3 days') as over, pg_temp.insert(2, 3, 'b', now() + interval '3 days') as first;
select pg_temp.insert(1, 3, 'c', now() + interval '4 days') as another_provider;
select left(pg_temp.insert(2, 3, 'd', now() + interval '5 days'), 29) as second;
delete from clinic.bookings;
delete from clinic.booking_limits;

-- All that apply hold: the month's, though the week has room.
insert into clinic.booking_limits (per, period, max_bookings) values ('clinic', 'week', 2), ('patient', 'month', 1);
select pg_temp.insert(1, 2, 'ann', '2035-04-17 09:00');
select pg_temp.days('Physio', 'ann') as ann, pg_temp.days('Physio', 'bob') as bob;
update clinic.booking_limits set enabled = false where per = 'patient';
select pg_temp.days('Physio', 'ann') as ann;
rollback;

-- Bad input.
begin;
call test.clinic();
\set ON_ERROR_ROLLBACK on
\set VERBOSITY terse
insert into clinic.booking_limits (per, period, max_bookings) values ('patient', 'week', 0);
insert into clinic.booking_limits (per, period) values ('patient', 'week');
insert into clinic.booking_limits (per, period, max_bookings, max_minutes) values ('patient', 'week', 1, 1);
insert into clinic.booking_limits (per, period, max_bookings) values ('family', 'week', 1);
insert into clinic.booking_limits (per, period, max_bookings) values ('patient', 'year', 1);
insert into clinic.booking_limits (provider_id, per, period, max_bookings) values (99, 'provider', 'day', 1);
rollback;
