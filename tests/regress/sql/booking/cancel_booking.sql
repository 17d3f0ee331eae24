-- cancel_booking: what can be cancelled, what it leaves, and what it frees.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
-- Booking functions know no other "now" than the clock's, so these dates are years ahead.
update clinic.clinics set booking_horizon_days = 3660;

insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status)
  select 1, 1, 1, status, tstzrange(timestamptz '2035-04-16 08:00' + n * interval '1 hour', null), status
  from unnest('{proposed,pending,booked,arrived,checked-in,fulfilled,cancelled,noshow,waitlist,entered-in-error}'::text[]) with ordinality s (status, n);
create function pg_temp.cancelled(booking bigint) returns text language plpgsql as $$
begin
  return status from cancel_booking(booking, 'ill');
exception when others then
  return sqlstate || ' ' || sqlerrm;
end $$;
-- What is over can't be cancelled.
select id, patient_name as was, pg_temp.cancelled(id) from clinic.bookings order by id;
call test.refused('select cancel_booking(6)');
-- The reason and the moment; also in the history.
select status, cancellation_reason, cancelled_at = now() as now from clinic.bookings where id = 3;
select version, actor = session_user as by_session_user, reason, operation from clinic.booking_history where booking_id = 3 order by version;
-- Twice changes nothing, not even the reason.
select status from cancel_booking(3, 'another reason');
select cancellation_reason from clinic.bookings where id = 3;
select count(*) from clinic.booking_history where booking_id = 3;
-- The place is free in the same transaction.
select status from book_slot('Checkup', 1, 1, '2035-04-16 11:00', 'New');

-- Without a reason: none on the booking; the history says the setting's, or the function's name.
select booking_id from book_slot('Checkup', 1, 1, '2035-04-23 09:00', 'A');
select status, cancelled_at = now() as now from cancel_booking((select max(id) from clinic.bookings));
select status, cancellation_reason from clinic.bookings where patient_name = 'A';
set local pg_clinic.reason = 'portal';
select booking_id from book_slot('Checkup', 1, 1, '2035-04-23 09:00', 'B');
select status from cancel_booking((select max(id) from clinic.bookings));
select status, cancellation_reason from clinic.bookings where patient_name = 'B';
select reason, after ->> 'patient_name' as name, after ->> 'status' as status from clinic.booking_history order by id desc limit 4;
-- One that is checked in, and one in the past.
reset pg_clinic.reason;
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'Past', '[2020-04-13 09:00,)');
select status from cancel_booking((select max(id) from clinic.bookings));
-- It says who could take the place, best first, as find_backfill does: one row, whoever could.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, during) values
  (1, 1, 1, 'p1', 'Canceller', '[2035-05-07 09:00,)'), (1, 1, 1, 'p2', 'Later', '[2035-05-07 10:00,)');
insert into clinic.waitlist (patient_name, contact, appointment_type_id, from_date, to_date, created_at) select 'W' || n, 'tel. ' || n, 1, '2035-05-07', '2035-05-07', '2035-01-01'
  from generate_series(1, 12) n;
select join_waitlist('Checkup', booking_id => (select id from clinic.bookings where patient_name = 'Later'), priority => 1);
select id as freed from clinic.bookings where patient_name = 'Canceller' \gset
create temp table found (source text, waitlist_id bigint, former_booking_id bigint, patient_id text, patient_name text, contact text, appointment_type_id bigint,
  provider_id bigint, room_id bigint, slot_start timestamptz, slot_end timestamptz, score double precision, distance_days integer, priority integer,
  waiting_since timestamptz);
savepoint offered;
select booking_id, status, patient_name, local_date, local_time, cancelled_at = now() as now, candidate_count from cancel_booking(:freed, 'ill');
select candidate.* from cancel_booking(:freed), jsonb_to_recordset(candidates) as candidate (source text, waitlist_id bigint, patient_name text, contact text);
select jsonb_pretty(candidates -> 0 #- '{waiting_since}' #- '{waitlist_id}' #- '{former_booking_id}') from cancel_booking(:freed);
-- The same candidates, before and after; twice the same answer. The keys are the columns of find_backfill.
insert into found select source, waitlist_id, former_booking_id, patient_id, patient_name, contact, appointment_type_id, provider_id, room_id, slot_start, slot_end,
  score, distance_days, priority, waiting_since from find_backfill(:freed);
select count(*) from (select * from found except all
  select d.* from cancel_booking(:freed), jsonb_populate_recordset(null::found, candidates) d) different;
rollback to offered;
insert into found select source, waitlist_id, former_booking_id, patient_id, patient_name, contact, appointment_type_id, provider_id, room_id, slot_start, slot_end,
  score, distance_days, priority, waiting_since from find_backfill(:freed);
select count(*) from (select * from found except all
  select d.* from cancel_booking(:freed), jsonb_populate_recordset(null::found, candidates) d) different;
-- None is an empty array, and in the list of a SELECT it is a row, too.
select candidate_count, candidates from cancel_booking(3);
select (cancel_booking(3)).candidate_count;
-- Unknown, NULL, and another clinic's.
call test.refused('select cancel_booking(99)');
call test.refused('select cancel_booking(null)');
call test.refused('select cancel_booking(3, clinic_id => 9)');
rollback;
