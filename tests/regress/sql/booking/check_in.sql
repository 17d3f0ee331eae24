-- check_in_booking and complete_booking: from which status to which; twice is fine.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
-- Booking functions know no other "now" than the clock's, so these dates are years ahead.
update clinic.clinics set booking_horizon_days = 3660;

insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status)
  select 1, 1, 1, status, tstzrange(timestamptz '2026-04-13 08:00' + n * interval '1 hour', null), status
  from unnest('{proposed,pending,booked,arrived,checked-in,fulfilled,cancelled,noshow,waitlist,entered-in-error}'::text[]) with ordinality s (status, n);
create function pg_temp.check_in(booking bigint) returns text language plpgsql as $$
begin return status from check_in_booking(booking); exception when others then return sqlstate || ' ' || sqlerrm; end $$;
create function pg_temp.complete(booking bigint) returns text language plpgsql as $$
begin return status from complete_booking(booking); exception when others then return sqlstate || ' ' || sqlerrm; end $$;
savepoint before;
select id, patient_name as was, pg_temp.check_in(id) from clinic.bookings order by id;
select id, patient_name as was, pg_temp.check_in(id) from clinic.bookings where id between 3 and 5 order by id;
select booking_id, reason, after ->> 'status' as status from clinic.booking_history where operation = 'update' order by id;
rollback to before;
select id, patient_name as was, pg_temp.complete(id) from clinic.bookings order by id;
select booking_id, reason, after ->> 'status' as status from clinic.booking_history where operation = 'update' order by id;
call test.refused('select check_in_booking(7)');
call test.refused('select complete_booking(7)');
call test.refused('select check_in_booking(99)');
call test.refused('select complete_booking(99)');
call test.refused('select check_in_booking(null)');
call test.refused('select complete_booking(null)');
-- The place is kept: seat and time are as they were.
select id, status, day_seat, provider_busy from clinic.bookings where id in (3, 5) order by id;
rollback;
