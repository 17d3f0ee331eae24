-- A clinic for the roster's measurements: psql variables staff, providers, shifts (in a week of ten half-days) and rules
-- ('balance' = scores and balance alone, 'all' = limits, runs, successions and shift requests as well). Nothing is random.

select set_config('pg_clinic.clinic_id',
  init_clinic(format('Roster %sx%s/%s %s', :staff, :providers, :shifts, :'rules'), 'UTC')::text, false) \g /dev/null
insert into clinic.shift_kinds (name) values ('early'), ('late');
insert into clinic.providers (name) select 'Dr. ' || n from generate_series(1, :providers) n;
insert into clinic.staff (name, skills)
  select 'Assistant ' || n,
    array_remove(array[case when n % 3 <> 0 then 'surgery' end, case when n % 4 <> 1 then 'xray' end], null)
  from generate_series(1, :staff) n;
insert into clinic.shifts (shift_kind, provider_id, during, required_skills)
  select case when session % 2 = 0 then 'early' else 'late' end, p.id,
    tstzrange(at, at + interval '4 hours'),
    case when n % 4 = 0 then array['surgery'] when n % 5 = 1 then array['xray'] else '{}' end
  from (select id, row_number() over (order by id) as n from clinic.providers where clinic_id = current_clinic()) p,
    generate_series(0, :shifts / :providers - 1) k,
    lateral (select (p.n * 3 + k) % 10 as session) as s,
    lateral (select timestamptz '2029-01-01 08:00+00' + session / 2 * interval '24 hours' + session % 2 * interval '5 hours' as at) as t;
insert into clinic.time_off (staff_id, during, reason)
  select id, tstzrange(at, at + interval '24 hours'), 'leave'
  from (select id, row_number() over (order by id) as n from clinic.staff where clinic_id = current_clinic()) s,
    lateral (select timestamptz '2029-01-01 00:00+00' + n % 5 * interval '24 hours' as at) as t
  where n % 5 = 0 or n % 7 = 3;
-- Each person likes some providers and not others, each provider some people: a sixth of all pairs states something.
insert into clinic.preferences (staff_id, provider_id, stated_by, is_preferred, strength)
  select s.id, p.id, by, mix % 5 < 3, case when mix % 2 = 0 then 'strong' else 'mild' end
  from (select id, row_number() over (order by id) as n from clinic.staff where clinic_id = current_clinic()) s,
    (select id, row_number() over (order by id) as n from clinic.providers where clinic_id = current_clinic()) p,
    (values ('staff', 0), ('provider', 1)) as b (by, salt),
    lateral (select (s.n * 7919 + p.n * 104729 + salt * 1299709 + s.n * p.n * 31) % 10007 as mix) as m
  where mix % 12 = 0 or mix % 12 = 5;
insert into clinic.rules (rule_kind, shift_kind, next_shift_kind, period, mode, weight, limit_value)
  select v.* from (values
    ('max_shifts', null, null, 'week', 'hard', null::integer, 7),
    ('max_shifts', 'late', null, 'week', 'soft', 30, 3),
    ('max_consecutive_days', null, null, null, 'soft', 40, 4),
    ('min_consecutive_days_off', null, null, null, 'soft', 15, 2),
    ('forbidden_succession', 'late', 'early', null, 'soft', 25, null)) as v
  where :'rules' = 'all';
insert into clinic.shift_requests (staff_id, on_date, shift_kind, is_wanted)
  select id, date '2029-01-01' + (n * 3 % 5)::integer, case when n % 2 = 0 then 'late' end, n % 4 = 1
  from (select id, row_number() over (order by id) as n from clinic.staff where clinic_id = current_clinic()) s
  where :'rules' = 'all' and n % 3 <> 1;
analyze;
