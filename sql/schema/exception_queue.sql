-- links: what ties the table to the extension.

-- Two plans of a date find the same visit without a place: the queue has it once.
create or replace view clinic.exception_queue with (security_invoker = true) as
  select e.clinic_id, e.id as exception_id, e.plan_id, e.visit_id, e.client_id, e.on_date, e.kind, e.context, e.detected_at, e.detected_by,
    e.resolution, e.resolved_by, e.resolved_at, e.reason, e.assignment_id
  from clinic.exceptions e
  where e.resolution is null
    and e.plan_id = (
      select p.id from clinic.plans p
      where p.clinic_id = e.clinic_id and p.kind = 'rounds' and p.from_date = e.on_date
      order by p.promoted_at desc nulls last, p.id desc limit 1)
    and not exists (select from clinic.assignments a where a.clinic_id = e.clinic_id and a.visit_id = e.visit_id)
    and not exists (select from clinic.visits v where v.clinic_id = e.clinic_id and v.id = e.visit_id
      and (v.outcome is not null or v.started_at is not null))
  order by e.detected_at, e.id;
comment on view clinic.exception_queue is
  'The queue: open exceptions, first detected first, of the plan in force for each date, which is the one promoted last, else the newest. Visits that the record gives to somebody all the same, or that were begun or called off, are left out.';
comment on column clinic.exception_queue.clinic_id is 'The clinic.';
comment on column clinic.exception_queue.exception_id is 'The exception''s id, as resolve_exception() takes it.';
comment on column clinic.exception_queue.plan_id is 'The plan that couldn''t place it.';
comment on column clinic.exception_queue.visit_id is 'The visit.';
comment on column clinic.exception_queue.client_id is 'The client.';
comment on column clinic.exception_queue.on_date is 'The visit''s date.';
comment on column clinic.exception_queue.kind is 'Why it has no place: see clinic.exceptions.';
comment on column clinic.exception_queue.context is 'Workers who were eligible but busy, areas nearby with room, and a sentence: see clinic.exceptions.';
comment on column clinic.exception_queue.detected_at is 'When the visit was first found to have no place.';
comment on column clinic.exception_queue.detected_by is 'The person who planned the rounds.';
comment on column clinic.exception_queue.resolution is 'Null: it is open.';
comment on column clinic.exception_queue.resolved_by is 'Null.';
comment on column clinic.exception_queue.resolved_at is 'Null.';
comment on column clinic.exception_queue.reason is 'Null.';
comment on column clinic.exception_queue.assignment_id is 'Null.';
