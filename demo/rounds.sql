-- The demo's third clinic: a home-care team. Twelve nurses visit 500 clients in six areas every morning, from sunrise to
-- noon. Nothing is drawn at random, and the dates are fixed: the data are the same each time.

set client_min_messages = warning;
create extension if not exists pg_clinic cascade;
select init_clinic('Green Hills Home Care', 'Europe/Berlin') as clinic_id \gset

set timezone = 'Europe/Berlin';
set pg_clinic.actor = 'demo';
set pg_clinic.reason = 'demo data';

begin;

-- The database is fresh, so ids count from 1 in the order given; below they are used as they are.
-- In Old Town and Lakeside people shall see the face they know; in Riverside the one goes who has been there most.
insert into clinic.areas (name, is_walkable, travel_minutes, travel_weight, continuity_weight, experience_weight) values
  ('Old Town', true, 1, 0, 90, 2), ('Harbour', true, 2, 2, 0, 0), ('Riverside', true, 2, 1, 0, 30),
  ('Mill Hill', false, 2, 2, 0, 0), ('Garden City', true, 2, 2, 0, 1), ('Lakeside', false, 2, 1, 40, 0);
insert into clinic.area_neighbors (area_id, neighbor_id, travel_minutes) values
  (1, 2, 8), (1, 3, 6), (2, 3, 10), (3, 4, 9), (4, 5, 7), (5, 6, 12), (6, 1, 10);

-- Workers, their areas and skills. Ida and Kira come by bus; Carl is new and shall keep a light round.
insert into clinic.staff (name, home_area_id, capacity_minutes, skills, is_walk_only, is_smoothed) values
  ('Alma', 1, 280, '{wound_care,infusion}', false, true), ('Bruno', 1, 280, '{wound_care}', false, true),
  ('Carl', 1, 200, '{}', false, false), ('Dana', 2, 270, '{wound_care}', false, true),
  ('Emil', 2, 270, '{infusion,lifting}', false, true), ('Fay', 3, 270, '{wound_care,lifting}', false, true),
  ('Gustav', 3, 270, '{infusion,wound_care}', false, true), ('Hanna', 4, 280, '{wound_care,infusion}', false, true),
  ('Ida', 5, 240, '{wound_care}', true, true), ('Jonas', 4, 280, '{wound_care,lifting}', false, true),
  ('Kira', 5, 280, '{infusion,wound_care}', true, true), ('Leo', 6, 280, '{wound_care,lifting}', false, true);
insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time)
select id, weekday, '06:00', '12:00' from clinic.staff cross join generate_series(1, 7) as weekday;

-- The clients. Most are visited every day, some only on working days.
create temporary table demo_clients as
select n::bigint as id, first_names[1 + k % 25] || ' ' || last_names[1 + k / 25] as name,
  case when place < 125 then 1 when place < 215 then 2 when place < 300 then 3
       when place < 382 then 4 when place < 462 then 5 else 6 end as area_id
from generate_series(1, 500) as n
cross join lateral (select n * 201 % 500 as k, n * 181 % 500 as place) as mixed
cross join (select
  string_to_array('Agnes Albert Berta Bodo Clara Curt Dora Edith Erich Frieda Georg Greta Heinz Helga Ilse '
                  'Karl Liese Martha Max Otto Paula Rosa Selma Werner Wilma', ' ') as first_names,
  string_to_array('Adler Becker Brandt Busch Ebert Fuchs Graf Hahn Hartmann Horn Keller Kraft Lang Maurer Moser '
                  'Pfeiffer Roth Sommer Winter Ziegler', ' ') as last_names) as names;
insert into clinic.clients
  (id, name, area_id, required_skills, tier, visit_minutes, usual_order, starts_on, renews_on, visit_days,
   needs_access_approval, access_approved_by, access_approved_at)
select id, name, area_id,
  case when id % 9 = 4 then '{wound_care}'::text[] when id % 23 = 7 then '{infusion}' else '{}' end,
  1 + id % 3, case when id % 9 = 4 then 8 else 4 + id * 7 % 3 end,
  row_number() over (partition by area_id order by id * 37 % 500),
  date '2027-04-01' - (id % 90)::integer, date '2027-06-01' - (id % 9)::integer,
  case when id % 11 = 3 then '{1,2,3,4,5}'::integer[] else '{}' end,
  id % 25 = 9, case when id % 25 = 9 and id not in (134, 384) then 'Dr. Sommer' end,
  case when id % 25 = 9 and id not in (134, 384) then timestamptz '2027-03-30 10:00' end
