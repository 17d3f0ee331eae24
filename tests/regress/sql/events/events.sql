-- clinic.events: the events of changes of bookings. Written by the trigger alone, in the same transaction.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

update clinic.clinics set booking_horizon_days = 3660;
-- The events since the last look.
create temp table seen (id bigint);
create function pg_temp.written() returns table (booking bigint, kind text, status text, old_status text, slot_start text, old_slot_start text) language sql as $$
  with fresh as (insert into seen select id from clinic.events where id not in (select id from seen) returning id)
  select booking_id, kind, payload ->> 'status', payload ->> 'old_status', payload ->> 'slot_start', payload #>> '{old_place,slot_start}'
  from clinic.events where id in (select id from fresh) order by id
$$;

-- The booking functions.
select from book_slot('Checkup', 1, 1, '2035-04-16 09:00', 'Secret Name', 'secret-id', 'secret@example.org');
select from hold_slot('Checkup', 1, 1, '2035-04-16 10:00');
select from confirm_hold(2, 'Secret Name');
select from reschedule_booking(2, '2035-04-16 11:00');
select from check_in_booking(1);
select from complete_booking(1);
select from cancel_booking(2, 'secret reason');
select * from pg_temp.written();
-- Doing it again writes no event again, nor does what is refused.
select from cancel_booking(2, 'again');
select from complete_booking(1);
call test.violates($$select book_slot('Checkup', 1, 1, '2035-04-16 09:10', 'B')$$);
update clinic.bookings set status = status, during = during;
select * from pg_temp.written();

-- Plain SQL writes the same.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status)
  values (1, 1, 1, 'C', '[2035-04-23 09:00,)', 'booked'), (1, 1, 1, 'D', '[2035-04-23 10:00,)', 'proposed'), (1, 1, 1, 'E', '[2035-04-23 11:00,)', 'arrived');
update clinic.bookings set status = 'noshow' where id = 3;
update clinic.bookings set status = 'booked' where id = 3;
update clinic.bookings set status = 'pending', hold_expires_at = '2035-01-01' where id = 4;
update clinic.bookings set hold_expires_at = '2035-01-02' where id = 4;
update clinic.bookings set during = '[2035-04-24 10:00,)' where id = 4;
update clinic.bookings set status = 'booked', hold_expires_at = null, during = '[2035-04-25 10:00,)' where id = 4;
update clinic.bookings set status = 'booked' where id = 5;
update clinic.bookings set contact = 'c' where id = 5;
update clinic.bookings set patient_id = 'e' where id = 5;
update clinic.bookings set override_reason = 'not reported', cancellation_reason = null, created_at = now() where id = 5;
update clinic.bookings set status = 'entered-in-error' where id = 5;
delete from clinic.bookings where id = 5;
select * from pg_temp.written();
-- An expired hold that gives way: its end, then the booking.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, status, during, hold_expires_at) values (1, 1, 1, 'pending', '[2035-05-07 09:00,)', now());
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'F', '[2035-05-07 09:10,)');
select * from pg_temp.written();

-- A payload, whole. It doesn't depend on the session's settings, and no event names the patient.
set local timezone to 'Asia/Kolkata';
set local datestyle to 'SQL, DMY';
update clinic.bookings set during = '[2035-04-30T09:00+02,)', room_id = 1 where id = 3;
set local timezone to 'Europe/Berlin';
set local datestyle to iso;
select jsonb_pretty(payload) from clinic.events where kind = 'rescheduled' order by id desc limit 1;
select count(*) from clinic.events e where to_jsonb(e)::text ~* 'secret';
-- Ids follow the changes, also within a transaction, and times too.
select bool_and(created_at >= before) from (select created_at, lag(created_at) over (order by id) as before from clinic.events) e where before is not null;

-- Off, for a load that no consumer is to receive. History is kept all the same.
select from pg_temp.written();
set local pg_clinic.events = off;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, status, during) values (1, 1, 1, 'Old', 'fulfilled', '[2015-04-13 09:00,)');
select operation, after ->> 'patient_name' as name from clinic.booking_history order by id desc limit 1;
reset pg_clinic.events;
select * from pg_temp.written();
-- A channel to notify must be one.
call test.refused(format('set pg_clinic.notify_channel = %L', repeat('x', 64)));
set local pg_clinic.notify_channel = 'clinic events, "all"';
update clinic.bookings set contact = 'd' where id = 3;
reset pg_clinic.notify_channel;
select kind from pg_temp.written();
rollback;
