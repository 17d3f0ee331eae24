-- Clocks in Berlin: forward on 29 March 2026 (02:00 becomes 03:00, at 01:00 UTC), back on 25 October (03:00 becomes
-- 02:00, at 01:00 UTC).
\set SHOW_CONTEXT never
set datestyle to iso;
set timezone to 'UTC';
begin;
call test.clinic();
update clinic.clinics set time_zone = 'Europe/Berlin', slot_step_minutes = 30;

-- Starts of a window on a Sunday (and what of it is on Monday), as the wall shows them and in UTC. The same whatever
-- the session's time zone: else an error.
create function pg_temp.starts(day date, opens time, closes time) returns table (wall text, utc text) language plpgsql as $$
declare
  answers text[];
  zone text;
begin
  delete from clinic.provider_availability;
  insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (1, 7, opens, closes);
  foreach zone in array '{UTC,Pacific/Honolulu,Europe/Berlin}'::text[] loop
    perform set_config('timezone', zone, true);
    answers := answers || (select coalesce(string_agg(extract(epoch from slot_start)::text, ' ' order by slot_start), '')
      from find_slots('Checkup', day, day + 1, now => '2026-01-01 00:00+00'));
  end loop;
  perform set_config('timezone', 'UTC', true);
  if answers[1] <> answers[2] or answers[1] <> answers[3] then
    raise exception 'the session''s TimeZone matters: %', answers;
  end if;
  return query select coalesce(string_agg(to_char(slot_start at time zone 'Europe/Berlin', 'HH24:MI'), ' ' order by slot_start), 'none'),
    coalesce(string_agg(to_char(slot_start, 'HH24:MI'), ' ' order by slot_start), 'none')
    from find_slots('Checkup', day, day + 1, now => '2026-01-01 00:00+00');
end $$;

-- Forward: 01:00 to 04:00 lasts two hours; 02:00 and 02:30 don't exist and aren't offered.
select * from pg_temp.starts('2026-03-29', '01:00', '04:00');
-- An edge inside the gap moves to its end, 03:00 (01:00 UTC); between two such edges nothing is left.
select * from pg_temp.starts('2026-03-29', '02:30', '04:00');
select * from pg_temp.starts('2026-03-29', '01:00', '02:30');
select * from pg_temp.starts('2026-03-29', '02:00', '02:59');
select * from pg_temp.starts('2026-03-29', '02:00', '03:00');
-- The week before and after: three hours.
select * from pg_temp.starts('2026-03-22', '01:00', '04:00');
select * from pg_temp.starts('2026-04-05', '01:00', '04:00');

-- Back: 01:00 to 04:00 lasts four hours; 02:00 and 02:30 are offered twice, as distinct instants.
select * from pg_temp.starts('2026-10-25', '01:00', '04:00');
-- An edge inside the fold means its first occurrence for the start (02:30 is 00:30 UTC), its last for the end (02:30 is
-- 01:30 UTC).
select * from pg_temp.starts('2026-10-25', '02:30', '04:00');
select * from pg_temp.starts('2026-10-25', '01:00', '02:30');
select * from pg_temp.starts('2026-10-25', '02:00', '02:30');
-- 02:00 is in the fold, 03:00 isn't any more.
select * from pg_temp.starts('2026-10-25', '01:00', '02:00');
select * from pg_temp.starts('2026-10-25', '03:00', '04:00');
-- Past midnight: Sunday's night ends on Monday, long after the change. Six hours as ever.
select * from pg_temp.starts('2026-10-25', '22:00', '04:00');

-- Days of 23 and 25 hours.
select day, count(*) from (values (date '2026-03-29'), ('2026-10-25'), ('2026-11-01')) as days (day),
  lateral (select from pg_temp.starts(day, '00:00', '24:00'), lateral string_to_table(wall, ' ')) s group by 1 order by 1;

-- A booking in the first 02:00 hour leaves the second one free. Busy are 00:00 to 00:40 UTC: the starts from 00:00 to
-- 00:30 UTC are gone, as is 23:30 UTC, which needs until 00:10.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 1, 'A', '[2026-10-25 02:00+02,)');
select * from pg_temp.starts('2026-10-25', '01:00', '04:00');
-- Buffers, notice and distance are elapsed minutes: from 00:40 UTC the start at 01:00 UTC (02:00 for the second time) is 20
-- minutes away: 1 - 20/480 = 0.9583; and 90 minutes of notice from 00:30 UTC end at 02:00 UTC.
select slot_start, compactness_score, preference_score from find_slots('Checkup', date '2026-10-25', preferred_from => '02:00',
  preferred_until => '02:30', now => '2026-10-25 00:30+00') order by slot_start;
update clinic.clinics set minimum_notice_minutes = 90;
select min(slot_start) from find_slots('Checkup', date '2026-10-25', now => '2026-10-25 00:30+00');
-- local_date and the derived end are right on both sides, and over the change itself.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during) values
  (1, 1, 1, 'B', '[2026-10-25 23:15+01,)'), (1, 1, 1, 'C', '[2026-03-29 00:00+01,)'),
  (1, 1, 1, 'D', '[2026-03-28 23:20+01,)'), (1, 1, 1, 'E', '[2026-03-29 01:45+01,)');
set local timezone to 'Europe/Berlin';
select patient_name, during, provider_busy, local_date from clinic.bookings order by 1;

-- local_date and local_time are the clinic's in either half of the year, whatever the session's zone; also of a series that
-- crosses a change, and of what is booked.
set timezone to 'Pacific/Honolulu';
update clinic.clinics set booking_horizon_days = 3660;
delete from clinic.provider_availability;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (1, 7, '01:00', '05:00');
create function pg_temp.is_local(slot timestamptz, local_date date, local_time time) returns boolean language sql as $$
  select (slot at time zone 'Europe/Berlin') = local_date + local_time
$$;
select count(*), count(*) filter (where pg_temp.is_local(slot_start, local_date, local_time)) as local
  from find_slots('Checkup', '2026-03-22', '2026-04-05', now => '2026-01-01 00:00+00');
select count(*), count(*) filter (where pg_temp.is_local(slot_start, local_date, local_time)) as local
  from find_slots('Checkup', '2026-10-25', now => '2026-01-01 00:00+00');
select count(*), count(*) filter (where pg_temp.is_local(slot_start, local_date, local_time)) as local
  from next_available('Checkup', '2026-03-22', max_results => 20, now => '2026-01-01 00:00+00');
select count(*), count(*) filter (where pg_temp.is_local(slot_start, local_date, local_time)) as local
  from explain_slots('Checkup', '2026-03-29', now => '2026-01-01 00:00+00') where slot_start is not null;
select nth, local_date, local_time, slot_start at time zone 'UTC' as utc, pg_temp.is_local(slot_start, local_date, local_time) as is_local
  from find_series('Checkup', 3, from_date => '2026-03-22', max_alternatives => 0, now => '2026-01-01 00:00+00');
select local_date, local_time, pg_temp.is_local(slot_start, local_date, local_time) as is_local
  from book_slot('Checkup', 1, 1, '2035-10-28 01:30+02', 'A');
-- In the repeated hour a sentence says which of the two it means.
select sentence from explain_slots('Checkup', slot_start => '2035-10-28 02:45+02', now => '2035-01-01 00:00+00');
select sentence from explain_slots('Checkup', slot_start => '2035-10-28 02:45+01', now => '2035-01-01 00:00+00');
rollback;
