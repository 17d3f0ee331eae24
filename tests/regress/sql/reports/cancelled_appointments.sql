-- clinic.cancelled_appointments: every cancelled booking, and whether its place was refilled.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, patient_name, contact, during, created_at) values
  (1, 1, 1, 'p1', 'Ada', 'ada@example.org', '[2026-04-13 09:00,)', '2026-04-01'), (1, 1, 1, null, 'Bob', null, '[2026-04-13 10:00,)', '2026-04-01'),
  (1, 1, 1, null, 'Cid', null, '[2026-04-13 11:00,)', '2026-04-01'), (1, 1, 1, null, 'Dot', null, '[2026-04-14 09:00,)', '2026-04-01');
update clinic.bookings set status = 'cancelled', cancellation_reason = 'ill', cancelled_at = '2026-04-12 00:30' where patient_name = 'Ada';
update clinic.bookings set status = 'cancelled', cancelled_at = '2026-04-13 10:30' where patient_name = 'Bob';
update clinic.bookings set status = 'cancelled', cancelled_at = '2026-04-10 12:00' where patient_name = 'Cid';
-- Ada's place: Eve has half of it. Cid's: a hold takes it, which doesn't count.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values (1, 1, 1, 'Eve', '[2026-04-13 09:15,2026-04-13 09:45)');
insert into clinic.bookings (provider_id, room_id, appointment_type_id, during, status, hold_expires_at) values
  (1, 1, 1, '[2026-04-13 11:00,)', 'pending', '2199-01-01'), (1, 1, 1, '[2026-04-13 08:00,)', 'cancelled', '2026-04-01');
-- Dates and times of day are the clinic's, not the session's.
set timezone to 'UTC';
\x
select * from clinic.cancelled_appointments where patient_name = 'Ada';
\x
select patient_name, local_date, local_time, cancelled_at, cancelled_on, notice_hours, cancellation_reason, is_refilled, refill_booking_id, refilled_minutes
from clinic.cancelled_appointments order by slot_start;
-- The function reports the same.
select count(*) as rows, count(*) filter (where c.booking_id is null or v.booking_id is null) as missing,
  count(*) filter (where (c.local_date, c.local_time, c.slot_start, c.slot_end, c.provider_name, c.appointment_type, c.cancelled_at, c.notice_hours, c.cancellation_reason, c.is_refilled, c.refill_booking_id, c.refilled_minutes)
    is distinct from (v.local_date, v.local_time, v.slot_start, v.slot_end, v.provider_name, v.appointment_type, v.cancelled_at, v.notice_hours, v.cancellation_reason, v.is_refilled, v.refill_booking_id, v.refilled_minutes)) as other
from cancellations('2026-04-01', '2026-04-30') c full join clinic.cancelled_appointments v using (booking_id);
-- So does the table: all that are cancelled and were no holds.
select booking_id from clinic.appointments where status = 'cancelled' and hold_expires_at is null
except select booking_id from clinic.cancelled_appointments;
-- A query that reads no name and no refill joins nothing.
create function pg_temp.joins(query text) returns bigint language plpgsql as $$
declare
  plan json;
begin
  execute 'explain (format json) ' || query into plan;
  return (select count(*) from regexp_matches(plan::text, '"Relation Name"', 'g')) - 1;
end $$;
select pg_temp.joins('select booking_id, cancellation_reason from clinic.cancelled_appointments');
select pg_temp.joins('select booking_id, is_refilled from clinic.cancelled_appointments');
rollback;
