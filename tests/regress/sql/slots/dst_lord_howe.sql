-- Clocks on Lord Howe Island change by half an hour: back on 5 April 2026 (02:00 becomes 01:30, at 15:00 UTC the day
-- before), forward on 4 October (02:00 becomes 02:30, at 15:30 UTC the day before). See dst_berlin for the rules.
\set SHOW_CONTEXT never
set datestyle to iso;
set timezone to 'UTC';
begin;
call test.clinic();
update clinic.clinics set time_zone = 'Australia/Lord_Howe', slot_step_minutes = 30;

-- Starts of a window on a Sunday (and what of it is on Monday), as the wall shows them and in UTC. The same whatever
-- the session's time zone: else an error.
create function pg_temp.starts(day date, opens time, closes time) returns table (wall text, utc text) language plpgsql as $$
declare
  answers text[];
  zone text;
begin
  delete from clinic.provider_availability;
  insert into clinic.provider_availability (provider_id, day_of_week, start_time, end_time) values (1, 7, opens, closes);
  foreach zone in array '{UTC,Pacific/Honolulu,Australia/Lord_Howe}'::text[] loop
    perform set_config('timezone', zone, true);
    answers := answers || (select coalesce(string_agg(extract(epoch from slot_start)::text, ' ' order by slot_start), '')
      from find_slots('Checkup', day, day + 1, now => '2026-01-01 00:00+00'));
  end loop;
  perform set_config('timezone', 'UTC', true);
  if answers[1] <> answers[2] or answers[1] <> answers[3] then
    raise exception 'the session''s TimeZone matters: %', answers;
  end if;
  return query select coalesce(string_agg(to_char(slot_start at time zone 'Australia/Lord_Howe', 'HH24:MI'), ' ' order by slot_start), 'none'),
    coalesce(string_agg(to_char(slot_start, 'HH24:MI'), ' ' order by slot_start), 'none')
    from find_slots('Checkup', day, day + 1, now => '2026-01-01 00:00+00');
end $$;

-- Back: 01:00 to 03:00 lasts two and a half hours; 01:30 is offered twice.
select * from pg_temp.starts('2026-04-05', '01:00', '03:00');
select * from pg_temp.starts('2026-04-05', '01:45', '03:00');
select * from pg_temp.starts('2026-04-05', '01:00', '01:45');

-- Forward: 01:00 to 04:00 lasts two and a half hours; 02:00 doesn't exist, and the wall goes on at 02:30.
select * from pg_temp.starts('2026-10-04', '01:00', '04:00');
select * from pg_temp.starts('2026-10-04', '02:15', '04:00');
select * from pg_temp.starts('2026-10-04', '01:00', '02:15');
select * from pg_temp.starts('2026-10-04', '02:00', '02:29');

-- An hour's slot runs over the change.
update clinic.appointment_types set duration_minutes = 60;
select * from pg_temp.starts('2026-04-05', '01:00', '03:00');
select * from pg_temp.starts('2026-10-04', '01:00', '04:00');
rollback;