from demo_clients order by id;
-- Three who are visited on request only, and what makes some of the 500 difficult: a lift that two nurses near Old Town
-- and nobody near Mill Hill can work, a long first visit, and somebody who moved and whose new area nobody has noted.
insert into clinic.clients (id, name, area_id, visit_minutes, usual_order) values
  (501, 'Emma Vogt', 1, 6, null), (502, 'Theo Kranz', 5, 6, null), (503, 'Lotte Wulf', 2, 100, null);
select setval(pg_get_serial_sequence('clinic.clients', 'id'), 503) \g /dev/null
update clinic.clients set required_skills = '{dialysis}' where id in (77, 310);
update clinic.clients set required_skills = '{lifting}' where id in (41, 162, 288, 405);
update clinic.clients set visit_minutes = 100, usual_order = 900 where id in (259, 398);
update clinic.clients set area_id = null where id = 222;

-- Access windows: insulin before breakfast, after the morning walk, late sleepers. One in ten opens whenever somebody rings.
-- Two doors are open for five minutes only, by mistake.
insert into clinic.client_access_windows (client_id, day_of_week, start_time, end_time)
select id, weekday, opens, closes
from demo_clients
join (values (1, 2, time '06:00', time '09:00'), (3, 6, '07:30', '11:00'), (7, 9, '09:00', '12:00'))
  as habits (first_slot, last_slot, opens, closes) on id % 10 between first_slot and last_slot
cross join generate_series(1, 7) as weekday
where id not in (19, 319)
union all
select id, weekday, '06:00', '06:05' from unnest('{19,319}'::bigint[]) as id cross join generate_series(1, 7) as weekday;

-- Two weeks of the past: each client has a nurse who mostly comes, and on every sixth day another one of the area.
create temporary table demo_past as
select on_date::date, c.id as client_id, c.visit_minutes,
  team.ids[1 + (c.id / 3 % 7 / 5 + case when (c.id + extract(day from on_date)::integer) % 6 = 0 then 1 else 0 end)
             % cardinality(team.ids)] as staff_id
from generate_series(timestamp '2027-04-27', '2027-05-10', '1 day') as on_date
join clinic.clients as c on starts_on <= on_date and (visit_days = '{}' or extract(isodow from on_date) = any (visit_days))
join (select home_area_id, array_agg(id order by id) as ids from clinic.staff group by 1) as team on home_area_id = area_id
where c.id not in (77, 310, 134, 384);
insert into clinic.visits (client_id, on_date, started_at, ended_at, outcome)
select client_id, on_date, started_at, started_at + visit_minutes * interval '1 minute', 'done'
from (select *, on_date + time '06:00'
        + (sum(visit_minutes + 2) over (partition by on_date, staff_id order by client_id) - visit_minutes)
        * interval '1 minute' as started_at from demo_past) as morning
order by on_date, client_id;
insert into clinic.assignments (staff_id, visit_id, during)
select p.staff_id, v.id, tstzrange(v.started_at, v.ended_at)
from demo_past as p join clinic.visits as v using (client_id, on_date) order by v.id;

-- Changes of Tuesday, 11 May: absences, visits to redo, requests for a visit.
insert into clinic.client_events (client_id, on_date, kind, made_at, made_by, reason)
select id, date '2027-05-11', 'skip', timestamptz '2027-05-10 15:00', 'front desk', 'with the family'
from demo_clients where id % 61 = 12
union all
values (12, date '2027-05-11', 'unskip', timestamptz '2027-05-10 18:20', 'front desk', 'comes back tonight'),
  (73, '2027-05-11', 'redo', '2027-05-10 11:40', 'Fay', 'the dressing came off'),
  (246, '2027-05-11', 'redo', '2027-05-10 11:55', 'Alma', 'the vein couldn''t be found'),
  (501, '2027-05-11', 'walk_in', '2027-05-10 16:05', 'front desk', 'discharged from hospital'),
  (503, '2027-05-11', 'walk_in', '2027-05-10 17:30', 'front desk', 'first visit');

commit;
analyze;
