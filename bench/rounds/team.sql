-- A home-care team for the rounds' measurements: psql variables clients, workers and areas, one morning from 6 to noon,
-- ten mornings of the past. Nothing is random.

select set_config('pg_clinic.clinic_id',
  init_clinic(format('Rounds %sx%sx%s', :clients, :workers, :areas), 'UTC')::text, false) \g /dev/null
-- Ids count on from clinic to clinic: n is the number within this one.
insert into clinic.areas (name, is_walkable, travel_minutes, travel_weight, continuity_weight, experience_weight)
  select 'area ' || n, n % 3 <> 0, 1 + n % 2, 2, case when n % 2 = 0 then 60 else 0 end, 1
  from generate_series(1, :areas) n;
create temporary table bench_areas as
  select id, row_number() over (order by id) as n from clinic.areas where clinic_id = current_clinic();
-- In a row, each beside two others on either side.
insert into clinic.area_neighbors (area_id, neighbor_id, travel_minutes)
  select a.id, b.id, 4 * (b.n - a.n) from bench_areas a join bench_areas b on b.n between a.n + 1 and a.n + 2;
insert into clinic.staff (name, home_area_id, capacity_minutes, skills, is_walk_only, is_smoothed)
  select 'worker ' || w, id, 250 + w * 7 % 40,
    array_remove(array[case when w % 4 <> 0 then 'wound_care' end, case when w % 5 > 1 then 'infusion' end,
      case when w % 3 <> 1 then 'lifting' end], null),
    w % 8 = 5, w % 10 <> 7
  from generate_series(1, :workers) w join bench_areas a on a.n = 1 + (w - 1) % :areas;
insert into clinic.staff_availability (staff_id, day_of_week, start_time, end_time)
  select id, weekday, '06:00', '12:00' from clinic.staff, generate_series(1, 7) weekday where clinic_id = current_clinic();
insert into clinic.clients (name, area_id, required_skills, tier, visit_minutes, usual_order, starts_on, renews_on)
  select 'client ' || c, id,
    array_remove(array[case when c % 8 = 3 then 'wound_care' end, case when c % 9 = 5 then 'infusion' end,
      case when c % 11 = 7 then 'lifting' end], null),
    1 + c % 3, 3 + c * 7 % 5, c * 37 % 500, '2029-01-01', '2029-12-01'
  from generate_series(1, :clients) c join bench_areas a on a.n = 1 + (c - 1) % :areas;
create temporary table bench_clients as
  select id, area_id, row_number() over (order by id) as n from clinic.clients where clinic_id = current_clinic();
analyze bench_clients;
insert into clinic.client_access_windows (client_id, day_of_week, start_time, end_time)
  select id, weekday, time '06:00' + opens * interval '30 minutes',
    time '06:00' + least(opens * 30 + 120 + n % 7 * 30, 360) * interval '1 minute'
  from bench_clients, lateral (select n * 13 % 9 as opens) as w, generate_series(1, 7) weekday;
insert into clinic.visits (client_id, on_date, started_at, ended_at, outcome)
  select id, on_date::date, on_date + interval '6 hours', on_date + interval '6 hours 5 minutes', 'done'
  from bench_clients, generate_series(timestamptz '2029-05-28 00:00+00', '2029-06-06 00:00+00', '1 day') on_date;
analyze clinic.visits;
insert into clinic.assignments (staff_id, visit_id, during)
  select team.ids[1 + ((c.n / 60 + extract(day from v.on_date)::integer / 4) % cardinality(team.ids))::integer], v.id,
    tstzrange(v.started_at, v.ended_at)
  from clinic.visits v join bench_clients c on c.id = v.client_id
  join (select home_area_id, array_agg(id order by id) as ids from clinic.staff where clinic_id = current_clinic() group by 1)
    as team on home_area_id = c.area_id
  where v.clinic_id = current_clinic();
insert into clinic.client_events (client_id, on_date, kind, made_at, made_by)
  select id, '2029-06-07', case when n % 30 = 11 then 'redo' else 'skip' end, '2029-06-06 12:00', 'bench'
  from bench_clients where n % 30 = 11 or n % 40 = 17;
analyze;
