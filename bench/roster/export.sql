-- The current clinic's roster problem as JSON for tests/roster/cpsat.py, put together here in plain SQL so that nothing of
-- ours stands behind the peer's model.
select jsonb_build_object(
  'rules', :'rules',
  'staff', (select jsonb_agg(id order by id) from clinic.staff where clinic_id = current_clinic()),
  'shifts', (select jsonb_agg(jsonb_build_object('id', id, 'day', (lower(during) at time zone 'UTC')::date - date '2029-01-01',
      'kind', shift_kind) order by id) from clinic.shifts where clinic_id = current_clinic()),
  'pairs', (
    select jsonb_agg(jsonb_build_array(s.id, h.id, coalesce(points, 0), coalesce(matches, 0)) order by s.id, h.id)
    from clinic.staff s join clinic.shifts h on h.clinic_id = s.clinic_id
      and h.required_skills <@ s.skills
      and not exists (select from clinic.time_off o where o.clinic_id = s.clinic_id and o.staff_id = s.id and o.during && h.during)
      left join lateral (
        select sum(case when is_preferred then -1 else 1 end * round(
              (case when is_preferred then 50 else 45 end) * (case stated_by when 'provider' then 2 else 1 end)
              * (case strength when 'strong' then 1 else 0.5 end))) as points,
          count(*) filter (where is_preferred) as matches
        from clinic.preferences p where p.clinic_id = s.clinic_id and p.staff_id = s.id and p.provider_id = h.provider_id
      ) as preference on true
    where s.clinic_id = current_clinic()),
  'shift_requests', (select coalesce(jsonb_agg(jsonb_build_array(staff_id, on_date - date '2029-01-01', shift_kind, is_wanted)), '[]')
    from clinic.shift_requests where clinic_id = current_clinic()));
