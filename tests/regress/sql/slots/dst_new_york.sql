-- Clocks in New York: forward on 8 March 2026 (02:00 becomes 03:00, at 07:00 UTC), back on 1 November (02:00 becomes
-- 01:00, at 06:00 UTC). See dst_berlin for the rules.
\set SHOW_CONTEXT never
set datestyle to iso;
set timezone to 'UTC';
begin;
call test.clinic();
update clinic.clinics set time_zone = 'America/New_York', slot_step_minutes = 30;

-- Starts of a window on a Sunday (and what of it is on Monday), as the wall shows them and in UTC. The same whatever
-- the session's time zone: else an error.
create function pg_temp.starts(day date, opens time, closes time) returns table (wall text, utc text) language plpgsql as $$
declare
  answers text[];
  zone text;
begin
  delete from clinic.provider_availability;
  insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (1, 7, opens, closes);
  foreach zone in array '{UTC,Pacific/Honolulu,America/New_York}'::text[] loop
    perform set_config('timezone', zone, true);
    answers := answers || (select coalesce(string_agg(extract(epoch from slot_start)::text, ' ' order by slot_start), '')
      from find_slots('Checkup', day, day + 1, now => '2026-01-01 00:00+00'));
  end loop;
  perform set_config('timezone', 'UTC', true);
  if answers[1] <> answers[2] or answers[1] <> answers[3] then
    raise exception 'the session''s TimeZone matters: %', answers;
  end if;
  return query select coalesce(string_agg(to_char(slot_start at time zone 'America/New_York', 'HH24:MI'), ' ' order by slot_start), 'none'),
    coalesce(string_agg(to_char(slot_start, 'HH24:MI'), ' ' order by slot_start), 'none')
    from find_slots('Checkup', day, day + 1, now => '2026-01-01 00:00+00');
end $$;

-- Forward: 01:00 to 04:00 lasts two hours.
select * from pg_temp.starts('2026-03-08', '01:00', '04:00');
select * from pg_temp.starts('2026-03-08', '02:30', '04:00');
select * from pg_temp.starts('2026-03-08', '01:00', '02:30');
select * from pg_temp.starts('2026-03-08', '02:00', '02:59');

-- Back: 00:00 to 03:00 lasts four hours.
select * from pg_temp.starts('2026-11-01', '00:00', '03:00');
select * from pg_temp.starts('2026-11-01', '01:30', '03:00');
select * from pg_temp.starts('2026-11-01', '00:00', '01:30');
select * from pg_temp.starts('2026-11-01', '01:00', '01:30');
-- Saturday's night is seen from Sunday: 22:00 to 03:00 lasts six hours.
delete from clinic.provider_availability;
insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (1, 6, '22:00', '03:00');
select slot_start at time zone 'America/New_York' as wall, slot_start as utc
from find_slots('Checkup', date '2026-11-01', now => '2026-01-01 00:00+00') order by 2;

-- Dates are the clinic's: 04:30 UTC on Monday is 23:30 on Sunday, five hours behind again.
insert into clinic.bookings (provider_id, room_id, appointment_type_id, patient_name, during)
  values (1, 1, 1, 'A', '[2026-11-02 04:30+00,)'), (1, 1, 1, 'B', '[2026-11-02 05:30+00,)');
select patient_name, local_date from clinic.bookings order by 1;
rollback;
