-- The shipped trigger on cancel: the event of a cancellation says who could take the place.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values
  (1, 1, 1, 'p1', 'Ann', '[2035-04-16 09:00,)'), (1, 1, 1, 'p2', 'Ben', '[2035-04-16 10:00,)'), (1, 1, 1, 'p3', 'Cem', '[2035-04-16 11:00,)');
select join_waitlist('Checkup', 'Dora Dor', '2035-04-16', '2035-04-20', 'p4', 'tel. 4', priority => 2);
select join_waitlist('Checkup', booking_id => 3, priority => 1);
create temp view announced as select id, booking_id, kind, payload -> 'backfill' as backfill from clinic.events order by id;
savepoint ready;

-- By function and by plain SQL, which here frees two places at once: either patient could take the other's.
select distinct status from cancel_booking(1);
select * from announced;
update clinic.bookings set status = 'cancelled' where id in (2, 3);
select * from announced where id > 4;
-- No name, no contact, no key of a patient.
select count(*) from clinic.events where payload::text ~ 'Dora|Cem|tel|"p[0-9]"';
rollback to ready;

-- Nobody fits: nothing is said.
update clinic.waitlist set status = 'left';
update clinic.bookings set status = 'cancelled' where id = 1;
select * from announced where kind = 'cancelled';
rollback to ready;
-- At most ten.
insert into clinic.waitlist (patient_name, appointment_type_id, from_date, to_date) select 'W' || n, 1, '2035-04-16', '2035-04-16' from generate_series(1, 20) n;
update clinic.bookings set status = 'cancelled' where id = 1;
select jsonb_array_length(backfill) from announced where kind = 'cancelled';
rollback to ready;
-- The clinic's rules hold, as the notice floor.
update clinic.clinics set backfill_notice_minutes = 525600;
insert into clinic.availability_overrides (provider_id, on_date, start_time, end_time)
  select 1, (now() at time zone 'Europe/Berlin')::date + n, '00:00', '24:00' from generate_series(299, 301) n;
update clinic.bookings set during = tstzrange(now() + interval '300 days', null) where id = 1;
update clinic.waitlist set from_date = '2020-01-01', to_date = '2100-01-01' where id = 1;
savepoint near;
update clinic.bookings set status = 'cancelled' where id = 1;
select jsonb_array_length(backfill) from announced where kind = 'cancelled';
rollback to near;
update clinic.clinics set backfill_notice_minutes = 0;
update clinic.bookings set status = 'cancelled' where id = 1;
select jsonb_array_length(backfill) from announced where kind = 'cancelled';
rollback to ready;

-- A hold that is given back is a place that gets free; one that expires isn't announced as one.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status, hold_expires_at) values
  (1, 1, 1, 'Held', '[2035-04-23 09:00,)', 'pending', now() + interval '1 hour'), (1, 1, 1, 'Held', '[2035-04-23 10:00,)', 'pending', now());
update clinic.waitlist set to_date = '2035-04-30' where id = 1;
select count(*) from cancel_booking(4);
select expire_holds();
select booking_id, kind, backfill from announced where booking_id > 3 and kind = 'cancelled';
rollback to ready;

-- A booking that never took time frees none; nor does another status, nor one that was cancelled already.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status) values
  (1, 1, 1, 'Asks', '[2035-04-16 09:00,)', 'proposed'), (1, 1, 1, 'Off', '[2035-04-16 09:00,)', 'cancelled');
update clinic.bookings set status = 'cancelled' where id in (4, 5);
update clinic.bookings set status = 'noshow' where id = 1;
select * from announced where id > 3;
rollback to ready;

-- Cancelled a second time, it is the second event that says so.
update clinic.bookings set status = 'cancelled' where id = 1;
update clinic.bookings set status = 'booked' where id = 1;
update clinic.waitlist set status = 'left' where id = 1;
update clinic.bookings set status = 'cancelled' where id = 1;
select kind, jsonb_array_length(backfill) from announced where booking_id = 1;
rollback to ready;
-- Without events there is nothing to say, and older ones stay as they are.
update clinic.bookings set status = 'cancelled' where id = 1;
update clinic.bookings set status = 'booked' where id = 1;
update clinic.waitlist set status = 'left' where id = 1;
set local pg_clinic.events = off;
update clinic.bookings set status = 'cancelled' where id = 1;
select kind, jsonb_array_length(backfill) from announced where booking_id = 1;
rollback to ready;

-- Switched off, the event is there without it.
alter table clinic.bookings disable trigger suggest_backfill;
select distinct status from cancel_booking(1);
select * from announced where kind = 'cancelled';
alter table clinic.bookings enable trigger suggest_backfill;
rollback to ready;
-- Switched on where ordinary triggers are off, it adds to no event.
alter table clinic.bookings disable trigger record_booking;
update clinic.bookings set status = 'cancelled' where id = 1;
select count(*) from clinic.events where kind = 'cancelled';
alter table clinic.bookings enable trigger record_booking;
rollback to ready;

-- Whoever may write bookings may cancel: the trigger reads the waitlist and writes the event as the owner of the table.
create role test_canceller;
grant usage on schema clinic to test_canceller;
grant select, update on clinic.bookings to test_canceller;
set local role test_canceller;
update clinic.bookings set status = 'cancelled' where id = 1;
reset role;
select kind, jsonb_array_length(backfill) from announced where kind = 'cancelled';
rollback;
