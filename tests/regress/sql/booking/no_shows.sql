-- A patient who doesn't come: marked by hand, come after all, moved, reopened. The rest of the time is free at once.
\set SHOW_CONTEXT never
set timezone to 'UTC';
set datestyle to iso;
begin;
call test.clinic();
update clinic.clinics set booking_horizon_days = 3660, slot_step_minutes = 5;
update clinic.providers set buffer_minutes = 0;
insert into clinic.providers (name, buffer_minutes) values ('Berg', 0);
insert into clinic.rooms (name, room_type) values ('Room 2', 'exam');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time)
  select p, day, '00:00', '24:00' from generate_series(1, 7) day, generate_series(1, 2) p;
-- A visit of two hours that began 40 minutes ago; nobody came. One next week was cancelled.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during)
  values (1, 1, 1, 'p1', 'Ann', tstzrange(now() - interval '40 minutes', now() + interval '80 minutes')),
    (1, 1, 1, 'p2', 'Bo', '[2035-04-16 07:00,)');
create temp view rows as select id, status, cancellation_reason as why, cancelled_at is not null as called_off, day_seat as seat from clinic.bookings order by id;
create function pg_temp.outcome(statement text) returns text language plpgsql as $$
declare
  status text;
begin
  execute statement into status;
  return status;
exception when others then return sqlstate || ' ' || sqlerrm;
end $$;
savepoint booked;

-- The job waits for its end; by hand it is marked now, and the rest of the time can be had.
select mark_no_shows();
select booking_id, status, provider_name from mark_no_show(1, 'didn''t answer the phone');
select * from rows;
select count(*) > 0 as can_be_had from find_slots('Checkup', current_date, current_date + 1, provider_id => 1) where slot_start < now() + interval '6 minutes';
select booking_id, status from book_slot('Checkup', 1, 1, now() + interval '10 minutes', 'Cy', 'p3');
-- Twice is fine.
select booking_id, status from mark_no_show(1);
select * from rows where id = 1;
select version, reason, after ->> 'status' as status from clinic.booking_history where booking_id = 1 order by version;
select kind from clinic.events where booking_id = 1 order by id;
-- The patient comes after all: that time is Cy's. With another provider in another room there is time.
call test.violates('select check_in_booking(1)');
call test.violates('select reopen_booking(1)');
select status from clinic.bookings where id = 1;
call test.violates($$select reschedule_booking(1, now(), room_id => 2)$$);
select status, provider_id, room_id from reschedule_booking(1, now(), provider_id => 2, room_id => 2);
rollback to booked;

-- Nobody has the place: checked in, or booked again; the seat is one of the day's again, whatever the clock says.
select status from mark_no_show(1);
select status from check_in_booking(1);
select * from rows where id = 1;
rollback to booked;
select status from mark_no_show(1, 'by mistake');
update clinic.clinics set minimum_notice_minutes = 525600, booking_horizon_days = 0;
select status from reopen_booking(1, 'she was in the waiting room');
select status from reopen_booking(1);
select * from rows where id = 1;
select version, reason, after ->> 'status' as status from clinic.booking_history where booking_id = 1 order by version;
rollback to booked;
-- Moved to next week in one step, or cancelled.
select status from mark_no_show(1, 'overslept');
select status, slot_start from reschedule_booking(1, '2035-04-17 09:00');
select * from rows where id = 1;
rollback to booked;
select status from mark_no_show(1, 'overslept');
select status from cancel_booking(1, 'called: ill');
select * from rows where id = 1;
rollback to booked;
-- What is found for a no-show: its own place, too.
select status from mark_no_show(2);
select slot_start, room_id from find_slots(from_date => '2035-04-16', provider_id => 1, booking_id => 2, all_rooms => true) where slot_start = '2035-04-16 07:00';
rollback to booked;

-- A cancellation is taken back: the place is free, or whose it is; rules that have changed since are asked.
select status from cancel_booking(2, 'wrong patient');
select status, slot_start from reopen_booking(2);
select * from rows where id = 2;
select status from cancel_booking(2);
savepoint cancelled;
insert into clinic.time_off (provider_id, during) values (1, '[2035-04-16, 2035-04-17)');
call test.refused('select reopen_booking(2)');
rollback to cancelled;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values (1, 2, 1, 'p4', 'Di', '[2035-04-16 07:15,)');
call test.refused('select reopen_booking(2)');
rollback to cancelled;
update clinic.providers set max_daily_appointments = 1;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values (1, 2, 1, 'p4', 'Di', '[2035-04-16 11:00,)');
call test.violates('select reopen_booking(2)');
rollback to cancelled;
-- Or one that is given now.
update clinic.providers set max_daily_appointments = 0;
select status from reopen_booking(2, 'by mistake', override_reason => 'promised');
select override_reason, overridden_by = session_user as is_ours, day_seat, day_capacity from clinic.bookings where id = 2;
rollback to cancelled;
-- An override that it was booked with holds on.
update clinic.providers set max_daily_appointments = 0;
update clinic.bookings set override_reason = 'her only day' where id = 2;
select status from reopen_booking(2);
rollback to booked;

-- Only where it makes sense. A hold is held anew.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status)
  select 2, 2, 1, status, tstzrange(timestamptz '2035-04-13 08:00' + n * interval '1 hour', null), status
  from unnest('{proposed,pending,booked,arrived,checked-in,fulfilled,cancelled,noshow,waitlist,entered-in-error}'::text[]) with ordinality s (status, n);
select patient_name as was, pg_temp.outcome(format('select status from mark_no_show(%s)', id)) as missed from clinic.bookings where id > 2 order by id;
rollback to booked;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status)
  select 2, 2, 1, status, tstzrange(timestamptz '2035-04-13 08:00' + n * interval '1 hour', null), status
  from unnest('{proposed,pending,booked,arrived,checked-in,fulfilled,cancelled,noshow,waitlist,entered-in-error}'::text[]) with ordinality s (status, n);
select patient_name as was, pg_temp.outcome(format('select status from reopen_booking(%s)', id)) as reopened from clinic.bookings where id > 2 order by id;
rollback to booked;
create temp table held as select booking_id from hold_slot('Checkup', 1, 1, '2035-04-16 09:00');
select status from cancel_booking((select booking_id from held));
call test.refused('select reopen_booking((select booking_id from held))');
call test.refused('select mark_no_show(1, clinic_id => 7)');
call test.refused('select mark_no_show(99)');
call test.refused('select reopen_booking(99)');
call test.refused('select mark_no_show(null)');
call test.refused('select reopen_booking(null)');
rollback;
