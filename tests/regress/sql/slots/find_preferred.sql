-- The preferred time of day, as a component of the score.
\set SHOW_CONTEXT never
set timezone to 'Europe/Berlin';
set datestyle to iso;
begin;
call test.clinic();

update clinic.provider_availability set start_time = '00:00', end_time = '24:00';
update clinic.clinics set slot_step_minutes = 60;

-- 1 inside, both ends included; falling linearly to 0 at 480 minutes from the nearer edge; 0.5 where nothing is preferred.
create temp view by_hour as select extract(hour from slot_start) as hour, preference_score from find_slots(
  'Checkup', date '2026-04-13', now => '2026-04-01', preferred_from => '12:00', preferred_until => '14:00');
select string_agg(hour || ':' || preference_score, ' ' order by hour) from by_hour;
-- One edge alone: the day's own other end.
select string_agg(extract(hour from slot_start) || ':' || preference_score, ' ' order by slot_start)
from find_slots('Checkup', date '2026-04-13', now => '2026-04-01', preferred_from => '12:00');
select string_agg(extract(hour from slot_start) || ':' || preference_score, ' ' order by slot_start)
from find_slots('Checkup', date '2026-04-13', now => '2026-04-01', preferred_until => '12:00');
-- A point in time.
select string_agg(extract(hour from slot_start) || ':' || preference_score, ' ' order by slot_start)
from find_slots('Checkup', date '2026-04-13', now => '2026-04-01', preferred_from => '12:00', preferred_until => '12:00');
-- From later than until spans midnight: 22:00 to 02:00. Distance doesn't go round midnight: 20:00 is 2 hours from 22:00.
select string_agg(extract(hour from slot_start) || ':' || preference_score, ' ' order by slot_start)
from find_slots('Checkup', date '2026-04-13', now => '2026-04-01', preferred_from => '22:00', preferred_until => '02:00');
-- None: 0.5 all day long.
select distinct preference_score from find_slots('Checkup', date '2026-04-13', now => '2026-04-01');
rollback;
