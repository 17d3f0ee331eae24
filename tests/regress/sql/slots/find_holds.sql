-- A hold blocks until it expires, and nothing after, even before anybody cleans it up.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

-- Held at 10:00, until noon on the 1st of April.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_id, status, hold_expires_at, during)
  values (1, 1, 1, 'p1', 'pending', '2026-04-01 12:00', '[2026-04-13 10:00,)');
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-01 11:59:59');
select test.times(array_agg(slot_start)) from find_slots('Checkup', date '2026-04-13', now => '2026-04-01 12:00');
-- Once expired it isn't a neighbor either, uses no room, counts for no cap and makes no patient busy.
update clinic.providers set max_daily_appointments = 1;
insert into clinic.providers (name) values ('Berg');
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 1, '10:00', '11:00');
select provider_id, count(*), min(quality_score), max(quality_score)
from find_slots('Checkup', date '2026-04-13', patient_id => 'p1', now => '2026-04-01 11:00') group by 1;
select provider_id, count(*), min(quality_score), max(quality_score)
from find_slots('Checkup', date '2026-04-13', patient_id => 'p1', now => '2026-04-01 13:00') group by 1;
-- A pending booking without an expiry is no hold: it stays.
update clinic.bookings set hold_expires_at = null;
select provider_id, count(*) from find_slots('Checkup', date '2026-04-13', now => '2026-04-12') group by 1;
rollback;
