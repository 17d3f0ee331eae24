-- The demo's second clinic: a dental practice with 20 dentists and 20 assistants, two weeks to be rostered. Nothing is
-- drawn at random: the same day gives the same data. 20 dentists on four days each make 80 shifts a week.

set client_min_messages = warning;
create extension if not exists pg_clinic cascade;
select init_clinic('Riverside Dental', 'Europe/Berlin') as clinic_id \gset

set timezone = 'Europe/Berlin';
set pg_clinic.actor = 'demo';
set pg_clinic.reason = 'demo data';

begin;

-- The database is fresh, so ids count from 1 in the order given; below they are used as they are.
insert into clinic.providers (name, specialty)
select 'Dr. ' || name, case when n <= 4 then 'surgery' when n <= 7 then 'orthodontics' else 'general' end
from unnest(string_to_array('Albrecht Bauer Conrad Dietrich Engel Frank Gross Hoffmann Iversen Jansen '
                            'Koch Lorenz Meyer Neumann Ott Pohl Richter Schulz Thiel Vogel', ' '))
  with ordinality as names (name, n)
order by n;

-- Who can assist at what: everybody at the chair, some in surgery, some in orthodontics. Two work part-time.
insert into clinic.staff (name, skills, contract_percent)
select name,
  array['chairside']
    || case when n % 3 = 0 then array['surgery'] else '{}' end
    || case when n % 4 = 1 then array['orthodontics'] else '{}' end,
  case when n in (10, 20) then 50 else 100 end
from unnest(string_to_array('Ada Ben Carla David Elif Finn Greta Hasan Ida Jan '
                            'Kira Luca Mila Noah Olga Paul Rosa Sami Tara Vito', ' '))
  with ordinality as names (name, n)
order by n;

-- Each dentist works on four days, the late ones until the evening. What is written here holds for every week.
insert into clinic.shift_kinds (name) values ('late');
insert into clinic.shift_templates (shift_kind, provider_id, day_of_week, start_time, end_time, required_skills)
select case when late then 'late' else 'session' end, provider.id, weekday,
  case when late then time '11:00' else time '08:00' end, case when late then time '19:00' else time '16:00' end,
  case when provider.id <= 4 then '{chairside,surgery}'::text[]
       when provider.id <= 7 then '{chairside,orthodontics}'
       else '{chairside}' end
from clinic.providers as provider
cross join generate_series(1, 5) as weekday
cross join lateral (select provider.id % 5 = 0) as hours (late)
where weekday <> 1 + provider.id % 5
order by provider.id, weekday;

-- Everybody names a dentist to work with and one of the six whom many would like; and most of them somebody they would
-- rather not work with. The dentists have their own preferences, and theirs count double.
insert into clinic.preferences (staff_id, provider_id, stated_by, is_preferred, strength)
select id, 1 + id * 7 % 20, 'staff', true, 'strong' from clinic.staff
union all
select id, 8 + id * 5 % 6, 'staff', true, 'mild' from clinic.staff
union all
select id, 1 + (id * 11 + 4) % 20, 'staff', false, case when id % 2 = 0 then 'strong' else 'mild' end
from clinic.staff where id % 4 <> 0
union all
select 1 + id * 3 % 20, id, 'provider', true, case when id % 3 = 0 then 'mild' else 'strong' end from clinic.providers
union all
select 1 + (id * 9 + 6) % 20, id, 'provider', false, 'strong' from clinic.providers where id % 5 = 2
order by 3, 1, 2
on conflict do nothing;

-- The two weeks: from the Monday after next on.
create temporary table demo_week as
select n, monday + 7 * (n - 1) as first_date, monday + 7 * (n - 1) + 6 as last_date
from (select date_trunc('week', now() at time zone 'Europe/Berlin')::date + 14) as weeks (monday)
cross join generate_series(1, 2) as n;

-- Leave: a week, two days, an afternoon. And requests for days off or at work.
insert into clinic.time_off (staff_id, during, reason)
select 3, tstzrange(first_date, last_date + 1), 'Holiday' from demo_week where n = 1
union all
select 8, tstzrange(first_date + 1, first_date + 3), 'Holiday' from demo_week
union all
select 17, tstzrange(first_date + 4 + time '13:00', first_date + 5), 'Doctor''s appointment' from demo_week where n = 1
union all
select 14, tstzrange(first_date, first_date + 2), 'Course' from demo_week where n = 2;

insert into clinic.shift_requests (staff_id, on_date, is_wanted)
select id, first_date + (id * 3 % 5)::integer, id % 5 = 0 from clinic.staff cross join demo_week where id % 2 = 1;

-- Nobody works more than five shifts a week, and eleven hours lie between two. To make up for a week with few preferred
-- matches matters more here than by default.
insert into clinic.rules (rule_kind, period, mode, weight, limit_value) values
  ('max_shifts', 'week', 'hard', null, 5),
  ('min_rest', null, 'hard', null, 660),
  ('preference_debt', null, 'soft', 30, null);

select generate_shifts(min(first_date), max(last_date)) from demo_week \g /dev/null

commit;
analyze;
