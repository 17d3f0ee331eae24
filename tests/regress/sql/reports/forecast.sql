-- expected_no_shows() and third_next_available().
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
set extra_float_digits to 0;
begin;
call test.clinic();
insert into clinic.providers (name, buffer_minutes, max_daily_appointments) values ('Baer', 0, 100), ('Conrad', 5, 2), ('Gone', 0, 10);
update clinic.providers set enabled = false where name = 'Gone';
insert into clinic.rooms (name, room_type) select 'Room ' || n, 'exam' from generate_series(2, 4) n;
insert into clinic.appointment_types (name, duration_minutes) values ('Surgery', 60);
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (2, 2, '09:00', '11:00'), (3, 3, '08:00', '09:00'), (3, 4, '08:00', '09:00');

-- Nobody stayed away yet: nobody is expected to.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values
  (1, 1, 1, 'A', '[2026-04-20 09:00,)'), (1, 1, 1, 'B', '[2026-04-20 10:00,)'), (2, 2, 2, 'C', '[2026-04-21 09:00,)'), (3, 3, 1, 'D', '[2026-04-21 08:00,)');
select * from expected_no_shows('2026-04-20', '2026-04-26', now => '2026-04-15 12:00');
-- A history: 40 outcomes of provider 1 and type 1, half of them no-shows; 10 of provider 2 and type 2, all came. Older ones and those of today don't count.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status)
  select 1, 1, 1, 'H', tstzrange(timestamptz '2026-01-05 09:00' + n * interval '1 day', null), case when n % 2 = 0 then 'noshow' else 'fulfilled' end from generate_series(1, 40) n union all
  select 2, 2, 2, 'H', tstzrange(timestamptz '2026-01-05 09:00' + n * interval '1 day', null), 'arrived' from generate_series(1, 10) n union all
  select 2, 2, 2, 'old', tstzrange(timestamptz '2025-04-14 09:00' - n * interval '1 day', null), 'noshow' from generate_series(1, 10) n union all
  select 2, 2, 2, 'today', tstzrange('2026-04-15 09:00', null), 'noshow';
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during, status, hold_expires_at) values
  (1, 1, 1, 'cancelled', '[2026-04-20 11:00,)', 'cancelled', null), (2, 2, 1, 'held', '[2026-04-21 10:00,)', 'pending', '2035-01-01');
select * from expected_no_shows('2026-04-20', '2026-04-26', now => '2026-04-15 12:00');
-- The same in plain SQL.
with history as (
  select provider_id, appointment_type_id, count(*) as outcomes, count(*) filter (where status = 'noshow') as missed from clinic.bookings
  where local_date between date '2026-04-15' - 366 and date '2026-04-14' and status in ('arrived', 'checked-in', 'fulfilled', 'noshow') group by 1, 2
), clinic as (select sum(missed) / (sum(outcomes) + 20.0) as rate from history)
select b.local_date, b.provider_id, count(*) as bookings, round(sum((coalesce(missed, 0) + 20 * rate) / (coalesce(outcomes, 0) + 20)), 4) as expected_no_shows
from clinic.bookings b left join history using (provider_id, appointment_type_id), clinic where status = 'booked' and b.local_date between '2026-04-20' and '2026-04-26' group by 1, 2 order by 1, 2;
select * from expected_no_shows('2026-04-20', '2026-04-26', 2, '2026-04-15 12:00');
-- Who is due already isn't to come; by default today.
select bookings from expected_no_shows(now => '2026-04-20 09:30');
select * from expected_no_shows('2026-06-01', '2026-06-30');
call test.refused($$select expected_no_shows('2026-04-20', '2026-04-19')$$);
call test.refused($$select expected_no_shows('2026-04-20', clinic_id => 9)$$);

-- The third next available. Starts are every 15 minutes, but places of half an hour with a buffer of 10 minutes.
select * from third_next_available('Checkup', now => '2026-04-15 12:00');
select grouped_name, slot_start, days_ahead from third_next_available(appointment_type_id => 2, now => '2026-04-15 12:00');
select grouped_name, slot_start, days_ahead from third_next_available('Checkup', 3, '2026-04-15 12:00');
-- In plain SQL over what find_slots() offers: the earliest, then each that starts when the one before is over, buffer included.
create function pg_temp.naive(type text, provider bigint) returns timestamptz language sql as $$
  with recursive free as materialized (
    select slot_start, slot_end + buffer_minutes * interval '1 minute' as busy_until from find_slots(type, '2026-04-15', '2026-08-15', provider, include_overbooked => false, now => '2026-04-15 12:00') f
      join clinic.providers p on p.id = f.provider_id
  ), place as (
    (select slot_start, busy_until, 1 as nth from free order by 1 limit 1)
    union all
    select n.slot_start, n.busy_until, p.nth + 1 from place p cross join lateral (select * from free where free.slot_start >= p.busy_until order by 1 limit 1) n where p.nth < 3
  )
  select slot_start from place where nth = 3 $$;
select t.name as type, count(*) as providers, count(*) filter (where n.slot_start is not distinct from pg_temp.naive(t.name, n.grouped_id)) as equal
from clinic.appointment_types t, third_next_available(t.name, now => '2026-04-15 12:00') n where n.grouped_by = 'provider' group by 1 order by 1;
-- None within the horizon.
update clinic.clinics set booking_horizon_days = 5;
select grouped_by, grouped_name, slot_start, days_ahead from third_next_available('Surgery', now => '2026-04-15 12:00');
update clinic.clinics set booking_horizon_days = 0;
select grouped_by, grouped_name, slot_start, days_ahead from third_next_available('Surgery', now => '2026-04-15 12:00');
call test.refused($$select third_next_available('Nothing')$$);
call test.refused($$select third_next_available()$$);
call test.refused($$select third_next_available('Checkup', 99)$$);
rollback;
