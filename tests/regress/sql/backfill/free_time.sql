-- Candidates for the whole free time around a freed place: not only at its start, nor only of its length.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660, slot_step_minutes = 30, backfill_same_type_only = false;
update clinic.providers set buffer_minutes = 0;
insert into clinic.appointment_types (name, duration_minutes) values ('Long', 60);
insert into clinic.bookings (id, provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values
  (101, 1, 1, 2, 'L', 'Lou', '[2035-04-16 10:00,)'), (102, 1, 1, 1, 'S', 'Sam', '[2035-04-16 11:30,)'), (103, 1, 1, 1, 'N', 'Nick', '[2035-04-16 09:00,)');
select join_waitlist('Checkup', 'Ann', '2035-04-16', '2035-04-16', patient_id => 'A', priority => 3),
  join_waitlist('Checkup', 'Bob', '2035-04-16', '2035-04-16', patient_id => 'B', priority => 2),
  join_waitlist('Checkup', 'Cy', '2035-04-16', '2035-04-16', patient_id => 'C', priority => 1, earliest_time => '10:15'),
  join_waitlist('Long', 'Dan', '2035-04-16', '2035-04-16', patient_id => 'D') \g /dev/null
create function pg_temp.who(candidates jsonb) returns text language sql as $$
  select string_agg(format('%s %s-%s', c ->> 'patient_name', to_char((c ->> 'slot_start')::timestamptz, 'HH24:MI'), to_char((c ->> 'slot_end')::timestamptz, 'HH24:MI')), ', ' order by nth)
  from jsonb_array_elements(candidates) with ordinality x (c, nth)
$$;
create function pg_temp.found(booking bigint) returns text language sql as $$
  select string_agg(format('%s %s-%s', patient_name, to_char(slot_start, 'HH24:MI'), to_char(slot_end, 'HH24:MI')), ', ') from find_backfill(booking)
$$;
savepoint ready;
-- A freed hour: three at its start, one who can't come before a quarter past.
select pg_temp.who(candidates) from cancel_booking(101);
-- After its first half was taken the second is still there, and is offered to the next.
select offer_id as ann from offer_backfill(101, 1) \gset
select patient_name, slot_start, slot_end from accept_offer(:ann);
select pg_temp.found(101);
select patient_name, slot_start, slot_end from offer_backfill(101, 9);
select patient_name, slot_start from accept_offer((select max(id) from clinic.offers where patient_name = 'Bob'));
select patient_name, status, withdrawn_reason from clinic.offers order by id;
select patient_name, slot_start from offer_backfill(101, 9);
rollback to ready;
-- A freed half hour with a free one before it: an hour is to be had.
select pg_temp.who(candidates) from cancel_booking(102);
-- With a free one after it, too; what the freed one isn't needed for isn't meant. Free time elsewhere on the day isn't either.
update clinic.bookings set status = 'cancelled' where id = 103;
select pg_temp.found(103);
update clinic.waitlist set earliest_time = '09:45';
select pg_temp.found(103);
rollback to ready;
-- A booking that moves keeps its length and isn't in its own way: half an hour earlier, over itself.
select join_waitlist('Checkup', booking_id => 102, priority => 9) \g /dev/null
update clinic.bookings set during = '[2035-04-16 11:20, 2035-04-16 12:00)' where id = 102;
update clinic.bookings set status = 'cancelled' where id = 101;
select pg_temp.found(101);
rollback to ready;
-- What comes into the place but begins before it is on another date: a night. The nearest acceptable date counts.
insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time) values (1, '2035-04-17', '22:00', '24:00'), (1, '2035-04-18', '00:00', '03:00');
insert into clinic.bookings (id, provider_id, room_id, appointment_type_id, patient_name, during) values (104, 1, 1, 2, 'Ned', '[2035-04-18 00:00,)');
select join_waitlist('Long', 'Eve', '2035-04-18', '2035-04-18'), join_waitlist('Long', 'Fay', '2035-04-17', '2035-04-17'),
  join_waitlist('Long', 'Gus', '2035-04-17', '2035-04-17', latest_time => '23:00'),
  join_waitlist('Checkup', 'Owl', '2035-04-17', '2035-04-18', earliest_time => '22:00', latest_time => '02:00'),
  join_waitlist('Checkup', 'Lark', '2035-04-17', '2035-04-18', earliest_time => '02:30', latest_time => '22:00') \g /dev/null
delete from clinic.waitlist where id <= 4;
select patient_name, slot_start, distance_days from find_backfill(104);
rollback to ready;
-- What is under way: the rest, from the next start on.
insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time)
  select 1, (now() at time zone 'Europe/Berlin')::date + n, '00:00', '24:00' from generate_series(-1, 1) n;
insert into clinic.bookings (id, provider_id, room_id, appointment_type_id, patient_name, during)
  values (105, 1, 1, 1, 'Now', tstzrange(date_trunc('hour', now()) - interval '1 hour', date_trunc('hour', now()) + interval '3 hours'));
update clinic.waitlist set from_date = '2020-01-01', earliest_time = null;
update clinic.bookings set status = 'noshow' where id = 105;
select bool_and(slot_start >= now() and extract(minute from slot_start) in (0, 30)) as on_grid, count(*) from find_backfill(provider_id => 1, room_id => 1, slot_start => now(), slot_end => date_trunc('hour', now()) + interval '3 hours');
rollback;
